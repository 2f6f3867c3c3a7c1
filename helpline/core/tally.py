"""The tally: what the counters add up, kept so that days can be added and taken apart.

A tally counts marks under cuts. A cut is a selection such as `channel=phone` (the empty cut is everything), a mark is
what is counted in it: `contacts`, `outcome:referred`, or a second of a histogram: answered after 37 seconds
(`core.marks`). Every mark is a sum over records, so the tally of a month is the sum of its days, and stored days plus
today's records equal a recount of all.

A record belongs to the local day, weekday and hour in which it was opened.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from helpline.core.codes import Origin
from helpline.core.lanes import (
    DENSE_BELOW,
    as_text,
    from_text,
    one_sum,
    pack_seconds,
    pack_sums,
    unpack_seconds,
    unpack_sums,
)
from helpline.core.marks import DIMENSIONS, HISTOGRAMS, SEVERAL, SUMS, marks, values
from helpline.core.record import OSLO, Record

__all__ = ["DIMENSIONS", "SEVERAL"]

#: Raised whenever a mark, a cut or its meaning changes: stored tallies of another version are folded anew.
VERSION = 3

Cut = tuple[str, ...]
#: Everything together, and by each dimension alone.
SINGLE_CUTS: tuple[Cut, ...] = ((), *((dimension,) for dimension in DIMENSIONS))
#: What is kept of closed days beside them: each dimension crossed with the channel, since that is what figures are
#: narrowed down to most. Other crossings are counted from the records when somebody asks.
CHANNEL_CUTS: tuple[Cut, ...] = tuple(
    tuple(sorted(("channel", dimension))) for dimension in DIMENSIONS if dimension != "channel"
)
KEPT_CUTS: tuple[Cut, ...] = SINGLE_CUTS + CHANNEL_CUTS

#: Kept cuts with whole histograms, so that medians can be read under them; the rest of the kept ones hold sums. A
#: crossed cut that is asked for on purpose has them too.
WITH_HISTOGRAMS: tuple[Cut, ...] = ((), ("channel",))

_SUMS = frozenset(SUMS)


class Tally:
    """An additive count of records. Two tallies are equal when they count the same."""

    def __init__(
        self,
        *,
        cuts: Iterable[Cut] = SINGLE_CUTS,
        zone: ZoneInfo = OSLO,
        histograms: Collection[Cut] | None = None,
    ) -> None:
        """An empty tally over the given cuts, each a tuple of dimensions: `("channel", "relation")` crosses the two.

        Args:
            cuts: what to cut by.
            zone: whose days and hours count.
            histograms: the cuts that hold whole histograms; without, `WITH_HISTOGRAMS` and every crossed one.

        Raises:
            ValueError: a cut names what is no dimension.
        """
        chosen = sorted({tuple(sorted(cut)) for cut in cuts})
        self._dimensions = {dimension for cut in chosen for dimension in cut}
        for dimension in self._dimensions:
            if dimension not in DIMENSIONS:
                raise ValueError(f"Records cannot be cut by «{dimension}».")
        self._cuts = tuple(chosen)
        self._zone = zone
        self._histograms = frozenset(
            [cut for cut in chosen if len(cut) > 1 or cut in WITH_HISTOGRAMS] if histograms is None else histograms
        )
        self._cells: dict[str, dict[str, int]] = {}
        #: What was read from a store, packed: by cut the histograms by their names and the sums as `sums`. It adds to
        #: what is in the cells, which have each of these cuts too.
        self._packed: dict[str, dict[str, int]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self.cells() == other.cells()

    __hash__ = None  # type: ignore[assignment]  # a tally grows, so it cannot be a key

    def __bool__(self) -> bool:
        return bool(self._cells)

    def __repr__(self) -> str:
        return f"Tally({self._cells.get('', {})})"

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """What it is cut by."""
        return self._cuts

    def add(self, record: Record) -> None:
        """Count a record in."""
        seconds, amounts = marks(record)
        if not amounts:
            return
        exact = [f"{name}:{second}" for name, second in seconds.items()]
        found = values(record, self._zone, self._dimensions)
        keys = {name: [f"{name}={value}" for value in found[name]] for name in found}
        for cut in self._cuts:
            # The same key as `cut_of` makes; a cut's dimensions are in order already.
            for key in keys[cut[0]] if len(cut) == 1 else map("&".join, product(*map(keys.__getitem__, cut))):
                cells = self._cells.get(key)
                if cells is None:
                    cells = self._cells[key] = {}
                for mark, amount in amounts.items():
                    cells[mark] = cells.get(mark, 0) + amount
                if exact and cut in self._histograms:
                    for mark in exact:
                        cells[mark] = cells.get(mark, 0) + 1

    def remove(self, record: Record) -> None:
        """Take a record out again that was counted before, for instance because another one corrects it.

        Raises:
            ValueError: the record was not counted here.
        """
        taken = Tally(cuts=self._cuts, zone=self._zone, histograms=self._histograms)
        taken.add(record)
        self.subtract(taken)

    def merge(self, other: "Tally") -> None:
        """Add another tally, such as the next day.

        Raises:
            ValueError: it was cut by other dimensions.
        """
        self._shift(other, 1)
        for cut, histograms in other._packed.items():
            self._add_packed(cut, histograms)

    def subtract(self, other: "Tally") -> None:
        """Take a tally out of this one.

        Raises:
            ValueError: it was cut by other dimensions, or holds what was never counted here; nothing is changed then.
        """
        self._loosen()
        other._loosen()
        for cut, cells in other._cells.items():
            mine = self._cells.get(cut, {})
            if any(mine.get(mark, 0) < count for mark, count in cells.items()):
                raise ValueError("More is taken out of the tally than was counted in it.")
        self._shift(other, -1)

    def keeps(self, dimensions: Cut) -> bool:
        """Whether records are cut by these dimensions, crossed; the empty cut is everything."""
        return tuple(sorted(dimensions)) in self._cuts

    def count(self, mark: str, cut: str = "") -> int:
        """How often a mark was made under a cut (see `cut_of`). Seconds are asked for as a `histogram`."""
        loose = self._cells.get(cut, {}).get(mark, 0)
        packed = self._packed.get(cut)
        return loose if packed is None else loose + one_sum(packed.get("sums", 0), mark)

    def histogram(self, name: str, cut: str = "") -> dict[int, int]:
        """How many records by whole seconds, ascending: `wait`, `left` or `handled`, where histograms are kept."""
        packed = self._packed.get(cut, {}).get(name, 0)
        found = unpack_seconds(packed) if packed else {}
        loose = _family(name, self._cells.get(cut, {}))
        if loose:
            for seconds, count in loose.items():
                found[int(seconds)] = found.get(int(seconds), 0) + count
            found = dict(sorted(found.items()))
        return found

    def marks(self, prefix: str, cut: str = "") -> dict[str, int]:
        """All marks of a family by what follows the colon: `marks("outcome")`."""
        found = _family(prefix, self._cells.get(cut, {}))
        for name, count in _family(prefix, unpack_sums(self._packed.get(cut, {}).get("sums", 0))).items():
            found[name] = found.get(name, 0) + count
        return found

    def values(self, dimension: str) -> Iterator[str]:
        """The values of a dimension that occur, the empty one (not asked) among them."""
        prefix = f"{dimension}="
        return (cut.removeprefix(prefix) for cut in self._cells if cut.startswith(prefix) and "&" not in cut)

    def crossed(self, dimensions: Cut) -> Iterator[dict[str, str]]:
        """The combinations of values of crossed dimensions that occur: `{"channel": "phone", "relation": ""}`."""
        wanted = sorted(dimensions)
        for cut in self._cells:
            found = dict(part.split("=", 1) for part in cut.split("&")) if cut else {}
            if list(found) == wanted:
                yield found

    def cells(self) -> dict[str, dict[str, int]]:
        """Everything counted, by cut and mark, seconds as `wait:37`: for comparing two tallies mark by mark."""
        self._loosen()
        return self._cells

    def only(self, cuts: Iterable[Cut]) -> "Tally":
        """The same records cut by some of this one's cuts, as a tally of its own.

        Raises:
            ValueError: this tally is not cut by one of them.
        """
        inner = Tally(cuts=cuts, zone=self._zone, histograms=self._histograms)
        for cut in inner.cuts:
            if not self.keeps(cut):
                raise ValueError(f"The tally is not cut by «{' and '.join(cut)}».")
        chosen = {"&".join(cut) for cut in inner.cuts}
        for whole, part in ((self._cells, inner._cells), (self._packed, inner._packed)):
            part.update({key: dict(held) for key, held in whole.items() if _dimensions_of(key) in chosen})
        return inner

    def narrowed(self, dimension: str, value: str, *, cuts: Iterable[Cut]) -> "Tally":
        """The tally of those records alone that have a value, by `cuts`: each must be crossed with the dimension here.

        Raises:
            ValueError: this tally is not cut finely enough for it.
        """
        inner = Tally(cuts=cuts, zone=self._zone, histograms=self._histograms)
        for cut in inner.cuts:
            if (dimension in cut and len(cut) > 1) or not self.keeps(tuple({*cut, dimension})):
                raise ValueError(f"The tally is not cut by «{' and '.join({*cut, dimension})}».")
        own, chosen = f"{dimension}={value}", {"&".join(cut) for cut in inner.cuts}
        for whole, part in ((self._cells, inner._cells), (self._packed, inner._packed)):
            for held_key, held in whole.items():
                names = held_key.split("&")
                if own in names:
                    rest = "&".join(name for name in names if name != own)
                    for key in {rest, rest or own}:
                        if _dimensions_of(key) in chosen:
                            part[key] = dict(held)
        return inner

    def to_json(self) -> dict[str, Any]:
        """A document that `from_json` reads back."""
        cells = {cut: self._stored(cut, marks_of_cut) for cut, marks_of_cut in self._cells.items()}
        return {"version": VERSION, "cuts": [list(cut) for cut in self._cuts], "cells": cells}

    def split(self) -> dict[Cut, dict[str, Any]]:
        """The same, a document for each cut, so that each can be read back without the others."""
        documents: dict[str, dict[str, Any]] = {
            "&".join(cut): {"version": VERSION, "cuts": [list(cut)], "cells": {}} for cut in self._cuts
        }
        for cut, marks_of_cut in self._cells.items():
            documents[_dimensions_of(cut)]["cells"][cut] = self._stored(cut, marks_of_cut)
        return {cut: documents["&".join(cut)] for cut in self._cuts}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Tally":
        """A stored tally.

        Raises:
            ValueError: it was folded by another version, so its records must be folded anew.
        """
        tally = cls(cuts=[tuple(cut) for cut in document["cuts"]])
        tally.merge_json(document)
        return tally

    def merge_json(self, document: Mapping[str, Any]) -> None:
        """Add a stored tally that is cut by some of this one's cuts.

        Raises:
            ValueError: it was folded by another version, so its records must be folded anew.
        """
        if document.get("version") != VERSION:
            raise ValueError(f"The stored tally has version {document.get('version')}, not {VERSION}: fold it anew.")
        for cut, stored in document["cells"].items():
            cells = self._cells.setdefault(cut, {})
            packed: dict[str, int] = {}
            for mark, count in stored.items():
                if isinstance(count, str):
                    packed[mark] = from_text(count) if mark != "sums" else int(count, 16)
                else:
                    cells[mark] = cells.get(mark, 0) + count
            self._add_packed(cut, packed)

    def _stored(self, cut: str, cells: Mapping[str, int]) -> dict[str, int | str]:
        """The marks of a cut packed; seconds beyond the packed ones stay marks."""
        stored: dict[str, int | str] = {}
        sums: dict[str, int] = {}
        dense: dict[str, dict[int, int]] = {}
        for mark, count in cells.items():
            name, colon, seconds = mark.partition(":")
            if mark in _SUMS:
                sums[mark] = count
            elif colon and name in HISTOGRAMS and int(seconds) < DENSE_BELOW:
                dense.setdefault(name, {})[int(seconds)] = count
            else:
                stored[mark] = count
        packed = {name: pack_seconds(histogram) for name, histogram in dense.items()} | {"sums": pack_sums(sums)}
        for name, number in self._packed.get(cut, {}).items():
            packed[name] = packed.get(name, 0) + number
        return stored | {
            name: f"{number:x}" if name == "sums" else as_text(number) for name, number in packed.items() if number
        }

    def _add_packed(self, cut: str, packed: Mapping[str, int]) -> None:
        mine = self._packed.get(cut)
        if mine is None:
            self._packed[cut] = dict(packed)
            return
        for name, number in packed.items():
            mine[name] = mine.get(name, 0) + number

    def _loosen(self) -> None:
        """What is packed becomes marks in the cells."""
        for cut, packed in self._packed.items():
            cells = self._cells[cut]
            for name, number in packed.items():
                loose = (
                    unpack_sums(number)
                    if name == "sums"
                    else {f"{name}:{seconds}": count for seconds, count in unpack_seconds(number).items()}
                )
                for mark, count in loose.items():
                    cells[mark] = cells.get(mark, 0) + count
        self._packed = {}

    def _shift(self, other: "Tally", sign: int) -> None:
        if self._cuts != other._cuts:
            raise ValueError("Tallies that are cut by different dimensions cannot be added.")
        for cut, marks_of_cut in other._cells.items():
            cells = self._cells.setdefault(cut, {})
            for mark, count in marks_of_cut.items():
                total = cells.get(mark, 0) + sign * count
                if total:
                    cells[mark] = total
                else:
                    cells.pop(mark, None)
            if not cells and cut not in self._packed and cut not in other._packed:
                del self._cells[cut]


def kept(zone: ZoneInfo = OSLO) -> Tally:
    """An empty tally as closed days keep it: every dimension, alone and under each channel."""
    return Tally(cuts=KEPT_CUTS, zone=zone, histograms=WITH_HISTOGRAMS)


def _family(prefix: str, cells: Mapping[str, int]) -> dict[str, int]:
    head = f"{prefix}:"
    return {mark.removeprefix(head): count for mark, count in cells.items() if mark.startswith(head)}


def _dimensions_of(key: str) -> str:
    """`channel&relation` of `channel=phone&relation=mother`."""
    return "&".join(part.partition("=")[0] for part in key.split("&"))


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
