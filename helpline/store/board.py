"""The live board in numbers: who waits, who is on duty, what lies unsent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import IN_QUEUE, ContactState
from helpline.core.duty import Duty
from helpline.store.db import ReadSession
from helpline.store.deliveries import PENDING
from helpline.store.tables import Advisor, Contact, Delivery, DeliveryState, InboundEvent

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What stands now. Durations are zero when there is nothing to measure."""

    contacts: dict[ContactState, int]
    advisors: dict[Duty, int]
    longest_wait: timedelta
    red_waiting: int
    pending: int
    oldest_pending: timedelta
    failed: int
    unreadable: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many of one urgency wait on one channel, and since when the first of them does."""

    urgency: Urgency
    channel: Channel
    number: int
    since: datetime


async def waiting(session: ReadSession) -> list[Waiting]:
    """Who waits for an advisor, as numbers only."""
    rows = await session.execute(
        select(
            Contact.urgency,
            Contact.channel,
            func.count(),
            func.min(func.coalesce(Contact.waiting_since, Contact.opened_at)),
        )
        .where(Contact.state.in_(IN_QUEUE))
        .group_by(Contact.urgency, Contact.channel)
    )
    return [Waiting(urgency=row[0], channel=row[1], number=row[2], since=row[3]) for row in rows]


async def counts(session: ReadSession, *, now: datetime) -> Counts:
    by_state = await session.execute(
        select(Contact.state, func.count()).where(Contact.state != ContactState.CLOSED).group_by(Contact.state)
    )
    by_duty = await session.execute(select(Advisor.duty, func.count()).where(Advisor.active).group_by(Advisor.duty))
    first_in = await session.scalar(select(func.min(Contact.waiting_since)).where(Contact.state.in_(IN_QUEUE)))
    red = await session.scalar(select(func.count()).where(Contact.state.in_(IN_QUEUE), Contact.urgency == Urgency.RED))
    pending = (
        await session.execute(select(func.count(), func.min(Delivery.due_at)).where(Delivery.state.in_(PENDING)))
    ).one()
    failed = await session.scalar(
        select(func.count()).where(Delivery.state == DeliveryState.FAILED, Delivery.created_at > now - _DAY)
    )
    unreadable = await session.scalar(
        select(func.count()).where(InboundEvent.unreadable.is_not(None), InboundEvent.received_at > now - _DAY)
    )
    return Counts(
        contacts={row[0]: row[1] for row in by_state},
        advisors={row[0]: row[1] for row in by_duty},
        longest_wait=max(now - first_in, timedelta(0)) if first_in else timedelta(0),
        red_waiting=int(red or 0),
        pending=int(pending[0]),
        oldest_pending=max(now - pending[1], timedelta(0)) if pending[1] else timedelta(0),
        failed=int(failed or 0),
        unreadable=int(unreadable or 0),
    )
