"""The access log: who saw what is not for everyday eyes, and who changed the installation."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import AccessLog


async def log(
    session: WriteSession,
    *,
    now: datetime,
    action: str,
    advisor_id: int | None,
    contact_id: int | None = None,
    reason: str | None = None,
) -> None:
    """Leave a line. The reason is sealed."""
    session.add(
        AccessLog(
            at=now,
            action=action,
            advisor_id=advisor_id,
            contact_id=contact_id,
            reason=session.keyring.seal(reason) if reason else None,
        )
    )


async def latest(session: ReadSession, *, limit: int = 100) -> Sequence[AccessLog]:
    return (await session.scalars(select(AccessLog).order_by(AccessLog.id.desc()).limit(limit))).all()


async def of_advisor(
    session: ReadSession, advisor_id: int, *, actions: Collection[str], since: datetime
) -> Sequence[AccessLog]:
    """What an advisor did since a moment, the latest first."""
    statement = select(AccessLog).where(
        AccessLog.advisor_id == advisor_id, AccessLog.action.in_(actions), AccessLog.at >= since
    )
    return (await session.scalars(statement.order_by(AccessLog.id.desc()))).all()


async def with_actions(session: ReadSession, actions: Collection[str]) -> Sequence[AccessLog]:
    """Every line of some actions, in order."""
    return (await session.scalars(select(AccessLog).where(AccessLog.action.in_(actions)).order_by(AccessLog.id))).all()


def reason(session: ReadSession, line: AccessLog) -> str | None:
    return session.keyring.open(line.reason) if line.reason is not None else None
