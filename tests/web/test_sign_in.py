"""Signing in and out: who comes in, who is kept waiting, and what the cookie looks like."""

import httpx
import pytest

from helpline.core.codes import Channel
from helpline.core.contact import ContactState
from helpline.core.duty import Role
from helpline.desk import sign_in
from helpline.errors import HelplineError
from helpline.store import sign_ins
from helpline.store.tables import Advisor, Contact
from helpline.web.guard import cookie_name
from tests.conftest import PASSWORD, Service, settings_for
from tests.web.conftest import Desk, Write, hire, sitting, waiting


async def try_to_enter(service: Service, email: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await service.http.post("/sign-in", data={"email": email, "password": password, **more})


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(service: Service) -> None:
    answer = await service.http.get("/contact/7")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/contact/7"
    advisor = await hire(service, "Kari Eksempel")
    answer = await try_to_enter(service, advisor.email.upper(), next="/knowledge")
    assert (answer.status_code, answer.headers["location"]) == (303, "/knowledge")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
async def test_nobody_is_led_elsewhere_after_signing_in(service: Service, elsewhere: str) -> None:
    advisor = await hire(service, "Kari Eksempel")
    answer = await try_to_enter(service, advisor.email, next=elsewhere)
    assert answer.headers["location"] == "/"


async def test_unknown_wrong_and_closed_get_the_same_answer(service: Service) -> None:
    known = await hire(service, "Kari Eksempel")
    closed = await hire(service, "Ola Eksempel")
    async with service.database.writing() as session:
        found = await session.get(Advisor, closed.id)
        assert found is not None
        found.active = False
    for email, password in (
        (known.email, "feil passord her"),
        ("ingen@example.org", PASSWORD),
        (closed.email, PASSWORD),
    ):
        answer = await try_to_enter(service, email, password)
        assert answer.status_code == 403
        assert sign_in.REFUSED in answer.text
        assert "set-cookie" not in answer.headers


async def test_many_attempts_wait_and_the_sentence_says_how_long(service: Service) -> None:
    advisor = await hire(service, "Kari Eksempel")
    for _ in range(sign_in.MOST_BY_EMAIL):
        assert (await try_to_enter(service, advisor.email, "feil passord")).status_code == 403
        service.clock.advance(seconds=30)
    answer = await try_to_enter(service, advisor.email)
    assert answer.status_code == 429
    assert "Vent 13 minutter" in answer.text
    service.clock.advance(minutes=13)
    assert (await try_to_enter(service, advisor.email)).status_code == 303


async def test_the_right_password_forgives_earlier_attempts(service: Service) -> None:
    advisor = await hire(service, "Kari Eksempel")
    for _ in range(3):
        for _ in range(sign_in.MOST_BY_EMAIL - 1):
            assert (await try_to_enter(service, advisor.email, "feil passord")).status_code == 403
        assert (await try_to_enter(service, advisor.email)).status_code == 303


async def test_a_sign_in_nobody_uses_ends_and_one_in_use_lasts(service: Service, kari: Desk) -> None:
    for _ in range(3):
        service.clock.advance(hours=11)
        assert (await kari.get("/")).status_code == 200
    service.clock.advance(hours=12, seconds=1)
    assert (await kari.get("/")).status_code == 303
    part = await kari.part("/queue")
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in")


async def test_no_sign_in_lasts_for_ever(service: Service, kari: Desk) -> None:
    for _ in range(15):
        service.clock.advance(hours=11)
        await kari.get("/")
    service.clock.advance(hours=4)
    assert (await kari.get("/")).status_code == 303


async def test_signing_out_ends_this_browser_only(service: Service) -> None:
    advisor = await hire(service, "Kari Eksempel")
    async with sitting(service, advisor) as here, sitting(service, advisor) as there:
        answer = await here.post("/sign-out")
        assert answer.headers["location"] == "/sign-in"
        assert (await here.get("/")).status_code == 303
        assert (await there.get("/")).status_code == 200


async def duty_of(service: Service, desk: Desk) -> str:
    async with service.database.reading() as session:
        found = await session.get(Advisor, desk.advisor.id)
        assert found is not None
        return found.duty.value


async def test_signing_out_on_duty_asks_first_and_then_goes_off_duty(
    service: Service, kari: Desk, write: Write
) -> None:
    await kari.post("/duty", to="on")
    contact = await waiting(write)
    await kari.post(f"/contact/{contact}/take")
    answer = await kari.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-out")
    asked = (await kari.get("/sign-out")).text
    assert "Du er på vakt." in asked
    assert "Du har 1 henvendelse. Den går tilbake i køen" in asked
    assert await duty_of(service, kari) == "busy"

    assert (await kari.post("/sign-out", then="off")).headers["location"] == "/sign-in"
    assert (await kari.get("/")).status_code == 303
    assert await duty_of(service, kari) == "off"
    async with service.database.reading() as session:
        found = await session.get(Contact, contact)
        assert found is not None
        assert (found.state, found.advisor_id) == (ContactState.WAITING, None)


async def test_whoever_changes_computers_may_stay_on_duty(service: Service, kari: Desk, write: Write) -> None:
    await kari.post("/duty", to="on")
    contact = await waiting(write)
    await kari.post(f"/contact/{contact}/take")
    assert (await kari.post("/sign-out", then="stay")).headers["location"] == "/sign-in"
    assert (await kari.get("/")).status_code == 303
    assert await duty_of(service, kari) == "busy"


async def test_signing_out_in_a_call_says_that_it_goes_on(service: Service, ola: Desk, write: Write) -> None:
    await ola.post("/duty", to="on")
    contact = await waiting(write)
    async with service.database.writing() as session:
        found = await session.get(Contact, contact)
        assert found is not None
        found.channel, found.state, found.advisor_id = Channel.PHONE, ContactState.CONNECTING, ola.advisor.id
    asked = (await ola.get("/sign-out")).text
    assert "Du er i en samtale. Avslutt den før du går av vakt." in asked
    assert 'value="off"' not in asked
    assert (await ola.post("/sign-out", then="off")).status_code == 409
    assert (await ola.get("/")).status_code == 200


async def test_a_call_that_is_not_closed_yet_stays(service: Service, kari: Desk, write: Write) -> None:
    contact = await waiting(write)
    async with service.database.writing() as session:
        found = await session.get(Contact, contact)
        assert found is not None
        found.channel, found.state, found.advisor_id = Channel.PHONE, ContactState.WRAP_UP, kari.advisor.id
    assert (await kari.post("/sign-out")).headers["location"] == "/sign-out"
    assert "1 samtale er over, men ikke lukket." in (await kari.get("/sign-out")).text
    assert (await kari.post("/sign-out", then="stay")).headers["location"] == "/sign-in"


async def test_a_new_password_ends_every_sign_in(service: Service, kari: Desk) -> None:
    async with service.database.writing() as session:
        advisor = await session.get(Advisor, kari.advisor.id)
        assert advisor is not None
        await sign_in.set_password(session, advisor, "en helt ny setning")
    assert (await kari.get("/")).status_code == 303
    assert (await try_to_enter(service, kari.advisor.email, "en helt ny setning")).status_code == 303


async def test_an_advisor_whose_account_is_closed_is_out_at_once(service: Service, kari: Desk) -> None:
    async with service.database.writing() as session:
        advisor = await session.get(Advisor, kari.advisor.id)
        assert advisor is not None
        advisor.active = False
    assert (await kari.get("/")).status_code == 303


@pytest.mark.parametrize("csrf", [None, "", "another"])
async def test_an_unsafe_request_without_its_token_does_nothing(service: Service, kari: Desk, csrf: str | None) -> None:
    form = {"to": "on"} | ({} if csrf is None else {"csrf": csrf})
    answer = await kari.http.post("/duty", data=form)
    assert answer.status_code == 403
    async with service.database.reading() as session:
        found = await session.get(Advisor, kari.advisor.id)
        assert found is not None
        assert found.duty.value == "off"


async def test_the_token_may_come_in_the_form(kari: Desk) -> None:
    assert (await kari.http.post("/duty", data={"to": "on", "csrf": kari.csrf})).status_code == 303


async def test_another_site_cannot_sign_anyone_in(service: Service) -> None:
    advisor = await hire(service, "Kari Eksempel")
    answer = await service.http.post(
        "/sign-in",
        data={"email": advisor.email, "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


async def test_old_sign_ins_and_attempts_are_swept(service: Service) -> None:
    advisor = await hire(service, "Kari Eksempel")
    assert (await try_to_enter(service, advisor.email, "feil passord")).status_code == 403
    assert (await try_to_enter(service, advisor.email)).status_code == 303
    service.clock.advance(days=1)
    async with service.database.writing() as session:
        now = service.clock.now()
        await sign_ins.sweep(session, now=now, attempts_before=now)
        keys = session.keyring.handle_hashes("sign-in address", "127.0.0.1")
        count, oldest = await sign_ins.attempts(session, keys, since=now - sign_in.LONGEST)
    assert (count, oldest) == (0, None)


def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    assert cookie_name(settings_for("sqlite:///x.db", service_url="https://linje.example.org")) == "__Host-helpline"
    assert cookie_name(settings_for("sqlite:///x.db", service_url="http://localhost:8000")) == "helpline"


@pytest.mark.parametrize(("password", "words"), [("kort", "minst 10 tegn"), ("x" * 1001, "for langt")])
def test_a_password_must_have_a_fitting_length(password: str, words: str) -> None:
    with pytest.raises(HelplineError, match=words):
        sign_in.hash_password(password)


async def test_the_menu_shows_what_the_role_reaches(service: Service, kari: Desk) -> None:
    assert 'href="/reports/overview"' in (await kari.get("/")).text
    assert 'href="/admin"' not in (await kari.get("/")).text
    async with sitting(service, await hire(service, "Leder Eksempel", role=Role.MANAGER)) as leader:
        assert 'href="/admin"' in (await leader.get("/")).text
