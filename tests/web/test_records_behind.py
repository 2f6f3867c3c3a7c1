"""The records behind a figure over HTTP: those that are counted, within the viewer's rights, with their corrections."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest

from helpline.core.counter_list import COUNTERS
from helpline.core.duty import Role
from helpline.core.record import Record
from helpline.desk import counters
from helpline.desk.folding import Difference
from helpline.desk.recount import note
from helpline.store import records
from helpline.web.records_behind import address
from tests.conftest import MONDAY, Service
from tests.web.conftest import Desk, hire, sitting

TODAY = date(2026, 11, 23)


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager."""
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


def contact(place: int, **columns: object) -> Record:
    given = {"channel": "phone", "direction": "inbound", "outcome": "counselled", "waited_seconds": 60 + place}
    return Record(
        record_id=f"r{place}",
        opened_at=MONDAY - timedelta(hours=place),
        municipality="1103",
        relation="mother",
        **(given | columns),  # type: ignore[arg-type]  # as the test gives them
    )


async def keep(service: Service, *written: Record) -> None:
    async with service.database.writing() as session:
        for one in written:
            await records.keep(session, one)
            await counters.on_record(session, one, house=service.house, now=service.clock.now())


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ").split())


def rows(html: str) -> int:
    return html.count('<tr><th scope="row"')


def behind(counter: str = "contacts", days: int = 6, **where: str) -> str:
    return address(counter, first=TODAY - timedelta(days=days), last=TODAY, where=where)


async def test_the_rows_are_those_that_are_counted(service: Service, rogn: Desk) -> None:
    await keep(
        service,
        *(contact(place) for place in range(6)),
        contact(6, outcome="abandoned", channel="sms"),
        contact(7, outcome="closed_hours", waited_seconds=None),
        replace(contact(8), record_id="s", kind="session", outcome=None, waited_seconds=None, participants=3),
    )
    expected = {"contacts": 8, "answer_rate": 7, "answered": 6, "abandoned": 1, "wait_median": 6, "sessions": 1}
    for counter in COUNTERS:
        page = await rogn.get(behind(counter))
        assert page.status_code == 200, counter
        if counter in expected:
            assert rows(page.text) == expected[counter], counter
    page = await rogn.get(behind("contacts", channel="sms"))
    assert rows(page.text) == 1
    assert "Forlot køen" in plain(page.text)
    assert "Stavanger" in plain(page.text)
    assert 'href="/records/r6"' in page.text
    assert (await rogn.get("/records/r6")).status_code == 200
    assert rows((await rogn.get(behind("contacts", hour="11"))).text) == 1


async def test_whoever_is_no_manager_sees_no_person_and_no_small_cell(service: Service, kari: Desk) -> None:
    await keep(service, *(contact(place) for place in range(6)), contact(6, channel="sms"))
    page = await kari.get(behind())
    assert rows(page.text) == 7
    assert "/records/r0" not in page.text
    words = plain(page.text)
    assert "Stavanger" not in words
    assert "Mor" not in words
    refused = await kari.get(behind("contacts", channel="sms"))
    assert refused.status_code == 403
    assert "Færre enn fem" in refused.text
    assert (await kari.get(behind("contacts", channel="telegram"))).status_code == 403


async def test_a_correction_leaves_its_trace_and_counts_once(service: Service, rogn: Desk) -> None:
    await keep(
        service,
        contact(1, outcome="abandoned"),
        replace(contact(1), record_id="second", corrects="r1"),
        replace(contact(1), record_id="third", corrects="second", relation="father"),
        replace(contact(2), record_id="orphan", corrects="gone"),
    )
    page = await rogn.get(behind())
    assert rows(page.text) == 2
    words = plain(page.text)
    assert "Utfall: Forlot køen → Rådgitt" in words
    assert "Relasjon: Mor → Far" in words
    assert "Retter en rad som ikke er her" in words


async def test_many_rows_come_in_pages(service: Service, rogn: Desk) -> None:
    await keep(service, *(contact(place) for place in range(53)))
    first = await rogn.get(behind())
    assert (rows(first.text), "Rad 1–50" in plain(first.text)) == (50, True)
    second = await rogn.get(f"{behind()}&page=2")
    assert (rows(second.text), "Rad 51–53" in plain(second.text)) == (3, True)
    assert 'rel="next"' not in second.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("counter=happiness&first=2026-11-01", "Det finnes ingen teller"),
        ("counter=contacts", "er ikke en dato"),
        ("counter=contacts&first=2026-11-01&channel=pigeon", "har ingen verdi «pigeon»"),
    ],
)
async def test_what_cannot_be_shown_is_said(rogn: Desk, query: str, sentence: str) -> None:
    answer = await rogn.get(f"/reports/records?{query}")
    assert answer.status_code == 400
    assert sentence in unescape(answer.text)


async def test_managers_are_told_of_a_recount_that_differs(service: Service, rogn: Desk, kari: Desk) -> None:
    await keep(service, contact(0))
    spoilt = Difference(day=TODAY, simulated=False, cut="", mark="contacts", folded=7, recounted=1)
    async with service.database.writing() as session:
        await note(session, [spoilt], now=service.clock.now())
    for path in ("/reports", "/reports/overview", "/reports/annual/2026", "/board", behind()):
        page = plain((await rogn.get(path)).text)
        assert "stemmer ikke med en ny opptelling (1 avvik)" in page
        assert "contacts is folded as 7 and recounted as 1" in page
    assert "opptelling" not in (await kari.get("/reports")).text
    metrics = (await service.http.get("/metrics")).text
    assert "helpline_counters_different 1.0" in metrics
    async with service.database.writing() as session:
        await note(session, [], now=service.clock.now())
    assert "opptelling" not in (await rogn.get("/reports")).text
    assert "helpline_counters_different 0.0" in (await service.http.get("/metrics")).text
