"""The outbox: outgoing messages and orders about calls, in the same transaction as what caused them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, or_, select, update
from sqlalchemy.orm import aliased

from helpline.core.codes import Channel, Urgency
from helpline.store.db import ReadSession, WriteSession, insert_row, within
from helpline.store.tables import Delivery, DeliveryKind, DeliveryState

PENDING = (DeliveryState.QUEUED, DeliveryState.SENDING)
_ORDER = list(DeliveryState)


async def queue(
    session: WriteSession,
    *,
    contact_id: int | None,
    channel: Channel,
    kind: DeliveryKind,
    now: datetime,
    to: str | None,
    text: str | None = None,
    urgency: Urgency = Urgency.GREEN,
    automatic: bool = False,
    entry_id: int | None = None,
    leg_id: int | None = None,
    due_at: datetime | None = None,
    data: dict[str, Any] | None = None,
) -> int:
    """Put one thing on its way; returns its id. `to` is the handle or number; `due_at` later than now leaves time to
    undo."""
    return await insert_row(
        session,
        Delivery,
        {
            "contact_id": contact_id,
            "entry_id": entry_id,
            "leg_id": leg_id,
            "channel": channel,
            "kind": kind,
            "state": DeliveryState.QUEUED,
            "urgency": urgency,
            "automatic": automatic,
            "to_sealed": session.keyring.seal(to) if to is not None else None,
            "body": session.keyring.seal(text) if text is not None else None,
            "data": data or {},
            "created_at": now,
            "due_at": due_at or now,
        },
    )


async def claim_due(
    session: WriteSession, *, owner: str, now: datetime, lease: timedelta, limit: int
) -> Sequence[Delivery]:
    """Take what is due under a lease: red first, then oldest; within a contact never past an earlier one that is as
    urgent. A red answer waits for nothing: neither for a reply that may still be taken back nor for one that is tried
    again later.

    A row whose lease ran out (its process is gone) is taken again; the caller of this sees `first_tried_at` set and
    looks the message up with the provider before sending it twice.
    """
    earlier = aliased(Delivery)
    blocked = exists().where(
        earlier.contact_id == Delivery.contact_id,
        earlier.channel == Delivery.channel,
        earlier.id < Delivery.id,
        earlier.urgency <= Delivery.urgency,
        earlier.state.in_(PENDING),
    )
    due = (
        select(Delivery.id)
        .where(
            within("delivery_due"),
            or_(
                (Delivery.state == DeliveryState.QUEUED) & (Delivery.due_at <= now),
                (Delivery.state == DeliveryState.SENDING) & (Delivery.lease_until <= now),
            ),
            ~blocked,
        )
        .order_by(Delivery.urgency, Delivery.due_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(due)).all()
    if not ids:
        return []
    claimed = await session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(state=DeliveryState.SENDING, lease_owner=owner, lease_until=now + lease, tries=Delivery.tries + 1)
        .returning(Delivery)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(claimed.all(), key=lambda delivery: delivery.id)


async def provider_ids(session: ReadSession, contact_id: int, *, but: int) -> frozenset[str]:
    """The providers' ids of a contact's deliveries, one left out."""
    found = await session.scalars(
        select(Delivery.provider_id).where(
            Delivery.contact_id == contact_id, Delivery.id != but, Delivery.provider_id.is_not(None)
        )
    )
    return frozenset(provider_id for provider_id in found if provider_id)


async def void_leases(session: WriteSession) -> None:
    """At start of the only process: every lease left behind belongs to one that is gone."""
    await session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.SENDING)
        .values(lease_until=Delivery.created_at)
        .execution_options(synchronize_session=False)
    )


async def any_due(session: ReadSession, *, now: datetime) -> bool:
    """Whether anything waits to be taken up: a cheap look before the writer is asked for."""
    found = await session.scalar(
        select(Delivery.id)
        .where(
            within("delivery_due"),
            or_(
                (Delivery.state == DeliveryState.QUEUED) & (Delivery.due_at <= now),
                (Delivery.state == DeliveryState.SENDING) & (Delivery.lease_until <= now),
            ),
        )
        .limit(1)
    )
    return found is not None


async def put_back(
    session: WriteSession, delivery_id: int, *, due_at: datetime, error: str, forget_try: bool, repeated: bool
) -> None:
    """Not sent yet: due again later. `forget_try` says that the try has certainly not arrived."""
    values: dict[str, Any] = {"state": DeliveryState.QUEUED, "due_at": due_at, "error": error, "lease_until": None}
    if forget_try:
        values["first_tried_at"] = None
    if repeated:
        values["repeated"] = True
    await session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.SENDING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def by_id(session: ReadSession, delivery_id: int) -> Delivery | None:
    return await session.get(Delivery, delivery_id)


async def by_provider_id(session: ReadSession, provider_id: str) -> Delivery | None:
    return (await session.scalars(select(Delivery).where(Delivery.provider_id == provider_id))).first()


async def advance(session: WriteSession, delivery_id: int, to: DeliveryState, **values: Any) -> Delivery | None:
    """Move a delivery's state forward by one conditional UPDATE; None when it is there already or further on.

    Failed and cancelled are ends; a delivery that the provider has confirmed never fails afterwards.
    """
    before = _ORDER[: _ORDER.index(to)]
    if to in (DeliveryState.FAILED, DeliveryState.CANCELLED):
        before = [DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT]
    moved = await session.scalars(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state.in_(before))
        .values(state=to, **values)
        .returning(Delivery)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return moved.one_or_none()


async def sent(session: WriteSession, delivery_id: int, *, now: datetime, repeated: bool, **facts: Any) -> None:
    """The provider took it: keep what it said, and move the state forward unless it is further on already.

    What became of a message may be told before the answer to its sending is written down.
    """
    earlier = Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.SENDING])
    await session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(
            state=case((earlier, DeliveryState.SENT), else_=Delivery.state),
            repeated=Delivery.repeated | repeated,
            sent_at=now,
            lease_until=None,
            **facts,
        )
        .execution_options(synchronize_session=False)
    )


async def of_contact(session: ReadSession, contact_id: int) -> Sequence[Delivery]:
    return (
        await session.scalars(select(Delivery).where(Delivery.contact_id == contact_id).order_by(Delivery.id))
    ).all()


async def cancel_pending(session: WriteSession, contact_id: int, *kinds: DeliveryKind) -> None:
    """Take back what has not left yet (a caller who hung up needs no redirect; an erased one no message)."""
    statement = update(Delivery).where(Delivery.contact_id == contact_id, Delivery.state == DeliveryState.QUEUED)
    if kinds:
        statement = statement.where(Delivery.kind.in_(kinds))
    await session.execute(statement.values(state=DeliveryState.CANCELLED).execution_options(synchronize_session=False))


def address(session: ReadSession, delivery: Delivery) -> str | None:
    return session.keyring.open(delivery.to_sealed) if delivery.to_sealed is not None else None


def words(session: ReadSession, delivery: Delivery) -> str | None:
    return session.keyring.open(delivery.body) if delivery.body is not None else None


async def take_back(session: WriteSession, delivery_id: int) -> Delivery | None:
    """Cancel a delivery that has not left; None when it has."""
    taken = await session.scalars(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.QUEUED)
        .values(state=DeliveryState.CANCELLED)
        .returning(Delivery)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return taken.one_or_none()
