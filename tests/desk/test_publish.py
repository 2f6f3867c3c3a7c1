"""The weekly publication on both databases: written once, attacked over many weeks with everything that everyone knows,
and never of practice contacts."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from helpline.core.codes import Origin, code_lists, counties
from helpline.core.public_tables import VERSION, answer_rate, public_tables
from helpline.core.record import Record
from helpline.core.suppression import Published, renewed
from helpline.core.tally import tally
from helpline.desk import counters, publish
from helpline.desk.house import House
from helpline.store import publications, records
from helpline.store.db import Database
from helpline.store.tables import Publication

#: Monday 5 January 2026, six in the morning in Oslo.
MONDAY = datetime(2026, 1, 5, 5, tzinfo=UTC)
SMALL = range(1, 5)
#: What the tables are read from.
CUTS = tuple({table.cut for table in public_tables().values()} | {()})


def contacts(chance: random.Random, monday: datetime, number: int, *, origin: Origin = Origin.LIVE) -> Iterator[Record]:
    """Contacts of the week that begins on a day, unevenly spread over everything that is published."""
    topics, areas = list(code_lists()["topic"]), list(code_lists()["challenge_area"])
    for _ in range(number):
        asked = chance.random() < 0.7
        yield Record(
            record_id=f"{chance.getrandbits(128):032x}",
            origin=origin,
            opened_at=monday + timedelta(hours=chance.randrange(4, 160)),
            channel=chance.choices(("phone", "sms", "telegram", "email"), (70, 20, 8, 2))[0],
            direction=chance.choices(("inbound", "outbound"), (95, 5))[0],
            outcome=chance.choices(("counselled", "abandoned", "short_abandon", "guided"), (80, 8, 2, 10))[0],
            waited_seconds=round(chance.expovariate(1 / 90)),
            county=chance.choices((*counties(), "unknown"), range(18, 0, -1))[0] if asked else None,
            relation=chance.choice(list(code_lists()["relation"])) if asked else None,
            gender=chance.choices(("female", "male", "other"), (78, 21, 1))[0] if asked else None,
            age_band=chance.choice(list(code_lists()["age_band"])) if asked else None,
            topics=tuple(sorted(set(chance.choices(topics, range(len(topics), 0, -1), k=2)))) if asked else (),
            challenge_areas=(chance.choice(areas),) if asked else (),
            asked_what_matters=chance.random() < 0.8 if asked else None,
        )


@dataclass
class Subtractor:
    """Works out, by subtracting everything from everything, between which bounds each cell must lie at each
    publication, and how much each can have grown. Knows the exact totals from the live page; believes that records are
    only ever added, until a number falls."""

    tables: Sequence[Published]
    several: bool

    def __post_init__(self) -> None:
        self.chain = [Published(contacts=0, cells={}, carriers=0), *self.tables]
        codes = sorted({code for table in self.tables for code in table.cells})
        self.bounds = [
            {code: [table.cells.get(code) or 0, (table.cells.get(code) or 0) + 4 * bool(place)] for code in codes}
            for place, table in enumerate(self.chain)
        ]
        self.growing = all(
            other.contacts >= one.contacts
            and all((other.cells.get(code) or 0) >= (one.cells.get(code) or 0) for code in codes)
            for one, other in pairwise(self.chain)
        )
        while self._tighten():
            pass

    def small(self) -> list[str]:
        """The cells that must have grown by 1 to 4 between two publications, or since the beginning of the year."""
        found: list[str] = []
        if any(low > high for bounds in self.bounds for low, high in bounds.values()):
            return found  # What was believed cannot be: records were corrected.
        for one, other in combinations(range(len(self.chain)), 2):
            before, after = self.bounds[one], self.bounds[other]
            grown = {}
            for code in after:
                least = after[code][0] - before[code][1]
                grown[code] = [max(0, least) if self.growing else least, after[code][1] - before[code][0]]
            self._sum_to(grown, self.chain[other].contacts - self.chain[one].contacts)
            found += [
                f"{code} from {one} to {other}: {low}–{high}"
                for code, (low, high) in grown.items()
                if low in SMALL and high in SMALL and low <= high
            ]
        return found

    def _tighten(self) -> bool:
        was = [{code: list(pair) for code, pair in bounds.items()} for bounds in self.bounds]
        for place, bounds in enumerate(self.bounds):
            self._sum_to(bounds, self.chain[place].contacts)
            if place and self.growing:
                for code, pair in bounds.items():
                    earlier = self.bounds[place - 1][code]
                    pair[0] = max(pair[0], earlier[0])
                    earlier[1] = min(earlier[1], pair[1])
        possible = all(low <= high for bounds in self.bounds for low, high in bounds.values())
        return possible and was != self.bounds

    def _sum_to(self, bounds: Mapping[str, list[int]], whole: int) -> None:
        lows, highs = (sum(pair[end] for pair in bounds.values()) for end in (0, 1))
        for pair in bounds.values():
            low, high = pair
            pair[0] = max(low, whole - (highs - high))
            if not self.several:
                pair[1] = min(high, whole - (lows - low))
            elif self.growing:
                pair[1] = min(high, whole)


def attack(rows: Sequence[Publication]) -> list[str]:
    found = []
    for name, table in public_tables().items():
        mine = [
            Published(
                contacts=row.tables[name]["contacts"],
                cells=row.tables[name]["cells"],
                carriers=row.tables[name]["carriers"],
            )
            for row in rows
            if name in row.tables and "stands" not in row.tables[name]
        ]
        found += [f"{name}: {one}" for one in Subtractor(mine, table.several).small()]
    return found


async def write(database: Database, house: House, written: Sequence[Record]) -> None:
    async with database.writing() as session:
        await records.keep_many(session, written)
        await counters.on_records(session, written, house=house)


async def publish_on(database: Database, house: House, now: datetime) -> list[Publication]:
    async with database.writing() as session:
        await counters.fold_closed_days(session, house=house, now=now, at_most=400)
        return await publish.publish_due(session, house=house, now=now)


async def published(database: Database, *, simulated: bool = False) -> Sequence[Publication]:
    async with database.reading() as session:
        return await publications.all_of(session, simulated=simulated)


async def test_weeks_with_corrections_and_late_records_are_published_and_give_nobody_away(
    database: Database, house: House
) -> None:
    chance = random.Random(17)
    log: list[Record] = []
    for week, size in enumerate((30, 3, 44, 1, 25, 2, 38)):
        monday = MONDAY + timedelta(weeks=week)
        more = list(contacts(chance, monday, size))
        if log:
            wrong = chance.choice(log)
            more.append(replace(wrong, record_id=f"right-{week}", relation="mother", corrects=wrong.record_id))
            more += contacts(chance, MONDAY, 2)
        await write(database, house, more)
        log += more
        (row,) = await publish_on(database, house, monday + timedelta(weeks=1))
        assert (row.year, row.through, row.week) == (2026, row.week, (monday + timedelta(days=6)).date())
        assert row.contacts == tally(log).count("contacts")
        assert row.version == VERSION
    rows = await published(database)
    assert len(rows) == 7
    assert attack(rows) == []
    shown = [row.tables["channel"]["cells"]["phone"] for row in rows]
    assert shown == sorted(shown)
    assert shown[-1] > shown[0] > 0
    # In a week of three contacts something stands, and says since when.
    standing = [table for row in rows for table in row.tables.values() if "stands" in table]
    assert standing
    assert all(date.fromisoformat(table["through"]) < rows[-1].through for table in standing)


async def test_a_week_is_published_once_on_monday_and_never_changed(database: Database, house: House) -> None:
    await write(database, house, list(contacts(random.Random(1), MONDAY, 60)))
    sunday_night = datetime(2026, 1, 11, 22, 59, tzinfo=UTC)
    assert [row.contacts for row in await publish_on(database, house, sunday_night - timedelta(days=7))] == []
    assert await publish_on(database, house, sunday_night) == []
    (row,) = await publish_on(database, house, sunday_night + timedelta(minutes=1))
    before = dict(row.tables)
    assert row.through == date(2026, 1, 11)
    await write(database, house, list(contacts(random.Random(2), MONDAY, 60)))
    assert await publish_on(database, house, sunday_night + timedelta(days=2)) == []
    (kept,) = await published(database)
    assert (kept.tables, kept.contacts) == (before, 60)
    (following,) = await publish_on(database, house, sunday_night + timedelta(days=9))
    assert following.contacts == 120
    again = Publication(**{name: getattr(kept, name) for name in Publication.__table__.columns.keys() if name != "id"})
    async with database.writing() as session:
        with pytest.raises(IntegrityError):
            await publications.add(session, again)
        await session.rollback()


async def test_a_year_ends_on_its_last_day_and_late_records_are_in_through_january(
    database: Database, house: House
) -> None:
    """Sunday 3 January 2027 lies in the new year."""
    await write(database, house, list(contacts(random.Random(3), datetime(2026, 12, 7, 5, tzinfo=UTC), 80)))
    await write(database, house, list(contacts(random.Random(4), datetime(2027, 1, 1, 5, tzinfo=UTC), 9)))
    (old, new) = await publish_on(database, house, datetime(2027, 1, 4, 6, tzinfo=UTC))
    assert (old.year, old.through, old.contacts) == (2026, date(2026, 12, 31), 80)
    assert new.year == 2027
    assert new.contacts < 9
    await write(database, house, list(contacts(random.Random(5), datetime(2026, 12, 7, 5, tzinfo=UTC), 20)))
    (late, new) = await publish_on(database, house, datetime(2027, 1, 11, 6, tzinfo=UTC))
    assert (late.year, late.contacts, new.year) == (2026, 100, 2027)
    assert [row.year for row in await publish_on(database, house, datetime(2027, 3, 1, 6, tzinfo=UTC))] == [2027]


async def test_a_real_installation_never_counts_or_shows_practice(database: Database, house: House) -> None:
    demo = replace(house, origin=Origin.SIMULATED)
    practice = list(contacts(random.Random(6), MONDAY, 70, origin=Origin.SIMULATED))
    await write(database, house, [*practice, *contacts(random.Random(7), MONDAY, 12)])
    now = MONDAY + timedelta(weeks=1)
    async with database.reading() as session:
        assert await publish.live_total(session, house=house, now=now) == 12
        assert await publish.live_total(session, house=demo, now=now) == 82
    (real,) = await publish_on(database, house, now)
    (shown,) = await publish_on(database, demo, now)
    assert (real.contacts, real.simulated, shown.contacts, shown.simulated) == (12, False, 82, True)
    assert [row.contacts for row in await published(database)] == [12]
    async with database.reading() as session:
        newest = await publications.newest(session, simulated=False)
    assert newest is not None
    assert newest.contacts == 12


async def test_nothing_is_published_of_nothing(database: Database, house: House) -> None:
    assert await publish_on(database, house, MONDAY) == []
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Publication)) == 0
        assert await publish.live_total(session, house=house, now=MONDAY) == 0


@given(st.integers(0, 2**32), st.lists(st.sampled_from([0, 1, 2, 4, 9, 20, 60]), min_size=2, max_size=8), st.booleans())
@settings(max_examples=60, deadline=None)
def test_whatever_comes_in_whichever_weeks_subtraction_finds_no_small_cell(
    seed: int, sizes: list[int], corrected: bool
) -> None:
    """All the tables as they are, of random contacts; with corrections that change what a contact was about."""
    chance = random.Random(seed)
    log: list[Record] = []
    chains: dict[str, list[Published]] = {name: [] for name in public_tables()}
    for week, size in enumerate(sizes):
        log += contacts(chance, MONDAY + timedelta(weeks=week), size)
        if corrected and log:
            wrong = chance.choice(log)
            log.append(replace(wrong, record_id=f"right-{week}", county="56", corrects=wrong.record_id))
        counted = tally(log, cuts=CUTS)
        for name, table in public_tables().items():
            counts = table.counts(counted)
            assert counts.keys() >= set(table.codes)
            new = renewed(counts, contacts=counted.count("contacts"), before=chains[name], several=table.several)
            if new is not None:
                chains[name].append(new)
    for name, chain in chains.items():
        assert Subtractor(chain, public_tables()[name].several).small() == [], name


def test_subtraction_does_find_what_rounding_alone_gives_away() -> None:
    first = Published(contacts=73, cells={"a": 20, "b": 30, "c": 10, "d": 5}, carriers=4)
    slow = Published(contacts=75, cells={"a": 20, "b": 30, "c": 15, "d": 5}, carriers=4)
    assert Subtractor([first, slow], several=False).small() == ["c from 1 to 2: 1–2"]


@pytest.mark.parametrize(
    ("cells", "rate"),
    [
        ({"answered": 90, "not_answered": 10, "left_at_once": None}, 90),
        ({"answered": 85, "not_answered": 10, "left_at_once": None}, None),
        ({"answered": None, "not_answered": None, "left_at_once": None}, None),
    ],
)
def test_an_answer_rate_is_of_shown_numbers_and_only_of_many(cells: dict[str, int | None], rate: int | None) -> None:
    assert answer_rate(cells) == rate
