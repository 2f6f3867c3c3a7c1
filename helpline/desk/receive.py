"""The heart: one inbound thing in, one turn out, one transaction around it.

Seen this provider id before? Then the same answer and no second effect. Otherwise: find or open the contact, append,
let the triage read (first, always, in every state), move the state machine, leave entries, deliveries and a notice.
"""

from dataclasses import replace
from datetime import datetime

from helpline import triage
from helpline.core.codes import Channel, Outcome, Urgency
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind
from helpline.core.turn import Ask, Inbound, InboundKind, Turn
from helpline.desk import (
    ask,
    begin,
    call,
    close,
    erase,
    evaluate,
    guide,
    interest,
    phrasing,
    red,
    safe,
    share,
    tell,
)
from helpline.desk.house import House
from helpline.desk.scene import Scene
from helpline.store import callers, contacts, deliveries, events, interests, notices
from helpline.store.db import WriteSession
from helpline.store.tables import DeliveryKind
from helpline.triage import Finding
from helpline.triage.script import Act, Way, plain_words

#: Whole messages that stop and start texts (LESSONS §5: ours replace Twilio's own, after triage).
STOP_WORDS = frozenset({"stopp", "stop", "stopall", "unsubscribe"})
START_WORDS = frozenset({"start", "unstop"})
#: In a contact's memory: its language was guessed, for no words have told it so far.
LANGUAGE_UNSURE = "language_unsure"
#: Fewer words than this never change the language that we answer in: a name or a place tells nothing.
WORDS_THAT_TELL = 3
#: Most automatic answers an hour to one group, where others read along.
GROUP_ANSWERS = 3


async def receive(session: WriteSession, inbound: Inbound, *, house: House, now: datetime) -> Turn:
    """Take in one genuine event.

    Returns the turn; for a call its instructions are the answer, for texts they have become deliveries already. A
    repeat changes nothing and returns what was kept.
    """
    event_id = await events.take_in(
        session,
        provider=inbound.provider,
        account=inbound.account,
        external_id=inbound.external_id,
        raw=inbound.raw,
        now=now,
    )
    if event_id is None:
        kept = await events.kept_answer(
            session, provider=inbound.provider, account=inbound.account, external_id=inbound.external_id
        )
        return Turn(
            contact_id=kept.contact_id if kept else None, repeated=True, kept_answer=kept.answer if kept else None
        )
    if inbound.kind in call.KINDS:
        turn = await call.turn(session, inbound, house=house, now=now)
    elif inbound.kind is InboundKind.GROUP:
        turn = await _group(session, inbound, house=house, now=now)
    elif inbound.kind is InboundKind.BLOCKED_US:
        turn = await _blocked_us(session, inbound, house=house, now=now)
    elif inbound.kind is InboundKind.UNBLOCKED_US:
        turn = await _unblocked_us(session, inbound, now=now)
    else:
        return await _text(session, inbound, event_id, house=house, now=now)
    if turn.contact_id is not None:
        await events.belongs_to(session, event_id, turn.contact_id)
    return turn


async def _text(session: WriteSession, inbound: Inbound, event_id: int, *, house: House, now: datetime) -> Turn:
    if inbound.handle is None:
        return Turn()
    caller, new_caller = await callers.find_or_add(
        session, callers.handle_kind(inbound.channel), inbound.handle, now=now
    )
    caller.blocked_us_at = None
    # What has changed about the caller so far goes out with the rest: these two need not see it.
    with session.no_autoflush:
        contact = await contacts.open_text_contact(session, caller.id, lock=True)
        opened = contact is None
        # The language so far; for a new contact the one in which we wrote with this caller last.
        before = contact.language if contact is not None else caller.language
        if before is None and not new_caller:
            before = await contacts.last_text_language(session, caller.id)
        finding = triage.read(inbound.text, previous_language=before)
        if contact is None:
            rated = None
            if not finding.alarms:
                rated = await evaluate.take_in(session, inbound, caller, event_id, house=house, now=now)
            if rated is not None:
                return Turn(contact_id=rated.id, language=rated.language)
            contact = await begin.contact(
                session,
                inbound,
                caller,
                house=house,
                now=now,
                language=finding.language or before,
                returning=not new_caller,
            )
            if finding.language is None:
                contact.memory = {LANGUAGE_UNSURE: True}
    contact.last_inbound_at = now
    # Now rather than later: if these words ask to be erased, the raw event goes with them.
    await events.belongs_to(session, event_id, contact.id)
    scene = Scene(session=session, house=house, contact=contact, caller=caller, now=now, heard=inbound.text)
    # The step whose question these words answer, if one is being asked. With an advisor none is.
    asked = scene.here if scene.here.asks and contact.state in (ContactState.GUIDED, *IN_QUEUE) else None
    wordless = inbound.kind is InboundKind.MEDIA and not inbound.text.strip()
    written = inbound.kind is InboundKind.TEXT or (inbound.kind is InboundKind.MEDIA and not wordless)
    answers = asked if written else None
    entry_id = await contacts.append(
        session,
        contact.id,
        _ENTRY_KINDS.get(inbound.kind, EntryKind.TEXT_IN),
        now=now,
        text=_pressed(scene, inbound) if inbound.kind is InboundKind.CHOICE else inbound.text or None,
        provider_message_id=inbound.message_id,
        media=inbound.media,
        # What tells of danger is more than an answer.
        answer_to=answers.id if answers is not None and not finding.alarms else None,
    )
    scene.entry_id = entry_id
    scene.pressed = inbound.message_id if inbound.kind is InboundKind.CHOICE else None
    scene.alarmed = bool(finding.alarms or finding.guarded)
    scene.topics = () if scene.alarmed else finding.topics
    met_in = scene.language
    if not opened and inbound.kind is not InboundKind.CHOICE:
        _follow_language(scene, finding)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    was_guided = contact.state is ContactState.GUIDED
    shares = contact.step in share.STEPS and contact.state in (ContactState.GUIDED, *IN_QUEUE)
    finding = red.raised(scene, finding)
    answered = await red.alarm(scene, finding, entry_id)
    if safe.speaks_of_violence(finding):
        await interests.doubt(session, caller.id)
    contact.topics = sorted({*contact.topics, *finding.topics})
    if _is_word(inbound, STOP_WORDS) and inbound.channel is Channel.SMS:
        await _opt_out(scene, out=True)
    elif _is_word(inbound, START_WORDS) and inbound.channel is Channel.SMS and caller.opted_out_at is not None:
        await _opt_out(scene, out=False)
    elif finding.urgency is Urgency.RED:
        # The emergency answer has gone; the way to a human is open already, no menu stands between.
        if _asks_to_be_erased(scene):
            scene.erase = True
        elif await ask.set_aside(scene, answers, inbound.text):
            scene.say(scene.phrase("answers_kept"))
        elif shares:
            share.interrupted(scene)
    elif _always(scene) is Act.OFF_LIST:
        await interest.off_list(scene)
    elif was_guided and red.wants_a_human(finding):
        # Not acute, but somebody should read it: no menu decides whether an advisor gets to see it.
        if opened:
            await _welcome(scene)
        await guide.follow(scene, Way(do=Act.WAIT))
        if shares:
            share.go_on(scene)
        elif answers is not None:
            # In the middle of a question: an advisor sees it, and the caller goes on.
            contact.step = answers.id
            await guide.hear(scene, inbound.text)
    elif inbound.kind is InboundKind.EDITED and not opened:
        # The old words are answered already; the new ones are kept beside them.
        if asked is not None:
            scene.say(scene.phrase("answer_edited"))
    elif wordless and contact.state in (ContactState.GUIDED, *IN_QUEUE):
        scene.say(scene.phrase("media_received"))
        if opened:
            await guide.enter(scene, scene.script.start)
    elif contact.state is ContactState.GUIDED:
        await _guided(scene, inbound, opened=opened, answered=answered, met_in=met_in)
    elif contact.state in IN_QUEUE:
        await _waiting(scene, inbound)
    else:
        await _with_advisor(scene, inbound)
    if inbound.media is not None and written and contact.state in (ContactState.GUIDED, *IN_QUEUE):
        scene.say_before_asking(scene.phrase("media_beside_words"))
    if safe.must_ask(contact) and contact.state in IN_QUEUE and not scene.erase:
        await _ask_whether_safe(scene)
    await tell.tell_instructions(
        session,
        house=house,
        contact=contact,
        caller=caller,
        instructions=scene.said,
        now=now,
        needed=_is_needed(scene, finding, was_guided=was_guided),
    )
    if scene.erase:
        await erase.withdraw(session, contact, caller, house=house, now=now)
    return Turn(contact_id=contact.id, instructions=tuple(scene.said), language=contact.language)


def _follow_language(scene: Scene, finding: Finding) -> None:
    """A contact whose first words told no language («hi») gets that of the first sentence that does. What the caller
    chose stays, and so does what their own sentence told."""
    contact = scene.contact
    if not contact.memory.get(LANGUAGE_UNSURE) or finding.language is None:
        return
    if len(scene.heard.split()) >= WORDS_THAT_TELL:
        scene.remember(**{LANGUAGE_UNSURE: None})
        if scene.caller is None or scene.caller.language is None:
            contact.language = finding.language


_ENTRY_KINDS = {
    InboundKind.EDITED: EntryKind.EDITED,
    InboundKind.MEDIA: EntryKind.MEDIA,
    InboundKind.CHOICE: EntryKind.KEY,
}


def _is_word(inbound: Inbound, words: frozenset[str]) -> bool:
    return inbound.kind is InboundKind.TEXT and plain_words(inbound.text) in words


def _pressed(scene: Scene, inbound: Inbound) -> str:
    """What stood on the button that was pressed."""
    return phrasing.label_of(scene, inbound.text, step=inbound.step or scene.contact.step)


def _always(scene: Scene) -> Act | None:
    """What these words do wherever one stands; None for words that mean something only at some step."""
    way = scene.script.always(scene.heard)
    return way.do if way is not None else None


def _is_needed(scene: Scene, finding: Finding, *, was_guided: bool) -> bool:
    """Whether nobody may be met with silence now, however much we have written: danger, a word that works everywhere,
    and whoever has just got into the queue."""
    danger = Urgency.RED in (finding.urgency, scene.contact.urgency) or finding.urgency is Urgency.YELLOW
    return danger or _always(scene) is not None or (was_guided and scene.contact.state in IN_QUEUE)


def _asks_to_be_erased(scene: Scene) -> bool:
    return _always(scene) is Act.ERASE


async def _ask_whether_safe(scene: Scene) -> None:
    """After words about violence: whether we may write first. Once, and instead of any other question; what was being
    asked comes again afterwards."""
    scene.remember(**{safe.ASKED: True})
    scene.said[:] = [part for part in scene.said if not isinstance(part, Ask)]
    await guide.enter(scene, "safe")


async def _guided(scene: Scene, inbound: Inbound, *, opened: bool, answered: bool, met_in: str) -> None:
    """A caller with the automatic conversation. The first words get the welcome before anything else; so does whoever
    was met in a language that they may not read (`met_in`)."""
    if not opened:
        if scene.language != met_in and "en" in (scene.language, met_in):
            await _welcome(scene)
        await guide.hear(scene, inbound.text, step=inbound.step)
        return
    way = scene.script.always(inbound.text)
    if way is not None and way.language is not None:
        await guide.follow(scene, replace(way, go=scene.script.start))
        return
    if scene.script.is_greeting(inbound.text) or answered or guide.says_nothing(scene):
        await guide.enter(scene, scene.script.start)
        return
    await _welcome(scene)
    start = scene.script.steps[scene.script.start]
    scene.contact.asked_what_matters = scene.contact.asked_what_matters or start.asks_what_matters
    await guide.hear(scene, inbound.text, step=inbound.step)


async def _welcome(scene: Scene) -> None:
    """Who we are, to somebody who has said already what they came for."""
    for phrase in scene.script.steps[scene.script.start].say:
        scene.say(await phrasing.said(scene, phrase))


async def _waiting(scene: Scene, inbound: Inbound) -> None:
    """A caller in the queue: what they write is for the advisor, unless they have just been asked something. Where the
    conversation leads back to its menu they hear their place instead, for they chose already."""
    contact = scene.contact
    if not scene.here.waiting:
        contact.step = "waiting"
    await guide.hear(scene, inbound.text, step=inbound.step)
    if contact.state in IN_QUEUE and not scene.here.waiting:
        scene.said[:] = [part for part in scene.said if not isinstance(part, Ask)]
        await guide.wait_on(scene)


async def _with_advisor(scene: Scene, inbound: Inbound) -> None:
    """An advisor has the contact: the service keeps quiet. Erasing still works, as it always does, and so do the
    buttons below the question whether we may write; a «ja» in words may answer the advisor."""
    if _asks_to_be_erased(scene):
        scene.erase = True
    elif inbound.kind is InboundKind.CHOICE and inbound.step is not None and inbound.step in scene.script.steps:
        way = scene.script.hear(inbound.step, inbound.text, language=scene.language)
        if way is not None and way.do is Act.SAFE:
            # Nothing is asked any more, whatever was before.
            scene.contact.step = "waiting"
            await guide.follow(scene, replace(way, go=None))


async def _opt_out(scene: Scene, *, out: bool) -> None:
    assert scene.caller is not None
    kind = EntryKind.OPTED_OUT if out else EntryKind.OPTED_IN
    await contacts.append(scene.session, scene.contact.id, kind, now=scene.now)
    # One last text confirms it; after that only a red answer goes out.
    scene.caller.opted_out_at = None
    await tell.tell(
        scene.session,
        house=scene.house,
        contact=scene.contact,
        caller=scene.caller,
        text=scene.phrase("opted_out" if out else "opted_in"),
        now=scene.now,
        needed=True,
    )
    if out:
        scene.caller.opted_out_at = scene.now


async def _group(session: WriteSession, inbound: Inbound, *, house: House, now: datetime) -> Turn:
    """Written in a group: no contact is opened, for others read along; we ask for a conversation of our own."""
    if inbound.handle is None:
        return Turn()
    group, _ = await callers.find_or_add(session, "telegram", inbound.handle, now=now)
    if not callers.count_automatic(group, now=now, limit=GROUP_ANSWERS):
        return Turn()
    finding = triage.read(inbound.text)
    on = now.astimezone(house.zone).date()
    language = finding.language or inbound.language_hint or "nb"
    words = [house.phrases.say("group_refused", language=language, channel="telegram", on=on)]
    if finding.urgency is Urgency.RED:
        words = [*red.answer_lines(finding, house=house, language=language, on=on)[:1], *words]
    await deliveries.queue(
        session,
        contact_id=None,
        channel=Channel.TELEGRAM,
        kind=DeliveryKind.TEXT,
        now=now,
        to=inbound.handle,
        text="\n\n".join(words),
        urgency=finding.urgency,
        automatic=True,
    )
    return Turn(language=language)


async def _blocked_us(session: WriteSession, inbound: Inbound, *, house: House, now: datetime) -> Turn:
    """The caller stopped the bot: nothing more can reach them. An advisor in the conversation sees it."""
    if inbound.handle is None:
        return Turn()
    caller = await callers.find(session, callers.handle_kind(inbound.channel), inbound.handle, lock=True)
    if caller is None:
        return Turn()
    caller.blocked_us_at = now
    contact = await contacts.open_text_contact(session, caller.id, lock=True)
    if contact is None:
        return Turn()
    await contacts.append(session, contact.id, EntryKind.BLOCKED_US, now=now)
    await deliveries.cancel_pending(session, contact.id, DeliveryKind.TEXT, DeliveryKind.DOCUMENT)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    if contact.state is ContactState.GUIDED and contact.urgency is not Urgency.RED:
        await close.without_advisor(session, contact, Outcome.GUIDED, house=house, now=now)
    return Turn(contact_id=contact.id)


async def _unblocked_us(session: WriteSession, inbound: Inbound, *, now: datetime) -> Turn:
    """The caller let the bot in again: an advisor may write at once, without waiting for their next words."""
    if inbound.handle is None:
        return Turn()
    caller = await callers.find(session, callers.handle_kind(inbound.channel), inbound.handle, lock=True)
    if caller is None or caller.blocked_us_at is None:
        return Turn()
    caller.blocked_us_at = None
    contact = await contacts.open_text_contact(session, caller.id, lock=True)
    if contact is None:
        return Turn()
    await contacts.append(session, contact.id, EntryKind.UNBLOCKED_US, now=now)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    return Turn(contact_id=contact.id)
