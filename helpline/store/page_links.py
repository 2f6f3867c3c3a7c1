"""One-time pages: the link holds the token, we hold its hash; the browser that opened it holds a key, we hold that
one's hash too. They go with their draft."""

from datetime import datetime

from sqlalchemy import delete, select, update

from helpline.store.db import ReadSession, WriteSession
from helpline.store.keyring import token_hash
from helpline.store.tables import PageLink


async def add(session: WriteSession, draft_id: int, token: str, *, now: datetime, expires_at: datetime) -> None:
    """A new link to a draft. Earlier ones that nobody opened are void."""
    await session.execute(
        delete(PageLink)
        .where(PageLink.draft_id == draft_id, PageLink.opened_at.is_(None))
        .execution_options(synchronize_session=False)
    )
    session.add(PageLink(token_hash=token_hash(token), draft_id=draft_id, made_at=now, expires_at=expires_at))
    await session.flush()


async def find(session: ReadSession, token: str) -> PageLink | None:
    """The link of a token, whatever became of it."""
    return (await session.scalars(select(PageLink).where(PageLink.token_hash == token_hash(token)))).one_or_none()


async def open_once(session: WriteSession, token: str, *, key: str, now: datetime, key_until: datetime) -> bool:
    """Spend a link and let a browser's key in. False when it was spent before or has run out: of two at once, one."""
    opened = await session.execute(
        update(PageLink)
        .where(PageLink.token_hash == token_hash(token), PageLink.opened_at.is_(None), PageLink.expires_at > now)
        .values(opened_at=now, key_hash=token_hash(key), key_until=key_until)
        .returning(PageLink.id)
        .execution_options(synchronize_session=False)
    )
    return opened.scalar_one_or_none() is not None


async def with_key(session: ReadSession, token: str, key: str, *, now: datetime) -> PageLink | None:
    """The link of a token, for the browser that holds its key."""
    return (
        await session.scalars(
            select(PageLink).where(
                PageLink.token_hash == token_hash(token),
                PageLink.key_hash == token_hash(key),
                PageLink.key_until > now,
            )
        )
    ).one_or_none()


async def keep_open(session: WriteSession, link_id: int, *, key_until: datetime) -> None:
    """The page is in use: its key is good for another while."""
    await session.execute(
        update(PageLink)
        .where(PageLink.id == link_id)
        .values(key_until=key_until)
        .execution_options(synchronize_session=False)
    )
