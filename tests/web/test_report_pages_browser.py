"""The report pages and the board in a real Chromium: sound for axe, narrow, dark, on paper, with keys, and live."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from helpline.core.duty import Role
from helpline.web.report_pages import PAGES
from tests.conftest import Service
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
