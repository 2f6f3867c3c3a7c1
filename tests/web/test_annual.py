"""The annual report's page and files over HTTP, and the page in a real Chromium."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser
from pypdf import PdfReader

from helpline.core.codes import Origin
from helpline.core.duty import Role
from helpline.core.record import Record
from helpline.desk import record_intake
from helpline.desk.folding import on_record
from helpline.settings import Environment
from helpline.store import access, records
from helpline.store.tables import Advisor
from tests import published_totals
from tests.conftest import HandClock, Service, started
from tests.web import test_browser
from tests.web.conftest import Desk, hire, sitting
from tests.web.test_browser import RULES, Problems, seated

# The browser and its service are those of the other pages.
browser, line = test_browser.browser, test_browser.line


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager."""
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


async def import_published(service: Service, folder: Path) -> None:
    path = published_totals.write(folder / "log.csv")
    with record_intake.read_file(path, zone=service.house.zone) as checked:
        async with service.database.writing() as session:
            await record_intake.take_in(session, checked, house=service.house, now=service.clock.now())


async def keep_one(service: Service, year: int, origin: Origin = Origin.LIVE) -> None:
    record = Record(record_id=f"one-{year}", origin=origin, opened_at=datetime(year, 1, 5, 12, tzinfo=UTC))
    async with service.database.writing() as session:
        await records.keep(session, record)
        await on_record(session, record, house=service.house, now=service.clock.now())


def plain(html: str) -> str:
    main = html.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).replace("\N{NO-BREAK SPACE}", " ").split())


async def test_the_page_and_its_files_say_the_same(service: Service, rogn: Desk, tmp_path: Path) -> None:
    await import_published(service, tmp_path)
    page = await rogn.get("/reports/annual/2025")
    assert page.status_code == 200
    assert page.text.count('href="/reports/annual"') == 1
    words = plain(page.text)
    for number in ("2 900 Henvendelser", "1 731 Rådgivningstelefoner", "712 Rådgivningstimer", "22 Selvstyrte grupper"):
        assert number in words
    assert "Mor 38,1 % 762 av 2 000 Datter 10,8 %" in words
    files = {name: await rogn.get(f"/reports/annual/2025/report.{name}") for name in ("json", "html", "pdf")}
    assert {name: answer.headers["content-type"] for name, answer in files.items()} == {
        "json": "application/json",
        "html": "text/html; charset=utf-8",
        "pdf": "application/pdf",
    }
    assert all(
        answer.headers["content-disposition"] == f'attachment; filename="arsrapport-2025.{name}"'
        for name, answer in files.items()
    )
    # Everything of the file stands on the page, in the same words and order.
    assert plain(files["html"].text) in words
    pdf = "\n".join(one.extract_text() for one in PdfReader(BytesIO(files["pdf"].content)).pages)
    pdf = re.sub(r"^\d+ \(\d+\)$", "", pdf, flags=re.MULTILINE)
    assert pdf.replace("\N{NO-BREAK SPACE}", " ").split() == plain(files["html"].text).split()
    document = json.loads(files["json"].text)
    shown = [box["shown_nb"].replace("\N{NO-BREAK SPACE}", " ") for box in document["boxes"]]
    assert shown == ["2 900", "1 731", "712", "874", "416", "22"]
    async with service.database.reading() as session:
        assert [one.action for one in await access.latest(session)][:3] == ["exported"] * 3


async def test_every_number_leads_to_its_definition(service: Service, rogn: Desk, tmp_path: Path) -> None:
    await import_published(service, tmp_path)
    text = (await rogn.get("/reports/annual/2025")).text
    targets = set(re.findall(r'href="#(definition-[^"]+)"', text))
    ids = re.findall(r'id="(definition-[^"]+)"', text)
    assert targets >= {"definition-contacts", "definition-advice-calls", "definition-relation", "definition-gender"}
    assert targets <= set(ids)
    assert len(ids) == len(set(ids))


async def test_every_number_opens_the_records_behind_it(service: Service, rogn: Desk, tmp_path: Path) -> None:
    await import_published(service, tmp_path)
    text = (await rogn.get("/reports/annual/2025")).text
    behind = [unescape(link) for link in re.findall(r'href="(/reports/records[^"]*)"', text)]
    assert len(behind) == len(set(behind)) == 16
    for link in behind:
        assert "first=2025-01-01&last=2025-12-31" in link
        assert (await rogn.get(link)).status_code == 200, link
    calls = next(link for link in behind if "channel=phone" in link)
    assert "1 731" in plain((await rogn.get(calls)).text)


async def test_an_advisor_reads_and_a_manager_takes_out(service: Service, kari: Desk, tmp_path: Path) -> None:
    await import_published(service, tmp_path)
    page = await kari.get("/reports/annual/2025")
    assert page.status_code == 200
    assert "Last ned" not in page.text
    for name in ("json", "html", "pdf"):
        assert (await kari.get(f"/reports/annual/2025/report.{name}")).status_code == 403
    assert (await service.http.get("/reports/annual/2025")).status_code == 303


async def test_an_english_reader_gets_it_in_english(service: Service, rogn: Desk, tmp_path: Path) -> None:
    await import_published(service, tmp_path)
    async with service.database.writing() as session:
        found = await session.get(Advisor, rogn.advisor.id)
        assert found is not None
        found.language = "en"
    words = plain((await rogn.get("/reports/annual/2025")).text)
    assert "2,900 Contacts" in words
    assert "Mother 38.1% 762 of 2,000" in words
    answer = await rogn.get("/reports/annual/2025/report.pdf")
    assert 'filename="annual-report-2025.pdf"' in answer.headers["content-disposition"]
    refused = await rogn.get("/reports/annual/2027")
    assert "The year 2027 has not begun yet, so there are no numbers." in refused.text
    assert "the log begins in 2025" in (await rogn.get("/reports/annual/2019")).text


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("2027", "Året 2027 har ikke begynt ennå"),
        ("2019", "Det finnes ingen tall for 2019: loggen begynner i 2025."),
        ("tull", "«tull» er ikke et år."),
        ("2025/report.odt", "Denne siden finnes ikke."),
    ],
)
async def test_what_is_not_there_is_said(service: Service, rogn: Desk, path: str, sentence: str) -> None:
    await keep_one(service, 2025)
    answer = await rogn.get(f"/reports/annual/{path}")
    assert answer.status_code == 404
    assert sentence in unescape(answer.text)


async def test_without_a_year_the_last_one_that_is_over_comes(service: Service, rogn: Desk) -> None:
    await keep_one(service, 2024)
    answer = await rogn.get("/reports/annual")
    assert (answer.status_code, answer.headers["location"]) == (303, "/reports/annual/2025")
    assert "Det er ikke ført noe for 2025." in (await rogn.get("/reports/annual/2025")).text


async def test_this_year_says_that_it_is_not_over(service: Service, rogn: Desk) -> None:
    await keep_one(service, 2026)
    words = plain((await rogn.get("/reports/annual/2026")).text)
    assert "Året er ikke over. Tallene er talt til og med 23. november 2026." in words


async def test_the_demo_says_that_it_counts_practice(database_url: str, clock: HandClock) -> None:
    async with started(database_url, clock, environment=Environment.DEMO) as demo:
        await keep_one(demo, 2025, Origin.SIMULATED)
        async with sitting(demo, await hire(demo, "Rogn Eksempel", role=Role.MANAGER)) as desk:
            page = plain((await desk.get("/reports/annual/2025")).text)
            document = (await desk.get("/reports/annual/2025/report.json")).json()
    assert "Øvelsesdata: alt her er oppdiktet" in page
    assert document["include_simulated"] is True


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_open_to_everyone_and_prints(
    line: Service, browser: Browser, tmp_path: Path, scheme: str
) -> None:
    await import_published(line, tmp_path)
    problems = Problems()
    rogn = await hire(line, "Rogn Eksempel", role=Role.MANAGER)
    page = await seated(browser, line, rogn, problems, viewport={"width": 320, "height": 640}, color_scheme=scheme)
    await page.goto("/reports/annual/2025")
    for width in (320, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
        found = await Axe().run(page, options=RULES)
        assert found.response["violations"] == [], (width, found.generate_report())
    # Without a mouse: from a number to what it means.
    await page.get_by_role("link", name="Rådgivningstelefoner", exact=True).first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**#definition-advice-calls")
    assert problems == []
    await page.emulate_media(media="print")
    assert not await page.locator(".annual-ways").first.is_visible()
    printed = PdfReader(BytesIO(await page.pdf(format="A4", print_background=True)))
    first = printed.pages[0].extract_text().replace("\N{NO-BREAK SPACE}", " ")
    for number in ("2 900", "1 731", "712", "874", "416", "22", "300", "266", "50", "78 %", "22 %", "38,1 %"):
        assert number in first
    assert "Alle tallene" not in first


@pytest.mark.browser
async def test_the_file_is_open_to_everyone_too(line: Service, browser: Browser, tmp_path: Path) -> None:
    await import_published(line, tmp_path)
    async with sitting(line, await hire(line, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        (tmp_path / "report.html").write_bytes((await desk.get("/reports/annual/2025/report.html")).content)
    for scheme in ("light", "dark"):
        context = await browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640})
        page = await context.new_page()
        await page.goto((tmp_path / "report.html").as_uri())
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        found = await Axe().run(page, options=RULES)
        assert found.response["violations"] == [], found.generate_report()
        await context.close()
