"""The interest list over HTTP: what an advisor sees, what not, and what the buttons do."""

import re

import httpx
import pytest

from helpline.core.codes import Channel
from helpline.desk import erase
from helpline.store import access, interests
from tests.conftest import Service
from tests.web.conftest import Desk, Write

HANDLE = "+4790000007"


@pytest.fixture
async def listed(service: Service, write: Write) -> int:
    """Somebody who asked for a group four days ago by SMS and whose contact is closed. Returns the row's id."""
    for words in ("hei", "7", "1", "2", "Innlandet", "ja", "ja"):
        await write(words, handle=HANDLE)
    service.clock.advance(days=4)

    async def closed(_: object) -> int:
        # A contact to which something is being sent in this very moment is passed over.
        async with service.database.writing() as session:
            return await erase.close_silent(session, house=service.house, now=service.clock.now())

    assert await service.until(closed) == 1
    async with service.database.reading() as session:
        [one] = await interests.open_ones(session)
    return one.interest.id


async def send(desk: Desk, path: str, **form: str) -> httpx.Response:
    return await desk.http.post(path, data=form | {"csrf": desk.csrf}, follow_redirects=True)


async def signed_in_again(service: Service, desk: Desk) -> None:
    """The days that passed have ended the sign-in; nobody is asked for a password in these tests."""
    answer = await desk.http.post("/sign-in", data={"email": desk.advisor.email, "password": "en lang og god setning"})
    assert answer.status_code == 303
    found = re.search(r'data-csrf="([^"]+)"', (await desk.http.get("/")).text)
    assert found is not None
    desk.csrf = found[1]


async def test_who_waits_for_what_and_since_when_without_a_number(service: Service, listed: int, kari: Desk) -> None:
    await signed_in_again(service, kari)
    page = (await kari.get("/interests")).text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert "Samtalegruppe 1" in text
    assert "4 dager siden mandag 23. november" in text
    assert "Innlandet" in text
    assert "SMS" in text
    assert "90000007" not in page.replace(" ", "")
    assert 'href="/interests" aria-current="page"' in page


async def test_an_empty_list_says_so(kari: Desk) -> None:
    assert "Ingen står på listen." in (await kari.get("/interests")).text


async def test_writing_opens_a_contact_with_a_neutral_text(service: Service, listed: int, kari: Desk) -> None:
    await signed_in_again(service, kari)
    answer = await send(kari, f"/interests/{listed}/write")
    assert str(answer.url).startswith(f"{service.url}/contact/")
    assert "Du ba oss si fra når vi hadde noe nytt." in answer.text
    service.parts.outbox.wake()
    messages = service.simulator.messages

    async def arrived(_: object) -> bool:
        return any(message.to == HANDLE and "Du ba oss si fra" in message.body for message in messages.all())

    await service.until(arrived)
    page = (await kari.get("/interests")).text
    assert "Skrevet til fredag 27. november" in page
    again = await send(kari, f"/interests/{listed}/write")
    assert again.status_code == 400
    assert "Innringeren har en åpen henvendelse hos oss nå. Svar der i stedet." in again.text


async def test_the_number_takes_a_reason_and_is_shown_once(service: Service, listed: int, kari: Desk) -> None:
    await signed_in_again(service, kari)
    answer = await send(kari, f"/interests/{listed}/number", reason="nei")
    assert answer.status_code == 400
    assert "Skriv hvorfor du trenger nummeret. Det blir logget." in answer.text
    assert 'value="nei"' in answer.text
    answer = await send(kari, f"/interests/{listed}/number", reason="Ringer om ledig plass")
    assert HANDLE in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert HANDLE not in (await kari.get("/interests")).text
    async with service.database.reading() as session:
        [line] = await access.latest(session)
        assert (line.action, access.reason(session, line)) == ("shown_number", "Ringer om ledig plass")


async def test_settled_they_are_gone_and_only_counted(service: Service, listed: int, kari: Desk) -> None:
    await signed_in_again(service, kari)
    answer = await send(kari, f"/interests/{listed}/settle")
    assert "Ferdig. Vi husker ikke lenger hvem det var." in answer.text
    assert "Samtalegruppe: 1" in answer.text
    gone = await send(kari, f"/interests/{listed}/settle")
    assert gone.status_code == 404
    assert "Denne personen står ikke på listen lenger." in gone.text


async def test_after_violence_there_is_no_button_and_a_reason_stands_there(
    service: Service, listed: int, kari: Desk, write: Write
) -> None:
    await write("Mannen min slår meg ofte når han er full", handle=HANDLE, channel=Channel.SMS)
    await signed_in_again(service, kari)
    page = (await kari.get("/interests")).text
    assert "Vent til de selv tar kontakt og sier at det er trygt." in page
    assert f"/interests/{listed}/write" not in page
    refused = await send(kari, f"/interests/{listed}/write")
    assert refused.status_code == 400


async def test_no_form_is_taken_without_its_token_or_a_sign_in(service: Service, listed: int, kari: Desk) -> None:
    assert (await service.http.get("/interests")).status_code == 303
    await signed_in_again(service, kari)
    for act in ("write", "number", "settle"):
        assert (await kari.http.post(f"/interests/{listed}/{act}", data={})).status_code == 403
    async with service.database.reading() as session:
        assert len(await interests.open_ones(session)) == 1
        assert await access.latest(session) == []
