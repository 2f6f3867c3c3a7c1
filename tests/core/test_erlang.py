from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.erlang import Staffing, advisors_needed, staffing, wait_estimate, wait_of


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


@pytest.mark.parametrize(
    ("load", "advisors", "waiting"),
    [
        # M/M/1 waits with probability ρ, M/M/2 with 2ρ²/(1 + ρ): closed forms of every textbook.
        (0.5, 1, 0.5),
        (0.9, 1, 0.9),
        (1.0, 2, 1 / 3),
        (1.5, 2, 2 * 0.75**2 / 1.75),
        # M/M/3 with load 2: 4/9. From the tables of Erlang C: 8 erlang on 10.
        (2.0, 3, 4 / 9),
        (8.0, 10, 0.40918),
    ],
)
def test_known_queues(load: float, advisors: int, waiting: float) -> None:
    found = staffing(arrivals_per_hour=load * 10, handle_seconds=360, answer_within=0, advisors=advisors)
    assert found.wait_probability == pytest.approx(waiting, abs=5e-6)
    assert found.average_wait_seconds == pytest.approx(waiting * 360 / (advisors - load), abs=2e-2)


@pytest.mark.parametrize(("load", "advisors"), [(0.3, 1), (2.5, 4), (10.0, 14), (27.0, 30)])
def test_agrees_with_the_balance_of_the_chain(load: float, advisors: int) -> None:
    # Written differently: the stationary distribution of the birth-death chain, solved as linear equations.
    states = 900
    rates = np.zeros((states, states))
    for number in range(states - 1):
        rates[number, number + 1] = load
        rates[number + 1, number] = min(number + 1, advisors)
    rates -= np.diag(rates.sum(axis=1))
    equations = np.vstack([rates.T, np.ones(states)])
    chain = np.linalg.lstsq(equations, np.append(np.zeros(states), 1.0), rcond=None)[0]
    found = staffing(arrivals_per_hour=load, handle_seconds=3600, answer_within=0, advisors=advisors)
    assert found.wait_probability == pytest.approx(chain[advisors:].sum(), rel=1e-6)
    queue = sum((number - advisors) * chain[number] for number in range(advisors, states))
    # Little: those who wait = arrivals × wait.
    assert found.average_wait_seconds == pytest.approx(3600 * queue / load, rel=1e-5)


@given(load=st.floats(0.05, 20), spare=st.integers(1, 5), share=st.floats(0, 0.99))
def test_the_wait_of_a_share_is_what_that_share_does_not_exceed(load: float, spare: int, share: float) -> None:
    advisors = int(load) + spare
    line = {"arrivals_per_hour": load * 12, "handle_seconds": 300.0}
    wait = wait_of(share, advisors=advisors, **line)
    assert wait is not None
    within = staffing(answer_within=wait, advisors=advisors, **line).service_level
    if wait:
        assert within == pytest.approx(share, abs=1e-9)
    else:
        assert within >= share - 1e-9


def test_the_wait_of_a_line_that_never_settles_is_none() -> None:
    assert wait_of(0.5, arrivals_per_hour=24, handle_seconds=300, advisors=2) is None
    # Two in three need not wait at all, so the median is 0.
    assert wait_of(0.5, arrivals_per_hour=12, handle_seconds=300, advisors=2) == 0
    with pytest.raises(ValueError, match="share"):
        wait_of(1, arrivals_per_hour=12, handle_seconds=300, advisors=2)


@given(load=st.floats(0, 30), within=st.integers(0, 300), level=st.floats(0, 0.99))
def test_as_few_as_do_it(load: float, within: int, level: float) -> None:
    line = {"arrivals_per_hour": load * 12, "handle_seconds": 300.0, "answer_within": float(within)}
    needed = advisors_needed(service_level=level, **line)
    assert staffing(advisors=needed, **line).service_level >= level
    if needed > 1:
        fewer = staffing(advisors=needed - 1, **line)
        assert fewer.service_level < level or not fewer.stable


def test_no_staff_answers_everyone() -> None:
    with pytest.raises(ValueError, match="service_level"):
        advisors_needed(arrivals_per_hour=1, handle_seconds=300, answer_within=60, service_level=1)


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
