"""The knowledge as its editors see it: every article at a glance, what is due for review, and one version measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from helpline.core.sms_text import SmsSize, measure, plain
from helpline.guidance.articles import Article
from helpline.guidance.check import MEASURED, Readability, measured
from helpline.guidance.laws import PendingLaw
from helpline.guidance.lengths import words
from helpline.guidance.library import Library
from helpline.guidance.numbers import HelpNumber
from helpline.guidance.offers import Offer
from helpline.guidance.spoken import spoken

#: A review that is this near is shown as near.
SOON = timedelta(days=60)


class Due(StrEnum):
    """How a review stands on a day."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


def due(review_by: date, on: date) -> Due:
    if review_by < on:
        return Due.OVERDUE
    return Due.SOON if review_by <= on + SOON else Due.LATER


@dataclass(frozen=True, kw_only=True)
class ArticleLine:
    """One article with all its versions. Those whose time is over are kept, and are not due for review any more."""

    slug: str
    title: str
    present: tuple[Article, ...]
    past: tuple[Article, ...]
    waiting: tuple[Article, ...]
    due: Due
    review_by: date
    hardest: Readability | None

    @property
    def reviewed_on(self) -> date:
        """The day of the oldest review among the present versions: the one that says how fresh the article is."""
        return min(article.reviewed_on for article in (*self.present, *self.waiting, *self.past))

    @property
    def unsigned(self) -> bool:
        return any(article.reviewed_by is None for article in self.present)

    @property
    def reviewers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(article.reviewed_by for article in self.present if article.reviewed_by))


def overview(library: Library, on: date) -> list[ArticleLine]:
    """Every article as it stands on a day, the one that is due first first."""
    slugs = dict.fromkeys(article.slug for article in library.articles)
    return sorted((_line(library, slug, on) for slug in slugs), key=lambda line: (line.review_by, line.title))


def _line(library: Library, slug: str, on: date) -> ArticleLine:
    versions = library.versions(slug, on)
    present = tuple(article for article in versions if article.valid(on))
    waiting = tuple(article for article in versions if article not in present and article.valid_from > on)
    past = tuple(article for article in versions if article not in present and article not in waiting)
    review_by = min(article.review_by for article in (*present, *waiting) or past)
    readings = [reading for article in present if (reading := readability_of(article)) is not None]
    return ArticleLine(
        slug=slug,
        title=next(article.title for article in (*present, *waiting, *past)),
        present=present,
        past=past,
        waiting=waiting,
        due=due(review_by, on),
        review_by=review_by,
        hardest=max(readings, key=lambda reading: reading.lix, default=None),
    )


def readability_of(article: Article) -> Readability | None:
    """How easily an article reads; None in a language that LIX is not made for."""
    return measured(article.path, article.plain) if article.language in MEASURED else None


@dataclass(frozen=True, kw_only=True)
class DueFact:
    """A number, an offer or a pending law that has to be looked up again. `kind` is one of those three."""

    kind: str
    id: str
    name: str
    source: str
    checked_on: date
    next_review: date
    due: Due


def due_facts(library: Library, on: date, language: str) -> list[DueFact]:
    """Everything beside the articles that has a day of review, the soonest first."""
    found = [
        *(_fact("number", each.id, each.called(language), each, on) for each in library.numbers.values()),
        *(_fact("offer", each.id, each.called(language), each, on) for each in library.offers.values()),
        *(
            _fact("law", each.id, each.name, each, on)
            for each in library.laws.pending.values()
            if each.in_force_from is None
        ),
    ]
    return sorted(found, key=lambda fact: (fact.next_review, fact.kind, fact.name))


def _fact(kind: str, id: str, name: str, dated: HelpNumber | Offer | PendingLaw, on: date) -> DueFact:
    return DueFact(
        kind=kind,
        id=id,
        name=name,
        source=dated.source,
        checked_on=dated.checked_on,
        next_review=dated.next_review,
        due=due(dated.next_review, on),
    )


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """One version in its three lengths, as each channel gives it, with what it takes there."""

    spoken: str
    spoken_words: int
    sms: str
    sms_size: SmsSize
    readability: Readability | None


def lengths_of(article: Article) -> Lengths:
    """What the telephone says and what an SMS holds."""
    sms = plain(article.short)
    return Lengths(
        spoken=spoken(article.spoken, language=article.language),
        spoken_words=len(words(article.spoken)),
        sms=sms,
        sms_size=measure(sms),
        readability=readability_of(article),
    )


def matching(lines: Iterable[ArticleLine], wanted: str) -> list[ArticleLine]:
    """Lines whose title, slug, keywords or topics hold the wanted letters."""
    letters = wanted.casefold()
    return [
        line
        for line in lines
        if any(
            letters in text.casefold()
            for article in (*line.present, *line.waiting)
            for text in (article.slug, article.title, *article.keywords, *article.topics)
        )
    ]
