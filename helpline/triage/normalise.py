"""From text as frightened people write it to plain tokens, each with its place in the original.

Dialect, nynorsk, Swedish and Danish are led to one written form, so that one pattern serves them all; the lexicon's
patterns go through the same door. Every step is linear in the length of the text.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

#: Tokens that stand for a break between clauses and between sentences.
CLAUSE, SENTENCE = ";", "."
BREAKS = frozenset((CLAUSE, SENTENCE))

_LETTERS = {
    "ø": "o",
    "œ": "o",
    "æ": "e",
    "ä": "e",
    "å": "a",
    "ö": "o",
    "ł": "l",
    "đ": "d",
    "ŧ": "t",
    "ß": "s",
    "ı": "i",
}
_ARABIC = {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ؤ": "و", "ئ": "ي", "ـ": ""}
#: Signs that say what a word would: they strengthen an alarm, and never make one.
_EMOJI = {"🔪": " emojikniv ", "🔫": " emojipistol ", "💊": " emojipille ", "🩸": " emojiblod ", "🔥": " emojiild "}
_APOSTROPHES = frozenset("'’‘`´ʼ*")
_SENTENCE_ENDS = frozenset(".!?\n\r؟。")
_CLAUSE_ENDS = frozenset(',;:()[]{}–—«»"“”„،؛|')
_DIGIT_LETTERS = str.maketrans("013457", "oieast")
#: Folded, a variant this short with æøå would too often be another word.
_SHORT = 4
_REPEATED = re.compile(r"([^\W\d_])\1+")
_WORD = re.compile(r"[^\W_]+|[.;]")
_LATIN = re.compile(r"[a-z]+\Z")
_ARABIC_WORD = re.compile(r"[\u0621-\u064a]{4,}\Z")
#: «and», «so», «the», «with», «to» and their pairs.
_ARABIC_OPENINGS = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ف", "ب", "ل")
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
#: So long that a word one letter away is seldom another word.
_LONG = 7


@dataclass(frozen=True, slots=True)
class Token:
    """A normalised word, or a break; `start` and `end` count characters of the original text."""

    word: str
    start: int
    end: int
    #: Written with a capital letter, the rest small.
    capital: bool = False


@cache
def load(name: str) -> dict[str, Any]:
    """A data file of this room, by its path below it without the ending."""
    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=8192)
def _letter(char: str) -> str:
    """What one character of the original becomes before words are cut: small, without decoration, or a sign."""
    if char in _EMOJI:
        return _EMOJI[char]
    if char in _APOSTROPHES:
        return ""
    if char in _SENTENCE_ENDS:
        return SENTENCE
    if char in _CLAUSE_ENDS:
        return CLAUSE
    out = []
    for part in unicodedata.normalize("NFKC", char).lower():
        if part in "æøåäö":
            out.append(part)
            continue
        category = unicodedata.category(part)
        if category in ("Cf", "Mn", "Me") or (category == "Cc" and part not in "\t"):
            continue
        if part in _ARABIC:
            out.append(_ARABIC[part])
        elif category[0] in "LN":
            bare = unicodedata.normalize("NFD", part)[0]
            out.append(_LETTERS.get(bare, bare))
        else:
            out.append(" ")
    return "".join(out)


def plain(text: str) -> str:
    """A text in the letters that tokens are written in: small, without decoration or signs within words."""
    return "".join(map(_letter, text))


def fold(word: str) -> str:
    """One spelling for many: no æøå, no doubled letters, nynorsk and Swedish endings as bokmål ones."""
    for letter in "øæäåö":
        if letter in word:
            word = word.replace(letter, _LETTERS[letter])
    if "ae" in word and not (len(word) > 5 and word.endswith(("aer", "aet", "aene"))):  # not «skjemaer»
        word = word.replace("ae", "e")
    if "oe" in word and not word.startswith(("noe", "goe", "doe")):
        word = word.replace("oe", "o")
    word = _REPEATED.sub(r"\1", word)
    for wrong, right in _prefixes():
        if word.startswith(wrong):
            word = right + word[len(wrong) :]
            break
    if len(word) >= 4 and _LATIN.match(word):
        if word.endswith("ar") and len(word) >= 5:
            word = word[:-2] + "er"
        elif word.endswith(("ane", "arne")) and len(word) >= 6:
            word = word[:-4] + "ene" if word.endswith("arne") else word[:-3] + "ene"
        elif word.endswith("a"):
            word = word[:-1] + "e"
    return word


@cache
def _prefixes() -> tuple[tuple[str, str], ...]:
    return tuple(load("lexicon/forms")["prefixes"].items())


@cache
def _forms() -> dict[str, str]:
    """Spelling → canonical word, both for words as they are written and folded."""
    table: dict[str, str] = {}
    data = load("lexicon/forms")
    for canonical, variants in data["forms"].items():
        target = canonical if canonical in data["kept"] else fold(canonical)
        table[canonical] = target
        for variant in variants:
            table[variant] = target
            folded = fold(variant)
            if folded not in data["never_folded"] and (variant.isascii() or len(folded) > _SHORT):
                table.setdefault(folded, target)
    for word in data["kept"]:
        table.setdefault(word, word)
    return table


def _by_shorter(words: Iterable[str]) -> dict[str, str]:
    """Every word by itself and by every spelling with one letter left out."""
    table: dict[str, str] = {}
    for word in words:
        for spelling in (word, *_shorter(word)):
            table.setdefault(spelling, word)
    return table


def _is_long(word: str) -> bool:
    return len(word) >= _LONG and _LATIN.match(word) is not None


def _shorter(word: str) -> Iterator[str]:
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


def canonical(word: str) -> str:
    """The written form that patterns use for a word in small letters."""
    forms = _forms()
    found = forms.get(word)
    if found is None:
        folded = fold(word)
        found = forms.get(folded, folded)
    return found


def _one_letter_off(word: str, other: str) -> bool:
    """True if one letter is missing, added, changed, or swapped with its neighbour."""
    if abs(len(word) - len(other)) > 1:
        return False
    start = _shared(word, other)
    if len(word) == len(other):
        changed = word[start + 1 :] == other[start + 1 :]
        return changed or _swapped(word, other, start)
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    return longer[start + 1 :] == shorter[start:]


def _mistyped(word: str, meant: str) -> bool:
    """True if a finger slipped once: a letter left out, swapped, or hit together with or instead of one beside it."""
    start = _shared(word, meant)
    if len(word) < len(meant):
        return True
    if len(word) > len(meant):
        return any(_beside(word[start], near) for near in meant[max(0, start - 1) : start + 1])
    if _swapped(word, meant, start):
        return True
    return word[start + 1 :] == meant[start + 1 :] and _beside(word[start], meant[start])


def _shared(word: str, other: str) -> int:
    """How many letters the two have in common from their beginning."""
    start = 0
    shortest = min(len(word), len(other))
    while start < shortest and word[start] == other[start]:
        start += 1
    return start


def _swapped(word: str, other: str, start: int) -> bool:
    return word[start : start + 2] == other[start : start + 2][::-1] and word[start + 2 :] == other[start + 2 :]


#: The rows of the keyboard; a slipped finger hits a neighbour.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = frozenset(pair for row in _ROWS for one, two in pairwise(row) for pair in (one + two, two + one))


def _beside(letter: str, other: str) -> bool:
    return letter + other in _BESIDE


@lru_cache(maxsize=32768)
def _read_word(word: str, known: "Vocabulary") -> tuple[str, ...]:
    """The canonical words that one written word stands for (several when the spaces were forgotten)."""
    found = canonical(word)
    if len(found) > 2 and any(char.isdigit() for char in found) and sum(char.isalpha() for char in found) >= 3:
        found = canonical(found.translate(_DIGIT_LETTERS))
    if found in known.words:
        return (found,)
    if _ARABIC_WORD.match(found):
        return (known.bare_arabic(found),)
    if not 5 <= len(found) <= 40:
        return (found,)
    near = known.nearest(found)
    if near is not None:
        return (near,)
    return known.split(found) or (found,)


class Vocabulary:
    """The words that the lexicon knows: they need no correction, and glued words are cut into them."""

    def __init__(self, words: Iterable[str], telling: Iterable[str] = ()) -> None:
        """`telling` are the words that patterns rest on; the long ones among them are found with one letter wrong."""
        data = load("lexicon/forms")
        self.words = frozenset(words) | frozenset(_forms().values())
        self.ordinary = frozenset(canonical(word) for word in data["ordinary"])
        self.ordinary |= {canonical(plain(word)) for word in _LETTERS_ONLY.findall(str(load("topics")))}
        self._tolerant = _by_shorter(map(canonical, data["tolerant"]))
        self._mistyped = _by_shorter(sorted(filter(_is_long, telling)))
        self._openers = tuple(sorted({canonical(word) for word in data["glued_openers"]}))
        # Within a longer word an opener has not had its ending made alike: «pappa» + «puster».
        self._beginnings = tuple({*self._openers, *(fold(word + "x")[:-1] for word in data["glued_openers"])})

    def nearest(self, word: str) -> str | None:
        """The tolerated word that this one is, but for one letter."""
        if word in self.ordinary:
            return None
        spellings = (word, *_shorter(word))
        for spelling in spellings:
            target = self._tolerant.get(spelling)
            if target is not None and _one_letter_off(word, target):
                return target
        if len(word) >= _LONG - 1:
            for spelling in spellings:
                target = self._mistyped.get(spelling)
                if target is not None and _one_letter_off(word, target) and _mistyped(word, target):
                    return target
        return None

    def bare_arabic(self, word: str) -> str:
        """An Arabic word without the small words written together with it, if the rest is known."""
        for opening in _ARABIC_OPENINGS:
            if word.startswith(opening) and word[len(opening) :] in self.words:
                return word[len(opening) :]
        return word

    def split(self, word: str) -> tuple[str, ...] | None:
        """Cut «hanpusterikke» into known words; None unless all of it can be cut, from a word that opens a clause."""
        if len(word) < 8 or not word.startswith(self._beginnings):
            return None
        cuts: list[tuple[int, tuple[str, ...]] | None] = [(0, ())] + [None] * len(word)
        for end in range(2, len(word) + 1):
            for start in range(max(0, end - 14), end - 1):
                before = cuts[start]
                piece = canonical(word[start:end])
                if before is None or piece not in self.words:
                    continue
                # Few pieces are better, and of as many those with the words people forget the spaces around.
                cost = before[0] + (2 if piece in self._openers else 3) + (end - start < 3)
                best = cuts[end]
                if best is None or cost < best[0]:
                    cuts[end] = (cost, (*before[1], piece))
        whole = cuts[len(word)]
        if whole is None or whole[1][0] not in self._openers:
            return None
        # «designer» is not «de signer»: so short an opener needs more behind it.
        return whole[1] if len(whole[1]) >= (2 if len(whole[1][0]) > 2 else 3) else None


def tokens(text: str, known: Vocabulary) -> list[Token]:
    """All tokens of a text, in order, with breaks between clauses and sentences."""
    pieces: list[str] = []
    places: list[int] = []
    previous = ""
    for place, char in enumerate(text):
        piece = _letter(char)
        if piece == SENTENCE and previous == SENTENCE and char in ".…":
            pieces[-1] = " "  # «han tok ... alle»: dots that trail off break nothing
            piece = " "
        elif char == "…":
            piece = " "
        previous = SENTENCE if char == "." else piece
        if len(piece) == 1:
            pieces.append(piece)
            places.append(place)
        else:
            for letter in piece:
                pieces.append(letter)
                places.append(place)
    joined = "".join(pieces)
    found: list[Token] = []
    letters: list[Token] = []

    def emit(word: str, start: int, end: int) -> None:
        first = text[start]
        capital = first.isupper() and not text[start + 1 : end].isupper()
        found.extend(Token(part, start, end, capital) for part in _read_word(word, known))

    def flush() -> None:
        """Letters with spaces between them are one word when there are four or more of them."""
        if len(letters) >= 4:
            emit("".join(letter.word for letter in letters), letters[0].start, letters[-1].end)
        else:
            for letter in letters:
                emit(letter.word, letter.start, letter.end)
        letters.clear()

    for match in _WORD.finditer(joined):
        word, start, end = match.group(), places[match.start()], places[match.end() - 1] + 1
        if len(word) == 1 and word not in BREAKS and word.isalpha():
            letters.append(Token(word, start, end))
            continue
        if letters:
            flush()
        if word in BREAKS:
            if found and found[-1].word in BREAKS:
                if word == SENTENCE:
                    found[-1] = Token(word, start, end)
            elif found:
                found.append(Token(word, start, end))
            continue
        emit(word, start, end)
    if letters:
        flush()
    return found
