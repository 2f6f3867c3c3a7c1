"""The roster: who is planned when, and where nobody is though the line is open.

Shifts are moments in time, so a night with a change of clocks is as long as it really is; `shift_on` plans one by the
wall clock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from helpline.core.hours import OSLO, OpeningHours, Span, wall_clock

#: Longer than this is planned by mistake: an advisor who is on duty for twelve hours is not fit to listen.
LONGEST_SHIFT = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Planned time of one advisor, from `starts_at` until just before `ends_at`; aware times.

    Raises:
        ValueError: a time without zone, or the end not after the start.
    """

    advisor_id: int
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("A shift's times must carry a time zone.")
        if self.ends_at <= self.starts_at:
            raise ValueError("The shift ends before it starts.")

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A stretch of opening hours with fewer advisors planned than needed; UTC."""

    starts_at: datetime
    ends_at: datetime
    planned: int
    needed: int


class Mistake(StrEnum):
    OVERLAP = "overlap"
    """The advisor has another shift at the same time."""
    TOO_LONG = "too_long"
    OUTSIDE_HOURS = "outside_hours"
    """The line is closed during the whole shift."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something to look at in a roster; for an overlap, `shift` is the later of the two."""

    mistake: Mistake
    shift: Shift


def shift_on(advisor_id: int, day: date, span: Span, zone: ZoneInfo = OSLO) -> Shift:
    """A shift by the wall clock, from the span's start on `day` to its end, on the next day when it passes midnight.

    Raises:
        ValueError: the clocks skip the whole span that day.
    """
    return Shift(
        advisor_id=advisor_id,
        starts_at=wall_clock(day, span.start, zone),
        ends_at=wall_clock(day + timedelta(days=int(span.past_midnight)), span.end, zone),
    )


def planned(shifts: Iterable[Shift], at: datetime) -> tuple[int, ...]:
    """The advisors planned at a moment, each once, in ascending order."""
    return tuple(sorted({shift.advisor_id for shift in shifts if shift.covers(at)}))


def next_change(shifts: Iterable[Shift], at: datetime) -> datetime | None:
    """The first moment after `at` when a shift starts or ends, in UTC; None after the last."""
    moments = (moment for shift in shifts for moment in (shift.starts_at, shift.ends_at) if moment > at)
    first = min(moments, default=None)
    return None if first is None else first.astimezone(UTC)


def gaps(
    shifts: Iterable[Shift], hours: OpeningHours, *, starts_at: datetime, ends_at: datetime, needed: int = 1
) -> tuple[Gap, ...]:
    """Where fewer than `needed` advisors are planned while the line is open, from `starts_at` to `ends_at`, in order.

    Neighbouring stretches with the same number planned are one gap.

    Raises:
        ValueError: a time without zone, the end not after the start, or `needed` under 1.
    """
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise ValueError("The period's times must carry a time zone.")
    if ends_at <= starts_at:
        raise ValueError("The period ends before it starts.")
    if needed < 1:
        raise ValueError(f"At least one advisor is needed, not {needed}.")
    all_shifts = [shift for shift in shifts if shift.starts_at < ends_at and shift.ends_at > starts_at]
    found: list[Gap] = []
    for opens_at, closes_at in _open_within(hours, starts_at, ends_at):
        moments = {moment for shift in all_shifts for moment in (shift.starts_at, shift.ends_at)}
        inside = sorted(moment.astimezone(UTC) for moment in moments if opens_at < moment < closes_at)
        for start, end in pairwise([opens_at, *inside, closes_at]):
            count = len(planned(all_shifts, start))
            if count >= needed:
                continue
            if found and found[-1].ends_at == start and found[-1].planned == count:
                start = found.pop().starts_at
            found.append(Gap(starts_at=start, ends_at=end, planned=count, needed=needed))
    return tuple(found)


def problems(shifts: Iterable[Shift], hours: OpeningHours) -> tuple[Problem, ...]:
    """What looks wrong in a roster, in order of time: an advisor twice at once, too long, or while all is closed."""
    ordered = sorted(shifts, key=lambda shift: (shift.starts_at, shift.ends_at, shift.advisor_id))
    busy_until: dict[int, datetime] = {}
    found: list[Problem] = []
    for shift in ordered:
        until = busy_until.get(shift.advisor_id)
        if until is not None and shift.starts_at < until:
            found.append(Problem(mistake=Mistake.OVERLAP, shift=shift))
        busy_until[shift.advisor_id] = shift.ends_at if until is None else max(until, shift.ends_at)
        if shift.ends_at - shift.starts_at > LONGEST_SHIFT:
            found.append(Problem(mistake=Mistake.TOO_LONG, shift=shift))
        if not any(_open_within(hours, shift.starts_at, shift.ends_at)):
            found.append(Problem(mistake=Mistake.OUTSIDE_HOURS, shift=shift))
    return tuple(found)


def _open_within(hours: OpeningHours, starts_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open periods between two moments, cut to them, in UTC."""
    first = starts_at.astimezone(hours.zone).date() - timedelta(days=1)
    for opens_at, closes_at in hours.periods(first, ends_at.astimezone(hours.zone).date()):
        start, end = max(opens_at, starts_at.astimezone(UTC)), min(closes_at, ends_at.astimezone(UTC))
        if start < end:
            yield start, end
