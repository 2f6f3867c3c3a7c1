"""What became of a delivery: states only move forward, and what fails reaches the advisor in words."""

from datetime import datetime

from helpline.core.codes import Urgency
from helpline.core.contact import EntryKind
from helpline.desk import leg
from helpline.desk.house import House
from helpline.logs import get
from helpline.store import contacts, deliveries, notices
from helpline.store.db import WriteSession
from helpline.store.tables import DeliveryKind, DeliveryState

log = get("helpline.delivered")


async def status_changed(
    session: WriteSession,
    provider_id: str,
    state: DeliveryState,
    *,
    code: str | None,
    house: House,
    now: datetime,
    delivery_id: int | None = None,
) -> None:
    """The provider tells what became of a message. A late or repeated word changes nothing.

    `delivery_id` is what our own callback address carries: the word may come before the provider's id is stored.
    """
    delivery = await deliveries.by_provider_id(session, provider_id)
    if delivery is None and delivery_id is not None:
        delivery = await deliveries.by_id(session, delivery_id)
    if delivery is None:
        return
    if state is DeliveryState.FAILED:
        await fail(session, delivery.id, code or "undelivered", house=house, now=now)
        return
    moved = await deliveries.advance(session, delivery.id, state, provider_id=provider_id)
    if moved is not None and moved.contact_id is not None:
        notices.give(session, notices.CONTACT, now=now, contact_id=moved.contact_id)


async def fail(session: WriteSession, delivery_id: int, code: str, *, house: House, now: datetime) -> None:
    """A delivery that will never arrive: the advisor sees it as an entry, loudly when it was a red answer."""
    delivery = await deliveries.advance(session, delivery_id, DeliveryState.FAILED, error=code, lease_until=None)
    if delivery is None:
        return
    log.warning("delivery_failed", delivery=delivery_id, code=code, urgency=delivery.urgency.value)
    if delivery.kind is DeliveryKind.RING and delivery.leg_id is not None:
        await leg.ended(session, delivery.leg_id, ending="failed", house=house, now=now)
    if delivery.contact_id is None or delivery.kind in (DeliveryKind.REDIRECT, DeliveryKind.HANG_UP):
        return
    await contacts.append(
        session,
        delivery.contact_id,
        EntryKind.DELIVERY_FAILED,
        now=now,
        error=code,
        loud=True if delivery.urgency is Urgency.RED else None,
        of_entry=delivery.entry_id,
    )
    notices.give(session, notices.CONTACT, now=now, contact_id=delivery.contact_id)
    if delivery.urgency is Urgency.RED:
        notices.give(session, notices.QUEUE, now=now, contact_id=delivery.contact_id)
