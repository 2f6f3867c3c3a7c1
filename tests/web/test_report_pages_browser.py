"""The report pages and the board in a real Chromium: sound for axe, narrow, dark, on paper, with keys, and live."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from helpline.core.duty import Role
from helpline.desk.folding import Difference
from helpline.desk.recount import note
from helpline.store.tables import Advisor
from helpline.web.report_pages import PAGES
from tests.conftest import MONDAY, Service
from tests.web.conftest import Write, hire, waiting
from tests.web.report_log import keep_busy
from tests.web.test_browser import Problems, browser, check, line, seated, write

__all__ = ["browser", "line", "write"]

pytestmark = pytest.mark.browser

LOOKS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"},
)


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "narrow-dark"])
async def test_every_page_is_sound(line: Service, browser: Browser, look: dict[str, Any]) -> None:
    problems = Problems()
    await keep_busy(line)
    rogn = await hire(line, "Rogn Eksempel", role=Role.MANAGER)
    page = await seated(browser, line, rogn, problems, **look)
    for address in (*(f"/reports/{name}?period=12m" for name in PAGES), "/reports", "/board"):
        await page.goto(address)
        # Everything that can be opened is open, so that it is looked at too.
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        await check(page, address, look["viewport"]["width"])
    assert problems == []


#: The middles of what stands in the bar, and whether anything reaches past the page.
IN_THE_BAR = """() => {
  const middle = (one) => { const box = one.getBoundingClientRect(); return Math.round((box.top + box.bottom) / 2); };
  const shown = (one) => one.getBoundingClientRect().width > 0;
  const all = (selector) => [...new Set([...document.querySelectorAll(selector)].filter(shown).map(middle))];
  return {menu: all('.menu a'), rest: all('.brand, .tools > *:not(form)'),
    wide: document.documentElement.scrollWidth > innerWidth};
}"""


@pytest.mark.parametrize("language", ["nb", "en"])
async def test_the_main_menu_is_one_line_where_there_is_room(line: Service, browser: Browser, language: str) -> None:
    problems = Problems()
    rogn = await hire(line, "Rogn Eksempelsen-Johannessen", role=Role.MANAGER)
    async with line.database.writing() as session:
        found = await session.get(Advisor, rogn.id)
        assert found is not None
        found.language = language
    page = await seated(browser, line, rogn, problems, viewport={"width": 1200, "height": 600})
    await page.goto("/reports")
    # As wide as it gets: the browser lets nothing sound yet.
    await expect(page.locator("#sound .state")).not_to_be_empty()
    for width in (1200, 1280, 1600):
        await page.set_viewport_size({"width": width, "height": 600})
        bar = await page.evaluate(IN_THE_BAR)
        places = [*bar["menu"], *bar["rest"]]
        assert max(places) - min(places) <= 2, width
        assert not bar["wide"], width
    for width in (1199, 1024, 320):
        await page.set_viewport_size({"width": width, "height": 600})
        bar = await page.evaluate(IN_THE_BAR)
        # The whole menu below name and tools, which stay on one line.
        assert min(bar["menu"]) > max(bar["rest"]) + 10, width
        assert max(bar["rest"]) - min(bar["rest"]) <= 2, width
        assert not bar["wide"], width
    assert problems == []


async def test_reports_open_with_the_overview_and_lead_to_all_figures(line: Service, browser: Browser) -> None:
    problems = Problems()
    await keep_busy(line)
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.get_by_role("navigation", name="Hovedmeny").get_by_role("link", name="Rapporter").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Oversikt")
    await page.get_by_role("link", name="Alle tall").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Alle tall")
    assert problems == []


#: From a figure of a panel, and what is narrowed down most.
BEHIND = (
    "/reports/records?counter=answer_rate&first=2026-01-01&last=2026-11-23",
    "/reports/records?counter=waited&first=2026-01-01&last=2026-11-23&waited_over=60&weekday=0&from_hour=11&before_hour=13",
    "/reports/records?counter=sessions&first=2026-01-01&last=2026-11-23",
)


@pytest.mark.parametrize("role", [Role.ADVISOR, Role.MANAGER])
@pytest.mark.parametrize("look", LOOKS, ids=["wide", "narrow-dark"])
async def test_the_records_behind_a_figure_are_sound(
    line: Service, browser: Browser, look: dict[str, Any], role: Role
) -> None:
    problems = Problems()
    await keep_busy(line)
    spoilt = Difference(day=MONDAY.date(), simulated=False, cut="", mark="contacts", folded=7, recounted=1)
    async with line.database.writing() as session:
        await note(session, [spoilt], now=line.clock.now())
    page = await seated(browser, line, await hire(line, "Rogn Eksempel", role=role), problems, **look)
    for address in BEHIND if role is Role.MANAGER else BEHIND[:2]:
        await page.goto(address)
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        await check(page, address, look["viewport"]["width"])
    # The warning of the recount is for managers, here, on the board and on the annual report.
    for address in (BEHIND[0], "/board", "/reports/annual/2026"):
        await page.goto(address)
        warning = page.get_by_text("Tallene stemmer ikke med en ny opptelling (1 avvik).")
        await expect(warning).to_have_count(1 if role is Role.MANAGER else 0)
        await check(page, address, look["viewport"]["width"])
    assert problems == []


async def test_a_figure_is_opened_with_keys_and_its_rows_are_turned(line: Service, browser: Browser) -> None:
    problems = Problems()
    await keep_busy(line)
    page = await seated(browser, line, await hire(line, "Rogn Eksempel", role=Role.MANAGER), problems)
    await page.goto("/reports/waiting?period=12m&compare=none")
    panel = page.locator("#hours")
    await panel.locator("summary").first.press("Enter")
    await panel.get_by_role("row", name="mandag").get_by_role("link", name="100").press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Radene bak «Henvendelser»")
    await expect(page.locator(".figure-value strong")).to_have_text("100")
    await expect(page.get_by_role("heading", name="Rad 1–50")).to_be_visible()
    await page.get_by_role("link", name="Neste").press("Enter")
    await expect(page.get_by_role("heading", name="Rad 51–100")).to_be_visible()
    await expect(page.get_by_role("link", name="Neste")).to_have_count(0)
    assert problems == []


async def test_a_panel_is_reached_and_opened_with_keys(line: Service, browser: Browser) -> None:
    problems = Problems()
    await keep_busy(line)
    page = await seated(browser, line, await hire(line, "Rogn Eksempel", role=Role.MANAGER), problems)
    await page.goto("/reports/waiting?period=12m")
    await page.get_by_role("link", name="Bemanning").focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("Bemanning – Helpline")
    await page.go_back()
    drawing = page.get_by_role("img", name="Når kommer henvendelsene?")
    await expect(drawing).to_be_visible()
    await expect(drawing).to_have_accessible_description("Flest kommer mandag kl. 11–12: 100 i perioden.")
    panel = page.locator("#hours")
    opener = panel.locator("summary").first
    await opener.focus()
    await page.keyboard.press("Enter")
    await expect(panel.get_by_role("row", name="mandag")).to_contain_text("100")
    async with page.expect_download() as told:
        await panel.get_by_role("link", name="CSV").press("Enter")
    assert (await told.value).suggested_filename.startswith("hours-")
    assert problems == []


async def test_a_page_prints_with_its_tables_and_definitions(line: Service, browser: Browser) -> None:
    problems = Problems()
    await keep_busy(line)
    page = await seated(browser, line, await hire(line, "Rogn Eksempel", role=Role.MANAGER), problems)
    await page.goto("/reports/waiting?period=12m")
    await page.emulate_media(media="print")
    await expect(page.locator(".report-pages")).to_be_hidden()
    await expect(page.locator("#hours table")).to_be_visible()
    await expect(page.locator("#hours .definitions dl").first).to_be_visible()
    await expect(page.locator("#hours .for-narrow")).to_be_hidden()
    assert problems == []


async def test_the_board_follows_by_itself(line: Service, browser: Browser, write: Write) -> None:
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Veggen Eksempel"), problems)
    await page.goto("/board")
    board = page.locator("#board")
    await expect(board.locator(".huge")).to_have_text("0")
    await waiting(write, "Han sier at han vil ta sitt eget liv i kveld")
    await expect(board.locator(".huge")).to_have_text("1")
    await expect(board.get_by_role("row", name="Rød")).to_contain_text("1")
    await expect(board).not_to_contain_text("eget liv")
    assert problems == []
