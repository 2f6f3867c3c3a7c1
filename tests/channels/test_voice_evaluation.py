"""The one question after a conversation by telephone: only when the advisor lets it follow, answered by key."""

from collections.abc import AsyncIterator

import pytest

from helpline.core.codes import Outcome, Urgency
from helpline.core.contact import ContactState, EntryKind
from helpline.desk import evaluate
from helpline.errors import HelplineError, TakenByAnother
from helpline.store import advisors, records
from helpline.store.tables import Advisor, Contact, Record
from tests.channels.test_voice_calls import asked_for_callback, ring_back, take
from tests.channels.voice_house import CALLER, OTHER_CALLER, SECOND_PHONE, Line, telephone_line

QUESTION = "Ett spørsmål før du legger på: Hvor mye hjalp vi deg med det som var viktigst?"


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    async with telephone_line(database_url) as started:
        yield started
        assert started.alerts() == []


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[Line]:
    """The same on SQLite alone, for what no database can change."""
    async with telephone_line(sqlite_url) as started:
        yield started
        assert started.alerts() == []


async def talking(line: Line, number: str | None = CALLER) -> tuple[Advisor, str, str]:
    """An advisor and a caller who talk: the advisor, the caller's call, the advisor's."""
    advisor = await line.advisor()
    sid = await line.ring(number)
    await line.press(sid, "1")
    phone = await line.accept(advisor)
    await line.answer(phone)
    await line.press(phone, "5")
    return advisor, sid, phone


async def let_follow(line: Line, sid: str, advisor: Advisor, *, wanted: bool = True) -> None:
    contact = await line.contact(sid)
    async with line.parts.database.writing() as session:
        found = await advisors.by_id(session, advisor.id)
        assert found is not None
        await evaluate.let_follow(session, contact.id, wanted=wanted, advisor=found, now=line.clock.now())


async def change(line: Line, sid: str, **values: object) -> None:
    contact = await line.contact(sid)
    async with line.parts.database.writing() as session:
        found = await session.get(Contact, contact.id)
        assert found is not None
        for name, value in values.items():
            setattr(found, name, value)


async def record(line: Line, sid: str) -> Record:
    """The record that stands for the call."""
    contact = await line.contact(sid)
    async with line.parts.database.reading() as session:
        found = await records.of_contact(session, contact.id)
    assert found is not None
    return found


async def test_asked_when_the_advisor_hangs_up_and_kept_in_the_record(line: Line) -> None:
    advisor, sid, phone = await talking(line)
    await let_follow(line, sid, advisor)
    await line.hang_up(phone)
    assert QUESTION in line.heard(sid)
    assert (line.status(sid), line.expects(sid)) == ("in-progress", "digits")
    contact = await line.contact(sid)
    assert contact.state is ContactState.WRAP_UP, "the advisor writes the record meanwhile"
    await line.press(sid, "8#")
    assert line.heard(sid).endswith("Takk for svaret. Ha det.")
    assert line.status(sid) == "completed"
    assert (await line.course(sid))[-1] is EntryKind.KEY
    await line.close(contact.id, advisor)
    assert (await record(line, sid)).evaluation == 8


async def test_an_answer_after_the_record_was_written_corrects_it(line: Line) -> None:
    advisor, sid, phone = await talking(line)
    await let_follow(line, sid, advisor)
    await line.hang_up(phone)
    await line.close((await line.contact(sid)).id, advisor)
    first = await record(line, sid)
    assert first.evaluation is None
    await line.press(sid, "10#")
    last = await record(line, sid)
    assert (last.evaluation, last.corrects, last.outcome) == (10, first.record_id, Outcome.COUNSELLED)


async def test_nothing_is_asked_unless_the_advisor_lets_it(quick: Line) -> None:
    advisor, sid, phone = await talking(quick)
    await let_follow(quick, sid, advisor)
    await let_follow(quick, sid, advisor, wanted=False)
    await quick.hang_up(phone)
    assert quick.heard(sid).endswith("Samtalen er slutt. Ha det.")
    assert quick.status(sid) == "completed"


async def test_the_caller_who_hangs_up_first_is_asked_nothing(quick: Line) -> None:
    advisor, sid, _ = await talking(quick)
    await let_follow(quick, sid, advisor)
    await quick.hang_up(sid)
    assert QUESTION not in quick.heard(sid)
    await quick.close((await quick.contact(sid)).id, advisor)
    assert (await record(quick, sid)).evaluation is None


async def test_silence_ends_the_call_kindly(quick: Line) -> None:
    advisor, sid, phone = await talking(quick)
    await let_follow(quick, sid, advisor)
    await quick.hang_up(phone)
    await quick.wait(60)
    assert quick.heard(sid).endswith("Takk for at du ringte. Ha det.")
    assert quick.status(sid) == "completed"


async def test_what_is_no_number_is_asked_once_more(quick: Line) -> None:
    advisor, sid, phone = await talking(quick)
    await let_follow(quick, sid, advisor)
    await quick.hang_up(phone)
    await quick.press(sid, "77#")
    assert quick.heard(sid).count(QUESTION) == 2
    await quick.press(sid, "11#")
    assert quick.heard(sid).endswith("Det valget kjenner vi ikke. Takk for at du ringte. Ha det.")
    assert quick.status(sid) == "completed"
    await quick.close((await quick.contact(sid)).id, advisor)
    assert (await record(quick, sid)).evaluation is None


async def test_one_who_was_rung_back_is_asked_too(line: Line) -> None:
    advisor = await line.advisor()
    sid = await asked_for_callback(line)
    await line.press(sid, "1")
    await line.press(sid, "1")
    await take(line, advisor)
    phone = await ring_back(line, advisor, sid)
    await line.answer(phone)
    await line.press(phone, "1")
    theirs = line.newest(CALLER)
    await line.answer(theirs)
    await let_follow(line, sid, advisor)
    await line.hang_up(phone)
    assert QUESTION in line.heard(theirs)
    await line.press(theirs, "0#")
    assert line.heard(theirs).endswith("Takk for svaret. Ha det.")
    await line.close((await line.contact(sid)).id, advisor, Outcome.CALLBACK_DONE)
    assert (await record(line, sid)).evaluation == 0
    everybody, _, _ = await line.everything()
    assert len(everybody) == 1, "the answer opened no contact of its own"


@pytest.mark.parametrize(
    "values",
    [
        {"urgency": Urgency.RED},
        {"topics": ["violence"]},
        {"draft": {"topics": ["violence"]}},
        {"draft": {"evaluation": 7}},
        {"answered_at": None},
        {"state": ContactState.WRAP_UP},
    ],
)
async def test_where_it_may_not_be_asked(quick: Line, values: dict[str, object]) -> None:
    advisor, sid, _ = await talking(quick)
    await change(quick, sid, **values)
    with pytest.raises(HelplineError, match="kan ikke stilles"):
        await let_follow(quick, sid, advisor)


async def test_nobody_is_asked_twice_within_a_month_and_not_by_a_colleague(quick: Line) -> None:
    advisor, sid, phone = await talking(quick)
    await let_follow(quick, sid, advisor)
    await quick.hang_up(phone)
    await quick.press(sid, "5#")
    await quick.close((await quick.contact(sid)).id, advisor)
    again = await quick.ring()
    await quick.press(again, "1")
    phone = await quick.accept(advisor)
    await quick.answer(phone)
    await quick.press(phone, "5")
    with pytest.raises(HelplineError, match="kan ikke stilles"):
        await let_follow(quick, again, advisor)
    await quick.hang_up(again)
    await quick.close((await quick.contact(again)).id, advisor)
    other = await quick.ring(OTHER_CALLER)
    await quick.press(other, "1")
    phone = await quick.accept(advisor)
    await quick.answer(phone)
    await quick.press(phone, "5")
    colleague = await quick.advisor("Rådgiver To", SECOND_PHONE)
    with pytest.raises(TakenByAnother):
        await let_follow(quick, other, colleague)


async def test_danger_that_is_seen_meanwhile_takes_the_question_away(quick: Line) -> None:
    advisor, sid, phone = await talking(quick)
    await let_follow(quick, sid, advisor)
    await change(quick, sid, topics=["violence"])
    await quick.hang_up(phone)
    assert QUESTION not in quick.heard(sid)
    assert quick.status(sid) == "completed"
