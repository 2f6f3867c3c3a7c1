"""Contacts in pages, the newest first: for the JSON interface."""

from collections.abc import Sequence

from sqlalchemy import select

from helpline.core.contact import ContactState
from helpline.store.db import ReadSession
from helpline.store.tables import Contact


async def contacts(
    session: ReadSession, *, state: ContactState | None, before: int | None, limit: int
) -> Sequence[Contact]:
    """Contacts with ids under `before`, in a state when one is given."""
    statement = select(Contact).order_by(Contact.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(Contact.state == state)
    if before is not None:
        statement = statement.where(Contact.id < before)
    return (await session.scalars(statement)).all()
