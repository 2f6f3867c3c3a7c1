"""The time, and the timetable: APScheduler's whole list of sweeps.

Every sweep wins a lease row first, so that of several processes one does it; due times live in the database, so that
nothing is forgotten when a process ends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.base import STATE_RUNNING, STATE_STOPPED

from helpline.desk import counters, duty, erase, leg, offer, publish, recount
from helpline.desk.house import House
from helpline.errors import CannotStore, ProviderSilent
from helpline.logs import get
from helpline.store.db import Database, WriteSession, take_lease, truncate_wal

log = get("helpline.clock")

#: What sweeps that are under way get when the process is told to stop.
LAST_SWEEPS = timedelta(seconds=2)


class Clock(Protocol):
    """Where the time comes from; tests bring their own."""

    def now(self) -> datetime:
        """The aware time in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Something done every so often: `run` in a writing session, `alone` with sessions of its own (provider calls)."""

    name: str
    every: timedelta
    run: Callable[[WriteSession, datetime], Awaitable[object]] | None = None
    alone: Callable[[datetime], Awaitable[object]] | None = None


def timetable(house: House, database: Database) -> list[Sweep]:
    """Every sweep of the house itself; the channels add their catch-up."""

    async def expire(session: WriteSession, now: datetime) -> None:
        await offer.expire(session, house=house, now=now)

    async def hanging(session: WriteSession, now: datetime) -> None:
        await leg.free_hanging(session, house=house, now=now)

    async def shifts(session: WriteSession, now: datetime) -> None:
        await duty.end_with_shift(session, house=house, now=now)

    async def silent(session: WriteSession, now: datetime) -> None:
        await erase.close_silent(session, house=house, now=now)

    async def forget(session: WriteSession, now: datetime) -> None:
        await erase.by_the_clock(session, house=house, now=now)

    async def fold(session: WriteSession, now: datetime) -> None:
        await counters.fold_closed_days(session, house=house, now=now)

    async def recounted(now: datetime) -> None:
        async with database.reading() as session:
            if not await recount.is_due(session, house=house, now=now):
                return
        # It may take long, and nobody waits for it: it only reads, and what it found is written afterwards.
        async with database.reading() as session:
            found = await counters.check(session, house=house, now=now)
        async with database.writing() as session:
            await recount.note(session, found, now=now)

    async def publish_week(session: WriteSession, now: datetime) -> None:
        await publish.publish_due(session, house=house, now=now)

    async def wal(_: datetime) -> None:
        await truncate_wal(database)

    return [
        Sweep(name="offers", every=timedelta(seconds=2), run=expire),
        Sweep(name="hanging_legs", every=timedelta(seconds=15), run=hanging),
        Sweep(name="shifts", every=timedelta(minutes=1), run=shifts),
        Sweep(name="silent", every=timedelta(minutes=10), run=silent),
        Sweep(name="fold", every=timedelta(hours=1), run=fold),
        Sweep(name="recount", every=timedelta(minutes=20), alone=recounted),
        Sweep(name="publish", every=timedelta(hours=1), run=publish_week),
        Sweep(name="forget", every=timedelta(minutes=30), run=forget),
        Sweep(name="truncate_wal", every=timedelta(minutes=5), alone=wal),
    ]


class Timetable:
    """Runs the sweeps until stopped."""

    def __init__(self, database: Database, sweeps: list[Sweep], *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # SQLite has one process, so a lease left by one that was killed is ours at once.
        self._owner = "only" if database.is_sqlite else uuid4().hex
        self.sweeps = sweeps
        self._under_way: set[asyncio.Task[Any]] = set()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def start(self) -> None:
        for sweep in self.sweeps:
            self._scheduler.add_job(
                self._due, "interval", args=[sweep], seconds=sweep.every.total_seconds(), id=sweep.name
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Begin no more sweeps. Those under way come to their end; one that waits for a provider is cut off.

        The scheduler's own shutdown would cut them all off and not wait until they are gone, while the database is
        being closed.
        """
        if self._scheduler.state == STATE_RUNNING:
            self._scheduler.pause()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=LAST_SWEEPS.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._scheduler.state != STATE_STOPPED:
            self._scheduler.shutdown(wait=False)
            # That only asks the loop to do it; now it does.
            await asyncio.sleep(0)

    async def _due(self, sweep: Sweep) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            await self.run(sweep)
        finally:
            self._under_way.discard(task)

    async def run(self, sweep: Sweep) -> bool:
        """One sweep, if its lease can be won. False when another process has it, or database or provider is away."""
        try:
            async with self._database.writing() as session:
                now = self._clock.now()
                until = now + max(sweep.every, timedelta(seconds=30)) * 2
                if not await take_lease(session, sweep.name, owner=self._owner, now=now, until=until):
                    return False
                if sweep.run is not None:
                    await sweep.run(session, now)
            if sweep.alone is not None:
                await sweep.alone(now)
        except (CannotStore, ProviderSilent) as error:
            log.error("sweep_put_off", sweep=sweep.name, error=type(error).__name__)
            return False
        return True
