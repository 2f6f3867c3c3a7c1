"""The language of a short text, from its script, its words and its letters.

A small model of our own: for every language the words and runs of letters of sentences written for this project
(`language_texts.toml`) and of a list of small words (`language.toml`). It is counted in a moment at the first question,
needs no other library, gives the same answer every time, and knows when it does not know. `python -m bench --only
language` tells how well it does.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import exp, log

from helpline.triage.normalise import load

#: The languages that can be found.
LANGUAGES = ("nb", "nn", "en", "sv", "da", "se", "pl", "uk", "ru", "ar", "so", "ur", "fa", "ti")

#: Languages so close that what was spoken before settles what a few words leave open.
_SCANDINAVIAN = frozenset(("nb", "nn", "da", "sv"))
#: Those who write to us mostly write bokmål; the others must show themselves.
_EXPECTED = {"nb": 2.0, "nn": 0.4, "en": 0.5, "da": -0.5, "sv": -0.5}
#: How much a listed word counts beside one that was met in a sentence.
_LISTED = 1
#: A word met in one of the close languages counts so much in the others: most of their words are shared, and only those
#: of the lists were chosen because they tell.
_NEIGHBOUR = 0.3
#: Words in each language, taken to be alike: a longer list must not make its words rarer.
_SIZE = 800
#: How much of what a word says comes from having met it, the rest from its letters.
_MET = 0.5
#: What the letters of a word say that was met nowhere.
_UNMET = 0.5
#: One word says at most this much against a language.
_MOST = 5.0
#: A lead smaller than this over the next language is none; among close languages the expected one is taken then.
_LEAD = 1.5
#: How much more a close language must show than the one that the contact has had so far.
_LEAD_TO_SWITCH = 1.5
#: In Latin letters so many words must have been met in a language, or so large a share of them, or else it must lead by
#: more; and so many different words of more than one letter there must be.
_MET_WORDS, _MET_SHARE, _LEAD_UNMET, _LEAST_WORDS = 2, 0.4, 8.0, 2
#: Up to so many words, a language must lead even those that are close to it.
_FEW = 2
#: More text, and more of a word, than this does not change the answer.
_MOST_CHARACTERS, _MOST_LETTERS = 600, 30
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
#: Signs within words that many leave out: joiners, and the vowels of Arabic.
_MARKS = re.compile("[\u200b-\u200f\u0640\u064b-\u0652]")


def _script(word: str) -> str:
    code = ord(word[0])
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return "latin"
    if 0x400 <= code < 0x530:
        return "cyrillic"
    if 0x600 <= code < 0x780 or 0xFB50 <= code < 0xFF00:
        return "arabic"
    if 0x1200 <= code < 0x13A0:
        return "ethiopic"
    return "other"


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = _MARKS.sub("", text).replace("’", "'")
    return _WORD.findall(text.lower())


class _Letters:
    """How likely a word is by its letters: each after the two before it, evened out by shorter runs."""

    def __init__(self, words: Mapping[str, float]) -> None:
        self._runs: defaultdict[str, float] = defaultdict(float)
        for word, times in words.items():
            marked = f"__{word}_"
            for end in range(2, len(marked)):
                for start in (end - 2, end - 1, end):
                    self._runs[marked[start : end + 1]] += times
                    self._runs[marked[start:end] + "?"] += times
        self._all = sum(times for run, times in self._runs.items() if len(run) == 1) or 1.0

    def likelihood(self, word: str) -> float:
        """The natural logarithm of the likelihood."""
        marked = f"__{word[:_MOST_LETTERS]}_"
        total = 0.0
        for end in range(2, len(marked)):
            chance = 1e-4 + 0.1 * self._share(marked[end : end + 1], "?")
            chance += 0.3 * self._share(marked[end - 1 : end + 1], marked[end - 1 : end] + "?")
            chance += 0.6 * self._share(marked[end - 2 : end + 1], marked[end - 2 : end] + "?")
            total += log(chance)
        return total

    def _share(self, run: str, of: str) -> float:
        whole = self._runs.get(of, 0.0)
        return self._runs.get(run, 0.0) / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class _Kind:
    """A language in one script, as it is known here; `language` is None for those that are not ours."""

    language: str | None
    met: Mapping[str, float]
    letters: _Letters

    def likelihood(self, word: str) -> float:
        """The natural logarithm of how likely a word is in this language."""
        return log(_MET * self.met.get(word, 0.0) / _SIZE + (1 - _MET) * exp(self.letters.likelihood(word)))


@cache
def _kinds() -> dict[str, tuple[_Kind, ...]]:
    """The languages of each script. A language may stand in two: many write Urdu and Persian in Latin letters."""
    sentences = load("language_texts")
    lists = load("language")["words"]
    listed = {word for text in lists.values() for word in _words(text)}
    close = Counter(word for name in _SCANDINAVIAN for word in _words(sentences["texts"][name]) if word not in listed)
    found: defaultdict[str, list[_Kind]] = defaultdict(list)
    for name, text in (*sentences["texts"].items(), *sentences["others"].items()):
        met: defaultdict[str, float] = defaultdict(float, Counter(_words(text)))
        for word in set(_words(lists.get(name, ""))):
            met[word] += _LISTED
        if name in _SCANDINAVIAN:
            for word, times in close.items():
                met[word] += _NEIGHBOUR * times
        language = name.partition("_")[0]
        kind = _Kind(language=language if language in LANGUAGES else None, met=met, letters=_Letters(met))
        found[_script(next(iter(met)))].append(kind)
    return {script: tuple(kinds) for script, kinds in found.items()}


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What one word says: against each language of its script, 0 for the likeliest, and in which it was met."""

    script: str
    against: tuple[float, ...]
    met: tuple[bool, ...]


@lru_cache(maxsize=32768)
def _evidence(word: str) -> _Evidence:
    script = _script(word)
    kinds = _kinds().get(script, ())
    likelihoods = [kind.likelihood(word) for kind in kinds]
    most = max(likelihoods, default=0.0)
    met = tuple(word in kind.met for kind in kinds)
    said = [likelihood - most for likelihood in likelihoods]
    if not any(met):
        said = [_UNMET * less + _by_marks(word, kind.language) for less, kind in zip(said, kinds, strict=True)]
        most = max(said, default=0.0)
        said = [one - most for one in said]
    return _Evidence(script=script, against=tuple(max(one, -_MOST) for one in said), met=met)


def _by_marks(word: str, language: str | None) -> float:
    """What endings and pairs of letters that only one of several close languages has add for it."""
    return sum(weight for mark, weight in _marks().get(language or "", ()) if mark.search(word))


@cache
def _marks() -> dict[str, tuple[tuple[re.Pattern[str], float], ...]]:
    return {
        language: tuple((re.compile(mark), weight) for mark, weight in marks.items())
        for language, marks in load("language")["marks"].items()
    }


def identify(text: str, *, previous: str | None = None) -> str | None:
    """The language of a text (ISO 639-1), None when unsure.

    One Latin word is never enough, and neither are words that were never met. `previous`, the language so far, wins
    near ties with close languages, and a switch away from it takes a clearer lead.
    """
    words = _words(text[:_MOST_CHARACTERS])
    read = [_evidence(word) for word in words]
    if not read:
        return None
    script = _most_common([evidence.script for evidence in read])
    kinds = _kinds().get(script)
    latin = script == "latin"
    if kinds is None or (latin and len({word for word in words if len(word) > 1}) < _LEAST_WORDS):
        return None
    read = [evidence for evidence in read if evidence.script == script]
    total = list(map(sum, zip(_expected(script, previous), *[evidence.against for evidence in read], strict=True)))
    most = max(total)
    place = total.index(most)
    lead = most - max([total[other] for other in _rivals(script, place)], default=-_MOST)
    if len(read) <= _FEW and previous not in _SCANDINAVIAN and latin:
        # So few words must tell by themselves, without what is expected.
        bare = [sum(column) for column in zip(*[evidence.against for evidence in read], strict=True)]
        lead = bare[place] - max(bare[:place] + bare[place + 1 :], default=-_MOST)
    met = sum([evidence.met[place] for evidence in read])
    needed = _LEAD if not latin or met >= _MET_WORDS or met >= _MET_SHARE * len(read) else _LEAD_UNMET
    return kinds[place].language if lead >= needed and (met or not latin) else None


def _most_common(scripts: list[str]) -> str:
    return scripts[0] if len(set(scripts)) == 1 else Counter(scripts).most_common(1)[0][0]


@cache
def _rivals(script: str, place: int) -> tuple[int, ...]:
    """The kinds that one kind must lead over: not those of its own language, nor of those close to it."""
    kinds = _kinds()[script]
    own = kinds[place].language
    alike = _SCANDINAVIAN if own in _SCANDINAVIAN else {own}
    return tuple(other for other, kind in enumerate(kinds) if other != place and kind.language not in alike)


@cache
def _expected(script: str, previous: str | None) -> tuple[float, ...]:
    """What every language of a script begins with."""
    kept = previous if previous in _SCANDINAVIAN else None
    most = max(_EXPECTED.values()) + _LEAD_TO_SWITCH
    return tuple(
        most if kept and kind.language == kept else _EXPECTED.get(kind.language or "", 0.0) for kind in _kinds()[script]
    )
