"""Journey b: words leave through the outbox, in order, once, whatever the provider does."""

from helpline.core.contact import EntryKind
from helpline.simulator.faults import Fault, FaultKind
from helpline.store import contacts, deliveries
from helpline.store.db import ReadSession
from helpline.store.tables import DeliveryState
from tests.conftest import SMS_NUMBER, Service
from tests.journeys.people import Texter, Writer, at_work


async def test_an_answer_that_was_lost_is_looked_up_and_not_sent_twice(service: Service) -> None:
    texter = Texter(service=service, number="+4790000001")
    service.simulator.faults.order(Fault(kind=FaultKind.LOST, target="twilio/POST Messages"))

    texter.write("Hei")
    await texter.reads("Hva er viktigst")
    contact = await _the_contact(service)
    service.clock.advance(minutes=2)

    async def confirmed(session: ReadSession) -> bool:
        sent = await deliveries.of_contact(session, contact)
        return all(delivery.state in (DeliveryState.SENT, DeliveryState.DELIVERED) for delivery in sent)

    await service.until(confirmed)
    assert len(texter.received) == 1


async def test_a_provider_that_is_down_is_tried_again_in_order(service: Service) -> None:
    writer = Writer(service=service, person=601)
    service.simulator.faults.order(Fault(kind=FaultKind.LIMIT, target="telegram/sendMessage", seconds=3), times=1)

    writer.write("/start")
    contact = await _the_contact(service)

    async def refused_once(session: ReadSession) -> bool:
        return any(delivery.error for delivery in await deliveries.of_contact(session, contact))

    await service.until(refused_once)
    writer.write("5")
    await service.until(lambda session: _count(session, contact, 2))
    assert writer.received == []
    service.clock.advance(minutes=2)
    service.parts.outbox.wake()
    await writer.reads("Vi har åpent nå")
    assert "Hva er viktigst" in str(writer.received[0]["text"])


async def test_a_red_answer_that_is_refused_reaches_the_advisor_loudly(service: Service) -> None:
    advisor = await at_work(service)
    texter = Texter(service=service, number="+4790000002")
    service.simulator.messages.set_opted_out(ours=SMS_NUMBER, theirs=texter.number, out=True)

    texter.write("Han har kniv og kommer inn døra nå")

    contact = await advisor.accept()

    async def told(session: ReadSession) -> bool:
        lines = await contacts.entries(session, contact)
        return any(line.kind is EntryKind.DELIVERY_FAILED and line.data.get("loud") for line in lines)

    await service.until(told)
    assert "STOPP" in await advisor.reads(f"/contact/{contact}")


async def test_a_reply_can_be_taken_back_for_ten_seconds(service: Service) -> None:
    advisor = await at_work(service)
    texter = Texter(service=service, number="+4790000003")
    texter.write("rådgiver")
    await texter.reads("i køen")
    contact = await advisor.accept()
    await advisor.send(f"/contact/{contact}/reply", text="Dette var til en annen.")
    async with service.database.reading() as session:
        queued = [one for one in await deliveries.of_contact(session, contact) if not one.automatic]

    await advisor.send(f"/delivery/{queued[-1].id}/undo")
    service.clock.advance(seconds=30)
    service.parts.outbox.wake()
    await advisor.send(f"/contact/{contact}/reply", text="Dette er til deg.")
    service.clock.advance(seconds=11)
    service.parts.outbox.wake()

    await texter.reads("Dette er til deg.")
    assert not any("til en annen" in text.body for text in texter.received)


async def _the_contact(service: Service) -> int:
    async def first(session: ReadSession) -> int | None:
        found = await contacts.by_id(session, 1)
        return found.id if found is not None else None

    found = await service.until(first)
    assert found is not None
    return found


async def _count(session: ReadSession, contact: int, number: int) -> bool:
    return len(await deliveries.of_contact(session, contact)) >= number
