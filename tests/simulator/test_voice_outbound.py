"""Calls that the service makes: over REST to an advisor's telephone, and by dialling from a call."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from helpline.simulator.calls import Manner
from helpline.simulator.faults import Fault, FaultKind
from tests.simulator.conftest import VOICE_NUMBER
from tests.simulator.twilio_library import TwilioRestException
from tests.simulator.voice_line import ADVISOR, CALLER, OTHER_CALLER, START, Telephones, telephones

EVENTS = ["initiated", "ringing", "answered", "completed"]
ACCEPT = '<Gather numDigits="1" timeout="5" action="/accept"><Say>Trykk 1.</Say></Gather><Hangup/>'


@pytest.fixture
async def phones() -> AsyncIterator[Telephones]:
    async with telephones() as started:
        started.answer_from("/offer", ACCEPT)
        started.answer_from("/accept", "<Dial><Conference>kontakt-1</Conference></Dial>")
        yield started


async def ring_advisor(phones: Telephones, **more: Any) -> str:
    given = {
        "to": ADVISOR,
        "from_": VOICE_NUMBER,
        "url": f"{phones.service.url}/offer",
        "status_callback": f"{phones.service.url}/status",
        "status_callback_event": EVENTS,
        "timeout": 20,
    }
    call = await phones.client.calls.create_async(**(given | more))
    assert (call.status, call.direction, call.to, call._from) == ("queued", "outbound-api", ADVISOR, VOICE_NUMBER)
    await phones.calls.settled()
    return str(call.sid)


async def test_advisor_answers_and_presses_to_accept(phones: Telephones) -> None:
    sid = await ring_advisor(phones)
    assert phones.calls.leg(sid).expects == "ringing"
    assert phones.service.forms("/offer") == []
    await phones.wait(4)
    await phones.answer(sid)
    assert phones.heard(sid) == ["Trykk 1."]
    assert phones.service.told("/offer", "CallStatus", "Direction", "From", "To") == [
        ("in-progress", "outbound-api", VOICE_NUMBER, ADVISOR)
    ]
    await phones.press(sid, "1")
    assert phones.calls.leg(sid).expects == "conference"
    await phones.wait(6)
    await phones.hang_up(sid)
    assert phones.service.told("/status", "CallStatus", "SequenceNumber", "CallDuration") == [
        ("initiated", "0", None),
        ("ringing", "1", None),
        ("in-progress", "2", None),
        ("completed", "3", "6"),
    ]
    call = await phones.client.calls(sid).fetch_async()
    assert (call.status, call.duration) == ("completed", "6")
    assert (call.end_time - call.start_time).total_seconds() == 10


async def test_no_key_is_not_accepted(phones: Telephones) -> None:
    sid = await ring_advisor(phones)
    await phones.answer(sid)
    await phones.wait(5)
    assert phones.statuses() == {sid: "completed"}
    assert phones.service.forms("/accept") == []


ENDS: list[tuple[Manner, float, list[str]]] = [
    (Manner.RINGS, 20, ["initiated", "ringing", "no-answer"]),
    (Manner.SILENT, 20, ["initiated", "ringing", "no-answer"]),
    (Manner.BUSY, 0, ["initiated", "ringing", "busy"]),
    (Manner.UNREACHABLE, 0, ["initiated", "failed"]),
]


@pytest.mark.parametrize(("manner", "seconds", "told"), ENDS)
async def test_telephone_that_does_not_answer(
    phones: Telephones, manner: Manner, seconds: float, told: list[str]
) -> None:
    phones.calls.behave(ADVISOR, manner)
    sid = await ring_advisor(phones)
    await phones.wait(seconds - 1)
    assert phones.statuses() == {sid: "ringing" if seconds else told[-1]}
    await phones.wait(1)
    assert [form["CallStatus"] for form in phones.service.forms("/status")] == told
    assert phones.statuses() == {sid: told[-1]}
    assert phones.service.forms("/offer") == []


@pytest.mark.parametrize(("busy", "status"), [(True, "busy"), (False, "no-answer")])
async def test_declined(phones: Telephones, busy: bool, status: str) -> None:
    sid = await ring_advisor(phones)
    phones.calls.decline(sid, busy=busy)
    await phones.calls.settled()
    assert phones.statuses() == {sid: status}
    with pytest.raises(ValueError, match="does not ring"):
        phones.calls.answer(sid)


@pytest.mark.parametrize(
    ("manner", "asked", "by"),
    [
        (Manner.VOICEMAIL, "Enable", "machine_start"),
        (Manner.ANSWERS, "Enable", "human"),
        (Manner.VOICEMAIL, None, None),
    ],
)
async def test_machine_detection(phones: Telephones, manner: Manner, asked: str | None, by: str | None) -> None:
    phones.calls.behave(ADVISOR, manner)
    sid = await ring_advisor(phones, **({"machine_detection": asked} if asked else {}))
    assert phones.service.told("/offer", "AnsweredBy") == [(by,)]
    assert (await phones.client.calls(sid).fetch_async()).answered_by == by


@pytest.mark.parametrize("status", ["canceled", "completed"])
async def test_ringing_call_is_cancelled(phones: Telephones, status: str) -> None:
    sid = await ring_advisor(phones)
    call = await phones.client.calls(sid).update_async(status=status)
    await phones.calls.settled()
    assert call.status == "canceled"
    assert [form["CallStatus"] for form in phones.service.forms("/status")] == ["initiated", "ringing", "canceled"]


async def test_call_that_goes_on_can_only_be_completed(phones: Telephones) -> None:
    sid = await ring_advisor(phones)
    await phones.answer(sid)
    assert (await phones.client.calls(sid).update_async(status="canceled")).status == "in-progress"
    assert (await phones.client.calls(sid).update_async(status="completed")).status == "completed"


async def test_redirect_needs_a_call_that_goes_on(phones: Telephones) -> None:
    sid = await ring_advisor(phones)
    url = f"{phones.service.url}/accept"
    for prepare in (None, phones.hang_up):
        if prepare is not None:
            await prepare(sid)
        with pytest.raises(TwilioRestException) as refused:
            await phones.client.calls(sid).update_async(url=url)
        assert (refused.value.status, refused.value.code) == (400, 21220)


async def test_inline_document_and_fallback(phones: Telephones) -> None:
    phones.answer_from("/fallback", "<Say>Reserve.</Say>")
    fallback = f"{phones.service.url}/fallback"
    phones.calls.behave(ADVISOR, Manner.ANSWERS)
    sid = await ring_advisor(phones, url=None, twiml="<Response><Say>Hei.</Say></Response>")
    assert phones.heard(sid) == ["Hei."]
    sid = await ring_advisor(phones, url=None, twiml="<Response><Sing/></Response>", fallback_url=fallback)
    assert phones.heard(sid) == ["Reserve."]
    sid = await ring_advisor(phones, url=f"{phones.service.url}/nothing", fallback_url=fallback)
    assert phones.heard(sid) == ["Reserve."]


REFUSALS: list[tuple[dict[str, Any], int]] = [
    ({"to": ""}, 21201),
    ({"from_": ""}, 21213),
    ({"to": "90000003"}, 21211),
    ({"to": "anonymous"}, 21211),
    ({"to": "+471234"}, 21211),
    ({"to": "+4712345678"}, 21217),
    ({"from_": "PIO"}, 21212),
    ({"from_": CALLER}, 21210),
    ({"url": None}, 21205),
    ({"url": "/offer"}, 21205),
    ({"status_callback": "ftp://x.example/"}, 21205),
    ({"status_callback_event": ["answering"]}, 21626),
    ({"method": "PUT"}, 21209),
    ({"timeout": 601}, 21208),
    ({"record": True}, 20001),
]


@pytest.mark.parametrize(("changed", "code"), REFUSALS)
async def test_call_that_twilio_refuses(phones: Telephones, changed: dict[str, Any], code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        await ring_advisor(phones, **changed)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert phones.calls.legs() == []


async def test_calls_are_listed_and_filtered(phones: Telephones) -> None:
    phones.answer_from("/voice", '<Say>Hei.</Say><Pause length="60"/>')
    first = await phones.ring(CALLER)
    await phones.wait(5)
    second = await phones.ring(OTHER_CALLER)
    await phones.hang_up(second)
    third = await ring_advisor(phones)
    calls = phones.client.calls
    listed = await calls.list_async()
    assert [call.sid for call in listed] == [third, second, first]
    assert [call.sid for call in await calls.list_async(page_size=1)] == [third, second, first]
    assert [call.sid for call in await calls.list_async(to=VOICE_NUMBER, from_=CALLER)] == [first]
    assert [call.sid for call in await calls.list_async(status="ringing")] == [third]
    assert [call.sid for call in await calls.list_async(start_time_before=START.replace(second=4))] == [first]
    assert [call.sid for call in await calls.list_async(start_time_after=START.replace(second=5))] == [third, second]
    assert len(await calls.list_async(start_time=START.replace(hour=0))) == 0
    assert len(await calls.list_async(limit=2)) == 2
    with pytest.raises(TwilioRestException) as refused:
        await calls("CA" + "0" * 32).fetch_async()
    assert (refused.value.status, refused.value.code) == (404, 20404)


async def test_status_twice_and_out_of_order(phones: Telephones) -> None:
    phones.simulator.faults.order(Fault(kind=FaultKind.REORDER, target="webhook/voice-status"))
    sid = await phones.client.calls.create_async(
        to=ADVISOR,
        from_=VOICE_NUMBER,
        url=f"{phones.service.url}/offer",
        status_callback=f"{phones.service.url}/status",
        status_callback_event=EVENTS,
    )
    await phones.calls.settled()
    assert phones.service.told("/status", "SequenceNumber") == [("1",), ("0",)]
    phones.simulator.faults.order(Fault(kind=FaultKind.TWICE, target="webhook/voice-status"))
    await phones.hang_up(sid.sid)
    assert phones.service.told("/status", "SequenceNumber")[2:] == [("2",), ("2",)]


async def test_webhook_twice_is_answered_once_for_the_caller(phones: Telephones) -> None:
    phones.answer_from("/voice", "<Say>Hei.</Say>")
    phones.simulator.faults.order(Fault(kind=FaultKind.TWICE, target="webhook/voice"))
    sid = await phones.ring()
    assert len(phones.service.forms("/voice")) == 2
    assert phones.heard(sid) == ["Hei."]
