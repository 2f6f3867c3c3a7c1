"""Bounds that records are narrowed down by: what lies on either side of one is everything, and nothing lies on both."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from helpline.core.hours import OSLO
from helpline.core.marks import BOUNDS, DIMENSIONS, matches
from helpline.core.record import Record

RECORDS = st.builds(
    Record,
    record_id=st.just("r"),
    # Over both changes of the clock.
    opened_at=st.integers(0, 24 * 365).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    channel=st.just("phone"),
    waited_seconds=st.none() | st.integers(0, 4000),
)


@given(record=RECORDS, seconds=st.integers(0, 4000))
def test_whoever_waited_is_on_one_side_of_a_wait_and_whoever_did_not_on_none(record: Record, seconds: int) -> None:
    sides = [matches(record, {bound: str(seconds)}, OSLO) for bound in ("waited_over", "waited_at_most")]
    assert sum(sides) == (record.waited_seconds is not None)
    if record.waited_seconds is not None:
        assert sides == [record.waited_seconds > seconds, record.waited_seconds <= seconds]


@given(record=RECORDS, first=st.integers(0, 24), last=st.integers(0, 24))
def test_hours_between_two_bounds_are_those_of_the_clock_on_the_wall(record: Record, first: int, last: int) -> None:
    within = {"from_hour": str(first), "before_hour": str(last), "channel": "phone"}
    of_hours = [matches(record, {"hour": str(hour)}, OSLO) for hour in range(first, last)]
    assert matches(record, within, OSLO) == any(of_hours)
    assert matches(record, {"from_hour": "0", "before_hour": "24"}, OSLO)
    assert not matches(record, within | {"channel": "sms"}, OSLO)


def test_a_bound_is_no_dimension() -> None:
    assert not set(BOUNDS) & set(DIMENSIONS)
