"""The rights guide beside a contact: the result follows the answers, the draft is sealed, the record says so."""

import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from helpline.desk import answer_rights
from helpline.store import drafts
from helpline.store.tables import Draft, DraftKind
from tests.conftest import Service
from tests.web.conftest import Desk, Write, waiting
from tests.web.test_contact import contact_now
from tests.web.test_rights_page import DAUGHTER, answered, perhaps_of, rights_of


@pytest.fixture
async def mine(kari: Desk, write: Write) -> int:
    """A contact that Kari has."""
    contact = await waiting(write)
    assert (await kari.post(f"/contact/{contact}/take")).status_code == 200
    return contact


def form_of(answers: dict[str, Any], base: str = "relation person_age need illness children county") -> dict[str, Any]:
    """The form as htmx sends it when these have been answered."""
    return {"base": base, "shown": [base, *answers], **{f"q_{name}": value for name, value in answers.items()}}


async def kept(service: Service, contact_id: int) -> dict[str, Any]:
    async with service.database.reading() as session:
        return (await answer_rights.begun(session, contact_id, now=service.clock.now()))[1]


async def test_the_panel_is_fetched_when_it_is_looked_at(kari: Desk, mine: int) -> None:
    page = (await kari.get(f"/contact/{mine}")).text
    assert re.search(rf'hx-get="/contact/{mine}/rights" hx-trigger="intersect once"', page)
    panel = (await kari.part(f"/contact/{mine}/rights")).text
    assert "<html" not in panel
    assert "Hvem er du for den som er syk eller trenger hjelp?" in panel
    assert rights_of(panel) == []


async def test_the_result_follows_each_answer_and_new_questions_come_up(
    service: Service, kari: Desk, mine: int
) -> None:
    first = (await kari.post(f"/contact/{mine}/rights", **form_of({"relation": "child", "person_age": "age_67"}))).text
    assert 'id="rights-more" hx-swap-oob' in first
    assert 'name="q_my_age"' in first
    assert 'name="q_relation"' not in first
    some = {"relation": "child", "person_age": "age_67", "need": ["leave"], "my_age": "adult"}
    second = (await kari.post(f"/contact/{mine}/rights", **form_of(some))).text
    assert 'name="q_working"' in second
    assert "ten_days_leave" in perhaps_of(second)
    # What stands there already is left alone under the advisor's hands.
    whole = {**some, "agrees": "cannot", "nearest": "nearest", "working": "employed"}
    third = (await kari.post(f"/contact/{mine}/rights", **form_of(whole))).text
    assert 'id="rights-more"' not in third
    assert re.search(
        r'<p id="rights-count" hx-swap-oob="innerHTML"><a href="#rights-found">\d+ gjelder, \d+ kan', third
    )
    assert "ten_days_leave" in rights_of(third)
    assert await kept(service, mine) == whole


async def test_a_rights_short_text_goes_into_the_reply_and_counts(service: Service, kari: Desk, mine: int) -> None:
    found = (await kari.post(f"/contact/{mine}/rights", **form_of(DAUGHTER))).text
    right = service.house.rights.right("ten_days_leave", service.clock.now().date())
    buttons = dict(re.findall(r'data-inserts="([^"]+)" data-used="([^"]+)"', found))
    used = buttons[right.short["nb"]]
    assert used == f"/contact/{mine}/used/{right.article}"
    assert (await kari.post(used)).status_code == 204
    draft = (await contact_now(service, mine)).draft
    assert draft["articles_used"] == ["pleiepenger-og-permisjon"]
    assert "rights" in draft["topics"]


async def test_the_advisor_goes_on_where_the_caller_stopped(service: Service, kari: Desk, mine: int) -> None:
    async with service.database.writing() as session:
        await drafts.begin(
            session,
            contact_id=mine,
            kind=DraftKind.RIGHTS,
            language="nb",
            now=service.clock.now(),
            answers={"relation": "parent", "person_age": "age_18_66", "need": ["compulsion"]},
        )
    panel = (await kari.part(f"/contact/{mine}/rights")).text
    assert re.search(r'name="q_relation" value="parent"\s+checked', panel)
    assert "Det som er svart før, står her." in panel
    assert rights_of(panel)
    await kari.post(f"/contact/{mine}/rights", **form_of({"illness": ["mental"]}, base="illness"))
    assert await kept(service, mine) == {
        "relation": "parent",
        "person_age": "age_18_66",
        "need": ["compulsion"],
        "illness": ["mental"],
    }
    async with service.database.reading() as session:
        assert len(list(await session.scalars(select(Draft)))) == 1


async def test_the_answers_are_sealed_and_gone_after_three_days(service: Service, kari: Desk, mine: int) -> None:
    await kari.post(f"/contact/{mine}/rights", **form_of(DAUGHTER))
    async with service.database.reading() as session:
        (draft,) = list(await session.scalars(select(Draft)))
        assert b"dementia" not in draft.answers
        assert json.loads(session.keyring.open(draft.answers))["illness"] == ["dementia"]
    service.clock.advance(hours=71)
    assert await kept(service, mine) == DAUGHTER
    service.clock.advance(hours=2)
    assert await kept(service, mine) == {}
    async with service.database.writing() as session:
        await drafts.forget_expired(session, now=service.clock.now())
    async with service.database.reading() as session:
        assert list(await session.scalars(select(Draft))) == []


async def test_another_advisor_sees_the_result_but_cannot_answer(
    service: Service, kari: Desk, ola: Desk, mine: int
) -> None:
    await kari.post(f"/contact/{mine}/rights", **form_of(DAUGHTER))
    panel = (await ola.part(f"/contact/{mine}/rights")).text
    assert "ten_days_leave" in rights_of(panel)
    assert "Bare den som har henvendelsen, kan svare her." in panel
    assert "<form" not in panel
    assert "data-inserts" not in panel
    refused = await ola.post(f"/contact/{mine}/rights", **form_of({"relation": "friend"}))
    assert (refused.status_code, "ikke lenger din" in refused.text) == (409, True)
    assert await kept(service, mine) == DAUGHTER


async def test_it_works_without_scripts_as_a_page_of_its_own(service: Service, kari: Desk, mine: int) -> None:
    page = (await kari.get(f"/contact/{mine}/rights")).text
    assert f'href="/contact/{mine}"' in page
    sent = await kari.http.post(f"/contact/{mine}/rights", data={"csrf": kari.csrf, **form_of(DAUGHTER)})
    assert "<html" in sent.text
    assert "ten_days_leave" in rights_of(sent.text)


async def test_nobody_comes_in_without_a_sign_in_or_a_token(service: Service, kari: Desk, mine: int) -> None:
    assert (await service.http.get(f"/contact/{mine}/rights")).status_code == 303
    forged = await kari.http.post(f"/contact/{mine}/rights", data=form_of(DAUGHTER))
    assert forged.status_code == 403
    assert (await kari.get("/contact/99999/rights")).status_code == 404
    assert await kept(service, mine) == {}


async def test_what_cannot_be_an_answer_is_not_kept(service: Service, kari: Desk, mine: int) -> None:
    await kari.post(f"/contact/{mine}/rights", **form_of({"relation": "king", "person_age": "age_67"}))
    assert await kept(service, mine) == {"person_age": "age_67"}


async def test_page_and_console_find_the_same(service: Service, kari: Desk, mine: int) -> None:
    panel = (await kari.post(f"/contact/{mine}/rights", **form_of(DAUGHTER))).text
    public = (await answered(service.http, DAUGHTER)).text
    assert rights_of(panel) == rights_of(public)
    assert perhaps_of(panel) == perhaps_of(public)
    for words in service.house.rights.right("nursing_home", service.clock.now().date()).means.values():
        assert (words in unescape(panel)) == (words in unescape(public))
