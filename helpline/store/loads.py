"""What the advisors' load is counted from: the course of duty, offers, contacts and the calls that were placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from helpline.core.codes import Channel, Origin
from helpline.core.duty import OfferState
from helpline.core.load import DutyStep
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Contact, DutyChange, Leg, Offer, Shift

_TOLD = (OfferState.ACCEPTED, OfferState.PASSED, OfferState.MISSED)


@dataclass(frozen=True, kw_only=True)
class Attended:
    """A contact that an advisor accepted; `leg_ended_at` is when the last call that we placed to its caller ended."""

    advisor_id: int
    channel: Channel
    answered_at: datetime | None
    ended_at: datetime | None
    leg_ended_at: datetime | None


async def courses(session: ReadSession, *, begins: datetime, ends: datetime) -> dict[int, list[DutyStep]]:
    """Each advisor's changes of duty from `begins` until before `ends`, after the one that stood at `begins`."""
    before = (
        select(
            DutyChange.id,
            func.row_number()
            .over(partition_by=DutyChange.advisor_id, order_by=(DutyChange.at.desc(), DutyChange.id.desc()))
            .label("age"),
        )
        .where(DutyChange.at < begins)
        .subquery()
    )
    standing = select(before.c.id).where(before.c.age == 1)
    rows = await session.execute(
        select(DutyChange.advisor_id, DutyChange.at, DutyChange.duty, DutyChange.pause_reason)
        .where(((DutyChange.at >= begins) & (DutyChange.at < ends)) | DutyChange.id.in_(standing))
        .order_by(DutyChange.advisor_id, DutyChange.at, DutyChange.id)
    )
    found: dict[int, list[DutyStep]] = {}
    for advisor_id, at, duty, reason in rows:
        found.setdefault(advisor_id, []).append(DutyStep(at=at, duty=duty, pause_reason=reason))
    return found


async def attended(
    session: ReadSession, *, begins: datetime, ends: datetime, include_simulated: bool
) -> Sequence[Attended]:
    """The contacts that advisors accepted from `begins` until before `ends`."""
    rung_back = (
        select(Leg.contact_id, func.max(Leg.ended_at).label("ended_at"))
        .where(Leg.role == "caller")
        .group_by(Leg.contact_id)
        .subquery()
    )
    statement = (
        select(
            Contact.advisor_id,
            Contact.channel,
            Contact.answered_at,
            Contact.ended_at,
            rung_back.c.ended_at.label("leg_ended_at"),
        )
        .outerjoin(rung_back, rung_back.c.contact_id == Contact.id)
        .where(Contact.advisor_id.is_not(None), Contact.accepted_at >= begins, Contact.accepted_at < ends)
    )
    if not include_simulated:
        statement = statement.where(Contact.origin != Origin.SIMULATED)
    return [Attended(**row) for row in (await session.execute(statement)).mappings()]


async def offers(
    session: ReadSession, *, begins: datetime, ends: datetime, include_simulated: bool
) -> dict[tuple[int, OfferState], int]:
    """How many offers each advisor accepted, passed on or missed from `begins` until before `ends`."""
    statement = (
        select(Offer.advisor_id, Offer.state, func.count())
        .where(Offer.state.in_(_TOLD), Offer.ended_at >= begins, Offer.ended_at < ends)
        .group_by(Offer.advisor_id, Offer.state)
    )
    if not include_simulated:
        statement = statement.join(Contact, Contact.id == Offer.contact_id).where(Contact.origin != Origin.SIMULATED)
    return {(advisor_id, state): number for advisor_id, state, number in await session.execute(statement)}


async def keep_many(
    session: WriteSession,
    *,
    shifts: Sequence[Mapping[str, Any]],
    duty: Sequence[Mapping[str, Any]],
    contacts: Sequence[Mapping[str, Any]],
    offers: Sequence[Mapping[str, Any]],
) -> None:
    """Write what very many days are counted from, by column. The `contact` of an offer is the place of its contact."""
    # Past the session, which would keep every row in mind.
    connection = await session.at_hand()
    ids: Sequence[int] = []
    if contacts:
        statement = insert(Contact).returning(Contact.id, sort_by_parameter_order=True)
        ids = (await connection.execute(statement, list(contacts))).scalars().all()
    of_contacts = [
        {"contact_id": ids[offer["contact"]]} | {name: value for name, value in offer.items() if name != "contact"}
        for offer in offers
    ]
    for table, rows in ((Shift, shifts), (DutyChange, duty), (Offer, of_contacts)):
        if rows:
            await connection.execute(insert(table), list(rows))
