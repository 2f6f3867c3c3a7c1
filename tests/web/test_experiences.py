"""What relatives shared, over HTTP: who may read it, what is taken out, what is decided and handed on."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest
from sqlalchemy import select

from helpline.core.duty import Role
from helpline.store import access, experiences
from helpline.store.tables import Experience
from tests.conftest import MONDAY, Service
from tests.web.conftest import Desk, hire, sitting

DAY = MONDAY.date()


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager."""
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


async def shared(service: Service, words: str, *, day: date = DAY, language: str = "nb") -> int:
    async with service.database.writing() as session:
        await experiences.keep(session, words, day=day, language=language)
    async with service.database.reading() as session:
        for row in await session.scalars(select(Experience)):
            if experiences.words(session, row) == words:
                return row.id
    raise AssertionError("it was not kept")


async def kept(service: Service) -> dict[str, str]:
    """State by words."""
    async with service.database.reading() as session:
        return {experiences.words(session, row): row.state.value for row in await session.scalars(select(Experience))}


async def send(desk: Desk, path: str, **form: str | list[str]) -> httpx.Response:
    """A form as a browser without scripts sends it, following the way back."""
    return await desk.http.post(path, data=form | {"csrf": desk.csrf}, follow_redirects=True)


async def logged(service: Service) -> list[tuple[str, int | None]]:
    async with service.database.reading() as session:
        return [(line.action, line.advisor_id) for line in await access.latest(session)]


async def test_only_managers_come_here(service: Service, kari: Desk) -> None:
    one = await shared(service, "Ingen spurte meg.")
    for path in ("/experiences", "/experiences/approved.txt", "/experiences/approved.json"):
        assert (await kari.get(path)).status_code == 403
    for act in ("take-out", "approve", "refuse", "erase"):
        assert (await send(kari, f"/experiences/{one}/{act}")).status_code == 403
    assert "/experiences" not in (await kari.get("/interests")).text
    assert await kept(service) == {"Ingen spurte meg.": "new"}


async def test_no_form_is_taken_without_its_token(service: Service, rogn: Desk) -> None:
    one = await shared(service, "Ingen spurte meg.")
    for act in ("take-out", "approve", "refuse", "erase"):
        assert (await rogn.http.post(f"/experiences/{one}/{act}", data={})).status_code == 403
    assert await kept(service) == {"Ingen spurte meg.": "new"}


async def test_it_is_read_made_to_name_nobody_and_approved(service: Service, rogn: Desk) -> None:
    one = await shared(service, "Jonas bor på Hamar. Jonas er sønnen min, og læreren hans het noe fint.")
    page = (await rogn.get("/experiences")).text
    assert "Venter på å bli lest (1)" in page
    assert page.count("<mark>Jonas<") == 2
    assert 'name="words" value="Hamar" checked' in page
    assert "Det står ord her som kan vise hvem noen er." in page

    answer = await send(rogn, f"/experiences/{one}/take-out", words=["Jonas", "Hamar"], more="noe fint\r\n\r\n")
    assert "Ordene er tatt ut." in answer.text
    assert "<mark>" not in answer.text
    text = "[…] bor på […]. […] er sønnen min, og læreren hans het […]."
    assert await kept(service) == {text: "new"}

    answer = await send(rogn, f"/experiences/{one}/approve")
    assert "Erfaringen kan brukes." in answer.text
    assert "Avgjort av Rogn Eksempel" in answer.text
    assert await kept(service) == {text: "approved"}
    assert await logged(service) == [("experience_approved", rogn.advisor.id)]
    again = await send(rogn, f"/experiences/{one}/refuse")
    assert again.status_code == 409
    assert "En annen har allerede tatt stilling" in again.text


async def test_what_cannot_be_taken_out_is_said_and_nothing_is_lost(service: Service, rogn: Desk) -> None:
    one = await shared(service, "Ingen spurte meg.")
    answer = await send(rogn, f"/experiences/{one}/take-out", more="søsteren min\nbroren min")
    assert answer.status_code == 400
    assert "Ordene står ikke i teksten. Skriv dem slik de står der." in answer.text
    assert "søsteren min\nbroren min</textarea>" in answer.text
    answer = await send(rogn, f"/experiences/{one}/take-out")
    assert "Velg ordene som skal ut, eller skriv dem." in answer.text
    assert (await send(rogn, "/experiences/99/take-out", more="x")).status_code == 404
    assert (await send(rogn, f"/experiences/{one}/sell")).status_code == 400
    assert await kept(service) == {"Ingen spurte meg.": "new"}


async def test_how_long_it_has_waited_is_shown_and_refused_ones_go_after_thirty_days(
    service: Service, rogn: Desk
) -> None:
    one = await shared(service, "Dette er reklame.")
    await shared(service, "Jeg venter fortsatt.")
    assert "i dag" in (await rogn.get("/experiences")).text
    await send(rogn, f"/experiences/{one}/refuse")
    page = (await rogn.get("/experiences")).text
    assert "Slettes onsdag 23. desember" in page
    await service.sweep("forget")
    assert set(await kept(service)) == {"Dette er reklame.", "Jeg venter fortsatt."}
    service.clock.advance(days=30)
    await service.sweep("forget")
    assert await kept(service) == {"Jeg venter fortsatt.": "new"}
    async with sitting(service, rogn.advisor) as desk:
        assert "har ventet i 30 dager" in (await desk.get("/experiences")).text


async def test_what_is_approved_is_handed_on_with_a_day_and_nothing_else(service: Service, rogn: Desk) -> None:
    for words, day, language in (
        ("Den andre.", date(2026, 11, 20), "nb"),
        ("Not once <b>was</b> I asked.", date(2026, 11, 2), "en"),
        ("Ikke denne.", DAY, "nb"),
    ):
        one = await shared(service, words, day=day, language=language)
        await send(rogn, f"/experiences/{one}/{'refuse' if words.startswith('Ikke') else 'approve'}")
    answer = await rogn.get("/experiences/approved.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="erfaringer.json"'
    assert answer.json() == {
        "experiences": [
            {"day": "2026-11-02", "language": "en", "words": "Not once <b>was</b> I asked."},
            {"day": "2026-11-20", "language": "nb", "words": "Den andre."},
        ]
    }
    answer = await rogn.get("/experiences/approved.txt")
    assert answer.text == "2026-11-02 (en)\n\nNot once <b>was</b> I asked.\n\n\n2026-11-20 (nb)\n\nDen andre.\n"
    assert [action for action, _ in await logged(service)][:2] == ["experiences_exported"] * 2
    page = (await rogn.get("/experiences")).text
    assert "Not once &lt;b&gt;was&lt;/b&gt; I asked." in page


async def test_one_can_be_erased_at_any_time(service: Service, rogn: Desk) -> None:
    one = await shared(service, "Den som skal bort.")
    await send(rogn, f"/experiences/{one}/approve")
    answer = await send(rogn, f"/experiences/{one}/erase")
    assert "Erfaringen er slettet." in answer.text
    assert await kept(service) == {}
    assert (await logged(service))[0] == ("experience_erased", rogn.advisor.id)
    assert (await send(rogn, f"/experiences/{one}/erase")).status_code == 404


async def test_the_page_speaks_english_too(service: Service, rogn: Desk) -> None:
    await shared(service, "Not once was I asked.", language="en")
    async with service.database.writing() as session:
        found = await session.get(type(rogn.advisor), rogn.advisor.id)
        assert found is not None
        found.language = "en"
    page = (await rogn.get("/experiences")).text
    assert "Waiting to be read (1)" in page
    assert "May not be used" in page
