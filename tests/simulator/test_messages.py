"""Texts both ways through the real twilio library."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helpline.simulator.faults import Fault, FaultKind
from tests.simulator.conftest import (
    ACCOUNT,
    CALLER,
    SMS_NUMBER,
    TOKEN,
    VOICE_NUMBER,
    RecordingService,
    Running,
    running,
    simulator_settings,
)
from tests.simulator.twilio_library import Client, RedirectedClient, RequestValidator, TwilioRestException


@pytest.fixture
async def twilio(line: Running) -> AsyncIterator[Any]:
    async with RedirectedClient(line.url) as http:
        yield Client(ACCOUNT, TOKEN, http_client=http)


async def test_a_text_goes_out_and_every_state_but_the_first_is_told(
    line: Running, twilio: Any, service: RecordingService, service_url: str
) -> None:
    callback = f"{service_url}/webhooks/twilio/sms/status"
    sent = await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei på deg", status_callback=callback)
    assert (sent.status, sent.num_segments, sent.direction, sent.to) == ("queued", "1", "outbound-api", CALLER)
    told = await service.until(2)
    assert [request.form["MessageStatus"] for request in told] == ["sent", "delivered"]
    for request in told:
        assert request.form["MessageSid"] == sent.sid
        assert RequestValidator(TOKEN).validate(callback, request.form, request.headers["x-twilio-signature"])
    fetched = await twilio.messages(sent.sid).fetch_async()
    assert (fetched.status, fetched.body, fetched.error_code) == ("delivered", "Hei på deg", None)
    assert fetched.date_sent is not None


async def test_an_undelivered_text_carries_its_code(
    line: Running, twilio: Any, service: RecordingService, service_url: str
) -> None:
    line.simulator.faults.order(Fault(kind=FaultKind.UNDELIVERED, code=30005))
    await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei", status_callback=f"{service_url}/s")
    told = await service.until(2)
    assert [request.form.get("ErrorCode") for request in told] == [None, "30005"]
    assert told[1].form["SmsStatus"] == "undelivered"


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"to": "12"}, 21211, 400),
        ({"to": "+47900000011"}, 21211, 400),
        ({"to": "+4721525353"}, 21614, 400),
        ({"to": ""}, 21604, 400),
        ({"from_": "+4790"}, 21212, 400),
        ({"from_": "+4790000009"}, 21606, 400),
        ({"from_": VOICE_NUMBER}, 21606, 400),
        ({"from_": CALLER}, 21266, 400),
        ({"from_": ""}, 21603, 400),
        ({"body": ""}, 21602, 400),
        ({"body": "a" * 1601}, 21617, 400),
        ({"status_callback": "not an address"}, 21609, 400),
        ({"messaging_service_sid": "MG1"}, 21701, 400),
        ({"smart_encoded": True}, 20001, 400),
    ],
)
async def test_refusals_carry_the_codes_of_the_real_ones(
    line: Running, twilio: Any, changes: dict[str, object], code: int, status: int
) -> None:
    request = {"to": CALLER, "from_": SMS_NUMBER, "body": "Hei", **changes}
    with pytest.raises(TwilioRestException) as refused:
        await twilio.messages.create_async(**request)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert line.simulator.messages.all() == []


async def test_abroad_and_names_of_senders_are_accepted(line: Running, twilio: Any) -> None:
    sent = await twilio.messages.create_async(to="+46700000001", from_="PIO", body="a" * 1600)
    assert (sent.from_, sent.num_segments) == ("PIO", "11")


@pytest.mark.parametrize(("name", "secret"), [(ACCOUNT, "wrong"), ("SK1", TOKEN)])
async def test_a_wrong_secret_opens_nothing(line: Running, name: str, secret: str) -> None:
    async with RedirectedClient(line.url) as http:
        client = Client(name, secret, account_sid=ACCOUNT, http_client=http)
        with pytest.raises(TwilioRestException) as refused:
            await client.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei")
    assert (refused.value.code, refused.value.status) == (20003, 401)


async def test_an_api_key_opens(service_url: str) -> None:
    settings = simulator_settings(service_url, api_key="SK1", api_secret="hemmelig")
    async with running(settings) as line, RedirectedClient(line.url) as http:
        client = Client("SK1", "hemmelig", account_sid=ACCOUNT, http_client=http)
        sent = await client.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei")
    assert line.simulator.messages.all()[0].sid == sent.sid


async def test_a_messaging_service_chooses_the_sender(service: RecordingService, service_url: str) -> None:
    sid = "MG" + "1" * 32
    settings = simulator_settings(service_url, messaging_service_sid=sid)
    async with running(settings) as line, RedirectedClient(line.url) as http:
        client = Client(ACCOUNT, TOKEN, http_client=http)
        sent = await client.messages.create_async(
            to=CALLER, messaging_service_sid=sid, body="Hei", status_callback=f"{service_url}/status"
        )
        assert (str(sent.status), sent.messaging_service_sid) == ("accepted", sid)
        told = [request.form for request in await service.until(3)]
        assert [form["MessageStatus"] for form in told] == ["queued", "sent", "delivered"]
        assert {form["MessagingServiceSid"] for form in told} == {sid}
        line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body="Hei")
        assert (await service.until(4))[3].form["MessagingServiceSid"] == sid
        assert (await client.messaging.v1.services(sid).fetch_async()).use_inbound_webhook_on_number
        assert str((await client.api.v2010.accounts(ACCOUNT).fetch_async()).status) == "active"


@pytest.mark.parametrize("body", ["Nul \x00 tegn", "𝓗𝓮𝓲 🙂", "مرحبا", "", "a\r\nb & c=d +47", "  "])
async def test_any_text_arrives_as_it_was_written(line: Running, service: RecordingService, body: str) -> None:
    line.simulator.messages.receive(from_="26112", to=SMS_NUMBER, body=body)
    (request,) = await service.until(1)
    assert request.form["Body"] == body
    assert RequestValidator(TOKEN).validate(request.url, request.form, request.headers["x-twilio-signature"])


async def test_another_account_and_an_unknown_text_are_not_found(line: Running, twilio: Any) -> None:
    with pytest.raises(TwilioRestException) as missing:
        await twilio.messages("SM1").fetch_async()
    assert (missing.value.code, missing.value.status) == (20404, 404)
    answer = await line.http.get("/2010-04-01/Accounts/ACother/Messages.json", auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


async def test_an_incoming_text_reaches_the_service_as_the_real_one_does(
    line: Running, service: RecordingService, service_url: str
) -> None:
    answer = await line.http.post("/simulator/api/texts", json={"from": CALLER, "body": "Jeg er redd 🙁"})
    (sid,) = answer.json()["sids"]
    (request,) = await service.until(1)
    assert request.url == f"{service_url}/webhooks/twilio/sms"
    assert RequestValidator(TOKEN).validate(request.url, request.form, request.headers["x-twilio-signature"])
    form = request.form
    assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"] == sid
    assert (form["From"], form["To"], form["Body"]) == (CALLER, SMS_NUMBER, "Jeg er redd 🙁")
    assert (form["AccountSid"], form["SmsStatus"], form["NumMedia"], form["NumSegments"], form["ApiVersion"]) == (
        ACCOUNT,
        "received",
        "0",
        "1",
        "2010-04-01",
    )
    assert (form["FromCountry"], form["ToCountry"]) == ("NO", "NO")


async def test_pictures_and_very_long_texts_come_in(line: Running, service: RecordingService) -> None:
    received = line.simulator.messages.receive(
        from_=CALLER, to=SMS_NUMBER, body="a" * 1601, media=("https://media.example/1",)
    )
    forms = [request.form for request in await service.until(2)]
    forms.sort(key=lambda form: len(form["Body"]), reverse=True)
    assert [(len(form["Body"]), form["NumMedia"], form.get("MediaUrl0")) for form in forms] == [
        (1600, "1", "https://media.example/1"),
        (1, "0", None),
    ]
    assert received[0].sid.startswith("MM")


async def test_twiml_in_the_answer_is_sent_and_wrong_twiml_is_reported(
    line: Running, service: RecordingService
) -> None:
    service.answer = (200, "<Response><Message>Vi har fått meldingen.</Message></Response>", "text/xml")
    line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body="Hei")
    await line.until(lambda: len(line.simulator.messages.all()) == 2)
    reply = line.simulator.messages.all()[1]
    assert (reply.body, reply.to, reply.direction) == ("Vi har fått meldingen.", CALLER, "outbound-reply")
    service.answer = (200, "<Response><Say>Hei</Say></Response>", "text/xml")
    line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body="Hei")
    await line.until(lambda: len(line.simulator.alerts) == 1)
    assert line.simulator.alerts[0].code == 12200
    assert len(line.simulator.messages.all()) == 3


async def test_the_catch_up_list_is_filtered_and_paged(line: Running, twilio: Any, service: RecordingService) -> None:
    for number in range(5):
        line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body=f"Melding {number}")
    line.simulator.messages.receive(from_="+4790000002", to=SMS_NUMBER, body="En annen")
    await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Ut")
    await service.until(6)
    inbound = await twilio.messages.list_async(to=SMS_NUMBER, page_size=2)
    assert {message.direction for message in inbound} == {"inbound"}
    assert len(inbound) == 6
    assert len(await twilio.messages.list_async(from_=CALLER, limit=3)) == 3
    now = datetime.now(UTC)
    assert len(await twilio.messages.list_async(to=SMS_NUMBER, date_sent_after=now - timedelta(minutes=5))) == 6
    assert await twilio.messages.list_async(to=SMS_NUMBER, date_sent_after=now + timedelta(minutes=5)) == []
    assert await twilio.messages.list_async(to=SMS_NUMBER, date_sent_before=now - timedelta(minutes=5)) == []
    assert len(await twilio.messages.list_async(to=SMS_NUMBER, date_sent=now.date())) in {0, 6}


async def test_texts_can_be_emptied_and_deleted(line: Running, twilio: Any) -> None:
    (received,) = line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body="Noe privat")
    assert (await twilio.messages(received.sid).update_async(body="")).body == ""
    assert await twilio.messages(received.sid).delete_async()
    assert line.simulator.messages.all() == []


async def test_a_number_is_pointed_elsewhere_over_rest(
    line: Running, twilio: Any, service: RecordingService, service_url: str
) -> None:
    (number,) = await twilio.incoming_phone_numbers.list_async(phone_number=SMS_NUMBER)
    assert number.capabilities == {"sms": True, "mms": False, "voice": False, "fax": False}
    changed = await twilio.incoming_phone_numbers(number.sid).update_async(
        sms_url=f"{service_url}/fails#rc=0", sms_fallback_url=f"{service_url}/fallback", sms_method="GET"
    )
    assert changed.sms_fallback_url == f"{service_url}/fallback"
    service.queued = [(500, "", "text/plain")]
    line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body="Hei")
    first, second = await service.until(2)
    assert first.method == second.method == "GET"
    assert second.url.startswith(f"{service_url}/fallback?")
    assert "ErrorCode=11200" in second.url
    await line.until(lambda: [alert.code for alert in line.simulator.alerts] == [11200])
    with pytest.raises(TwilioRestException, match="valid URL"):
        await twilio.incoming_phone_numbers(number.sid).update_async(sms_url="ftp://x")


async def test_twilios_own_stop_can_be_switched_on(line: Running, twilio: Any, service: RecordingService) -> None:
    line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body="STOP")
    await service.until(1)
    assert (await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei")).status == "queued"
    await line.http.post("/simulator/api/opt-out", json={"on": True})
    line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body=" stop ")
    await service.until(2)
    with pytest.raises(TwilioRestException) as refused:
        await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Ring 113 nå")
    assert refused.value.code == 21610
    line.simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body="Start")
    await service.until(3)
    assert (await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei")).status == "queued"
