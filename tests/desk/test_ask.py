"""Questions asked one by one in a conversation: nothing is lost whatever comes between, on every channel."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from helpline.core.codes import Channel, Outcome, Urgency
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind
from helpline.core.questionnaire import OPEN, AnswerKind, Place, Questionnaire
from helpline.core.turn import InboundKind
from helpline.desk.asking import name_of
from helpline.store import drafts
from helpline.store.tables import Draft, DraftKind
from tests.conftest import MONDAY
from tests.desk.line import KARI, Line
from tests.desk.test_receive_texts import says

WRITER = {"channel": Channel.TELEGRAM, "who": "501"}
RED = "Han sier han skal ta livet sitt i kveld"


async def draft(line: Line, kind: DraftKind = DraftKind.RIGHTS) -> tuple[Draft, dict[str, Any]]:
    """The draft of the newest contact, with its answers."""
    contact = await line.contact()
    async with line.database.reading() as session:
        found = await drafts.newest(session, contact.id, kind, now=line.clock.now())
        assert found is not None
        return found, drafts.answers(session, found)


async def answers(line: Line, kind: DraftKind = DraftKind.RIGHTS) -> dict[str, Any]:
    _, given = await draft(line, kind)
    return {name: value for name, value in given.items() if name != OPEN}


async def rights_on_telegram(line: Line) -> list[str]:
    """As far as the first question of the rights guide."""
    await line.write("/start", **WRITER)
    await line.press("Spørre om rettigheter")
    return await line.press("Finn rettighetene mine")


async def letter_by_sms(line: Line) -> list[str]:
    """As far as the first question of a letter."""
    await line.write("hei")
    await line.write("3")
    return await line.write("3")


def usual(place: Place) -> str:
    """An answer in words that a question takes: the last option before «I don't know», else a few words."""
    asks = place.asks
    if asks is None:
        return "nei"
    if not asks.keyed:
        return "1980" if asks.kind is AnswerKind.DATE else "Noen få ord"
    # The first answer but where it would shut the gate of the letters.
    return "2" if asks.id in ("danger_now", "under_18", "relation", "my_age", "person_age") else "1"


def questions(questionnaire: Questionnaire) -> Iterator[tuple[dict[str, Any], Place]]:
    """Every question with the answers that lead to it, when each is answered as usual."""
    given: dict[str, Any] = {}
    while (place := questionnaire.next(given)) is not None:
        yield given, place
        value: Any = False
        if place.asks is not None:
            value = place.asks.read(usual(place), language="nb", today=MONDAY.date())
        given = questionnaire.answer(given, place, value)


async def test_buttons_lead_from_the_first_question_to_the_rights(line: Line) -> None:
    [first] = await rights_on_telegram(line)
    assert first.startswith("Hvem er du for den som er syk eller trenger hjelp?")
    assert says(line, "answer_ways", channel="telegram") in first

    [second] = await line.press("Datter eller sønn")
    assert second.startswith("Hvor gammel er du selv?")
    assert says(line, "answer_ways", channel="telegram") not in second, "once is enough"
    await line.press("18 år eller mer")
    await line.press("67 år eller mer")
    # Several: each press ticks a box in the message itself, and nothing new is sent.
    assert await line.press("Få vite noe og bli hørt") == []
    _, ticked = await line.buttons()
    assert "✓ Få vite noe og bli hørt" in ticked
    assert "Ferdig" in ticked
    assert await line.press("Penger") == []
    assert await line.press("Penger") == [], "and once more takes it back"
    await line.press("Ferdig")
    for _ in range(4):
        await line.press("Vet ikke")
    await line.press("Ja, jeg er ansatt")
    found = (await line.press("Oslo"))[0]

    assert await answers(line) == {
        "relation": "child", "my_age": "adult", "person_age": "age_67", "need": ["information"], "illness": ["unknown"],
        "agrees": "unknown", "nearest": "unknown", "children": ["unknown"], "working": "employed", "county": "03",
    }  # fmt: skip
    result = line.house.rights.apply(await answers(line), line.clock.now().date())
    assert f"gjelder {len(result.applies)} rettigheter trolig for deg" in found
    step, buttons = await line.buttons()
    assert step == "rights_found"
    titles = [right.title["nb"] for right in result.applies] + [one.right.title["nb"] for one in result.may_apply]
    assert list(buttons)[: len(titles)] == titles
    for right in result.applies:
        assert f"– {right.title['nb']}" in found

    [one] = await line.press(titles[0])
    assert result.applies[0].short["nb"] in one
    assert "Hjemmel: " in one
    assert "http" not in one
    assert (await line.contact()).draft["articles_used"] == [result.applies[0].article]
    unfinished, _ = await draft(line)
    assert unfinished.finished_at is not None


async def test_numbers_lead_the_same_way_by_sms(line: Line) -> None:
    await line.write("hei")
    await line.write("2")
    [first] = await line.write("2")
    assert first.startswith("Hvem er du for den som er syk?")
    assert "1 = Mor eller far" in first
    assert first.endswith("0 = Tilbake")
    for words in ["2", "2", "5", "1 2", "5", "HOPP OVER", "vet ikke", "3", "ja"]:
        await line.write(words)
    [found] = await line.write("Oslo")

    assert (await answers(line))["need"] == ["information", "help"]
    assert (await answers(line))["agrees"] is None
    result = line.house.rights.apply(await answers(line), line.clock.now().date())
    rights = [*result.applies, *(one.right for one in result.may_apply)]
    assert f"{len(result.applies)} rettigheter gjelder deg trolig, {len(result.may_apply)} kan gjelde." in found
    assert f"1 = {rights[0].title['nb']}" in found
    assert f"5 = {rights[4].title['nb']}" not in found, "a few at a time"
    [more] = await line.write("M")
    title = rights[4].title["nb"] if len(result.applies) > 4 else f"Kanskje: {rights[4].title['nb']}"
    assert f"5 = {title}" in more
    [one] = await line.write("2")
    assert rights[1].short["nb"] in one
    # To the end of the list, and from the first again.
    for _ in range(len(rights) // 4 + 1):
        [again] = await line.write("flere")
    assert "1 = " in again or "5 = " in again
    [ways_on] = await line.write("R")
    assert ways_on.startswith(says(line, "nobody_on_duty_text"))


async def test_what_is_ticked_is_kept_by_one_who_writes_the_last_of_several(line: Line) -> None:
    await rights_on_telegram(line)
    await line.press("Mor eller far")
    await line.press("18 til 66 år")
    await line.press("Penger")
    await line.press("Fri fra jobb")
    assert "Hva slags sykdom" in (await line.write("tvang", **WRITER))[-1]
    assert (await answers(line))["need"] == ["money", "leave", "compulsion"]
    assert "Før svarte du: Penger, Fri fra jobb, Tvang." in (await line.write("tilbake", **WRITER))[-1]
    # «I don't know» stands alone.
    await line.press("Penger")
    await line.write("vet ikke", **WRITER)
    assert (await answers(line))["need"] == ["unknown"]


async def test_what_may_apply_is_said_so(line: Line) -> None:
    await rights_on_telegram(line)
    for label in ["Mor eller far", "Vet ikke", "Vet ikke", "Vet ikke", "Vet ikke", "Vet ikke", "Vet ikke", "Vet ikke"]:
        await line.press(label)
    found = "\n".join(await line.press("Vet ikke"))
    result = line.house.rights.apply(await answers(line), line.clock.now().date())

    assert result.may_apply
    assert says(line, "rights_that_may_apply", channel="telegram") in found
    for doubt in result.unsure:
        assert doubt.why["nb"] in found
    assert says(line, "rights_ask_advisor", channel="telegram") in found
    title = result.may_apply[0].right.title["nb"]
    [one] = await line.press(title)
    assert one.startswith(f"Kanskje: {title}")


@pytest.mark.parametrize("kind", list(DraftKind))
async def test_at_every_question_any_of_the_words_does_what_it_says_and_loses_nothing(
    line: Line, kind: DraftKind
) -> None:
    """By SMS, question by question to the end."""
    advisor = await line.advisor(on_duty=False)
    assert advisor.id
    await line.write("hei")
    await line.write("2" if kind is DraftKind.RIGHTS else "3")
    await line.write("2" if kind is DraftKind.RIGHTS else "3")
    house = line.house
    questionnaire = (house.rights if kind is DraftKind.RIGHTS else house.letters).questionnaire
    count = 0
    for before, place in questions(questionnaire):
        count += 1
        line.clock.advance(hours=1)
        here = house.phrases.say("answer_one_more", language="nb", channel="sms", on=line.clock.now().date())
        asked = here if place.asks is None else place.asks.words("nb", "sms")
        assert await answers(line, kind) == before, name_of(place)

        async def still_asked(said: list[str], *, asked: str = asked, before: dict[str, Any] = before) -> None:
            assert asked in said[-1], said
            assert await answers(line, kind) == before

        help_now = await line.write("hjelp")
        assert says(line, "help_now") in help_now[-1]
        await still_asked(help_now)
        assert says(line, "choose_language") in (await line.write("språk"))[-1]
        await still_asked(await line.write("0"))
        # A word that is no answer here, where there is such a word.
        if place.asks is None or place.asks.keyed:
            wrong = await line.write("fjellrev")
            assert wrong[-1].startswith(("Det passet ikke", "Svar ja eller nei"))
            await still_asked(wrong)
        elif place.asks.kind is AnswerKind.TEXT:
            long = await line.write("x" * (place.asks.longest + 1))
            assert str(place.asks.longest) in long[-1]
            await still_asked(long)
        kept = await line.write("meny")
        assert (says(line, "answers_kept") in kept[-1]) is bool(before)
        await still_asked(await line.write("fortsett"))
        if before:
            await line.write("tilbake")
            assert await answers(line, kind) != before
            await still_asked(await line.write("behold"))
        # To a person and back to the question, still in the queue.
        waits = await line.write("rådgiver")
        assert (await line.contact()).state in IN_QUEUE
        assert (says(line, "answers_kept") in waits[-1]) is bool(before)
        await still_asked(await line.write("/fortsett"))
        assert (await line.contact()).state in IN_QUEUE
        if count % 2:
            await line.write("rådgiver")
            await line.write("0")
            assert (await line.contact()).state is ContactState.GUIDED
            await still_asked(await line.write("continue"))
        skipped = await line.write("hopp over")
        if await answers(line, kind) == before:
            await still_asked(skipped)
            assert says(line, "answer_needed") in skipped[-1]
        else:
            assert place.asks is None or not place.asks.required or place.index
            await line.write("tilbake")
        await line.write(usual(place))
    assert count > 8
    assert (await draft(line, kind))[0].finished_at is not None


@pytest.mark.parametrize("kind", list(DraftKind))
async def test_slett_at_every_question_leaves_nothing(line: Line, kind: DraftKind) -> None:
    house = line.house
    questionnaire = (house.rights if kind is DraftKind.RIGHTS else house.letters).questionnaire
    for before, place in questions(questionnaire):
        line.clock.advance(hours=1)
        await line.write("hei")
        await line.write("2" if kind is DraftKind.RIGHTS else "3")
        await line.write("2" if kind is DraftKind.RIGHTS else "3")
        contact = await line.contact()
        async with line.database.writing() as session:
            found = await drafts.newest(session, contact.id, kind, now=line.clock.now())
            assert found is not None
            drafts.change(session, found, before, now=line.clock.now())
        words = usual(place)
        if place.asks is not None and not place.asks.keyed:
            await line.write("Fjellrev ved Tordenskjolds gate")
        else:
            await line.write(words)
        [answer] = await line.write("SLETT")
        assert answer == says(line, "erased")
        async with line.database.reading() as session:
            assert await drafts.last_of_caller(session, contact.caller_id or 0, now=line.clock.now()) is None
        assert (await line.contact()).state is ContactState.CLOSED


async def test_a_button_of_an_earlier_question_never_answers_a_later_one(line: Line) -> None:
    await rights_on_telegram(line)
    first, buttons = await line.buttons()
    await line.press("Datter eller sønn")
    before = await answers(line)

    async def old(key: str) -> list[str]:
        return await line.write(key, **WRITER, kind=InboundKind.CHOICE, step=first, message_id="70")

    assert await old(buttons["Datter eller sønn"]) == [], "pressed twice: nothing to say"
    [answer] = await old(buttons["Mor eller far"])
    assert answer.startswith(says(line, "answer_old_button", channel="telegram"))
    assert "Hvor gammel er du selv?" in answer
    assert await answers(line) == before
    [answer] = await old(buttons["Tilbake"])
    assert answer.startswith(says(line, "answer_old_button", channel="telegram"))
    assert await answers(line) == before
    # The way to a person is open from every button.
    await old(buttons["Snakke med en rådgiver"])
    assert (await line.contact()).state is ContactState.WAITING


async def test_the_button_of_the_question_asked_now_answers_it_from_anywhere(line: Line) -> None:
    await rights_on_telegram(line)
    await line.press("Mor eller far")
    step, buttons = await line.buttons()
    await line.write("meny", **WRITER)
    [answer] = await line.write(buttons["12 til 15 år"], **WRITER, kind=InboundKind.CHOICE, step=step, message_id="71")

    assert answer.startswith("Hva gjelder det nå?")
    assert (await answers(line))["person_age"] == "age_12_15"


async def test_an_old_button_of_the_menu_still_means_what_it_said(line: Line) -> None:
    await rights_on_telegram(line)
    await line.press("Mor eller far")
    [answer] = await line.write("5", **WRITER, kind=InboundKind.CHOICE, step="welcome", message_id="72")

    assert answer.startswith("Vi har åpent nå.")
    assert says(line, "answers_kept", channel="telegram") in answer
    assert await answers(line) == {"relation": "parent"}


async def test_what_was_begun_is_gone_on_with_or_begun_anew(line: Line) -> None:
    await rights_on_telegram(line)
    await line.press("Mor eller far")
    await line.write("meny", **WRITER)
    await line.press("Spørre om rettigheter")
    [asked] = await line.press("Finn rettighetene mine")
    assert asked.startswith(says(line, "begun_already", channel="telegram"))
    [went_on] = await line.press("Gå videre")
    assert went_on.startswith("Hvor gammel er den som er syk?")
    await line.write("meny", **WRITER)
    await line.press("Spørre om rettigheter")
    await line.press("Finn rettighetene mine")
    [anew] = await line.press("Begynn på nytt")
    assert anew.startswith("Hvem er du for den som er syk")


async def test_after_an_advisors_talk_the_caller_goes_on_in_the_next_contact(line: Line) -> None:
    advisor = await line.advisor()
    await letter_by_sms(line)
    await line.write("nei")
    await line.write("1")
    await line.write("rådgiver")
    contact = await line.accept(advisor)
    assert await line.write("fortsett") == [], "with an advisor the service keeps quiet"
    await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED)

    [answer] = await line.write("FORTSETT")
    assert answer.startswith(says(line, "welcome"))
    assert "Er den du er bekymret for, under 18 år?" in answer
    assert await answers(line, DraftKind.LETTER) == {"danger_now": "no", "kind": "gp"}
    # Of somebody else's nothing is found.
    assert says(line, "nothing_to_go_on_with") in (await line.write("fortsett", who="+4790000999"))[-1]


async def test_after_three_days_the_answers_are_gone_and_that_is_said(line: Line) -> None:
    await letter_by_sms(line)
    await line.write("nei")
    line.clock.advance(hours=71)
    assert "Hvem skal brevet til?" in (await line.write("fortsett"))[-1]
    line.clock.advance(hours=73)
    assert says(line, "nothing_to_go_on_with") in (await line.write("fortsett"))[-1]


async def test_in_another_language_the_same_question_comes(line: Line) -> None:
    await letter_by_sms(line)
    await line.write("nei")
    await line.write("språk")
    [answer] = await line.write("english")

    assert answer.startswith("We go on in English.")
    assert "Who is the letter for?" in answer
    assert (await draft(line, DraftKind.LETTER))[0].language == "nb", "until the next answer"
    await line.write("GP")
    await line.write("1")
    await line.write("no")
    assert (await draft(line, DraftKind.LETTER))[0].language == "en"


async def test_red_words_in_an_answer_are_answered_first_and_the_letter_stands_back(line: Line) -> None:
    advisor = await line.advisor()
    await letter_by_sms(line)
    for words in ["nei", "1", "nei", "hopp over"]:
        await line.write(words)
    said = await line.write(RED)

    assert said[0].startswith("Ring 113 nå.")
    assert says(line, "answers_kept") in said[-1]
    assert not any("Hva heter" in one for one in said), "no question of the letter in its place"
    assert (await line.contact()).urgency is Urgency.RED
    assert await line.offered_to(advisor) is not None
    # The words are not lost, and the gate is asked again before the letter goes on.
    kept = await answers(line, DraftKind.LETTER)
    assert kept["person_name"] == RED
    assert "danger_now" not in kept
    assert "Er noen i fare akkurat nå?" in (await line.write("fortsett"))[-1]
    assert "Når er personen født?" in (await line.write("nei"))[-1]


async def test_a_finished_letter_asks_about_danger_again_after_red_words(line: Line) -> None:
    await finished_letter(line)
    await line.write(RED)
    assert "Er noen i fare akkurat nå?" in (await line.write("fortsett"))[-1]


async def test_yellow_words_in_an_answer_bring_numbers_and_an_advisor_and_the_next_question(line: Line) -> None:
    advisor = await line.advisor()
    await letter_by_sms(line)
    for words in ["nei", "1", "nei", "hopp over"]:
        await line.write(words)
    said = await line.write("Hun snakker om å dø")

    assert "116 117" in said[0]
    assert "Når er personen født?" in said[-1]
    assert await line.offered_to(advisor) is not None
    assert "Hvor bor personen?" in (await line.write("1980"))[-1]


async def test_somebody_in_danger_gets_the_number_first_and_no_letter(line: Line) -> None:
    advisor = await line.advisor()
    await letter_by_sms(line)
    said = await line.write("ja")

    assert said[0] == says(line, "letter_danger")
    assert said[1].startswith("Jeg er et automatisk system.")
    contact = await line.contact()
    assert contact.urgency is Urgency.RED
    assert await line.offered_to(advisor) is not None
    assert "Er noen i fare akkurat nå?" in (await line.write("fortsett"))[-1]


async def test_one_who_is_not_sure_about_danger_is_stopped_kindly(line: Line) -> None:
    await letter_by_sms(line)
    [stopped] = await line.write("vet ikke")
    assert stopped.startswith(says(line, "letter_danger_unsure"))
    [back] = await line.write("0")
    assert "Er noen i fare akkurat nå?" in back
    assert "Før svarte du: Vet ikke." in back


@pytest.mark.parametrize("kind", list(DraftKind))
async def test_what_may_be_written_at_any_time_stands_above_a_question_that_must_be_answered(
    line: Line, kind: DraftKind
) -> None:
    await line.write("hei")
    key = "2" if kind is DraftKind.RIGHTS else "3"
    await line.write(key)
    [first] = await line.write(key)
    assert says(line, "answer_ways") in first
    assert "HOPP OVER" not in first
    assert says(line, "answer_needed") in (await line.write("hopp over"))[-1]


async def test_a_letter_of_the_wrong_kind_is_changed_with_one_key(line: Line) -> None:
    await letter_by_sms(line)
    await line.write("nei")
    await line.write("fastlegen")
    [stopped] = await line.write("ja")
    assert stopped.startswith(says(line, "letter_for_child"))
    assert "2 = Skriv til: Barnevernet" in stopped
    [went_on] = await line.write("2")
    assert (await answers(line, DraftKind.LETTER))["kind"] == "child_welfare"
    assert went_on.startswith("Hva heter kontoret")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("kona mi er syk", "partner"),
        ("ektefele", "partner"),
        ("mor til en sønn på 20", "parent"),
        ("mor", "parent"),
        ("sønnen min", "parent"),
        ("min mor", "child"),
        ("mamma er syk", "child"),
        ("jeg er søstera hans", "sibling"),
        ("min beste venninne", None),
        ("moren til mannen min", None),
    ],
)
async def test_who_somebody_is_may_be_told_in_own_words_and_is_said_back(
    line: Line, words: str, code: str | None
) -> None:
    for step in ("hei", "2", "2"):
        await line.write(step)
    said = (await line.write(words))[-1]
    if code is None:
        assert said.startswith("Det passet ikke med svarene her.")
        return
    assert (await answers(line))["relation"] == code
    label = line.house.rights.questionnaire.question("relation").option(code).label["nb"]
    assert said.startswith(f"For den som er syk er du: {label}. Er det feil, skriv TILBAKE.")
    assert "Hvem er du for den som er syk?" in (await line.write("tilbake"))[-1]


@pytest.mark.parametrize(
    ("words", "code", "channel"),
    [
        ("3 år", "age_0_11", Channel.SMS),
        ("hun er 42", "age_18_66", Channel.SMS),
        ("30", "age_18_66", Channel.SMS),
        ("80", "age_67", Channel.TELEGRAM),
        # A number that stands beside an answer in a text is that answer, and said back; buttons have none.
        ("3", "age_16_17", Channel.SMS),
        ("3", "age_0_11", Channel.TELEGRAM),
    ],
)
async def test_an_age_is_read_as_one_and_said_back(line: Line, words: str, code: str, channel: Channel) -> None:
    who = {"channel": channel, "who": "501" if channel is Channel.TELEGRAM else KARI}
    for step in ("hei", "2", "2", "ektefelle eller samboer"):
        said = await line.write(step, **who)
    assert not said[-1].startswith("For den som er syk"), "who writes the answer as it stands needs no echo"
    said = await line.write(words, **who)
    assert (await answers(line))["person_age"] == code
    label = line.house.rights.questionnaire.question("person_age").option(code).label["nb"]
    assert said[-1].startswith(f"Den som er syk, er: {label}. Er det feil, skriv TILBAKE.")
    assert "Hva gjelder det nå?" in said[-1]


async def test_limits_are_no_age(line: Line) -> None:
    for step in ("hei", "2", "2", "far"):
        await line.write(step)
    for words in ("over 60", "18 måneder", "snart 18", "7"):
        said = (await line.write(words))[-1]
        if words == "7":
            assert (await answers(line))["person_age"] == "age_0_11", "a number that is no answer here is an age"
        else:
            assert said.startswith("Det passet ikke med svarene her.")


async def test_a_birth_year_of_two_figures_is_in_the_past(line: Line) -> None:
    await letter_by_sms(line)
    for words in ["nei", "fastlegen", "nei", "hopp over", "Nora Nordmann"]:
        await line.write(words)
    assert "Hvor bor personen?" in (await line.write("12.03.58"))[-1], "and the letter goes on: it is about no child"
    assert (await answers(line, DraftKind.LETTER))["person_born"] == "1958-03-12"


async def finished_letter(line: Line, **who: Any) -> list[str]:
    """A whole letter, question by question. Returns what was said at its end."""
    await line.write("hei", **who)
    await line.write("3", **who)
    said = await line.write("3", **who)
    for _, place in questions(line.house.letters.questionnaire):
        line.clock.advance(minutes=1)
        said = await line.write(usual(place), **who)
    return said


async def test_no_and_not_knowing_leave_nothing_in_the_letter(line: Line) -> None:
    await letter_by_sms(line)
    for words in [
        *("nei", "fastlegen", "nei", "vet ikke", "Nora Nordmann", "vet ikke", "Vet ikke", "Ola Nordmann", "bror"),
        *("vet ikke", "nei", "Jeg ber om et hjemmebesøk.", "Hun har ikke åpnet døren.", "vet ikke", "1", "nei"),
        *("nei", "Nei", "ikke kjent", "2", "vet ikke", "nei", "vet ikke", "nei", "2", "2", "nei"),
    ]:
        await line.write(words)
    said = await line.write("nei takk")

    assert says(line, "letter_ready") in said[-1]
    text = line.house.letters.compose(await answers(line, DraftKind.LETTER), "nb", line.clock.now().date()).text()
    assert re.findall(r"(?im)^nei|(?:[,:] |«)(?:nei|vet ikke)\b", text) == []
    for label in ["Født", "Adresse", "Slik når dere meg", "Det ble sagt", "Vedlegg", "Kopi til"]:
        assert label not in text


async def test_a_letter_by_sms_ends_in_a_page_and_is_sent_to_nobody(line: Line) -> None:
    said = await finished_letter(line)

    assert "/l/" in said[-1]
    assert says(line, "letter_ready") in said[-1]
    assert "Vi har ikke sendt brevet til noen." in said[-1]
    assert (await line.contact()).draft["letters"] == 1
    remarks = line.house.letters.remarks(await answers(line, DraftKind.LETTER), "nb", line.clock.now().date())
    assert remarks
    assert remarks[0].text in said[-1]


async def test_a_letter_on_telegram_comes_as_text_and_as_file(line: Line) -> None:
    said = await finished_letter(line, **WRITER)
    letter = line.house.letters.compose(await answers(line, DraftKind.LETTER), "nb", line.clock.now().date())

    assert letter.text().strip() in "\n\n".join(said)
    assert says(line, "letter_ready", channel="telegram") in said[-1]
    sent = await line.documents()
    assert [one.data["name"] for one in sent] == ["bekymringsmelding.pdf"]
    assert (EntryKind.TEXT_OUT, "bekymringsmelding.pdf") in await line.course()
    # Changing an answer makes the same letter anew, and the record counts it once.
    await line.press("Endre svaret")
    await line.write("behold", **WRITER)
    assert len(await line.documents()) == 2
    assert (await line.contact()).draft["letters"] == 1


async def test_the_page_is_offered_first_by_sms_and_leads_back_to_the_questions(line: Line) -> None:
    await line.write("hei")
    [how] = await line.write("3")
    assert "2 = Nettside (anbefales)" in how
    [page] = await line.write("2")
    assert f"{line.house.public_url}/l/" in page
    assert "Er noen i fare akkurat nå?" in (await line.write("fortsett"))[-1]
    # In the middle of the questions the word is enough.
    [again] = await line.write("side")
    assert "/l/" in again
    assert "Er noen i fare akkurat nå?" in again


async def test_an_edited_answer_changes_nothing_and_says_how_to(line: Line) -> None:
    await line.write("/start", **WRITER)
    await line.press("Hjelp til bekymringsmelding")
    await line.press("Her, spørsmål for spørsmål")
    await line.press("Nei")
    before = await answers(line, DraftKind.LETTER)
    [answer] = await line.write("Ja", **WRITER, kind=InboundKind.EDITED)
    assert answer == says(line, "answer_edited", channel="telegram")
    assert await answers(line, DraftKind.LETTER) == before


async def letter_to_the_ombudsman(line: Line) -> list[str]:
    """By SMS, as far as «what is it about»."""
    await letter_by_sms(line)
    for words in ["nei", "ombudet", "hopp over", "hopp over", "datter", "hopp over", "hopp over"]:
        await line.write(words)
    return await line.write("Jeg ber om hjelp til å klage.")


async def test_the_rest_of_a_text_that_was_too_long_is_never_taken_for_the_answer(line: Line) -> None:
    """A text over 1600 characters comes as several."""
    assert "Hva gjelder saken?" in (await letter_to_the_ombudsman(line))[-1]
    before = await answers(line, DraftKind.LETTER)
    story = "Brevet om timen kom for sent. " * 62
    line.clock.advance(minutes=2)
    [first] = await line.write(story[:1600])
    assert "Du skrev 1600 tegn" in first
    line.clock.advance(seconds=2)
    [rest] = await line.write(story[1600:])

    assert f"Du skrev {len(story)} tegn, og her er det plass til 1500" in rest
    assert "Hva gjelder saken?" in rest
    assert await answers(line, DraftKind.LETTER) == before
    assert (EntryKind.TEXT_IN, story[1600:]) in await line.course(), "and nothing is lost"
    # What they make of it themselves is the answer.
    line.clock.advance(minutes=2)
    assert "Hva er prøvd" in (await line.write("Brevet om timen kom for sent."))[-1]
    assert (await answers(line, DraftKind.LETTER))["matter"] == "Brevet om timen kom for sent."


async def test_the_parts_of_a_long_text_may_come_in_the_wrong_order(line: Line) -> None:
    await letter_to_the_ombudsman(line)
    before = await answers(line, DraftKind.LETTER)
    line.clock.advance(seconds=30)
    await line.write("Brevet kom for sent.")
    line.clock.advance(seconds=1)
    [answer] = await line.write(("Brevet om timen kom for sent. " * 54)[:1600])

    assert "Hva gjelder saken?" in answer
    assert "Før svarte du: Brevet kom for sent." in answer
    assert await answers(line, DraftKind.LETTER) == before


async def test_a_long_text_leaves_an_earlier_answer_alone(line: Line) -> None:
    await letter_to_the_ombudsman(line)
    before = await answers(line, DraftKind.LETTER)
    line.clock.advance(seconds=30)
    [answer] = await line.write(("Brevet om timen kom for sent. " * 54)[:1600])
    assert "Hva gjelder saken?" in answer
    assert await answers(line, DraftKind.LETTER) == before


async def test_doubled_and_late_webhooks_in_the_middle_of_the_questions(line: Line) -> None:
    await line.write("hei", id="SM1")
    for number, words in enumerate(["2", "2", "1"], start=2):
        await line.turn(words, id=f"SM{number}")
    before = await answers(line)
    sent = await line.sent()
    for number, words in enumerate(["2", "2", "1"], start=2):
        await line.turn(words, id=f"SM{number}")

    assert await answers(line) == before == {"relation": "parent"}
    assert await line.sent() == sent


async def test_a_picture_in_the_middle_of_the_questions_loses_nothing(line: Line) -> None:
    await letter_by_sms(line)
    [answer] = await line.write("", kind=InboundKind.MEDIA, media="photo")
    assert answer == says(line, "media_received")
    assert "Hvem skal brevet til?" in (await line.write("nei"))[-1]


async def test_the_brake_does_not_stop_somebody_who_answers_question_by_question(line: Line) -> None:
    await finished_letter(line)
    failed = await line.entries(EntryKind.DELIVERY_FAILED)
    assert failed == []


async def test_a_withdrawn_caller_has_no_draft_left(line: Line) -> None:
    await letter_by_sms(line)
    await line.write("nei")
    await line.write("SLETT")
    async with line.database.reading() as session:
        contact = await line.contact()
        assert contact.caller_id is not None
        assert await drafts.last_of_caller(session, contact.caller_id, now=line.clock.now()) is None
    assert says(line, "nothing_to_go_on_with") in (await line.write("fortsett", who=KARI))[-1]


async def test_a_silent_contact_closes_and_the_draft_waits_for_its_owner(line: Line) -> None:
    await letter_by_sms(line)
    await line.write("nei")
    line.clock.advance(hours=13)
    await line.close_silent()
    assert (await line.contact()).state is ContactState.CLOSED
    assert "Hvem skal brevet til?" in (await line.write("fortsett"))[-1]
    assert line.clock.now() - (await draft(line, DraftKind.LETTER))[0].changed_at < timedelta(hours=14)


async def found_rights(line: Line) -> list[str]:
    """The rights guide by SMS, to its end."""
    await line.write("hei")
    await line.write("2")
    said = await line.write("2")
    for _, place in questions(line.house.rights.questionnaire):
        line.clock.advance(minutes=1)
        said = await line.write(usual(place))
    assert (await line.contact()).step == "rights_found"
    return said


@pytest.mark.parametrize("in_queue", [False, True])
@pytest.mark.parametrize("end", ["rights_found", "letter_ready", "letter_stopped"])
async def test_other_words_lose_nothing_of_what_the_questions_led_to(line: Line, end: str, in_queue: bool) -> None:
    if end == "rights_found":
        last = (await found_rights(line))[-1]
    elif end == "letter_ready":
        last = (await finished_letter(line))[-1]
    else:
        for words in ("hei", "3", "3", "nei", "fastlegen", "ja"):
            last = (await line.write(words))[-1]
    if in_queue:
        await line.write("rådgiver")
        last = (await line.write("fortsett"))[-1]
    assert (await line.contact()).step == end
    assert ((await line.contact()).state in IN_QUEUE) is in_queue
    choices = [one for one in last.splitlines() if " = " in one]
    for words in ("zxqw", "nei", "hopp over", "?", "99"):
        [answer] = await line.write(words)
        assert [one for one in answer.splitlines() if " = " in one] == choices, words
        assert (says(line, "nothing_found") in answer) is (words == "zxqw"), words
    assert await line.write("takk") == [says(line, "you_are_welcome")]
    assert (await line.contact()).step == end

    [read] = await line.write("omsorgsstønad")
    assert says(line, "answers_kept") in read
    [back] = await line.write("fortsett")
    assert choices[0] in back
