"""A second way to count, slow and plain: from the rows of the exported log, one list after the other.

It shares no code with the house. Read beside LESSONS' definitions, it is also the shortest text that says what the
figures mean.
"""

import csv
import statistics
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

Row = dict[str, str]

_CODES = Path(__file__).parents[2] / "helpline" / "core" / "codes.csv"
_PLACES = Path(__file__).parents[2] / "helpline" / "core" / "municipalities.csv"
with _CODES.open(encoding="utf-8") as _file:
    _TREATED = {line["code"]: line["answered"] for line in csv.DictReader(_file) if line["list"] == "outcome"}
with _PLACES.open(encoding="utf-8") as _file:
    _COUNTY_OF = {line["municipality_number"]: line["county_number"] for line in csv.DictReader(_file)}


def standing(rows: list[Row]) -> list[Row]:
    """Rows that count, of all in the order in which they were written: nothing corrects them, and nothing that came
    later corrects what they correct, or what that corrects, and so on."""

    def last_word_on(record_id: str) -> str | None:
        return next((row["record_id"] for row in reversed(rows) if row["corrects"] == record_id), None)

    by_id = {row["record_id"]: row for row in rows}

    def counts(row: Row) -> bool:
        if last_word_on(row["record_id"]) is not None:
            return False
        step: Row | None = row
        while step is not None and step["corrects"]:
            if last_word_on(step["corrects"]) != step["record_id"]:
                return False
            step = by_id.get(step["corrects"])
        return True

    return [row for row in rows if counts(row)]


def local(row: Row, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(row["opened_at"]).astimezone(zone)


def has(row: Row, dimension: str, value: str, zone: ZoneInfo) -> bool:
    """Whether a row lies in a cut."""
    lists = {"topic": "topics", "challenge_area": "challenge_areas", "article": "articles_used"}
    if dimension in lists:
        return value in (row[lists[dimension]].split(";"))
    if dimension == "county":
        return value == (row["county"] or _COUNTY_OF.get(row["municipality"], ""))
    when = local(row, zone)
    times = {
        "hour": str(when.hour),
        "weekday": str(when.isoweekday() - 1),
        "hour_of_week": when.strftime(f"{when.isoweekday() - 1}-%H"),
    }
    return value == times.get(dimension, row.get(dimension, ""))


def chosen(
    rows: list[Row], zone: ZoneInfo, *, first: date, last: date, practice: bool = False, **where: str
) -> list[Row]:
    return [
        row
        for row in standing(rows)
        if first <= local(row, zone).date() <= last
        and (practice or row["origin"] != "simulated")
        and all(has(row, dimension, value, zone) for dimension, value in where.items())
    ]


def figures(rows: list[Row], *, answer_within: int = 60) -> dict[str, float | None]:
    """Every counter of rows that count."""
    contacts = [row for row in rows if row["kind"] == "contact"]
    reached_us = [row for row in contacts if row["direction"] != "outbound" and row["origin"] != "afterwards"]

    def treated(which: str, among: list[Row]) -> list[Row]:
        return [row for row in among if _TREATED.get(row["outcome"]) == which]

    def ended(*outcomes: str) -> list[Row]:
        return [row for row in contacts if row["outcome"] in outcomes]

    def people(kind: str, activity: str | None = None) -> int:
        return sum(
            int(row["participants"] or 1) for row in rows if row["kind"] == kind and activity in (None, row["activity"])
        )

    def numbers(column: str, among: list[Row]) -> list[int]:
        return sorted(int(row[column]) for row in among if row[column] != "")

    def share(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    def of(how: Callable[[list[int]], float], found: list[int]) -> float | None:
        return how(found) if found else None

    yes, no, short = (treated(which, reached_us) for which in ("yes", "no", "short"))
    attempts = yes + no + short
    redials = [row for row in attempts if row["redial_24h"] == "yes"]
    waits = numbers("waited_seconds", yes)
    quick = len([wait for wait in waits if wait <= answer_within])
    left = numbers("waited_seconds", [row for row in reached_us if row["outcome"] in ("abandoned", "short_abandon")])
    handled = numbers("handled_seconds", treated("yes", contacts))
    helped = treated("yes", contacts) + ended("guided")
    known = [row["caller_status"] for row in contacts if row["caller_status"] in ("new", "returning")]
    asked = [row["asked_what_matters"] for row in contacts if row["asked_what_matters"]]
    points = numbers("evaluation", contacts)
    back, in_vain = len(ended("callback_done")), len(ended("callback_failed"))
    return {
        "contacts": len(contacts),
        "sessions": len([row for row in rows if row["kind"] == "session"]),
        "persons": people("session"),
        "attendances": people("attendance"),
        "attendances_support_group": people("attendance", "support_group"),
        "attendances_writing": people("attendance", "writing"),
        "attendances_course": people("attendance", "course"),
        "attendances_event": people("attendance", "event"),
        "groups": len([row for row in rows if row["kind"] == "group"]),
        "answered": len(yes),
        "not_answered": len(no),
        "abandoned": len(ended("abandoned")),
        "short_abandons": len(ended("short_abandon")),
        "redials": len(redials),
        "answer_rate": share(len(yes), len(attempts)),
        "answer_rate_callers": share(len(yes), max(len(yes), len(attempts) - len(redials))),
        "service_level": share(quick, len(waits) + len(no)),
        "service_level_answered": share(quick, len(waits)),
        "waited": len(waits) + len(left),
        "left": len(left),
        "left_median": of(statistics.median, left),
        "wait_median": of(statistics.median, waits),
        "wait_mean": of(statistics.fmean, waits),
        "wait_p90": of(lambda found: found[-(-len(found) * 9 // 10) - 1], waits),
        "handling_median": of(statistics.median, handled),
        "handling_mean": of(statistics.fmean, handled),
        "returning": share(known.count("returning"), len(known)),
        "callbacks_promised": back + in_vain,
        "callbacks_kept": share(back, back + in_vain),
        "asked_what_matters": share(asked.count("yes"), len(asked)),
        "letters": sum(numbers("letters", contacts)),
        "knowledge_used": share(
            len([row for row in helped if set(row["articles_used"].split(";")) - {"", "unknown"}]), len(helped)
        ),
        "evaluations": len(points),
        "evaluation": of(statistics.fmean, points),
    }
