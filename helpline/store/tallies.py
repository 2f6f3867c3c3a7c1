"""The folded days that counters are read from, and the marker of how far they are folded.

Whoever writes a record holds the marker in share, whoever folds holds it alone: so no record can slip in beside a day
that is being folded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from helpline.core.tally import VERSION, Tally
from helpline.logs import get
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import DayTally, Installation

log = get("helpline.tallies")

_KEY = "folded_through"


@dataclass(frozen=True, kw_only=True)
class Marker:
    """Every local day to `through` with records has its folded tallies; None: no day has."""

    through: date | None

    def covers(self, day: date) -> bool:
        return self.through is not None and day <= self.through


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


async def of_days(session: ReadSession, first: date, last: date) -> Sequence[DayTally]:
    """The folded tallies of a period, in order of days."""
    return (
        await session.scalars(
            select(DayTally)
            .where(DayTally.day >= first, DayTally.day <= last)
            .order_by(DayTally.day, DayTally.simulated)
        )
    ).all()


async def first_day(session: ReadSession) -> date | None:
    """The earliest day that has a folded tally."""
    found: date | None = await session.scalar(select(DayTally.day).order_by(DayTally.day).limit(1))
    return found


async def replace(session: WriteSession, day: date, tallies: dict[bool, Tally], *, now: datetime) -> None:
    """The tallies of a day, by whether they are of simulated records, in the place of what stood there."""
    await session.execute(delete(DayTally).where(DayTally.day == day))
    session.add_all(
        DayTally(day=day, simulated=simulated, tally=tally.to_json(), version=VERSION, folded_at=now)
        for simulated, tally in tallies.items()
        if tally
    )
    await session.flush()


async def add(session: WriteSession, day: date, simulated: bool, more: Tally, *, now: datetime) -> None:
    """Add to a day that is folded already; two that do so at once come one after the other."""
    locked = (
        select(DayTally)
        .where(DayTally.day == day, DayTally.simulated == simulated)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = (await session.scalars(locked)).one_or_none()
    if row is None:
        try:
            async with session.begin_nested():
                session.add(
                    DayTally(day=day, simulated=simulated, tally=more.to_json(), version=VERSION, folded_at=now)
                )
        except IntegrityError:  # another process was first
            row = (await session.scalars(locked)).one()
        else:
            return
    whole = Tally.from_json(row.tally)
    whole.merge(more)
    row.tally = whole.to_json()
    row.folded_at = now
    await session.flush()


async def forget_from(session: WriteSession, day: date | None) -> None:
    """Throw away the folded tallies of a day and all after it; of every day when None."""
    statement = delete(DayTally)
    await session.execute(statement if day is None else statement.where(DayTally.day >= day))


def _read(value: str | None, zone: ZoneInfo) -> Marker:
    through, _, rest = (value or "").partition(" ")
    return Marker(through=date.fromisoformat(through) if rest == f"{zone.key} {VERSION}" else None)
