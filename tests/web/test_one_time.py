"""One-time pages over HTTP, on both databases: spent by a button, filled in without a script, gone when told."""

import io
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from docx import Document
from pypdf import PdfReader
from sqlalchemy import select

from helpline.core.codes import Channel, Outcome
from helpline.core.contact import ContactState
from helpline.desk import close, export, page_links
from helpline.store import contacts, drafts
from helpline.store.tables import Contact, Draft, DraftKind, Entry, Record
from tests.conftest import DEADLINE, Service
from tests.guidance.letter_answers import whole
from tests.web.conftest import Write

PERSON = "Ola Eksempel"


async def drafted(service: Service, contact_id: int, language: str = "nb", **answers: Any) -> int:
    """A letter's draft of a contact."""
    async with service.database.writing() as session:
        draft = await drafts.begin(
            session,
            contact_id=contact_id,
            kind=DraftKind.LETTER,
            language=language,
            now=service.clock.now(),
            answers=answers,
        )
        return draft.id


async def linked(service: Service, draft_id: int) -> str:
    """The path of a new link."""
    async with service.database.writing() as session:
        address = await page_links.make(session, draft_id, house=service.house, now=service.clock.now())
    assert address.startswith(f"{service.url}/l/")
    return address.removeprefix(service.url)


def fresh(service: Service) -> httpx.AsyncClient:
    """A browser that was nowhere yet."""
    return httpx.AsyncClient(base_url=service.url, timeout=DEADLINE, verify=False)


@pytest.fixture
async def browser(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with fresh(service) as opened:
        yield opened


async def at_form(service: Service, browser: httpx.AsyncClient, contact_id: int, **answers: Any) -> tuple[str, int]:
    """Open the page of a draft. Returns its path and the draft's id."""
    draft_id = await drafted(service, contact_id, **answers)
    path = await linked(service, draft_id)
    assert (await browser.post(path)).status_code == 303
    return path, draft_id


async def kept(service: Service, draft_id: int) -> dict[str, Any]:
    async with service.database.reading() as session:
        draft = await session.get(Draft, draft_id)
        assert draft is not None
        return drafts.answers(session, draft)


async def closed(service: Service, contact_id: int) -> None:
    """The contact comes to its end."""
    async with service.database.writing() as session:
        contact = await contacts.by_id(session, contact_id, lock=True)
        assert contact is not None
        now = service.clock.now()
        await close.without_advisor(session, contact, Outcome.GUIDED, house=service.house, now=now)


def fields(**given: Any) -> dict[str, str]:
    """A form's fields: `events` is a list."""
    form = {"shown": " ".join(given)}
    for name, value in given.items():
        if isinstance(value, list):
            form |= {f"q_{name}_{row}_{part}": text for row, told in enumerate(value) for part, text in told.items()}
        else:
            form[f"q_{name}"] = value
    return form


async def test_looking_spends_nothing_and_tells_nothing(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    path = await linked(service, await drafted(service, await write("Hei"), **whole("gp")))
    for _ in range(3):
        assert (await browser.head(path)).status_code == 200
        door = await browser.get(path)
    assert door.status_code == 200
    assert "Åpne" in door.text
    assert door.headers["x-robots-tag"].startswith("noindex")
    assert door.headers["cache-control"] == "no-store"
    assert door.headers["referrer-policy"] == "no-referrer"
    assert "script-src 'self'" in door.headers["content-security-policy"]
    assert "set-cookie" not in door.headers
    for telling in (PERSON, "brev", "melding", "pårørende", "Helpline"):
        assert telling not in re.sub(r"<(?:link|script)[^>]*>", "", door.text)
    assert (await browser.post(path)).status_code == 303


async def test_the_button_spends_it_for_this_browser_alone(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    path, _ = await at_form(service, browser, await write("Hei"), **whole("gp"))
    for _ in range(2):
        assert PERSON in (await browser.get(f"{path}?chapter=2")).text
    async with fresh(service) as another:
        for answer in (await another.get(path), await another.post(path)):
            assert answer.status_code == 410
            assert "Denne lenken er brukt" in answer.text
            assert PERSON not in answer.text
        for rest in ("/letter.pdf", "/letter.txt"):
            assert (await another.get(path + rest)).status_code == 404
        for rest in ("/answers", "/delete"):
            assert (await another.post(path + rest, data={"q_kind": "gp"})).status_code == 404
    assert PERSON in (await browser.get(f"{path}?chapter=2")).text


async def test_the_key_is_for_this_page_and_for_a_while(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    path = await linked(service, await drafted(service, await write("Hei")))
    opened = await browser.post(path)
    cookie = opened.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", f"path={path.lower()}", "max-age=7200"):
        assert part in cookie
    service.clock.advance(hours=2)
    assert (await browser.get(path)).status_code == 410


async def test_old_and_wrong_links_say_the_same(service: Service, browser: httpx.AsyncClient, write: Write) -> None:
    path = await linked(service, await drafted(service, await write("Hei")))
    service.clock.advance(hours=24)
    old, wrong = await browser.get(path), await browser.get("/l/" + "x" * 22)
    assert (old.status_code, wrong.status_code) == (404, 404)
    assert old.text.replace(path, "") == wrong.text.replace("/l/" + "x" * 22, "")
    assert (await browser.post(path)).status_code == 404


async def test_guessing_is_slowed_down(service: Service, browser: httpx.AsyncClient, write: Write) -> None:
    path = await linked(service, await drafted(service, await write("Hei")))
    for number in range(page_links.MOST_MISSES):
        assert (await browser.get(f"/l/guess-{number}")).status_code == 404
    assert (await browser.get("/l/guess-again")).status_code == 429
    assert (await browser.post(path)).status_code == 429
    service.clock.advance(minutes=16)
    assert (await browser.post(path)).status_code == 303


async def test_another_site_cannot_send_the_form(service: Service, browser: httpx.AsyncClient, write: Write) -> None:
    path, _ = await at_form(service, browser, await write("Hei"))
    for rest in ("", "/answers", "/delete"):
        answer = await browser.post(path + rest, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403


async def test_a_letter_is_filled_in_step_by_step(service: Service, browser: httpx.AsyncClient, write: Write) -> None:
    path, draft = await at_form(service, browser, await write("Hei"))
    assert "Er noen i fare akkurat nå?" in (await browser.get(path)).text
    first = await browser.post(
        f"{path}/answers", data=fields(danger_now="no", kind="gp") | {"go": "next", "chapter": "1"}
    )
    # «To the GP» leads to one more question on the same form.
    assert first.headers["location"] == f"{path}?chapter=1#under_18"
    rest = fields(danger_now="no", kind="gp", under_18="no", recipient="") | {"go": "next", "chapter": "1"}
    assert (await browser.post(f"{path}/answers", data=rest)).headers["location"] == f"{path}?chapter=2"
    people = fields(person_name=PERSON, your_name="Kari Eksempel", relation="mor", person_born="4.5.1998")
    await browser.post(f"{path}/answers", data=people | {"go": "next", "chapter": "2"})
    told = [{"what": "Han lå i sengen hele dagen.", "when": "3.11.2026", "seen_by": "me"}]
    course = fields(request="Jeg ber om at dere ringer ham", events=told)
    more = await browser.post(f"{path}/answers", data=course | {"add_to": "events", "chapter": "3"})
    assert "q_events_1_what" in more.text
    await browser.post(f"{path}/answers", data=course | {"go": "next", "chapter": "3"})
    early = await browser.post(f"{path}/answers", data=fields(wishes="Et møte") | {"go": "letter", "chapter": "5"})
    assert "Brevet er ikke ferdig" in early.text
    assert 'chapter=4#danger"' in early.text
    await browser.post(f"{path}/answers", data=fields(danger="ikke kjent") | {"go": "next", "chapter": "4"})
    done = await browser.post(f"{path}/answers", data=fields(wishes="Et møte") | {"go": "letter", "chapter": "5"})
    assert done.headers["location"] == path
    letter = (await browser.get(path)).text
    for words in (
        "Jeg ber om at dere ringer ham.",
        "3. november 2026:",
        "4. mai 1998",
        "Last ned PDF",
        "Ikke send det på e-post",
    ):
        assert words in letter
    assert (await kept(service, draft))["events"][0]["when"] == "2026-11-03"


async def test_what_cannot_be_taken_is_said_and_kept(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    path, draft = await at_form(service, browser, await write("Hei"), danger_now="no", kind="gp", under_18="no")
    answer = await browser.post(f"{path}/answers", data=fields(person_name="", your_name="x" * 121, relation="mor"))
    assert answer.status_code == 422
    assert "Noe må rettes (2)" in answer.text
    assert (await kept(service, draft))["your_name"] == "x" * 121


@pytest.mark.parametrize(("file_format", "begins"), [("pdf", b"%PDF"), ("docx", b"PK"), ("txt", b"Til: Fastlegen")])
async def test_the_letter_is_taken_along(
    service: Service, browser: httpx.AsyncClient, write: Write, file_format: str, begins: bytes
) -> None:
    path, _ = await at_form(service, browser, await write("Hei"), **whole("gp"))
    answer = await browser.get(f"{path}/letter.{file_format}")
    assert answer.content.startswith(begins)
    assert "bekymringsmelding." + file_format in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    if file_format == "pdf":
        assert PERSON in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    if file_format == "docx":
        assert any(PERSON in one.text for one in Document(io.BytesIO(answer.content)).paragraphs)
    assert (await browser.get(f"{path}/letter.odt")).status_code == 404


async def test_everything_can_be_deleted_at_once(service: Service, browser: httpx.AsyncClient, write: Write) -> None:
    path, draft = await at_form(service, browser, await write("Hei"), **whole("gp"))
    gone = await browser.post(f"{path}/delete")
    assert "Alt er slettet" in gone.text
    async with service.database.reading() as session:
        assert await session.get(Draft, draft) is None
    assert (await browser.get(path)).status_code == 404


async def test_the_page_speaks_the_language_of_the_draft(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    draft = await drafted(service, await write("Hei"), language="nn", **whole("gp"))
    path = await linked(service, draft)
    await browser.post(path)
    text = (await browser.get(f"{path}?chapter=1")).text
    assert '<html lang="nn"' in text
    assert "Er nokon i fare akkurat no?" in text


async def test_danger_now_leads_to_the_telephone(service: Service, browser: httpx.AsyncClient, write: Write) -> None:
    path, _ = await at_form(service, browser, await write("Hei"), **whole("gp"))
    answer = await browser.post(f"{path}/answers", data=fields(danger_now="yes", kind="gp") | {"go": "next"})
    assert answer.text.index("Ring 113 nå") < answer.text.index("<form")
    assert (await browser.get(f"{path}/letter.pdf")).status_code == 400


async def test_words_of_danger_are_answered_first_and_reach_an_advisor(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    contact_id = await write("Hei")
    path, _ = await at_form(service, browser, contact_id, **whole("gp"))
    danger = "Han sier han skal ta livet sitt i kveld."
    answer = await browser.post(f"{path}/answers", data=fields(change=danger) | {"go": "next", "chapter": "3"})
    assert answer.status_code == 200
    assert "113" in answer.text[answer.text.index('id="danger"') : answer.text.index("<form")]
    async with service.database.reading() as session:
        contact = await contacts.by_id(session, contact_id)
        assert contact is not None
        assert (contact.state, contact.urgency.value) == (ContactState.WAITING, "red")
        words = [contacts.words(session, entry) for entry in await contacts.entries(session, contact_id)]
        assert danger in words
    again = await browser.post(f"{path}/answers", data=fields(change=danger) | {"go": "next", "chapter": "3"})
    assert again.status_code == 303


async def test_danger_reaches_an_advisor_also_when_the_contact_is_closed(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    contact_id = await write("Hei")
    path, _ = await at_form(service, browser, contact_id, **whole("gp"))
    async with service.database.writing() as session:
        contact = await contacts.by_id(session, contact_id, lock=True)
        assert contact is not None
        await close.without_advisor(session, contact, Outcome.GUIDED, house=service.house, now=service.clock.now())
    danger = fields(change="Hun har tatt alle tablettene nå og puster ikke.")
    assert 'id="danger"' in (await browser.post(f"{path}/answers", data=danger | {"chapter": "3"})).text
    async with service.database.reading() as session:
        red = (await session.scalars(select(Contact).where(Contact.id > contact_id))).one()
    assert (red.state, red.urgency.value, red.channel) == (ContactState.WAITING, "red", Channel.SMS)


async def test_a_letter_that_was_finished_is_counted_and_nobody_is_named(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    contact_id = await write("Hei")
    with structlog.testing.capture_logs() as logs:
        path, _ = await at_form(service, browser, contact_id, **whole("gp"))
        for _ in range(2):
            done = await browser.post(f"{path}/answers", data=fields(wishes="Et møte") | {"go": "letter"})
            assert done.headers["location"] == path
        await browser.get(f"{path}/letter.pdf")
        await closed(service, contact_id)
    async with service.database.reading() as session:
        record = (await session.scalars(select(Record))).one()
        draft = (await session.scalars(select(Draft))).one()
        entries = (await session.scalars(select(Entry))).all()
    assert record.letters == 1
    token = path.removeprefix("/l/")
    everything = repr(logs) + repr({column.name: getattr(record, column.key) for column in Record.__table__.columns})
    for private in ("Ola", "Eksempel", "Kari", "1998", token):
        assert private not in everything
        assert private.encode() not in draft.answers
        assert all(private not in repr(entry.data) for entry in entries)


async def test_the_rights_guide_has_its_page_too(service: Service, browser: httpx.AsyncClient, write: Write) -> None:
    contact_id = await write("Hei")
    async with service.database.writing() as session:
        draft = await drafts.begin(
            session,
            contact_id=contact_id,
            kind=DraftKind.RIGHTS,
            language="nb",
            now=service.clock.now(),
        )
    path = await linked(service, draft.id)
    await browser.post(path)
    page = (await browser.get(path)).text
    first = service.house.rights.questionnaire.questions[0]
    assert first.ask["nb"] in page
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    assert shown is not None
    form = {"shown": shown[1], "go": "letter"}
    for _ in range(6):
        for question in service.house.rights.questionnaire.questions:
            if question.id in form["shown"].split() and question.options and question.required:
                form[f"q_{question.id}"] = question.options[0].code
        answer = await browser.post(f"{path}/answers", data=form)
        if answer.status_code == 303:
            break
        shown = re.search(r'name="shown" value="([^"]*)"', answer.text)
        assert shown is not None
        form["shown"] = shown[1]
    assert answer.headers["location"] == path
    assert "Rettighetene dine" in (await browser.get(path)).text
    assert "rights-group" in (await browser.get(path)).text
    assert (await browser.get(f"{path}/letter.pdf")).status_code == 404


async def test_more_than_any_letter_holds_is_refused(
    service: Service, browser: httpx.AsyncClient, write: Write
) -> None:
    path, draft = await at_form(service, browser, await write("Hei"), **whole("gp"))
    answer = await browser.post(f"{path}/answers", data=fields(change="x" * 500_000))
    assert answer.status_code == 413
    assert "Kort det ned" in answer.text
    assert (await kept(service, draft))["change"] == whole("gp")["change"]


async def test_whoever_asks_gets_their_drafts_too(service: Service, browser: httpx.AsyncClient, write: Write) -> None:
    await drafted(service, await write("Hei", handle="+4790000077"), **whole("gp"))
    async with service.database.writing() as session:
        told = await export.everything(session, "phone", "+4790000077", now=service.clock.now())
    assert told is not None
    assert PERSON in repr(told["contacts"])
