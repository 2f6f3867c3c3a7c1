"""The record: the structured, anonymous log of a closed contact, session, attendance or group.

Its columns are the records contract. Records hold codes only: no free text, no identity. An empty value means that it
was not asked; `unknown` means that it was asked and is not known.
"""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from helpline.core.codes import UNKNOWN, Origin, Outcome, code_lists, counties, municipalities

OSLO = ZoneInfo("Europe/Oslo")


class RecordError(ValueError):
    """A record that breaks the contract: `column` names where, the message says what in one sentence."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


class Answered(StrEnum):
    """How the answer rate treats an outcome."""

    YES = "yes"
    NO = "no"
    SHORT = "short"
    EXCLUDED = "excluded"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row of the log, with the columns of the contract in their order. Times are aware, durations whole seconds.

    Coded values are kept as the codes of `codes.csv`; None or an empty tuple means not asked.

    Raises:
        RecordError: a value is not one that its column may hold; the message names column and value.
    """

    record_id: str
    kind: str = "contact"
    origin: Origin = Origin.LIVE
    opened_at: datetime
    closed_at: datetime | None = None
    channel: str | None = None
    direction: str | None = None
    enquirer: str | None = None
    relation: str | None = None
    gender: str | None = None
    age_band: str | None = None
    #: By number, with 21 Svalbard and 99 abroad.
    county: str | None = None
    municipality: str | None = None
    challenge_areas: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    #: ISO 639-1.
    language: str | None = None
    urgency: str | None = None
    #: From entering the queue to the answer, or to leaving it.
    waited_seconds: int | None = None
    #: Conversation and wrap-up.
    handled_seconds: int | None = None
    outcome: str | None = None
    #: People taking part in a session or an attendance row.
    participants: int | None = None
    activity: str | None = None
    caller_status: str | None = None
    #: The same caller tried us in the last 24 hours without being answered.
    redial_24h: bool | None = None
    #: Campaign or entry number, as a code.
    source: str | None = None
    asked_what_matters: bool | None = None
    #: What the caller gave the contact, 0–10.
    evaluation: int | None = None
    #: Concern letters made.
    letters: int | None = None
    articles_used: tuple[str, ...] = ()
    referred_from: tuple[str, ...] = ()
    referred_to: tuple[str, ...] = ()
    #: The record that this one replaces.
    corrects: str | None = None

    def __post_init__(self) -> None:
        # Hundreds of thousands are made in an import: what was not asked is passed over at once.
        values = self.__dict__
        for column, allowed in _column_codes().items():
            value = values[column]
            if value is None or value == ():
                continue
            for code in value if isinstance(value, tuple) else (value,):
                if code not in allowed:
                    raise RecordError(column, f"{column} cannot be «{code}»: no such code.")
        for column in _LISTS:
            value = values[column]
            if len(value) < 2:
                continue
            if len(set(value)) < len(value):
                raise RecordError(column, f"{column} names the same code twice: «{';'.join(value)}».")
            if UNKNOWN in value:
                raise RecordError(column, f"{column} cannot be both known and unknown: «{';'.join(value)}».")
        for column, limit in _NUMBERS.items():
            number = values[column]
            if number is not None and not 0 <= number <= limit:
                raise RecordError(column, f"{column} must lie between 0 and {limit}, not {number}.")
        _check_names(self)
        _check_times(self)
        _check_place(self)


COLUMNS = tuple(column.name for column in fields(Record))

#: Longest number a column may hold: thirty days in seconds, a stadium, a scale, a day's letters.
_NUMBERS = {"waited_seconds": 2_592_000, "handled_seconds": 2_592_000, "participants": 100_000} | {
    "evaluation": 10,
    "letters": 1_000,
}
_LISTS = ("challenge_areas", "topics", "articles_used", "referred_from", "referred_to")
_YES_NO = ("redial_24h", "asked_what_matters")

#: The two-letter codes of ISO 639-1.
LANGUAGES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka "
    "kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng "
    "nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su "
    "sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)

#: A name made of letters, digits and a few signs: enough for ids, articles and campaigns, too little for free text.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+.:/-]{0,63}")


@cache
def _column_codes() -> dict[str, frozenset[str]]:
    """What each coded column may hold beside «not asked»."""
    lists = code_lists()
    of_list = {
        "challenge_areas": "challenge_area",
        "topics": "topic",
        "referred_from": "referral",
        "referred_to": "referral",
    } | {column: column for column in COLUMNS if column in lists}
    codes = {column: frozenset(lists[name]) | {UNKNOWN} for column, name in of_list.items()}
    # What a row is, and where it came from, is always known.
    codes |= {column: frozenset(lists[column]) for column in ("kind", "origin")}
    return codes | {
        "county": frozenset(counties()) | {UNKNOWN},
        "municipality": frozenset(municipalities()) | {UNKNOWN},
        "language": LANGUAGES | {UNKNOWN},
    }


def _check_names(record: Record) -> None:
    for column in ("record_id", "source", "corrects"):
        name = getattr(record, column)
        if name is not None and not _NAME.fullmatch(name):
            raise RecordError(column, f"{column} must be a short name without spaces, not «{name}».")
    for name in record.articles_used:
        if not _NAME.fullmatch(name):
            raise RecordError("articles_used", f"articles_used must be names of articles, not «{name}».")
    if record.corrects == record.record_id:
        raise RecordError("corrects", f"corrects names the record itself: «{record.corrects}».")


def _check_times(record: Record) -> None:
    for column in ("opened_at", "closed_at"):
        at = getattr(record, column)
        if at is not None and at.tzinfo is None:
            raise RecordError(column, f"{column} must carry a time zone: «{at.isoformat()}».")
    if record.closed_at is not None and record.closed_at < record.opened_at:
        raise RecordError("closed_at", f"closed_at «{record.closed_at.isoformat()}» lies before opened_at.")


def _check_place(record: Record) -> None:
    if record.municipality in (None, UNKNOWN) or record.county is None:
        return
    belongs_to = municipalities()[str(record.municipality)].county_number
    if record.county != belongs_to:
        raise RecordError("municipality", f"municipality «{record.municipality}» is not in county «{record.county}».")


def from_row(
    row: Mapping[str, str | None],
    *,
    record_id: str | None = None,
    origin: Origin = Origin.IMPORT,
    zone: ZoneInfo = OSLO,
) -> Record:
    """A record from a row of the records CSV; columns may be absent or in any order.

    Args:
        row: texts by column name; empty text or None is «not asked».
        record_id: used when the row has none of its own.
        origin: used when the row has none of its own.
        zone: the zone of times written without one. A date alone is its midnight.

    Raises:
        RecordError: a column that the contract does not know, a value that its column may not hold, or no `opened_at`
            or record id at all; the message names column and value.
    """
    # `unknown` is a code in the lists. A number, a yes/no or a closing time that is not known is left empty.
    texts: dict[str, str] = {}
    for column, text in row.items():
        if column not in COLUMNS:
            raise RecordError(str(column), f"There is no column «{column}» in the records contract.")
        if text is not None and text.strip():
            texts[column] = text.strip()
    values: dict[str, object] = {"record_id": record_id, "origin": origin}
    for column, text in texts.items():
        if column in _LISTS:
            values[column] = tuple(part.strip() for part in text.split(";") if part.strip())
        elif column in ("opened_at", "closed_at"):
            values[column] = None if text == UNKNOWN else _time_from(text, column, zone)
        elif column == "letters" and not text.isdigit() and text != UNKNOWN:
            values[column] = _letters_from(text)
        elif column in _NUMBERS:
            values[column] = None if text == UNKNOWN else _number_from(text, column)
        elif column in _YES_NO:
            values[column] = None if text == UNKNOWN else _yes_no_from(text, column)
        elif column == "origin":
            values[column] = _origin_from(text)
        else:
            values[column] = text
    for column in ("record_id", "opened_at"):
        if values.get(column) is None:
            raise RecordError(column, f"{column} is missing.")
    return Record(**values)  # type: ignore[arg-type]  # each column was read to its own type above


def to_row(record: Record) -> dict[str, str]:
    """The row of a record for the CSV, in the order of the contract; times in UTC."""
    return {column: _text(getattr(record, column)) for column in COLUMNS}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value)


def _time_from(text: str, column: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RecordError(column, f"{column} cannot be «{text}»: write a time as 2026-03-02T10:00:00+01:00.") from error


def _number_from(text: str, column: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise RecordError(column, f"{column} must be a whole number, not «{text}».")
    return int(text)


def _letters_from(text: str) -> int:
    # Some logs name the kinds of letters made; we keep how many.
    kinds = text.split(";")
    if not all(_NAME.fullmatch(kind) and kind[0].isalpha() for kind in kinds):
        raise RecordError("letters", f"letters must be a whole number or kinds of letters, not «{text}».")
    return len(kinds)


def _yes_no_from(text: str, column: str) -> bool:
    if text not in ("yes", "no"):
        raise RecordError(column, f"{column} must be yes or no, not «{text}».")
    return text == "yes"


def _origin_from(text: str) -> Origin:
    try:
        return Origin(text)
    except ValueError as error:
        raise RecordError("origin", f"origin cannot be «{text}»: no such code.") from error


#: Which outcome a contact gets when several fit, first wins. The first six places are the contract's; within «the rest»
#: whatever speaks against us goes before what is left out of the answer rate.
PRECEDENCE = (
    Outcome.COUNSELLED,
    Outcome.REFERRED,
    Outcome.CALLBACK_DONE,
    Outcome.CALLBACK_FAILED,
    Outcome.MESSAGE_LEFT,
    Outcome.GUIDED,
    Outcome.NON_COUNSELLING,
    Outcome.FAILED,
    Outcome.QUEUE_FULL,
    Outcome.NOBODY_ON_DUTY,
    Outcome.ABANDONED,
    Outcome.SHORT_ABANDON,
    Outcome.EMERGENCY_ADVISED,
    Outcome.WITHDRAWN,
    Outcome.NO_REPLY,
    Outcome.CLOSED_HOURS,
    Outcome.NOT_REACHED,
    Outcome.LEFT_MENU,
    Outcome.BLOCKED,
)


def resolve_outcome(candidates: Iterable[Outcome]) -> Outcome:
    """The one outcome of a contact that several fit: counselled > referred > callback > message > guided > the rest.

    Raises:
        ValueError: there is no candidate.
    """
    fitting = set(candidates)
    if not fitting:
        raise ValueError("A contact must end in an outcome; none was given.")
    return min(fitting, key=PRECEDENCE.index)


def answered_as(outcome: str | None) -> Answered:
    """How the answer rate treats an outcome (`codes.csv`); one that is unknown or not given is left out of it.

    Raises:
        KeyError: there is no such outcome.
    """
    if outcome is None or outcome == UNKNOWN:
        return Answered.EXCLUDED
    return Answered(code_lists()["outcome"][outcome].answered or Answered.EXCLUDED)


def cut_to_hour(at: datetime, zone: ZoneInfo = OSLO) -> datetime:
    """The start of the hour on the line's clock in which `at` lies, in UTC: enough for counters, no trace of a person.

    Raises:
        ValueError: `at` carries no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("The moment must carry a time zone.")
    local = at.astimezone(zone)
    # Minutes are taken off in UTC, so that the two like-named hours of an autumn night stay apart.
    into_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return at.astimezone(UTC) - into_hour


def deidentified(record: Record, zone: ZoneInfo = OSLO) -> Record:
    """The record as it is kept: its times cut to the hour. Waits and durations were measured before."""
    opened_at = cut_to_hour(record.opened_at, zone)
    closed_at = None if record.closed_at is None else cut_to_hour(record.closed_at, zone)
    if (opened_at, closed_at) == (record.opened_at, record.closed_at):
        return record
    # Cut times stay in their order, so nothing needs to be checked anew.
    cut = copy(record)
    object.__setattr__(cut, "opened_at", opened_at)
    object.__setattr__(cut, "closed_at", closed_at)
    return cut


def struck(record: Record, *, record_id: str) -> Record:
    """What stands in the place of a record that never should have been: an attendance of nobody, which counts nothing.

    The contract knows no empty record, and a correction must name another one that counts instead.
    """
    return Record(
        record_id=record_id,
        kind="attendance",
        origin=record.origin,
        opened_at=record.opened_at,
        participants=0,
        corrects=record.record_id,
    )


def is_struck(record: Record) -> bool:
    """Whether the record only says that another one was struck out."""
    return record.kind == "attendance" and record.participants == 0 and record.corrects is not None
