"""Shifts: planned time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from helpline.core import roster as rules
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Advisor, Shift


async def within(session: ReadSession, starts_at: datetime, ends_at: datetime) -> Sequence[tuple[Shift, str]]:
    """The shifts that touch a period, in order, each with its advisor's name."""
    rows = await session.execute(
        select(Shift, Advisor.name)
        .join(Advisor, Advisor.id == Shift.advisor_id)
        .where(Shift.starts_at < ends_at, Shift.ends_at > starts_at)
        .order_by(Shift.starts_at, Shift.ends_at, Advisor.name, Shift.id)
    )
    return [(row[0], row[1]) for row in rows]


async def add(session: WriteSession, shift: rules.Shift) -> Shift:
    """Plan a shift."""
    row = Shift(advisor_id=shift.advisor_id, starts_at=shift.starts_at, ends_at=shift.ends_at)
    session.add(row)
    await session.flush()
    return row


async def remove(session: WriteSession, shift_id: int) -> Shift | None:
    """Take a shift out of the plan; None when it was gone already."""
    removed = await session.scalars(
        delete(Shift).where(Shift.id == shift_id).returning(Shift).execution_options(synchronize_session=False)
    )
    return removed.one_or_none()


def as_rule(row: Shift) -> rules.Shift:
    """The row as the rules know it."""
    return rules.Shift(advisor_id=row.advisor_id, starts_at=row.starts_at, ends_at=row.ends_at)
