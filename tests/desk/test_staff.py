"""Advisors added, changed, closed and given new passwords; bearer tokens; on both databases."""

import pytest

from helpline.core.duty import Duty, Role
from helpline.desk import duty, sign_in, staff, tokens
from helpline.desk.house import House
from helpline.errors import HelplineError, NotFound
from helpline.store import access, advisors
from helpline.store.db import Database
from helpline.store.tables import Advisor
from helpline.store.tokens import all_of_them
from tests.conftest import HandClock, add_advisor

PASSWORD = "en-lang-setning-som-passord"


async def added(database: Database, clock: HandClock, **more: object) -> Advisor:
    given: dict[str, object] = {
        "email": "Selje@Example.org ",
        "name": "  Selje   Eksempel ",
        "role": Role.ADVISOR,
        "phone": "90 00 01 02",
        "password": PASSWORD,
    }
    async with database.writing() as session:
        return await staff.add(session, now=clock.now(), **(given | more))  # type: ignore[arg-type]  # by name


async def test_an_advisor_is_added_and_can_sign_in(database: Database, clock: HandClock) -> None:
    advisor = await added(database, clock)
    assert (advisor.email, advisor.name, advisor.duty) == ("selje@example.org", "Selje Eksempel", Duty.OFF)
    assert await sign_in.verify(advisor.password_hash, PASSWORD)
    async with database.reading() as session:
        assert advisors.phone(session, advisor) == "+4790000102"
        [member] = await staff.members(session)
        assert (member.phone, member.role, member.active) == ("90 00 01 02", Role.ADVISOR, True)
        [line] = await access.latest(session)
        assert (line.action, access.reason(session, line)) == ("advisor_added", "selje@example.org (advisor)")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"email": "selje"}, "ikke en e-postadresse"),
        ({"email": "a@b.no x"}, "ikke en e-postadresse"),
        ({"name": "  "}, "Skriv et navn"),
        ({"name": "x" * 121}, "Skriv et navn"),
        ({"phone": "113"}, "ikke et gyldig telefonnummer"),
        ({"phone": "ring meg"}, "ikke et gyldig telefonnummer"),
        ({"password": "kort"}, "for kort"),
        ({"phone": None, "paged_on_red": True}, "må ha et telefonnummer"),
    ],
)
async def test_what_cannot_be_is_refused_and_nobody_is_added(
    database: Database, clock: HandClock, more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(HelplineError, match=sentence):
        await added(database, clock, **more)
    async with database.reading() as session:
        assert await staff.members(session) == []


async def test_an_email_is_one_persons(database: Database, clock: HandClock) -> None:
    await added(database, clock)
    with pytest.raises(HelplineError, match="finnes fra før"):
        await added(database, clock, email="selje@EXAMPLE.org")


async def test_a_change_is_logged_without_the_number(database: Database, house: House, clock: HandClock) -> None:
    advisor = await added(database, clock)
    given = {"name": "Selje", "role": Role.MANAGER, "phone": "+46 70 123 45 67", "active": True, "language": "en"}
    async with database.writing() as session:
        await staff.change(
            session,
            advisor.id,
            paged_on_red=True,
            house=house,
            now=clock.now(),
            by=advisor.id,
            **given,  # type: ignore[arg-type]
        )
    async with database.reading() as session:
        member = await staff.member(session, advisor.id)
        assert (member.name, member.role, member.phone, member.language) == (
            "Selje",
            Role.MANAGER,
            "+46 70 123 45 67",
            "en",
        )
        line = (await access.latest(session))[0]
        words = access.reason(session, line) or ""
    assert (line.action, line.advisor_id) == ("advisor_changed", advisor.id)
    assert "role: manager" in words
    assert "123" not in words
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await staff.change(
                session,
                999,
                paged_on_red=False,
                house=house,
                now=clock.now(),
                **given,  # type: ignore[arg-type]
            )


async def test_whoever_is_closed_goes_off_duty_and_is_signed_out(
    database: Database, house: House, clock: HandClock
) -> None:
    advisor = await added(database, clock)
    async with database.writing() as session:
        found = await session.get(Advisor, advisor.id)
        assert found is not None
        token, _ = await sign_in.begin(session, found, email=found.email, address="192.0.2.1", now=clock.now())
        await duty.go_on(session, found, house=house, now=clock.now())
    async with database.writing() as session:
        await staff.change(
            session,
            advisor.id,
            name=advisor.name,
            role=advisor.role,
            phone="90 00 01 02",
            active=False,
            paged_on_red=False,
            language="nb",
            house=house,
            now=clock.now(),
        )
    async with database.reading() as session:
        assert await sign_in.who(session, token, now=clock.now()) is None
        member = await staff.member(session, advisor.id)
    assert (member.active, member.duty) == (False, Duty.OFF)


@pytest.mark.parametrize(("role", "active"), [(Role.MANAGER, True), (Role.ADMIN, False)])
async def test_the_last_administrator_stays(
    database: Database, house: House, clock: HandClock, role: Role, active: bool
) -> None:
    first = await add_advisor(database, clock, "Eik", role=Role.ADMIN)

    async def change() -> None:
        async with database.writing() as session:
            await staff.change(
                session,
                first.id,
                name="Eik",
                role=role,
                phone=None,
                active=active,
                paged_on_red=False,
                language="nb",
                house=house,
                now=clock.now(),
            )

    with pytest.raises(HelplineError, match="minst én aktiv administrator"):
        await change()
    await add_advisor(database, clock, "Gran", role=Role.ADMIN)
    await change()


async def test_a_new_password_replaces_the_old_and_signs_out(database: Database, clock: HandClock) -> None:
    advisor = await added(database, clock)
    async with database.writing() as session:
        found = await session.get(Advisor, advisor.id)
        assert found is not None
        token, _ = await sign_in.begin(session, found, email=found.email, address="192.0.2.1", now=clock.now())
    async with database.writing() as session:
        password = await staff.reset(session, " SELJE@example.org", now=clock.now())
        with pytest.raises(NotFound, match=r"ukjent@example\.org"):
            await staff.reset(session, "ukjent@example.org", now=clock.now())
    async with database.reading() as session:
        found = await advisors.by_email(session, advisor.email)
        assert found is not None
        assert await sign_in.verify(found.password_hash, password)
        assert not await sign_in.verify(found.password_hash, PASSWORD)
        assert await sign_in.who(session, token, now=clock.now()) is None
    assert staff.new_password() != staff.new_password()


async def test_a_bearer_token_is_made_found_and_withdrawn(database: Database, clock: HandClock) -> None:
    async with database.writing() as session:
        token = await tokens.add(session, name=" Styringspanel ", role=Role.MANAGER, now=clock.now())
        with pytest.raises(HelplineError, match="Styringspanel"):
            await tokens.add(session, name="Styringspanel", role=Role.ADVISOR, now=clock.now())
        with pytest.raises(HelplineError, match="navn"):
            await tokens.add(session, name=" ", role=Role.ADVISOR, now=clock.now())
    async with database.reading() as session:
        found = await tokens.find(session, token)
        assert found is not None
        assert (found.name, found.role) == ("Styringspanel", Role.MANAGER)
        assert token.encode() not in found.token_hash
        assert await tokens.find(session, token + "x") is None
    async with database.writing() as session:
        await tokens.revoke(session, found.id, now=clock.now())
        with pytest.raises(NotFound):
            await tokens.revoke(session, found.id, now=clock.now())
    async with database.reading() as session:
        assert await tokens.find(session, token) is None
        assert [row.revoked_at is None for row in await all_of_them(session)] == [False]
        assert [line.action for line in await access.latest(session)] == ["token_revoked", "token_added"]
