"""Journey e: closing writes the record, the pages count it, and a recount agrees."""

from datetime import timedelta

from sqlalchemy import select

from helpline.core.duty import Role
from helpline.desk import counters
from helpline.store import tables
from helpline.store.db import ReadSession
from tests.conftest import Service
from tests.journeys.people import Caller, Texter, at_work


async def test_every_contact_is_counted_once_in_exactly_one_outcome(service: Service) -> None:
    advisor = await at_work(service, role=Role.MANAGER)
    texter = Texter(service=service, number="+4790000001")
    texter.write("rådgiver")
    answered = await advisor.accept()
    leaver = Caller(service=service, number="+4790000002")
    await leaver.calls()
    await leaver.presses("1")
    service.clock.advance(seconds=40)
    leaver.hangs_up()
    in_menu = Caller(service=service, number="+4790000003")
    await in_menu.calls()
    in_menu.hangs_up()
    await advisor.close(answered, relation="mother")

    async def all_closed(session: ReadSession) -> bool:
        return len((await session.scalars(select(tables.Record.record_id))).all()) == 3

    await service.until(all_closed)

    today = service.clock.now().astimezone(service.house.zone).date()

    async def outcomes() -> dict[str, int]:
        async with service.database.reading() as session:
            found = await counters.figures(
                session,
                house=service.house,
                first=today,
                last=today,
                now=service.clock.now(),
                include_simulated=False,
                by="outcome",
            )
        parts = counters.document(found)["parts"]
        return {outcome: figures["contacts"]["value"] for outcome, figures in parts.items()}

    assert await outcomes() == {"counselled": 1, "abandoned": 1, "left_menu": 1}
    page = await advisor.reads("/reports")
    assert "Svarprosent" in page or "svarprosent" in page

    service.clock.advance(days=1)
    async with service.database.writing() as writing:
        await counters.fold_closed_days(writing, house=service.house, now=service.clock.now())
    assert await outcomes() == {"counselled": 1, "abandoned": 1, "left_menu": 1}
    async with service.database.reading() as session:
        assert await counters.check(session, house=service.house, now=service.clock.now()) == []
    assert today + timedelta(days=1) == service.clock.now().astimezone(service.house.zone).date()
