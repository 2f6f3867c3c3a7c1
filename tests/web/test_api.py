"""The JSON interface over HTTP: tokens and roles, what it tells and what it never tells."""

from datetime import timedelta
from typing import Any

import pytest

from helpline.core.codes import Origin
from helpline.core.duty import Role
from helpline.core.record import Record
from helpline.desk import counters, tokens
from helpline.store import access, records
from tests.conftest import MONDAY, Service
from tests.web.conftest import Write, waiting

PATHS = ("/api/v1/queue", "/api/v1/contacts", "/api/v1/advisors", "/api/v1/counters")
RECORDS = "/api/v1/records?first=2026-11-01&last=2026-11-30"


async def token(service: Service, role: Role) -> dict[str, str]:
    async with service.database.writing() as session:
        text = await tokens.add(session, name=f"prøve {role.value}", role=role, now=service.clock.now())
    return {"Authorization": f"Bearer {text}"}


async def keep(service: Service, *written: Record) -> None:
    async with service.database.writing() as session:
        await records.keep_many(session, written)
        await counters.on_records(session, written, house=service.house)


def record(record_id: str, **columns: Any) -> Record:
    return Record(record_id=record_id, opened_at=MONDAY, **({"channel": "phone", "outcome": "counselled"} | columns))


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer hjelp_feil"}, {"Authorization": "Basic YTpi"}])
async def test_nothing_is_told_without_a_token(service: Service, headers: dict[str, str]) -> None:
    for path in (*PATHS, RECORDS):
        answer = await service.http.get(path, headers=headers)
        assert answer.status_code == 401, path
        assert set(answer.json()) == {"error"}


async def test_records_take_a_managers_token(service: Service) -> None:
    advisor, manager = await token(service, Role.ADVISOR), await token(service, Role.MANAGER)
    for path in PATHS:
        assert (await service.http.get(path, headers=advisor)).status_code == 200, path
    refused = await service.http.get(RECORDS, headers=advisor)
    assert (refused.status_code, refused.json()) == (403, {"error": "This takes a token with the role manager."})
    assert (await service.http.get(RECORDS, headers=manager)).status_code == 200


async def test_the_queue_and_contacts_are_told_in_codes_alone(service: Service, write: Write) -> None:
    headers = await token(service, Role.ADVISOR)
    first = await waiting(write, "Hei, jeg trenger å snakke med noen om broren min", handle="+4790000011")
    service.clock.advance(seconds=90)
    second = await waiting(write, "Broren min vil dø, han har skrevet et avskjedsbrev", handle="+4790000012")
    answer = await service.http.get("/api/v1/queue", headers=headers)
    queue = answer.json()
    assert queue["length"] == 2
    assert queue["longest_wait_seconds"] == 90
    # The red one goes first, though it came last.
    assert [(one["id"], one["place"]) for one in queue["waiting"]] == [(second, 1), (first, 2)]
    assert queue["waiting"][0]["urgency"] == "red"
    listed = await service.http.get("/api/v1/contacts?limit=1", headers=headers)
    page = listed.json()
    assert [one["id"] for one in page["contacts"]] == [second]
    rest = await service.http.get(f"/api/v1/contacts?before={page['next']}", headers=headers)
    assert ([one["id"] for one in rest.json()["contacts"]], rest.json()["next"]) == ([first], None)
    assert (await service.http.get("/api/v1/contacts?state=closed", headers=headers)).json()["contacts"] == []
    for text in (answer.text, listed.text, rest.text):
        assert "broren" not in text.lower()
        assert "90000011" not in text
        assert "90000012" not in text


async def test_advisors_duty_is_told_without_their_numbers(service: Service) -> None:
    headers = await token(service, Role.ADVISOR)
    advisor = await service.advisor("Kari Eksempel")
    answer = await service.http.get("/api/v1/advisors", headers=headers)
    [told] = answer.json()["advisors"]
    assert (told["id"], told["name"], told["duty"], told["pause_reason"]) == (advisor.id, "Kari Eksempel", "on", None)
    assert "+47" not in answer.text
    assert advisor.email not in answer.text


async def test_counters_carry_their_definitions_and_any_cut(service: Service) -> None:
    headers = await token(service, Role.ADVISOR)
    await keep(
        service,
        record("r1", topics=("rights",)),
        record("r2", topics=("rights", "grief"), outcome="abandoned", direction="inbound"),
        record("r3", origin=Origin.SIMULATED),
    )
    answer = (await service.http.get("/api/v1/counters?by=topic", headers=headers)).json()
    contacts = answer["counters"]["contacts"]
    assert (contacts["value"], contacts["unit"], contacts["version"]) == (2, "contacts", 1)
    assert contacts["definition_nb"].startswith("Avsluttede henvendelser")
    assert answer["counters"]["answer_rate"]["part"] == 1
    assert {part: found["contacts"]["value"] for part, found in answer["parts"].items()} == {"grief": 1, "rights": 2}
    crossed = await service.http.get("/api/v1/counters?by=month,topic&where=outcome=abandoned", headers=headers)
    assert {part: found["contacts"]["value"] for part, found in crossed.json()["parts"].items()} == {
        "month=2026-11-01&topic=grief": 1,
        "month=2026-11-01&topic=rights": 1,
    }
    assert crossed.json()["where"] == {"outcome": "abandoned"}
    days = (await service.http.get("/api/v1/counters?by=day&first=2026-11-23", headers=headers)).json()
    assert list(days["parts"]) == ["2026-11-23"]


async def test_records_come_in_pages_and_the_access_is_logged(service: Service) -> None:
    headers = await token(service, Role.MANAGER)
    await keep(
        service,
        *(record(f"r{place}", topics=("rights",) if place else ()) for place in range(3)),
        record("later", relation=None),
    )
    seen, after = [], ""
    while True:
        page = (await service.http.get(f"{RECORDS}&limit=2{after}", headers=headers)).json()
        seen += page["records"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [one["record_id"] for one in seen] == ["later", "r0", "r1", "r2"]
    assert "relation" not in seen[0]
    assert seen[2]["topics"] == ["rights"]
    async with service.database.reading() as session:
        lines = [access.reason(session, line) for line in await access.latest(session) if line.action == "exported"]
    assert set(lines) == {"API prøve manager: records 2026-11-01–2026-11-30"}
    unknown = await service.http.get(f"{RECORDS}&after=nobody", headers=headers)
    assert unknown.json() == {"records": [], "next": None}


CANNOT_BE_ASKED = (
    "/api/v1/contacts?limit=0",
    "/api/v1/contacts?limit=many",
    "/api/v1/contacts?before=-1",
    f"/api/v1/contacts?before={2**63}",
    "/api/v1/contacts?state=lost",
    "/api/v1/counters?by=shoe_size",
    "/api/v1/counters?by=month,year",
    "/api/v1/counters?by=topic,relation,channel",
    "/api/v1/counters?where=shoe_size=44",
    "/api/v1/counters?where=channel=pigeon",
    "/api/v1/counters?where=channel",
    "/api/v1/counters?where=channel=sms&where=channel=phone",
    "/api/v1/counters?first=today",
    "/api/v1/counters?first=0001-01-01",
    "/api/v1/counters?last=9999-12-31",
    "/api/v1/counters?first=2026-02-01&last=2026-01-01",
    "/api/v1/counters?answer_within=-1",
    "/api/v1/records",
    "/api/v1/records?first=2026-02-01&last=2026-01-01",
    "/api/v1/records?first=0001-01-01&last=9999-12-31",
    f"{RECORDS}&after=%00",
    f"{RECORDS}&after=a%20b",
)


async def test_what_cannot_be_asked_is_refused_in_a_sentence(service: Service) -> None:
    headers = await token(service, Role.MANAGER)
    for path in CANNOT_BE_ASKED:
        answer = await service.http.get(path, headers=headers)
        assert answer.status_code == 400, path
        assert answer.json()["error"], path


async def test_the_document_for_machines_says_what_there_is(service: Service) -> None:
    answer = await service.http.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    document = answer.json()
    assert set(document["paths"]) == {path.partition("?")[0] for path in (*PATHS, RECORDS)}
    for operations in document["paths"].values():
        assert set(operations["get"]["responses"]) == {"200", "400", "401", "403", "503"}
        assert operations["get"]["security"] == [{"HTTPBearer": []}]


async def test_a_wait_is_never_negative(service: Service, write: Write) -> None:
    headers = await token(service, Role.ADVISOR)
    await waiting(write)
    service.clock.set(MONDAY - timedelta(seconds=5))
    [one] = (await service.http.get("/api/v1/queue", headers=headers)).json()["waiting"]
    assert one["waited_seconds"] == 0
