"""Opening hours as they are set: the week, exceptional days, emergency closings."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from helpline.core.hours import EmergencyClosing, ExceptionalDay, OpeningHours, Span
from helpline.store import tables
from helpline.store.db import ReadSession, WriteSession


async def hours(session: ReadSession, *, zone: ZoneInfo, holidays: Mapping[date, str]) -> OpeningHours:
    """Today's truth about the opening hours; empty hours are closed hours."""
    weekly: dict[int, tuple[Span, ...]] = {}
    for row in await session.scalars(select(tables.OpeningSpan).order_by(tables.OpeningSpan.weekday)):
        span = Span.parse(row.opens, row.closes, past_midnight=row.closes != "24:00" and row.closes <= row.opens)
        weekly[row.weekday] = (*weekly.get(row.weekday, ()), span)
    exceptional = tuple(
        ExceptionalDay(
            day=row.day,
            spans=(Span.parse(row.opens, row.closes),) if row.opens and row.closes else (),
            reason=row.reason,
        )
        for row in await session.scalars(select(tables.ExceptionalDay))
    )
    emergencies = tuple(
        EmergencyClosing(starts_at=row.starts_at, ends_at=row.ends_at, message=row.reason)
        for row in await session.scalars(select(tables.Closure))
    )
    return OpeningHours(weekly=weekly, exceptional=exceptional, holidays=holidays, emergencies=emergencies, zone=zone)


async def close_now(
    session: WriteSession, *, now: datetime, until: datetime | None, reason: str, advisor_id: int | None
) -> tables.Closure:
    """Close at once, until further notice or until a time."""
    closure = tables.Closure(starts_at=now, ends_at=until, reason=reason, advisor_id=advisor_id)
    session.add(closure)
    await session.flush()
    return closure


async def reopen(session: WriteSession, *, now: datetime) -> int:
    """End every running emergency closing. Returns how many there were."""
    ended = await session.scalars(
        update(tables.Closure)
        .where(tables.Closure.starts_at < now, (tables.Closure.ends_at.is_(None)) | (tables.Closure.ends_at > now))
        .values(ends_at=now)
        .returning(tables.Closure.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())
