"""Records in and out as files, on both databases."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from helpline.core.codes import Origin
from helpline.core.record import COLUMNS, OSLO
from helpline.desk import counters, record_files, record_intake
from helpline.desk.house import House
from helpline.desk.record_intake import FileRefused, Imported
from helpline.errors import HelplineError
from helpline.store.db import Database

NOW = datetime(2026, 3, 3, 11, tzinfo=UTC)

LOG = """record_id,opened_at,channel,outcome,waited_seconds,topics,asked_what_matters
a1,2026-03-02T10:37:12+01:00,phone,counselled,42,rights;grief,yes
a2,2026-03-02T23:30:00+01:00,sms,abandoned,,,
a3,2026-01-05,email,,,unknown,no
"""
WITHOUT_IDS = """opened_at,channel
2026-03-02T10:00:00+01:00,phone
2026-03-02T10:00:00+01:00,phone

2026-03-02T11:00:00+01:00,phone
"""


async def take_in(database: Database, house: House, path: Path) -> Imported:
    with record_intake.read_file(path, zone=house.zone) as checked:
        async with database.writing() as session:
            return await record_intake.take_in(session, checked, house=house, now=NOW)


async def number(database: Database, house: House) -> int:
    async with database.reading() as session:
        return (await counters.count(session, house=house, include_simulated=True)).whole.count("contacts")


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
async def test_a_file_is_taken_in_once(database: Database, house: House, tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "log.csv", LOG, encoding)
    assert await take_in(database, house, path) == Imported(added=3, known=0)
    assert await take_in(database, house, path) == Imported(added=0, known=3)
    async with database.reading() as session:
        counted = await counters.count(session, house=house, include_simulated=False)
    async with database.reading() as session:
        assert await counters.check(session, house=house, now=NOW) == []
    assert sorted(counted.days) == [date(2026, 1, 5), date(2026, 3, 2)]
    assert counted.whole.count("contacts", "origin=import") == 3
    assert counted.whole.histogram("wait") == {42: 1}


async def test_rows_without_ids_are_known_by_the_file_and_their_place_in_it(
    database: Database, house: House, tmp_path: Path
) -> None:
    path = written(tmp_path / "log.csv", WITHOUT_IDS)
    assert await take_in(database, house, path) == Imported(added=3, known=0)
    assert await take_in(database, house, path) == Imported(added=0, known=3)
    # The same rows in another file are other contacts.
    assert await take_in(database, house, written(tmp_path / "more.csv", WITHOUT_IDS + "2026-03-02,sms\n")) == Imported(
        added=4, known=0
    )
    assert await number(database, house) == 7


async def test_an_import_of_old_days_is_counted_at_once_and_folded_again(
    database: Database, house: House, tmp_path: Path
) -> None:
    await take_in(database, house, written(tmp_path / "log.csv", LOG))
    async with database.writing() as session:
        assert await counters.fold_closed_days(session, house=house, now=NOW) == 2
    more = "record_id,opened_at,channel,outcome,corrects\nb1,2026-01-05,phone,guided,\nb2,2026-03-02,sms,referred,a1\n"
    await take_in(database, house, written(tmp_path / "more.csv", more))
    for folded in (2, 0):
        async with database.reading() as session:
            counted = await counters.count(session, house=house, include_simulated=False)
        assert counted.whole.marks("outcome") == {"abandoned": 1, "": 1, "guided": 1, "referred": 1}
        async with database.writing() as session:
            assert await counters.fold_closed_days(session, house=house, now=NOW) == folded


@pytest.mark.parametrize(
    ("text", "line", "column", "sentence"),
    [
        ("", 1, None, "empty"),
        ("opened_at,shoe_size\n", 1, "shoe_size", "no column «shoe_size»"),
        ("opened_at,channel,channel\n", 1, "channel", "twice"),
        ("channel\nphone\n", 1, "opened_at", "missing"),
        ("opened_at,channel\n2026-03-02,phone\n2026-03-02,pigeon\n", 3, "channel", "«pigeon»"),
        ("opened_at\nyesterday\n", 2, "opened_at", "«yesterday»"),
        ("opened_at,channel\n2026-03-02,phone,extra\n", 2, None, "3 cells"),
        ("record_id,opened_at\nx,2026-03-02\nx,2026-03-03\n", 3, "record_id", "line 2 already"),
        ('opened_at,channel\n2026-03-02,"pho\nne"\n', 3, "channel", "no such code"),
        ("record_id,opened_at,corrects\nx,2026-03-02,y\ny,2026-03-02,x\n", 2, "corrects", "ring"),
    ],
)
async def test_a_fault_is_named_by_line_and_column_and_nothing_is_taken_in(
    database: Database, house: House, tmp_path: Path, text: str, line: int, column: str | None, sentence: str
) -> None:
    with pytest.raises(HelplineError, match=sentence) as refused:
        await take_in(database, house, written(tmp_path / "log.csv", text))
    if isinstance(refused.value, FileRefused):
        fault = refused.value.faults[0]
        assert (fault.line, fault.column) == (line, column)
        assert f"line {line}" in refused.value.sentence
    assert await number(database, house) == 0


async def test_a_row_with_a_known_id_and_other_values_is_refused(
    database: Database, house: House, tmp_path: Path
) -> None:
    await take_in(database, house, written(tmp_path / "log.csv", LOG))
    with pytest.raises(FileRefused, match="line 3, column record_id: «a2» is here already") as refused:
        await take_in(
            database,
            house,
            written(tmp_path / "log.csv", LOG.replace("abandoned", "guided") + "a4,2026-03-02,sms,,,,\n"),
        )
    assert len(refused.value.faults) == 1
    assert await number(database, house) == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"opened_at,channel\n2026-03-02,\xe5\n", "UTF-8"),
        (b'opened_at\n"2026-03-02\n', "no CSV"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_file_of_ours_is_refused_in_a_sentence(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "log.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HelplineError, match=sentence), record_intake.read_file(path, zone=OSLO):
        raise AssertionError("it was read")


def test_many_faults_are_counted(tmp_path: Path, house: House) -> None:
    path = written(tmp_path / "log.csv", "opened_at\n" + "never\n" * 50)
    with pytest.raises(FileRefused, match="49 more faults") as refused, record_intake.read_file(path, zone=house.zone):
        raise AssertionError("it was read")
    assert (len(refused.value.faults), refused.value.more) == (20, 30)


async def test_what_is_exported_can_be_taken_in_again(database: Database, house: House, tmp_path: Path) -> None:
    await take_in(database, house, written(tmp_path / "log.csv", LOG))
    path = tmp_path / "out.csv"
    async with database.reading() as session:
        assert await record_files.write_file(session, path) == 3
        # A period: only what was opened in it.
        since = tmp_path / "march.csv"
        assert await record_files.write_file(session, since, starts_at=datetime(2026, 3, 1, tzinfo=UTC)) == 2
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["record_id"] for row in rows] == ["a3", "a1", "a2"]
    assert rows[1]["opened_at"] == "2026-03-02T09:00:00Z", "cut to the hour"
    assert rows[1]["topics"] == "rights;grief"
    assert await take_in(database, house, path) == Imported(added=0, known=3)


async def test_spreadsheets_and_json_lines_hold_values_of_their_kinds(
    database: Database, house: House, tmp_path: Path
) -> None:
    await take_in(database, house, written(tmp_path / "log.csv", LOG))
    async with database.reading() as session:
        await record_files.write_file(session, tmp_path / "out.jsonl")
        await record_files.write_file(session, tmp_path / "out.xlsx")
        with pytest.raises(HelplineError, match=r"\.csv, \.xlsx, \.jsonl"):
            await record_files.write_file(session, tmp_path / "out.pdf")
        with pytest.raises(HelplineError, match="cannot be written"):
            await record_files.write_file(session, tmp_path / "nowhere" / "out.csv")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[1] == {
        "record_id": "a1",
        "kind": "contact",
        "origin": Origin.IMPORT.value,
        "opened_at": "2026-03-02T09:00:00Z",
        "channel": "phone",
        "topics": ["rights", "grief"],
        "waited_seconds": 42,
        "outcome": "counselled",
        "asked_what_matters": True,
    }
    sheet = load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    table = [dict(zip(COLUMNS, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert table[1]["waited_seconds"] == 42
    assert table[1]["opened_at"] == datetime(2026, 3, 2, 9)  # noqa: DTZ001  # spreadsheets know no zones
    assert [row["record_id"] for row in table] == ["a3", "a1", "a2"]


async def test_a_large_file_is_read_in_bounded_memory_with_its_progress_told(
    database: Database, house: House, tmp_path: Path
) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    rows = [f"{(start + timedelta(hours=number)).isoformat()},phone" for number in range(2500)]
    heard: list[tuple[int, int]] = []
    path = written(tmp_path / "log.csv", "\n".join(["opened_at,channel", *rows, ""]))
    with record_intake.read_file(path, zone=house.zone, told=lambda *done: heard.append(done)) as checked:
        assert (checked.rows, dict(checked.kinds), checked.first) == (2500, {"contact": 2500}, date(2025, 1, 1))
        # No more than a thousand records are ever there at once.
        assert [len(batch) for batch in checked.batches()] == [1000, 1000, 500]
        async with database.writing() as session:
            done = await record_intake.take_in(
                session, checked, house=house, now=NOW, told=lambda *done: heard.append(done)
            )
    assert done == Imported(added=2500, known=0)
    assert heard == [(1000, 2501), (2000, 2501), (1000, 2500), (2000, 2500), (2500, 2500)]
    assert await number(database, house) == 2500


async def test_a_check_says_what_an_import_would_do(database: Database, house: House, tmp_path: Path) -> None:
    await take_in(database, house, written(tmp_path / "log.csv", LOG))
    more = written(tmp_path / "more.csv", LOG + "a4,2026-03-02,sms,,,,\n")
    with record_intake.read_file(more, zone=house.zone) as checked:
        async with database.reading() as session:
            assert await record_intake.would_take_in(session, checked) == Imported(added=1, known=3)
    assert await number(database, house) == 3


async def test_semicolons_are_read_and_another_encoding_is_refused_with_what_to_do(
    database: Database, house: House, tmp_path: Path
) -> None:
    text = LOG.replace(",", "\t").replace(";", ",").replace("\t", ";").replace("rights,grief", '"rights;grief"')
    assert await take_in(database, house, written(tmp_path / "semi.csv", text)) == Imported(added=3, known=0)
    with pytest.raises(HelplineError, match="save it as «CSV UTF-8», or say `encoding: windows-1252` in a mapping"):
        await take_in(database, house, written(tmp_path / "old.csv", LOG + "å,2026-03-02,,,,,\n", "windows-1252"))


async def test_what_was_exported_as_a_spreadsheet_can_be_taken_in_again(
    database: Database, house: House, tmp_path: Path
) -> None:
    await take_in(database, house, written(tmp_path / "log.csv", LOG))
    async with database.reading() as session:
        await record_files.write_file(session, tmp_path / "out.xlsx")
    assert await take_in(database, house, tmp_path / "out.xlsx") == Imported(added=0, known=3)
    (tmp_path / "not.xlsx").write_bytes(b"PK nothing")
    with pytest.raises(HelplineError, match="no spreadsheet"):
        await take_in(database, house, tmp_path / "not.xlsx")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_is_never_a_formula(sign: str) -> None:
    assert record_files.csv_line([f"{sign}1+1", "mother", "12"]).startswith(("'" + sign, '"' + "'" + sign))
    assert record_files.defused("12") == "12"
    assert record_files.defused("mother") == "mother"
