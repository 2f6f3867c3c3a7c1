"""Any order of entering, correcting, striking out and taking back: the counters say what a plain list of them says."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from helpline.core.codes import Origin
from helpline.core.duty import Role
from helpline.core.record import is_struck
from helpline.desk import counters, enter
from helpline.desk.enter import Filled
from helpline.desk.house import House
from helpline.errors import HelplineError, NotFound
from helpline.store.db import Database
from helpline.store.tables import Advisor
from tests.conftest import MONDAY, HandClock, add_advisor

#: A day after the others, so that most of what is entered is of days that are folded already.
NOW = MONDAY + timedelta(days=1)


@pytest.fixture
async def rogn(database: Database, clock: HandClock) -> Advisor:
    return await add_advisor(database, clock, "Rogn Eksempel", role=Role.MANAGER)


def drawn(chance: random.Random) -> Filled:
    kind = chance.choice(enter.KINDS)
    by_kind: dict[str, dict[str, Any]] = {
        "contact": {"channel": "phone", "outcome": chance.choice(("no_reply", "not_reached", "message_left"))},
        "session": {"channel": "video", "participants": chance.randint(1, 4)},
        "attendance": {"activity": "course", "participants": chance.randint(1, 9)},
        "group": {},
    }
    more = by_kind[kind]
    # About the night when the clocks go back, too.
    return Filled(
        kind=kind, day=date(2026, 10, 24) + timedelta(days=chance.randint(0, 2)), hour=chance.randint(0, 23), **more
    )


def plain(standing: list[Filled]) -> dict[str, int]:
    """The figures, by counting on one's fingers."""
    sessions = [one for one in standing if one.kind == "session"]
    return {
        "contacts": sum(one.kind == "contact" for one in standing),
        "sessions": len(sessions),
        "persons": sum(one.participants or 0 for one in sessions),
        "attendances": sum(one.participants or 0 for one in standing if one.kind == "attendance"),
        "groups": sum(one.kind == "group" for one in standing),
    }


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_writing_counts_right(database: Database, house: House, rogn: Advisor, seed: int) -> None:
    chance = random.Random(seed)
    #: What stands, by the id it was first entered under; None is struck out.
    stands: dict[str, tuple[Filled, bool]] = {}
    for number in range(30):
        key = f"{number:032x}"
        async with database.writing() as session:
            if number == 10:
                await counters.fold_closed_days(session, house=house, now=NOW, at_most=100)
            if not stands or chance.random() < 0.45:
                stands[key] = (drawn(chance), True)
                await enter.enter(session, stands[key][0], key=key, house=house, advisor=rogn, now=NOW)
                continue
            first = chance.choice(list(stands))
            found = await enter.trace(session, first, house=house, advisor=rogn, now=NOW)
            seen, (filled, counts) = found.standing.record_id, stands[first]
            assert is_struck(found.standing) is not counts
            if counts and chance.random() < 0.4:
                await enter.strike(session, first, key=key, seen=seen, house=house, advisor=rogn, now=NOW)
                stands[first] = (filled, False)
                continue
            changed = replace(filled, day=drawn(chance).day, hour=chance.randint(0, 23))
            await enter.correct(session, first, changed, key=key, seen=seen, house=house, advisor=rogn, now=NOW)
            stands[first] = (changed, True)
    async with database.reading() as session:
        whole = (await counters.count(session, house=house, include_simulated=False)).whole
    wanted = plain([filled for filled, counts in stands.values() if counts])
    assert {unit: whole.count(unit) for unit in wanted} == wanted
    async with database.reading() as session:
        assert await counters.check(session, house=house, now=NOW) == []


async def test_the_demo_never_enters_what_would_count_elsewhere(
    database: Database, house: House, rogn: Advisor
) -> None:
    practice = replace(house, origin=Origin.SIMULATED)
    filled = Filled(kind="group", day=date(2026, 3, 1))
    async with database.writing() as session:
        record = await enter.enter(session, filled, key="a" * 32, house=practice, advisor=rogn, now=NOW)
    assert (record.origin, record.opened_at) == (Origin.SIMULATED, datetime(2025, 12, 31, 23, tzinfo=UTC))
    async with database.reading() as session:
        assert (await counters.count(session, house=house, include_simulated=False)).whole.count("groups") == 0


async def test_what_is_nobodys_is_not_found(database: Database, house: House, clock: HandClock) -> None:
    kari = await add_advisor(database, clock, "Kari Eksempel")
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await enter.strike(session, "x", key="b" * 32, seen="x", house=house, advisor=kari, now=NOW)
        filled = Filled(kind="parade", day=date(2026, 3, 1))
        with pytest.raises(HelplineError, match="Velg hva du vil føre"):
            await enter.enter(session, filled, key="b" * 32, house=house, advisor=kari, now=NOW)
