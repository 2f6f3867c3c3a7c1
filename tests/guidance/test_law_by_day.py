"""What an article says follows the law of the day that is asked about."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from helpline.guidance import LANGUAGES, Library
from helpline.guidance.rights import RightsGuide
from tests.guidance.knowledge import KNOWLEDGE, WRITTEN, copied

#: slug, language, last day of the old text, what only the old text says, what only the new one says.
CHANGES = [
    ("beslutningskompetanse", "nb", date(2026, 5, 31), "åpenbart ikke er i stand", "overveiende sannsynlig"),
    ("medvirkning", "nb", date(2026, 5, 31), "i flere tilfeller", "der pasienten kan avgjøre selv"),
    ("for-helsepersonell", "nb", date(2026, 5, 31), "Hva kommer i 2026", "nær og alvorlig fare for andre"),
    ("taushetsplikt-og-informasjon", "nb", date(2026, 5, 31), "Hva blir nytt?", "Nærmeste pårørende har nå rett"),
    ("taushetsplikt-og-informasjon", "nn", date(2026, 5, 31), "Kva blir nytt?", "Næraste pårørande har no rett"),
    ("taushetsplikt-og-informasjon", "en", date(2026, 5, 31), "What will be new?", "now has a right to information"),
    ("tvang-psykisk-helse", "nb", date(2026, 5, 31), "mangler samtykkekompetanse", "på nei til tvang"),
    ("tvang-psykisk-helse", "nn", date(2026, 5, 31), "manglar samtykkekompetanse", "på nei til tvang"),
    ("tvang-psykisk-helse", "en", date(2026, 5, 31), "lacks competence to consent", "against a no to it"),
    ("klage-og-tilsyn", "nb", date(2026, 6, 30), "varsle Statens helsetilsyn", "innen fem virkedager"),
    ("klage-og-tilsyn", "nn", date(2026, 6, 30), "varsle Statens helsetilsyn", "innan fem vyrkedagar"),
    ("klage-og-tilsyn", "en", date(2026, 6, 30), "notify Statens helsetilsyn", "within five working days"),
    ("innsyn-i-journal", "nb", date(2026, 6, 30), "§ 21 a", "står i helsepersonelloven § 21."),
]


def full(library: Library, slug: str, language: str, on: date) -> str:
    article = library.article(slug, language, on)
    assert article is not None
    assert article.language == language
    return article.full


@pytest.mark.parametrize(("slug", "language", "last", "old", "new"), CHANGES)
def test_the_law_of_2026_changes_the_text_overnight(
    library: Library, slug: str, language: str, last: date, old: str, new: str
) -> None:
    before = full(library, slug, language, last)
    after = full(library, slug, language, date.fromordinal(last.toordinal() + 1))
    assert (old in before, new in before) == (True, False)
    assert (old in after, new in after) == (False, True)


@pytest.mark.parametrize(("language", "word"), [("nb", "snoke"), ("nn", "snoke"), ("en", "snooping")])
def test_the_rules_on_confidentiality_change_once_more_in_july(library: Library, language: str, word: str) -> None:
    assert word not in full(library, "taushetsplikt-og-informasjon", language, date(2026, 6, 30))
    assert word in full(library, "taushetsplikt-og-informasjon", language, date(2026, 7, 1))


def test_every_article_has_a_version_on_every_day_of_2026(library: Library) -> None:
    slugs = {(article.slug, article.language) for article in library.articles if article.language in LANGUAGES}
    for day in (date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1), WRITTEN):
        for slug, language in slugs:
            article = library.article(slug, language, day)
            assert article is not None, (slug, day)
            assert article.language == language, (slug, day)


@pytest.mark.parametrize(
    ("slug", "now", "then"),
    [
        ("klage-og-tilsyn", "tre uker (§ 29)", "tre uker (§ 63)"),
        ("okonomi-og-nav", "forvaltningsloven § 11 a", "forvaltningsloven § 17"),
        ("soknader-og-skjema", "forvaltningsloven § 11", "forvaltningsloven § 14"),
    ],
)
def test_a_pending_law_switches_both_texts_on_its_day(tmp_path: Path, slug: str, now: str, then: str) -> None:
    waiting = Library.load(KNOWLEDGE)
    assert now in full(waiting, slug, "nb", date(2099, 1, 1))
    directory = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, directory)
    laws = directory / "laws.yaml"
    text = laws.read_text(encoding="utf-8")
    laws.write_text(text.replace("in_force_from:\n", "in_force_from: 2027-07-01\n"), encoding="utf-8")
    decided = Library.load(directory)
    assert now in full(decided, slug, "nb", date(2027, 6, 30))
    assert then in full(decided, slug, "nb", date(2027, 7, 1))
    assert then not in full(decided, slug, "nb", date(2027, 6, 30))


def test_a_pending_law_switches_what_the_rights_guide_cites_on_its_day(tmp_path: Path) -> None:
    asked = {"relation": "partner", "need": ["complaint", "money"]}
    last, first = date(2026, 12, 31), date(2027, 1, 1)
    waiting = cited(RightsGuide.load(Library.load(KNOWLEDGE)), asked, first)
    directory = copied(tmp_path, whole=True)
    laws = directory / "laws.yaml"
    text = laws.read_text(encoding="utf-8")
    laws.write_text(text.replace("in_force_from:\n", "in_force_from: 2027-01-01\n"), encoding="utf-8")
    decided = RightsGuide.load(Library.load(directory))
    before, after = cited(decided, asked, last), cited(decided, asked, first)
    assert before == waiting
    assert set(after) == set(before)
    assert before["appeal_other_decisions"] == [("forvaltningsloven", "28"), ("forvaltningsloven", "29")]
    new = "forvaltningsloven (2025)"
    assert after["appeal_other_decisions"] == [(new, "59"), (new, "61"), (new, "63")]
    assert after["see_your_case"] == [(new, None)]
    assert after["demand_a_decision"] == [("pasient- og brukerrettighetsloven", "2-8"), (new, "17")]
    assert not any(name == "forvaltningsloven" for statutes in after.values() for name, _ in statutes)


def cited(guide: RightsGuide, answers: Mapping[str, Any], on: date) -> dict[str, list[tuple[str, str | None]]]:
    return {
        right.id: [(statute.name["nb"], statute.section) for statute in right.statutes]
        for right in guide.apply(answers, on).applies
    }


def test_a_waiting_version_is_shown_to_editors_and_to_nobody_else(library: Library) -> None:
    waiting = [version for version in library.versions("klage-og-tilsyn", WRITTEN) if version.waits]
    assert [version.language for version in waiting] == ["nb", "nn", "en"]
    assert {version.law for version in waiting} == {"forvaltningsloven_2025"}
    assert all("§ 63" not in full(library, "klage-og-tilsyn", language, WRITTEN) for language in LANGUAGES)


def test_search_for_a_day_finds_only_what_is_valid_then(library: Library) -> None:
    before = library.search("beslutningskompetanse", on=date(2026, 5, 31))
    after = library.search("beslutningskompetanse", on=date(2026, 6, 1))
    assert before[0].title == "Hvem bestemmer? Samtykke og samtykkekompetanse"
    assert after[0].title == "Hvem bestemmer? Samtykke og beslutningskompetanse"
    assert {hit.slug for hit in library.search("klage på vedtak", on=date(2025, 6, 1))} <= {"nar-det-haster"}
    assert len(library.search("klage på vedtak", limit=2, on=WRITTEN)) == 2


def test_search_for_a_day_goes_on_to_the_next_when_the_best_is_not_valid(tmp_path: Path) -> None:
    directory = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, directory)
    best = Library.load(directory).search("omsorgsstønad", on=WRITTEN)[0].slug
    for path in (directory / "rights").glob(f"{best}.*.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("valid_from: 2026-01-01", "valid_from: 2027-01-01"), encoding="utf-8")
    later = Library.load(directory).search("omsorgsstønad", limit=1, on=WRITTEN)
    assert [hit.slug for hit in later] != [best]
    assert len(later) == 1


@pytest.mark.parametrize("language", ["se", "uk", "ar", "pl", "so", "ur", "ru", "ti"])
@pytest.mark.parametrize("slug", ["nar-det-haster", "tolk-og-sprak"])
def test_languages_that_need_a_native_reader_are_off_for_callers(library: Library, language: str, slug: str) -> None:
    preview = library.preview(slug, language, WRITTEN)
    assert preview is not None
    assert preview.language == language
    assert preview.reviewed_by is None
    assert preview.direction == ("rtl" if language in ("ar", "ur") else "ltr")
    told = library.for_caller(slug, language, WRITTEN)
    assert [article.language for article in told] == ["nb", "en"]
    assert all("113" in article.short for article in told)
    assert all(hit.language in LANGUAGES for hit in library.search(preview.title, language=language))


def test_a_reviewed_language_is_told_alone(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    polish = directory / "rights" / "nar-det-haster.pl.md"
    text = polish.read_text(encoding="utf-8")
    polish.write_text(text.replace("reviewed_by:\n", "reviewed_by: a native reader\n"), encoding="utf-8")
    told = Library.load(directory).for_caller("nar-det-haster", "pl", WRITTEN)
    assert [article.language for article in told] == ["pl"]


def test_a_language_that_an_article_does_not_have_gets_what_it_reads_best(library: Library) -> None:
    assert [article.language for article in library.for_caller("omsorgsstonad", "pl", WRITTEN)] == ["en"]
    assert [article.language for article in library.for_caller("omsorgsstonad", "sv", WRITTEN)] == ["nb"]
    assert [article.language for article in library.for_caller("oslostandarden", "pl", WRITTEN)] == ["nb"]
    assert library.for_caller("finnes-ikke", "pl", WRITTEN) == ()
