"""Bearer tokens of the JSON interface. Whoever asks holds the token, we hold its hash."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from helpline.core.duty import Role
from helpline.store.db import ReadSession, WriteSession
from helpline.store.keyring import token_hash
from helpline.store.tables import ApiToken


async def add(session: WriteSession, *, name: str, role: Role, token: str, now: datetime) -> ApiToken:
    """Keep a new token."""
    row = ApiToken(name=name, role=role, token_hash=token_hash(token), created_at=now)
    session.add(row)
    await session.flush()
    return row


async def by_name(session: ReadSession, name: str) -> ApiToken | None:
    return (await session.scalars(select(ApiToken).where(ApiToken.name == name))).one_or_none()


async def all_of_them(session: ReadSession) -> Sequence[ApiToken]:
    """All tokens, withdrawn ones last."""
    return (await session.scalars(select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.name))).all()


async def find(session: ReadSession, token: str) -> ApiToken | None:
    """The token that somebody shows, unless it was withdrawn."""
    return (
        await session.scalars(
            select(ApiToken).where(ApiToken.token_hash == token_hash(token), ApiToken.revoked_at.is_(None))
        )
    ).one_or_none()


async def revoke(session: WriteSession, token_id: int, *, now: datetime) -> ApiToken | None:
    """Withdraw a token; None when there is no such one in use."""
    revoked = await session.scalars(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return revoked.one_or_none()
