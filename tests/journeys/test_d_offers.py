"""Journey d: a contact is held out to one advisor at a time, until somebody takes it."""

from helpline.core.contact import ContactState
from helpline.core.duty import Duty
from helpline.store import contacts, offers
from helpline.store.db import ReadSession
from tests.conftest import Service
from tests.journeys.people import Texter, advisor_row, at_work


async def test_passed_then_missed_then_taken(service: Service) -> None:
    first = await at_work(service, "Rådgiver En")
    service.clock.advance(seconds=1)
    second = await at_work(service, "Rådgiver To")
    texter = Texter(service=service, number="+4790000001")
    texter.write("rådgiver")

    offer = await first.offered()
    await first.send(f"/offer/{offer.id}/pass")
    again = await second.offered()
    assert again.contact_id == offer.contact_id
    assert (await advisor_row(service, first.id)).duty is Duty.ON

    service.clock.advance(seconds=31)
    await service.sweep("offers")
    assert (await advisor_row(service, second.id)).duty is Duty.PAUSE
    assert "pause" in (await second.reads("/")).lower()
    await second.send(f"/offer/{again.id}/accept", refused=409)

    await first.send(f"/contact/{offer.contact_id}/take")
    async with service.database.reading() as session:
        found = await contacts.by_id(session, offer.contact_id)
    assert found is not None
    assert (found.state, found.advisor_id) == (ContactState.ACTIVE, first.id)


async def test_handed_over_to_a_colleague_with_a_note(service: Service) -> None:
    first = await at_work(service, "Rådgiver En")
    texter = Texter(service=service, number="+4790000001")
    texter.write("rådgiver")
    contact = await first.accept()
    second = await at_work(service, "Rådgiver To")

    await first.send(f"/contact/{contact}/hand-over", to=str(second.id), text="Vil snakke om tvang.")

    assert await second.accept() == contact
    assert "Vil snakke om tvang." in await second.reads(f"/contact/{contact}")
    await first.send(f"/contact/{contact}/reply", text="Hei", refused=409)


async def test_work_does_not_stick_to_one_who_goes_off(service: Service) -> None:
    first = await at_work(service, "Rådgiver En")
    texter = Texter(service=service, number="+4790000001")
    texter.write("rådgiver")
    contact = await first.accept()
    second = await at_work(service, "Rådgiver To")

    await first.send("/duty", to="off")

    assert await second.accept() == contact

    async def nothing_held_out(session: ReadSession) -> bool:
        return await offers.open_for_advisor(session, first.id) is None

    assert await service.until(nothing_held_out)
