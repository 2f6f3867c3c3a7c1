"""The database: two kinds of session, and every difference between SQLite and PostgreSQL.

SQLite has one writer connection that begins with `BEGIN IMMEDIATE`, so that a transaction which reads first and
writes later cannot fail half-way, and deferred readers beside it. PostgreSQL takes as many of both as it is given.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from sqlalchemy import event, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from helpline.errors import CannotStore
from helpline.logs import get
from helpline.store import sqlite_connection
from helpline.store.keyring import Keyring
from helpline.store.tables import Notice, Table

log = get("helpline.store")

#: Seconds a writer waits for its turn before the provider is asked to come again.
WRITER_WAIT = 10
#: Transactions that one process writes at once on PostgreSQL. They share one core: more of them do not get done sooner,
#: but each holds its locks for longer, and the others wait for those (docs/performance.md).
WRITERS = 4
#: The channel that PostgreSQL's LISTEN/NOTIFY uses.
NOTIFY_CHANNEL = "helpline"


class ReadSession(AsyncSession):
    """Reads. A query function that takes this one never writes.

    `remembered` is what this process has worked out from this database and need not read again, by a key of whoever
    did; it is lost with the process.
    """

    keyring: Keyring
    remembered: dict[Any, Any]


class WriteSession(ReadSession):
    """Reads and writes in one transaction, committed once by whoever opened it."""

    notices: list[Notice]
    _at_hand: AsyncConnection | None = None

    async def at_hand(self) -> AsyncConnection:
        """The transaction's connection, for statements that need none of the session's bookkeeping. Asking the session
        for it costs as much as such a statement, so it is asked once."""
        if self._at_hand is None:
            self._at_hand = await self.connection()
        return self._at_hand


class Notices(Protocol):
    """Tells live pages that something changed. Two real sides: within this process, and over PostgreSQL."""

    async def announce(self, session: WriteSession, notices: list[Notice]) -> None:
        """Before the commit, with the notices' ids known."""

    def told(self, notices: list[Notice]) -> None:
        """After the commit."""


class Database:
    """Opens sessions. One for the life of the process."""

    def __init__(self, url: str, keyring: Keyring, notices: Notices | None = None) -> None:
        self.url = make_url(url)
        self.keyring = keyring
        self.notices = notices
        self.remembered: dict[Any, Any] = {}
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self._writer = _sqlite_engine(url, writes=True, pool_size=1)
            self._reader = _sqlite_engine(url, writes=False, pool_size=8)
        else:
            self._writer = create_async_engine(
                url, pool_size=20, max_overflow=10, pool_timeout=WRITER_WAIT, hide_parameters=True
            )
            self._reader = self._writer
        self._turns = asyncio.Semaphore(1 if self.is_sqlite else WRITERS)

    @property
    def engine(self) -> AsyncEngine:
        """The writer's engine, for migrations and the doctor."""
        return self._writer

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A session that only reads.

        Raises:
            CannotStore: the database is away.
        """
        async with _storage_errors(), ReadSession(self._reader, expire_on_commit=False) as session:
            session.keyring = self.keyring
            session.remembered = self.remembered
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """One transaction: committed when the block ends well, rolled back when it raises.

        Notices given within it get their ids before the commit and are told after it.

        Raises:
            CannotStore: the database refused, is full or away; nothing is half done.
        """
        async with _storage_errors(), self._turn(), WriteSession(self._writer, expire_on_commit=False) as session:
            session.keyring = self.keyring
            session.remembered = self.remembered
            session.notices = []
            try:
                yield session
                if session.notices:
                    await session.flush()
                    for notice in session.notices:
                        notice.id = await insert_row(
                            session,
                            Notice,
                            {
                                "at": notice.at,
                                "topic": notice.topic,
                                "contact_id": notice.contact_id,
                                "advisor_id": notice.advisor_id,
                            },
                        )
                    if self.notices is not None:
                        await self.notices.announce(session, session.notices)
                await session.commit()
            except BaseException:
                # A cancelled request must not leave the one writer of SQLite inside a transaction.
                await asyncio.shield(session.rollback())
                raise
        if session.notices and self.notices is not None:
            self.notices.told(session.notices)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait for a turn to write, no longer than WRITER_WAIT."""
        async with asyncio.timeout(WRITER_WAIT):
            await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


#: PostgreSQL's own words for «of two transactions one had to give way»: nothing is wrong, it goes well the next time.
_GAVE_WAY = {"40001", "40P01"}
_CANNOT_STORE = "Vi får ikke lagret akkurat nå. Prøv igjen om et øyeblikk."


@asynccontextmanager
async def _storage_errors() -> AsyncIterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise _cannot_store(error) from error
    except DBAPIError as error:
        gave_way = getattr(error.orig, "sqlstate", None) in _GAVE_WAY
        if isinstance(error, IntegrityError) or not (gave_way or error.connection_invalidated):
            raise
        raise _cannot_store(error) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # While connecting, the driver's own errors and the socket's (a missing one is a FileNotFoundError) come bare.
        raise _cannot_store(error) from error


def _cannot_store(error: Exception) -> CannotStore:
    """What is told, after the cause was logged: the statement and its values are left out of it."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    log.warning("cannot_store", error=type(cause).__name__, sqlstate=getattr(cause, "sqlstate", None))
    return CannotStore(_CANNOT_STORE)


def _sqlite_engine(url: str, *, writes: bool, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=WRITER_WAIT,
        connect_args={"timeout": 5, "async_creator_fn": partial(sqlite_connection.connect, in_place=writes)},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "foreign_keys = ON",
            "synchronous = FULL",
            "secure_delete = ON",
            "busy_timeout = 5000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def within(index_name: str) -> Any:
    """The condition of a partial index, in its very words.

    Said otherwise, or with a bound value, neither database can know beforehand that the index holds all it looks for,
    and goes through the whole table instead.
    """
    indexes = (index for table in Table.metadata.tables.values() for index in table.indexes)
    return next(index for index in indexes if index.name == index_name).dialect_options["sqlite"]["where"]


async def insert_row(session: WriteSession, table: type[Table], values: Mapping[str, Any]) -> int:
    """Insert a row and return its id. What has it among the session's objects is not told: for rows that are written
    once and, in this transaction, not read again."""
    connection = await session.at_hand()
    new_id: int = (await connection.execute(_insert_row(table.__table__), values)).scalar_one()
    return new_id


@cache
def _insert_row(table: Any) -> Any:
    return insert(table).returning(table.c.id)


async def insert_if_new(
    session: WriteSession, table: type[Table], values: Mapping[str, Any], *, unique: list[str], where: Any = None
) -> int | None:
    """Insert a row unless one with the same unique columns exists.

    `where` is the condition of a partial unique index. Returns the new row's id, or None when it was there already.
    """
    statement = _insert_if_new(session.get_bind().dialect.name, table.__table__, tuple(unique), where)
    connection = await session.at_hand()
    new_id: int | None = (await connection.execute(statement, values)).scalar_one_or_none()
    return new_id


@cache
def _insert_if_new(dialect_name: str, table: Any, unique: tuple[str, ...], where: Any) -> Any:
    """Made once, for making it anew cost as much as carrying it out. The columns are those of the values given."""
    dialect: Any = sqlite if dialect_name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing(index_elements=unique, index_where=where).returning(table.c.id)


async def take_lease(session: WriteSession, name: str, *, owner: str, now: datetime, until: datetime) -> bool:
    """Win or renew the lease row `name`, so that one process at a time does a sweep. True when it is ours."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    table = Table.metadata.tables["lease"]
    statement = dialect.insert(table).values(name=name, owner=owner, until=until)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": owner, "until": until},
        where=(table.c.until <= now) | (table.c.owner == owner),
    ).returning(table.c.owner)
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def one_moment(session: ReadSession) -> None:
    """From here on the session sees the database as it is at one moment, whatever others commit meanwhile.

    SQLite's readers always do.

    Raises:
        ValueError: the session has asked something in this transaction already.
    """
    if session.in_transaction():
        raise ValueError("one moment must be the first thing in a transaction")
    if session.get_bind().dialect.name != "sqlite":
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def notify(session: WriteSession, payload: str) -> None:
    """PostgreSQL's NOTIFY, delivered to listeners when the transaction commits."""
    await session.execute(select(func.pg_notify(NOTIFY_CHANNEL, payload)))


async def truncate_wal(database: Database) -> None:
    """After erasure on SQLite: nothing erased stays behind in the write-ahead log."""
    if database.is_sqlite:
        async with database.engine.connect() as connection:
            await connection.rollback()
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
