"""A log with hours, waits and outcomes that can be reckoned by hand, for the report pages."""

from datetime import datetime, timedelta

from helpline.core.codes import Origin
from helpline.core.record import Record
from helpline.desk import counters
from helpline.store import records
from tests.conftest import MONDAY, Service

#: MONDAY is 11.00 on Monday 23 November 2026 in Oslo.
WEEKS = 20


def busy_log() -> list[Record]:
    """Twenty Mondays before this one: five calls at 11 and three at 12, ten minutes each; every eighth leaves.

    One call came today, one on the same day of last year's week, and one in September last year.
    """
    found: list[Record] = []
    for week in range(1, WEEKS + 1):
        for place in range(8):
            at = MONDAY - timedelta(weeks=week) + timedelta(hours=place // 5, minutes=5 * (place % 5))
            found.append(_call(f"busy-{week}-{place}", _wall(at), left=place == 7, waited=10 * (place + 1)))
    return [
        *found,
        _call("this-week", MONDAY - timedelta(minutes=30), left=False, waited=20),
        _call("last-year", MONDAY - timedelta(weeks=52, minutes=30), left=True, waited=90),
        _call("last-autumn", MONDAY - timedelta(weeks=62), left=False, waited=20),
    ]


def _wall(at: datetime) -> datetime:
    """The same time by the clock on the wall: before 25 October it was summer time in Oslo."""
    return at - timedelta(hours=1) if at < MONDAY - timedelta(weeks=4) else at


def _call(record_id: str, at: datetime, *, left: bool, waited: int) -> Record:
    return Record(
        record_id=record_id,
        origin=Origin.LIVE,
        opened_at=at,
        channel="phone",
        direction="inbound",
        outcome="abandoned" if left else "counselled",
        waited_seconds=waited,
        handled_seconds=None if left else 600,
        topics=("grief",),
        urgency="green",
    )


async def keep_busy(service: Service) -> None:
    """Write the log, and fold what is finished."""
    async with service.database.writing() as session:
        written = busy_log()
        await records.keep_many(session, written)
        await counters.on_records(session, written, house=service.house)
        await counters.fold_closed_days(session, house=service.house, now=service.clock.now())
