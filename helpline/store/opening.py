"""Opening hours as they are set: the week, exceptional days, emergency closings."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from helpline.core.hours import EmergencyClosing, ExceptionalDay, OpeningHours, Span
from helpline.store import tables
from helpline.store.db import ReadSession, WriteSession


async def hours(session: ReadSession, *, zone: ZoneInfo, holidays: Mapping[date, str]) -> OpeningHours:
    """Today's truth about the opening hours; empty hours are closed hours."""
    weekly: dict[int, tuple[Span, ...]] = {}
    for row in await week(session):
        weekly[row.weekday] = (*weekly.get(row.weekday, ()), span_of(row.opens, row.closes))
    exceptional = tuple(
        ExceptionalDay(
            day=row.day,
            spans=(span_of(row.opens, row.closes),) if row.opens and row.closes else (),
            reason=row.reason,
        )
        for row in await session.scalars(select(tables.ExceptionalDay))
    )
    emergencies = tuple(
        EmergencyClosing(starts_at=row.starts_at, ends_at=row.ends_at, message=row.reason)
        for row in await session.scalars(select(tables.Closure))
    )
    return OpeningHours(weekly=weekly, exceptional=exceptional, holidays=holidays, emergencies=emergencies, zone=zone)


async def week(session: ReadSession) -> Sequence[tables.OpeningSpan]:
    """The spans of the ordinary week, in order."""
    return (
        await session.scalars(select(tables.OpeningSpan).order_by(tables.OpeningSpan.weekday, tables.OpeningSpan.opens))
    ).all()


async def set_week(session: WriteSession, weekly: Mapping[int, Sequence[Span]]) -> None:
    """The ordinary week, in the place of the one that was."""
    await session.execute(delete(tables.OpeningSpan))
    session.add_all(
        tables.OpeningSpan(weekday=weekday, opens=_opens(span), closes=_closes(span), example=False)
        for weekday, spans in weekly.items()
        for span in spans
    )
    await session.flush()


async def exceptional_days(session: ReadSession, since: date) -> Sequence[tables.ExceptionalDay]:
    """The exceptional days from a date on, in order."""
    return (
        await session.scalars(
            select(tables.ExceptionalDay).where(tables.ExceptionalDay.day >= since).order_by(tables.ExceptionalDay.day)
        )
    ).all()


async def set_day(session: WriteSession, day: date, span: Span | None, *, reason: str) -> None:
    """A date with hours of its own, or closed when None, in the place of what was said of that date."""
    await remove_day(session, day)
    session.add(
        tables.ExceptionalDay(
            day=day, opens=_opens(span) if span else None, closes=_closes(span) if span else None, reason=reason
        )
    )
    await session.flush()


async def remove_day(session: WriteSession, day: date) -> bool:
    """The date follows the ordinary week again. False when nothing was said of it."""
    removed = await session.scalars(
        delete(tables.ExceptionalDay)
        .where(tables.ExceptionalDay.day == day)
        .returning(tables.ExceptionalDay.id)
        .execution_options(synchronize_session=False)
    )
    return removed.first() is not None


async def closure(session: ReadSession, *, now: datetime) -> tables.Closure | None:
    """The emergency closing that shuts the line now, or None; the one that lasts longest when there are several."""
    running = await session.scalars(
        select(tables.Closure).where(
            tables.Closure.starts_at <= now, (tables.Closure.ends_at.is_(None)) | (tables.Closure.ends_at > now)
        )
    )
    return max(running, key=lambda row: (row.ends_at is None, row.ends_at or row.starts_at), default=None)


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


def span_of(opens: str, closes: str) -> Span:
    """The span that two stored times mean; one that does not end later the same day passes midnight."""
    return Span.parse(opens, closes, past_midnight=closes != "24:00" and closes <= opens)


def _opens(span: Span) -> str:
    return f"{span.start:%H:%M}"


def _closes(span: Span) -> str:
    # Midnight is written as the end of its day; a whole day round begins and ends at the same time.
    at_midnight = span.past_midnight and span.end == time(0)
    return "24:00" if at_midnight else f"{span.end:%H:%M}"
