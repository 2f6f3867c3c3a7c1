"""`helpline counters` over a real file: any cut and any narrowing, the recount, and what is refused in a sentence."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from helpline import cli
from helpline.errors import HelplineError
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import migrate
from tests.conftest import ROOT, SECRET_KEY

LOG = """record_id,opened_at,channel,direction,relation,topics,outcome,waited_seconds,corrects
a,2026-03-02T10:00:00+01:00,phone,inbound,mother,rights;grief,counselled,30,
b,2026-03-03T11:00:00+01:00,phone,inbound,father,rights,abandoned,90,
c,2026-09-04T12:00:00+02:00,sms,inbound,mother,,guided,,
d,2026-09-04T12:00:00+02:00,sms,inbound,mother,grief,guided,,c
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    address = f"sqlite+aiosqlite:///{tmp_path}/log.db"

    async def make() -> None:
        database = Database(address, Keyring([SECRET_KEY]))
        await migrate(database)
        await database.close()

    asyncio.run(make())
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    assert run(tmp_path, "records", "import", str(tmp_path / "log.csv")).exit_code == 0
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    environment = {
        "HELPLINE_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/log.db",
        "HELPLINE_KNOWLEDGE_DIR": str(ROOT / "knowledge"),
        "HELPLINE_SECRET_KEYS": json.dumps([SECRET_KEY]),
        "HELPLINE_ENVIRONMENT": "development",
    }
    return CliRunner(env=environment).invoke(cli.commands, list(arguments))


def counted(folder: Path, *arguments: str) -> dict[str, int]:
    ended = run(folder, "counters", "--from", "2026-01-01", "--to", "2026-12-31", *arguments, "--json")
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout)
    parts = {part: figures["contacts"]["value"] for part, figures in found["parts"].items()}
    return {"": found["counters"]["contacts"]["value"], **parts}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), {"": 3}),
        (("--where", "channel=phone"), {"": 2}),
        (("--where", "topic=grief", "--where", "outcome=guided"), {"": 1}),
        (("--where", "hour_of_week=4-12"), {"": 1}),
        (("--by", "term"), {"": 3, "2026-01-01": 2, "2026-08-01": 1}),
        (("--by", "topic,channel"), {"": 3, "channel=phone&topic=rights": 2, "channel=phone&topic=grief": 1,
                                     "channel=sms&topic=grief": 1}),
        (("--by", "relation,month"), {"": 3, "month=2026-03-01&relation=mother": 1,
                                      "month=2026-03-01&relation=father": 1, "month=2026-09-01&relation=mother": 1}),
        (("--by", "outcome", "--where", "relation=mother"), {"": 2, "counselled": 1, "guided": 1}),
    ],
)  # fmt: skip
def test_any_cut_and_any_narrowing(folder: Path, arguments: tuple[str, ...], expected: dict[str, int]) -> None:
    for _ in range(2):
        assert counted(folder, *arguments) == expected
        # The same from folded days and months.
        assert run(folder, "counters", "rebuild").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--by", "shoe_size"), "Tallene kan ikke deles etter «shoe_size»."),
        (("--by", "topic,relation,channel"), "etter to ulike i kryss"),
        (("--by", "month,year"), "høyst én av dem er tid"),
        (("--by", "topic,topic"), "etter to ulike i kryss"),
        (("--where", "shoe_size=44"), "Tallene kan ikke velges etter «shoe_size»."),
        (("--where", "channel=pigeon"), "«channel» har ingen verdi «pigeon»."),
        (("--where", "channel"), "Skriv det som channel=phone."),
        (("--where", "channel=sms", "--where", "channel=phone"), "kan bare velges én gang"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_a_sentence(
    folder: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    ended = run(folder, "counters", *arguments)
    assert ended.exit_code == 1
    assert isinstance(ended.exception, HelplineError)
    assert sentence in ended.exception.sentence


def test_figures_in_words_name_what_they_are_narrowed_to(folder: Path) -> None:
    ended = run(
        folder, "counters", "--from", "2026-01-01", "--to", "2026-12-31", "--where", "channel=phone", "--by", "topic"
    )
    assert "2026-01-01 to 2026-12-31, channel=phone" in ended.stdout
    assert "answer_rate: 0.5 share (1 of 2)" in ended.stdout
    assert "rights: contacts 2 contacts" in ended.stdout


def test_a_recount_that_differs_is_told_until_the_days_are_folded_anew(folder: Path) -> None:
    assert run(folder, "counters", "rebuild").exit_code == 0
    equal = run(folder, "counters", "check", "--json")
    assert (equal.exit_code, json.loads(equal.stdout)) == (0, {"equal": True, "differences": []})
    with sqlite3.connect(folder / "log.db") as connection:
        connection.execute("DELETE FROM folded_tally WHERE span = 'day' AND cut = '' AND first = '2026-03-03'")
    differs = run(folder, "counters", "check")
    assert differs.exit_code == 1
    assert "2026-03-03: contacts is folded as 0 and recounted as 1" in differs.stderr
    with sqlite3.connect(folder / "log.db") as connection:
        [(kept,)] = connection.execute("SELECT value FROM installation WHERE key = 'recount'")
    assert json.loads(kept)["differences"] > 0
    assert run(folder, "counters", "rebuild").exit_code == 0
    assert run(folder, "counters", "check").stdout == "The counters equal the recount.\n"
