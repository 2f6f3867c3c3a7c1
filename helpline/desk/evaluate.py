"""One question after a contact, and its answer: how much we helped, from 0 to 10.

In writing it is asked in the text that says goodbye, so that nothing begins anew, and only where it can do no harm. By
telephone nobody but the advisor has heard the conversation: the question follows it only when the advisor lets it, and
is answered by key. An answer after the record was written becomes a record that corrects it: the log is only ever added
to, and a recount stays equal.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from helpline.core.codes import Channel, Outcome, Urgency
from helpline.core.contact import ContactState, EntryKind
from helpline.core.rating import number_in, numbers_in
from helpline.core.turn import Ask, Inbound, InboundKind
from helpline.desk import counters, safe, tell
from helpline.desk.house import House
from helpline.desk.scene import Scene
from helpline.errors import HelplineError, NotFound, TakenByAnother
from helpline.store import callers, contacts, events, notices, records
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, Caller, Contact

#: An answer counts within this long.
ANSWERED_WITHIN = timedelta(hours=72)
#: Nobody is asked twice within this long, as far as we still know them.
ASK_AGAIN_AFTER = timedelta(days=30)
#: Outcomes after which it is asked: an advisor helped.
_HELPED = (Outcome.COUNSELLED, Outcome.REFERRED)
#: In a contact's memory: by telephone `follows` when the advisor lets it; then `asked`, then `given`.
MEMORY = "evaluation"
_FOLLOWS, _ASKED, _GIVEN = "follows", "asked", "given"
#: In the memory of a call: that a key was not understood and the question was asked once more, and the number keyed.
_ASKED_AGAIN, _KEYED = "evaluation_asked_again", "evaluation_keyed"
#: In that of a contact in writing: that they thanked without a number, and were told how to answer.
_REMINDED = "evaluation_reminded"


def may_ask(contact: Contact, caller: Caller, outcome: Outcome, *, now: datetime) -> bool:
    """Whether to ask in writing: an advisor helped, nobody was in acute danger, nothing spoke of violence without a
    word that it is safe, the caller wants texts, was not asked within a month, and has not told the advisor already."""
    return (
        contact.channel is not Channel.PHONE
        and outcome in _HELPED
        and contact.urgency is not Urgency.RED
        and caller.opted_out_at is None
        and caller.blocked_us_at is None
        and contact.draft.get("evaluation") is None
        and not _asked_lately(caller, now=now)
        and safe.to_write_first(contact)
    )


def _asked_lately(caller: Caller | None, *, now: datetime) -> bool:
    asked_at = caller.evaluation_asked_at if caller is not None else None
    return asked_at is not None and now - asked_at < ASK_AGAIN_AFTER


def may_follow(contact: Contact, caller: Caller | None, *, now: datetime) -> bool:
    """Whether an advisor on the telephone may let the question follow the conversation: caller and advisor have each
    other, nothing that we know of speaks of acute danger or violence, and the caller was not asked within a month."""
    return (
        contact.channel is Channel.PHONE
        and contact.state is ContactState.ACTIVE
        and contact.answered_at is not None
        and _harmless(contact)
        and contact.draft.get("evaluation") is None
        and not _asked_lately(caller, now=now)
    )


def follows(contact: Contact) -> bool:
    """Whether the question comes when this conversation by telephone ends: as the advisor let it, unless danger or
    violence was noted since."""
    return contact.memory.get(MEMORY) == _FOLLOWS and _harmless(contact)


def is_asked(contact: Contact) -> bool:
    """Whether the question is coming to a telephone, or was asked and not answered: the caller stays on the line."""
    return follows(contact) or (contact.channel is Channel.PHONE and contact.memory.get(MEMORY) == _ASKED)


def _harmless(contact: Contact) -> bool:
    return contact.urgency is not Urgency.RED and not safe.is_about_violence(contact)


async def let_follow(session: WriteSession, contact_id: int, *, wanted: bool, advisor: Advisor, now: datetime) -> None:
    """The advisor lets the question follow the conversation, or takes that back.

    Raises:
        TakenByAnother: it is not this advisor's contact.
        HelplineError: it may not be asked here, or not any more.
    """
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is None:
        raise NotFound("Denne henvendelsen finnes ikke.")
    if contact.advisor_id != advisor.id:
        raise TakenByAnother("Henvendelsen er ikke lenger din.")
    caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    if not may_follow(contact, caller, now=now):
        raise HelplineError("Spørsmålet om vurdering kan ikke stilles etter denne samtalen.")
    others = {name: value for name, value in contact.memory.items() if name != MEMORY}
    contact.memory = {**others, MEMORY: _FOLLOWS} if wanted else others
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)


async def ask_by_telephone(scene: Scene) -> None:
    """The room has closed around the caller: the question instead of goodbye."""
    if scene.caller is not None:
        scene.caller.evaluation_asked_at = scene.now
    scene.contact.memory = {**scene.contact.memory, MEMORY: _ASKED}
    scene.said.append(Ask(text=scene.phrase("call_evaluation"), digits=0))


async def hear_key(scene: Scene, inbound: Inbound) -> bool:
    """What was keyed when we asked by telephone: a number is kept, anything else is asked once more. Returns whether
    the caller is asked again; else the call may end. False where nothing was asked."""
    contact = scene.contact
    if not is_asked(contact):
        return False
    if inbound.kind is not InboundKind.KEYS:
        scene.say(scene.phrase("call_goodbye"))
        return False
    given = number_in(inbound.text)
    if given is None:
        scene.say(scene.phrase("call_not_understood"))
        if not contact.memory.get(_ASKED_AGAIN):
            contact.memory = {**contact.memory, _ASKED_AGAIN: True}
            scene.said.append(Ask(text=scene.phrase("call_evaluation"), digits=0))
            return True
        scene.say(scene.phrase("call_goodbye"))
        return False
    contact.memory = {**contact.memory, MEMORY: _GIVEN, _KEYED: given}
    await contacts.append(scene.session, contact.id, EntryKind.KEY, now=scene.now, keys=str(given))
    if contact.state is ContactState.CLOSED:
        await keep(scene.session, contact, given, house=scene.house, now=scene.now)
    scene.say(scene.phrase("call_evaluation_thanks"))
    return False


def keyed(contact: Contact) -> int | None:
    """What the caller keyed after the conversation; it goes before what the advisor wrote down."""
    given: int | None = contact.memory.get(_KEYED)
    return given


def asked(contact: Contact, caller: Caller, *, now: datetime) -> None:
    """The question goes out with the goodbye."""
    caller.evaluation_asked_at = now
    contact.memory = {**contact.memory, MEMORY: _ASKED}


async def take_in(
    session: WriteSession, inbound: Inbound, caller: Caller, event_id: int, *, house: House, now: datetime
) -> Contact | None:
    """Take words as the answer to our last question, when they are a number and nothing but thanks around it. Returns
    the contact that it is about, which stays closed; None for all other words, which open a contact like any words.

    A second number is thanked for and changes nothing. One who only thanks, or names two numbers, is told how to
    answer: to greet them anew would lose the question.
    """
    if caller.evaluation_asked_at is None or now - caller.evaluation_asked_at > ANSWERED_WITHIN:
        return None
    numbers = numbers_in(inbound.text) if inbound.kind is InboundKind.TEXT else None
    if numbers is None:
        return None
    contact = await contacts.last_asked_in(session, caller.id, MEMORY)
    if contact is None:
        return None
    await events.belongs_to(session, event_id, contact.id)
    await contacts.append(
        session,
        contact.id,
        EntryKind.TEXT_IN,
        now=now,
        text=inbound.text,
        provider_message_id=inbound.message_id,
    )
    first = contact.memory[MEMORY] == _ASKED
    phrase = "evaluation_had" if numbers else None
    if first and len(numbers) == 1:
        contact.memory = {**contact.memory, MEMORY: _GIVEN}
        await keep(session, contact, numbers[0], house=house, now=now)
        phrase = "evaluation_thanks"
    elif first:
        # Thanks after that need no answer.
        phrase = "evaluation_how" if numbers or _REMINDED not in contact.memory else None
        contact.memory = {**contact.memory, _REMINDED: True}
    if phrase is not None:
        await tell.tell_phrase(session, phrase, house=house, contact=contact, caller=caller, now=now)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    return contact


async def keep(session: WriteSession, contact: Contact, given: int, *, house: House, now: datetime) -> bool:
    """Into the record of a closed contact, by a record that corrects it. False when it has an evaluation already, or
    nobody knows any more which record it was."""
    row = await records.of_contact(session, contact.id)
    if row is None:
        return False
    record = await records.standing(session, records.as_rule(row))
    if record.evaluation is not None:
        return False
    corrected = replace(record, record_id=uuid4().hex, corrects=record.record_id, evaluation=given)
    await records.keep_instead(session, corrected, contact_id=contact.id)
    await counters.on_record(session, corrected, house=house, now=now)
    return True
