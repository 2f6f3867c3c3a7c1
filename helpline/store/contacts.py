"""Contacts: found, opened, moved. Every change of state is the one conditional UPDATE in `move`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, tuple_, update

from helpline.core.codes import Channel
from helpline.core.contact import IN_QUEUE, MOVES, WITH_ADVISOR, ContactState, EntryKind, Wish
from helpline.core.queue import Waiting
from helpline.store import notices
from helpline.store.db import ReadSession, WriteSession, insert_if_new, insert_row, within
from helpline.store.tables import Contact, Entry

_OPEN_TEXT = select(Contact).where(
    Contact.caller_id == bindparam("caller"), Contact.state != ContactState.CLOSED, Contact.channel != Channel.PHONE
)
_OPEN_TEXT_LOCKED = _OPEN_TEXT.with_for_update()


async def open_text_contact(session: ReadSession, caller_id: int, *, lock: bool = False) -> Contact | None:
    """The one open text contact of a caller; locked, so that two messages of one person go one after the other."""
    statement = _OPEN_TEXT_LOCKED if lock else _OPEN_TEXT
    return (await session.scalars(statement, {"caller": caller_id})).one_or_none()


async def open_new(session: WriteSession, values: dict[str, Any]) -> Contact:
    """Open a contact; when another process opened the same one in the same moment, that one is returned."""
    if values["channel"] is Channel.PHONE:
        unique, where = ["call_sid"], None
    else:
        unique, where = ["caller_id"], within("contact_open_text")
    new_id = await insert_if_new(session, Contact, values, unique=unique, where=where)
    if new_id is not None:
        return (await session.scalars(select(Contact).where(Contact.id == new_id))).one()
    found = (
        await by_call(session, values["call_sid"])
        if values["channel"] is Channel.PHONE
        else await open_text_contact(session, values["caller_id"], lock=True)
    )
    assert found is not None
    return found


async def by_id(session: ReadSession, contact_id: int, *, lock: bool = False) -> Contact | None:
    statement = select(Contact).where(Contact.id == contact_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(statement)).one_or_none()


async def by_call(session: ReadSession, call_sid: str, *, lock: bool = False) -> Contact | None:
    statement = select(Contact).where(Contact.call_sid == call_sid)
    if lock:
        statement = statement.with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def move(
    session: WriteSession,
    contact_id: int,
    to: ContactState,
    *,
    only_from: Collection[ContactState] | None = None,
    only_advisor: int | None = None,
    **values: Any,
) -> Contact | None:
    """Move a contact by one conditional UPDATE; None when it stands elsewhere (somebody was first).

    `only_from` narrows the states it may come from, `only_advisor` demands that this advisor has it. Further values
    are set in the same statement.
    """
    allowed = {state for state in ContactState if to in MOVES[state]}
    if only_from is not None:
        allowed &= set(only_from)
    statement = update(Contact).where(Contact.id == contact_id, Contact.state.in_(allowed))
    if only_advisor is not None:
        statement = statement.where(Contact.advisor_id == only_advisor)
    moved = await session.scalars(
        statement.values(state=to, **values)
        .returning(Contact)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return moved.one_or_none()


async def head_of_queue(
    session: WriteSession, *, limit: int, by_phone: bool = True, after: Waiting | None = None
) -> list[Waiting]:
    """The first contacts that nobody is asked about yet, locked; those that another process holds are passed over.

    `by_phone` False leaves out what takes a telephone, `after` begins behind a place in the queue.
    """
    statement = select(
        Contact.id, Contact.urgency, Contact.waiting_since, Contact.reserved_for, Contact.channel, Contact.wish
    ).where(Contact.state == ContactState.WAITING)
    if not by_phone:
        statement = statement.where(Contact.channel != Channel.PHONE, Contact.wish != Wish.CALLBACK)
    if after is not None:
        behind = tuple_(Contact.urgency, Contact.waiting_since, Contact.id) > tuple_(
            after.urgency.rank, after.waiting_since, after.contact_id
        )
        statement = statement.where(behind)
    rows = await session.execute(
        statement.order_by(Contact.urgency, Contact.waiting_since, Contact.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return [
        Waiting(
            contact_id=row.id,
            urgency=row.urgency,
            waiting_since=row.waiting_since,
            reserved_for=row.reserved_for,
            needs_phone=row.channel is Channel.PHONE or row.wish is Wish.CALLBACK,
        )
        for row in rows
    ]


async def keep_for_nobody(session: WriteSession, contact_ids: Collection[int], *, now: datetime) -> None:
    """What waits for a colleague who cannot take it waits for everybody."""
    await session.execute(
        update(Contact)
        .where(Contact.id.in_(contact_ids))
        .values(reserved_for=None)
        .execution_options(synchronize_session=False)
    )
    for contact_id in contact_ids:
        notices.give(session, notices.QUEUE, now=now, contact_id=contact_id)


async def kept_for(session: WriteSession, advisor_id: int) -> Sequence[int]:
    """The contacts in the queue that were handed over to an advisor, locked; one that another process holds is passed
    over."""
    return (
        await session.scalars(
            select(Contact.id)
            .where(Contact.state.in_(IN_QUEUE), Contact.reserved_for == advisor_id)
            .order_by(Contact.id)
            .with_for_update(key_share=True, skip_locked=True)
        )
    ).all()


async def place_in_queue(session: ReadSession, contact: Contact) -> int:
    """1 for the first in the queue. Those being offered or rung for stand in it like the others."""
    ahead = tuple_(Contact.urgency, Contact.waiting_since, Contact.id) < tuple_(
        contact.urgency.rank, contact.waiting_since, contact.id
    )
    count = await session.scalar(select(func.count()).where(Contact.state.in_(IN_QUEUE), ahead))
    return int(count or 0) + 1


async def queue_length(session: ReadSession) -> int:
    return int(await session.scalar(select(func.count()).where(Contact.state.in_(IN_QUEUE))) or 0)


async def queue(session: ReadSession, *, limit: int = 200) -> Sequence[Contact]:
    """Who waits, in the order in which they are answered."""
    return (
        await session.scalars(
            select(Contact)
            .where(Contact.state.in_(IN_QUEUE))
            .order_by(Contact.urgency, Contact.waiting_since, Contact.id)
            .limit(limit)
        )
    ).all()


async def of_advisor(session: ReadSession, advisor_id: int) -> Sequence[Contact]:
    """The contacts that an advisor has now, oldest first."""
    return (
        await session.scalars(
            select(Contact)
            .where(Contact.advisor_id == advisor_id, Contact.state.in_(WITH_ADVISOR))
            .order_by(Contact.accepted_at, Contact.id)
        )
    ).all()


async def in_state(session: ReadSession, *states: ContactState, before: datetime | None = None) -> Sequence[Contact]:
    """Contacts standing in a state, silent since `before` where given: what the sweeps go through."""
    statement = select(Contact).where(Contact.state.in_(states))
    if before is not None:
        statement = statement.where(Contact.last_inbound_at < before)
    return (await session.scalars(statement.order_by(Contact.id))).all()


async def others_of_caller(session: ReadSession, caller_id: int, contact_id: int) -> Sequence[Contact]:
    """The same caller's other contacts that are still remembered, newest first."""
    return (
        await session.scalars(
            select(Contact)
            .where(Contact.caller_id == caller_id, Contact.id != contact_id)
            .order_by(Contact.id.desc())
            .limit(20)
        )
    ).all()


async def last_before(session: ReadSession, caller_id: int, contact_id: int) -> Contact | None:
    """The contact before this one of the same caller, as long as it is remembered."""
    return (
        await session.scalars(
            select(Contact)
            .where(Contact.caller_id == caller_id, Contact.id < contact_id)
            .order_by(Contact.id.desc())
            .limit(1)
        )
    ).one_or_none()


async def last_asked_in(session: ReadSession, caller_id: int, memory: str) -> Contact | None:
    """The newest closed text contact of a caller, locked, if its memory holds something under this name."""
    found = (
        await session.scalars(
            select(Contact)
            .where(
                Contact.caller_id == caller_id,
                Contact.state == ContactState.CLOSED,
                Contact.channel != Channel.PHONE,
            )
            .order_by(Contact.id.desc())
            .limit(1)
            .with_for_update()
        )
    ).one_or_none()
    return found if found is not None and memory in found.memory else None


async def last_text_language(session: ReadSession, caller_id: int) -> str | None:
    """The language of a caller's newest contact in writing, as long as it is remembered."""
    return (
        await session.scalars(
            select(Contact.language)
            .where(Contact.caller_id == caller_id, Contact.channel != Channel.PHONE)
            .order_by(Contact.id.desc())
            .limit(1)
        )
    ).one_or_none()


async def append(
    session: WriteSession,
    contact_id: int,
    kind: Any,
    *,
    now: datetime,
    text: str | None = None,
    advisor_id: int | None = None,
    provider_message_id: str | None = None,
    **data: Any,
) -> int:
    """Add one line to a contact's course; returns its id. `data` holds codes and ids only, never words; None is left
    out."""
    return await insert_row(
        session,
        Entry,
        {
            "contact_id": contact_id,
            "at": now,
            "kind": kind,
            "advisor_id": advisor_id,
            "body": session.keyring.seal(text) if text is not None else None,
            "data": {name: value for name, value in data.items() if value is not None},
            "provider_message_id": provider_message_id,
        },
    )


async def entries(session: ReadSession, contact_id: int, *, after: int = 0) -> Sequence[Entry]:
    """A contact's course in order."""
    return (
        await session.scalars(select(Entry).where(Entry.contact_id == contact_id, Entry.id > after).order_by(Entry.id))
    ).all()


async def last_entry(session: ReadSession, contact_id: int, kind: EntryKind) -> Entry | None:
    """The newest line of one kind in a contact's course."""
    return (
        await session.scalars(
            select(Entry).where(Entry.contact_id == contact_id, Entry.kind == kind).order_by(Entry.id.desc()).limit(1)
        )
    ).one_or_none()


def words(session: ReadSession, entry: Entry) -> str | None:
    """The text of an entry; None when it has none or it has been erased."""
    return session.keyring.open(entry.body) if entry.body is not None else None


async def remove_entry(session: WriteSession, entry_id: int) -> None:
    """Take away the line of a reply that was taken back before it left."""
    await session.execute(delete(Entry).where(Entry.id == entry_id).execution_options(synchronize_session=False))


async def of_caller(session: ReadSession, caller_id: int) -> Sequence[Contact]:
    """Every contact of a caller that is still tied to them, oldest first."""
    return (await session.scalars(select(Contact).where(Contact.caller_id == caller_id).order_by(Contact.id))).all()
