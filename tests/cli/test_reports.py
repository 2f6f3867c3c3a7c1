"""`helpline report annual` from a log of published totals: the same numbers in JSON, HTML and PDF."""

import json
import re
import shutil
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from helpline import cli
from helpline.cli import reports
from helpline.errors import HelplineError
from tests import published_totals
from tests.conftest import ROOT, SECRET_KEY

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
#: What the page of the sources says.
SOURCE = ("2 900", "1 731", "712", "874", "416", "22", "50", "300", "266", "78 %", "22 %")
SHARES = ("38,1 %", "10,8 %", "8,6 %", "8,5 %", "7,7 %")


class Shell:
    """The command line over a database of its own."""

    def __init__(self, database: Path) -> None:
        self._runner = CliRunner(
            env={
                "HELPLINE_KNOWLEDGE_DIR": str(ROOT / "knowledge"),
                "HELPLINE_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
                "HELPLINE_SECRET_KEYS": SECRET_KEY,
            }
        )

    def run(self, *arguments: str) -> Result:
        return self._runner.invoke(cli.commands, list(arguments))

    def does(self, *arguments: str) -> str:
        ended = self.run(*arguments)
        assert ended.exit_code == 0, (ended.output, ended.exception)
        return ended.stdout

    def refused(self, *arguments: str) -> str:
        """The one sentence of an expected error."""
        ended = self.run(*arguments)
        assert ended.exit_code == 1
        assert isinstance(ended.exception, HelplineError)
        return ended.exception.sentence


@pytest.fixture
def shell(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Over an empty log."""
    monkeypatch.setattr(reports, "now", lambda: NOW)
    return Shell(Path(shutil.copy(migrated_sqlite, tmp_path / "helpline.db")))


@pytest.fixture(scope="module")
def two_years(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database into which the published totals were imported, and the same for the year before."""
    folder = tmp_path_factory.mktemp("published")
    database = Path(shutil.copy(migrated_sqlite, folder / "helpline.db"))
    for year in (published_totals.YEAR - 1, published_totals.YEAR):
        Shell(database).does("records", "import", str(published_totals.write(folder / f"{year}.csv", year)))
    return database


@pytest.fixture
def filled(two_years: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Over two years. Reports only read."""
    monkeypatch.setattr(reports, "now", lambda: NOW)
    return Shell(two_years)


def plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def words_of_html(html: str) -> str:
    main = html.partition("<main")[2].partition(">")[2]
    return plain(unescape(re.sub(r"<[^>]+>", " ", main)))


def words_of_pdf(path: Path) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
    return plain(re.sub(r"^\d+ \(\d+\)$", "", text, flags=re.MULTILINE))


def shown_in(document: Any, language: str) -> set[str]:
    """Every number of a JSON report as it is shown."""
    if isinstance(document, dict):
        own = {plain(document[f"shown_{language}"])} if "counter" in document else set()
        return own.union(*(shown_in(value, language) for value in document.values()))
    if isinstance(document, list):
        return set().union(*(shown_in(value, language) for value in document))
    return set()


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_same_numbers_in_every_format(filled: Shell, tmp_path: Path, language: str) -> None:
    for name in ("json", "html", "pdf"):
        out = tmp_path / f"report.{name}"
        filled.does("report", "annual", "2025", "--format", name, "--out", str(out), "--language", language)
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    html = words_of_html((tmp_path / "report.html").read_text(encoding="utf-8"))
    pdf = words_of_pdf(tmp_path / "report.pdf")
    numbers = shown_in(document, language)
    assert len(numbers) > 20
    for number in numbers:
        assert re.search(rf"(?<![\d,.]){re.escape(number)}(?![\d])", html), number
        assert re.search(rf"(?<![\d,.]){re.escape(number)}(?![\d])", pdf), number
    sentences = [said[f"text_{language}"] for one in document["paragraphs"] for said in one["statements"]]
    for sentence in sentences:
        assert plain(sentence) in html
        assert plain(sentence) in pdf
    # Word for word the same, in the same order, so that neither holds a number that the other does not.
    assert pdf.split() == html.split()


def test_the_page_of_the_sources_is_printed(filled: Shell, tmp_path: Path) -> None:
    filled.does("report", "annual", "2025", "--format", "pdf", "--out", str(tmp_path / "report.pdf"))
    first = plain(PdfReader(tmp_path / "report.pdf").pages[0].extract_text())
    for number in (*SOURCE, *SHARES):
        assert re.search(rf"(?<![\d,]){re.escape(number)}(?![\d,])", first), number
    places = [first.index(number) for number in SHARES]
    assert places == sorted(places)


def test_json_and_html_go_to_standard_output(filled: Shell) -> None:
    found = json.loads(filled.does("report", "annual", "2025"))
    assert [box["value"] for box in found["boxes"]] == [2_900, 1_731, 712, 874, 416, 22]
    assert (found["over"], found["compared_with"], found["made_on"]) == (True, 2024, "2026-11-26")
    page = filled.does("report", "annual", "2025", "--format", "html", "--language", "en")
    assert page.startswith("<!doctype html>")
    assert '<html lang="en">' in page
    assert "2,900" in page
    # One file that needs nothing beside it.
    assert not re.search(r"<script|<link|https?://|url\(", page)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("2027",), "Året 2027 har ikke begynt ennå, så det finnes ingen tall."),
        (("2019",), "Det finnes ingen tall for 2019: loggen begynner i 2024."),
        (("2026",), "Det er ikke ført noe for 2026."),
        (("i fjor",), "«i fjor» er ikke et år. Skriv det med fire sifre, som 2025."),
        (("2025", "--language", "se"), "The language is nb or en, not «se»."),
        (("2025", "--format", "pdf"), "Say where the PDF goes: --out FILE."),
        (("2025", "--out", "/"), "/ cannot be written: Is a directory."),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(filled: Shell, arguments: tuple[str, ...], sentence: str) -> None:
    assert filled.refused("report", "annual", *arguments) == sentence


def test_an_empty_log_is_said(shell: Shell) -> None:
    assert shell.refused("report", "annual", "2025") == "Loggen er tom, så det finnes ingen tall for 2025."


def test_an_unknown_format_is_a_usage_error(shell: Shell) -> None:
    assert shell.run("report", "annual", "2025", "--format", "odt").exit_code == 2
