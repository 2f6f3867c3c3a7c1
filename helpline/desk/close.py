"""Close a contact and write its record, in one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from helpline.core.codes import Channel, Direction, Outcome
from helpline.core.contact import ContactState, EntryKind
from helpline.core.duty import Duty
from helpline.core.record import Record, RecordError, deidentified
from helpline.desk import counters, evaluate, offer, red, ring, safe, tell
from helpline.desk.house import House
from helpline.errors import HelplineError, NotFound, TakenByAnother
from helpline.store import advisors, callers, contacts, interests, notices, records
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, Caller, Contact

#: Leaving the queue within this long is a short abandon (LESSONS §4).
SHORT_ABANDON = timedelta(seconds=10)
#: Trying again within this long is a redial.
REDIAL = timedelta(hours=24)

#: What an advisor fills in; everything else in a record is measured.
ASKED = (
    "enquirer",
    "relation",
    "gender",
    "age_band",
    "county",
    "municipality",
    "challenge_areas",
    "topics",
    "caller_status",
    "asked_what_matters",
    "letters",
    "articles_used",
    "referred_from",
    "referred_to",
    "source",
    "evaluation",
)
#: Outcomes that only the course of the contact can give, not an advisor.
_MEASURED = {
    Outcome.ABANDONED,
    Outcome.SHORT_ABANDON,
    Outcome.LEFT_MENU,
    Outcome.CLOSED_HOURS,
    Outcome.NOBODY_ON_DUTY,
    Outcome.QUEUE_FULL,
    Outcome.WITHDRAWN,
    Outcome.BLOCKED,
    Outcome.FAILED,
    Outcome.GUIDED,
}


def choosable_outcomes(contact: Contact) -> list[Outcome]:
    """The outcomes that an advisor may choose from. «Emergency numbers, no advisor» is one of them only where the
    service gave such numbers."""
    return [
        outcome
        for outcome in Outcome
        if outcome not in _MEASURED
        and (outcome is not Outcome.EMERGENCY_ADVISED or contact.memory.get(red.EMERGENCY_ANSWERED))
    ]


async def save_draft(
    session: WriteSession, contact_id: int, answers: Mapping[str, Any], *, advisor: Advisor, now: datetime
) -> None:
    """Keep the record as far as it is filled in, for whoever has the contact.

    Raises:
        TakenByAnother: it is not this advisor's contact now.
    """
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is None or contact.advisor_id != advisor.id or contact.state is ContactState.CLOSED:
        raise TakenByAnother("Henvendelsen er ikke lenger din.")
    contact.draft = {**contact.draft, **{name: value for name, value in answers.items() if name in ASKED}}


async def close(
    session: WriteSession,
    contact_id: int,
    *,
    outcome: Outcome,
    answers: Mapping[str, Any],
    house: House,
    advisor: Advisor,
    now: datetime,
    say_goodbye: bool = True,
) -> Record:
    """The advisor is done: outcome and answers become the record, and the next one may come.

    Raises:
        NotFound: there is no such contact.
        TakenByAnother: it is not this advisor's, or it is closed already.
        HelplineError: an answer is not one of the codes; the sentence names it.
    """
    found = await contacts.by_id(session, contact_id)
    if found is not None and found.caller_id is not None:
        # The caller before the contact: the order in which a text that comes in now locks them too.
        await callers.by_id(session, found.caller_id, lock=True)
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is None:
        raise NotFound("Denne henvendelsen finnes ikke.")
    if outcome not in choosable_outcomes(contact):
        raise HelplineError("Velg hvordan henvendelsen endte.")
    if contact.advisor_id != advisor.id or contact.state not in (
        ContactState.ACTIVE,
        ContactState.WRAP_UP,
        ContactState.CONNECTING,
    ):
        raise TakenByAnother("Henvendelsen er lukket allerede, eller en annen har den.")
    if outcome is Outcome.EMERGENCY_ADVISED and await _advisor_wrote(session, contact):
        raise HelplineError("Innringeren har fått svar fra en rådgiver. Velg et annet utfall.")
    contact.draft = {**contact.draft, **{name: value for name, value in answers.items() if name in ASKED}}
    if say_goodbye and contact.channel is not Channel.PHONE and contact.caller_id is not None:
        caller = await callers.by_id(session, contact.caller_id)
        if caller is not None and caller.blocked_us_at is None and outcome is not Outcome.NON_COUNSELLING:
            await _say_goodbye(session, contact, caller, outcome, house=house, now=now)
    await ring.stop_ringing(session, contact.id, now=now, but_the_caller=evaluate.is_asked(contact))
    if contact.caller_id is not None and not safe.to_write_first(contact):
        await interests.doubt(session, contact.caller_id)
    record = await _finish(session, contact, outcome, house=house, now=now, advisor_id=advisor.id)
    if await advisors.number_of_contacts(session, advisor.id) == 0:
        await advisors.set_duty(session, advisor.id, Duty.ON, now=now, only_from=(Duty.BUSY, Duty.WRAP_UP))
        notices.give(session, notices.DUTY, now=now, advisor_id=advisor.id)
    await offer.hold_out(session, house=house, now=now)
    return record


async def _say_goodbye(
    session: WriteSession, contact: Contact, caller: Caller, outcome: Outcome, *, house: House, now: datetime
) -> None:
    """That the conversation is closed, and in the same text the one question about it where it may be asked."""
    phrases = ["conversation_closed"]
    if evaluate.may_ask(contact, caller, outcome, now=now):
        phrases.append("evaluation_ask")
    channel = contact.channel.value
    said = (tell.words(one, house=house, language=contact.language, channel=channel, now=now) for one in phrases)
    on_its_way = await tell.tell(
        session, house=house, contact=contact, caller=caller, text="\n\n".join(said), now=now, unasked=True
    )
    if len(phrases) > 1 and on_its_way is not None:
        evaluate.asked(contact, caller, now=now)


async def without_advisor(
    session: WriteSession, contact: Contact, outcome: Outcome, *, house: House, now: datetime
) -> Record:
    """A contact that ends by itself: the caller left, withdrew, or the guided conversation fell silent."""
    if outcome is Outcome.GUIDED and contact.memory.get(red.EMERGENCY_ANSWERED) and not _was_guided(contact):
        outcome = Outcome.EMERGENCY_ADVISED
    return await _finish(session, contact, outcome, house=house, now=now, advisor_id=None)


def _was_guided(contact: Contact) -> bool:
    """Whether the service gave guidance, which goes before emergency numbers when both fit (DESIGN §7)."""
    return bool(contact.draft.get("articles_used") or contact.draft.get("letters"))


async def _advisor_wrote(session: WriteSession, contact: Contact) -> bool:
    course = await contacts.entries(session, contact.id)
    return any(entry.kind is EntryKind.TEXT_OUT and entry.advisor_id is not None for entry in course)


async def _finish(
    session: WriteSession, contact: Contact, outcome: Outcome, *, house: House, now: datetime, advisor_id: int | None
) -> Record:
    await session.flush()
    try:
        record = await _record(session, contact, outcome, now=now, house=house)
    except RecordError as error:
        raise HelplineError(f"Svaret kan ikke lagres: {error}") from error
    closed = await contacts.move(
        session,
        contact.id,
        ContactState.CLOSED,
        outcome=outcome,
        closed_at=now,
        reply_draft=None,
        callback_sealed=None,
    )
    if closed is None:
        raise TakenByAnother("Henvendelsen er lukket allerede.")
    await records.keep(session, record, contact_id=contact.id)
    await counters.on_record(session, record, house=house, now=now)
    await contacts.append(session, contact.id, EntryKind.CLOSED, now=now, advisor_id=advisor_id, outcome=outcome.value)
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    return record


async def _record(session: WriteSession, contact: Contact, outcome: Outcome, *, house: House, now: datetime) -> Record:
    """Everything measured, and what the advisor answered. Codes only; times are cut to the hour."""
    answers = {name: value for name, value in contact.draft.items() if name in ASKED and value not in (None, "", [])}
    for name in ("challenge_areas", "topics", "articles_used", "referred_from", "referred_to"):
        answers[name] = tuple(answers.get(name, ()))
    if not answers["topics"]:
        answers["topics"] = tuple(contact.topics)
    answers.setdefault("asked_what_matters", contact.asked_what_matters)
    if (keyed := evaluate.keyed(contact)) is not None:
        answers["evaluation"] = keyed
    if "caller_status" not in answers and contact.returning is not None:
        answers["caller_status"] = "returning" if contact.returning else "new"
    wait_ended = contact.answered_at or await _left_queue_at(session, contact) or contact.ended_at or now
    waited = wait_ended - contact.waiting_since if contact.waiting_since is not None else None
    handled = now - contact.accepted_at if contact.accepted_at is not None else None
    return deidentified(
        Record(
            record_id=uuid4().hex,
            kind="contact",
            origin=contact.origin,
            opened_at=contact.opened_at,
            closed_at=now,
            channel=contact.channel.value,
            direction=Direction(contact.direction).value,
            language=contact.language,
            urgency=contact.urgency.value,
            waited_seconds=_seconds(waited),
            handled_seconds=_seconds(handled),
            outcome=outcome.value,
            redial_24h=await _redial(session, contact),
            **answers,
        ),
        house.zone,
    )


async def _left_queue_at(session: WriteSession, contact: Contact) -> datetime | None:
    """When one who stepped out of the queue and went on by themselves did so; None for everybody else."""
    if contact.state is not ContactState.GUIDED or contact.waiting_since is None:
        return None
    left = await contacts.last_entry(session, contact.id, EntryKind.LEFT)
    return left.at if left is not None else None


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else min(max(0, round(time.total_seconds())), 2_592_000)


async def _redial(session: WriteSession, contact: Contact) -> bool | None:
    """Whether the same caller tried within the last 24 hours without being answered; None when unknown."""
    if contact.caller_id is None:
        return None
    before = await contacts.last_before(session, contact.caller_id, contact.id)
    unanswered = {Outcome.ABANDONED, Outcome.SHORT_ABANDON, Outcome.NOBODY_ON_DUTY, Outcome.QUEUE_FULL, Outcome.FAILED}
    return bool(before and before.outcome in unanswered and contact.opened_at - before.opened_at <= REDIAL)
