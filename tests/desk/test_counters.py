"""The counters on both databases: at every moment what is shown equals a recount of the log."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from helpline.core.codes import Origin
from helpline.core.record import Record
from helpline.core.tally import Tally, effective, tallies_by_day, tally
from helpline.desk import corrections, counters
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.store import records, tallies
from helpline.store.db import Database, ReadSession, one_moment
from helpline.store.records import Correction
from helpline.store.tables import FoldedTally

#: Tuesday 3 March 2026, 12 in Oslo.
NOW = datetime(2026, 3, 3, 11, tzinfo=UTC)
TODAY = date(2026, 3, 3)


def record(record_id: str, *, hours_ago: float = 0, **columns: Any) -> Record:
    given: dict[str, Any] = {"channel": "phone", "direction": "inbound", "outcome": "counselled", "waited_seconds": 30}
    return Record(record_id=record_id, opened_at=NOW - timedelta(hours=hours_ago), **(given | columns))


async def write(database: Database, house: House, *written: Record, now: datetime = NOW, in_bulk: bool = False) -> None:
    async with database.writing() as session:
        if in_bulk:
            await records.keep_many(session, written)
            await counters.on_records(session, written, house=house)
            return
        for one in written:
            await records.keep(session, one)
            await counters.on_record(session, one, house=house, now=now)


async def fold(database: Database, house: House, *, now: datetime = NOW, at_most: int = 31) -> int:
    async with database.writing() as session:
        return await counters.fold_closed_days(session, house=house, now=now, at_most=at_most)


async def shown(database: Database, house: House, *, include_simulated: bool = False) -> Tally:
    async with database.reading() as session:
        return (await counters.count(session, house=house, include_simulated=include_simulated)).whole


async def differences(database: Database, house: House, *, now: datetime = NOW) -> list[counters.Difference]:
    async with database.reading() as session:
        return await counters.check(session, house=house, now=now)


async def folded_days(session: ReadSession) -> list[tuple[date, bool]]:
    found = await tallies.of_span(session, "day", date.min, date.max, cuts=[()])
    return [(row.first, row.simulated) for row in found]


async def agrees(database: Database, house: House, log: Iterable[Record]) -> None:
    """What is shown equals a count of the log by the rules, and the check finds nothing."""
    log = list(log)
    assert await shown(database, house) == tally(log)
    assert await shown(database, house, include_simulated=True) == tally(log, include_simulated=True)
    assert await differences(database, house) == []


async def test_only_finished_days_are_folded_and_each_once(database: Database, house: House) -> None:
    log = [
        record("two-days-ago", hours_ago=48),
        record("yesterday", hours_ago=24, origin=Origin.SIMULATED),
        record("today"),
    ]
    await write(database, house, *log)
    await agrees(database, house, log)
    assert await fold(database, house) == 2
    assert await fold(database, house) == 0
    async with database.reading() as session:
        assert await folded_days(session) == [(date(2026, 3, 1), False), (date(2026, 3, 2), True)]
    await agrees(database, house, log)
    # After midnight, before the next folding, yesterday is counted from its records still.
    tomorrow = NOW + timedelta(days=1)
    await agrees(database, house, log)
    assert await fold(database, house, now=tomorrow) == 1
    await agrees(database, house, log)


async def test_folding_goes_a_few_days_at_a_time_and_figures_are_right_between(
    database: Database, house: House
) -> None:
    log = [record(f"r{number}", hours_ago=24 * number, outcome="abandoned") for number in range(6)]
    await write(database, house, *log)
    done = []
    while more := await fold(database, house, at_most=2):
        done.append(more)
        await agrees(database, house, log)
    assert done == [2, 2, 1]


async def test_a_day_ends_at_midnight_on_the_lines_own_clock(database: Database, house: House) -> None:
    # 23:30 UTC is half past midnight in Oslo.
    late = replace(record("late"), opened_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    await write(database, house, late)
    assert await fold(database, house, now=datetime(2026, 3, 2, 22, 59, tzinfo=UTC)) == 0
    assert await fold(database, house, now=datetime(2026, 3, 2, 23, 1, tzinfo=UTC)) == 1
    async with database.reading() as session:
        assert await folded_days(session) == [(date(2026, 3, 2), False)]


@pytest.mark.parametrize("in_bulk", [False, True])
async def test_a_record_that_comes_late_is_counted_at_once(database: Database, house: House, in_bulk: bool) -> None:
    log = [record("first", hours_ago=72), record("second", hours_ago=24)]
    await write(database, house, *log)
    await fold(database, house)
    late = [
        record("same-day", hours_ago=71, outcome="abandoned"),
        record("empty-day", hours_ago=48),
        record("before-all", hours_ago=24 * 400),
        record("practice", hours_ago=71, origin=Origin.SIMULATED),
    ]
    await write(database, house, *late, in_bulk=in_bulk)
    await agrees(database, house, [*log, *late])
    while await fold(database, house):
        await agrees(database, house, [*log, *late])
    await agrees(database, house, [*log, *late])


@pytest.mark.parametrize("in_bulk", [False, True])
async def test_corrections_replace_what_they_correct_in_whichever_day(
    database: Database, house: House, in_bulk: bool
) -> None:
    log = [record("wrong", hours_ago=72, outcome="abandoned"), record("other", hours_ago=72)]
    await write(database, house, *log)
    await fold(database, house)
    for more in (
        # In another day than the one it corrects, then a second correction of the same, then one of the first.
        record("right", hours_ago=48, corrects="wrong"),
        record("last", hours_ago=73, corrects="wrong", relation="mother"),
        record("forgotten", hours_ago=24, corrects="right"),
        record("chain", hours_ago=72, corrects="last", relation="father"),
        record("orphan", hours_ago=30, corrects="not-here"),
        # What an earlier correction was waiting for.
        record("not-here", hours_ago=31, outcome="guided"),
    ):
        log.append(more)
        await write(database, house, more, in_bulk=in_bulk)
        await agrees(database, house, log)
    while await fold(database, house):
        pass
    await agrees(database, house, log)
    assert {one.record_id for one in effective(log)} == {"other", "chain", "orphan"}


async def test_a_recount_finds_what_was_spoilt_and_a_rebuild_mends_it(database: Database, house: House) -> None:
    log = [record("r1", hours_ago=24), record("r2", hours_ago=48)]
    await write(database, house, *log)
    await fold(database, house)
    async with database.writing() as session:
        first, second = await session.scalars(
            select(FoldedTally).where(FoldedTally.cut == "").order_by(FoldedTally.first)
        )
        first.tally = first.tally | {"cells": {"": {"contacts": 7}}}
        await session.delete(second)
        session.add(
            FoldedTally(
                span="day",
                cut="",
                first=date(2026, 2, 1),
                simulated=True,
                tally=Tally().split()[()],
                folded_at=NOW,
            ),
        )
    found = await differences(database, house)
    assert (
        counters.Difference(day=date(2026, 3, 1), simulated=False, cut="", mark="contacts", folded=7, recounted=1)
        in found
    )
    assert "2026-03-01: contacts is folded as 7 and recounted as 1" in {str(difference) for difference in found}
    assert {difference.day for difference in found} == {date(2026, 3, 1), date(2026, 3, 2)}
    async with database.writing() as session:
        assert await counters.rebuild(session, house=house, now=NOW) == 2
    await agrees(database, house, log)


async def test_days_folded_in_another_time_zone_are_not_believed(database: Database, house: House) -> None:
    log = [record("r1", hours_ago=24)]
    await write(database, house, *log)
    async with database.writing() as session:
        await tallies.hold_marker(session, zone=house.zone, alone=True)
        await tallies.move_marker(session, TODAY, zone=house.zone)
    assert not await shown(database, house), "the marker was moved over a day that was never folded"
    elsewhere = replace(house, zone=type(house.zone)("America/New_York"))
    assert (await shown(database, elsewhere)).count("contacts") == 1
    assert await fold(database, elsewhere) == 1


async def test_writers_and_the_folding_at_once_lose_nothing(database: Database, house: House) -> None:
    """Contacts of yesterday are closed by many at the moment when yesterday is folded."""
    log = [record(f"r{number}", hours_ago=24, waited_seconds=number) for number in range(20)]
    log += [record(f"c{number}", hours_ago=24, corrects=f"r{number}") for number in range(5)]
    await asyncio.gather(
        *(write(database, house, one) for one in log[:12]),
        fold(database, house),
        *(write(database, house, one) for one in log[12:]),
        fold(database, house),
    )
    await agrees(database, house, log)


async def test_figures_of_a_period_by_a_dimension_and_by_steps_of_time(database: Database, house: House) -> None:
    log = [
        record("today", relation="mother"),
        record("yesterday", hours_ago=24, relation="mother", outcome="abandoned"),
        record("last-week", hours_ago=24 * 7, channel="sms", relation="unknown"),
        record("last-month", hours_ago=24 * 31),
        record("practice", origin=Origin.SIMULATED),
    ]
    await write(database, house, *log)
    await fold(database, house)

    async def asked(by: str | None, **more: Any) -> counters.Figures:
        given: dict[str, Any] = {"first": date(2026, 2, 1), "last": None, "include_simulated": False}
        async with database.reading() as session:
            return await counters.figures(session, house=house, now=NOW, by=by, **(given | more))

    def contacts(figures: counters.Figures) -> dict[str, Any]:
        return {part: found[0].value for part, found in figures.parts.items()}

    whole = await asked(None)
    assert (whole.first, whole.last, whole.whole[0].value, dict(whole.parts)) == (date(2026, 2, 1), TODAY, 3, {})
    assert (await asked(None, include_simulated=True)).whole[0].value == 4
    everything = await asked(None, first=None)
    assert (everything.first, everything.whole[0].value) == (date(2026, 1, 31), 4)
    assert contacts(await asked("relation")) == {"mother": 2, "unknown": 1}
    assert contacts(await asked("outcome")) == {"counselled": 2, "abandoned": 1}
    assert contacts(await asked("day")) == {"2026-02-24": 1, "2026-03-02": 1, "2026-03-03": 1}
    assert contacts(await asked("week")) == {"2026-02-23": 1, "2026-03-02": 2}
    assert contacts(await asked("month", first=None)) == {"2026-01-01": 1, "2026-02-01": 1, "2026-03-01": 2}
    assert contacts(await asked("year", first=None)) == {"2026-01-01": 4}
    with pytest.raises(HelplineError, match="shoe_size"):
        await asked("shoe_size")
    with pytest.raises(HelplineError, match="slutter før"):
        await asked(None, last=date(2026, 1, 1))


_NAMES = st.sampled_from("abcdefgh")


@given(st.dictionaries(_NAMES, st.none() | st.sampled_from("abcdefghxy"), max_size=8))
def test_what_is_replaced_is_what_the_rules_leave_out(corrects_by_id: dict[str, str | None]) -> None:
    log = [
        record(record_id, corrects=corrects) for record_id, corrects in corrects_by_id.items() if corrects != record_id
    ]
    links = [
        Correction(record_id=one.record_id, corrects=one.corrects, order=0) for one in log if one.corrects is not None
    ]
    try:
        expected = {one.record_id for one in effective(log)}
    except ValueError:
        with pytest.raises(ValueError, match="ring"):
            corrections.replaced(links)
        return
    replaced = corrections.replaced(links)
    assert {one.record_id for one in log if one.record_id not in replaced} == expected
    assert sum(bool(counted) for counted in tallies_by_day(log).values()) == bool(log)


async def test_what_was_read_of_the_latest_day_is_not_read_again(
    database: Database, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(database, house, *(record(f"r{number}") for number in range(20)))
    log = await shown(database, house)
    read: list[str] = []
    with_ids = records.with_ids

    async def noted(session: ReadSession, record_ids: Iterable[str]) -> dict[str, Record]:
        found = await with_ids(session, record_ids)
        read.extend(found)
        return found

    monkeypatch.setattr(records, "with_ids", noted)
    assert await shown(database, house) == log
    assert read == []
    await write(database, house, record("more"), record("better", corrects="r3", outcome="referred"))
    assert (await shown(database, house)).marks("outcome") == {"counselled": 20, "referred": 1}
    assert sorted(read) == ["better", "more", "r3"], "only what came, and what no longer counts"


async def test_who_sees_an_earlier_moment_sees_nothing_that_was_remembered_later(
    database: Database, house: House
) -> None:
    await write(database, house, record("a"))
    async with database.reading() as early:
        await one_moment(early)
        assert await records.ids_between(early, NOW - timedelta(days=1), NOW + timedelta(days=1)) == ["a"]
        await write(database, house, record("b"), record("c", corrects="a", outcome="referred"))
        assert (await shown(database, house)).marks("outcome") == {"counselled": 1, "referred": 1}
        counted = await counters.count(early, house=house, include_simulated=False)
        assert counted.whole.marks("outcome") == {"counselled": 1}
    assert (await shown(database, house)).marks("outcome") == {"counselled": 1, "referred": 1}


async def test_many_who_ask_at_once_count_a_record_once(database: Database, house: House) -> None:
    log = [record(f"r{number}") for number in range(600)]
    await write(database, house, *log, in_bulk=True)
    for _ in range(2):
        found = await asyncio.gather(*(shown(database, house) for _ in range(5)))
        assert [one.count("contacts") for one in found] == [len(log)] * 5
        log.append(record(f"late-{len(log)}"))
        await write(database, house, log[-1])
    assert await shown(database, house) == tally(log)


async def test_a_day_half_read_is_not_taken_for_the_whole_of_an_earlier_moment(
    database: Database, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, later = 250, 251
    await write(database, house, *(record(f"first-{number}") for number in range(first)), in_bulk=True)
    async with database.reading() as early:
        await one_moment(early)
        assert await records.number_between(early, NOW - timedelta(days=1), NOW + timedelta(days=1)) == first
        before = (record(f"later-{number}", hours_ago=1, outcome="referred") for number in range(later))
        await write(database, house, *before, in_bulk=True)
        with_ids = records.with_ids

        async def breaks_off(session: ReadSession, record_ids: Iterable[str]) -> dict[str, Record]:
            monkeypatch.setattr(records, "with_ids", breaks_off_now)
            return await with_ids(session, record_ids)

        async def breaks_off_now(session: ReadSession, record_ids: Iterable[str]) -> dict[str, Record]:
            raise TimeoutError

        monkeypatch.setattr(records, "with_ids", breaks_off)
        with pytest.raises(HelplineError):
            await shown(database, house)
        monkeypatch.setattr(records, "with_ids", with_ids)
        counted = await counters.count(early, house=house, include_simulated=False)
        assert counted.whole.marks("outcome") == {"counselled": first}
    assert (await shown(database, house)).marks("outcome") == {"counselled": first, "referred": later}
