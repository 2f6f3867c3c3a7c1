"""Records: the anonymous log of closed contacts, sessions, attendances and groups."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, String, cast, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from helpline.core import record as rules
from helpline.logs import get
from helpline.store import tables
from helpline.store.db import ReadSession, WriteSession

log = get("helpline.records")

_LISTS = ("challenge_areas", "topics", "articles_used", "referred_from", "referred_to")
#: Most values in one question to the database: SQLite takes 32 766, PostgreSQL's driver 32 767.
_AT_ONCE = 5_000
#: Records that are fetched together where very many are read; between two such parts others are served.
_STREAMED = 250

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A record that replaces another; of several that replace the same one, the last counts."""

    record_id: str
    corrects: str
    order: int


async def keep(session: WriteSession, record: rules.Record, *, contact_id: int | None = None) -> None:
    """Write a record, linked to its contact as long as the contact's content is kept."""
    order = None
    if record.corrects is not None:
        order = 1 + (await _last_orders(session, [record.corrects])).get(record.corrects, 0)
    session.add(tables.Record(**_values(record), correction=order))
    if contact_id is not None:
        await session.flush()
        session.add(tables.RecordLink(contact_id=contact_id, record_id=record.record_id))


async def keep_once(session: WriteSession, record: rules.Record) -> bool:
    """Write a record unless one with its id is here already. False when it is."""
    if await session.get(tables.Record, record.record_id) is not None:
        return False
    try:
        async with session.begin_nested():
            await keep(session, record)
    except IntegrityError:
        log.debug("record_kept_by_another")
        return False
    return True


async def hold(session: WriteSession, record_id: str) -> None:
    """Hold a record to the end of the transaction, so that two corrections of it come one after the other."""
    await session.execute(select(tables.Record.record_id).where(tables.Record.record_id == record_id).with_for_update())


async def chain(session: ReadSession, record_id: str) -> list[rules.Record]:
    """The record with all that it corrects and that corrects it: the first one first. Empty when it is not here."""
    row = await session.get(tables.Record, record_id)
    seen: set[str] = set()
    while row is not None and row.corrects is not None and row.record_id not in seen:
        seen.add(row.record_id)
        earlier = await session.get(tables.Record, row.corrects)
        if earlier is None:
            break
        row = earlier
    found: dict[str, rules.Record] = {} if row is None else {row.record_id: as_rule(row)}
    ahead = list(found)
    while ahead:
        rows = await session.scalars(
            select(tables.Record)
            .where(tables.Record.corrects.in_(ahead))
            .order_by(tables.Record.correction, tables.Record.record_id)
        )
        fresh = {row.record_id: as_rule(row) for row in rows if row.record_id not in found}
        found |= fresh
        ahead = list(fresh)
    return list(found.values())


async def keep_instead(session: WriteSession, record: rules.Record, *, contact_id: int) -> None:
    """Write a record that corrects the one of a contact, and link the contact to it."""
    await keep(session, record)
    await session.flush()
    await session.execute(
        update(tables.RecordLink)
        .where(tables.RecordLink.contact_id == contact_id)
        .values(record_id=record.record_id)
        .execution_options(synchronize_session=False)
    )


async def standing(session: ReadSession, record: rules.Record) -> rules.Record:
    """The record that counts in the place of this one: itself, or the last that corrects it, over any steps."""
    seen = {record.record_id}
    while True:
        row = (
            await session.scalars(
                select(tables.Record)
                .where(tables.Record.corrects == record.record_id)
                .order_by(tables.Record.correction.desc(), tables.Record.record_id.desc())
                .limit(1)
            )
        ).one_or_none()
        if row is None or row.record_id in seen:
            return record
        record = as_rule(row)
        seen.add(record.record_id)


async def keep_many(session: WriteSession, records: Iterable[rules.Record]) -> None:
    """Write very many records; of those that correct the same one, the last in this order counts."""
    orders: dict[str, int] = {}
    # Past the session: it would sort every thousand rows into hundreds of statements, by what each of them leaves out.
    statement, connection = insert(tables.Record), await session.at_hand()
    for some in _batches(records, 1_000):
        fresh = {record.corrects for record in some if record.corrects is not None} - orders.keys()
        orders |= dict.fromkeys(fresh, 0) | await _last_orders(session, fresh)
        rows = []
        for record in some:
            if record.corrects is not None:
                orders[record.corrects] += 1
            rows.append(_values(record) | {"correction": orders.get(record.corrects or "")})
        await connection.execute(statement, rows)


def as_rule(row: tables.Record) -> rules.Record:
    """The row as the rules know it."""
    return _as_stored(rules.COLUMNS, (getattr(row, name) for name in rules.COLUMNS))


def _as_stored(columns: Iterable[str], values: Iterable[Any]) -> rules.Record:
    """A record from the values of its columns; others are as if they were not asked. They were checked when they were
    written: to check them again costs more than everything else that is done to them, and a count may read millions."""
    record = object.__new__(rules.Record)
    record.__dict__.update(
        zip(columns, (tuple(value) if isinstance(value, list) else value for value in values), strict=True)
    )
    return record


def _columns(names: Iterable[str]) -> list[Any]:
    return [getattr(tables.Record, name) for name in names]


async def between(
    session: ReadSession,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    *,
    holding: Mapping[str, Collection[str | int | bool | None]] | None = None,
    columns: Collection[str] = rules.COLUMNS,
) -> AsyncIterator[rules.Record]:
    """Records of what was opened in a period, in order; streamed, since a year may hold very many.

    `holding` leaves out by column what holds none of the given values: for a list, what it must name one of, with None
    for an empty one. Of a record only `columns` are fetched; whoever asks for fewer must read no other.
    """
    names = [name for name in rules.COLUMNS if name in columns]
    statement = select(*_columns(names))
    if starts_at is not None:
        statement = statement.where(tables.Record.opened_at >= starts_at)
    if ends_at is not None:
        statement = statement.where(tables.Record.opened_at < ends_at)
    for name, values in (holding or {}).items():
        statement = statement.where(or_(*(_holds(name, value) for value in values)))
    rows = await session.stream(
        statement.order_by(
            tables.Record.opened_at, func.coalesce(tables.Record.correction, 0), tables.Record.record_id
        ).execution_options(yield_per=_STREAMED)
    )
    async for some in rows.partitions(_STREAMED):
        for row in some:
            yield _as_stored(names, row)


def _holds(name: str, value: str | int | bool | None) -> ColumnElement[bool]:
    column: ColumnElement[Any] = getattr(tables.Record, name)
    if name not in _LISTS:
        return column.is_(None) if value is None else column == value
    written = cast(column, String)
    return written == "[]" if value is None else written.contains(f'"{value}"', autoescape=True)


async def page(
    session: ReadSession, *, starts_at: datetime, ends_at: datetime, after: str | None, limit: int
) -> list[rules.Record]:
    """Records of what was opened in a period, by time and id, from the one after a record on."""
    statement = select(tables.Record).where(tables.Record.opened_at >= starts_at, tables.Record.opened_at < ends_at)
    if after is not None:
        opened = await session.scalar(select(tables.Record.opened_at).where(tables.Record.record_id == after))
        if opened is None:
            return []
        statement = statement.where(
            (tables.Record.opened_at > opened)
            | ((tables.Record.opened_at == opened) & (tables.Record.record_id > after))
        )
    rows = await session.scalars(statement.order_by(tables.Record.opened_at, tables.Record.record_id).limit(limit))
    return [as_rule(row) for row in rows]


async def of_contact(session: ReadSession, contact_id: int) -> tables.Record | None:
    """The record of a contact, as long as the link is kept."""
    return (
        await session.scalars(
            select(tables.Record)
            .join(tables.RecordLink, tables.RecordLink.record_id == tables.Record.record_id)
            .where(tables.RecordLink.contact_id == contact_id)
        )
    ).one_or_none()


async def with_ids(session: ReadSession, record_ids: Iterable[str]) -> dict[str, rules.Record]:
    """Those of the records that are here, by their ids."""
    found: dict[str, rules.Record] = {}
    for some in _batches(record_ids, _AT_ONCE):
        rows = await session.execute(select(*_columns(rules.COLUMNS)).where(tables.Record.record_id.in_(some)))
        found |= {record.record_id: record for record in (_as_stored(rules.COLUMNS, row) for row in rows)}
    return found


async def number_between(session: ReadSession, starts_at: datetime, ends_at: datetime) -> int:
    """How many records there are of what was opened in a period."""
    statement = select(func.count()).where(tables.Record.opened_at >= starts_at, tables.Record.opened_at < ends_at)
    return int(await session.scalar(statement) or 0)


async def ids_between(session: ReadSession, starts_at: datetime, ends_at: datetime) -> list[str]:
    """The ids of the records of what was opened in a period."""
    statement = select(tables.Record.record_id).where(
        tables.Record.opened_at >= starts_at, tables.Record.opened_at < ends_at
    )
    return list(await session.scalars(statement))


async def last_opened(session: ReadSession) -> datetime | None:
    """When the latest record was opened."""
    return await session.scalar(select(tables.Record.opened_at).order_by(tables.Record.opened_at.desc()).limit(1))


async def first_opened(session: ReadSession, *, since: datetime | None = None) -> datetime | None:
    """When the earliest record was opened, or the earliest at or after `since`."""
    statement = select(tables.Record.opened_at).order_by(tables.Record.opened_at).limit(1)
    return await session.scalar(statement if since is None else statement.where(tables.Record.opened_at >= since))


async def opened_at(session: ReadSession, record_ids: Iterable[str]) -> list[datetime]:
    """When those of the records that are here were opened."""
    found: list[datetime] = []
    for some in _batches(record_ids, _AT_ONCE):
        found += await session.scalars(select(tables.Record.opened_at).where(tables.Record.record_id.in_(some)))
    return found


async def corrections(session: ReadSession) -> list[Correction]:
    """Every correction there is, in the order in which corrections of the same record were made."""
    return await _corrections(session)


async def corrections_between(
    session: ReadSession, starts_at: datetime | None, ends_at: datetime | None
) -> list[Correction]:
    """The records of what was opened in a period that correct others, and those that correct a record of the period."""
    opened = tables.Record.opened_at
    within = [*([opened >= starts_at] if starts_at else []), *([opened < ends_at] if ends_at else [])]
    if not within:
        return await _corrections(session)
    inside = select(tables.Record.record_id).where(*within)
    # Two questions: of one with «or» between them, no database uses both indexes.
    found = await _corrections(session, *within)
    return found + await _corrections(session, tables.Record.corrects.in_(inside))


async def corrections_with(session: ReadSession, record_ids: Iterable[str]) -> list[Correction]:
    """What the records correct, and what corrects them."""
    found: list[Correction] = []
    for some in _batches(record_ids, _AT_ONCE):
        found += await _corrections(session, tables.Record.record_id.in_(some))
        found += await _corrections(session, tables.Record.corrects.in_(some))
    return found


async def _corrections(session: ReadSession, *where: ColumnElement[bool]) -> list[Correction]:
    rows = await session.execute(
        select(tables.Record.record_id, tables.Record.corrects, tables.Record.correction)
        .where(tables.Record.corrects.is_not(None), *where)
        .order_by(tables.Record.correction, tables.Record.record_id)
    )
    return [Correction(record_id=row[0], corrects=str(row[1]), order=row[2] or 0) for row in rows]


async def is_corrected(session: ReadSession, record_id: str) -> bool:
    """Whether some record replaces this one."""
    found = await session.scalar(select(tables.Record.record_id).where(tables.Record.corrects == record_id).limit(1))
    return found is not None


async def _last_orders(session: ReadSession, corrected: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _batches(corrected, _AT_ONCE):
        rows = await session.execute(
            select(tables.Record.corrects, func.max(tables.Record.correction))
            .where(tables.Record.corrects.in_(some))
            .group_by(tables.Record.corrects)
        )
        found |= {str(row[0]): row[1] or 0 for row in rows}
    return found


def _values(record: rules.Record) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in rules.COLUMNS}
    for name in _LISTS:
        values[name] = list(values[name])
    return values


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some
