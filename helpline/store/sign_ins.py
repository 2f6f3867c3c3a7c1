"""Sign-ins and failed attempts. A browser holds the token, we hold its hash."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from helpline.store.db import ReadSession, WriteSession
from helpline.store.keyring import token_hash
from helpline.store.tables import Advisor, SignIn, SignInAttempt


async def begin(
    session: WriteSession, *, token: str, csrf: str, advisor_id: int, now: datetime, expires_at: datetime
) -> None:
    """Keep a new sign-in."""
    session.add(
        SignIn(
            token_hash=token_hash(token),
            advisor_id=advisor_id,
            csrf=csrf,
            created_at=now,
            last_seen_at=now,
            expires_at=expires_at,
        )
    )


async def find(session: ReadSession, token: str, *, now: datetime) -> tuple[SignIn, Advisor] | None:
    """The sign-in of a token and whose it is; None when it ran out or the advisor has been closed."""
    row = (
        await session.execute(
            select(SignIn, Advisor)
            .join(Advisor, Advisor.id == SignIn.advisor_id)
            .where(SignIn.token_hash == token_hash(token), SignIn.expires_at > now, Advisor.active)
        )
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


async def seen(session: WriteSession, token: str, *, now: datetime, expires_at: datetime) -> None:
    """It is in use: it lasts longer."""
    await session.execute(
        update(SignIn)
        .where(SignIn.token_hash == token_hash(token))
        .values(last_seen_at=now, expires_at=expires_at)
        .execution_options(synchronize_session=False)
    )


async def end(session: WriteSession, token: str) -> None:
    """Sign out this browser."""
    await session.execute(
        delete(SignIn).where(SignIn.token_hash == token_hash(token)).execution_options(synchronize_session=False)
    )


async def end_all(session: WriteSession, advisor_id: int) -> None:
    """Sign an advisor out everywhere: a new password, or a closed account."""
    await session.execute(
        delete(SignIn).where(SignIn.advisor_id == advisor_id).execution_options(synchronize_session=False)
    )


async def attempts(session: ReadSession, keys: Sequence[bytes], *, since: datetime) -> tuple[int, datetime | None]:
    """How many attempts stand under any of the keys after `since`, and when the oldest of them was."""
    row = (
        await session.execute(
            select(func.count(), func.min(SignInAttempt.at)).where(
                SignInAttempt.key.in_(keys), SignInAttempt.at > since
            )
        )
    ).one()
    return int(row[0]), row[1]


async def keep_attempt(session: WriteSession, key: bytes, *, now: datetime) -> None:
    """Count one attempt, before it is known whether it succeeds."""
    session.add(SignInAttempt(key=key, at=now))


async def forgive(session: WriteSession, keys: Sequence[bytes]) -> None:
    """It was the right person: the attempts under the keys are forgotten."""
    await session.execute(
        delete(SignInAttempt).where(SignInAttempt.key.in_(keys)).execution_options(synchronize_session=False)
    )


async def sweep(session: WriteSession, *, now: datetime, attempts_before: datetime) -> None:
    """Forget sign-ins that ran out and attempts that no longer count."""
    await session.execute(delete(SignIn).where(SignIn.expires_at <= now).execution_options(synchronize_session=False))
    await session.execute(
        delete(SignInAttempt).where(SignInAttempt.at < attempts_before).execution_options(synchronize_session=False)
    )
