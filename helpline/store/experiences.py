"""Experiences that relatives share: sealed words and a day. Nothing here leads to a contact or a caller."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Experience, ExperienceState

#: What was refused can still be looked at again for this long.
REFUSED_KEPT = timedelta(days=30)


async def keep(session: WriteSession, words: str, *, day: date, language: str) -> None:
    """Keep what was shared. Its id is drawn by lot, so that not even the order of a day's experiences is known."""
    session.add(
        Experience(
            id=secrets.randbits(53),
            shared_on=day,
            language=language,
            words=session.keyring.seal(words),
            state=ExperienceState.NEW,
        )
    )


async def in_state(session: ReadSession, state: ExperienceState, *, limit: int | None = None) -> Sequence[Experience]:
    """Those that stand so: the new ones by the day they came, the decided ones by when they were, the latest first."""
    order = (
        (Experience.shared_on, Experience.id)
        if state is ExperienceState.NEW
        else (Experience.decided_at.desc(), Experience.id)
    )
    statement = select(Experience).where(Experience.state == state).order_by(*order)
    return (await session.scalars(statement if limit is None else statement.limit(limit))).all()


async def by_id(session: ReadSession, experience_id: int, *, lock: bool = False) -> Experience | None:
    statement = select(Experience).where(Experience.id == experience_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(statement)).one_or_none()


def words(session: ReadSession, experience: Experience) -> str:
    """What was shared, as it reads now."""
    return session.keyring.open(experience.words)


def put_words(session: WriteSession, experience: Experience, words: str) -> None:
    """Keep these words instead; the ones before are gone."""
    experience.words = session.keyring.seal(words)


async def forget_refused(session: WriteSession, *, now: datetime) -> None:
    """Those that were refused long enough ago."""
    await session.execute(
        delete(Experience)
        .where(Experience.state == ExperienceState.REFUSED, Experience.decided_at <= now - REFUSED_KEPT)
        .execution_options(synchronize_session=False)
    )
