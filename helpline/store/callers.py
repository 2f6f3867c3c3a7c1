"""Callers: handles that reached us, looked up by keyed hash."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from helpline.core.codes import Channel
from helpline.store.db import ReadSession, WriteSession, insert_if_new
from helpline.store.tables import Caller, Interest

#: A handle is kept this long after the last contact (DESIGN §5), and longer only for a list that its caller asked for.
HANDLE_KEPT = timedelta(days=7)

_FIND = (
    select(Caller)
    .where(Caller.kind == bindparam("kind"), Caller.handle_hash.in_(bindparam("hashes", expanding=True)))
    .limit(1)
)
_FIND_LOCKED = _FIND.with_for_update(key_share=True).execution_options(populate_existing=True)


def handle_kind(channel: Channel) -> str:
    """Calls and texts from one number are one caller; Telegram ids are a space of their own."""
    return "telegram" if channel is Channel.TELEGRAM else "phone"


async def find(session: ReadSession, kind: str, handle: str, *, lock: bool = False) -> Caller | None:
    """The caller with this handle, looked up under every key.

    Locked, what the same person sends at once goes one after the other. Whoever needs a caller and a contact locks
    the caller first.
    """
    hashes = session.keyring.handle_hashes(kind, handle)
    statement = _FIND_LOCKED if lock else _FIND
    return (await session.scalars(statement, {"kind": kind, "hashes": hashes})).one_or_none()


async def find_or_add(session: WriteSession, kind: str, handle: str, *, now: datetime) -> tuple[Caller, bool]:
    """The caller, and whether they are new. One found under an old key is hashed and sealed again under the first.

    Whoever is remembered only for a list counts as new: that they were here before was to be forgotten by now.
    """
    current = session.keyring.handle_hashes(kind, handle)[0]
    caller = await find(session, kind, handle, lock=True)
    if caller is None:
        new_id = await insert_if_new(
            session,
            Caller,
            {
                "kind": kind,
                "handle_hash": current,
                "handle_sealed": session.keyring.seal(handle),
                "first_contact_at": now,
                "last_contact_at": now,
            },
            unique=["kind", "handle_hash"],
        )
        found = await find(session, kind, handle, lock=True)
        assert found is not None
        return found, new_id is not None
    if caller.handle_hash != current:
        caller.handle_hash = current
        caller.handle_sealed = session.keyring.seal(handle)
    new = now - caller.last_contact_at > HANDLE_KEPT and await _stands_on_a_list(session, caller)
    if caller.last_contact_at < now:
        caller.last_contact_at = now
    return caller, new


async def _stands_on_a_list(session: ReadSession, caller: Caller) -> bool:
    return bool(await session.scalar(select(Interest.id).where(Interest.caller_id == caller.id).limit(1)))


async def by_id(session: ReadSession, caller_id: int, *, lock: bool = False) -> Caller | None:
    if not lock:
        return await session.get(Caller, caller_id)
    return await session.get(Caller, caller_id, with_for_update={"key_share": True}, populate_existing=True)


def open_handle(session: ReadSession, caller: Caller) -> str:
    """The handle itself. Only senders and the guarded «show number» may ask."""
    return session.keyring.open(caller.handle_sealed)


def count_automatic(caller: Caller, *, now: datetime, limit: int) -> bool:
    """Count one automatic text to this caller; False when `limit` within the hour is reached (the brake on loops)."""
    if caller.automatic_since is None or now - caller.automatic_since >= timedelta(hours=1):
        caller.automatic_since = now
        caller.automatic_count = 0
    if caller.automatic_count >= limit:
        return False
    caller.automatic_count += 1
    return True
