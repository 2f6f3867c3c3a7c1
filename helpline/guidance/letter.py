"""A concern letter that is written: its parts in the order in which they are read, the same for text, Word and PDF."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from math import ceil
from typing import Any

#: What one page of the PDF holds at least, measured on its own type and margins (tests/desk/test_letter_file.py).
LINES_A_PAGE = 42
CHARACTERS_A_LINE = 82
#: DOMAIN §3.3: no more than one or two pages.
MOST_PAGES = 2


class Part(StrEnum):
    """What a part of a letter is; files give each its own look and its own mark for screen readers."""

    ADDRESS = "address"
    """One line with a label: to whom, from whom."""
    DATE = "date"
    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    FACT = "fact"
    """One line with a label."""
    EVENT = "event"
    """What happened, in lines; the label is the day."""
    CLOSING = "closing"
    """The greeting, above the place for a signature."""
    SIGNATURE = "signature"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One part: its lines, and the label before them where it has one."""

    part: Part
    lines: tuple[str, ...]
    label: str = ""

    def text(self) -> str:
        """As plain text."""
        first, *rest = self.lines
        if self.part is Part.EVENT:
            return "\n".join(
                [f"– {self.label}: {first}" if self.label else f"– {first}", *(f"  {line}" for line in rest)]
            )
        return "\n".join([f"{self.label}: {first}" if self.label else first, *rest])


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A whole letter: its kind (a code of `knowledge/letters`), its language (nb, nn or en), its date, its parts."""

    kind: str
    language: str
    on: date
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        """What the letter is. It names nobody: it becomes the title of the file and of the page."""
        return next(block.lines[0] for block in self.blocks if block.part is Part.TITLE)

    def text(self) -> str:
        """The letter as plain text, ending in a newline."""
        lines: list[str] = []
        before: Part | None = None
        for block in self.blocks:
            if before is not None and not _together(before, block.part):
                lines.append("")
            lines.append(block.text())
            before = block.part
        return "\n".join(lines) + "\n"

    def pages(self) -> int:
        """How many pages it takes, rather one too many than one too few."""
        return ceil(sum(self._heights()) / LINES_A_PAGE)

    def _heights(self) -> Iterator[float]:
        for block in self.blocks:
            width = CHARACTERS_A_LINE - (4 if block.part is Part.EVENT else 0)
            lines = [f"{block.label}: {block.lines[0]}", *block.lines[1:]] if block.label else block.lines
            yield sum(max(1, ceil(len(line) / width)) for line in lines) + _SPACE[block.part]

    def document(self) -> dict[str, Any]:
        """Everything of it as plain data, for those who make files."""
        return {**asdict(self), "title": self.title, "on": self.on.isoformat()}


#: Lines of space around a part.
_SPACE = {
    Part.ADDRESS: 0.2,
    Part.DATE: 1.0,
    Part.TITLE: 2.0,
    Part.HEADING: 1.2,
    Part.PARAGRAPH: 0.6,
    Part.FACT: 0.2,
    Part.EVENT: 0.6,
    Part.CLOSING: 3.0,
    Part.SIGNATURE: 0.6,
}
_NO_GAP = (Part.ADDRESS, Part.DATE, Part.FACT, Part.EVENT)


def _together(before: Part, after: Part) -> bool:
    """Whether two parts stand on lines that follow each other in plain text."""
    return (
        before is Part.HEADING
        or (before is after and before in _NO_GAP)
        or (before is Part.ADDRESS and after is Part.DATE)
    )
