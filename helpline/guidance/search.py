"""Finds the article somebody asks for, in the words people use: other written forms, dialect, misspelling, English.

All languages of an article are one index, so that a question in English finds what stands only in bokmål. Four readings
of a question are added up: the text of an article by word; its title, its keywords and the questions that people ask of
it (`guidance.asked`), phrase by phrase and by word; the same by runs of a few letters, which still meet when a word is
misspelt, bent otherwise or part of a compound; and by pairs of neighbouring words, small ones too, for «vil ikke leve»
says more than its words.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from helpline.guidance.articles import Article
from helpline.guidance.reading import KnowledgeError, read_fields

_LETTERS = re.compile(r"[^\W_]+")
#: Keyboards without our letters write aa, ae and oe; æ is often heard and written e, and so are ei and øy without their
#: last sound: «veit» is «vet».
_FOLD = (("aa", "å"), ("ae", "æ"), ("oe", "ø"), ("å", "a"), ("æ", "e"), ("ø", "o"), ("ei", "e"), ("oy", "o"))
#: «Hjem», «gjør» and «ljuge» begin with the sound that many write j.
_SILENT = re.compile(r"\b[hgl]j")
_TWICE = re.compile(r"([^\W\d])\1+")

#: A hit weaker than this is not worth showing: nothing here answers the question. Of questions about other things
#: 17 in 20 stay below it; of questions that an article answers 2 in 100 do (`bench/search.py` counts them). Where it
#: lies follows from `_HALF`: higher, it refuses more of both.
WEAKEST_HIT = 0.5

#: Stands among the articles for all questions that none of them answers (`guidance.asked`).
NO_ARTICLE = "-"
#: Where a question is more like those than like what any article answers, a hit is worth this part of itself: still
#: found by those who look through a list, and never shown as the answer, however sure it would be.
_UNLIKELY = 0.49

#: Below this a few letters happened to be alike: no hit at all.
_FAINTEST = 0.12

#: Weights of the readings; chosen in the middle of a wide range that does equally well on the project's own queries.
_TEXT, _PHRASE, _RUN, _NEIGHBOUR = 0.3, 0.9, 0.25, 0.6
#: What it adds that the whole question is a title or keyword: «als» has few letters to be known by.
_WHOLE = 6.0
#: The sum of the readings becomes a score between 0 and 1: one half where questions that no article answers end and the
#: others begin. More words bring more evidence for anything, so that a sum counts a little less with every word.
_HALF, _STEEP, _BY_WORD = 6.0, 0.4, 0.2
#: Lengths of the runs of letters, and how many words apart neighbours stand at most.
_RUNS, _NEAR = (3, 4, 5), 3
#: Longer questions are cut here: what matters is said by then, and an answer keeps its time.
_LONGEST_QUERY = 400
_NOTHING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Hit:
    """An article found: `language` is the version to show, `score` (0 to 1) how surely it answers the query."""

    slug: str
    title: str
    score: float
    language: str


def fold(text: str) -> str:
    """Lower case without accents, our letters as their neighbours, no letter doubled: «Pårørende» → «parorende»."""
    folded = unicodedata.normalize("NFKC", text).lower()
    for written, meant in _FOLD:
        folded = folded.replace(written, meant)
    return _TWICE.sub(r"\1", _SILENT.sub("j", folded))


@dataclass(frozen=True, slots=True)
class _Cut:
    """What is read of a text: the stems of its telling words; runs of letters inside each word, its ends marked, which
    still meet when a word is misspelt, bent otherwise or part of a compound; and pairs of stems that stand near each
    other, in either order."""

    stems: tuple[str, ...]
    runs: tuple[str, ...]
    neighbours: tuple[str, ...]
    #: The words in their one form.
    words: tuple[str, ...]

    def with_each_piece_once(self, pieces: dict[str, str]) -> "_Cut":
        """The same of the pieces that are held already, so that a piece that many texts have takes memory once."""
        read = (self.stems, self.runs, self.neighbours, self.words)
        return _Cut(*(tuple(pieces.setdefault(one, one) for one in some) for some in read))


class Words:
    """Turns text into stems: folded, other forms of a word made one, small words left out."""

    def __init__(self, same: Mapping[str, str], small: frozenset[str]) -> None:
        self._same = same
        self._small = small
        self._norwegian = Stemmer.Stemmer("norwegian")
        self._english = Stemmer.Stemmer("english")

    def cut(self, text: str) -> "_Cut":
        """A text cut up in every way that is read; each piece once."""
        written = _LETTERS.findall(fold(text))
        forms = [self._same.get(word, word) for word in written]
        norwegian = self._norwegian.stemWords(forms)
        runs = dict.fromkeys(run for word in dict.fromkeys(forms + written) for run in _runs(word))
        neighbours = dict.fromkeys(
            f"{min(one, other)} {max(one, other)}"
            for apart in range(1, _NEAR + 1)
            for one, other in zip(norwegian, norwegian[apart:], strict=False)
        )
        return _Cut(stems=self._stems(forms), runs=tuple(runs), neighbours=tuple(neighbours), words=tuple(forms))

    def stems(self, text: str) -> tuple[str, ...]:
        """The stems of a text's telling words, as often as they stand there."""
        return self._stems([self._same.get(word, word) for word in _LETTERS.findall(fold(text))])

    def _stems(self, forms: Iterable[str]) -> tuple[str, ...]:
        """Stems by the Norwegian rules and, where they differ, by the English ones."""
        telling = [form for form in forms if form not in self._small]
        pairs = zip(self._norwegian.stemWords(telling), self._english.stemWords(telling), strict=True)
        return tuple(stem for pair in pairs for stem in dict.fromkeys(pair))


def read_words(path: Path) -> Words:
    """The words of `words.yaml`: `same` lists forms of one word, `small` the words that carry no meaning alone.

    Raises:
        KnowledgeError: the file is wrong, or a form stands in two lists.
    """
    fields = read_fields(path)
    same: dict[str, str] = {}
    for group in fields.words("same"):
        forms = [fold(form) for form in group.split()]
        for form in dict.fromkeys(forms[1:]):
            if same.setdefault(form, forms[0]) != forms[0]:
                raise KnowledgeError(path, fields.line, f"«{form}» stands in two lists of «same».")
    small = frozenset(fold(word) for line in fields.words("small") for word in line.split())
    fields.finish()
    return Words(same, small)


class SearchIndex:
    """The readings of a set of articles. Built once; searching changes nothing in it."""

    def __init__(self, articles: Iterable[Article], words: Words, asked: Mapping[str, Sequence[str]]) -> None:
        by_slug: dict[str, dict[str, Article]] = {}
        for article in articles:
            by_slug.setdefault(article.slug, {})[article.language] = article
        self._articles = [by_slug[slug] for slug in sorted(by_slug)]
        phrases: list[tuple[str, ...]] = []
        texts, first, runs, neighbours = [], [], [], []
        self._whole: dict[tuple[str, ...], list[int]] = {}
        pieces: dict[str, str] = {}
        # What no article answers is one more text, the last.
        for position, versions in enumerate([*self._articles, {}]):
            said = [phrase for article in versions.values() for phrase in _phrases(article)]
            said += asked.get(next((article.slug for article in versions.values()), NO_ARTICLE), ())
            own = {fold(phrase): phrase for phrase in said}
            # Each text has a phrase, be it an empty one.
            cuts = [words.cut(phrase).with_each_piece_once(pieces) for phrase in own.values()] or [words.cut("")]
            for words_of_phrase in {cut.words for cut in cuts if cut.words}:
                self._whole.setdefault(words_of_phrase, []).append(position)
            first.append(len(phrases))
            phrases += [cut.stems for cut in cuts]
            runs.append([run for cut in cuts for run in cut.runs])
            neighbours.append([pair for cut in cuts for pair in cut.neighbours])
            texts.append([stem for article in versions.values() for stem in words.stems(_text(article))])
        self._words = words
        #: Where the phrases of each article begin.
        self._first = np.array(first, dtype=np.intp)
        self._by_text = _Reading(texts)
        self._by_phrase = _Reading(phrases)
        self._by_runs = _Reading(runs)
        self._by_neighbours = _Reading(neighbours)

    def search(self, query: str, *, language: str, limit: int, audience: str | None) -> list[Hit]:
        """The best articles for a query, best first; empty when nothing in it is known."""
        if not self._articles or limit < 1:
            return []
        cut = self._words.cut(query[:_LONGEST_QUERY])
        total = (
            _TEXT * self._by_text.scores(cut.stems)
            + _PHRASE * self._best_phrase(cut.stems)
            + _RUN * self._by_runs.scores(cut.runs)
            + _NEIGHBOUR * self._by_neighbours.scores(cut.neighbours)
        )
        total[self._whole.get(cut.words, [])] += _WHOLE
        nothing, total = total[-1], total[:-1]
        sure = 1.0 if total.max() > nothing else _UNLIKELY
        hits: list[Hit] = []
        for position in np.argsort(-total, kind="stable"):
            score = round(sure * _score(float(total[position]), len(cut.words)), 4)
            if score < _FAINTEST or len(hits) == limit:
                break
            article = self._version(self._articles[position], language)
            if audience is None or audience in article.audience:
                hits.append(Hit(slug=article.slug, title=article.title, score=score, language=article.language))
        return hits

    def _best_phrase(self, stems: Iterable[str]) -> NDArray[np.float32]:
        """For each article its best phrase; a phrase counts the more, the more of it was said."""
        said = self._by_phrase.scores(stems)
        best: NDArray[np.float32] = np.maximum.reduceat(said * said / self._by_phrase.whole, self._first)
        return best

    @staticmethod
    def _version(versions: Mapping[str, Article], language: str) -> Article:
        return versions.get(language) or versions.get("nb") or next(iter(versions.values()))


class _Reading:
    """BM25 over texts that were cut into pieces."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._size = len(texts)
        self._index = bm25s.BM25(method="lucene", k1=2.0, b=0.75)
        self._index.index(texts, show_progress=False, leave_progress=False)
        held = self._index.scores
        #: What each text scores when all of it is asked for.
        self.whole = np.bincount(held["indices"], weights=held["data"], minlength=len(texts)) + _NOTHING

    def scores(self, pieces: Iterable[str]) -> NDArray[np.float32]:
        tokens = [piece for piece in dict.fromkeys(pieces) if piece in self._index.vocab_dict]
        if not tokens:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = self._index.get_scores(tokens)
        return scores


@lru_cache(maxsize=4096)
def _runs(word: str) -> tuple[str, ...]:
    marked = f"_{word}_"
    return tuple(
        marked[start : start + length] for length in _RUNS for start in range(max(1, len(marked) - length + 1))
    )


def _score(evidence: float, words: int) -> float:
    surplus = _STEEP * (evidence / max(1, words) ** _BY_WORD - _HALF)
    return 1 / (1 + math.exp(-surplus))


def _phrases(article: Article) -> tuple[str, ...]:
    return (article.title, *article.keywords)


def _text(article: Article) -> str:
    return " ".join((article.spoken, article.short, article.plain))
