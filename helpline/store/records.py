"""Records: the anonymous log of closed contacts, and the folded days that counters are read from."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from helpline.core import record as rules
from helpline.store import tables
from helpline.store.db import ReadSession, WriteSession

_LISTS = ("challenge_areas", "topics", "articles_used", "referred_from", "referred_to")


async def keep(session: WriteSession, record: rules.Record, *, contact_id: int | None = None) -> None:
    """Write a record, linked to its contact as long as the contact's content is kept."""
    values = asdict(record)
    session.add(tables.Record(**{name: list(value) if name in _LISTS else value for name, value in values.items()}))
    if contact_id is not None:
        await session.flush()
        session.add(tables.RecordLink(contact_id=contact_id, record_id=record.record_id))


def as_rule(row: tables.Record) -> rules.Record:
    """The row as the rules know it."""
    values: dict[str, Any] = {name: getattr(row, name) for name in rules.COLUMNS}
    values |= {name: tuple(values[name]) for name in _LISTS}
    return rules.Record(**values)


async def between(session: ReadSession, starts_at: datetime, ends_at: datetime) -> AsyncIterator[rules.Record]:
    """Records of contacts that were opened in a period, in order; streamed, since a year may hold very many."""
    rows = await session.stream_scalars(
        select(tables.Record)
        .where(tables.Record.opened_at >= starts_at, tables.Record.opened_at < ends_at)
        .order_by(tables.Record.opened_at, tables.Record.record_id)
        .execution_options(yield_per=1000)
    )
    async for row in rows:
        yield as_rule(row)


async def of_contact(session: ReadSession, contact_id: int) -> tables.Record | None:
    """The record of a contact, as long as the link is kept."""
    return (
        await session.scalars(
            select(tables.Record)
            .join(tables.RecordLink, tables.RecordLink.record_id == tables.Record.record_id)
            .where(tables.RecordLink.contact_id == contact_id)
        )
    ).one_or_none()


async def folded_days(session: ReadSession, first: date, last: date) -> Sequence[tables.DayTally]:
    """The folded days of a period."""
    return (
        await session.scalars(
            select(tables.DayTally)
            .where(tables.DayTally.day >= first, tables.DayTally.day <= last)
            .order_by(tables.DayTally.day)
        )
    ).all()


async def forget_days(session: WriteSession) -> None:
    """Throw the folded days away, to be folded anew."""
    await session.execute(delete(tables.DayTally))
