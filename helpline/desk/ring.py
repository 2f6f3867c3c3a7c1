"""Orders about calls: ring, redirect, hang up. They leave through the outbox like every other thing that goes out."""

from datetime import datetime

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import EntryKind
from helpline.store import advisors, contacts, deliveries, legs
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, Contact, DeliveryKind, Leg

ADVISOR = "advisor"
CALLER = "caller"


async def advisor(session: WriteSession, contact: Contact, *, advisor: Advisor, now: datetime) -> Leg:
    """Ring the advisor's own telephone; pressing a key there takes the call."""
    leg = await legs.ask(session, contact_id=contact.id, role=ADVISOR, advisor_id=advisor.id, now=now)
    await contacts.append(session, contact.id, EntryKind.RINGING, now=now, advisor_id=advisor.id, leg_id=leg.id)
    await deliveries.queue(
        session,
        contact_id=contact.id,
        channel=Channel.PHONE,
        kind=DeliveryKind.RING,
        now=now,
        to=advisors.phone(session, advisor),
        urgency=Urgency.RED,  # somebody is on the line: goes before every text
        leg_id=leg.id,
    )
    return leg


async def caller(session: WriteSession, contact: Contact, *, number: str, now: datetime) -> Leg:
    """Ring a caller back; the advisor waits in the contact's room."""
    leg = await legs.ask(session, contact_id=contact.id, role=CALLER, advisor_id=contact.advisor_id, now=now)
    await deliveries.queue(
        session,
        contact_id=contact.id,
        channel=Channel.PHONE,
        kind=DeliveryKind.RING,
        now=now,
        to=number,
        urgency=Urgency.RED,
        leg_id=leg.id,
    )
    return leg


async def redirect_to_bridge(session: WriteSession, contact: Contact, *, now: datetime) -> None:
    """Fetch the waiting caller into the room where the advisor is."""
    await deliveries.queue(
        session,
        contact_id=contact.id,
        channel=Channel.PHONE,
        kind=DeliveryKind.REDIRECT,
        now=now,
        to=None,
        urgency=Urgency.RED,
        data={"call_sid": contact.call_sid},
    )


async def hang_up(session: WriteSession, contact_id: int, call_sid: str, *, now: datetime) -> None:
    """End a live call."""
    await deliveries.queue(
        session,
        contact_id=contact_id,
        channel=Channel.PHONE,
        kind=DeliveryKind.HANG_UP,
        now=now,
        to=None,
        urgency=Urgency.RED,
        data={"call_sid": call_sid},
    )


async def stop_ringing(session: WriteSession, contact_id: int, *, now: datetime, but_the_caller: bool = False) -> None:
    """The caller is gone: telephones that ring for them fall silent, and what has not rung yet never does.

    `but_the_caller`: one whom we rang back stays on the line, to be asked something.
    """
    await deliveries.cancel_pending(session, contact_id, DeliveryKind.RING, DeliveryKind.REDIRECT)
    for leg in await legs.of_contact(session, contact_id, live_only=True):
        if but_the_caller and leg.role == CALLER:
            continue
        if leg.call_sid is not None:
            await hang_up(session, contact_id, leg.call_sid, now=now)
        else:
            await legs.advance(session, leg.id, "ended", only_from=("asked",), ending="canceled", ended_at=now)
