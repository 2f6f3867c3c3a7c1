"""A log built from published totals: what the page of numbers in PIO-senteret's annual report for 2025 says, as rows.

The rows are invented; only their sums are the report's. What the report does not say is left empty (outcomes, waits,
topics) or made up (the smaller relations, how many are known). Nobody in it exists.

`python -m tests.published_totals log.csv` writes it; `helpline records import log.csv` takes it in.
"""

import csv
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain, repeat
from pathlib import Path

YEAR = 2025

CONTACTS = 2_900
CALLS = 1_731
SESSIONS = 712
PERSONS = 874
SELF_RUN_GROUPS = 22
ATTENDANCES = {"support_group": 416, "writing": 50, "event": 300, "course": 266}

#: Of 2 000 contacts where the relation is known: 38,1, 10,8, 8,6, 8,5 and 7,7 per cent, and others below them.
RELATIONS = {
    "mother": 762,
    "daughter": 216,
    "sister": 172,
    "spouse": 170,
    "father": 154,
    "brother": 120,
    "cohabitant": 110,
    "son": 100,
    "partner": 90,
    "friend": 60,
    "grandparent": 46,
}
#: Asked about the relation, but not known; everybody else was not asked.
RELATION_UNKNOWN = 300
#: Of 1 900 contacts where the gender is known: 78 and 22 per cent.
GENDERS = {"female": 1_482, "male": 418}

COLUMNS = ("kind", "opened_at", "channel", "relation", "gender", "participants", "activity")


def rows(year: int = YEAR) -> Iterator[dict[str, str]]:
    """Every row of the log, spread over the year."""
    channels = chain(repeat("phone", CALLS), repeat("email", 600), repeat("in_person", 400), repeat("form"))
    relations = chain(_repeated(RELATIONS), repeat("unknown", RELATION_UNKNOWN), repeat(""))
    genders = chain(_repeated(GENDERS), repeat(""))
    for place, channel, relation, gender in zip(range(CONTACTS), channels, relations, genders, strict=False):
        yield _row(year, place, CONTACTS, kind="contact", channel=channel, relation=relation, gender=gender)
    for place in range(SESSIONS):
        participants = "2" if place < PERSONS - SESSIONS else "1"
        yield _row(year, place, SESSIONS, kind="session", channel="in_person", participants=participants)
    for activity, attendances in ATTENDANCES.items():
        meetings = -(-attendances // 10)
        for place in range(meetings):
            people = str(min(10, attendances - 10 * place))
            yield _row(year, place, meetings, kind="attendance", activity=activity, participants=people)
    for place in range(SELF_RUN_GROUPS):
        yield _row(year, place, SELF_RUN_GROUPS, kind="group", activity="self_run_group")


def write(path: Path, year: int = YEAR) -> Path:
    """The log as a CSV that `helpline records import` takes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows(year))
    return path


def _repeated(numbers: Mapping[str, int]) -> Iterator[str]:
    return chain.from_iterable(repeat(code, number) for code, number in numbers.items())


def _row(year: int, place: int, of: int, **cells: str) -> dict[str, str]:
    """A row at noon on the day that lies as far into the year as its place in the rows."""
    at = datetime(year, 1, 1, 12) + timedelta(days=place * 365 // of)  # noqa: DTZ001  # the import's own zone
    return {"opened_at": at.isoformat(), **cells}


if __name__ == "__main__":
    write(Path(sys.argv[1]))
