"""The load on advisors: how long they were on duty and with what, from the course of their duty.

Occupancy is the time with contacts and their records ÷ the time that could have been used for them, so pauses are in
neither. It says how close to the limit a line runs, not how good anybody is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from helpline.core.duty import Duty, PauseReason


@dataclass(frozen=True, kw_only=True)
class DutyStep:
    """From `at` on an advisor's duty is this; an aware time."""

    at: datetime
    duty: Duty
    pause_reason: PauseReason | None = None


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Seconds on duty by what they went to. They add up: those of a team are the sum of its advisors'."""

    ready: float = 0
    busy: float = 0
    wrap_up: float = 0
    pauses: Mapping[PauseReason, float] = field(default_factory=dict)

    @property
    def paused(self) -> float:
        """Seconds of pause, of whatever reason."""
        return sum(self.pauses.values())

    @property
    def on_duty(self) -> float:
        """Seconds on duty, pauses among them."""
        return self.ready + self.busy + self.wrap_up + self.paused

    @property
    def occupancy(self) -> float | None:
        """The share of the time without pauses that went to contacts and records, 0–1; None without any such time."""
        at_work = self.ready + self.busy + self.wrap_up
        return (self.busy + self.wrap_up) / at_work if at_work else None

    def __add__(self, other: "Hours") -> "Hours":
        return Hours(
            ready=self.ready + other.ready,
            busy=self.busy + other.busy,
            wrap_up=self.wrap_up + other.wrap_up,
            pauses={
                reason: self.pauses.get(reason, 0) + other.pauses.get(reason, 0)
                for reason in PauseReason
                if reason in self.pauses or reason in other.pauses
            },
        )


def hours(course: Iterable[DutyStep], *, begins: datetime, ends: datetime) -> Hours:
    """What one advisor's duty amounts to between two moments.

    Args:
        course: the changes of duty in order of time. The last one before `begins` says what it was then; before the
            first one the advisor was off.
        begins: aware.
        ends: aware; the moment up to which it is counted, so never later than now.

    Raises:
        ValueError: the changes are not in order of time.
    """
    steps = list(course)
    for earlier, later in pairwise(steps):
        if later.at < earlier.at:
            raise ValueError(f"The change of duty at {later.at.isoformat()} comes before the one it follows.")
    spent: dict[Duty, float] = {}
    pauses: dict[PauseReason, float] = {}
    for place, step in enumerate(steps):
        until = min(ends, steps[place + 1].at) if place + 1 < len(steps) else ends
        seconds = max(0.0, (until - max(step.at, begins)).total_seconds())
        if step.duty is Duty.PAUSE:
            reason = step.pause_reason or PauseReason.OTHER
            pauses[reason] = pauses.get(reason, 0) + seconds
        else:
            spent[step.duty] = spent.get(step.duty, 0) + seconds
    return Hours(
        ready=spent.get(Duty.ON, 0),
        busy=spent.get(Duty.BUSY, 0),
        wrap_up=spent.get(Duty.WRAP_UP, 0),
        pauses={reason: pauses[reason] for reason in PauseReason if pauses.get(reason)},
    )


@dataclass(frozen=True, kw_only=True)
class Load:
    """What an advisor, or a team, had to do in a period. Loads add up."""

    hours: Hours = field(default_factory=Hours)
    #: Contacts that were accepted and are theirs, or ended as theirs: one that was handed over is the last one's.
    attended: int = 0
    #: Telephone calls whose length is known, and their seconds together.
    calls: int = 0
    call_seconds: float = 0
    #: Offers that ran out or whose telephone was not picked up, those passed on, and those accepted.
    missed: int = 0
    passed: int = 0
    accepted: int = 0

    @property
    def idle(self) -> bool:
        """Whether there is nothing at all to tell."""
        return not (self.hours.on_duty or self.attended or self.missed or self.passed or self.accepted)

    def __add__(self, other: "Load") -> "Load":
        return Load(
            hours=self.hours + other.hours,
            attended=self.attended + other.attended,
            calls=self.calls + other.calls,
            call_seconds=self.call_seconds + other.call_seconds,
            missed=self.missed + other.missed,
            passed=self.passed + other.passed,
            accepted=self.accepted + other.accepted,
        )


def conversation(
    *, answered_at: datetime | None, ended_at: datetime | None, leg_ended_at: datetime | None
) -> float | None:
    """Seconds that caller and advisor talked, None when that is not known.

    Whoever asked to be rung back hung up before the conversation, so its end is that of the call we placed.
    """
    for end in (ended_at, leg_ended_at):
        if answered_at is not None and end is not None and end > answered_at:
            return (end - answered_at).total_seconds()
    return None
