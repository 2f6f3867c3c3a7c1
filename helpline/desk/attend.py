"""What an advisor does with a contact: reply, note, hand over, look."""

from datetime import datetime

from helpline.core.codes import Channel
from helpline.core.contact import ContactState, EntryKind, Wish
from helpline.core.duty import KEEPS, Duty
from helpline.desk import offer, safe, tell
from helpline.desk.house import House
from helpline.errors import HelplineError, NotFound, TakenByAnother
from helpline.store import access, advisors, callers, contacts, deliveries, notices, offers
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Advisor, Caller, Contact, DeliveryState

#: Characters without which a reason for showing a number is none.
SHORTEST_REASON = 5
#: The longest text one message may hold: Telegram's limit; longer SMS are cut by the provider at 1600.
LONGEST = {Channel.TELEGRAM: 4096, Channel.SMS: 1600, Channel.PHONE: 1600}


async def contact_for(session: ReadSession, contact_id: int, *, advisor: Advisor) -> Contact:
    """The one guarded way to a contact: any advisor on the team may read one whose content is still kept.

    Raises:
        NotFound: it does not exist, or has been erased.
    """
    contact = await contacts.by_id(session, contact_id)
    if contact is None or not advisor.active:
        raise NotFound("Denne henvendelsen finnes ikke, eller den er slettet.")
    return contact


async def _own(session: WriteSession, contact_id: int, advisor: Advisor) -> Contact:
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is None:
        raise NotFound("Denne henvendelsen finnes ikke.")
    if contact.advisor_id != advisor.id or contact.state not in (ContactState.ACTIVE, ContactState.WRAP_UP):
        raise TakenByAnother("En annen har denne henvendelsen. Ta over først, så kan du skrive.")
    return contact


async def own_contact(session: WriteSession, contact_id: int, *, advisor: Advisor) -> Contact:
    """A contact, locked, for the advisor whose it is.

    Raises:
        NotFound: it does not exist.
        TakenByAnother: it is somebody else's, or closed.
    """
    return await _own(session, contact_id, advisor)


async def reply(
    session: WriteSession, contact_id: int, text: str, *, house: House, advisor: Advisor, now: datetime
) -> int:
    """Write to the caller; returns the delivery's id. It leaves after ten seconds, so that it can be taken back.

    Raises:
        TakenByAnother: it is not this advisor's contact.
        HelplineError: the text is empty or too long, or the caller cannot be written to; the sentence says why.
    """
    contact = await _own(session, contact_id, advisor)
    text = text.strip()
    longest = LONGEST[contact.channel]
    if not text:
        raise HelplineError("Skriv noe før du sender.")
    if len(text) > longest:
        raise HelplineError(f"Teksten er for lang: {len(text)} tegn, høyst {longest}. Del den i flere.")
    caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    problem = cannot_write(contact, caller, now=now)
    if problem is not None:
        raise HelplineError(problem)
    contact.reply_draft = None
    delivery_id = await tell.tell(
        session,
        house=house,
        contact=contact,
        caller=caller,
        text=text,
        now=now,
        advisor_id=advisor.id,
        due_at=now + tell.UNDO_TIME,
    )
    assert delivery_id is not None
    return delivery_id


def cannot_write(contact: Contact, caller: Caller | None, *, now: datetime | None = None) -> str | None:
    """Why the caller cannot be written to, in a sentence for the advisor; None when they can.

    Whether it is safe changes by the minute (`desk.safe`), and is left out without `now`.
    """
    if caller is None:
        return "Vi har ikke noe nummer å skrive til: innringeren er anonym."
    if contact.channel is Channel.PHONE:
        return "Dette er en telefonsamtale. Du kan ikke skrive her."
    if caller.opted_out_at is not None:
        return "Innringeren har sendt STOPP og får ikke meldinger. De kan åpne igjen med START."
    if caller.blocked_us_at is not None:
        return "Innringeren har blokkert oss på Telegram. Meldinger kommer ikke fram."
    if now is not None and not safe.to_answer(contact, now=now):
        return "Innringeren har ikke sagt at det er trygt at vi skriver først. Vent til de skriver igjen."
    return None


async def undo(session: WriteSession, delivery_id: int, *, advisor: Advisor, now: datetime) -> str:
    """Take a reply back before it leaves. Returns its words, for the writing field.

    Raises:
        TakenByAnother: it has left already.
    """
    delivery = await deliveries.by_id(session, delivery_id)
    if delivery is None or delivery.contact_id is None:
        raise NotFound("Denne meldingen finnes ikke.")
    contact = await _own(session, delivery.contact_id, advisor)
    if delivery.state is not DeliveryState.QUEUED or await deliveries.take_back(session, delivery_id) is None:
        raise TakenByAnother("Meldingen er sendt allerede.")
    words = deliveries.words(session, delivery) or ""
    if delivery.entry_id is not None:
        await contacts.remove_entry(session, delivery.entry_id)
    contact.reply_draft = session.keyring.seal(words)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    return words


async def save_reply_draft(session: WriteSession, contact_id: int, text: str, *, advisor: Advisor) -> None:
    """Keep what is being written, sealed, so that a crash or another device loses nothing."""
    contact = await _own(session, contact_id, advisor)
    contact.reply_draft = session.keyring.seal(text) if text else None


async def note(session: WriteSession, contact_id: int, text: str, *, advisor: Advisor, now: datetime) -> None:
    """A note for colleagues; the caller never sees it, and it goes with the content.

    Raises:
        HelplineError: the note is empty.
    """
    contact = await contact_for(session, contact_id, advisor=advisor)
    if not text.strip():
        raise HelplineError("Skriv noe i notatet før du lagrer.")
    await contacts.append(session, contact.id, EntryKind.NOTE, now=now, text=text.strip(), advisor_id=advisor.id)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)


async def hand_over(
    session: WriteSession,
    contact_id: int,
    *,
    to_advisor: int | None,
    text: str,
    house: House,
    advisor: Advisor,
    now: datetime,
) -> None:
    """Give a text contact to a colleague, or back to the queue, with a note. It keeps its age.

    It is kept for the colleague until they pass, miss, pause or go off; a red one waits for nobody who is not free.

    Raises:
        HelplineError: a call that is going on cannot be handed over here; the colleague does not exist, or cannot take
            it now.
    """
    contact = await _own(session, contact_id, advisor)
    if contact.channel is Channel.PHONE and contact.wish is Wish.TALK:
        raise HelplineError("En telefonsamtale kan ikke settes over herfra. Be innringeren vente, og hent kollegaen.")
    if to_advisor is not None:
        colleague = await advisors.by_id(session, to_advisor)
        if colleague is None or not colleague.active or colleague.id == advisor.id:
            raise HelplineError("Velg en annen kollega.")
        _refuse_unless_they_can(colleague, contact)
        await offers.forget_refusals(session, contact_id=contact.id, advisor_id=colleague.id)
    if text.strip():
        await note(session, contact_id, text, advisor=advisor, now=now)
    await session.flush()
    moved = await contacts.move(
        session,
        contact.id,
        ContactState.WAITING,
        only_advisor=advisor.id,
        advisor_id=None,
        reserved_for=to_advisor,
        waiting_since=contact.waiting_since or contact.opened_at,
    )
    if moved is None:
        raise TakenByAnother("Henvendelsen er ikke lenger din.")
    await offers.refuse(session, contact_id=contact.id, advisor_id=advisor.id, now=now)
    await contacts.append(
        session, contact.id, EntryKind.HANDED_OVER, now=now, advisor_id=advisor.id, to_advisor=to_advisor
    )
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    if await advisors.number_of_contacts(session, advisor.id) == 0:
        await advisors.set_duty(session, advisor.id, Duty.ON, now=now, only_from=(Duty.BUSY, Duty.WRAP_UP))
        notices.give(session, notices.DUTY, now=now, advisor_id=advisor.id)
    await offer.hold_out(session, house=house, now=now)


def _refuse_unless_they_can(colleague: Advisor, contact: Contact) -> None:
    """A colleague who cannot be offered this contact now must not be handed it: the sentence says why."""
    name = colleague.name
    if colleague.duty is Duty.PAUSE:
        raise HelplineError(f"{name} har pause. Velg en annen kollega, eller sett over til køen.")
    if colleague.duty not in KEEPS:
        raise HelplineError(f"{name} er ikke på vakt. Velg en annen kollega, eller sett over til køen.")
    if contact.wish is Wish.CALLBACK and colleague.phone_sealed is None:
        raise HelplineError(
            f"{name} har ikke registrert et telefonnummer og kan ikke ringe tilbake. Velg en annen kollega, eller sett "
            "over til køen."
        )


async def take_over(session: WriteSession, contact_id: int, *, advisor: Advisor, now: datetime) -> Contact:
    """Take a text contact from a colleague, who sees it.

    Raises:
        TakenByAnother: it is a call, or not with an advisor.
    """
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is None:
        raise NotFound("Denne henvendelsen finnes ikke.")
    if contact.channel is Channel.PHONE or contact.state is not ContactState.ACTIVE:
        raise TakenByAnother("Denne henvendelsen kan ikke tas over nå.")
    before = contact.advisor_id
    if before == advisor.id:
        return contact
    await offer.let_go(session, advisor, now=now)
    contact.advisor_id = advisor.id
    contact.accepted_at = contact.accepted_at or now
    await session.flush()
    await contacts.append(
        session, contact.id, EntryKind.TAKEN_OVER, now=now, advisor_id=advisor.id, from_advisor=before
    )
    await advisors.set_duty(session, advisor.id, Duty.BUSY, now=now, only_from=(Duty.ON, Duty.PAUSE, Duty.OFF))
    for one in {before, advisor.id} - {None}:
        notices.give(session, notices.DUTY, now=now, advisor_id=one)
    if before is not None and await advisors.number_of_contacts(session, before) == 0:
        await advisors.set_duty(session, before, Duty.ON, now=now, only_from=(Duty.BUSY, Duty.WRAP_UP))
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    return contact


async def show_number(session: WriteSession, contact_id: int, reason: str, *, advisor: Advisor, now: datetime) -> str:
    """Break the glass: the caller's number or Telegram id, for a reason that is logged.

    Raises:
        HelplineError: no reason was given, or there is no handle.
    """
    contact = await contact_for(session, contact_id, advisor=advisor)
    if len(reason.strip()) < SHORTEST_REASON:
        raise HelplineError("Skriv hvorfor du trenger nummeret. Det blir logget.")
    caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    if caller is None:
        raise HelplineError("Innringeren er anonym: vi har ikke noe nummer.")
    await access.log(
        session, now=now, action="shown_number", advisor_id=advisor.id, contact_id=contact_id, reason=reason.strip()
    )
    await contacts.append(session, contact_id, EntryKind.SHOWN_NUMBER, now=now, advisor_id=advisor.id)
    return callers.open_handle(session, caller)
