"""The latest day with records, which is not folded yet: what was read of it once is not read again.

Records are only ever added (what corrects a record is a record too). So the day's tally is remembered with the ids it
was made of; when figures are asked for again, only what has come since is read, and what was corrected since is taken
out. A day of many thousand contacts then costs no more than one of a hundred.
"""

from asyncio import Lock
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import islice

from helpline.core.codes import Origin
from helpline.core.hours import wall_clock
from helpline.core.record import Record
from helpline.core.tally import Tally, kept
from helpline.desk.corrections import of_period, replaced
from helpline.desk.folding import days_from_records, local_day
from helpline.desk.house import House
from helpline.store import records
from helpline.store.db import ReadSession

#: Records between two of which others are served.
_AT_ONCE = 250
_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Remembered:
    """What is known of a day: the ids of all records read and of those that count, and the tallies of the latter.

    One reader fills it at a time (`one_reader`); `whole` is false while one does, and stays so if it was interrupted.
    """

    ids: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)
    both: dict[bool, Tally] = field(default_factory=dict)
    whole: bool = False
    one_reader: Lock = field(default_factory=Lock)

    def is_before(self, ids: Collection[str], left_out: frozenset[str]) -> bool:
        """Whether nothing is known here that came later than these ids and what is left out of them."""
        return self.ids.issubset(ids) and (self.ids - self.counted) <= left_out

    def take_in(self, record_id: str, record: Record | None, house: House) -> None:
        """Count a record; `record` is None for one that another replaces."""
        self.ids.add(record_id)
        if record is not None:
            self.counted.add(record_id)
            self.both.setdefault(record.origin is Origin.SIMULATED, kept(house.zone)).add(record)

    def take_out(self, record: Record) -> None:
        """Count a record no longer, because another replaces it now."""
        self.counted.remove(record.record_id)
        self.both[record.origin is Origin.SIMULATED].remove(record)


async def days_not_folded(
    session: ReadSession, house: House, first: date, last: date
) -> AsyncIterator[tuple[date, dict[bool, Tally]]]:
    """The days of a period that have records, with the tallies as closed days keep them; the latest is remembered.

    The period must lie after what is folded. The tallies are the caller's until the next one is asked for.
    """
    opened_at = await records.last_opened(session)
    if opened_at is None:
        return
    latest = local_day(opened_at, house)
    if first <= min(last, latest - _DAY):
        async for day, both in days_from_records(session, house, first, min(last, latest - _DAY)):
            yield day, both
    if first <= latest <= last:
        yield latest, await _tallies_of(session, house, latest)


async def _tallies_of(session: ReadSession, house: House, day: date) -> dict[bool, Tally]:
    remembered = _remembered(session, house, day)
    async with remembered.one_reader:
        return await _with_what_came(remembered, session, house, day)


async def _with_what_came(known: _Remembered, session: ReadSession, house: House, day: date) -> dict[bool, Tally]:
    starts_at, ends_at = wall_clock(day, time(0), house.zone), wall_clock(day + _DAY, time(0), house.zone)
    left_out = replaced(await of_period(session, starts_at, ends_at))
    # As many as are known are the same ones: none is ever taken away.
    as_many = known.whole and await records.number_between(session, starts_at, ends_at) == len(known.ids)
    ids = known.ids if as_many else await records.ids_between(session, starts_at, ends_at)
    if not known.is_before(ids, left_out):
        # This session sees the database as it was before others were read, and must not see what came later.
        known = _Remembered()
    known.whole = False
    fresh = iter([record_id for record_id in ids if record_id not in known.ids])
    while some := list(islice(fresh, _AT_ONCE)):
        read = await records.with_ids(session, (record_id for record_id in some if record_id not in left_out))
        for record_id in some:
            known.take_in(record_id, read.get(record_id), house)
    for record in (await records.with_ids(session, known.counted & left_out)).values():
        known.take_out(record)
    known.whole = True
    return known.both


def _remembered(session: ReadSession, house: House, day: date) -> _Remembered:
    """What this process remembers of the day, in the place of any other day."""
    key = ("latest day", house.zone.key)
    held = session.remembered.get(key)
    if held is None or held[0] != day:
        held = session.remembered[key] = (day, _Remembered())
    return held[1]
