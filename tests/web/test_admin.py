"""Administration over HTTP: who may, what is changed, what is said when it cannot be."""

import json
import re
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from helpline.core.duty import Duty, Role
from helpline.desk import staff
from helpline.store import access
from helpline.store.tables import Advisor
from tests.conftest import Service
from tests.web.conftest import Desk, hire, next_event, sitting


@pytest.fixture
async def eik(service: Service) -> AsyncIterator[Desk]:
    """An administrator."""
    async with sitting(service, await hire(service, "Eik Eksempel", role=Role.ADMIN)) as desk:
        yield desk


async def send(desk: Desk, path: str, **form: str) -> httpx.Response:
    """A form as a browser without scripts sends it, following the way back."""
    return await desk.http.post(path, data=form | {"csrf": desk.csrf}, follow_redirects=True)


async def logged(service: Service) -> list[tuple[str, int | None]]:
    async with service.database.reading() as session:
        return [(line.action, line.advisor_id) for line in await access.latest(session)]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.ADVISOR, set()),
        (Role.MANAGER, {"roster", "articles", "gaps", "log"}),
        (Role.ADMIN, {"roster", "advisors", "hours", "tokens", "articles", "gaps", "log"}),
    ],
)
async def test_each_role_sees_its_own_pages(service: Service, role: Role, allowed: set[str]) -> None:
    async with sitting(service, await hire(service, "Rogn Eksempel", role=role)) as desk:
        for section in ("roster", "advisors", "hours", "tokens", "articles", "gaps", "log"):
            answer = await desk.get(f"/admin/{section}")
            assert answer.status_code == (200 if section in allowed else 403), section
            if section in allowed:
                menu = set(re.findall(r'href="/admin/(\w+)"', answer.text.split("</nav>")[1]))
                assert menu == allowed
        start = await desk.get("/admin")
        assert start.status_code == (303 if allowed else 403)
        if role is not Role.ADMIN:
            assert (await send(desk, "/admin/hours/close", closing_reason="Nei")).status_code == 403
            assert (await send(desk, "/admin/tokens", name="x", role="admin")).status_code == 403


FORMS = (
    "/admin/roster/add",
    "/admin/roster/copy",
    "/admin/advisors",
    "/admin/advisors/1/password",
    "/admin/hours/week",
    "/admin/hours/day",
    "/admin/hours/close",
    "/admin/hours/open",
    "/admin/tokens",
    "/admin/tokens/1/revoke",
)


async def test_no_form_is_taken_without_its_token(service: Service, eik: Desk) -> None:
    for path in FORMS:
        assert (await eik.http.post(path, data={})).status_code == 403, path
    assert await logged(service) == []


async def test_an_advisor_is_added_with_a_password_that_is_shown_once(service: Service, eik: Desk) -> None:
    form = {"email": "selje@example.org", "name": "Selje", "role": "advisor", "phone": "900 00 102", "language": "nb"}
    answer = await send(eik, "/admin/advisors", **form)
    found = re.search(r'class="secret"[^>]*>([^<]+)<', answer.text)
    assert found is not None
    assert answer.headers["cache-control"] == "no-store"
    assert found[1] not in (await eik.get("/admin/advisors")).text
    entered = await service.http.post("/sign-in", data={"email": "selje@example.org", "password": found[1]})
    assert entered.status_code == 303
    assert await logged(service) == [("advisor_added", eik.advisor.id)]


async def test_a_form_that_cannot_be_taken_says_why_and_keeps_what_was_written(service: Service, eik: Desk) -> None:
    form = {"email": "selje@example.org", "name": "Selje", "role": "manager", "phone": "113", "language": "en"}
    answer = await send(eik, "/admin/advisors", **form)
    assert answer.status_code == 400
    assert "«113» er ikke et gyldig telefonnummer" in answer.text
    for kept in ('value="selje@example.org"', 'value="Selje"', 'value="113"', 'value="manager" selected'):
        assert kept in answer.text, kept
    for wrong, sentence in (({"role": "boss"}, "Velg en rolle"), ({"language": "xx"}, "Velg et språk")):
        answer = await send(eik, "/admin/advisors", **(form | {"phone": ""} | wrong))
        assert answer.status_code == 400
        assert sentence in answer.text
    async with service.database.reading() as session:
        assert [member.name for member in await staff.members(session)] == ["Eik Eksempel"]


async def test_an_advisor_is_changed_closed_and_given_a_new_password(service: Service, eik: Desk, kari: Desk) -> None:
    page = f"/admin/advisors/{kari.advisor.id}"
    assert 'value="90 00 01 01"' in (await eik.get(page)).text
    form = {"name": "Kari Ny", "role": "manager", "phone": "", "language": "nn", "active": "yes"}
    assert "Endringen er lagret" in (await send(eik, page, **form)).text
    assert (await kari.get("/admin/roster")).status_code == 200, "the new role holds at once"

    answer = await send(eik, f"{page}/password")
    assert 'class="secret"' in answer.text
    assert (await kari.get("/")).status_code == 303, "signed out"

    form.pop("active")
    await send(eik, page, **form)
    assert "Stengt ute" in (await eik.get("/admin/advisors")).text
    answer = await send(eik, f"/admin/advisors/{eik.advisor.id}", name="Eik", role="advisor", phone="", active="yes")
    assert answer.status_code == 400
    assert "minst én aktiv administrator" in answer.text
    assert (await eik.get("/admin/advisors/99999")).status_code == 404
    assert [action for action, _ in await logged(service)] == ["advisor_changed", "password_reset", "advisor_changed"]


async def test_the_roster_shows_duty_shifts_and_gaps(service: Service, eik: Desk, kari: Desk) -> None:
    form = {"advisor": str(kari.advisor.id), "day": "2026-11-24", "hours": "10-14"}
    answer = await send(eik, "/admin/roster/add", **form)
    assert "Vakten er satt opp" in answer.text
    assert "Mangler 14.00–15.00" in answer.text
    # Open five hours on seven days, four of them taken.
    assert "til sammen 31 timer" in answer.text

    answer = await send(eik, "/admin/roster/add", **form)
    assert answer.status_code == 400
    assert "har den vakten allerede" in answer.text
    assert 'value="10-14"' in answer.text
    for wrong in ({"hours": "snart"}, {"day": "i morgen"}, {"advisor": "x"}, {"advisor": "99999"}):
        answer = await send(eik, "/admin/roster/add", **(form | wrong))
        assert answer.status_code in (400, 404)
        assert 'id="problem"' in answer.text

    await send(eik, "/admin/roster/copy", week="2026-11-30")
    page = await eik.get("/admin/roster?week=2026-12-02")
    removes = re.findall(r'action="(/admin/roster/\d+/remove)"', page.text)
    assert len(removes) == 1
    answer = await send(eik, removes[0], week="2026-11-30")
    assert "Vakten er fjernet" in answer.text
    assert removes[0] not in answer.text
    assert (await send(eik, removes[0], week="2026-11-30")).status_code == 404

    assert "Ingen er på vakt nå" in answer.text
    async with service.database.writing() as session:
        found = await session.get(Advisor, kari.advisor.id)
        assert found is not None
        found.duty = Duty.PAUSE
    assert "Kari Eksempel" in (await eik.get("/admin/roster?week=2027-02-01")).text
    assert (await eik.get("/admin/roster?week=snart")).status_code == 400
    assert [action for action, _ in await logged(service)] == ["shift_removed", "week_copied", "shift_added"]


async def test_the_opening_hours_of_the_week_are_set(service: Service, eik: Desk) -> None:
    page = await eik.get("/admin/hours")
    assert page.text.count('value="10.00–15.00"') == 7
    assert "Åpent nå" in page.text
    week = {"day-0": "12-14, 18–20", "day-4": "22–02"}
    answer = await send(eik, "/admin/hours/week", **week)
    assert "Åpningstidene er lagret" in answer.text
    assert "Stengt nå" in answer.text
    assert 'value="12.00–14.00, 18.00–20.00"' in answer.text

    answer = await send(eik, "/admin/hours/week", **(week | {"day-2": "tolv"}))
    assert answer.status_code == 400
    assert "Onsdag: «tolv» er ikke et tidsrom" in answer.text
    assert re.search(r'name="day-2" value="tolv"[^>]*aria-invalid="true"', answer.text)
    assert 'value="12-14, 18–20"' in answer.text
    assert await logged(service) == [("hours_changed", eik.advisor.id)]


async def test_an_exceptional_day_is_set_and_removed(service: Service, eik: Desk) -> None:
    form = {"day": "2026-12-24", "hours": "", "reason": "God jul! Vi er tilbake 28. desember."}
    answer = await send(eik, "/admin/hours/day", **form)
    assert "Dagen er satt opp" in answer.text
    assert "God jul!" in answer.text
    for wrong, sentence in (
        ({"day": "2026-01-01"}, "passert"),
        ({"day": "jul"}, "ikke en dato"),
        ({"hours": "10-11, 12-13"}, "ett tidsrom"),
        ({"reason": ""}, "kort grunn"),
    ):
        answer = await send(eik, "/admin/hours/day", **(form | wrong))
        assert answer.status_code == 400
        assert sentence in answer.text
    answer = await send(eik, f"/admin/hours/day/{date(2026, 12, 24)}/remove")
    assert "vanlige uken igjen" in answer.text
    assert "Ingen kommende dager" in answer.text


async def test_the_service_is_closed_at_once_and_opened_again(service: Service, eik: Desk) -> None:
    answer = await send(eik, "/admin/hours/close", closing_reason="Strømbrudd <her>", until="2026-11-23T14:30")
    assert "Stengt nå" in answer.text
    assert "Strømbrudd &lt;her&gt;" in answer.text
    assert "kl. 14.30" in answer.text
    assert (await service.http.get("/health/ready")).json()["open"] is False
    service.clock.advance(minutes=1)
    answer = await send(eik, "/admin/hours/open")
    assert "Åpent nå" in answer.text
    for wrong, sentence in (({"until": "2026-11-22T10:00"}, "passert"), ({"until": "siden"}, "ikke et tidspunkt")):
        answer = await send(eik, "/admin/hours/close", closing_reason="Kurs", **wrong)
        assert answer.status_code == 400
        assert sentence in answer.text
        assert 'value="Kurs"' in answer.text


async def test_an_emergency_closing_reaches_the_open_pages(service: Service, eik: Desk, kari: Desk) -> None:
    async with kari.http.stream("GET", "/live") as stream:
        lines = stream.aiter_lines()
        assert (await next_event(lines))["event"] == "hello"
        assert "stengt" not in (await kari.part("/closure")).text
        await send(eik, "/admin/hours/close", closing_reason="Telefonen er nede", until="2026-11-23T13:00")
        assert json.loads((await next_event(lines))["data"])["topic"] == "hours"
        shown = " ".join((await kari.part("/closure")).text.split())
        assert (
            "<strong>Linjen er stengt:</strong> Telefonen er nede. Det gjelder til mandag 23. november kl. 13.00."
            in shown
        )
        assert "Tjenesten er stengt." in (await kari.part("/opening")).text

        service.clock.advance(minutes=1)
        await send(eik, "/admin/hours/open")
        assert json.loads((await next_event(lines))["data"])["topic"] == "hours"
    assert (await kari.part("/closure")).text.strip() == ""
    assert "Tjenesten er åpen" in (await kari.part("/opening")).text


async def test_a_key_is_made_shown_once_and_withdrawn(service: Service, eik: Desk) -> None:
    answer = await send(eik, "/admin/tokens", name="Styringspanel", role="manager")
    found = re.search(r'class="secret"[^>]*>([^<]+)<', answer.text)
    assert found is not None
    headers = {"Authorization": f"Bearer {found[1]}"}
    assert (await service.http.get("/api/v1/queue", headers=headers)).status_code == 200
    page = await eik.get("/admin/tokens")
    assert found[1] not in page.text
    again = await send(eik, "/admin/tokens", name="Styringspanel", role="manager")
    assert again.status_code == 400
    assert "finnes alt en nøkkel" in again.text
    revoke = re.search(r'action="(/admin/tokens/\d+/revoke)"', page.text)
    assert revoke is not None
    assert "Nøkkelen er trukket tilbake" in (await send(eik, revoke[1])).text
    assert (await service.http.get("/api/v1/queue", headers=headers)).status_code == 401


async def test_the_access_log_says_who_did_what_in_words(service: Service, eik: Desk) -> None:
    await send(eik, "/admin/hours/close", closing_reason="Strømbrudd")
    async with service.database.writing() as session:
        await access.log(session, now=service.clock.now(), action="something_new", advisor_id=None, contact_id=7)
    text = (await eik.get("/admin/log")).text
    for words in ("Stengte tjenesten", "Eik Eksempel", "something_new", "Henvendelse 7", "kommandolinjen"):
        assert words in text, words
    async with service.database.writing() as session:
        found = await session.get(Advisor, eik.advisor.id)
        assert found is not None
        found.language = "en"
    assert "Closed the service" in (await eik.get("/admin/log")).text
