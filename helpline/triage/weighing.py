"""What the words of a message weigh together, where no line of the lexicon has seen the danger.

People find a thousand ways to say a thing; the lexicon knows some hundreds. So every word, every pair of neighbours and
every cue that recurs in the labelled messages has points (`weights.toml`, made by `python -m bench.weights` from the
tuning part and open to anybody's pen). Many points for danger may raise a message; they never lower one, and never
stand against a guard that has spoken.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from math import sqrt

from helpline.core.codes import AtRisk, Urgency
from helpline.triage.alarms import Message, Place, threatened
from helpline.triage.finding import Alarm, Guarded
from helpline.triage.lexicon import words_of
from helpline.triage.normalise import BREAKS, load
from helpline.triage.subjects import resolve, writer

#: Fewer known words and pairs than this tell too little.
_LEAST = 5
#: In pairs, a word of one of these classes stands for all of its class: «mannen min» and «kona mi» are one pair.
_CLASSES = ("kin", "child", "third", "writer", "weapon", "pills", "poison", "drug", "institution", "negation", "height")
#: So many of the weightiest words are shown as the reason.
_SHOWN = 3
_OF_ANOTHER = {"suicide_self": "suicide_other"}
_OF_THE_WRITER = frozenset(("suicide_self", "violence_now", "violence_pattern", "caregiver_exhaustion"))


@dataclass(frozen=True, slots=True)
class Weight:
    """A sign's points towards red, towards any alarm at all, and the alarm it mostly speaks of."""

    red: int
    alarm: int
    code: str


@dataclass(frozen=True, slots=True)
class Weights:
    signs: dict[str, Weight]
    #: Points of every message, and the sum from which it is red, or yellow.
    start: Weight
    limit: Weight


@cache
def weights() -> Weights:
    """The points of all signs, read once."""
    data = load("lexicon/weights")
    rows = {sign: Weight(*row) for sign, row in data["signs"].items()}
    (start_red, start_alarm), (limit_red, limit_alarm) = data["start"], data["limit"]
    return Weights(rows, Weight(start_red, start_alarm, ""), Weight(limit_red, limit_alarm, ""))


@cache
def _class_of() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _CLASSES:
        for word in words_of(name):
            found.setdefault(word, f"{{{name}}}")
    return found


def signs(message: Message) -> dict[str, Place]:
    """What can have points in a message: its words, pairs of neighbours and cues, each with its first place."""
    found: dict[str, Place] = {}
    class_of = _class_of()
    before = ""
    for place, token in enumerate(message.tokens):
        word = token.word
        if word.isalpha():
            found.setdefault(word, (place, place))
        kind = "" if word in BREAKS else class_of.get(word, word)
        if before and kind:
            found.setdefault(f"{before} {kind}", (place - 1, place))
        before = kind
    for name in ("cue", "guard", "idiom"):
        for match in message.matches.get(name, ()):
            found.setdefault(f"{name}:{match.source.name}", (match.first, match.last))
    return found


def weigh(message: Message, *, alarms: tuple[Alarm, ...], guarded: tuple[Guarded, ...]) -> Alarm | None:
    """An alarm for a message whose words weigh more than the lexicon found; None for nearly every message."""
    known = weights()
    places = {sign: place for sign, place in signs(message).items() if sign in known.signs}
    if len(places) < _LEAST:
        return None
    found = [known.signs[sign] for sign in places]
    share = sqrt(len(found))
    red = known.start.red + sum(weight.red for weight in found) / share
    alarm = known.start.alarm + sum(weight.alarm for weight in found) / share
    least = alarms[0].level if alarms else Urgency.GREEN
    held_back = any(entry.before is Urgency.RED for entry in guarded)
    if red > known.limit.red and least is not Urgency.RED and not held_back:
        return _alarm(message, Urgency.RED, places, alarms)
    if alarm > known.limit.alarm and least is Urgency.GREEN and not guarded:
        return _alarm(message, Urgency.YELLOW, places, alarms)
    return None


def _alarm(message: Message, level: Urgency, places: dict[str, Place], alarms: tuple[Alarm, ...]) -> Alarm:
    known = weights().signs

    def points(sign: str) -> int:
        return known[sign].red if level is Urgency.RED else known[sign].alarm

    weightiest = sorted(places, key=lambda sign: (-points(sign), places[sign]))[:_SHOWN]
    first, last = min(places[sign][0] for sign in weightiest), max(places[sign][1] for sign in weightiest)
    while first < last and message.tokens[last].word in BREAKS:
        last -= 1
    sums: dict[str, int] = defaultdict(int)
    for sign in places:
        sums[known[sign].code] += max(0, points(sign))
    code = alarms[0].code if alarms and alarms[0].level is not Urgency.GREEN else max(sums, key=lambda code: sums[code])
    subject = _subject(message, code, first, last)
    if subject in (AtRisk.OTHER, AtRisk.CHILD) and not message.people.writer_is_child:
        code = _OF_ANOTHER.get(code, code)
    elif subject is AtRisk.SELF and code == "suicide_other":
        code = "suicide_self"
    start, end = message.span(first, last)
    return Alarm(code=code, level=level, span=(start, end), words=message.text[start:end],
                 entry=f"weighed.{level.value}", subject=subject)  # fmt: skip


def _subject(message: Message, code: str, first: int, last: int) -> AtRisk:
    if code == "child_at_risk":
        return AtRisk.CHILD
    if code in ("violence_now", "violence_pattern"):
        return threatened(message)
    if code == "caregiver_exhaustion":
        return writer(message.people)
    default = AtRisk.SELF if code in _OF_THE_WRITER else AtRisk.OTHER
    return resolve(message.tokens, message.people, first=first, last=last, default=default)
