from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.erlang import Staffing, staffing, wait_estimate


def test_the_published_vector() -> None:
    found = staffing(arrivals_per_hour=200, handle_seconds=180, answer_within=20, advisors=14)
    assert found.wait_probability == pytest.approx(0.17413, abs=5e-6)
    assert found.service_level == pytest.approx(0.88835, abs=5e-6)
    assert found.average_wait_seconds == pytest.approx(7.836, abs=5e-4)
    assert found.occupancy == pytest.approx(0.7143, abs=5e-5)
    assert found.stable


@pytest.mark.parametrize(("arrivals", "occupancy"), [(40, 1.0), (60, 1.5)])
def test_more_work_than_the_advisors_can_do(arrivals: float, occupancy: float) -> None:
    found = staffing(arrivals_per_hour=arrivals, handle_seconds=180, answer_within=60, advisors=2)
    assert found == Staffing(wait_probability=1, service_level=0, average_wait_seconds=None, occupancy=occupancy)
    assert not found.stable


def test_a_silent_hour() -> None:
    found = staffing(arrivals_per_hour=0, handle_seconds=180, answer_within=0, advisors=1)
    assert found == Staffing(wait_probability=0, service_level=1, average_wait_seconds=0, occupancy=0)


def test_a_national_line_is_numerically_sound() -> None:
    found = staffing(arrivals_per_hour=99_000, handle_seconds=360, answer_within=60, advisors=10_000)
    assert 0 < found.wait_probability < 1
    assert found.service_level > 0.9
    assert found.occupancy == pytest.approx(0.99)


@given(load=st.floats(0.01, 30), spare=st.integers(1, 20), within=st.integers(0, 600))
def test_agrees_with_the_textbook_sum(load: float, spare: int, within: int) -> None:
    advisors = int(load) + spare
    top = load**advisors / factorial(advisors) * advisors / (advisors - load)
    waiting = top / (sum(load**number / factorial(number) for number in range(advisors)) + top)
    found = staffing(arrivals_per_hour=load * 20, handle_seconds=180, answer_within=within, advisors=advisors)
    assert found.wait_probability == pytest.approx(waiting, rel=1e-6, abs=1e-12)
    expected = 1 - waiting * exp(-(advisors - load) * within / 180)
    assert found.service_level == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert found.average_wait_seconds == pytest.approx(waiting * 180 / (advisors - load), rel=1e-6, abs=1e-9)


@given(arrivals=st.floats(0, 500), advisors=st.integers(1, 60))
def test_one_more_advisor_never_makes_it_worse(arrivals: float, advisors: int) -> None:
    fewer = staffing(arrivals_per_hour=arrivals, handle_seconds=300, answer_within=60, advisors=advisors)
    more = staffing(arrivals_per_hour=arrivals, handle_seconds=300, answer_within=60, advisors=advisors + 1)
    assert more.wait_probability <= fewer.wait_probability + 1e-12
    assert more.service_level >= fewer.service_level - 1e-12


@pytest.mark.parametrize(
    ("arrivals", "handle", "within", "advisors", "says"),
    [
        (-1, 180, 20, 1, "arrivals_per_hour"),
        (float("nan"), 180, 20, 1, "arrivals_per_hour"),
        (1, 0, 20, 1, "more than 0"),
        (1, float("inf"), 20, 1, "handle_seconds"),
        (1, 180, -1, 1, "answer_within"),
        (1, 180, 20, 0, "at least one advisor"),
    ],
)
def test_bad_input(arrivals: float, handle: float, within: float, advisors: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        staffing(arrivals_per_hour=arrivals, handle_seconds=handle, answer_within=within, advisors=advisors)


@pytest.mark.parametrize(("position", "advisors", "seconds"), [(1, 1, 600), (1, 3, 200), (4, 2, 1200), (1, 0, None)])
def test_wait_estimate(position: int, advisors: int, seconds: float | None) -> None:
    assert wait_estimate(position=position, advisors_on_duty=advisors, handle_seconds=600) == seconds


@pytest.mark.parametrize(
    ("position", "advisors", "handle", "says"),
    [(0, 1, 600, "first place"), (1, -1, 600, "advisors"), (1, 1, 0, "handle_seconds")],
)
def test_wait_estimate_bad_input(position: int, advisors: int, handle: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        wait_estimate(position=position, advisors_on_duty=advisors, handle_seconds=handle)
