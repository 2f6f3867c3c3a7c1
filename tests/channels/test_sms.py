"""SMS over HTTP: only what Twilio signed comes in, once, whole or not at all; what goes out is followed to its end."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from twilio.request_validator import RequestValidator

from helpline.core.contact import EntryKind
from helpline.simulator.faults import Fault, FaultKind
from helpline.store import deliveries
from helpline.store.db import ReadSession
from helpline.store.tables import Contact, Delivery, DeliveryState, Entry, InboundEvent, Lease
from tests.conftest import ACCOUNT, AUTH_TOKEN, SMS_NUMBER, HandClock, Service, open_all_week, started

KARI = "+4790000201"
PATH = "/webhooks/twilio/sms"


def form(words: str = "hei", *, sid: str = "SM" + "1" * 32, sender: str = KARI, **more: str) -> dict[str, str]:
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "To": SMS_NUMBER,
        "Body": words,
        "NumMedia": "0",
    } | more


def signature(service: Service, fields: dict[str, str], path: str = PATH, *, token: str = AUTH_TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(f"{service.url}{path}", fields))


async def post(service: Service, fields: dict[str, str], path: str = PATH, **more: str) -> httpx.Response:
    """A genuine webhook."""
    headers = {"X-Twilio-Signature": signature(service, fields, path, **more)}
    return await service.http.post(path, data=fields, headers=headers)


async def heard(service: Service) -> list[str | None]:
    """What callers wrote, in order."""
    async with service.database.reading() as session:
        rows = await session.scalars(
            select(Entry).where(Entry.kind.in_((EntryKind.TEXT_IN, EntryKind.MEDIA))).order_by(Entry.id)
        )
        return [session.keyring.open(row.body) if row.body else None for row in rows]


async def test_what_is_not_genuine_is_refused_and_leaves_nothing(service: Service) -> None:
    genuine = form()
    body = urlencode(genuine)
    signed = {"X-Twilio-Signature": signature(service, genuine)}
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    other = {"X-Twilio-Signature": signature(service, form("noe annet"))}
    wrong_token = {"X-Twilio-Signature": signature(service, genuine, token="another")}
    other_path = {"X-Twilio-Signature": signature(service, genuine, f"{PATH}/status")}
    cases: list[tuple[str, bytes | str, dict[str, str], int]] = [
        ("unsigned", body, form_type, 403),
        ("empty signature", body, form_type | {"X-Twilio-Signature": ""}, 403),
        ("odd signature", body, form_type | {"X-Twilio-Signature": "æøå".encode("latin-1").decode("latin-1")}, 403),
        ("forged", body, form_type | {"X-Twilio-Signature": "A" * 28}, 403),
        ("signature of other words", body, form_type | other, 403),
        ("signature by another token", body, form_type | wrong_token, 403),
        ("signature of another address", body, form_type | other_path, 403),
        ("truncated", body[:-20], form_type | signed, 403),
        ("cut in a name", body + "&Nu", form_type | signed, 400),
        ("no form", "{}", {"Content-Type": "application/json"} | signed, 400),
        ("no type", body, signed | {"Content-Type": ""}, 400),
        ("not UTF-8", b"Body=\xff\xfe", form_type | signed, 400),
        ("oversized", "Body=" + "x" * 70_000, form_type | signed, 413),
        ("with a query that was not signed", body, form_type | signed, 403),
        ("empty", "", form_type | signed, 403),
    ]
    for name, content, headers, status in cases:
        path = f"{PATH}?x=1" if name.startswith("with a query") else PATH
        raw = {key.encode(): value.encode("latin-1") for key, value in headers.items()}
        answer = await service.http.post(path, content=content, headers=list(raw.items()))
        assert answer.status_code == status, name
        assert answer.json()["error"], name
    assert (await service.http.get(PATH)).status_code == 405
    assert await heard(service) == []
    async with service.database.reading() as session:
        assert (await session.scalars(select(InboundEvent.id))).all() == []


async def test_a_genuine_text_without_an_id_is_malformed(service: Service) -> None:
    for fields in ({"Body": "hei", "From": KARI}, form(sid="S" * 65)):
        assert (await post(service, fields)).status_code == 400
    assert await heard(service) == []


async def test_a_text_is_taken_in_once_however_often_it_comes(service: Service) -> None:
    answers = [await post(service, form("hei")) for _ in range(2)]
    answers += await asyncio.gather(*(post(service, form("hei")) for _ in range(5)))

    assert {(answer.status_code, answer.text) for answer in answers} == {
        (200, '<?xml version="1.0" encoding="UTF-8"?><Response/>')
    }
    assert await heard(service) == ["hei"]


async def test_odd_texts_and_media_come_in_whole(service: Service) -> None:
    words = ["NUL \x00 inni", "😀𝕳", "\u202eשלום", "x" * 4096, "", "a+b & c=d %41"]
    for number, one in enumerate(words):
        assert (await post(service, form(one, sid=f"SM{number}"))).status_code == 200
    assert (await post(service, form("", sid="MM1", NumMedia="1"))).status_code == 200
    assert (await post(service, form("se her", sid="MM2", NumMedia="2"))).status_code == 200

    assert await heard(service) == [*words[:4], None, words[5], None, "se her"]


async def test_machines_are_taken_in_and_never_answered(service: Service) -> None:
    senders = ["PIO", "2097", "26112", "Posten Norge", SMS_NUMBER, "anonymous", "+266696687", ""]
    for number, sender in enumerate(senders):
        assert (await post(service, form("Koden din er 1234", sid=f"SM{number}", sender=sender))).status_code == 200

    async with service.database.reading() as session:
        assert (await session.scalars(select(Delivery.id))).all() == []
        assert (await session.scalars(select(Contact.id))).all() == []
        assert len((await session.scalars(select(InboundEvent.id))).all()) == len(senders)


async def test_both_tokens_hold_while_one_is_rotated(database_url: str, clock: HandClock) -> None:
    tokens = [SecretStr("the-new-one"), SecretStr(AUTH_TOKEN)]
    async with started(database_url, clock, twilio_auth_token=tokens, twilio_api_key=None) as service:
        for number, token in enumerate(["the-new-one", AUTH_TOKEN]):
            assert (await post(service, form(sid=f"SM{number}"), token=token)).status_code == 200
        assert (await post(service, form(sid="SM9"), token="the-one-before")).status_code == 403


@pytest.mark.parametrize("signed_as", ["https://h.example.org", "https://h.example.org:443"])
async def test_behind_a_proxy_the_public_address_counts(database_url: str, clock: HandClock, signed_as: str) -> None:
    async with started(database_url, clock, public_url="https://h.example.org/") as service:
        fields = form()
        mark = RequestValidator(AUTH_TOKEN).compute_signature(f"{signed_as}{PATH}", fields)
        answer = await service.http.post(PATH, data=fields, headers={"X-Twilio-Signature": mark})
        assert answer.status_code == 200


async def test_a_text_is_answered_and_followed_until_it_is_delivered(service: Service) -> None:
    service.simulator.messages.receive(from_=KARI, to=SMS_NUMBER, body="hei")

    async def delivered(session: ReadSession) -> bool:
        # The word that it was delivered may come before the answer to its sending is written down.
        found = await session.execute(select(Delivery.state, Delivery.parts.is_not(None)))
        return found.all() == [(DeliveryState.DELIVERED, True)]

    await service.until(delivered)
    [answer] = [one for one in service.simulator.messages.all() if one.to == KARI]
    assert answer.body.startswith("Rådgivning for pårørende")
    assert "1 = Rådgiver" in answer.body
    async with service.database.reading() as session:
        [row] = await session.scalars(select(Delivery))
        assert (row.provider_id, row.parts) == (answer.sid, answer.parts)


async def test_states_come_out_of_order_twice_or_not_at_all_meant_for_us(service: Service) -> None:
    await post(service, form())

    async def sent(session: ReadSession) -> Delivery | None:
        return (await session.scalars(select(Delivery).where(Delivery.provider_id.is_not(None)))).first()

    delivery = await service.until(sent)
    assert delivery is not None
    sid = delivery.provider_id or ""
    path = f"{PATH}/status?delivery={delivery.id}"
    for state in ("delivered", "sent", "queued", "sent", "failed", "delivered", "a-new-word"):
        fields = {"MessageSid": sid, "MessageStatus": state, "ErrorCode": "30003", "AccountSid": ACCOUNT}
        assert (await post(service, fields, path)).status_code == 204, state
    for odd in ("²", "x", "9" * 30, "-1", ""):
        fields = {"MessageSid": "SM404", "MessageStatus": "sent"}
        mark = RequestValidator(AUTH_TOKEN).compute_signature(f"{service.url}{PATH}/status?delivery={odd}", fields)
        url = f"{service.url}{PATH}/status?delivery={odd}"
        answer = await service.http.post(url, data=fields, headers={"X-Twilio-Signature": mark})
        assert answer.status_code in (204, 403), odd
    assert (await post(service, {"MessageSid": sid}, f"{PATH}/status")).status_code == 400

    async with service.database.reading() as session:
        found = await deliveries.by_id(session, delivery.id)
        assert found is not None
        assert found.state is DeliveryState.DELIVERED
        failed = await session.scalars(select(Entry).where(Entry.kind == EntryKind.DELIVERY_FAILED))
        assert failed.all() == []


async def test_storage_that_fails_answers_503_and_the_same_text_is_welcome_later(service: Service) -> None:
    """The database is made unwritable for real: SQLite's writer is held by another process' lock, PostgreSQL's table
    is taken away; when it is back, Twilio's next try stores the text."""
    if service.database.is_sqlite:
        path = Path(str(service.database.url.database))
        async with service.database.writing() as session:
            # A full disk: SQLite refuses every page beyond these.
            pages = await session.scalar(text("PRAGMA page_count"))
            await session.execute(text(f"PRAGMA max_page_count = {pages}"))
            filler = os.urandom(4096 * 4).hex()
        answer = await post(service, form(filler[:8000]))
        for number in range(40):
            answer = await post(service, form(filler[:8000], sid=f"SMfull{number}"))
            if answer.status_code != 200:
                break
        lost = f"SMfull{number}"
        assert path.exists()
    else:
        async with service.database.writing() as session:
            await session.execute(text("ALTER TABLE entry RENAME TO entry_away"))
        answer = await post(service, form(sid="SMlost"))
        lost = "SMlost"
    assert answer.status_code == 503
    assert answer.headers.get("Retry-After", "5") == "5"
    async with service.database.writing() as session:
        if service.database.is_sqlite:
            await session.execute(text("PRAGMA max_page_count = 1073741823"))
        else:
            await session.execute(text("ALTER TABLE entry_away RENAME TO entry"))
    async with service.database.reading() as session:
        known = (await session.scalars(select(InboundEvent.external_id))).all()
        assert lost not in known, "nothing is half done"

    assert (await post(service, form("nå går det", sid=lost))).status_code == 200
    assert "nå går det" in await heard(service)


async def test_what_a_webhook_lost_is_caught_up_under_the_same_id(database_url: str) -> None:
    clock = HandClock(datetime.now(UTC))  # the pretend provider's own clock says when texts were sent
    async with started(database_url, clock) as service:
        await open_all_week(service.database)
        service.simulator.faults.order(Fault(kind=FaultKind.DROP, target="webhook/sms"), times=2)
        lost = [
            service.simulator.messages.receive(from_=KARI, to=SMS_NUMBER, body=words)[0]
            for words in ("tapt en", "tapt to")
        ]
        assert await heard(service) == []
        for _ in range(2):
            await service.sweep("catch_up_texts")
        assert await heard(service) == ["tapt en", "tapt to"]

        # The webhook comes after all: a repeat.
        assert (await post(service, form("tapt en", sid=lost[0].sid))).status_code == 200
        assert await heard(service) == ["tapt en", "tapt to"]


async def test_a_provider_that_is_away_is_asked_again_at_the_next_sweep(service: Service) -> None:
    sweep = next(sweep for sweep in service.parts.timetable.sweeps if sweep.name == "catch_up_texts")

    async def begun(session: ReadSession) -> bool:
        return await session.get(Lease, sweep.name) is not None

    # The service catches up by itself when it starts; that one is let through first.
    await service.until(begun)
    assert await service.parts.timetable.run(sweep)
    service.simulator.faults.order(Fault(kind=FaultKind.ERROR, target="twilio/GET Messages", status=500))

    assert not await service.parts.timetable.run(sweep)
    assert await service.parts.timetable.run(sweep)


async def test_an_answer_lost_on_the_way_back_is_looked_up_not_sent_twice(database_url: str) -> None:
    clock = HandClock(datetime.now(UTC))
    async with started(database_url, clock) as service:
        service.simulator.faults.order(Fault(kind=FaultKind.LOST, target="twilio/POST Messages", status=502))
        # No report tells us its id by another way.
        service.simulator.faults.order(Fault(kind=FaultKind.DROP, target="webhook/sms-status"), times=20)
        await post(service, form())

        async def lost(session: ReadSession) -> bool:
            return (await session.scalars(select(Delivery.error))).first() == "502"

        await service.until(lost)
        clock.advance(seconds=30)

        async def found(session: ReadSession) -> bool:
            return (await session.scalars(select(Delivery.provider_id))).first() is not None

        await service.until(found)
        assert len([one for one in service.simulator.messages.all() if one.to == KARI]) == 1


async def test_a_red_answer_that_the_provider_refuses_is_loud(service: Service) -> None:
    service.simulator.messages.set_opted_out(ours=SMS_NUMBER, theirs=KARI, out=True)
    await post(service, form("Jeg orker ikke leve lenger, jeg skal ta livet mitt i kveld"))

    async def loud(session: ReadSession) -> Entry | None:
        rows = await session.scalars(select(Entry).where(Entry.kind == EntryKind.DELIVERY_FAILED))
        return next((row for row in rows if row.data.get("loud")), None)

    entry = await service.until(loud)
    assert entry is not None
    assert entry.data["error"] == "21610"
