"""Finds the article somebody asks for, in the words people use: other written forms, dialect, misspelling, English.

Readings of the same texts are added up: whole articles by word, single phrases (titles and keywords) by word, and those
phrases by runs of four letters, which still meet when a word is misspelt or compounded otherwise. Runs of words that
no article holds weigh more: there the runs are all we have.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from helpline.guidance.articles import Article
from helpline.guidance.reading import KnowledgeError, read_fields

_LETTERS = re.compile(r"[^\W_]+")
#: Keyboards without our letters write aa, ae and oe; æ is often heard and written e.
_FOLD = (("aa", "å"), ("ae", "æ"), ("oe", "ø"), ("å", "a"), ("æ", "e"), ("ø", "o"))
_TWICE = re.compile(r"([^\W\d])\1+")

#: Weights of the readings; chosen in the middle of a wide range that does equally well on the project's own queries.
_ARTICLE, _PHRASE, _RUNS, _UNKNOWN = 1.0, 1.2, 0.15, 0.5
_RUN = 4
#: Longer questions are cut here: what matters is said by then, and an answer keeps its time.
_LONGEST_QUERY = 400


@dataclass(frozen=True, kw_only=True)
class Hit:
    """An article found: `language` is the version to show, `score` orders hits of one query and means nothing else."""

    slug: str
    title: str
    score: float
    language: str


def fold(text: str) -> str:
    """Lower case without accents, our letters as their neighbours, no letter doubled: «Pårørende» → «parorende»."""
    folded = unicodedata.normalize("NFKC", text).lower()
    for written, meant in _FOLD:
        folded = folded.replace(written, meant)
    return _TWICE.sub(r"\1", folded)


class Words:
    """Turns text into stems: folded, other forms of a word made one, small words left out."""

    def __init__(self, same: Mapping[str, str], small: frozenset[str]) -> None:
        self._same = same
        self._small = small
        self._norwegian = Stemmer.Stemmer("norwegian")
        self._english = Stemmer.Stemmer("english")

    def forms(self, text: str) -> list[str]:
        """Folded words, each in its one form, small words kept."""
        return [self._same.get(word, word) for word in _LETTERS.findall(fold(text))]

    def stems(self, text: str) -> list[str]:
        """Stems by the Norwegian rules and, where they differ, by the English ones."""
        stems = []
        for word in self.forms(text):
            if word not in self._small:
                norwegian, english = self._norwegian.stemWord(word), self._english.stemWord(word)
                stems += [norwegian] if norwegian == english else [norwegian, english]
        return stems

    def runs(self, text: str, known: Container[str] = ()) -> list[str]:
        """Runs of four letters inside each word that has no stem among the `known`, its ends marked."""
        runs = []
        for word in self.forms(text):
            if word not in self._small and self._norwegian.stemWord(word) not in known:
                marked = f"_{word}_"
                runs += [marked[start : start + _RUN] for start in range(max(1, len(marked) - _RUN + 1))]
        return runs


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

    def __init__(self, articles: Iterable[Article], words: Words) -> None:
        by_slug: dict[str, dict[str, Article]] = {}
        for article in articles:
            by_slug.setdefault(article.slug, {})[article.language] = article
        self._articles = [by_slug[slug] for slug in sorted(by_slug)]
        self._words = words
        texts, phrases, owners = [], [], []
        for position, versions in enumerate(self._articles):
            texts.append(" ".join(_whole(article) for article in versions.values()))
            for phrase in dict.fromkeys(phrase for article in versions.values() for phrase in _phrases(article)):
                phrases.append(phrase)
                owners.append(position)
        self._owners = np.array(owners, dtype=np.intp)
        self._by_article = _Reading(texts, words.stems)
        self._by_phrase = _Reading(phrases, words.stems)
        self._by_runs = _Reading(phrases, words.runs)

    def stems(self, text: str) -> list[str]:
        """The stems of a text, as the readings have them."""
        return self._words.stems(text)

    def search(self, query: str, *, language: str, limit: int, audience: str | None) -> list[Hit]:
        """The best articles for a query, best first; empty when nothing in it is known."""
        if not self._articles or limit < 1:
            return []
        text = query[:_LONGEST_QUERY]
        total = _ARTICLE * self._by_article.scores(text)
        total = total + _PHRASE * self._best_phrase(self._by_phrase.scores(text))
        total = total + _RUNS * self._best_phrase(self._by_runs.scores(text))
        total = total + _UNKNOWN * self._best_phrase(self._by_runs.of(self._words.runs(text, self._by_article.known)))
        hits: list[Hit] = []
        for position in np.argsort(-total, kind="stable"):
            article = self._version(self._articles[position], language)
            score = float(total[position])
            if score <= 0 or len(hits) == limit:
                break
            if audience is None or audience in article.audience:
                hits.append(
                    Hit(slug=article.slug, title=article.title, score=round(score, 4), language=article.language)
                )
        return hits

    def _best_phrase(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        best = np.zeros(len(self._articles), dtype=np.float32)
        np.maximum.at(best, self._owners, scores)
        return best

    @staticmethod
    def _version(versions: Mapping[str, Article], language: str) -> Article:
        return versions.get(language) or versions.get("nb") or next(iter(versions.values()))


class _Reading:
    """BM25 over texts cut up in one way."""

    def __init__(self, texts: Sequence[str], cut: Callable[[str], list[str]]) -> None:
        self._cut = cut
        self._size = len(texts)
        self._index = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
        self._index.index([cut(text) for text in texts], show_progress=False, leave_progress=False)
        self.known = frozenset(self._index.vocab_dict)

    def scores(self, query: str) -> NDArray[np.float32]:
        return self.of(self._cut(query))

    def of(self, pieces: Iterable[str]) -> NDArray[np.float32]:
        tokens = [piece for piece in dict.fromkeys(pieces) if piece in self.known]
        if not tokens:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = self._index.get_scores(tokens)
        return scores


def _phrases(article: Article) -> tuple[str, ...]:
    return (article.title, *article.keywords)


def _whole(article: Article) -> str:
    """The text of an article, its title and keywords weighing more than its body."""
    strong = " ".join(_phrases(article))
    return " ".join((strong, strong, article.short, article.plain))
