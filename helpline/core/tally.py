"""The tally: what the counters add up, kept so that days can be added and taken apart.

A tally counts marks under cuts. A cut is a selection such as `channel=phone` (the empty cut is everything), a mark is
what is counted in it: `contacts`, `outcome:referred`, `wait:37` (answered after 37 seconds). Every mark is a sum over
records, so the tally of a month is the sum of its days, and stored days plus today's records equal a recount of all.

A record belongs to the local day, weekday and hour in which it was opened.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from helpline.core.codes import UNKNOWN, Direction, Origin, Outcome, municipalities
from helpline.core.record import OSLO, Answered, Record, answered_as

#: Raised whenever a mark, a cut or its meaning changes: stored tallies of another version are folded anew.
VERSION = 2

#: What contacts can be cut by. A record that was not asked has the empty value, so `relation=` are the not asked.
DIMENSIONS = (
    "origin",
    "channel",
    "direction",
    "enquirer",
    "relation",
    "gender",
    "age_band",
    "county",
    "municipality",
    "challenge_area",
    "topic",
    "language",
    "urgency",
    "activity",
    "caller_status",
    "source",
    "article",
    "referred_from",
    "referred_to",
    "weekday",
    "hour",
    "hour_of_week",
)
#: Dimensions of which a record may have several values; their shares may sum to more than the whole.
SEVERAL = {"challenge_area": "challenge_areas", "topic": "topics", "article": "articles_used"} | {
    name: name for name in ("referred_from", "referred_to")
}

Cut = tuple[str, ...]
#: Everything together, and by each dimension alone.
SINGLE_CUTS: tuple[Cut, ...] = ((), *((dimension,) for dimension in DIMENSIONS))

#: Single cuts that keep whole histograms, so that medians can be read under them; the rest keep sums. A crossed cut is
#: asked for on purpose and keeps them too.
_WITH_HISTOGRAMS: tuple[Cut, ...] = ((), ("channel",))

_UNIT_BY_KIND = {"contact": "contacts", "session": "sessions", "attendance": "attendances", "group": "groups"}


class Tally:
    """An additive count of records. Two tallies are equal when they count the same."""

    def __init__(self, *, cuts: tuple[Cut, ...] = SINGLE_CUTS, zone: ZoneInfo = OSLO) -> None:
        """An empty tally over the given cuts, each a tuple of dimensions: `("channel", "relation")` crosses the two.

        Raises:
            ValueError: a cut names what is no dimension.
        """
        for dimension in {dimension for cut in cuts for dimension in cut}:
            if dimension not in DIMENSIONS:
                raise ValueError(f"Records cannot be cut by «{dimension}».")
        self._cuts = tuple(sorted({tuple(sorted(cut)) for cut in cuts}))
        self._zone = zone
        self._cells: dict[str, dict[str, int]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self._cells == other._cells

    __hash__ = None  # type: ignore[assignment]  # a tally grows, so it cannot be a key

    def __bool__(self) -> bool:
        return bool(self._cells)

    def __repr__(self) -> str:
        return f"Tally({self._cells.get('', {})})"

    def add(self, record: Record) -> None:
        """Count a record in."""
        exact, summed = _marks(record)
        if not summed:
            return
        values = _values(record, self._zone)
        for cut in self._cuts:
            with_histograms = len(cut) > 1 or cut in _WITH_HISTOGRAMS
            # The same key as `cut_of` makes; a cut's dimensions are in order already.
            for combination in product(*([f"{name}={value}" for value in values[name]] for name in cut)):
                cells = self._cells.setdefault("&".join(combination), {})
                for mark, amount in summed:
                    cells[mark] = cells.get(mark, 0) + amount
                for mark in exact if with_histograms else ():
                    cells[mark] = cells.get(mark, 0) + 1

    def remove(self, record: Record) -> None:
        """Take a record out again that was counted before, for instance because another one corrects it.

        Raises:
            ValueError: the record was not counted here.
        """
        taken = Tally(cuts=self._cuts, zone=self._zone)
        taken.add(record)
        self.subtract(taken)

    def merge(self, other: "Tally") -> None:
        """Add another tally, such as the next day.

        Raises:
            ValueError: it was cut by other dimensions.
        """
        self._shift(other, 1)

    def subtract(self, other: "Tally") -> None:
        """Take a tally out of this one.

        Raises:
            ValueError: it was cut by other dimensions, or holds what was never counted here; nothing is changed then.
        """
        for cut, marks in other._cells.items():
            mine = self._cells.get(cut, {})
            if any(mine.get(mark, 0) < count for mark, count in marks.items()):
                raise ValueError("More is taken out of the tally than was counted in it.")
        self._shift(other, -1)

    def keeps(self, dimensions: Cut) -> bool:
        """Whether records are cut by these dimensions, crossed; the empty cut is everything."""
        return tuple(sorted(dimensions)) in self._cuts

    def count(self, mark: str, cut: str = "") -> int:
        """How often a mark was made under a cut (see `cut_of`)."""
        return self._cells.get(cut, {}).get(mark, 0)

    def histogram(self, name: str, cut: str = "") -> dict[int, int]:
        """How many records by whole seconds, ascending: `wait`, `left` or `handled`, where histograms are kept."""
        prefix = f"{name}:"
        marks = self._cells.get(cut, {})
        found = {int(mark.removeprefix(prefix)): count for mark, count in marks.items() if mark.startswith(prefix)}
        return dict(sorted(found.items()))

    def marks(self, prefix: str, cut: str = "") -> dict[str, int]:
        """All marks of a family by what follows the colon: `marks("outcome")`."""
        head = f"{prefix}:"
        marks = self._cells.get(cut, {})
        return {mark.removeprefix(head): count for mark, count in marks.items() if mark.startswith(head)}

    def values(self, dimension: str) -> Iterator[str]:
        """The values of a dimension that occur, the empty one (not asked) among them."""
        prefix = f"{dimension}="
        return (cut.removeprefix(prefix) for cut in self._cells if cut.startswith(prefix) and "&" not in cut)

    def to_json(self) -> dict[str, Any]:
        """A document that `from_json` reads back."""
        return {
            "version": VERSION,
            "cuts": [list(cut) for cut in self._cuts],
            "cells": {cut: dict(marks) for cut, marks in self._cells.items()},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Tally":
        """A stored tally.

        Raises:
            ValueError: it was folded by another version, so its records must be folded anew.
        """
        if document.get("version") != VERSION:
            raise ValueError(f"The stored tally has version {document.get('version')}, not {VERSION}: fold it anew.")
        tally = cls(cuts=tuple(tuple(cut) for cut in document["cuts"]))
        tally._cells = {cut: dict(marks) for cut, marks in document["cells"].items()}
        return tally

    def _shift(self, other: "Tally", sign: int) -> None:
        if self._cuts != other._cuts:
            raise ValueError("Tallies that are cut by different dimensions cannot be added.")
        for cut, marks in other._cells.items():
            cells = self._cells.setdefault(cut, {})
            for mark, count in marks.items():
                total = cells.get(mark, 0) + sign * count
                if total:
                    cells[mark] = total
                else:
                    cells.pop(mark, None)
            if not cells:
                del self._cells[cut]


def cut_of(**values: str) -> str:
    """The key of a cut: `cut_of(channel="phone")`; several values are crossed, none is everything."""
    return "&".join(f"{name}={values[name]}" for name in sorted(values))


def tally(
    records: Iterable[Record],
    *,
    include_simulated: bool = False,
    cuts: tuple[Cut, ...] = SINGLE_CUTS,
    zone: ZoneInfo = OSLO,
) -> Tally:
    """Count records; those that another of them corrects, and simulated ones unless asked for, are left out.

    Raises:
        ValueError: records correct each other in a ring.
    """
    counted = Tally(cuts=cuts, zone=zone)
    for record in effective(records):
        if include_simulated or record.origin is not Origin.SIMULATED:
            counted.add(record)
    return counted


def tallies_by_day(
    records: Iterable[Record],
    *,
    include_simulated: bool = False,
    cuts: tuple[Cut, ...] = SINGLE_CUTS,
    zone: ZoneInfo = OSLO,
) -> dict[date, Tally]:
    """The tally of each local day that has any record, in order of days.

    Raises:
        ValueError: records correct each other in a ring.
    """
    days: dict[date, Tally] = {}
    for record in effective(records):
        if include_simulated or record.origin is not Origin.SIMULATED:
            days.setdefault(day_of(record, zone), Tally(cuts=cuts, zone=zone)).add(record)
    return dict(sorted(days.items()))


def total(tallies: Iterable[Tally], *, cuts: tuple[Cut, ...] = SINGLE_CUTS) -> Tally:
    """The sum of tallies that are all cut by `cuts`, as a new one.

    Raises:
        ValueError: one was cut by other dimensions.
    """
    whole = Tally(cuts=cuts)
    for part in tallies:
        whole.merge(part)
    return whole


def day_of(record: Record, zone: ZoneInfo = OSLO) -> date:
    """The local day a record is counted on: the one it was opened on, also when it was closed after midnight."""
    return record.opened_at.astimezone(zone).date()


def effective(records: Iterable[Record]) -> list[Record]:
    """The records that count, in their order: without those that another one corrects, and each id once.

    Of several that correct the same record the last one counts, and corrections of the others no longer do. A record
    that corrects one which is not here counts as any other.

    Raises:
        ValueError: records correct each other in a ring, so that none would count.
    """
    by_id = {record.record_id: record for record in records}
    replaced_by: dict[str, str] = {}
    starts: list[str] = []
    for record in by_id.values():
        if record.corrects is not None:
            replaced_by[record.corrects] = record.record_id
        if record.corrects is None:
            starts.append(record.record_id)
        elif record.corrects not in by_id:
            starts.append(record.corrects)
    _refuse_rings(by_id)
    standing: set[str] = set()
    for start in starts:
        last = start
        while last in replaced_by:
            last = replaced_by[last]
        standing.add(last)
    return [record for record in by_id.values() if record.record_id in standing]


def _refuse_rings(by_id: Mapping[str, Record]) -> None:
    sound: set[str] = set()
    for record_id in by_id:
        walked: set[str] = set()
        step: str | None = record_id
        while step is not None and step in by_id and step not in sound:
            if step in walked:
                raise ValueError(f"The record «{step}» is corrected in a ring.")
            walked.add(step)
            step = by_id[step].corrects
        sound |= walked


def _values(record: Record, zone: ZoneInfo) -> dict[str, tuple[str, ...]]:
    local = record.opened_at.astimezone(zone)
    values: dict[str, tuple[str, ...]] = {
        "county": (_county_of(record),),
        "weekday": (str(local.weekday()),),
        "hour": (str(local.hour),),
        "hour_of_week": (f"{local.weekday()}-{local.hour:02}",),
    }
    for dimension in DIMENSIONS:
        if dimension in SEVERAL:
            values[dimension] = getattr(record, SEVERAL[dimension]) or ("",)
        elif dimension not in values:
            values[dimension] = (getattr(record, dimension) or "",)
    return values


def _county_of(record: Record) -> str:
    """A municipality says its county also where the county itself was left out."""
    if record.county is None and record.municipality not in (None, UNKNOWN):
        return municipalities()[str(record.municipality)].county_number
    return record.county or ""


def _marks(record: Record) -> tuple[list[str], list[tuple[str, int]]]:
    """What a record counts as: marks of the histograms, and marks with their amounts."""
    unit = _UNIT_BY_KIND[record.kind]
    # A row without a number of participants stands for one person.
    people = 1 if record.participants is None else record.participants
    if record.kind != "contact":
        amounts = {"sessions": 1, "attendances": people, "groups": 1}
        persons = [("persons", people)] if unit == "sessions" else []
        return [], [(mark, amount) for mark, amount in [(unit, amounts[unit]), *persons] if amount]
    exact: list[str] = []
    summed = [(unit, 1), (f"outcome:{record.outcome or ''}", 1)]
    answered = answered_as(record.outcome)
    # What we rang up ourselves, or wrote down afterwards, was never waiting to be answered.
    waiting = record.direction != Direction.OUTBOUND and record.origin is not Origin.AFTERWARDS
    if waiting and answered is not Answered.EXCLUDED:
        summed.append((f"answered:{answered}", 1))
        if record.redial_24h:
            summed.append(("redials", 1))
    if waiting and record.waited_seconds is not None:
        if answered is Answered.YES:
            exact.append(f"wait:{record.waited_seconds}")
            summed += [("waits", 1), ("wait_seconds", record.waited_seconds)]
        elif record.outcome in (Outcome.ABANDONED, Outcome.SHORT_ABANDON):
            exact.append(f"left:{record.waited_seconds}")
    if answered is Answered.YES and record.handled_seconds is not None:
        exact.append(f"handled:{record.handled_seconds}")
        summed += [("handlings", 1), ("handled_seconds", record.handled_seconds)]
    if record.asked_what_matters is not None:
        summed.append((f"asked_what_matters:{'yes' if record.asked_what_matters else 'no'}", 1))
    if record.evaluation is not None:
        summed += [("evaluations", 1), ("evaluation_points", record.evaluation)]
    if record.letters:
        summed.append(("letters", record.letters))
    return exact, [(mark, amount) for mark, amount in summed if amount]
