import csv
import statistics
import time
from pathlib import Path

import pytest

from helpline.guidance import Library
from helpline.guidance.search import fold
from tests.guidance.knowledge import WRITTEN

QUERIES = Path(__file__).with_name("queries.csv")


def queries() -> list[dict[str, str]]:
    with QUERIES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_queries_cover_every_way_of_writing(library: Library) -> None:
    rows = queries()
    assert len(rows) >= 80
    assert {row["form"] for row in rows} == {"nb", "nn", "dialect", "misspelt", "en"}
    assert {row["slug"] for row in rows} <= {article.slug for article in library.articles}


def test_first_hit_is_right_for_85_and_first_three_for_95_of_a_hundred(library: Library) -> None:
    rows = queries()
    found = [[hit.slug for hit in library.search(row["query"], limit=3)] for row in rows]
    first = [row["query"] for row, slugs in zip(rows, found, strict=True) if slugs[:1] != [row["slug"]]]
    three = [row["query"] for row, slugs in zip(rows, found, strict=True) if row["slug"] not in slugs]
    assert len(first) <= 0.15 * len(rows), first
    assert len(three) <= 0.05 * len(rows), three


def test_queries_are_not_keywords(library: Library) -> None:
    keywords = {fold(keyword) for article in library.articles for keyword in article.keywords}
    same = [row["query"] for row in queries() if fold(row["query"]) in keywords]
    assert len(same) <= 0.15 * len(queries()), same


@pytest.mark.parametrize("query", ["", "   ", "🙂🙂", "!!??", "og i på", "\x00", "qzqzqzx", "𝔸𝔹", "ﷺ"])
def test_a_query_that_says_nothing_finds_nothing_or_little(library: Library, query: str) -> None:
    assert len(library.search(query)) <= 5


def test_limit_is_kept(library: Library) -> None:
    assert len(library.search("klage", limit=2)) == 2
    assert library.search("klage", limit=0) == []


def test_hit_is_in_the_language_asked_or_bokmal(library: Library) -> None:
    assert library.search("overdose", language="en")[0].language == "en"
    assert library.search("Oslostandarden", language="en")[0].language == "nb"


def test_audience_narrows(library: Library) -> None:
    hits = library.search("jeg er sykepleier og helsepersonell", audience="caller")
    assert "for-helsepersonell" not in [hit.slug for hit in hits]
    assert library.search("jeg er helsepersonell", audience="professional")[0].slug == "for-helsepersonell"


def test_scores_fall(library: Library) -> None:
    scores = [hit.score for hit in library.search("bekymringsmelding til fastlegen")]
    assert scores == sorted(scores, reverse=True)


def test_long_question_is_answered(library: Library) -> None:
    hits = library.search("Hvordan skriver jeg en bekymringsmelding? " + "bla bla " * 5000)
    assert hits[0].slug == "bekymringsmelding"


def test_typical_search_is_well_under_its_target(library: Library) -> None:
    times = []
    for row in queries():
        began = time.perf_counter()
        library.search(row["query"])
        times.append(time.perf_counter() - began)
    # The target is 5 ms at p99; the median here leaves room for a busy machine.
    assert statistics.median(times) < 0.005


def test_every_article_is_found_by_its_own_title(library: Library) -> None:
    for article in library.articles:
        if article.language == "nb" and article.valid(WRITTEN):
            assert article.slug in [hit.slug for hit in library.search(article.title, limit=3)], article.slug
