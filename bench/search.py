"""How often the knowledge search finds the right article, and stays silent where there is none.

The queries were written for this project, each with the article that answers it (`slug`) and others that do as well
(`also`). Nobody tuned on the test part.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.figure import Figure, share_shown
from bench.installation import ROOT
from helpline.guidance import WEAKEST_HIT, Library

Part = Literal["tuning", "test"]
PARTS: tuple[Part, ...] = ("tuning", "test")

_FOLDER = ROOT / "tests" / "guidance"
#: Names of the ways of writing as the project's own writers noted them.
_FORMS = {"dialekt": "dialect", "feilskrevet": "misspelt"}


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question, how it is written (bokmål, nynorsk, dialect, misspelt, English), and the articles that answer it."""

    form: str
    text: str
    slug: str
    right: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the search found for a query: whether a right article came first, among the first three, and was shown."""

    query: Query
    first: bool
    three: bool
    shown: bool


def queries(part: Part) -> list[Query]:
    """The queries of a part."""
    with (_FOLDER / f"queries_{part}.csv").open(encoding="utf-8", newline="") as file:
        return [
            Query(
                form=_FORMS.get(row["form"], row["form"]),
                text=row["query"],
                slug=row["slug"],
                right=frozenset((row["slug"], *row["also"].replace(";", " ").split())),
            )
            for row in csv.DictReader(file)
        ]


def unanswered(part: Part) -> list[str]:
    """Questions about other things, which no article answers."""
    with (_FOLDER / f"unanswered_{part}.csv").open(encoding="utf-8", newline="") as file:
        return [row["query"] for row in csv.DictReader(file)]


def ask(library: Library, asked: Iterable[Query]) -> list[Answered]:
    """Search for each of the queries."""
    answers = []
    for query in asked:
        hits = library.search(query.text, limit=3)
        answers.append(
            Answered(
                query=query,
                first=bool(hits) and hits[0].slug in query.right,
                three=any(hit.slug in query.right for hit in hits),
                shown=bool(hits) and hits[0].score >= WEAKEST_HIT,
            )
        )
    return answers


def refused(library: Library, asked: Iterable[str]) -> list[bool]:
    """For each question about other things, whether its best hit is too weak to be shown."""
    return [not any(hit.score >= WEAKEST_HIT for hit in library.search(text, limit=1)) for text in asked]


def measure() -> Iterator[Figure]:
    """First and first three hits a part, with 95 % intervals by way of writing; and what is shown at all."""
    library = Library.load(ROOT / "knowledge")
    for part in PARTS:
        answers = ask(library, queries(part))
        test = part == "test"
        yield _share(f"Search, {part} part: first hit right", answers, "first", 90.0 if test else None)
        yield _share(f"Search, {part} part: right among the first three", answers, "three", 98.0 if test else None)
        yield _share(f"Search, {part} part: questions with an answer that are shown one", answers, "shown", None)
        silent = refused(library, unanswered(part))
        yield Figure(
            what=f"Search, {part} part: questions without an answer that are shown none",
            value=100 * sum(silent) / len(silent),
            unit="%",
            note=share_shown(sum(silent), len(silent)),
        )


def _share(
    what: str, answers: Sequence[Answered], kind: Literal["first", "three", "shown"], target: float | None
) -> Figure:
    right = [getattr(answer, kind) for answer in answers]
    return Figure(
        what=what,
        value=100 * sum(right) / len(right),
        unit="%",
        target=target,
        at_least=True,
        note=f"{share_shown(sum(right), len(right))}; {by_form(answers, kind)}",
    )


def by_form(answers: Iterable[Answered], kind: Literal["first", "three", "shown"]) -> str:
    """The shares of each way of writing, in words."""
    forms: dict[str, list[bool]] = {}
    for answer in answers:
        forms.setdefault(answer.query.form, []).append(getattr(answer, kind))
    return ", ".join(f"{form} {share_shown(sum(right), len(right))}" for form, right in sorted(forms.items()))
