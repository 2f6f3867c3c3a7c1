"""Tells live pages that something changed: a sequence of ids, caught up after a break."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy import delete, func, select

from helpline.logs import get
from helpline.store.db import NOTIFY_CHANNEL, Database, ReadSession, WriteSession, notify
from helpline.store.tables import Notice

log = get("helpline.notices")

#: Topics, and what a page refetches when it sees one.
QUEUE = "queue"
CONTACT = "contact"
DUTY = "duty"
HOURS = "hours"
#: A listener was lost: everything may have changed.
EVERYTHING = "everything"
#: Never told to a page: it wakes the listeners of a process that is about to stop.
ENDING = "ending"

#: Ids are given before their transactions commit, so a slow one may appear behind a faster one with a higher id.
#: Catching up therefore begins this far back; a page that refetches once too often does no harm.
CATCH_UP_MARGIN = 50


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a live page hears."""

    id: int
    topic: str
    contact_id: int | None = None
    advisor_id: int | None = None


def give(
    session: WriteSession, topic: str, *, now: datetime, contact_id: int | None = None, advisor_id: int | None = None
) -> None:
    """Say that something changed; goes out when the transaction commits. The same thing twice is said once."""
    for notice in session.notices:
        if (notice.topic, notice.contact_id, notice.advisor_id) == (topic, contact_id, advisor_id):
            return
    session.notices.append(Notice(at=now, topic=topic, contact_id=contact_id, advisor_id=advisor_id))


async def since(session: ReadSession, last_id: int) -> list[Told]:
    """What was told after `last_id`, with the margin for slow transactions."""
    rows = await session.scalars(select(Notice).where(Notice.id > last_id - CATCH_UP_MARGIN).order_by(Notice.id))
    return [_told(row) for row in rows]


async def latest(session: ReadSession) -> int:
    """The highest id given so far; 0 at the beginning."""
    return int(await session.scalar(select(func.coalesce(func.max(Notice.id), 0))) or 0)


async def sweep(session: WriteSession, *, now: datetime, keep: timedelta = timedelta(days=1)) -> None:
    await session.execute(delete(Notice).where(Notice.at < now - keep))


def _told(notice: Notice) -> Told:
    return Told(id=notice.id, topic=notice.topic, contact_id=notice.contact_id, advisor_id=notice.advisor_id)


class InProcessNotices:
    """One process (SQLite): listeners are queues within it."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Told]] = set()
        #: The process is about to stop: whoever listens for somebody else, as a stream does, ends.
        self.ending = False

    def end_listening(self) -> None:
        """Say to every listener that the process is about to stop."""
        self.ending = True
        self.spread([Told(id=0, topic=ENDING)])

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to disconnect from."""

    async def announce(self, session: WriteSession, notices: Sequence[Notice]) -> None:
        """Nothing to do before the commit."""

    def told(self, notices: Sequence[Notice]) -> None:
        self.spread([_told(notice) for notice in notices])

    def spread(self, told: Sequence[Told]) -> None:
        for listener in self._listeners:
            for one in told:
                if listener.full():
                    # A page that does not read is told once that it missed something.
                    while not listener.empty():
                        listener.get_nowait()
                    listener.put_nowait(Told(id=one.id, topic=EVERYTHING))
                else:
                    listener.put_nowait(one)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Queue[Told]]:
        """A queue that fills with what is told from now on."""
        queue: asyncio.Queue[Told] = asyncio.Queue(maxsize=1000)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)


class PostgresNotices(InProcessNotices):
    """Several processes: what one commits, every one hears, in the order of the commits."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._listen(ready), name="notices")
        await ready.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def announce(self, session: WriteSession, notices: Sequence[Notice]) -> None:
        told = [[notice.id, notice.topic, notice.contact_id, notice.advisor_id] for notice in notices]
        # NOTIFY carries at most 8000 bytes.
        for start in range(0, len(told), 100):
            await notify(session, json.dumps(told[start : start + 100]))

    def told(self, notices: Sequence[Notice]) -> None:
        """Our own come back from the database like everyone else's."""

    async def _listen(self, ready: asyncio.Event) -> None:
        # An address of PostgreSQL itself says `sslmode` where SQLAlchemy's says `ssl`.
        query = {"sslmode" if name == "ssl" else name: value for name, value in self._database.url.query.items()}
        dsn = self._database.url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
        first = True
        while True:
            lost = asyncio.Event()
            try:
                connection = await asyncpg.connect(dsn)
                connection.add_termination_listener(lambda *_, gone=lost: gone.set())
                await connection.add_listener(NOTIFY_CHANNEL, self._heard)
                ready.set()
                if not first:
                    self.spread([Told(id=0, topic=EVERYTHING)])
                first = False
                try:
                    await lost.wait()
                finally:
                    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                        await connection.close(timeout=2)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("notices_listener_lost", error=type(error).__name__)
            ready.set()
            await asyncio.sleep(1)

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        self.spread(
            [Told(id=row[0], topic=row[1], contact_id=row[2], advisor_id=row[3]) for row in json.loads(payload)]
        )


def for_database(database: Database) -> InProcessNotices:
    """The side that fits the database, already plugged in."""
    notices = InProcessNotices() if database.is_sqlite else PostgresNotices(database)
    database.notices = notices
    return notices
