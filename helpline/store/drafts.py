"""Answers to the rights guide or a concern letter on their way to a caller: sealed, and gone after 72 hours."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select

from helpline.core.codes import Channel
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Contact, Draft, DraftKind

#: DESIGN §5. Every change begins it anew, for the caller is at it.
KEPT = timedelta(hours=72)


async def begin(
    session: WriteSession,
    *,
    contact_id: int,
    kind: DraftKind,
    language: str,
    now: datetime,
    variant: str | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Draft:
    """A new draft. One of the same kind that the contact had before stays until it expires."""
    draft = Draft(
        contact_id=contact_id,
        kind=kind,
        variant=variant,
        language=language,
        answers=_sealed(session, answers or {}),
        made_at=now,
        changed_at=now,
        expires_at=now + KEPT,
    )
    session.add(draft)
    await session.flush()
    return draft


async def newest(session: ReadSession, contact_id: int, kind: DraftKind, *, now: datetime) -> Draft | None:
    """The draft of this kind that a contact began last, while it is kept."""
    return (
        await session.scalars(
            select(Draft)
            .where(Draft.contact_id == contact_id, Draft.kind == kind, Draft.expires_at > now)
            .order_by(Draft.id.desc())
            .limit(1)
        )
    ).one_or_none()


async def last_of_contact(session: ReadSession, contact_id: int, *, now: datetime) -> Draft | None:
    """What a contact was filling in last, of any kind; what is not finished goes before what is."""
    return await _last(session, Draft.contact_id == contact_id, now=now)


async def last_of_caller(session: ReadSession, caller_id: int, *, now: datetime) -> Draft | None:
    """The same over all contacts in writing of a caller: what was begun before an advisor closed one is found in the
    next."""
    theirs = select(Contact.id).where(Contact.caller_id == caller_id, Contact.channel != Channel.PHONE)
    return await _last(session, Draft.contact_id.in_(theirs), now=now)


async def _last(session: ReadSession, whose: ColumnElement[bool], *, now: datetime) -> Draft | None:
    return (
        await session.scalars(
            select(Draft)
            .where(whose, Draft.expires_at > now)
            .order_by(Draft.finished_at.is_not(None), Draft.changed_at.desc(), Draft.id.desc())
            .limit(1)
        )
    ).one_or_none()


async def by_id(session: ReadSession, draft_id: int, *, now: datetime, lock: bool = False) -> Draft | None:
    """A draft, while it is kept; locked, so that two changes go one after the other."""
    statement = select(Draft).where(Draft.id == draft_id, Draft.expires_at > now)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(statement)).one_or_none()


def answers(session: ReadSession, draft: Draft) -> dict[str, Any]:
    """What has been answered so far (`core.questionnaire`)."""
    found: dict[str, Any] = json.loads(session.keyring.open(draft.answers))
    return found


def change(session: WriteSession, draft: Draft, given: Mapping[str, Any], *, now: datetime) -> None:
    """Keep these answers instead. The time to expiry begins anew."""
    draft.answers = _sealed(session, given)
    draft.changed_at = now
    draft.expires_at = now + KEPT


def _sealed(session: WriteSession, given: Mapping[str, Any]) -> bytes:
    return session.keyring.seal(json.dumps(given, ensure_ascii=False))


async def forget_expired(session: WriteSession, *, now: datetime) -> None:
    """Drafts whose time is up, with their one-time pages."""
    await session.execute(delete(Draft).where(Draft.expires_at <= now).execution_options(synchronize_session=False))


async def remove(session: WriteSession, draft: Draft) -> None:
    """Forget one now, with its one-time pages."""
    await session.delete(draft)
    await session.flush()


async def finished(session: ReadSession, contact_id: int, kind: DraftKind) -> int:
    """How many drafts of this kind a contact has finished."""
    statement = select(func.count()).where(
        Draft.contact_id == contact_id, Draft.kind == kind, Draft.finished_at.is_not(None)
    )
    return int(await session.scalar(statement) or 0)


async def of_contact(session: ReadSession, contact_id: int, *, now: datetime) -> Sequence[Draft]:
    """Everything that a contact fills in or has filled in, oldest first, while it is kept."""
    statement = select(Draft).where(Draft.contact_id == contact_id, Draft.expires_at > now).order_by(Draft.id)
    return (await session.scalars(statement)).all()
