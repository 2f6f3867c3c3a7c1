"""The laws that articles rest on, and those on their way: an article that one of these changes holds both texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from helpline.guidance.reading import Fields, read_fields


@dataclass(frozen=True, kw_only=True)
class PendingLaw:
    """A law that is passed. `in_force_from` is None until the day has been decided."""

    id: str
    name: str
    in_force_from: date | None
    source: str
    checked_on: date
    next_review: date
    line: int


@dataclass(frozen=True, kw_only=True)
class Laws:
    """Laws in force by name with their number («1999-07-02-63»), longest name first; pending laws by id."""

    numbers: Mapping[str, str]
    pending: Mapping[str, PendingLaw]

    def address(self, statute: str) -> str | None:
        """Where the law that a source begins with can be read; None when it begins with none of ours."""
        for name, number in self.numbers.items():
            if statute.startswith(name):
                return f"https://lovdata.no/lov/{number}"
        return None


def read_laws(path: Path) -> Laws:
    """The laws of `laws.yaml`.

    Raises:
        KnowledgeError: names the line that is wrong.
    """
    fields = read_fields(path)
    numbers: dict[str, str] = {}
    for item in fields.list("laws"):
        numbers[item.text("name")] = item.text("id")
        item.finish()
    pending: dict[str, PendingLaw] = {}
    for item in fields.list("pending") if "pending" in fields.names() else ():
        law = _pending(item)
        if law.id in pending:
            raise item.error(f"the id «{law.id}» stands twice.")
        pending[law.id] = law
    fields.finish()
    longest_first = dict(sorted(numbers.items(), key=lambda law: -len(law[0])))
    return Laws(numbers=longest_first, pending=pending)


def _pending(item: Fields) -> PendingLaw:
    law = PendingLaw(
        id=item.text("id"),
        name=item.text("name"),
        in_force_from=item.optional_day("in_force_from"),
        source=item.text("source"),
        checked_on=item.day("checked_on"),
        next_review=item.day("next_review"),
        line=item.line,
    )
    item.finish()
    return law
