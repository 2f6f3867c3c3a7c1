"""Writers take turns: one at a time on SQLite, a few on PostgreSQL, and nobody waits for ever."""

import asyncio

import pytest

from helpline.errors import CannotStore
from helpline.store import db
from helpline.store.db import Database
from tests.conftest import DEADLINE


async def test_one_who_gets_no_turn_to_write_is_asked_to_come_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "WRITER_WAIT", 0.05)
    go_on = asyncio.Event()
    inside = asyncio.Semaphore(0)

    async def hold() -> None:
        async with database.writing():
            inside.release()
            await go_on.wait()

    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        for _ in range(1 if database.is_sqlite else db.WRITERS):
            group.create_task(hold())
            await inside.acquire()
        with pytest.raises(CannotStore):
            async with database.writing():
                raise AssertionError("this is one writer too many")
        # Reading takes no turn.
        async with database.reading():
            pass
        go_on.set()
    async with database.writing():
        pass
