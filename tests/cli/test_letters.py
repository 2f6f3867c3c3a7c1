"""`helpline letter` from a file of answers to a letter, and what it says when it cannot."""

import json
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from helpline import cli
from helpline.errors import HelplineError
from tests.conftest import ROOT
from tests.guidance.letter_answers import whole


def run(*arguments: str, said: str | None = None) -> Result:
    runner = CliRunner(env={"HELPLINE_KNOWLEDGE_DIR": str(ROOT / "knowledge")})
    return runner.invoke(cli.commands, ["letter", *arguments], input=said)


def refused(*arguments: str, said: str | None = None) -> str:
    """The one sentence of an expected error."""
    ended = run(*arguments, said=said)
    assert ended.exit_code == 1
    assert isinstance(ended.exception, HelplineError)
    return ended.exception.sentence


@pytest.fixture
def answers(tmp_path: Path) -> str:
    return written(tmp_path, **whole("gp"), on="2026-11-26")


def written(folder: Path, **given: Any) -> str:
    path = folder / "answers.json"
    path.write_text(json.dumps(given), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("file_format", ["txt", "docx", "pdf"])
def test_the_same_letter_in_every_format(answers: str, tmp_path: Path, file_format: str) -> None:
    out = tmp_path / f"letter.{file_format}"
    ended = run("gp", "--answers", answers, "--format", file_format, "--out", str(out))
    assert ended.exit_code == 0, ended.output
    match file_format:
        case "pdf":
            text = "\n".join(page.extract_text() for page in PdfReader(out).pages)
        case "docx":
            text = "\n".join(one.text for one in Document(str(out)).paragraphs)
        case _:
            text = out.read_text(encoding="utf-8")
    for words in ("Lillevik, 26. november 2026", "Dette ber jeg om", "3. november 2026", "Vennlig hilsen"):
        assert words in text


def test_a_text_goes_to_standard_output(answers: str) -> None:
    ended = run("fastlege", "--answers", answers)
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.startswith("Til: Fastlegen, Lillevik kontor")


def test_answers_come_by_standard_input_too() -> None:
    said = json.dumps({**whole("child_welfare"), "language": "en", "on": "2026-11-26"})
    assert "26 November 2026" in run("child_welfare", "--answers", "-", said=said).stdout


def test_missing_answers_are_named(tmp_path: Path) -> None:
    sentence = refused("municipality_substance", "--answers", written(tmp_path, danger_now="no", under_18="no"))
    for name, question in (
        ("person_name", "Hva heter den brevet handler om?"),
        ("standing", "Er du nærmeste pårørende?"),
        ("events", "Hva har skjedd?"),
        ("danger", "Hva kan være farlig"),
    ):
        assert f"({name})" in sentence
        assert question in sentence
    assert "under_18" not in sentence
    assert "\n" not in sentence


def test_danger_goes_before_the_letter(tmp_path: Path) -> None:
    sentence = refused("gp", "--answers", written(tmp_path, **whole("gp", danger_now="yes")))
    assert "Ring 113 nå" in sentence


@pytest.mark.parametrize(
    ("arguments", "said", "sentence"),
    [
        (["nobody", "--answers", "-"], "{}", "«nobody» is no kind of letter: gp, "),
        (["gp"], None, "--answers FILE"),
        (["gp", "--answers", "-"], "ikke json", "is not JSON"),
        (["gp", "--answers", "-"], "[]", "holds no object"),
        (["gp", "--answers", "-"], '{"language": "se"}', "is nb, nn or en"),
        (["gp", "--answers", "-"], '{"on": "i går"}', "as 2026-11-03"),
        (["gp", "--answers", "-"], '{"kind": "nav"}', "for «nav»"),
        (["gp", "--answers", "/no/such/file"], None, "cannot be read"),
        (["gp", "--answers", "-"], '{"navn": "x"}', "det finnes ikke noe spørsmål «navn»"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(arguments: list[str], said: str | None, sentence: str) -> None:
    assert sentence in refused(*arguments, said=said)


def test_a_file_needs_a_place_and_a_place_must_be_there(answers: str, tmp_path: Path) -> None:
    assert "--out FILE" in refused("gp", "--answers", answers, "--format", "pdf")
    assert "cannot be written" in refused("gp", "--answers", answers, "--out", str(tmp_path / "no" / "where.txt"))


def test_remarks_are_printed(tmp_path: Path) -> None:
    path = written(tmp_path, **whole("gp", change="Han er en idiot.", person_name="Ola 04059812345"))
    told = run("gp", "--answers", path, "--check").stdout.splitlines()
    assert told[0].startswith("! Ta bort fødselsnummeret")
    assert any("«idiot» kan såre" in line for line in told)
    found = json.loads(run("gp", "--answers", path, "--check", "--json").stdout)
    assert {"identity", "insult"} <= {one["code"] for one in found}


def test_the_questions_say_what_to_answer() -> None:
    listed = run("gp", "--questions").stdout
    for words in (
        "danger_now (choice, required)",
        "events (list, required)",
        "    what (text, required)",
        "me = Jeg selv",
    ):
        assert words in listed
    assert "decision" not in listed
    found = {one["id"]: one for one in json.loads(run("county_governor_complaint", "--questions", "--json").stdout)}
    assert found["decision"]["required"] is True
    assert list(found["authority"]["codes"]) == ["own", "yes", "nearest", "parent", "no", "unknown"]
    assert found["authority"]["codes"]["yes"] == "Jeg har skriftlig fullmakt"
