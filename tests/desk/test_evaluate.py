"""One question after closing: to whom it goes, what becomes of the answer, and that the counters stay equal."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from helpline.core.codes import Channel, Outcome
from helpline.core.contact import ContactState, EntryKind
from helpline.core.counters import read
from helpline.core.record import COLUMNS, Record
from helpline.core.sms_text import measure, plain
from helpline.desk import counters
from helpline.desk.record_files import csv_lines
from helpline.store import records
from helpline.store.tables import Contact, RecordLink
from tests.desk.line import KARI, OLA, Line

TELEGRAM = {"channel": Channel.TELEGRAM, "who": "501"}


def says(line: Line, phrase: str, language: str = "nb", channel: str = "sms") -> str:
    return line.house.phrases.say(phrase, language=language, channel=channel, on=line.clock.now().date())


async def closed(
    line: Line, words: str = "Jeg er sliten", *, outcome: Outcome = Outcome.COUNSELLED, **more: Any
) -> str:
    """A contact from first word to goodbye; returns the last text that went out."""
    who = {name: more.pop(name) for name in ("who", "channel") if name in more}
    advisor = await line.advisor()
    await line.write(words, **who)
    if (await line.contact()).state is ContactState.GUIDED:
        await line.write("rådgiver", **who)
    contact = await line.accept(advisor)
    await line.close(advisor, contact.id, outcome=outcome, **more)
    await line.off_duty(await line.now_of(advisor))
    return (await line.sent())[-1]


async def evaluations(line: Line) -> list[int | None]:
    """Of the records that count, by the order in which they were opened."""
    async with line.database.reading() as session:
        replaced = {one.corrects for one in await records.corrections(session)}
        return [row.evaluation async for row in records.between(session) if row.record_id not in replaced]


async def recounted(line: Line) -> None:
    """The recount equals what the counters show, and the figure is the mean of what was given."""
    async with line.database.reading() as session:
        assert await counters.check(session, house=line.house, now=line.clock.now()) == []
    given = [value for value in await evaluations(line) if value is not None]
    async with line.database.reading() as session:
        counted = await counters.count(session, house=line.house, include_simulated=True)
    figure = read("evaluation", counted.whole)
    assert (figure.value, figure.whole) == (sum(given) / len(given) if given else None, len(given))


@pytest.mark.parametrize("who", [{}, TELEGRAM], ids=["sms", "telegram"])
async def test_the_question_goes_out_with_the_goodbye_and_the_answer_into_the_record(
    line: Line, who: dict[str, Any]
) -> None:
    goodbye = await closed(line, **who)
    assert goodbye == "\n\n".join([says(line, "conversation_closed"), says(line, "evaluation_ask")])
    assert measure(plain(goodbye)).parts <= 2
    line.clock.advance(hours=71)

    assert await line.write("8", **who) == [says(line, "evaluation_thanks")]

    assert await line.states() == [ContactState.CLOSED], "no contact is opened by it"
    assert await evaluations(line) == [8]
    assert (EntryKind.TEXT_IN, "8") in await line.course()
    [before, after] = sorted(await line.records(), key=lambda row: row.corrects is not None)
    assert (after.corrects, before.evaluation) == (before.record_id, None)
    same = {name: getattr(before, name) for name in ("opened_at", "outcome", "topics", "handled_seconds", "channel")}
    assert {name: getattr(after, name) for name in same} == same
    async with line.database.reading() as session:
        linked = await records.of_contact(session, (await line.contact()).id)
        assert linked is not None
        assert linked.record_id == after.record_id
        rows = [text async for text in csv_lines(session)]
    assert len(rows) == 3, "the log is only added to"
    await recounted(line)


@pytest.mark.parametrize("words", ["Takk! 9", "sikkert 9", "9 😊", "Takk for hjelpen, jeg gir en 9"])
async def test_a_number_among_thanks_is_an_answer(line: Line, words: str) -> None:
    await closed(line)
    assert await line.write(words) == [says(line, "evaluation_thanks")]
    assert await line.states() == [ContactState.CLOSED]
    assert await evaluations(line) == [9]
    assert await line.write("takk") == [], "and thanks after it need no answer"
    assert await line.states() == [ContactState.CLOSED]


@pytest.mark.parametrize("words", ["takk", "Tusen takk for hjelpen!", "🙏", "ok, ha det", "8 eller 9", "8-9"])
async def test_one_who_thanks_first_is_still_asked(line: Line, words: str) -> None:
    await closed(line)
    assert await line.write(words) == [says(line, "evaluation_how")]
    assert await line.write("takk") == [], "once is enough"
    assert (EntryKind.TEXT_IN, words) in await line.course(), "and an advisor can read it"
    assert await line.write("9") == [says(line, "evaluation_thanks")]
    assert await line.states() == [ContactState.CLOSED]
    assert await evaluations(line) == [9]


@pytest.mark.parametrize("words", ["hei", "takk for alt", "nei", "Takk, jeg trenger hjelp", "112", "rådgiver"])
async def test_what_says_more_than_thanks_opens_a_contact(line: Line, words: str) -> None:
    await closed(line)
    assert await line.write(words) not in ([], [says(line, "evaluation_how")])
    assert len(await line.states()) == 2


async def test_an_answer_that_comes_after_the_day_was_folded_counts_on_that_day(line: Line) -> None:
    await closed(line)
    await closed(line, who=OLA)
    line.clock.advance(days=2)
    async with line.database.writing() as session:
        assert await counters.fold_closed_days(session, house=line.house, now=line.clock.now()) == 1
    await line.write("4")
    await line.write("9", who=OLA)
    assert {*await evaluations(line)} == {4, 9}
    await recounted(line)
    async with line.database.writing() as session:
        await counters.rebuild(session, house=line.house, now=line.clock.now())
    await recounted(line)


async def test_a_second_number_is_thanked_for_and_changes_nothing(line: Line) -> None:
    await closed(line)
    await line.write("8")
    assert await line.write("2") == [says(line, "evaluation_had")]
    assert await evaluations(line) == [8]
    assert await line.states() == [ContactState.CLOSED]


async def test_other_words_open_a_contact_as_always_and_a_number_after_them_is_not_an_answer(line: Line) -> None:
    await closed(line)
    answers = await line.write("Takk, men jeg lurer på noe mer om avlastning")
    assert says(line, "welcome") in answers[0]
    assert await line.states() == [ContactState.CLOSED, ContactState.GUIDED]
    await line.write("8")
    assert await evaluations(line) == [None]


async def test_an_answer_that_comes_too_late_is_words_like_others(line: Line) -> None:
    await closed(line)
    line.clock.advance(hours=72, seconds=1)
    [answer] = await line.write("8")
    assert answer.startswith(says(line, "welcome"))
    assert await evaluations(line) == [None]


async def test_danger_in_the_answer_is_answered_first(line: Line) -> None:
    await closed(line)
    answers = await line.write("0, jeg skal ta livet mitt i kveld")
    assert "113" in answers[0]
    assert (await line.contact()).state is ContactState.WAITING


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("Jeg vil ta livet mitt i natt", {}),
        ("Jeg er sliten", {"answers": {"topics": ["violence"]}}),
        ("Jeg er sliten", {"answers": {"evaluation": 6}}),
        ("Jeg er sliten", {"outcome": Outcome.NO_REPLY}),
        ("Jeg er sliten", {"outcome": Outcome.MESSAGE_LEFT}),
    ],
    ids=["red", "violence by the advisor", "told already", "no reply", "nobody helped"],
)
async def test_who_is_not_asked(line: Line, words: str, more: dict[str, object]) -> None:
    await closed(line, words, **more)  # type: ignore[arg-type]  # outcome and answers by name
    assert not [text for text in await line.sent() if says(line, "evaluation_ask") in text]
    async with line.database.reading() as session:
        [contact] = await session.scalars(select(Contact))
        assert "evaluation" not in contact.memory


async def test_after_violence_neither_goodbye_nor_question_goes_out_without_a_yes(line: Line) -> None:
    last = await closed(line, "Mannen min slår meg ofte når han er full")
    assert says(line, "safe_question") in last, "what was sent last is the question whether it is safe"
    [held_back] = await line.entries(EntryKind.DELIVERY_FAILED)
    assert held_back.data["error"] == "not_safe"
    assert "evaluation" not in (await line.contact()).memory
    [answer] = await line.write("8")
    assert says(line, "welcome") in answer
    assert await evaluations(line) == [None]


async def test_without_a_goodbye_nothing_is_asked(line: Line) -> None:
    text = await closed(line, say_goodbye=False)
    assert says(line, "evaluation_ask") not in text
    [answer] = await line.write("8")
    assert says(line, "welcome") in answer


async def test_one_who_opted_out_or_blocked_us_is_not_asked(line: Line) -> None:
    advisor = await line.advisor()
    await line.write("rådgiver")
    contact = await line.accept(advisor)
    await line.write("STOPP")
    await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED)
    assert (await line.sent())[-1] == says(line, "opted_out")
    assert (await line.contact()).memory.get("evaluation") is None


async def test_nobody_is_asked_twice_within_a_month_as_long_as_they_are_known(line: Line) -> None:
    assert says(line, "evaluation_ask") in await closed(line)
    line.clock.advance(days=5)
    assert says(line, "evaluation_ask") not in await closed(line)
    # On a list they are known for longer, and the month passes.
    for words in ("hei", "7", "1", "1", "0", "ja", "ja", "rådgiver"):
        await line.write(words)
    line.clock.advance(days=25)
    assert says(line, "evaluation_ask") in await closed(line, "Er dere der?")


async def test_after_a_word_that_it_is_safe_violence_does_not_keep_us_from_asking(line: Line) -> None:
    await line.advisor(on_duty=False)
    await line.write("Mannen min slår meg ofte når han er full")
    await line.write("0")
    for words in ("7", "1", "1", "0", "ja", "ja"):
        await line.write(words)
    assert says(line, "evaluation_ask") in await closed(line, "Er dere der?")
    # And what is said after it counts again.
    line.clock.advance(days=31)
    await line.write("hei", who=OLA)
    for words in ("7", "1", "1", "0", "ja", "ja"):
        await line.write(words, who=OLA)
    assert says(line, "evaluation_ask") not in await closed(line, "Mannen min slår meg ofte", who=OLA)


async def test_when_the_record_is_not_known_any_more_the_answer_is_still_thanked_for(line: Line) -> None:
    await closed(line, who=KARI)
    async with line.database.writing() as session:
        [contact] = await session.scalars(select(Contact))
        [link] = await session.scalars(select(RecordLink))
        await session.delete(link)
    assert await line.write("8") == [says(line, "evaluation_thanks")]
    assert await evaluations(line) == [None]
    assert contact.closed_at is not None
    assert line.clock.now() - contact.closed_at < timedelta(hours=1)


async def test_a_record_that_was_corrected_meanwhile_keeps_what_the_correction_says(line: Line) -> None:
    await closed(line)
    [row] = await line.records()
    async with line.database.writing() as session:
        corrected = Record(
            **{name: getattr(records.as_rule(row), name) for name in COLUMNS}
            | {"record_id": "corrected", "corrects": row.record_id, "relation": "mother"}
        )
        await records.keep(session, corrected)
        await counters.on_record(session, corrected, house=line.house, now=line.clock.now())
    await line.write("5")
    async with line.database.reading() as session:
        [last] = [one async for one in records.between(session) if one.corrects == "corrected"]
    assert (last.relation, last.evaluation) == ("mother", 5)
    assert await evaluations(line) == [5]
    await recounted(line)
