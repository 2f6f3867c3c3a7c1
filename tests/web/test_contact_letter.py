"""The letter beside a contact: filled in by the advisor who has it, read by the others, given to the caller alone."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from helpline.core.codes import Channel
from helpline.core.contact import ContactState
from helpline.store import contacts, deliveries
from helpline.store.db import ReadSession
from helpline.store.tables import Contact, Delivery, DeliveryKind, Draft
from tests.conftest import DEADLINE, Service
from tests.guidance.letter_answers import whole
from tests.journeys.people import Writer
from tests.web.conftest import Desk, Write, waiting
from tests.web.test_one_time import fields

PERSON = "Person Eksempel"


async def taken(desk: Desk, write: Write, **who: Any) -> int:
    """A contact that this advisor has."""
    contact_id = await waiting(write, **who)
    assert (await desk.post(f"/contact/{contact_id}/take")).status_code == 200
    return contact_id


def form(**more: Any) -> dict[str, str]:
    """Every answer of a letter to the GP, as one form sends them."""
    answers = {name: value for name, value in whole("gp", person_name=PERSON, **more).items() if value is not None}
    return fields(**answers) | {"go": "letter"}


async def test_the_advisor_fills_in_sees_and_downloads(service: Service, kari: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    path = f"/contact/{contact_id}/letter"
    assert f'href="{path}"' in (await kari.get(f"/contact/{contact_id}")).text
    assert "Det er ikke begynt på noe brev." in (await kari.get(path)).text
    assert (await kari.post(path, **fields(danger_now="no", kind="gp"), go="next", chapter="1")).status_code == 303
    # Words that sound acute hold an advisor up once.
    await kari.post(path, **form())
    assert (await kari.post(path, **form())).headers["location"] == path
    page = (await kari.get(path)).text
    for words in (PERSON, "Se gjerne på dette", "Det er barn i hjemmet.", "helsepersonelloven § 4", "Send siden"):
        assert words in page
    assert "Send PDF på Telegram" not in page
    assert PERSON.encode() in (await kari.get(f"{path}/file.txt")).content
    assert (await kari.get(f"{path}/file.pdf")).content.startswith(b"%PDF")
    async with service.database.reading() as session:
        contact = await contacts.by_id(session, contact_id)
        assert contact is not None
        assert contact.draft["letters"] == 1


async def test_the_closing_form_keeps_the_count(service: Service, kari: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    await kari.post(f"/contact/{contact_id}/letter", **form())
    # The form was drawn before the letter was finished: its field for letters is empty.
    await kari.post(f"/contact/{contact_id}/record", letters="", topics="concern_letter")
    async with service.database.reading() as session:
        contact = await contacts.by_id(session, contact_id)
        assert contact is not None
        assert contact.draft["letters"] == 1


async def test_colleagues_read_and_do_not_write(kari: Desk, ola: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    path = f"/contact/{contact_id}/letter"
    await kari.post(path, **form())
    page = (await ola.get(path)).text
    assert PERSON in page
    assert "Bare den som har henvendelsen, kan endre brevet." in page
    for rest in ("", "/send", "/anew"):
        assert (await ola.post(path + rest, **form(), how="link")).status_code == 409


async def test_nobody_sees_it_without_a_sign_in(service: Service, kari: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    await kari.post(f"/contact/{contact_id}/letter", **form())
    async with httpx.AsyncClient(base_url=service.url, timeout=DEADLINE, verify=False) as stranger:
        for rest in ("", "/file.pdf"):
            answer = await stranger.get(f"/contact/{contact_id}/letter{rest}")
            assert answer.status_code in (303, 401)
            assert PERSON not in answer.text
        assert (await stranger.post(f"/contact/{contact_id}/letter", data=form())).status_code in (303, 401)


async def test_the_caller_gets_a_page_by_sms(service: Service, kari: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    path = f"/contact/{contact_id}/letter"
    await kari.post(path, **form())
    assert (await kari.post(f"{path}/send", how="link")).headers["location"] == f"{path}?sent=true"
    assert "Det er på vei til innringeren." in (await kari.get(f"{path}?sent=true")).text
    async with service.database.reading() as session:
        last = (await session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1))).one()
        words = deliveries.words(session, last) or ""
    assert last.channel is Channel.SMS
    address = re.search(r"http\S+/l/\S+", words)
    assert address is not None
    for telling in ("brev", "melding", PERSON):
        assert telling not in words
    async with httpx.AsyncClient(timeout=DEADLINE, verify=False, follow_redirects=True) as caller:
        assert PERSON in (await caller.post(address[0])).text


async def test_a_caller_on_telegram_gets_the_file(service: Service, kari: Desk) -> None:
    caller = Writer(service=service, person=702)
    caller.write("/start")
    await caller.presses("Hva er viktigst", "Snakke med en rådgiver")

    async def in_queue(session: ReadSession) -> int | None:
        return await session.scalar(select(Contact.id).where(Contact.state == ContactState.WAITING))

    contact_id = await service.until(in_queue)
    await kari.post(f"/contact/{contact_id}/take")
    path = f"/contact/{contact_id}/letter"
    await kari.post(path, **form())
    assert "Send PDF på Telegram" in (await kari.get(path)).text
    assert (await kari.post(f"{path}/send", how="file")).status_code == 303

    async def sent(session: ReadSession) -> bool:
        statement = select(Delivery.id).where(
            Delivery.kind == DeliveryKind.DOCUMENT, Delivery.state.not_in(deliveries.PENDING)
        )
        return await session.scalar(statement) is not None

    assert await service.until(sent)
    (document,) = service.simulator.telegram.files.values()
    assert document.name == "bekymringsmelding.pdf"
    assert document.content.startswith(b"%PDF")


async def test_a_file_goes_by_telegram_only(kari: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    await kari.post(f"/contact/{contact_id}/letter", **form())
    answer = await kari.post(f"/contact/{contact_id}/letter/send", how="file")
    assert answer.status_code == 400
    assert "En fil kan bare sendes på Telegram." in answer.text


async def test_what_stops_and_what_is_missing_is_said(kari: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    path = f"/contact/{contact_id}/letter"
    await kari.post(path, **fields(danger_now="yes", kind="gp"), go="next", chapter="1")
    page = (await kari.get(path)).text
    assert "Ring 113 nå" in page
    await kari.post(path, **fields(danger_now="no", kind="gp"), go="next", chapter="1")
    page = (await kari.get(path)).text
    assert "Brevet er ikke ferdig" in page
    assert 'chapter=3#request"' in page


async def test_an_advisor_is_not_alerted_of_the_own_words(service: Service, kari: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    answer = await kari.post(f"/contact/{contact_id}/letter", **form(change="Han sier han skal ta livet sitt i kveld."))
    assert 'id="danger"' in answer.text
    async with service.database.reading() as session:
        contact = await contacts.by_id(session, contact_id)
        assert contact is not None
        assert contact.urgency.value == "green"


async def test_another_letter_can_be_begun(service: Service, kari: Desk, write: Write) -> None:
    contact_id = await taken(kari, write)
    path = f"/contact/{contact_id}/letter"
    await kari.post(path, **form())
    await kari.post(f"{path}/anew")
    assert PERSON not in (await kari.get(path)).text
    await kari.post(path, **form(language="nn"))
    async with service.database.reading() as session:
        assert len((await session.scalars(select(Draft))).all()) == 2
        contact = (await session.scalars(select(Contact))).one()
        assert contact.draft["letters"] == 2


@pytest.mark.parametrize("language", ["nn", "en"])
async def test_the_letter_has_a_language_of_its_own(kari: Desk, write: Write, language: str) -> None:
    contact_id = await taken(kari, write)
    path = f"/contact/{contact_id}/letter"
    await kari.post(path, **(form() | {"language": language}))
    assert {"nn": "Dette ber eg om", "en": "What I ask for"}[language] in (await kari.get(path)).text
