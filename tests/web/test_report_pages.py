"""The report pages over HTTP: period, comparison and filters in the address, panels, and their files."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, timedelta

import openpyxl
import pytest

from helpline.core.duty import Role
from helpline.store import access
from helpline.web.report_asked import compared
from helpline.web.report_pages import PAGES
from helpline.web.reports_period import Period, custom, preset
from tests.conftest import MONDAY, Service
from tests.web.conftest import Desk, hire, sitting
from tests.web.test_reports import TODAY, keep, plain


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager."""
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


@pytest.mark.parametrize("name", PAGES)
async def test_every_page_is_shown_with_and_without_records(service: Service, rogn: Desk, name: str) -> None:
    for kept in (False, True):
        if kept:
            await keep(service)
        for query in ("", "?period=year&compare=before", "?period=today&compare=none"):
            page = await rogn.get(f"/reports/{name}{query}")
            assert page.status_code == 200, page.text
            assert page.text.count("<h1") == 1
            assert "style=" not in page.text


async def test_every_panel_is_a_file_for_managers_and_that_is_logged(service: Service, rogn: Desk, kari: Desk) -> None:
    await keep(service)
    address = "/reports/overview/contacts"
    table = await rogn.get(f"{address}.csv?period=7d")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert [int(row[1]) for row in rows[1:8]] == [1, 1, 1, 1, 1, 1, 2]
    sheet = openpyxl.load_workbook(io.BytesIO((await rogn.get(f"{address}.xlsx?period=7d")).content))["contacts"]
    assert [row[1] for row in sheet.iter_rows(min_row=2, max_row=8, values_only=True)] == [1, 1, 1, 1, 1, 1, 2]
    picture = await rogn.get(f"{address}.svg?period=7d")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")
    assert "8 henvendelser i denne perioden" in plain(picture.text)
    pixels = await rogn.get(f"{address}.png?period=7d")
    assert pixels.headers["content-type"] == "image/png"
    assert pixels.content.startswith(b"\x89PNG")
    async with service.database.reading() as session:
        assert [line.action for line in await access.latest(session)] == ["exported"] * 4
    assert (await kari.get(f"{address}.csv")).status_code == 403
    assert "download" not in (await kari.get("/reports/overview")).text


async def test_what_is_not_there_is_said(service: Service, rogn: Desk) -> None:
    for address in ("/reports/nowhere", "/reports/overview/nothing.csv", "/reports/overview/contacts.doc"):
        assert (await rogn.get(address)).status_code == 404, address
    page = await rogn.get("/reports/overview?period=always")
    assert page.status_code == 400
    assert "Velg en av periodene" in plain(page.text)
    assert (await rogn.get("/reports/overview?compare=mars")).status_code == 400
    assert (await service.http.get("/reports/overview")).status_code == 303


def test_a_week_stands_beside_the_iso_week_of_the_year_before() -> None:
    week = preset("week", TODAY + timedelta(days=3))
    assert (week.first, week.last) == (date(2026, 11, 23), date(2026, 11, 26))
    beside = compared(week, "year")
    assert beside is not None
    assert (beside.first, beside.last) == (date(2025, 11, 24), date(2025, 11, 27))
    assert beside.first.isocalendar()[1:] == week.first.isocalendar()[1:]
    # 2026 has a week 53, 2025 has none: it stands beside week 52.
    last = Period(name="week", first=date(2026, 12, 28), last=date(2027, 1, 3))
    beside = compared(last, "year")
    assert beside is not None
    assert tuple(beside.first.isocalendar()) == (2025, 52, 1)


def test_other_periods_stand_beside_the_same_weekdays_or_the_same_dates() -> None:
    month = preset("30d", MONDAY.date())
    beside = compared(month, "year")
    assert beside is not None
    assert beside.first.weekday() == month.first.weekday()
    year = custom("2024-02-29", "2024-12-31", TODAY)
    beside = compared(year, "year")
    assert beside is not None
    assert (beside.first, beside.last) == (date(2023, 2, 28), date(2023, 12, 31))
    before = compared(month, "before")
    assert before is not None
    assert before.last + timedelta(days=1) == month.first
    assert compared(month, "none") is None
