"""Danger is answered first, in every state; loops end; what a caller wants erased is gone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind
from helpline.core.duty import Duty
from helpline.core.sms_text import measure, plain
from helpline.core.turn import InboundKind
from helpline.desk import erase
from helpline.store.db import Database, truncate_wal
from helpline.store.tables import Contact, Delivery, InboundEvent, Table
from tests.conftest import MONDAY
from tests.desk.line import KARI, OLA, Line

RED = "Jeg orker ikke leve lenger, jeg skal ta livet mitt i kveld"
RED_NYNORSK = "Eg vil ikkje leve lenger, eg skal ta livet mitt i kveld"


async def test_red_first_words_get_the_number_before_anything_else(line: Line) -> None:
    advisor = await line.advisor()

    answers = await line.write(RED)

    assert "113" in answers[0]
    assert "\n" not in answers[0], "the first text is one number and one action, nothing else"
    assert answers[-1] == "Du står først i køen hos oss. Skriv gjerne mer."
    assert await line.offered_to(advisor) is not None
    contact = await line.contact()
    assert contact.urgency is Urgency.RED
    alarms = await line.entries(EntryKind.ALARM)
    assert alarms[0].data["urgency"] == "red"


async def test_whoever_is_in_danger_hears_the_place_that_is_theirs(line: Line) -> None:
    """Others in danger wrote before them: «first in the queue» would be a promise that nobody keeps."""
    await line.advisor()
    for number in range(3):
        await line.write(RED, who=f"+479000021{number}")

    answers = await line.write(RED)

    assert answers[-1].startswith("Du er nr. 4 i køen.")
    assert (await line.write("rådgiver"))[-1].startswith("Du er nr. 4 i køen.")


async def test_red_is_answered_in_every_state_and_every_time(line: Line) -> None:
    advisor = await line.advisor()
    await line.write("hei")
    seen = []
    for state in ("guided", "offered", "active"):
        seen.append((await line.contact()).state.value)
        assert seen[-1] == state
        for _ in range(2):
            answers = await line.write(RED)
            assert "113" in answers[0], state
        if state == "offered":
            await line.accept(advisor)
        if state == "guided":
            assert await line.states() == [ContactState.OFFERED], "the way to a human is open"

    assert len(await line.entries(EntryKind.ALARM)) == 6


async def test_red_is_answered_also_after_stopp(line: Line) -> None:
    await line.write("hei")
    await line.write("STOPP")

    answers = await line.write(RED)

    assert "113" in answers[0]
    assert all("116" in answer or "113" in answer for answer in answers), "only the red answer goes out"
    assert await line.states() == [ContactState.WAITING]


async def test_red_in_nynorsk_is_answered_in_nynorsk(line: Line) -> None:
    await line.write("hei")
    await line.write("språk")
    await line.write("2")

    answers = await line.write(RED_NYNORSK)

    assert "113" in answers[0]
    assert any(word in " ".join(answers) for word in ("Ikkje", "ikkje", "Kven", "Meldinga", "nokon"))


async def test_red_outside_hours_gets_numbers_heads_the_queue_and_pages_once_an_hour(line: Line) -> None:
    paged = await line.advisor("Vakt", on_duty=False, paged_on_red=True, phone="+4790000111")
    await line.advisor("Ikke paget", on_duty=False, phone="+4790000112")
    await line.advisor("Uten telefon", on_duty=False, paged_on_red=True, phone=None)
    line.clock.set(MONDAY.replace(hour=20))
    await line.write("hei", who=OLA)
    await line.write("1", who=OLA)

    answers = await line.write(RED)
    page = "Et varsel venter i rådgivningstjenesten. Logg inn for å se det."
    assert "113" in answers[0]
    assert page in answers
    assert "Vi har stengt nå og kan ikke svare straks." in answers[-1]
    assert "116 117" in answers[-1]
    assert (await line.to_whom()).count("+4790000111") == 1
    assert not {"+4790000112", None} & set(await line.to_whom())

    line.clock.advance(minutes=59)
    assert page not in await line.write(RED)
    line.clock.advance(minutes=2)
    assert page in await line.write(RED)

    line.clock.set(MONDAY + timedelta(days=1))
    await line.on_duty(paged)
    accepted = await line.accept(paged)
    assert accepted.urgency is Urgency.RED


async def test_red_while_somebody_is_on_duty_pages_nobody(line: Line) -> None:
    await line.advisor()
    await line.advisor("Hjemme", on_duty=False, paged_on_red=True, phone="+4790000111")

    await line.write(RED)

    assert "+4790000111" not in await line.to_whom()


async def test_red_edited_in_is_answered(line: Line) -> None:
    await line.write("hei", channel=Channel.TELEGRAM, who="501")
    answers = await line.write(RED, channel=Channel.TELEGRAM, who="501", kind=InboundKind.EDITED)

    assert "113" in answers[0]
    assert await line.states() == [ContactState.WAITING]


async def test_red_caption_of_a_picture_is_answered(line: Line) -> None:
    answers = await line.write(RED, kind=InboundKind.MEDIA, media="photo", channel=Channel.TELEGRAM, who="501")

    assert "113" in answers[0]


async def test_yellow_is_answered_while_no_advisor_has_the_contact(line: Line) -> None:
    advisor = await line.advisor()
    yellow = "Hun snakker om å dø"
    await line.write("hei")
    answers = await line.write(yellow)
    contact = await line.contact()

    assert contact.urgency is Urgency.YELLOW
    assert len(answers) >= 2
    assert contact.state in IN_QUEUE  # no menu decides whether an advisor gets to see it
    await line.accept(advisor)
    assert await line.write(yellow) == []
    assert len(await line.entries(EntryKind.ALARM)) >= 1


async def test_a_red_contact_that_left_the_queue_is_put_back_and_never_closed_by_the_clock(line: Line) -> None:
    await line.write(RED)
    await line.write("0")
    assert await line.states() == [ContactState.GUIDED]

    for minutes in (16, 24 * 60):
        line.clock.advance(minutes=minutes)
        async with line.database.writing() as session:
            await erase.close_silent(session, house=line.house, now=line.clock.now())
        assert await line.states() == [ContactState.WAITING]


async def test_guided_conversations_that_fell_silent_are_closed(line: Line) -> None:
    await line.write("hei")
    line.clock.advance(hours=11)
    await line.write("hei", who=OLA)
    line.clock.advance(hours=2)
    async with line.database.writing() as session:
        assert await erase.close_silent(session, house=line.house, now=line.clock.now()) == 1

    assert await line.states() == [ContactState.CLOSED, ContactState.GUIDED]
    assert [record.outcome for record in await line.records()] == ["guided"]


def braked(line: Line, limit: int = 4) -> str:
    """Let the brake come early; returns the text that says that we go quiet."""
    line.house = replace(line.house, automatic_per_hour=limit)
    return line.house.phrases.say("going_quiet", language="nb", channel="sms", on=line.clock.now().date())


async def test_the_brake_ends_a_loop_with_one_last_text(line: Line) -> None:
    """Two machines writing to each other come to an end, also when they write of danger."""
    going_quiet = braked(line)
    answers = [await line.write(f"svar {number}") for number in range(7)]
    assert [len(said) for said in answers] == [1, 1, 1, 1, 1, 0, 0]
    assert answers[4] == [going_quiet]
    assert "113" in going_quiet
    assert measure(plain(going_quiet)).parts <= 2
    withheld = {entry.data["error"] for entry in await line.entries(EntryKind.DELIVERY_FAILED)}
    assert withheld == {"brake"}

    red = [text for _ in range(9) for text in await line.write(RED)]
    assert "113" in red[0]
    assert len(red) == 3 * 4 - 5, "three times the limit in all"

    line.clock.advance(hours=1)
    assert await line.write("er det noen der?") != []


async def test_past_the_brake_nobody_in_danger_or_looking_for_a_person_is_met_with_silence(line: Line) -> None:
    braked(line, 30)
    for number in range(32):
        await line.write(f"svar {number}")
    assert await line.write("svar") == []

    assert "113" in (await line.write("hjelp"))[0]
    assert any("116 117" in text for text in await line.write("datteren min snakker om å dø"))
    assert await line.states() == [ContactState.WAITING]
    assert "Du er nr. 1 i køen" in (await line.write("rådgiver"))[-1]
    assert len(await line.write("av listen")) == 1
    assert len(await line.write("stopp")) == 1
    assert len(await line.write("start")) == 1
    assert len(await line.write("slett")) == 1
    # The count stays on the handle, but a new contact is told why it is quiet, and its words work too.
    assert "stille" in (await line.write("hei"))[0]
    assert await line.write("hei") == []
    assert "113" in (await line.write(RED))[0]
    assert await line.write("er du der") != [], "what follows danger is answered too"


async def test_whoever_chooses_an_advisor_past_the_brake_hears_their_place(line: Line) -> None:
    await line.advisor()
    braked(line)
    for number in range(6):
        await line.write(f"svar {number}")

    assert "i køen" in (await line.write("1"))[-1]


async def test_a_person_who_types_does_not_reach_the_brake(line: Line) -> None:
    """«takk» and the hours, again and again: twenty answers were silence."""
    await line.write("hei")
    for _ in range(30):
        assert await line.write("5") != []
        assert await line.write("takk") != []


async def _everything(database: Database) -> str:
    """Every value of every row of every table, sealed ones opened."""
    found = []
    async with database.reading() as session:
        for table in Table.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                for value in row:
                    if isinstance(value, bytes | memoryview):
                        raw = bytes(value)
                        found.append(session.keyring.open(raw) if raw.startswith(b"gAAAA") else raw.hex())
                    else:
                        found.append(str(value))
    return "\n".join(found)


@pytest.mark.parametrize("stage", ["guided", "waiting", "offered", "active"])
async def test_slett_erases_every_word_at_once(line: Line, stage: str) -> None:
    advisor = await line.advisor(on_duty=stage in ("offered", "active"))
    secret = "Fjellrevhemmelighet om Tordenskjold"
    await line.write(secret)
    await line.write("avlastning fjellrev")
    if stage != "guided":
        await line.write("1")
        await line.write(f"mer {secret}")
    if stage == "active":
        await line.accept(advisor)
        await line.write(f"til deg: {secret}")
    assert "Fjellrev" in await _everything(line.database)

    answers = await line.write("SLETT")

    left = await _everything(line.database)
    assert answers == ["Det du skrev til oss, er slettet. Husk å slette hos deg også."]
    for word in ("ellrev", "Tordenskjold", "SLETT", "avlastning"):
        assert word not in left, word
    assert [record.outcome for record in await line.records()] == ["withdrawn"]
    [record] = await line.records()
    assert (record.topics, record.articles_used) == ([], [])
    assert await line.states() == [ContactState.CLOSED]
    assert await line.course() == [(EntryKind.TEXT_OUT, answers[0])]
    assert (await line.now_of(advisor)).duty is (Duty.OFF if stage in ("guided", "waiting") else Duty.ON)

    await line.write("hei igjen")
    assert await line.states() == [ContactState.CLOSED, ContactState.GUIDED]


async def test_after_slett_not_even_the_sealed_words_stay_in_the_file(line: Line) -> None:
    await line.write("hemmelig")
    async with line.database.reading() as session:
        [event] = await session.scalars(select(InboundEvent))
        sealed = [event.payload, *await session.scalars(select(Delivery.body))]
    assert all(sealed)
    await line.write("slett")
    await truncate_wal(line.database)

    if line.database.is_sqlite:
        path = line.database.url.database
        assert path is not None
        for name in (path, f"{path}-wal"):
            with open(name, "rb") as file:
                content = file.read()
            for body in sealed:
                assert body not in content, name
    else:
        async with line.database.reading() as session:
            bodies = await session.scalars(text("SELECT body FROM delivery WHERE body IS NOT NULL"))
            assert not set(bodies) & set(sealed)


async def test_the_confirmation_of_an_erasure_goes_by_the_clock(line: Line) -> None:
    await line.write("hei")
    await line.write("SLETT")
    async with line.database.writing() as session:
        for delivery in await session.scalars(select(Delivery)):
            delivery.state = type(delivery.state).DELIVERED
    line.clock.advance(days=8)
    await line.forget()

    left = await _everything(line.database)
    assert KARI not in left
    assert "slettet" not in left


async def test_slett_while_on_the_telephone_leaves_the_call_alive(line: Line) -> None:
    advisor = await line.advisor()
    await line.turn(channel=Channel.PHONE, kind=InboundKind.CALL, call_sid="CA1")
    await line.turn("1", channel=Channel.PHONE, kind=InboundKind.KEYS, call_sid="CA1", turn=1)
    await line.accept(advisor)
    await line.write("hei på sms")
    await line.write("SLETT")

    call = (await line.contacts())[0]
    assert call.state is ContactState.CONNECTING
    assert call.call_sid == "CA1"
    async with line.database.reading() as session:
        pending = await session.scalars(select(Delivery.kind).where(Delivery.contact_id == call.id))
        assert [kind.value for kind in pending] == ["ring"]


async def test_erasing_a_handle_frees_the_advisor_and_forgets_the_caller(line: Line) -> None:
    advisor = await line.advisor()
    await line.write("Fjellrev")
    await line.write("1")
    await line.accept(advisor)
    async with line.database.writing() as session:
        assert await erase.erase_handle(session, "phone", KARI, house=line.house, now=line.clock.now())
        assert not await erase.erase_handle(session, "phone", OLA, house=line.house, now=line.clock.now())

    left = await _everything(line.database)
    assert "Fjellrev" not in left
    assert KARI not in left
    assert (await line.now_of(advisor)).duty is Duty.ON
    async with line.database.reading() as session:
        assert (await session.scalars(select(Contact.caller_id))).all() == [None]
