"""Which columns are sealed, and the rows of one of them, a batch at a time, so that they can be sealed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute

from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import (
    AccessLog,
    Advisor,
    ApiToken,
    Caller,
    Contact,
    Delivery,
    Draft,
    Entry,
    Experience,
    InboundEvent,
    KnowledgeGap,
    PageLink,
    SignIn,
    SignInAttempt,
)

Column = InstrumentedAttribute[Any]

#: Every sealed column. A column of bytes that stands neither here nor below fails a test.
SEALED: tuple[Column, ...] = (
    Caller.handle_sealed,
    Contact.callback_sealed,
    Contact.reply_draft,
    Entry.body,
    InboundEvent.payload,
    InboundEvent.answer,
    Delivery.to_sealed,
    Delivery.body,
    Advisor.phone_sealed,
    AccessLog.reason,
    Draft.answers,
    Experience.words,
    KnowledgeGap.words,
)
#: Hashed under the first key, from the sealed column of the same row that says what it is the hash of.
HASHED = {Caller.handle_hash: Caller.handle_sealed}
#: Bytes that need no key to be made anew: hashes of random tokens, and a throttle that is over in minutes.
UNKEYED: tuple[Column, ...] = (
    SignIn.token_hash,
    SignInAttempt.key,
    ApiToken.token_hash,
    PageLink.token_hash,
    PageLink.key_hash,
)

#: Rows looked through at a time, and the most that one transaction writes.
BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Change:
    """A value as it was found, and as it shall be."""

    id: int
    old: bytes
    new: bytes


def name(column: Column) -> str:
    """`entry.body`."""
    return f"{column.class_.__tablename__}.{column.key}"


async def rows(session: ReadSession, column: Column, *, after: int) -> Sequence[Any]:
    """The next values of a column by id, as (id, value); of a hash as (id, value, kind, sealed handle)."""
    table = column.class_
    beside = (table.kind, HASHED[column]) if column in HASHED else ()
    found = await session.execute(
        select(table.id, column, *beside).where(column.is_not(None), table.id > after).order_by(table.id).limit(BATCH)
    )
    return found.all()


async def put(session: WriteSession, column: Column, changes: Sequence[Change]) -> None:
    """Write values that are still as they were found.

    A row that somebody else writes in this very moment is passed over: nobody waits for us, and we wait for nobody. A
    hash that another row has by now stays as it is, until one of the two is forgotten.
    """
    table = column.class_.__table__
    free = set(
        await session.scalars(
            select(table.c.id)
            .where(table.c.id.in_([change.id for change in changes]))
            .with_for_update(skip_locked=True)
        )
    )
    new = bindparam("new", type_=LargeBinary)
    statement = update(table).where(table.c.id == bindparam("row"), table.c[column.key] == bindparam("old"))
    if column in HASHED:
        other = table.alias()
        taken = select(other.c.id).where(other.c.kind == table.c.kind, other.c[column.key] == new).exists()
        statement = statement.where(~taken)
    values = [{"row": one.id, "old": one.old, "new": one.new} for one in changes if one.id in free]
    if values:
        await session.execute(statement.values({column.key: new}), values)
