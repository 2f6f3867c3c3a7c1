"""How well the topics of a message are told: of those found, how many are right; of those there, how many are found.

The messages were written for this project, several topics each, some none. Half of them is the test part.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bench.figure import Figure, share_shown
from bench.installation import ROOT
from helpline.triage import read

Part = Literal["tuning", "test"]
PARTS: tuple[Part, ...] = ("tuning", "test")

_MESSAGES = ROOT / "tests" / "triage" / "data" / "topics.jsonl"


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A message, the topics it is about, and those that were found (codes of the list `topic`)."""

    text: str
    topics: frozenset[str]
    found: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Topics of all messages together: rightly found, found too much, missed; the last two by code."""

    right: int
    extra: Counter[str]
    missed: Counter[str]

    @property
    def precision(self) -> float:
        """Right ones among those found, 0 to 1."""
        return self.right / (self.right + self.extra.total())

    @property
    def recall(self) -> float:
        """Found ones among those there, 0 to 1."""
        return self.right / (self.right + self.missed.total())


def messages(part: Part) -> list[Labelled]:
    """The messages of a part, read."""
    lines = [json.loads(line) for line in _MESSAGES.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(text=line["text"], topics=frozenset(line["topics"]), found=frozenset(read(line["text"]).topics))
        for line in lines
        if line["part"] == part
    ]


def agreement(part: Part) -> Agreement:
    """Count what was found against what is there."""
    right, extra, missed = 0, Counter[str](), Counter[str]()
    for message in messages(part):
        right += len(message.topics & message.found)
        extra.update(message.found - message.topics)
        missed.update(message.topics - message.found)
    return Agreement(right=right, extra=extra, missed=missed)


def measure() -> Iterator[Figure]:
    """Precision and recall of both parts, with 95 % intervals and the codes that went wrong most often."""
    for part in PARTS:
        found = agreement(part)
        for what, share, wrong in (("right of those found", found.precision, found.extra),
                                   ("found of those there", found.recall, found.missed)):  # fmt: skip
            often = ", ".join(f"{code} {times}" for code, times in wrong.most_common(5))
            yield Figure(
                what=f"Topics, {part} part: {what}",
                value=100 * share,
                unit="%",
                note=f"{share_shown(found.right, found.right + wrong.total())}; wrong: {often or 'none'}",
            )
