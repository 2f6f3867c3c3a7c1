"""What editors see of the knowledge at a glance."""

from datetime import date

from helpline.guidance import Library
from helpline.guidance.overview import Due, due, due_facts, lengths_of, matching, overview
from tests.guidance.knowledge import WRITTEN


def test_every_article_stands_once_and_the_soonest_due_first(library: Library) -> None:
    lines = overview(library, WRITTEN)
    assert len(lines) == len({line.slug for line in lines}) == 52
    assert [line.review_by for line in lines] == sorted(line.review_by for line in lines)
    assert lines[0].slug == "grupper-og-kurs"
    assert all(line.due is Due.LATER for line in lines)


def test_looking_ahead_marks_what_is_due_then(library: Library) -> None:
    by_slug = {line.slug: line for line in overview(library, date(2027, 3, 25))}
    assert by_slug["grupper-og-kurs"].due is Due.OVERDUE
    assert by_slug["klage-og-tilsyn"].due is Due.SOON
    assert due(date(2027, 5, 22), date(2027, 5, 22)) is Due.SOON
    assert due(date(2027, 5, 22), date(2027, 5, 23)) is Due.OVERDUE


def test_past_and_waiting_versions_are_told_apart(library: Library) -> None:
    line = next(line for line in overview(library, WRITTEN) if line.slug == "klage-og-tilsyn")
    assert {version.language for version in line.present} == {"nb", "nn", "en"}
    assert {str(version.valid_until) for version in line.past} == {"2026-06-30"}
    assert {version.law for version in line.waiting} == {"forvaltningsloven_2025"}


def test_words_narrow_the_list(library: Library) -> None:
    lines = overview(library, WRITTEN)
    assert "bpa" in [line.slug for line in matching(lines, "assistanse")]
    assert matching(lines, "") == lines
    assert matching(lines, "qqqq") == []


def test_numbers_offers_and_laws_are_due_too(library: Library) -> None:
    facts = due_facts(library, date(2027, 1, 1), "nb")
    assert [fact.next_review for fact in facts] == sorted(fact.next_review for fact in facts)
    assert {fact.kind for fact in facts} == {"number", "offer", "law"}
    assert facts[0].name == "Digital skrivetime"
    assert facts[0].due is Due.OVERDUE


def test_lengths_are_those_of_each_channel(library: Library) -> None:
    article = library.article("nar-det-haster", "nb", WRITTEN)
    assert article is not None
    lengths = lengths_of(article)
    assert "1 1 3" in lengths.spoken
    assert lengths.sms_size.encoding.value == "gsm7"
    assert lengths.readability is not None
    arabic = library.preview("nar-det-haster", "ar", WRITTEN)
    assert arabic is not None
    assert lengths_of(arabic).sms_size.encoding.value == "ucs2"
    assert lengths_of(arabic).readability is None


def test_numbers_keep_their_order_in_what_runs_from_right_to_left(library: Library) -> None:
    for language in ("ar", "ur"):
        article = library.preview("nar-det-haster", language, WRITTEN)
        assert article is not None
        assert "\u206622 59 13 00\u2069" in article.full
    polish = library.preview("nar-det-haster", "pl", WRITTEN)
    assert polish is not None
    assert "\u2066" not in polish.full
