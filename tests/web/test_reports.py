"""The reports page over HTTP: periods, figures with definitions, the partition of outcomes, and the files."""

import csv
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest

from helpline.core.codes import Origin
from helpline.core.counter_list import COUNTERS
from helpline.core.counters import Figure
from helpline.core.duty import Role
from helpline.core.record import Record
from helpline.core.tally import Tally
from helpline.desk import counters, record_files
from helpline.errors import HelplineError
from helpline.settings import Environment
from helpline.store import access, records
from helpline.store.tables import Advisor
from helpline.web.reports_chart import contacts_over_time
from helpline.web.reports_numbers import duration, figure, long_date, number, percent
from helpline.web.reports_period import custom, preset
from tests.conftest import MONDAY, HandClock, Service, started
from tests.web.conftest import Desk, hire, sitting

TODAY = date(2026, 11, 23)


def log(origin: Origin = Origin.LIVE) -> list[Record]:
    """Twelve contacts: two today, ten over the days before; and one of last year."""
    found = []
    for place in range(12):
        found.append(
            Record(
                record_id=f"{origin.value}-{place}",
                origin=origin,
                opened_at=MONDAY - timedelta(days=max(0, place - 1)),
                channel="phone" if place % 3 else "sms",
                direction="inbound",
                outcome="abandoned" if place in (3, 7) else "counselled",
                waited_seconds=10 * place,
                relation="mother" if place < 6 else "unknown" if place < 8 else None,
                topics=("rights", "grief") if place % 2 else (),
                urgency="red" if place == 0 else "green",
                asked_what_matters=place > 2,
            )
        )
    return [*found, replace(found[0], record_id=f"{origin.value}-old", opened_at=MONDAY - timedelta(days=400))]


async def keep(service: Service, origin: Origin = Origin.LIVE) -> None:
    async with service.database.writing() as session:
        written = log(origin)
        await records.keep_many(session, written)
        await counters.on_records(session, written, house=service.house)
        await counters.fold_closed_days(session, house=service.house, now=service.clock.now())


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager."""
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


def plain(html: str) -> str:
    """The words of a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ").split())


def key_figures(html: str) -> list[str]:
    """The figures at the top: contacts, answer rate, median wait, asked what matters."""
    return re.findall(r'class="big numbers">(?:<a [^>]*>)?([^<]*)<', html)


async def test_a_period_is_counted_with_definitions(service: Service, rogn: Desk) -> None:
    await keep(service)
    await keep(service, Origin.SIMULATED)
    page = await rogn.get("/reports")
    assert page.status_code == 200
    words = plain(page.text)
    assert "25. oktober 2026 – 23. november 2026" in words
    assert "Øvelsesdata" not in words
    # Twelve in the period; the practice contacts and last year's are not among them.
    assert key_figures(page.text)[0] == "12"
    assert "Svarprosent, av forsøk" in words
    assert "83,3 %" in words
    assert "10 av 12" in words
    assert "Besvarte henvendelser som andel av alle forsøk på å nå en rådgiver." in words
    assert "12 i alt. Flest: 23. nov., 2 henvendelser." in words
    # Shares of known: six mothers of six known; two unknown and four not asked stand apart.
    assert "Andeler er av de 6 der svaret er kjent." in words
    assert "Mor 6 100,0 % Spurt, men ukjent 2 Ikke spurt eller ikke ført 4 I alt 12" in words
    # The outcomes are a partition.
    assert "Rådgitt 10 83,3 % Forlot køen 2 16,7 % I alt 12" in words


PERIODS = (
    ("period=today", 2),
    ("period=7d", 8),
    ("period=30d", 12),
    ("period=year", 12),
    ("period=custom&first=2025-10-01&last=2025-12-31", 1),
    ("period=custom&first=2025-10-01", 13),
    ("period=custom&first=2026-11-22&last=2030-01-01", 3),
)


async def test_the_address_says_the_period(service: Service, rogn: Desk) -> None:
    await keep(service)
    for query, contacts in PERIODS:
        answer = await rogn.get(f"/reports/figures.csv?{query}")
        rows = list(csv.reader(answer.text.removeprefix("\ufeff").splitlines(), delimiter=";"))
        assert rows[1][:4] == ["Nøkkeltall", "contacts", "Henvendelser", str(contacts)], query
        page = await rogn.get(f"/reports?{query}")
        assert page.status_code == 200, query
        assert key_figures(page.text)[0] == str(contacts), query


NO_PERIODS = (
    ("period=always", "Velg en av periodene"),
    ("period=custom&first=i+fjor", "«i fjor» er ikke en dato"),
    ("period=custom&first=2026-11-20&last=2026-11-01", "slutter før den begynner"),
    ("period=custom&first=0001-01-01", "Året 1"),
    ("period=custom", "ikke en dato"),
)


async def test_a_period_that_cannot_be_is_said_and_the_usual_one_is_shown(service: Service, rogn: Desk) -> None:
    for query, sentence in NO_PERIODS:
        page = await rogn.get(f"/reports?{query}")
        assert page.status_code == 400, query
        assert sentence in plain(page.text), query
        assert "Ingen henvendelser er avsluttet i denne perioden" in plain(page.text), query
        assert (await rogn.get(f"/reports/figures.csv?{query}")).status_code == 400, query


async def test_the_demo_counts_practice_under_a_banner(database_url: str, clock: HandClock) -> None:
    async with started(database_url, clock, environment=Environment.DEMO) as demo:
        await keep(demo, Origin.SIMULATED)
        async with sitting(demo, await hire(demo, "Rogn Eksempel", role=Role.MANAGER)) as desk:
            page = await desk.get("/reports")
    assert "Øvelsesdata – tallene teller ikke" in plain(page.text)
    assert key_figures(page.text)[0] == "12"


async def test_a_real_installation_never_counts_practice(service: Service, rogn: Desk) -> None:
    await keep(service, Origin.SIMULATED)
    assert "Ingen henvendelser er avsluttet" in (await rogn.get("/reports")).text


async def test_an_advisor_sees_and_a_manager_takes_out(service: Service, rogn: Desk, kari: Desk) -> None:
    await keep(service)
    page = await kari.get("/reports")
    assert page.status_code == 200
    assert "Last ned" not in page.text
    for file in ("figures.csv", "records.csv"):
        assert (await kari.get(f"/reports/{file}")).status_code == 403
        answer = await rogn.get(f"/reports/{file}?period=7d")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(answer.text.removeprefix("\ufeff").splitlines()))
    assert len(rows) == 8
    assert {row["record_id"] for row in rows} == {f"live-{place}" for place in range(8)}
    async with service.database.reading() as session:
        assert [line.action for line in await access.latest(session)] == ["exported", "exported"]
    assert (await service.http.get("/reports")).status_code == 303


async def test_the_figures_file_is_in_the_readers_language(service: Service, rogn: Desk) -> None:
    await keep(service)
    norwegian = (await rogn.get("/reports/figures.csv")).text
    assert "Svarprosent, av forsøk;0,8333;10;12;" in norwegian
    async with service.database.writing() as session:
        found = await session.get(Advisor, rogn.advisor.id)
        assert found is not None
        found.language = "en"
    english = (await rogn.get("/reports/figures.csv")).text
    assert '"Answer rate, by attempts",0.8333,10,12,' in english
    words = plain((await rogn.get("/reports")).text)
    assert "83.3%" in words
    assert "25 October 2026" in words


def test_the_rows_of_a_file_are_quoted_where_they_must() -> None:
    assert record_files.csv_line(["a", 'b"c', "d,e"]) == 'a,"b""c","d,e"\r\n'


def test_numbers_are_written_as_people_read_them() -> None:
    space = "\N{NO-BREAK SPACE}"
    assert number(1731, "nb") == f"1{space}731"
    assert number(1731, "en") == "1,731"
    assert percent(0.381, "nb") == f"38,1{space}%"
    assert percent(0.381, "en") == "38.1%"
    assert percent(0.0005, "nb") == f"0,1{space}%"
    assert [duration(seconds, "nb").replace(space, " ") for seconds in (0, 59.4, 95, 3900)] == [
        "0 s",
        "59 s",
        "1 min 35 s",
        "1 t 5 min",
    ]
    assert figure(Figure(counter=COUNTERS["answer_rate"], value=None), "nb") == "–"
    assert long_date(TODAY, "nb") == "23. november 2026"
    assert long_date(TODAY, "en") == "23 November 2026"


@pytest.mark.parametrize(
    ("first", "last", "step", "bars"),
    [
        (TODAY, TODAY, "day", 1),
        (date(2026, 10, 25), TODAY, "day", 30),
        (date(2026, 7, 1), TODAY, "week", 22),
        (date(2026, 1, 1), TODAY, "month", 11),
        (date(2020, 1, 1), TODAY, "year", 7),
    ],
)
def test_a_chart_has_a_bar_for_every_step(first: date, last: date, step: str, bars: int) -> None:
    period = custom(first.isoformat(), last.isoformat(), TODAY)
    assert period.step == step
    tally = Tally()
    tally.add(log()[0])
    tally.add(log()[1])
    start = counters.step_start(TODAY, step)
    chart = contacts_over_time(
        {start: tally}, first=first, last=last, step=step, channels=("phone", "sms"), language="nb"
    )
    assert len(chart.bars) == bars
    assert chart.highest is not None
    assert (chart.highest.total, chart.ticks) == (2, (2, 1, 0))
    # The parts stand on one another, up to the top.
    assert [(part.y, part.height) for part in chart.highest.parts] == [(50.0, 50.0), (0.0, 50.0)]
    assert chart.bars[-1] is chart.highest


def test_a_chart_of_nothing_is_drawn_too() -> None:
    chart = contacts_over_time({}, first=TODAY, last=TODAY, step="day", channels=(), language="en")
    assert (chart.highest, chart.axis, chart.view_box) == (None, ("23 Nov",), "0 0 10 100")


def test_presets_end_today() -> None:
    assert {name: (preset(name, TODAY).first, preset(name, TODAY).last) for name in ("today", "7d", "30d", "year")} == {
        "today": (TODAY, TODAY),
        "7d": (date(2026, 11, 17), TODAY),
        "30d": (date(2026, 10, 25), TODAY),
        "year": (date(2026, 1, 1), TODAY),
    }
    with pytest.raises(HelplineError):
        preset("custom", TODAY)
