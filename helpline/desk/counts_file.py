"""Counts that everybody who signs in may take out: one-way tables of a year, with small numbers hidden. Never rows.

A number under five is hidden. Where it could be worked out from the sum of its table, the next smallest is hidden with
it, also when that one is large: which of them is small cannot be told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from helpline.core.codes import DECLINED, UNKNOWN, label
from helpline.core.counters import Breakdown, breakdown
from helpline.core.tally import SEVERAL, Tally
from helpline.desk import counters
from helpline.desk.house import House
from helpline.desk.record_files import rows_of
from helpline.errors import HelplineError
from helpline.store.db import ReadSession

#: From here on a number is shown.
SMALLEST_SHOWN = 5
UNITS = ("contacts", "sessions", "persons", "attendances", "groups")
#: How contacts are divided, each a table of its own; nothing is crossed.
DIMENSIONS = (
    "channel",
    "outcome",
    "enquirer",
    "relation",
    "gender",
    "age_band",
    "county",
    "challenge_area",
    "topic",
    "caller_status",
    "referred_to",
)
COLUMNS = ("year", "first", "last", "unit", "dimension", "code", "label", "count", "hidden")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The counts of a year, as far as its months are over; `rows` have the texts of `COLUMNS`."""

    first: date
    last: date
    rows: tuple[dict[str, str], ...]


async def counts_of(
    session: ReadSession, year: int, *, house: House, now: datetime, include_simulated: bool, language: str = "nb"
) -> Counts:
    """The tables of a year. Of the one that goes on, the months that are over: two files taken out on two days of a
    month would otherwise say what happened between them.

    Raises:
        HelplineError: no month of the year is over.
    """
    first = date(year, 1, 1)
    last = min(date(year, 12, 31), now.astimezone(house.zone).date().replace(day=1) - timedelta(days=1))
    if last < first:
        raise HelplineError(f"Ingen måned i {year} er over ennå.")
    counted = await counters.count(session, house=house, first=first, last=last, include_simulated=include_simulated)
    of_year = {"year": str(year), "first": first.isoformat(), "last": last.isoformat()}
    return Counts(first=first, last=last, rows=tuple(of_year | row for row in _rows(counted.whole, language)))


def write_counts(counts: Counts, path: Path) -> None:
    """The counts as a file; the ending of its name says which format.

    Raises:
        HelplineError: the ending is none of csv, xlsx and jsonl, or the file cannot be written.
    """
    with rows_of(path, COLUMNS) as rows:
        for row in counts.rows:
            rows.add(row)


def hidden(cells: dict[str, int], *, partition: bool) -> set[str]:
    """Which cells of a table are not shown.

    Args:
        cells: every number above zero by its name.
        partition: whether the cells sum to a total that is known, so that one hidden cell could be worked out.
    """
    ranked = sorted((name for name in cells if cells[name] > 0), key=lambda name: (cells[name], name))
    small = [name for name in ranked if cells[name] < SMALLEST_SHOWN]
    if not small or not partition:
        return set(small)
    chosen = set(small)
    for name in (*ranked[len(small) :], ""):
        total = sum(cells[one] for one in chosen)
        # Alone, or all of them one, or all of them four: then the sum says what each of them is.
        if len(chosen) > 1 and len(chosen) < total < (SMALLEST_SHOWN - 1) * len(chosen):
            break
        if len(chosen) > len(small) and len(chosen) > 1:
            break
        chosen |= {name} - {""}
    return chosen


def _rows(tally: Tally, language: str) -> Iterator[dict[str, str]]:
    for unit in UNITS:
        number = tally.count(unit)
        yield _row(unit, "", "", "", number, hide=0 < number < SMALLEST_SHOWN)
    for dimension in DIMENSIONS:
        found = breakdown(tally, dimension)
        cells = _cells(found)
        away = hidden(cells, partition=dimension not in SEVERAL)
        for code, number in cells.items():
            words = label(dimension if dimension != "referred_to" else "referral", code, language) if code else ""
            yield _row("contacts", dimension, code, words, number, hide=code in away)


def _cells(found: Breakdown) -> dict[str, int]:
    cells = dict(found.counts) | {UNKNOWN: found.unknown, "": found.not_asked}
    if found.declined:
        cells[DECLINED[found.dimension]] = found.declined
    return {code: number for code, number in cells.items() if number}


def _row(unit: str, dimension: str, code: str, words: str, number: int, *, hide: bool) -> dict[str, str]:
    return {
        "unit": unit,
        "dimension": dimension,
        "code": code or ("not_asked" if dimension else ""),
        "label": words,
        "count": "" if hide else str(number),
        "hidden": "yes" if hide else "no",
    }
