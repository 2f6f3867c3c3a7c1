"""Who and what, where, load and quality in a real Chromium: narrow, in the dark, and by the keyboard alone."""

from datetime import timedelta
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from helpline.core.duty import Role
from helpline.store.tables import KnowledgeGap as Gap
from tests.conftest import MONDAY, Service
from tests.web.conftest import hire
from tests.web.test_browser import Problems, browser, line, seated
from tests.web.test_one_time_browser import sound
from tests.web.test_report_content import BEGINNING, PERIOD, keep, several, works

__all__ = ["browser", "line"]

pytestmark = pytest.mark.browser

PAGES = ("who", "where", "load", "quality")


async def filled(line: Service) -> None:
    """Something on each of the pages."""
    for name in ("Ask", "Selje"):
        await works(line, await hire(line, f"{name} Eksempel"))
    answers = {
        "topics": ("rights", "grief"),
        "challenge_areas": ("psychosis",),
        "age_band": "40_54",
        "gender": "female",
    }
    places = {"municipality": "4601", "source": "plakat", "language": "nb", "caller_status": "new", "evaluation": 8}
    found = [*several("now", 30, 3, **answers, **places), *several("before", 12, 35, relation="father", **answers)]
    await keep(line, [*BEGINNING, *found, *several("asked", 12, 3, asked_what_matters=True, letters=1)])
    async with line.database.writing() as session:
        day = (MONDAY - timedelta(days=3)).date()
        session.add(Gap(asked_on=day, asked_by="caller", language="nb", topics=[], words=None))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
async def test_every_page_is_sound(
    line: Service, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    await filled(line)
    problems = Problems()
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = await seated(browser, line, await hire(line, "Rogn Eksempel", role=Role.MANAGER), problems, **look)
    for name in PAGES:
        await page.goto(f"/reports/{name}?{PERIOD}")
        # With every table and definition open, which is as wide as the page gets.
        await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
        await sound(page)
    assert problems == []


async def test_from_the_map_to_a_municipality_and_from_the_team_to_one_advisor_by_keys(
    line: Service, browser: Browser
) -> None:
    await filled(line)
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Rogn Eksempel", role=Role.MANAGER), problems)
    await page.goto(f"/reports/where?{PERIOD}")
    county = page.locator("#county")
    await county.locator("details.more-table > summary").first.focus()
    await page.keyboard.press("Enter")
    await county.get_by_role("link", name="Vestland").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Kommuner i Vestland")).to_be_visible()
    await page.goto(f"/reports/load?{PERIOD}")
    await page.get_by_role("link", name="Ask Eksempel").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#advisor-hours .panel-summary")).to_contain_text("ført i tilgangsloggen")
    await sound(page)
    assert problems == []
