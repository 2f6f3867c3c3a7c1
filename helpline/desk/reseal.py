"""Seal what is stored anew under the first key, so that an older one can be taken away.

Looking needs no lock and takes the time; writing is a short transaction of its own. Both may be interrupted anywhere
and begun again: what is done already is only looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helpline.errors import SettingsError
from helpline.store import resealing
from helpline.store.db import ReadSession, WriteSession
from helpline.store.keyring import Keyring
from helpline.store.resealing import Change, Column

#: Everything that hangs on a key: sealed columns first, then the hashes that are made from them.
COLUMNS: Sequence[Column] = (*resealing.SEALED, *resealing.HASHED)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What some rows of a column hold. `last` is the id to go on after; None when there are no more."""

    last: int | None
    current: int
    changes: Sequence[Change]
    unopened: int
    """Values that no key of ours opens."""


async def look(session: ReadSession, column: Column, *, after: int = 0) -> Batch:
    """The next rows of a column, and what must be written in them."""
    current, unopened, changes = 0, 0, []
    found = await resealing.rows(session, column, after=after)
    for row in found:
        try:
            new = _anew(session.keyring, row)
        except SettingsError:
            unopened += 1
            continue
        if new is None:
            current += 1
        else:
            changes.append(Change(id=row[0], old=row[1], new=new))
    return Batch(last=found[-1][0] if found else None, current=current, changes=changes, unopened=unopened)


def _anew(keyring: Keyring, row: Any) -> bytes | None:
    """The value under the first key; None when it stands so already."""
    _, value, *of_hash = row
    if of_hash:
        kind, sealed = of_hash
        hashed = keyring.handle_hashes(kind, keyring.open(sealed))[0]
        return None if hashed == value else hashed
    return None if keyring.is_current(value) else keyring.reseal(value)


async def keep(session: WriteSession, column: Column, batch: Batch) -> None:
    """Write what was found due."""
    await resealing.put(session, column, batch.changes)
