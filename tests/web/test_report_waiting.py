"""Overview, waiting and service, and staffing, over HTTP, with figures that can be reckoned by hand."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import time, timedelta

import pytest

from helpline.core.duty import Role
from helpline.core.erlang import staffing, wait_of
from helpline.core.roster import Shift
from helpline.store import shifts
from helpline.web.report_staffing import LONGEST, Load, best
from helpline.web.reports_numbers import duration
from tests.conftest import MONDAY, Service
from tests.web.conftest import Desk, hire, sitting
from tests.web.report_log import WEEKS, keep_busy
from tests.web.test_reports import plain

#: The log of this year.
YEAR = "period=custom&first=2026-01-01"


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager, with a busy log."""
    await keep_busy(service)
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


async def table(desk: Desk, address: str) -> list[list[str]]:
    """The rows of a panel's file, without what stands below them."""
    answer = await desk.get(address)
    assert answer.status_code == 200, answer.text
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    return rows[1 : rows.index([])]


async def test_the_week_stands_beside_last_years(rogn: Desk) -> None:
    words = plain((await rogn.get("/reports/overview")).text)
    assert "1 henvendelse i denne perioden, mot 1 henvendelse i perioden det sammenlignes med." in words
    assert "Uke 48 (fra mandag, ISO-uker) er sammenlignet med de samme dagene i uke 48 i 2025." in words
    assert "Svarprosent, av forsøk: 100,0 %, 1 av 1" in words
    assert "Ingenting har endret seg mer enn tilfeldigheter kan forklare." in words


async def test_what_is_new_is_more_than_chance(rogn: Desk) -> None:
    # 161 contacts this year, against one in the same months of the year before.
    words = plain((await rogn.get(f"/reports/overview?{YEAR}")).text)
    assert "Tema: Sorg og tap har økt: 161 mot 1." in words
    rows = await table(rogn, f"/reports/overview/news.csv?{YEAR}")
    assert ["Tema: Sorg og tap", "161", "1", "Mer enn tilfeldig"] in rows


async def test_waiting_is_counted_with_numbers_and_intervals(rogn: Desk) -> None:
    words = plain((await rogn.get(f"/reports/waiting?{YEAR}&compare=none")).text)
    answered, attempts = 7 * WEEKS + 1, 8 * WEEKS + 1
    assert f"Svarprosent, av forsøk: 87,6 %, {answered} av {attempts} (95 % intervall 81,6 %–91,8 %)." in words
    # Waits of 10 to 70 seconds, twenty of each, and one more of 20.
    assert "Ventetid, median 40 s, ventetid, gjennomsnitt 40 s og ventetid, ni av ti 1 min 10 s" in words
    assert f"Av {attempts} som ventet, forlot 20 køen uten svar. Etter ett minutt ventet 24,8 % fortsatt." in words
    assert "Halvparten av dem som gikk, gikk innen 1 min 20 s." in words
    assert "Flest kommer mandag kl. 11–12: 100 i perioden." in words
    assert "Lavest er svarprosenten mandag kl. 12–13: 40 av 60 fikk svar." in words


async def test_patience_falls_and_those_who_left_only_grow(rogn: Desk) -> None:
    rows = await table(rogn, f"/reports/waiting/patience.csv?{YEAR}")
    still = [float(row[1].replace(",", ".")) for row in rows]
    gone = [float(row[2].replace(",", ".")) for row in rows]
    assert still[0] == 1
    assert still == sorted(still, reverse=True)
    assert gone == sorted(gone)
    assert still[-1] == pytest.approx(0)
    assert gone[-1] == pytest.approx(20 / (8 * WEEKS + 1), abs=1e-4)


async def test_filters_narrow_every_figure_and_stay_in_the_address(rogn: Desk) -> None:
    page = await rogn.get("/reports/waiting?period=12m&channel=sms")
    assert "Ingen henvendelser å vise i denne perioden." in plain(page.text)
    assert "channel=sms" in page.text
    assert "Kanal: SMS" in plain(page.text)
    narrowed = plain((await rogn.get(f"/reports/waiting?{YEAR}&topic=grief&channel=phone")).text)
    assert "141 av 161" in narrowed
    assert (await rogn.get("/reports/waiting?channel=pigeon")).status_code == 400


async def test_a_row_leads_to_the_records_behind_it(rogn: Desk) -> None:
    page = await rogn.get("/reports/waiting?period=12m&compare=none")
    link = "/reports/records?counter=answer_rate&amp;first=2025-11-24&amp;last=2026-11-23&amp;hour_of_week=0-11"
    assert link in page.text
    assert (await rogn.get(link.replace("&amp;", "&"))).status_code == 200


async def test_one_more_advisor_is_worked_out_from_what_was_measured(service: Service, rogn: Desk) -> None:
    # One advisor is planned on the twenty Mondays.
    for week in range(1, WEEKS + 1):
        day = (MONDAY - timedelta(weeks=week)).date()
        async with service.database.writing() as session:
            for hour in (11, 12):
                starts = MONDAY.replace(year=day.year, month=day.month, day=day.day, hour=hour - 1)
                if day < (MONDAY - timedelta(weeks=4)).date():
                    starts -= timedelta(hours=1)
                await shifts.add(
                    session,
                    Shift(advisor_id=rogn.advisor.id, starts_at=starts, ends_at=starts + timedelta(hours=1)),
                )
    words = plain((await rogn.get(f"/reports/staffing?{YEAR}")).text)
    rows = await table(rogn, f"/reports/staffing/need.csv?{YEAR}")
    eleven = next(row for row in rows if row[0] == "mandag 11–12")
    weeks = int(eleven[3])
    assert int(eleven[1]) == 100
    assert float(eleven[6].replace(",", ".")) == pytest.approx(WEEKS / weeks, abs=1e-3)
    per_hour = (100 + 60) / weeks / 2
    before = wait_of(0.5, arrivals_per_hour=per_hour, handle_seconds=600, advisors=1)
    after = wait_of(0.5, arrivals_per_hour=per_hour, handle_seconds=600, advisors=2)
    assert before is not None
    assert before < LONGEST
    assert after is not None
    said = (
        f"Én rådgiver til mandager kl. 11–13 tar median ventetid fra {duration(before, 'nb')} til "
        f"{duration(after, 'nb')}, når 1 blir til 2."
    )
    assert said.replace("\N{NO-BREAK SPACE}", " ") in words
    assert "Modellen går ut fra at ingen legger på" in words


async def test_too_little_to_work_from_is_said(rogn: Desk) -> None:
    words = plain((await rogn.get("/reports/staffing?period=7d")).text)
    assert "Det er for lite å regne av" in words


def test_the_two_hours_that_gain_most_are_chosen() -> None:
    loads = {
        (0, 9): Load(arrivals=40, hours=20, planned=1),
        (0, 10): Load(arrivals=40, hours=20, planned=1),
        (1, 12): Load(arrivals=50, hours=20, planned=1),
        (1, 13): Load(arrivals=50, hours=20, planned=1),
        # Without enough to measure, however bad it looks.
        (2, 12): Load(arrivals=7, hours=1, planned=1),
        (2, 13): Load(arrivals=7, hours=1, planned=1),
    }
    found = best(loads, 600)
    assert found is not None
    assert (found.weekday, found.starts, found.ends, found.advisors) == (1, 12, 14, 1)
    few = staffing(arrivals_per_hour=2.5, handle_seconds=600, answer_within=0, advisors=1)
    assert few.wait_probability < 0.5
    # Half need not wait with one advisor, so nine in ten are compared.
    assert found.share == 0.9
    assert found.before == pytest.approx(wait_of(0.9, arrivals_per_hour=2.5, handle_seconds=600, advisors=1))
    assert best({}, 600) is None


def test_a_queue_that_only_grows_has_no_wait_before() -> None:
    crowded = {(0, hour): Load(arrivals=200, hours=20, planned=1) for hour in (11, 12)}
    found = best(crowded, 600)
    assert found is not None
    assert (found.before, found.advisors) == (None, 1)
    assert found.after is not None
    hopeless = best({(0, hour): Load(arrivals=800, hours=20, planned=1) for hour in (11, 12)}, 600)
    assert hopeless is not None
    assert (hopeless.before, hopeless.after) == (None, None)


def test_without_a_roster_it_starts_from_the_fewest_that_are_not_too_busy() -> None:
    found = best({(0, hour): Load(arrivals=120, hours=20, planned=0) for hour in (11, 12)}, 600)
    assert found is not None
    # Six an hour of ten minutes are one erlang: one advisor would be busy all the time.
    assert (found.advisors, found.planned) == (2, False)
    assert time(found.starts) == time(11)
