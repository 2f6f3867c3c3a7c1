"""When a failed sending is tried again.

The wait doubles from a few seconds to an hour; after about a day we give up, and the advisor is told. What the provider
itself asks for is always respected.
"""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)

#: Share of a wait that chance may add or take, so that what failed together does not return together.
JITTER_SHARE = 0.25


def _wait(attempt: int) -> timedelta:
    # Beyond 2**30 every wait is the longest one; the cap on the exponent keeps the number small.
    return min(FIRST_WAIT * (1 << min(attempt - 1, 30)), LONGEST_WAIT)


def _attempts_in_a_day() -> int:
    attempts, passed = 1, timedelta(0)
    while passed + _wait(attempts) <= GIVE_UP_AFTER:
        passed += _wait(attempts)
        attempts += 1
    return attempts


#: The attempt after which we give up, when the provider asks for no longer waits.
LAST_ATTEMPT = _attempts_in_a_day()


def next_try(attempt: int, *, now: datetime, retry_after: timedelta | None, jitter: float) -> datetime | None:
    """When to try again after `attempt` failed attempts (1 after the first), or None when it is time to give up.

    Args:
        attempt: how many attempts have failed.
        now: the moment of the last failure, aware.
        retry_after: the wait the provider asked for, never cut short. Longer than a day means giving up.
        jitter: a number from 0 to 1 drawn by the caller, 0.5 for none; it moves the wait up to a quarter either way.

    Raises:
        ValueError: `attempt` under 1, `jitter` outside 0–1, a negative `retry_after`, or `now` without a time zone.
    """
    if attempt < 1:
        raise ValueError(f"attempt counts from 1, not {attempt}.")
    if not 0 <= jitter <= 1:
        raise ValueError(f"jitter must lie between 0 and 1, not {jitter}.")
    if now.tzinfo is None:
        raise ValueError("now must carry a time zone.")
    asked = retry_after if retry_after is not None else timedelta(0)
    if asked < timedelta(0):
        raise ValueError("retry_after must not be negative.")
    if attempt >= LAST_ATTEMPT or asked > GIVE_UP_AFTER:
        return None
    wait = _wait(attempt) * (1 + JITTER_SHARE * (2 * jitter - 1))
    return now + max(wait, asked)
