"""Is the rise real: against published vectors, and against sums worked out slowly in whole fractions."""

import random
from fractions import Fraction
from math import comb, exp, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.core.trend import (
    FEWEST,
    LEVEL,
    Verdict,
    change,
    changes,
    holm,
    share_change,
    share_interval,
)

counts = st.integers(0, 60)
lengths = st.integers(1, 400)


def test_the_vector_that_was_published_with_the_method() -> None:
    # Fay, Testing the Ratio of Two Poisson Rates: made so that p lies just above 5 % and the interval just holds 1.
    found = change(2, 9, exposure_now=17877, exposure_before=16660)
    assert found.ratio == pytest.approx(0.2070941557, abs=5e-11)
    assert found.rate_now == pytest.approx(0.0001118756, abs=5e-11)
    assert found.rate_before == pytest.approx(0.0005402161, abs=5e-11)
    assert found.p == pytest.approx(0.05011, abs=5e-6)
    assert (found.low, found.high) == pytest.approx((0.02177406, 1.00054910), abs=5e-9)
    assert found.verdict is Verdict.NO_CLEAR_CHANGE


def test_another_published_interval() -> None:
    # The example of two rates in the manual of R's poisson.test.
    found = change(11, 6 + 8 + 7, exposure_now=800, exposure_before=1083 + 1050 + 878)
    assert found.ratio == pytest.approx(1.971488, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((0.8584264, 4.2772659), abs=5e-8)


# The second table of Newcombe's paper, method 10.
NEWCOMBE = (
    ((56, 70, 48, 80), 0.0524, 0.3339),
    ((9, 10, 3, 10), 0.1705, 0.8090),
    ((6, 7, 2, 7), 0.0582, 0.8062),
    ((5, 56, 0, 29), -0.0381, 0.1926),
    ((0, 10, 0, 20), -0.1611, 0.2775),
    ((0, 10, 0, 10), -0.2775, 0.2775),
    ((10, 10, 0, 20), 0.6791, 1.0),
    ((10, 10, 0, 10), 0.6075, 1.0),
)


def test_newcombes_own_examples() -> None:
    for shares, low, high in NEWCOMBE:
        found = share_change(*shares)
        assert found is not None
        assert (round(found.low, 4), round(found.high, 4)) == (low, high), shares
        assert found.clear == (low > 0), shares


def test_a_share_of_nothing_is_not_compared() -> None:
    assert share_change(0, 0, 1, 2) is None
    assert share_change(1, 2, 0, 0) is None
    with pytest.raises(ValueError, match="3 of 2 is no share"):
        share_change(3, 2, 1, 2)


def test_what_is_said_of_a_change() -> None:
    days = {"exposure_now": 30, "exposure_before": 30}
    assert change(80, 40, **days).verdict is Verdict.RISE
    assert change(40, 80, **days).verdict is Verdict.FALL
    assert change(44, 40, **days).verdict is Verdict.NO_CLEAR_CHANGE
    # Nine to nothing would be no chance, but is still only nine.
    assert change(FEWEST - 1, 0, **days).verdict is Verdict.TOO_FEW
    assert change(FEWEST, 0, **days).verdict is Verdict.RISE
    # Twice as many in twice the time is no rise.
    assert change(80, 40, exposure_now=60, exposure_before=30).verdict is Verdict.NO_CLEAR_CHANGE
    assert change(40, 40, exposure_now=60, exposure_before=20).verdict is Verdict.FALL


def test_where_nothing_was_counted() -> None:
    none = change(0, 0, exposure_now=7, exposure_before=7)
    assert (none.ratio, none.low, none.high, none.p, none.verdict) == (None, 0, None, 1, Verdict.TOO_FEW)
    new = change(12, 0, exposure_now=7, exposure_before=7)
    assert new.ratio is None
    assert new.high is None
    assert new.low > 1
    gone = change(0, 12, exposure_now=7, exposure_before=7)
    assert (gone.ratio, gone.low) == (0, 0)
    assert gone.high is not None
    assert gone.high < 1


def test_what_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="count must not be negative"):
        change(-1, 0, exposure_now=1, exposure_before=1)
    for exposure in (0, -1, inf, nan):
        with pytest.raises(ValueError, match="exposure must be a positive number"):
            change(1, 1, exposure_now=1, exposure_before=exposure)
    for part, whole in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="is no share"):
            share_interval(part, whole)


def tails(now: int, both: int, p: Fraction) -> tuple[Fraction, Fraction]:
    """How likely at most, and at least, `now` of `both` are: the sums, in whole fractions."""
    weights = [comb(both, k) * p**k * (1 - p) ** (both - k) for k in range(both + 1)]
    return sum(weights[: now + 1], Fraction(0)), sum(weights[now:], Fraction(0))


def end(now: int, both: int, *, upper: bool) -> Fraction:
    """An end of the exact interval, found by halving."""
    low, high = Fraction(0), Fraction(1)
    for _ in range(26):
        middle = (low + high) / 2
        at_most, at_least = tails(now, both, middle)
        inside = at_most > Fraction(1, 40) if upper else at_least < Fraction(1, 40)
        low, high = (middle, high) if inside else (low, middle)
    return (low + high) / 2


@settings(max_examples=60, deadline=None)
@given(now=st.integers(0, 25), before=st.integers(0, 25), long=lengths, long_before=lengths)
def test_agrees_with_the_slow_sum(now: int, before: int, long: int, long_before: int) -> None:
    found = change(now, before, exposure_now=long, exposure_before=long_before)
    both = now + before
    at_most, at_least = tails(now, both, Fraction(long, long + long_before))
    assert found.p == pytest.approx(float(min(Fraction(1), 2 * min(at_most, at_least))), rel=1e-9, abs=1e-12)
    if not both:
        return
    low, high = share_interval(now, both)
    assert low == pytest.approx(float(end(now, both, upper=False)) if now else 0, abs=1e-7)
    assert high == pytest.approx(float(end(now, both, upper=True)) if before else 1, abs=1e-7)


@given(now=counts, before=counts, long=lengths, long_before=lengths)
def test_the_interval_holds_the_ratio_and_leaves_one_out_when_it_is_clear(
    now: int, before: int, long: int, long_before: int
) -> None:
    found = change(now, before, exposure_now=long, exposure_before=long_before)
    high = inf if found.high is None else found.high
    if found.ratio is not None:
        assert found.low <= found.ratio * (1 + 1e-9)
        assert found.ratio <= high * (1 + 1e-9)
    if abs(found.p - LEVEL) > 1e-9:
        assert (found.p < LEVEL) == (not found.low <= 1 <= high)
    if found.verdict in (Verdict.RISE, Verdict.FALL):
        assert (found.low > 1) == (found.verdict is Verdict.RISE)


@given(now=counts, before=counts, long=lengths, long_before=lengths)
def test_time_turned_round_turns_the_verdict_round(now: int, before: int, long: int, long_before: int) -> None:
    there = change(now, before, exposure_now=long, exposure_before=long_before)
    back = change(before, now, exposure_now=long_before, exposure_before=long)
    turned = {Verdict.RISE: Verdict.FALL, Verdict.FALL: Verdict.RISE}
    assert back.verdict is turned.get(there.verdict, there.verdict)
    assert back.p == pytest.approx(there.p, rel=1e-9)
    if there.low and back.high is not None:
        assert back.high == pytest.approx(1 / there.low, rel=1e-6)


@given(now=counts, before=counts, longer=st.integers(1, 9))
def test_only_the_ratio_of_the_lengths_matters(now: int, before: int, longer: int) -> None:
    one = change(now, before, exposure_now=3, exposure_before=7)
    other = change(now, before, exposure_now=3 * longer, exposure_before=7 * longer)
    assert other.verdict is one.verdict
    assert other.p == pytest.approx(one.p)
    assert other.low == pytest.approx(one.low)


@given(
    st.tuples(counts, counts, counts, counts).filter(lambda found: found[0] + found[1] > 0 and found[2] + found[3] > 0)
)
def test_the_difference_of_shares_lies_in_its_interval_and_turns_round(found: tuple[int, int, int, int]) -> None:
    part, rest, part_before, rest_before = found
    there = share_change(part, part + rest, part_before, part_before + rest_before)
    back = share_change(part_before, part_before + rest_before, part, part + rest)
    assert there is not None
    assert back is not None
    assert -1 <= there.low <= there.difference + 1e-12
    assert there.difference - 1e-12 <= there.high <= 1
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))


def test_a_national_line_is_numerically_sound() -> None:
    found = change(5_000_000, 5_010_000, exposure_now=365, exposure_before=365)
    # At such numbers the logarithm of the ratio is as good as normal.
    reach = 1.959963984540054 * (1 / 5_000_000 + 1 / 5_010_000) ** 0.5
    assert found.ratio is not None
    assert found.ratio == pytest.approx(0.998004, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((found.ratio * exp(-reach), found.ratio * exp(reach)), abs=1e-6)
    assert found.verdict is Verdict.FALL


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )
    assert holm({"a": 0.4, "b": 0.9}) == pytest.approx({"a": 0.8, "b": 0.9})
    assert holm({}) == {}


@given(st.dictionaries(st.integers(), st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_never_makes_anything_clearer(p_values: dict[int, float]) -> None:
    raised = holm(p_values)
    assert list(raised) == list(p_values)
    for key, p in p_values.items():
        assert p <= raised[key] <= min(1, len(p_values) * p) or raised[key] == pytest.approx(
            max(raised[other] for other in p_values if p_values[other] <= p)
        )
        assert all(raised[other] <= raised[key] for other in p_values if p_values[other] < p)


def test_one_line_of_many_must_be_clearer_than_one_alone() -> None:
    days = {"exposure_now": 30, "exposure_before": 30}
    alone = change(40, 22, **days)
    assert alone.verdict is Verdict.RISE
    table = {"rights": (40, 22), **{f"topic {place}": (20, 20) for place in range(9)}, "few": (5, 0)}
    found = changes(table, **days)
    assert list(found) == list(table)
    assert found["rights"].verdict is Verdict.NO_CLEAR_CHANGE
    # Ten were compared: what is too few is not among them.
    assert found["rights"].p == pytest.approx(10 * alone.p)
    assert (found["rights"].low, found["rights"].high) == (alone.low, alone.high)
    assert found["few"].verdict is Verdict.TOO_FEW
    assert changes({"rights": (40, 22)}, **days)["rights"] == alone


def test_false_alarms_are_held_where_nothing_has_changed() -> None:
    # Two hundred tables of fifteen lines in which nothing changed. One at a time some line of every third table would
    # look clear; together at most every twentieth may.
    chance = random.Random(20261126)
    alarms = one_at_a_time = 0
    for _ in range(200):
        heads = [chance.getrandbits(60).bit_count() for _ in range(15)]
        found = changes({line: (now, 60 - now) for line, now in enumerate(heads)}, exposure_now=30, exposure_before=30)
        alarms += any(one.verdict is not Verdict.NO_CLEAR_CHANGE for one in found.values())
        one_at_a_time += any(not one.low <= 1 <= (one.high or inf) for one in found.values())
    assert one_at_a_time > 50
    assert alarms <= 10
