"""Erasing: at once when the caller asks, and by the clock. Records stay; they hold codes only."""

from datetime import datetime, timedelta

from helpline.core.codes import Channel, Outcome, Urgency
from helpline.core.contact import IN_QUEUE, Wish
from helpline.core.duty import Duty
from helpline.desk import close, gaps, offer, ring, tell, wait
from helpline.desk.house import House
from helpline.store import advisors, callers, drafts, events, experiences, interests, notices, retention
from helpline.store.db import WriteSession
from helpline.store.tables import Caller, Contact

#: Kept by default (DESIGN §5).
CONTENT_KEPT = timedelta(days=7)
HANDLE_KEPT = callers.HANDLE_KEPT
CALLBACK_KEPT = timedelta(days=3)
#: 24 months. Our own choice: the design has none, and PIO's lawyer must confirm it.
ACCESS_LOG_KEPT = timedelta(days=731)
#: A caller who wrote of danger and then left the queue may go on by themselves for this long; then a person looks.
RED_SILENCE = timedelta(minutes=15)


async def withdraw(session: WriteSession, contact: Contact, caller: Caller, *, house: House, now: datetime) -> None:
    """SLETT: close what is open, say so once, and erase everything this caller wrote to us.

    An advisor in the conversation sees that it was withdrawn, not what it said.
    """
    await _end(session, contact, house=house, now=now)
    await retention.forget_caller_content(session, caller.id, now=now)
    # The confirmation is the last thing that goes out; its handle leaves with it, by the clock. In a call it is heard.
    if contact.channel is not Channel.PHONE:
        await tell.tell_phrase(session, "erased", house=house, contact=contact, caller=caller, now=now, needed=True)
    await offer.hold_out(session, house=house, now=now)


async def _end(session: WriteSession, contact: Contact, *, house: House, now: datetime) -> None:
    """Close what the caller withdrew; whoever was asked about it, rung for it or had it is free again."""
    advisor_id = contact.advisor_id
    await offer.cancel(session, contact.id, now=now)
    await ring.stop_ringing(session, contact.id, now=now)
    contact.draft = {}
    contact.topics = []
    await close.without_advisor(session, contact, Outcome.WITHDRAWN, house=house, now=now)
    if advisor_id is not None and await advisors.number_of_contacts(session, advisor_id) == 0:
        await advisors.set_duty(session, advisor_id, Duty.ON, now=now, only_from=(Duty.BUSY, Duty.WRAP_UP))
        notices.give(session, notices.DUTY, now=now, advisor_id=advisor_id)


async def erase_handle(session: WriteSession, kind: str, handle: str, *, house: House, now: datetime) -> bool:
    """Erase all that is kept about a handle: texts, notes, deliveries, the handle itself. False when unknown."""
    caller = await callers.find(session, kind, handle, lock=True)
    if caller is None:
        return False
    for contact in await retention.open_contacts(session, caller.id):
        await _end(session, contact, house=house, now=now)
    await retention.forget_caller_content(session, caller.id, now=now)
    await retention.forget_caller(session, caller.id)
    await offer.hold_out(session, house=house, now=now)
    return True


async def by_the_clock(session: WriteSession, *, house: House, now: datetime) -> None:
    """Sweep: erase what has been kept for its time."""
    await events.forget_payloads(session, now=now)
    await notices.sweep(session, now=now)
    await drafts.forget_expired(session, now=now)
    await retention.forget_content(session, closed_before=now - CONTENT_KEPT, now=now)
    await experiences.forget_refused(session, now=now)
    # Before the handles: whoever is on no list any more may go with it.
    await interests.forget_old(session, now=now)
    await retention.forget_last_words(session, sent_before=now - CONTENT_KEPT)
    await retention.forget_handles(session, silent_since=now - HANDLE_KEPT)
    await retention.forget_access_log(session, before=now - ACCESS_LOG_KEPT)
    await gaps.forget(session, house=house, now=now)
    for contact in await retention.stale_callbacks(session, asked_before=now - CALLBACK_KEPT):
        contact.callback_sealed = None
        waits_for_call = contact.state in IN_QUEUE and contact.wish is Wish.CALLBACK
        # Only a person closes a red contact.
        if waits_for_call and contact.urgency is not Urgency.RED:
            await offer.cancel(session, contact.id, now=now)
            await close.without_advisor(session, contact, Outcome.CALLBACK_FAILED, house=house, now=now)
    await session.flush()


async def close_silent(
    session: WriteSession, *, house: House, now: datetime, silent_for: timedelta = timedelta(hours=12)
) -> int:
    """Sweep: a guided conversation that fell silent is closed. A red one that left the queue is put back into it, for
    only a person closes those. Returns how many were closed."""
    closed = 0
    for contact in await retention.silent_guided(session, before=now - RED_SILENCE, red=True):
        await wait.enter(session, contact, house=house, now=now)
    for contact in await retention.silent_guided(session, before=now - silent_for, red=False):
        await close.without_advisor(session, contact, Outcome.GUIDED, house=house, now=now)
        closed += 1
    return closed
