"""Every figure of the report pages leads to its records: as many rows as it says, or those it is worked out from."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from helpline.core.counter_list import COUNTERS
from helpline.core.duty import Role
from helpline.core.record import Record
from helpline.desk import counters
from helpline.store import records
from helpline.web.report_pages import PAGES
from tests.conftest import MONDAY, Service
from tests.web.conftest import Desk, hire, sitting
from tests.web.report_log import keep_busy
from tests.web.test_reports import plain

#: Six weeks of the busy log: 48 calls and what is below, beside the same weeks of the year before.
PERIOD = "period=custom&first=2026-10-10"
#: What must lead somewhere, by page.
LEADS = {
    "overview": {"contacts", "answered", "wait", "news"},
    "waiting": {
        *("answer-rate", "service-level", "wait", "handling", "answer-rate-over-time", "patience", "hours"),
        *("hours-answered", "channels"),
    },
    "who": {"contacts", "relation", "topic", "urgency", "outcome"},
    "where": {"county", "municipality"},
    "quality": {"what-matters", "what-matters-over-time", "evaluation", "callbacks"},
    "staffing": {"one-more", "need", "work"},
    "load": set(),
}


class Figure(NamedTuple):
    """A figure on a page, and the address it leads to."""

    panel: str
    shown: str
    address: str

    @property
    def counter(self) -> str:
        return parse_qs(urlsplit(self.address).query)["counter"][0]


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager, with a busy log and something of everything beside it."""
    await keep_busy(service)
    base = Record(
        record_id="base",
        opened_at=MONDAY - timedelta(days=5),
        channel="sms",
        direction="inbound",
        outcome="counselled",
        waited_seconds=600,
        handled_seconds=900,
        municipality="1103",
        relation="mother",
        topics=("rights", "grief"),
        asked_what_matters=True,
        evaluation=8,
    )
    year = timedelta(days=364)
    more = [
        base,
        replace(base, record_id="redial", channel="phone", redial_24h=True, evaluation=None, asked_what_matters=False),
        replace(base, record_id="kept", outcome="callback_done", county="46", municipality=None),
        replace(base, record_id="failed", outcome="callback_failed", evaluation=None, handled_seconds=None),
        replace(base, record_id="short", outcome="short_abandon", waited_seconds=4, handled_seconds=None),
        replace(base, record_id="today", opened_at=MONDAY - timedelta(hours=1), letters=1),
        *(replace(base, record_id=f"then-{place}", opened_at=base.opened_at - year) for place in range(3)),
    ]
    async with service.database.writing() as session:
        await records.keep_many(session, more)
        await counters.on_records(session, more, house=service.house)
        await counters.fold_closed_days(session, house=service.house, now=service.clock.now())
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


def figures(html: str) -> list[Figure]:
    """What leads to records on a report page, by its panel."""
    found = []
    for section in html.split('<section class="card panel" id="')[1:]:
        name = section.partition('"')[0]
        for address, shown in re.findall(r'<a href="(/reports/records\?[^"]*)">([^<]*)</a>', section):
            found.append(Figure(name, plain(shown), unescape(address)))
    return found


async def listed(desk: Desk, address: str) -> tuple[str, list[str]]:
    """The figure above the rows, and all the rows, over as many pages as there are."""
    rows: list[str] = []
    following: str | None = address
    figure = ""
    while following:
        page = await desk.get(following)
        assert page.status_code == 200, following
        figure = figure or plain(page.text.split('class="figure-value"')[1].split("</p>")[0].partition(">")[2])
        rows += [plain(row) for row in re.findall(r'<tr><th scope="row".*?</tr>', page.text, flags=re.DOTALL)]
        turned = re.search(r'rel="next" href="([^"]*)"', page.text)
        following = unescape(turned[1]) if turned else None
    return figure, rows


@pytest.mark.parametrize("name", PAGES)
async def test_every_figure_leads_to_its_records(rogn: Desk, name: str) -> None:
    found = figures((await rogn.get(f"/reports/{name}?{PERIOD}")).text)
    assert {one.panel for one in found} >= LEADS[name]
    seen: dict[str, tuple[str, list[str]]] = {}
    for one in found:
        if one.address not in seen:
            seen[one.address] = await listed(rogn, one.address)
        value, rows = seen[one.address]
        assert rows, one
        if one.panel in LEADS["staffing"]:
            continue
        if one.shown.isdecimal() and COUNTERS[one.counter].unit == "contacts":
            # A count is the number of rows, and stands above them too.
            assert len(rows) == int(one.shown), one
            assert value.endswith(one.shown), one
        elif one.shown.isdecimal() and one.panel != "evaluation":
            # The part or the whole of a share: as many rows as the whole, or as its part where it is narrowed to that.
            assert len(rows) == int(one.shown) or f"{one.shown} av {len(rows)}" in value, one
        elif one.shown[0].isdigit() and one.shown.endswith(("%", "s")):
            assert one.shown in value, one


async def test_who_still_waits_and_who_has_left_are_the_rows(rogn: Desk) -> None:
    found = [one for one in figures((await rogn.get(f"/reports/waiting?{PERIOD}")).text) if one.panel == "patience"]
    at_a_minute = {one.counter: one for one in found if re.search(r"waited_(over|at_most)=60$", one.address)}
    # Of 48 calls a quarter waited 70 or 80 seconds; beside them four that waited ten minutes, and one of four seconds.
    value, rows = await listed(rogn, at_a_minute["waited"].address)
    assert (at_a_minute["waited"].shown, len(rows)) == ("16", 16)
    assert value.endswith("16")
    _, gone = await listed(rogn, at_a_minute["left"].address)
    assert (at_a_minute["left"].shown, len(gone)) == ("1", 1)
    assert "La på med en gang" in gone[0]
    page = plain((await rogn.get(at_a_minute["waited"].address)).text)
    assert "Ventet lenger enn: 1 min 0 s" in page


async def test_staffing_leads_to_the_attempts_it_is_worked_out_from(rogn: Desk) -> None:
    html = (await rogn.get(f"/reports/staffing?{PERIOD}")).text
    found = figures(html)
    need = [one for one in found if one.panel == "need" and "hour_of_week=2-11" in one.address]
    _, rows = await listed(rogn, need[0].address)
    # Four attempts by SMS and one by telephone on that Wednesday; whoever tried again is no caller of their own.
    assert [one.shown for one in need[:2]] == ["4", "5"]
    assert len(rows) == 5
    assert sum("Ja" in row.split() for row in rows) >= 1
    # Every hour of a day lists what the day does.
    work = [one for one in found if one.panel == "work"]
    of_hours = [len((await listed(rogn, one.address))[1]) for one in work if "hour_of_week=0-" in one.address]
    of_day = [len((await listed(rogn, one.address))[1]) for one in work if one.address.endswith("weekday=0")]
    assert of_day == [sum(of_hours)] == [48]
    one_more = next(one for one in found if one.panel == "one-more")
    _, rows = await listed(rogn, one_more.address)
    assert len(rows) == 48
    page = plain((await rogn.get(one_more.address)).text)
    assert "Fra klokka: 11.00 · Før klokka: 13.00" in page


async def test_the_page_of_all_figures_and_the_board_lead_to_records_too(rogn: Desk) -> None:
    html = (await rogn.get("/reports?period=7d")).text
    found = re.findall(r'<a href="(/reports/records\?[^"]*)">([^<]*)</a>', html)
    assert len(found) > 20
    for address, shown in dict(found).items():
        value, rows = await listed(rogn, unescape(address))
        assert rows, address
        if "counter=contacts&" in unescape(address):
            assert str(len(rows)) == shown, address
        else:
            assert plain(shown) in value, address
    board = (await rogn.get("/board")).text
    link = re.search(r'<dd class="big numbers"><a href="([^"]*counter=contacts[^"]*)">(\d+)</a>', board)
    assert link is not None
    assert len((await listed(rogn, unescape(link[1])))[1]) == int(link[2]) == 2


async def test_a_figure_of_few_leads_nowhere_for_whoever_is_no_manager(rogn: Desk, kari: Desk) -> None:
    pages = [f"/reports/{name}?{PERIOD}" for name in PAGES]
    for path in (*pages, "/reports?period=7d", "/board"):
        found = dict(re.findall(r'<a href="(/reports/records\?[^"]*)">([^<]*)</a>', (await kari.get(path)).text))
        assert not {"1", "2", "3", "4"} & set(found.values()), path
        if path in pages[:2]:
            assert found
            for address, shown in found.items():
                if shown.isdecimal():
                    assert (await kari.get(unescape(address))).status_code == 200, address


@pytest.mark.parametrize(
    "query", ["waited_over=-1", "waited_over=long", "from_hour=25", "before_hour=", "waited_at_most=99999999"]
)
async def test_a_bound_that_cannot_be_is_said(rogn: Desk, query: str) -> None:
    answer = await rogn.get(f"/reports/records?counter=waited&first=2026-11-01&{query}")
    assert answer.status_code == 400
    assert "er et helt tall fra 0 til" in unescape(answer.text)
