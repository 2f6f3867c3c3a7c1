"""The timetable: what is swept, by whom, and what happens when it cannot be."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from helpline import clock as clocks
from helpline.clock import Sweep, Timetable, timetable
from helpline.core.codes import Outcome
from helpline.core.contact import ContactState
from helpline.desk import counters
from helpline.desk.house import House
from helpline.store.db import Database, WriteSession
from helpline.store.tables import FoldedTally, Lease
from tests.conftest import HandClock
from tests.desk import line as lines


async def test_of_several_processes_one_sweeps_until_its_lease_is_over(database: Database, clock: HandClock) -> None:
    done: list[str] = []

    def process(name: str) -> Timetable:
        async def run(_session: WriteSession, _now: datetime) -> None:
            done.append(name)

        return Timetable(database, [Sweep(name="work", every=timedelta(minutes=1), run=run)], clock=clock)

    one, two = process("one"), process("two")
    assert await one.run(one.sweeps[0])
    second = await two.run(two.sweeps[0])
    # SQLite has one process: a lease left by one that was killed is taken over at once.
    assert second is database.is_sqlite
    clock.advance(minutes=1)
    assert await one.run(one.sweeps[0])
    clock.advance(minutes=2)
    assert await two.run(two.sweeps[0])
    assert done == (["one", "two", "one", "two"] if database.is_sqlite else ["one", "one", "two"])


async def test_a_sweep_that_cannot_store_is_put_off_and_leaves_nothing(database: Database, clock: HandClock) -> None:
    async def broken(session: WriteSession, now: datetime) -> None:
        session.add(Lease(name="half done", owner="x", until=now))
        await session.flush()
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())" if not database.is_sqlite else "x"))

    sweeps = [Sweep(name="work", every=timedelta(minutes=1), run=broken)]
    assert not await Timetable(database, sweeps, clock=clock).run(sweeps[0])
    async with database.reading() as session:
        assert (await session.scalars(select(Lease.name))).all() == []


async def test_every_sweep_of_the_house_runs(database: Database, house: House, clock: HandClock) -> None:
    """A day in the life: an offer is missed, a conversation falls silent, the day is folded, words are forgotten."""
    line = await lines.opened(database, house, clock)
    advisor = await line.advisor()
    await line.write("rådgiver", who="+4790000301")
    await line.write("hei", who="+4790000302")
    table = Timetable(database, timetable(house, database), clock=clock)

    async def sweep_all() -> None:
        for sweep in table.sweeps:
            assert await table.run(sweep), sweep.name

    clock.advance(minutes=1)
    await sweep_all()
    assert await line.states() == [ContactState.WAITING, ContactState.GUIDED]
    clock.advance(hours=13)
    await sweep_all()
    assert await line.states() == [ContactState.WAITING, ContactState.CLOSED]
    await line.take(advisor, (await line.contacts())[0].id)
    await line.close(advisor, (await line.contacts())[0].id, outcome=Outcome.COUNSELLED)
    clock.advance(days=8)
    await sweep_all()

    async with database.reading() as session:
        assert len((await session.scalars(select(FoldedTally.first).distinct())).all()) == 1, "the day is folded"
    async with database.reading() as session:
        assert await counters.check(session, house=house, now=clock.now()) == []
    assert await line.course(1) == []


async def test_the_names_of_sweeps_are_leases_and_none_is_there_twice(house: House, database: Database) -> None:
    names = [sweep.name for sweep in timetable(house, database)]

    assert len(names) == len(set(names))
    assert {"offers", "hanging_legs", "shifts", "silent", "fold", "forget", "truncate_wal"} <= set(names)


async def test_started_it_sweeps_by_itself_and_stops(database: Database, clock: HandClock) -> None:
    done: list[datetime] = []

    async def run(_session: WriteSession, now: datetime) -> None:
        done.append(now)

    table = Timetable(database, [Sweep(name="work", every=timedelta(seconds=0.01), run=run)], clock=clock)
    table.start()
    async with database.reading() as session:
        while not done:
            await session.execute(text("SELECT 1"))
    await table.stop()
    await table.stop()
    assert done[0] == clock.now()


async def test_told_to_stop_it_lets_a_sweep_end_and_begins_no_other(database: Database, clock: HandClock) -> None:
    begun, go_on, done = asyncio.Event(), asyncio.Event(), []

    async def run(_session: WriteSession, now: datetime) -> None:
        begun.set()
        await go_on.wait()
        done.append(now)

    table = Timetable(database, [Sweep(name="work", every=timedelta(seconds=0.01), run=run)], clock=clock)
    table.start()
    await begun.wait()
    stopping = asyncio.create_task(table.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert len(done) == 1


async def test_told_to_stop_it_cuts_off_what_waits_for_a_provider(
    database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "LAST_SWEEPS", timedelta(0))
    begun, ended = asyncio.Event(), []

    async def ask(_: datetime) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cut off")

    table = Timetable(database, [Sweep(name="ask", every=timedelta(seconds=0.01), alone=ask)], clock=clock)
    table.start()
    await begun.wait()
    await table.stop()
    assert ended == ["cut off"]
