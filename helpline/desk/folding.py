"""Folding: closed days and months summed up once, changed at once by what comes late, and recounted.

A marker says how far the days are folded (`store.tallies`). Whatever lies after it is counted from the records.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from helpline.core.codes import Origin
from helpline.core.hours import wall_clock
from helpline.core.marks import columns_for, matches
from helpline.core.record import Record
from helpline.core.tally import KEPT_CUTS, WITH_HISTOGRAMS, Cut, Tally, day_of, kept
from helpline.desk.corrections import around, of_period, related, replaced
from helpline.desk.house import House
from helpline.desk.narrowing import holding
from helpline.store import records, tallies
from helpline.store.db import ReadSession, WriteSession, one_moment

#: Days with records that one sweep folds at most, and records after which it folds no further day, so that no
#: transaction is long.
FOLDED_AT_ONCE = 31
RECORDS_AT_ONCE = 20_000

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A mark that a folded day or month holds otherwise than the records say; `cut` as in `core.tally`."""

    day: date
    simulated: bool
    cut: str
    mark: str
    folded: int
    recounted: int
    #: `day` or `month`; `day` is the first of a month.
    span: str = "day"

    def __str__(self) -> str:
        when = f"{self.day:%Y-%m}" if self.span == "month" else str(self.day)
        practice = " (simulated)" if self.simulated else ""
        where = f" under {self.cut}" if self.cut else ""
        return f"{when}{practice}: {self.mark}{where} is folded as {self.folded} and recounted as {self.recounted}"


async def fold_closed_days(session: WriteSession, *, house: House, now: datetime, at_most: int = FOLDED_AT_ONCE) -> int:
    """Sweep: fold finished local days that are not folded yet, the oldest first, then the months that are whole.

    Returns how many days with records were folded; none means that nothing is left to fold.
    """
    marker = await tallies.hold_marker(session, zone=house.zone, alone=True)
    yesterday = today(house, now) - _DAY
    if marker.through is None:
        await tallies.forget_from(session, None)
        opened_at = await records.first_opened(session)
        first = local_day(opened_at, house) if opened_at is not None else yesterday + _DAY
    else:
        first = marker.through + _DAY
    if first > yesterday:
        await _fold_months(session, marker.through, now=now)
        return 0
    folded, counted, through = 0, 0, yesterday
    async for day, both in days_from_records(session, house, first, yesterday):
        if folded == at_most or counted >= RECORDS_AT_ONCE:
            through = day - _DAY
            break
        await tallies.replace(session, "day", day, both, now=now)
        folded += 1
        counted += sum(tally.count("contacts") for tally in both.values())
    await tallies.move_marker(session, through, zone=house.zone)
    return folded


async def _fold_months(
    session: WriteSession, through: date | None, *, now: datetime, at_most: int | None = RECORDS_AT_ONCE
) -> None:
    """Sum up the whole months that are not summed up yet, the oldest first; a few at a time when they are large."""
    done = set(await tallies.firsts(session, "month"))
    months = sorted({day.replace(day=1) for day in await tallies.firsts(session, "day")} - done)
    counted = 0
    for month in months:
        if through is None or last_of_month(month) > through or (at_most is not None and counted >= at_most):
            return
        both: dict[bool, Tally] = {}
        for row in await tallies.of_span(session, "day", month, last_of_month(month), cuts=KEPT_CUTS):
            both.setdefault(row.simulated, kept()).merge_json(row.document)
        await tallies.replace(session, "month", month, both, now=now)
        counted += sum(tally.count("contacts") for tally in both.values())


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
        more = kept(house.zone)
        more.add(record)
        await tallies.forget_month_of(session, day)
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
    marker = await tallies.marker(session, zone=house.zone)
    await _fold_months(session, marker.through, now=now, at_most=None)
    return folded


async def check(session: ReadSession, *, house: House, now: datetime) -> list[Difference]:
    """Recount everything from the records and compare with what the counters show; empty when all is equal.

    The session must not have asked anything before. What lies after the marker is counted from the records anyway.
    """
    await one_moment(session)
    marker = await tallies.marker(session, zone=house.zone)
    opened_at = await records.first_opened(session)
    days, months = await tallies.firsts(session, "day"), await tallies.firsts(session, "month")
    starts = [*days[:1], *months[:1]]
    if opened_at is not None:
        starts.append(local_day(opened_at, house))
    differences: list[Difference] = []
    unseen = set(days)
    month = min(starts).replace(day=1) if starts else None
    while month is not None and marker.through is not None and month <= marker.through:
        differences += await _check_month(session, house, month, marker.through, unseen)
        month = last_of_month(month) + _DAY
    for day in sorted(unseen):
        # A day that is folded and has no record at all; one after the marker is never read.
        if marker.covers(day):
            differences += _compare("day", day, await _folded(session, "day", day), {})
    return differences


async def _check_month(
    session: ReadSession, house: House, month: date, through: date, unseen: set[date]
) -> list[Difference]:
    """Compare the days of a month one by one, then the month; takes the days that have records out of `unseen`."""
    differences: list[Difference] = []
    whole: dict[bool, Tally] = {}
    async for day, both in days_from_records(session, house, month, min(last_of_month(month), through)):
        unseen.discard(day)
        differences += _compare("day", day, await _folded(session, "day", day), both)
        for simulated, tally in both.items():
            whole.setdefault(simulated, kept(house.zone)).merge(tally)
    summed = await _folded(session, "month", month)
    # A month may be missing: its days are read then.
    return differences + (_compare("month", month, summed, whole) if summed else [])


async def _folded(session: ReadSession, span: str, first: date) -> dict[bool, Tally]:
    found: dict[bool, Tally] = {}
    for row in await tallies.of_span(session, span, first, first, cuts=KEPT_CUTS):
        found.setdefault(row.simulated, kept()).merge_json(row.document)
    return found


def _compare(span: str, first: date, folded: Mapping[bool, Tally], recounted: Mapping[bool, Tally]) -> list[Difference]:
    found: list[Difference] = []
    for simulated in (False, True):
        mine, theirs = (held.get(simulated, kept()).cells() for held in (folded, recounted))
        found += [
            Difference(day=first, simulated=simulated, cut=cut, mark=mark, folded=one, recounted=other, span=span)
            for cut in sorted(mine.keys() | theirs.keys())
            for mark in sorted(mine.get(cut, {}).keys() | theirs.get(cut, {}).keys())
            if (one := mine.get(cut, {}).get(mark, 0)) != (other := theirs.get(cut, {}).get(mark, 0))
        ]
    return found


async def days_from_records(
    session: ReadSession,
    house: House,
    first: date,
    last: date,
    *,
    cuts: Collection[Cut] = KEPT_CUTS,
    histograms: Collection[Cut] | None = WITH_HISTOGRAMS,
    where: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[date, dict[bool, Tally]]]:
    """The days of a period that have records, each with the tally of the real ones and of the simulated ones."""
    where = where or {}
    starts_at = wall_clock(first, time(0), house.zone) if first > date.min + _DAY else None
    ends_at = wall_clock(last + _DAY, time(0), house.zone) if last < date.max - _DAY else None
    left_out = replaced(await of_period(session, starts_at, ends_at))
    current: date | None = None
    both: dict[bool, Tally] = {}
    read = columns_for({*where, *(dimension for cut in cuts for dimension in cut)})
    async for record in records.between(session, starts_at, ends_at, holding=holding(where), columns=read):
        day = day_of(record, house.zone)
        if day != current:
            if current is not None:
                yield current, both
            current, both = day, {}
        if record.record_id not in left_out and matches(record, where, house.zone):
            simulated = record.origin is Origin.SIMULATED
            if simulated not in both:
                both[simulated] = Tally(cuts=cuts, zone=house.zone, histograms=histograms)
            both[simulated].add(record)
    if current is not None:
        yield current, both


async def _fold_anew(session: WriteSession, house: House, day: date, *, now: datetime) -> None:
    both: dict[bool, Tally] = {}
    async for _, found in days_from_records(session, house, day, day):
        both = found
    await tallies.forget_month_of(session, day)
    await tallies.replace(session, "day", day, both, now=now)


async def _days_of_related(session: ReadSession, house: House, record_ids: Collection[str]) -> list[date]:
    """The days of all records that corrections tie to the given ones."""
    touched = related(await around(session, record_ids), record_ids)
    return sorted({local_day(at, house) for at in await records.opened_at(session, touched)})


def today(house: House, now: datetime) -> date:
    """The day it is on the line's own clock."""
    return now.astimezone(house.zone).date()


def local_day(at: datetime, house: House) -> date:
    """The day of a moment on the line's own clock."""
    return at.astimezone(house.zone).date()


def last_of_month(day: date) -> date:
    """The last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - _DAY
