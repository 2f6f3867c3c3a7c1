"""Close → record: what an advisor answered and what was measured, in one transaction with the counters."""

from datetime import timedelta
from typing import Any

import pytest

from helpline.core.codes import Channel, Outcome, code_lists
from helpline.core.contact import ContactState, EntryKind
from helpline.core.duty import Duty
from helpline.core.turn import InboundKind
from helpline.desk import attend, close, counters, erase
from helpline.errors import HelplineError, TakenByAnother
from tests.conftest import MONDAY
from tests.desk.line import KARI, OLA, Line
from tests.desk.test_offers import calls, waits
from tests.desk.test_receive_danger import RED


def answers() -> dict[str, Any]:
    """What an advisor ticks: the first codes of each list."""
    lists = code_lists()
    return {
        "relation": next(iter(lists["relation"])),
        "gender": next(iter(lists["gender"])),
        "challenge_areas": list(lists["challenge_area"])[:2],
        "topics": list(lists["topic"])[:2],
        "county": "03",
        "letters": 1,
    }


async def with_advisor(line: Line, who: str = KARI) -> tuple[int, Any]:
    advisor = await line.advisor()
    contact_id = await waits(line, who)
    line.clock.advance(seconds=90)
    await line.accept(advisor)
    return contact_id, advisor


async def test_the_record_holds_the_answers_and_what_was_measured(line: Line) -> None:
    line.clock.advance(minutes=17)
    contact_id, advisor = await with_advisor(line)
    line.clock.advance(minutes=25)
    await line.close(advisor, contact_id, outcome=Outcome.COUNSELLED, answers=answers())

    [record] = await line.records()
    hour = MONDAY.replace(minute=0)
    assert (record.opened_at, record.closed_at) == (hour, hour), "cut to the hour"
    assert (record.waited_seconds, record.handled_seconds) == (90, 25 * 60)
    assert (record.channel, record.direction, record.outcome, record.urgency) == (
        "sms",
        "inbound",
        "counselled",
        "green",
    )
    assert {name: getattr(record, name) for name in answers()} == answers()
    assert (record.caller_status, record.asked_what_matters, record.redial_24h) == ("new", True, False)
    assert await line.states() == [ContactState.CLOSED]
    assert (await line.now_of(advisor)).duty is Duty.ON
    assert (await line.course())[-1][0] is EntryKind.CLOSED
    assert (await line.sent())[-1].startswith("Samtalen er avsluttet.")


async def test_closing_takes_the_next_one_from_the_queue(line: Line) -> None:
    contact_id, advisor = await with_advisor(line)
    await waits(line, OLA)
    assert await line.offered_to(advisor) is None
    await line.close(advisor, contact_id, outcome=Outcome.COUNSELLED)

    assert await line.offered_to(advisor) is not None


@pytest.mark.parametrize(
    ("outcome", "more", "sentence"),
    [
        (Outcome.COUNSELLED, {"relation": "uncle_of_a_friend"}, "relation cannot be «uncle_of_a_friend»"),
        (Outcome.COUNSELLED, {"topics": ["bolig-og-hund"]}, "topics cannot be «bolig-og-hund»"),
        (Outcome.COUNSELLED, {"county": "77"}, "county cannot be «77»"),
        (Outcome.COUNSELLED, {"municipality": "0301", "county": "46"}, "is not in county"),
        (Outcome.COUNSELLED, {"letters": 5_000}, "letters must lie between"),
        (Outcome.ABANDONED, {}, "Velg hvordan henvendelsen endte"),
        (Outcome.WITHDRAWN, {}, "Velg hvordan henvendelsen endte"),
    ],
)
async def test_a_wrong_answer_is_refused_in_a_sentence_and_nothing_is_half_done(
    line: Line, outcome: Outcome, more: dict[str, Any], sentence: str
) -> None:
    contact_id, advisor = await with_advisor(line)
    before = await line.sent()
    with pytest.raises(HelplineError, match=sentence):
        await line.close(advisor, contact_id, outcome=outcome, answers=more)

    assert await line.states() == [ContactState.ACTIVE]
    assert await line.records() == []
    assert await line.sent() == before
    assert (await line.contact()).draft == {}


async def test_closing_twice_or_another_s_is_refused(line: Line) -> None:
    contact_id, advisor = await with_advisor(line)
    other = await line.advisor("En annen")
    with pytest.raises(TakenByAnother):
        await line.close(other, contact_id, outcome=Outcome.COUNSELLED)
    await line.close(advisor, contact_id, outcome=Outcome.COUNSELLED)
    with pytest.raises(TakenByAnother):
        await line.close(advisor, contact_id, outcome=Outcome.REFERRED)
    with pytest.raises(HelplineError, match="finnes ikke"):
        await line.close(advisor, 99_999, outcome=Outcome.COUNSELLED)

    assert [record.outcome for record in await line.records()] == ["counselled"]


async def test_the_draft_is_kept_and_fills_the_record(line: Line) -> None:
    contact_id, advisor = await with_advisor(line)
    other = await line.advisor("En annen")
    async with line.database.writing() as session:
        await close.save_draft(
            session, contact_id, {**answers(), "outcome": "counselled", "x": 1}, advisor=advisor, now=line.clock.now()
        )
        with pytest.raises(TakenByAnother):
            await close.save_draft(session, contact_id, {"letters": 9}, advisor=other, now=line.clock.now())
    assert (await line.contact()).draft == answers()

    await line.close(advisor, contact_id, outcome=Outcome.COUNSELLED, answers={"letters": 2})
    [record] = await line.records()
    assert (record.letters, record.county) == (2, "03")
    with pytest.raises(TakenByAnother):
        async with line.database.writing() as session:
            await close.save_draft(session, contact_id, {"letters": 3}, advisor=advisor, now=line.clock.now())


async def test_trying_again_within_a_day_is_a_redial(line: Line) -> None:
    advisor = await line.advisor()
    for call, (minutes, expected) in enumerate([(0, False), (30, True), (25 * 60, False)]):
        line.clock.advance(minutes=minutes)
        await calls(line, f"CA{call}")
        line.clock.advance(seconds=40)
        await line.turn(channel=Channel.PHONE, kind=InboundKind.HUNG_UP, call_sid=f"CA{call}")
        newest = [record for record in await line.records() if record.redial_24h is expected]
        assert newest, f"call {call}"
    records = await line.records()
    assert [record.outcome for record in records] == ["abandoned"] * 3
    assert [record.caller_status for record in records].count("new") == 1
    assert (await line.now_of(advisor)).duty is Duty.ON


@pytest.mark.parametrize(("seconds", "outcome"), [(9, "short_abandon"), (11, "abandoned")])
async def test_leaving_the_queue_early_is_a_short_abandon(line: Line, seconds: int, outcome: str) -> None:
    await line.advisor()
    await calls(line)
    line.clock.advance(seconds=seconds)
    await line.turn(channel=Channel.PHONE, kind=InboundKind.HUNG_UP, call_sid="CA1")

    [record] = await line.records()
    assert (record.outcome, record.waited_seconds) == (outcome, seconds)


async def test_the_wait_of_one_who_left_the_queue_ends_there(line: Line) -> None:
    await line.advisor()
    await waits(line)
    line.clock.advance(seconds=70)
    await line.write("0")
    line.clock.advance(hours=13)
    from_now = line.clock.now()
    async with line.database.writing() as session:
        contact = await line.contact()
        found = await session.merge(contact)
        await close.without_advisor(session, found, Outcome.GUIDED, house=line.house, now=from_now)

    [record] = await line.records()
    assert record.waited_seconds == 70


async def test_a_language_that_an_app_hints_at_never_stops_a_contact_from_closing(line: Line) -> None:
    advisor = await line.advisor()
    for number, (hint, expected) in enumerate(
        [("pt-br", "pt"), ("zh_Hans", "zh"), ("klingon-piqad", "nb"), ("", "nb")]
    ):
        who = str(600 + number)
        await line.write("/start", channel=Channel.TELEGRAM, who=who, language_hint=hint)
        await line.write("1", channel=Channel.TELEGRAM, who=who, kind=InboundKind.CHOICE, step="menu")
        contact = await line.accept(advisor)
        await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED)
        assert (await line.contact()).language == expected, hint


async def test_a_red_contact_that_cannot_be_reached_is_closed_by_a_person_as_what_it_got(line: Line) -> None:
    """Emergency numbers went out by themselves and nobody answered any more: a person says so, no clock does."""
    await line.write(RED)
    await line.write("0")
    line.clock.advance(hours=13)
    async with line.database.writing() as session:
        assert await erase.close_silent(session, house=line.house, now=line.clock.now()) == 0
    advisor = await line.advisor()
    contact = await line.accept(advisor)
    assert Outcome.EMERGENCY_ADVISED in close.choosable_outcomes(contact)
    await line.close(advisor, contact.id, outcome=Outcome.EMERGENCY_ADVISED)

    [record] = await line.records()
    assert (record.outcome, record.urgency) == ("emergency_advised", "red")
    assert (await line.contact()).outcome is Outcome.EMERGENCY_ADVISED


async def test_emergency_numbers_alone_are_not_the_outcome_where_an_advisor_wrote(line: Line) -> None:
    advisor = await line.advisor()
    await line.write(RED)
    contact = await line.accept(advisor)
    async with line.database.writing() as session:
        reply = await attend.reply(
            session, contact.id, "Er du trygg nå?", house=line.house, advisor=advisor, now=line.clock.now()
        )
    with pytest.raises(HelplineError, match="svar fra en rådgiver"):
        await line.close(advisor, contact.id, outcome=Outcome.EMERGENCY_ADVISED)
    assert await line.states() == [ContactState.ACTIVE]
    assert await line.records() == []

    async with line.database.writing() as session:
        await attend.undo(session, reply, advisor=advisor, now=line.clock.now())
    await line.close(advisor, contact.id, outcome=Outcome.EMERGENCY_ADVISED)
    assert [record.outcome for record in await line.records()] == ["emergency_advised"]


async def test_emergency_numbers_are_no_outcome_where_none_were_given(line: Line) -> None:
    contact_id, advisor = await with_advisor(line)
    assert Outcome.EMERGENCY_ADVISED not in close.choosable_outcomes(await line.contact())
    with pytest.raises(HelplineError, match="Velg hvordan henvendelsen endte"):
        await line.close(advisor, contact_id, outcome=Outcome.EMERGENCY_ADVISED)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (["hei"], "guided"),
        (["jeg er helt utslitt"], "emergency_advised"),
        (["hei", "hun snakker om å dø", "0"], "emergency_advised"),
        (["jeg er helt utslitt", "2", "avlastning"], "guided"),
        (["hei", "2", "avlastning", "jeg er helt utslitt"], "guided"),
    ],
)
async def test_what_a_conversation_that_fell_silent_was(line: Line, words: list[str], outcome: str) -> None:
    """Guidance goes before emergency numbers, emergency numbers before nothing."""
    for text in words:
        await line.write(text)
    line.clock.advance(hours=13)
    async with line.database.writing() as session:
        assert await erase.close_silent(session, house=line.house, now=line.clock.now()) == 1

    assert [record.outcome for record in await line.records()] == [outcome]


async def test_one_who_got_emergency_numbers_and_then_blocked_us(line: Line) -> None:
    telegram = {"channel": Channel.TELEGRAM, "who": "501"}
    await line.write("jeg er helt utslitt", **telegram)
    await line.turn(kind=InboundKind.BLOCKED_US, **telegram)  # type: ignore[arg-type]  # channel and who by name

    assert [record.outcome for record in await line.records()] == ["emergency_advised"]


async def test_the_counters_follow_in_the_same_transaction(line: Line) -> None:
    """A record that comes for a day that is folded already changes that day's counters at once."""
    contact_id, advisor = await with_advisor(line)
    line.clock.advance(days=1)
    async with line.database.writing() as session:
        await counters.fold_closed_days(session, house=line.house, now=line.clock.now())
    await line.close(advisor, contact_id, outcome=Outcome.COUNSELLED)

    async with line.database.reading() as session:
        assert await counters.check(session, house=line.house, now=line.clock.now()) == []
    async with line.database.reading() as session:
        counted = await counters.count(
            session, house=line.house, first=MONDAY.date(), last=MONDAY.date(), include_simulated=False
        )
        assert counted.whole
    assert (await line.records())[0].opened_at == MONDAY
    assert line.clock.now() - MONDAY > timedelta(days=1)
