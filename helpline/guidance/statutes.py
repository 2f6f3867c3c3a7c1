"""The laws that the rights guide builds on, and what stands in their place when a pending one comes into force."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from helpline.guidance.laws import PendingLaw
from helpline.guidance.reading import Fields, read_fields

_SECTION = re.compile(r"\d+(?:-\d+)?(?: [a-z])?(?:–\d+)?")


@dataclass(frozen=True, kw_only=True)
class Statute:
    """Where a right stands: a section of a law (None: the law as a whole), or a page where no law says it.

    `name` is by language; `seen` is the day on which the text was read.
    """

    name: Mapping[str, str]
    section: str | None
    url: str
    seen: date


@dataclass(frozen=True, kw_only=True)
class _Successor:
    """The law that takes another's place on a day. `sections` maps the old sections to the new; one that is not there
    has not been read in the new law."""

    law: "_Law"
    seen: date
    from_day: date
    sections: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class _Law:
    ref: str
    name: Mapping[str, str]
    successor: _Successor | None = None

    def cited(self, section: str | None, seen: date) -> Statute:
        url = f"https://lovdata.no/lov/{self.ref}"
        if section is not None:
            # Of several sections in a row the link leads to the first.
            url += f"/§{section.partition('–')[0].replace(' ', '')}"
        return Statute(name=self.name, section=section, url=url, seen=seen)


@dataclass(frozen=True, kw_only=True)
class Citation:
    """A section of a law as a right names it."""

    law: _Law
    section: str
    seen: date

    @property
    def changes_on(self) -> date | None:
        """The day from which another law stands in its place."""
        return None if self.law.successor is None else self.law.successor.from_day

    def on(self, day: date) -> tuple[Statute, ...]:
        """What it is called on a day."""
        successor = self.law.successor
        if successor is None or day < successor.from_day:
            return (self.law.cited(self.section, self.seen),)
        new = successor.sections.get(self.section, (None,))
        return tuple(successor.law.cited(section, successor.seen) for section in new)


@dataclass(frozen=True, kw_only=True)
class Statutes:
    """The laws and pages of `guide/laws.yaml` by their short names."""

    laws: Mapping[str, _Law]
    pages: Mapping[str, _Law]

    @classmethod
    def load(cls, path: Path, pending: Mapping[str, PendingLaw]) -> "Statutes":
        """Read the file. A law that is replaced by one whose day has not been decided stays as it is.

        Raises:
            KnowledgeError: names the line that is wrong.
        """
        file = read_fields(path)
        entries, laws = file.inner("laws"), {}
        for name in entries.names():
            fields = entries.inner(name)
            successor = _successor(fields.inner("replaced_by"), pending) if "replaced_by" in fields.names() else None
            laws[name] = _Law(ref=fields.text("ref"), name=fields.languages("name"), successor=successor)
            fields.finish()
        entries, pages = file.inner("pages"), {}
        for name in entries.names():
            fields = entries.inner(name)
            pages[name] = _Law(ref=fields.text("url"), name=fields.languages("name"))
            fields.finish()
        file.finish()
        return cls(laws=laws, pages=pages)

    def citations(self, given: Fields, seen: date) -> tuple[Citation, ...]:
        """The sections that a right names, by law, in their order."""
        found: list[Citation] = []
        for name in given.names():
            if name not in self.laws:
                raise given.error(f"«{name}» is not in laws.yaml.")
            for section in given.words(name):
                if _SECTION.fullmatch(section) is None:
                    raise given.error(f"«{section}» is not written as a section: 3-3, 10 a, 78–83.")
                found.append(Citation(law=self.laws[name], section=section, seen=seen))
        return tuple(found)

    def pages_read(self, given: Fields) -> tuple[Statute, ...]:
        """The pages that a right names, each with the day on which it was read."""
        found: list[Statute] = []
        for name in given.names():
            if name not in self.pages:
                raise given.error(f"«{name}» is not in laws.yaml.")
            page = self.pages[name]
            found.append(Statute(name=page.name, section=None, url=page.ref, seen=given.day(name)))
        return tuple(found)


def _successor(fields: Fields, pending: Mapping[str, PendingLaw]) -> _Successor | None:
    name = fields.text("pending")
    if name not in pending:
        raise fields.error(f"«{name}» is no pending law of knowledge/laws.yaml.")
    law = _Law(ref=fields.text("ref"), name=fields.languages("name"))
    seen, sections = fields.day("seen"), fields.inner("sections")
    new = {section: sections.words(section) for section in sections.names()}
    fields.finish()
    from_day = pending[name].in_force_from
    return None if from_day is None else _Successor(law=law, seen=seen, from_day=from_day, sections=new)
