"""One question after a contact, and its answer: how much we helped, from 0 to 10.

It is asked in the text that says goodbye, so that nothing begins anew, and only where it can do no harm. The answer
becomes a record that corrects the contact's: the log is only ever added to, and a recount stays equal.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from helpline.core.codes import Channel, Outcome, Urgency
from helpline.core.contact import EntryKind
from helpline.core.turn import Inbound, InboundKind
from helpline.desk import counters, safe, tell
from helpline.desk.house import House
from helpline.store import contacts, events, notices, records
from helpline.store.db import WriteSession
from helpline.store.tables import Caller, Contact

#: An answer counts within this long.
ANSWERED_WITHIN = timedelta(hours=72)
#: Nobody is asked twice within this long, as far as we still know them.
ASK_AGAIN_AFTER = timedelta(days=30)
#: Outcomes after which it is asked: an advisor helped.
_HELPED = (Outcome.COUNSELLED, Outcome.REFERRED)
#: In a closed contact's memory: `asked`, then `given`.
MEMORY = "evaluation"
_ASKED, _GIVEN = "asked", "given"

_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "null zero",
            "en ein én éin ett eitt one",
            "to two",
            "tre three",
            "fire four",
            "fem five",
            "seks six",
            "sju syv seven",
            "åtte eight",
            "ni nine",
            "ti ten",
        )
    )
    for word in words.split()
}


def number_in(words: str) -> int | None:
    """The number from 0 to 10 that a whole message is: «8», «8/10», «8 av 10», «åtte». None for everything else."""
    said = words.strip().strip(".!").strip().casefold()
    if said in _WORDS:
        return _WORDS[said]
    found = re.fullmatch(r"(10|\d)(?:\s*(?:/|av|of)\s*10)?", said, re.ASCII)
    return int(found[1]) if found else None


def may_ask(contact: Contact, caller: Caller, outcome: Outcome, *, now: datetime) -> bool:
    """Whether to ask: an advisor helped in writing, nobody was in acute danger, nothing spoke of violence without a
    word that it is safe, the caller wants texts, was not asked within a month, and has not told the advisor already."""
    return (
        contact.channel is not Channel.PHONE
        and outcome in _HELPED
        and contact.urgency is not Urgency.RED
        and caller.opted_out_at is None
        and caller.blocked_us_at is None
        and contact.draft.get("evaluation") is None
        and (caller.evaluation_asked_at is None or now - caller.evaluation_asked_at >= ASK_AGAIN_AFTER)
        and safe.to_write_first(contact)
    )


def asked(contact: Contact, caller: Caller, *, now: datetime) -> None:
    """The question goes out with the goodbye."""
    caller.evaluation_asked_at = now
    contact.memory = {**contact.memory, MEMORY: _ASKED}


async def take_in(
    session: WriteSession, inbound: Inbound, caller: Caller, event_id: int, *, house: House, now: datetime
) -> Contact | None:
    """Take a number as the answer to our last question, when it is one. Returns the contact that it is about, which
    stays closed; None for all other words, which open a contact like any words.

    A second number is thanked for and changes nothing.
    """
    if caller.evaluation_asked_at is None or now - caller.evaluation_asked_at > ANSWERED_WITHIN:
        return None
    given = number_in(inbound.text) if inbound.kind is InboundKind.TEXT else None
    if given is None:
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
    if first:
        contact.memory = {**contact.memory, MEMORY: _GIVEN}
        await keep(session, contact, given, house=house, now=now)
    phrase = "evaluation_thanks" if first else "evaluation_had"
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
