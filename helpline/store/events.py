"""Provider events, stored under their own ids: what comes in counts exactly once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from helpline.store.db import ReadSession, WriteSession, insert_if_new
from helpline.store.tables import InboundEvent

#: How long the raw payload is kept for repeats and disputes (DESIGN: data rules).
RAW_KEPT = timedelta(hours=24)

_EVENTS = InboundEvent.metadata.tables["inbound_event"]
_BELONGS_TO = update(_EVENTS).where(_EVENTS.c.id == bindparam("event")).values(contact_id=bindparam("contact"))


@dataclass(frozen=True, kw_only=True)
class KeptAnswer:
    """What a repeated event is answered with."""

    contact_id: int | None
    answer: str | None


async def take_in(
    session: WriteSession,
    *,
    provider: str,
    account: str,
    external_id: str,
    raw: str,
    now: datetime,
    unreadable: str | None = None,
) -> int | None:
    """Store the event. Returns its row id, or None when it has been here before."""
    return await insert_if_new(
        session,
        InboundEvent,
        {
            "provider": provider,
            "account": account,
            "external_id": external_id,
            "received_at": now,
            "payload": session.keyring.seal(raw) if raw else None,
            "unreadable": unreadable,
        },
        unique=["provider", "account", "external_id"],
    )


async def kept_answer(session: ReadSession, *, provider: str, account: str, external_id: str) -> KeptAnswer | None:
    """What the first arrival of this event was answered with; None when it is new."""
    row = (
        await session.execute(
            select(InboundEvent.contact_id, InboundEvent.answer).where(
                InboundEvent.provider == provider,
                InboundEvent.account == account,
                InboundEvent.external_id == external_id,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    return KeptAnswer(contact_id=row.contact_id, answer=session.keyring.open(row.answer) if row.answer else None)


async def belongs_to(session: WriteSession, event_id: int, contact_id: int) -> None:
    """Tie the event to the contact that it became part of."""
    # Contact and event stand in the database already, so nothing need be flushed for this.
    with session.no_autoflush:
        await session.execute(_BELONGS_TO, {"event": event_id, "contact": contact_id})


async def keep_answer(session: WriteSession, *, provider: str, account: str, external_id: str, answer: str) -> None:
    """Keep what was answered (TwiML), in the transaction that decided it."""
    await session.execute(
        update(InboundEvent)
        .where(
            InboundEvent.provider == provider,
            InboundEvent.account == account,
            InboundEvent.external_id == external_id,
        )
        .values(answer=session.keyring.seal(answer))
    )


async def known_ids(session: ReadSession, *, provider: str, account: str, external_ids: list[str]) -> set[str]:
    """Which of these provider ids we have: the catch-up sweep takes in the others."""
    rows = await session.scalars(
        select(InboundEvent.external_id).where(
            InboundEvent.provider == provider,
            InboundEvent.account == account,
            InboundEvent.external_id.in_(external_ids),
        )
    )
    return set(rows)


async def forget_payloads(session: WriteSession, *, now: datetime) -> None:
    """Empty raw payloads a day after they were handled; the ids stay, so that a late repeat is still one."""
    await session.execute(
        update(InboundEvent)
        .where(InboundEvent.received_at < now - RAW_KEPT, InboundEvent.payload.is_not(None))
        .values(payload=None, answer=None)
    )
