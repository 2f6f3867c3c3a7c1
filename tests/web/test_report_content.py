"""Who and what, where, load and quality over HTTP: trends with their verdicts, places, duty, and what is not known."""

import re
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import pytest

from helpline.core.codes import Channel, Direction, Origin, Outcome, Urgency, counties
from helpline.core.contact import ContactState, Wish
from helpline.core.duty import Duty, OfferState, PauseReason, Role
from helpline.core.record import Record
from helpline.desk import counters
from helpline.store import access, records
from helpline.store.tables import Advisor, Contact, DutyChange, Offer
from helpline.store.tables import KnowledgeGap as Gap
from helpline.web.report_where import PLACES
from tests.conftest import MONDAY, Service
from tests.web.conftest import Desk, hire, sitting
from tests.web.test_reports import plain

#: Thirty days and the thirty before, both over: the period that the tests look at.
PERIOD = "period=custom&first=2026-10-23&last=2026-11-21&compare=before"


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager."""
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


def contact(name: str, ago: float, **more: Any) -> Record:
    values = {"channel": "phone", "direction": "inbound", "outcome": "counselled", "relation": "mother"} | more
    return Record(record_id=name, origin=Origin.LIVE, opened_at=MONDAY - timedelta(days=ago), **values)


def several(name: str, number: int, ago: float, **more: Any) -> list[Record]:
    """So many contacts, from `ago` days back on over twenty days."""
    return [contact(f"{name}-{place}", ago + place % 20, **more) for place in range(number)]


async def keep(service: Service, found: Iterable[Record]) -> None:
    async with service.database.writing() as session:
        written = list(found)
        await records.keep_many(session, written)
        await counters.on_records(session, written, house=service.house)
        await counters.fold_closed_days(session, house=service.house, now=service.clock.now())


def panel(html: str, name: str) -> str:
    """The words of one panel."""
    found = re.search(rf'<section class="card panel" id="{name}".*?</section>', html, re.DOTALL)
    assert found is not None, name
    return plain(re.sub(r"<svg.*?</svg>", "", found[0], flags=re.DOTALL))


#: A log that begins before both periods.
BEGINNING = [contact("first", 400)]


async def test_a_rise_is_said_only_where_chance_cannot_explain_it(service: Service, rogn: Desk) -> None:
    await keep(
        service,
        [
            *BEGINNING,
            *several("mother-now", 60, 3),
            *several("mother-before", 20, 35),
            *several("father-now", 16, 3, relation="father"),
            *several("father-before", 14, 35, relation="father"),
            *several("son-now", 3, 3, relation="son"),
            *several("unknown", 4, 3, relation="unknown"),
            *several("not-asked", 5, 3, relation=None),
        ],
    )
    page = (await rogn.get(f"/reports/who?{PERIOD}")).text
    relation = panel(page, "relation")
    assert "Flest: Mor, 75,9 % av de 79 der svaret er kjent." in relation
    assert "Spurt, men ukjent: 4. Ikke spurt eller ikke ført: 5." in relation
    assert "Tydelig flere: Mor." in relation
    # Sixty against twenty in as many days: the exact interval of the ratio goes from 1.7827 to 5.2547.
    assert "Mor 60 75,9 % 20 58,8 % +200,0 % fra +78,3 til +425,5 % Økningen er tydelig" in relation
    assert re.search(r"Far 16 20,3 % 14 41,2 % \+14,3 % fra −4\S+ til \+1\S+ % Kan være tilfeldig", relation)
    assert re.search(r"Sønn 3 3,8 % 0 0,0 % – – For få til å si noe", relation)
    assert "Spurt, men ukjent 4 – 0 – – – – – –" in relation
    assert "I alt 88 – 34 – +158,8 %" in relation
    # Three were named, one of them too seldom to be judged.
    assert "2 linjer er vurdert på én gang" in relation
    everything = panel(page, "contacts")
    assert "88 henvendelser. 2,9 per dag, mot 1,1 i perioden det sammenlignes med. Økningen er tydelig." in everything


async def test_a_share_may_change_where_the_count_does_not(service: Service, rogn: Desk) -> None:
    await keep(
        service,
        [
            *BEGINNING,
            *several("mother-now", 40, 3),
            *several("mother-before", 40, 35),
            *several("father-before", 120, 35, relation="father"),
        ],
    )
    relation = panel((await rogn.get(f"/reports/who?{PERIOD}")).text, "relation")
    assert "Tydelig færre: Far." in relation
    assert "Tydelig større andel: Mor." in relation
    row = re.search(r"Mor 40 100,0 % 40 25,0 % 0,0 % fra \S+ til \S+ % Kan være tilfeldig (.*?) er tydelig", relation)
    assert row is not None
    # Newcombe's interval of 40/40 − 40/160, and the verdict on the share.
    assert row[1] == "fra +63,6 til +81,1 Økningen"


async def test_several_values_of_one_contact_are_said(service: Service, rogn: Desk) -> None:
    await keep(service, [*BEGINNING, *several("both", 12, 3, topics=("rights", "grief"))])
    topic = panel((await rogn.get(f"/reports/who?{PERIOD}")).text, "topic")
    assert "Rettigheter 12 100,0 %" in topic
    assert "Sorg og tap 12 100,0 %" in topic
    assert "En henvendelse kan ha flere, så andelene kan bli mer enn 100 % til sammen." in topic
    assert "En henvendelse kan ha flere" not in panel((await rogn.get(f"/reports/who?{PERIOD}")).text, "gender")


async def test_what_cannot_be_compared_fairly_is_said(service: Service, rogn: Desk) -> None:
    await keep(service, several("now", 30, 3))
    words = panel((await rogn.get(f"/reports/who?{PERIOD}")).text, "contacts")
    assert "Loggen begynner 1. november 2026, så det er ikke nok å sammenligne med." in words
    assert "tydelig" not in words
    alone = panel((await rogn.get("/reports/who?period=7d&compare=none")).text, "relation")
    assert "Ingenting er valgt å sammenligne med." in alone
    assert "Andel før" not in alone
    today = panel((await rogn.get("/reports/who?period=today")).text, "contacts")
    assert "Dagen er ikke over, så den sammenlignes ikke." in today


async def test_a_day_that_is_not_over_is_set_beside_no_other(service: Service, rogn: Desk) -> None:
    # Every day has two, but of today only one has come so far.
    await keep(
        service,
        [
            contact("first", 100),
            contact("today", 0),
            *(contact(f"{day}-{one}", day) for day in range(1, 60) for one in "ab"),
        ],
    )
    words = panel((await rogn.get("/reports/who?period=30d&compare=before")).text, "contacts")
    assert "59 henvendelser. 2,0 per dag, mot 2,0 i perioden det sammenlignes med. Kan være tilfeldig." in words
    assert "Telefon 59 100,0 % 60 100,0 % 0,0 % fra" in words


async def test_every_row_leads_to_its_records(service: Service, rogn: Desk) -> None:
    await keep(service, [*BEGINNING, *several("mother", 7, 3), *several("father", 6, 3, relation="father")])
    page = (await rogn.get(f"/reports/who?{PERIOD}")).text
    link = re.search(r'href="(/reports/records\?[^"]*relation=father[^"]*)"', page)
    assert link is not None
    behind = await rogn.get(link[1].replace("&amp;", "&"))
    assert behind.status_code == 200
    assert len(re.findall(r"father|Far", behind.text)) >= 6


async def test_whoever_declines_to_say_the_gender_is_not_among_the_known(service: Service, rogn: Desk) -> None:
    await keep(
        service,
        [
            *BEGINNING,
            *several("women", 6, 3, gender="female"),
            *several("men", 2, 3, gender="male"),
            *several("silent", 4, 3, gender="prefer_not_to_say"),
            *several("nobody", 1, 3, gender="unknown"),
        ],
    )
    page = (await rogn.get(f"/reports/who?{PERIOD}")).text
    words = panel(page, "gender")
    assert "Flest: Kvinne, 75,0 % av de 8 der svaret er kjent." in words
    assert "Kvinne 6 75,0 %" in words
    assert "Mann 2 25,0 %" in words
    assert "Ønsker ikke å oppgi 4 –" in words
    assert "er ikke blant de kjente som andelene er av" in words
    link = re.search(r'href="(/reports/records\?[^"]*gender=prefer_not_to_say[^"]*)">4<', page)
    assert link is not None
    assert (await rogn.get(link[1].replace("&amp;", "&"))).text.count('<tr><th scope="row"') == 4


def test_every_county_has_a_tile_of_its_own() -> None:
    assert set(PLACES) == set(counties())
    assert len(set(PLACES.values())) == len(PLACES)
    apart = {PLACES[code] for code in ("21", "99")}
    for code, (row, column) in PLACES.items():
        beside = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} - {(row, column)}
        # Svalbard and abroad touch nothing; every county touches another one.
        assert bool(beside & (set(PLACES.values()) - apart)) == (code not in ("21", "99")), code


async def test_where_they_live(service: Service, rogn: Desk) -> None:
    await keep(
        service,
        [
            *BEGINNING,
            *several("bergen", 8, 3, municipality="4601"),
            *several("heroy", 2, 3, municipality="1818"),
            *several("abroad", 1, 3, county="99"),
            *several("svalbard", 1, 3, county="21"),
            *several("nowhere", 3, 3),
        ],
    )
    page = (await rogn.get(f"/reports/where?{PERIOD}")).text
    places = panel(page, "county")
    assert "Flest: Vestland, 66,7 % av de 12 der svaret er kjent." in places
    assert "Ikke spurt eller ikke ført: 3." in places
    for row in ("Vestland 8 66,7 %", "Nordland 2 16,7 %", "Utlandet 1 8,3 %", "Svalbard 1 8,3 %", "Finnmark 0 0,0 %"):
        assert row in places
    assert "© Kartverket, CC BY 4.0" in places
    assert "ingen befolkningstall med kilde" in places
    assert "<title>Vestland: 8</title>" in page
    municipality = panel(page, "municipality")
    # Two municipalities are called Herøy.
    assert "Bergen 8 80,0 %" in municipality
    assert "Herøy (Nordland) 2 20,0 %" in municipality
    assert "© Kartverket, CC BY 4.0" in municipality


async def test_a_county_leads_to_its_municipalities(service: Service, rogn: Desk) -> None:
    found = [*several("bergen", 8, 3, municipality="4601"), *several("oslo", 5, 3, county="03")]
    await keep(service, [*BEGINNING, *found, *several("vestland", 2, 3, county="46")])
    page = (await rogn.get(f"/reports/where?{PERIOD}")).text
    link = re.search(r'href="(/reports/where\?[^"]*county=46)"', page)
    assert link is not None
    narrowed = (await rogn.get(link[1].replace("&amp;", "&"))).text
    words = panel(narrowed, "municipality")
    assert words.startswith("Kommuner i Vestland Flest: Bergen, 100,0 % av de 8 der svaret er kjent.")
    assert "Ikke spurt eller ikke ført: 2." in words
    assert "I alt 10" in words
    # There the county leads to its records.
    assert "/reports/records?" in narrowed.split('id="county"')[1].split("</section>")[0]


async def works(service: Service, advisor: Advisor, *, ago: int = 3) -> None:
    """An hour on duty: forty minutes ready, ten with a contact, five of wrap-up and five of pause."""
    start = MONDAY - timedelta(days=ago)
    course = (
        (0, Duty.ON, None),
        (40, Duty.BUSY, None),
        (50, Duty.WRAP_UP, None),
        (55, Duty.PAUSE, PauseReason.DEBRIEF),
        (60, Duty.OFF, None),
    )
    async with service.database.writing() as session:
        for minutes, duty, reason in course:
            at = start + timedelta(minutes=minutes)
            session.add(DutyChange(advisor_id=advisor.id, at=at, duty=duty, pause_reason=reason))
        one = attended(advisor, start)
        session.add(one)
        await session.flush()
        for state in (OfferState.ACCEPTED, OfferState.MISSED):
            session.add(
                Offer(
                    contact_id=one.id,
                    advisor_id=advisor.id,
                    state=state,
                    made_at=start,
                    expires_at=start,
                    ended_at=start,
                )
            )


def attended(advisor: Advisor | None, start: Any, **more: Any) -> Contact:
    values: dict[str, Any] = {
        "channel": Channel.PHONE,
        "direction": Direction.INBOUND,
        "origin": Origin.LIVE,
        "state": ContactState.CLOSED,
        "wish": Wish.TALK,
        "urgency": Urgency.GREEN,
        "language": "nb",
        "step": "start",
        "opened_at": start,
        "last_inbound_at": start,
        "advisor_id": advisor.id if advisor is not None else None,
        "accepted_at": start,
        "answered_at": start,
        "ended_at": start + timedelta(minutes=10),
        "closed_at": start + timedelta(minutes=15),
        "outcome": Outcome.COUNSELLED,
    }
    return Contact(**(values | more))


async def test_the_load_of_the_team_is_no_ranking(service: Service, rogn: Desk, kari: Desk) -> None:
    people = [await hire(service, f"{name} Eksempel") for name in ("Selje", "Ask")]
    for one in people:
        await works(service, one)
    page = (await rogn.get(f"/reports/load?{PERIOD}")).text
    team = panel(page, "team-hours")
    assert "2 rådgivere var på vakt i 2 t 0 min til sammen. Belegget var 27,3 %" in team
    assert "Med henvendelser 20 min 0 s 16,7 %" in team
    assert "Pause: etter en tung samtale 10 min 0 s" in team
    work = panel(page, "team-work")
    assert "2 henvendelser ble tatt hånd om. 2 av 4 tilbud ble ikke besvart i tide." in work
    assert "2 telefonsamtaler varte 20 min 0 s til sammen, 10 min 0 s i snitt." in work
    # Names alone, by the alphabet, each behind a click.
    names = panel(page, "advisors")
    assert re.search(r"Navn Ask Eksempel Selje Eksempel", names)
    assert not re.search(r"Eksempel \d", names)
    assert "Lengden på en tekstsamtale" in panel(page, "not-stored")
    assert "Et utvalg gjelder ikke her" not in team
    narrowed = (await rogn.get(f"/reports/load?{PERIOD}&topic=rights")).text
    assert "Et utvalg gjelder ikke her" in panel(narrowed, "team-hours")
    # An advisor sees the team and no names.
    other = (await kari.get(f"/reports/load?{PERIOD}")).text
    assert "2 rådgivere var på vakt" in panel(other, "team-hours")
    assert "Ask Eksempel" not in other
    assert "/reports/load/advisor/" not in other


async def test_a_team_that_would_show_a_single_colleague_is_not_shown(service: Service, rogn: Desk, kari: Desk) -> None:
    await works(service, kari.advisor)
    await works(service, await hire(service, "Ask Eksempel"))
    page = (await kari.get(f"/reports/load?{PERIOD}")).text
    assert "Laget vises når minst 2 andre enn deg har vært på vakt" in panel(page, "team-hours")
    # Her own she sees.
    assert "Du var på vakt i 1 t 0 min." in panel(page, "own-hours")
    assert "1 henvendelser" not in panel(page, "team-hours")
    assert "På vakt i alt 1 t 0 min" in panel(page, "own-hours")
    # A manager who had no duty sees the two together.
    assert "2 rådgivere var på vakt" in panel((await rogn.get(f"/reports/load?{PERIOD}")).text, "team-hours")
    empty = panel((await kari.get("/reports/load?period=custom&first=2026-01-01&last=2026-01-31")).text, "team-hours")
    assert "Ingen var på vakt i perioden." in empty


async def test_a_single_advisor_is_opened_by_managers_and_that_is_logged(
    service: Service, rogn: Desk, kari: Desk
) -> None:
    ask = await hire(service, "Ask Eksempel")
    await works(service, ask)
    address = f"/reports/load/advisor/{ask.id}?{PERIOD}"
    assert (await kari.get(address)).status_code == 403
    assert (await rogn.get(f"/reports/load/advisor/999?{PERIOD}")).status_code == 404
    async with service.database.reading() as session:
        assert await access.latest(session) == []
    page = await rogn.get(address)
    assert page.status_code == 200
    words = panel(page.text, "advisor-hours")
    assert "Tallene til Ask Eksempel. Det er ført i tilgangsloggen at du så dem. På vakt i 1 t 0 min." in words
    # Nothing to take out.
    assert "download" not in page.text
    async with service.database.reading() as session:
        (line,) = await access.latest(session)
        assert (line.action, line.advisor_id) == ("shown_load", rogn.advisor.id)
        assert access.reason(session, line) == "Ask Eksempel, 23. oktober 2026 – 21. november 2026"
    assert "Så tallene til en enkelt rådgiver" in plain((await rogn.get("/admin/log")).text)


async def test_practice_is_no_load_in_a_real_installation(service: Service, rogn: Desk) -> None:
    people = [await hire(service, f"{name} Eksempel") for name in ("Selje", "Ask")]
    async with service.database.writing() as session:
        for one in people:
            session.add(attended(one, MONDAY - timedelta(days=3), origin=Origin.SIMULATED))
    assert "Ingen var på vakt i perioden." in panel((await rogn.get(f"/reports/load?{PERIOD}")).text, "team-hours")


async def test_quality_is_counted_with_its_intervals(service: Service, rogn: Desk) -> None:
    await keep(
        service,
        [
            *BEGINNING,
            *several("asked-now", 80, 3, asked_what_matters=True, letters=1),
            *several("left-out-now", 20, 3, asked_what_matters=False),
            *several("asked-before", 40, 35, asked_what_matters=True),
            *several("left-out-before", 60, 35, asked_what_matters=False),
            *several("good", 4, 3, evaluation=9, articles_used=("grensesetting",)),
            *several("bad", 1, 3, evaluation=2),
            *several("withdrawn", 2, 3, outcome="withdrawn"),
            *several("rung", 3, 3, outcome="callback_done"),
            *several("not-reached", 1, 3, outcome="callback_failed"),
        ],
    )
    page = (await rogn.get(f"/reports/quality?{PERIOD}")).text
    matters = panel(page, "what-matters")
    assert "80,0 %, 80 av 100 (95 % intervall 71,1 %–86,7 %)" in matters
    # Newcombe's interval of 80/100 − 40/100.
    assert "Før var det 40,0 %. Økningen er tydelig: endringen er fra +26,8 til +51,2 prosentpoeng" in matters
    evaluation = panel(page, "evaluation")
    assert "7,6 av 10 i snitt av 5 svar. 1 svarte 5 eller mindre." in evaluation
    assert "9 4 80,0 %" in evaluation
    assert "Hvor mange som ble spurt, står ikke i loggen" in evaluation
    assert "75,0 %, 3 av 4" in panel(page, "callbacks")
    assert "80 bekymringsmeldinger ble laget. Økningen er tydelig." in panel(page, "letters")
    assert "Slik setter du grenser" in panel(page, "article") or "4 100,0 %" in panel(page, "article")
    assert "2 henvendelser ble trukket og slettet fordi innringeren ba om det. For få til å si noe." in panel(
        page, "erased"
    )


async def test_callbacks_by_their_course(service: Service, rogn: Desk) -> None:
    start = MONDAY - timedelta(days=3)
    async with service.database.writing() as session:
        session.add_all(
            [
                attended(None, start, wish=Wish.CALLBACK),
                attended(None, start, wish=Wish.CALLBACK, answered_at=None),
                attended(None, start, wish=Wish.CALLBACK, answered_at=None, state=ContactState.WAITING),
                attended(None, start, wish=Wish.CALLBACK, origin=Origin.SIMULATED),
                attended(None, start),
            ]
        )
    words = panel((await rogn.get(f"/reports/quality?{PERIOD}")).text, "callbacks")
    assert "Etter forløpet ba 3 om å bli ringt tilbake; 1 er nådd, og 1 venter ennå." in words
    assert "Forløpet: avsluttet uten at vi nådde dem 1 0" in words


async def test_gaps_in_the_knowledge(service: Service, rogn: Desk, kari: Desk) -> None:
    async with service.database.writing() as session:
        for ago, asked_by in ((3, "caller"), (4, "caller"), (5, "advisor"), (90, "advisor")):
            day = (MONDAY - timedelta(days=ago)).date()
            session.add(Gap(asked_on=day, asked_by=asked_by, language="nb", topics=[], words=None))
    page = (await rogn.get(f"/reports/quality?{PERIOD}")).text
    words = panel(page, "gaps")
    assert "3 spørsmål fikk ikke svar av noen artikkel." in words
    assert "Innringere 2 Rådgivere 1" in words
    assert 'href="/admin/gaps"' in page.split('id="gaps"')[1].split("</section>")[0]
    own = (await kari.get(f"/reports/quality?{PERIOD}")).text
    assert 'href="/admin/gaps"' not in own.split('id="gaps"')[1].split("</section>")[0]


async def test_the_pages_speak_english(service: Service, rogn: Desk) -> None:
    await keep(service, [*BEGINNING, *several("now", 60, 3, county="99"), *several("before", 20, 35)])
    async with service.database.writing() as session:
        found = await session.get(Advisor, rogn.advisor.id)
        assert found is not None
        found.language = "en"
    assert "The rise is clear." in panel((await rogn.get(f"/reports/who?{PERIOD}")).text, "contacts")
    assert "Abroad 60 100.0%" in panel((await rogn.get(f"/reports/where?{PERIOD}")).text, "county")
    assert "Nobody was on duty in the period." in panel((await rogn.get(f"/reports/load?{PERIOD}")).text, "team-hours")
    assert "concern letters were made" in panel((await rogn.get(f"/reports/quality?{PERIOD}")).text, "letters")
