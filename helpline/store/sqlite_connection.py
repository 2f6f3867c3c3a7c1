"""A SQLite connection that crosses between threads as seldom as it can.

aiosqlite makes a cursor, executes, fetches and closes the cursor by an errand each to the connection's own thread, and
every errand costs two switches between threads: about a hundred for one inbound text, most of the time it took
(docs/performance.md). Making and closing a cursor cannot block, so it is done where one stands, and the rows come back
with the execution. The one writer goes further: beginning (which waits for other processes) and committing (which
waits for the disk) stay errands; the short statements between them are done in place, in microseconds.

An errand that has been sent is waited for, also by one who is cancelled meanwhile: what the thread does cannot be
called back, and a connection given up in the middle of a commit would leave the process waiting for it at its end.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")


class Cursor(aiosqlite.Cursor):
    """Fetches what it finds at once: SQLAlchemy asks for all the rows of every statement anyway."""

    _found: list[sqlite3.Row]
    _conn: "Connection"

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        given = () if parameters is None else parameters
        if self._conn.in_place and not sql.startswith("BEGIN"):
            self._found = _execute(self._cursor, sql, given)
        else:
            self._found = await self._conn.errand(partial(_execute, self._cursor, sql, given))
        return self

    async def fetchall(self) -> Iterable[sqlite3.Row]:
        found, self._found = self._found, []
        return found

    async def fetchmany(self, size: int | None = None) -> Iterable[sqlite3.Row]:
        size = size or self.arraysize
        found, self._found = self._found[:size], self._found[size:]
        return found

    async def fetchone(self) -> sqlite3.Row | None:
        return self._found.pop(0) if self._found else None

    async def close(self) -> None:
        self._cursor.close()


def _execute(cursor: sqlite3.Cursor, sql: str, parameters: Any) -> list[sqlite3.Row]:
    cursor.execute(sql, parameters)
    return cursor.fetchall()


class Connection(aiosqlite.Connection):
    """As the library's, but for its cursors.

    `in_place`: statements run in the event loop's thread. Only once BEGIN has returned, so never beside an errand.
    """

    in_place = False

    async def errand(self, do: Callable[[], T]) -> T:
        """Have the connection's own thread do it, to its end."""
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((done, do))
        return await _to_its_end(done)

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await self.errand(partial(fn, *args, **kwargs))

    async def close(self) -> None:
        """Close the connection and end its thread."""
        if self._running and (ended := self.stop()) is not None:
            await _to_its_end(ended)

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy enters it, as it would the library's own
        return Cursor(self, self._conn.cursor())


async def _to_its_end(done: "asyncio.Future[T]") -> T:
    """Wait for what a thread does. Whoever is cancelled meanwhile, however often, is so afterwards."""
    cancelled = None
    while not done.done():
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:
            break  # raised below, unless a cancellation goes before it
    if cancelled is not None:
        done.exception()
        raise cancelled
    return done.result()


def connect(database: str, *, in_place: bool, **options: Any) -> Connection:
    """SQLAlchemy's `async_creator_fn`: a connection that is opened when it is awaited."""
    # Two threads use it, one after the other and never at once; SQLite itself allows even that.
    options["check_same_thread"] = False
    connection = Connection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    connection.in_place = in_place
    # Nothing to wait for at the end of the process: what is not committed is to be rolled back.
    connection._thread.daemon = True
    return connection
