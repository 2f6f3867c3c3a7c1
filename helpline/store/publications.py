"""What was published for everyone. Rows are added and read, never changed or taken away."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Publication


async def add(session: WriteSession, row: Publication) -> None:
    """Keep one.

    Raises:
        IntegrityError: this week's of this year is there already.
    """
    session.add(row)
    await session.flush()


async def all_of(session: ReadSession, *, simulated: bool, year: int | None = None) -> Sequence[Publication]:
    """Those of a year, or of every year, the oldest first."""
    statement = select(Publication).where(Publication.simulated == simulated)
    if year is not None:
        statement = statement.where(Publication.year == year)
    return (await session.scalars(statement.order_by(Publication.year, Publication.week))).all()


async def newest(session: ReadSession, *, simulated: bool, year: int | None = None) -> Publication | None:
    """The latest of a year, or of the latest year."""
    statement = select(Publication).where(Publication.simulated == simulated)
    if year is not None:
        statement = statement.where(Publication.year == year)
    return (
        await session.scalars(statement.order_by(Publication.year.desc(), Publication.week.desc()).limit(1))
    ).first()


async def years(session: ReadSession, *, simulated: bool) -> Sequence[int]:
    """The years of which something was published, the latest first."""
    statement = select(Publication.year).where(Publication.simulated == simulated).distinct()
    return (await session.scalars(statement.order_by(Publication.year.desc()))).all()


async def is_there(session: ReadSession, *, year: int, simulated: bool, week: date | None = None) -> bool:
    """Whether something of a year was published, in a given week or ever."""
    statement = select(Publication.id).where(Publication.year == year, Publication.simulated == simulated)
    if week is not None:
        statement = statement.where(Publication.week == week)
    return await session.scalar(statement.limit(1)) is not None
