"""The console over HTTP: duty, the queue, offers and taking."""

import re

import pytest

from helpline.core.codes import Channel
from helpline.core.contact import ContactState
from helpline.store import advisors, contacts, offers
from helpline.store.tables import Advisor, Contact, Shift
from tests.conftest import Service
from tests.web.conftest import Desk, Write, waiting


async def duty_of(service: Service, desk: Desk) -> str:
    async with service.database.reading() as session:
        found = await advisors.by_id(session, desk.advisor.id)
        assert found is not None
        return found.duty.value + (f" {found.pause_reason.value}" if found.pause_reason else "")


async def test_the_duty_switch(service: Service, kari: Desk, ola: Desk) -> None:
    assert "Gå på vakt" in (await kari.get("/")).text
    assert "Pause" in (await kari.post("/duty", to="on")).text
    assert await duty_of(service, kari) == "on"
    assert (await kari.post("/duty", to="pause")).status_code == 400
    assert (await kari.post("/duty", to="pause", reason="missed_offer")).status_code == 400
    assert "Tilbake på vakt" in (await kari.post("/duty", to="pause", reason="debrief")).text
    assert await duty_of(service, kari) == "pause debrief"
    assert "Kari Eksempel" in (await ola.part("/rail")).text
    await kari.post("/duty", to="off")
    assert await duty_of(service, kari) == "off"
    assert (await kari.post("/duty", to="asleep")).status_code == 400
    assert "Kari Eksempel" not in (await ola.part("/rail")).text


async def test_duty_ends_with_the_shift(service: Service, kari: Desk) -> None:
    now = service.clock.now()
    async with service.database.writing() as session:
        session.add(Shift(advisor_id=kari.advisor.id, starts_at=now, ends_at=now.replace(hour=13)))
    assert "Vakten slutter kl. 14.00." in (await kari.post("/duty", to="on")).text


async def test_the_queue_shows_who_waits_in_the_order_they_are_answered(
    service: Service, kari: Desk, write: Write
) -> None:
    await write("Hei", handle="+4790000001")
    first = await waiting(write, "Broren min ruser seg og jeg vet ikke hva jeg skal gjøre", handle="+4790000001")
    service.clock.advance(minutes=4)
    red = await write("Mannen min vil ta livet sitt i natt", handle="501", channel=Channel.TELEGRAM)
    page = (await kari.part("/queue")).text
    assert [int(number) for number in re.findall(r'data-place="(\d+)"', page)] == [red, first]
    assert "en annens selvmordsfare" in page
    assert "Broren min ruser seg" in page
    assert ">Hei<" not in page
    assert "4:00" in page
    assert "+4790000001" not in page


async def test_an_offer_is_shown_with_a_countdown_and_accepted(service: Service, kari: Desk, write: Write) -> None:
    contact = await waiting(write, "Moren min har demens, kan dere hjelpe meg?")
    await kari.post("/duty", to="on")
    shown = (await kari.part("/offer")).text
    assert "Moren min har demens" in shown
    assert "data-offer" in shown
    seen = re.search(r'id="offer-seen" name="seen" value="([^"]+)"', shown)
    assert seen is not None
    assert (await kari.part(f"/offer?seen={seen[1]}")).status_code == 204
    offer_id = re.search(r"/offer/(\d+)/accept", shown)
    assert offer_id is not None
    answer = await kari.post(f"/offer/{offer_id[1]}/accept")
    assert answer.headers["hx-push-url"] == f"/contact/{contact}"
    assert 'id="reply-text"' in answer.text
    assert "data-offer" not in (await kari.part("/offer")).text
    again = await kari.post(f"/offer/{offer_id[1]}/accept")
    assert again.status_code == 409
    assert "Noen andre tok denne" in again.text


async def test_whoever_passes_stays_on_duty_and_the_next_is_asked(
    service: Service, kari: Desk, ola: Desk, write: Write
) -> None:
    await waiting(write)
    await kari.post("/duty", to="on")
    await ola.post("/duty", to="on")
    async with service.database.reading() as session:
        standing = await offers.open_for_advisor(session, kari.advisor.id)
        assert standing is not None
    assert (await kari.post(f"/offer/{standing.id}/pass")).status_code == 200
    assert await duty_of(service, kari) == "on"
    assert "data-offer" in (await ola.part("/offer")).text


async def test_a_missed_offer_pauses_and_says_so(service: Service, kari: Desk, write: Write) -> None:
    await kari.post("/duty", to="on")
    await waiting(write)
    service.clock.advance(seconds=31)
    await service.sweep("offers")
    rail = (await kari.part("/rail")).text
    assert "Du svarte ikke på et tilbud" in rail
    assert "Tilbake på vakt" in rail
    assert "data-offer" not in (await kari.part("/offer")).text


async def test_my_contacts_show_words_and_not_a_key_of_the_menu(service: Service, kari: Desk, write: Write) -> None:
    await write("Moren min har demens, kan dere hjelpe meg?")
    contact = await write("1")
    await kari.post(f"/contact/{contact}/take")
    assert "Moren min har demens" in (await kari.part("/rail")).text
    await write("Hun vil ikke ta imot hjelp.")
    assert "Hun vil ikke ta imot hjelp." in (await kari.part("/rail")).text


async def test_of_two_who_take_the_same_one_is_told(service: Service, kari: Desk, ola: Desk, write: Write) -> None:
    contact = await waiting(write)
    assert (await kari.post(f"/contact/{contact}/take")).status_code == 200
    late = await ola.post(f"/contact/{contact}/take")
    assert late.status_code == 409
    async with service.database.reading() as session:
        found = await contacts.by_id(session, contact)
        assert found is not None
        assert (found.state, found.advisor_id) == (ContactState.ACTIVE, kari.advisor.id)
    assert "Hos Kari Eksempel" in (await ola.get(f"/contact/{contact}")).text


@pytest.mark.parametrize("path", ["/queue", "/rail"])
async def test_parts_alone_lead_to_the_whole_page(kari: Desk, path: str) -> None:
    assert (await kari.get(path)).headers["location"] == "/"


async def test_a_long_queue_says_how_many_more_wait(service: Service, kari: Desk, write: Write) -> None:
    for number in range(63):
        await waiting(write, handle=f"+47900010{number:02}")
    page = (await kari.part("/queue")).text
    assert page.count("data-place=") == 60
    assert "og 3 til" in page
    assert 'data-length="63"' in page


async def test_everything_works_without_script(service: Service, kari: Desk, write: Write) -> None:
    contact = await waiting(write)
    sent = {"csrf": kari.csrf}
    taken = await kari.http.post(f"/contact/{contact}/take", data=sent)
    assert taken.headers["location"] == f"/contact/{contact}"
    for path, form in (
        (f"/contact/{contact}/reply", {"text": "Hei, jeg heter Kari."}),
        (f"/contact/{contact}/note", {"text": "Rolig nå."}),
    ):
        assert (await kari.http.post(path, data=sent | form)).headers["location"] == f"/contact/{contact}"
    closed = await kari.http.post(
        f"/contact/{contact}/close", data=sent | {"outcome": "counselled", "topics": "rights"}
    )
    assert closed.headers["location"] == "/"
    async with service.database.reading() as session:
        found = await session.get(Contact, contact)
        advisor = await session.get(Advisor, kari.advisor.id)
        assert found is not None
        assert advisor is not None
        assert (found.state, advisor.duty.value) == (ContactState.CLOSED, "on")
