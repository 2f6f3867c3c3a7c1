"""Files of the log over HTTP: rows for managers, counts with small numbers hidden for everybody; all is logged."""

import csv
import json
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from helpline.core.record import COLUMNS, Record
from helpline.desk import counters, counts_file
from helpline.store import access, records
from tests.conftest import MONDAY, Service
from tests.web.conftest import Desk
from tests.web.test_entering import rogn

__all__ = ["rogn"]

MARCH = MONDAY.replace(month=3, day=2)


async def keep(service: Service) -> None:
    relations = ["mother"] * 12 + ["father"] * 6 + ["son"] * 2 + [None] * 7
    written = [
        Record(
            record_id=f"r{place}",
            opened_at=MARCH + timedelta(days=place),
            channel="phone",
            relation=relation,
            topics=("rights",) if place < 3 else ("grief",),
            outcome="counselled",
        )
        for place, relation in enumerate(relations)
    ]
    written.append(Record(record_id="now", opened_at=MONDAY, channel="sms", outcome="counselled", relation="son"))
    async with service.database.writing() as session:
        await records.keep_many(session, written)
        await counters.on_records(session, written, house=service.house)


async def test_an_advisor_takes_out_counts_and_never_rows(service: Service, kari: Desk) -> None:
    await keep(service)
    page = await kari.get("/records/export")
    assert "Last ned antall" in page.text
    assert "Last ned rader" not in page.text
    assert (await kari.get("/records/export/records?first=2026-01-01")).status_code == 403
    answer = await kari.get("/records/export/counts?year=2026&form=csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="counts-2026-01-01-2026-10-31.csv"'
    rows = list(csv.DictReader(StringIO(answer.text)))
    cells = {(row["dimension"], row["code"]): row["count"] for row in rows}
    # This month is not over: what was written today is not there.
    assert cells["", ""] in {"27", "0"}
    assert [row["count"] for row in rows if row["unit"] == "contacts" and not row["dimension"]] == ["27"]
    assert ("channel", "sms") not in cells
    # Two sons are hidden, and six fathers with them: 27 less the others would have told.
    assert {code: cells["relation", code] for code in ("mother", "father", "son", "not_asked")} == {
        "mother": "12",
        "father": "",
        "son": "",
        "not_asked": "7",
    }
    # A contact may have several topics, so no sum gives the three away.
    assert (cells["topic", "rights"], cells["topic", "grief"]) == ("", "24")
    async with service.database.reading() as session:
        line = (await access.latest(session))[0]
        assert (line.action, access.reason(session, line)) == ("exported", "counts 2026-01-01–2026-10-31 csv")
    for form in ("year=2027", "year=26", "year=2026&form=pdf"):
        assert (await kari.get(f"/records/export/counts?{form}")).status_code == 400


async def test_a_manager_takes_out_rows_in_three_forms(service: Service, rogn: Desk) -> None:
    await keep(service)
    assert "Last ned rader" in (await rogn.get("/records/export")).text
    address = "/records/export/records?first=2026-03-01&last=2026-11-23&form="
    rows = list(csv.DictReader(StringIO((await rogn.get(address + "csv")).text)))
    assert (tuple(rows[0]), len(rows)) == (COLUMNS, 28)
    lines = (await rogn.get(address + "jsonl")).text.splitlines()
    assert json.loads(lines[-1])["record_id"] == "now"
    answer = await rogn.get(address + "xlsx")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert sheet.max_row == 29
    async with service.database.reading() as session:
        said = [access.reason(session, line) for line in await access.latest(session, limit=3)]
    assert said[0] == "records 2026-03-01–2026-11-23 xlsx"
    sheet = load_workbook(BytesIO((await rogn.get("/records/export/counts?year=2026&form=xlsx")).content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == list(counts_file.COLUMNS)


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(1, 40), min_size=1, max_size=7))
def test_no_small_number_can_be_worked_out_from_the_sum(cells: dict[str, int]) -> None:
    away = counts_file.hidden(cells, partition=True)
    assert {name for name, number in cells.items() if number < 5} <= away
    rest, unknown = sum(cells[name] for name in away), len(away)
    if not away or unknown == len(cells):
        return
    # Each hidden cell could be another number than it is: there is more than one way to make up the rest.
    assert unknown > 1
    assert rest > unknown


@pytest.mark.parametrize(
    ("cells", "away"),
    [
        ({"a": 12, "b": 6}, set()),
        ({"a": 12, "b": 6, "c": 2}, {"b", "c"}),
        ({"a": 12, "b": 6, "c": 1, "d": 1}, {"b", "c", "d"}),
        ({"a": 12, "b": 3, "c": 2}, {"b", "c"}),
        ({"a": 12, "b": 4, "c": 4}, {"a", "b", "c"}),
        ({"a": 2}, {"a"}),
    ],
)
def test_what_is_hidden(cells: dict[str, int], away: set[str]) -> None:
    assert counts_file.hidden(cells, partition=True) == away
    assert counts_file.hidden(cells, partition=False) == {name for name, number in cells.items() if number < 5}
