"""The public rights guide over HTTP: from the first question to the rights, in three languages, with nothing kept."""

import re
from datetime import date
from html import unescape
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from helpline.guidance.reading import LANGUAGES
from helpline.store.tables import Draft
from tests.conftest import Service

DAUGHTER = {
    "relation": "child",
    "my_age": "adult",
    "person_age": "age_67",
    "need": ["help", "leave"],
    "illness": ["dementia"],
    "agrees": "cannot",
    "nearest": "nearest",
    "children": ["none"],
    "working": "employed",
    "county": "46",
}


def hidden(page: str, form: int = -1) -> dict[str, list[str]]:
    """The unseen fields of one of a page's forms."""
    body = re.findall(r"<form.*?</form>", page, re.DOTALL)[form]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body):
        found.setdefault(name, []).append(unescape(value))
    return found


def asked(page: str) -> list[str]:
    """The questions that stand on a page to be answered."""
    return re.findall(r'<(?:fieldset class="question"|select class="ds-input") id="([a-z_]+)"', page)


def rights_of(page: str) -> list[str]:
    return re.findall(r'data-right="([a-z_]+)"', page)


def perhaps_of(page: str) -> list[str]:
    return re.findall(r'data-perhaps="([a-z_]+)"', page)


async def answered(
    http: httpx.AsyncClient, answers: dict[str, Any], *, language: str = "nb", on: str = ""
) -> httpx.Response:
    """Walk through the form as a browser without scripts does, until the rights stand there."""
    page = await http.get("/rights", params={"language": language, "on": on})
    for _ in range(5):
        assert page.status_code == 200, page.text
        if not asked(page.text):
            return page
        form: dict[str, Any] = hidden(page.text)
        for name in asked(page.text):
            form[f"q_{name}"] = answers.get(name) or []
        page = await http.post("/rights", data=form)
    raise AssertionError("the questions never end")


async def test_a_daughter_without_scripts_comes_to_her_rights(service: Service) -> None:
    first = await service.http.get("/rights?language=nb")
    assert asked(first.text) == ["relation", "person_age", "need", "illness", "children", "county"]
    page = (await answered(service.http, DAUGHTER)).text
    found = service.house.rights.apply(DAUGHTER, service.clock.now().date())
    assert rights_of(page) == [right.id for right in found.applies]
    assert perhaps_of(page) == [one.right.id for one in found.may_apply]
    assert {"ten_days_leave", "nursing_home", "care_allowance"} <= set(rights_of(page))
    assert 'href="https://lovdata.no/lov/2005-06-17-62/§12-10"' in page
    assert "lest 2. juli 2026" in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_speaks_the_language_and_shows_emergency_numbers_and_the_advisor(
    service: Service, language: str
) -> None:
    for page in (
        (await service.http.get(f"/rights?language={language}")).text,
        (await answered(service.http, DAUGHTER, language=language)).text,
    ):
        assert f'<html lang="{language}"' in page
        for number in ("113", "112", "116117", "116111", "21525353"):
            assert f'href="tel:{number}"' in page
        assert page.index("tel:113") < page.index("<h1")
        assert "<script" not in page
        assert "{" not in re.sub(r"<[^>]+>", "", page)
    right = service.house.rights.right("ten_days_leave", service.clock.now().date())
    assert right.title[language] in unescape(page)


async def test_the_browsers_language_is_met(service: Service) -> None:
    for wanted, language in (("nn-NO,nb;q=0.8", "nn"), ("pl", "en"), ("no", "nb"), ("", "nb")):
        page = await service.http.get("/rights", headers={"Accept-Language": wanted})
        assert f'<html lang="{language}"' in page.text


async def test_the_language_can_be_changed_on_the_way_without_losing_answers(service: Service) -> None:
    page = (await answered(service.http, DAUGHTER)).text
    turned = await service.http.post("/rights", data=hidden(page, 0) | {"to": "nn"})
    assert '<html lang="nn"' in turned.text
    assert rights_of(turned.text) == rights_of(page)


async def test_answers_can_be_changed_and_stand_there_still(service: Service) -> None:
    page = (await answered(service.http, DAUGHTER)).text
    again = (await service.http.post("/rights", data=hidden(page) | {"stage": "change"})).text
    assert asked(again) == [name for name in DAUGHTER]
    assert re.search(r'name="q_need" value="leave"\s+checked', again)
    form = {**hidden(again), **{f"q_{name}": value for name, value in DAUGHTER.items()}, "q_working": "not_working"}
    changed = (await service.http.post("/rights", data=form)).text
    assert "ten_days_leave" in rights_of(page)
    assert "ten_days_leave" not in rights_of(changed)


async def test_a_missing_answer_is_named_and_nothing_else_is_lost(service: Service) -> None:
    first = await service.http.get("/rights?language=nb")
    form = hidden(first.text) | {"q_relation": ["parent"], "q_need": ["help"]}
    refused = await service.http.post("/rights", data=form)
    assert refused.status_code == 400
    assert 'href="#person_age"' in refused.text
    assert "Dette må vi vite for å gå videre." in refused.text
    assert re.search(r'name="q_relation" value="parent"\s+checked', refused.text)


async def test_what_was_not_sent_by_our_form_is_refused_in_words(service: Service) -> None:
    first = await service.http.get("/rights?language=en")
    wrong = hidden(first.text) | {"q_relation": ["king"], "q_person_age": ["age_67"], "q_need": ["help"]}
    refused = await service.http.post("/rights", data=wrong)
    assert (refused.status_code, "Choose one of the answers." in refused.text) == (400, True)
    large = await service.http.post("/rights", data={"q_relation": "x" * 30_000})
    assert (large.status_code, "for stort" in large.text) == (400, True)


async def test_not_knowing_is_an_answer_and_leads_to_an_advisor(service: Service) -> None:
    page = (
        await answered(
            service.http, {"relation": "friend", "my_age": "adult", "person_age": "unknown", "need": ["unknown"]}
        )
    ).text
    assert "Det meste kommer an på noe vi ikke vet ennå." in page
    assert "Hvor gammel er den som er syk?" in page
    assert perhaps_of(page)


async def test_the_law_of_another_day_can_be_asked_for(service: Service) -> None:
    answers = {
        "relation": "parent",
        "person_age": "age_18_66",
        "need": ["information"],
        "illness": ["mental_danger"],
        "nearest": "nearest",
    }
    before = (await answered(service.http, answers, on="2026-05-31")).text
    after = (await answered(service.http, answers, on="2026-06-01")).text
    assert "31. mai 2026" in before
    assert "information_danger_to_others" not in rights_of(before)
    assert "information_danger_to_others" in rights_of(after)


async def test_nothing_is_kept_and_no_cookie_is_set(service: Service) -> None:
    page = await answered(service.http, DAUGHTER)
    assert not service.http.cookies
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    async with service.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Draft)) == 0


async def test_everything_can_be_opened_for_printing(service: Service) -> None:
    page = (await answered(service.http, DAUGHTER)).text
    assert re.search(r'<details class="right" data-right="[a-z_]+" >', page)
    whole = (await service.http.post("/rights", data=hidden(page) | {"stage": "all"})).text
    assert rights_of(whole) == rights_of(page)
    assert len(re.findall(r"<details [^>]*open>", whole)) == len(re.findall(r"<details ", whole)) > 0


def test_the_day_of_the_clock_is_in_our_rules(service: Service) -> None:
    assert service.house.rights.first_day <= service.clock.now().date() <= date(2027, 5, 22)
