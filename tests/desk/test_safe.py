"""After words about violence we start nothing without a yes, and nothing that stands on the telephone tells."""

import pytest

from helpline.core.codes import Channel, Outcome, Urgency
from helpline.core.contact import ContactState, EntryKind
from helpline.core.turn import InboundKind
from helpline.desk import attend, safe, tell
from helpline.errors import HelplineError
from helpline.store import callers, contacts
from tests.conftest import MONDAY
from tests.desk.line import KARI, Line
from tests.desk.test_receive_texts import says
from tests.guidance.test_emergency import TELLING

YELLOW = "Jeg er redd for mannen min"
RED = "Han slår meg nå"
TELEGRAM = {"channel": Channel.TELEGRAM, "who": "501"}


@pytest.mark.parametrize("words", [YELLOW, RED])
async def test_it_is_asked_once_whether_we_may_write_first(line: Line, words: str) -> None:
    said = await line.write(words)
    assert says(line, "safe_question") in said[-1]
    assert "1 = Ja\n2 = Nei" in said[-1]
    assert (await line.contact()).step == "safe"
    again = await line.write(words)
    assert not any(says(line, "safe_question") in one for one in again), "once"


@pytest.mark.parametrize(
    ("answer", "may"),
    [
        ("1", True), ("ja", True), ("ja det er greit", True), ("2", False), ("Nei.", False),
        ("nei, andre kan se det", False), (None, False),
    ],
)  # fmt: skip
async def test_the_answer_is_kept_as_a_code(line: Line, answer: str | None, may: bool) -> None:
    await line.write(YELLOW)
    if answer is not None:
        said = await line.write(answer)
        assert says(line, "safe_yes" if may else "safe_no") in said[-1]
    contact = await line.contact()
    assert safe.to_write_first(contact) is may
    assert contact.state is ContactState.WAITING, "and nobody loses the place"


@pytest.mark.parametrize("words", ["vil du snakke med meg", "0"])
async def test_other_words_than_yes_or_no_are_no_yes(line: Line, words: str) -> None:
    await line.write(YELLOW)
    await line.write(words)
    contact = await line.contact()
    assert not safe.to_write_first(contact)
    assert contact.state is (ContactState.GUIDED if words == "0" else ContactState.WAITING)
    assert (EntryKind.TEXT_IN, words) in await line.course()


async def test_a_doubtful_answer_is_no_yes_and_is_asked_for_once_more(line: Line) -> None:
    await line.write(YELLOW)
    said = await line.write("ja, men ikke når han er hjemme")
    assert says(line, "answer_yes_or_no") in said[-1]
    assert says(line, "safe_question") in said[-1]
    assert not safe.to_write_first(await line.contact())
    assert not any(says(line, "safe_question") in one for one in await line.write("ja, men bare på dagtid"))
    contact = await line.contact()
    assert (contact.step, contact.state) == ("waiting", ContactState.WAITING)
    assert not safe.to_write_first(contact)


@pytest.mark.parametrize(("answer", "may"), [("ja", True), ("1", True), ("nei", False), ("2", False)])
async def test_the_second_answer_counts_like_the_first(line: Line, answer: str, may: bool) -> None:
    await line.write(YELLOW)
    await line.write("vet ikke")
    said = await line.write(answer)
    assert says(line, "safe_yes" if may else "safe_no") in said[-1]
    assert safe.to_write_first(await line.contact()) is may


async def test_a_button_answers_it_on_telegram(line: Line) -> None:
    await line.write(YELLOW, **TELEGRAM)
    [said] = await line.press("Ja")
    assert says(line, "safe_yes", channel="telegram") in said
    assert safe.to_write_first(await line.contact())


@pytest.mark.parametrize("answer", ["Ja", "Nei"])
async def test_its_button_is_heard_when_an_advisor_was_faster(line: Line, answer: str) -> None:
    advisor = await line.advisor()
    await line.write(YELLOW, **TELEGRAM)
    step, buttons = await line.buttons()
    await line.accept(advisor)
    pressed = {"kind": InboundKind.CHOICE, "step": step, "message_id": "77"}
    assert await line.write("ja", **TELEGRAM) == [], "in words it may answer what the advisor asked"
    assert not safe.to_write_first(await line.contact())
    [said] = await line.write(buttons[answer], **pressed, **TELEGRAM)
    assert said == says(line, "safe_yes" if answer == "Ja" else "safe_no", channel="telegram")
    assert safe.to_write_first(await line.contact()) is (answer == "Ja")


async def test_nobody_else_is_asked(line: Line) -> None:
    await line.write("Mannen min har demens")
    said = await line.write("Hun snakker om å dø")
    assert not any(says(line, "safe_question") in one for one in said)
    assert safe.to_write_first(await line.contact())


@pytest.mark.parametrize("answer", ["1", "2", None])
async def test_nothing_is_started_by_us_without_a_yes(line: Line, answer: str | None) -> None:
    """What queue updates, evaluations, links and «we are open again» go through."""
    await line.write(YELLOW)
    if answer is not None:
        await line.write(answer)
    contact = await line.contact()
    before = len(await line.sent())
    async with line.database.writing() as session:
        found = await contacts.by_id(session, contact.id, lock=True)
        assert found is not None
        caller = await callers.by_id(session, found.caller_id or 0)
        sent = await tell.tell(
            session, house=line.house, contact=found, caller=caller, text="Hei igjen", now=line.clock.now(),
            unasked=True,
        )  # fmt: skip
    assert (sent is not None) is (answer == "1")
    assert len(await line.sent()) == before + (answer == "1")
    held_back = [entry.data["error"] for entry in await line.entries(EntryKind.DELIVERY_FAILED)]
    assert held_back == ([] if answer == "1" else ["not_safe"])


@pytest.mark.parametrize("safe_to", [True, False])
async def test_an_advisor_answers_at_once_and_later_only_with_a_yes(line: Line, safe_to: bool) -> None:
    advisor = await line.advisor()
    await line.write(YELLOW)
    await line.write("1" if safe_to else "2")
    contact = await line.accept(advisor)

    async def reply() -> None:
        async with line.database.writing() as session:
            await attend.reply(
                session, contact.id, "Jeg er her.", house=line.house, advisor=advisor, now=line.clock.now()
            )

    await reply()
    line.clock.advance(minutes=16)
    if safe_to:
        await reply()
        return
    with pytest.raises(HelplineError, match="trygt at vi skriver først"):
        await reply()
    await line.write("nå er jeg alene")
    await reply()


@pytest.mark.parametrize("safe_to", [True, False])
async def test_the_goodbye_of_a_conversation_waits_for_a_yes_too(line: Line, safe_to: bool) -> None:
    advisor = await line.advisor()
    await line.write(YELLOW)
    await line.write("1" if safe_to else "2")
    contact = await line.accept(advisor)
    await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED, say_goodbye=True)
    closing = says(line, "conversation_closed")
    assert any(text.startswith(closing) for text in await line.sent()) is safe_to


async def test_a_red_answer_is_never_held_back(line: Line) -> None:
    await line.write(YELLOW)
    await line.write("2")
    assert (await line.write(RED))[0] == "Ring 112 nå. Oppgi adresse."


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.TELEGRAM])
@pytest.mark.parametrize("hour", [10, 20])
@pytest.mark.parametrize(
    ("words", "language"),
    [
        (RED, "nb"), (YELLOW, "nb"), ("Han truer med å drepe meg", "nb"), ("Naboen truer meg", "nb"),
        ("Eg er redd for mannen min, han slår meg", "nn"), ("My husband is hitting me right now", "en"),
        ("I am afraid of my husband, he threatens me", "en"),
    ],
)  # fmt: skip
async def test_no_word_that_tells_stands_on_the_telephone(
    line: Line, words: str, language: str, channel: Channel, hour: int
) -> None:
    """Everything that is sent from these words on, help words and the answer to the question included."""
    line.clock.set(MONDAY.replace(hour=hour))
    who = KARI if channel is Channel.SMS else "501"
    await line.write("hei", who=who, channel=channel)
    if language != "nb":
        await line.write("språk", who=who, channel=channel)
        await line.write("2" if language == "nn" else "3", who=who, channel=channel)
    said = await line.write(words, who=who, channel=channel)
    said += await line.write("hjelp", who=who, channel=channel)
    said += await line.write("2", who=who, channel=channel)
    said += await line.write("hjelp", who=who, channel=channel)

    assert len(said) >= 5
    for text in said:
        assert not TELLING.search(text), text
    assert "112" in said[0]
    assert (await line.contact()).urgency is not Urgency.GREEN


async def test_nothing_to_read_is_suggested_after_words_about_violence(line: Line) -> None:
    await line.write("hei")
    await line.write(YELLOW)
    await line.write("0")
    said = await line.write("Mannen min har demens")
    assert "=" in said[-1]
    assert "demens" not in said[-1].casefold()


async def test_what_was_being_asked_comes_again_after_the_question(line: Line) -> None:
    await line.write("hei")
    await line.write("3")
    await line.write("3")
    for words in ["nei", "1", "nei", "hopp over"]:
        await line.write(words)
    said = await line.write("Jeg er redd for mannen min")
    assert says(line, "safe_question") in said[-1]
    assert "Når er personen født?" in (await line.write("ja"))[-1]


async def test_a_telephone_is_not_texted(line: Line) -> None:
    await line.turn(channel=Channel.PHONE, kind=InboundKind.CALL, call_sid="CA1")
    contact = await line.contact()
    async with line.database.writing() as session:
        found = await contacts.by_id(session, contact.id, lock=True)
        assert found is not None
        found.memory = {**found.memory, safe.QUIETLY: True}
        assert not safe.must_ask(found)
        assert not safe.to_write_first(found)
