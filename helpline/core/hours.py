"""When the line is open. Whatever is not configured is closed: the hours fail closed.

A calendar day has its hours from the first of these that speaks of it: an exceptional day, a public holiday (closed),
the weekly hours. A span belongs to the day on which it starts, also when it passes midnight. An emergency closing shuts
whatever would be open. Spans are wall-clock times in the line's time zone: a time that the clocks skip in spring is
the moment of the change, and a time that comes twice in autumn is the first of the two.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

#: How far ahead an opening is looked for, in days: beyond any summer closing.
OPENING_HORIZON = 400
#: How far ahead a closing is looked for, in days: a line that stays open longer has no closing worth telling.
CLOSING_HORIZON = 14


class OpenReason(StrEnum):
    """Why the line is open or closed."""

    HOURS = "hours"
    EXCEPTIONAL = "exceptional"
    HOLIDAY = "holiday"
    EMERGENCY = "emergency"
    UNCONFIGURED = "unconfigured"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Open from `start` to `end`, wall-clock times of one day, or of two when `past_midnight`.

    `Span(start=time(18), end=time(0), past_midnight=True)` ends at midnight; equal times with `past_midnight` are a
    whole day round.

    Raises:
        ValueError: the end does not come after the start, the span is longer than a day, or a time carries a zone or
            seconds.
    """

    start: time
    end: time
    past_midnight: bool = False

    @classmethod
    def parse(cls, opens: str, closes: str, *, past_midnight: bool = False) -> "Span":
        """A span from two times written `HH:MM`; `24:00` closes at the end of the day.

        Raises:
            ValueError: a text is not a time, or the span is none (see the class).
        """
        if closes == "24:00":
            return cls(start=_time_of(opens), end=time(0), past_midnight=True)
        return cls(start=_time_of(opens), end=_time_of(closes), past_midnight=past_midnight)

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment.tzinfo is not None or moment.second or moment.microsecond:
                raise ValueError(f"The hours {self} must be whole minutes on the wall clock, without a time zone.")
        if not self.past_midnight and self.end <= self.start:
            raise ValueError(f"The hours {self} end before they start; say so if they pass midnight.")
        if self.past_midnight and self.end > self.start:
            raise ValueError(f"The hours {self} past midnight would last more than a day.")

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"

    @property
    def minutes(self) -> tuple[int, int]:
        """Start and end in minutes since the midnight before the start."""
        start, end = (moment.hour * 60 + moment.minute for moment in (self.start, self.end))
        return start, end + (24 * 60 if self.past_midnight else 0)


@dataclass(frozen=True, kw_only=True)
class ExceptionalDay:
    """A date with hours of its own, or none: closed. `reason` is shown to callers, so keep it kind and short."""

    day: date
    spans: tuple[Span, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class EmergencyClosing:
    """The line is shut from `starts_at` until `ends_at`, or until further notice when that is None. Aware times.

    Raises:
        ValueError: a time without zone, or the end not after the start.
    """

    starts_at: datetime
    ends_at: datetime | None = None
    message: str = ""

    def __post_init__(self) -> None:
        _require_aware(self.starts_at)
        if self.ends_at is not None:
            _require_aware(self.ends_at)
            if self.ends_at <= self.starts_at:
                raise ValueError("The emergency closing ends before it starts.")

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, kw_only=True)
class OpenState:
    """Whether the line is open at a moment, and why.

    `closes_at` is set when open (None: not within two weeks), `opens_at` when closed (None: not within 400 days), both
    in UTC. `message` is the exceptional day's reason, the holiday's name or the emergency message, else empty.
    """

    open: bool
    reason: OpenReason
    closes_at: datetime | None = None
    opens_at: datetime | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class OpeningHours:
    """The line's hours. Empty hours are closed hours.

    Args:
        weekly: spans by weekday, Monday 0 to Sunday 6; a weekday left out is closed.
        exceptional: dates with hours of their own; they win over holidays and weekly hours.
        holidays: public holidays by date, computed elsewhere; closed. A line that never closes gives none.
        emergencies: emergency closings, each shutting the line while it lasts.
        zone: the line's time zone.

    Raises:
        ValueError: a weekday outside 0–6, overlapping spans, or a date with two exceptional days.
    """

    weekly: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    exceptional: tuple[ExceptionalDay, ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
    emergencies: tuple[EmergencyClosing, ...] = ()
    zone: ZoneInfo = OSLO
    _exceptions: Mapping[date, ExceptionalDay] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for weekday in self.weekly:
            if weekday not in range(7):
                raise ValueError(f"A weekday is a number from 0 (Monday) to 6 (Sunday), not {weekday}.")
        for weekday, spans in self.weekly.items():
            _refuse_overlaps(spans, self.weekly.get((weekday + 1) % 7, ()))
        days: dict[date, ExceptionalDay] = {}
        for exception in self.exceptional:
            if exception.day in days:
                raise ValueError(f"The date {exception.day} has two exceptional days.")
            _refuse_overlaps(exception.spans, ())
            days[exception.day] = exception
        object.__setattr__(self, "_exceptions", MappingProxyType(days))

    @property
    def configured(self) -> bool:
        """Whether any hours at all are given."""
        return any(self.weekly.values()) or any(day.spans for day in self.exceptional)

    def is_open(self, at: datetime) -> OpenState:
        """Whether the line is open at `at`, an aware moment, and when that changes.

        Raises:
            ValueError: `at` carries no time zone.
        """
        _require_aware(at)
        today = self._day_of(at)
        emergency = next((closing for closing in self.emergencies if closing.covers(at)), None)
        if emergency is None:
            first = today - timedelta(days=1)
            for starts_at, ends_at in self.periods(first, first + timedelta(days=CLOSING_HORIZON)):
                if starts_at <= at < ends_at:
                    known = self._day_of(ends_at) < first + timedelta(days=CLOSING_HORIZON)
                    exception = self._exception_open_at(at)
                    return OpenState(
                        open=True,
                        reason=OpenReason.EXCEPTIONAL if exception else OpenReason.HOURS,
                        closes_at=ends_at if known else None,
                        message=exception.reason if exception else "",
                    )
                if starts_at > at:
                    break
        reason, message = self._why_closed(today, emergency)
        return OpenState(open=False, reason=reason, opens_at=self.next_opening(at), message=message)

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment after `at` when the line opens, in UTC; None if not within 400 days.

        Raises:
            ValueError: `at` carries no time zone.
        """
        _require_aware(at)
        shut_for_good = any(closing.covers(at) and closing.ends_at is None for closing in self.emergencies)
        if shut_for_good or not self.configured:
            return None
        first = self._day_of(at) - timedelta(days=1)
        periods = self.periods(first, first + timedelta(days=OPENING_HORIZON))
        return next((starts_at for starts_at, _ in periods if starts_at > at), None)

    def periods(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        """The open periods that start on the local days `first` to `last`, in order, in UTC.

        Periods that touch are one; emergency closings are cut out.
        """
        running: tuple[datetime, datetime] | None = None
        for starts_at, ends_at, _ in self._spans(first, last):
            if running is not None and starts_at <= running[1]:
                running = (running[0], max(running[1], ends_at))
                continue
            if running is not None:
                yield from self._without_emergencies(running)
            running = (starts_at, ends_at)
        if running is not None:
            yield from self._without_emergencies(running)

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _spans(self, first: date, last: date) -> Iterator[tuple[datetime, datetime, date]]:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for span in sorted(self._spans_of(day), key=lambda span: span.start):
                starts_at = wall_clock(day, span.start, self.zone)
                ends_at = wall_clock(day + timedelta(days=int(span.past_midnight)), span.end, self.zone)
                if starts_at < ends_at:
                    yield starts_at, ends_at, day

    def _spans_of(self, day: date) -> tuple[Span, ...]:
        if day in self._exceptions:
            return self._exceptions[day].spans
        return () if day in self.holidays else self.weekly.get(day.weekday(), ())

    def _exception_open_at(self, at: datetime) -> ExceptionalDay | None:
        today = self._day_of(at)
        for starts_at, ends_at, day in self._spans(today - timedelta(days=1), today):
            if day in self._exceptions and starts_at <= at < ends_at:
                return self._exceptions[day]
        return None

    def _why_closed(self, today: date, emergency: EmergencyClosing | None) -> tuple[OpenReason, str]:
        if emergency is not None:
            return OpenReason.EMERGENCY, emergency.message
        if not self.configured:
            return OpenReason.UNCONFIGURED, ""
        if today in self._exceptions:
            return OpenReason.EXCEPTIONAL, self._exceptions[today].reason
        if today in self.holidays:
            return OpenReason.HOLIDAY, self.holidays[today]
        return OpenReason.HOURS, ""

    def _without_emergencies(self, period: tuple[datetime, datetime]) -> Iterator[tuple[datetime, datetime]]:
        starts_at, ends_at = period
        for closing in sorted(self.emergencies, key=lambda closing: closing.starts_at):
            if closing.starts_at >= ends_at:
                break
            if closing.ends_at is not None and closing.ends_at <= starts_at:
                continue
            if closing.starts_at > starts_at:
                yield starts_at, closing.starts_at.astimezone(UTC)
            if closing.ends_at is None:
                return
            starts_at = closing.ends_at.astimezone(UTC)
        if starts_at < ends_at:
            yield starts_at, ends_at


def wall_clock(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """The UTC moment when the clocks of `zone` show `moment` on `day`.

    A time that is skipped in spring is the moment of the change; of a time that comes twice in autumn, the first.
    """
    local = datetime.combine(day, moment, tzinfo=zone)
    at = local.astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return at
    # Skipped: `at` lies after the change, by as long as the shown time lies past it. Halve the way to a moment before.
    before, after = local.replace(fold=1).astimezone(UTC), at
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (before, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, after)
    return after.replace(microsecond=0)


def _time_of(text: str) -> time:
    hour, colon, minute = text.partition(":")
    if not (colon and len(hour) == len(minute) == 2 and text.isascii() and (hour + minute).isdigit()):
        raise ValueError(f"«{text}» is not a time of day, written as 09:30.")
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"«{text}» is not a time of day, written as 09:30.")
    return time(int(hour), int(minute))


def _require_aware(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("The moment must carry a time zone.")


def _refuse_overlaps(spans: tuple[Span, ...], next_day: tuple[Span, ...]) -> None:
    # Next week's look at the same pair is the same pair, so one day ahead is enough.
    ordered = sorted(spans, key=lambda span: span.start)
    for earlier, later in pairwise(ordered):
        if later.minutes[0] < earlier.minutes[1]:
            raise ValueError(f"The hours {earlier} and {later} overlap.")
    if ordered and next_day:
        first = min(next_day, key=lambda span: span.start)
        if first.minutes[0] + 24 * 60 < ordered[-1].minutes[1]:
            raise ValueError(f"The hours {ordered[-1]} past midnight overlap the next day's {first}.")
