"""Closing over HTTP: the draft that is always kept, two clicks, and what is refused."""

import pytest
from starlette.datastructures import FormData, UploadFile

from helpline.core.contact import ContactState, EntryKind
from helpline.store import contacts
from helpline.store.tables import Contact, RecordLink
from helpline.store.tables import Record as RecordRow
from helpline.web.record_form import answers_from
from tests.conftest import Service
from tests.web.conftest import Desk, Write, sitting, waiting


@pytest.fixture
async def mine(kari: Desk, write: Write) -> int:
    contact = await waiting(write)
    await kari.post(f"/contact/{contact}/take")
    return contact


async def record_of(service: Service, contact_id: int) -> RecordRow:
    async with service.database.reading() as session:
        link = await session.get(RecordLink, contact_id)
        assert link is not None
        found = await session.get(RecordRow, link.record_id)
        assert found is not None
        return found


async def test_two_clicks_close_and_the_record_is_written(service: Service, kari: Desk, mine: int) -> None:
    await kari.post(f"/contact/{mine}/record", topics=["rights", "coercion"])
    service.clock.advance(minutes=10)
    answer = await kari.post(f"/contact/{mine}/close", outcome="counselled", topics=["rights", "coercion"])
    assert answer.headers["hx-push-url"] == "/"
    found = await record_of(service, mine)
    assert (found.outcome, found.topics, found.handled_seconds) == ("counselled", ["rights", "coercion"], 600)
    assert "Lukket" in (await kari.get(f"/contact/{mine}")).text


async def test_what_is_filled_in_is_kept_from_the_first_second(service: Service, kari: Desk, mine: int) -> None:
    form = {"topics": "rights", "relation": "mother", "county": "03", "asked_what_matters": "yes", "letters": "2"}
    assert "Lagret kl. 11.00" in (await kari.post(f"/contact/{mine}/record", **form)).text
    page = (await kari.get(f"/contact/{mine}")).text
    assert '<option value="mother" selected>' in page
    assert 'name="topics" value="rights" checked' in page
    await kari.post(f"/contact/{mine}/record")
    page = (await kari.get(f"/contact/{mine}")).text
    assert '<option value="mother" selected>' not in page
    assert 'name="topics" value="rights" checked' not in page


async def test_a_municipality_says_its_county(service: Service, kari: Desk, mine: int) -> None:
    saved = await kari.post(f"/contact/{mine}/record", topics="rights", relation="mother", municipality="Narnia")
    assert "Vi kjenner ikke kommunen «Narnia»" in saved.text
    assert '<option value="mother" selected>' in (await kari.get(f"/contact/{mine}")).text, "the rest is kept"
    assert "kommunen" not in (await kari.post(f"/contact/{mine}/record", municipality=" herøy (nordland) ")).text
    page = (await kari.get(f"/contact/{mine}")).text
    assert 'value="Herøy (Nordland)"' in page
    assert '<option value="18" selected>' in page
    given = {"outcome": "counselled", "topics": "rights", "municipality": "Herøy (Nordland)"}
    refused = await kari.post(f"/contact/{mine}/close", **given, county="15")
    assert (refused.status_code, "Herøy ligger i Nordland" in refused.text) == (400, True)
    await kari.post(f"/contact/{mine}/close", **given)
    found = await record_of(service, mine)
    assert (found.county, found.municipality) == ("18", "1818")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Velg hvordan"),
        ({"outcome": "abandoned", "topics": "rights"}, "Velg hvordan"),
        ({"outcome": "nonsense"}, "Velg hvordan"),
        ({"outcome": "counselled"}, "minst ett tema"),
    ],
)
async def test_what_cannot_be_closed_so_is_said(
    service: Service, kari: Desk, mine: int, form: dict[str, str], says: str
) -> None:
    answer = await kari.post(f"/contact/{mine}/close", **form)
    assert answer.status_code == 400
    assert says in answer.text
    async with service.database.reading() as session:
        found = await session.get(Contact, mine)
        assert found is not None
        assert found.state is ContactState.ACTIVE


async def test_not_counselling_takes_one_click_and_says_no_goodbye(service: Service, kari: Desk, mine: int) -> None:
    async with service.database.reading() as session:
        before = (await contacts.entries(session, mine))[-1].id
    assert "Ved «Ikke rådgivning» sendes den ikke." in (await kari.get(f"/contact/{mine}")).text
    assert (await kari.post(f"/contact/{mine}/close", outcome="non_counselling", goodbye="yes")).status_code == 200
    async with service.database.reading() as session:
        course = await contacts.entries(session, mine)
    assert [entry for entry in course if entry.kind is EntryKind.TEXT_OUT and entry.id > before] == []
    assert (await record_of(service, mine)).outcome == "non_counselling"


async def test_what_was_closed_is_said_and_can_be_looked_at(service: Service, kari: Desk, ola: Desk, mine: int) -> None:
    answer = await kari.post(f"/contact/{mine}/close", outcome="counselled", topics="rights")
    said = answer.text.partition('hx-swap-oob="innerHTML:#said"')[2]
    assert "Lukket: " in said
    assert f'href="/contact/{mine}"' in said
    # It is not said again, but stands in the list, for whoever closed it and for a day.
    home = (await kari.get("/")).text
    assert "hx-swap-oob" not in home
    assert "Lukket av deg det siste døgnet" in home
    assert f'href="/contact/{mine}"' in home
    assert "Lukket av deg" not in (await ola.get("/")).text
    page = await kari.get(f"/contact/{mine}")
    assert page.status_code == 200
    assert f'action="/contact/{mine}/close"' not in page.text
    service.clock.advance(hours=24, seconds=1)
    async with sitting(service, kari.advisor) as again:
        assert "Lukket av deg" not in (await again.get("/")).text


async def test_what_ended_by_itself_was_closed_by_nobody(kari: Desk, write: Write, mine: int) -> None:
    await write("SLETT")
    assert "Lukket av deg" not in (await kari.get("/")).text


async def test_another_outcome_comes_from_the_list(service: Service, kari: Desk, mine: int) -> None:
    await kari.post(f"/contact/{mine}/close", outcome="", other_outcome="no_reply")
    assert (await record_of(service, mine)).outcome == "no_reply"


async def test_only_whoever_has_it_closes_and_only_once(service: Service, kari: Desk, ola: Desk, mine: int) -> None:
    form = {"outcome": "counselled", "topics": "rights"}
    assert (await ola.post(f"/contact/{mine}/close", **form)).status_code == 409
    assert (await ola.post(f"/contact/{mine}/record", topics="rights")).status_code == 409
    assert (await kari.post(f"/contact/{mine}/close", **form)).status_code == 200
    assert (await kari.post(f"/contact/{mine}/close", **form)).status_code == 409
    assert await record_of(service, mine)


async def test_only_emergency_numbers_given_is_an_outcome_where_they_were(
    service: Service, kari: Desk, write: Write
) -> None:
    ordinary, red = await waiting(write), await write("Han ligger livløs og puster ikke", handle="+4790000002")
    for contact in (ordinary, red):
        await kari.post(f"/contact/{contact}/take")
    words = "Fikk nødnummer automatisk, ingen rådgiver</option>"
    assert words in (await kari.get(f"/contact/{red}")).text
    assert words not in (await kari.get(f"/contact/{ordinary}")).text

    refused = await kari.post(f"/contact/{ordinary}/close", other_outcome="emergency_advised")
    assert (refused.status_code, "Velg hvordan" in refused.text) == (400, True)
    assert (await kari.post(f"/contact/{red}/close", other_outcome="emergency_advised")).status_code == 200
    assert (await record_of(service, red)).outcome == "emergency_advised"
    assert "Lukket: fikk nødnummer automatisk, ingen rådgiver." in (await kari.get(f"/contact/{red}")).text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([("relation", "mother")], {"relation": "mother"}),
        ([("relation", "nonsense")], {"relation": None}),
        ([("relation", "unknown")], {"relation": "unknown"}),
        ([("topics", "rights"), ("topics", "rights"), ("topics", "x")], {"topics": ["rights"]}),
        ([("county", "03")], {"county": "03"}),
        ([("county", "00")], {"county": None}),
        ([("asked_what_matters", "no")], {"asked_what_matters": False}),
        ([], {"asked_what_matters": None, "topics": [], "letters": None}),
        ([("letters", "3"), ("evaluation", "11")], {"letters": 3, "evaluation": None}),
        ([("letters", "-1"), ("evaluation", "³")], {"letters": None, "evaluation": None}),
    ],
)
def test_the_form_says_only_codes(given: list[tuple[str, str | UploadFile]], kept: dict[str, object]) -> None:
    answers = answers_from(FormData(given), {"articles_used": ["tvang-rus"]})
    assert {name: answers[name] for name in kept} == kept
    assert answers["articles_used"] == ["tvang-rus"]
