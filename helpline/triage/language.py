"""The language of a short text, from its script and its small words.

Own evidence instead of a model: it is small, it can say why, and it knows when it does not know. Figures stand in
tests/triage/test_language.py.
"""

import re
from collections import Counter, defaultdict
from functools import cache, lru_cache

from helpline.triage.normalise import load

#: The languages that can be found.
LANGUAGES = ("nb", "nn", "en", "sv", "da", "se", "pl", "uk", "ru", "ar", "so", "ur", "fa", "ti")

#: Languages so close that they are told apart in a second step, by what only some of them have.
_SCANDINAVIAN = ("nb", "nn", "da", "sv")
#: What a word counts that stands in the lists of one, two, three, … languages.
_SHARED = (0.0, 2.5, 1.2, 0.6, 0.0)
#: Those who write to us mostly write bokmål; the others must show themselves.
_EXPECTED = {"nb": 1.0, "nn": 0.4}
#: Evidence below this is none, and so is a lead smaller than `_LEAD` over the next language.
_ENOUGH, _ENOUGH_FOR_TWO_WORDS, _LEAD = 2.0, 4.0, 0.7
#: How much more a language must show than the one that the contact has had so far.
_LEAD_TO_SWITCH = 1.4
#: From this many words on a Scandinavian text without any telling word is taken for bokmål.
_WORDS_FOR_BOKMAL = 4
#: More text than this does not change the answer.
_MOST_CHARACTERS = 600
_FAMILY = "scandinavian"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

#: Endings of infinitives and nouns.
_ENDINGS = {"uk": ("ти", "ння"), "ru": ("ть", "ния", "ться")}
_IN_ARABIC = ("ar", "fa", "ur")
_UKRAINIAN, _RUSSIAN = frozenset("іїєґ"), frozenset("ыэъё")
_URDU, _PERSIAN, _ARABIC = frozenset("ٹڈڑںےہھۓ"), frozenset("پچژگیک"), frozenset("ةىأإؤئكي")


@cache
def _words() -> dict[str, dict[str, float]]:
    """What each small word counts for which language; «scandinavian» is one language here, beside its four."""
    lists = {language: set(text.split()) for language, text in load("language")["words"].items()}
    families = {language: words for language, words in lists.items() if language not in _SCANDINAVIAN}
    families[_FAMILY] = set().union(*(lists[language] for language in _SCANDINAVIAN))
    members = {language: lists[language] for language in _SCANDINAVIAN}
    table: dict[str, dict[str, float]] = {}
    for group in (families, members):
        shared = Counter(word for words in group.values() for word in words)
        for language, words in group.items():
            for word in words:
                table.setdefault(word, {})[language] = _SHARED[min(shared[word], len(_SHARED) - 1)]
    return table


@cache
def _other_words() -> dict[str, frozenset[str]]:
    """Small words of languages in other scripts; their letters say most."""
    return {language: frozenset(text.split()) for language, text in load("language")["other_scripts"].items()}


@cache
def _marks() -> tuple[tuple[str, re.Pattern[str], float], ...]:
    return tuple(
        (language, re.compile(mark), weight)
        for language, marks in load("language")["marks"].items()
        for mark, weight in marks.items()
    )


@lru_cache(maxsize=32768)
def _evidence(word: str) -> tuple[tuple[str, float], ...]:
    """What one written word says: its place in the lists, and, if it has none, its letters and endings."""
    known = _words().get(word)
    if known is None and len(word) > 2:
        known = _words().get(word.replace("'", "").replace("’", ""))
    found = defaultdict(float, known or {})
    for language, mark, weight in _marks():
        if (known is None or language in known) and mark.search(word):
            found[language] += weight
            if language in _SCANDINAVIAN and known is None:
                found[_FAMILY] += weight / 2
    return tuple(found.items())


def identify(text: str, *, previous: str | None = None) -> str | None:
    """The language of a text (ISO 639-1), None when unsure.

    One Latin word is never enough, two only if both are telling. `previous`, the language so far, wins near ties with
    close languages, and a switch away from it takes a clearer lead.
    """
    words = _WORD.findall(text[:_MOST_CHARACTERS].lower())
    if not words:
        return None
    scripts = Counter(_script(word) for word in words)
    script, count = scripts.most_common(1)[0]
    if script == "ethiopic":
        return "ti"
    if script == "cyrillic":
        return _by_letters(words, {"uk": _UKRAINIAN, "ru": _RUSSIAN})
    if script == "arabic":
        return _arabic_script(words)
    if script != "latin" or count < 2:
        return None
    return _latin(words, previous)


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


def _by_letters(words: list[str], letters: dict[str, frozenset[str]]) -> str | None:
    small = _other_words()
    points = {
        language: 2 * sum(1 for word in words if own & set(word) or word.endswith(_ENDINGS[language]))
        + sum(1 for word in words if word in small[language])
        for language, own in letters.items()
    }
    best, second = sorted(points, key=lambda language: -points[language])[:2]
    return best if points[best] > points[second] else None


def _arabic_script(words: list[str]) -> str | None:
    points = {
        language: 2.0 * sum(1 for word in words if word in small)
        for language, small in _other_words().items()
        if language in _IN_ARABIC
    }
    for word in words:
        letters = set(word)
        if letters & _URDU:
            points["ur"] += 2
        elif letters & _PERSIAN:
            points["fa"] += 1
            points["ur"] += 0.5
        if letters & _ARABIC or word.startswith("ال"):
            points["ar"] += 1
    best, second = sorted(points, key=lambda language: -points[language])[:2]
    return best if points[best] > points[second] else None


def _latin(words: list[str], previous: str | None) -> str | None:
    points: defaultdict[str, float] = defaultdict(float)
    for word in words:
        for language, weight in _evidence(word):
            points[language] += weight
    close = {language: points.pop(language, 0.0) for language in _SCANDINAVIAN}
    ranked = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return None
    best, most = ranked[0]
    next_most = ranked[1][1] if len(ranked) > 1 else 0.0
    if most < (_ENOUGH_FOR_TWO_WORDS if len(words) <= 2 else _ENOUGH) or most - next_most < _LEAD:
        return None
    return best if best != _FAMILY else _scandinavian(close, len(words), previous)


def _scandinavian(points: dict[str, float], words: int, previous: str | None) -> str | None:
    """Which of the four close languages."""
    if words <= 2 and max(points.values()) < _SHARED[1]:
        return None
    if previous in points:
        best = max(points, key=lambda language: points[language])
        return best if points[best] - points[previous] >= _LEAD_TO_SWITCH else previous
    if not any(points.values()) and words < _WORDS_FOR_BOKMAL:
        return None
    return max(points, key=lambda language: points[language] + _EXPECTED.get(language, 0.0))
