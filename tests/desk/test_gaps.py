"""Questions that no article answered: counted with a day and topics, and with no word that says whose they were."""

from datetime import date

import pytest
from sqlalchemy import select

from helpline.core.codes import Channel
from helpline.desk import gaps
from helpline.store.gaps import Gap, latest
from helpline.store.tables import KnowledgeGap
from tests.desk.line import OLA, Line


async def counted(line: Line) -> list[Gap]:
    async with line.database.reading() as session:
        return await latest(session, limit=100)


async def ask(line: Line, question: str, *, asked_by: str = gaps.ADVISOR, language: str = "nb") -> None:
    async with line.database.writing() as session:
        await gaps.count(
            session, question, house=line.house, asked_by=asked_by, language=language, now=line.clock.now()
        )


async def test_a_question_without_an_answer_is_counted(line: Line) -> None:
    await line.write("Hei")
    await line.write("2")
    (answer,) = await line.write("zxqw zxqw")
    assert "Det fant vi ikke svar på her" in answer
    (gap,) = await counted(line)
    assert (gap.asked_by, gap.language, gap.words) == ("caller", "nb", ())
    assert gap.asked_on == line.clock.now().astimezone(line.house.zone).date()


async def test_an_answered_question_is_not_counted(line: Line) -> None:
    await line.write("Hei")
    await line.write("2")
    (answer,) = await line.write("omsorgsstønad")
    assert "Omsorgsstønad er betaling" in answer
    assert "Var det ikke dette du lurte på?" in answer
    assert "2 = Ingen passer" in answer
    assert await counted(line) == []


@pytest.mark.parametrize(
    "words", ["2", "Ingen passer", "ikke det", "Ikke det!", "IKKE DET", "det var ikke det jeg spurte om", "feil svar"]
)
async def test_not_what_i_asked_counts_the_question_without_identity(line: Line, words: str) -> None:
    await line.write("Hei")
    await line.write("2")
    (answer,) = await line.write("Kari Hansen i Tønsberg trenger avlastning, ring 90000001")
    assert "Ingen passer" in answer
    (answer,) = await line.write(words)
    assert "da vet vi at det mangler noe her" in answer
    assert "1 = Rådgiver" in answer
    (gap,) = await counted(line)
    assert gap.words == ("trenger", "avlastning", "ring")


async def test_not_what_i_asked_counts_once_and_only_after_an_article(line: Line) -> None:
    await line.write("Hei")
    await line.write("2")
    await line.write("ikke det")
    assert await counted(line) == []
    await line.write("gjeldsordning", channel=Channel.TELEGRAM, who="501")
    await line.write("2", channel=Channel.TELEGRAM, who="501")
    (answer,) = await line.write("avlastning og hjelp", channel=Channel.TELEGRAM, who="501")
    assert "Var det ikke dette du lurte på?" in answer
    for _ in range(2):
        await line.write("ikke det", channel=Channel.TELEGRAM, who="501")
    assert len(await counted(line)) == 1


async def test_the_words_lie_sealed_and_go_after_their_time(line: Line) -> None:
    await ask(line, "gjeldsordning for samboer")
    async with line.database.reading() as session:
        (row,) = (await session.scalars(select(KnowledgeGap))).all()
    assert row.words is not None
    assert b"gjeldsordning" not in row.words
    line.clock.advance(days=gaps.KEPT.days)
    await line.forget()
    assert len(await counted(line)) == 1
    line.clock.advance(days=1)
    await line.forget()
    assert await counted(line) == []


async def test_erasing_a_caller_leaves_no_way_from_a_gap_to_them(line: Line) -> None:
    await line.write("Hei", who=OLA)
    await line.write("2", who=OLA)
    await line.write("zxqw zxqw", who=OLA)
    await line.write("SLETT", who=OLA)
    async with line.database.reading() as session:
        (row,) = (await session.scalars(select(KnowledgeGap))).all()
    assert {column.name for column in KnowledgeGap.__table__.columns} == {
        "id", "asked_on", "asked_by", "language", "topics", "words",
    }  # fmt: skip
    assert row.words is None


async def test_questions_that_are_alike_are_one_group(line: Line) -> None:
    await ask(line, "gjeldsordning for samboer")
    await ask(line, "regning fra tannlege")
    line.clock.advance(days=1)
    await ask(line, "samboer med gjeldsordning", asked_by=gaps.CALLER)
    await ask(line, "zxqw")
    groups = gaps.grouped(await counted(line), house=line.house)
    first = line.clock.now().astimezone(line.house.zone).date()
    assert [(set(group.words), group.asked_by("caller"), group.asked_by("advisor")) for group in groups] == [
        ({"gjeldsordning", "samboer"}, 1, 1),
        (set(), 0, 1),
        ({"regning", "tannlege"}, 0, 1),
    ]
    assert [group.last for group in groups] == [first, first, date.fromordinal(first.toordinal() - 1)]


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Dzień dobry, mój syn jest chory i potrzebuję pomocy", "pl"),
        ("Здравствуйте, мой сын болен и мне нужна помощь", "ru"),
    ],
)
async def test_a_language_without_its_native_reader_gets_the_digits_in_norwegian_and_english(
    line: Line, words: str, language: str
) -> None:
    await line.write(words, channel=Channel.TELEGRAM, who="502")
    assert (await line.contact()).language == language
    await line.write("2", channel=Channel.TELEGRAM, who="502")
    (answer,) = await line.write("interpreter", channel=Channel.TELEGRAM, who="502")
    assert (await line.contact()).language == language
    assert "Fare for liv: ring 113, og si hvor du er." in answer
    assert "Life in danger: call 113 and say where you are." in answer
    unread = line.house.library.preview("tolk-og-sprak", language, line.clock.now().date())
    assert unread is not None
    assert unread.short[:20] not in answer


@pytest.mark.parametrize("words", ["takk", "Tusen takk!", "ha det", "god natt", "👍", "🙏🏽", "🙏🙏", "❤️", "Thanks"])
async def test_thanks_and_goodbye_get_a_friendly_word_and_are_no_question(line: Line, words: str) -> None:
    await line.write("hei")
    await line.write("meny")
    assert await line.write(words) == ["Vi er her. Skriv når du vil."]
    assert await counted(line) == []
    [then] = await line.write("2")
    assert line.house.phrases.say("rights_question", language="nb", channel="sms", on=line.clock.now().date()) in then


@pytest.mark.parametrize(
    "words", ["ja", "ja gjerne", "ok", "Nei, takk", "vet ikke", "yes", "?", "...", "😢", "hopp over", "M", ""]
)
async def test_words_that_only_answer_are_no_question_of_their_own(line: Line, words: str) -> None:
    await line.write("hei")
    await line.write("meny")
    [answer] = await line.write(words)
    assert answer.startswith("Hva vil du gjøre?\n1 = Rådgiver")
    assert await counted(line) == []


@pytest.mark.parametrize("words", ["takk", "?", "", "ok", "👍"])
async def test_first_words_that_tell_nothing_are_asked_what_matters(line: Line, words: str) -> None:
    [answer] = await line.write(words)
    assert "Takk for at du forteller" not in answer
    assert "Hva er viktigst for deg akkurat nå?" in answer
    assert (await line.contact()).step == "welcome"


async def test_stop_on_telegram_says_where_messages_are_stopped(line: Line) -> None:
    who = {"who": "501", "channel": Channel.TELEGRAM}
    await line.write("/start", **who)
    [answer] = await line.write("stopp", **who)
    assert "stopper du boten i Telegram" in answer
    assert await counted(line) == []
