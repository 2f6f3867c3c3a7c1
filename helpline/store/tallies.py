"""The folded days and months that counters are read from, and the marker of how far they are folded.

A folded month is the sum of its days, kept so that a year is read in twelve steps. It may be missing at any time.

Whoever writes a record holds the marker in share, whoever folds holds it alone: so no record can slip in beside a day
that is being folded.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from helpline.core.tally import KEPT_CUTS, VERSION, Cut, Tally, kept
from helpline.logs import get
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import FoldedTally, Installation

log = get("helpline.tallies")

_KEY = "folded_through"


@dataclass(frozen=True, kw_only=True)
class Marker:
    """Every local day to `through` with records has its folded tallies; None: no day has."""

    through: date | None

    def covers(self, day: date) -> bool:
        return self.through is not None and day <= self.through


@dataclass(frozen=True, kw_only=True)
class Folded:
    """The folded tally of a day or month under one cut, as `Tally.merge_json` reads it."""

    first: date
    simulated: bool
    document: Mapping[str, Any]


async def marker(session: ReadSession, *, zone: ZoneInfo) -> Marker:
    """How far the days are folded; days folded under another time zone or another version of the tally do not count."""
    return _read(await session.scalar(select(Installation.value).where(Installation.key == _KEY)), zone)


async def hold_marker(session: WriteSession, *, zone: ZoneInfo, alone: bool) -> Marker:
    """The marker, held to the end of the transaction: shared by those who write records, alone by those who fold."""
    locked = select(Installation.value).where(Installation.key == _KEY).with_for_update(read=not alone)
    value = await session.scalar(locked)
    if value is None:
        try:
            async with session.begin_nested():
                session.add(Installation(key=_KEY, value=""))
        except IntegrityError:
            # Another process was first. What the session has loaded beside it stays good.
            log.debug("marker_made_by_another")
        value = await session.scalar(locked)
    return _read(value, zone)


async def move_marker(session: WriteSession, through: date | None, *, zone: ZoneInfo) -> None:
    """Say how far the days are folded. Hold the marker alone before."""
    value = f"{through.isoformat()} {zone.key} {VERSION}" if through is not None else ""
    await session.execute(
        update(Installation)
        .where(Installation.key == _KEY)
        .values(value=value)
        .execution_options(synchronize_session=False)
    )


async def of_span(session: ReadSession, span: str, first: date, last: date, *, cuts: Collection[Cut]) -> list[Folded]:
    """The folded days or months that begin in a period, in order, under the given cuts only."""
    rows = await session.execute(
        select(FoldedTally.first, FoldedTally.simulated, FoldedTally.tally)
        .where(
            FoldedTally.span == span,
            FoldedTally.cut.in_(["&".join(cut) for cut in cuts]),
            FoldedTally.first >= first,
            FoldedTally.first <= last,
        )
        .order_by(FoldedTally.first, FoldedTally.simulated, FoldedTally.cut)
    )
    return [Folded(first=row[0], simulated=row[1], document=row[2]) for row in rows]


async def firsts(session: ReadSession, span: str, *, cut: Cut = ()) -> list[date]:
    """The first days of all folded days or months, ascending."""
    found = await session.scalars(
        select(FoldedTally.first)
        .where(FoldedTally.span == span, FoldedTally.cut == "&".join(cut))
        .distinct()
        .order_by(FoldedTally.first)
    )
    return list(found)


async def replace(session: WriteSession, span: str, first: date, tallies: dict[bool, Tally], *, now: datetime) -> None:
    """The tallies of a day or month, by whether they are of simulated records, in the place of what stood there."""
    await session.execute(delete(FoldedTally).where(*_at(span, first)))
    for simulated, tally in tallies.items():
        if tally:
            await _insert(session, span, first, simulated, tally, now=now)


async def add(session: WriteSession, day: date, simulated: bool, more: Tally, *, now: datetime) -> None:
    """Add to a day that is folded already; two that do so at once come one after the other."""
    locked = (
        select(FoldedTally.cut, FoldedTally.tally)
        .where(*_at("day", day), FoldedTally.simulated == simulated)
        .order_by(FoldedTally.cut)
        .with_for_update()
    )
    rows = (await session.execute(locked)).all()
    if not rows:
        try:
            async with session.begin_nested():
                await _insert(session, "day", day, simulated, more, now=now)
        except IntegrityError:  # another process was first
            rows = (await session.execute(locked)).all()
        else:
            return
    whole = kept()
    for row in rows:
        whole.merge_json(row[1])
    whole.merge(more)
    # Changed in their places, not written anew: whoever waits for a row would find it gone, and nothing instead.
    changed = (
        update(FoldedTally.__table__)  # type: ignore[arg-type]  # a table, as it is declared
        .where(
            FoldedTally.span == "day",
            FoldedTally.cut == bindparam("of_cut"),
            FoldedTally.first == day,
            FoldedTally.simulated == simulated,
        )
        .values(tally=bindparam("document"), folded_at=now)
    )
    connection = await session.connection()
    await connection.execute(
        changed, [{"of_cut": "&".join(cut), "document": document} for cut, document in whole.split().items()]
    )


async def forget_from(session: WriteSession, day: date | None) -> None:
    """Throw away the folded tallies of a day and all after it, and the months that hold such a day; all when None."""
    if day is None:
        await session.execute(delete(FoldedTally))
        return
    await session.execute(delete(FoldedTally).where(FoldedTally.span == "day", FoldedTally.first >= day))
    await session.execute(
        delete(FoldedTally).where(FoldedTally.span == "month", FoldedTally.first >= day.replace(day=1))
    )


async def forget_month_of(session: WriteSession, day: date) -> None:
    """Throw away the folded month that holds a day: until it is folded anew, its days are read instead."""
    await session.execute(delete(FoldedTally).where(*_at("month", day.replace(day=1))))


def _at(span: str, first: date) -> list[ColumnElement[bool]]:
    return [
        FoldedTally.span == span,
        FoldedTally.cut.in_(["&".join(cut) for cut in KEPT_CUTS]),
        FoldedTally.first == first,
    ]


async def _insert(
    session: WriteSession, span: str, first: date, simulated: bool, tally: Tally, *, now: datetime
) -> None:
    rows = [
        {
            "span": span,
            "cut": "&".join(cut),
            "first": first,
            "simulated": simulated,
            "tally": document,
            "folded_at": now,
        }
        for cut, document in tally.split().items()
    ]
    await session.execute(insert(FoldedTally), rows)


def _read(value: str | None, zone: ZoneInfo) -> Marker:
    through, _, rest = (value or "").partition(" ")
    return Marker(through=date.fromisoformat(through) if rest == f"{zone.key} {VERSION}" else None)
