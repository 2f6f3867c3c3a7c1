"""The rights guide, the letter and the other ways on the telephone, key by key, over real webhooks."""

from collections.abc import AsyncIterator

import pytest

from helpline.core.contact import ContactState
from helpline.store import drafts, records
from helpline.store.tables import DraftKind
from tests.channels.voice_house import Line, telephone_line


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    async with telephone_line(database_url) as running:
        yield running


async def guide(line: Line) -> str:
    """As far as the first question of the rights guide."""
    await line.advisor()
    sid = await line.ring()
    await line.press(sid, "4")
    return sid


async def press(line: Line, sid: str, *keys: str) -> str:
    """Press keys one after the other, and listen to what comes after the last."""
    count = line.count(sid)
    for key in keys:
        count = line.count(sid)
        await line.press(sid, key)
    return line.heard_since(sid, count)


async def given(line: Line, sid: str) -> dict[str, object]:
    contact = await line.contact(sid)
    async with line.parts.database.reading() as session:
        draft = await drafts.newest(session, contact.id, DraftKind.RIGHTS, now=line.clock.now())
        assert draft is not None
        return {name: value for name, value in drafts.answers(session, draft).items() if name != "open"}


#: Daughter of somebody of 70 who needs help; the rest is not known.
WHOLE = ("2", "2", "5", "2", "#", "9", "4", "3", "3", "#", "1", "9", "9", "2")


async def test_the_questions_are_asked_for_the_ear_and_lead_to_the_rights(line: Line) -> None:
    sid = await guide(line)
    heard = line.heard(sid)
    assert "Når som helst kan du taste 0 for en rådgiver" in heard
    assert "Hvem er du for den som er syk? Mor eller far, tast 1." in heard

    heard = await press(line, sid, *WHOLE)
    answers = await given(line, sid)
    assert answers["county"] == "unknown"
    assert (answers["relation"], answers["need"], answers["children"]) == ("child", ["help"], ["none"])
    result = line.parts.house.rights.apply(answers, line.clock.now().date())
    assert f"{len(result.applies)} rettigheter" in heard
    first = await press(line, sid, "1")
    rights = [*result.applies, *(one.right for one in result.may_apply)]
    assert f"Rettighet 1 av {len(rights)}." in first
    assert rights[0].spoken["nb"].split(".")[0] in first
    again = await press(line, sid, "2")
    assert "Rettighet 1 av" in again
    second = await press(line, sid, "1")
    assert "Rettighet 2 av" in second
    last = await press(line, sid, *["1"] * (len(rights) - 1))
    assert "Det var alle." in last
    assert "Rettighet 1 av" in await press(line, sid, "2")
    await press(line, sid, "0")
    assert (await line.contact(sid)).state is ContactState.OFFERED


async def test_the_county_is_read_out_eight_at_a_time_and_what_is_keyed_is_the_one_just_heard(line: Line) -> None:
    sid = await guide(line)
    heard = await press(line, sid, *WHOLE[:-3])
    assert "Hvilket fylke bor den syke i? Oslo, tast 1. Rogaland, tast 2." in heard
    assert heard.count("tast") == 9
    assert "Østfold, tast 6." in heard
    assert "Flere svar, tast 9." in heard
    more = await press(line, sid, "9")
    assert "Hvilket fylke bor den syke i? Innlandet, tast 1." in more
    assert "Oslo" not in more
    last = await press(line, sid, "9")
    assert "Utlandet, tast 1. Vet ikke, tast 2." in last
    wrong = await press(line, sid, "3")
    assert "Det valget kjenner vi ikke." in wrong
    assert "Utlandet, tast 1." in wrong
    assert "county" not in await given(line, sid)
    round_again = await press(line, sid, "9")
    assert "Oslo, tast 1." in round_again
    result = await press(line, sid, "9", "5")
    assert (await given(line, sid))["county"] == "46"
    assert "rettigheter" in result
    back = await press(line, sid, "*", "1")
    assert "Hvilket fylke bor den syke i?" in back, "after a step back it is read from the first"
    assert "Oslo, tast 1." in back
    await press(line, sid, "1")
    answers = await given(line, sid)
    assert answers["county"] == "03"
    rights = line.parts.house.rights.apply(answers, line.clock.now().date()).applies
    assert "oslo_standard" in [right.id for right in rights]


async def test_a_right_that_may_apply_says_so(line: Line) -> None:
    sid = await guide(line)
    await press(line, sid, "1", "6", "9", "9", "4", "3", "4", "4", "1")
    answers = await given(line, sid)
    result = line.parts.house.rights.apply(answers, line.clock.now().date())
    assert result.may_apply
    heard = await press(line, sid, "1", *["1"] * len(result.applies))
    assert "Dette kan gjelde." in heard


@pytest.mark.parametrize("at", range(len(WHOLE) + 2))
async def test_the_same_keys_mean_the_same_at_every_question(line: Line, at: int) -> None:
    """0 a person, star the other ways, and from there: a step back, emergency numbers, the language."""
    sid = await guide(line)
    await press(line, sid, *WHOLE[:at])
    if at > len(WHOLE):
        await press(line, sid, "1")
    before = await given(line, sid)
    step = (await line.contact(sid)).step
    for keys, heard in (
        (("*", "2"), "Fare for liv"),
        (("*", "3", "1"), ""),
        (("*", "6"), ""),
        (("*", "8"), ""),
        (("*", "5", "2"), ""),
    ):
        said = await press(line, sid, *keys)
        assert heard in said
        assert (await line.contact(sid)).step == step, keys
        assert await given(line, sid) == before, keys
    english = await press(line, sid, "*", "3", "3")
    assert (await line.contact(sid)).language == "en"
    assert "press 1" in english or "You have chosen" in english
    await press(line, sid, "*", "1")
    after = await given(line, sid)
    if not before:
        assert (await line.contact(sid)).step == "again"
    else:
        assert len(after) < len(before)
    await press(line, sid, "0")
    assert (await line.contact(sid)).state is ContactState.OFFERED


async def test_hash_skips_where_that_is_allowed(line: Line) -> None:
    sid = await guide(line)
    heard = await press(line, sid, "#")
    assert "Dette svaret trenger vi" in heard
    assert await given(line, sid) == {}
    picked = await press(line, sid, "2", "2", "5", "2")
    assert "Du har valgt: Hjelp til den syke eller avlastning for meg." in picked
    picked = await press(line, sid, "1", "2")
    assert "Du har valgt: Få vite noe og bli hørt." in picked, "the same key takes it back"
    assert "Hva slags sykdom" in await press(line, sid, "#")
    await press(line, sid, "#")
    answers = await given(line, sid)
    assert (answers["need"], answers["illness"]) == (["information"], None)


async def test_a_wrong_key_asks_again_and_silence_leads_to_a_person(line: Line) -> None:
    sid = await guide(line)
    heard = await press(line, sid, "8")
    assert "Det valget kjenner vi ikke." in heard
    assert "Hvem er du for den som er syk?" in heard
    await line.wait(8)
    assert "Vi hørte ingen tast." in line.heard(sid)
    await press(line, sid, "1")
    assert (await line.contact(sid)).step == "rights_questions"
    await line.wait(20)
    assert (await line.contact(sid)).state is ContactState.OFFERED


async def test_what_is_keyed_in_can_be_erased_in_the_call(line: Line) -> None:
    sid = await guide(line)
    await press(line, sid, "2", "2", "5")
    contact = await line.contact(sid)
    heard = await press(line, sid, "*", "5", "1")

    assert "Det er slettet. Ha det." in heard
    assert line.status(sid) == "completed"
    async with line.parts.database.reading() as session:
        assert await drafts.last_of_contact(session, contact.id, now=line.clock.now()) is None
        record = await records.of_contact(session, contact.id)
    assert record is not None
    assert record.outcome == "withdrawn"
    assert len((await line.everything())[0]) <= 1, "and no second contact begins with the end of the call"


async def test_a_letter_is_written_together_with_an_advisor(line: Line) -> None:
    await line.advisor()
    sid = await line.ring()
    heard = await press(line, sid, "5")
    assert "sammen med en rådgiver" in heard
    assert "Vi sender det ikke til noen." in heard
    article = line.parts.house.library.article("bekymringsmelding", "nb", line.clock.now().date())
    assert article is not None
    assert article.spoken.split(".")[1] in await press(line, sid, "2")
    await press(line, sid, "1")
    assert (await line.contact(sid)).state is ContactState.OFFERED


async def test_the_guide_answers_while_we_are_closed(database_url: str) -> None:
    async with telephone_line(database_url, is_open=False) as line:
        sid = await line.ring()
        assert "For rettigheter, tast 4." in line.heard(sid)
        assert "Hvem er du for den som er syk?" in await press(line, sid, "4")
        assert "Vi har stengt nå." in await press(line, sid, "0")


async def test_a_caller_who_heard_their_rights_was_guided(line: Line) -> None:
    sid = await guide(line)
    await press(line, sid, *WHOLE, "1")
    contact = await line.contact(sid)
    await line.hang_up(sid)
    async with line.parts.database.reading() as session:
        record = await records.of_contact(session, contact.id)
    assert record is not None
    assert record.outcome == "guided"
    assert record.articles_used
