"""The figures for everyone over HTTP: no sign-in, no cookies, kept for a minute, three languages, and open data."""

import csv
import io
import random
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from helpline.core.codes import Origin
from helpline.core.public_tables import public_tables
from helpline.core.record import Record
from helpline.desk import counters, publish
from helpline.settings import Environment
from helpline.store import records
from helpline.store.tables import Publication
from helpline.web import public_files
from helpline.web.public_view import code_label, week
from tests.conftest import HandClock, Service, started
from tests.desk.test_publish import contacts

#: Monday 16 November 2026, the week before the clock of the tests, which stands on Monday 23 November.
WEEK = datetime(2026, 11, 16, 5, tzinfo=UTC)
DOCUMENTED = Path(__file__).parents[2] / "docs" / "open-data.md"


async def keep(service: Service, written: Sequence[Record], *, publishes: bool = True) -> None:
    async with service.database.writing() as session:
        await records.keep_many(session, written)
        await counters.on_records(session, written, house=service.house)
        if publishes:
            await publish.publish_due(session, house=service.house, now=service.clock.now())


@pytest.fixture
async def busy(service: Service) -> Service:
    """A service with 130 contacts in the week that was published today."""
    await keep(service, list(contacts(random.Random(8), WEEK, 130)))
    return service


def plain(html: str) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_the_page_says_the_live_total_and_the_weeks_tables(busy: Service) -> None:
    page = await busy.http.get("/counters")
    assert page.status_code == 200
    words = plain(page.text)
    assert "130 henvendelser hittil i 2026" in words
    assert "til og med 22. november 2026. Publisert 23. november 2026." in words
    for name in public_tables():
        assert f'id="t-{name}"' in page.text
    assert "Færre enn fem eller ingen:" in words
    assert "Oslo" in words
    assert "Demo" not in words


async def test_the_total_is_live_and_the_tables_are_not(busy: Service) -> None:
    before = await busy.http.get("/counters")
    await keep(busy, list(contacts(random.Random(9), WEEK + timedelta(days=7), 40)), publishes=False)
    # They came later today, and the clock has not got there yet; one of them is closed now.
    await keep(busy, [next(contacts(random.Random(10), WEEK, 1))], publishes=False)
    busy.clock.advance(seconds=11)
    after = await busy.http.get("/counters")
    tables = [re.findall(r"<table.*?</table>", page.text, re.DOTALL) for page in (before, after)]
    assert tables[0] == tables[1]
    found = re.search(r"<strong>([\d\s\u00a0]+)</strong> henvendelser", after.text)
    assert found is not None
    assert int(re.sub(r"\D", "", found[1])) > 130
    assert before.headers["etag"] != after.headers["etag"]


async def test_before_anything_is_published_the_page_says_so(service: Service) -> None:
    for number, said in (
        (0, "Færre enn fem henvendelser hittil i 2026"),
        (4, "Færre enn fem henvendelser"),
        (1, "5 henv"),
    ):
        await keep(service, list(contacts(random.Random(number), WEEK, number)), publishes=False)
        service.clock.advance(minutes=1)
        words = plain((await service.http.get("/counters")).text)
        assert said in words
        assert "Det er ikke publisert tabeller ennå." in words
    box = plain((await service.http.get("/counters/box")).text)
    assert "5 henvendelser hittil i 2026" in box
    assert (await service.http.get("/counters/data.csv")).text == ",".join(public_files.COLUMNS) + "\n"
    assert (await service.http.get("/counters/data.json")).json()["publications"] == []


@pytest.mark.parametrize("path", ["/counters", "/counters/box", "/counters/data.csv", "/counters/data.json"])
async def test_no_cookie_is_set_and_nothing_is_sent_twice(busy: Service, path: str) -> None:
    first = await busy.http.get(path)
    assert first.status_code == 200
    assert "set-cookie" not in first.headers
    assert not busy.http.cookies
    assert re.fullmatch(r"public, max-age=\d+", first.headers["cache-control"])
    assert first.headers["vary"] == "Accept-Language"
    assert "noindex" not in first.text
    assert "x-robots-tag" not in first.headers
    mark = first.headers["etag"]
    for known in (mark, f'"other", {mark}', f"W/{mark}"):
        again = await busy.http.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", mark)
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert (await busy.http.get(path, headers={"If-None-Match": '"another"'})).status_code == 200
    head = await busy.http.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", mark)


async def test_only_the_box_may_stand_in_other_sites(busy: Service) -> None:
    box = await busy.http.get("/counters/box")
    policy = box.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "<script" not in box.text
    assert "x-frame-options" not in box.headers
    for path in ("/counters", "/counters/data.csv", "/", "/sign-in", "/rights", "/counters/box/x"):
        answer = await busy.http.get(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path


async def test_the_snippet_on_the_page_leads_to_the_box(busy: Service) -> None:
    page = await busy.http.get("/counters?lang=en")
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
    assert found is not None
    snippet = unescape(found[1])
    address = re.search(r'src="([^"]+)"', snippet)
    assert address is not None
    assert 'title="Contacts from relatives"' in snippet
    box = await busy.http.get(unescape(address[1]))
    assert "130 contacts so far in 2026" in plain(box.text)
    assert "As of 23 November 2026." in plain(box.text)
    assert f'href="{busy.url}/counters?lang=en" target="_blank"' in box.text


@pytest.mark.parametrize(
    ("asked", "reads", "language", "title"),
    [
        ("", "nb-NO,nb;q=0.9", "nb", "Tall fra tjenesten"),
        ("", "nn", "nn", "Tal frå tenesta"),
        ("", "de-DE,de;q=0.8", "en", "Figures from the service"),
        ("nn", "en", "nn", "Tal frå tenesta"),
        ("xx", "en", "en", "Figures from the service"),
    ],
)
async def test_the_language_is_the_one_asked_for_or_the_browsers(
    busy: Service, asked: str, reads: str, language: str, title: str
) -> None:
    page = await busy.http.get("/counters", params={"lang": asked}, headers={"Accept-Language": reads})
    assert f'<html lang="{language}"' in page.text
    assert f"<h1>{title}</h1>" in page.text
    assert "{" not in plain(page.text)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_open_data_marks_what_is_hidden_and_says_the_same_in_both_files(busy: Service) -> None:
    answer = await busy.http.get("/counters/data.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    rows = rows_of(answer)
    document = (await busy.http.get("/counters/data.json")).json()
    (publication,) = document["publications"]
    assert [
        (cell["table"], cell["code"], str(cell["value"] or ""), cell["status"]) for cell in publication["cells"]
    ] == [(row["table"], row["code"], row["value"], row["status"]) for row in rows]
    for row in rows:
        assert (row["status"], bool(row["value"])) in (("hidden", False), ("shown", True)), row
        if row["unit"] == "contacts" and row["value"]:
            assert int(row["value"]) % 5 == 0
            assert int(row["value"]) >= 5
    assert {row["status"] for row in rows} == {"hidden", "shown"}
    total = next(row for row in rows if row["table"] == "contacts")
    assert (total["value"], total["through"], total["published_on"]) == ("130", "2026-11-22", "2026-11-23")
    assert {row["table"] for row in rows} == {"contacts", *public_tables(), "answer_rate", "median_wait"}
    assert document["licence"]["name"] == "CC BY 4.0"
    assert document["licence"]["awaits"]
    assert document["practice"] is False
    assert set(document["definitions"]) == {row["table"] for row in rows}


async def test_every_publication_can_be_fetched(busy: Service) -> None:
    await keep(busy, list(contacts(random.Random(11), WEEK + timedelta(days=7), 90)), publishes=False)
    busy.clock.advance(days=7)
    await busy.sweep("publish")
    newest = rows_of(await busy.http.get("/counters/data.csv"))
    assert {row["week_ends"] for row in newest} == {"2026-11-29"}
    every = rows_of(await busy.http.get("/counters/data.csv?history=all"))
    assert {row["week_ends"] for row in every} == {"2026-11-22", "2026-11-29"}
    document = (await busy.http.get("/counters/data.json?history=all")).json()
    assert [one["week_ends"] for one in document["publications"]] == ["2026-11-22", "2026-11-29"]


async def test_earlier_years_can_be_looked_at(busy: Service) -> None:
    before = (await busy.http.get("/counters")).text
    assert "year=2026" not in before
    await keep(busy, list(contacts(random.Random(13), WEEK - timedelta(days=365), 200)), publishes=True)
    busy.clock.advance(days=7)
    await busy.sweep("publish")
    now = (await busy.http.get("/counters")).text
    assert "Fra 1. januar 2026 til og med 29. november 2026." in plain(now)
    assert "/counters?lang=nb&amp;year=2025#weeks" in now
    earlier = plain((await busy.http.get("/counters?lang=nb&year=2025")).text)
    assert "Fra 1. januar 2025 til og med 31. desember 2025." in earlier
    assert "130 henvendelser hittil i 2026" in earlier
    for wrong in ("1999", "x", "²", "9" * 30):
        assert "Fra 1. januar 2026" in plain((await busy.http.get("/counters", params={"year": wrong})).text)


async def test_the_columns_and_tables_are_documented() -> None:
    text = DOCUMENTED.read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert named[: len(public_files.COLUMNS)] == list(public_files.COLUMNS)
    assert set(named[len(public_files.COLUMNS) :]) == {"contacts", *public_tables(), "answer_rate", "median_wait"}


@pytest.mark.parametrize(("seconds", "said"), [(45, "45 s"), (60, "1 min"), (75, "1 min 15 s"), (3660, "61 min")])
def test_a_wait_is_said_in_quarters_of_a_minute(seconds: int, said: str) -> None:
    row = Publication(year=2026, through=date(2026, 11, 22), median_wait=seconds, tables={})
    assert (week(row, "nb").median_wait or "").replace("\N{NO-BREAK SPACE}", " ") == said


def test_whoever_prefers_not_to_say_the_gender_is_not_among_the_known() -> None:
    cells = {"female": 60, "male": 20, "other": None, "prefer_not_to_say": 40, "unknown": 10, "": 5}
    tables = {"gender": {"through": "2026-11-22", "cells": cells}}
    row = Publication(year=2026, through=date(2026, 11, 22), median_wait=None, tables=tables)
    [gender] = week(row, "nn").tables
    assert [(one.label, one.share.replace("\N{NO-BREAK SPACE}", " ")) for one in gender.rows if one.share] == [
        ("kvinne", "75 %"),
        ("mann", "25 %"),
    ]
    assert [(one.label, one.number) for one in gender.apart] == [
        ("ønskjer ikkje å oppgi", "40"),
        ("veit ikkje", "10"),
        ("ikkje spurt", "5"),
    ]
    assert gender.hidden == ["anna"]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_cell_has_a_name(language: str) -> None:
    for name, table in public_tables().items():
        assert all(code_label(name, code, language) for code in table.codes)


async def test_the_demo_shows_practice_under_its_banner_and_a_real_one_never(
    database_url: str, clock: HandClock
) -> None:
    practice = list(contacts(random.Random(12), WEEK, 60, origin=Origin.SIMULATED))
    async with started(database_url, clock, environment=Environment.DEMO) as demo:
        await keep(demo, practice)
        words = plain((await demo.http.get("/counters")).text)
        assert "Demo: alt her er eksempler. Dette er øvingstall." in words
        assert "60 henvendelser hittil" in words
        assert "Dette er øvingstall." in plain((await demo.http.get("/counters/box")).text)
        assert (await demo.http.get("/counters/data.json")).json()["practice"] is True
    async with started(database_url, clock) as real:
        words = plain((await real.http.get("/counters")).text)
        assert "Færre enn fem henvendelser hittil" in words
        assert "Det er ikke publisert tabeller ennå." in words
        assert (await real.http.get("/counters/data.json?history=all")).json()["publications"] == []
