"""The records behind a figure: those that the counter is worked out from, each with what it corrected.

The same rules choose them that count them (`core.counters.is_behind`, `core.marks.matches`), so that the rows and the
figure cannot say different things.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from helpline.core.codes import Origin
from helpline.core.counters import is_behind
from helpline.core.hours import wall_clock
from helpline.core.marks import matches
from helpline.core.record import Record
from helpline.desk.corrections import of_period, replaced
from helpline.desk.house import House
from helpline.desk.narrowing import check_where, holding
from helpline.store import records
from helpline.store.db import ReadSession

#: Rows on a page.
AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A record that counts, and those that it replaced, the latest of them first."""

    record: Record
    replaced: tuple[Record, ...]


@dataclass(frozen=True, kw_only=True)
class Behind:
    """A page of records, in order of time. `found` is how many were looked at, this page and those before it."""

    rows: tuple[Standing, ...]
    found: int
    more: bool


async def records_behind(
    session: ReadSession,
    counter: str,
    *,
    house: House,
    first: date,
    last: date,
    include_simulated: bool,
    where: Mapping[str, str],
    page: int = 1,
) -> Behind:
    """One page of the records that a counter's figure in a period, under `where`, is worked out from.

    Raises:
        HelplineError: `where` names what no record can be.
        KeyError: there is no such counter.
    """
    check_where(where)
    starts_at = wall_clock(first, time(0), house.zone)
    ends_at = wall_clock(last + timedelta(days=1), time(0), house.zone)
    left_out = replaced(await of_period(session, starts_at, ends_at))
    rows: list[Record] = []
    found, begins = 0, AT_ONCE * (page - 1)
    async for record in records.between(session, starts_at, ends_at, holding=holding(where)):
        if record.record_id in left_out or (record.origin is Origin.SIMULATED and not include_simulated):
            continue
        if not is_behind(counter, record) or not matches(record, where, house.zone):
            continue
        if len(rows) == AT_ONCE:
            return Behind(rows=await _with_replaced(session, rows), found=found, more=True)
        if found >= begins:
            rows.append(record)
        found += 1
    return Behind(rows=await _with_replaced(session, rows), found=found, more=False)


async def _with_replaced(session: ReadSession, rows: Iterable[Record]) -> tuple[Standing, ...]:
    """Each record with what it corrects, over any number of steps; one whose original never came has nothing."""
    rows = list(rows)
    known: dict[str, Record] = {}
    wanted = {row.corrects for row in rows if row.corrects is not None}
    while wanted:
        more = await records.with_ids(session, wanted)
        known |= more
        wanted = {one.corrects for one in more.values() if one.corrects is not None} - known.keys()
    found = []
    for row in rows:
        chain: list[Record] = []
        step = row.corrects
        while step is not None and step in known:
            chain.append(known[step])
            step = known[step].corrects
        found.append(Standing(record=row, replaced=tuple(chain)))
    return tuple(found)
