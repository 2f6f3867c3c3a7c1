"""The demo's two years: believable beside the sources' annual report, marked, and the same every time."""

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from helpline.core.codes import Origin
from helpline.core.counters import interval
from helpline.core.hours import wall_clock
from helpline.core.record import OSLO, Record, deidentified
from helpline.desk import counters, example
from helpline.desk.example_log import DAYS, RISING, log_until
from helpline.desk.house import House
from helpline.desk.opening import public_holidays
from helpline.store.db import Database
from tests.conftest import MONDAY

TODAY = MONDAY.date()


@cache
def log() -> tuple[Record, ...]:
    return tuple(log_until(TODAY, OSLO))


def day_of(record: Record) -> date:
    return record.opened_at.astimezone(OSLO).date()


def of_2025(kind: str) -> list[Record]:
    return [record for record in log() if record.kind == kind and day_of(record).year == 2025]


def share(records: list[Record], column: str, value: str) -> float:
    known = [found for record in records if (found := getattr(record, column)) not in (None, "unknown")]
    return known.count(value) / len(known)


def test_2025_looks_like_the_annual_report() -> None:
    contacts, sessions, attendances = of_2025("contact"), of_2025("session"), of_2025("attendance")
    assert len(contacts) == pytest.approx(2900, rel=0.05)
    assert sum(record.channel == "phone" for record in contacts) == pytest.approx(1731, rel=0.06)
    assert len(sessions) == pytest.approx(712, rel=0.06)
    assert sum(record.participants or 0 for record in sessions) == pytest.approx(874, rel=0.07)
    assert len(of_2025("group")) == 22
    people: Counter[str] = Counter()
    for record in attendances:
        people[record.activity or ""] += record.participants or 0
    wanted = {"support_group": 416, "course": 266, "event": 300, "writing": 50}
    assert set(people) == set(wanted)
    for activity, number in wanted.items():
        assert people[activity] == pytest.approx(number, rel=0.15), activity
    for relation, wanted_share in (("mother", 0.381), ("daughter", 0.108), ("sister", 0.086), ("spouse", 0.085)):
        assert share(contacts, "relation", relation) == pytest.approx(wanted_share, abs=0.025), relation
    assert share(contacts, "gender", "female") == pytest.approx(0.78, abs=0.025)


def test_over_a_third_is_entered_afterwards_and_never_waited() -> None:
    contacts = of_2025("contact")
    others = [record for record in contacts if record.channel in ("email", "in_person", "video", "form")]
    assert 0.24 < len(others) / len(contacts) < 0.36
    assert {record.waited_seconds for record in others} == {None}
    calls = [record for record in contacts if record.channel == "phone" and record.outcome == "counselled"]
    assert any(record.waited_seconds is None for record in calls)


def test_there_are_nights_holidays_seasons_and_growth() -> None:
    contacts = [record for record in log() if record.kind == "contact"]
    assert {record.opened_at.astimezone(OSLO).hour for record in contacts} == set(range(7, 23))
    away = [one for one in contacts if day_of(one) in public_holidays(day_of(one).year) or day_of(one).weekday() > 4]
    assert away
    assert {record.outcome for record in away} == {"closed_hours"}
    months = Counter(day_of(record).month for record in of_2025("contact"))
    assert min(months, key=months.__getitem__) == 7
    this_year = sum(day_of(record) > TODAY - timedelta(days=365) for record in contacts)
    assert this_year > len(contacts) - this_year


def test_one_topic_really_rises_and_the_pages_can_find_it() -> None:
    def half(first: date, last: date) -> tuple[float, float]:
        found = [one for one in log() if one.kind == "contact" and one.topics and first <= day_of(one) < last]
        return interval(sum(RISING in one.topics for one in found), len(found))

    before = half(TODAY - timedelta(days=540), TODAY - timedelta(days=360))
    now = half(TODAY - timedelta(days=180), TODAY)
    assert now[0] > before[1]


def test_every_record_is_marked_and_cut_to_the_hour_and_the_same_every_time() -> None:
    assert {record.origin for record in log()} == {Origin.SIMULATED}
    assert all(deidentified(record) == record for record in log())
    assert len({record.record_id for record in log()}) == len(log())
    assert tuple(log_until(TODAY, OSLO)) == log()
    assert (day_of(log()[0]) - (TODAY - timedelta(days=DAYS))).days < 3
    assert day_of(log()[-1]) < TODAY
    # Tomorrow's demo shows the same days; only the rising topic has come a little further.
    tomorrow = [record for record in log_until(TODAY + timedelta(days=1), OSLO) if day_of(record) < TODAY]
    same = {record.record_id: record for record in log()}
    assert all(record.record_id in same for record in tomorrow)


async def test_the_demo_loads_it_once_and_folds_it_in_weeks(database: Database, house: House) -> None:
    async with database.writing() as session:
        assert await example.load(session, house=house, now=MONDAY)
    async with database.writing() as session:
        assert not await example.load(session, house=house, now=MONDAY)
    more = True
    while more:
        async with database.writing() as session:
            more = await example.fold_a_week(session, house=house, now=MONDAY)
    async with database.writing() as session:
        assert await counters.fold_closed_days(session, house=house, now=MONDAY) == 0
    async with database.reading() as session:
        counted = await counters.count(session, house=house, include_simulated=True)
    assert counted.whole.count("contacts") == sum(record.kind == "contact" for record in log())
    assert min(counted.days) >= wall_clock(TODAY - timedelta(days=DAYS), MONDAY.time(), OSLO).date()
    async with database.reading() as session:
        assert await counters.check(session, house=house, now=MONDAY) == []
