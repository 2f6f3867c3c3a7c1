"""Journey c: a telephone call waits, reaches an advisor's telephone, is talked and becomes a record."""

from sqlalchemy import select

from helpline.core.contact import ContactState
from helpline.core.duty import Duty
from helpline.store import contacts, tables
from helpline.store.db import ReadSession
from tests.conftest import Service
from tests.journeys.people import (
    Caller,
    advisor_row,
    at_work,
    in_conversation,
    picks_up_and_accepts,
    rings,
)


async def test_a_call_from_ring_to_record(service: Service) -> None:
    advisor = await at_work(service)
    caller = Caller(service=service, number="+4790000001")
    await caller.calls()
    assert caller.heard.index("fare for liv") < caller.heard.index("tast 1")
    await caller.presses("1")
    await caller.hears("Du er nummer 1 i køen")

    contact = await advisor.accept()
    leg = await picks_up_and_accepts(service, advisor)
    await in_conversation(service, caller.call, leg)
    assert (await advisor_row(service, advisor.id)).duty is Duty.BUSY

    service.clock.advance(minutes=12)
    caller.hangs_up()

    async def wrapping_up(session: ReadSession) -> bool:
        found = await contacts.by_id(session, contact)
        return found is not None and found.state is ContactState.WRAP_UP

    await service.until(wrapping_up)
    assert (await advisor_row(service, advisor.id)).duty is Duty.WRAP_UP
    await advisor.close(contact, relation="daughter")
    assert (await advisor_row(service, advisor.id)).duty is Duty.ON
    async with service.database.reading() as session:
        record = (await session.scalars(select(tables.Record))).one()
    assert (record.channel, record.outcome, record.relation) == ("phone", "counselled", "daughter")
    assert record.handled_seconds == 12 * 60
    assert service.simulator.alerts == []


async def test_an_advisor_who_does_not_answer_costs_the_caller_nothing(service: Service) -> None:
    first = await at_work(service, "Rådgiver En")
    caller = Caller(service=service, number="+4790000001")
    await caller.calls()
    await caller.presses("1")
    contact = await first.accept()
    leg = await rings(service, first.phone)
    second = await at_work(service, "Rådgiver To")

    service.simulator.calls.decline(leg, busy=False)

    offer = await second.offered()
    assert offer.contact_id == contact
    assert (await advisor_row(service, first.id)).duty is Duty.PAUSE
    assert caller.status == "in-progress"
    await second.accept()
    answered = await picks_up_and_accepts(service, second)
    await in_conversation(service, caller.call, answered)


async def test_a_withheld_number_is_rung_back_on_the_number_they_key_in(service: Service) -> None:
    advisor = await at_work(service)
    other = Caller(service=service, number="+4790000001")
    await other.calls()
    await other.presses("1")
    first = await advisor.accept()
    talking = await picks_up_and_accepts(service, advisor)
    await in_conversation(service, other.call, talking)
    caller = Caller(service=service, number=None)
    await caller.calls()
    await caller.presses("1")
    await caller.presses("1")  # rather be rung back
    await caller.hears("Tast nummeret ditt")
    await caller.presses("90000042#")
    await caller.hears("Du tastet 9 0, 0 0, 0 0, 4 2.")
    await caller.presses("1")
    await caller.hears("trygt")
    await caller.presses("1")
    await caller.hears("Da ringer vi deg")
    assert caller.status == "completed"

    other.hangs_up()

    async def first_over(session: ReadSession) -> bool:
        return bool(await contacts.in_state(session, ContactState.WRAP_UP))

    await service.until(first_over)
    await advisor.close(first)
    contact = await advisor.accept()
    await advisor.send(f"/contact/{contact}/ring-back")
    leg = await picks_up_and_accepts(service, advisor)
    theirs = await rings(service, "+4790000042")
    service.simulator.calls.answer(theirs)
    await in_conversation(service, leg, theirs)
    service.simulator.calls.hang_up(theirs)

    async def over(session: ReadSession) -> bool:
        found = await contacts.by_id(session, contact)
        return found is not None and found.state is ContactState.WRAP_UP

    await service.until(over)
    await advisor.close(contact, "callback_done")
    async with service.database.reading() as session:
        outcomes = set((await session.scalars(select(tables.Record.outcome))).all())
    assert outcomes == {"counselled", "callback_done"}
