"""What is forgotten, and when it is due. Records stay; whatever could lead back to a person goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import ContactState
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Caller, Contact, Delivery, DeliveryState, Entry, InboundEvent, RecordLink

_SILENTLY: dict[str, Any] = {"synchronize_session": False}


async def open_contacts(session: ReadSession, caller_id: int) -> Sequence[Contact]:
    return (
        await session.scalars(
            select(Contact).where(Contact.caller_id == caller_id, Contact.state != ContactState.CLOSED)
        )
    ).all()


async def forget_caller_content(session: WriteSession, caller_id: int, *, now: datetime) -> None:
    """Every word of a caller's contacts, now."""
    await session.flush()
    ids = (await session.scalars(select(Contact.id).where(Contact.caller_id == caller_id))).all()
    await _forget(session, ids, now=now)


async def forget_content(session: WriteSession, *, closed_before: datetime, now: datetime) -> None:
    """Words of contacts closed long enough ago, and the link to their record."""
    ids = (
        await session.scalars(
            select(Contact.id)
            .where(Contact.state == ContactState.CLOSED, Contact.closed_at < closed_before, Contact.erased_at.is_(None))
            .limit(1000)
        )
    ).all()
    await _forget(session, ids, now=now)


async def _forget(session: WriteSession, contact_ids: Sequence[int], *, now: datetime) -> None:
    if not contact_ids:
        return
    await session.execute(delete(Entry).where(Entry.contact_id.in_(contact_ids)).execution_options(**_SILENTLY))
    await session.execute(
        update(Delivery)
        .where(Delivery.contact_id.in_(contact_ids))
        .values(body=None, to_sealed=None, data={}, entry_id=None)
        .execution_options(**_SILENTLY)
    )
    await session.execute(
        update(Delivery)
        .where(Delivery.contact_id.in_(contact_ids), Delivery.state == DeliveryState.QUEUED)
        .values(state=DeliveryState.CANCELLED)
        .execution_options(**_SILENTLY)
    )
    await session.execute(
        update(InboundEvent)
        .where(InboundEvent.contact_id.in_(contact_ids))
        .values(payload=None, answer=None)
        .execution_options(**_SILENTLY)
    )
    await session.execute(
        delete(RecordLink).where(RecordLink.contact_id.in_(contact_ids)).execution_options(**_SILENTLY)
    )
    await session.execute(
        update(Contact)
        .where(Contact.id.in_(contact_ids))
        .values(
            memory={},
            topics=[],
            draft={},
            reply_draft=None,
            callback_sealed=None,
            at_risk=None,
            call_sid=None,
            erased_at=now,
        )
        .execution_options(**_SILENTLY)
    )


async def forget_caller(session: WriteSession, caller_id: int) -> None:
    """The handle and its hash; the contacts stay as empty lines without anyone behind them."""
    await session.execute(
        update(Contact).where(Contact.caller_id == caller_id).values(caller_id=None).execution_options(**_SILENTLY)
    )
    await session.execute(delete(Caller).where(Caller.id == caller_id).execution_options(**_SILENTLY))


async def forget_handles(session: WriteSession, *, silent_since: datetime) -> None:
    """Handles of callers with no open contact and none in a while; an opt-out is kept as long as the handle is."""
    has_open = select(Contact.id).where(Contact.caller_id == Caller.id, Contact.state != ContactState.CLOSED).exists()
    ids = (
        await session.scalars(select(Caller.id).where(Caller.last_contact_at < silent_since, ~has_open).limit(1000))
    ).all()
    for caller_id in ids:
        await forget_caller(session, caller_id)


async def stale_callbacks(session: ReadSession, *, asked_before: datetime) -> Sequence[Contact]:
    """Contacts whose callback number has been kept for its time."""
    return (
        await session.scalars(
            select(Contact).where(
                Contact.callback_sealed.is_not(None),
                or_(Contact.waiting_since < asked_before, Contact.opened_at < asked_before),
            )
        )
    ).all()


async def silent_guided(session: ReadSession, *, before: datetime) -> Sequence[Contact]:
    """Guided text conversations without a word since `before`, except red ones."""
    return (
        await session.scalars(
            select(Contact).where(
                Contact.state == ContactState.GUIDED,
                Contact.channel != Channel.PHONE,
                Contact.urgency != Urgency.RED,
                Contact.last_inbound_at < before,
            )
        )
    ).all()
