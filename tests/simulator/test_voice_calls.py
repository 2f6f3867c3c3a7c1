"""Calls walked as a caller: ring, listen, press, wait, hang up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import Response
from starlette.types import Receive, Scope, Send

from helpline.simulator.calls import Calls
from helpline.simulator.journal import Journal
from helpline.simulator.voice_board import APOLOGY
from tests.simulator.conftest import ACCOUNT, VOICE_NUMBER
from tests.simulator.voice_line import CALLER, Form, Script, Telephones, telephones

MENU = (
    '<Gather numDigits="1" action="/voice/menu"><Say language="nb-NO">Trykk 1 eller 2.</Say></Gather>'
    '<Say language="nb-NO">Ha det.</Say>'
)


@pytest.fixture
async def phones() -> AsyncIterator[Telephones]:
    async with telephones() as started:
        yield started


@pytest.fixture
async def quick() -> AsyncIterator[Telephones]:
    """The same without a network between, for tables."""
    async with telephones(over_http=False) as started:
        yield started


async def test_first_request_carries_what_twilio_sends(phones: Telephones) -> None:
    phones.answer_from("/voice", '<Say language="nb-NO">Hei.</Say>')
    sid = await phones.ring()
    (form,) = phones.service.forms("/voice")
    assert form == {
        "CallSid": sid,
        "AccountSid": ACCOUNT,
        "From": CALLER,
        "Caller": CALLER,
        "To": VOICE_NUMBER,
        "Called": VOICE_NUMBER,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
        **{f"{side}Country": "NO" for side in ("From", "Caller", "To", "Called")},
        **{f"{side}{part}": "" for side in ("From", "Caller", "To", "Called") for part in ("State", "City", "Zip")},
    }
    assert phones.heard(sid) == ["Hei."]
    assert phones.statuses() == {sid: "completed"}


@pytest.mark.parametrize(
    ("number", "shown"), [(None, "anonymous"), ("anonymous", "anonymous"), ("+266696687", "+266696687")]
)
async def test_withheld_number_has_no_country(quick: Telephones, number: str | None, shown: str) -> None:
    await quick.ring(number)
    (form,) = quick.service.forms("/voice")
    assert (form["From"], form["Caller"], form["FromCountry"], form["ToCountry"]) == (shown, shown, "", "NO")


async def test_two_withheld_calls_at_once_are_two_calls(phones: Telephones) -> None:
    phones.answer_from("/voice", MENU)
    first, second = await phones.ring(None), await phones.ring(None)
    await phones.press(second, "2")
    assert first != second
    assert phones.service.told("/voice/menu", "CallSid", "Digits") == [(second, "2")]


@pytest.mark.parametrize(
    ("number", "to"), [("90000001", VOICE_NUMBER), ("+47900", VOICE_NUMBER), ("hei", VOICE_NUMBER), (CALLER, "+4721")]
)
async def test_impossible_calls_are_refused(quick: Telephones, number: str, to: str) -> None:
    with pytest.raises(ValueError, match="number"):
        await quick.calls.place_call(number, to)
    assert quick.calls.legs() == []


async def test_forwarded_call_says_from_where(phones: Telephones) -> None:
    await phones.calls.place_call(CALLER, VOICE_NUMBER, forwarded_from="+4721000009")
    await phones.calls.settled()
    assert phones.service.told("/voice", "ForwardedFrom") == [("+4721000009",)]


async def test_keys_go_to_the_action_and_its_document_is_heard(phones: Telephones) -> None:
    phones.answer_from("/voice", MENU)
    phones.answer_from("/voice/menu", lambda form: f"<Say>Du trykket {form['Digits']}.</Say><Hangup/>")
    sid = await phones.ring()
    assert phones.calls.legs()[0]["expects"] == "digits"
    await phones.press(sid, "2")
    assert phones.heard(sid) == ["Trykk 1 eller 2.", "Du trykket 2."]
    assert phones.service.told("/voice/menu", "Digits", "CallStatus", "FinishedOnKey") == [("2", "in-progress", "")]
    assert phones.statuses() == {sid: "completed"}


GATHERS: list[tuple[str, list[str | int], list[tuple[str, str]] | None]] = [
    # attributes, what the caller does (keys, or seconds waited), Digits and FinishedOnKey told (None: falls through)
    ('numDigits="1"', ["1"], [("1", "")]),
    ('numDigits="4"', ["12", 3, "34"], [("1234", "")]),
    ('numDigits="4"', ["12", 5], [("12", "")]),
    ("", ["90000001#"], [("90000001", "#")]),
    ('finishOnKey="*"', ["12*"], [("12", "*")]),
    ('finishOnKey=""', ["12#", 5], [("12#", "")]),
    ('timeout="2"', [2], None),
    ('timeout="10"', [9, "7", 10], [("7", "")]),
    ("", ["#"], None),
    ('actionOnEmptyResult="true"', [5], [("", "")]),
    ('actionOnEmptyResult="true"', ["#"], [("", "#")]),
    ('input="speech"', ["1", 5], None),
]


@pytest.mark.parametrize(("attributes", "acts", "told"), GATHERS)
async def test_gather(
    quick: Telephones, attributes: str, acts: list[str | int], told: list[tuple[str, str]] | None
) -> None:
    quick.answer_from("/voice", f'<Gather action="keys" {attributes}><Say>Trykk.</Say></Gather><Say>Ingenting.</Say>')
    quick.answer_from("/keys", "<Say>Takk.</Say>")
    sid = await quick.ring()
    for act in acts:
        if isinstance(act, int):
            await quick.wait(act)
        else:
            await quick.press(sid, act)
    assert quick.service.told("/keys", "Digits", "FinishedOnKey") == (told or [])
    assert quick.heard(sid) == ["Trykk.", "Takk." if told else "Ingenting."]
    assert quick.statuses() == {sid: "completed"}


async def test_speech_goes_to_the_action(phones: Telephones) -> None:
    phones.answer_from("/voice", '<Gather input="speech dtmf" language="nb-NO" action="/said"/>')
    sid = await phones.ring()
    phones.calls.speak(sid, "jeg vil snakke med noen")
    await phones.calls.settled()
    assert phones.service.told("/said", "SpeechResult", "Digits") == [("jeg vil snakke med noen", None)]


async def test_key_cuts_the_prompts_short(phones: Telephones) -> None:
    phones.answer_from(
        "/voice", '<Gather numDigits="1" action="/menu"><Say>En.</Say><Pause length="5"/><Say>To.</Say></Gather>'
    )
    phones.answer_from("/menu", "<Say>Takk.</Say>")
    sid = await phones.ring()
    await phones.wait(2)
    await phones.press(sid, "1")
    assert phones.heard(sid) == ["En.", "5 s", "Takk."]


async def test_keys_outside_a_gather_are_lost(phones: Telephones) -> None:
    phones.answer_from("/voice", '<Pause length="5"/><Say>Hei.</Say><Pause length="5"/>' + MENU)
    sid = await phones.ring()
    await phones.wait(6)
    await phones.press(sid, "9")
    await phones.wait(5)
    assert phones.calls.legs()[0]["expects"] == "digits"
    await phones.press(sid, "1")
    assert phones.service.told("/voice/menu", "Digits") == [("1",)]


async def test_redirects_and_relative_addresses(phones: Telephones) -> None:
    phones.answer_from("/voice", "<Redirect>first/page?turn=1</Redirect><Say>Aldri.</Say>")
    phones.answer_from("/first/page", '<Redirect method="GET">../second</Redirect>')
    phones.answer_from("/second", '<Say loop="2">Hei.</Say><Play digits="12w3"/><Play>http://x.example/a.mp3</Play>')
    sid = await phones.ring()
    assert [path for path, _ in phones.service.asked] == ["/voice", "/first/page", "/second"]
    assert phones.heard(sid) == ["Hei.", "Hei.", "12w3", "http://x.example/a.mp3"]


async def test_loop_of_redirects_ends_with_an_apology(phones: Telephones) -> None:
    phones.answer_from("/voice", "<Redirect/>")
    sid = await phones.ring()
    assert phones.heard(sid) == [APOLOGY]
    assert phones.alerts() == [11215]


@pytest.mark.parametrize(
    ("reason", "status", "tone"), [("busy", "busy", "busy"), ("rejected", "failed", "not in service")]
)
async def test_reject(quick: Telephones, reason: str, status: str, tone: str) -> None:
    quick.set_line(status_callback="/status")
    quick.answer_from("/voice", f'<Reject reason="{reason}"/>')
    sid = await quick.ring()
    assert quick.heard(sid) == [tone]
    assert quick.statuses() == {sid: status}
    assert quick.service.told("/status", "CallStatus", "CallDuration") == [(status, None)]


async def test_status_callback_of_a_call_to_us_tells_its_end_only(phones: Telephones) -> None:
    phones.set_line(status_callback="/status")
    phones.answer_from("/voice", MENU)
    sid = await phones.ring()
    await phones.wait(3)
    await phones.hang_up(sid)
    (form,) = phones.service.forms("/status")
    assert (form["CallSid"], form["CallStatus"], form["CallDuration"], form["Duration"]) == (sid, "completed", "3", "1")
    assert (form["CallbackSource"], form["SequenceNumber"]) == ("call-progress-events", "0")
    assert form["Timestamp"] == "Mon, 23 Nov 2026 09:00:03 +0000"
    assert phones.statuses() == {sid: "completed"}


async def test_caller_who_hangs_up_twice_is_gone_once(phones: Telephones) -> None:
    phones.set_line(status_callback="/status")
    phones.answer_from("/voice", MENU)
    sid = await phones.ring()
    await phones.hang_up(sid)
    await phones.hang_up(sid)
    assert len(phones.service.forms("/status")) == 1
    with pytest.raises(ValueError, match="not going on"):
        phones.calls.press(sid, "1")
    with pytest.raises(KeyError):
        phones.calls.press("CA0", "1")


@pytest.mark.parametrize("keys", ["", "a", "1 2", "+"])
async def test_keys_that_no_telephone_has(quick: Telephones, keys: str) -> None:
    quick.answer_from("/voice", MENU)
    sid = await quick.ring()
    with pytest.raises(ValueError, match="keys"):
        quick.calls.press(sid, keys)


FAILURES: list[tuple[Script, int]] = [
    (Response(status_code=500), 11200),
    (Response(status_code=404), 11200),
    (Response("<Response><Say>Hei</Response>", media_type="text/xml"), 12100),
    (Response("", media_type="text/xml"), 11770),
    (Response("{}", media_type="application/json"), 12300),
    ("<Sing>La la</Sing>", 12200),
    ('<Gather numDigits="0"/>', 13314),
]


@pytest.mark.parametrize(("script", "code"), FAILURES)
async def test_without_fallback_the_caller_hears_the_providers_apology(
    quick: Telephones, script: Script, code: int
) -> None:
    quick.answer_from("/voice", script)
    sid = await quick.ring()
    assert quick.heard(sid) == [APOLOGY]
    assert quick.alerts() == [code]
    assert quick.simulator.alerts[0].about == sid
    assert quick.statuses() == {sid: "completed"}


@pytest.mark.parametrize(("script", "code"), FAILURES)
async def test_fallback_is_told_the_error(quick: Telephones, script: Script, code: int) -> None:
    quick.set_line(voice_fallback_url="/fallback")
    quick.answer_from("/voice", script)
    quick.answer_from("/fallback", '<Say language="nb-NO">Ring 113 ved fare for liv.</Say>')
    sid = await quick.ring()
    assert quick.heard(sid) == ["Ring 113 ved fare for liv."]
    told = quick.service.told("/fallback", "CallSid", "ErrorCode", "ErrorUrl")
    assert told == [(sid, str(code), f"{quick.service.url}/voice")]


async def test_fallback_also_saves_a_call_whose_action_fails(phones: Telephones) -> None:
    phones.set_line(voice_fallback_url="/fallback")
    phones.answer_from("/voice", MENU)
    phones.answer_from("/voice/menu", Response(status_code=503))
    phones.answer_from("/fallback", "<Say>Beklager.</Say>")
    sid = await phones.ring()
    await phones.press(sid, "1")
    assert phones.heard(sid) == ["Trykk 1 eller 2.", "Beklager."]


async def test_connection_overrides_are_obeyed(phones: Telephones) -> None:
    answers: list[str | Response] = [Response(status_code=503), Response(status_code=503), "<Say>Hei.</Say>"]

    def tired(form: Form) -> str | Response:
        return answers.pop(0)

    phones.set_line(voice_url="/voice#rc=2&rp=5xx")
    phones.answer_from("/voice", tired)
    sid = await phones.ring()
    assert phones.heard(sid) == ["Hei."]
    assert len(phones.service.forms("/voice")) == 3
    assert phones.alerts() == []


@pytest.mark.parametrize(
    ("response", "heard"),
    [
        (Response("Hei på deg.", media_type="text/plain"), "Hei på deg."),
        (Response(b"RIFF", media_type="audio/wav"), "/voice"),
    ],
)
async def test_plain_text_is_read_and_sound_is_played(quick: Telephones, response: Response, heard: str) -> None:
    quick.answer_from("/voice", response)
    sid = await quick.ring()
    assert [line.removeprefix(quick.service.url) for line in quick.heard(sid)] == [heard]


async def test_hang_up_does_not_wait_for_a_slow_service(phones: Telephones) -> None:
    phones.set_line(status_callback="/status")
    sid = await phones.calls.place_call(CALLER, VOICE_NUMBER)
    await phones.hang_up(sid)
    assert phones.statuses() == {sid: "no-answer"}
    assert phones.heard(sid) == []
    assert phones.service.told("/status", "CallStatus") == [("no-answer",)]


class NoAnswer(Response):
    """The service takes the request and never answers it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.get_running_loop().create_future()


async def test_service_that_does_not_answer_in_time_is_left_for_the_fallback(quick: Telephones) -> None:
    quick.set_line(voice_url="/voice#tt=100&rt=100", voice_fallback_url="/fallback")
    quick.answer_from("/voice", NoAnswer())
    quick.answer_from("/fallback", "<Say>Ring 113 ved fare for liv.</Say>")
    sid = await quick.ring()
    assert quick.heard(sid) == ["Ring 113 ved fare for liv."]
    assert quick.service.told("/fallback", "ErrorCode") == [("11205",)]
    assert quick.alerts() == [11205]


async def test_caller_can_hang_up_while_the_service_keeps_silent(quick: Telephones) -> None:
    quick.set_line(status_callback="/status")
    quick.answer_from("/voice", MENU)
    quick.answer_from("/voice/menu", NoAnswer())
    sid = await quick.ring()
    quick.calls.press(sid, "1")
    quick.calls.hang_up(sid)
    await quick.simulator.changes.until(lambda: bool(quick.service.forms("/status")))
    assert quick.service.told("/status", "CallStatus") == [("completed",)]


async def test_many_callers_at_once_stand_in_one_line(quick: Telephones) -> None:
    quick.answer_from("/voice", '<Enqueue waitUrl="/wait">radgiver</Enqueue>')
    quick.answer_from("/wait", '<Pause length="30"/>')
    sids = [await quick.calls.place_call(None, VOICE_NUMBER) for _ in range(100)]
    await quick.calls.settled()
    (queue,) = quick.calls.board.queues.all()
    assert {member.leg.sid for member in queue.members} == set(sids)
    for sid in sids[::2]:
        quick.calls.hang_up(sid)
    await quick.wait(30)
    places = [int(form["QueuePosition"]) for form in quick.service.forms("/wait")[100:]]
    assert sorted(places) == list(range(1, 51))


async def test_calls_are_remembered_over_a_restart(quick: Telephones, tmp_path: Path) -> None:
    quick.set_line(status_callback="/status")
    quick.answer_from("/voice", MENU)

    journals = [Journal(None)]

    def calls() -> Calls:
        journals[-1].close()
        journals.append(Journal(tmp_path / "journal"))
        simulator = quick.simulator
        made = Calls(
            account_sid=ACCOUNT,
            clock=quick.clock,
            lines=simulator.lines,
            webhooks=simulator.webhooks,
            changed=simulator.changes.mark,
            alert=simulator.alert,
            journal=journals[-1],
        )
        made.resume()
        return made

    first = calls()
    over = await first.place_call(CALLER, VOICE_NUMBER)
    await first.settled()
    first.hang_up(over)
    going_on = await first.place_call(None, VOICE_NUMBER)
    await first.settled()
    await first.close()
    quick.service.asked.clear()

    await quick.clock.advance(60)
    second = calls()
    await second.settled()
    assert [(leg["sid"], leg["from"], leg["status"]) for leg in second.legs()] == [
        (over, CALLER, "completed"),
        (going_on, "anonymous", "completed"),
    ]
    assert quick.service.told("/status", "CallSid", "CallStatus", "CallDuration") == [(going_on, "completed", "60")]
    third = calls()
    await third.settled()
    assert len(quick.service.forms("/status")) == 1
    assert [leg["status"] for leg in third.legs()] == ["completed", "completed"]
    journals[-1].close()
