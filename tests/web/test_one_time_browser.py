"""The one-time page and the letter beside a contact in a real Chromium: on a narrow screen, in the dark, with keys."""

from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from helpline.core.duty import Duty
from helpline.desk import offer, page_links
from helpline.store import drafts
from helpline.store.tables import DraftKind
from tests.conftest import Service
from tests.guidance.letter_answers import whole
from tests.web.conftest import Write, hire, waiting
from tests.web.test_browser import PATIENCE, RULES, Problems, browser, line, seated, write

__all__ = ["browser", "line", "write"]

pytestmark = pytest.mark.browser


async def linked(service: Service, contact_id: int, **answers: Any) -> str:
    """The path of a new one-time page."""
    async with service.database.writing() as session:
        now = service.clock.now()
        draft = await drafts.begin(
            session, contact_id=contact_id, kind=DraftKind.LETTER, language="nb", now=now, answers=answers
        )
        address = await page_links.make(session, draft.id, house=service.house, now=now)
    return address.removeprefix(service.url)


async def sound(page: Page) -> None:
    """No violation that axe can find, and nothing wider than the screen."""
    found = await Axe().run(page, options=RULES)
    assert found.response["violations"] == [], found.generate_report()
    too_wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
async def test_a_letter_is_written_on_a_narrow_screen(
    line: Service, browser: Browser, write: Write, width: int, scheme: Literal["light", "dark"]
) -> None:
    path = await linked(line, await write("Hei"), **whole("gp", danger=None, wishes=None))
    context = await browser.new_context(
        viewport={"width": width, "height": 720}, color_scheme=scheme, locale="nb-NO", base_url=line.url
    )
    context.set_default_timeout(PATIENCE)
    page, problems = await context.new_page(), Problems()
    problems.watch(page)
    await page.goto(path)
    await expect(page).to_have_title("Siden din")
    await sound(page)
    await page.get_by_role("button", name="Åpne").press("Enter")
    await page.wait_for_url(f"{line.url}{path}")
    await page.goto(f"{path}?chapter=3")
    await sound(page)
    await page.get_by_role("button", name="Legg til en til").click()
    await expect(page.get_by_label("Hva skjedde?")).to_have_count(4)
    await page.get_by_role("button", name="Lagre og gå videre").click()
    await page.get_by_label("Hva kan være farlig").fill("ikke kjent")
    await sound(page)
    await page.get_by_label("Hva kan være farlig").press("Tab")
    await page.get_by_role("button", name="Lagre og gå videre").press("Enter")
    await page.get_by_role("button", name="Lagre og se brevet").press("Enter")
    await expect(page.get_by_role("article")).to_contain_text("Dette ber jeg om")
    await page.get_by_text("Brevet som tekst").first.click()
    await sound(page)
    await page.reload()
    await expect(page.get_by_role("article")).to_contain_text("Ola Eksempel")
    async with page.expect_download() as downloaded:
        await page.get_by_role("link", name="Last ned PDF").click()
    assert (await downloaded.value).suggested_filename == "bekymringsmelding.pdf"
    await page.get_by_text("Slett alt nå").first.click()
    await page.get_by_role("button", name="Slett alt nå").click()
    await expect(page.get_by_role("heading", name="Alt er slettet")).to_be_visible()
    await sound(page)
    assert problems == []
    await context.close()


async def test_a_page_works_without_a_script(line: Service, browser: Browser, write: Write) -> None:
    path = await linked(line, await write("Hei"), **whole("gp"))
    context = await browser.new_context(java_script_enabled=False, locale="nb-NO", base_url=line.url)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto(path)
    await page.get_by_role("button", name="Åpne").click()
    await page.goto(f"{path}?chapter=5")
    await page.get_by_role("button", name="Lagre og se brevet").click()
    await expect(page.get_by_role("article")).to_contain_text("Ola Eksempel")
    await context.close()


async def test_who_else_saw_it_is_asked_of_those_who_say_that_somebody_did(
    line: Service, browser: Browser, write: Write
) -> None:
    path = await linked(line, await write("Hei"), **whole("gp", events=None))
    context = await browser.new_context(viewport={"width": 320, "height": 720}, locale="nb-NO", base_url=line.url)
    context.set_default_timeout(PATIENCE)
    page, problems = await context.new_page(), Problems()
    problems.watch(page)
    await page.goto(path)
    await page.get_by_role("button", name="Åpne").click()
    await page.goto(f"{path}?chapter=3")
    who = page.get_by_label("Hvem var det?")
    await expect(who).to_be_hidden()
    await page.get_by_label("Noen fortalte det til meg").check()
    await who.fill("naboen")
    await page.get_by_label("Jeg selv").check()
    await expect(who).to_be_hidden()
    await page.get_by_label("Hva skjedde?").fill("Hun lå på gulvet da jeg kom.")
    await page.get_by_role("button", name="Legg til en til").click()
    await expect(who).to_have_count(2)
    assert [await one.input_value() for one in await who.all()] == ["", ""], "what was hidden was not sent"
    await page.get_by_label("Jeg og noen til").first.check()
    await expect(who.first).to_be_visible()
    await expect(who.last).to_be_hidden()
    await who.first.fill("naboen")
    await page.get_by_role("button", name="Lagre og gå videre").click()
    await page.goto(f"{path}?chapter=3")
    await expect(who).to_have_value("naboen")
    await sound(page)
    assert problems == []
    await context.close()


async def test_danger_is_read_first(line: Service, browser: Browser, write: Write) -> None:
    path = await linked(line, await write("Hei"), **whole("gp"))
    context = await browser.new_context(viewport={"width": 320, "height": 720}, locale="nb-NO", base_url=line.url)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto(path)
    await page.get_by_role("button", name="Åpne").click()
    await page.goto(f"{path}?chapter=3")
    await page.get_by_label("Hva er annerledes enn før").fill("Han sier han skal ta livet sitt i kveld.")
    await page.get_by_role("button", name="Lagre og gå videre").click()
    first = page.locator("#danger")
    await expect(first).to_be_focused()
    await expect(first).to_contain_text("113")
    await sound(page)
    await context.close()


@pytest.mark.parametrize("width", [320, 1280])
async def test_the_letter_beside_a_contact(line: Service, browser: Browser, write: Write, width: int) -> None:
    advisor = await hire(line, "Kari Eksempel")
    contact_id = await waiting(write)
    problems = Problems()
    page = await seated(browser, line, advisor, problems, viewport={"width": width, "height": 860})
    async with line.database.writing() as session:
        await drafts.begin(
            session,
            contact_id=contact_id,
            kind=DraftKind.LETTER,
            language="nb",
            now=line.clock.now(),
            answers=whole("gp"),
        )
        advisor.duty = Duty.ON
        await offer.take(session, contact_id, house=line.house, advisor=advisor, now=line.clock.now())
    await page.goto(f"/contact/{contact_id}")
    await page.get_by_role("link", name="Brev").click()
    await expect(page.get_by_role("article")).to_contain_text("Ola Eksempel")
    await sound(page)
    await page.get_by_role("button", name="Send siden").click()
    await expect(page.get_by_role("status").filter(has_text="på vei til innringeren")).to_be_visible()
    assert problems == []
    await page.context.close()
