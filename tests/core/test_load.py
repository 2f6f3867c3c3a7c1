"""The load on advisors: seconds by what they went to, whatever the course of duty, and that they add up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.duty import Duty, PauseReason
from helpline.core.load import DutyStep, Hours, Load, conversation, hours

NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def step(minutes: float, duty: Duty, reason: PauseReason | None = None) -> DutyStep:
    return DutyStep(at=at(minutes), duty=duty, pause_reason=reason)


MORNING = (
    step(0, Duty.ON),
    step(10, Duty.BUSY),
    step(40, Duty.WRAP_UP),
    step(50, Duty.ON),
    step(60, Duty.PAUSE, PauseReason.BREAK),
    step(75, Duty.ON),
    step(80, Duty.PAUSE, PauseReason.MISSED_OFFER),
    step(82, Duty.ON),
    step(120, Duty.OFF),
)


def test_a_morning_by_what_it_went_to() -> None:
    found = hours(MORNING, begins=NINE, ends=at(600))
    assert (found.ready, found.busy, found.wrap_up) == (63 * 60, 30 * 60, 10 * 60)
    assert found.pauses == {PauseReason.BREAK: 15 * 60, PauseReason.MISSED_OFFER: 2 * 60}
    assert found.on_duty == 120 * 60
    # Pauses are in neither part of it.
    assert found.occupancy == pytest.approx(40 / 103)


def test_a_period_cuts_what_reaches_over_its_ends() -> None:
    found = hours(MORNING, begins=at(20), ends=at(65))
    assert (found.ready, found.busy, found.wrap_up, found.paused) == (600, 1200, 600, 300)
    # Somebody who never went off counts up to the end, which is never later than now.
    assert hours(MORNING[:2], begins=at(5), ends=at(30)).busy == 20 * 60


def test_nothing_is_no_occupancy() -> None:
    for course in ((), (step(0, Duty.OFF),), (step(0, Duty.PAUSE, PauseReason.MEETING),)):
        assert hours(course, begins=NINE, ends=at(60)).occupancy is None
    assert hours((step(0, Duty.PAUSE),), begins=NINE, ends=at(1)).pauses == {PauseReason.OTHER: 60}
    assert Load().idle
    assert not Load(missed=1).idle


def test_a_course_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="comes before the one it follows"):
        hours((step(10, Duty.ON), step(5, Duty.OFF)), begins=NINE, ends=at(60))


courses = st.lists(
    st.tuples(st.integers(0, 600), st.sampled_from(Duty), st.sampled_from([None, *PauseReason])), max_size=12
).map(lambda found: [step(*one) for one in sorted(found, key=lambda one: one[0])])


@given(course=courses, cuts=st.tuples(st.integers(0, 600), st.integers(0, 600), st.integers(0, 600)).map(sorted))
def test_parts_of_a_period_add_up_to_the_whole(course: list[DutyStep], cuts: list[int]) -> None:
    begins, middle, ends = (at(minutes) for minutes in cuts)
    whole = hours(course, begins=begins, ends=ends)
    assert hours(course, begins=begins, ends=middle) + hours(course, begins=middle, ends=ends) == whole
    assert 0 <= whole.on_duty <= (ends - begins).total_seconds()
    assert whole.occupancy is None or 0 <= whole.occupancy <= 1


@given(course=courses)
def test_every_minute_counts_as_what_stood_in_it(course: list[DutyStep]) -> None:
    # Worked out slowly: minute by minute, each as the last change before its middle.
    slow: dict[Duty, int] = {}
    for minute in range(600):
        standing = [one for one in course if one.at <= at(minute)]
        duty = standing[-1].duty if standing else Duty.OFF
        slow[duty] = slow.get(duty, 0) + 60
    found = hours(course, begins=NINE, ends=at(600))
    assert found.ready == slow.get(Duty.ON, 0)
    assert found.busy == slow.get(Duty.BUSY, 0)
    assert found.wrap_up == slow.get(Duty.WRAP_UP, 0)
    assert found.paused == slow.get(Duty.PAUSE, 0)


def test_loads_add_up() -> None:
    one = Load(hours=Hours(busy=60), attended=2, calls=1, call_seconds=50, missed=1, accepted=2)
    other = Load(hours=Hours(ready=60, pauses={PauseReason.BREAK: 5}), attended=1, passed=3)
    both = one + other
    assert both == Load(
        hours=Hours(ready=60, busy=60, pauses={PauseReason.BREAK: 5}),
        attended=3,
        calls=1,
        call_seconds=50,
        missed=1,
        passed=3,
        accepted=2,
    )


def test_how_long_they_talked() -> None:
    assert conversation(answered_at=at(5), ended_at=at(25), leg_ended_at=None) == 1200
    # Rung back: the caller's own call was over long before.
    assert conversation(answered_at=at(30), ended_at=at(3), leg_ended_at=at(40)) == 600
    assert conversation(answered_at=None, ended_at=at(3), leg_ended_at=None) is None
    assert conversation(answered_at=at(30), ended_at=at(3), leg_ended_at=None) is None
