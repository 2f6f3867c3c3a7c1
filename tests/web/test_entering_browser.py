"""The quick pages in a real Chromium: by keyboard alone, narrow, in the dark, with nothing lost on the way."""

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from helpline.core.codes import Origin
from helpline.core.duty import Role
from helpline.core.record import Record
from helpline.store import records
from tests.conftest import Service
from tests.web.conftest import hire
from tests.web.test_browser import RULES, Problems, browser, line, seated

__all__ = ["browser", "line"]

pytestmark = pytest.mark.browser

PAGES = ("contact", "session", "attendance", "group")


async def kept(line: Service) -> list[Record]:
    async with line.database.reading() as session:
        return [record async for record in records.between(session)]


async def broken(page: Page) -> list[str]:
    found = await Axe().run(page, options=RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found.response["violations"]]


async def too_wide(page: Page) -> Any:
    return await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


async def test_a_contact_takes_few_clicks_and_the_next_one_fewer(line: Service, browser: Browser) -> None:
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    # Five clicks: the page, how, about what, how it ended is likely already, save.
    await page.get_by_role("link", name="Føring").click()
    await page.get_by_text("E-post", exact=True).click()
    await page.get_by_text("Rettigheter", exact=True).click()
    await page.get_by_text("Rådgitt", exact=True).click()
    await page.get_by_role("button", name="Lagre og før en til").click()
    await expect(page.locator("#receipt")).to_contain_text("Ført. Henvendelse, e-post, rettigheter: rådgitt")
    await expect(page.get_by_label("E-post", exact=True)).to_be_checked()
    # The next by keyboard alone: the topic, then Enter in a field saves.
    await page.get_by_label("Grensesetting", exact=True).focus()
    await page.keyboard.press("Space")
    await page.get_by_label("Minutter (valgfritt)").focus()
    await page.keyboard.type("20")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Ført av meg i dag: 2")).to_be_visible()
    # Struck out from the receipt, and taken back.
    await page.get_by_role("button", name="Slett føringen").click()
    await expect(page.get_by_role("status").filter(has_text="Slettet.")).to_be_visible()
    await page.get_by_role("link", name="Ta den tilbake").click()
    await expect(page.get_by_label("Minutter (valgfritt)")).to_have_value("20")
    await page.get_by_role("button", name="Lagre rettelsen").click()
    await expect(page.get_by_role("status").filter(has_text="Rettet.")).to_be_visible()
    assert [record.origin for record in await kept(line)] == [Origin.AFTERWARDS] * 4
    assert problems == []


async def test_what_is_half_filled_outlives_a_walk_to_another_page(line: Service, browser: Browser) -> None:
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.goto("/records/new/session")
    await page.get_by_label("Antall personer").fill("3")
    await page.get_by_text("Video", exact=True).click()
    await page.get_by_text("Tvang", exact=True).click()
    await page.get_by_text("Om innringeren (valgfritt)").click()
    await page.get_by_label("Relasjon").select_option("sister")
    await page.goto("/")
    await page.goto("/records/new/session")
    await expect(page.get_by_label("Antall personer")).to_have_value("3")
    await expect(page.get_by_label("Video", exact=True)).to_be_checked()
    await expect(page.get_by_label("Relasjon")).to_have_value("sister")
    await page.get_by_role("button", name="Lagre", exact=True).click()
    await expect(page.get_by_role("status").filter(has_text="Ført.")).to_be_visible()
    # Saved, so that the next one begins empty.
    await page.goto("/records/new/session")
    await expect(page.get_by_label("Antall personer")).to_have_value("1")
    [record] = await kept(line)
    assert (record.participants, record.channel, record.relation) == (3, "video", "sister")
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_are_narrow_dark_and_reachable(line: Service, browser: Browser, scheme: str) -> None:
    problems = Problems()
    look: dict[str, Any] = {"viewport": {"width": 320, "height": 700}, "color_scheme": scheme}
    page = await seated(browser, line, await hire(line, "Rogn Eksempel", role=Role.MANAGER), problems, **look)
    for kind in PAGES:
        await page.goto(f"/records/new/{kind}")
        assert (await broken(page), await too_wide(page)) == ([], False), kind
    await page.goto("/records/new/contact")
    await page.get_by_role("button", name="Lagre", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="Velg minst ett tema")).to_be_visible()
    assert (await broken(page), await too_wide(page)) == ([], False)
    await page.get_by_text("Sorg og tap", exact=True).click()
    await page.get_by_role("button", name="Lagre og før en til").click()
    await expect(page.locator("#receipt")).to_be_visible()
    assert (await broken(page), await too_wide(page)) == ([], False)
    await page.get_by_role("link", name="Rett opp").click()
    assert (await broken(page), await too_wide(page)) == ([], False)
    await page.get_by_text("Ensomhet", exact=True).click()
    await page.get_by_role("button", name="Lagre rettelsen").click()
    await expect(page.get_by_text(re.compile("denne telles"))).to_be_visible()
    assert (await broken(page), await too_wide(page)) == ([], False)
    await page.goto("/records/export")
    assert (await broken(page), await too_wide(page)) == ([], False)
    # What the browser says of the page that was refused is no fault of the page.
    assert [problem for problem in problems if "400" not in problem] == []
