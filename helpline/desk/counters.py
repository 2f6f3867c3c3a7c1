"""The counters: folded days and months, and whatever was not folded counted from the records.

Figures are right at every moment, also before the night's folding and after an import of old records (`desk.folding`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from helpline.core.counter_list import ANSWER_WITHIN, COUNTERS, Counter
from helpline.core.counters import Figure, read
from helpline.core.tally import KEPT_CUTS, SINGLE_CUTS, WITH_HISTOGRAMS, Cut, Tally, cut_of
from helpline.desk.folding import (
    Difference,
    check,
    days_from_records,
    fold_closed_days,
    last_of_month,
    local_day,
    on_record,
    on_records,
    rebuild,
    today,
)
from helpline.desk.house import House
from helpline.desk.latest_day import days_not_folded
from helpline.desk.narrowing import STEPS, check_where, read_by
from helpline.errors import HelplineError
from helpline.store import records, tallies
from helpline.store.db import ReadSession

__all__ = [
    "STEPS",
    "Counted",
    "Difference",
    "Figures",
    "check",
    "count",
    "document",
    "figures",
    "fold_closed_days",
    "in_steps",
    "on_record",
    "on_records",
    "rebuild",
    "step_start",
]

_DAY = timedelta(days=1)
#: Steps that begin and end with a month.
_BY_MONTH = ("month", "term", "year")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The tally of a period, and of each of its days that has records.

    Counted by month or a longer step, `days` holds one tally a month, under the month's first day.
    """

    first: date
    last: date
    whole: Tally
    days: Mapping[date, Tally]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Every counter for a period, and by a dimension or a step of time when one was asked for.

    `parts` is keyed by code (empty: not asked), or by the first day of the step as 2026-03-02; crossed ones by both, as
    `channel=phone&relation=mother` or `month=2026-03-01&relation=mother`.
    """

    first: date
    last: date
    include_simulated: bool
    whole: tuple[Figure, ...]
    by: str | None = None
    where: Mapping[str, str]
    parts: Mapping[str, tuple[Figure, ...]]


async def count(
    session: ReadSession,
    *,
    house: House,
    first: date | None = None,
    last: date | None = None,
    include_simulated: bool,
    where: Mapping[str, str] | None = None,
    cuts: Iterable[Cut] = SINGLE_CUTS,
    step: str = "day",
) -> Counted:
    """The tallies of a period, both days included: folded days, and later ones counted from their records.

    Folded days answer what is asked by one dimension, and that for one channel; anything else is one reading of the
    records of the period, which takes longer the more there are.

    Args:
        session: what is read in it is seen at one moment only if the caller asked for that (`store.db.one_moment`).
        house: whose days they are.
        first: the first day; without it the period begins with the earliest record.
        last: the last day; without it the period ends with the latest record.
        include_simulated: whether practice counts too.
        where: only records with these values: `{"channel": "phone", "topic": "rights"}`; an empty value is not asked.
        cuts: what to count by, each a tuple of dimensions. Fewer are faster; the whole is always there.
        step: the shortest span of time that will be asked for, one of `STEPS`. A year by months is read in twelve.

    Raises:
        HelplineError: `where` names what no record can be.
        ValueError: a cut names what is no dimension.
    """
    where = dict(where or {})
    check_where(where)
    wanted = Tally(cuts=[*cuts, ()]).cuts
    by_month = step in _BY_MONTH
    days: dict[date, Tally] = {}
    whole: Tally | None = None

    def take(start: date, tally: Tally) -> None:
        nonlocal whole
        if by_month:
            start = start.replace(day=1)
        if not tally:
            return
        if start not in days:
            days[start] = _like(tally)
        days[start].merge(tally)
        whole = whole or _like(tally)
        whole.merge(tally)

    def as_asked(tally: Tally) -> Tally:
        if where:
            return tally.narrowed("channel", where["channel"], cuts=wanted)
        return tally if tally.cuts == wanted else tally.only(wanted)

    begins, ends = first or date.min, last or date.max
    folded = _folded_cuts(wanted, where)
    if folded is not None:
        through = (await tallies.marker(session, zone=house.zone)).through
        if through is not None and begins <= through:
            found = await _from_folded(session, begins, min(ends, through), folded, include_simulated, by_month)
            for start, tally in found.items():
                take(start, as_asked(tally))
            begins = max(begins, through + _DAY) if through < date.max else date.max
    if begins <= ends:
        if folded is not None:
            days_left = days_not_folded(session, house, begins, ends)
        else:
            days_left = days_from_records(session, house, begins, ends, cuts=wanted, histograms=None, where=where)
        async for day, both in days_left:
            for simulated, tally in both.items():
                if include_simulated or not simulated:
                    take(day, tally if folded is None else as_asked(tally))
    found_days = sorted(days)
    if first is None and by_month and found_days:
        opened_at = await records.first_opened(session)
        first = local_day(opened_at, house) if opened_at is not None else None
    return Counted(
        first=first or (found_days[0] if found_days else date.min),
        last=last or (found_days[-1] if found_days else date.min),
        whole=whole if whole is not None else Tally(cuts=wanted, zone=house.zone),
        days={day: days[day] for day in found_days},
    )


def _folded_cuts(wanted: Collection[Cut], where: Mapping[str, str]) -> tuple[Cut, ...] | None:
    """The folded cuts that a question can be answered from; None where only the records can."""
    if not where:
        return tuple(wanted) if set(wanted) <= set(KEPT_CUTS) else None
    if set(where) == {"channel"} and set(wanted) <= set(SINGLE_CUTS):
        return tuple(sorted({tuple(sorted({*cut, "channel"})) for cut in wanted}))
    return None


async def _from_folded(
    session: ReadSession, first: date, last: date, cuts: tuple[Cut, ...], include_simulated: bool, by_month: bool
) -> dict[date, Tally]:
    """The folded tallies of a period by day; by month, of every month that is folded and lies in it whole."""
    found: dict[date, Tally] = {}
    gaps = [(first, last)]

    def take(rows: Iterable[tallies.Folded]) -> None:
        for row in rows:
            if include_simulated or not row.simulated:
                found.setdefault(row.first, Tally(cuts=cuts, histograms=WITH_HISTOGRAMS)).merge_json(row.document)

    if by_month:
        begins = first if first.day == 1 else _month_after(first)
        rows = [
            row
            for row in await tallies.of_span(session, "month", begins, last, cuts=cuts)
            if last_of_month(row.first) <= last
        ]
        take(rows)
        gaps = _gaps(first, last, sorted({row.first for row in rows}))
    for begins, ends in gaps:
        take(await tallies.of_span(session, "day", begins, ends, cuts=cuts))
    return dict(sorted(found.items()))


def _gaps(first: date, last: date, months: Iterable[date]) -> list[tuple[date, date]]:
    """What of a period lies outside of whole months, as spans of days."""
    found: list[tuple[date, date]] = []
    for month in months:
        if first < month:
            found.append((first, month - _DAY))
        first = last_of_month(month) + _DAY
    return [*found, (first, last)] if first <= last else found


def _month_after(day: date) -> date:
    return last_of_month(day) + _DAY if (day.year, day.month) < (date.max.year, 12) else date.max


async def figures(
    session: ReadSession,
    *,
    house: House,
    first: date | None,
    last: date | None,
    now: datetime,
    include_simulated: bool,
    by: str | None = None,
    where: Mapping[str, str] | None = None,
    answer_within: int = ANSWER_WITHIN,
) -> Figures:
    """Every counter for a period, today as far as it has come; without `last` to today.

    `by` is a dimension or a step of time, or two of them crossed, with a comma between (`narrowing.read_by`); `where`
    narrows the records down (`count`).

    Raises:
        HelplineError: the period ends before it starts, or nothing can be counted so.
    """
    last = last or today(house, now)
    if first is not None and last < first:
        raise HelplineError("Perioden slutter før den begynner.")
    names = read_by(by)
    step = next((name for name in names if name in STEPS), None)
    dimensions = tuple(name for name in names if name not in STEPS)
    counted = await count(
        session,
        house=house,
        first=first,
        last=last,
        include_simulated=include_simulated,
        where=where,
        cuts=[dimensions],
        step=step or "year",
    )
    return Figures(
        first=counted.first if counted.days else first or last,
        last=last,
        include_simulated=include_simulated,
        whole=_read_all(counted.whole, "", answer_within),
        by=",".join(names) or None,
        where=dict(where or {}),
        parts=_parts(counted, step, dimensions, answer_within),
    )


def document(found: Figures) -> dict[str, Any]:
    """Figures with their definitions, as JSON has them: what the command line and the JSON interface give."""
    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "include_simulated": found.include_simulated,
        "where": dict(found.where),
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
    """The tallies of a period by day, week (from Monday), month, term or year, each keyed by its first day."""
    found: dict[date, Tally] = {}
    for day, tally in counted.days.items():
        start = step_start(day, step)
        if start not in found:
            found[start] = _like(tally)
        found[start].merge(tally)
    return found


def step_start(day: date, step: str) -> date:
    """The first day of the step that a day lies in. A term begins with January or with August (`narrowing.STEPS`).

    Raises:
        KeyError: there is no such step.
    """
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()) if day > date.min + 6 * _DAY else date.min,
        "month": day.replace(day=1),
        "term": day.replace(month=8 if day.month >= 8 else 1, day=1),
        "year": day.replace(month=1, day=1),
    }[step]


def _like(tally: Tally) -> Tally:
    return Tally(cuts=tally.cuts, histograms=WITH_HISTOGRAMS)


def _read_all(tally: Tally, cut: str, answer_within: int) -> tuple[Figure, ...]:
    return tuple(read(name, tally, cut=cut, answer_within=answer_within) for name in COUNTERS)


def _parts(
    counted: Counted, step: str | None, dimensions: tuple[str, ...], answer_within: int
) -> dict[str, tuple[Figure, ...]]:
    if step is None:
        return _parts_of(counted.whole, dimensions, answer_within) if dimensions else {}
    found: dict[str, tuple[Figure, ...]] = {}
    for start, tally in in_steps(counted, step).items():
        if not dimensions:
            found[start.isoformat()] = _read_all(tally, "", answer_within)
        for value, figures_of_value in _parts_of(tally, dimensions, answer_within).items() if dimensions else ():
            found[f"{step}={start}&{dimensions[0]}={value}"] = figures_of_value
    return found


def _parts_of(tally: Tally, dimensions: tuple[str, ...], answer_within: int) -> dict[str, tuple[Figure, ...]]:
    cuts = sorted(cut_of(**values) for values in tally.crossed(dimensions))
    alone = f"{dimensions[0]}=" if len(dimensions) == 1 else ""
    return {cut.removeprefix(alone): _read_all(tally, cut, answer_within) for cut in cuts}
