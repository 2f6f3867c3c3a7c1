"""The legs that we place beside a call: an advisor's telephone, a caller who is rung back, and what becomes of them."""

from datetime import datetime, timedelta

from helpline.core.contact import IN_QUEUE, ContactState, EntryKind, Wish
from helpline.core.duty import Duty, PauseReason
from helpline.core.turn import Ask, Bridge, End, Say, Turn
from helpline.desk import evaluate, offer, ring
from helpline.desk.house import House
from helpline.errors import HelplineError, NotFound, TakenByAnother
from helpline.store import advisors, contacts, legs, notices, offers
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, Contact, Leg

#: A leg that never came up is given up this long after its ringing should have ended.
HANGING_LEG = timedelta(seconds=45)


async def to_wrap_up(session: WriteSession, contact: Contact, *, now: datetime) -> None:
    """The conversation is over: every telephone in it falls silent, and the advisor writes the record."""
    moved = await contacts.move(session, contact.id, ContactState.WRAP_UP, only_from=(ContactState.ACTIVE,))
    if moved is None:
        return
    if moved.ended_at is None:
        moved.ended_at = now
    await contacts.append(session, contact.id, EntryKind.ENDED, now=now, advisor_id=contact.advisor_id)
    if contact.advisor_id is not None:
        await advisors.set_duty(session, contact.advisor_id, Duty.WRAP_UP, now=now, only_from=(Duty.BUSY,))
        notices.give(session, notices.DUTY, now=now, advisor_id=contact.advisor_id)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    await ring.stop_ringing(session, contact.id, now=now, but_the_caller=evaluate.is_asked(contact))


async def placed(session: WriteSession, leg_id: int, call_sid: str, *, now: datetime) -> None:
    """The provider took the order to ring. If nobody waits any more, the telephone falls silent again."""
    leg = await legs.advance(session, leg_id, "ringing", only_from=("asked",), call_sid=call_sid)
    if leg is None:
        # Somebody picked up before the provider's answer was written down.
        leg = await legs.advance(session, leg_id, "up", only_from=("up",), call_sid=call_sid)
    if leg is None:
        given_up = await legs.by_id(session, leg_id)
        if given_up is not None and given_up.state not in legs.LIVE:
            await ring.hang_up(session, given_up.contact_id, call_sid, now=now)
        return
    contact = await contacts.by_id(session, leg.contact_id)
    if contact is None or contact.state in (ContactState.CLOSED, ContactState.WRAP_UP, *IN_QUEUE):
        await ring.hang_up(session, leg.contact_id, call_sid, now=now)


async def greeting(session: WriteSession, leg_id: int, call_sid: str, *, house: House, now: datetime) -> Turn:
    """What somebody hears who picks up a telephone that we ring. An advisor is asked for a key; a caller who is rung
    back goes straight into the room where the advisor waits.

    Raises:
        NotFound: there is no such leg.
    """
    leg, contact = await _leg(session, leg_id)
    on = now.astimezone(house.zone).date()
    await legs.advance(session, leg.id, "ringing", only_from=("asked",), call_sid=call_sid)
    if leg.role == ring.CALLER:
        if contact.state is not ContactState.ACTIVE or not await _picked_up(session, leg, call_sid):
            text = house.phrases.say("call_advisor_left", language=contact.language, channel="phone", on=on)
            return Turn(contact_id=contact.id, instructions=(Say(text=text), End()), language=contact.language)
        if contact.answered_at is None:
            contact.answered_at = now
        await contacts.append(session, contact.id, EntryKind.BRIDGED, now=now, advisor_id=leg.advisor_id)
        notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
        text = house.phrases.say("callback_greeting", language=contact.language, channel="phone", on=on)
        return Turn(
            contact_id=contact.id,
            instructions=(Say(text=text), Bridge(contact_id=contact.id)),
            language=contact.language,
        )
    language = await language_of(session, leg)
    if contact.state is not ContactState.CONNECTING or contact.advisor_id != leg.advisor_id:
        return _too_late(contact, language, house=house, now=now)
    # A key rings one who waits to be rung back, and answers one who waits on the line.
    prompt = "advisor_accept_callback" if contact.wish is Wish.CALLBACK else "advisor_accept"
    text = house.phrases.say(prompt, language=language, channel="phone", on=on)
    return Turn(contact_id=contact.id, instructions=(Ask(text=text, step="accept"),), language=language)


async def accepted(session: WriteSession, leg_id: int, call_sid: str, *, house: House, now: datetime) -> Turn:
    """A key was pressed on the advisor's telephone: now, and only now, the two are put together.

    Raises:
        NotFound: there is no such leg.
    """
    leg, contact = await _leg(session, leg_id)
    language = await language_of(session, leg)
    into_the_room = Turn(contact_id=contact.id, instructions=(Bridge(contact_id=contact.id),), language=language)
    if leg.state == "up" and contact.state is ContactState.ACTIVE:
        return into_the_room
    if (
        contact.state is not ContactState.CONNECTING
        or contact.advisor_id != leg.advisor_id
        or not await _picked_up(session, leg, call_sid)
    ):
        return _too_late(contact, language, house=house, now=now)
    # The wait ends when the two have each other, a moment from now; one who is rung back may not even pick up.
    await contacts.move(session, contact.id, ContactState.ACTIVE, only_from=(ContactState.CONNECTING,))
    if contact.wish is Wish.CALLBACK and contact.callback_sealed is not None:
        await ring.caller(session, contact, number=session.keyring.open(contact.callback_sealed), now=now)
    else:
        await ring.redirect_to_bridge(session, contact, now=now)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    return into_the_room


async def declined(session: WriteSession, leg_id: int, *, house: House, now: datetime) -> Turn:
    """No key was pressed: a voicemail, a pocket, or somebody who cannot now. It counts as unanswered.

    Raises:
        NotFound: there is no such leg.
    """
    leg, contact = await _leg(session, leg_id)
    await ended(session, leg_id, ending="declined", house=house, now=now)
    language = await language_of(session, leg)
    # Whoever rings back keeps the contact, and nobody else is asked.
    words = "advisor_no_key_callback" if contact.memory.get("ringing_back") else "advisor_no_key"
    text = house.phrases.say(words, language=language, channel="phone", on=now.astimezone(house.zone).date())
    return Turn(contact_id=contact.id, instructions=(Say(text=text), End()), language=language)


async def _leg(session: WriteSession, leg_id: int) -> tuple[Leg, Contact]:
    """A leg and its contact, locked in the order in which every writer locks them: the contact first."""
    leg = await legs.by_id(session, leg_id)
    contact = await contacts.by_id(session, leg.contact_id, lock=True) if leg else None
    leg = await legs.by_id(session, leg_id)
    if leg is None or contact is None:
        raise NotFound("Denne samtalen finnes ikke lenger.")
    return leg, contact


async def _picked_up(session: WriteSession, leg: Leg, call_sid: str) -> bool:
    """The telephone is up from now on; False when we have given it up already."""
    return await legs.advance(session, leg.id, "up", only_from=legs.LIVE, call_sid=call_sid) is not None


async def language_of(session: WriteSession, leg: Leg) -> str:
    """The language of the advisor whose telephone it is."""
    advisor = await advisors.by_id(session, leg.advisor_id) if leg.advisor_id else None
    return advisor.language if advisor else "nb"


def _too_late(contact: Contact, language: str, *, house: House, now: datetime) -> Turn:
    text = house.phrases.say(
        "advisor_too_late", language=language, channel="phone", on=now.astimezone(house.zone).date()
    )
    return Turn(contact_id=contact.id, instructions=(Say(text=text), End()), language=language)


async def ended(session: WriteSession, leg_id: int, *, ending: str, house: House, now: datetime) -> None:
    """A telephone that we rang is silent again. `ending` is the provider's word: completed, busy, no-answer, failed,
    canceled, or our own `declined`."""
    try:
        before, contact = await _leg(session, leg_id)
    except NotFound:
        return
    was_up = before.state == "up"
    leg = await legs.advance(
        session,
        leg_id,
        "ended" if was_up or ending in ("completed", "canceled") else "failed",
        only_from=legs.LIVE,
        ending=ending,
        ended_at=now,
    )
    if leg is None:
        return
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    if leg.role == ring.CALLER:
        await _caller_ended(session, contact, leg, ending=ending, now=now)
    elif was_up and contact.state is ContactState.ACTIVE and contact.advisor_id == leg.advisor_id:
        if contact.wish is Wish.TALK and contact.answered_at is None:
            # The advisor went away again before the two had met.
            await _advisor_did_not_come(session, contact, leg, ending=ending, house=house, now=now)
        else:
            await to_wrap_up(session, contact, now=now)
    elif contact.state is ContactState.CONNECTING and contact.advisor_id == leg.advisor_id:
        await _advisor_did_not_come(session, contact, leg, ending=ending, house=house, now=now)


async def _caller_ended(session: WriteSession, contact: Contact, leg: Leg, *, ending: str, now: datetime) -> None:
    """The caller whom we rang back: reached and done, or not reached. The advisor decides what it was."""
    if ending != "completed":
        await contacts.append(
            session, contact.id, EntryKind.LEG_FAILED, now=now, advisor_id=leg.advisor_id, ending=ending, role=leg.role
        )
    await to_wrap_up(session, contact, now=now)


async def _advisor_did_not_come(
    session: WriteSession, contact: Contact, leg: Leg, *, ending: str, house: House, now: datetime
) -> None:
    """Back to the old place, which is the head for its age; the caller never notices. The advisor is paused."""
    await contacts.append(
        session, contact.id, EntryKind.LEG_FAILED, now=now, advisor_id=leg.advisor_id, ending=ending, role=leg.role
    )
    if contact.memory.get("ringing_back"):
        # The advisor asked for the call and keeps the contact; they may try again.
        await contacts.move(session, contact.id, ContactState.ACTIVE, only_from=(ContactState.CONNECTING,))
        return
    await ring.stop_ringing(session, contact.id, now=now)
    await contacts.move(
        session,
        contact.id,
        ContactState.WAITING,
        only_from=(ContactState.CONNECTING, ContactState.ACTIVE),
        advisor_id=None,
        accepted_at=None,
    )
    if leg.advisor_id is not None:
        await offers.missed_after_all(session, contact.id, leg.advisor_id, now=now)
        await advisors.set_duty(
            session, leg.advisor_id, Duty.PAUSE, now=now, only_from=(Duty.BUSY,), reason=PauseReason.MISSED_OFFER
        )
        notices.give(session, notices.DUTY, now=now, advisor_id=leg.advisor_id)
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    await offer.hold_out(session, house=house, now=now)


async def free_hanging(session: WriteSession, *, house: House, now: datetime) -> int:
    """Sweep: a leg that never came up counts as unanswered, so that nobody waits for ever. Returns how many."""
    hanging = await legs.live_before(session, asked_before=now - house.ring_time - HANGING_LEG)
    for leg in hanging:
        await ended(session, leg.id, ending="no-answer", house=house, now=now)
    return len(hanging)


async def ring_back(session: WriteSession, contact_id: int, *, advisor: Advisor, now: datetime) -> Contact:
    """Ring a caller who asked for it: first the advisor's telephone, then theirs.

    Raises:
        HelplineError: the contact has no number to ring, or the advisor no telephone.
        TakenByAnother: it is not this advisor's contact now.
    """
    contact = await contacts.by_id(session, contact_id, lock=True)
    # A number that was keyed in but never called safe is not rung.
    if contact is None or contact.callback_sealed is None or contact.wish is not Wish.CALLBACK:
        raise HelplineError("Det er ikke noe nummer å ringe tilbake til.")
    if advisor.phone_sealed is None:
        raise HelplineError("Du har ikke registrert et telefonnummer. Be en administrator legge det inn.")
    if await legs.of_contact(session, contact_id, live_only=True):
        raise TakenByAnother("Det ringer allerede.")
    if contact.state is ContactState.WRAP_UP:
        await contacts.move(session, contact_id, ContactState.ACTIVE, only_advisor=advisor.id)
    moved = await contacts.move(
        session, contact_id, ContactState.CONNECTING, only_from=(ContactState.ACTIVE,), only_advisor=advisor.id
    )
    if moved is None:
        raise TakenByAnother("Ta henvendelsen først, så kan du ringe.")
    moved.memory = {**moved.memory, "ringing_back": True}
    await advisors.set_duty(session, advisor.id, Duty.BUSY, now=now)
    await ring.advisor(session, moved, advisor=advisor, now=now)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact_id)
    return moved


async def left_room(session: WriteSession, contact_id: int, call_sid: str, *, house: House, now: datetime) -> None:
    """Somebody left the room where caller and advisor talk; whoever it was, the conversation is over.

    The calls themselves report their end too, earlier or later; what comes first counts.
    """
    leg = await legs.by_call(session, call_sid)
    if leg is not None and leg.contact_id == contact_id:
        await ended(session, leg.id, ending="completed", house=house, now=now)
        return
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is not None and contact.call_sid == call_sid and contact.state is ContactState.ACTIVE:
        await to_wrap_up(session, contact, now=now)


async def came_to_room(session: WriteSession, contact_id: int, call_sid: str, *, now: datetime) -> None:
    """Somebody stands in the room. If the other one went away in that very moment, nobody waits there alone."""
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is not None and contact.state in (ContactState.WRAP_UP, ContactState.CLOSED):
        await ring.hang_up(session, contact_id, call_sid, now=now)
