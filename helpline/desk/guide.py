"""Walks the guided conversation: what a step says and asks, and what happens on the way to the next.

The script decides where a way leads; this file only carries out what the way names. Texts and calls share it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from helpline.core.codes import Channel, Outcome
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind, Wish
from helpline.core.turn import Ask, Choice, End, Hold, Instruction, Say
from helpline.desk import gaps, opening, wait
from helpline.desk.house import House
from helpline.desk.numbers import dialled_number, shown
from helpline.guidance import WEAKEST_HIT
from helpline.guidance.phrases import page_language
from helpline.store import callers, contacts, notices
from helpline.store.db import WriteSession
from helpline.store.tables import Caller, Contact, Entry
from helpline.triage.script import Act, Script, Step, Way

_NORWEGIAN = ("nb", "nn")
#: In a contact's memory: the entry whose words an article was last found for.
SEARCHED = "searched"


@dataclass(kw_only=True)
class Scene:
    """One turn of one conversation: who, where, and what has been said so far in it."""

    session: WriteSession
    house: House
    contact: Contact
    caller: Caller | None
    now: datetime
    heard: str = ""
    said: list[Instruction] = field(default_factory=list)
    #: Set when the caller asked to be erased: nothing more is kept about them.
    erase: bool = False

    @property
    def script(self) -> Script:
        return self.house.call_script if self.contact.channel is Channel.PHONE else self.house.text_script

    def phrase(self, name: str, *, language: str | None = None, **parameters: str | int) -> str:
        return self.house.phrases.say(
            name,
            language=language or self.contact.language,
            channel=self.contact.channel.value,
            on=self.now.astimezone(self.house.zone).date(),
            **parameters,
        )

    def say(self, text: str) -> None:
        if text:
            self.said.append(Say(text=text))


#: Being turned away at one of these steps stays the outcome if nothing better comes after it.
_TURNED_AWAY = {
    "closed": Outcome.CLOSED_HOURS,
    "nobody": Outcome.NOBODY_ON_DUTY,
    "queue_full": Outcome.QUEUE_FULL,
}


#: In the line, or so far ahead in it that an advisor's telephone rings: waiting on loses nothing.
_KEEPS_PLACE = (*IN_QUEUE, ContactState.CONNECTING)


async def enter(scene: Scene, name: str) -> None:
    """Stand at a step: say what it says, ask what it asks."""
    step = _allowed(scene, name)
    scene.contact.step = step.id
    if step.id in _TURNED_AWAY:
        scene.contact.memory = {**scene.contact.memory, "turned_away": _TURNED_AWAY[step.id].value}
    for phrase in step.say:
        scene.say(await said(scene, phrase))
    if step.asks_what_matters:
        scene.contact.asked_what_matters = True
    if step.ends:
        scene.said.append(End())
    elif step.ask is not None:
        scene.said.append(
            Ask(
                text=scene.phrase(step.ask),
                choices=tuple(
                    Choice(key=way.key, label=scene.phrase(way.label, language=way.language), language=way.language)
                    for way in step.ways_in(page_language(scene.contact.language))
                    if way.label is not None
                ),
                digits=step.digits,
                step=step.id,
            )
        )


def _allowed(scene: Scene, name: str) -> Step:
    step = place(scene, name)
    if "known_number" in step.unless and scene.caller is None:
        return scene.script.steps[step.unless["known_number"]]
    if "keyed_number" in step.unless and scene.contact.callback_sealed is None:
        return scene.script.steps[step.unless["keyed_number"]]
    return step


async def said(scene: Scene, phrase: str) -> str:
    """A phrase of a script, with what it needs of this moment."""
    if phrase == "closed_now":
        return await _closed_now(scene)
    if phrase == "call_closed":
        state = await opening.state(scene.session, house=scene.house, now=scene.now)
        opens = opening.opens_in_words(
            state, house=scene.house, now=scene.now, language=scene.contact.language, channel="phone"
        )
        return scene.phrase(phrase, opens=opens)
    if phrase == "callback_keyed":
        keyed = scene.contact.callback_sealed
        return scene.phrase(phrase, number=shown(scene.session.keyring.open(keyed))) if keyed else ""
    return scene.phrase(phrase)


async def _closed_now(scene: Scene) -> str:
    """That we are closed, when we open, and who answers day and night; nothing while we are open."""
    state = await opening.state(scene.session, house=scene.house, now=scene.now)
    if state.open:
        return ""
    channel = scene.contact.channel
    if channel is Channel.SMS:
        # Every character is paid for; why we are closed is told to those who ask to wait.
        state = replace(state, message="")
    opens = opening.opens_in_words(
        state, house=scene.house, now=scene.now, language=scene.contact.language, channel=channel.value
    )
    return scene.phrase("closed_now", opens=opens)


def place(scene: Scene, name: str) -> Step:
    """A step by name; the first one when the script has changed and no longer knows it."""
    return scene.script.steps.get(name) or scene.script.steps[scene.script.start]


def say_way_back(scene: Scene, name: str) -> None:
    """«For norsk, tast 9», before anything else, to one who is met in a language chosen in an earlier call: another
    person may be calling, or the key was pressed by mistake."""
    language = page_language(scene.contact.language)
    if language in _NORWEGIAN:
        return
    for way in place(scene, name).ways_in(language):
        if way.label is not None and way.language in _NORWEGIAN:
            label = scene.phrase(way.label, language=way.language)
            words = scene.phrase("press", language=way.language, label=label, key=way.key)
            scene.said.append(Say(text=words, language=way.language))


async def hear(scene: Scene, words: str, *, step: str | None = None) -> None:
    """Follow the way that these words or keys lead from the caller's step (or the step whose button was pressed)."""
    scene.heard = words
    here = place(scene, step or scene.contact.step)
    language = page_language(scene.contact.language)
    labels = {
        way.key: scene.phrase(way.label, language=way.language)
        for way in here.ways_in(language)
        if way.label is not None
    }
    way = scene.script.hear(here.id, words, labels, language=language)
    if way is None:
        await enter(scene, here.id)
        return
    await follow(scene, way)


async def follow(scene: Scene, way: Way) -> None:
    """Carry out what a way names, then stand at its step."""
    if way.do is not None and not await _act(scene, way.do, way.argument):
        if way.otherwise is not None:
            await enter(scene, way.otherwise)
        return
    if way.go is not None:
        await enter(scene, way.go)


async def _act(scene: Scene, act: Act, argument: str) -> bool:
    """Do it. False ends the way here: the act has led somewhere of its own, or could not be done."""
    contact, session = scene.contact, scene.session
    match act:
        case Act.SAY:
            scene.say(await said(scene, argument))
        case Act.NOTE | Act.LISTEN:
            if act is Act.LISTEN:
                await _acknowledge(scene)
        case Act.SEARCH:
            await _search(scene)
        case Act.NOT_IT:
            await _not_it(scene)
        case Act.ARTICLE:
            _article(scene, argument)
        case Act.HELP_NOW:
            scene.say(scene.phrase("help_now"))
        case Act.HOURS:
            scene.say(
                await opening.in_words(
                    session,
                    house=scene.house,
                    now=scene.now,
                    language=contact.language,
                    channel=contact.channel.value,
                )
            )
        case Act.LANGUAGE:
            contact.language = argument
            if scene.caller is not None:
                scene.caller.language = argument
            if contact.channel is not Channel.PHONE:
                scene.say(scene.phrase("language_set"))
        case Act.ERASE:
            scene.erase = True
            return False
        case Act.WAIT:
            await wait_on(scene)
            return False
        case Act.LEAVE_QUEUE:
            if not await wait.leave(session, contact, house=scene.house, now=scene.now):
                return False
            scene.say(scene.phrase("left_queue"))
        case Act.OWN_NUMBER:
            if scene.caller is None:
                return False
            contact.callback_sealed = session.keyring.seal(callers.open_handle(session, scene.caller))
        case Act.OTHER_NUMBER:
            number = dialled_number(scene.heard)
            if number is None:
                return False
            contact.callback_sealed = session.keyring.seal(number)
        case Act.DROP_NUMBER:
            contact.callback_sealed = None
        case Act.FORGET_NUMBER:
            contact.callback_sealed = None
            scene.say(scene.phrase("callback_not_safe"))
            await _back_to_the_line(scene)
            return False
        case Act.CALLBACK:
            await _ask_callback(scene)
        case Act.WAIT_OR_END:
            # A number that nobody called safe is not kept.
            contact.callback_sealed = None
            if contact.state in _KEEPS_PLACE:
                await _back_to_the_line(scene)
            else:
                await enter(scene, "goodbye")
            return False
        case _:
            assert_never(act)
    return True


async def _acknowledge(scene: Scene) -> None:
    """One who waits and writes more hears once that it arrived; after that we are quiet, so that no loop can start."""
    if not scene.contact.memory.get("acknowledged"):
        scene.contact.memory = {**scene.contact.memory, "acknowledged": True}
        scene.say(scene.phrase("added_to_message"))


async def _search(scene: Scene) -> None:
    language, on = page_language(scene.contact.language), scene.now.astimezone(scene.house.zone).date()
    hits = scene.house.library.search(scene.heard, language=language, limit=1, audience="caller", on=on)
    if hits and hits[0].score >= WEAKEST_HIT:
        _article(scene, hits[0].slug)
        scene.say(scene.phrase("not_it"))
        asked = await contacts.last_entry(scene.session, scene.contact.id, EntryKind.TEXT_IN)
        if asked is not None:
            scene.contact.memory = {**scene.contact.memory, SEARCHED: asked.id}
    else:
        await _unanswered(scene, scene.heard)


async def _unanswered(scene: Scene, question: str) -> None:
    """Say that there is no answer, and count the question for the editors, without anything that says whose it was."""
    scene.say(scene.phrase("nothing_found"))
    await gaps.count(
        scene.session,
        question,
        house=scene.house,
        asked_by=gaps.CALLER,
        language=scene.contact.language,
        now=scene.now,
    )


async def _not_it(scene: Scene) -> None:
    """The article was not what they asked for: their question is one that nobody has answered yet."""
    searched = scene.contact.memory.get(SEARCHED)
    asked = await scene.session.get(Entry, searched) if searched is not None else None
    question = contacts.words(scene.session, asked) if asked is not None else None
    if question is None:
        scene.say(scene.phrase("nothing_found"))
        return
    scene.contact.memory = {key: kept for key, kept in scene.contact.memory.items() if key != SEARCHED}
    await _unanswered(scene, question)


def _article(scene: Scene, slug: str) -> None:
    on = scene.now.astimezone(scene.house.zone).date()
    articles = scene.house.library.for_caller(slug, scene.contact.language, on)
    if not articles:
        scene.say(scene.phrase("nothing_found"))
        return
    for article in articles:
        scene.say(article.short)
    used = scene.contact.draft.get("articles_used", [])
    if slug not in used:
        scene.contact.draft = {**scene.contact.draft, "articles_used": [*used, slug]}


async def wait_on(scene: Scene) -> None:
    """To the queue, whatever its state: closed, empty of advisors and full have answers of their own."""
    session, house, contact, now = scene.session, scene.house, scene.contact, scene.now
    by_phone = contact.channel is Channel.PHONE
    if contact.state in _KEEPS_PLACE:
        contact.step = "waiting"
        if by_phone:
            scene.said.append(Hold())
        else:
            scene.say(await wait.place_in_words(session, contact, house=house, now=now, channel=contact.channel.value))
        return
    state = await opening.state(session, house=house, now=now)
    staffed = await wait.somebody_on_duty(session)
    if by_phone:
        await _wait_on_the_line(scene, open_now=state.open, staffed=staffed)
        return
    await wait.enter(session, contact, house=house, now=now)
    if not state.open:
        # Those who ask with their first words have been greeted with it a line ago: once is enough.
        greeted = Say(text=await _closed_now(scene))
        scene.said[:] = [part for part in scene.said if part != greeted]
        opens = opening.opens_in_words(
            state, house=house, now=now, language=contact.language, channel=contact.channel.value
        )
        scene.say(scene.phrase("closed_text", opens=opens))
    elif not staffed:
        scene.say(scene.phrase("nobody_on_duty_text"))
    else:
        scene.say(await wait.place_in_words(session, contact, house=house, now=now, channel=contact.channel.value))


async def _wait_on_the_line(scene: Scene, *, open_now: bool, staffed: bool) -> None:
    session, house, contact, now = scene.session, scene.house, scene.contact, scene.now
    if not open_now:
        await enter(scene, "closed")
    elif not staffed:
        await enter(scene, "nobody")
    elif await contacts.queue_length(session) >= house.longest_queue:
        await enter(scene, "queue_full")
    else:
        await wait.enter(session, contact, house=house, now=now)
        scene.say(await wait.place_in_words(session, contact, house=house, now=now, channel="phone"))
        scene.said.append(Hold())


async def _back_to_the_line(scene: Scene) -> None:
    """Out of the questions about ringing back. Whoever stood in the queue stands there still, and is told so; others
    get what one who asks to wait gets, be it that we are closed."""
    if scene.contact.state in _KEEPS_PLACE:
        scene.say(scene.phrase("call_place_kept"))
    await wait_on(scene)


async def _ask_callback(scene: Scene) -> None:
    """A waiting contact of its own kind: the place is kept, the caller may hang up."""
    contact = scene.contact
    contact.wish = Wish.CALLBACK
    await contacts.append(scene.session, contact.id, EntryKind.CALLBACK_ASKED, now=scene.now)
    if contact.state is ContactState.GUIDED:
        await wait.enter(scene.session, contact, house=scene.house, now=scene.now)
    notices.give(scene.session, notices.QUEUE, now=scene.now, contact_id=contact.id)
