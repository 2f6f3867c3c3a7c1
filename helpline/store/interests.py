"""Who wants to hear of an advice session or a group: rows that lead to a caller until they are settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from helpline.core.codes import Channel
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Caller, Interest

#: Twelve months at most; then the person is not on the list any more.
KEPT = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Somebody on a list, with the caller behind it."""

    interest: Interest
    caller: Caller


async def keep(
    session: WriteSession,
    *,
    caller_id: int,
    offer: str,
    channel: Channel,
    language: str,
    county: str | None,
    now: datetime,
) -> None:
    """On the list, after two clear answers: yes to being contacted, and yes, it is safe. Somebody who stands on it
    already keeps the place in time and says yes anew."""
    found = (
        await session.scalars(
            select(Interest).where(Interest.caller_id == caller_id, Interest.offer == offer).with_for_update()
        )
    ).one_or_none()
    if found is None:
        found = Interest(caller_id=caller_id, offer=offer, consent_at=now, language=language, channel=channel)
        session.add(found)
    found.channel = channel
    found.language = language
    found.county = county or found.county
    found.safe_at = now


async def open_ones(session: ReadSession) -> Sequence[Standing]:
    """Everybody who waits, whoever has waited longest first."""
    rows = await session.execute(
        select(Interest, Caller)
        .join(Caller, Caller.id == Interest.caller_id)
        .where(Interest.settled_at.is_(None))
        .order_by(Interest.consent_at, Interest.id)
    )
    return [Standing(interest=interest, caller=caller) for interest, caller in rows]


async def of_caller(session: ReadSession, caller_id: int) -> Sequence[Interest]:
    """The lists that a caller stands on."""
    return (
        await session.scalars(select(Interest).where(Interest.caller_id == caller_id).order_by(Interest.consent_at))
    ).all()


async def by_id(session: ReadSession, interest_id: int, *, lock: bool = False) -> Interest | None:
    statement = select(Interest).where(Interest.id == interest_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(statement)).one_or_none()


async def settled_by_offer(session: ReadSession, *, since: datetime) -> dict[str, int]:
    """How many were settled lately, by what they waited for."""
    rows = await session.execute(
        select(Interest.offer, func.count()).where(Interest.settled_at >= since).group_by(Interest.offer)
    )
    return {row[0]: int(row[1]) for row in rows}


async def doubt(session: WriteSession, caller_id: int) -> None:
    """It is not certain any more that it is safe to write to this caller."""
    await session.execute(
        update(Interest)
        .where(Interest.caller_id == caller_id)
        .values(safe_at=None)
        .execution_options(synchronize_session=False)
    )


async def trust(session: WriteSession, caller_id: int, *, now: datetime) -> None:
    """The caller has said that it is safe to write to them."""
    await session.execute(
        update(Interest)
        .where(Interest.caller_id == caller_id)
        .values(safe_at=now)
        .execution_options(synchronize_session=False)
    )


async def forget_of_caller(session: WriteSession, caller_id: int) -> bool:
    """Off every list. False when the caller stood on none."""
    gone = await session.scalars(
        delete(Interest)
        .where(Interest.caller_id == caller_id)
        .returning(Interest.id)
        .execution_options(synchronize_session=False)
    )
    return bool(gone.all())


async def forget_old(session: WriteSession, *, now: datetime) -> None:
    """Whatever has been kept for its time, settled or not."""
    await session.execute(
        delete(Interest).where(Interest.consent_at <= now - KEPT).execution_options(synchronize_session=False)
    )
