"""Which records are replaced: worked out from the corrections alone, so that very many records never meet in memory.

Says the same as `core.tally.effective`, which wants all records at once.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from helpline.store import records
from helpline.store.db import ReadSession
from helpline.store.records import Correction


async def of_period(session: ReadSession, starts_at: datetime | None, ends_at: datetime | None) -> list[Correction]:
    """The corrections that decide which records of what was opened in a period count, in their order.

    These are the ones of its records, and all that those correct or are corrected by, over any number of steps; a log
    of many years has very many others.
    """
    return await _with_all_steps(session, await records.corrections_between(session, starts_at, ends_at), set())


async def around(session: ReadSession, record_ids: Iterable[str]) -> list[Correction]:
    """The corrections that tie the records to others, over any number of steps, in their order."""
    return await _with_all_steps(session, [], set(record_ids))


async def _with_all_steps(session: ReadSession, found: list[Correction], ahead: set[str]) -> list[Correction]:
    known: dict[str, Correction] = {}
    asked: set[str] = set()
    while True:
        known |= {one.record_id: one for one in found}
        ahead |= {record_id for one in found for record_id in (one.record_id, one.corrects)}
        ahead -= asked
        if not ahead:
            return sorted(known.values(), key=lambda one: (one.order, one.record_id))
        found = await records.corrections_with(session, ahead)
        asked |= ahead


def replaced(corrections: Iterable[Correction]) -> frozenset[str]:
    """The ids of the records that do not count, because others correct them (`of_period`).

    Of several corrections of the same record the last counts, and what corrects the others no longer does. The given
    order is that of the corrections.

    Raises:
        ValueError: records correct each other in a ring.
    """
    target = {correction.record_id: correction.corrects for correction in corrections}
    latest = {corrects: record_id for record_id, corrects in target.items()}
    involved = target.keys() | latest.keys()
    standing: set[str] = set()
    reached: set[str] = set()
    for root in involved - target.keys():
        last = root
        while last in latest:
            last = latest[last]
        standing.add(last)
        reached.add(root)
    if not _all_rooted(target, reached):
        raise ValueError("Records correct each other in a ring.")
    return frozenset(involved - standing)


def related(corrections: Iterable[Correction], record_ids: Iterable[str]) -> frozenset[str]:
    """The records themselves and all that they correct or are corrected by, over any number of steps."""
    near: dict[str, set[str]] = {}
    for correction in corrections:
        near.setdefault(correction.record_id, set()).add(correction.corrects)
        near.setdefault(correction.corrects, set()).add(correction.record_id)
    found: set[str] = set()
    ahead = set(record_ids)
    while ahead:
        found |= ahead
        ahead = {other for record_id in ahead for other in near.get(record_id, ())} - found
    return frozenset(found)


def _all_rooted(target: Mapping[str, str], rooted: set[str]) -> bool:
    """Whether every correction leads, step by step, to a record that corrects none."""
    for record_id in target:
        walked: set[str] = set()
        step = record_id
        while step not in rooted:
            if step in walked:
                return False
            walked.add(step)
            step = target[step]
        rooted.update(walked)
    return True
