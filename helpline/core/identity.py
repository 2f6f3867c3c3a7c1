"""Words in a text that may say who somebody is: marked for a person to look at, and taken out.

The marks are hints, not a verdict: they find numbers, addresses, handles, places and what looks like a name, and they
mark too much rather than too little. What is taken out is replaced by […]; nothing can be put in. What may be kept of a
question that nobody reads before it is kept is decided the other way round, by `guidance.anonymous`.
"""

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from helpline.core.codes import counties, municipalities

#: What stands where words were taken out.
TAKEN_OUT = "[…]"


class MarkKind(StrEnum):
    """What a mark looks like."""

    NUMBER = "number"
    """A telephone number, a national identity number, a postcode: anything of four digits or more but a year."""
    EMAIL = "email"
    LINK = "link"
    HANDLE = "handle"
    """@somebody."""
    PLACE = "place"
    """A municipality, a county, or a street with its number."""
    NAME = "name"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Characters of a text, from `start` to before `end`, that may say who somebody is."""

    start: int
    end: int
    words: str
    kind: MarkKind


_UPPER = "A-ZÆØÅÄÖÜÉÁČĐŊŠŦŽ"
_LOWER = "a-zæøåäöüéèêóòôáàâčđŋšŧž"
_WORD = re.compile(rf"[{_UPPER}{_LOWER}](?:[{_UPPER}{_LOWER}]|[-'’.](?=[{_UPPER}{_LOWER}]))*")

_PATTERNS = (
    (MarkKind.EMAIL, re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        MarkKind.LINK,
        re.compile(r"(?:https?://|www\.)\S*[^\s.,;:!?)»\"]|\b[\w-]+\.(?:no|com|org|net|me)\b(?:/\S*)?", re.IGNORECASE),
    ),
    (MarkKind.HANDLE, re.compile(r"(?<!\w)@\w{2,}")),
    (
        MarkKind.PLACE,
        re.compile(rf"\b[{_UPPER}][{_LOWER}]*(?:veien|vegen|gata|gaten|gate|vei|veg|stien|plass|allé) \d{{1,3}}\b"),
    ),
    (MarkKind.NUMBER, re.compile(r"(?<![\w+])\+?\d(?:[ .\u00a0-]?\d){3,}(?!\w)")),
)
#: A four-digit number of these years says when, not who.
_YEAR = re.compile(r"(?:19|20)\d\d")

#: Capitals that are nobody's name.
_NO_NAMES = frozenset(
    "i i'm i've i'll i'd i’m i’ve i’ll i’d jeg eg du de dere vi god gud jesus jul julen påske påsken norge noreg "
    "norway norsk nav pio dps bup legevakt legevakta legevakten telegram google facebook instagram english norwegian "
    "mamma pappa mor far bror søster mum dad monday tuesday wednesday thursday friday saturday sunday january february "
    "march april may june july august september october november december christmas easter".split()
)
#: «han heter …», «my name is …»: what follows is a name, however it is written.
_CALLED = re.compile(
    r"\b(?:heter|heiter|kalles|kallast|hilsen|mvh|helsing|navnet mitt er|namnet mitt er|my name is|is called|named)"
    rf"\s+([{_UPPER}{_LOWER}]{{2,}})",
    re.IGNORECASE,
)


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Frequent first names in lower case: all of them, and those that are words of their own too («liv», «bo»)."""
    with resources.files(__package__).joinpath("first_names.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return (
        frozenset(row["name"].casefold() for row in rows),
        frozenset(row["name"].casefold() for row in rows if row["also_a_word"] == "yes"),
    )


@cache
def _places() -> frozenset[str]:
    """Municipalities and counties, in lower case; each part of a name that has two languages."""
    names = {place.name for place in municipalities().values()} | set(counties().values()) - {"Utlandet"}
    parts = {part.strip() for name in names for part in re.split(r" [-–] ", name)}
    return frozenset(part.casefold() for part in names | parts)


def marks(text: str) -> tuple[Mark, ...]:
    """Where a text may say who somebody is, in its order; marks never overlap."""
    found: list[Mark] = []
    taken = bytearray(len(text))
    for mark in (*_patterned(text), *_placed(text), *_named(text)):
        start = mark.start
        if mark.kind is MarkKind.NUMBER and taken[start]:
            # A street takes the first digits for its house («Storgata 912 912 912»): the rest are a number still.
            while start < mark.end and (taken[start] or not text[start].isdigit()):
                start += 1
        if start < mark.end and not any(taken[start : mark.end]):
            taken[start : mark.end] = b"\1" * (mark.end - start)
            found.append(mark if start == mark.start else _mark(text, start, mark.end, mark.kind))
    return tuple(sorted(found, key=lambda mark: mark.start))


def _mark(text: str, start: int, end: int, kind: MarkKind) -> Mark:
    return Mark(start=start, end=end, words=text[start:end], kind=kind)


def _patterned(text: str) -> Iterator[Mark]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if kind is not MarkKind.NUMBER or not _YEAR.fullmatch(match[0]):
                yield _mark(text, *match.span(), kind)


def _placed(text: str) -> Iterator[Mark]:
    """A place is written with a capital; two words («Nord-Aurdal», «Møre og Romsdal») are one place."""
    words = list(_WORD.finditer(text))
    for index, word in enumerate(words):
        if not word[0][0].isupper():
            continue
        for length in (3, 2, 1):
            last = words[min(index + length, len(words)) - 1]
            whole = re.sub(r"\s+", " ", text[word.start() : last.end()])
            if whole.casefold() in _places():
                yield _mark(text, word.start(), last.end(), MarkKind.PLACE)
                break


def _named(text: str) -> Iterator[Mark]:
    for match in _CALLED.finditer(text):
        yield _mark(text, *match.span(1), MarkKind.NAME)
    capitals: set[str] = set()
    for word in _WORD.finditer(text):
        if _looks_like_a_name(text, word):
            capitals.add(word[0])
            yield _mark(text, *word.span(), MarkKind.NAME)
    # What is a name in the middle of a sentence is one at its beginning too.
    for word in _WORD.finditer(text):
        if word[0] in capitals:
            yield _mark(text, *word.span(), MarkKind.NAME)


def _looks_like_a_name(text: str, word: re.Match[str]) -> bool:
    said = word[0]
    known, also_words = _names()
    forms = {said.casefold(), said.casefold().removesuffix("s")}
    if forms & _NO_NAMES:
        return False
    if not said[0].isupper() or (said.isupper() and len(said) > 1):
        # A text all in small letters or all in capitals still holds names that we know.
        return bool(forms & known - also_words)
    if _begins_sentence(text, word.start()):
        return bool(forms & known - also_words)
    return len(said) > 1


def _begins_sentence(text: str, start: int) -> bool:
    """Whether a sentence begins at a character, so that its capital says nothing."""
    before = text[:start].rstrip(" \t«\"“('*")
    return not before or before[-1] in ".!?:…\n•-–"


def without(text: str, spans: Collection[tuple[int, int]]) -> str:
    """The text with the characters of these spans taken out, each run of them replaced by […].

    Raises:
        ValueError: a span lies outside the text.
    """
    pieces, here = [], 0
    for start, end in _joined(text, spans):
        pieces += [text[here:start], TAKEN_OUT]
        here = end
    return "".join([*pieces, text[here:]])


def _joined(text: str, spans: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that touch or overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"The span {start}–{end} lies outside the text.")
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def spans_of(text: str, phrases: Collection[str]) -> list[tuple[int, int]]:
    """Where these words or phrases stand in a text, as whole words and in any case."""
    found: list[tuple[int, int]] = []
    for phrase in phrases:
        parts = [re.escape(part) for part in phrase.split()]
        if parts:
            pattern = re.compile(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)", re.IGNORECASE)
            found += [match.span() for match in pattern.finditer(text)]
    return sorted(found)
