"""The small language in which the lexicon's patterns are written, and how it becomes a regular expression.

A pattern is a row of elements between spaces, written in plain bokmål (or English, …):

    slår            a word, in any of its spellings (see `normalise`)
    selvmord*       a word that begins so; *forgiftning: a word that ends so
    (alle|hele en)  one of several, each a pattern of its own
    {kin}           one of a named class of `classes.toml`
    [bare]          may be missing
    _  _5           up to three, up to five words, within the clause
    -puster         the verb with a negation before it or after it: «puster ikke», «at han ikke puster»
    //              any words up to a break between clauses, and the break
    ^  $            the clause begins, ends

«å» may always be missing or be written «og»; small words that carry no meaning, and the subject, may stand between two
elements. Gaps are bounded and words never overlap, so matching is linear in the length of the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from helpline.triage.normalise import canonical, plain

#: Stands before every filler in a joined message.
_MARK = "~"
_FILLER = f"(?:{_MARK}[^ ]+ )"
_WORD = r"[^ ;.]+ "
_NUMBERS = (
    "to tre fire fem seks syv sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten tjue "
    "tretti tredve førti femti seksti hundre two three four five six seven eight nine ten eleven twelve fifteen twenty "
    "thirty"
)
#: Words of nearly every message, and what a search from one of them costs beside one from a long word.
_FREQUENT = frozenset(
    "i er har det som med til av en et på pa for fra at så og jeg han hun vi de du meg seg ikke ike nå na min mi å a "
    "om kan skal vil var ved the is in to and of on my he she it not har er".split()
)
_EVERYWHERE = 60
_LEXER = re.compile(r"[()|\[\]]|-(?=[({\w])|[^\s()|\[\]]+")
#: «t-banen» is two words, in patterns as in texts.
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
#: Words kept apart from a homograph are also found written without their ring or stroke.
_WITHOUT_MARKS: Mapping[str, tuple[str, ...]] = {"får": ("far",), "før": ("for",)}

Classes = Mapping[str, tuple[str, ...]]


class PatternError(ValueError):
    """A pattern of the lexicon cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. Every text it matches holds one of `triggers`, or a word with such a beginning or ending,
    and a word of each set of `also`.

    `keys` are the words of these that carry meaning; `words` are all plain words in it; `negated` tells that the
    pattern itself says «not», so that the guard against
    negations leaves it alone.
    """

    source: str
    expression: str
    triggers: frozenset[str]
    openings: frozenset[str]
    endings: frozenset[str]
    also: tuple[frozenset[str], ...]
    keys: frozenset[str]
    words: frozenset[str]
    negated: bool

    @property
    def regex(self) -> re.Pattern[str]:
        """Compiled when first asked for: most of the lexicon waits long for its first message."""
        return _compiled(self.expression)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern: its regular expression, and words of which any match holds one (None: no such words)."""

    regex: str
    triggers: frozenset[str] | None
    #: Nothing may be put between this piece and its neighbours.
    tight: bool = False
    #: Beside `triggers`, of each of these sets any match holds a word too.
    also: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A word or a class as it has been read before: hundreds of patterns name the same ones."""

    part: _Part
    words: frozenset[str] = frozenset()
    negated: bool = False


class PatternReader:
    """Reads patterns that share their classes and fillers."""

    def __init__(self, classes: Classes, fillers: frozenset[str]) -> None:
        self._classes = classes
        self._fillers = fillers
        self._known: dict[str, _Read] = {}

    def read(self, source: str) -> Pattern:
        """Read one pattern.

        Raises:
            PatternError: it names an unknown class, its brackets do not fit, or no word in it must be there.
        """
        reading = _Reading(source, self._classes, self._fillers, self._known)
        part = reading.read()
        if not part.triggers:
            raise PatternError(f"the pattern «{source}» holds no word that must be there")
        return Pattern(
            source=source,
            expression="(?<= )" + part.regex,
            triggers=frozenset(word for word in part.triggers if "*" not in word),
            openings=frozenset(word[:-1] for word in part.triggers if word.endswith("*")),
            endings=frozenset(word[1:] for word in part.triggers if word.startswith("*")),
            also=part.also,
            keys=part.triggers.union(*part.also) - self._fillers,
            words=frozenset(reading.words),
            negated=reading.negated,
        )


class _Reading:
    """Reads one pattern from left to right."""

    def __init__(self, source: str, classes: Classes, fillers: frozenset[str], known: dict[str, _Read]) -> None:
        self.source = source
        self.classes = classes
        self.fillers = fillers
        self.known = known
        self.words: set[str] = set()
        self.negated = False

    def read(self) -> _Part:
        parts = self._lex(self.source)
        part, rest = self._sequence(parts)
        if rest:
            raise PatternError(f"the pattern «{self.source}» closes a bracket that was not opened")
        return part

    @staticmethod
    def _lex(source: str) -> list[str]:
        return _LEXER.findall(_HYPHEN.sub(" ", source))

    def _sequence(self, symbols: list[str]) -> tuple[_Part, list[str]]:
        """Elements up to a bracket, a bar or the end."""
        parts: list[_Part] = []
        while symbols and symbols[0] not in ")|]":
            part, symbols = self._element(symbols)
            parts.append(part)
        regex = ""
        for place, part in enumerate(parts):
            if place and not (part.tight or parts[place - 1].tight):
                regex += f"{_FILLER}{{0,2}}?"
            regex += part.regex
        required = [part.triggers for part in parts if part.triggers]
        best = min(required, key=_commonness, default=None)
        also = tuple(words for words in required if words is not best and not any("*" in word for word in words))
        return _Part(regex, best, also=also), symbols

    def _group(self, symbols: list[str], closing: str) -> tuple[_Part, list[str]]:
        branches: list[_Part] = []
        while True:
            part, symbols = self._sequence(symbols)
            branches.append(part)
            if not symbols:
                raise PatternError(f"the pattern «{self.source}» does not close a bracket")
            symbol, symbols = symbols[0], symbols[1:]
            if symbol == closing:
                return self._either(branches), symbols
            if symbol != "|":
                raise PatternError(f"the pattern «{self.source}» closes the wrong bracket")

    @staticmethod
    def _either(branches: list[_Part]) -> _Part:
        known = [branch.triggers for branch in branches]
        triggers = None if None in known else frozenset().union(*(words for words in known if words))
        ordered = dict.fromkeys(branch.regex for branch in branches)
        return _Part(f"(?:{'|'.join(ordered)})", triggers)

    def _element(self, symbols: list[str]) -> tuple[_Part, list[str]]:
        symbol, symbols = symbols[0], symbols[1:]
        if symbol == "(":
            return self._group(symbols, ")")
        if symbol == "[":
            part, symbols = self._group(symbols, "]")
            return _Part(f"(?:{part.regex})?", None), symbols
        if symbol == "-":
            verb, symbols = self._element(symbols)
            negation = self._class("neg")
            self.negated = True
            loose = f"{_FILLER}{{0,2}}?"
            return _Part(f"(?:{negation.regex}{loose}{verb.regex}|{verb.regex}(?:{_WORD}){{0,2}}?{negation.regex})",
                         verb.triggers), symbols  # fmt: skip
        if symbol.startswith("{"):
            return self._class(symbol[1:-1]), symbols
        return self._word(symbol), symbols

    def _class(self, name: str) -> _Part:
        if name not in self.classes:
            raise PatternError(f"the pattern «{self.source}» names an unknown class «{name}»")
        known = self.known.get(f"{{{name}}}")
        if known is None:
            inner = _Reading(self.source, self.classes, self.fillers, self.known)
            part = self._either([inner._sequence(self._lex(line))[0] for line in self.classes[name]])
            known = self.known[f"{{{name}}}"] = _Read(part, frozenset(inner.words), inner.negated)
        return self._take(known)

    def _take(self, read: _Read) -> _Part:
        self.words |= read.words
        self.negated = self.negated or read.negated
        return read.part

    def _written(self, word: str) -> str:
        """A word as it stands in a joined message."""
        return (_MARK if word in self.fillers else "") + re.escape(word)

    def _word(self, text: str) -> _Part:
        known = self.known.get(text)
        if known is None:
            known = self.known[text] = self._read_word(text)
        return self._take(known)

    def _read_word(self, text: str) -> _Read:
        sign = self._sign(text)
        if sign is not None:
            return _Read(sign)
        word = canonical(plain(text))
        spellings = (word, *_WITHOUT_MARKS.get(word, ()), *_loose_ending(word))
        written = list(map(self._written, spellings))
        regex = written[0] if len(written) == 1 else f"(?:{'|'.join(written)})"
        return _Read(_Part(regex + " ", frozenset(spellings)), frozenset((word,)), word in _negations())

    def _sign(self, text: str) -> _Part | None:
        """What stands for something else than one plain word; None for such a word."""
        if text == "^":
            return _Part(r"(?:(?<=[;.] )|(?<=\A ))", None, tight=True)
        if text == "$":
            return _Part(r"(?=[;.] |\Z)", None, tight=True)
        if text == "//":
            return _Part(f"(?:{_WORD}){{0,6}}?[;.] ", None, tight=True)
        if text == "å":
            return _Part(f"(?:(?:{'|'.join(map(self._written, ('a', 'og', 'at', 'to')))}) )?", None)
        if text.startswith("_"):
            return _Part(f"(?:{_WORD}){{0,{text[1:] or 3}}}?", None, tight=True)
        if text.startswith("#"):
            words = "|".join(canonical(word) for word in _NUMBERS.split())
            return _Part(rf"(?:\d+|{words}) ", None)
        if text.endswith("*"):
            stem = _stem(text[:-1])
            return _Part(f"{_MARK}?{re.escape(stem)}[^ ;.]* ", frozenset((stem + "*",)))
        if text.startswith("*"):
            stem = canonical(plain(text[1:]))
            return _Part(r"[^ ;.]*" + re.escape(stem) + " ", frozenset(("*" + stem,)))
        return None


def joined(words: list[str], fillers: frozenset[str]) -> str:
    """The words of a message as patterns search them: a space around each, the fillers marked."""
    return " " + " ".join([_MARK + word if word in fillers else word for word in words]) + " "


def _loose_ending(word: str) -> tuple[str, ...]:
    """Dialects and nynorsk say «kasta» for «kastet» and «pusta» for «puster»; folded, both end in -e."""
    return (word[:-1],) if len(word) >= 6 and word.isascii() and word.endswith(("er", "et")) else ()


@cache
def _negations() -> frozenset[str]:
    words = "ikke aldri ingen ingenting uten not dont doesnt never wont не nie لا"
    return frozenset(map(canonical, words.split()))


def _commonness(words: frozenset[str]) -> int:
    """How often a search would start in vain: short words are common ones."""
    return sum(map(_how_common, words))


@cache
def _how_common(word: str) -> int:
    return _EVERYWHERE if word in _FREQUENT else 12 if len(word.strip("*")) <= 4 else 1


def _stem(text: str) -> str:
    """A beginning of a word, folded; its last letter is not taken for an ending."""
    return canonical(plain(text) + "x")[:-1]


class Index:
    """Finds the few patterns that could match a text from the words that stand in it."""

    def __init__(self) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._by_opening: dict[str, list[int]] = {}
        self._by_ending: dict[str, list[int]] = {}
        self._openings: tuple[int, ...] = ()
        self._endings: tuple[int, ...] = ()
        self._found: dict[str, tuple[int, ...]] = {}
        self._also: list[tuple[frozenset[str], ...]] = []

    def add(self, pattern: Pattern) -> None:
        """Take in the next pattern; its number is how many came before it."""
        number = len(self._also)
        self._also.append(pattern.also)
        for words, table in (
            (pattern.triggers, self._by_word),
            (pattern.openings, self._by_opening),
            (pattern.endings, self._by_ending),
        ):
            for word in words:
                table.setdefault(word, []).append(number)
        self._openings = tuple(sorted({len(word) for word in self._by_opening}))
        self._endings = tuple(sorted({len(word) for word in self._by_ending}))

    def candidates(self, words: set[str]) -> list[int]:
        """Numbers of the patterns worth trying, in the order they were added."""
        found: set[int] = set()
        for word in words:
            known = self._found.get(word)
            if known is None:
                known = tuple(self._look_up(word))
                if len(self._found) < 50_000:
                    self._found[word] = known
            found.update(known)
        also = self._also
        return sorted(number for number in found if not any(words.isdisjoint(needed) for needed in also[number]))

    def _look_up(self, word: str) -> set[int]:
        numbers = set(self._by_word.get(word, ()))
        for length in self._openings:
            numbers.update(self._by_opening.get(word[:length], ()))
        for length in self._endings:
            if length <= len(word):
                numbers.update(self._by_ending.get(word[-length:], ()))
        return numbers
