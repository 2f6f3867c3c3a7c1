"""Offer, accept, else next: a waiting contact is held out to one advisor at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from helpline.core import queue
from helpline.core.codes import Channel
from helpline.core.contact import ContactState, EntryKind, Wish
from helpline.core.duty import Duty, OfferState, PauseReason
from helpline.core.queue import Waiting
from helpline.desk import ring
from helpline.desk.house import House
from helpline.errors import NotFound, TakenByAnother
from helpline.store import advisors, contacts, notices, offers
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, Contact, Offer

TAKEN = "Noen andre tok denne nettopp, eller innringeren gikk. Se køen for den neste."


async def hold_out(session: WriteSession, *, house: House, now: datetime) -> list[Offer]:
    """Hold out what waits to those who are free, first in the queue first. Safe to call at any time.

    Both sides are locked while they are paired; what another process holds is passed over and met again by the sweep.
    Nobody stays free while there is something that they may take, however far back in the queue it stands.
    """
    free = await advisors.free(session)
    made: list[Offer] = []
    after = None
    while free:
        # Each advisor may have refused some of the first ones, so look a little further than there are advisors.
        limit = len(free) * 4 + 20
        by_phone = any(advisor.has_phone for advisor in free)
        waiting = await contacts.head_of_queue(session, limit=limit, by_phone=by_phone, after=after)
        if not waiting:
            break
        ids = [place.contact_id for place in waiting]
        refused = await offers.refused_since(session, ids, now - queue.ASK_AGAIN_AFTER)
        for contact_id, advisor_id in queue.match(await _kept(session, waiting, now=now), free, refused):
            if await contacts.move(session, contact_id, ContactState.OFFERED) is None:
                continue
            offer = await offers.make(
                session, contact_id=contact_id, advisor_id=advisor_id, now=now, expires_at=now + house.offer_time
            )
            await contacts.append(
                session, contact_id, EntryKind.OFFERED, now=now, advisor_id=advisor_id, offer_id=offer.id
            )
            notices.give(session, notices.QUEUE, now=now, contact_id=contact_id, advisor_id=advisor_id)
            made.append(offer)
        if len(waiting) < limit:
            break
        asked = {offer.advisor_id for offer in made}
        free = [advisor for advisor in free if advisor.advisor_id not in asked]
        after = waiting[-1]
    return made


async def _kept(session: WriteSession, waiting: Sequence[Waiting], *, now: datetime) -> list[Waiting]:
    """The same places without what was kept for a colleague who cannot take it: gone, on a pause, or without the
    telephone that it takes. A contact is kept for somebody, never from everybody."""
    named = {place.reserved_for for place in waiting if place.reserved_for is not None}
    keeping = await advisors.keeping(session, named) if named else {}
    lapsed = {
        place.contact_id
        for place in waiting
        if place.reserved_for is not None
        and (place.reserved_for not in keeping or (place.needs_phone and not keeping[place.reserved_for]))
    }
    if lapsed:
        await contacts.keep_for_nobody(session, lapsed, now=now)
    return [replace(place, reserved_for=None) if place.contact_id in lapsed else place for place in waiting]


async def accept(session: WriteSession, offer_id: int, *, house: House, advisor: Advisor, now: datetime) -> Contact:
    """Say yes to an offer. A text is the advisor's at once; a call rings the advisor's telephone first.

    Raises:
        TakenByAnother: the offer is over: timed out, or the caller left.
    """
    offer = await _end(session, offer_id, OfferState.ACCEPTED, now=now, only_advisor=advisor.id)
    if offer is None:
        raise TakenByAnother(TAKEN)
    return await _begin(session, offer.contact_id, house=house, advisor=advisor, now=now)


async def _end(
    session: WriteSession, offer_id: int, state: OfferState, *, now: datetime, only_advisor: int
) -> Offer | None:
    """End an open offer, its contact locked first: every writer locks in that order, so none waits for another that
    waits for it."""
    standing = await offers.by_id(session, offer_id)
    if standing is None:
        return None
    await contacts.by_id(session, standing.contact_id, lock=True)
    return await offers.end(session, offer_id, state, now=now, only_advisor=only_advisor)


async def take(session: WriteSession, contact_id: int, *, house: House, advisor: Advisor, now: datetime) -> Contact:
    """Take a contact straight from the queue, whoever it is being offered to.

    Raises:
        TakenByAnother: it is no longer in the queue, or it is a call and this advisor is in one.
        NotFound: it does not exist.
    """
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is None:
        raise NotFound("Denne henvendelsen finnes ikke.")
    standing = await offers.open_for_contact(session, contact_id)
    if standing is not None and await offers.end(session, standing.id, OfferState.CANCELLED, now=now):
        notices.give(session, notices.QUEUE, now=now, contact_id=contact_id, advisor_id=standing.advisor_id)
    await let_go(session, advisor, now=now)
    taken = await _begin(session, contact_id, house=house, advisor=advisor, now=now)
    # Whoever was asked about it is free again, and what this advisor let go waits for somebody else.
    await hold_out(session, house=house, now=now)
    return taken


async def let_go(session: WriteSession, advisor: Advisor, *, now: datetime) -> None:
    """What is being held out to an advisor who does something else now goes to the next."""
    own = await offers.open_for_advisor(session, advisor.id)
    if own is None:
        return
    passed = await _end(session, own.id, OfferState.PASSED, now=now, only_advisor=advisor.id)
    if passed is not None:
        await back_to_queue(session, passed, EntryKind.PASSED, now=now)


async def _begin(session: WriteSession, contact_id: int, *, house: House, advisor: Advisor, now: datetime) -> Contact:
    contact = await contacts.by_id(session, contact_id, lock=True)
    by_phone = contact is not None and contact.channel is Channel.PHONE and contact.wish is Wish.TALK
    if by_phone and advisor.phone_sealed is None:
        raise TakenByAnother("Du har ikke registrert et telefonnummer. Be en administrator legge det inn.")
    if by_phone and await advisors.in_a_call(session, advisor.id):
        raise TakenByAnother("Du er i en samtale. Avslutt den før du tar den neste.")
    moved = await contacts.move(
        session,
        contact_id,
        ContactState.CONNECTING if by_phone else ContactState.ACTIVE,
        only_from=(ContactState.WAITING, ContactState.OFFERED),
        advisor_id=advisor.id,
        accepted_at=now,
        reserved_for=None,
    )
    if moved is None:
        raise TakenByAnother(TAKEN)
    await advisors.set_duty(session, advisor.id, Duty.BUSY, now=now)
    await contacts.append(session, contact_id, EntryKind.ACCEPTED, now=now, advisor_id=advisor.id)
    if by_phone:
        await ring.advisor(session, moved, advisor=advisor, now=now)
    elif moved.answered_at is None and moved.wish is Wish.TALK:
        moved.answered_at = now
    notices.give(session, notices.QUEUE, now=now, contact_id=contact_id, advisor_id=advisor.id)
    notices.give(session, notices.DUTY, now=now, advisor_id=advisor.id)
    return moved


async def pass_on(
    session: WriteSession,
    offer_id: int,
    *,
    house: House,
    advisor: Advisor,
    now: datetime,
) -> None:
    """Say no to an offer: it goes to the next advisor; this one stays on duty.

    Raises:
        TakenByAnother: the offer is over already.
    """
    offer = await _end(session, offer_id, OfferState.PASSED, now=now, only_advisor=advisor.id)
    if offer is None:
        raise TakenByAnother("Tilbudet er allerede over.")
    await back_to_queue(session, offer, EntryKind.PASSED, now=now)
    await hold_out(session, house=house, now=now)


async def back_to_queue(session: WriteSession, offer: Offer, kind: EntryKind, *, now: datetime) -> None:
    """The contact of an offer that ended takes its old place again: its age has not changed. It is no longer kept for
    the one who did not take it."""
    moved = await contacts.move(session, offer.contact_id, ContactState.WAITING, only_from=(ContactState.OFFERED,))
    if moved is not None and moved.reserved_for == offer.advisor_id:
        moved.reserved_for = None
        await session.flush()
    await contacts.append(session, offer.contact_id, kind, now=now, advisor_id=offer.advisor_id, offer_id=offer.id)
    notices.give(session, notices.QUEUE, now=now, contact_id=offer.contact_id, advisor_id=offer.advisor_id)


async def expire(session: WriteSession, *, house: House, now: datetime) -> int:
    """Sweep: offers whose time is up go to the next; whoever missed one is paused. Returns how many ended."""
    ended = 0
    for offer in await offers.expired(session, now=now):
        if await offers.end(session, offer.id, OfferState.MISSED, now=now) is None:
            continue
        ended += 1
        await back_to_queue(session, offer, EntryKind.MISSED, now=now)
        await advisors.set_duty(
            session, offer.advisor_id, Duty.PAUSE, now=now, only_from=(Duty.ON,), reason=PauseReason.MISSED_OFFER
        )
        notices.give(session, notices.DUTY, now=now, advisor_id=offer.advisor_id)
    await hold_out(session, house=house, now=now)
    return ended


async def cancel(session: WriteSession, contact_id: int, *, now: datetime) -> None:
    """The caller left: whoever was being asked is asked no more."""
    standing = await offers.open_for_contact(session, contact_id)
    if standing is not None and await offers.end(session, standing.id, OfferState.CANCELLED, now=now):
        await contacts.append(session, contact_id, EntryKind.OFFER_CANCELLED, now=now, advisor_id=standing.advisor_id)
        notices.give(session, notices.QUEUE, now=now, contact_id=contact_id, advisor_id=standing.advisor_id)


def time_left(offer: Offer, *, now: datetime) -> timedelta:
    """How long an offer still stands."""
    return max(timedelta(0), offer.expires_at - now)
