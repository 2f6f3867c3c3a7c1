"""The guided conversation: the same words mean the same at every step, and lead back to where one was."""

from typing import Any

import pytest
from sqlalchemy import update

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind
from helpline.core.turn import InboundKind
from helpline.desk.house import House
from helpline.store.tables import Contact, DraftKind
from tests.conftest import MONDAY, settings_for
from tests.desk.line import Line
from tests.desk.test_ask import RED, WRITER, answers, letter_by_sms
from tests.desk.test_receive_texts import says

STEPS = sorted(House.load(settings_for("sqlite+aiosqlite:///unused.db")).text_script.steps)
#: Steps that only a draft makes sense of: without one they lead to what can be done.
ALWAYS = ["hjelp", "/help", "help now", "språk", "/language", "tilbake", "attende", "/back", "meny", "/menu"]


async def stand_at(line: Line, step: str, *, in_queue: bool) -> None:
    """A contact that has come to a step, by whatever way."""
    await line.write("hei")
    if in_queue:
        await line.write("1")
    async with line.database.writing() as session:
        await session.execute(update(Contact).values(step=step, memory={"came_from": "rights"}))


@pytest.mark.parametrize("in_queue", [False, True])
async def test_at_every_step_the_words_do_what_they_say(line: Line, in_queue: bool) -> None:
    for number, step in enumerate(STEPS):
        line.clock.advance(hours=1)
        who = f"+4790001{number:03}"
        line_of = {"who": who}
        await line.write("hei", **line_of)
        if in_queue:
            await line.write("1", **line_of)
        contact = await line.contact()

        async def back_here(step: str = step, contact_id: int = contact.id) -> None:
            async with line.database.writing() as session:
                await session.execute(
                    update(Contact)
                    .where(Contact.id == contact_id)
                    .values(step=step, memory={"came_from": "waiting" if in_queue else "rights"})
                )

        for words in ALWAYS:
            await back_here()
            said = await line.write(words, **line_of)
            now = await line.contact()
            assert now.state in (IN_QUEUE if in_queue else (ContactState.GUIDED,)), (step, words)
            if words in ("hjelp", "/help", "help now"):
                assert says(line, "help_now") in said[-1], (step, words)
                # A step that cannot be stood on leads on by itself: the queue, or questions without a draft.
                here = line.house.text_script.steps[step]
                assert now.step == step or (in_queue and not here.waiting), (step, words)
            elif words in ("språk", "/language"):
                assert now.step == "language", (step, words)
                assert says(line, "choose_language") in said[-1], (step, words)
            elif words in ("meny", "/menu"):
                assert now.step == ("waiting" if in_queue else "menu"), (step, words)
            else:
                assert said, (step, words)
        await back_here()
        await line.write("/radgiver", **line_of)
        assert (await line.contact()).state in IN_QUEUE
        await back_here()
        [erased] = await line.write("/slett", **line_of)
        assert erased == says(line, "erased"), step
        assert (await line.contact()).state is ContactState.CLOSED


@pytest.mark.parametrize(
    ("way", "step"),
    [
        (["2"], "menu"), (["2", "2"], "rights"), (["3"], "menu"), (["3", "3"], "letter"), (["3", "2"], "letter"),
        (["2", "avlastning"], "menu"), (["2", "avlastning", "2"], "menu"), (["språk"], "welcome"), (["5"], "menu"),
        (["2", "2", "2", "meny", "2", "2"], "rights"), (["3", "3", "3"], "letter_questions"),
    ],
)  # fmt: skip
async def test_back_is_one_step_back(line: Line, way: list[str], step: str) -> None:
    await line.write("hei")
    for words in way:
        await line.write(words)
    await line.write("tilbake")
    assert (await line.contact()).step == step


async def test_one_topic_and_no_danger_suggest_an_article(line: Line) -> None:
    [said] = await line.write("Moren min har demens")
    article = line.house.library.article("demens", "nb", line.clock.now().date())
    assert article is not None
    assert says(line, "suggestion", title=article.title) in said
    assert f"8 = {article.title}" in said
    [read] = await line.write("8")
    assert read.startswith(article.short)
    assert (await line.contact()).draft["articles_used"] == [article.slug]


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("Mannen min har demens", "demens"),
        ("Mannen min har fått kreft og jeg er redd for framtiden", "somatisk-sykdom"),
        ("Datteren min har spiseforstyrrelse", "spiseforstyrrelse"),
        ("Moren min drikker for mye", "rusavhengighet"),
        ("Hei, jeg er mor til en gutt som ruser seg", "rusavhengighet"),
        ("Broren min har schizofreni", "psykose"),
        ("Faren min har parkinson", "somatisk-sykdom"),
        ("Jeg trenger avlastning", "parorendestotte-og-avlastning"),
        # The topic is economy, the words are of gambling; and a diagnosis that we cannot know.
        ("Sønnen min spiller bort alle pengene", None),
        ("Mor har fått diagnose", None),
    ],
)
async def test_what_is_suggested_is_about_the_words_themselves(line: Line, words: str, slug: str | None) -> None:
    said = (await line.write(words))[-1]
    assert (await line.contact()).memory.get("articles") == ([slug] if slug else None)
    assert ("8 = " in said) is (slug is not None)


async def test_more_words_about_somebody_grown_up_are_not_answered_with_dementia(line: Line) -> None:
    await line.write("Hei, jeg er mor til en gutt som ruser seg")
    [said] = await line.write("Han har flyttet hjem og stjeler fra oss")
    article = line.house.library.article("grensesetting", "nb", line.clock.now().date())
    assert article is not None
    assert said.startswith(article.short)


@pytest.mark.parametrize(
    "words", ["Mannen min er dement og jeg trenger avlastning", "Jeg er helt utslitt", "Noe er galt"]
)
async def test_several_topics_danger_or_none_suggest_nothing(line: Line, words: str) -> None:
    said = await line.write(words)
    assert "8 = " not in said[-1]


@pytest.mark.parametrize(
    "words",
    ["is this confidential?", "Er dette konfidensielt?", "hvem får vite hva jeg skriver?", "will you tell anyone?"],
)
async def test_a_question_whether_we_are_confidential_is_about_us(line: Line, words: str) -> None:
    for part in ["hei", "språk", "3" if words[0] in "iw" else "1", "meny", words]:
        said = await line.write(part)
    article = line.house.library.article("om-oss-og-personvern", (await line.contact()).language, MONDAY.date())
    assert article is not None
    assert said[0].startswith(article.short)


async def test_how_long_it_takes_is_not_answered_before_it_is_said_what(line: Line) -> None:
    for words in ["hei", "meny"]:
        await line.write(words)
    [said] = await line.write("hvor lang tid tar det?")
    assert said.startswith(says(line, "nothing_found"))


@pytest.mark.parametrize("who", [{}, WRITER], ids=["sms", "telegram"])
async def test_what_we_have_in_norwegian_only_says_so_in_english(line: Line, who: dict[str, Any]) -> None:
    channel = str(who.get("channel", "sms"))
    for words in ["hei", "språk", "3", "meny"]:
        await line.write(words, **who)
    [said] = await line.write("my husband has cancer", **who)
    assert said.startswith(says(line, "only_in_norwegian", "en", channel))
    [said] = await line.write("is this confidential?", **who)
    assert not said.startswith(says(line, "only_in_norwegian", "en", channel))
    for slug in (await line.contact()).memory["articles"]:
        article = line.house.library.article(slug, "en", MONDAY.date())
        assert article is not None
        assert (f"{article.title} (in Norwegian)" in said) is (article.language != "en")
    assert "in Norwegian" in said


async def test_the_suggestion_and_its_choice_say_so_too(line: Line) -> None:
    article = line.house.library.article("somatisk-sykdom", "en", MONDAY.date())
    assert article is not None
    [said] = await line.write("My husband has cancer and I would like to know more about it")
    assert says(line, "suggestion", "en", title=f"{article.title} (in Norwegian)") in said
    assert f"8 = {article.title} (in Norwegian)" in said
    [read] = await line.write(f"{article.title} (in Norwegian)")
    assert article.short in read


async def test_other_articles_are_held_out_and_read_by_number_name_or_button(line: Line) -> None:
    await line.write("/start", **WRITER)
    await line.press("Spørre om rettigheter")
    [said] = await line.write("avlastning", **WRITER)
    assert says(line, "was_it_this", channel="telegram") in said
    step, buttons = await line.buttons()
    assert step == "found"
    titles = [label for label, key in buttons.items() if key.startswith("a.")]
    assert 1 <= len(titles) <= 3
    [other] = await line.press(titles[0])
    slug = buttons[titles[0]].removeprefix("a.")
    article = line.house.library.article(slug, "nb", line.clock.now().date())
    assert article is not None
    assert other.startswith(article.short)
    # The button still means what it said when the conversation has gone on.
    await line.write("meny", **WRITER)
    [again] = await line.write(f"a.{slug}", **WRITER, kind=InboundKind.CHOICE, step="found", message_id="9")
    assert again.startswith(article.short)
    assert (EntryKind.KEY, titles[0]) in await line.course()


async def test_thanks_after_an_article_is_no_new_question(line: Line) -> None:
    await line.write("hei")
    await line.write("2")
    await line.write("avlastning")
    [said] = await line.write("Tusen takk!")
    assert said.startswith(says(line, "choose"))


async def test_a_greeting_in_the_middle_is_no_question(line: Line) -> None:
    await line.write("hei")
    await line.write("meny")
    [said] = await line.write("hallo")
    assert says(line, "nothing_found") not in said


async def test_red_words_to_an_advisor_are_no_answer_to_a_question(line: Line) -> None:
    advisor = await line.advisor()
    await letter_by_sms(line)
    for words in ["nei", "1", "nei", "hopp over"]:
        await line.write(words)
    await line.write("rådgiver")
    await line.write("fortsett")
    await line.accept(advisor)
    said = await line.write(RED)
    assert said[0].startswith("Ring 113 nå.")
    assert says(line, "answers_kept") not in "".join(said)
    assert "person_name" not in await answers(line, DraftKind.LETTER)


async def test_red_words_edited_in_are_no_answer_to_the_question_asked_now(line: Line) -> None:
    await line.write("/start", **WRITER)
    await line.press("Hjelp til bekymringsmelding")
    await line.press("Her, spørsmål for spørsmål")
    for label in ["Nei", "Fastlegen", "Nei", "Hopp over"]:
        await line.press(label)
    said = await line.write(RED, **WRITER, kind=InboundKind.EDITED)
    assert said[0].startswith("Ring 113 nå.")
    assert "person_name" not in await answers(line, DraftKind.LETTER)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Hun snakker om å dø", "Han er ruset og rar, mye alkohol og piller"),
        ("Han er ruset og rar, mye alkohol og piller", "Hun snakker om å dø"),
    ],
)
async def test_something_swallowed_and_a_wish_to_die_are_red_in_two_messages(line: Line, first: str, then: str) -> None:
    advisor = await line.advisor()
    await line.write(first)
    assert (await line.contact()).urgency is Urgency.YELLOW
    said = await line.write(then)

    assert len(await line.entries(EntryKind.ALARM)) == 2
    assert said[0].startswith("Ring 113 nå.")
    assert "22 59 13 00" not in "".join(said)
    assert (await line.contact()).urgency is Urgency.RED
    assert await line.offered_to(advisor) is not None


async def test_on_the_telephone_nothing_is_texted_when_it_is_erased(line: Line) -> None:
    await line.advisor()
    await line.turn(channel=Channel.PHONE, kind=InboundKind.CALL, call_sid="CA1")
    for number, key in enumerate(["*", "5", "1"], start=1):
        await line.turn(key, channel=Channel.PHONE, kind=InboundKind.KEYS, call_sid="CA1", turn=number)
    assert await line.sent() == []
    await line.turn(channel=Channel.PHONE, kind=InboundKind.HUNG_UP, call_sid="CA1")
    assert [record.outcome for record in await line.records()] == ["withdrawn"]
