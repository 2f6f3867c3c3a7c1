"""What a record counts as: the values it has under each dimension, and the marks it makes.

The tally adds these up and knows nothing else of records, so that what a figure counts is said here and only here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from helpline.core.codes import UNKNOWN, Direction, Origin, Outcome, code_lists, counties, municipalities
from helpline.core.record import LANGUAGES, Answered, Record, answered_as

#: What contacts can be cut by. A record that was not asked has the empty value, so `relation=` are the not asked.
DIMENSIONS = (
    "origin",
    "channel",
    "direction",
    "enquirer",
    "relation",
    "gender",
    "age_band",
    "county",
    "municipality",
    "challenge_area",
    "topic",
    "language",
    "urgency",
    "outcome",
    "activity",
    "caller_status",
    "redial_24h",
    "source",
    "asked_what_matters",
    "evaluation",
    "letters",
    "article",
    "referred_from",
    "referred_to",
    "weekday",
    "hour",
    "hour_of_week",
)
#: Dimensions of which a record may have several values; their shares may sum to more than the whole.
SEVERAL = {"challenge_area": "challenge_areas", "topic": "topics", "article": "articles_used"} | {
    name: name for name in ("referred_from", "referred_to")
}
#: Bounds that records can be narrowed down by, each a whole number: seconds waited, and hours by the line's clock. They
#: are no dimensions, so that nothing is cut by them.
BOUNDS = ("waited_over", "waited_at_most", "from_hour", "before_hour")
#: Families of marks that are histograms by whole seconds.
HISTOGRAMS = ("wait", "left", "handled")

#: Every other mark there is, those that most records make first: their sums are packed in this order (`core.lanes`), so
#: a change of it is a new version of the tally.
SUMS: tuple[str, ...] = (
    *("contacts", "answered:yes", "outcome:counselled", "waits", "wait_seconds", "handlings", "handled_seconds"),
    *("helped", "helped_with_article", "caller_status:new", "caller_status:returning"),
    *("asked_what_matters:yes", "asked_what_matters:no", "answered:no", "outcome:abandoned", "lefts", "redials"),
    *("answered:short", "outcome:short_abandon", "evaluations", "evaluation_points", "letters"),
    *("sessions", "persons", "attendances", "groups"),
    *(
        f"outcome:{outcome}"
        for outcome in (*Outcome, UNKNOWN, "")
        if outcome not in (Outcome.COUNSELLED, Outcome.ABANDONED, Outcome.SHORT_ABANDON)
    ),
    *(f"attendance:{activity}" for activity in (*code_lists()["activity"], UNKNOWN, "")),
)

_YES_NO = ("redial_24h", "asked_what_matters")
_NUMBERS = ("evaluation", "letters")
_TIMES = ("weekday", "hour", "hour_of_week")
_UNIT_BY_KIND = {"contact": "contacts", "session": "sessions", "attendance": "attendances", "group": "groups"}
_LEFT = (Outcome.ABANDONED, Outcome.SHORT_ABANDON)


#: The columns that `marks` reads of a record, with its id, its day and whose it is.
_MARKED = frozenset(
    (
        *("record_id", "kind", "origin", "opened_at", "direction", "outcome", "waited_seconds", "handled_seconds"),
        *("participants", "activity", "caller_status", "redial_24h", "asked_what_matters", "evaluation", "letters"),
        "articles_used",
    )
)


class Marks(NamedTuple):
    """What one record adds: seconds by histogram, and amounts by mark."""

    seconds: dict[str, int]
    amounts: dict[str, int]


def list_of(dimension: str) -> str:
    """The code list that the values of a dimension come from, where they come from one."""
    return "referral" if dimension in ("referred_from", "referred_to") else dimension


@cache
def values_of(dimension: str) -> Collection[str] | None:
    """The values a dimension may have, «not asked» and `unknown` among them; None: any short name (sources, articles).

    Raises:
        KeyError: there is no such dimension.
    """
    closed: dict[str, Collection[str]] = {
        "county": counties(),
        "municipality": municipalities(),
        "language": LANGUAGES,
        "evaluation": [str(points) for points in range(11)],
        "letters": [str(letters) for letters in range(1_001)],
        "weekday": [str(day) for day in range(7)],
        "hour": [str(hour) for hour in range(24)],
        "hour_of_week": [f"{day}-{hour:02}" for day in range(7) for hour in range(24)],
        **dict.fromkeys(_YES_NO, ("yes", "no")),
    }
    if dimension not in DIMENSIONS:
        raise KeyError(dimension)
    if dimension in ("source", "article"):
        return None
    found = closed.get(dimension) or code_lists()[list_of(dimension)]
    if dimension in _TIMES or dimension == "origin":
        return frozenset(found)
    # A number or a yes/no that is not known is left empty.
    return frozenset(found) | ({""} if dimension in (*_YES_NO, *_NUMBERS) else {UNKNOWN, ""})


def values(record: Record, zone: ZoneInfo, dimensions: Iterable[str] = DIMENSIONS) -> dict[str, tuple[str, ...]]:
    """The values of a record under dimensions; times on the line's own clock.

    Raises:
        KeyError: there is no such dimension.
    """
    return {dimension: _VALUES[dimension](record, zone) for dimension in dimensions}


def columns_for(dimensions: Iterable[str]) -> frozenset[str]:
    """The columns of a record that counting by these dimensions or bounds reads; a count of very many need not fetch
    the others.

    Raises:
        KeyError: there is no such dimension or bound.
    """
    return _MARKED.union(*(_COLUMNS[dimension] for dimension in dimensions))


def matches(record: Record, where: Mapping[str, str], zone: ZoneInfo) -> bool:
    """Whether a record has every one of the given values and lies within the given bounds, such as
    `{"channel": "phone", "topic": "rights", "waited_over": "60"}`. Who did not wait lies within no bound of waiting.

    Raises:
        KeyError: a name is neither a dimension nor a bound.
    """
    return all(
        _within(record, name, int(value), zone) if name in BOUNDS else value in _VALUES[name](record, zone)
        for name, value in where.items()
    )


def _within(record: Record, bound: str, number: int, zone: ZoneInfo) -> bool:
    if bound in ("waited_over", "waited_at_most"):
        waited = record.waited_seconds
        return waited is not None and (waited > number) == (bound == "waited_over")
    return (record.opened_at.astimezone(zone).hour < number) == (bound == "before_hour")


def marks(record: Record) -> Marks:
    """The marks of a record, whatever it is cut by."""
    unit = _UNIT_BY_KIND[record.kind]
    # A row without a number of participants stands for one person.
    people = 1 if record.participants is None else record.participants
    if record.kind == "session":
        return _without_zeros({}, {unit: 1, "persons": people})
    if record.kind == "attendance":
        return _without_zeros({}, {unit: people, f"attendance:{record.activity or ''}": people})
    if record.kind == "group":
        return Marks({}, {unit: 1})
    return _of_contact(record)


def _of_contact(record: Record) -> Marks:
    seconds: dict[str, int] = {}
    amounts = {"contacts": 1, f"outcome:{record.outcome or ''}": 1}
    answered = answered_as(record.outcome)
    # What we rang up ourselves, or wrote down afterwards, was never waiting to be answered.
    waiting = record.direction != Direction.OUTBOUND and record.origin is not Origin.AFTERWARDS
    if waiting and answered is not Answered.EXCLUDED:
        amounts[f"answered:{answered}"] = 1
        if record.redial_24h:
            amounts["redials"] = 1
    if waiting and record.waited_seconds is not None:
        if answered is Answered.YES:
            seconds["wait"] = record.waited_seconds
            amounts |= {"waits": 1, "wait_seconds": record.waited_seconds}
        elif record.outcome in _LEFT:
            seconds["left"] = record.waited_seconds
            amounts["lefts"] = 1
    if answered is Answered.YES and record.handled_seconds is not None:
        seconds["handled"] = record.handled_seconds
        amounts |= {"handlings": 1, "handled_seconds": record.handled_seconds}
    if answered is Answered.YES or record.outcome == Outcome.GUIDED:
        amounts |= {"helped": 1, "helped_with_article": int(any(name != UNKNOWN for name in record.articles_used))}
    if record.caller_status not in (None, UNKNOWN):
        amounts[f"caller_status:{record.caller_status}"] = 1
    if record.asked_what_matters is not None:
        amounts[f"asked_what_matters:{'yes' if record.asked_what_matters else 'no'}"] = 1
    if record.evaluation is not None:
        amounts |= {"evaluations": 1, "evaluation_points": record.evaluation}
    if record.letters:
        amounts["letters"] = record.letters
    return _without_zeros(seconds, amounts)


def _without_zeros(seconds: dict[str, int], amounts: dict[str, int]) -> Marks:
    return Marks(seconds, {mark: amount for mark, amount in amounts.items() if amount})


def _county_of(record: Record) -> str:
    """A municipality says its county also where the county itself was left out."""
    if record.county is None and record.municipality not in (None, UNKNOWN):
        return municipalities()[str(record.municipality)].county_number
    return record.county or ""


_Values = Callable[[Record, ZoneInfo], tuple[str, ...]]


def _values_of(dimension: str) -> _Values:
    """How the values of a dimension are read from a record; chosen once, for a count may read millions."""
    if dimension in SEVERAL:
        several = attrgetter(SEVERAL[dimension])
        return lambda record, zone: several(record) or ("",)
    one = attrgetter(dimension)
    if dimension in _YES_NO:
        answers = {None: ("",), True: ("yes",), False: ("no",)}
        return lambda record, zone: answers[one(record)]
    if dimension in _NUMBERS:
        return lambda record, zone: ("" if (number := one(record)) is None else str(number),)
    return lambda record, zone: (one(record) or "",)


_COLUMNS: Mapping[str, frozenset[str]] = {
    dimension: frozenset(
        ("opened_at",)
        if dimension in _TIMES
        else ("county", "municipality")
        if dimension == "county"
        else (SEVERAL.get(dimension, dimension),)
    )
    for dimension in DIMENSIONS
} | {bound: frozenset(("waited_seconds", "opened_at")) for bound in BOUNDS}


def _hour_of_week(record: Record, zone: ZoneInfo) -> str:
    local = record.opened_at.astimezone(zone)
    return f"{local.weekday()}-{local.hour:02}"


_VALUES: Mapping[str, _Values] = {
    dimension: _values_of(dimension) for dimension in DIMENSIONS if dimension not in (*_TIMES, "county")
} | {
    "county": lambda record, zone: (_county_of(record),),
    "weekday": lambda record, zone: (str(record.opened_at.astimezone(zone).weekday()),),
    "hour": lambda record, zone: (str(record.opened_at.astimezone(zone).hour),),
    "hour_of_week": lambda record, zone: (_hour_of_week(record, zone),),
}
