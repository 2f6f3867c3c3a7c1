"""Sharing an experience in writing: what is kept, what is asked about, and that danger is answered all the way."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from helpline.core.codes import Channel
from helpline.core.contact import ContactState, EntryKind
from helpline.core.sms_text import measure, plain
from helpline.core.turn import InboundKind
from helpline.store import experiences
from helpline.store.tables import Experience, ExperienceState
from tests.desk.line import KARI, Line

MORE, SHARE = "7", "2"
TELEGRAM = {"channel": Channel.TELEGRAM, "who": "501"}


def says(line: Line, phrase: str, language: str = "nb", channel: str = "sms", **parameters: str) -> str:
    return line.house.phrases.say(phrase, language=language, channel=channel, on=line.clock.now().date(), **parameters)


async def kept(line: Line) -> list[str]:
    async with line.database.reading() as session:
        rows: Sequence[Experience] = await experiences.in_state(session, ExperienceState.NEW)
        return [experiences.words(session, row) for row in rows]


async def sharing(line: Line, **who: object) -> None:
    await line.write("hei", **who)
    await line.write(MORE, **who)
    await line.write(SHARE, **who)


@pytest.mark.parametrize("who", [{}, TELEGRAM], ids=["sms", "telegram"])
async def test_words_in_several_messages_become_one_experience_after_a_yes(line: Line, who: dict[str, object]) -> None:
    channel = str(who.get("channel", "sms"))
    await line.write("hei", **who)
    [more] = await line.write(MORE, **who)
    assert "2 = Del en erfaring" in more
    [what_for] = await line.write(SHARE, **who)
    assert what_for.startswith(says(line, "share_for", channel=channel))
    assert says(line, "share_write", channel=channel) in what_for

    [noted] = await line.write("Ingen spurte meg hvordan jeg hadde det.", **who)
    assert says(line, "share_noted") in noted
    assert await line.write("Det gjorde vondt.", **who) == [], "no answer to every message: it is their story"
    assert await kept(line) == []
    [summary] = await line.write("Ferdig!", **who)
    assert "Ingen spurte meg hvordan jeg hadde det." in summary
    assert says(line, "share_may_we", channel=channel) in summary
    assert await kept(line) == []
    [thanks] = await line.write("ja", **who)
    assert thanks.startswith(says(line, "share_kept"))
    assert says(line, "choose") in thanks

    assert await kept(line) == ["Ingen spurte meg hvordan jeg hadde det.\n\nDet gjorde vondt."]
    assert "sharing" not in (await line.contact()).memory


async def test_what_is_kept_holds_a_day_and_no_way_to_anybody(line: Line) -> None:
    await sharing(line)
    await line.write("Jeg var alene om alt.")
    await line.write("ferdig")
    await line.write("ja")

    columns = {column.key for column in Experience.__table__.columns}
    assert columns == {"id", "shared_on", "language", "words", "state", "decided_at", "decided_by"}
    async with line.database.reading() as session:
        [row] = await session.scalars(select(Experience))
    assert row.shared_on == line.clock.now().date()
    assert row.id > 1000, "drawn by lot, so that it tells no order"
    assert b"alene" not in row.words
    kinds = {kind for kind, _ in await line.course()}
    assert kinds == {EntryKind.TEXT_IN, EntryKind.TEXT_OUT}, "no line of the course says that something was kept"


@pytest.mark.parametrize("end", ["nei", "2", "0"])
async def test_without_a_yes_nothing_is_kept(line: Line, end: str) -> None:
    await sharing(line)
    await line.write("Jeg var alene om alt.")
    if end != "0":
        await line.write("ferdig")
    [answer] = await line.write(end)
    assert answer.startswith(says(line, "share_dropped"))
    assert await kept(line) == []
    # And nothing of it comes along the next time.
    await line.write(MORE)
    await line.write(SHARE)
    await line.write("Noe helt annet.")
    await line.write("ferdig")
    await line.write("1")
    assert await kept(line) == ["Noe helt annet."]


async def test_names_and_numbers_are_asked_about_gently_before_the_yes(line: Line) -> None:
    await sharing(line)
    await line.write("Sønnen min Jonas bor på Hamar, ring 912 34 567 eller kari@example.org")
    [asked] = await line.write("ferdig")
    assert asked.startswith("Dette kan vise hvem noen er: «Jonas», «Hamar», «912 34 567», «kari@example.org».")
    assert says(line, "share_may_we") not in asked
    [again] = await line.write("1")
    assert says(line, "share_write") in again
    await line.write("Sønnen min bor langt unna")
    [summary] = await line.write("ferdig")
    assert summary.startswith("Du skrev: «Sønnen min bor langt unna»")
    await line.write("ja")
    assert await kept(line) == ["Sønnen min bor langt unna"]


async def test_whoever_leaves_it_to_the_reader_goes_on_to_the_yes(line: Line) -> None:
    await sharing(line)
    await line.write("Jonas er sønnen min")
    await line.write("ferdig")
    [unclear] = await line.write("hva mener du")
    assert "«Jonas»" in unclear
    [summary] = await line.write("2")
    assert says(line, "share_may_we") in summary
    await line.write("ja")
    assert await kept(line) == ["Jonas er sønnen min"]


async def test_an_edited_message_is_shared_as_it_stands_now(line: Line) -> None:
    await sharing(line, **TELEGRAM)
    await line.write("Jonas er sønnen min", message_id="7", **TELEGRAM)
    await line.write("Jeg er mor", message_id="8", **TELEGRAM)
    await line.write("Han er sønnen min", message_id="7", kind=InboundKind.EDITED, **TELEGRAM)
    await line.write("ferdig", **TELEGRAM)
    await line.write("1", kind=InboundKind.CHOICE, step="share_consent", **TELEGRAM)
    assert await kept(line) == ["Han er sønnen min\n\nJeg er mor"]


async def test_empty_words_and_pictures_are_no_experience(line: Line) -> None:
    await sharing(line, **TELEGRAM)
    [asked] = await line.write("  ", **TELEGRAM)
    assert says(line, "share_write") in asked
    [media] = await line.write(kind=InboundKind.MEDIA, media="photo", **TELEGRAM)
    assert media == says(line, "media_received")
    assert (await line.contact()).step == "share"


async def test_danger_is_answered_first_also_in_the_middle_of_a_story(line: Line) -> None:
    await sharing(line)
    await line.write("Det begynte for to år siden.")
    answers = await line.write("Nå vil jeg ta livet mitt i kveld")
    assert "113" in answers[0].split("\n")[0]
    assert says(line, "share_interrupted") in answers[-1]
    assert await line.states() == [ContactState.WAITING]
    await line.write("ja")
    assert await kept(line) == [], "without a yes to the whole of it nothing is shared"
    [summary] = await line.write("ferdig")
    assert says(line, "share_may_we") in summary
    await line.write("nei")
    assert await kept(line) == []


@pytest.mark.parametrize("who", [{}, TELEGRAM], ids=["sms", "telegram"])
async def test_a_story_that_danger_interrupted_is_gone_on_with_and_none_of_it_is_lost(
    line: Line, who: dict[str, object]
) -> None:
    channel = str(who.get("channel", "sms"))
    story = "Sønnen min har prøvd å ta livet sitt to ganger, og ingen på sykehuset lyttet til meg"
    await sharing(line, **who)
    answers = await line.write(story, **who)
    assert "113" in answers[0]
    assert says(line, "share_interrupted", channel=channel) in answers[-1]
    assert says(line, "share_interrupted", channel=channel) not in " ".join(await line.write(story + " i dag", **who))
    await line.write("hei", **who)

    [again] = await line.write("fortsett", **who)
    assert says(line, "share_noted", channel=channel) in again
    assert says(line, "share_more", channel=channel) in again
    await line.write("Nå går det bedre.", **who)
    [summary] = await line.write("ferdig", **who)
    assert says(line, "share_may_we", channel=channel) in summary
    [thanks] = await line.write("ja", **who)
    assert thanks.startswith(says(line, "share_kept"))
    assert await kept(line) == [f"{story}\n\nNå går det bedre."]
    assert await line.states() == [ContactState.WAITING], "and they keep their place"
    assert says(line, "nothing_to_go_on_with", channel=channel) in (await line.write("fortsett", **who))[-1]


async def test_after_violence_a_story_is_gone_on_with_too_and_a_yes_to_our_writing_shares_nothing(line: Line) -> None:
    await sharing(line)
    await line.write("Det begynte for to år siden.")
    answers = await line.write("Mannen min slår meg nå, han er her")
    assert "112" in answers[0]
    assert says(line, "share_interrupted") in answers[-1]
    assert says(line, "safe_question") in answers[-1]
    [asked] = await line.write("ferdig")
    assert says(line, "safe_question") in asked, "that is answered first"
    await line.write("ja")
    assert await kept(line) == []
    await line.write("ferdig")
    await line.write("ja")
    assert await kept(line) == ["Det begynte for to år siden.\n\nMannen min slår meg nå, han er her"]


async def test_a_heavy_story_reaches_an_advisor_and_can_be_told_to_its_end(line: Line) -> None:
    await line.advisor(on_duty=False)
    await sharing(line)
    await line.write("Det begynte for lenge siden.")
    answers = await line.write("Mannen min slår meg ofte når han er full")
    assert await line.states() == [ContactState.WAITING], "a person reads it, unasked"
    assert says(line, "share_go_on") in answers[-1]
    assert says(line, "safe_question") in answers[-1], "and whether we may write first"
    [asked] = await line.write("Men nå har vi det bedre.")
    assert asked.startswith(says(line, "share_more"))
    assert await line.write("Takk til Jonas.") == []
    [found] = await line.write("ferdig")
    assert found.startswith(says(line, "share_found_quietly"))
    [summary] = await line.write("2")
    assert summary.startswith(says(line, "share_summary_quietly", count="23"))
    for text in (found, summary):
        assert "slår" not in text, "who else holds the telephone reads nothing of it"
        assert "Jonas" not in text
    [thanks] = await line.write("ja")
    assert thanks.startswith(says(line, "share_kept"))
    assert await line.states() == [ContactState.WAITING]
    [story] = await kept(line)
    assert story.startswith("Det begynte")
    assert "slår meg" in story
    assert story.endswith("bedre.\n\nTakk til Jonas.")


async def test_slett_in_the_middle_erases_and_nothing_is_shared(line: Line) -> None:
    await sharing(line)
    await line.write("Jeg var alene om alt.")
    assert await line.write("SLETT") == [says(line, "erased")]
    assert await kept(line) == []
    assert await line.states() == [ContactState.CLOSED]


async def test_in_english_it_is_done_that_ends_the_story(line: Line) -> None:
    who = {"who": KARI}
    await line.write("Hello, my mother is ill and I do not know what to do", **who)
    await line.write(MORE, **who)
    [what_for] = await line.write(SHARE, **who)
    assert what_for.startswith(says(line, "share_for", "en"))
    [noted] = await line.write("Nobody asked how I was doing, not even once.", **who)
    assert "done = I am done" in noted
    await line.write("Done", **who)
    [thanks] = await line.write("yes", **who)
    assert thanks.startswith(says(line, "share_kept", "en"))
    async with line.database.reading() as session:
        [row] = await session.scalars(select(Experience))
    assert row.language == "en"


async def test_no_text_is_longer_than_two_parts(line: Line) -> None:
    texts = []
    await sharing(line)
    for words in ("Sønnen min Jonas bor på Hamar. " * 8, "ferdig", "2", "ja", MORE, SHARE):
        texts += await line.write(words)
    for text in texts:
        assert measure(plain(text)).parts <= 2, text
