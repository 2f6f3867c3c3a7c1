"""The draft of a letter while it is being filled in, on a page or by an advisor: kept, read by the triage, finished."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from helpline import triage
from helpline.core.codes import AtRisk, Channel, Urgency
from helpline.core.contact import ContactState, EntryKind
from helpline.core.turn import Inbound, InboundKind
from helpline.desk import attend, begin, letter_file, page_links, red, tell
from helpline.desk.guide import Scene
from helpline.desk.house import House
from helpline.desk.letter_file import FileFormat
from helpline.errors import HelplineError
from helpline.guidance.letter import Letter
from helpline.guidance.phrases import page_language
from helpline.store import callers, contacts, drafts
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Advisor, Caller, Contact, Draft, DraftKind
from helpline.triage import Finding

#: What somebody else said: who speaks of dying there is not the one who writes.
_QUOTED = ".said"


async def save(
    session: WriteSession, draft: Draft, answers: Mapping[str, Any], *, house: House, now: datetime, by_caller: bool
) -> Finding | None:
    """Keep these answers. Returns what the triage found in words that are new, when it is red or yellow.

    `by_caller`: the caller wrote them; then a red finding alerts the advisors, as if it had been a message. An advisor
    who writes knows already.
    """
    asked = house.rights.questionnaire if draft.kind is DraftKind.RIGHTS else house.letters.questionnaire
    before = asked.texts(drafts.answers(session, draft))
    drafts.change(session, draft, answers, now=now)
    if draft.kind is DraftKind.LETTER:
        kind = answers.get("kind")
        draft.variant = kind if isinstance(kind, str) and kind in house.letters.kinds else None
    new = {path: words for path, words in asked.texts(answers).items() if before.get(path) != words}
    found: list[tuple[Finding, str]] = []
    for path, words in new.items():
        finding = triage.read(words, previous_language=draft.language)
        if path.endswith(_QUOTED) and finding.at_risk is AtRisk.SELF:
            finding = replace(finding, at_risk=AtRisk.OTHER)
        if finding.alarms and finding.urgency is not Urgency.GREEN:
            found.append((finding, words))
    if not found:
        return None
    worst, words = min(found, key=lambda one: one[0].urgency.rank)
    if by_caller and worst.urgency is Urgency.RED:
        await _alert(session, draft, worst, words, house=house, now=now)
    return worst


async def _alert(
    session: WriteSession, draft: Draft, finding: Finding, words: str, *, house: House, now: datetime
) -> None:
    """Put the words before the advisors, through the contact; a new one where it has been closed."""
    contact = await contacts.by_id(session, draft.contact_id, lock=True)
    if contact is None:
        return
    caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    if contact.state is ContactState.CLOSED and caller is not None:
        contact = await _open_one(session, contact, caller, house=house, now=now)
    contact.last_inbound_at = now
    entry_id = await contacts.append(session, contact.id, EntryKind.TEXT_IN, now=now, text=words)
    scene = Scene(session=session, house=house, contact=contact, caller=caller, now=now, heard=words)
    await red.alarm(scene, finding, entry_id)
    await tell.tell_instructions(
        session, house=house, contact=contact, caller=caller, instructions=scene.said, now=now, needed=True
    )


async def _open_one(session: WriteSession, closed: Contact, caller: Caller, *, house: House, now: datetime) -> Contact:
    """The caller's open text contact; a new one when there is none."""
    found = await contacts.open_text_contact(session, caller.id, lock=True)
    if found is not None:
        return found
    inbound = Inbound(
        provider="page",
        account="",
        external_id="",
        channel=Channel.SMS if closed.channel is Channel.PHONE else closed.channel,
        kind=InboundKind.TEXT,
        handle=callers.open_handle(session, caller),
    )
    return await begin.contact(session, inbound, caller, house=house, now=now, language=closed.language, returning=True)


def written(session: ReadSession, draft: Draft, *, house: House, now: datetime) -> Letter:
    """The letter of a draft.

    Raises:
        LetterError: a gate is shut, or answers are missing or wrong.
    """
    on = now.astimezone(house.zone).date()
    return house.letters.compose(drafts.answers(session, draft), page_language(draft.language), on)


async def finish(session: WriteSession, draft: Draft, *, house: House, now: datetime) -> Letter:
    """The letter is done, and the record of its contact counts it.

    Raises:
        LetterError: a gate is shut, or answers are missing or wrong.
    """
    letter = written(session, draft, house=house, now=now)
    if draft.finished_at is None:
        draft.finished_at = now
        await session.flush()
        contact = await contacts.by_id(session, draft.contact_id, lock=True)
        if contact is not None and contact.state is not ContactState.CLOSED:
            made = await drafts.finished(session, contact.id, DraftKind.LETTER)
            contact.draft = {**contact.draft, "letters": max(made, contact.draft.get("letters") or 0)}
    return letter


async def of_contact(
    session: WriteSession, contact_id: int, *, advisor: Advisor, now: datetime, anew: bool = False
) -> Draft:
    """The letter that an advisor works on with a caller: the one begun last, else a new one.

    Raises:
        NotFound: there is no such contact.
        TakenByAnother: it is not this advisor's contact.
    """
    contact = await attend.own_contact(session, contact_id, advisor=advisor)
    found = None if anew else await drafts.newest(session, contact.id, DraftKind.LETTER, now=now)
    if found is None:
        language = page_language(contact.language)
        return await drafts.begin(session, contact_id=contact.id, kind=DraftKind.LETTER, language=language, now=now)
    locked = await drafts.by_id(session, found.id, now=now, lock=True)
    assert locked is not None
    return locked


async def send_link(session: WriteSession, draft: Draft, *, house: House, advisor: Advisor, now: datetime) -> None:
    """Write the address of a one-time page of the draft to the caller. The words tell nothing of what it is.

    Raises:
        TakenByAnother: it is not this advisor's contact.
        HelplineError: the caller cannot be written to; the sentence says why.
    """
    contact, caller = await _reachable(session, draft, advisor=advisor, now=now)
    address = await page_links.make(session, draft.id, house=house, now=now)
    text = house.phrases.say(
        "letter_page",
        language=draft.language,
        channel="telegram" if contact.channel is Channel.TELEGRAM else "sms",
        on=now.astimezone(house.zone).date(),
        address=address,
    )
    sent = await tell.tell(
        session, house=house, contact=contact, caller=caller, text=text, now=now, advisor_id=advisor.id
    )
    if sent is None:
        # Held back on its way; raising takes the entry and the link back too.
        raise HelplineError("Innringeren kan ikke få en melding nå. Spør først om det er trygt.")


async def send_file(session: WriteSession, draft: Draft, *, house: House, advisor: Advisor, now: datetime) -> None:
    """Send the letter as a PDF to a caller on Telegram.

    Raises:
        TakenByAnother: it is not this advisor's contact.
        HelplineError: the caller cannot be written to, or not by Telegram; the sentence says why.
        LetterError: the letter cannot be written yet.
    """
    contact, caller = await _reachable(session, draft, advisor=advisor, now=now)
    if contact.channel is not Channel.TELEGRAM:
        raise HelplineError("En fil kan bare sendes på Telegram. Send siden i stedet.")
    letter = await finish(session, draft, house=house, now=now)
    await tell.send_letter(
        session,
        contact=contact,
        caller=caller,
        name=letter_file.file_name(letter, FileFormat.PDF),
        draft_id=draft.id,
        answers=json.dumps(drafts.answers(session, draft), ensure_ascii=False),
        language=letter.language,
        on=letter.on.isoformat(),
        now=now,
    )


async def _reachable(session: WriteSession, draft: Draft, *, advisor: Advisor, now: datetime) -> tuple[Contact, Caller]:
    """The contact of a draft and whom to write to, when this advisor may and it can arrive."""
    contact = await attend.own_contact(session, draft.contact_id, advisor=advisor)
    caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    if caller is None:
        raise HelplineError("Vi har ikke noe nummer å skrive til: innringeren er anonym.")
    problem = attend.cannot_write(contact, caller, now=now) if contact.channel is not Channel.PHONE else None
    if problem is None and caller.opted_out_at is not None:
        problem = "Innringeren har sendt STOPP og får ikke meldinger. De kan åpne igjen med START."
    if problem is not None:
        raise HelplineError(problem)
    return contact, caller
