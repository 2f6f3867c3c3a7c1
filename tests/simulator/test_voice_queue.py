"""Waiting in a queue: the wait document, the keys in it, and every way out."""

from collections.abc import AsyncIterator

import pytest
from fastapi import Response

from helpline.simulator.voice_waiting import CONNECTED, PROVIDERS_MUSIC
from tests.simulator.twilio_library import TwilioRestException
from tests.simulator.voice_line import CALLER, OTHER_CALLER, Form, Telephones, telephones

ENQUEUE = '<Enqueue waitUrl="/wait" action="/left">radgiver</Enqueue><Say>Køen er over.</Say>'


@pytest.fixture
async def phones() -> AsyncIterator[Telephones]:
    async with telephones() as started:
        started.answer_from("/voice", ENQUEUE)
        started.answer_from(
            "/wait", lambda form: f"<Say>Du er nummer {form['QueuePosition']}.</Say><Pause length='10'/>"
        )
        started.answer_from("/left", "<Say>Du har forlatt køen.</Say>")
        yield started


async def test_wait_document_is_told_the_place_and_asked_again_when_it_ends(phones: Telephones) -> None:
    first = await phones.ring()
    await phones.wait(4)
    second = await phones.ring(OTHER_CALLER)
    await phones.wait(6)
    (queue,) = await phones.client.queues.list_async()
    assert phones.service.told(
        "/wait", "CallSid", "QueuePosition", "QueueTime", "CurrentQueueSize", "AvgQueueTime", "QueueSid"
    ) == [
        (first, "1", "0", "1", "0", queue.sid),
        (second, "2", "0", "2", "2", queue.sid),
        (first, "1", "10", "2", "8", queue.sid),
    ]
    assert phones.heard(second) == ["Du er nummer 2.", "10 s"]
    assert [leg["expects"] for leg in phones.calls.legs()] == ["queue", "queue"]
    assert (queue.friendly_name, queue.current_size, queue.max_size) == ("radgiver", 2, 1000)


async def test_place_improves_when_the_first_leaves(phones: Telephones) -> None:
    first, second = await phones.ring(), await phones.ring(OTHER_CALLER)
    await phones.hang_up(first)
    await phones.wait(10)
    assert phones.heard(second)[-2:] == ["Du er nummer 1.", "10 s"]


async def test_wait_document_without_anything_that_takes_time_is_asked_once_a_second(phones: Telephones) -> None:
    phones.answer_from("/wait", "<Say>Vent litt.</Say>")
    await phones.ring()
    await phones.wait(3)
    assert phones.service.told("/wait", "QueueTime") == [("0",), ("1",), ("2",), ("3",)]


async def test_key_in_the_wait_document_leaves_the_queue(phones: Telephones) -> None:
    phones.answer_from("/wait", '<Gather numDigits="1" timeout="30" action="/wait/key"><Say>Trykk 1.</Say></Gather>')
    phones.answer_from("/wait/key", "<Say>Vi ringer deg.</Say><Leave/>")
    sid = await phones.ring()
    await phones.wait(5)
    assert phones.calls.legs()[0]["expects"] == "digits"
    await phones.press(sid, "1")
    assert phones.service.told("/wait/key", "Digits", "CallStatus") == [("1", "in-progress")]
    assert phones.service.told("/left", "QueueResult", "QueueTime", "CallStatus") == [("leave", "5", "in-progress")]
    assert phones.heard(sid) == ["Trykk 1.", "Vi ringer deg.", "Du har forlatt køen."]
    assert phones.statuses() == {sid: "completed"}


async def test_redirect_in_the_wait_document_comes_back_to_it(phones: Telephones) -> None:
    phones.answer_from("/wait", "<Say>En.</Say><Redirect>/wait/more</Redirect>")
    phones.answer_from("/wait/more", '<Say>To.</Say><Pause length="2"/>')
    sid = await phones.ring()
    await phones.wait(2)
    assert phones.heard(sid) == ["En.", "To.", "2 s", "En.", "To.", "2 s"]


async def test_without_action_the_next_verb_follows(phones: Telephones) -> None:
    phones.answer_from("/voice", ENQUEUE.replace(' action="/left"', ""))
    phones.answer_from("/wait", "<Leave/>")
    sid = await phones.ring()
    assert phones.heard(sid) == ["Køen er over."]


async def test_hang_up_while_waiting_is_told_to_the_action_too(phones: Telephones) -> None:
    phones.set_line(status_callback="/status")
    sid = await phones.ring()
    await phones.wait(7)
    await phones.hang_up(sid)
    assert phones.service.told("/left", "QueueResult", "QueueTime", "CallStatus") == [("hangup", "7", "completed")]
    assert phones.service.told("/status", "CallStatus", "CallDuration") == [("completed", "7")]
    assert phones.heard(sid) == ["Du er nummer 1.", "10 s"]
    assert (await phones.client.queues.list_async())[0].current_size == 0


async def test_hangup_in_the_wait_document_ends_the_call(phones: Telephones) -> None:
    phones.answer_from("/wait", "<Say>Vi har stengt.</Say><Hangup/>")
    sid = await phones.ring()
    assert phones.service.told("/left", "QueueResult", "CallStatus") == [("hangup", "completed")]
    assert phones.heard(sid) == ["Vi har stengt."]
    assert phones.statuses() == {sid: "completed"}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response(status_code=500), 11200),
        ("<Dial>+4790000003</Dial>", 12200),
        ("<Enqueue>annen</Enqueue>", 12200),
        ("<Reject/>", 12200),
    ],
)
async def test_wait_document_that_fails_leaves_with_an_error(
    phones: Telephones, answer: str | Response, code: int
) -> None:
    phones.set_line(voice_fallback_url="/fallback")
    phones.answer_from("/wait", answer)
    sid = await phones.ring()
    assert phones.service.told("/left", "QueueResult") == [("error",)]
    assert phones.service.forms("/fallback") == []
    assert phones.heard(sid) == ["Du har forlatt køen."]
    assert phones.alerts() == [code]


async def test_full_queue(phones: Telephones) -> None:
    await phones.client.queues.create_async(friendly_name="radgiver", max_size=1)
    first, second = await phones.ring(), await phones.ring(OTHER_CALLER)
    assert phones.service.told("/left", "CallSid", "QueueResult", "QueueSid") == [(second, "queue-full", None)]
    assert phones.calls.leg(first).expects == "queue"


async def test_without_wait_document_there_is_music(phones: Telephones) -> None:
    phones.answer_from("/voice", "<Enqueue>radgiver</Enqueue>")
    sid = await phones.ring()
    await phones.wait(3)
    assert phones.heard(sid) == [PROVIDERS_MUSIC]


async def test_dequeued_over_rest_by_the_first_request_only(phones: Telephones) -> None:
    phones.answer_from("/accepted", '<Say>Du snakker nå med en rådgiver.</Say><Pause length="9"/>')
    sid = await phones.ring()
    await phones.wait(3)
    (queue,) = await phones.client.queues.list_async()
    (member,) = await queue.members.list_async()
    assert (member.call_sid, member.position, member.wait_time) == (sid, 1, 3)
    url = f"{phones.service.url}/accepted"
    await phones.client.queues(queue.sid).members(sid).update_async(url=url, method="POST")
    with pytest.raises(TwilioRestException, match="was not found"):
        await phones.client.queues(queue.sid).members(sid).update_async(url=url, method="POST")
    await phones.calls.settled()
    assert phones.service.told("/left", "QueueResult", "QueueTime", "CallStatus") == [
        ("redirected", "3", "in-progress")
    ]
    assert phones.heard(sid) == ["Du er nummer 1.", "10 s", "Du snakker nå med en rådgiver.", "9 s"]
    assert len(phones.service.forms("/accepted")) == 1


async def test_front_of_the_queue(phones: Telephones) -> None:
    phones.answer_from("/accepted", '<Pause length="9"/>')
    first = await phones.ring()
    await phones.ring(OTHER_CALLER)
    (queue,) = await phones.client.queues.list_async()
    await phones.client.queues(queue.sid).members("Front").update_async(url=f"{phones.service.url}/accepted")
    await phones.calls.settled()
    assert phones.service.told("/accepted", "CallSid") == [(first,)]


async def test_redirected_by_call_while_waiting(phones: Telephones) -> None:
    phones.answer_from("/accepted", '<Say>Hei.</Say><Pause length="9"/>')
    sid = await phones.ring()
    await phones.client.calls(sid).update_async(url=f"{phones.service.url}/accepted")
    await phones.calls.settled()
    assert phones.service.told("/left", "QueueResult") == [("redirected",)]
    assert phones.heard(sid)[-2:] == ["Hei.", "9 s"]
    assert (await phones.client.queues.list_async())[0].current_size == 0


async def test_redirected_to_leave_and_end(phones: Telephones) -> None:
    sid = await phones.ring()
    await phones.client.calls(sid).update_async(twiml="<Response><Say>Ha det.</Say></Response>")
    await phones.calls.settled()
    assert phones.heard(sid)[-1] == "Ha det."
    assert phones.statuses() == {sid: "completed"}


def _by_caller(form: Form) -> str:
    if form["From"] == OTHER_CALLER:
        return '<Dial action="/dialled" timeout="20"><Queue>radgiver</Queue></Dial>'
    return ENQUEUE


async def test_dialled_out_of_the_queue(phones: Telephones) -> None:
    phones.answer_from("/voice", _by_caller)
    phones.answer_from("/dialled", "<Say>Slutt.</Say>")
    waiting = await phones.ring(CALLER)
    dialler = await phones.ring(OTHER_CALLER)
    assert [leg["expects"] for leg in phones.calls.legs()] == ["talk", "talk"]
    assert phones.heard(waiting)[-1] == phones.heard(dialler)[-1] == CONNECTED
    phones.calls.speak(dialler, "hei, du")
    assert phones.heard(waiting)[-1] == "hei, du"
    await phones.wait(5)
    await phones.hang_up(waiting)
    assert phones.service.told("/left", "QueueResult", "CallStatus") == [("bridged", "completed")]
    assert phones.service.told("/dialled", "DialCallStatus", "DialCallSid") == [("completed", waiting)]
    assert phones.heard(dialler)[-1] == "Slutt."


async def test_who_dials_an_empty_queue_waits_for_the_first_to_come(phones: Telephones) -> None:
    phones.answer_from("/voice", _by_caller)
    await phones.hang_up(await phones.ring(CALLER))
    dialler = await phones.ring(OTHER_CALLER)
    await phones.wait(5)
    waiting = await phones.ring(CALLER)
    await phones.hang_up(dialler)
    assert phones.heard(waiting)[-2:] == [CONNECTED, "Du har forlatt køen."]
    assert phones.service.told("/left", "QueueResult")[-1] == ("bridged",)


async def test_empty_queue_is_given_up_after_the_timeout(phones: Telephones) -> None:
    phones.answer_from("/voice", _by_caller)
    await phones.hang_up(await phones.ring(CALLER))
    await phones.ring(OTHER_CALLER)
    await phones.wait(20)
    assert phones.service.told("/dialled", "DialCallStatus") == [("no-answer",)]


async def test_queue_that_is_not_there(phones: Telephones) -> None:
    phones.answer_from("/voice", _by_caller)
    await phones.ring(OTHER_CALLER)
    assert phones.service.told("/dialled", "DialCallStatus") == [("failed",)]


async def test_rest_refusals(phones: Telephones) -> None:
    await phones.client.queues.create_async(friendly_name="en")
    for work, code in [
        (phones.client.queues.create_async(friendly_name="en"), 22003),
        (phones.client.queues.create_async(friendly_name=""), 20002),
        (phones.client.queues.create_async(friendly_name="to", max_size=5001), 20001),
        (phones.client.queues("QU" + "0" * 32).fetch_async(), 20404),
    ]:
        with pytest.raises(TwilioRestException) as refused:
            await work
        assert refused.value.code == code
