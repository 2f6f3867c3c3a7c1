"""The figures for everyone in a real Chromium: narrow, dark, on paper, without scripts, and in somebody else's page."""

import io
import random
from typing import Literal

import pytest
from playwright.async_api import Browser, expect
from pypdf import PdfReader

from tests.conftest import Service
from tests.desk.test_publish import contacts
from tests.serving import serving
from tests.web.test_browser import PATIENCE, Problems, browser, line
from tests.web.test_one_time_browser import sound
from tests.web.test_public import WEEK, keep

__all__ = ["browser", "line"]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/counters", "/counters/box"])
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
async def test_the_page_and_the_box_are_sound(
    line: Service, browser: Browser, path: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 720}, color_scheme=scheme, locale="nn-NO", base_url=line.url
    )
    context.set_default_timeout(PATIENCE)
    page, problems = await context.new_page(), Problems()
    problems.watch(page)
    await page.goto(path)
    await sound(page)
    await keep(line, list(contacts(random.Random(8), WEEK, 130)))
    line.clock.advance(minutes=2)
    await page.goto(f"{path}?lang=nb")
    await expect(page.get_by_text("henvendelser hittil i 2026")).to_be_visible()
    await sound(page)
    assert await context.cookies() == []
    assert problems == []
    await context.close()


async def test_by_keys_to_another_language_and_to_the_code(line: Service, browser: Browser) -> None:
    await keep(line, list(contacts(random.Random(8), WEEK, 130)))
    context = await browser.new_context(
        locale="nb-NO", base_url=line.url, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto("/counters")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="English")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Figures from the service")
    await page.get_by_role("button", name="Copy the code").press("Enter")
    await expect(page.get_by_text("The code is copied.")).to_be_visible()
    assert (await page.evaluate("navigator.clipboard.readText()")).startswith(f'<iframe src="{line.url}/counters/box')
    await context.close()


async def test_without_scripts_nothing_is_missing_but_the_button(line: Service, browser: Browser) -> None:
    await keep(line, list(contacts(random.Random(8), WEEK, 130)))
    context = await browser.new_context(locale="nb-NO", base_url=line.url, java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto("/counters")
    await expect(page.get_by_role("table")).to_have_count(9)
    await expect(page.get_by_label("Kode til å lime inn")).to_be_visible()
    await expect(page.get_by_role("button", name="Kopier koden")).to_be_hidden()
    await page.emulate_media(media="print")
    await expect(page.get_by_role("table").first).to_be_visible()
    await expect(page.get_by_role("link", name="English")).to_be_hidden()
    await context.close()


async def test_on_paper_there_is_nothing_but_figures_and_sources(line: Service, browser: Browser) -> None:
    await keep(line, list(contacts(random.Random(8), WEEK, 130)))
    # Also for those whose screen is dark.
    context = await browser.new_context(locale="nb-NO", base_url=line.url, color_scheme="dark")
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto("/counters")
    await page.emulate_media(media="print", color_scheme="dark")
    roles: tuple[Literal["link", "button", "textbox", "navigation"], ...] = ("link", "button", "textbox", "navigation")
    for role in roles:
        await expect(page.get_by_role(role)).to_have_count(0)
    await expect(page.get_by_role("heading", name="Kilder")).to_be_visible()
    await expect(page.get_by_text("Tallene er talt av tjenestens egen, anonyme logg.")).to_be_visible()
    for table in await page.get_by_role("table").all():
        await expect(table).to_be_visible()
    colour = "getComputedStyle(document.querySelector('td')).color"
    assert await page.evaluate(colour) == "rgb(0, 0, 0)"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sheets = PdfReader(io.BytesIO(await page.pdf(format="A4")))
    assert len(sheets.pages) <= 2
    await context.close()


async def test_the_box_stands_in_another_site_and_the_page_does_not(line: Service, browser: Browser) -> None:
    await keep(line, list(contacts(random.Random(8), WEEK, 130)))

    async def other_site(scope: dict[str, str], receive: object, send: object) -> None:
        assert callable(send)
        paths = {"a": "/counters/box", "b": "/counters"}
        frames = "".join(f'<iframe src="{line.url}{path}" title="{name}"></iframe>' for name, path in paths.items())
        body = f"<!doctype html><html lang=en><title>x</title>{frames}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": body})

    async with serving(other_site, lifespan=False) as address:  # type: ignore[arg-type]  # as plain as an ASGI app can be
        context = await browser.new_context(locale="nb-NO")
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        await page.goto(address)
        await expect(page.frame_locator('iframe[title="a"]').get_by_text("130")).to_be_visible()
        await expect(page.frame_locator('iframe[title="b"]').get_by_text("130")).to_have_count(0)
        await context.close()
