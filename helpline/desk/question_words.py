"""How a question of a questionnaire is put on each channel: its words, its answers, and the other ways on."""

from typing import Any

from helpline.core.codes import Channel
from helpline.core.questionnaire import AnswerKind, Place, Question
from helpline.core.turn import Ask, Choice
from helpline.desk.asking import Asking, kind_of, name_of, questionnaire
from helpline.desk.keys import MORE, has_more, read_out
from helpline.desk.scene import Scene
from helpline.triage.script import Step

#: Keys of buttons that are no answers. A dot cannot begin a code.
BACK, SKIP, KEEP, DONE, PERSON = ".back", ".skip", ".keep", ".done", ".person"


def put(scene: Scene, step: Step, asking: Asking, place: Place) -> Ask:
    """The question with its answers, as this channel asks it."""
    asks = place.asks
    if scene.by_phone and asks is not None and asking.picked(place):
        # The answers were read a moment ago.
        picked = in_words(asks, asking.picked(place), scene)
        return Ask(text=scene.phrase("answer_picked", picked=picked), step=f"{step.id}/{name_of(place)}")
    lines = [_words(scene, asking, place)]
    channel, language = scene.channel, scene.language
    if asks is not None and asks.kind is AnswerKind.CHOICES:
        lines.append(scene.phrase("answer_several"))
    if asks is not None and asks.hint and channel is Channel.TELEGRAM:
        lines.append(scene.house.library.fill(asks.hint[language], language, scene.on))
    was = asking.was(place)
    if was is not None:
        lines.append(scene.phrase("answer_was", was=in_words(asks, was[0], scene)))
    if asks is not None and channel is Channel.SMS and may_be_skipped(place):
        lines.append(scene.phrase("answer_may_skip"))
    if not asking.answers and not scene.by_phone:
        lines.append(scene.phrase("answer_ways"))
    return Ask(
        text="\n".join(lines) if not scene.by_phone else " ".join(lines),
        choices=(*_answers(scene, asking, place), *_other_ways(scene, asking, place)),
        step=f"{step.id}/{name_of(place)}",
    )


def _words(scene: Scene, asking: Asking, place: Place) -> str:
    language = scene.language
    if place.asks is None:
        return scene.phrase("answer_one_more")
    words = place.asks.words(language, scene.channel.value)
    if place.index:
        words = f"({place.index + 1}) {words}"
    return scene.house.library.fill(words, language, scene.on)


def _answers(scene: Scene, asking: Asking, place: Place) -> list[Choice]:
    asks, language = place.asks, scene.language
    by_button = scene.channel is Channel.TELEGRAM
    if asks is None:
        return [Choice(key="1", label=scene.phrase("choice_yes")), Choice(key="2", label=scene.phrase("choice_no"))]
    if not asks.keyed:
        return []
    if scene.by_phone:
        heard = enumerate(read_out(asks, asking.turned(place)), start=1)
        more = [Choice(key=MORE, label=scene.phrase("choice_more"))] if has_more(asks) else []
        return [*(Choice(key=str(number), label=option.label[language]) for number, option in heard), *more]
    picked = asking.picked(place)
    return [
        Choice(
            key=option.code if by_button else str(number),
            label=("✓ " if option.code in picked else "") + option.label[language],
        )
        for number, option in enumerate(asks.options, start=1)
    ]


def _other_ways(scene: Scene, asking: Asking, place: Place) -> list[Choice]:
    """Ways other than an answer, as far as the channel has room: buttons for all, one number in a text; a telephone
    was told its keys at the beginning."""
    if scene.by_phone:
        return []
    if scene.channel is not Channel.TELEGRAM:
        return [Choice(key="0", label=scene.phrase("choice_back"))]
    asks = place.asks
    ways = []
    if asks is not None and asks.kind is AnswerKind.CHOICES and asking.picked(place):
        ways.append((DONE, "choice_done"))
    if asking.was(place) is not None:
        ways.append((KEEP, "choice_keep"))
    if asks is not None and may_be_skipped(place):
        ways.append((SKIP, "choice_skip"))
    ways += [(BACK, "choice_back"), (PERSON, "choice_advisor")]
    return [Choice(key=key, label=scene.phrase(label)) for key, label in ways]


def may_be_skipped(place: Place) -> bool:
    """Whether the question may be left without an answer."""
    asks = place.asks
    if asks is None:
        return True
    # The first question of a row that need not be told leaves out the row.
    leaves_out_row = bool(place.index) or not place.question.required
    first = place.index is not None and asks.id == place.question.parts[0].id
    return not asks.required or (first and leaves_out_row)


def in_words(asks: Question | None, value: Any, scene: Scene) -> str:
    """An answer as the caller would say it."""
    if asks is None or value is None:
        return scene.phrase("answer_none")
    codes = value if isinstance(value, list) else [value]
    if asks.keyed:
        return ", ".join(asks.option(code).label[scene.language] for code in codes if knows(asks, code))
    return str(value)


def knows(asks: Question, code: Any) -> bool:
    """Whether a question has an option of this code."""
    return any(option.code == code for option in asks.options)


_LABELS = {BACK: "choice_back", SKIP: "choice_skip", KEEP: "choice_keep", DONE: "choice_done", PERSON: "choice_advisor"}


def label_of(scene: Scene, step: Step, question: str, key: str) -> str:
    """What stood on a button below a question; the key itself when nothing is known of it."""
    if key in _LABELS:
        return scene.phrase(_LABELS[key])
    name, _, rest = question.partition(".")
    row, _, part = rest.partition(".")
    asked = next((one for one in questionnaire(scene, kind_of(step)).questions if one.id == name), None)
    if asked is not None and row and not part:
        return scene.phrase("choice_yes" if key == "1" else "choice_no")
    if asked is not None and part:
        asked = next((one for one in asked.parts if one.id == part), None)
    if asked is None or not knows(asked, key):
        return key
    return asked.option(key).label[scene.language]
