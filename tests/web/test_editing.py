"""The knowledge for its editors: what is due, how an article comes out on each channel, what nobody could answer."""

import re
from collections.abc import AsyncIterator

import pytest

from helpline.core.duty import Role
from helpline.store.gaps import latest
from tests.conftest import Service
from tests.web.conftest import Desk, hire, sitting


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager."""
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page.split("</nav>")[-1]))


async def test_every_article_is_listed_with_what_is_due_first(rogn: Desk) -> None:
    page = (await rogn.get("/admin/articles")).text
    listed = re.findall(r'<th scope="row"><a href="/admin/articles/([a-z-]+)"', page)
    assert len(listed) == len(set(listed)) == 52
    assert listed[0] == "grupper-og-kurs"
    assert "0 av 52 artikler er over fristen" in page
    assert "Digital skrivetime" in page


async def test_looking_ahead_marks_what_will_be_overdue(rogn: Desk) -> None:
    page = (await rogn.get("/admin/articles?at=2027-03-01&show=due")).text
    listed = re.findall(r'<th scope="row"><a href="/admin/articles/([a-z-]+)"', page)
    assert listed == ["grupper-og-kurs"]
    assert "Du ser slik det står 1. mars 2027." in page
    assert "Over fristen" in page
    answer = await rogn.get("/admin/articles?at=tull")
    assert answer.status_code == 400
    assert "«tull» er ikke en dato" in answer.text


@pytest.mark.parametrize(
    ("query", "slug"),
    [("q=assistanse", "bpa"), ("show=versions", "klage-og-tilsyn"), ("show=unsigned", "demens"), ("show=rot", "bpa")],
)
async def test_the_list_is_narrowed(rogn: Desk, query: str, slug: str) -> None:
    assert f'href="/admin/articles/{slug}"' in (await rogn.get(f"/admin/articles?{query}")).text
    assert "Ingen artikler passer." in (await rogn.get("/admin/articles?q=qqqq")).text


async def test_an_article_is_shown_in_its_three_lengths(rogn: Desk) -> None:
    answer = await rogn.get("/admin/articles/nar-det-haster")
    text = words_of(answer.text)
    assert "ring 1 1 3" in text
    assert re.search(r"\d+ av høyst 60 ord\.", text)
    assert re.search(r"\d+ av høyst 300 tegn, 2 SMS-deler \(GSM-7\)\.", text)
    assert re.search(r"LIX \d+,\d, høyst 40\.", text)
    assert 'href="https://helsenorge.no/nn/forstehjelp/ring-113"' in answer.text
    assert (await rogn.get("/admin/articles/finnes-ikke")).status_code == 404


async def test_each_version_and_language_can_be_opened(rogn: Desk) -> None:
    now = (await rogn.get("/admin/articles/klage-og-tilsyn")).text
    assert "venter på at loven får en dato" in now
    old = await rogn.get("/admin/articles/klage-og-tilsyn?language=nn&file=klage-og-tilsyn.until-2026-06-30.nn.md")
    assert "varsle Statens helsetilsyn" in old.text
    assert "1. januar 2026 til 30. juni 2026" in old.text
    english = (await rogn.get("/admin/articles/klage-og-tilsyn?language=en")).text
    assert 'href="/admin/articles/pasient-og-brukerombud?language=en"' in english
    assert "Bokmål, til å lese ved siden av" in english


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("ur", "rtl"), ("pl", "ltr")])
async def test_what_runs_from_right_to_left_is_shown_so(rogn: Desk, language: str, direction: str) -> None:
    page = (await rogn.get(f"/admin/articles/nar-det-haster?language={language}")).text
    assert f'<p lang="{language}" dir="{direction}">' in page
    assert f'<div class="article-text" lang="{language}" dir="{direction}">' in page
    assert "vises ikke for innringere før" in page
    assert "22 59 13 00" in page


async def test_advisors_have_the_knowledge_but_not_its_editing(service: Service, kari: Desk) -> None:
    for path in ("/admin/articles", "/admin/articles/bpa", "/admin/gaps"):
        assert (await kari.get(path)).status_code == 403, path


async def test_what_was_not_found_is_noted_without_identity(service: Service, kari: Desk, rogn: Desk) -> None:
    assert "Ingen spørsmål er uten svar ennå." in (await rogn.get("/admin/gaps")).text
    assert "/knowledge/missing" in (await kari.part("/knowledge?q=tannlege")).text
    nothing = (await kari.part("/knowledge?q=zxqw")).text
    assert 'hx-post="/knowledge/missing"' in nothing
    assert 'hx-trigger="load delay:3s"' in nothing
    answer = await kari.post("/knowledge/missing", q="tannlege for Kari Hansen, 900 00 001")
    assert "notert, uten navn og tall" in answer.text
    assert (await kari.http.post("/knowledge/missing", data={"q": "x"})).status_code == 403
    plain = await kari.http.post("/knowledge/missing", data={"q": "regning fra tannlege", "csrf": kari.csrf})
    assert plain.status_code == 303
    async with service.database.reading() as session:
        assert [gap.words for gap in await latest(session, limit=10)] == [("regning", "tannlege"), ("tannlege",)]
    page = words_of((await rogn.get("/admin/gaps")).text)
    assert "tannlege regning" in page
    assert "Spørsmål: 2. Grupper: 1." in page
    assert "Kari" not in page.replace("Kari Eksempel", "")
