"""Which telephone calls we know, and which go on as far as we know: what the catch-up sweep compares."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from helpline.core.codes import Channel
from helpline.core.contact import ContactState
from helpline.store.db import ReadSession
from helpline.store.legs import LIVE
from helpline.store.tables import Contact, Leg


async def known(session: ReadSession, call_sids: Sequence[str]) -> set[str]:
    """Those of these calls that have a contact."""
    rows = await session.scalars(select(Contact.call_sid).where(Contact.call_sid.in_(call_sids)))
    return {sid for sid in rows if sid is not None}


async def going_on(session: ReadSession, *, since_before: datetime) -> Sequence[str]:
    """The callers' calls that have not ended, begun before a moment, oldest first."""
    rows = await session.scalars(
        select(Contact.call_sid)
        .where(
            Contact.channel == Channel.PHONE,
            Contact.state.not_in((ContactState.CLOSED, ContactState.WRAP_UP)),
            Contact.ended_at.is_(None),
            Contact.call_sid.is_not(None),
            Contact.opened_at <= since_before,
        )
        .order_by(Contact.id)
    )
    return [sid for sid in rows if sid is not None]


async def legs_going_on(session: ReadSession, *, since_before: datetime) -> Sequence[tuple[int, str]]:
    """The legs that have not ended, asked for before a moment: their ids and call ids."""
    rows = await session.execute(
        select(Leg.id, Leg.call_sid)
        .where(Leg.state.in_(LIVE), Leg.call_sid.is_not(None), Leg.asked_at <= since_before)
        .order_by(Leg.id)
    )
    return [(leg_id, sid) for leg_id, sid in rows if sid is not None]
