"""The knowledge check: everything an editor should hear before a text reaches a caller."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from helpline.guidance.articles import EMERGENCY_SLUG, Article, article_paths, read_article
from helpline.guidance.emergency import read_emergency
from helpline.guidance.filling import REFERENCE, fill, reference_problem, references
from helpline.guidance.laws import Laws, PendingLaw, read_laws
from helpline.guidance.lengths import gsm_length, lix, sentences, words
from helpline.guidance.letters import Letters
from helpline.guidance.library import Library
from helpline.guidance.markdown import ARTICLE_LINK, link_is_wellformed, links, to_plain
from helpline.guidance.numbers import HelpNumber, read_numbers
from helpline.guidance.offers import Offer, read_offers
from helpline.guidance.reading import LANGUAGES, KnowledgeError
from helpline.guidance.replies import read_replies
from helpline.guidance.rights import Right, RightsGuide
from helpline.guidance.search import read_words

SPOKEN_WORDS = 60
SHORT_CHARACTERS = 300
SENTENCE_WORDS = 20
#: Plain Norwegian reads at 30-40 (DOMAIN §6).
HIGHEST_LIX = 40.0
#: LIX is made for Scandinavian texts, and is measured on those.
MEASURED = ("nb", "nn")

#: A telephone number typed into a sentence instead of named by id.
_TYPED_NUMBER = re.compile(
    r"(?<![\d§/.–-])(?<!§ )"
    r"(?:11[023]|116[ \u00a0]?\d{3}|02800|\d{8}|\d{2}(?:[ \u00a0]\d{2}){3}|\d{3}[ \u00a0]\d{2}[ \u00a0]\d{3})"
    r"(?![\d/–-])"
)

#: A clock time typed into a sentence: hours are data, and fall away when they are old.
_TYPED_HOURS = re.compile(r"\bkl\.? ?\d{1,2}|\bdays \d{1,2}[–-]\d{1,2}", re.IGNORECASE)

#: A section as a text cites it, and as a source lists it: «10-1», «3-3 a», «196».
_SECTION = re.compile(r"\d+(?:-\d+)?(?: [a-z]\b)?")
_CITED = re.compile(rf"§+ ?({_SECTION.pattern})")


class Severity(StrEnum):
    """An error fails the check; a warning is for an editor to see."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong with a content file, and where."""

    path: Path
    line: int
    message: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.message}"


@dataclass(frozen=True, kw_only=True)
class Readability:
    """How easily the full text of one article reads: LIX, and the words of its longest sentence."""

    path: Path
    lix: float
    longest_sentence: int


def check(directory: Path, at: date) -> list[Problem]:
    """Every problem of a knowledge directory as it will stand on a day, in the order of files and lines."""
    problems: list[Problem] = []
    numbers: dict[str, HelpNumber] = {}
    offers: dict[str, Offer] = {}
    try:
        numbers = read_numbers(directory / "numbers.yaml")
        problems += _overdue_numbers(directory / "numbers.yaml", numbers.values(), at)
        read_emergency(directory / "emergency.yaml", numbers)
    except KnowledgeError as error:
        problems.append(_unreadable(error))
    try:
        offers = read_offers(directory / "offers.yaml")
        problems += _overdue_offers(directory / "offers.yaml", offers.values(), at)
    except KnowledgeError as error:
        problems.append(_unreadable(error))
    try:
        read_replies(directory / "replies.yaml", numbers)
    except KnowledgeError as error:
        problems.append(_unreadable(error))
    try:
        read_words(directory / "words.yaml")
    except KnowledgeError as error:
        problems.append(_unreadable(error))
    laws = Laws(numbers={}, pending={})
    try:
        laws = read_laws(directory / "laws.yaml")
        problems += _overdue_laws(directory / "laws.yaml", laws.pending.values(), at)
    except KnowledgeError as error:
        problems.append(_unreadable(error))
    articles: list[Article] = []
    for path in article_paths(directory):
        try:
            articles.append(read_article(path, laws))
        except KnowledgeError as error:
            problems.append(_unreadable(error))
    slugs = frozenset(article.slug for article in articles)
    for article in articles:
        problems += _article_problems(article, numbers, offers, slugs, at)
    problems += _set_problems(directory, articles, at)
    # The rights name articles: while one cannot be read there is nothing to hold them against.
    if (directory / "guide").is_dir() and not any(problem.severity is Severity.ERROR for problem in problems):
        problems += _guide_problems(directory, at)
    if (directory / "letters").is_dir():
        problems += _letter_problems(directory / "letters", at)
    return sorted(problems, key=lambda problem: (str(problem.path), problem.line, problem.message))


def readability(directory: Path, at: date) -> list[Readability]:
    """LIX of the full text of every Norwegian article as it reads on a day, the hardest first.

    Raises:
        KnowledgeError: a file cannot be read; run `check` first.
    """
    numbers, offers = read_numbers(directory / "numbers.yaml"), read_offers(directory / "offers.yaml")
    laws = read_laws(directory / "laws.yaml")
    found = []
    for path in article_paths(directory):
        article = read_article(path, laws)
        if article.language in MEASURED:
            filled = fill(article.full, numbers=numbers, offers=offers, on=at, language=article.language)
            found.append(measured(path, to_plain(filled)))
    return sorted(found, key=lambda reading: (-reading.lix, reading.path))


def measured(path: Path, plain: str) -> Readability:
    """The readability of a plain text."""
    longest = max((len(words(sentence)) for sentence in sentences(plain)), default=0)
    return Readability(path=path, lix=round(lix(plain), 1), longest_sentence=longest)


def _unreadable(error: KnowledgeError) -> Problem:
    return Problem(path=error.path, line=error.line, message=error.message, severity=Severity.ERROR)


def _overdue_numbers(path: Path, numbers: Iterable[HelpNumber], at: date) -> Iterator[Problem]:
    for number in numbers:
        if number.next_review < at:
            message = f"the number «{number.id}» was due for review on {number.next_review}."
            yield Problem(path=path, line=number.line, message=message, severity=Severity.WARNING)


def _overdue_offers(path: Path, offers: Iterable[Offer], at: date) -> Iterator[Problem]:
    for offer in offers:
        if offer.next_review < at:
            message = f"the offer «{offer.id}» was due for review on {offer.next_review}."
            yield Problem(path=path, line=offer.line, message=message, severity=Severity.WARNING)


def _overdue_laws(path: Path, laws: Iterable[PendingLaw], at: date) -> Iterator[Problem]:
    for law in laws:
        if law.in_force_from is None and law.next_review < at:
            message = f"whether «{law.id}» has been given a day was to be looked up on {law.next_review}."
            yield Problem(path=path, line=law.line, message=message, severity=Severity.WARNING)


def _article_problems(
    article: Article, numbers: dict[str, HelpNumber], offers: dict[str, Offer], slugs: frozenset[str], at: date
) -> Iterator[Problem]:
    def problem(line: int, message: str, severity: Severity = Severity.ERROR) -> Problem:
        return Problem(path=article.path, line=line, message=message, severity=severity)

    if article.review_by < at:
        yield problem(1, f"was due for review on {article.review_by}.", Severity.WARNING)
    listed = {found for source in article.sources for found in _SECTION.findall(source.text)}
    sound = True
    for name, first in article.lines.items():
        text = article.section(name)
        for reference in references(text):
            message = reference_problem(reference, numbers, offers)
            if message is not None:
                sound = False
                yield problem(first + reference.line, message)
        for offset, target in links(text):
            if name != "full":
                yield problem(first + offset, f"«{name}» is heard or sent as SMS and can hold no link.")
            elif not link_is_wellformed(target):
                yield problem(first + offset, f"the link «{target}» is neither an article nor an https address.")
            elif ARTICLE_LINK.fullmatch(target) and target not in slugs:
                yield problem(first + offset, f"the link «{target}» leads to no article.")
        for offset, line in enumerate(text.split("\n")):
            typed = _TYPED_NUMBER.search(REFERENCE.sub("", line))
            if typed is not None:
                yield problem(first + offset, f"the number «{typed[0]}» is typed in; name it as {{number:id}}.")
            hours = _TYPED_HOURS.search(line)
            if hours is not None:
                yield problem(first + offset, f"the hours «{hours[0]}» are typed in; write {{offer:id:full}}.")
            for cited in _CITED.findall(line):
                if cited not in listed:
                    yield problem(first + offset, f"§ {cited} is cited, but stands in none of the sources.")
    if sound:
        yield from _length_problems(article, numbers, offers, at)


def _length_problems(
    article: Article, numbers: dict[str, HelpNumber], offers: dict[str, Offer], at: date
) -> Iterator[Problem]:
    def filled(text: str) -> str:
        return fill(text, numbers=numbers, offers=offers, on=at, language=article.language)

    def problem(section: str, message: str, severity: Severity) -> Problem:
        return Problem(path=article.path, line=article.lines[section], message=message, severity=severity)

    spoken = len(words(filled(article.spoken)))
    if spoken > SPOKEN_WORDS:
        yield problem("spoken", f"«spoken» has {spoken} words; at most {SPOKEN_WORDS}.", Severity.ERROR)
    short = len(filled(article.short))
    if short > SHORT_CHARACTERS:
        yield problem("short", f"«short» has {short} characters; at most {SHORT_CHARACTERS}.", Severity.ERROR)
    plain = to_plain(filled(article.full))
    for name, text in (("spoken", filled(article.spoken)), ("short", filled(article.short)), ("full", plain)):
        for sentence in sentences(text):
            if len(words(sentence)) > SENTENCE_WORDS:
                message = f"a sentence has over {SENTENCE_WORDS} words: «{sentence[:60]}…»"
                yield problem(name, message, Severity.WARNING)
    if article.language in MEASURED and lix(plain) > HIGHEST_LIX:
        yield problem("full", f"reads at LIX {lix(plain):.0f}; at most {HIGHEST_LIX:.0f}.", Severity.WARNING)


def _letter_problems(directory: Path, at: date) -> Iterator[Problem]:
    """What is wrong with the letters: a file that cannot be read, or hooks in the law that nobody has looked at."""
    try:
        letters = Letters.load(directory)
    except KnowledgeError as error:
        yield _unreadable(error)
        return
    if letters.review_by < at:
        message = f"the letters were due for review on {letters.review_by}."
        yield Problem(path=directory / "kinds.yaml", line=1, message=message, severity=Severity.WARNING)


def _guide_problems(directory: Path, at: date) -> Iterator[Problem]:
    """What is wrong with the rights guide: a file that cannot be read, a text too long for its channel or too hard."""
    try:
        guide = RightsGuide.load(Library.load(directory))
    except KnowledgeError as error:
        yield _unreadable(error)
        return
    if guide.review_by < at:
        message = f"the rights were due for review on {guide.review_by}."
        yield Problem(path=directory / "guide" / "unsure.yaml", line=1, message=message, severity=Severity.WARNING)
    for right in guide.rights:
        for language in LANGUAGES:
            yield from _right_problems(right, language)


def _right_problems(right: Right, language: str) -> Iterator[Problem]:
    def problem(message: str, severity: Severity) -> Problem:
        return Problem(path=right.path, line=right.line, message=f"«{right.id}» {message}", severity=severity)

    short = gsm_length(right.short[language])
    if short is None:
        yield problem(f"has a character in its {language} text that an SMS cannot carry.", Severity.ERROR)
    elif short > SHORT_CHARACTERS:
        yield problem(f"has {short} characters in {language}; at most {SHORT_CHARACTERS}.", Severity.ERROR)
    spoken = len(words(right.spoken[language]))
    if spoken > SPOKEN_WORDS:
        yield problem(f"has {spoken} words to say in {language}; at most {SPOKEN_WORDS}.", Severity.ERROR)
    texts = (right.means, right.how, right.where, right.deadline, right.changes)
    whole = "\n".join(text[language] for text in texts)
    if typed := _TYPED_NUMBER.search(whole):
        yield problem(f"has the number «{typed[0]}» typed in.", Severity.ERROR)
    for sentence in sentences(whole):
        if len(words(sentence)) > SENTENCE_WORDS:
            yield problem(f"has a sentence of over {SENTENCE_WORDS} words: «{sentence[:60]}…»", Severity.WARNING)
    if language in ("nb", "nn") and lix(whole) > HIGHEST_LIX:
        yield problem(f"reads at LIX {lix(whole):.0f} in {language}; at most {HIGHEST_LIX:.0f}.", Severity.WARNING)


def _set_problems(directory: Path, articles: list[Article], at: date) -> Iterator[Problem]:
    """What is wrong with the articles together: bokmål missing, versions that overlap or leave no version for today."""
    for slug in sorted({article.slug for article in articles}):
        norwegian = [article for article in articles if (article.slug, article.language) == (slug, "nb")]
        first = next(article for article in articles if article.slug == slug)
        if not norwegian:
            message = f"«{slug}» has no bokmål version."
            yield Problem(path=first.path, line=1, message=message, severity=Severity.ERROR)
        elif not any(article.valid(at) for article in norwegian):
            message = f"«{slug}» is not valid on {at} and is withheld from callers."
            yield Problem(path=first.path, line=1, message=message, severity=Severity.WARNING)
    for slug, language in sorted({(article.slug, article.language) for article in articles}):
        versions = [article for article in articles if (article.slug, article.language) == (slug, language)]
        if language != "nb" and not any(article.valid(at) for article in versions):
            message = f"«{slug}» has no version in «{language}» on {at}; callers get it in bokmål."
            yield Problem(path=versions[0].path, line=1, message=message, severity=Severity.WARNING)
    by_version = sorted(articles, key=lambda article: (article.slug, article.language, article.valid_from))
    for before, article in pairwise(by_version):
        same = (before.slug, before.language) == (article.slug, article.language)
        if same and (before.valid_until is None or before.valid_until >= article.valid_from):
            message = f"is valid on the same days as {before.path.name}."
            yield Problem(path=article.path, line=1, message=message, severity=Severity.ERROR)
    for language in LANGUAGES:
        if not any((article.slug, article.language) == (EMERGENCY_SLUG, language) for article in articles):
            path = directory / "rights" / f"{EMERGENCY_SLUG}.{language}.md"
            yield Problem(path=path, line=1, message="does not exist.", severity=Severity.ERROR)
    unread = sorted(article.path.name for article in articles if article.reviewed_by is None)
    if unread:
        message = f"no person has signed the review of {len(unread)} articles, {unread[0]} first."
        yield Problem(path=directory / "rights", line=1, message=message, severity=Severity.WARNING)
