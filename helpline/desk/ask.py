"""Walks a questionnaire in a conversation: asks one question after the other, and takes what is answered.

What a button of a question says is the question's own name: one of an earlier question never answers a later one.
Words that cannot be an answer get a kind sentence, and the question stays.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from helpline.core.codes import UNKNOWN, Channel
from helpline.core.questionnaire import AnswerError, AnswerKind, Misread, Place, Question
from helpline.desk import tell
from helpline.desk.asking import (
    PICKED,
    TURNED,
    WAS,
    Asking,
    anew,
    at,
    begun,
    has_answers,
    kind_of,
    name_of,
)
from helpline.desk.keys import MORE, has_more, read_out
from helpline.desk.question_words import DONE, KEEP, SKIP, knows, may_be_skipped, put
from helpline.desk.scene import Scene
from helpline.store.tables import DraftKind
from helpline.triage.script import Step, plain_words

_YES = frozenset({"1", "ja", "j", "yes", "y", "jepp", "yep"})
_NO = frozenset({"2", "nei", "n", "no", "nope"})
#: A text message of so many characters may be a part of a longer one: the provider cuts at 1600, and the parts come
#: within seconds, in either order. No question has room for the whole.
_MAY_BE_PART = 1500
_PARTS_COME = timedelta(seconds=20)
#: Nobody reads the next question and answers it at length in less.
_REST_FIRST = timedelta(seconds=3)
#: In a contact's memory: when such a part came, in seconds since 1970, and how many characters have come with it.
_PART_AT, _PART_LENGTH = "part_at", "part_length"


async def ask(scene: Scene, step: Step) -> str | None:
    """Ask what comes now. Returns the step to go to instead, when everything has been answered or must stop."""
    kind = kind_of(step)
    asking = await begun(scene, kind)
    if asking is None:
        # Its 72 hours are over, or it was erased.
        await anew(scene, kind)
        asking = await begun(scene, kind)
        assert asking is not None
    if step.stop is not None and must_stop(scene, asking):
        return step.stop
    place = asking.place
    while place is not None and not _can_be_asked(scene, place):
        asking.keep(scene, asking.questionnaire.answer(asking.answers, place, None))
        place = asking.place
    if place is None:
        asking.keep(scene, asking.answers, **{WAS: None, PICKED: None, TURNED: None})
        asking.draft.finished_at = scene.now
        return step.done
    scene.said.append(put(scene, step, asking, place))
    return None


def must_stop(scene: Scene, asking: Asking) -> bool:
    """Whether the answers say that a letter must not be written now (the gate of the letters)."""
    return asking.draft.kind is DraftKind.LETTER and scene.house.letters.stop(asking.answers, scene.on) is not None


def _can_be_asked(scene: Scene, place: Place) -> bool:
    """On a telephone only what keys can answer; the check of the scripts sees to it that nothing else is needed."""
    return not scene.by_phone or place.question.keyed


async def answer(scene: Scene, step: Step, words: str) -> None:
    """Take words or keys as the answer to what is asked now; words that cannot be one get a kind sentence, and the
    question stays."""
    asking = await at(scene, step)
    place = asking.place if asking else None
    if asking is None or place is None:
        return
    if scene.by_phone and words == MORE and place.asks is not None and has_more(place.asks):
        asking.keep(scene, asking.answers, **{TURNED: {name_of(place): asking.turned(place) + 1}})
        return
    length = len(words.strip())
    if _goes_on(scene):
        # The rest of a text that was too long: alone it would be half an answer.
        scene.say(_misread(scene, place, Misread.TOO_LONG, _length_so_far(scene, words)))
        return
    try:
        value = _read(scene, asking, place, words)
        answers = asking.questionnaire.answer(asking.answers, place, value)
    except AnswerError as error:
        if error.reason is Misread.TOO_LONG and _may_be_part(scene, words):
            place = await _as_one_text(scene, step, asking, place)
            length = _length_so_far(scene, words)
        scene.say(_misread(scene, place, error.reason, length))
        return
    if scene.by_phone and isinstance(value, list) and value != [UNKNOWN]:
        # One key at a time, so that the keys for a person and for the other ways are heard at once here too.
        _tick(scene, asking, place, value[0])
        return
    _say_back(scene, place, value, words)
    _take(scene, asking, place, answers)


def _keyed(asks: Question, turned: int, key: str) -> str:
    """The code of the answer that was read out with this key."""
    for number, option in enumerate(read_out(asks, turned), start=1):
        if key == str(number):
            return option.code
    raise AnswerError(Misread.CHOOSE)


def _take(scene: Scene, asking: Asking, place: Place, answers: dict[str, Any]) -> None:
    was = {name: value for name, value in asking.aside.get(WAS, {}).items() if name != name_of(place)}
    asking.keep(scene, answers, **{WAS: was, PICKED: None, TURNED: None})


def _read(scene: Scene, asking: Asking, place: Place, words: str) -> Any:
    asks = place.asks
    if asks is None:
        said = plain_words(words)
        if said not in _YES | _NO:
            raise AnswerError(Misread.CHOOSE)
        return said in _YES
    if asks.kind is AnswerKind.CHOICES and plain_words(words) in _done_words(scene) and asking.picked(place):
        return asking.picked(place)
    if scene.by_phone:
        words = _keyed(asks, asking.turned(place), words)
    by_button = scene.channel is Channel.TELEGRAM
    value = asks.read(words, language=scene.language, today=scene.on, numbered=not by_button)
    if by_button and asks.kind is AnswerKind.CHOICES and value != [UNKNOWN]:
        # What is ticked is chosen too, by one who writes the last of them.
        value = list(dict.fromkeys([*(one for one in asking.picked(place) if one != UNKNOWN), *value]))
    return value


def _say_back(scene: Scene, place: Place, value: Any, words: str) -> None:
    """What was understood, where it was written in words that could be taken for something else."""
    asks = place.asks
    written = not scene.by_phone and scene.pressed is None
    if asks is None or not asks.say_back or not written or not asks.in_own_words(words, language=scene.language):
        return
    taken = asks.say_back[scene.language].replace("{answer}", asks.option(value).label[scene.language])
    scene.say(scene.phrase("answer_taken", taken=taken))


def _done_words(scene: Scene) -> frozenset[str]:
    return frozenset({plain_words(scene.phrase("choice_done")), "ferdig", "done", "ok"})


def _misread(scene: Scene, place: Place, reason: Misread, length: int = 0) -> str:
    asks = place.asks
    if asks is None:
        return scene.phrase("answer_yes_or_no")
    return scene.phrase(f"answer_{reason.value}", longest=asks.longest, length=length, options=len(asks.options))


def _may_be_part(scene: Scene, words: str) -> bool:
    return scene.channel is Channel.SMS and len(words) >= _MAY_BE_PART


def _goes_on(scene: Scene) -> bool:
    """Whether these words are the rest of a text whose beginning came a moment ago and was too long."""
    since = scene.contact.memory.get(_PART_AT)
    return since is not None and scene.now.timestamp() - int(since) <= _PARTS_COME.total_seconds()


def _length_so_far(scene: Scene, words: str) -> int:
    """Characters of a text that comes in parts, with this one; the next one is counted from here."""
    before = int(scene.contact.memory.get(_PART_LENGTH, 0)) if _goes_on(scene) else 0
    scene.remember(**{_PART_AT: int(scene.now.timestamp()), _PART_LENGTH: before + len(words)})
    return before + len(words)


async def _as_one_text(scene: Scene, step: Step, asking: Asking, place: Place) -> Place:
    """The question that a text in parts was written to. Where its rest came first, that was taken as the answer: it is
    taken back, and stands aside."""
    before = asking.questionnaire.next(asking.questionnaire.back(asking.answers))
    written = before is not None and before.asks is not None and before.asks.kind is AnswerKind.TEXT
    if not written or scene.now - asking.draft.changed_at > _REST_FIRST:
        return place
    await back(scene, step)
    now_asked = await at(scene, step)
    return (now_asked.place if now_asked is not None else None) or place


class Pressed(StrEnum):
    """What a button below a question came to."""

    TAKEN = "taken"
    TICKED = "ticked"
    """One of several; the message shows it."""
    TWICE = "twice"
    """The very answer that stands already: a thumb that pressed twice. Nothing is said."""
    OLD = "old"
    """That question is not asked now. Nothing is changed, and the caller is told."""


async def press(scene: Scene, step: Step, question: str, key: str) -> Pressed:
    """A button below a question, which answers that question and no other."""
    asking = await at(scene, step)
    place = asking.place if asking else None
    if asking is None or place is None or name_of(place) != question:
        if asking is not None and asking.answers.get(question) == key:
            return Pressed.TWICE
        scene.say(scene.phrase("answer_old_button"))
        return Pressed.OLD
    match key:
        case _ if key == SKIP:
            await skip(scene, step)
        case _ if key == KEEP:
            await keep(scene, step)
        case _ if key == DONE and asking.picked(place):
            _take(scene, asking, place, asking.questionnaire.answer(asking.answers, place, asking.picked(place)))
        case _ if place.asks is not None and _is_one_of_several(asking, place, key):
            if await _toggle(scene, step, asking, place, key):
                return Pressed.TICKED
        case _:
            await answer(scene, step, key)
    return Pressed.TAKEN


def _is_one_of_several(asking: Asking, place: Place, key: str) -> bool:
    """Whether a button ticks a choice. «I don't know» is a whole answer, unless something is ticked already."""
    asks = place.asks
    several = asks is not None and asks.kind is AnswerKind.CHOICES and knows(asks, key)
    return several and (key != UNKNOWN or bool(asking.picked(place)))


def _tick(scene: Scene, asking: Asking, place: Place, code: str) -> None:
    """Choose one of several, or take it back. «I don't know» stands alone."""
    picked = asking.picked(place)
    picked = [one for one in picked if one != code] if code in picked else [*picked, code]
    if code == UNKNOWN and UNKNOWN in picked:
        picked = [UNKNOWN]
    elif UNKNOWN in picked:
        picked.remove(UNKNOWN)
    asking.keep(scene, asking.answers, **{PICKED: {name_of(place): picked} if picked else None})


async def _toggle(scene: Scene, step: Step, asking: Asking, place: Place, code: str) -> bool:
    """The same by a button: the ticks change in the message itself. False when it is not known, and the question must
    come once more."""
    _tick(scene, asking, place, code)
    if scene.pressed is None or scene.caller is None:
        return False
    await tell.change_choices(
        scene.session,
        put(scene, step, asking, place),
        house=scene.house,
        contact=scene.contact,
        caller=scene.caller,
        message_id=scene.pressed,
        now=scene.now,
    )
    return True


async def skip(scene: Scene, step: Step) -> None:
    """Leave the question without an answer, where that is allowed; «one more?» is a no then, and what was chosen one by
    one is the answer."""
    asking = await at(scene, step)
    place = asking.place if asking else None
    if asking is None or place is None:
        return
    if scene.by_phone and (picked := asking.picked(place)):
        _take(scene, asking, place, asking.questionnaire.answer(asking.answers, place, picked))
        return
    if not may_be_skipped(place):
        scene.say(_misread(scene, place, Misread.NEEDED))
        return
    nothing = False if place.asks is None else None
    _take(scene, asking, place, asking.questionnaire.answer(asking.answers, place, nothing))


async def keep(scene: Scene, step: Step) -> None:
    """After «back»: leave the answer as it was."""
    asking = await at(scene, step)
    place = asking.place if asking else None
    if asking is None or place is None:
        return
    was = asking.was(place)
    if was is None:
        scene.say(scene.phrase("answer_nothing_to_keep"))
        return
    _take(scene, asking, place, asking.questionnaire.answer(asking.answers, place, was[0]))


async def back(scene: Scene, step: Step) -> bool:
    """To the question before, whose answer is kept aside; False at the first one."""
    asking = await at(scene, step)
    if asking is None or not asking.answers:
        return False
    before = asking.answers
    answers = asking.questionnaire.back(before)
    place = asking.questionnaire.next(answers)
    # A question that this channel cannot ask was passed over on the way here, and is on the way back.
    while place is not None and answers and not _can_be_asked(scene, place):
        answers = asking.questionnaire.back(answers)
        place = asking.questionnaire.next(answers)
    if place is None or answers == before:
        return False
    was = {**asking.aside.get(WAS, {}), name_of(place): _taken_away(before, place)}
    asking.keep(scene, answers, **{WAS: was, PICKED: None, TURNED: None})
    return True


def _taken_away(before: dict[str, Any], place: Place) -> Any:
    """The answer that stood where we stepped back to."""
    value = before.get(place.question.id)
    if place.index is None or not isinstance(value, list) or place.index >= len(value):
        return value
    if place.part is not None:
        return value[place.index].get(place.part.id)
    return len(value) > place.index + 1


async def set_aside(scene: Scene, step: Step | None, words: str) -> bool:
    """Danger has interrupted. What was answered is kept, and at a step that asks questions the words that spoke of it
    too; but whether somebody is in danger is asked again before a letter is gone on with, or fetched.

    False when nothing has been answered.
    """
    if step is not None:
        said = len(scene.said)
        await answer(scene, step, words)
        del scene.said[said:]
    letter = await begun(scene, DraftKind.LETTER)
    if letter is not None and (gate := letter.questionnaire.questions[0].id) in letter.answers:
        letter.keep(scene, {name: value for name, value in letter.answers.items() if name != gate})
    return step is not None and await has_answers(scene, step)
