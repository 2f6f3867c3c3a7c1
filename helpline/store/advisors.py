"""Advisors and their duty."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update

from helpline.core.codes import Channel
from helpline.core.contact import WITH_ADVISOR, ContactState
from helpline.core.duty import KEEPS, Duty, PauseReason, Role
from helpline.core.queue import Free
from helpline.store import contacts
from helpline.store.db import ReadSession, WriteSession, within
from helpline.store.tables import Advisor, Contact, DutyChange, Offer


async def by_id(session: ReadSession, advisor_id: int) -> Advisor | None:
    return await session.get(Advisor, advisor_id)


async def by_email(session: ReadSession, email: str) -> Advisor | None:
    """E-mail addresses are compared without regard to case."""
    return (await session.scalars(select(Advisor).where(Advisor.email == email.strip().lower()))).one_or_none()


async def everyone(session: ReadSession) -> Sequence[Advisor]:
    return (await session.scalars(select(Advisor).order_by(Advisor.name, Advisor.id))).all()


async def admins(session: WriteSession) -> Sequence[Advisor]:
    """The active administrators, locked, so that two cannot close each other at once."""
    return (
        await session.scalars(
            select(Advisor).where(Advisor.active, Advisor.role == Role.ADMIN).order_by(Advisor.id).with_for_update()
        )
    ).all()


async def on_duty(session: ReadSession) -> Sequence[Advisor]:
    """Whoever is not off, pause included."""
    return (
        await session.scalars(
            select(Advisor).where(Advisor.active, Advisor.duty != Duty.OFF).order_by(Advisor.name, Advisor.id)
        )
    ).all()


async def set_duty(
    session: WriteSession,
    advisor_id: int,
    duty: Duty,
    *,
    now: datetime,
    only_from: Collection[Duty] | None = None,
    reason: PauseReason | None = None,
    ends_at: datetime | None = None,
) -> bool:
    """Change duty by one conditional UPDATE; False when it stood elsewhere. Leaves a line in its course.

    Whoever pauses or goes off keeps nothing of what was handed over to them.
    """
    statement = update(Advisor).where(Advisor.id == advisor_id, Advisor.active)
    if only_from is not None:
        statement = statement.where(Advisor.duty.in_(only_from))
    values = {"duty": duty, "pause_reason": reason, "duty_since": now}
    if ends_at is not None or duty is Duty.OFF:
        values["duty_ends_at"] = ends_at
    changed = await session.scalars(
        statement.values(**values)
        .returning(Advisor)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if changed.one_or_none() is None:
        return False
    session.add(DutyChange(advisor_id=advisor_id, at=now, duty=duty, pause_reason=reason))
    if duty not in KEEPS and (kept := await contacts.kept_for(session, advisor_id)):
        await contacts.keep_for_nobody(session, kept, now=now)
    return True


async def free(session: WriteSession, *, limit: int = 50) -> list[Free]:
    """Advisors on duty to whom nothing is held out, locked; those that another process holds are passed over."""
    has_offer = select(Offer.id).where(Offer.advisor_id == Advisor.id, within("offer_open_advisor")).exists()
    has_call = (
        select(Contact.id).where(Contact.advisor_id == Advisor.id, Contact.state == ContactState.CONNECTING).exists()
    )
    free_now = (
        select(Advisor.id, Advisor.duty_since, Advisor.phone_sealed.is_not(None))
        .where(Advisor.active, Advisor.duty == Duty.ON, ~has_offer, ~has_call)
        .order_by(Advisor.duty_since, Advisor.id)
    )
    locked = await session.execute(free_now.limit(limit).with_for_update(key_share=True, skip_locked=True))
    ids = [row[0] for row in locked]
    if not ids:
        return []
    # Asked again now that they are ours: an offer that was made to one of them between the first look and the lock
    # changes no row of theirs, so only a second look sees it.
    rows = await session.execute(free_now.where(Advisor.id.in_(ids)))
    return [Free(advisor_id=row[0], since=row[1], has_phone=row[2]) for row in rows]


async def keeping(session: ReadSession, advisor_ids: Collection[int]) -> dict[int, bool]:
    """Those of these advisors for whom contacts are kept, and whether they have a telephone."""
    rows = await session.execute(
        select(Advisor.id, Advisor.phone_sealed.is_not(None)).where(
            Advisor.id.in_(advisor_ids), Advisor.active, Advisor.duty.in_(KEEPS)
        )
    )
    return {row[0]: row[1] for row in rows}


async def number_of_contacts(session: ReadSession, advisor_id: int) -> int:
    """How many contacts an advisor has now."""
    return len(
        (
            await session.scalars(
                select(Contact.id).where(Contact.advisor_id == advisor_id, Contact.state.in_(WITH_ADVISOR))
            )
        ).all()
    )


async def in_a_call(session: ReadSession, advisor_id: int) -> bool:
    """Whether an advisor's telephone rings for a contact, or they talk."""
    found = await session.scalar(
        select(Contact.id)
        .where(
            Contact.advisor_id == advisor_id,
            (Contact.state == ContactState.CONNECTING)
            | ((Contact.state == ContactState.ACTIVE) & (Contact.channel == Channel.PHONE)),
        )
        .limit(1)
    )
    return found is not None


def phone(session: ReadSession, advisor: Advisor) -> str | None:
    """The advisor's own telephone, E.164."""
    return session.keyring.open(advisor.phone_sealed) if advisor.phone_sealed else None
