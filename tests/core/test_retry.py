from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.retry import GIVE_UP_AFTER, LAST_ATTEMPT, LONGEST_WAIT, next_try

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "retry_after", "jitter", "seconds"),
    [
        (1, None, 0.5, 5),
        (2, None, 0.5, 10),
        (5, None, 0.5, 80),
        (10, None, 0.5, 2560),
        (11, None, 0.5, 3600),
        (20, None, 0.5, 3600),
        (1, None, 0.0, 3.75),
        (1, None, 1.0, 6.25),
        (1, 30, 0.0, 30),
        (11, 30, 0.5, 3600),
        (1, 7200, 0.5, 7200),
    ],
)
def test_next_try(attempt: int, retry_after: int | None, jitter: float, seconds: float) -> None:
    asked = None if retry_after is None else timedelta(seconds=retry_after)
    assert next_try(attempt, now=NOW, retry_after=asked, jitter=jitter) == NOW + timedelta(seconds=seconds)


def test_gives_up_after_about_a_day() -> None:
    at, attempt = NOW, 1
    while (again := next_try(attempt, now=at, retry_after=None, jitter=0.5)) is not None:
        at, attempt = again, attempt + 1
    assert attempt == LAST_ATTEMPT
    assert GIVE_UP_AFTER - LONGEST_WAIT < at - NOW <= GIVE_UP_AFTER


def test_gives_up_when_the_provider_asks_for_more_than_a_day() -> None:
    assert next_try(1, now=NOW, retry_after=timedelta(hours=24, seconds=1), jitter=0.5) is None
    assert next_try(1, now=NOW, retry_after=timedelta(hours=24), jitter=0.5) == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("attempt", "retry_after", "jitter", "now", "says"),
    [
        (0, None, 0.5, NOW, "attempt"),
        (1, None, 1.5, NOW, "jitter"),
        (1, timedelta(seconds=-1), 0.5, NOW, "retry_after"),
        (1, None, 0.5, NOW.replace(tzinfo=None), "time zone"),
    ],
)
def test_bad_input(attempt: int, retry_after: timedelta | None, jitter: float, now: datetime, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        next_try(attempt, now=now, retry_after=retry_after, jitter=jitter)


@given(
    attempt=st.integers(1, 10**6),
    asked=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)),
    jitter=st.floats(0, 1),
)
def test_never_sooner_than_asked_and_never_at_once(attempt: int, asked: timedelta | None, jitter: float) -> None:
    again = next_try(attempt, now=NOW, retry_after=asked, jitter=jitter)
    if again is not None:
        assert again - NOW >= max(asked or timedelta(0), timedelta(seconds=3))
        assert again - NOW <= max(asked or timedelta(0), LONGEST_WAIT * 1.25)
