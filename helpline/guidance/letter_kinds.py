"""The kinds of concern letter: who gets it, its hooks in the law, and what a relative may expect (DOMAIN §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from helpline.core.questionnaire import Question
from helpline.guidance.reading import Fields, KnowledgeError, read_fields


@dataclass(frozen=True, kw_only=True)
class Statute:
    """A hook in the law: the statute, its section, and the day on which it was read."""

    name: str
    section: str
    seen: date


@dataclass(frozen=True, kw_only=True)
class LetterKind:
    """One kind of letter, by who gets it. All texts are by language."""

    code: str
    label: Mapping[str, str]
    heading: Mapping[str, str]
    to: Mapping[str, str]
    #: The line that points at the law, by variant: "" is the usual one.
    hooks: Mapping[str, Mapping[str, str]]
    fits: Mapping[str, str]
    who_may: Mapping[str, str]
    must: Mapping[str, str]
    expect: Mapping[str, str]
    send: Mapping[str, str]
    statutes: tuple[Statute, ...]

    @property
    def law(self) -> str:
        """Its hooks in the law, in a row: «helsepersonelloven § 4, …»."""
        return ", ".join(f"{statute.name} {statute.section}" for statute in self.statutes)


def read_kinds(path: Path, chosen: Question) -> tuple[dict[str, LetterKind], date]:
    """The kinds of `kinds.yaml` by code, in the order of the options of `chosen` (the question about the kind), and the
    day by which somebody must have looked at them again.

    Raises:
        KnowledgeError: with file and line, as everything under `knowledge`.
    """
    file = read_fields(path)
    review_by = file.day("review_by")
    labels = {option.code: option.label for option in chosen.options}
    if missing := sorted(set(labels) ^ (set(file.names()) - {"review_by"})):
        raise KnowledgeError(path, 1, f"«{missing[0]}» must stand both here and among the options of `kind`.")
    kinds = {code: _read_kind(code, labels[code], file.inner(code)) for code in labels}
    file.finish()
    return kinds, review_by


def _read_kind(code: str, label: Mapping[str, str], fields: Fields) -> LetterKind:
    hooks = {"": fields.languages("hook")}
    for variant in ("examination", "anonymous"):
        if fields.optional(f"hook_{variant}") is not None:
            hooks[variant] = fields.languages(f"hook_{variant}")
    statutes = []
    for inner in fields.list("statutes"):
        statutes.append(Statute(name=inner.text("name"), section=inner.text("section"), seen=inner.day("seen")))
        inner.finish()
    kind = LetterKind(
        code=code,
        label=label,
        heading=fields.languages("heading"),
        to=fields.languages("to"),
        hooks=hooks,
        fits=fields.languages("fits"),
        who_may=fields.languages("who_may"),
        must=fields.languages("must"),
        expect=fields.languages("expect"),
        send=fields.languages("send"),
        statutes=tuple(statutes),
    )
    fields.finish()
    return kind
