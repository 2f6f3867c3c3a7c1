"""What did not come through the service, entered over HTTP: counted once, corrected with a trace, struck out."""

import re
from asyncio import gather
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from helpline.core.codes import Origin
from helpline.core.duty import Role
from helpline.core.record import Record, is_struck
from helpline.core.tally import Tally
from helpline.desk import counters
from helpline.store import access, records
from tests.conftest import Service
from tests.web.conftest import Desk, hire, sitting
from tests.web.test_reports import plain


@pytest.fixture
async def rogn(service: Service) -> AsyncIterator[Desk]:
    """A manager."""
    async with sitting(service, await hire(service, "Rogn Eksempel", role=Role.MANAGER)) as desk:
        yield desk


def hidden(html: str, name: str, form: str = "") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html[html.index(f'action="{form}"') :] if form else html)
    assert found is not None
    return found[1]


Form = dict[str, Any]


async def send(desk: Desk, path: str, **form: Any) -> httpx.Response:
    """A form as a browser sends it, following the way on."""
    return await desk.http.post(path, data=form | {"csrf": desk.csrf}, follow_redirects=True)


CONTACT: Form = {
    "day": "2026-11-20",
    "hour": "9",
    "channel": "email",
    "direction": "inbound",
    "outcome": "counselled",
    "topics": ["rights", "grief"],
    "relation": "mother",
    "minutes": "25",
}


async def enter(desk: Desk, kind: str = "contact", **form: Any) -> httpx.Response:
    path = f"/records/new/{kind}"
    return await send(desk, path, **({"key": hidden((await desk.get(path)).text, "key")} | form))


async def kept(service: Service) -> list[Record]:
    async with service.database.reading() as session:
        return [record async for record in records.between(session)]


async def counted(service: Service) -> Tally:
    async with service.database.reading() as session:
        whole = (await counters.count(session, house=service.house, include_simulated=False)).whole
    async with service.database.reading() as session:
        assert await counters.check(session, house=service.house, now=service.clock.now()) == []
    return whole


async def test_a_contact_is_entered_with_codes_only(service: Service, kari: Desk) -> None:
    answer = await enter(kari, **CONTACT)
    assert answer.status_code == 200
    assert "Ført." in answer.text
    [record] = await kept(service)
    assert (record.kind, record.origin, record.channel) == ("contact", Origin.AFTERWARDS, "email")
    assert record.opened_at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (record.topics, record.relation, record.handled_seconds) == (("rights", "grief"), "mother", 1500)
    assert (record.waited_seconds, record.outcome) == (None, "counselled")
    tally = await counted(service)
    assert tally.count("contacts", "origin=afterwards") == 1
    # It was never waiting to be answered.
    assert tally.marks("answered") == {}
    # Who wrote it stands in the access log, sealed, and not in the record.
    async with service.database.reading() as session:
        line = (await access.latest(session))[0]
        assert (line.action, line.advisor_id) == ("record_entered", kari.advisor.id)
        assert access.reason(session, line) == record.record_id


@pytest.mark.parametrize(
    ("kind", "form", "marks"),
    [
        (
            "session",
            {"channel": "in_person", "day": "2026-11-23", "hour": "10", "participants": "3", "topics": ["boundaries"]},
            {"sessions": 1, "persons": 3},
        ),
        (
            "attendance",
            {"activity": "course", "day": "2026-11-22", "hour": "", "participants": "14"},
            {"attendances": 14},
        ),
        ("group", {"year": "2026", "participants": ""}, {"groups": 1}),
    ],
)
async def test_the_other_units_have_a_page_each(
    service: Service, kari: Desk, kind: str, form: Form, marks: dict[str, int]
) -> None:
    answer = await enter(kari, kind, **form, then="next")
    assert "Ført." in answer.text
    tally = await counted(service)
    assert {mark: tally.count(mark) for mark in ("sessions", "persons", "attendances", "groups")} == dict.fromkeys(
        ("sessions", "persons", "attendances", "groups"), 0
    ) | marks
    assert tally.count("contacts") == 0
    [record] = await kept(service)
    if kind == "group":
        assert (record.activity, record.opened_at) == ("self_run_group", datetime(2025, 12, 31, 23, tzinfo=UTC))


async def test_pressed_twice_it_counts_once(service: Service, kari: Desk) -> None:
    key = hidden((await kari.get("/records/new/contact")).text, "key")
    for _ in range(2):
        answer = await enter(kari, key=key, **CONTACT)
        assert (answer.status_code, "Ført." in answer.text) == (200, True)
    assert len(await kept(service)) == 1
    # Back in the browser, changed, and sent again: not lost and not counted as another.
    answer = await enter(kari, key=key, **{**CONTACT, "relation": "father"})
    assert answer.status_code == 409
    assert "lagret allerede, med andre svar" in answer.text
    assert re.search(r'value="father" selected', answer.text)
    assert len(await kept(service)) == 1


async def test_two_at_once_leave_one_record_and_one_correction(service: Service, kari: Desk) -> None:
    key = hidden((await kari.get("/records/new/contact")).text, "key")
    answers = await gather(*(enter(kari, key=key, **CONTACT) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await kept(service)) == 1
    wanted = [CONTACT | {"minutes": minutes, "seen": key, "key": minutes[0] * 32} for minutes in ("10", "20", "30")]
    answers = await gather(*(send(kari, f"/records/{key}/correct", **one) for one in wanted))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(await kept(service)) == 2
    assert (await counted(service)).count("contacts") == 1


WRONG: tuple[tuple[str, Form, str], ...] = (
    ("contact", {"day": "2026-11-24"}, "Tidspunktet ligger fram i tid"),
    ("contact", {"day": "2026-11-23", "hour": "12"}, "Tidspunktet ligger fram i tid"),
    ("contact", {"day": "i går"}, "«i går» er ikke en dato"),
    ("contact", {"topics": []}, "Velg minst ett tema"),
    ("contact", {"outcome": ""}, "Velg hvordan henvendelsen endte"),
    ("contact", {"channel": "pigeon"}, "Velg hvordan dere var i kontakt"),
    ("contact", {"minutes": "0"}, "Antall minutter må være fra 1 til 600"),
    ("contact", {"minutes": "ti"}, "«ti» er ikke et helt tall"),
    ("contact", {"letters": "100"}, "Antall brev må være fra 0 til 99"),
    ("contact", {"evaluation": "11"}, "Karakteren må være fra 0 til 10"),
    ("session", {"participants": "31"}, "Antall personer må være fra 1 til 30"),
    ("session", {"participants": ""}, "Antall personer må være fra 1 til 30"),
    ("attendance", {"participants": "2001", "activity": "event"}, "Antall personer må være fra 1 til 2000"),
    ("attendance", {"participants": "5", "activity": "circus"}, "Velg hva de deltok på"),
    ("group", {"year": "2027"}, "Tidspunktet ligger fram i tid"),
)


async def test_what_cannot_be_is_said_in_a_sentence_and_nothing_typed_is_lost(service: Service, kari: Desk) -> None:
    for kind, wrong, said in WRONG:
        answer = await enter(kari, kind, **(CONTACT | wrong))
        assert answer.status_code == 400, wrong
        assert said in plain(answer.text), wrong
        assert 'role="alert"' in answer.text
        if kind == "contact" and "day" not in wrong:
            assert 'value="2026-11-20"' in answer.text
            assert re.search(r'value="mother" selected', answer.text)
            for name, typed in wrong.items():
                assert isinstance(typed, list) or f'value="{typed}"' in answer.text or not typed or name == "channel"
    assert await kept(service) == []
    assert (await kari.get("/records/new/parade")).status_code == 404
    assert (await enter(kari, key="mine", **CONTACT)).status_code == 400


async def test_a_day_long_ago_is_asked_about(service: Service, kari: Desk) -> None:
    answer = await enter(kari, **(CONTACT | {"day": "2025-03-03"}))
    assert (answer.status_code, "mer enn et år siden" in answer.text) == (400, True)
    assert 'name="sure"' in answer.text
    assert await kept(service) == []
    await enter(kari, **(CONTACT | {"day": "2025-03-03"}), sure="yes")
    assert len(await kept(service)) == 1
    answer = await enter(kari, "group", year="2024")
    assert 'name="sure"' in answer.text
    await enter(kari, "group", year="2025")
    assert len(await kept(service)) == 2


async def test_the_next_one_remembers_the_day_and_the_channel(service: Service, kari: Desk) -> None:
    first = await kari.get("/records/new/contact")
    assert 'value="phone" checked' in first.text
    assert 'value="2026-11-23"' in first.text
    answer = await enter(kari, **CONTACT, then="next")
    assert answer.url.path == "/records/new/contact"
    assert "Ført av meg i dag: 1" in answer.text
    # The same channel all day; last Friday only as long as one goes on from there.
    assert 'value="email" checked' in answer.text
    assert 'value="2026-11-20"' in answer.text
    assert hidden(answer.text, "key", "/records/new/contact") != (await kept(service))[0].record_id
    assert 'value="2026-11-23"' in (await kari.get("/records/new/contact")).text
    service.clock.advance(hours=11)
    assert 'value="email" checked' in (await kari.get("/records/new/contact")).text


async def test_whoever_entered_it_may_correct_and_strike_it_out_the_same_day(
    service: Service, kari: Desk, ola: Desk
) -> None:
    answer = await enter(kari, **CONTACT)
    record_id = answer.url.path.removeprefix("/records/")
    assert (await ola.get(f"/records/{record_id}")).status_code == 404
    form = await kari.get(f"/records/{record_id}/correct")
    assert 'value="email" checked' in form.text
    assert 'value="25"' in form.text
    answer = await send(
        kari,
        f"/records/{record_id}/correct",
        key=hidden(form.text, "key"),
        seen=hidden(form.text, "seen"),
        **(CONTACT | {"relation": "father", "hour": "8"}),
    )
    assert "Rettet." in answer.text
    assert "Relasjon: mor → far" in plain(answer.text)
    first, second = sorted(await kept(service), key=lambda one: one.corrects is not None)
    assert (first.relation, second.relation, second.corrects) == ("mother", "father", first.record_id)
    assert second.opened_at - first.opened_at == timedelta(hours=-1)
    tally = await counted(service)
    assert (tally.count("contacts"), tally.count("contacts", "relation=father")) == (1, 1)
    # Struck out, it counts nothing; twice pressed too.
    page = await kari.get(f"/records/{record_id}")
    strike = {"key": hidden(page.text, "key"), "seen": hidden(page.text, "seen")}
    for _ in range(2):
        answer = await send(kari, f"/records/{record_id}/strike", **strike)
        assert "Slettet. Den telles ikke lenger." in answer.text
    assert len(await kept(service)) == 3
    tally = await counted(service)
    assert {mark: tally.count(mark) for mark in ("contacts", "attendances", "sessions", "persons", "groups")} == {
        "contacts": 0
    } | dict.fromkeys(("attendances", "sessions", "persons", "groups"), 0)
    assert "(slettet)" in (await kari.get("/records/new/contact")).text
    # And it can be taken back, through the same form.
    form = await kari.get(f"/records/{record_id}/correct")
    assert re.search(r'value="father" selected', form.text)
    await send(
        kari,
        f"/records/{record_id}/correct",
        key=hidden(form.text, "key"),
        seen=hidden(form.text, "seen"),
        **(CONTACT | {"relation": "father", "hour": "8"}),
    )
    assert (await counted(service)).count("contacts", "relation=father") == 1
    # Tomorrow it is a manager's.
    service.clock.advance(hours=14)
    async with sitting(service, kari.advisor) as tomorrow:
        assert (await tomorrow.get(f"/records/{record_id}")).status_code == 404


async def test_a_manager_corrects_any_record_and_what_was_measured_stays(service: Service, rogn: Desk) -> None:
    live = Record(
        record_id="live-1",
        opened_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        closed_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
        channel="phone",
        direction="inbound",
        county="34",
        municipality="3405",
        language="nn",
        urgency="yellow",
        waited_seconds=42,
        handled_seconds=605,
        outcome="abandoned",
        topics=("rights",),
        source="radio",
        articles_used=("grensesetting",),
        redial_24h=True,
    )
    async with service.database.writing() as session:
        await records.keep(session, live)
        await counters.on_record(session, live, house=service.house, now=service.clock.now())
    form = await rogn.get("/records/live-1/correct")
    values: Form = {"day": "2026-11-20", "hour": "10", "channel": "phone", "direction": "inbound", "topics": ["rights"]}
    values |= {"outcome": "counselled", "minutes": "10", "county": "34", "seen": "live-1"}
    values |= {"municipality": "Lillehammer"}
    assert 'name="municipality" list="municipalities" maxlength="60" value="Lillehammer"' in form.text
    answer = await send(rogn, "/records/live-1/correct", key=hidden(form.text, "key"), **values)
    assert "Utfall: forlot køen → rådgitt" in plain(answer.text)
    assert "23. november 2026 11.00, Rogn Eksempel" in plain(answer.text)
    [corrected] = [record for record in await kept(service) if record.corrects == "live-1"]
    same = ("origin", "opened_at", "closed_at", "municipality", "language", "urgency", "waited_seconds", "source")
    for column in (*same, "handled_seconds", "articles_used", "redial_24h"):
        assert getattr(corrected, column) == getattr(live, column), column
    # From a page that another correction has overtaken nothing is written, and nothing is lost.
    late = await send(
        rogn, "/records/live-1/correct", key="f" * 32, **(values | {"outcome": "referred", "minutes": "12"})
    )
    assert (late.status_code, "Noen har rettet denne føringen mens du skrev" in late.text) == (409, True)
    assert 'value="12"' in late.text
    # Saved without a change, nothing is written.
    form = await rogn.get("/records/live-1/correct")
    values["seen"] = hidden(form.text, "seen")
    await send(rogn, "/records/live-1/correct", key=hidden(form.text, "key"), **values)
    assert len(await kept(service)) == 2
    # A municipality lies in one county.
    wrong = await send(rogn, "/records/live-1/correct", key="e" * 32, **(values | {"county": "03"}))
    assert (wrong.status_code, "Lillehammer ligger i Innlandet" in wrong.text) == (400, True)
    await send(rogn, "/records/live-1/correct", key="e" * 32, **(values | {"county": "03", "municipality": ""}))
    assert [(one.county, one.municipality) for one in await kept(service) if one.record_id == "e" * 32] == [
        ("03", None)
    ]
    assert (await rogn.get("/records/nowhere")).status_code == 404
    # The list behind a figure leads here, for whoever may see it.
    behind = await rogn.get("/reports/records?counter=contacts&first=2026-11-20&last=2026-11-20")
    assert f'href="/records/{"e" * 32}"' in behind.text
    assert not any(is_struck(record) for record in await kept(service))
