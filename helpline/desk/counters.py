"""The counters: closed days folded once, later days counted from their records, and a recount that must equal both.

A marker says how far the days are folded (`store.tallies`). What lies after it is always counted from the records, so
that figures are right at every moment, also before the night's folding and after an import of old records.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from helpline.core.codes import Origin
from helpline.core.counter_list import ANSWER_WITHIN, COUNTERS, Counter
from helpline.core.counters import Figure, breakdown, read
from helpline.core.hours import wall_clock
from helpline.core.record import Record
from helpline.core.tally import DIMENSIONS, Tally, cut_of, day_of
from helpline.desk.corrections import related, replaced
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.store import records, tallies
from helpline.store.db import ReadSession, WriteSession, one_moment

#: Days with records that one sweep folds at most, so that no transaction is long.
FOLDED_AT_ONCE = 31
#: Spans of time that figures can be counted by.
STEPS = ("day", "week", "month", "year")

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The tally of a period, and of each of its days that has records."""

    first: date
    last: date
    whole: Tally
    days: Mapping[date, Tally]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Every counter for a period, and by a dimension or a step of time when one was asked for.

    `parts` is keyed by code (empty: not asked), or by the first day of the step as 2026-03-02.
    """

    first: date
    last: date
    include_simulated: bool
    whole: tuple[Figure, ...]
    by: str | None = None
    parts: Mapping[str, tuple[Figure, ...]]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A mark that the folded day holds otherwise than the records say; `cut` as in `core.tally`."""

    day: date
    simulated: bool
    cut: str
    mark: str
    folded: int
    recounted: int

    def __str__(self) -> str:
        practice = " (simulated)" if self.simulated else ""
        where = f" under {self.cut}" if self.cut else ""
        return f"{self.day}{practice}: {self.mark}{where} is folded as {self.folded} and recounted as {self.recounted}"


async def fold_closed_days(session: WriteSession, *, house: House, now: datetime, at_most: int = FOLDED_AT_ONCE) -> int:
    """Sweep: fold finished local days that are not folded yet, the oldest first. Returns how many days with records.

    Fewer than `at_most` means that nothing is left to fold.
    """
    marker = await tallies.hold_marker(session, zone=house.zone, alone=True)
    yesterday = _today(house, now) - _DAY
    if marker.through is None:
        await tallies.forget_from(session, None)
        opened_at = await records.first_opened(session)
        first = _local_day(opened_at, house) if opened_at is not None else yesterday + _DAY
    else:
        first = marker.through + _DAY
    if first > yesterday:
        return 0
    folded, through = 0, yesterday
    async for day, counted in _days_from_records(session, house, first, yesterday):
        if folded == at_most:
            through = day - _DAY
            break
        await tallies.replace(session, day, counted, now=now)
        folded += 1
    await tallies.move_marker(session, through, zone=house.zone)
    return folded


async def on_record(session: WriteSession, record: Record, *, house: House, now: datetime) -> None:
    """Call in the transaction that wrote a record: one that comes late for a folded day, or that corrects another,
    changes the days it touches at once."""
    # Corrections are few, so whoever writes one may hold the marker alone.
    marker = await tallies.hold_marker(session, zone=house.zone, alone=record.corrects is not None)
    if record.corrects is not None:
        for day in await _days_of_related(session, house, [record.record_id]):
            if marker.covers(day):
                await _fold_anew(session, house, day, now=now)
        return
    day = day_of(record, house.zone)
    # One that was corrected before it came does not count; the correction counts already.
    if marker.covers(day) and not await records.is_corrected(session, record.record_id):
        more = Tally(zone=house.zone)
        more.add(record)
        await tallies.add(session, day, record.origin is Origin.SIMULATED, more, now=now)


async def on_records(session: WriteSession, written: Collection[Record], *, house: House) -> None:
    """Call in the transaction that wrote many records: the days from the earliest one on are no longer folded.

    Figures count those days from the records until `fold_closed_days` has been there again.
    """
    marker = await tallies.hold_marker(session, zone=house.zone, alone=True)
    touched = {day_of(record, house.zone) for record in written}
    touched.update(await _days_of_related(session, house, [record.record_id for record in written]))
    first = min(touched, default=None)
    if first is not None and marker.covers(first):
        await tallies.forget_from(session, first)
        await tallies.move_marker(session, first - _DAY, zone=house.zone)


async def rebuild(session: WriteSession, *, house: House, now: datetime) -> int:
    """Throw every folded day away and fold all anew. Returns how many days with records there were."""
    await tallies.hold_marker(session, zone=house.zone, alone=True)
    await tallies.move_marker(session, None, zone=house.zone)
    folded = 0
    while more := await fold_closed_days(session, house=house, now=now):
        folded += more
    return folded


async def check(session: ReadSession, *, house: House, now: datetime) -> list[Difference]:
    """Recount everything from the records and compare with what the counters show; empty when all is equal.

    The session must not have asked anything before. What lies after the marker is counted from the records anyway.
    """
    await one_moment(session)
    marker = await tallies.marker(session, zone=house.zone)
    opened_at = await records.first_opened(session)
    starts = [await tallies.first_day(session), _local_day(opened_at, house) if opened_at is not None else None]
    first = min((day for day in starts if day is not None), default=None)
    differences: list[Difference] = []
    while first is not None and marker.through is not None and first <= marker.through:
        last = min(first + timedelta(days=FOLDED_AT_ONCE), marker.through)
        folded = {(row.day, row.simulated): row.tally for row in await tallies.of_days(session, first, last)}
        recounted = {
            (day, simulated): tally.to_json()
            async for day, both in _days_from_records(session, house, first, last)
            for simulated, tally in both.items()
            if tally
        }
        for day, simulated in sorted(folded.keys() | recounted.keys()):
            mine, theirs = folded.get((day, simulated), {}), recounted.get((day, simulated), {})
            differences += _compare(day, simulated, mine.get("cells", {}), theirs.get("cells", {}))
        first = last + _DAY
    return differences


async def count(
    session: ReadSession, *, house: House, first: date | None = None, last: date | None = None, include_simulated: bool
) -> Counted:
    """The tallies of a period, both days included: folded days, and later ones counted from their records.

    Without `first` it begins with the earliest record, without `last` it ends with the latest.
    """
    whole, days = Tally(zone=house.zone), {}
    async for day, tally in _days(session, house, first or date.min, last or date.max, include_simulated):
        whole.merge(tally)
        days[day] = tally
    found = sorted(days)
    return Counted(
        first=first or (found[0] if found else date.min),
        last=last or (found[-1] if found else date.min),
        whole=whole,
        days=days,
    )


async def figures(
    session: ReadSession,
    *,
    house: House,
    first: date | None,
    last: date | None,
    now: datetime,
    include_simulated: bool,
    by: str | None = None,
    answer_within: int = ANSWER_WITHIN,
) -> Figures:
    """Every counter for a period, today as far as it has come; without `last` to today.

    Raises:
        HelplineError: the period ends before it starts, or nothing can be counted by `by`.
    """
    last = last or _today(house, now)
    if first is not None and last < first:
        raise HelplineError("Perioden slutter før den begynner.")
    if by is not None and by not in (*STEPS, *DIMENSIONS, "outcome"):
        raise HelplineError(f"Tallene kan ikke deles etter «{by}».")
    counted = await count(session, house=house, first=first, last=last, include_simulated=include_simulated)
    return Figures(
        first=counted.first if counted.days else first or last,
        last=last,
        include_simulated=include_simulated,
        whole=tuple(read(name, counted.whole, answer_within=answer_within) for name in COUNTERS),
        by=by,
        parts=_parts(counted, by, answer_within) if by is not None else {},
    )


def document(found: Figures) -> dict[str, Any]:
    """Figures with their definitions, as JSON has them: what the command line and the JSON interface give."""
    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "include_simulated": found.include_simulated,
        "counters": {one.counter.name: _numbers(one) | _definition(one.counter) for one in found.whole},
        "by": found.by,
        "parts": {
            part: {one.counter.name: _numbers(one) for one in figures_of_part}
            for part, figures_of_part in found.parts.items()
        },
    }


def _numbers(one: Figure) -> dict[str, Any]:
    numbers = {"value": one.value, "part": one.part, "whole": one.whole, "low": one.low, "high": one.high}
    return {name: number for name, number in numbers.items() if number is not None or name == "value"}


def _definition(counter: Counter) -> dict[str, Any]:
    return {name: value for name, value in asdict(counter).items() if value is not None and name != "name"}


def in_steps(counted: Counted, step: str) -> dict[date, Tally]:
    """The tallies of a period by day, week (from Monday), month or year, each keyed by its first day."""
    found: dict[date, Tally] = {}
    for day, tally in counted.days.items():
        start = step_start(day, step)
        if start not in found:
            found[start] = Tally()
        found[start].merge(tally)
    return found


def step_start(day: date, step: str) -> date:
    """The first day of the step that a day lies in.

    Raises:
        KeyError: there is no such step.
    """
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
    }[step]


def _parts(counted: Counted, by: str, answer_within: int) -> dict[str, tuple[Figure, ...]]:
    if by in STEPS:
        return {
            start.isoformat(): tuple(read(name, tally, answer_within=answer_within) for name in COUNTERS)
            for start, tally in in_steps(counted, by).items()
        }
    if by == "outcome":
        # An outcome is a mark, not a cut: only how many contacts ended so.
        parts = breakdown(counted.whole, "outcome")
        numbers = {**parts.counts, "unknown": parts.unknown, "": parts.not_asked}
        return {
            code: (Figure(counter=COUNTERS["contacts"], value=number),) for code, number in numbers.items() if number
        }
    return {
        value: tuple(
            read(name, counted.whole, cut=cut_of(**{by: value}), answer_within=answer_within) for name in COUNTERS
        )
        for value in sorted(counted.whole.values(by))
    }


async def _days(
    session: ReadSession, house: House, first: date, last: date, include_simulated: bool
) -> AsyncIterator[tuple[date, Tally]]:
    marker = await tallies.marker(session, zone=house.zone)
    through = marker.through or date.min
    if first <= through:
        found: dict[date, Tally] = {}
        for row in await tallies.of_days(session, first, min(last, through)):
            if include_simulated or not row.simulated:
                tally = Tally.from_json(row.tally)
                if row.day in found:
                    tally.merge(found[row.day])
                found[row.day] = tally
        for day, tally in found.items():
            yield day, tally
    if last > through:
        async for day, both in _days_from_records(session, house, max(first, _day_after(through)), last):
            tally = Tally(zone=house.zone)
            for simulated, part in both.items():
                if include_simulated or not simulated:
                    tally.merge(part)
            if tally:
                yield day, tally


async def _days_from_records(
    session: ReadSession, house: House, first: date, last: date
) -> AsyncIterator[tuple[date, dict[bool, Tally]]]:
    """The days of a period that have records, each with the tally of the real ones and of the simulated ones."""
    left_out = replaced(await records.corrections(session))
    today: date | None = None
    both: dict[bool, Tally] = {}
    starts_at = wall_clock(first, time(0), house.zone) if first > date.min + _DAY else None
    ends_at = wall_clock(last + _DAY, time(0), house.zone) if last < date.max - _DAY else None
    async for record in records.between(session, starts_at, ends_at):
        day = day_of(record, house.zone)
        if day != today:
            if today is not None:
                yield today, both
            today, both = day, {}
        if record.record_id not in left_out:
            both.setdefault(record.origin is Origin.SIMULATED, Tally(zone=house.zone)).add(record)
    if today is not None:
        yield today, both


async def _fold_anew(session: WriteSession, house: House, day: date, *, now: datetime) -> None:
    both: dict[bool, Tally] = {}
    async for _, found in _days_from_records(session, house, day, day):
        both = found
    await tallies.replace(session, day, both, now=now)


async def _days_of_related(session: ReadSession, house: House, record_ids: Collection[str]) -> list[date]:
    """The days of all records that corrections tie to the given ones."""
    corrections = await records.corrections(session)
    tied = {one.record_id for one in corrections} | {one.corrects for one in corrections}
    touched = related(corrections, tied & set(record_ids))
    return sorted({_local_day(at, house) for at in await records.opened_at(session, touched)})


def _compare(
    day: date, simulated: bool, folded: Mapping[str, Mapping[str, int]], recounted: Mapping[str, Mapping[str, int]]
) -> list[Difference]:
    return [
        Difference(day=day, simulated=simulated, cut=cut, mark=mark, folded=mine, recounted=theirs)
        for cut in sorted(folded.keys() | recounted.keys())
        for mark in sorted(folded.get(cut, {}).keys() | recounted.get(cut, {}).keys())
        if (mine := folded.get(cut, {}).get(mark, 0)) != (theirs := recounted.get(cut, {}).get(mark, 0))
    ]


def _today(house: House, now: datetime) -> date:
    return now.astimezone(house.zone).date()


def _local_day(at: datetime, house: House) -> date:
    return at.astimezone(house.zone).date()


def _day_after(day: date) -> date:
    return day + _DAY if day < date.max else day
