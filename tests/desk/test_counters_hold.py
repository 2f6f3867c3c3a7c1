"""Whatever is written, corrected, imported twice and folded, in whatever zone and over the changes of the clocks: what
is shown equals a recount, and equals a slow count written differently. On both databases."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from helpline.core.codes import Origin, code_lists
from helpline.core.counters import read
from helpline.core.record import COLUMNS as COLUMNS_OF_FILE
from helpline.core.record import Record, deidentified, to_row
from helpline.core.tally import cut_of
from helpline.desk import counters, record_intake
from helpline.desk.house import House
from helpline.store import records, tables
from helpline.store.db import Database
from tests.desk import slow_count

#: Half a day on from each: the clocks changed in Oslo (two of them), in New York (two), and a year begins.
BEGINNINGS = (
    datetime(2026, 3, 29, 12, tzinfo=UTC),
    datetime(2026, 10, 25, 12, tzinfo=UTC),
    datetime(2026, 3, 8, 18, tzinfo=UTC),
    datetime(2026, 11, 1, 18, tzinfo=UTC),
    datetime(2026, 1, 1, 12, tzinfo=UTC),
)
ZONES = ("Europe/Oslo", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
SECONDS = st.none() | st.integers(0, 90) | st.integers(7_190, 9_000)
OUTCOMES = ("counselled", "abandoned", "short_abandon", "callback_done", "callback_failed", "guided", "closed_hours")

COLUMNS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["contact", "contact", "contact", "contact", "session", "attendance", "group"]),
        "origin": st.sampled_from([Origin.LIVE, Origin.LIVE, Origin.IMPORT, Origin.AFTERWARDS, Origin.SIMULATED]),
        "hours_ago": st.one_of(st.integers(0, 30), st.integers(0, 24 * 45)),
        "channel": st.sampled_from(["phone", "phone", "sms", "unknown", None]),
        "direction": st.sampled_from(["inbound", "inbound", "outbound", None]),
        "relation": st.sampled_from(["mother", "daughter", "unknown", None]),
        "municipality": st.sampled_from(["1103", "0301", "unknown", None]),
        "county": st.none(),
        "topics": st.sampled_from([(), ("rights",), ("rights", "grief"), ("unknown",)]),
        "articles_used": st.sampled_from([(), ("grensesetting",), ("unknown",)]),
        "outcome": st.sampled_from([*OUTCOMES, *OUTCOMES, *code_lists()["outcome"], "unknown", None]),
        "waited_seconds": SECONDS,
        "handled_seconds": SECONDS,
        "participants": st.none() | st.integers(1, 5),
        "activity": st.sampled_from([None, "course", "event", "writing", "support_group"]),
        "caller_status": st.sampled_from(["new", "returning", "unknown", None]),
        "redial_24h": st.sampled_from([True, False, None]),
        "asked_what_matters": st.sampled_from([True, False, None]),
        "letters": st.none() | st.integers(0, 2),
        "evaluation": st.none() | st.integers(0, 10),
    }
)
PLACES = st.integers(0, 60)
#: What may happen, one after the other; places name a record written before, if there is one.
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), COLUMNS),
        st.tuples(st.just("write"), COLUMNS),
        # A correction; a contact that is taken up again after it was closed is one too.
        st.tuples(st.just("correct"), st.tuples(PLACES, COLUMNS)),
        st.tuples(st.just("import"), st.lists(COLUMNS, min_size=1, max_size=5)),
        st.tuples(st.just("import again"), PLACES),
        # What was looked at is remembered, and more is written after it.
        st.tuples(st.just("look"), st.none()),
        st.tuples(st.just("fold"), st.none()),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    min_size=1,
    max_size=14,
)
WHERES: tuple[Mapping[str, str], ...] = (
    {},
    {"channel": "phone"},
    {"channel": "", "topic": "rights"},
    {"relation": "mother", "county": "11"},
    {"hour_of_week": "6-02"},
    {"outcome": "abandoned"},
    {"redial_24h": "yes"},
)


class Log:
    """One database and the rows that were written to it, in order."""

    def __init__(self, database: Database, house: House, now: datetime) -> None:
        self.database, self.house, self.now = database, house, now
        self.written: list[Record] = []

    def record(self, columns: Mapping[str, Any], **more: Any) -> Record:
        given = dict(columns)
        opened_at = self.now - timedelta(hours=given.pop("hours_ago"))
        one = Record(record_id=f"r{len(self.written)}", opened_at=opened_at, **(given | more))
        return deidentified(one, self.house.zone)

    async def do(self, deed: str, what: Any) -> None:
        match deed:
            case "write":
                await self.write(self.record(what))
            case "correct" if self.written:
                place, columns = what
                await self.write(self.record(columns, corrects=self.written[place % len(self.written)].record_id))
            case "import":
                for columns in what:
                    self.written.append(self.record(columns))
                await self.take_in(self.written[-len(what) :])
            case "import again" if self.written:
                await self.take_in([self.written[what % len(self.written)]])
            case "fold":
                async with self.database.writing() as session:
                    await counters.fold_closed_days(session, house=self.house, now=self.now)
            case "look":
                today = self.now.astimezone(self.house.zone).date()
                rows = [to_row(one) for one in self.written]
                for where in WHERES[:2]:
                    await self.same(rows, today - timedelta(days=1), today, where)
            case "wait":
                self.now += timedelta(days=what)

    async def write(self, one: Record) -> None:
        self.written.append(one)
        async with self.database.writing() as session:
            await records.keep(session, one)
            await counters.on_record(session, one, house=self.house, now=self.now)

    async def take_in(self, some: list[Record]) -> None:
        with NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, COLUMNS_OF_FILE)
            rows.writeheader()
            rows.writerows(to_row(one) for one in some)
            file.flush()
            with record_intake.read_file(Path(file.name), zone=self.house.zone) as checked:
                async with self.database.writing() as session:
                    await record_intake.take_in(session, checked, house=self.house, now=self.now)

    async def agrees(self) -> None:
        async with self.database.reading() as session:
            assert await counters.check(session, house=self.house, now=self.now) == []
        rows = [to_row(one) for one in self.written]
        today = self.now.astimezone(self.house.zone).date()
        for first in (today - timedelta(days=120), today.replace(day=1), today):
            for where in WHERES:
                await self.same(rows, first, today, where)
        await self.same_months(rows, today - timedelta(days=120), today)

    async def same(self, rows: list[slow_count.Row], first: date, last: date, where: Mapping[str, str]) -> None:
        for practice, step in ((False, "day"), (True, "year")):
            asked = {"house": self.house, "first": first, "last": last, "include_simulated": practice, "where": where}
            async with self.database.reading() as session:
                counted = await counters.count(session, cuts=[("channel",), ("topic",)], step=step, **asked)  # type: ignore[arg-type]
            zone = self.house.zone
            found = slow_count.chosen(rows, zone, first=first, last=last, practice=practice, **where)
            expected = slow_count.figures(found)
            shown = {name: read(name, counted.whole).value for name in expected}
            assert shown == pytest.approx(expected), (where, first)
            assert sum(counted.whole.marks("outcome").values()) == expected["contacts"], "the outcomes are a partition"
            for topic in ("rights", "grief", ""):
                under = slow_count.figures([row for row in found if slow_count.has(row, "topic", topic, zone)])
                for name in ("contacts", "answer_rate", "wait_mean", "letters"):
                    figure = read(name, counted.whole, cut=cut_of(topic=topic))
                    assert figure.value == pytest.approx(under[name]), (name, topic, where)

    async def same_months(self, rows: list[slow_count.Row], first: date, last: date) -> None:
        async with self.database.reading() as session:
            found = await counters.figures(
                session,
                house=self.house,
                first=first,
                last=last,
                now=self.now,
                include_simulated=False,
                by="month,relation",
            )
        expected: dict[str, float | None] = {}
        for row in slow_count.chosen(rows, self.house.zone, first=first, last=last):
            month = slow_count.local(row, self.house.zone).strftime("%Y-%m-01")
            key = f"month={month}&relation={row['relation']}"
            expected[key] = (expected.get(key) or 0) + (row["kind"] == "contact")
        assert {part: one[0].value for part, one in found.parts.items()} == expected


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=DEEDS, begins=st.sampled_from(BEGINNINGS), zone=st.sampled_from(ZONES))
async def test_shown_equals_recounted_equals_counted_otherwise(
    database: Database, house: House, deeds: list[tuple[str, Any]], begins: datetime, zone: str
) -> None:
    async with database.writing() as session:
        for table in (tables.FoldedTally, tables.Record, tables.Installation):
            await session.execute(delete(table))
    database.remembered.clear()
    log = Log(database, replace(house, zone=ZoneInfo(zone)), begins)
    for deed, what in deeds:
        await log.do(deed, what)
        if deed == "fold":
            await log.agrees()
    await log.do("wait", 1)
    await log.do("fold", None)
    await log.agrees()
    # Whole months are summed up now, and a year is read from them.
    await log.do("fold", None)
    await log.agrees()
