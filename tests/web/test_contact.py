"""A contact over HTTP: words both ways, notes, drafts, undo, handing over, the number behind glass."""

import re
from datetime import datetime

import pytest

from helpline.core.codes import Channel
from helpline.core.contact import ContactState, EntryKind, Wish
from helpline.core.turn import InboundKind
from helpline.store import access, contacts, deliveries
from helpline.store.tables import Contact, DeliveryState
from tests.conftest import Service
from tests.web.conftest import Desk, Write, waiting


@pytest.fixture
async def mine(kari: Desk, write: Write) -> int:
    """A contact that Kari has."""
    contact = await waiting(write)
    assert (await kari.post(f"/contact/{contact}/take")).status_code == 200
    return contact


async def contact_now(service: Service, contact_id: int) -> Contact:
    async with service.database.reading() as session:
        found = await contacts.by_id(session, contact_id)
        assert found is not None
        return found


async def last_delivery(service: Service, contact_id: int) -> tuple[int, DeliveryState]:
    async with service.database.reading() as session:
        found = (await deliveries.of_contact(session, contact_id))[-1]
        return found.id, found.state


async def test_a_reply_stands_in_the_conversation_and_can_be_taken_back(
    service: Service, kari: Desk, mine: int
) -> None:
    answer = await kari.post(f"/contact/{mine}/reply", text="Hei, jeg heter Kari.")
    assert "Hei, jeg heter Kari." in answer.text
    assert "Angre" in answer.text
    delivery, state = await last_delivery(service, mine)
    assert state is DeliveryState.QUEUED
    undone = (await kari.post(f"/delivery/{delivery}/undo")).text
    assert re.search(r"<textarea[^>]*id=\"reply-text\"[^>]*>Hei, jeg heter Kari\.</textarea>", undone, re.DOTALL)
    assert (await last_delivery(service, mine))[1] is DeliveryState.CANCELLED
    assert (await kari.post(f"/delivery/{delivery}/undo")).status_code == 409


async def test_a_reply_that_has_left_shows_its_state_and_cannot_be_taken_back(
    service: Service, kari: Desk, mine: int
) -> None:
    await kari.post(f"/contact/{mine}/reply", text="Hei, jeg heter Kari.")
    delivery, _ = await last_delivery(service, mine)
    service.clock.advance(seconds=11)
    service.parts.outbox.wake()

    async def arrived(session: object) -> bool:
        return (await last_delivery(service, mine))[1] in (DeliveryState.SENT, DeliveryState.DELIVERED)

    await service.until(arrived)
    course = (await kari.part(f"/contact/{mine}/course")).text
    assert re.search(r"class=\"delivery\">(sendt|levert)<", course)
    assert (await kari.post(f"/delivery/{delivery}/undo")).status_code == 409


async def test_a_failed_reply_says_why_and_can_be_sent_again(service: Service, kari: Desk, mine: int) -> None:
    await kari.post(f"/contact/{mine}/reply", text="Hei, jeg heter Kari.")
    delivery, _ = await last_delivery(service, mine)
    async with service.database.writing() as session:
        await deliveries.advance(session, delivery, DeliveryState.FAILED, error="30003")
    assert "Telefonen er av eller utenfor dekning." in (await kari.part(f"/contact/{mine}/course")).text
    assert (await kari.post(f"/delivery/{delivery}/again")).status_code == 200
    assert (await last_delivery(service, mine))[1] is DeliveryState.QUEUED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Hei på deg", "1 SMS, 150 tegn igjen"),
        ("«Hei» – på deg", "1 SMS"),
        ("a" * 161, "2 SMS, 145 tegn igjen"),
        ("Giellá: ŋ", "Tegn utenfor SMS-alfabetet"),
        ("a" * 1601, "For lang: 1601 tegn, høyst 1600."),
    ],
)
async def test_the_draft_is_kept_and_counted(service: Service, kari: Desk, mine: int, text: str, says: str) -> None:
    answer = await kari.post(f"/contact/{mine}/draft", text=text)
    assert says in answer.text
    assert text in (await kari.get(f"/contact/{mine}")).text


async def test_a_draft_is_of_its_owner_alone(service: Service, kari: Desk, ola: Desk, mine: int) -> None:
    await kari.post(f"/contact/{mine}/draft", text="Bare mitt utkast")
    assert "Bare mitt utkast" not in (await ola.get(f"/contact/{mine}")).text
    assert (await ola.post(f"/contact/{mine}/draft", text="Nei")).status_code == 409


async def test_writing_to_anothers_contact_is_blocked_with_a_way_to_take_over(
    service: Service, kari: Desk, ola: Desk, mine: int
) -> None:
    assert (await ola.post(f"/contact/{mine}/reply", text="Hei")).status_code == 409
    page = (await ola.get(f"/contact/{mine}")).text
    assert "Kari Eksempel har denne henvendelsen" in page
    assert 'id="reply-text"' not in page
    assert 'id="reply-text"' in (await ola.post(f"/contact/{mine}/take-over")).text
    assert "Ola Eksempel tok over fra Kari Eksempel" in (await ola.part(f"/contact/{mine}/course")).text
    assert 'id="reply-text"' not in (await kari.get(f"/contact/{mine}")).text


async def test_notes_are_for_colleagues(service: Service, kari: Desk, ola: Desk, mine: int) -> None:
    assert (await kari.post(f"/contact/{mine}/note", text="  ")).status_code == 400
    before, _ = await last_delivery(service, mine)
    await kari.post(f"/contact/{mine}/note", text="Ringer søsteren i kveld.")
    assert "Notat av Kari Eksempel" in (await ola.get(f"/contact/{mine}")).text
    assert (await last_delivery(service, mine))[0] == before


async def test_the_field_for_a_note_goes_when_the_contact_closes_by_itself(kari: Desk, write: Write, mine: int) -> None:
    assert (await kari.part(f"/contact/{mine}/note?seen=open")).status_code == 204
    await write("SLETT")
    closed = await kari.part(f"/contact/{mine}/note?seen=open")
    assert "Henvendelsen er lukket." in closed.text
    assert "<textarea" not in closed.text
    assert (await kari.part(f"/contact/{mine}/note?seen=closed")).status_code == 204


async def test_ready_sentences_are_in_the_callers_language_and_found_in_ones_own(
    service: Service, kari: Desk, write: Write, mine: int
) -> None:
    page = (await kari.get(f"/contact/{mine}")).text
    assert 'role="listbox"' in page
    assert 'data-words="Hva er viktigst for deg akkurat nå?"' in page
    number = service.house.library.number("amk").display
    assert f"ring {number} med en gang" in page
    english = await waiting(write, "Hello, I need to talk about my mother", handle="+4790000003")
    page = (await kari.get(f"/contact/{english}")).text
    assert 'id="replies"' not in page
    await kari.post(f"/contact/{english}/take")
    page = (await kari.get(f"/contact/{english}")).text
    assert "<strong>Hva er viktigst nå</strong>" in page
    assert 'data-words="What matters most to you right now?"' in page


async def test_hand_over_to_a_colleague_and_to_the_queue(
    service: Service, kari: Desk, ola: Desk, write: Write, mine: int
) -> None:
    assert (await kari.post(f"/contact/{mine}/hand-over", to="someone")).status_code == 400
    assert (await kari.post(f"/contact/{mine}/hand-over", to=str(kari.advisor.id))).status_code == 400
    refused = await kari.post(f"/contact/{mine}/hand-over", to=str(ola.advisor.id), text="Hun spør om tvang.")
    assert refused.status_code == 400
    assert "Ola Eksempel er ikke på vakt." in refused.text
    other = await waiting(write, handle="+4790000002")
    await ola.post(f"/contact/{other}/take")
    answer = await kari.post(f"/contact/{mine}/hand-over", to=str(ola.advisor.id), text="Hun spør om tvang.")
    assert answer.headers["hx-push-url"] == "/"
    found = await contact_now(service, mine)
    assert (found.state, found.reserved_for) == (ContactState.WAITING, ola.advisor.id)
    assert "Satt over til Ola Eksempel. Alle kan ta den." in (await kari.part("/queue")).text
    assert "Satt over til deg" in (await ola.part("/queue")).text
    await ola.post("/duty", to="on")
    assert "Hun spør om tvang." in (await ola.part("/offer")).text
    assert "Tilbys deg" in (await ola.part("/queue")).text
    await ola.post(f"/contact/{mine}/take")
    await ola.post(f"/contact/{mine}/hand-over", to="queue")
    assert (await contact_now(service, mine)).advisor_id is None


async def test_only_colleagues_on_duty_are_offered_for_handing_over(kari: Desk, ola: Desk, mine: int) -> None:
    assert f'<option value="{ola.advisor.id}">' not in (await kari.get(f"/contact/{mine}")).text
    await ola.post("/duty", to="on")
    assert f'<option value="{ola.advisor.id}">Ola Eksempel (På vakt)' in (await kari.get(f"/contact/{mine}")).text


async def test_the_number_is_behind_glass(service: Service, kari: Desk, mine: int) -> None:
    assert "+4790000001" not in (await kari.get(f"/contact/{mine}")).text
    assert (await kari.post(f"/contact/{mine}/number", reason="fordi")).status_code == 200
    assert (await kari.post(f"/contact/{mine}/number", reason=" ")).status_code == 400
    shown = await kari.post(f"/contact/{mine}/number", reason="Sender nødetatene dit.")
    assert "+4790000001" in shown.text
    assert "Kari Eksempel så nummeret (logget)" in (await kari.part(f"/contact/{mine}/course")).text
    async with service.database.reading() as session:
        line = (await access.latest(session))[0]
        assert (line.action, line.advisor_id) == ("shown_number", kari.advisor.id)
        assert access.reason(session, line) == "Sender nødetatene dit."


@pytest.mark.parametrize(
    ("answered", "ending", "says", "first"),
    [
        (False, "busy", ("Fikk ikke svar", "innringeren ble ikke nådd: opptatt"), "callback_failed"),
        (False, "in-some-new-way", ("Fikk ikke svar", "nummeret kunne ikke ringes"), "callback_failed"),
        (True, None, ("Samtalen er over", "Ring igjen"), "callback_done"),
    ],
)
async def test_after_ringing_back_the_page_says_whether_they_were_reached(
    service: Service, kari: Desk, mine: int, answered: bool, ending: str | None, says: tuple[str, ...], first: str
) -> None:
    now: datetime = service.clock.now()
    async with service.database.writing() as session:
        contact = await session.get(Contact, mine)
        assert contact is not None
        contact.channel, contact.wish, contact.state = Channel.PHONE, Wish.CALLBACK, ContactState.WRAP_UP
        contact.answered_at = now if answered else None
        contact.callback_sealed = session.keyring.seal("+4790000001")
        if ending:
            await contacts.append(session, mine, EntryKind.LEG_FAILED, now=now, ending=ending, role="caller")
    page = (await kari.get(f"/contact/{mine}")).text
    for words in says:
        assert words in page
    outcomes = re.findall(r'name="outcome" value="(\w+)"', page)
    assert outcomes[0] == first
    assert ("counselled" in outcomes) == answered


async def test_alarms_are_marked_with_the_reason(kari: Desk, write: Write) -> None:
    contact = await write("Mannen min vil ta livet sitt i natt", handle="501", channel=Channel.TELEGRAM)
    page = (await kari.get(f"/contact/{contact}")).text
    assert re.search(r'<mark data-level="red" title="[^"]+">[^<]*livet[^<]*</mark>', page)
    assert re.search(r"traff linjen [a-z_.]+ i ordlisten", page)
    assert "gjelder en annen" in page


async def test_other_things_than_text_are_named_and_nothing_is_fetched(kari: Desk, write: Write, mine: int) -> None:
    await write("", kind=InboundKind.MEDIA, media="photo")
    assert "Sendte et bilde. Det er ikke hentet." in (await kari.part(f"/contact/{mine}/course")).text


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "{{ 7*7 }}", '"><img src=x onerror=alert(1)>', "\u202eabc"]
)
async def test_a_callers_words_are_only_words(kari: Desk, write: Write, mine: int, words: str) -> None:
    await write(words)
    page = (await kari.get(f"/contact/{mine}")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "49" not in re.findall(r'class="words">([^<]*)</p>', page)


async def test_the_forms_are_drawn_anew_only_when_they_must(kari: Desk, ola: Desk, mine: int) -> None:
    page = (await kari.get(f"/contact/{mine}")).text
    seen = re.search(r'id="composer-seen" name="seen" value="([^"]+)"', page)
    assert seen is not None
    assert (await kari.part(f"/contact/{mine}/composer?seen={seen[1]}")).status_code == 204
    assert (await kari.part(f"/contact/{mine}/closing?seen={seen[1]}")).status_code == 204
    await ola.post(f"/contact/{mine}/take-over")
    changed = await kari.part(f"/contact/{mine}/composer?seen={seen[1]}")
    assert changed.status_code == 200
    assert "Ola Eksempel har denne henvendelsen" in changed.text


async def test_colleagues_see_each_other(service: Service, kari: Desk, ola: Desk, mine: int) -> None:
    await ola.get(f"/contact/{mine}")
    assert "Ola Eksempel ser på denne." in (await kari.part(f"/contact/{mine}/here")).text
    await kari.post(f"/contact/{mine}/draft", text="Hei")
    assert "Kari Eksempel skriver." in (await ola.part(f"/contact/{mine}/here")).text
    service.clock.advance(seconds=30)
    assert "Ola Eksempel" not in (await kari.part(f"/contact/{mine}/here")).text


async def test_knowledge_stands_beside_the_conversation(service: Service, kari: Desk, mine: int) -> None:
    hits = (await kari.part(f"/knowledge?contact={mine}&q=klage på fylkeslegen")).text
    assert "Sett inn i svaret" in hits
    slug = re.search(r"/knowledge/([a-z-]+)\?contact=", hits)
    assert slug is not None
    article = (await kari.part(f"/knowledge/{slug[1]}?contact={mine}")).text
    assert "Kilder" in article
    assert (await kari.post(f"/contact/{mine}/used/{slug[1]}")).status_code == 204
    assert (await contact_now(service, mine)).draft["articles_used"] == [slug[1]]
    assert (await kari.post(f"/contact/{mine}/used/nothing-like-it")).status_code == 404
    assert (await kari.get("/knowledge/nothing-like-it")).status_code == 404
    assert "Fant ingenting" in (await kari.part("/knowledge?q=xyzzyqwrt")).text


async def test_what_is_suggested_follows_what_the_caller_writes(kari: Desk, write: Write, mine: int) -> None:
    path = f"/contact/{mine}/suggested"
    seen = re.search(r'id="suggested-for" name="seen" value="([^"]*)"', (await kari.get(f"/contact/{mine}")).text)
    assert seen is not None
    assert (await kari.part(f"{path}?seen={seen[1]}")).status_code == 204
    await write("Kan jeg klage på et vedtak om tvang?")
    assert "data-article" in (await kari.part(f"{path}?seen={seen[1]}")).text
    assert (await kari.part(path)).status_code == 204
    for beside in ("/knowledge?q=tvang&", "/knowledge/tvang-psykisk-helse?"):
        assert 'name="seen" value="-"' in (await kari.part(f"{beside}contact={mine}")).text


async def test_knowledge_alone_lists_all_articles_and_says_what_nobody_has_reviewed(kari: Desk) -> None:
    page = (await kari.get("/knowledge")).text
    assert "Alle artikler" in page
    assert 'href="/knowledge/tvang-psykisk-helse"' in page
    article = (await kari.get("/knowledge/tvang-psykisk-helse")).text
    assert re.search(r"Datert \d+\. \w+ 20\d\d\. Ikke gjennomgått av en fagperson ennå\.", article)


async def test_the_language_of_a_caller_is_named(kari: Desk, write: Write) -> None:
    contact = await waiting(write, "Hello, I need to talk about my mother", handle="+4790000003")
    for path in ("/queue", f"/contact/{contact}/head"):
        assert '<span class="tag">engelsk</span>' in (await kari.part(path)).text


async def test_links_in_an_article_lead_to_articles(service: Service, kari: Desk) -> None:
    slugs = {article.slug for article in service.house.library.articles}
    page = (await kari.get("/knowledge/tvang-psykisk-helse")).text
    links = re.findall(r'href="/knowledge/([a-z0-9-]+)"', page)
    assert set(links) <= slugs
    assert not re.search(r'href="[a-z0-9-]+"', page)


async def test_the_question_that_follows_a_call_is_let_and_taken_back(service: Service, kari: Desk, mine: int) -> None:
    assert "Spør om vurdering" not in (await kari.get(f"/contact/{mine}/head")).text, "in writing it goes by itself"
    async with service.database.writing() as session:
        contact = await session.get(Contact, mine)
        assert contact is not None
        contact.channel, contact.answered_at = Channel.PHONE, service.clock.now()
    assert "Spør om vurdering etterpå" in (await kari.get(f"/contact/{mine}/head")).text
    drawn = await kari.post(f"/contact/{mine}/evaluation", wanted="yes")
    assert 'aria-pressed="true"' in drawn.text
    assert "angre" in drawn.text
    assert 'aria-pressed="false"' in (await kari.post(f"/contact/{mine}/evaluation", wanted="no")).text
    async with service.database.writing() as session:
        contact = await session.get(Contact, mine)
        assert contact is not None
        contact.state = ContactState.WRAP_UP
        contact.memory = {**contact.memory, "evaluation": "given", "evaluation_keyed": 9}
    assert (await kari.post(f"/contact/{mine}/evaluation", wanted="yes")).status_code == 400
    form = (await kari.get(f"/contact/{mine}/closing")).text
    assert "Innringeren svarte selv: 9 av 10." in form
    assert 'name="evaluation"' not in form
