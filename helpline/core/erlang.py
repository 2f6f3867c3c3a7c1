"""How many advisors a line needs, and how long a caller may expect to wait.

Erlang C is the M/M/s queue: calls come at random, conversations last at random, nobody gives up. Real callers do give
up, so it errs on the side of more advisors.
"""

from dataclasses import dataclass
from math import ceil, exp, isfinite, log


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """What a number of advisors gives.

    An unstable line (`occupancy` 1 or more) gets more work than its advisors can do: everyone waits, the queue grows
    without end, and `average_wait_seconds` is None because there is no average to name.
    """

    #: Share of callers who must wait at all, 0–1.
    wait_probability: float
    #: Share answered within the threshold, 0–1.
    service_level: float
    #: Mean wait over all callers, those who need not wait among them.
    average_wait_seconds: float | None
    #: Work offered to each advisor, 1 being every minute of the hour.
    occupancy: float

    @property
    def stable(self) -> bool:
        """Whether the advisors can do the work that comes."""
        return self.occupancy < 1


def staffing(*, arrivals_per_hour: float, handle_seconds: float, answer_within: float, advisors: int) -> Staffing:
    """Erlang C for a number of advisors.

    Args:
        arrivals_per_hour: contacts that want an advisor.
        handle_seconds: mean conversation and wrap-up.
        answer_within: threshold of the service level in seconds.
        advisors: how many are on duty, at least 1.

    Raises:
        ValueError: a number is negative or not finite, `handle_seconds` is 0, or there is no advisor.
    """
    for name, value in (
        ("arrivals_per_hour", arrivals_per_hour),
        ("handle_seconds", handle_seconds),
        ("answer_within", answer_within),
    ):
        if not isfinite(value) or value < 0:
            raise ValueError(f"{name} must be a number that is not negative, not {value}.")
    if handle_seconds == 0:
        raise ValueError("handle_seconds must be more than 0.")
    if advisors < 1:
        raise ValueError(f"There must be at least one advisor, not {advisors}.")
    load = arrivals_per_hour * handle_seconds / 3600
    occupancy = load / advisors
    if occupancy >= 1:
        return Staffing(wait_probability=1.0, service_level=0.0, average_wait_seconds=None, occupancy=occupancy)
    waiting = _wait_probability(load, advisors)
    free = advisors - load
    return Staffing(
        wait_probability=waiting,
        service_level=1 - waiting * exp(-free * answer_within / handle_seconds),
        average_wait_seconds=waiting * handle_seconds / free,
        occupancy=occupancy,
    )


def wait_of(share: float, *, arrivals_per_hour: float, handle_seconds: float, advisors: int) -> float | None:
    """The wait in seconds that a share of all callers does not exceed: `wait_of(0.5, …)` is the median wait.

    0 where at least that many need not wait at all; None on an unstable line, whose waits grow without end.

    Raises:
        ValueError: `share` is not at least 0 and under 1, or a number as `staffing` refuses it.
    """
    if not 0 <= share < 1:
        raise ValueError(f"share must be at least 0 and under 1, not {share}.")
    found = staffing(
        arrivals_per_hour=arrivals_per_hour, handle_seconds=handle_seconds, answer_within=0, advisors=advisors
    )
    if not found.stable:
        return None
    if found.wait_probability <= 1 - share:
        return 0.0
    free = advisors - arrivals_per_hour * handle_seconds / 3600
    return handle_seconds / free * log(found.wait_probability / (1 - share))


def advisors_needed(
    *, arrivals_per_hour: float, handle_seconds: float, answer_within: float, service_level: float
) -> int:
    """The fewest advisors with whom a share of callers is answered within the threshold.

    Raises:
        ValueError: `service_level` is not under 1 and at least 0, or a number as `staffing` refuses it.
    """
    if not 0 <= service_level < 1:
        raise ValueError(f"service_level must be at least 0 and under 1, not {service_level}.")
    advisors = max(1, ceil(arrivals_per_hour * handle_seconds / 3600))
    while (
        staffing(
            arrivals_per_hour=arrivals_per_hour,
            handle_seconds=handle_seconds,
            answer_within=answer_within,
            advisors=advisors,
        ).service_level
        < service_level
    ):
        advisors += 1
    return advisors


def _wait_probability(load: float, advisors: int) -> float:
    # Erlang B by its recurrence, which stays between 0 and 1 where factorials overflow; then Erlang C from it.
    blocked = 1.0
    for number in range(1, advisors + 1):
        blocked = load * blocked / (number + load * blocked)
    occupancy = load / advisors
    return blocked / (1 - occupancy * (1 - blocked))


def wait_estimate(*, position: int, advisors_on_duty: int, handle_seconds: float) -> float | None:
    """The wait to expect at a place in the queue, in seconds, when every advisor on duty is busy.

    With a mean conversation of `handle_seconds` one of `advisors_on_duty` becomes free every `handle_seconds` ÷
    `advisors_on_duty` seconds, and the caller at place `position` (1 is next) needs that many to become free. None when
    nobody is on duty: then there is no honest number to say.

    Raises:
        ValueError: `position` under 1, a negative number of advisors, or `handle_seconds` not a positive number.
    """
    if position < 1:
        raise ValueError(f"The first place in the queue is 1, not {position}.")
    if advisors_on_duty < 0:
        raise ValueError(f"The number of advisors must not be negative, not {advisors_on_duty}.")
    if not isfinite(handle_seconds) or handle_seconds <= 0:
        raise ValueError(f"handle_seconds must be a positive number, not {handle_seconds}.")
    return position * handle_seconds / advisors_on_duty if advisors_on_duty else None
