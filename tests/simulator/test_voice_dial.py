"""Dialling other telephones from a call: who rings, what they hear first, and what the action is told."""

from collections.abc import AsyncIterator

import pytest

from helpline.simulator.calls import Manner
from helpline.simulator.voice_waiting import CONNECTED
from tests.simulator.conftest import VOICE_NUMBER
from tests.simulator.voice_line import ADVISOR, CALLER, Telephones, telephones

SECOND_ADVISOR = "+4790000005"


@pytest.fixture
async def phones() -> AsyncIterator[Telephones]:
    async with telephones() as started:
        started.answer_from(
            "/voice",
            f'<Say>Vi setter deg over.</Say><Dial action="/after" timeout="15" callerId="{VOICE_NUMBER}">'
            f'<Number statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">{ADVISOR}'
            "</Number></Dial>",
        )
        started.answer_from("/after", "<Say>Samtalen er slutt.</Say>")
        yield started


async def test_connected_until_the_advisor_hangs_up(phones: Telephones) -> None:
    caller = await phones.ring()
    advisor = phones.rung()
    leg = phones.calls.leg(advisor)
    assert (leg.direction, leg.from_, leg.to, leg.parent_sid) == ("outbound-dial", VOICE_NUMBER, ADVISOR, caller)
    assert (leg.expects, phones.calls.leg(caller).expects) == ("ringing", "ringing")
    assert phones.heard(caller) == ["Vi setter deg over.", "ringing"]
    await phones.wait(3)
    await phones.answer(advisor)
    assert phones.heard(advisor) == [CONNECTED]
    phones.calls.speak(caller, "hei")
    assert phones.heard(advisor) == [CONNECTED, "hei"]
    await phones.wait(8)
    await phones.hang_up(advisor)
    assert phones.service.told(
        "/after", "CallSid", "DialCallStatus", "DialCallSid", "DialCallDuration", "DialBridged"
    ) == [(caller, "completed", advisor, "8", "true")]
    assert phones.heard(caller) == ["Vi setter deg over.", "ringing", CONNECTED, "Samtalen er slutt."]
    assert phones.service.told("/leg", "CallStatus", "ParentCallSid", "SequenceNumber") == [
        ("initiated", caller, "0"),
        ("ringing", caller, "1"),
        ("in-progress", caller, "2"),
        ("completed", caller, "3"),
    ]


@pytest.mark.parametrize(
    ("manner", "status"),
    [(Manner.BUSY, "busy"), (Manner.UNREACHABLE, "failed"), (Manner.SILENT, "no-answer"), (Manner.RINGS, "no-answer")],
)
async def test_advisor_who_does_not_answer(phones: Telephones, manner: Manner, status: str) -> None:
    phones.calls.behave(ADVISOR, manner)
    caller = await phones.ring()
    await phones.wait(15)
    assert phones.service.told("/after", "DialCallStatus", "DialCallDuration", "DialBridged") == [
        (status, None, "false")
    ]
    assert phones.heard(caller)[-1] == "Samtalen er slutt."


async def test_caller_who_hangs_up_stops_the_ringing(phones: Telephones) -> None:
    caller = await phones.ring()
    await phones.wait(2)
    await phones.hang_up(caller)
    assert phones.statuses() == {caller: "completed", phones.rung(): "canceled"}
    assert phones.service.told("/after", "DialCallStatus", "CallStatus") == [("canceled", "completed")]


async def test_caller_who_hangs_up_ends_the_connection(phones: Telephones) -> None:
    caller = await phones.ring()
    advisor = phones.rung()
    await phones.answer(advisor)
    await phones.hang_up(caller)
    assert phones.statuses() == {caller: "completed", advisor: "completed"}
    assert phones.service.told("/after", "DialCallStatus", "CallStatus") == [("completed", "completed")]


async def test_redirected_caller_leaves_the_advisor_behind(phones: Telephones) -> None:
    phones.answer_from("/elsewhere", '<Say>Hit.</Say><Pause length="9"/>')
    caller = await phones.ring()
    advisor = phones.rung()
    await phones.answer(advisor)
    await phones.client.calls(caller).update_async(url=f"{phones.service.url}/elsewhere")
    await phones.calls.settled()
    assert phones.heard(caller)[-2:] == ["Hit.", "9 s"]
    assert phones.statuses() == {caller: "in-progress", advisor: "completed"}
    assert phones.service.forms("/after") == []


async def test_redirected_advisor_leaves_the_caller_behind(phones: Telephones) -> None:
    phones.answer_from("/elsewhere", '<Say>Hit.</Say><Pause length="9"/>')
    caller = await phones.ring()
    advisor = phones.rung()
    await phones.answer(advisor)
    await phones.client.calls(advisor).update_async(url=f"{phones.service.url}/elsewhere")
    await phones.calls.settled()
    assert phones.heard(advisor)[-2:] == ["Hit.", "9 s"]
    assert phones.heard(caller)[-1] == "Samtalen er slutt."


SCREENED = (
    f'<Dial action="/after" answerOnBridge="true"><Number url="/screen">{ADVISOR}</Number></Dial>',
    '<Gather numDigits="1" timeout="4" action="/screen/key"><Say>Trykk 1.</Say></Gather><Hangup/>',
)


async def test_screening_accepted(phones: Telephones) -> None:
    phones.answer_from("/voice", SCREENED[0])
    phones.answer_from("/screen", SCREENED[1])
    phones.answer_from("/screen/key", "<Say>Takk.</Say>")
    caller = await phones.ring()
    assert phones.calls.leg(caller).status == "ringing"
    advisor = phones.rung()
    assert phones.calls.leg(advisor).from_ == CALLER
    await phones.answer(advisor)
    assert phones.calls.leg(caller).expects == "ringing"
    await phones.press(advisor, "1")
    assert phones.heard(advisor) == ["Trykk 1.", "Takk.", CONNECTED]
    assert phones.calls.leg(caller).status == "in-progress"
    assert phones.service.told("/screen", "CallSid", "ParentCallSid") == [(advisor, caller)]


@pytest.mark.parametrize("document", [SCREENED[1], "<Dial>+4790000009</Dial>", "<Sing/>"])
async def test_screening_refused(phones: Telephones, document: str) -> None:
    phones.answer_from("/voice", SCREENED[0])
    phones.answer_from("/screen", document)
    caller = await phones.ring()
    await phones.answer(phones.rung())
    await phones.wait(4)
    assert phones.service.told("/after", "DialCallStatus", "DialBridged") == [("completed", "false")]
    assert phones.heard(caller) == ["ringing", "Samtalen er slutt."]


async def test_first_of_several_to_answer_is_connected(phones: Telephones) -> None:
    phones.answer_from(
        "/voice",
        f'<Dial action="/after"><Number>{ADVISOR}</Number><Number>{SECOND_ADVISOR}</Number></Dial>',
    )
    caller = await phones.ring()
    first, second = phones.rung(), phones.rung(SECOND_ADVISOR)
    await phones.answer(second)
    assert phones.statuses() == {caller: "in-progress", first: "canceled", second: "in-progress"}
    await phones.hang_up(second)
    assert phones.service.told("/after", "DialCallSid", "DialCallStatus") == [(second, "completed")]


async def test_several_of_whom_nobody_answers(phones: Telephones) -> None:
    phones.answer_from(
        "/voice",
        f'<Dial action="/after" timeout="9"><Number>{ADVISOR}</Number><Number>{SECOND_ADVISOR}</Number></Dial>',
    )
    phones.calls.behave(ADVISOR, Manner.BUSY)
    await phones.ring()
    assert phones.service.forms("/after") == []
    await phones.wait(9)
    assert phones.service.told("/after", "DialCallStatus") == [("no-answer",)]


async def test_time_limit_and_star_end_the_connection(phones: Telephones) -> None:
    dial = f'<Dial hangupOnStar="true" timeLimit="10">{ADVISOR}</Dial><Say>Slutt.</Say>'
    phones.answer_from("/voice", dial)
    phones.calls.behave(ADVISOR, Manner.ANSWERS)
    by_star, by_time = await phones.ring(), await phones.ring()
    await phones.press(by_star, "5")
    assert phones.calls.leg(by_star).expects == "talk"
    await phones.press(by_star, "*")
    assert phones.heard(by_star)[-1] == "Slutt."
    await phones.wait(10)
    assert phones.heard(by_time)[-1] == "Slutt."
    assert set(phones.statuses().values()) == {"completed"}


async def test_impossible_number_is_an_alert_and_a_failed_leg(phones: Telephones) -> None:
    phones.answer_from("/voice", '<Dial action="/after">+4712345678</Dial>')
    await phones.ring()
    assert phones.alerts() == [13224]
    assert phones.service.told("/after", "DialCallStatus") == [("failed",)]


async def test_caller_id_must_be_ours_or_a_party_s(phones: Telephones) -> None:
    phones.answer_from("/voice", f'<Dial action="/after" callerId="+4721999999">{ADVISOR}</Dial>')
    await phones.ring()
    assert phones.alerts() == [13214]
    assert phones.service.told("/after", "DialCallStatus") == [("failed",)]
    assert len(phones.calls.legs()) == 1
