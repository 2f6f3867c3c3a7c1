"""What every command needs: its voice, the settings and the database."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from helpline import settings
from helpline.settings import Settings
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import require_newest

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def say(text: str) -> None:
    print(text)  # noqa: T201


def say_json(document: object) -> None:
    say(json.dumps(document, ensure_ascii=False, default=str))


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened(loaded: Settings) -> AsyncIterator[Database]:
    database = Database(loaded.database_url, Keyring(loaded.keys))
    try:
        await require_newest(database)
        yield database
    finally:
        await database.close()


def with_database(do: Callable[[Database, Settings], Awaitable[T]]) -> T:
    loaded = settings.load()

    async def run() -> T:
        async with opened(loaded) as database:
            return await do(database, loaded)

    return asyncio.run(run())
