"""Callbacks as the contacts tell them: who asked to be rung back, and whom we reached."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from helpline.core.codes import Origin
from helpline.core.contact import ContactState, Wish
from helpline.store.db import ReadSession
from helpline.store.tables import Contact


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """How many were promised, of which kept, not kept, and still to come. They sum to the promised ones."""

    kept: int
    failed: int
    waiting: int

    @property
    def promised(self) -> int:
        return self.kept + self.failed + self.waiting


async def promised(session: ReadSession, *, begins: datetime, ends: datetime, include_simulated: bool) -> Callbacks:
    """Of the contacts opened from `begins` until before `ends` those that ended as a wish to be rung back.

    Whoever changed their mind and went on waiting, or left, is none of them.
    """
    reached, closed = Contact.answered_at.is_not(None), Contact.state == ContactState.CLOSED
    statement = select(
        func.count().filter(reached), func.count().filter(~reached, closed), func.count().filter(~reached, ~closed)
    ).where(Contact.wish == Wish.CALLBACK, Contact.opened_at >= begins, Contact.opened_at < ends)
    if not include_simulated:
        statement = statement.where(Contact.origin != Origin.SIMULATED)
    kept, failed, waiting = (await session.execute(statement)).one()
    return Callbacks(kept=kept, failed=failed, waiting=waiting)
