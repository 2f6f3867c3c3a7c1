"""The guided conversation by text: what the caller reads, and what the advisor will see."""

import pytest

from helpline.core.codes import Channel, Outcome
from helpline.core.contact import ContactState, EntryKind
from helpline.core.sms_text import measure, plain
from helpline.core.turn import InboundKind
from helpline.desk import attend, opening, set_hours
from helpline.errors import HelplineError
from helpline.guidance.phrases import page_language
from helpline.store import notices, overview
from tests.conftest import MONDAY
from tests.desk.line import KARI, OLA, Line

ADVISOR, RIGHTS, LETTER, HELP_NOW, HOURS, LANGUAGE = "1", "2", "3", "4", "5", "6"


def says(line: Line, phrase: str, language: str = "nb", channel: str = "sms", **parameters: str | int) -> str:
    return line.house.phrases.say(phrase, language=language, channel=channel, on=line.clock.now().date(), **parameters)


async def test_first_words_are_welcomed_asked_what_matters_and_given_choices(line: Line) -> None:
    [answer] = await line.write("hei")

    assert answer.startswith(says(line, "welcome"))
    assert says(line, "what_matters") in answer
    assert "1 = Rådgiver\n2 = Rettigheter\n3 = Bekymringsmelding\n4 = Hjelp nå\n5 = Åpningstider" in answer
    contact = await line.contact()
    assert contact.asked_what_matters
    assert contact.state is ContactState.GUIDED
    assert await line.course() == [(EntryKind.TEXT_IN, "hei"), (EntryKind.TEXT_OUT, answer.split("\n1 = ")[0])]


async def test_first_words_that_tell_something_are_kept_and_answered(line: Line) -> None:
    [answer] = await line.write("Mamma er syk og jeg vet ikke hva jeg skal gjøre")

    assert answer.startswith(says(line, "welcome"))
    assert says(line, "thanks_for_telling") in answer
    assert (EntryKind.TEXT_IN, "Mamma er syk og jeg vet ikke hva jeg skal gjøre") in await line.course()


async def test_the_way_to_an_advisor_is_heard_by_number_label_and_word(line: Line) -> None:
    await line.advisor()
    ways = ["1", " 1. ", "rådgiver", "Rådgiver!", "radgiver", "advisor", "menneske", "RÅDGJEVAR"]
    for place, words in enumerate(ways, start=1):
        await line.write("hei", who=f"+479000030{place}")
        [answer] = await line.write(words, who=f"+479000030{place}")
        assert answer.startswith(f"Du er nr. {place} i køen."), words

    assert await line.states() == [ContactState.OFFERED, *[ContactState.WAITING] * (len(ways) - 1)]


@pytest.mark.parametrize("greeted", [True, False])
@pytest.mark.parametrize(
    "words",
    [
        "Jeg vil snakke med en rådgiver", "jeg vil snakke med en person", "ring meg", "kan noen ringe meg?",
        "snakke med et menneske", "Hei, kan jeg få snakke med noen nå?", "eg vil gjerne snakke med ein rådgjevar",
        "Can someone call me, please?", "I’d like to talk to a real person", "vær så snill å ring meg",
        "Mamma er syk og jeg vet ikke hva jeg skal gjøre. Kan jeg snakke med noen?",
        "Broren min er syk og jeg vil gjerne prate med et menneske",
    ],
)  # fmt: skip
async def test_the_way_to_an_advisor_is_heard_in_a_whole_sentence(line: Line, words: str, greeted: bool) -> None:
    await line.advisor()
    if greeted:
        await line.write("hei")
    [answer] = await line.write(words)
    contact = await line.contact()
    place = says(line, "in_queue", page_language(contact.language), place=1, wait="").strip()[:20]

    assert contact.state is ContactState.OFFERED
    assert place in answer
    assert (EntryKind.TEXT_IN, words) in await line.course()
    assert says(line, "thanks_for_telling") not in answer


@pytest.mark.parametrize(
    "words",
    [
        "Kan jeg snakke med noen på sykehuset om broren min?",
        "Jeg vil ikke snakke med en rådgiver",
        "Vi har hatt lege, psykolog, rådgiver og støttekontakt",
        "De sa at legen skal ringe meg",
        "Jeg fikk snakke med en rådgiver i fjor",
    ],
)
async def test_words_about_talking_are_no_wish_to_talk_with_us(line: Line, words: str) -> None:
    await line.write(words)
    await line.write(words)
    assert await line.states() == [ContactState.GUIDED]


async def test_nobody_is_said_to_read_what_no_advisor_gets(line: Line) -> None:
    [answer] = await line.write("Vi krangler mye hjemme om tiden framover")
    assert "Velger du rådgiver, ser rådgiveren det du skrev." in answer


async def test_a_sentence_within_a_letter_is_part_of_the_letter(line: Line) -> None:
    for words in ("hei", LETTER, "3"):
        await line.write(words)
    for words in ("Naboen sa det er ille. Ring meg, sa hun", "ring meg"):
        await line.write(words)
    assert await line.states() == [ContactState.GUIDED]
    await line.write("jeg vil snakke med en rådgiver")
    assert await line.states() == [ContactState.WAITING]


@pytest.mark.parametrize(
    ("chosen", "language", "then"),
    [("1", "nb", "Vi fortsetter på bokmål."), ("nynorsk", "nn", "Vi held fram på nynorsk."), ("3", "en", "We go on")],
)
async def test_the_language_is_chosen_and_remembered(line: Line, chosen: str, language: str, then: str) -> None:
    await line.write("hei")
    [asked] = await line.write(LANGUAGE)
    [answer] = await line.write(chosen)

    assert says(line, "choose_language") in asked
    assert answer.startswith(then)
    assert says(line, "what_matters", language) in answer, "back to where they were"
    assert (await line.contact()).language == language


@pytest.mark.parametrize(
    ("first", "then", "language"),
    [
        ("Eg veit ikkje kva eg skal gjere, mor mi er sjuk", "1", "nn"),
        ("Eg veit ikkje kva eg skal gjere, mor mi er sjuk", "hei", "nn"),
        ("My mother is ill and I do not know what to do", "1", "en"),
        ("Eg veit ikkje kva eg skal gjere, mor mi er sjuk", "My mother is ill and I do not know what to do", "en"),
        ("hei", "1", "nb"),
    ],
)
async def test_words_too_few_to_tell_are_answered_in_the_language_from_before(
    line: Line, first: str, then: str, language: str
) -> None:
    advisor = await line.advisor()
    await line.write(first)
    await line.write("rådgiver")
    contact = await line.accept(advisor)
    # Without the goodbye, whose question «1» would answer.
    await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED, say_goodbye=False)
    # A call between the two is in bokmål unless they chose otherwise, and says nothing about how they write.
    await line.turn(channel=Channel.PHONE, kind=InboundKind.CALL, call_sid="CA1")
    await line.turn(channel=Channel.PHONE, kind=InboundKind.HUNG_UP, call_sid="CA1")

    [answer] = await line.write(then)
    assert answer.startswith(says(line, "welcome", language))
    assert (await line.contact()).language == language


async def test_a_language_can_be_chosen_in_the_queue_without_losing_the_place(line: Line) -> None:
    await line.write("hei")
    await line.write(ADVISOR)
    await line.write("språk")
    [answer] = await line.write("3")

    assert answer.startswith("We go on in English.")
    assert "no. 1 in the queue" in answer
    assert await line.states() == [ContactState.WAITING]


@pytest.mark.parametrize("greeting", ["Hei", "Hi", "hello", "/start"])
@pytest.mark.parametrize(
    ("then", "language"),
    [
        ("my brother says he will kill himself tonight", "en"),
        ("my brother has schizophrenia and stopped his meds two weeks ago", "en"),
        ("my brother has been ill for years and we do not know what to do", "en"),
        ("Broren min seier at han skal ta livet sitt i natt", "nn"),
        ("Eg veit ikkje kva eg skal gjere, mor mi er sjuk", "nn"),
        ("Jeg vet ikke hva jeg skal gjøre, mamma er syk", "nb"),
    ],
)
async def test_after_a_short_greeting_the_first_sentence_tells_the_language(
    line: Line, greeting: str, then: str, language: str
) -> None:
    await line.write(greeting)
    answers = await line.write(then)
    contact = await line.contact()

    assert contact.language == language
    spoken = {name: says(line, name, language) for name in ("thanks_for_telling", "nobody_on_duty_text")}
    assert any(words in answers[-1] for words in spoken.values())
    welcomed_anew = says(line, "welcome", "en") in answers[-1]
    assert welcomed_anew is (language == "en" and contact.state is ContactState.GUIDED), "who we are, as they read it"


@pytest.mark.parametrize("then", ["Rasmus Jensen", "no problem", "ok bye", "Real Madrid", "5"])
async def test_a_word_or_two_never_change_the_language(line: Line, then: str) -> None:
    await line.write("Hei")
    await line.write(then)
    assert (await line.contact()).language == "nb"


async def test_a_language_that_was_chosen_or_told_stays(line: Line) -> None:
    await line.write("Hei")
    await line.write("nynorsk")
    await line.write("my brother has schizophrenia and stopped his meds")
    assert (await line.contact()).language == "nn"
    await line.write("Jeg vet ikke hva jeg skal gjøre, mamma er syk", who=OLA)
    await line.write("he said I will be fine and that is all", who=OLA)
    assert (await line.contact()).language == "nb"


@pytest.mark.parametrize("words", ["english", "Engelsk", "i only speak english", "Do you speak English?", "/english"])
async def test_a_language_is_asked_for_at_every_step(line: Line, words: str) -> None:
    [first] = await line.write(words)
    assert first.startswith("We go on in English."), "as the first words"
    assert says(line, "welcome", "en") in first
    assert says(line, "what_matters", "en") in first
    await line.write("Jeg vet ikke hva jeg skal gjøre, mamma er syk", who=OLA)
    await line.write(LETTER, who=OLA)
    [answer] = await line.write(words, who=OLA)
    assert answer.startswith("We go on in English.")
    assert says(line, "letter_how", "en") in answer, "where they were"
    await line.write("språk", who=OLA)
    [answer] = await line.write("nynorsk", who=OLA)
    assert says(line, "letter_how", "nn") in answer, "from the step of languages back to where they were"


async def test_a_question_of_rights_is_answered_by_an_article(line: Line) -> None:
    await line.write("hei")
    [asked] = await line.write(RIGHTS)
    [answer] = await line.write("avlastning")
    slug = (await line.contact()).draft["articles_used"][0]
    article = line.house.library.article(slug, page_language("nb"), MONDAY.date())

    assert says(line, "rights_question") in asked
    assert article is not None
    assert "avlastning" in (article.title + article.short).lower()
    assert answer.startswith(article.short)
    assert says(line, "was_it_this") in answer


async def test_a_question_without_an_answer_says_so(line: Line) -> None:
    await line.write("hei")
    await line.write(RIGHTS)
    [answer] = await line.write("xyzzy qwrtp")

    assert answer.startswith(says(line, "nothing_found"))


async def test_help_with_a_letter_and_help_now(line: Line) -> None:
    await line.write("hei")
    [letter] = await line.write(LETTER)
    await line.write("0")
    [help_now] = await line.write(HELP_NOW)

    assert letter.startswith(says(line, "letter_how"))
    assert "Vi sender det ikke til noen." in letter
    assert help_now.startswith(says(line, "help_now"))
    assert "113" in help_now


@pytest.mark.parametrize(
    ("hour", "closing", "expected"),
    [
        (10, None, "Vi har åpent nå."),
        (20, None, "Vi har stengt nå. Vi åpner"),
        (10, "exceptional", "Vi har stengt nå. Planleggingsdag. Vi åpner i morgen kl. 10."),
        (10, "emergency", "Vi har stengt nå. Vannlekkasje."),
    ],
)
async def test_opening_hours_are_told_as_they_are(line: Line, hour: int, closing: str | None, expected: str) -> None:
    line.clock.set(MONDAY.replace(hour=hour))
    async with line.database.writing() as session:
        now = line.clock.now()
        if closing == "exceptional":
            await set_hours.set_day(
                session, now.date(), "", reason="Planleggingsdag", house=line.house, now=now, by=None
            )
        elif closing == "emergency":
            await set_hours.close_now(session, reason="Vannlekkasje", until=None, now=now, by=None)
    await line.write("hei")
    [answer] = await line.write(HOURS)

    assert answer.startswith(expected)
    async with line.database.reading() as session:
        state = await opening.state(session, house=line.house, now=line.clock.now())
        assert state.open is (expected == "Vi har åpent nå.")


@pytest.mark.parametrize(
    ("reason", "read_by"),
    [
        ("Vannlekkasje", {"nb", "nn"}),
        ("Vi har dessverre strømbrudd i hele huset.", {"nb", "nn"}),
        ("Vi har dessverre ikkje nokon som kan svare no.", {"nb", "nn"}),
        ("We are sorry, but there is no power in the house.", {"en", "pl"}),
    ],
)
async def test_the_reason_of_a_closing_is_told_to_those_who_read_its_language(
    line: Line, reason: str, read_by: set[str]
) -> None:
    now = line.clock.now()
    async with line.database.writing() as session:
        await set_hours.close_now(session, reason=reason, until=None, now=now, by=None)
    async with line.database.reading() as session:
        for language in ("nb", "nn", "en", "pl"):
            told = await opening.in_words(session, house=line.house, now=now, language=language, channel="sms")
            assert (reason in told) is (language in read_by), language
            assert told.startswith(says(line, "hours_closed", language, opens="", hours="")), language


@pytest.mark.parametrize(
    ("words", "language", "says_closed", "opens"),
    [
        ("hei", "nb", "Stengt nå. Vi åpner i morgen kl. 10. Ring ellers 116 123 eller 22 40 00 40.", "Vi åpner"),
        (
            "Eg veit ikkje kva eg skal gjere",
            "nn",
            "Stengt no. Vi opnar i morgon kl. 10. Ring elles 116 123",
            "opnar",
        ),
        ("I do not know what to do about my brother", "en", "Closed now. We open tomorrow at 10:00.", "We open"),
    ],
)
async def test_the_first_greeting_says_that_we_are_closed(
    line: Line, words: str, language: str, says_closed: str, opens: str
) -> None:
    await line.write(words, who=OLA)
    assert all(opens not in answer for answer in await line.sent()), "not while we are open"
    line.clock.set(MONDAY.replace(hour=20))
    [answer] = await line.write(words)

    assert answer.startswith(f"{says(line, 'welcome', language)}\n\n{says_closed}")
    assert measure(plain(answer)).parts <= 3, "no more than the greeting costs when we are open"
    [again] = await line.write("hei")
    assert says_closed not in again, "once is enough"


async def test_on_telegram_the_greeting_says_why_we_are_closed_too(line: Line) -> None:
    async with line.database.writing() as session:
        await set_hours.close_now(session, reason="Vannlekkasje", until=None, now=line.clock.now(), by=None)
    [answer] = await line.write("hei", channel=Channel.TELEGRAM, who="501")
    assert "\n\nVi har stengt nå. Vannlekkasje. Du kan skrive til oss likevel." in answer
    assert "116 123" in answer
    [answer] = await line.write("hei")
    assert "Stengt nå. Ring ellers 116 123" in answer
    assert "Vannlekkasje" not in answer


async def test_one_who_asks_for_an_advisor_with_the_first_words_is_told_once_that_we_are_closed(line: Line) -> None:
    line.clock.set(MONDAY.replace(hour=20))
    [answer] = await line.write("rådgiver", channel=Channel.TELEGRAM, who="501")
    assert answer.startswith(says(line, "welcome", channel="telegram"))
    assert answer.count("Vi har stengt nå.") == 1
    assert answer.endswith(says(line, "closed_text", channel="telegram", opens="Vi åpner i morgen kl. 10."))


async def test_waiting_when_closed_gives_numbers_and_keeps_the_message(line: Line) -> None:
    line.clock.set(MONDAY.replace(hour=20))
    await line.write("hei")
    [answer] = await line.write(ADVISOR)

    assert answer.startswith("Vi har stengt nå. Vi åpner")
    assert "116 123" in answer
    assert await line.states() == [ContactState.WAITING]


async def test_waiting_with_nobody_on_duty_has_an_answer_of_its_own(line: Line) -> None:
    await line.write("hei")
    [answer] = await line.write(ADVISOR)

    assert answer == says(line, "nobody_on_duty_text")
    assert await line.states() == [ContactState.WAITING]


async def test_more_words_in_the_queue_are_kept_and_acknowledged_once(line: Line) -> None:
    await line.advisor()
    await line.write("hei")
    await line.write(ADVISOR)

    first, second = await line.write("Det gjelder broren min"), await line.write("han bor hjemme")

    assert first == [says(line, "added_to_message")]
    assert second == []
    assert [words for kind, words in await line.course() if kind is EntryKind.TEXT_IN] == [
        "hei",
        "1",
        "Det gjelder broren min",
        "han bor hjemme",
    ]


ASKED_IN_THE_QUEUE = [
    "er du der?", "Hallo", "hvor lenge må jeg vente?", "når får jeg svar", "hva skal jeg gjøre?",
    "Why is nobody answering?",
]  # fmt: skip


@pytest.mark.parametrize("words", ASKED_IN_THE_QUEUE)
async def test_whoever_asks_in_the_queue_hears_where_they_stand_every_time(line: Line, words: str) -> None:
    await line.write("hei")
    await line.write(ADVISOR)
    await line.write("Det gjelder broren min")

    [nobody] = await line.write(words)
    assert nobody == f"{says(line, 'waiting_automatic')}\n\n{says(line, 'nobody_on_duty_text')}"
    await line.advisor()
    [place] = await line.write(words)
    assert place.startswith(f"{says(line, 'waiting_automatic')}\n\nDu er nr. 1 i køen.")
    line.clock.set(MONDAY.replace(hour=20))
    [closed] = await line.write(words)
    assert "Vi har stengt nå. Vi åpner" in closed
    assert measure(plain(closed)).parts <= 3
    assert await line.write("han bor hjemme") == [], "a story is taken in without a word"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("koster det noe", "PIO-Pårørendesenteret i Oslo"),
        ("Kan jeg ringe dere? hva er nummeret", "21 52 53 53"),
        ("er du et menneske?", "Dette er et automatisk svar."),
    ],
)
async def test_a_question_in_the_queue_is_answered_from_an_article(line: Line, words: str, answer: str) -> None:
    await line.advisor()
    await line.write("hei")
    await line.write(ADVISOR)

    for _ in range(2):
        [said] = await line.write(words)
        assert answer in said
        assert "1 =" not in said, "an advisor comes; no menu"
    assert (await line.contact()).step == "waiting"


async def test_after_danger_a_question_in_the_queue_brings_the_place_and_no_article(line: Line) -> None:
    await line.advisor()
    await line.write("Jeg skal ta livet mitt i kveld")

    [said] = await line.write("koster det noe?")
    assert said.startswith(f"{says(line, 'waiting_automatic')}\n\nDu er nr. 1 i køen.")


async def test_leaving_the_queue_by_zero_takes_the_offer_back(line: Line) -> None:
    advisor = await line.advisor()
    await line.write("hei")
    await line.write(ADVISOR)
    assert await line.offered_to(advisor) is not None

    [answer] = await line.write("0")

    assert answer.startswith(says(line, "left_queue"))
    assert await line.states() == [ContactState.GUIDED]
    assert await line.offered_to(advisor) is None


async def test_with_an_advisor_the_service_keeps_quiet(line: Line) -> None:
    advisor = await line.advisor()
    await line.write("hei")
    await line.write(ADVISOR)
    await line.accept(advisor)

    assert await line.write("Takk for at du svarer") == []
    assert await line.write("", kind=InboundKind.MEDIA, media="mms") == []
    assert (await line.course())[-2:] == [(EntryKind.TEXT_IN, "Takk for at du svarer"), (EntryKind.MEDIA, None)]


async def test_media_with_and_without_words(line: Line) -> None:
    [answer] = await line.write("", kind=InboundKind.MEDIA, media="photo")
    [captioned] = await line.write("sykehjem", media="photo")

    assert answer.startswith(says(line, "media_received"))
    assert says(line, "what_matters") in answer
    assert says(line, "thanks_for_telling") in captioned
    assert says(line, "media_beside_words") in captioned, "nobody believes that the picture was seen"
    media = [entry.data.get("media") for entry in await line.entries(EntryKind.MEDIA)]
    assert media == ["photo"]


async def test_the_words_below_a_picture_are_answered(line: Line) -> None:
    picture = {"channel": Channel.TELEGRAM, "who": "501", "kind": InboundKind.MEDIA, "media": "photo"}
    await line.write("hei", channel=Channel.TELEGRAM, who="501")

    [searched] = await line.write("hva har jeg rett på", **picture)
    assert says(line, "thanks_for_telling") in searched
    [answer] = await line.write("avlastning", **picture)
    assert "avlastning" in answer.lower().replace(says(line, "media_beside_words").lower(), "")
    assert says(line, "media_beside_words", channel="telegram") in answer
    assert says(line, "media_received", channel="telegram") not in answer
    answers = await line.write("datteren min snakker om å dø", **picture)
    assert any("116 117" in text for text in answers)
    assert says(line, "media_beside_words", channel="telegram") in answers[-1]
    assert await line.states() == [ContactState.WAITING]
    await line.write("mer", **picture)
    assert await line.write("SLETT", **picture) != []
    assert await line.states() == [ContactState.CLOSED]


async def test_edited_words_are_kept_beside_the_old_ones_and_not_answered_twice(line: Line) -> None:
    await line.write("hei", channel=Channel.TELEGRAM, who="501", message_id="7")
    answers = await line.write("hei igjen", channel=Channel.TELEGRAM, who="501", kind=InboundKind.EDITED)

    assert answers == []
    assert (EntryKind.EDITED, "hei igjen") in await line.course()


async def test_words_edited_when_nothing_is_open_begin_a_contact(line: Line) -> None:
    [answer] = await line.write("hei", channel=Channel.TELEGRAM, who="501", kind=InboundKind.EDITED)

    assert says(line, "what_matters", channel="telegram") in answer


async def test_an_old_button_means_what_it_said_also_when_it_begins_a_contact(line: Line) -> None:
    answers = await line.write("3", channel=Channel.TELEGRAM, who="501", kind=InboundKind.CHOICE, step="language")

    assert "We go on in English." in answers[0]
    assert await line.states() == [ContactState.GUIDED]
    assert (EntryKind.KEY, "English") in await line.course()


async def test_a_button_of_a_script_that_is_gone_begins_again(line: Line) -> None:
    await line.write("hei", channel=Channel.TELEGRAM, who="501")
    [answer] = await line.write("9", channel=Channel.TELEGRAM, who="501", kind=InboundKind.CHOICE, step="not_here")

    assert says(line, "what_matters", channel="telegram") in answer or says(line, "thanks_for_telling") in answer


async def test_in_a_group_no_contact_is_opened_and_the_answers_end(line: Line) -> None:
    answers = [
        await line.write("hei alle", channel=Channel.TELEGRAM, who="-100", kind=InboundKind.GROUP) for _ in range(5)
    ]

    assert [len(answer) for answer in answers] == [1, 1, 1, 0, 0]
    assert answers[0] == [says(line, "group_refused", channel="telegram")]
    assert await line.contacts() == []


async def test_red_words_in_a_group_get_the_number_first(line: Line) -> None:
    [answer] = await line.write(
        "Jeg orker ikke leve lenger, jeg skal ta livet mitt i kveld",
        channel=Channel.TELEGRAM,
        who="-100",
        kind=InboundKind.GROUP,
    )

    assert "113" in answer.split("\n")[0]


async def test_the_words_shown_in_the_queue_are_those_that_stand_now(line: Line) -> None:
    async def write(words: str, message_id: str | None, who: str = "501", *, edited: bool = False) -> None:
        kind = InboundKind.EDITED if edited else InboundKind.TEXT
        await line.turn(words, channel=Channel.TELEGRAM, who=who, kind=kind, message_id=message_id)

    async def shown() -> list[str]:
        ids = [contact.id for contact in await line.contacts()]
        async with line.database.reading() as session:
            found = await overview.first_words(session, ids)
        return [found.get(id, "") for id in ids]

    await write("hei", "6")
    await write("Broren min bor hos mor", "7")
    await write("Hva har vi egentlig rett til å få vite", "8")
    await write("hei", "7", "502")
    await write("Jeg lurer på hva vi kan gjøre nå", None, "502")
    assert await shown() == ["Broren min bor hos mor", "Jeg lurer på hva vi kan gjøre nå"]

    await write("Søsteren min bor hos mor", "7", edited=True)
    await write("Søsteren min bor hos far", "7", edited=True)
    assert await shown() == ["Søsteren min bor hos far", "Jeg lurer på hva vi kan gjøre nå"]

    await write("Kan noen snakke med meg i dag?", "7", "502", edited=True)
    assert await shown() == ["Søsteren min bor hos far", "Kan noen snakke med meg i dag?"]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.TELEGRAM])
async def test_no_answer_to_a_question_is_shown_in_the_queue(line: Line, channel: Channel) -> None:
    """It may be the name of the one whom the letter is about; what tells of danger is shown."""
    who = {"channel": channel, "who": KARI if channel is Channel.SMS else "501"}

    async def shown() -> str | None:
        contact = await line.contact()
        async with line.database.reading() as session:
            return (await overview.first_words(session, [contact.id])).get(contact.id)

    for words in ["hei", "3", "3", "nei", "1", "nei"]:
        await line.write(words, **who)
    await line.write("Per Hansen fra Storgata i Lillevik", message_id="9", **who)
    await line.write("rådgiver", **who)
    await line.write("Per Jensen fra Storgata i Lillevik", message_id="9", kind=InboundKind.EDITED, **who)
    assert ((await line.course())[-1][1] or "").startswith("Per Jensen"), "the advisor who has the contact sees it"
    assert "Per" not in (await shown() or "")
    await line.write("fortsett", **who)
    await line.write("Han sier han skal ta livet sitt i kveld", **who)
    assert await shown() == "Han sier han skal ta livet sitt i kveld"


async def test_one_who_blocks_the_bot_is_closed_and_nothing_more_goes_out(line: Line) -> None:
    await line.write("hei", channel=Channel.TELEGRAM, who="501")
    await line.turn(channel=Channel.TELEGRAM, who="501", kind=InboundKind.BLOCKED_US)

    assert await line.states() == [ContactState.CLOSED]
    assert [record.outcome for record in await line.records()] == ["guided"]
    await line.write("hei igjen", channel=Channel.TELEGRAM, who="501")
    assert await line.states() == [ContactState.CLOSED, ContactState.GUIDED]


async def test_one_who_blocks_the_bot_in_the_queue_stays_for_an_advisor_to_see(line: Line) -> None:
    await line.write("hei", channel=Channel.TELEGRAM, who="501")
    await line.write("1", channel=Channel.TELEGRAM, who="501")
    await line.turn(channel=Channel.TELEGRAM, who="501", kind=InboundKind.BLOCKED_US)

    assert await line.states() == [ContactState.WAITING]
    assert (await line.course())[-1] == (EntryKind.BLOCKED_US, None)
    assert await line.entries(EntryKind.DELIVERY_FAILED) == [], "nothing was sent that could have failed"


async def test_one_who_lets_the_bot_in_again_can_be_written_to_at_once(line: Line) -> None:
    advisor = await line.advisor()
    telegram = {"channel": Channel.TELEGRAM, "who": "501"}
    await line.write("hei", **telegram)
    await line.write("1", **telegram)
    contact = await line.accept(advisor)

    async def reply() -> None:
        async with line.database.writing() as session:
            await attend.reply(session, contact.id, "Hei", house=line.house, advisor=advisor, now=line.clock.now())

    await line.turn(kind=InboundKind.BLOCKED_US, **telegram)  # type: ignore[arg-type]  # channel and who by name
    with pytest.raises(HelplineError, match="blokkert"):
        await reply()
    async with line.database.reading() as session:
        before = await notices.latest(session)
    await line.turn(kind=InboundKind.UNBLOCKED_US, **telegram)  # type: ignore[arg-type]
    async with line.database.reading() as session:
        told = [one for one in await notices.since(session, before) if one.id > before]
    assert [(one.topic, one.contact_id) for one in told] == [(notices.CONTACT, contact.id)]
    await reply()

    assert [kind for kind, _ in await line.course()][-3:] == [
        EntryKind.BLOCKED_US,
        EntryKind.UNBLOCKED_US,
        EntryKind.TEXT_OUT,
    ]


@pytest.mark.parametrize("who", ["501", "502"])
async def test_letting_in_a_bot_that_was_never_shut_out_changes_nothing(line: Line, who: str) -> None:
    await line.write("hei", channel=Channel.TELEGRAM, who="501")
    before = await line.course()
    turn = await line.turn(channel=Channel.TELEGRAM, who=who, kind=InboundKind.UNBLOCKED_US)
    assert turn.contact_id is None
    assert await line.course() == before


async def test_stopp_and_start_as_whole_messages(line: Line) -> None:
    await line.write("hei")
    for stop, start in [("STOPP", "START"), ("stopp", "Start!"), (" Stop. ", "unstop"), ("unsubscribe", "start")]:
        assert await line.write(stop) == [says(line, "opted_out")], stop
        assert await line.write("er det noen der?") == []
        assert await line.write(start) == [says(line, "opted_in")], start

    assert await line.write("åpningstider") != []
    kinds = [kind for kind, _ in await line.course()]
    assert kinds.count(EntryKind.OPTED_OUT) == kinds.count(EntryKind.OPTED_IN) == 4
    withheld = await line.entries(EntryKind.DELIVERY_FAILED)
    assert {entry.data["error"] for entry in withheld} == {"opted_out"}


async def test_stopp_within_other_words_and_on_telegram_is_just_words(line: Line) -> None:
    await line.write("hei")
    for words in ["kan du stoppe maset", "stopp litt nå", "Mannen min vil ikke stop", "end", "quit"]:
        assert len(await line.write(words)) == 1, words
    await line.write("hei", channel=Channel.TELEGRAM, who="501")
    for words in ["STOPP", "START"]:
        assert len(await line.write(words, channel=Channel.TELEGRAM, who="501")) == 1, words

    assert await line.entries(EntryKind.OPTED_OUT) == []


ODD_TEXTS = {
    "nul": "hei\x00der",
    "only nul": "\x00",
    "emoji": "😀" * 300,
    "astral": "𝕳𝖊𝖎 𐍈",
    "right to left": "\u202eשלום עולם مرحبا\u202c",
    "4096": "x" * 4096,
    "norwegian": "æøå" * 1365,
    "lone surrogate": "\ud800 halv",
    "combining": "a\u0301" * 500,
    "blanks": "\r\n\t  ",
    "nothing": "",
    "quotes": "%s %d {0} {name} \\x00 ' \" ; DROP TABLE contact; --",
}


async def test_odd_texts_are_answered_and_kept_whole(line: Line) -> None:
    """As the first words, and once more when the contact is open."""
    for number, (name, words) in enumerate(ODD_TEXTS.items()):
        for _ in range(2):
            answers = await line.write(words, who=f"+47900004{number:02}")
            assert len(answers) == 1, name
            assert answers[0].strip(), name
        kept = [heard for kind, heard in await line.course() if kind is EntryKind.TEXT_IN]
        assert kept == [words or None] * 2, name


async def test_two_messages_in_the_same_moment_are_both_kept_in_order(line: Line) -> None:
    await line.write("hei")
    await line.write("først", sent_at=line.clock.now())
    await line.write("så", sent_at=line.clock.now())

    kept = [words for kind, words in await line.course() if kind is EntryKind.TEXT_IN]
    assert kept == ["hei", "først", "så"]
    assert len(await line.contacts()) == 1


async def test_a_repeat_has_no_second_effect(line: Line) -> None:
    first = await line.turn("hei", id="SM1")
    before = (await line.course(), await line.sent())

    second = await line.turn("hei", id="SM1")

    assert not first.repeated
    assert second.repeated
    assert second.contact_id == first.contact_id
    assert (await line.course(), await line.sent()) == before


async def test_one_handle_on_sms_and_another_on_telegram_are_two_contacts(line: Line) -> None:
    await line.write("hei", who=KARI)
    await line.write("hei", who=OLA)
    await line.write("hei", who="501", channel=Channel.TELEGRAM)

    assert len(await line.contacts()) == 3


async def test_one_without_a_handle_is_taken_in_and_not_answered(line: Line) -> None:
    assert await line.write("hei", who=None) == []
    assert await line.contacts() == []
