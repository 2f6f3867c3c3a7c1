"""What is forgotten, and when it is due. Records stay; whatever could lead back to a person goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import ContactState
from helpline.store.db import ReadSession, WriteSession
from helpline.store.deliveries import PENDING
from helpline.store.tables import (
    AccessLog,
    Caller,
    Contact,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Draft,
    Entry,
    InboundEvent,
    Interest,
    RecordLink,
)

_SILENTLY: dict[str, Any] = {"synchronize_session": False}


async def open_contacts(session: ReadSession, caller_id: int) -> Sequence[Contact]:
    return (
        await session.scalars(
            select(Contact).where(Contact.caller_id == caller_id, Contact.state != ContactState.CLOSED)
        )
    ).all()


async def forget_caller_content(session: WriteSession, caller_id: int, *, now: datetime) -> None:
    """Every word of a caller's contacts, now, and their places on lists."""
    await session.flush()
    ids = (await session.scalars(select(Contact.id).where(Contact.caller_id == caller_id))).all()
    await _forget(session, ids, now=now)
    await session.execute(delete(Interest).where(Interest.caller_id == caller_id).execution_options(**_SILENTLY))


async def forget_call(session: WriteSession, contact: Contact, *, now: datetime) -> None:
    """Every word of a call that is going on, now. The contact itself stays until the call is over."""
    await session.flush()
    await _forget(session, [contact.id], now=now)
    await session.refresh(contact)


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
    # With their one-time pages, which show nothing from then on.
    await session.execute(delete(Draft).where(Draft.contact_id.in_(contact_ids)).execution_options(**_SILENTLY))
    # A hang-up or redirect that has not left yet still must, and holds no words.
    theirs = Delivery.contact_id.in_(contact_ids) & (
        Delivery.kind.not_in((DeliveryKind.REDIRECT, DeliveryKind.HANG_UP)) | Delivery.state.not_in(PENDING)
    )
    await session.execute(
        update(Delivery)
        .where(theirs, Delivery.state.in_(PENDING))
        .values(state=DeliveryState.CANCELLED)
        .execution_options(**_SILENTLY)
    )
    await _empty_deliveries(session, theirs)
    await session.execute(
        update(InboundEvent)
        .where(InboundEvent.contact_id.in_(contact_ids))
        .values(payload=None, answer=None)
        .execution_options(**_SILENTLY)
    )
    await session.execute(
        delete(RecordLink).where(RecordLink.contact_id.in_(contact_ids)).execution_options(**_SILENTLY)
    )
    about_them: dict[str, Any] = {
        "memory": {},
        "topics": [],
        "draft": {},
        "reply_draft": None,
        "callback_sealed": None,
        "at_risk": None,
    }
    await session.execute(
        update(Contact).where(Contact.id.in_(contact_ids)).values(about_them).execution_options(**_SILENTLY)
    )
    # A call that is still going on is found by its id, and is emptied once more when its time has come.
    await session.execute(
        update(Contact)
        .where(Contact.id.in_(contact_ids), Contact.state == ContactState.CLOSED)
        .values(call_sid=None, erased_at=now)
        .execution_options(**_SILENTLY)
    )


async def _empty_deliveries(session: WriteSession, which: ColumnElement[bool]) -> None:
    await session.execute(
        update(Delivery)
        .where(which)
        .values(body=None, to_sealed=None, data={}, entry_id=None)
        .execution_options(**_SILENTLY)
    )


async def forget_last_words(session: WriteSession, *, sent_before: datetime) -> None:
    """What was sent after a contact was erased (that it is erased), and what belongs to no contact (pages, answers to
    groups)."""
    erased = select(Contact.id).where(Contact.erased_at < sent_before)
    await session.execute(
        delete(Entry)
        .where(Entry.contact_id.in_(erased), Entry.at < sent_before, Entry.body.is_not(None))
        .execution_options(**_SILENTLY)
    )
    await _empty_deliveries(
        session,
        Delivery.to_sealed.is_not(None)
        & Delivery.state.not_in(PENDING)
        & (Delivery.created_at < sent_before)
        & (Delivery.contact_id.is_(None) | Delivery.contact_id.in_(erased)),
    )


async def forget_access_log(session: WriteSession, *, before: datetime) -> None:
    """Lines of the access log, with the reasons in them."""
    await session.execute(delete(AccessLog).where(AccessLog.at < before).execution_options(**_SILENTLY))


async def forget_caller(session: WriteSession, caller_id: int) -> None:
    """The handle and its hash; the contacts stay as empty lines without anyone behind them."""
    await session.execute(
        update(Contact).where(Contact.caller_id == caller_id).values(caller_id=None).execution_options(**_SILENTLY)
    )
    await session.execute(delete(Caller).where(Caller.id == caller_id).execution_options(**_SILENTLY))


async def forget_handles(session: WriteSession, *, silent_since: datetime) -> None:
    """Handles of callers with no open contact, none in a while and no place on a list that they asked for; an opt-out
    is kept as long as the handle is."""
    recent = (
        select(Contact.id)
        .where(
            Contact.caller_id == Caller.id,
            (Contact.state != ContactState.CLOSED) | (Contact.closed_at >= silent_since),
        )
        .exists()
    )
    listed = select(Interest.id).where(Interest.caller_id == Caller.id).exists()
    # Locked: whoever writes in this very moment is either kept or comes as somebody new.
    ids = (
        await session.scalars(
            select(Caller.id)
            .where(Caller.last_contact_at < silent_since, ~recent, ~listed)
            .limit(1000)
            .with_for_update(skip_locked=True)
        )
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


async def silent_guided(session: WriteSession, *, before: datetime, red: bool) -> Sequence[Contact]:
    """Guided text conversations without a word since `before`: the red ones, or all others. Locked; one in which
    somebody writes in this very moment is passed over."""
    return (
        await session.scalars(
            select(Contact)
            .where(
                Contact.state == ContactState.GUIDED,
                Contact.channel != Channel.PHONE,
                (Contact.urgency == Urgency.RED) if red else (Contact.urgency != Urgency.RED),
                Contact.last_inbound_at < before,
            )
            .order_by(Contact.id)
            .with_for_update(skip_locked=True)
        )
    ).all()
