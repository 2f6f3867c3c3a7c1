"""What goes wrong on order: requests to the APIs, and webhooks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from helpline.simulator.clock import ManualClock
from helpline.simulator.faults import Fault, FaultKind, Faults
from tests.simulator.conftest import ACCOUNT, CALLER, SMS_NUMBER, TOKEN, RecordingService, Running
from tests.simulator.twilio_library import Client, RedirectedClient, TwilioRestException


@pytest.fixture
async def twilio(line: Running) -> AsyncIterator[Any]:
    async with RedirectedClient(line.url) as http:
        yield Client(ACCOUNT, TOKEN, http_client=http)


def bodies(service: RecordingService) -> list[str]:
    return [request.form["Body"] for request in service.received]


@pytest.mark.parametrize(
    ("fault", "status", "code", "effect"),
    [
        (Fault(kind=FaultKind.ERROR, target="twilio/POST Messages"), 500, 20500, 0),
        (Fault(kind=FaultKind.LIMIT, target="twilio/*", seconds=3), 429, 20429, 0),
        (Fault(kind=FaultKind.LOST, target="*", status=502), 502, 20500, 1),
    ],
)
async def test_twilio_fails_once_and_then_works(
    line: Running, twilio: Any, fault: Fault, status: int, code: int, effect: int
) -> None:
    line.simulator.faults.order(fault)
    with pytest.raises(TwilioRestException) as failed:
        await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei")
    assert (failed.value.status, failed.value.code) == (status, code)
    assert len(line.simulator.messages.all()) == effect
    await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei")
    assert len(line.simulator.messages.all()) == effect + 1


async def test_a_request_that_hangs_has_no_effect_and_ends_with_its_client(line: Running, twilio: Any) -> None:
    line.simulator.faults.order(Fault(kind=FaultKind.TIMEOUT, target="twilio/*", seconds=600))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei"), timeout=0.2)
    assert line.simulator.messages.all() == []


async def test_an_unknown_target_is_left_alone(line: Running, twilio: Any) -> None:
    line.simulator.faults.order(Fault(kind=FaultKind.ERROR, target="telegram/*"))
    assert (await twilio.messages.create_async(to=CALLER, from_=SMS_NUMBER, body="Hei")).status == "queued"
    assert len(line.simulator.faults.ordered()) == 1


async def test_webhooks_come_twice_never_and_in_the_wrong_order(line: Running, service: RecordingService) -> None:
    faults, messages = line.simulator.faults, line.simulator.messages
    faults.order(Fault(kind=FaultKind.TWICE, target="webhook/sms"))
    messages.receive(from_=CALLER, to=SMS_NUMBER, body="to ganger")
    first, second = await service.until(2)
    assert first.form == second.form
    assert first.headers["i-twilio-idempotency-token"] == second.headers["i-twilio-idempotency-token"]
    faults.order(Fault(kind=FaultKind.DROP, target="webhook/sms"))
    messages.receive(from_=CALLER, to=SMS_NUMBER, body="aldri")
    await line.until(lambda: messages.all()[-1].trouble != "")
    faults.order(Fault(kind=FaultKind.REORDER, target="webhook/sms"))
    messages.receive(from_=CALLER, to=SMS_NUMBER, body="først")
    messages.receive(from_=CALLER, to=SMS_NUMBER, body="sist")
    await service.until(4)
    assert bodies(service) == ["to ganger", "to ganger", "sist", "først"]


async def test_delivery_states_come_in_order_unless_told_otherwise(
    line: Running, twilio: Any, service: RecordingService, service_url: str
) -> None:
    def states() -> list[str]:
        return [request.form["MessageStatus"] for request in service.received]

    text = {"to": CALLER, "from_": SMS_NUMBER, "body": "Hei", "status_callback": f"{service_url}/status"}
    await twilio.messages.create_async(**text)
    await service.until(2)
    line.simulator.faults.order(Fault(kind=FaultKind.REORDER, target="webhook/sms-status"))
    await twilio.messages.create_async(**text)
    await service.until(4)
    assert states() == ["sent", "delivered", "delivered", "sent"]


async def test_faults_end_when_they_are_used_up_or_cleared() -> None:
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    marks = list[int]()
    faults = Faults(clock, changed=lambda: marks.append(1))
    faults.order(Fault(kind=FaultKind.LATE, target="webhook/*", seconds=30), times=2)
    late = asyncio.create_task(faults.before("sms"))
    await clock.advance(29)
    assert not late.done()
    await clock.advance(1)
    await late
    assert [times for _, times in faults.ordered()] == [1]
    faults.order(Fault(kind=FaultKind.REORDER, target="webhook/voice"))
    held = asyncio.create_task(faults.before("voice"))
    await clock.advance(30)
    assert not held.done()
    faults.clear()
    await held
    assert faults.ordered() == []
    assert faults.copies("sms") == 1
    with pytest.raises(ValueError, match="at least once"):
        faults.order(Fault(kind=FaultKind.DROP), times=0)
    assert marks
