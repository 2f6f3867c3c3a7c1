"""Figures of the counters: a year's report over a million records, or ten, beside the same over a hundred thousand.

The records lie in the table and the days are folded as the service folds them; only the writing is faster than life: a
week of contacts is made up, counted by the rules, and repeated over the year by the database itself.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import bindparam, insert, text

from bench.figure import Figure, shown
from bench.size import Size
from helpline.core import record as rules
from helpline.core.codes import Origin, code_lists, municipalities
from helpline.core.counter_list import COUNTERS
from helpline.core.counters import breakdown, read
from helpline.core.hours import wall_clock
from helpline.core.record import OSLO, Record
from helpline.core.tally import DIMENSIONS, kept
from helpline.desk import counters
from helpline.desk.counters import in_steps
from helpline.desk.house import House
from helpline.store import records, tallies
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import migrate
from helpline.store.tables import FoldedTally, Instant

YEAR = 2025
#: The day after, about noon: the year is closed, and half a day more has come.
NOW = datetime(YEAR + 1, 1, 1, 11, tzinfo=UTC)
HOURS = range(9, 16)
#: A Monday of long ago, on which the week that is repeated begins.
PATTERN = date(2001, 1, 1)
_DAY = timedelta(days=1)
#: Only the zone of a house counts here.
HOUSE = cast(House, SimpleNamespace(zone=OSLO))


def measure(folder: Path, size: Size, *, databases: Mapping[str, tuple[str | None, str | None]]) -> Iterator[Figure]:
    """For each kind of database: a closed year, the last thirty days, and those with today."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, (short, long) in databases.items():
        addresses = {
            count: address or f"sqlite+aiosqlite:///{folder}/{count}.db"
            for count, address in ((size.records_few, short), (size.records_many, long))
        }
        yield from asyncio.run(_measure(kind, addresses, size))


async def _measure(kind: str, addresses: Mapping[int, str], size: Size) -> list[Figure]:
    async with AsyncExitStack() as up:
        opened: dict[int, Database] = {}
        for count, address in addresses.items():
            opened[count] = Database(address, Keyring(["bench-bench-bench-bench-bench-bench"]))
            up.push_async_callback(opened[count].close)
            await migrate(opened[count])
            await _load(opened[count], count)
        figures = []
        today = date(YEAR + 1, 1, 1)
        for what, first, last, step, target in (
            ("The report of a closed year", date(YEAR, 1, 1), date(YEAR, 12, 31), "month", 1.5),
            ("The last thirty closed days, by day", today - 30 * _DAY, today - _DAY, "day", 1.5),
            ("The last thirty days with today, by day", today - 29 * _DAY, today, "day", 1.5),
        ):
            taken: dict[int, list[float]] = {count: [] for count in opened}
            for _ in range(size.rounds + 1):
                for count, database in opened.items():
                    begun = time.perf_counter()
                    await _report(database, count, first, last, step)
                    taken[count].append(1000 * (time.perf_counter() - begun))
            # The first of each fetches from the disk, and reads today's records.
            few, many = (median(times[1:]) for times in taken.values())
            figures.append(
                Figure(
                    what=f"{what}: {shown(size.records_many)} records, {kind}",
                    value=many,
                    unit="ms",
                    beside=few,
                    beside_what=f"{shown(size.records_few)} records",
                    target=target,
                    note=f"{len(COUNTERS)} counters and {len(DIMENSIONS)} dimensions, median of {size.rounds}",
                )
            )
        return figures


async def _report(database: Database, records_in_year: int, first: date, last: date, step: str) -> None:
    """What a page shows: every counter, every dimension, and the course of time."""
    async with database.reading() as session:
        counted = await counters.count(session, house=HOUSE, first=first, last=last, include_simulated=False, step=step)
    for name in COUNTERS:
        read(name, counted.whole)
    for dimension in DIMENSIONS:
        breakdown(counted.whole, dimension)
    for tally in in_steps(counted, step).values():
        read("contacts", tally)
    days = (last - first).days + 1
    found = counted.whole.count("contacts")
    if not 0.8 * days < found / (records_in_year / 365) < 1.05 * days:
        raise ValueError(f"{found} contacts were counted, where {records_in_year} lie in a year.")


async def _load(database: Database, count: int) -> None:
    """A year of records, with every day folded; and half of the next day, which is not."""
    chance = random.Random(count)
    week = {PATTERN + day * _DAY: _day(chance, PATTERN + day * _DAY, count // 365) for day in range(7)}
    documents = {}
    for day, some in week.items():
        tally = kept()
        for one in some:
            tally.add(one)
        documents[day.weekday()] = tally.split()
    async with database.writing() as session:
        await records.keep_many(session, (one for some in week.values() for one in some))
        await session.execute(text("CREATE TABLE pattern AS SELECT * FROM record"))
        await session.execute(text("DELETE FROM record"))
        await session.execute(text("CREATE INDEX pattern_opened ON pattern (opened_at)"))
    day = date(YEAR, 1, 1)
    while day.year == YEAR:
        await _repeat(database, day, HOURS)
        rows = [
            {"span": "day", "cut": "&".join(cut), "first": day, "simulated": False, "tally": one, "folded_at": NOW}
            for cut, one in documents[day.weekday()].items()
        ]
        async with database.writing() as session:
            await session.execute(insert(FoldedTally), rows)
        day += _DAY
    await _repeat(database, day, HOURS[: len(HOURS) // 2])
    async with database.writing() as session:
        await session.execute(text("DROP TABLE pattern"))
        await tallies.hold_marker(session, zone=OSLO, alone=True)
        await tallies.move_marker(session, date(YEAR, 12, 31), zone=OSLO)
    months: list[date] = []
    while len(months) < 12:
        async with database.writing() as session:
            await counters.fold_closed_days(session, house=HOUSE, now=NOW)
            months = await tallies.firsts(session, "month")
    if not database.is_sqlite:
        async with database.writing() as session:
            await session.execute(text("ANALYZE"))


async def _repeat(database: Database, day: date, hours: range) -> None:
    """The pattern's day of that weekday once more, on another day."""
    pattern = PATTERN + day.weekday() * _DAY
    times: dict[str, datetime] = {}
    cases = []
    for hour in hours:
        times |= {f"from{hour}": _hour(pattern, hour), f"to{hour}": _hour(day, hour)}
        cases.append(f"WHEN :from{hour} THEN {'' if database.is_sqlite else 'CAST('}:to{hour}")
    closing = "" if database.is_sqlite else " AS TIMESTAMPTZ)"
    moved = f"CASE opened_at {' '.join(case + closing for case in cases)} END"
    names = [name for name in (*rules.COLUMNS, "correction") if name not in ("record_id", "opened_at", "closed_at")]
    statement = text(
        f"INSERT INTO record (record_id, opened_at, closed_at, {', '.join(names)}) "
        f"SELECT '{day:%Y%m%d}' || record_id, {moved}, {moved}, {', '.join(names)} FROM pattern "
        f"WHERE opened_at >= :from{hours[0]} AND opened_at <= :from{hours[-1]}"
    ).bindparams(*(bindparam(name, type_=Instant()) for name in times))
    async with database.writing() as session:
        await session.execute(statement, times)


def _hour(day: date, hour: int) -> datetime:
    return wall_clock(day, clock_time(hour), OSLO)


def _day(chance: random.Random, day: date, count: int) -> list[Record]:
    """Contacts of one day, spread over every code that there is."""
    lists = {name: list(codes) for name, codes in code_lists().items()}
    places = list(municipalities())
    articles = [f"article-{number}" for number in range(80)]
    queued = ["counselled"] * 12 + ["abandoned"] * 2 + ["referred", "short_abandon", *lists["outcome"]]
    found = []
    for number in range(count):
        outcome = chance.choice(queued)
        given: dict[str, Any] = {name: chance.choice(lists[name]) for name in ("gender", "relation", "age_band")}
        found.append(
            Record(
                record_id=f"-{day.weekday()}-{number}".removeprefix("-"),
                origin=Origin.LIVE,
                opened_at=_hour(day, chance.choice(HOURS)),
                channel=chance.choice(("phone", "phone", "phone", "sms", "telegram", "email")),
                direction="inbound",
                enquirer="relative",
                municipality=chance.choice(places),
                challenge_areas=(chance.choice(lists["challenge_area"]),),
                topics=tuple(sorted(set(chance.choices(lists["topic"], k=2)))),
                language=chance.choice(("nb", "nb", "nb", "nn", "en")),
                urgency=chance.choice(("green", "green", "yellow", "red")),
                waited_seconds=round(chance.expovariate(1 / 95)),
                handled_seconds=round(chance.lognormvariate(6.9, 0.5)),
                outcome=outcome,
                caller_status=chance.choice(("new", "returning")),
                redial_24h=chance.random() < 0.06,
                asked_what_matters=chance.random() < 0.8,
                evaluation=chance.randint(0, 10) if chance.random() < 0.2 else None,
                articles_used=(chance.choice(articles),),
                referred_to=(chance.choice(lists["referral"]),),
                **given,
            )
        )
    return found
