"""The console in a real Chromium: with hands and ears, on a narrow screen, in the dark, and without a mouse."""

import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from helpline.core.codes import Channel
from helpline.core.duty import Role
from helpline.desk import duty, erase, set_hours
from helpline.store import contacts, experiences, notices
from helpline.store.gaps import latest
from helpline.store.tables import Advisor
from tests.conftest import PASSWORD, HandClock, Service, open_all_week, started
from tests.web.conftest import Write, hire, waiting, writer

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Long, for a machine with much else to do; nothing here waits for time to pass.
PATIENCE = 30_000
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
async def line(migrated_sqlite: Path, tmp_path: Path, clock: HandClock) -> AsyncIterator[Service]:
    """The service on SQLite: the browser is the same on every database."""
    copy = tmp_path / "helpline.db"
    shutil.copy(migrated_sqlite, copy)
    async with started(f"sqlite+aiosqlite:///{copy}", clock) as running:
        await open_all_week(running.database)
        yield running


@pytest.fixture
def write(line: Service) -> Write:
    return writer(line)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        try:
            opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        except Exception as problem:
            if "Executable doesn't exist" not in str(problem):
                raise
            pytest.skip("No Chromium is installed: the browser tests are left out.")
        yield opened
        await opened.close()


class Problems(list[str]):
    """What went wrong in a page: scripts that failed, and whatever the content policy refused."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda told: self.append(told.text) if told.type == "error" else None)


async def seated(browser: Browser, line: Service, advisor: Advisor, problems: Problems, **look: Any) -> Page:
    """An advisor's browser, signed in through the page."""
    context = await browser.new_context(
        **({"viewport": {"width": 1280, "height": 860}, "locale": "nb-NO", "base_url": line.url} | look)
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    problems.watch(page)
    await page.goto("/sign-in")
    await page.get_by_label("E-post").fill(advisor.email)
    await page.get_by_label("Passord").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{line.url}/")
    return page


expect.set_options(timeout=PATIENCE)


async def test_an_advisor_is_called_answers_and_closes(line: Service, browser: Browser, write: Write) -> None:
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await expect(page.get_by_text("Ingen venter nå.")).to_be_visible()
    await page.get_by_role("button", name="Gå på vakt").click()
    await expect(page.locator(".duty-now")).to_contain_text("På vakt")

    contact = await write("Mannen min vil ta livet sitt i natt", handle="501", channel=Channel.TELEGRAM)
    offer = page.locator("[data-offer]")
    await expect(offer).to_contain_text("Mannen min vil ta livet sitt i natt")
    await expect(page).to_have_title(re.compile(r"^\(1\) "))
    assert "icon-calling" in (await page.locator("#icon").get_attribute("href") or "")

    await page.keyboard.press("a")
    await page.wait_for_url(f"{line.url}/contact/{contact}")
    await expect(offer).to_have_count(0)
    assert "icon-calling" not in (await page.locator("#icon").get_attribute("href") or "")
    await expect(page.locator("mark[data-level=red]").first).to_be_visible()
    await expect(page.get_by_role("heading", name=re.compile("Telegram"))).to_be_visible()

    field = page.get_by_label(re.compile("Svar til innringeren"))
    await expect(field).to_be_focused()
    await field.fill("Hei, jeg heter Kari. Er han hos deg nå?")
    await expect(page.locator("#counter")).to_contain_text("Kladd lagret")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("log")).to_contain_text("Er han hos deg nå?")
    await page.get_by_role("button", name="Angre").click()
    await expect(field).to_have_value("Hei, jeg heter Kari. Er han hos deg nå?")
    await page.keyboard.press("Control+Enter")
    await expect(field).to_have_value("")

    await write("Ja, han er her. Jeg tør ikke gå fra ham.", handle="501", channel=Channel.TELEGRAM)
    await expect(page.get_by_role("log")).to_contain_text("Jeg tør ikke gå fra ham.")

    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    note = page.get_by_label("Internt notat")
    await expect(note).to_be_focused()
    await note.fill("Ringer henne opp i morgen.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("log")).to_contain_text("Notat av Kari Eksempel")

    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await page.get_by_text("Pårørende", exact=False).first.wait_for(state="attached")
    await page.get_by_label("Egenomsorg og utmattelse").check()
    await expect(page.locator("#record-saved")).to_contain_text("Lagret")
    await page.get_by_role("button", name="Rådgitt").click()
    await page.wait_for_url(f"{line.url}/")
    async with line.database.reading() as session:
        found = await contacts.by_id(session, contact)
        assert found is not None
        assert found.outcome is not None
        assert found.outcome.value == "counselled"
    assert problems == []


async def test_two_clicks_on_the_way_to_duty_do_not_lead_off_it_again(line: Service, browser: Browser) -> None:
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.get_by_role("button", name="Gå på vakt").hover()
    for _ in range(2):
        await page.mouse.down()
        await page.mouse.up()
        await expect(page.locator(".duty-now strong")).to_have_text("På vakt")
    await expect(page.get_by_text("Hva slags pause?")).to_be_visible()
    assert problems == []


@pytest.mark.parametrize("hand", ["mouse", "space"])
async def test_a_button_stays_under_the_hand_when_news_comes(line: Service, browser: Browser, hand: str) -> None:
    """News between a button's going down and up drew the button anew, and the click was nobody's."""
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    colleagues = page.get_by_role("region", name="På vakt nå")
    other = await hire(line, "Ola Eksempel")
    button = page.get_by_role("button", name="Gå på vakt")
    await button.hover()
    await button.focus()
    await (page.mouse.down() if hand == "mouse" else page.keyboard.down("Space"))
    async with page.expect_response(f"{line.url}/rail") as fetched:
        async with line.database.writing() as session:
            found = await session.get(Advisor, other.id)
            assert found is not None
            await duty.go_on(session, found, house=line.house, now=line.clock.now())
    await (await fetched.value).finished()
    await page.evaluate("() => new Promise(requestAnimationFrame)")
    await (page.mouse.up() if hand == "mouse" else page.keyboard.up("Space"))
    await expect(page.locator(".duty-now strong")).to_have_text("På vakt")
    await expect(colleagues).to_contain_text("Ola Eksempel")
    assert problems == []


async def test_duty_and_offers_keep_the_keyboard(line: Service, browser: Browser, write: Write) -> None:
    problems = Problems()
    advisor = await hire(line, "Kari Eksempel")
    page = await seated(browser, line, advisor, problems)
    await page.get_by_role("button", name="Gå på vakt").focus()
    await page.keyboard.press("Enter")
    pause = page.locator(".switch").get_by_role("button", name="Pause")
    await expect(pause).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Hva slags pause?")).to_be_visible()
    async with line.database.writing() as session:
        notices.give(session, notices.DUTY, now=line.clock.now(), advisor_id=advisor.id)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    back = page.get_by_role("button", name="Tilbake på vakt")
    await expect(back).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(pause).to_be_focused()
    await waiting(write, "Broren min ruser seg og jeg er sliten", handle="+4790000001")
    accept = page.get_by_role("button", name=re.compile("^Ta imot"))
    await accept.focus()
    other = await waiting(write, "Kan jeg klage på et vedtak om tvang?", handle="+4790000002")
    await expect(page.locator(f"[data-place='{other}']")).to_be_visible()
    await expect(accept).to_be_focused()
    assert problems == []


async def test_a_failure_on_our_side_is_said_in_words(line: Service, browser: Browser, write: Write) -> None:
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), Problems())
    first = await waiting(write, "Broren min ruser seg og jeg er sliten", handle="+4790000001")
    await expect(page.locator(f"[data-place='{first}']")).to_be_visible()
    await page.route("**/queue", lambda route: route.fulfill(status=500, body="Internal Server Error"))
    await waiting(write, "Kan jeg klage på et vedtak om tvang?", handle="+4790000002")
    await expect(page.get_by_text("Noe gikk galt hos oss. Prøv igjen om litt.")).to_be_visible()
    await expect(page.locator(f"[data-place='{first}']")).to_be_visible()
    await expect(page.get_by_text("Internal Server Error")).to_have_count(0)


async def test_words_for_a_reply_are_offered_only_where_one_is_written(
    line: Service, browser: Browser, write: Write
) -> None:
    problems = Problems()
    contact = await waiting(write, "Kan jeg klage på et vedtak om tvang?", handle="+4790000002")
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.goto(f"/contact/{contact}")
    insert = page.get_by_role("button", name=re.compile("^Sett inn i svaret")).first
    await expect(page.get_by_text("Passer til det de skriver")).to_be_visible()
    await expect(insert).to_be_hidden()
    await page.keyboard.press("a")
    await expect(insert).to_be_visible()
    assert problems == []


async def test_the_whole_queue_is_walked_without_a_mouse(line: Service, browser: Browser, write: Write) -> None:
    problems = Problems()
    first = await waiting(write, "Broren min ruser seg og jeg er sliten", handle="+4790000001")
    second = await waiting(write, "Kan jeg klage på et vedtak om tvang?", handle="+4790000002")
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.keyboard.press("j")
    await expect(page.locator(f"[data-place='{first}'] a")).to_be_focused()
    await page.keyboard.press("j")
    await expect(page.locator(f"[data-place='{second}'] a")).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("j")
    # Somebody else comes: the chosen one stays chosen, and keeps the keyboard.
    third = await waiting(write, "Hei, jeg trenger noen å snakke med", handle="+4790000003")
    await expect(page.locator(f"[data-place='{third}']")).to_be_visible()
    await expect(page.locator(f"[data-place='{second}'] a")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{line.url}/contact/{second}")
    await expect(page.get_by_text("Ta henvendelsen for å svare.")).to_be_visible()
    await page.keyboard.press("a")
    await expect(page.get_by_label(re.compile("Svar til innringeren"))).to_be_focused()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("tvang")
    await page.get_by_role("button", name=re.compile("Sett inn i svaret")).first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label(re.compile("Svar til innringeren"))).not_to_have_value("")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await expect(page.locator("#panel-closing [name=topics]").first).to_be_focused()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Hurtigtaster")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("q")
    await page.wait_for_url(f"{line.url}/")
    assert problems == []


async def test_what_is_not_found_is_noted(line: Service, browser: Browser) -> None:
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.goto("/knowledge")
    found = page.locator("#knowledge")
    await page.get_by_role("searchbox").fill("zxqw zxqw")
    await expect(found).to_contain_text("Fant ingenting om «zxqw zxqw»")
    # By itself, once it has stood there for a while.
    await expect(found).to_contain_text("Det er notert", timeout=10_000)
    await page.get_by_role("searchbox").fill("tannlege")
    await page.get_by_role("button", name="Ikke det jeg lette etter").click()
    await expect(found.get_by_role("status")).to_contain_text("Det er notert")
    await expect(found.locator(".hit").first).to_be_visible()
    async with line.database.reading() as session:
        assert [gap.words for gap in await latest(session, limit=10)] == [("tannlege",), ()]
    assert problems == []


async def test_a_ready_sentence_is_chosen_with_the_keyboard(line: Service, browser: Browser, write: Write) -> None:
    problems = Problems()
    await waiting(write)
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.get_by_role("button", name=re.compile("^Ta")).click()
    field = page.get_by_label(re.compile("Svar til innringeren"))
    await expect(field).to_be_focused()
    ready = page.get_by_role("listbox", name="Ferdige setninger")
    await page.keyboard.type("Hei og/eller hallo. ")
    await expect(ready).to_be_hidden()
    await page.keyboard.type("/")
    await expect(ready).to_be_visible()
    await expect(page.locator("#replies-told")).to_contain_text("Velg med piltastene")
    first = ready.get_by_role("option", selected=True)
    await expect(first).to_contain_text("Hei, jeg er rådgiver")
    await page.keyboard.press("ArrowUp")
    await expect(ready.get_by_role("option", selected=True)).to_contain_text("Takk for praten")
    await expect(field).to_have_attribute("aria-activedescendant", "ready-goodbye")
    results = await Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    # Escape closes the list and leaves the hands where they are.
    await page.keyboard.press("Escape")
    await expect(ready).to_be_hidden()
    await expect(field).to_be_focused()
    await page.keyboard.press("Backspace")
    await page.keyboard.type("/vikt")
    await expect(ready.get_by_role("option")).to_have_count(1)
    await expect(page.locator("#replies-told")).to_contain_text("1 ferdig setning.")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("Hei og/eller hallo. Hva er viktigst for deg akkurat nå?")
    await expect(ready).to_be_hidden()
    await expect(page.locator("#counter")).to_contain_text("Kladd lagret")
    await page.keyboard.type(" /finnesikke")
    await expect(page.locator("#replies-told")).to_contain_text("Ingen ferdig setning passer.")
    await field.fill("/")
    await ready.get_by_role("option", name=re.compile("Et øyeblikk")).click()
    await expect(field).to_have_value(re.compile("^Et øyeblikk, så leter"))
    await expect(field).to_be_focused()
    assert problems == []


async def test_closing_is_said_and_a_closed_line_is_seen_at_once(line: Service, browser: Browser, write: Write) -> None:
    problems = Problems()
    contact = await waiting(write)
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.get_by_role("button", name=re.compile("^Ta")).click()
    await page.get_by_role("tab", name="Avslutt").click()
    await page.get_by_role("button", name="Ikke rådgivning").click()
    said = page.locator("#said")
    await expect(said).to_contain_text("Lukket: ")
    await expect(page.get_by_role("heading", name="Lukket av deg det siste døgnet")).to_be_visible()
    await said.get_by_role("link", name="Se på den").click()
    await page.wait_for_url(f"{line.url}/contact/{contact}")
    await expect(page.locator("p.state")).to_contain_text("Lukket kl.")
    await page.keyboard.press("q")
    await expect(page.get_by_text("Tjenesten er åpen")).to_be_visible()

    now = line.clock.now()
    async with line.database.writing() as session:
        await set_hours.close_now(session, reason="Telefonen er nede", until=None, now=now, by=None)
    strip = page.locator("#closure")
    await expect(strip).to_contain_text("Linjen er stengt: Telefonen er nede. Inntil videre.")
    await expect(page.get_by_text("Tjenesten er stengt.")).to_be_visible()
    results = await Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    line.clock.advance(minutes=1)
    async with line.database.writing() as session:
        await set_hours.open_again(session, now=line.clock.now(), by=None)
    await expect(strip).to_be_empty()
    await expect(page.get_by_text("Tjenesten er åpen")).to_be_visible()
    assert problems == []


async def test_whoever_signs_out_on_duty_is_asked(line: Service, browser: Browser, write: Write) -> None:
    problems = Problems()
    await waiting(write)
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.get_by_role("button", name=re.compile("^Ta")).click()
    await expect(page.get_by_label(re.compile("Svar til innringeren"))).to_be_focused()
    await page.get_by_role("button", name="Logg ut").click()
    await expect(page.get_by_role("heading", name="Logg ut?")).to_be_visible()
    await expect(page.get_by_text("Du har 1 henvendelse.")).to_be_visible()
    results = await Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    await page.get_by_role("button", name="Gå av vakt og logg ut").click()
    await page.wait_for_url(f"{line.url}/sign-in")
    assert problems == []


async def test_nothing_is_sent_while_cut_off_and_all_is_there_afterwards(
    line: Service, browser: Browser, write: Write
) -> None:
    problems = Problems()
    contact = await waiting(write)
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    await page.get_by_role("button", name=re.compile("^Ta")).click()
    field = page.get_by_label(re.compile("Svar til innringeren"))
    await expect(field).to_be_focused()
    problems.clear()
    await page.context.set_offline(True)
    await expect(page.get_by_role("alert")).to_contain_text(re.compile(r"Frakoblet siden kl\. \d\d\.\d\d\."))
    await field.fill("Jeg er her.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("Sending venter til forbindelsen er tilbake.")).to_be_visible()
    await write("Er du der?")
    await page.context.set_offline(False)
    await expect(page.get_by_role("log")).to_contain_text("Er du der?")
    await expect(page.locator("#lost")).to_be_hidden()
    await expect(field).to_have_value("Jeg er her.")
    async with line.database.reading() as session:
        course = await contacts.entries(session, contact)
        assert not [entry for entry in course if entry.advisor_id and entry.kind.value == "text_out"]
    await field.press("Control+Enter")
    await expect(page.get_by_role("log")).to_contain_text("Jeg er her.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
async def test_every_page_is_open_to_everyone(
    line: Service, browser: Browser, write: Write, scheme: Literal["light", "dark"], width: int
) -> None:
    problems = Problems()
    advisor = await hire(line, "Kari Eksempel", role=Role.ADMIN)
    colleague = await hire(line, "Ola Eksempel", phone="+4790000102")
    await waiting(write, "Hello, I need to talk about my mother", handle="+4790000003")
    await waiting(write, "Broren min ruser seg og jeg er sliten", handle="+4790000004")
    mine = await write("Mannen min vil ta livet sitt i natt", handle="501", channel=Channel.TELEGRAM)
    async with line.database.writing() as session:
        found = await session.get(Advisor, colleague.id)
        assert found is not None
        await duty.go_on(session, found, house=line.house, now=line.clock.now())
    page = await seated(
        browser,
        line,
        advisor,
        problems,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
        color_scheme=scheme,
    )
    anonymous = await browser.new_page(viewport={"width": width, "height": 800}, base_url=line.url, color_scheme=scheme)
    await anonymous.goto("/sign-in")
    await check(anonymous, "sign-in", width)
    await page.goto("/")
    await check(page, "queue", width)
    await page.get_by_role("button", name="Gå på vakt").click()
    await expect(page.locator("[data-offer]")).to_be_visible()
    await check(page, "offer", width)
    await page.goto(f"/contact/{mine}")
    await page.locator("[data-take-open]").or_(page.get_by_role("button", name="Ta over")).first.click()
    await page.get_by_label(re.compile("Svar til innringeren")).fill("Hei, jeg heter Kari.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("button", name="Angre")).to_be_visible()
    for tab in ("Kunnskap", "Notat", "Avslutt"):
        await page.get_by_role("tab", name=tab).click()
        await check(page, tab, width)
    await page.get_by_role("button", name="Vis Telegram-id").click()
    await check(page, "number", width)
    await page.keyboard.press("Escape")
    for path in (
        "/knowledge?q=tvang",
        "/knowledge/tvang-psykisk-helse",
        "/admin/articles?at=2027-06-01",
        "/admin/articles/klage-og-tilsyn",
        "/admin/articles/nar-det-haster?language=ar",
        "/admin/gaps",
        "/contact/999",
    ):
        await page.goto(path)
        await check(page, path, width)
    assert [problem for problem in problems if "404" not in problem] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
async def test_the_list_and_the_experiences_are_open_to_everyone(
    line: Service, browser: Browser, write: Write, scheme: Literal["light", "dark"], width: int
) -> None:
    problems = Problems()
    for number, offer in enumerate(("1", "2", "2")):
        for words in ("hei", "7", "1", offer, "Innlandet", "ja", "ja"):
            await write(words, handle=f"+479000061{number}")
    await write("Mannen min slår meg ofte når han er full", handle="+4790000611")
    async with line.database.writing() as session:
        await erase.close_silent(session, house=line.house, now=line.clock.now(), silent_for=timedelta(minutes=-1))
        for words in ("Jonas bor på Hamar.\n\nIngen spurte hvordan jeg hadde det.", "Vi ventet i to år.", "Kjøp her."):
            await experiences.keep(session, words, day=line.clock.now().date(), language="nb")
    page = await seated(
        browser,
        line,
        await hire(line, "Rogn Eksempel", role=Role.MANAGER),
        problems,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
        color_scheme=scheme,
    )
    await page.goto("/experiences")
    await check(page, "experiences", width)
    story = page.get_by_role("article").filter(has_text="Ingen spurte")
    # By the keyboard alone: keep the place, take the name out, then say yes.
    await story.get_by_label("Hamar").focus()
    await page.keyboard.press("Space")
    await story.get_by_label("Andre ord som skal ut").fill("Hønefoss")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="Ordene er tatt ut.")).to_be_visible()
    await expect(story).to_contain_text("[…] bor på Hamar")
    await check(page, "taken out", width)
    await story.get_by_role("button", name="Kan brukes").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="Erfaringen kan brukes.")).to_be_visible()
    await page.get_by_role("article").filter(has_text="Kjøp her").get_by_role("button", name="Kan ikke brukes").click()
    await check(page, "decided", width)
    await page.goto("/interests")
    await check(page, "interests", width)
    waits = page.get_by_role("listitem").filter(has_text="Skriv til dem").first
    await waits.get_by_text("Vis nummeret").click()
    await waits.get_by_label("Hvorfor? Det blir logget.").fill("nei")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="Skriv hvorfor du trenger nummeret.")).to_be_visible()
    await check(page, "no reason", width)
    await waits.get_by_label("Hvorfor? Det blir logget.").fill("Ledig plass i gruppen")
    await page.keyboard.press("Enter")
    await expect(page.locator(".number")).to_be_visible()
    await check(page, "number", width)
    await page.get_by_role("listitem").get_by_role("button", name="Skriv til dem").first.click()
    await page.wait_for_url(re.compile("/contact/"))
    await expect(page.get_by_role("log")).to_contain_text("Du ba oss si fra når vi hadde noe nytt.")
    assert [problem for problem in problems if "400" not in problem] == []


async def check(page: Page, what: str, width: int) -> None:
    """No violation that axe can find, and nothing wider than the screen."""
    results = await Axe().run(page, options=RULES)
    assert results.violations_count == 0, f"{what}: {results.generate_report()}"
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, what


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_the_rights_guide_is_for_everyone_on_a_narrow_screen_and_without_a_mouse(
    line: Service, browser: Browser, colours: Literal["light", "dark"]
) -> None:
    problems = Problems()
    context = await browser.new_context(
        viewport={"width": 320, "height": 700}, color_scheme=colours, locale="nb-NO", base_url=line.url
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    problems.watch(page)

    async def is_sound() -> None:
        found = await Axe().run(page, options=RULES)
        assert found.response["violations"] == []
        assert await page.evaluate("document.documentElement.scrollWidth") == 320

    await page.goto("/rights")
    await is_sound()
    # Nothing answered: what is missing is named, and leads to its question.
    await page.get_by_role("button", name="Gå videre").press("Enter")
    await page.get_by_role("alert").get_by_role("link").first.click()
    assert page.url.endswith("#relation")
    await is_sound()
    for label in ("Datter eller sønn", "67 år eller mer", "Fri fra jobb", "Demens"):
        await page.get_by_label(label).focus()
        await page.keyboard.press("Space")
    await page.get_by_role("button", name=re.compile("Gå videre|Se rettighetene")).press("Enter")
    await page.get_by_label("18 år eller mer").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Se rettighetene").press("Enter")
    await page.get_by_label("Ja, jeg er ansatt").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Se rettighetene").press("Enter")
    await expect(page.get_by_role("heading", name="Du har rett til ti dager fri i året for omsorg")).to_be_visible()
    await is_sound()
    await page.get_by_role("button", name="Vis alt, til å skrive ut").click()
    await is_sound()
    assert await context.cookies() == []
    assert problems == ["Failed to load resource: the server responded with a status of 400 (Bad Request)"]
    await context.close()


async def test_the_rights_follow_the_advisors_answers_and_go_into_the_reply(
    line: Service, browser: Browser, write: Write
) -> None:
    problems = Problems()
    page = await seated(browser, line, await hire(line, "Kari Eksempel"), problems)
    contact = await waiting(write)
    await page.goto(f"/contact/{contact}")
    await page.locator("[data-take-open]").click()
    reply = page.get_by_label(re.compile("Svar til innringeren"))
    await expect(reply).to_be_visible()
    await page.get_by_role("tab", name="Rettigheter").click()
    panel = page.get_by_role("tabpanel", name="Rettigheter")
    await panel.get_by_label("Datter eller sønn").check()
    await panel.get_by_label("67 år eller mer").check()
    await panel.get_by_label("Fri fra jobb").check()
    # Questions come up from the answers, and those that stood there keep the focus.
    await panel.get_by_label("18 år eller mer").check()
    await panel.get_by_label("Ja, jeg er ansatt").check()
    leave = panel.locator("[data-right=ten_days_leave]")
    await expect(leave).to_be_visible()
    await expect(panel.get_by_role("link", name=re.compile(r"\d+ gjelder, \d+ kan gjelde"))).to_be_visible()
    found = await Axe().run(page, options=RULES)
    assert found.response["violations"] == []
    await leave.get_by_role("button").click()
    await expect(reply).to_have_value(re.compile("nødvendig omsorg for foreldre"))
    await expect(reply).to_be_focused()
    assert problems == []
