"""What the triage finds in labelled messages, and how often it cries wolf.

Recall and precision for each level and each kind of alarm, for the tuning part (which the lexicon and its weights have
seen), the test part (which nobody has tuned on) and a later, harder one that nobody has either, with 95 % intervals
after Wilson, and how much of each language is called red; how often the one at risk is named right; and the ordinary
sentences called red. The labels are those of `tests/triage/data`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.figure import Figure, wilson
from bench.installation import ROOT
from helpline import triage
from helpline.core.codes import Urgency, code_lists
from helpline.triage import Finding

DATA = ROOT / "tests" / "triage" / "data"
PARTS = ("tuning", "test", "later")
#: Aims for messages that nobody has tuned on.
_RED_FOUND, _GREEN_CALLED_RED = 98.0, 2.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A labelled message and what the triage says of it; `alarm` is None where no kind was labelled."""

    urgency: str
    language: str
    alarm: str | None
    at_risk: str | None
    finding: Finding

    @property
    def codes(self) -> frozenset[str]:
        """The kinds of alarm found, those for information left out."""
        return frozenset(alarm.code for alarm in self.finding.alarms if alarm.level is not Urgency.GREEN)


def readings(part: str) -> list[Reading]:
    """A part of the labelled messages, read."""
    lines = (DATA / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Reading(row["urgency"], row["language"], row.get("alarm"), row.get("at_risk"), triage.read(row["text"]))
        for row in map(json.loads, lines)
    ]


def measure() -> Iterator[Figure]:
    """All figures, part by part."""
    for part in PARTS:
        rows = readings(part)
        yield from _levels(part, rows)
        yield from _languages(part, rows)
        yield from _kinds(part, rows)
        named = [row for row in rows if row.urgency != "green" and row.finding.alarms]
        right = [row for row in named if row.finding.at_risk is not None and row.finding.at_risk.value == row.at_risk]
        yield _share(f"Triage, {part}: the one at risk named right", len(right), len(named))
    plain = [line for line in (DATA / "ordinary.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
    called_red = sum(triage.read(line).urgency is Urgency.RED for line in plain)
    low, high = wilson(called_red, len(plain))
    yield Figure(
        what="Triage: ordinary sentences called red",
        value=1000 * called_red / len(plain),
        unit=f"in 1 000 ({1000 * low:.0f} to {1000 * high:.0f}; {called_red} of {len(plain)})",
    )


def _levels(part: str, rows: Sequence[Reading]) -> Iterator[Figure]:
    for level in Urgency:
        labelled = [row for row in rows if row.urgency == level]
        called = [row for row in rows if row.finding.urgency is level]
        both = sum(row.finding.urgency is level for row in labelled)
        aim = _RED_FOUND if level is Urgency.RED and part != "tuning" else None
        yield _share(f"Triage, {part}: {level}, recall", both, len(labelled), aim=aim, at_least=True)
        yield _share(f"Triage, {part}: {level}, precision", both, len(called))
    missed = [row for row in rows if row.urgency != "green"]
    seen = sum(row.finding.urgency is not Urgency.GREEN for row in missed)
    yield _share(f"Triage, {part}: red or yellow, not called green", seen, len(missed))
    aim = _GREEN_CALLED_RED if part != "tuning" else None
    yield _called_red(f"Triage, {part}: green called red", "green", rows, aim=aim)


def _languages(part: str, rows: Sequence[Reading]) -> Iterator[Figure]:
    for language in sorted({row.language for row in rows}):
        spoken = [row for row in rows if row.language == language]
        yield _called_red(f"Triage, {part}: in {language}, red called red", "red", spoken)
        yield _called_red(f"Triage, {part}: in {language}, green called red", "green", spoken)


def _called_red(what: str, said: str, rows: Sequence[Reading], *, aim: float | None = None) -> Figure:
    labelled = [row for row in rows if row.urgency == said]
    return _share(what, sum(row.finding.urgency is Urgency.RED for row in labelled), len(labelled), aim=aim)


def _kinds(part: str, rows: Sequence[Reading]) -> Iterator[Figure]:
    known = [row for row in rows if row.alarm or row.urgency == "green"]
    for code in code_lists()["alarm"]:
        labelled = [row for row in known if row.alarm == code]
        found = [row for row in known if code in row.codes]
        both = sum(code in row.codes for row in labelled)
        if labelled:
            yield _share(f"Triage, {part}: {code}, recall", both, len(labelled))
            yield _share(f"Triage, {part}: {code}, precision", both, len(found))


def _share(what: str, hits: int, of: int, *, aim: float | None = None, at_least: bool = False) -> Figure:
    low, high = wilson(hits, of) if of else (0.0, 1.0)
    return Figure(
        what=what,
        value=100 * hits / of if of else 0.0,
        unit=f"% ({100 * low:.1f} to {100 * high:.1f}; {hits} of {of})",
        target=aim,
        at_least=at_least,
    )
