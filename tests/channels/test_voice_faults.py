"""What goes wrong on the way: repeats, delays, lost webhooks and answers, a database that is away, forgeries."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import httpx
import pytest
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from helpline.core.codes import Outcome
from helpline.core.contact import ContactState
from helpline.core.duty import Duty
from helpline.errors import ProviderSilent
from helpline.simulator.calls import Manner
from helpline.simulator.faults import Fault, FaultKind
from helpline.simulator.twiml import parse
from helpline.simulator.voice_verbs import Gather, Redirect
from helpline.store import calls as stored
from helpline.store import contacts, deliveries, drafts, legs
from helpline.store.tables import DeliveryState, DraftKind
from tests.channels.voice_house import ADVISOR_PHONE, CALLER, SERVICE, Line, telephone_line
from tests.conftest import ACCOUNT, AUTH_TOKEN, VOICE_NUMBER

VOICE = "/webhooks/twilio/voice"
SID = "CA" + "1" * 32


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    async with telephone_line(database_url) as started:
        yield started


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[Line]:
    """The same on SQLite alone, for what no database can change."""
    async with telephone_line(sqlite_url) as started:
        yield started


async def post(line: Line, path: str, form: Mapping[str, str], *, token: str = AUTH_TOKEN) -> httpx.Response:
    """A webhook as Twilio posts it."""
    url = f"{SERVICE}{VOICE}{path}"
    signature = RequestValidator(token).compute_signature(url, dict(form))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(line.app, raise_app_exceptions=False)) as client:
        return await client.post(url, data=form, headers={"X-Twilio-Signature": signature})


def form(sid: str = SID, **more: str) -> dict[str, str]:
    return {"CallSid": sid, "AccountSid": ACCOUNT, "From": CALLER, "To": VOICE_NUMBER, **more}


# The whole course, disturbed.


async def whole_call(line: Line) -> tuple[str, str]:
    """From ring to record; the caller waits 12 seconds and talks for 30."""
    advisor = await line.advisor()
    sid = await line.ring()
    await line.press(sid, "2")
    await line.press(sid, "1")
    await line.leap(12)
    phone = await line.accept(advisor)
    await line.answer(phone)
    await line.press(phone, "1")
    await line.leap(30)
    await line.hang_up(sid)
    await line.close((await line.contact(sid)).id, advisor)
    assert await line.duty_of(advisor) is Duty.ON
    return sid, phone


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(kind=FaultKind.TWICE, target="webhook/*")],
        [Fault(kind=FaultKind.TWICE, target="webhook/voice")],
        [Fault(kind=FaultKind.DROP, target="webhook/voice-status")],
    ],
    ids=["everything twice", "documents twice", "no reports"],
)
async def test_disturbed_calls_end_in_the_same_record(line: Line, faults: list[Fault]) -> None:
    for fault in faults:
        line.simulator.faults.order(fault, times=200)
    sid, phone = await whole_call(line)
    found, kept, sent = await line.everything()
    assert [contact.outcome for contact in found] == [Outcome.COUNSELLED]
    assert [(record.waited_seconds, record.handled_seconds) for record in kept] == [(12, 30)]
    assert [order.state for order in sent] == [DeliveryState.SENT] * len(sent)
    assert [order.kind.value for order in sent][:2] == ["ring", "redirect"]
    assert (line.status(sid), line.status(phone)) == ("completed", "completed")


async def test_reports_that_come_late_and_in_the_wrong_order_change_nothing(quick: Line) -> None:
    """Every report of a call comes only when its record is written, the last one first."""
    quick.simulator.faults.order(Fault(kind=FaultKind.DROP, target="webhook/voice-status"), times=200)
    sid, phone = await whole_call(quick)
    before = await quick.course(sid)
    contact_id = (await quick.contact(sid)).id
    room = {"ConferenceSid": "CF" + "2" * 32, "FriendlyName": f"contact-{contact_id}"}
    late = [
        ("/status", form(sid, CallStatus="completed", SequenceNumber="0")),
        (f"/conference/{contact_id}", room | {"StatusCallbackEvent": "conference-end", "SequenceNumber": "6"}),
        (f"/conference/{contact_id}", form(sid, StatusCallbackEvent="participant-leave", SequenceNumber="5", **room)),
        (f"/conference/{contact_id}", form(phone, StatusCallbackEvent="participant-join", SequenceNumber="1", **room)),
        ("/leg/1/status", form(phone, CallStatus="completed", SequenceNumber="3")),
        ("/leg/1/status", form(phone, CallStatus="in-progress", SequenceNumber="2")),
        ("/leg/1/status", form(phone, CallStatus="ringing", SequenceNumber="1")),
    ]
    for path, parameters in [*late, *late]:
        assert (await post(quick, path, parameters)).status_code == 204
    assert await quick.course(sid) == before
    _, kept, _ = await quick.everything()
    assert len(kept) == 1


async def test_the_end_of_a_call_that_overtakes_its_beginning(line: Line) -> None:
    await post(line, "/status", form(CallStatus="completed", SequenceNumber="0"))
    assert (await line.contact(SID)).outcome is Outcome.FAILED
    late = await post(line, "", form(CallStatus="ringing"))
    assert "<Hangup" in late.text
    found = await line.contact(SID)
    assert (found.state, found.outcome) == (ContactState.CLOSED, Outcome.FAILED)


async def test_a_repeat_gets_the_same_answer_and_has_no_second_effect(line: Line) -> None:
    await line.advisor()
    first = [await post(line, "", form()), await post(line, "/turn/1", form(Digits="1"))]
    again = [await post(line, "", form()), await post(line, "/turn/1", form(Digits="1"))]
    assert [answer.text for answer in first] == [answer.text for answer in again]
    assert [answer.status_code for answer in first + again] == [200] * 4
    assert len(await line.course(SID)) == 3


async def test_keys_that_come_twice_or_late_answer_no_later_question(line: Line) -> None:
    """Every answer of the rights guide is posted twice, and once more with another key after the next one."""
    await line.advisor()
    await post(line, "", form())
    said = await post(line, "/turn/1", form(Digits="4"))
    given: dict[str, str] = {}
    for key, name, code in (("2", "relation", "child"), ("2", "my_age", "adult"), ("5", "person_age", "age_67")):
        gather = next(verb for verb in parse(said.text).verbs if isinstance(verb, Gather))
        turn = gather.action.removeprefix(f"{SERVICE}{VOICE}").split("#")[0]
        said = await post(line, turn, form(Digits=key))
        assert (await post(line, turn, form(Digits=key))).text == said.text
        assert (await post(line, turn, form(Digits="3"))).status_code == 200
        given[name] = code
        assert await answered(line) == given


async def answered(line: Line) -> dict[str, object]:
    """The answers of the rights guide so far."""
    contact = await line.contact(SID)
    async with line.parts.database.reading() as session:
        draft = await drafts.newest(session, contact.id, DraftKind.RIGHTS, now=line.clock.now())
        assert draft is not None
        return drafts.answers(session, draft)


async def test_a_repeat_whose_answer_is_forgotten_is_led_to_where_the_call_stands(quick: Line) -> None:
    await quick.advisor()
    await post(quick, "", form())
    async with quick.parts.database.writing() as session:
        await session.execute(text("UPDATE inbound_event SET answer = NULL, payload = NULL"))
    answer = await post(quick, "", form())
    assert [verb.url.split("#")[0] for verb in parse(answer.text).verbs if isinstance(verb, Redirect)] == [
        f"{SERVICE}{VOICE}/again"
    ]
    standing = parse((await post(quick, "/again", form())).text).verbs[0]
    assert isinstance(standing, Gather)
    assert "/turn/2#" in standing.action


async def test_a_turn_of_a_call_we_know_nothing_of_begins_it(quick: Line) -> None:
    """Its first webhook was lost with a database that was away; the caller is not dropped."""
    await quick.advisor()
    answer = await post(quick, "/turn/3", form(Digits="1"))
    gather = parse(answer.text).verbs[0]
    assert isinstance(gather, Gather)
    assert "/turn/4#" in gather.action
    assert (await quick.contact(SID)).state is ContactState.GUIDED


# A database that is away.


async def away(line: Line, *, tables: str) -> None:
    """Take a table away, so that nothing can be stored."""
    async with line.parts.database.writing() as session:
        await session.execute(text(f"ALTER TABLE {tables} RENAME TO {tables}_away"))


async def back(line: Line, *, tables: str) -> None:
    async with line.parts.database.writing() as session:
        await session.execute(text(f"ALTER TABLE {tables}_away RENAME TO {tables}"))


async def test_when_nothing_can_be_stored_the_caller_hears_the_emergency_numbers(line: Line) -> None:
    """And when it can again, the call goes on where it stood."""
    await line.advisor()
    sid = await line.ring()
    await away(line, tables="inbound_event")
    line.calls.press(sid, "1")
    await line.calls.settled()
    heard = line.heard(sid)
    assert heard.endswith("We are trying again now.")
    assert "Beklager, vi har en teknisk feil. Er det fare for liv, ring 1 1 3." in heard
    await line.clock.advance(5)
    await line.calls.settled()
    await back(line, tables="inbound_event")
    before = line.count(sid)
    await line.wait(5)
    assert "For å snakke med en rådgiver, tast 1." in line.heard_since(sid, before)
    await line.press(sid, "1")
    assert (await line.contact(sid)).state is ContactState.OFFERED
    assert line.alerts() == []


async def test_when_nothing_could_be_stored_from_the_first_ring(quick: Line) -> None:
    await quick.advisor()
    await away(quick, tables="inbound_event")
    sid = await quick.calls.place_call(CALLER, VOICE_NUMBER)
    await quick.calls.settled()
    assert "ring 1 1 3" in quick.heard(sid)
    await back(quick, tables="inbound_event")
    await quick.wait(5)
    assert "Hei. Du har ringt" in quick.heard(sid)
    assert quick.expects(sid) == "digits"


async def test_one_who_waits_stays_in_the_queue_when_the_database_is_away(line: Line) -> None:
    await line.advisor()
    sid = await line.ring()
    await line.press(sid, "1")
    await away(line, tables="contact")
    await line.clock.advance(26)
    await line.calls.settled()
    assert "1 1 3" in line.heard_since(sid, line.count(sid) - 4)
    assert line.status(sid) == "in-progress"
    await back(line, tables="contact")
    before = line.count(sid)
    await line.wait(12)
    assert "Du er nummer 1 i køen." in line.heard_since(sid, before)
    assert line.alerts() == []


async def test_every_document_is_an_apology_when_nothing_can_be_stored(line: Line) -> None:
    for table in ("inbound_event", "contact"):
        await away(line, tables=table)
    heard = ["", "/turn/1", "/left/1", "/wait/1", "/waitkey/1", "/again", "/bridge/1", "/bridged/1", "/leg/1"]
    for path in [*heard, "/leg/1/accept"]:
        answer = await post(line, path, form(Digits="1", QueueResult="leave", QueueTime="30"))
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/xml")
        assert "1 1 3" in answer.text, path
        assert parse(answer.text)


async def test_fallback_and_moment_need_no_database(quick: Line) -> None:
    await quick.parts.database.close()
    assert "1 1 6, 1 1 7" in (await post(quick, "/fallback", form(ErrorCode="11200"))).text
    assert "Vent litt." in (await post(quick, "/moment/nn", form())).text


async def test_reports_ask_to_come_again_when_nothing_can_be_stored(quick: Line) -> None:
    await away(quick, tables="inbound_event")
    report = form(CallStatus="completed", ConferenceSid="CF1", StatusCallbackEvent="participant-leave")
    for path in ("/status", "/leg/1/status", "/conference/1"):
        assert (await post(quick, path, report)).status_code == 503, path


# Forged and malformed.


async def test_forged_webhooks_are_refused(quick: Line) -> None:
    for path in ("", "/turn/1", "/wait/1", "/fallback", "/status", "/leg/1", "/conference/1"):
        forged = await post(quick, path, form(ConferenceSid="CF1"), token="guessed")
        assert forged.status_code == 403, path
    async with quick.parts.database.reading() as session:
        assert await contacts.by_call(session, SID) is None


async def test_malformed_webhooks_are_refused(quick: Line) -> None:
    for path, parameters in [
        ("", {"From": CALLER}),
        ("", {"CallSid": "C" * 65}),
        ("/turn/x", {"CallSid": SID}),
        ("/wait/0", {"CallSid": SID}),
        ("/conference/1", {"CallSid": SID}),
    ]:
        assert (await post(quick, path, parameters)).status_code == 400, path


async def test_a_withheld_number_leaves_no_caller(quick: Line) -> None:
    await quick.advisor()
    sid = await quick.ring(None)
    other = await quick.ring(None)
    assert (await quick.contact(sid)).caller_id is None
    assert (await quick.contact(sid)).id != (await quick.contact(other)).id


async def test_two_withheld_calls_at_once_are_two_contacts_without_a_caller(line: Line) -> None:
    one, two = await line.ring(None), await line.ring("anonymous")
    for sid in (one, two):
        await line.press(sid, "1")
    first, second = await line.contact(one), await line.contact(two)
    assert first.id != second.id
    assert (first.caller_id, second.caller_id) == (None, None)
    assert {first.state, second.state} == {ContactState.GUIDED}
    await line.hang_up(one)
    assert (await line.contact(two)).state is ContactState.GUIDED


async def test_someone_elses_wait_document_only_leads_out(quick: Line) -> None:
    answer = await post(quick, "/wait/4711", form(QueueTime="30"))
    assert "<Leave" in answer.text


@pytest.mark.parametrize("result", ["error", "system-error", "something-new"])
async def test_a_wait_that_failed_goes_on_after_a_breath(quick: Line, result: str) -> None:
    await quick.advisor()
    await post(quick, "", form())
    await post(quick, "/turn/1", form(Digits="1"))
    answer = await post(quick, "/left/2", form(QueueResult=result))
    assert answer.text.index('<Pause length="5"') < answer.text.index("<Enqueue")


@pytest.mark.parametrize("result", ["redirected", "bridged", "redirected-from-bridged"])
async def test_one_who_was_fetched_has_not_left(quick: Line, result: str) -> None:
    await quick.advisor()
    await post(quick, "", form())
    await post(quick, "/turn/1", form(Digits="1"))
    answer = await post(quick, "/left/2", form(QueueResult=result))
    assert parse(answer.text).verbs == ()
    assert (await quick.contact(SID)).state is ContactState.OFFERED


async def test_a_telephone_that_we_never_rang_hears_nothing(quick: Line) -> None:
    for path in ("/leg/4711", "/leg/4711/accept", "/leg/4711/accept?quiet=1"):
        assert "<Hangup" in (await post(quick, path, form(CallSid=f"CA{len(path)}", Digits="1"))).text


# Orders that fail on the way out.


async def test_an_answer_to_a_ring_that_is_lost_is_looked_up_and_not_rung_twice(quick: Line) -> None:
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    quick.simulator.faults.order(Fault(kind=FaultKind.LOST, target="twilio/POST Calls"))
    phone = await quick.accept(advisor)
    await quick.wait(8)
    assert [leg["to"] for leg in quick.calls.legs()].count(ADVISOR_PHONE) == 1
    async with quick.parts.database.reading() as session:
        (placed,) = await legs.of_contact(session, (await quick.contact(sid)).id)
    assert placed.call_sid == phone
    await quick.answer(phone)
    await quick.press(phone, "1")
    assert quick.heard(sid).endswith("connected")


async def test_an_answered_telephone_is_known_although_the_answer_to_the_ring_is_lost(quick: Line) -> None:
    """So that it can be hung up when the caller goes."""
    quick.calls.behave(ADVISOR_PHONE, Manner.ANSWERS)
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    quick.simulator.faults.order(Fault(kind=FaultKind.LOST, target="twilio/POST Calls"))
    phone = await quick.accept(advisor)
    await quick.hang_up(sid)
    assert quick.status(phone) == "completed"


async def test_a_ring_that_never_left_is_rung_once_it_can(quick: Line) -> None:
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    quick.simulator.faults.order(Fault(kind=FaultKind.ERROR, target="twilio/POST Calls", status=503))
    async with quick.parts.database.reading() as session:
        assert await deliveries.of_contact(session, (await quick.contact(sid)).id) == []
    assert await quick.accept(advisor) == ""
    await quick.wait(8)
    assert quick.status(quick.newest(ADVISOR_PHONE)) == "ringing"


async def test_a_telephone_the_provider_refuses_to_ring_counts_as_unanswered(quick: Line) -> None:
    advisor = await quick.advisor(phone="+4712345678")
    sid = await quick.ring()
    await quick.press(sid, "1")
    assert await quick.accept(advisor) == ""
    assert (await quick.contact(sid)).state is ContactState.WAITING
    assert await quick.duty_of(advisor) is Duty.PAUSE


async def test_one_who_was_fetched_is_not_fetched_out_of_the_conversation_again(quick: Line) -> None:
    """The answer to the redirect is lost; a second one would end the conversation that has begun."""
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    phone = await quick.accept(advisor)
    await quick.answer(phone)
    quick.simulator.faults.order(Fault(kind=FaultKind.LOST, target="twilio/POST Calls*"))
    await quick.press(phone, "1")
    await quick.wait(8)
    assert quick.expects(sid) == "conference"
    assert quick.heard(sid).endswith("connected")
    assert (await quick.contact(sid)).state is ContactState.ACTIVE


# Catching up.


async def test_a_call_that_never_reached_us_is_counted(line: Line) -> None:
    line.simulator.faults.order(Fault(kind=FaultKind.DROP, target="webhook/*"), times=50)
    sid = await line.calls.place_call(CALLER, VOICE_NUMBER)
    await line.calls.settled()
    line.simulator.faults.clear()
    assert await line.catch_up() == 0, "it may still be on its way"
    await line.leap(61)
    assert await line.catch_up() == 1
    assert await line.catch_up() == 0
    found, kept, _ = await line.everything()
    assert [contact.call_sid for contact in found] == [sid]
    assert [record.outcome for record in kept] == ["failed"]


async def test_a_caller_whose_end_was_lost_leaves_the_queue(quick: Line) -> None:
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    await quick.wait(15)
    quick.simulator.faults.order(Fault(kind=FaultKind.DROP, target="webhook/*"), times=50)
    await quick.hang_up(sid)
    quick.simulator.faults.clear()
    assert (await quick.contact(sid)).state is ContactState.OFFERED
    await quick.leap(61)
    assert await quick.catch_up() == 1
    assert (await quick.contact(sid)).outcome is Outcome.ABANDONED
    assert await quick.duty_of(advisor) is Duty.ON
    assert await quick.catch_up() == 0


async def test_a_telephone_whose_end_was_lost_frees_the_advisor(line: Line) -> None:
    advisor = await line.advisor()
    sid = await line.ring()
    await line.press(sid, "1")
    phone = await line.accept(advisor)
    await line.answer(phone)
    await line.press(phone, "1")
    await line.leap(61)
    line.simulator.faults.order(Fault(kind=FaultKind.DROP, target="webhook/*"), times=50)
    await line.hang_up(phone)
    await line.hang_up(sid)
    line.simulator.faults.clear()
    assert (await line.contact(sid)).state is ContactState.ACTIVE
    assert await line.catch_up() == 2
    assert (await line.contact(sid)).state is ContactState.WRAP_UP
    assert await line.duty_of(advisor) is Duty.WRAP_UP


async def test_calls_that_go_on_are_left_alone(quick: Line) -> None:
    await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    await quick.leap(61)
    assert await quick.catch_up() == 0
    assert (await quick.contact(sid)).state is ContactState.OFFERED
    async with quick.parts.database.reading() as session:
        assert await stored.going_on(session, since_before=quick.clock.now()) == [sid]
        assert await stored.going_on(session, since_before=datetime.fromisoformat("2026-11-23T00:00:00+00:00")) == []


async def test_a_provider_that_does_not_answer_is_left_for_the_next_sweep(quick: Line) -> None:
    quick.simulator.faults.order(Fault(kind=FaultKind.ERROR, target="twilio/*", status=503), times=5)
    with pytest.raises(ProviderSilent):
        await quick.catch_up()
