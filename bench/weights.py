"""`python -m bench.weights` makes the points of signs (`lexicon/weights.toml`) from the tuning messages.

A linear support vector machine, found by coordinate descent on its dual: words, pairs of neighbours and cues are what a
message is known by, the label is what it is called. The limits are set so that of green messages, held out in turn, no
more than the shares below would be raised. The test part is never read. The same messages always give the same points.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path

from helpline.core.codes import Urgency
from helpline.triage.alarms import judge, scan
from helpline.triage.lexicon import lexicon
from helpline.triage.normalise import tokens
from helpline.triage.weighing import signs

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "triage" / "data"
OUT = ROOT / "helpline" / "triage" / "lexicon" / "weights.toml"
#: Words and pairs in fewer messages than this say nothing of the next message.
_LEAST_MESSAGES, _LEAST_OF_PAIRS = 2, 3
_FOLDS = 5
_ROUNDS = 40
_STRENGTH = 1.0
#: Of green messages that the lexicon leaves green, so many may be raised to red, and to yellow.
_RAISED_RED, _RAISED_YELLOW = 0.02, 0.04
_SCALE = 100
#: Fewer points than this are left out.
_LEAST_POINTS = 12


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled message as its signs, with what the lexicon alone calls it."""

    words: tuple[str, ...]
    urgency: str
    code: str | None
    by_lexicon: Urgency


@dataclass(frozen=True, slots=True)
class Separator:
    """Points for each word, and for every message before its words are read."""

    points: dict[str, float]
    start: float

    def score(self, words: Iterable[str]) -> float:
        known = [self.points[word] for word in words if word in self.points]
        return self.start + sum(known) / sqrt(len(known)) if known else self.start


def examples() -> list[Example]:
    """All tuning messages, and the ordinary sentences as green ones."""
    known = lexicon()
    rows = [json.loads(line) for line in (DATA / "tuning.jsonl").read_text(encoding="utf-8").splitlines()]
    plain = (DATA / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    rows += [{"text": line, "urgency": "green"} for line in plain if line.strip()]
    found = []
    for row in rows:
        cut = tokens(row["text"], known.vocabulary)
        message = scan(row["text"], cut, known)
        alarms, _ = judge(message, known)
        words = tuple(sorted(signs(message)))
        level = alarms[0].level if alarms else Urgency.GREEN
        found.append(Example(words, row["urgency"], row.get("alarm"), level))
    return found


def common(rows: Sequence[Example]) -> frozenset[str]:
    counted = Counter(word for row in rows for word in row.words)
    return frozenset(
        word for word, times in counted.items() if times >= (_LEAST_OF_PAIRS if " " in word else _LEAST_MESSAGES)
    )


def separate(rows: Sequence[Example], levels: frozenset[str]) -> Separator:
    """The points that tell the messages of these levels from the others."""
    kept = common(rows)
    wanted = [row.urgency in levels for row in rows]
    positive = sum(wanted)
    cost = {True: _STRENGTH * len(rows) / (2 * positive), False: _STRENGTH * len(rows) / (2 * (len(rows) - positive))}
    features = [tuple(word for word in row.words if word in kept) for row in rows]
    sizes = [1 / sqrt(len(words)) if words else 0.0 for words in features]
    points: dict[str, float] = defaultdict(float)
    start = 0.0
    pulls = [0.0] * len(rows)
    order = list(range(len(rows)))
    chance = random.Random(1)
    for _ in range(_ROUNDS):
        chance.shuffle(order)
        for place in order:
            side = 1.0 if wanted[place] else -1.0
            words, size = features[place], sizes[place]
            score = start + size * sum(points[word] for word in words)
            slope = side * score - 1 + pulls[place] / (2 * cost[wanted[place]])
            curve = (2.0 if words else 1.0) + 1 / (2 * cost[wanted[place]])
            pull = max(0.0, pulls[place] - slope / curve)
            step = (pull - pulls[place]) * side
            if step:
                pulls[place] = pull
                start += step
                for word in words:
                    points[word] += step * size
    return Separator(dict(points), start)


def limit(rows: Sequence[Example], levels: frozenset[str], share: float) -> float:
    """The score that only this share of green messages reach when each is judged by the others' points."""
    reached: list[float] = []
    for fold in range(_FOLDS):
        learnt = separate([row for place, row in enumerate(rows) if place % _FOLDS != fold], levels)
        for place, row in enumerate(rows):
            if place % _FOLDS == fold and row.urgency == "green" and row.by_lexicon is not Urgency.RED:
                reached.append(learnt.score(row.words))
    reached.sort()
    return reached[min(len(reached) - 1, int(len(reached) * (1 - share)))]


def codes(rows: Sequence[Example]) -> dict[str, str]:
    """The alarm that a word speaks of more than its share."""
    all_codes = Counter(row.code for row in rows if row.code)
    by_word: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.code:
            for word in row.words:
                by_word[word][row.code] += 1
    return {
        word: max(found, key=lambda code: (found[code] + 0.5) * log(1 + found[code]) / all_codes[code])
        for word, found in by_word.items()
    }


def main() -> None:
    rows = examples()
    red, alarm = frozenset(("red",)), frozenset(("red", "yellow"))
    towards_red, towards_alarm = separate(rows, red), separate(rows, alarm)
    speaks_of = codes(rows)
    limits = limit(rows, red, _RAISED_RED), limit(rows, alarm, _RAISED_YELLOW)
    lines = [
        "# Points of signs towards red and towards any alarm, and the alarm they mostly speak of: see weighing.py.",
        "# Made by `python -m bench.weights` from the tuning messages; a line may be changed or struck out by hand.",
        f"start = [{round(_SCALE * towards_red.start)}, {round(_SCALE * towards_alarm.start)}]",
        f"limit = [{round(_SCALE * limits[0])}, {round(_SCALE * limits[1])}]",
        "",
        "[signs]",
    ]
    for word in sorted(common(rows)):
        points = round(_SCALE * towards_red.points.get(word, 0.0)), round(_SCALE * towards_alarm.points.get(word, 0.0))
        if any(abs(value) >= _LEAST_POINTS for value in points):
            code = speaks_of.get(word, "caregiver_exhaustion")
            lines.append(f'{json.dumps(word, ensure_ascii=False)} = [{points[0]}, {points[1]}, "{code}"]')
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
