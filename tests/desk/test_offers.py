"""Offer, accept, else next: in what order, to whom, and what ends an offer."""

from datetime import timedelta

import pytest

from helpline.core.codes import Channel, Outcome
from helpline.core.contact import ContactState, EntryKind, Wish
from helpline.core.duty import Duty, OfferState, PauseReason
from helpline.core.queue import ASK_AGAIN_AFTER
from helpline.core.turn import InboundKind
from helpline.desk import attend, duty, offer
from helpline.errors import HelplineError, TakenByAnother
from helpline.store import deliveries
from helpline.store.tables import Advisor
from tests.conftest import MONDAY
from tests.desk.line import KARI, OLA, Line

PER = "+4790000203"
RED = "Jeg orker ikke leve lenger, jeg skal ta livet mitt i kveld"


async def waits(line: Line, who: str = KARI) -> int:
    """A text contact in the queue; its id."""
    await line.write("hei", who=who)
    await line.write("1", who=who)
    return (await line.contact()).id


async def calls(line: Line, call_sid: str = "CA1", who: str | None = KARI) -> int:
    """A call in the queue; its contact's id. Somebody must be on duty."""
    await line.turn(channel=Channel.PHONE, kind=InboundKind.CALL, call_sid=call_sid, who=who)
    turn = await line.turn("1", channel=Channel.PHONE, kind=InboundKind.KEYS, call_sid=call_sid, turn=1, who=who)
    assert turn.contact_id is not None
    return turn.contact_id


async def pause(line: Line, advisor: Advisor, reason: PauseReason = PauseReason.BREAK) -> None:
    async with line.database.writing() as session:
        await duty.pause(session, advisor, reason=reason, house=line.house, now=line.clock.now())


async def test_the_backlog_is_held_out_oldest_first_and_urgency_before_age(line: Line) -> None:
    first = await waits(line, KARI)
    line.clock.advance(minutes=1)
    second = await waits(line, OLA)
    line.clock.advance(minutes=1)
    await line.write(RED, who=PER)
    danger = (await line.contact()).id

    order = []
    for number in range(3):
        advisor = await line.advisor(f"Rådgiver {number}")
        standing = await line.offered_to(advisor)
        assert standing is not None
        order.append(standing.contact_id)
        line.clock.advance(seconds=1)

    assert order == [danger, first, second]


async def test_whoever_has_been_free_longest_is_asked_first(line: Line) -> None:
    early = await line.advisor("Tidlig")
    line.clock.advance(minutes=1)
    late = await line.advisor("Sen")
    await waits(line)

    assert await line.offered_to(early) is not None
    assert await line.offered_to(late) is None


@pytest.mark.parametrize(
    ("on_duty", "has_phone", "gets_text", "gets_call"),
    [
        (Duty.ON, True, True, True),
        (Duty.ON, False, True, False),
        (Duty.PAUSE, True, False, False),
        (Duty.BUSY, True, False, False),
        (Duty.OFF, True, False, False),
    ],
)
async def test_who_may_be_asked(line: Line, on_duty: Duty, has_phone: bool, gets_text: bool, gets_call: bool) -> None:
    somebody = await line.advisor("Så noen er på vakt", on_duty=True)
    await pause(line, somebody)
    advisor = await line.advisor(phone="+4790000101" if has_phone else None, on_duty=on_duty is not Duty.OFF)
    if on_duty is Duty.PAUSE:
        await pause(line, advisor)
    if on_duty is Duty.BUSY:
        await waits(line, PER)
        await line.accept(advisor)

    await calls(line)
    assert (await line.offered_to(advisor) is not None) is gets_call
    if gets_call:
        await line.pass_on(advisor)
    await waits(line, OLA)
    assert (await line.offered_to(advisor) is not None) is gets_text


async def test_accepting_a_text_makes_it_ones_own(line: Line) -> None:
    advisor = await line.advisor()
    contact_id = await waits(line)
    line.clock.advance(seconds=20)

    contact = await line.accept(advisor)

    assert contact.id == contact_id
    assert (contact.state, contact.advisor_id, contact.answered_at) == (
        ContactState.ACTIVE,
        advisor.id,
        line.clock.now(),
    )
    assert (await line.now_of(advisor)).duty is Duty.BUSY
    assert (EntryKind.ACCEPTED, None) in await line.course()


async def test_accepting_a_call_rings_and_is_not_yet_an_answer(line: Line) -> None:
    advisor = await line.advisor()
    await calls(line)
    contact = await line.accept(advisor)

    assert (contact.state, contact.answered_at) == (ContactState.CONNECTING, None)
    assert "+4790000101" in await line.to_whom()


async def test_passing_gives_it_to_the_next_who_is_not_asked_twice_at_once(line: Line) -> None:
    one, two = await line.advisor("En"), await line.advisor("To")
    await waits(line)

    await line.pass_on(one)
    assert await line.offered_to(two) is not None
    await line.pass_on(two)
    assert await line.states() == [ContactState.WAITING]
    assert [(await line.now_of(advisor)).duty for advisor in (one, two)] == [Duty.ON, Duty.ON]

    line.clock.advance(seconds=ASK_AGAIN_AFTER.total_seconds() + 1)
    await line.expire()
    assert await line.states() == [ContactState.OFFERED]


async def test_a_missed_offer_goes_to_the_next_and_pauses_who_missed_it(line: Line) -> None:
    one, two = await line.advisor("En"), await line.advisor("To")
    await waits(line)

    line.clock.advance(seconds=line.house.offer_time.total_seconds() - 1)
    assert await line.expire() == 0
    line.clock.advance(seconds=1)
    assert await line.expire() == 1

    missed = await line.now_of(one)
    assert (missed.duty, missed.pause_reason) == (Duty.PAUSE, PauseReason.MISSED_OFFER)
    assert await line.offered_to(two) is not None
    assert [one.state for one in await line.offers()] == [OfferState.MISSED, OfferState.OPEN]
    assert (EntryKind.MISSED, None) in await line.course()


async def test_an_offer_that_is_over_cannot_be_accepted(line: Line) -> None:
    one, two = await line.advisor("En"), await line.advisor("To")
    await waits(line)
    standing = await line.offered_to(one)
    assert standing is not None
    async with line.database.writing() as session:
        with pytest.raises(TakenByAnother):
            await offer.accept(session, standing.id, house=line.house, advisor=two, now=line.clock.now())
    await line.write("0")
    for use in (offer.accept, offer.pass_on):
        async with line.database.writing() as session:
            with pytest.raises(TakenByAnother):
                await use(session, standing.id, house=line.house, advisor=one, now=line.clock.now())
    async with line.database.writing() as session:
        with pytest.raises(TakenByAnother):
            await offer.accept(session, 99_999, house=line.house, advisor=one, now=line.clock.now())


async def test_a_caller_who_hangs_up_is_offered_no_more(line: Line) -> None:
    advisor = await line.advisor()
    await calls(line)
    line.clock.advance(seconds=30)
    await line.turn(channel=Channel.PHONE, kind=InboundKind.HUNG_UP, call_sid="CA1")

    assert await line.offered_to(advisor) is None
    assert [one.state for one in await line.offers()] == [OfferState.CANCELLED]
    assert [record.outcome for record in await line.records()] == ["abandoned"]


async def test_a_caller_who_hangs_up_while_the_advisor_is_rung_frees_the_advisor(line: Line) -> None:
    advisor = await line.advisor()
    await calls(line)
    await line.accept(advisor)
    await line.turn(channel=Channel.PHONE, kind=InboundKind.HUNG_UP, call_sid="CA1")

    assert (await line.now_of(advisor)).duty is Duty.ON
    await waits(line, OLA)
    assert await line.offered_to(advisor) is not None


async def test_taking_from_the_queue_ends_whatever_was_held_out(line: Line) -> None:
    one, two = await line.advisor("En"), await line.advisor("To")
    first = await waits(line, KARI)
    second = await waits(line, OLA)

    taken = await line.take(two, first)

    assert taken.advisor_id == two.id
    assert await line.offered_to(two) is None, "the second was held out to them, and goes on"
    await line.expire()
    standing = await line.offered_to(one)
    assert standing is not None
    assert standing.contact_id == second
    with pytest.raises(TakenByAnother):
        await line.take(one, first)
    with pytest.raises(HelplineError):
        await line.take(one, 99_999)


async def test_nobody_takes_a_call_while_in_a_call(line: Line) -> None:
    advisor = await line.advisor()
    first = await calls(line, "CA1", KARI)
    second = await calls(line, "CA2", OLA)
    await line.accept(advisor)

    with pytest.raises(TakenByAnother):
        await line.take(advisor, second)

    assert [contact.state for contact in await line.contacts() if contact.id in (first, second)] == [
        ContactState.CONNECTING,
        ContactState.WAITING,
    ]
    assert (await line.to_whom()).count("+4790000101") == 1


async def test_handing_over_to_a_colleague_reserves_it_for_them(line: Line) -> None:
    one, two, three = [await line.advisor(name) for name in ("En", "To", "Tre")]
    contact_id = await waits(line)
    await line.accept(one)
    async with line.database.writing() as session:
        await attend.hand_over(
            session, contact_id, to_advisor=three.id, text="Kjenner saken", house=line.house, advisor=one,
            now=line.clock.now(),
        )  # fmt: skip

    assert (await line.now_of(one)).duty is Duty.ON
    assert await line.offered_to(one) is None
    assert await line.offered_to(two) is None
    assert await line.offered_to(three) is not None
    assert (EntryKind.NOTE, "Kjenner saken") in await line.course()
    await line.accept(three)
    with pytest.raises(TakenByAnother):
        async with line.database.writing() as session:
            await attend.reply(session, contact_id, "hei", house=line.house, advisor=one, now=line.clock.now())


async def hand_over(line: Line, contact_id: int, one: Advisor, to: Advisor | None) -> None:
    async with line.database.writing() as session:
        await attend.hand_over(
            session, contact_id, to_advisor=to.id if to else None, text="", house=line.house, advisor=one,
            now=line.clock.now(),
        )  # fmt: skip


async def test_what_a_colleague_missed_before_may_be_handed_to_them(line: Line) -> None:
    one, two = await line.advisor("En"), await line.advisor("To")
    await line.write(RED)
    line.clock.advance(seconds=31)
    await line.expire()
    await line.on_duty(one)
    contact = await line.accept(two)

    await hand_over(line, contact.id, two, one)

    assert await line.offered_to(one) is not None
    await line.accept(one)


async def kept_for_a_busy_colleague(line: Line, busy: Advisor, giver: Advisor, words: str | None = None) -> int:
    """A contact that was handed over to a colleague who is busy with another."""
    await waits(line, PER)
    await line.take(busy, (await line.contact()).id)
    if words is None:
        contact_id = await waits(line, KARI)
    else:
        await line.write(words, who=KARI)
        contact_id = (await line.contact()).id
    await line.take(giver, contact_id)
    await hand_over(line, contact_id, giver, busy)
    return contact_id


@pytest.mark.parametrize("ends", ["passed", "missed", "pause", "off"])
async def test_what_was_handed_over_waits_for_the_colleague_as_long_as_they_can_take_it(line: Line, ends: str) -> None:
    giver, busy = await line.advisor("Giver"), await line.advisor("Opptatt")
    contact_id = await kept_for_a_busy_colleague(line, busy, giver)
    third = await line.advisor("Tredje")
    line.clock.advance(minutes=3)
    await line.expire()
    assert await line.offered_to(giver) is None
    assert await line.offered_to(third) is None

    if ends == "pause":
        await pause(line, busy)
    elif ends == "off":
        await line.off_duty(busy)
    else:
        other = next(one.id for one in await line.contacts() if one.advisor_id == busy.id)
        await line.close(busy, other, outcome=Outcome.COUNSELLED)
        standing = await line.offered_to(busy)
        assert standing is not None
        assert standing.contact_id == contact_id
        if ends == "passed":
            await line.pass_on(busy)
        else:
            line.clock.advance(seconds=31)
            await line.expire()

    asked = [one for one in (giver, third) if await line.offered_to(one) is not None]
    assert asked
    found = next(one for one in await line.contacts() if one.id == contact_id)
    assert (found.state, found.reserved_for) == (ContactState.OFFERED, None)


async def test_a_red_contact_waits_for_no_colleague_who_is_busy(line: Line) -> None:
    giver, busy, third = [await line.advisor(name) for name in ("Giver", "Opptatt", "Tredje")]
    contact_id = await kept_for_a_busy_colleague(line, busy, giver, RED)

    standing = await line.offered_to(third)
    assert standing is not None
    assert standing.contact_id == contact_id


async def test_one_for_whom_something_is_kept_is_asked_for_that_first(line: Line) -> None:
    first, second = await line.advisor("Først"), await line.advisor("Annen")
    await waits(line, PER)
    mine = await line.accept(first)
    line.clock.advance(minutes=1)
    await pause(line, second)
    older = await waits(line, OLA)
    await line.on_duty(second)
    await line.pass_on(second)
    line.clock.advance(seconds=1)
    await hand_over(line, mine.id, first, second)

    standing = [await line.offered_to(one) for one in (first, second)]
    assert [one.contact_id if one else None for one in standing] == [older, mine.id]


async def test_the_one_who_left_the_queue_is_kept_for_nobody(line: Line) -> None:
    giver, busy = await line.advisor("Giver"), await line.advisor("Opptatt")
    contact_id = await kept_for_a_busy_colleague(line, busy, giver)
    await line.write("0", who=KARI)
    await line.write("1", who=KARI)
    found = next(one for one in await line.contacts() if one.id == contact_id)
    assert found.reserved_for is None


@pytest.mark.parametrize(("duty_now", "sentence"), [("off", "To er ikke på vakt"), ("pause", "To har pause")])
async def test_handing_over_to_one_who_cannot_take_it_is_refused(line: Line, duty_now: str, sentence: str) -> None:
    one, two = await line.advisor("En"), await line.advisor("To", on_duty=duty_now == "pause")
    if duty_now == "pause":
        await pause(line, two)
    contact_id = await waits(line)
    await line.accept(one)
    with pytest.raises(HelplineError, match=f"{sentence}. Velg en annen kollega, eller sett over til køen"):
        await hand_over(line, contact_id, one, two)
    assert await line.states() == [ContactState.ACTIVE]


async def test_one_without_a_telephone_is_not_handed_a_callback(line: Line) -> None:
    one, two = await line.advisor("En"), await line.advisor("To", phone=None)
    contact_id = await calls(line)
    for keys in ("1", "1", "1"):
        await line.turn(keys, channel=Channel.PHONE, kind=InboundKind.KEYS, call_sid="CA1", turn=2)
    assert (await line.contact()).wish is Wish.CALLBACK
    await line.accept(one)
    with pytest.raises(HelplineError, match="ikke registrert et telefonnummer"):
        await hand_over(line, contact_id, one, two)
    await hand_over(line, contact_id, one, None)
    assert await line.offered_to(two) is None


async def test_whoever_has_no_telephone_is_offered_the_text_behind_many_calls(line: Line) -> None:
    paused = await line.advisor("Så noen er på vakt")
    await pause(line, paused)
    for number in range(30):
        await calls(line, f"CA{number}", who=None)
    text = await waits(line)
    one = await line.advisor("En", phone=None)

    standing = await line.offered_to(one)
    assert standing is not None
    assert standing.contact_id == text


async def test_whoever_refused_many_is_offered_what_stands_behind_them(line: Line) -> None:
    one = await line.advisor("En")
    numbers = [f"+479000{number:04}" for number in range(3000, 3026)]
    for number in numbers:
        await waits(line, number)
    for _ in numbers[:-1]:
        await line.pass_on(one)

    standing = await line.offered_to(one)
    assert standing is not None
    assert standing.contact_id == (await line.contact()).id


async def test_what_is_handed_back_to_the_queue_does_not_return_at_once(line: Line) -> None:
    one = await line.advisor("En")
    contact_id = await waits(line)
    await line.accept(one)
    async with line.database.writing() as session:
        await attend.hand_over(
            session, contact_id, to_advisor=None, text="", house=line.house, advisor=one, now=line.clock.now()
        )

    assert await line.offered_to(one) is None
    assert await line.states() == [ContactState.WAITING]
    two = await line.advisor("To")
    assert await line.offered_to(two) is not None


@pytest.mark.parametrize("to", ["self", "nobody there"])
async def test_handing_over_to_no_colleague_is_refused(line: Line, to: str) -> None:
    one = await line.advisor("En")
    contact_id = await waits(line)
    await line.accept(one)
    with pytest.raises(HelplineError, match="kollega"):
        async with line.database.writing() as session:
            await attend.hand_over(
                session, contact_id, to_advisor=one.id if to == "self" else 9_999, text="", house=line.house,
                advisor=one, now=line.clock.now(),
            )  # fmt: skip
    assert await line.states() == [ContactState.ACTIVE]


async def test_taking_over_frees_the_colleague_and_passes_what_was_held_out(line: Line) -> None:
    one, two = await line.advisor("En"), await line.advisor("To")
    contact_id = await waits(line, KARI)
    await line.accept(one)
    other = await waits(line, OLA)
    assert await line.offered_to(two) is not None
    async with line.database.writing() as session:
        await attend.take_over(session, contact_id, advisor=two, now=line.clock.now())
    await line.expire()

    [entry] = await line.entries(EntryKind.TAKEN_OVER)
    assert (entry.advisor_id, entry.data) == (two.id, {"from_advisor": one.id})
    assert [(await line.now_of(advisor)).duty for advisor in (one, two)] == [Duty.ON, Duty.BUSY]
    assert await line.offered_to(two) is None
    standing = await line.offered_to(one)
    assert standing is not None
    assert standing.contact_id == other


async def test_taking_over_ones_own_changes_nothing(line: Line) -> None:
    one = await line.advisor("En")
    contact_id = await waits(line)
    await line.accept(one)
    before = await line.course()
    async with line.database.writing() as session:
        await attend.take_over(session, contact_id, advisor=one, now=line.clock.now())
    assert await line.course() == before


async def test_off_duty_returns_texts_to_the_queue_with_their_age(line: Line) -> None:
    one = await line.advisor("En")
    await waits(line)
    since = (await line.contact()).waiting_since
    await line.accept(one)
    line.clock.advance(minutes=9)
    await line.off_duty(one)

    contact = await line.contact()
    assert (contact.state, contact.advisor_id, contact.waiting_since) == (ContactState.WAITING, None, since)
    assert (await line.now_of(one)).duty is Duty.OFF


async def test_off_duty_and_pause_pass_on_what_is_held_out(line: Line) -> None:
    one, two = await line.advisor("En"), await line.advisor("To")
    await waits(line)
    await line.off_duty(one)
    assert await line.offered_to(two) is not None
    await pause(line, two)
    assert await line.states() == [ContactState.WAITING]


async def test_off_duty_and_on_again_are_refused_in_a_call(line: Line) -> None:
    one = await line.advisor("En")
    await calls(line)
    await line.accept(one)
    with pytest.raises(TakenByAnother, match="samtale"):
        await line.off_duty(one)
    with pytest.raises(TakenByAnother, match="samtale"):
        await line.on_duty(one)
    assert (await line.now_of(one)).duty is Duty.BUSY


async def test_duty_ends_with_the_shift_but_not_in_a_conversation(line: Line) -> None:
    ends_at = MONDAY + timedelta(hours=1)
    idle, writing, ringing = [await line.advisor(name) for name in ("Ledig", "Skriver", "Ringer")]
    await waits(line, OLA)
    await line.take(writing, (await line.contact()).id)
    call = await calls(line)
    await line.take(ringing, call)
    async with line.database.writing() as session:
        for advisor in (idle, writing, ringing):
            found = await session.get(Advisor, advisor.id)
            assert found is not None
            found.duty_ends_at = ends_at
    await pause(line, ringing)
    await line.on_duty(writing)

    line.clock.set(ends_at)
    async with line.database.writing() as session:
        assert await duty.end_with_shift(session, house=line.house, now=line.clock.now()) == 1
    assert [(await line.now_of(one)).duty for one in (idle, writing, ringing)] == [Duty.OFF, Duty.ON, Duty.PAUSE]


async def test_replies_wait_ten_seconds_and_can_be_taken_back(line: Line) -> None:
    one = await line.advisor("En")
    contact_id = await waits(line)
    await line.accept(one)
    async with line.database.writing() as session:
        sent = await attend.reply(session, contact_id, " Hei! ", house=line.house, advisor=one, now=line.clock.now())
        delivery = await deliveries.by_id(session, sent)
    assert delivery is not None
    assert delivery.due_at == line.clock.now() + timedelta(seconds=10)
    async with line.database.writing() as session:
        assert await attend.undo(session, sent, advisor=one, now=line.clock.now()) == "Hei!"
    assert (EntryKind.TEXT_OUT, "Hei!") not in await line.course()
    async with line.database.writing() as session:
        with pytest.raises(TakenByAnother, match="sendt"):
            await attend.undo(session, sent, advisor=one, now=line.clock.now())


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "Skriv noe"), ("  \n", "Skriv noe"), ("x" * 1601, "for lang: 1601 tegn, høyst 1600")]
)
async def test_replies_that_cannot_be_sent_are_refused_in_a_sentence(line: Line, text: str, sentence: str) -> None:
    one = await line.advisor("En")
    contact_id = await waits(line)
    await line.accept(one)
    async with line.database.writing() as session:
        with pytest.raises(HelplineError, match=sentence):
            await attend.reply(session, contact_id, text, house=line.house, advisor=one, now=line.clock.now())


async def test_one_who_opted_out_cannot_be_written_to(line: Line) -> None:
    one = await line.advisor("En")
    contact_id = await waits(line)
    await line.accept(one)
    await line.write("STOPP")
    async with line.database.writing() as session:
        with pytest.raises(HelplineError, match="STOPP"):
            await attend.reply(session, contact_id, "hei", house=line.house, advisor=one, now=line.clock.now())


async def test_showing_the_number_takes_a_reason_and_leaves_a_line(line: Line) -> None:
    one = await line.advisor("En")
    contact_id = await waits(line)
    async with line.database.writing() as session:
        with pytest.raises(HelplineError, match="hvorfor"):
            await attend.show_number(session, contact_id, " ", advisor=one, now=line.clock.now())
        number = await attend.show_number(session, contact_id, "Fare for liv", advisor=one, now=line.clock.now())
    assert number == KARI
    assert (EntryKind.SHOWN_NUMBER, None) in await line.course()
