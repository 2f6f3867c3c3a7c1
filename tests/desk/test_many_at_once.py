"""The acceptance test of the queue: many callers and advisors at the same moment, on both databases.

Every caller gets exactly one advisor, nobody is offered twice at once, no advisor has two things held out or is asked
while busy, whatever the tasks do in whatever order.
"""

import asyncio
import random

import pytest
from sqlalchemy import func, select

from helpline.core.codes import Channel, Outcome
from helpline.core.contact import ContactState, EntryKind
from helpline.core.duty import Duty, OfferState
from helpline.core.turn import InboundKind
from helpline.desk import leg, ring
from helpline.errors import HelplineError, TakenByAnother
from helpline.store import legs
from helpline.store.tables import Advisor, Contact, Offer, Record
from tests.desk.line import Line


async def _open_offers_are_single(line: Line) -> None:
    async with line.database.reading() as session:
        for column in (Offer.contact_id, Offer.advisor_id):
            most = await session.scalar(
                select(func.count())
                .where(Offer.state == OfferState.OPEN)
                .group_by(column)
                .order_by(func.count().desc())
            )
            assert most in (None, 1)
        asked_while_busy = await session.scalars(
            select(Advisor.name)
            .join(Offer, Offer.advisor_id == Advisor.id)
            .where(Offer.state == OfferState.OPEN, Advisor.duty != Duty.ON)
        )
        assert asked_while_busy.all() == []


async def _caller(line: Line, number: int, chance: random.Random) -> None:
    """Every other one calls, the others write; some of the callers hang up before they are answered."""
    who = f"+47900{number:05}"
    if number % 2:
        await line.turn("rådgiver", who=who)
        return
    call = {"channel": Channel.PHONE, "call_sid": f"CA{number}", "who": who}
    await line.turn(kind=InboundKind.CALL, **call)  # type: ignore[arg-type]  # arguments by name
    await line.turn("1", kind=InboundKind.KEYS, turn=1, **call)  # type: ignore[arg-type]
    if chance.random() < 0.15:
        await asyncio.sleep(0)
        await line.turn(kind=InboundKind.HUNG_UP, **call)  # type: ignore[arg-type]


async def _work(line: Line, advisor: Advisor, chance: random.Random, all_in: asyncio.Event) -> None:
    """An advisor who accepts, passes now and then, answers the telephone and closes, until nobody waits."""
    idle = 0
    while idle < 3:
        standing = await line.offered_to(advisor)
        if standing is None:
            await line.expire()
            if (await line.now_of(advisor)).duty is Duty.PAUSE:
                await line.on_duty(advisor)  # missed one while the time moved: a pause, until they are back
            async with line.database.reading() as session:
                left = await session.scalar(
                    select(func.count()).where(
                        Contact.state.in_((ContactState.WAITING, ContactState.OFFERED, ContactState.CONNECTING))
                    )
                )
            idle = idle + 1 if not left and all_in.is_set() else 0
            await asyncio.sleep(0.01)
            continue
        try:
            if chance.random() < 0.1:
                await line.pass_on(advisor)
                # Whoever passed is asked again two minutes later; here time moves only by hand.
                line.clock.advance(minutes=3)
                continue
            contact = await line.accept(advisor)
            await _open_offers_are_single(line)
            if contact.channel is Channel.PHONE:
                await _answer(line, contact.id)
            await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED)
        except (TakenByAnother, AssertionError) as gone:
            # The caller left, or the offer was passed over, between the look and the deed.
            if isinstance(gone, AssertionError) and "nothing is offered" not in str(gone):
                raise


async def _answer(line: Line, contact_id: int) -> None:
    async with line.database.writing() as session:
        ringing = next(iter(await legs.of_contact(session, contact_id, live_only=True)), None)
        if ringing is None or ringing.role != ring.ADVISOR:
            raise TakenByAnother("Innringeren gikk.")
        await leg.accepted(session, ringing.id, f"CAleg{ringing.id}", house=line.house, now=line.clock.now())


@pytest.mark.parametrize(("callers", "advisors"), [(3, 3), (100, 10)])
async def test_every_caller_gets_exactly_one_advisor(line: Line, callers: int, advisors: int) -> None:
    chance = random.Random(callers)
    staff = [await line.advisor(f"Rådgiver {number}", phone=f"+47900001{number:02}") for number in range(advisors)]
    all_in = asyncio.Event()

    async def everyone_arrives() -> None:
        gate = asyncio.Semaphore(20)

        async def one(number: int) -> None:
            async with gate:
                await _caller(line, number, chance)

        await asyncio.gather(*(one(number) for number in range(callers)))
        all_in.set()

    async with asyncio.timeout(120):
        await asyncio.gather(everyone_arrives(), *(_work(line, advisor, chance, all_in) for advisor in staff))

    async with line.database.reading() as session:
        everyone = (await session.scalars(select(Contact))).all()
        records = (await session.scalars(select(Record))).all()
    assert len(everyone) == callers
    assert {contact.state for contact in everyone} == {ContactState.CLOSED}
    assert len(records) == callers, "exactly one record each"
    answered = {contact.id for contact in everyone if contact.outcome is Outcome.COUNSELLED}
    assert {contact.outcome for contact in everyone} <= {
        Outcome.COUNSELLED,
        Outcome.ABANDONED,
        Outcome.SHORT_ABANDON,
        Outcome.LEFT_MENU,
    }
    assert len(answered) >= callers * 0.7
    accepted = [entry.contact_id for entry in await line.entries(EntryKind.ACCEPTED)]
    assert answered <= set(accepted)
    assert len(accepted) == len(set(accepted)), "nobody was accepted by two"
    await _open_offers_are_single(line)
    assert {(await line.now_of(advisor)).duty for advisor in staff} == {Duty.ON}
    offers = await line.offers()
    assert not [one for one in offers if one.state is OfferState.OPEN]


async def test_a_burst_from_one_new_handle_is_one_contact(line: Line) -> None:
    await asyncio.gather(*(line.turn(f"melding {number}") for number in range(20)))

    assert len(await line.contacts()) == 1
    assert len(await line.entries(EntryKind.TEXT_IN)) == 20
    welcomes = [text for text in await line.sent() if text.startswith("Rådgivning for pårørende")]
    assert len(welcomes) == 1


async def test_the_same_event_many_times_at_once_counts_once(line: Line) -> None:
    turns = await asyncio.gather(*(line.turn("hei", id="SM1") for _ in range(10)))

    assert sorted(turn.repeated for turn in turns) == [False, *[True] * 9]
    assert len(await line.entries(EntryKind.TEXT_IN)) == 1


async def test_a_caller_who_writes_while_the_advisor_closes_is_never_lost(line: Line) -> None:
    """Closing and a new text at the same moment: the words are in the closed contact or open a new one."""
    advisor = await line.advisor()
    for number in range(5):
        who = f"+4790000{number:03}"
        await line.turn("rådgiver", who=who)
        contact = await line.accept(advisor)
        ends = await asyncio.gather(
            line.turn("én ting til", who=who),
            line.close(advisor, contact.id, outcome=Outcome.COUNSELLED),
            return_exceptions=True,
        )
        assert [end for end in ends if isinstance(end, BaseException)] == []

    heard = [entry for entry in await line.entries(EntryKind.TEXT_IN)]
    assert len(heard) == 10
    assert len(await line.records()) == 5


async def test_leaving_and_accepting_at_the_same_moment_has_one_winner(line: Line) -> None:
    advisor = await line.advisor()
    for number in range(6):
        who = f"+4790000{number:03}"
        await line.turn("rådgiver", who=who)
        ends = await asyncio.gather(line.turn("0", who=who), line.accept(advisor), return_exceptions=True)
        problems = [end for end in ends if isinstance(end, BaseException) and not isinstance(end, HelplineError)]
        assert not [one for one in problems if "nothing is offered" not in str(one)]
        contact = await line.contact()
        assert contact.state in (ContactState.GUIDED, ContactState.ACTIVE)
        assert (contact.advisor_id is not None) is (contact.state is ContactState.ACTIVE)
        assert (await line.now_of(advisor)).duty is (Duty.BUSY if contact.advisor_id else Duty.ON)
        if contact.advisor_id is not None:
            await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED)
