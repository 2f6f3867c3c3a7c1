"""A few facts about this installation, by key."""

from sqlalchemy import select

from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Installation


async def value(session: ReadSession, key: str) -> str | None:
    found: str | None = await session.scalar(select(Installation.value).where(Installation.key == key))
    return found


async def set_value(session: WriteSession, key: str, text: str) -> None:
    await session.merge(Installation(key=key, value=text))
