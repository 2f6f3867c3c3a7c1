"""How often the language of a short text is told right, and how often wrong rather than not at all.

The texts were written for this project; `none` says nothing about its language (a name, a number, «ok»). Nobody tuned
on the test part.
"""

import csv
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.figure import Figure, share_shown
from bench.installation import ROOT
from helpline.triage.language import identify

Part = Literal["tuning", "test"]
PARTS: tuple[Part, ...] = ("tuning", "test")

_FOLDER = ROOT / "tests" / "triage" / "data"
_TIMED = 20_000


@dataclass(frozen=True, kw_only=True)
class Told:
    """A text, its language (None: it says nothing), and the one that was found."""

    text: str
    language: str | None
    found: str | None

    @property
    def right(self) -> bool:
        return self.found == self.language

    @property
    def wrong(self) -> bool:
        """Another language was found, which is worse than none."""
        return self.found is not None and not self.right


def tell(part: Part) -> list[Told]:
    """The texts of a part, read without any language before them."""
    with (_FOLDER / f"languages_{part}.csv").open(encoding="utf-8", newline="") as file:
        rows = [(None if row["language"] == "none" else row["language"], row["text"]) for row in csv.DictReader(file)]
    return [Told(text=text, language=language, found=identify(text)) for language, text in rows]


def measure() -> Iterator[Figure]:
    """Right, wrong and rightly none for each part, with 95 % intervals; and how fast."""
    for part in PARTS:
        told = tell(part)
        test = part == "test"
        spoken = [one for one in told if one.language is not None]
        silent = [one for one in told if one.language is None]
        note = by_language(spoken)
        yield _share(f"Language, {part} part: right", [one.right for one in spoken], 95.0 if test else None, note=note)
        yield _share(
            f"Language, {part} part: wrong, not none",
            [one.wrong for one in told],
            2.0 if test else None,
            at_least=False,
        )
        yield _share(f"Language, {part} part: none where none", [one.right for one in silent], 95.0 if test else None)
    texts = [one.text for one in told]
    begun = time.process_time()
    for number in range(_TIMED):
        identify(texts[number % len(texts)])
    yield Figure(
        what="Language of one text",
        value=_TIMED / (time.process_time() - begun),
        unit="a second a core",
        target=20_000,
        at_least=True,
    )


def by_language(told: Iterable[Told]) -> str:
    """The shares told right of each language, in words."""
    languages: defaultdict[str, list[bool]] = defaultdict(list)
    for one in told:
        languages[one.language or "none"].append(one.right)
    return ", ".join(f"{name} {share_shown(sum(right), len(right))}" for name, right in sorted(languages.items()))


def _share(
    what: str, counted: Sequence[bool], target: float | None, *, at_least: bool = True, note: str = ""
) -> Figure:
    shown = share_shown(sum(counted), len(counted))
    return Figure(
        what=what,
        value=100 * sum(counted) / len(counted),
        unit="%",
        target=target,
        at_least=at_least,
        note=f"{shown}; {note}" if note else shown,
    )
