"""The page of handsets in a real Chromium."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright, expect

from helpline.simulator.bot_methods import Parameters, call
from tests.simulator.conftest import SMS_NUMBER, RecordingService, Running

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
GREETING = '<Response><Gather numDigits="1" action="/next"><Say language="nb-NO">Trykk 1.</Say></Gather></Response>'


@pytest.fixture
async def page(line: Running) -> AsyncIterator[Page]:
    """The page, opened; a script that fails or is refused by the policy fails the test."""
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except Exception as problem:
            if "Executable doesn't exist" not in str(problem):
                raise
            pytest.skip("No Chromium is installed: the browser tests are left out.")
        opened = await browser.new_page(viewport={"width": 1280, "height": 900})
        opened.set_default_timeout(5_000)
        problems = list[str]()
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on("console", lambda told: problems.append(told.text) if "Policy" in told.text else None)
        await opened.goto(line.url)
        await expect(opened.locator(".handset")).to_have_count(4)
        yield opened
        seen = list(problems)
        await browser.close()
        assert seen == []


async def bot_says(line: Running, **asked: Any) -> None:
    await call(line.simulator.telegram, "sendMessage", Parameters(asked))


async def test_a_telephone_is_used_from_the_keyboard(line: Running, page: Page, service: RecordingService) -> None:
    thanks = '<Response><Say language="nb-NO">Takk.</Say><Pause length="60"/></Response>'
    service.queued = [(200, GREETING, "text/xml"), (200, thanks, "text/xml")]
    telephone = page.get_by_role("article", name="Telefon +4790000001")
    await telephone.get_by_label("Skjult nummer").check()
    await telephone.get_by_role("button", name="Ring").focus()
    await page.keyboard.press("Enter")
    await expect(telephone.get_by_text("Trykk 1.")).to_be_visible()
    await expect(telephone.get_by_role("status")).to_have_text("I samtale: trykk en tast")
    await telephone.get_by_role("button", name="1", exact=True).focus()
    await page.keyboard.press("1")
    await expect(telephone.get_by_text("Takk.")).to_be_visible()
    await telephone.get_by_role("button", name="Legg på").click()
    await expect(telephone.get_by_role("status")).to_have_text("Samtalen er slutt")
    assert service.received[0].form["From"] == "anonymous"
    assert service.received[1].form["Digits"] == "1"


async def test_an_advisors_telephone_appears_when_it_rings(
    line: Running, page: Page, service: RecordingService
) -> None:
    service.queued = [(200, "<Response><Dial><Number>+4790000077</Number></Dial></Response>", "text/xml")]
    await page.get_by_role("article", name="Telefon +4790000001").get_by_role("button", name="Ring").click()
    advisor = page.get_by_role("article", name="Rådgivers telefon +4790000077")
    await advisor.get_by_role("button", name="Svar").click()
    await expect(advisor.get_by_role("status")).to_have_text("I samtale")
    await expect(advisor.get_by_label("Det som høres").get_by_text("koblet sammen")).to_be_visible()


async def test_a_number_left_to_be_rung_back_is_a_callers(line: Running, page: Page, service: RecordingService) -> None:
    line.simulator.settings = replace(line.simulator.settings, advisor_numbers=("+4790000091",))
    service.queued = [(200, "<Response><Dial><Number>+4790000044</Number></Dial></Response>", "text/xml")]
    await page.set_viewport_size({"width": 400, "height": 500})
    await page.get_by_role("article", name="Telefon +4790000001").get_by_role("button", name="Ring").click()
    rung = page.get_by_role("article", name="Telefon +4790000044", exact=True)
    await expect(page.locator("#ringing")).to_contain_text("Det ringer: Telefon +4790000044")
    await page.locator("#ringing").get_by_role("button", name="Gå dit").click()
    await expect(rung.get_by_role("button", name="Svar")).to_be_focused()
    await expect(rung.get_by_role("button", name="Svar")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(rung.get_by_role("status")).to_have_text("I samtale")
    await expect(page.locator("#ringing")).to_be_empty()


async def test_texts_show_parts_and_delivery(line: Running, page: Page, service: RecordingService) -> None:
    handset = page.get_by_role("article", name="SMS +4790000002")
    await handset.get_by_label("Ny melding").fill("Jeg er så sliten")
    await page.keyboard.press("Enter")
    await expect(handset.get_by_label("Meldinger").get_by_text("Jeg er så sliten")).to_be_visible()
    (request,) = await service.until(1)
    assert request.form["From"] == "+4790000002"
    line.simulator.messages.send(to="+4790000002", from_=SMS_NUMBER, body="«Takk»")
    await expect(handset.get_by_text("1 del · UCS-2 · levert")).to_be_visible()


async def test_a_chat_has_buttons_corrections_and_files(line: Running, page: Page) -> None:
    handset = page.get_by_role("article", name="Telegram 1001")
    await handset.get_by_role("button", name="/start").click()
    await expect(handset.get_by_label("Samtalen").get_by_text("/start")).to_be_visible()
    markup = {"inline_keyboard": [[{"text": "Rettigheter", "callback_data": "r"}]]}
    await bot_says(line, chat_id=1001, text="Hva er viktigst?", reply_markup=markup)
    await handset.get_by_role("button", name="Rettigheter").click()
    await line.until(lambda: "callback_query" in line.simulator.telegram.updates.pending()[-1])
    await bot_says(line, chat_id=1001, text="Velg", reply_markup={"keyboard": [["Hjelp nå"]]})
    await handset.get_by_role("button", name="Hjelp nå").click()
    await handset.get_by_role("button", name="Rett siste").click()
    await handset.get_by_label("Rett meldingen").fill("Hjelp meg nå")
    await page.keyboard.press("Enter")
    await expect(handset.get_by_text("rettet")).to_be_visible()
    await handset.get_by_role("combobox", name="Send").select_option("voice")
    await handset.get_by_role("button", name="Send vedlegg").click()
    await expect(handset.get_by_text("🎤 talemelding")).to_be_visible()
    await handset.get_by_role("button", name="Blokker").click()
    await expect(handset.get_by_role("button", name="Opphev blokkering")).to_be_visible()


async def test_the_newest_message_is_seen_from_its_beginning(line: Running, page: Page) -> None:
    handset = page.get_by_role("article", name="Telegram 1001")
    await handset.get_by_role("button", name="/start").click()
    await expect(handset.get_by_label("Samtalen").get_by_text("/start")).to_be_visible()
    markup = {"inline_keyboard": [[{"text": f"Valg {number}", "callback_data": "r"}] for number in range(12)]}
    await bot_says(line, chat_id=1001, text="Hei. Er det fare for liv? Ring 113.", reply_markup=markup)
    await expect(handset.get_by_text("Ring 113.")).to_be_in_viewport()
    await handset.get_by_role("button", name="Valg 11").click()
    await bot_says(line, chat_id=1001, text="Takk for at du forteller.")
    await expect(handset.get_by_text("Takk for at du forteller.")).to_be_in_viewport()


async def test_what_the_service_sends_is_text_and_never_markup(line: Running, page: Page) -> None:
    line.simulator.messages.send(to="+4790000002", from_=SMS_NUMBER, body="<img src=x onerror=alert(1)>")
    handset = page.get_by_role("article", name="SMS +4790000002")
    await expect(handset.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert await page.locator("main img").count() == 0


async def test_faults_are_ordered_on_the_page(line: Running, page: Page) -> None:
    await page.get_by_text("La noe gå galt").click()
    await page.get_by_role("combobox", name="Hva").select_option("twice")
    await page.get_by_role("button", name="La det skje").click()
    await expect(page.get_by_text("SMS inn til tjenesten: kommer to ganger, én gang til")).to_be_visible()
    await page.get_by_role("button", name="Alt i orden igjen").click()
    await expect(page.locator("#faults li")).to_have_count(0)


async def test_handsets_are_added_removed_and_remembered(line: Running, page: Page) -> None:
    await page.get_by_role("button", name="+ SMS").click()
    await expect(page.get_by_role("article", name="SMS +4790000003")).to_be_visible()
    first = page.get_by_role("article", name="Telefon +4790000001")
    await first.get_by_role("button", name="Ta bort denne telefonen").click()
    await page.reload()
    await expect(page.locator(".handset")).to_have_count(4)
    await expect(first).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_anyone_can_use_it_also_on_a_narrow_screen(
    line: Running, page: Page, service: RecordingService, scheme: Any
) -> None:
    service.queued = [(200, GREETING, "text/xml")]
    await page.emulate_media(color_scheme=scheme)
    await page.get_by_role("article", name="Telefon +4790000001").get_by_role("button", name="Ring").click()
    await page.get_by_role("article", name="Telegram 1001").get_by_role("button", name="/start").click()
    line.simulator.messages.send(to="+4790000002", from_=SMS_NUMBER, body="Hei")
    await expect(page.get_by_text("levert", exact=False).first).to_be_visible()
    for summary in await page.locator("summary").all():
        await summary.click()
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await page.set_viewport_size({"width": 320, "height": 700})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def test_the_page_finds_its_simulator_again(line: Running, page: Page) -> None:
    await page.route("**/simulator/api/state*", lambda route: route.fulfill(status=503, body="{}"))
    line.simulator.changes.mark()
    await expect(page.locator("#connection")).to_contain_text("svarer ikke")
    await page.unroute("**/simulator/api/state*")
    await expect(page.locator("#connection")).to_have_text("")
