"""Walks the guided conversation: what a step says and asks, and what happens on the way to the next.

The script decides where a way leads; this file only carries out what the way names. Texts and calls share it.
"""

from typing import assert_never

from helpline.core.codes import Channel, Outcome, Urgency
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind, Wish
from helpline.core.turn import Ask, Choice, End, Hold, Say
from helpline.desk import (
    ask,
    asking,
    find_article,
    interest,
    opening,
    phrasing,
    question_words,
    read_rights,
    safe,
    share,
    wait,
    write_letter,
)
from helpline.desk.ask import Pressed
from helpline.desk.numbers import dialled_number
from helpline.desk.scene import Scene
from helpline.store import callers, contacts, interests, notices
from helpline.store.tables import DraftKind
from helpline.triage.script import RETURN, Act, Shows, Step, Way

__all__ = ["Scene"]

_NORWEGIAN = ("nb", "nn")
#: In a contact's memory: where the caller stood before a step apart.
_CAME_FROM = "came_from"

#: Being turned away at one of these steps stays the outcome if nothing better comes after it.
_TURNED_AWAY = {
    "closed": Outcome.CLOSED_HOURS,
    "nobody": Outcome.NOBODY_ON_DUTY,
    "queue_full": Outcome.QUEUE_FULL,
}


#: Acts on a caller's own words, where no answer to a question is waited for.
_ON_OWN_WORDS = (Act.NOTE, Act.SEARCH)
#: What steps show that the answers to questions led to.
_CAME_OF_QUESTIONS = (Shows.RIGHTS, Shows.LETTER, Shows.INSTEAD)
#: In the line, or so far ahead in it that an advisor's telephone rings: waiting on loses nothing.
_KEEPS_PLACE = (*IN_QUEUE, ContactState.CONNECTING)


async def enter(scene: Scene, name: str) -> None:
    """Stand at a step: say what it says, ask what it asks."""
    if name == RETURN:
        await _return(scene)
        return
    step = _allowed(scene, name)
    if step.apart and not scene.here.apart:
        scene.remember(**{_CAME_FROM: scene.here.id})
    scene.contact.step = step.id
    if step.id in _TURNED_AWAY:
        scene.remember(turned_away=_TURNED_AWAY[step.id].value)
    for phrase in step.say:
        scene.say(await phrasing.said(scene, phrase))
    if step.asks_what_matters:
        scene.contact.asked_what_matters = True
    match step.shows:
        case Shows.RIGHTS:
            await read_rights.begin(scene)
        case Shows.LETTER:
            await write_letter.hand_out(scene)
        case Shows.SUGGESTION:
            find_article.suggest(scene)
    await ask_here(scene)


async def ask_here(scene: Scene) -> None:
    """Ask what is asked where the caller stands, without what was said on the way there."""
    step = scene.here
    if step.ends:
        scene.said.append(End())
    elif step.asks is not None:
        instead = await ask.ask(scene, step)
        if instead is not None:
            await enter(scene, instead)
    elif step.ask is not None:
        scene.said.append(
            Ask(
                text=await phrasing.said(scene, step.ask),
                choices=_in_order(scene, [*await _held_out(scene, step), *_offered(scene, step)]),
                digits=step.digits,
                step=step.id,
            )
        )


def _in_order(scene: Scene, choices: list[Choice]) -> tuple[Choice, ...]:
    """Buttons as they come; where keys are read or heard, numbers in their order, then letters, then 0."""
    if scene.channel is Channel.TELEGRAM:
        return tuple(choices)
    return tuple(sorted(choices, key=lambda one: (one.key == "0", not one.key.isdecimal(), one.key.zfill(3))))


def _offered(scene: Scene, step: Step) -> list[Choice]:
    return [
        Choice(key=way.key, label=scene.phrase(way.label, language=way.language), language=way.language)
        for way in step.ways_in(scene.language)
        if way.label is not None
    ]


async def _held_out(scene: Scene, step: Step) -> list[Choice]:
    """The choices of a step that are worked out in the moment."""
    match step.shows:
        case Shows.RIGHTS:
            return await read_rights.choices(scene)
        case Shows.ARTICLES | Shows.SUGGESTION:
            return find_article.choices(scene, _first_number(scene, step))
        case Shows.INSTEAD:
            return await write_letter.instead(scene)
        case _:
            return []


def _first_number(scene: Scene, step: Step) -> int:
    """Where numbers begin that the step's own ways have not taken."""
    return max((int(way.key) for way in step.ways_in(scene.language) if way.key.isdecimal()), default=0) + 1


async def _chosen(scene: Scene, step: Step, words: str) -> bool:
    """Whether these words choose something that the step holds out; it is said then."""
    match step.shows:
        case Shows.RIGHTS:
            return await read_rights.chosen(scene, words)
        case Shows.ARTICLES | Shows.SUGGESTION:
            return find_article.chosen(scene, words, _first_number(scene, step))
        case Shows.INSTEAD:
            return await write_letter.take_instead(scene, words)
        case _:
            return False


def _allowed(scene: Scene, name: str) -> Step:
    step = scene.place(name)
    if "known_number" in step.unless and scene.caller is None:
        return scene.script.steps[step.unless["known_number"]]
    if "keyed_number" in step.unless and scene.contact.callback_sealed is None:
        return scene.script.steps[step.unless["keyed_number"]]
    return step


def say_way_back(scene: Scene, name: str) -> None:
    """«For norsk, tast 9», before anything else, to one who is met in a language chosen in an earlier call: another
    person may be calling, or the key was pressed by mistake."""
    language = scene.language
    if language in _NORWEGIAN:
        return
    for way in scene.place(name).ways_in(language):
        if way.label is not None and way.language in _NORWEGIAN:
            label = scene.phrase(way.label, language=way.language)
            words = scene.phrase("press", language=way.language, label=label, key=way.key)
            scene.said.append(Say(text=words, language=way.language))


async def hear(scene: Scene, words: str, *, step: str | None = None) -> None:
    """Follow the way that these words or keys lead from the caller's step (or the step whose button was pressed)."""
    scene.heard = words
    name, _, question = (step or scene.contact.step).partition("/")
    left, here = scene.here, scene.place(name)
    if question:
        await _press(scene, here, question, words)
    else:
        labels = {
            way.key: scene.phrase(way.label, language=way.language)
            for way in here.ways_in(scene.language)
            if way.label is not None
        }
        way = scene.script.hear(here.id, words, labels, language=scene.language)
        if (way is None or way is here.any) and await _chosen(scene, here, words):
            await (enter(scene, here.done) if here.done is not None else ask_here(scene))
        elif way is None:
            await enter(scene, here.id)
        elif way is here.any and way.do in _ON_OWN_WORDS and says_nothing(scene):
            await _answer_nothing(scene, here)
        else:
            await follow(scene, way, here=here)
    await _say_what_is_kept(scene, left)


def says_nothing(scene: Scene) -> bool:
    """Whether what was heard neither asks nor tells anything."""
    script = scene.script
    return script.courtesy(scene.heard) is not None or script.asks_nothing(scene.heard)


async def _answer_nothing(scene: Scene, here: Step) -> None:
    """They stay where they are. Thanks get a friendly word and no question; other words the question once more."""
    scene.contact.step = here.id
    courtesy = scene.script.courtesy(scene.heard)
    if courtesy is not None:
        scene.say(scene.phrase(courtesy))
    else:
        await ask_here(scene)


async def _press(scene: Scene, here: Step, question: str, key: str) -> None:
    """A button below a question. It answers that question if it is the one asked now, wherever the caller stands."""
    if here.asks is None:
        # The script has changed since.
        await ask_here(scene)
        return
    if key == question_words.PERSON:
        await wait_on(scene)
        return
    if key == question_words.BACK and question == await asking.asked_now(scene, here):
        scene.contact.step = here.id
        await _back(scene)
        return
    match await ask.press(scene, here, question, key):
        case Pressed.TAKEN:
            scene.contact.step = here.id
            await ask_here(scene)
        case Pressed.OLD:
            await ask_here(scene)


async def _say_what_is_kept(scene: Scene, left: Step) -> None:
    """To one who leaves questions before the last, or is shown an article instead of what they led to: that nothing is
    lost, and the word to go on with."""
    now = scene.here
    questions = left if left.asks is not None else scene.place(left.back or scene.script.menu)
    away = left.asks is not None or (left.shows in _CAME_OF_QUESTIONS and now.shows is Shows.ARTICLES)
    if not away or scene.erase or now.asks is not None or now.apart or now.id in (left.done, left.stop):
        return
    if scene.by_phone or not await asking.has_answers(scene, questions):
        return
    scene.say_before_asking(scene.phrase("answers_kept"))


async def follow(scene: Scene, way: Way, *, here: Step | None = None) -> None:
    """Carry out what a way names, then stand at its step. `here` is the step that it was heard at, where that is
    another than the one on which the caller stands (an old button)."""
    if way.do is not None and not await _act(scene, way.do, way.argument, here or scene.here):
        if way.otherwise is not None:
            await enter(scene, way.otherwise)
        elif way.do is Act.SEARCH:
            await ask_here(scene)
        return
    if way.go is not None:
        await enter(scene, way.go)
    else:
        await ask_here(scene)


async def _act(scene: Scene, act: Act, argument: str, here: Step) -> bool:
    """Do it. False ends the way here: the act has led somewhere of its own, or could not be done."""
    contact, session = scene.contact, scene.session
    match act:
        case Act.SAY:
            scene.say(await phrasing.said(scene, argument))
        case Act.NOTE | Act.LISTEN:
            if scene.contact.memory.get(_CAME_FROM) in share.STEPS:
                # Asked something else in the middle of their story, they go on with it.
                share.note(scene)
            elif scene.script.says_only(scene.heard, Act.SHARE_CHECK) and share.was_interrupted(scene):
                # «Done» with the story that danger interrupted; what is asked at a step apart is answered before it.
                if here.apart:
                    scene.say(scene.phrase("share_interrupted"))
                    await ask_here(scene)
                else:
                    share.take_up(scene)
                    contact.step = "share_more"
                    await hear(scene, scene.heard)
                return False
            elif act is Act.LISTEN:
                await _acknowledge(scene)
        case Act.WHERE:
            scene.say(scene.phrase("waiting_automatic"))
            await _say_where_they_stand(scene)
        case Act.SEARCH:
            return await find_article.search(scene)
        case Act.NO_ANSWER:
            await find_article.nothing_fits(scene)
        case Act.ARTICLE:
            if not find_article.read(scene, argument):
                scene.say(scene.phrase("nothing_found"))
        case Act.HELP_NOW:
            scene.say(phrasing.help_now(scene))
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
        case Act.BACK:
            await _back(scene, there=argument == "there")
            return False
        case Act.RESUME:
            await _resume(scene)
            return False
        case Act.BEGIN:
            return await asking.begin(scene, DraftKind(argument))
        case Act.ANEW:
            await asking.anew(scene, DraftKind(argument))
        case Act.ANSWER | Act.SKIP | Act.KEEP:
            do = {Act.SKIP: ask.skip, Act.KEEP: ask.keep}
            await (ask.answer(scene, here, scene.heard) if act is Act.ANSWER else do[act](scene, here))
            await ask_here(scene)
            return False
        case Act.PAGE:
            await write_letter.hand_out_page(scene, DraftKind(argument) if argument else asking.kind_of(here))
        case Act.RIGHTS_ON:
            return await read_rights.go_on(scene)
        case Act.RIGHTS_ANEW:
            read_rights.from_the_first(scene)
        case Act.SAFE:
            scene.remember(**{safe.ANSWERED: argument})
            scene.say(scene.phrase(f"safe_{argument}"))
            if scene.caller is not None and argument == "yes":
                await interests.trust(session, scene.caller.id, now=scene.now)
        case Act.SHARE:
            return share.note(scene)
        case Act.SHARE_CHECK:
            return await share.names_nobody(scene)
        case Act.SHARE_KEEP:
            await share.keep(scene)
        case Act.SHARE_DROP:
            share.drop(scene)
            scene.say(scene.phrase(argument) if argument else "")
        case Act.INTEREST:
            interest.choose(scene, argument)
        case Act.COUNTY:
            return interest.county(scene)
        case Act.INTEREST_KEEP:
            await interest.keep(scene)
        case Act.INTEREST_DROP:
            interest.drop(scene)
            scene.say(scene.phrase(argument))
        case Act.OFF_LIST:
            await interest.off_list(scene)
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


async def _back(scene: Scene, *, there: bool = False) -> None:
    """One step back: to the question before, to the step before, or from a step apart to where one came from. `there`
    means the step before the place one came from."""
    if scene.here.apart and not there:
        await _return(scene)
        return
    if scene.here.apart:
        scene.contact.step = _came_from(scene)
    here = scene.here
    before = scene.place(here.back or scene.script.menu)
    # From what came of the questions one goes back into them.
    questions = here if here.asks is not None else before
    if here.id == "waiting" and scene.contact.state in _KEEPS_PLACE:
        await wait_on(scene)
    elif questions.asks is not None and await ask.back(scene, questions):
        scene.contact.step = questions.id
        await ask_here(scene)
    else:
        await enter(scene, before.id)


def _came_from(scene: Scene) -> str:
    name = str(scene.contact.memory.get(_CAME_FROM, scene.script.menu))
    scene.remember(**{_CAME_FROM: None})
    return scene.place(name).id


async def _return(scene: Scene) -> None:
    name = _came_from(scene)
    if name == "waiting":
        await wait_on(scene)
        return
    scene.contact.step = name
    await ask_here(scene)


async def _resume(scene: Scene) -> None:
    """Go on with the story that danger interrupted, else with the questions that were begun last."""
    if share.was_interrupted(scene):
        share.take_up(scene)
        await enter(scene, "share_more")
        return
    kind = await asking.unfinished(scene)
    step = next((step for step in scene.script.steps.values() if kind is not None and step.asks == kind.value), None)
    if step is None:
        scene.say(scene.phrase("nothing_to_go_on_with"))
        await ask_here(scene)
        return
    await enter(scene, step.id)


async def _acknowledge(scene: Scene) -> None:
    """One who waits and asks gets an answer. One who tells more hears once that it arrived; after that we are quiet,
    for it is their story."""
    greets = scene.script.is_greeting(scene.heard)
    if not scene.alarmed and (greets or find_article.is_question(scene.heard)):
        # After danger an article would stand between them and the advisor; after violence others may read it.
        by_article = scene.contact.urgency is not Urgency.RED and not safe.quietly(scene.contact)
        scene.remember(acknowledged=True)
        scene.say(scene.phrase("waiting_automatic"))
        if greets or not by_article or not find_article.answer(scene):
            await _say_where_they_stand(scene)
    elif not scene.contact.memory.get("acknowledged"):
        scene.remember(acknowledged=True)
        scene.say(scene.phrase("added_to_message"))


async def _say_where_they_stand(scene: Scene) -> None:
    """To one who waits: their place, or why nobody comes yet."""
    house, contact, now = scene.house, scene.contact, scene.now
    channel = contact.channel.value
    state = await opening.state(scene.session, house=house, now=now)
    if not state.open:
        opens = opening.opens_in_words(state, house=house, now=now, language=contact.language, channel=channel)
        scene.say(scene.phrase("closed_text", opens=opens))
    elif not await wait.somebody_on_duty(scene.session):
        scene.say(scene.phrase("nobody_on_duty_text"))
    else:
        scene.say(await wait.place_in_words(scene.session, contact, house=house, now=now, channel=channel))


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
        greeted = Say(text=await phrasing.closed_now(scene))
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
