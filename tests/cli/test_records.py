"""`helpline records import` and `export` as they are typed: a mapping, a check, twice the same file, and counts."""

import csv
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from helpline import cli
from helpline.errors import HelplineError
from tests.conftest import ROOT, SECRET_KEY

EXAMPLE = ROOT / "docs" / "examples" / "spreadsheet.csv"
MAPPING = ROOT / "docs" / "examples" / "spreadsheet.yaml"


@pytest.fixture
def run(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """On a database of its own, with no settings but these."""
    (tmp_path / "helpline.db").write_bytes(migrated_sqlite.read_bytes())
    monkeypatch.chdir(tmp_path)
    return CliRunner(
        env={
            "HELPLINE_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/helpline.db",
            "HELPLINE_KNOWLEDGE_DIR": str(ROOT / "knowledge"),
            "HELPLINE_SECRET_KEYS": SECRET_KEY,
            "HELPLINE_ENVIRONMENT": "development",
        }
    )


def records(run: CliRunner, *arguments: str) -> Result:
    return run.invoke(cli.commands, ["records", *arguments])


def count(folder: Path) -> int:
    with sqlite3.connect(folder / "helpline.db") as database:
        return int(database.execute("SELECT count(*) FROM record").fetchone()[0])


def test_a_spreadsheet_is_checked_taken_in_once_and_taken_out(run: CliRunner, tmp_path: Path) -> None:
    words = ("import", str(EXAMPLE), "--mapping", str(MAPPING))
    checked = records(run, *words, "--check")
    assert checked.exit_code == 0, checked.output
    assert "5 records (attendance 1, contact 2, group 1, session 1), 2026-01-01 to 2026-03-03." in checked.stdout
    assert "5 records would be added; 0 are here already. Nothing was written." in checked.stdout
    assert count(tmp_path) == 0
    assert "5 records were added; 0 were here already." in records(run, *words).stdout
    again = records(run, *words)
    assert "0 records were added; 5 were here already." in again.stdout
    assert "rows a second" in again.stderr
    out = records(run, "export", "out.csv", "--from", "2026-03-03", "--to", "2026-03-03")
    assert "2 records were written to out.csv." in out.stdout
    assert "5 records" in records(run, "export", "out.xlsx").stdout
    assert "counts were written to counts.csv." in records(run, "export", "counts.csv", "--counts", "2026").stdout
    with Path("counts.csv").open(encoding="utf-8", newline="") as file:
        contacts = next(row for row in csv.DictReader(file) if row["unit"] == "contacts")
    assert (contacts["count"], contacts["hidden"]) == ("", "yes")


def test_without_the_mapping_it_is_refused_with_what_to_do(run: CliRunner, tmp_path: Path) -> None:
    refused = records(run, "import", str(EXAMPLE))
    assert refused.exit_code == 1
    assert isinstance(refused.exception, HelplineError)
    assert "say `encoding: windows-1252` in a mapping" in refused.exception.sentence
    assert count(tmp_path) == 0
