"""Whole calls, walked as the caller and the advisor live them, against both databases."""

from collections.abc import AsyncIterator

import pytest

from helpline.channels import twiml
from helpline.core.codes import Outcome, Urgency
from helpline.core.contact import ContactState, EntryKind, Wish
from helpline.core.duty import Duty
from helpline.desk import leg, offer
from helpline.errors import HelplineError
from helpline.simulator.calls import Manner
from helpline.store import contacts, offers
from helpline.store.tables import Advisor
from tests.channels.voice_house import ADVISOR_PHONE, CALLER, OTHER_CALLER, SECOND_PHONE, Line, telephone_line


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    async with telephone_line(database_url) as started:
        yield started
        assert started.alerts() == []


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[Line]:
    """The same on SQLite alone, for what no database can change."""
    async with telephone_line(sqlite_url) as started:
        yield started
        assert started.alerts() == []


async def in_conversation(line: Line) -> tuple[str, str]:
    """A caller and an advisor who talk with each other: their calls."""
    advisor = await line.advisor()
    sid = await line.ring()
    await line.press(sid, "1")
    phone = await line.accept(advisor)
    await line.answer(phone)
    await line.press(phone, "5")
    return sid, phone


async def test_from_the_first_ring_to_the_record(line: Line) -> None:
    advisor = await line.advisor()
    sid = await line.ring()
    assert line.heard(sid).startswith("Hei. Du har ringt rådgivningstelefonen for pårørende. Er det fare for liv")
    assert "ring 1 1 3" in line.heard(sid)
    assert line.expects(sid) == "digits"

    await line.press(sid, "1")
    assert "Du er nummer 1 i køen." in line.heard(sid)
    assert "minutter" not in line.heard(sid), "somebody is free, so no long wait is expected"
    await line.wait(30)
    phone = await line.accept(advisor)
    assert line.status(phone) == "ringing"
    assert await line.duty_of(advisor) is Duty.BUSY

    await line.answer(phone)
    assert line.heard(phone) == "En pårørende venter på rådgivningstelefonen. Tast en tast for å svare."
    assert line.expects(sid) in ("queue", "digits"), "the caller waits until a key is pressed"
    await line.wait(2)
    await line.press(phone, "5")
    assert line.heard(sid).endswith("En rådgiver er klar. Vi setter deg over nå. connected")
    assert line.heard(phone).endswith("connected")
    contact = await line.contact(sid)
    assert contact.state is ContactState.ACTIVE
    assert contact.answered_at == line.clock.now()

    line.calls.speak(sid, "Hei, jeg er sliten.")
    assert line.heard(phone).endswith("Hei, jeg er sliten.")
    await line.wait(60)
    await line.hang_up(sid)
    assert line.status(phone) == "completed"
    assert (await line.contact(sid)).state is ContactState.WRAP_UP
    assert await line.duty_of(advisor) is Duty.WRAP_UP

    await line.wait(20)
    await line.close(contact.id, advisor)
    assert await line.duty_of(advisor) is Duty.ON
    assert await line.course(sid) == [
        EntryKind.KEY,
        EntryKind.QUEUED,
        EntryKind.OFFERED,
        EntryKind.ACCEPTED,
        EntryKind.RINGING,
        EntryKind.BRIDGED,
        EntryKind.ENDED,
        EntryKind.CLOSED,
    ]
    _, (record,), _ = await line.everything()
    assert (record.outcome, record.waited_seconds, record.handled_seconds) == ("counselled", 32, 82)
    assert (record.channel, record.caller_status) == ("phone", "new")


async def test_the_advisor_hangs_up_and_the_caller_hears_goodbye(quick: Line) -> None:
    sid, phone = await in_conversation(quick)
    await quick.hang_up(phone)
    assert quick.heard(sid).endswith("Samtalen er slutt. Ha det.")
    assert quick.status(sid) == "completed"
    assert (await quick.contact(sid)).state is ContactState.WRAP_UP


async def test_a_key_cuts_the_welcome_short_only_where_it_stands(quick: Line) -> None:
    """The menu: numbers, hours, English, a key we do not know, silence, and silence again."""
    await quick.advisor()
    sid = await quick.ring()
    for key, words in [
        ("2", "Kirkens SOS 2 2, 4 0, 0 0, 4 0"),
        ("3", "Vi har åpent nå. Alle dager kl. 10–15."),
        ("7", "Det valget kjenner vi ikke."),
        ("#", "Det valget kjenner vi ikke."),
        ("9", "To talk with an advisor, press 1."),
    ]:
        before = quick.count(sid)
        await quick.press(sid, key)
        assert words in quick.heard_since(sid, before)
        assert quick.expects(sid) == "digits"
    assert (await quick.contact(sid)).language == "en"
    await quick.wait(6)
    assert quick.heard(sid).endswith("If you would rather be called back and keep your place, press 1.")
    assert "You are number 1 in the queue." in quick.heard(sid)
    assert quick.expects(sid) == "digits", "keys are taken in the wait document"
    assert (await quick.contact(sid)).state is ContactState.OFFERED


async def test_english_is_offered_in_english(quick: Line) -> None:
    await quick.advisor()
    sid = await quick.ring()
    offered = [line for line in quick.calls.leg(sid).heard if "English" in line.text]
    assert [(line.text, line.language) for line in offered] == [("For English, press 9.", "en-GB")]
    before = quick.count(sid)
    await quick.press(sid, "9")
    heard = [(line.text, line.language) for line in quick.calls.leg(sid).heard[before:] if line.sound == "say"]
    assert heard[-1] == ("For norsk, tast 9.", "nb-NO"), "the way back, for those who understand no English"
    assert {language for _, language in heard[:-1]} == {"en-GB"}
    assert not any("English" in text for text, _ in heard), "not to one who has it"
    before = quick.count(sid)
    await quick.press(sid, "9")
    assert quick.heard_since(sid, before).startswith("Hva vil du?")
    assert (await quick.contact(sid)).language == "nb"


async def test_a_language_chosen_in_an_earlier_call_is_kept_with_the_way_back_said_first(quick: Line) -> None:
    await quick.advisor()
    first = await quick.ring()
    await quick.press(first, "9")
    await quick.hang_up(first)

    sid = await quick.ring()
    heard = [(line.text, line.language) for line in quick.calls.leg(sid).heard if line.sound == "say"]
    assert heard[0] == ("For norsk, tast 9.", "nb-NO")
    assert heard[1] == ("Hello. You have called the advice telephone for relatives.", "en-GB")
    await quick.press(sid, "9")
    await quick.hang_up(sid)

    sid = await quick.ring()
    heard = [(line.text, line.language) for line in quick.calls.leg(sid).heard if line.sound == "say"]
    assert heard[0] == ("Hei. Du har ringt rådgivningstelefonen for pårørende.", "nb-NO")


@pytest.mark.parametrize("is_open", [True, False])
async def test_the_way_back_is_said_first_also_when_nobody_answers(sqlite_url: str, is_open: bool) -> None:
    async with telephone_line(sqlite_url, is_open=is_open) as line:
        first = await line.ring()
        await line.press(first, "9")
        await line.hang_up(first)
        sid = await line.ring()
        heard = [(said.text, said.language) for said in line.calls.leg(sid).heard if said.sound == "say"]
        assert heard[0] == ("For norsk, tast 9.", "nb-NO")
        assert heard[1][0].startswith("Hello.")
        await line.press(sid, "9")
        assert (await line.contact(sid)).language == "nb"
        await line.hang_up(sid)


async def test_silence_is_asked_once_more_and_then_let_through_to_a_person(quick: Line) -> None:
    await quick.advisor()
    sid = await quick.ring()
    await quick.wait(6)
    assert (await quick.contact(sid)).state is ContactState.GUIDED
    await quick.wait(6)
    assert (await quick.contact(sid)).state is ContactState.OFFERED


async def test_the_advisor_does_not_answer(line: Line) -> None:
    """Back to the head of the queue, the caller never notices; the advisor is paused; the next one is asked."""
    first = await line.advisor()
    sid = await line.ring()
    other = await line.ring(OTHER_CALLER)
    await line.press(sid, "1")
    await line.press(other, "1")
    before = line.count(sid)
    phone = await line.accept(first)
    await line.wait(26)
    assert line.status(phone) == "no-answer"
    assert (await line.contact(sid)).state is ContactState.WAITING
    assert (await line.contact(sid)).advisor_id is None
    assert await line.duty_of(first) is Duty.PAUSE
    second = await line.advisor("Rådgiver To", SECOND_PHONE)
    phone = await line.accept(second)
    await line.answer(phone)
    await line.press(phone, "1")
    heard = line.heard_since(sid, before)
    assert "Du er nummer 1 i køen." in heard, "the place has not changed"
    assert heard.endswith("connected")
    assert (await line.contact(sid)).advisor_id == second.id


@pytest.mark.parametrize("manner", [Manner.VOICEMAIL, Manner.BUSY, Manner.UNREACHABLE, Manner.ANSWERS])
async def test_a_telephone_that_nobody_takes_counts_as_unanswered(quick: Line, manner: Manner) -> None:
    """A voicemail and a pocket press no key; a wrong number fails at once."""
    quick.calls.behave(ADVISOR_PHONE, manner)
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    phone = await quick.accept(advisor)
    await quick.wait(7)
    assert quick.status(phone) in ("completed", "busy", "failed")
    assert (await quick.contact(sid)).state is ContactState.WAITING
    assert await quick.duty_of(advisor) is Duty.PAUSE
    assert EntryKind.LEG_FAILED in await quick.course(sid)
    assert quick.status(sid) == "in-progress"
    if manner in (Manner.VOICEMAIL, Manner.ANSWERS):
        assert quick.heard(phone).endswith("Du trykket ingen tast, så vi spør en annen. Ha det.")


async def test_the_caller_hangs_up_while_the_telephone_rings(line: Line) -> None:
    advisor = await line.advisor()
    sid = await line.ring()
    await line.press(sid, "1")
    await line.wait(15)
    phone = await line.accept(advisor)
    await line.hang_up(sid)
    assert line.status(phone) == "canceled"
    assert await line.duty_of(advisor) is Duty.ON
    _, (record,), _ = await line.everything()
    assert (record.outcome, record.waited_seconds, record.handled_seconds) == ("abandoned", 15, None)


async def test_the_caller_hangs_up_just_as_the_advisor_takes_the_call(line: Line) -> None:
    """They never met: it counts as left, and the advisor is free for the next."""
    advisor = await line.advisor()
    sid = await line.ring()
    await line.press(sid, "1")
    await line.wait(12)
    phone = await line.accept(advisor)
    await line.answer(phone)
    line.calls.press(phone, "1")
    await line.calls.settled()
    # The order to fetch the caller is written down, and not carried out yet.
    line.calls.hang_up(sid)
    await line.settle()
    assert (await line.contact(sid)).outcome is Outcome.ABANDONED
    assert line.status(phone) == "completed"
    assert await line.duty_of(advisor) is Duty.ON
    assert EntryKind.BRIDGED not in await line.course(sid)


async def test_the_advisor_goes_again_before_the_two_have_met(quick: Line) -> None:
    """The caller waits on with the place kept."""
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    phone = await quick.accept(advisor)
    await quick.answer(phone)
    quick.calls.press(phone, "1")
    await quick.calls.settled()
    quick.calls.hang_up(phone)
    await quick.settle()
    assert (await quick.contact(sid)).state is ContactState.WAITING
    assert quick.expects(sid) in ("queue", "digits")
    assert await quick.duty_of(advisor) is Duty.PAUSE
    await quick.on_duty(advisor)
    # The same advisor is asked again after a while; nobody else is there.
    await quick.wait(121)
    await quick.sweep("offers")
    phone = await quick.accept(advisor)
    await quick.answer(phone)
    await quick.press(phone, "1")
    assert quick.heard(sid).endswith("connected")


@pytest.mark.parametrize(("pressed_after", "outcome"), [(3, Outcome.SHORT_ABANDON), (11, Outcome.ABANDONED)])
async def test_leaving_the_queue(quick: Line, pressed_after: int, outcome: Outcome) -> None:
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    await quick.wait(pressed_after)
    await quick.hang_up(sid)
    assert (await quick.contact(sid)).outcome is outcome
    assert await quick.course(sid) == [
        EntryKind.KEY,
        EntryKind.QUEUED,
        EntryKind.OFFERED,
        EntryKind.LEFT,
        EntryKind.OFFER_CANCELLED,
        EntryKind.CLOSED,
    ]
    assert await quick.duty_of(advisor) is Duty.ON


async def test_leaving_the_menu(quick: Line) -> None:
    await quick.advisor()
    sid = await quick.ring()
    await quick.hang_up(sid)
    assert (await quick.contact(sid)).outcome is Outcome.LEFT_MENU


async def test_the_place_that_is_said_is_never_worse(quick: Line) -> None:
    """Others may be let in ahead for danger; the one who waits does not go backwards."""
    await in_conversation(quick)
    first = await quick.ring("+4790000007")
    await quick.press(first, "1")
    second = await quick.ring("+4790000008")
    await quick.press(second, "1")
    assert "Du er nummer 2 i køen. Ventetiden er omtrent 40 minutter." in quick.heard(second)
    await quick.hang_up(first)
    before = quick.count(second)
    await quick.wait(51)
    assert "Du er nummer 1 i køen. Ventetiden er omtrent 20 minutter." in quick.heard_since(second, before)
    third = await quick.ring("+4790000009")
    await quick.press(third, "1")
    async with quick.parts.database.writing() as session:
        overtaking = await contacts.by_id(session, (await quick.contact(third)).id)
        assert overtaking is not None
        overtaking.urgency = Urgency.RED
    before = quick.count(second)
    await quick.wait(51)
    assert "Du er nummer 1 i køen." in quick.heard_since(second, before)
    assert "nummer 2" not in quick.heard_since(second, before)


async def test_two_calls_from_one_number_are_two_contacts(quick: Line) -> None:
    await quick.advisor()
    first, second = await quick.ring(), await quick.ring()
    assert (await quick.contact(first)).id != (await quick.contact(second)).id
    assert (await quick.contact(first)).caller_id == (await quick.contact(second)).caller_id


# Rung back instead.


async def asked_for_callback(line: Line, number: str | None = CALLER) -> str:
    """A caller in the queue who pressed 1 to be rung back."""
    sid = await line.ring(number)
    await line.press(sid, "1")
    await line.wait(1)
    await line.press(sid, "1")
    return sid


async def take(line: Line, advisor: Advisor) -> None:
    """Accept what is held out; nothing rings yet for one who is to be rung back."""
    async with line.parts.database.writing() as session:
        found = await session.get(Advisor, advisor.id)
        standing = await offers.open_for_advisor(session, advisor.id)
        assert found is not None
        assert standing is not None
        await offer.accept(session, standing.id, house=line.parts.house, advisor=found, now=line.clock.now())


async def ring_back(line: Line, advisor: Advisor, sid: str) -> str:
    """The advisor's telephone rings; the caller's follows when it is taken with a key."""
    contact = await line.contact(sid)
    async with line.parts.database.writing() as session:
        found = await session.get(Advisor, advisor.id)
        assert found is not None
        await leg.ring_back(session, contact.id, advisor=found, now=line.clock.now())
    await line.settle()
    return line.newest(ADVISOR_PHONE)


async def test_rung_back_at_the_own_number_with_the_place_kept(line: Line) -> None:
    advisor = await line.advisor()
    sid = await asked_for_callback(line)
    assert line.heard(sid).endswith("ringer fra? For ja, tast 1. For et annet nummer, tast 2.")
    waiting_since = (await line.contact(sid)).waiting_since
    await line.press(sid, "1")
    assert "Er det trygt for deg at vi ringer dette nummeret?" in line.heard(sid)
    await line.press(sid, "1")
    assert line.heard(sid).endswith("Da ringer vi deg. Du beholder plassen din. Ha det.")
    assert line.status(sid) == "completed"
    contact = await line.contact(sid)
    assert (contact.state, contact.wish, contact.waiting_since) == (ContactState.OFFERED, Wish.CALLBACK, waiting_since)

    await line.leap(20)
    await take(line, advisor)
    phone = await ring_back(line, advisor, sid)
    await line.answer(phone)
    assert line.heard(phone) == "En pårørende har bedt om å bli ringt opp. Tast en tast, så ringer vi innringeren."
    await line.press(phone, "1")
    assert line.heard(phone).endswith("Vent litt.")
    theirs = line.newest(CALLER)
    assert line.status(theirs) == "ringing"
    assert EntryKind.BRIDGED not in await line.course(sid), "nobody is on the line yet"
    await line.wait(5)
    await line.answer(theirs)
    assert line.heard(theirs) == "Hei. Du ba om å bli ringt opp. Vi setter deg over nå. connected"
    assert line.heard(phone).endswith("connected")
    assert (await line.course(sid))[-1] is EntryKind.BRIDGED
    assert (await line.contact(sid)).answered_at == line.clock.now()
    await line.hang_up(theirs)
    assert line.status(phone) == "completed"
    assert (await line.contact(sid)).state is ContactState.WRAP_UP
    await line.close(contact.id, advisor, Outcome.CALLBACK_DONE)
    _, (record,), _ = await line.everything()
    assert (record.outcome, record.waited_seconds) == ("callback_done", 26)


async def test_not_reached_when_rung_back_and_tried_again(quick: Line) -> None:
    quick.calls.behave(CALLER, Manner.BUSY)
    advisor = await quick.advisor()
    sid = await asked_for_callback(quick)
    await quick.press(sid, "1")
    await quick.press(sid, "1")
    await take(quick, advisor)
    phone = await ring_back(quick, advisor, sid)
    await quick.answer(phone)
    await quick.press(phone, "1")
    assert quick.status(quick.newest(CALLER)) == "busy"
    assert quick.status(phone) == "completed"
    assert (await quick.contact(sid)).state is ContactState.WRAP_UP
    assert (await quick.contact(sid)).answered_at is None
    course = await quick.course(sid)
    assert EntryKind.LEG_FAILED in course
    assert EntryKind.BRIDGED not in course
    quick.calls.behave(CALLER, Manner.RINGS)
    phone = await ring_back(quick, advisor, sid)
    await quick.answer(phone)
    await quick.press(phone, "1")
    await quick.answer(quick.newest(CALLER))
    assert quick.heard(phone).endswith("connected")
    assert (await quick.course(sid)).count(EntryKind.BRIDGED) == 1


async def test_the_advisor_who_rings_back_goes_before_the_caller_answers(quick: Line) -> None:
    advisor = await quick.advisor()
    sid = await asked_for_callback(quick)
    await quick.press(sid, "1")
    await quick.press(sid, "1")
    await take(quick, advisor)
    phone = await ring_back(quick, advisor, sid)
    await quick.wait(26)
    assert quick.status(phone) == "no-answer"
    assert (await quick.contact(sid)).state is ContactState.ACTIVE, "it stays with the advisor who asked for it"
    phone = await ring_back(quick, advisor, sid)
    await quick.answer(phone)
    await quick.press(phone, "1")
    await quick.hang_up(phone)
    assert quick.status(quick.newest(CALLER)) == "canceled"
    assert (await quick.contact(sid)).state is ContactState.WRAP_UP


async def test_the_advisor_who_rings_back_and_presses_no_key_keeps_the_contact(quick: Line) -> None:
    advisor = await quick.advisor()
    sid = await asked_for_callback(quick)
    await quick.press(sid, "1")
    await quick.press(sid, "1")
    await take(quick, advisor)
    phone = await ring_back(quick, advisor, sid)
    await quick.answer(phone)
    await quick.wait(7)
    assert quick.heard(phone).endswith("Du trykket ingen tast, så vi ringer ikke innringeren nå. Ha det.")
    assert (await quick.contact(sid)).state is ContactState.ACTIVE


@pytest.mark.parametrize(
    ("language_key", "read_back"),
    [
        ("", "Du tastet pluss 4 6, 8, 1 2 3, 4 5 6, 7 8."),
        ("9", "You keyed in plus 4 6, 8, 1 2 3, 4 5 6, 7 8."),
    ],
)
async def test_a_foreign_number_is_read_back_digit_by_digit(quick: Line, language_key: str, read_back: str) -> None:
    await quick.advisor()
    sid = await quick.ring(None)
    if language_key:
        await quick.press(sid, language_key)
    await quick.press(sid, "1")
    await quick.wait(1)
    await quick.press(sid, "1")
    await quick.press(sid, "0046812345678#")
    assert read_back in quick.heard(sid)


@pytest.mark.parametrize("number", [CALLER, None])
async def test_rung_back_at_another_number(quick: Line, number: str | None) -> None:
    """A withheld number is not asked whether it is the one to ring."""
    advisor = await quick.advisor()
    sid = await asked_for_callback(quick, number)
    if number is not None:
        await quick.press(sid, "2")
    assert quick.heard(sid).endswith("Tast nummeret ditt, og avslutt med firkant.")
    assert "nummeret du ringer fra" not in quick.heard(sid) or number is not None
    for wrong in ("113#", "12345678901234567890#", "116117#"):
        before = quick.count(sid)
        await quick.press(sid, wrong)
        assert quick.heard_since(sid, before).startswith("Det ser ikke ut som et telefonnummer.")
    await quick.press(sid, "90000054#")
    assert quick.heard(sid).endswith(
        "Du tastet 9 0, 0 0, 0 0, 5 4. Er nummeret riktig? Hvis det stemmer, tast 1. For å taste på nytt, tast 2."
    )
    await quick.press(sid, "2")
    assert quick.heard(sid).endswith("Tast nummeret ditt, og avslutt med firkant.")
    assert (await quick.contact(sid)).callback_sealed is None
    await quick.press(sid, "90000055#")
    await quick.press(sid, "1")
    assert "Er det trygt for deg" in quick.heard(sid)
    await quick.press(sid, "1")
    await take(quick, advisor)
    phone = await ring_back(quick, advisor, sid)
    await quick.answer(phone)
    await quick.press(phone, "1")
    assert quick.status(quick.newest("+4790000055")) == "ringing"
    async with quick.parts.database.reading() as session:
        shown = [entry.data for entry in await contacts.entries(session, (await quick.contact(sid)).id)]
    assert {"keys": "8 siffer"} in shown, "a number is never shown in the course"
    assert "90000055" not in str(shown)


async def test_a_number_that_is_not_safe_is_never_rung_and_the_place_is_kept(line: Line) -> None:
    advisor = await line.advisor()
    sid = await line.ring()
    await line.press(sid, "1")
    waiting_since = (await line.contact(sid)).waiting_since
    await line.wait(12)
    await line.press(sid, "1")
    await line.press(sid, "1")
    before = line.count(sid)
    await line.press(sid, "2")
    assert line.heard_since(sid, before).startswith("Da ringer vi ikke. Du beholder plassen din i køen.")
    contact = await line.contact(sid)
    assert (contact.state, contact.wish, contact.step) == (ContactState.OFFERED, Wish.TALK, "waiting")
    assert (contact.waiting_since, contact.callback_sealed) == (waiting_since, None)
    with pytest.raises(HelplineError, match="ikke noe nummer"):
        await ring_back(line, advisor, sid)
    phone = await line.accept(advisor)
    await line.answer(phone)
    await line.press(phone, "1")
    assert line.heard(sid).endswith("connected"), "the caller stands in the sound queue again"


KEPT = "Du beholder plassen din i køen."


@pytest.mark.parametrize(
    ("pressed", "said"),
    [
        pytest.param((None,), KEPT, id="no key"),
        pytest.param(("7", None), KEPT, id="a wrong key, then none"),
        pytest.param(("2", None), KEPT, id="no number"),
        pytest.param(("2", "113#", None), KEPT, id="a wrong number, then none"),
        pytest.param(("1", None), KEPT, id="not called safe"),
        pytest.param(("1", "7", None), KEPT, id="a wrong key for safe, then none"),
        pytest.param(("1", "2"), KEPT, id="not safe"),
        pytest.param(("2", "90000055#", None), KEPT, id="another number, not confirmed"),
        pytest.param(("2", "90000055#", "7", None), KEPT, id="a wrong key for the number, then none"),
        pytest.param(("2", "90000055#", "2", None), KEPT, id="another number to be keyed in anew, then none"),
        pytest.param(("2", "90000055#", "1", None), KEPT, id="another number, not called safe"),
        pytest.param(("2", "90000055#", "1", "2"), KEPT, id="another number, not safe"),
        pytest.param(("1", "1"), "Du beholder plassen din. Ha det.", id="safe"),
    ],
)
async def test_no_way_out_of_the_callback_questions_loses_the_place(
    quick: Line, pressed: tuple[str | None, ...], said: str
) -> None:
    """None is no key, until we have given up asking."""
    await quick.advisor()
    first, second = await quick.ring(), await quick.ring(OTHER_CALLER)
    for sid in (first, second):
        await quick.press(sid, "1")
    waiting_since = (await quick.contact(first)).waiting_since
    await quick.wait(1)
    await quick.press(first, "1")
    before = quick.count(first)
    for keys in pressed:
        before = quick.count(first)
        if keys is None:
            await quick.wait(11)
        else:
            await quick.press(first, keys)
    assert said in quick.heard_since(first, before)
    contact = await quick.contact(first)
    assert (contact.state, contact.waiting_since) == (ContactState.OFFERED, waiting_since)
    assert (contact.callback_sealed is None) == (contact.wish is Wish.TALK), "a number is kept only to be rung"
    async with quick.parts.database.reading() as session:
        assert await contacts.place_in_queue(session, contact) == 1
        assert await contacts.place_in_queue(session, await quick.contact(second)) == 2


async def test_closed_and_not_safe_to_be_rung_back(sqlite_url: str) -> None:
    """Once more that we are closed and who answers day and night; never just the end of the call."""
    async with telephone_line(sqlite_url, is_open=False) as line:
        sid = await line.ring()
        await line.press(sid, "1")
        await line.press(sid, "1")
        before = line.count(sid)
        await line.press(sid, "2")
        assert line.heard_since(sid, before).startswith("Da ringer vi ikke. Vi har stengt nå.")
        assert "1 1 6, 1 2 3" in line.heard_since(sid, before)
        assert "plassen din i køen" not in line.heard(sid)
        await line.hang_up(sid)
        contact = await line.contact(sid)
        assert (contact.outcome, contact.callback_sealed) == (Outcome.CLOSED_HOURS, None)


async def test_a_number_keyed_in_but_not_called_safe_is_never_rung(quick: Line) -> None:
    advisor = await quick.advisor()
    sid = await asked_for_callback(quick)
    await quick.press(sid, "1")
    await quick.wait(7)
    assert quick.expects(sid) in ("queue", "digits"), "silence goes back to the line"
    phone = await quick.accept(advisor)
    await quick.answer(phone)
    await quick.press(phone, "1")
    await quick.hang_up(sid)
    with pytest.raises(HelplineError, match="ikke noe nummer"):
        await ring_back(quick, advisor, sid)


async def test_silence_in_the_middle_of_it_keeps_the_place_also_while_an_advisor_is_rung(quick: Line) -> None:
    advisor = await quick.advisor()
    sid = await asked_for_callback(quick)
    phone = await quick.accept(advisor)
    await quick.wait(7)
    assert quick.expects(sid) in ("queue", "digits")
    assert "Takk for at du ringte" not in quick.heard(sid)
    await quick.answer(phone)
    await quick.press(phone, "1")
    assert quick.heard(sid).endswith("connected")


async def test_asked_to_be_rung_back_while_an_advisor_is_rung_who_does_not_come(quick: Line) -> None:
    """It does not stick to the one who did not answer."""
    advisor = await quick.advisor()
    sid = await quick.ring()
    await quick.press(sid, "1")
    await quick.accept(advisor)
    await quick.wait(1)
    for _ in range(3):
        await quick.press(sid, "1")
    assert (await quick.contact(sid)).wish is Wish.CALLBACK
    await quick.wait(26)
    contact = await quick.contact(sid)
    assert (contact.state, contact.advisor_id) == (ContactState.WAITING, None)


async def test_a_long_wait_asks_once_whether_to_ring_back(quick: Line) -> None:
    await in_conversation(quick)
    sid = await quick.ring(OTHER_CALLER)
    await quick.press(sid, "1")
    await quick.leap(30 * 60 - 60)
    assert "Du har ventet lenge" not in quick.heard(sid)
    for _ in range(90):
        if "Du har ventet lenge" not in quick.heard(sid):
            await quick.wait(1)
    assert "Du har ventet lenge, og det er vi lei for." in quick.heard(sid)
    assert quick.heard(sid).endswith("For å bli ringt opp, tast 1. For å vente videre, tast 2.")
    await quick.press(sid, "2")
    before = quick.count(sid)
    await quick.wait(60)
    assert "Du har ventet lenge" not in quick.heard_since(sid, before)
    assert "Du er nummer 1 i køen." in quick.heard_since(sid, before)


# Turned away.


async def test_closed(sqlite_url: str) -> None:
    async with telephone_line(sqlite_url, is_open=False) as line:
        await line.advisor()
        sid = await line.ring()
        assert "Vi har stengt nå." in line.heard(sid)
        assert "ring 1 1 3" in line.heard(sid)
        assert "1 1 6, 1 2 3" in line.heard(sid)
        await line.wait(7)
        assert line.heard(sid).endswith("Takk for at du ringte. Ha det.")
        assert line.status(sid) == "completed"
        assert (await line.contact(sid)).outcome is Outcome.CLOSED_HOURS


async def test_closed_and_rung_back_when_we_open(sqlite_url: str) -> None:
    async with telephone_line(sqlite_url, is_open=False) as line:
        sid = await line.ring()
        await line.press(sid, "1")
        await line.press(sid, "1")
        await line.press(sid, "1")
        assert line.heard(sid).endswith("Da ringer vi deg. Du beholder plassen din. Ha det.")
        contact = await line.contact(sid)
        assert (contact.state, contact.wish) == (ContactState.WAITING, Wish.CALLBACK)


async def test_nobody_on_duty(quick: Line) -> None:
    sid = await quick.ring()
    assert "Ingen rådgiver er på vakt akkurat nå." in quick.heard(sid)
    await quick.hang_up(sid)
    assert (await quick.contact(sid)).outcome is Outcome.NOBODY_ON_DUTY


async def test_too_many_wait_by_our_own_count(sqlite_url: str) -> None:
    async with telephone_line(sqlite_url, longest_queue=1) as line:
        await line.advisor()
        first, second = await line.ring(), await line.ring(OTHER_CALLER)
        await line.press(first, "1")
        await line.press(second, "1")
        assert "for mange i køen" in line.heard(second)
        await line.hang_up(second)
        assert (await line.contact(second)).outcome is Outcome.QUEUE_FULL
        assert (await line.contact(first)).state is ContactState.OFFERED


async def test_the_provider_takes_no_more(quick: Line) -> None:
    quick.calls.board.queues.make(twiml.QUEUE, max_size=1)
    await quick.advisor()
    first, second = await quick.ring(), await quick.ring(OTHER_CALLER)
    await quick.press(first, "1")
    await quick.press(second, "1")
    assert "for mange i køen" in quick.heard(second)
    assert (await quick.contact(second)).state is ContactState.GUIDED
    await quick.hang_up(second)
    assert (await quick.contact(second)).outcome is Outcome.QUEUE_FULL
