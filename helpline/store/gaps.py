"""Questions that no article answered: the day, and words that are nobody's, sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select

from helpline.store.db import ReadSession, WriteSession, insert_row
from helpline.store.tables import KnowledgeGap

_SILENTLY: dict[str, Any] = {"synchronize_session": False}


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One question without an answer, as the editors see it. `words` may be empty."""

    asked_on: date
    asked_by: str
    language: str
    topics: tuple[str, ...]
    words: tuple[str, ...]


async def add(
    session: WriteSession, *, asked_on: date, asked_by: str, language: str, topics: Sequence[str], words: Sequence[str]
) -> None:
    """Count one. `words` must have been through `guidance.anonymous.without_identity`."""
    await insert_row(
        session,
        KnowledgeGap,
        {
            "asked_on": asked_on,
            "asked_by": asked_by,
            "language": language,
            "topics": list(topics),
            "words": session.keyring.seal(" ".join(words)) if words else None,
        },
    )


async def latest(session: ReadSession, *, limit: int) -> list[Gap]:
    """The newest first."""
    rows = await session.scalars(
        select(KnowledgeGap).order_by(KnowledgeGap.asked_on.desc(), KnowledgeGap.id.desc()).limit(limit)
    )
    return [
        Gap(
            asked_on=row.asked_on,
            asked_by=row.asked_by,
            language=row.language,
            topics=tuple(row.topics),
            words=tuple(session.keyring.open(row.words).split()) if row.words is not None else (),
        )
        for row in rows
    ]


async def number(session: ReadSession, *, first: date, last: date) -> dict[str, int]:
    """How many were asked in a period, both days included, by who asked."""
    rows = await session.execute(
        select(KnowledgeGap.asked_by, func.count())
        .where(KnowledgeGap.asked_on >= first, KnowledgeGap.asked_on <= last)
        .group_by(KnowledgeGap.asked_by)
    )
    return {asked_by: count for asked_by, count in rows}


async def forget(session: WriteSession, *, before: date) -> None:
    """Remove what was asked before a day."""
    await session.execute(delete(KnowledgeGap).where(KnowledgeGap.asked_on < before).execution_options(**_SILENTLY))
