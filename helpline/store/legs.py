"""Legs: the calls that we place, to advisors and back to callers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Leg

#: Still going on.
LIVE = ("asked", "ringing", "up")


async def ask(session: WriteSession, *, contact_id: int, role: str, advisor_id: int | None, now: datetime) -> Leg:
    leg = Leg(contact_id=contact_id, advisor_id=advisor_id, role=role, state="asked", asked_at=now)
    session.add(leg)
    await session.flush()
    return leg


async def by_id(session: ReadSession, leg_id: int) -> Leg | None:
    return await session.get(Leg, leg_id, populate_existing=True)


async def by_call(session: ReadSession, call_sid: str) -> Leg | None:
    return (await session.scalars(select(Leg).where(Leg.call_sid == call_sid))).one_or_none()


async def of_contact(session: ReadSession, contact_id: int, *, live_only: bool = False) -> Sequence[Leg]:
    statement = select(Leg).where(Leg.contact_id == contact_id).order_by(Leg.id)
    if live_only:
        statement = statement.where(Leg.state.in_(LIVE))
    return (await session.scalars(statement)).all()


async def live_before(session: ReadSession, *, asked_before: datetime) -> Sequence[Leg]:
    """Legs that were asked for long ago and never came up: what the sweep frees."""
    return (
        await session.scalars(select(Leg).where(Leg.state.in_(("asked", "ringing")), Leg.asked_at < asked_before))
    ).all()


async def advance(
    session: WriteSession, leg_id: int, to: str, *, only_from: tuple[str, ...], **values: Any
) -> Leg | None:
    """Move a leg forward by one conditional UPDATE; None when it is elsewhere by now."""
    moved = await session.scalars(
        update(Leg)
        .where(Leg.id == leg_id, Leg.state.in_(only_from))
        .values(state=to, **values)
        .returning(Leg)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return moved.one_or_none()
