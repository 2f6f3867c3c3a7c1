from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from helpline.guidance import Problem, Severity, check, lix, readability
from helpline.guidance.lengths import gsm_length, sentences, words
from tests.guidance.knowledge import ARTICLE, KNOWLEDGE, WRITTEN, copied


def errors(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in problems if problem.severity is Severity.ERROR]


def with_article(to: Path, text: str) -> Path:
    directory = copied(to)
    (directory / "rights" / "prove.nb.md").write_text(text, encoding="utf-8")
    return directory


def test_our_knowledge_has_no_error() -> None:
    assert errors(check(KNOWLEDGE, WRITTEN)) == []


def test_our_knowledge_is_plain() -> None:
    warnings = [problem for problem in check(KNOWLEDGE, WRITTEN) if problem.severity is Severity.WARNING]
    assert [str(problem) for problem in warnings if "no person has signed" not in problem.message] == []
    assert readability(KNOWLEDGE, WRITTEN)[0].lix <= 40


def test_sound_article_passes(tmp_path: Path) -> None:
    assert errors(check(with_article(tmp_path, ARTICLE), WRITTEN)) == []


@pytest.mark.parametrize(
    ("spoil", "line", "message"),
    [
        (lambda text: text.replace("{number:amk}", "{number:nobody}", 1), 19, "«nobody» is not a known number"),
        (lambda text: text.replace("(nar-det-haster)", "(nar-det-brenner)"), 27, "leads to no article"),
        (lambda text: text.replace("(nar-det-haster)", "(http://lovdata.no)"), 27, "neither an article nor"),
        (lambda text: text.replace("{number:amk}", "113", 1), 19, "the number «113» is typed in"),
        (lambda text: text.replace("{number:amk}", "116 117", 1), 19, "the number «116 117» is typed in"),
        (lambda text: text.replace("{number:amk}", "21 52 53 53", 1), 19, "«21 52 53 53» is typed in"),
        (lambda text: text.replace("{number:amk}", "21525353", 1), 19, "«21525353» is typed in"),
        (lambda text: text.replace("{number:amk}.", "[lenke](nar-det-haster)", 1), 19, "can hold no link"),
        (lambda text: text.replace("{number:amk}.", "ord " * 60, 1), 19, "«spoken» has 61 words; at most 60"),
        (lambda text: text.replace("## short\n\n", "## short\n\n" + "a" * 300), 23, "«short» has 309 characters"),
        (lambda text: text.replace("Les [når", "Se § 3-3 a. Les [når"), 27, "§ 3-3 a is cited, but stands in none"),
        (lambda text: text.replace("Les [når", "Kom kl. 10. Les [når"), 27, "the hours «kl. 10» are typed in"),
        (lambda text: text.replace("pasient- og bruker", "pasientbruker"), 10, "begins with none of the laws"),
        (lambda text: text.replace("valid_from: 2026-01-01", "from_law: no_law"), 2, "«no_law» is not one of the"),
        (lambda text: text.replace("title:", "titel:"), 2, "«title» is missing"),
        (lambda text: text[: text.index("sources:")] + text[text.index("valid_from") :], 2, "«sources» is missing"),
    ],
)  # fmt: skip
def test_each_fault_is_found_on_its_line(tmp_path: Path, spoil: Callable[[str], str], line: int, message: str) -> None:
    found = check(with_article(tmp_path, spoil(ARTICLE)), WRITTEN)
    assert any(
        problem.severity is Severity.ERROR
        and problem.path.name == "prove.nb.md"
        and problem.line == line
        and message in problem.message
        for problem in found
    ), errors(found)


def test_a_paragraph_number_is_no_telephone_number(tmp_path: Path) -> None:
    text = ARTICLE.replace("§ 1-3", "§ 1-3 og 110").replace(
        "Les [når", "Se § 110 og 1.7.2026, 22.11.2026 og 113/2026. Les [når"
    )
    assert errors(check(with_article(tmp_path, text), WRITTEN)) == []


def test_all_faults_are_listed_not_only_the_first(tmp_path: Path) -> None:
    directory = with_article(tmp_path, ARTICLE.replace("title:", "titel:"))
    (directory / "rights" / "annen.nb.md").write_text("tomt", encoding="utf-8")
    (directory / "offers.yaml").write_text("offers: 3", encoding="utf-8")
    (directory / "words.yaml").write_text("- en liste", encoding="utf-8")
    (directory / "numbers.yaml").write_text("{", encoding="utf-8")
    names = {problem.path.name for problem in check(directory, WRITTEN) if problem.severity is Severity.ERROR}
    assert {"prove.nb.md", "annen.nb.md", "offers.yaml", "words.yaml", "numbers.yaml"} <= names


def test_past_review_is_a_warning_ahead_of_time() -> None:
    ahead = check(KNOWLEDGE, date(2028, 1, 1))
    assert errors(ahead) == []
    due = [problem for problem in ahead if "was due for review" in problem.message]
    assert {problem.path.name for problem in due} >= {"numbers.yaml", "offers.yaml", "nar-det-haster.nb.md"}


def test_an_article_out_of_date_is_a_warning(tmp_path: Path) -> None:
    text = ARTICLE.replace("valid_from: 2026-01-01", "valid_from: 2026-01-01\nvalid_until: 2026-02-01")
    found = check(with_article(tmp_path, text), WRITTEN)
    assert any("is withheld from callers" in problem.message for problem in found)
    assert errors(found) == []


def test_missing_emergency_language_fails(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    (directory / "rights" / "nar-det-haster.nn.md").unlink()
    assert any("nar-det-haster.nn.md" in error for error in errors(check(directory, WRITTEN)))


def test_article_without_bokmal_fails(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    text = ARTICLE.replace("language: nb", "language: nn")
    (directory / "rights" / "prove.nn.md").write_text(text, encoding="utf-8")
    assert any("has no bokmål version" in error for error in errors(check(directory, WRITTEN)))


def test_overlapping_versions_fail(tmp_path: Path) -> None:
    directory = with_article(tmp_path, ARTICLE)
    old = ARTICLE.replace("valid_from: 2026-01-01", "valid_from: 2025-01-01")
    (directory / "rights" / "prove.until-2025-12-31.nb.md").write_text(old, encoding="utf-8")
    assert any("valid on the same days" in error for error in errors(check(directory, WRITTEN)))


def test_hard_text_is_a_warning(tmp_path: Path) -> None:
    hard = "Pasientrettighetslovgivningens kompetansebestemmelser forutsetter samtykkekompetansevurderinger."
    found = check(with_article(tmp_path, ARTICLE.replace("Les [når", f"{hard} Les [når")), WRITTEN)
    assert any("reads at LIX" in problem.message for problem in found)


def test_long_sentence_is_a_warning(tmp_path: Path) -> None:
    found = check(with_article(tmp_path, ARTICLE.replace("Les [når", "Så " * 21 + "går vi. Les [når")), WRITTEN)
    assert any("a sentence has over 20 words" in problem.message for problem in found)


def test_long_sentence_to_hear_is_a_warning_too(tmp_path: Path) -> None:
    text = ARTICLE.replace("Ring {number:amk}.", "Ring {number:amk} " + "nå " * 20 + ".", 1)
    found = check(with_article(tmp_path, text), WRITTEN)
    assert any(problem.line == 19 and "a sentence has over 20 words" in problem.message for problem in found)


def test_readability_is_that_of_the_filled_text(tmp_path: Path) -> None:
    listed = readability(with_article(tmp_path, ARTICLE), WRITTEN)
    own = next(reading for reading in listed if reading.path.name == "prove.nb.md")
    # «Ring 113. Les når det haster.»: 6 words in 2 sentences, none over six letters.
    assert (own.lix, own.longest_sentence) == (3.0, 4)
    assert [reading.lix for reading in listed] == sorted((reading.lix for reading in listed), reverse=True)


def test_a_language_without_a_version_for_the_day_is_a_warning(tmp_path: Path) -> None:
    directory = with_article(tmp_path, ARTICLE)
    late = ARTICLE.replace("language: nb", "language: nn").replace("valid_from: 2026-01-01", "valid_from: 2027-01-01")
    (directory / "rights" / "prove.nn.md").write_text(late, encoding="utf-8")
    found = check(directory, WRITTEN)
    assert any("has no version in «nn» on 2026-11-22" in problem.message for problem in found)
    assert errors(found) == []


def test_a_pending_law_past_its_review_is_a_warning() -> None:
    late = check(KNOWLEDGE, date(2027, 12, 1))
    assert any("whether «forvaltningsloven_2025» has been given a day" in problem.message for problem in late)


def test_problem_prints_place_and_severity() -> None:
    problem = Problem(path=Path("a.md"), line=3, message="is wrong.", severity=Severity.ERROR)
    assert str(problem) == "a.md:3: error: is wrong."


def test_lix_by_hand() -> None:
    # 8 words in 2 sentences, 2 of them over six letters: 4 + 25.
    assert lix("Du kan klage skriftlig. Fristen er fire uker.") == pytest.approx(4 + 25)
    assert lix("") == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Det gjelder 22. november. Ja.", 2),
        ("Hvem?\nDu", 2),
        ("«Nei.» Han gikk.", 2),
        ("Ring: Nå.", 2),
        ("…", 0),
        ("یہ ہے۔ وہ ہے۔", 2),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_words() -> None:
    assert words("Ring 113 nå, e-post!") == ("Ring", "113", "nå", "e-post")


@pytest.mark.parametrize(("text", "length"), [("æøåÆØÅ", 6), ("[€]", 6), ("«nei»", None), ("–", None), ("", 0)])
def test_gsm_length(text: str, length: int | None) -> None:
    assert gsm_length(text) == length
