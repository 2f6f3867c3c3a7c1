"""How long it takes to hold out the head of the queue, when the queue is long beside when it is short."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, text

from bench.figure import Figure
from bench.installation import ROOT, Failed, Installation, new_advisor
from bench.size import Size
from helpline.core.codes import Channel, Direction, Origin, Urgency
from helpline.core.contact import ContactState, Wish
from helpline.desk import offer
from helpline.desk.house import House
from helpline.settings import Settings
from helpline.store.db import Database
from helpline.store.migrate import migrate
from helpline.store.tables import Contact


class _TakeBack(Exception):
    """Raised to roll a claim back, so that the next one finds the same queue."""


def measure(folder: Path, size: Size, *, databases: dict[str, tuple[str | None, str | None]]) -> Iterator[Figure]:
    """`databases`: a name for each kind, and the addresses for the short and the long queue (None: SQLite files)."""
    house = House.load(Settings(_env_file=None, knowledge_dir=ROOT / "knowledge"))
    for name, (short_url, long_url) in databases.items():
        short, long = asyncio.run(
            _claims(
                Installation.at(folder / name / "short", short_url),
                Installation.at(folder / name / "long", long_url),
                house,
                size,
            )
        )
        yield Figure(
            what=f"Queue claim with {size.queue_long} waiting, {name}",
            value=1000 * median(long),
            unit="ms",
            beside=1000 * median(short),
            beside_what=f"with {size.queue_short} waiting",
            target=1.5,
            note=f"median of {size.claims} each, taken in turn",
        )


async def _claims(short: Installation, long: Installation, house: House, size: Size) -> tuple[list[float], list[float]]:
    one, other = short.database(), long.database()
    taken: tuple[list[float], list[float]] = ([], [])
    try:
        await _fill(one, size.queue_short)
        await _fill(other, size.queue_long)
        for number in range(size.claims + 5):
            for database, times in zip((one, other), taken, strict=True):
                seconds = await _claim(database, house)
                if number >= 5:  # before that the caches are cold
                    times.append(seconds)
    finally:
        await one.close()
        await other.close()
    return taken


async def _claim(database: Database, house: House) -> float:
    now = datetime.now(UTC)
    seconds = 0.0
    try:
        async with database.writing() as session:
            await session.connection()
            begun = time.perf_counter()
            made = await offer.hold_out(session, house=house, now=now)
            await session.flush()
            seconds = time.perf_counter() - begun
            if len(made) != 1:
                raise Failed(f"One free advisor was offered {len(made)} contacts.")
            raise _TakeBack
    except _TakeBack:
        return seconds


async def _fill(database: Database, waiting: int) -> None:
    await migrate(database)
    now = datetime.now(UTC)
    levels = (Urgency.RED, Urgency.YELLOW, Urgency.GREEN, Urgency.GREEN, Urgency.GREEN)
    rows: list[dict[str, Any]] = [
        {
            "channel": Channel.PHONE if number % 2 else Channel.TELEGRAM,
            "direction": Direction.INBOUND,
            "origin": Origin.SIMULATED,
            "state": ContactState.WAITING,
            "wish": Wish.TALK,
            "urgency": levels[number % len(levels)],
            "language": "nb",
            "step": "waiting",
            "memory": {},
            "turn": 1,
            "call_sid": f"CA{number:032}",
            "opened_at": now - timedelta(seconds=waiting - number),
            "waiting_since": now - timedelta(seconds=waiting - number),
            "last_inbound_at": now,
            "topics": [],
            "draft": {},
        }
        for number in range(waiting)
    ]
    async with database.writing() as session:
        session.add(new_advisor(session.keyring, 1, now=now))
        await session.execute(insert(Contact), rows)
    # As the database's own upkeep does after so many rows.
    async with database.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))
