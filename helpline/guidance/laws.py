"""Laws that are passed but have no first day yet: articles that they change hold both texts, and switch by the day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from helpline.guidance.reading import read_fields


@dataclass(frozen=True, kw_only=True)
class PendingLaw:
    """A law on its way. `in_force_from` is None until the day has been decided."""

    id: str
    name: str
    in_force_from: date | None
    source: str
    checked_on: date
    next_review: date
    line: int


def read_pending_laws(path: Path) -> Mapping[str, PendingLaw]:
    """The laws of `pending_laws.yaml` by id; none when the file does not exist.

    Raises:
        KnowledgeError: names the line that is wrong.
    """
    if not path.exists():
        return {}
    fields = read_fields(path)
    laws: dict[str, PendingLaw] = {}
    for item in fields.list("laws"):
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
        if law.id in laws:
            raise item.error(f"the id «{law.id}» stands twice.")
        laws[law.id] = law
    fields.finish()
    return laws
