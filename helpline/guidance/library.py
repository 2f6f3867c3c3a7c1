"""The library: everything under `knowledge/` that callers and advisors read, loaded once and never changed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from helpline.core.codes import AtRisk, Urgency
from helpline.guidance.anonymous import ordinary_words
from helpline.guidance.articles import EMERGENCY_SLUG, Article, article_paths, read_article
from helpline.guidance.asked import read_asked
from helpline.guidance.danger import numbers_for
from helpline.guidance.emergency import EmergencyLines, emergency_answer, read_emergency
from helpline.guidance.filling import fill, reference_problem, references
from helpline.guidance.laws import Laws, read_laws
from helpline.guidance.numbers import HelpNumber, read_numbers
from helpline.guidance.offers import Offer, read_offers
from helpline.guidance.phrases import page_language
from helpline.guidance.reading import ALL_LANGUAGES, LANGUAGES, KnowledgeError
from helpline.guidance.replies import Reply, read_replies
from helpline.guidance.search import Hit, SearchIndex, Words, read_words


@dataclass(frozen=True, kw_only=True, repr=False)
class Library:
    """Articles, help numbers, offers and emergency lines, with their search. Make one with `Library.load`."""

    directory: Path
    articles: tuple[Article, ...]
    numbers: Mapping[str, HelpNumber]
    offers: Mapping[str, Offer]
    emergency: EmergencyLines
    words: Words
    asked: Mapping[str, tuple[str, ...]]
    replies: tuple[Reply, ...]
    laws: Laws
    ordinary: frozenset[str]

    @classmethod
    def load(cls, directory: Path) -> "Library":
        """Read a knowledge directory.

        Raises:
            KnowledgeError: the first thing that is wrong, with its file and line.
        """
        numbers = read_numbers(directory / "numbers.yaml")
        offers = read_offers(directory / "offers.yaml")
        laws = read_laws(directory / "laws.yaml")
        articles = tuple(read_article(path, laws) for path in article_paths(directory))
        for article in articles:
            _refuse_unknown(article, numbers, offers)
        _refuse_overlap(articles)
        if not any(article.slug == EMERGENCY_SLUG and article.language == "nb" for article in articles):
            raise KnowledgeError(directory / "rights" / f"{EMERGENCY_SLUG}.nb.md", 1, "does not exist.")
        return cls(
            directory=directory,
            articles=articles,
            numbers=numbers,
            offers=offers,
            emergency=read_emergency(directory / "emergency.yaml", numbers),
            words=read_words(directory / "words.yaml"),
            asked=read_asked(directory / "asked.csv", {article.slug for article in articles}),
            replies=read_replies(directory / "replies.yaml", numbers),
            laws=laws,
            ordinary=ordinary_words(articles, directory / "ordinary.yaml"),
        )

    def article(self, slug: str, language: str, on: date) -> Article | None:
        """An article as it reads on a day, numbers filled in; in bokmål where the language has none; None if unknown.

        A version not valid on that day is withheld, and so is a language that still needs its native reader; the
        emergency article never is.
        """
        found = self._valid(slug, language, on)
        return self._filled(found, on) if found is not None else None

    def for_caller(self, slug: str, language: str, on: date) -> tuple[Article, ...]:
        """An article as a caller gets it. Where their own language has a version that still needs its native reader,
        they get it in Norwegian and in English instead; empty when there is none for that day."""
        if language not in LANGUAGES and any(not each.open_to_callers for each in self._versions(slug, language)):
            found = (self.article(slug, each, on) for each in ("nb", "en"))
            return tuple({each.language: each for each in found if each is not None}.values())
        article = self.article(slug, language, on)
        if article is None or article.language == language:
            return () if article is None else (article,)
        best = self.article(slug, page_language(language), on)
        return (best or article,)

    def preview(self, slug: str, language: str, on: date) -> Article | None:
        """An article for those who edit it: exactly this language, reviewed or not, the newest if none is valid."""
        versions = self._versions(slug, language)
        valid = [article for article in versions if article.valid(on)]
        chosen = (valid or versions)[:1]
        return self._filled(chosen[0], on) if chosen else None

    def versions(self, slug: str, on: date) -> tuple[Article, ...]:
        """Every version of an article in every language, for those who edit it: numbers filled in, bokmål first, the
        newest version of a language before the older ones."""
        return tuple(
            self._filled(article, on) for language in ALL_LANGUAGES for article in self._versions(slug, language)
        )

    def for_topics(self, topics: Iterable[str], language: str, on: date, limit: int = 3) -> list[Article]:
        """Articles to suggest for topics of the code list: first the main ones of each topic in turn, then the others.

        Of several main ones those come first that we have in more languages: they are asked for most.
        """
        languages = Counter(slug for slug, _ in {(article.slug, article.language) for article in self.articles})
        main = {article.slug: article.topics for article in self.articles if article.language == "nb"}
        ranked: dict[str, tuple[bool, int, int]] = {}
        for order, topic in enumerate(topics):
            about = [slug for slug, own in main.items() if topic in own]
            about.sort(key=lambda slug: (main[slug].index(topic), -languages[slug], slug))
            for place, slug in enumerate(about):
                rank = (main[slug][0] != topic, place, order)
                ranked[slug] = min(rank, ranked.get(slug, rank))
        found = (self.article(slug, language, on) for slug in sorted(ranked, key=lambda slug: ranked[slug]))
        return [article for article in found if article is not None][:limit]

    def search(
        self, query: str, language: str = "nb", limit: int = 5, audience: str | None = None, on: date | None = None
    ) -> list[Hit]:
        """The articles that answer a query, best first; words of any language we write find them.

        With a day, only articles that are valid on it, under the title that they have then.
        """
        if on is None:
            return self._index.search(query, language=language, limit=limit, audience=audience)
        found: list[Hit] = []
        for hit in self._index.search(query, language=language, limit=len(self.articles), audience=audience):
            if len(found) >= limit:
                break
            article = self._valid(hit.slug, language, on)
            if article is not None:
                found.append(replace(hit, title=article.title, language=article.language))
        return found

    def stems(self, text: str) -> tuple[str, ...]:
        """The stems of a text's words, small words left out, as the search cuts them."""
        return self.words.stems(text)

    def number(self, number_id: str) -> HelpNumber:
        """A help number by id.

        Raises:
            KeyError: there is no such number.
        """
        return self.numbers[number_id]

    def numbers_for(
        self, alarm_codes: Iterable[str], level: Urgency, at_risk: AtRisk | None, on: date
    ) -> tuple[HelpNumber, ...]:
        """The help numbers that may be shown on a day, the most urgent first (`numbers_for` gives the ids)."""
        found = (self.numbers[number_id] for number_id in numbers_for(alarm_codes, level, at_risk))
        return tuple(number for number in found if number.shown(on))

    def round_the_clock(self, on: date) -> tuple[HelpNumber, ...]:
        """The numbers that answer at night, in the order of the file: for when we are closed."""
        return tuple(number for number in self.numbers.values() if number.round_the_clock and number.shown(on))

    def emergency_answer(
        self,
        alarm_codes: Iterable[str],
        at_risk: AtRisk | None,
        language: str,
        on: date,
        level: Urgency = Urgency.RED,
        sure: bool = True,
    ) -> tuple[str, ...]:
        """What a caller in danger is told first, line by line; see `helpline.guidance.emergency.emergency_answer`."""
        return emergency_answer(
            self.emergency,
            self.numbers,
            alarm_codes=alarm_codes,
            at_risk=at_risk,
            language=language,
            on=on,
            level=level,
            sure=sure,
        )

    def fill(self, text: str, language: str, on: date) -> str:
        """Any text of ours with its `{number:id}` and `{offer:id}` filled in for a day.

        Raises:
            ValueError: the text names something unknown.
        """
        for reference in references(text):
            problem = reference_problem(reference, self.numbers, self.offers)
            if problem is not None:
                raise ValueError(problem)
        return fill(text, numbers=self.numbers, offers=self.offers, on=on, language=language)

    def make_search(self) -> None:
        """Make what `search` needs, if it is not made yet: a second or two that no start should wait for."""
        _ = self._index

    @cached_property
    def _index(self) -> SearchIndex:
        newest = {(each.slug, each.language): each for each in sorted(self.articles, key=_began) if not each.waits}
        open_ones = (article for article in newest.values() if article.open_to_callers)
        return SearchIndex(open_ones, self.words, self.asked)

    @cached_property
    def _shelf(self) -> Mapping[tuple[str, str], list[Article]]:
        """The versions of each article and language, the newest first."""
        shelf: dict[tuple[str, str], list[Article]] = {}
        for article in sorted(self.articles, key=_began, reverse=True):
            shelf.setdefault((article.slug, article.language), []).append(article)
        return shelf

    def _versions(self, slug: str, language: str) -> list[Article]:
        return self._shelf.get((slug, language), [])

    def _valid(self, slug: str, language: str, on: date) -> Article | None:
        """The version that callers get on a day, as it was read."""
        for wanted in dict.fromkeys((language, "nb")):
            for article in self._versions(slug, wanted):
                if article.valid(on) and article.open_to_callers:
                    return article
        return None

    def _filled(self, article: Article, on: date) -> Article:
        def filled(text: str) -> str:
            return fill(text, numbers=self.numbers, offers=self.offers, on=on, language=article.language)

        return replace(article, spoken=filled(article.spoken), short=filled(article.short), full=filled(article.full))


def _began(article: Article) -> date:
    return article.valid_from


def _refuse_unknown(article: Article, numbers: Mapping[str, HelpNumber], offers: Mapping[str, Offer]) -> None:
    for section, line in article.lines.items():
        for reference in references(article.section(section)):
            problem = reference_problem(reference, numbers, offers)
            if problem is not None:
                raise KnowledgeError(article.path, line + reference.line, problem)


def _refuse_overlap(articles: Iterable[Article]) -> None:
    """Two versions of an article in one language may not both be right on a day."""
    last: dict[tuple[str, str], Article] = {}
    for article in sorted(articles, key=_began):
        before = last.get((article.slug, article.language))
        if before is not None and (before.valid_until is None or before.valid_until >= article.valid_from):
            raise KnowledgeError(article.path, 1, f"is valid on the same days as {before.path.name}.")
        last[article.slug, article.language] = article
