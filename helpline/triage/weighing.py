"""What the words of a message weigh together, where no line of the lexicon has seen the danger.

People find a thousand ways to say a thing; the lexicon knows some hundreds. So every word that is common in the
labelled messages has points (`weights.toml`, made by `python -m bench.weights` from the tuning part and open to
anybody's pen). Words with many points for danger may raise a message; they never lower one, and never stand against a
guard that has spoken.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from math import sqrt

from helpline.core.codes import AtRisk, Urgency
from helpline.triage.finding import Alarm, Guarded
from helpline.triage.normalise import BREAKS, Token, load
from helpline.triage.subjects import People, resolve, writer

#: Fewer known words than this tell too little.
_LEAST = 4
#: So many of the weightiest words are shown as the reason.
_SHOWN = 3
_OF_ANOTHER = {"suicide_self": "suicide_other"}
_OF_THE_WRITER = frozenset(("suicide_self", "violence_now", "violence_pattern", "caregiver_exhaustion"))


@dataclass(frozen=True, slots=True)
class Weight:
    """A word's points towards red, towards any alarm at all, and the alarm it mostly speaks of."""

    red: int
    alarm: int
    code: str


@dataclass(frozen=True, slots=True)
class Weights:
    words: dict[str, Weight]
    #: Points of every message, and the sum from which it is red, or yellow.
    start: Weight
    limit: Weight


@cache
def weights() -> Weights:
    """The points of all words, read once."""
    data = load("lexicon/weights")
    rows = {word: Weight(*row) for word, row in data["words"].items()}
    return Weights(rows, Weight(*data["start"], ""), Weight(*data["limit"], ""))


def weigh(
    text: str, tokens: list[Token], people: People, *, alarms: tuple[Alarm, ...], guarded: tuple[Guarded, ...]
) -> Alarm | None:
    """An alarm for a message whose words weigh more than the lexicon found; None for nearly every message."""
    known = weights()
    places: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.word in known.words and token.word not in places:
            places[token.word] = place
    if len(places) < _LEAST:
        return None
    found = [known.words[word] for word in places]
    share = sqrt(len(found))
    red = known.start.red + sum(weight.red for weight in found) / share
    alarm = known.start.alarm + sum(weight.alarm for weight in found) / share
    least = alarms[0].level if alarms else Urgency.GREEN
    held_back = any(entry.before is Urgency.RED for entry in guarded)
    if red > known.limit.red and least is not Urgency.RED and not held_back:
        level = Urgency.RED
    elif alarm > known.limit.alarm and least is Urgency.GREEN and not guarded:
        level = Urgency.YELLOW
    else:
        return None
    return _alarm(text, tokens, people, level, places, alarms)


def _alarm(
    text: str, tokens: list[Token], people: People, level: Urgency, places: dict[str, int], alarms: tuple[Alarm, ...]
) -> Alarm:
    known = weights().words

    def points(word: str) -> int:
        return known[word].red if level is Urgency.RED else known[word].alarm

    weightiest = sorted(places, key=lambda word: (-points(word), places[word]))[:_SHOWN]
    first, last = min(places[word] for word in weightiest), max(places[word] for word in weightiest)
    start, end = tokens[first].start, tokens[last].end
    sums: dict[str, int] = defaultdict(int)
    for word in places:
        sums[known[word].code] += max(0, points(word))
    code = alarms[0].code if alarms and alarms[0].level is not Urgency.GREEN else max(sums, key=lambda code: sums[code])
    subject = _subject(tokens, people, code, first, last)
    if subject in (AtRisk.OTHER, AtRisk.CHILD) and not people.writer_is_child:
        code = _OF_ANOTHER.get(code, code)
    elif subject is AtRisk.SELF and code == "suicide_other":
        code = "suicide_self"
    return Alarm(code=code, level=level, span=(start, end), words=text[start:end], entry=f"weighed.{level.value}",
                 subject=subject)  # fmt: skip


def _subject(tokens: list[Token], people: People, code: str, first: int, last: int) -> AtRisk:
    if code == "child_at_risk":
        return AtRisk.CHILD
    if code in ("violence_now", "violence_pattern", "caregiver_exhaustion"):
        return writer(people)
    default = AtRisk.SELF if code in _OF_THE_WRITER else AtRisk.OTHER
    while first < last and tokens[last].word in BREAKS:
        last -= 1
    return resolve(tokens, people, first=first, last=last, default=default)
