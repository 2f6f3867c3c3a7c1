"""The interest list: who comes on it and how, who is taken off, and how an advisor writes to them."""

from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import select

from helpline.core.codes import Channel, Direction, Outcome
from helpline.core.contact import ContactState, EntryKind
from helpline.core.duty import Duty
from helpline.core.sms_text import measure, plain
from helpline.desk import attend, erase, export, interest
from helpline.errors import HelplineError, NotFound
from helpline.store import access, callers, interests
from helpline.store.interests import Standing
from helpline.store.tables import Caller, Interest
from tests.desk.line import KARI, OLA, Line

TELEGRAM = {"channel": Channel.TELEGRAM, "who": "501"}


def says(line: Line, phrase: str, language: str = "nb", channel: str = "sms", **parameters: str) -> str:
    return line.house.phrases.say(phrase, language=language, channel=channel, on=line.clock.now().date(), **parameters)


async def standing(line: Line) -> list[Standing]:
    async with line.database.reading() as session:
        return list(await interests.open_ones(session))


async def rows(line: Line) -> list[Interest]:
    async with line.database.reading() as session:
        return list(await session.scalars(select(Interest).order_by(Interest.id)))


async def joins(line: Line, *answers: str, **who: object) -> list[str]:
    """From the menu to the list; `answers` are what, where, may we, is it safe."""
    said = await line.write("hei", **who)
    for words in ("7", "1", *(answers or ("2", "Innlandet", "ja", "ja"))):
        said = await line.write(words, **who)
    return said


@pytest.mark.parametrize(
    ("consent", "is_safe"), [("ja takk", "det går bra"), ("ja gjerne", "ja, det er trygt"), ("Ja, det er greit", "ok")]
)
async def test_a_yes_in_own_words_is_one(line: Line, consent: str, is_safe: str) -> None:
    assert says(line, "interest_is_it_safe") in (await joins(line, "1", "Oslo", consent))[-1]
    await line.write(is_safe)
    assert [row.offer for row in await rows(line)] == ["advice_session"]


async def test_other_words_are_asked_again_and_lose_nothing(line: Line) -> None:
    [again] = await joins(line, "1", "Oslo", "hva betyr det?")
    assert again.startswith(says(line, "answer_yes_or_no"))
    assert says(line, "interest_may_we") in again
    await line.write("ja")
    [again] = await line.write("ja, men bare på dagtid")
    assert says(line, "interest_is_it_safe") in again
    assert await rows(line) == []
    await line.write("ja")
    assert [row.offer for row in await rows(line)] == ["advice_session"]


async def test_a_no_in_own_words_is_one(line: Line) -> None:
    await joins(line, "1", "Oslo", "ja")
    [said] = await line.write("Nei, mannen min leser telefonen")
    assert said.startswith(says(line, "interest_not_safe"))
    assert await rows(line) == []


async def close_open(line: Line) -> None:
    """Every open contact falls silent and is closed."""
    async with line.database.writing() as session:
        now = line.clock.now() + timedelta(hours=13)
        await erase.close_silent(session, house=line.house, now=now)


@pytest.mark.parametrize("who", [{}, TELEGRAM], ids=["sms", "telegram"])
async def test_two_clear_answers_put_somebody_on_the_list(line: Line, who: dict[str, object]) -> None:
    channel = str(who.get("channel", "sms"))
    await line.write("hei", **who)
    await line.write("7", **who)
    [which] = await line.write("1", **who)
    assert "løfte om plass" in which
    assert "1 = Rådgivningstime\n2 = Samtalegruppe\n3 = Selvstyrt gruppe\n4 = Kurs\n5 = Skrivetilbud" in which
    [where] = await line.write("2", **who)
    assert where.startswith(says(line, "interest_closed_now")), "the waiting list is said as it is"
    assert says(line, "interest_county") in where
    [unknown] = await line.write("langt nord", **who)
    assert unknown.startswith(says(line, "interest_county_unknown"))
    [may_we] = await line.write("Lillehammer", **who)
    assert may_we.startswith(says(line, "interest_may_we", channel=channel))
    [safe] = await line.write("ja", **who)
    assert safe.startswith(says(line, "interest_is_it_safe"))
    assert await rows(line) == []
    [kept] = await line.write("1", **who)
    assert kept.startswith(says(line, "interest_kept", offer="Samtalegruppe"))

    [one] = await standing(line)
    assert (one.interest.offer, one.interest.county, one.interest.channel.value) == ("support_group", "34", channel)
    assert one.interest.consent_at == one.interest.safe_at == line.clock.now()
    assert "interest" not in (await line.contact()).memory


async def test_what_is_open_now_is_said(line: Line) -> None:
    await line.write("hei")
    await line.write("7")
    await line.write("1")
    [where] = await line.write("5")
    assert where.startswith("Åpent nå: Digital skrivetime (onsdager kl. 10–11).")


@pytest.mark.parametrize(
    ("answers", "says_then"),
    [
        (("1", "0", "nei"), "interest_no"),
        (("1", "0", "2"), "interest_no"),
        (("1", "0", "ja", "nei"), "interest_not_safe"),
    ],
)
async def test_a_no_keeps_nothing(line: Line, answers: tuple[str, ...], says_then: str) -> None:
    [said] = await joins(line, *answers)
    assert said.startswith(says(line, says_then))
    assert await rows(line) == []
    assert "interest" not in (await line.contact()).memory
    assert "safe_to_write" not in (await line.contact()).memory


async def test_saying_yes_twice_keeps_one_place_and_its_age(line: Line) -> None:
    await joins(line, "4", "0", "ja", "ja")
    first = line.clock.now()
    line.clock.advance(days=3)
    await joins(line, "4", "Vestland", "ja", "ja")
    [one] = await standing(line)
    assert (one.interest.consent_at, one.interest.county) == (first, "46")
    assert one.interest.safe_at == line.clock.now()


@pytest.mark.parametrize(
    ("words", "county"),
    [
        ("Innlandet", "34"),
        ("oslo", "03"),
        ("Troms", "55"),
        (" Bergen. ", "46"),
        ("svalbard", "21"),
        ("Våler", None),
        ("Herøy", None),
        ("ved sjøen", None),
        ("", None),
    ],
)
def test_a_county_is_known_by_its_names_and_its_municipalities(words: str, county: str | None) -> None:
    assert interest.county_named(words) == county


@pytest.mark.parametrize("words", ["AV LISTEN", "av lista.", "Off the list"])
async def test_off_the_list_by_a_word_also_when_nothing_is_open(line: Line, words: str) -> None:
    await joins(line)
    await joins(line, "4", "0", "ja", "ja")
    assert len(await rows(line)) == 2
    await close_open(line)
    answer = await line.write(words)
    language = (await line.contact()).language
    assert answer == [says(line, "interest_off", language)]
    assert await rows(line) == []
    assert await line.write(words) == [says(line, "interest_not_on", language)]


async def test_slett_takes_everything_and_the_operator_can_too(line: Line) -> None:
    await joins(line)
    await line.write("SLETT")
    assert await rows(line) == []

    await joins(line, who=OLA)
    async with line.database.writing() as session:
        document = await export.everything(session, "phone", OLA, now=line.clock.now())
        assert document is not None
        [listed] = cast(list[dict[str, object]], document["interests"])
        assert (listed["offer"], listed["county"]) == ("support_group", "34")
        assert await erase.erase_handle(session, "phone", OLA, house=line.house, now=line.clock.now())
    assert await rows(line) == []


async def test_a_caller_is_remembered_as_long_as_they_stand_on_a_list_and_no_longer(line: Line) -> None:
    await joins(line)
    await close_open(line)
    line.clock.advance(days=300)
    await line.forget()
    [one] = await standing(line)
    async with line.database.reading() as session:
        assert callers.open_handle(session, one.caller) == KARI
    # Nothing that they wrote is left, and they count as new again.
    assert await line.course((await line.contacts())[0].id) == []
    await line.write("hei")
    assert (await line.contact()).returning is False
    await line.write("0")
    await close_open(line)
    line.clock.advance(days=66)
    await line.forget()
    assert await rows(line) == []
    async with line.database.reading() as session:
        assert (await session.scalars(select(Caller))).all() == []


async def test_settled_it_leads_to_nobody(line: Line) -> None:
    advisor = await line.advisor()
    await joins(line)
    await close_open(line)
    [one] = await standing(line)
    async with line.database.writing() as session:
        await interest.settle(session, one.interest.id, advisor=advisor, now=line.clock.now())
    assert await standing(line) == []
    [row] = await rows(line)
    assert (row.caller_id, row.settled_by) == (None, advisor.id)
    async with line.database.reading() as session:
        assert [one.action for one in await access.latest(session)] == ["interest_settled"]
    async with line.database.writing() as session:
        with pytest.raises(NotFound):
            await interest.settle(session, row.id, advisor=advisor, now=line.clock.now())
        with pytest.raises(NotFound):
            await interest.write(session, row.id, house=line.house, advisor=advisor, now=line.clock.now())
    line.clock.advance(days=8)
    await line.forget()
    async with line.database.reading() as session:
        assert (await session.scalars(select(Caller))).all() == [], "the handle goes by the ordinary rule again"


async def written(line: Line, number: int = 0) -> None:
    advisor = await line.advisor("Rådgiver Skriver", on_duty=False)
    one = (await standing(line))[number]
    async with line.database.writing() as session:
        await interest.write(session, one.interest.id, house=line.house, advisor=advisor, now=line.clock.now())


async def test_an_advisor_writes_a_text_that_says_nothing_and_gets_the_answer(line: Line) -> None:
    await joins(line)
    await close_open(line)
    line.clock.advance(days=20)
    await line.forget()
    await written(line)

    contact = await line.contact()
    assert (contact.direction, contact.state) == (Direction.OUTBOUND, ContactState.ACTIVE)
    text = (await line.sent())[-1]
    assert text == says(line, "interest_written")
    assert measure(plain(text)).parts == 1
    for telling in ("pårørende", "gruppe", "rådgiv", "helse", "PIO", "syk"):
        assert telling.casefold() not in text.casefold(), "whoever else reads it learns nothing"
    assert (await line.to_whom())[-1] == KARI
    async with line.database.reading() as session:
        assert [one.action for one in await access.latest(session)] == ["wrote_to_interested"]
    advisor_id = contact.advisor_id

    assert await line.write("Ja, nå passer det") == []
    assert (EntryKind.TEXT_IN, "Ja, nå passer det") in await line.course()
    assert len(await line.contacts()) == 2
    assert (await line.contact()).advisor_id == advisor_id
    [one] = await standing(line)
    assert one.interest.written_at == line.clock.now()


async def test_an_outbound_contact_closes_as_not_reached_and_is_no_attempt(line: Line) -> None:
    advisor = await line.advisor("Rådgiver Skriver", on_duty=False)
    await joins(line)
    await close_open(line)
    [one] = await standing(line)
    async with line.database.writing() as session:
        contact = await interest.write(
            session, one.interest.id, house=line.house, advisor=advisor, now=line.clock.now()
        )
    assert (await line.now_of(advisor)).duty is Duty.BUSY
    await line.close(advisor, contact.id, outcome=Outcome.NOT_REACHED, say_goodbye=False)
    record = next(row for row in await line.records() if row.direction == "outbound")
    assert (record.outcome, record.waited_seconds) == ("not_reached", None)
    assert (await line.sent())[-1] == says(line, "interest_written"), "nothing more goes out"


async def test_after_violence_nobody_is_written_to_until_they_say_anew_that_it_is_safe(line: Line) -> None:
    await joins(line)
    line.clock.advance(days=1)
    await line.write("Mannen min slår meg ofte når han er full")
    [one] = await standing(line)
    assert one.interest.safe_at is None
    with pytest.raises(HelplineError, match="vold"):
        await written(line)
    assert len(await line.contacts()) == 1

    await line.write("0")
    await joins(line)
    [one] = await standing(line)
    assert one.interest.safe_at == line.clock.now()
    await close_open(line)
    async with line.database.writing() as session:
        for contact in await line.contacts():
            found = await session.get(type(contact), contact.id)
            assert found is not None
            found.state = ContactState.CLOSED
    await written(line)


@pytest.mark.parametrize(("answer", "safe"), [("ja", True), ("nei", False)])
async def test_the_question_after_violence_counts_for_the_list_too(line: Line, answer: str, safe: bool) -> None:
    await joins(line)
    answers = await line.write("Mannen min slår meg ofte når han er full")
    assert says(line, "safe_question") in answers[-1]
    await line.write(answer)
    [one] = await standing(line)
    assert (one.interest.safe_at == line.clock.now()) is safe


async def test_an_advisor_who_calls_violence_a_topic_takes_the_yes_away(line: Line) -> None:
    await joins(line)
    advisor = await line.advisor()
    await line.write("rådgiver")
    contact = await line.accept(advisor)
    await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED, answers={"topics": ["violence"]})
    [one] = await standing(line)
    assert one.interest.safe_at is None


async def test_nobody_is_written_to_who_stopped_us_or_is_talking_with_us(line: Line) -> None:
    await joins(line)
    with pytest.raises(HelplineError, match="åpen henvendelse"):
        await written(line)
    await line.write("STOPP")
    await close_open(line)
    line.clock.advance(days=30)
    await line.forget()
    with pytest.raises(HelplineError, match="STOPP"):
        await written(line)
    async with line.database.writing() as session:
        [caller] = await session.scalars(select(Caller))
        caller.opted_out_at, caller.blocked_us_at = None, line.clock.now()
    with pytest.raises(HelplineError, match="blokkert"):
        await written(line)


async def test_the_number_is_shown_for_a_reason_that_is_logged(line: Line) -> None:
    advisor = await line.advisor()
    await joins(line)
    [one] = await standing(line)
    async with line.database.writing() as session:
        with pytest.raises(HelplineError, match="hvorfor"):
            await interest.show_number(session, one.interest.id, "nei", advisor=advisor, now=line.clock.now())
        number = await interest.show_number(
            session, one.interest.id, "Ringer om ledig plass", advisor=advisor, now=line.clock.now()
        )
        [logged] = await access.latest(session)
        assert access.reason(session, logged) == "Ringer om ledig plass"
    assert number == KARI
    assert (logged.action, logged.advisor_id) == ("shown_number", advisor.id)
    assert attend.SHORTEST_REASON == 5
