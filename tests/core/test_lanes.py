"""Packed counts: the same again when unpacked, and sums of packed ones are packed sums."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from helpline.core.lanes import (
    DENSE_BELOW,
    as_text,
    from_text,
    one_sum,
    pack_seconds,
    pack_sums,
    unpack_seconds,
    unpack_sums,
)
from helpline.core.marks import SUMS

HISTOGRAMS = st.dictionaries(st.integers(0, DENSE_BELOW - 1), st.integers(1, 2**31 - 1), max_size=20)
AMOUNTS = st.dictionaries(st.sampled_from(SUMS), st.integers(1, 2**47 - 1), max_size=20)


@given(HISTOGRAMS, HISTOGRAMS)
def test_histograms_add_up_packed_and_come_back_ascending(one: dict[int, int], other: dict[int, int]) -> None:
    whole = unpack_seconds(from_text(as_text(pack_seconds(one) + pack_seconds(other))))
    assert whole == dict(Counter(one) + Counter(other))
    assert list(whole) == sorted(whole)


@given(AMOUNTS, AMOUNTS)
def test_sums_add_up_packed(one: dict[str, int], other: dict[str, int]) -> None:
    packed = pack_sums(one) + pack_sums(other)
    expected = Counter(one) + Counter(other)
    assert unpack_sums(packed) == dict(expected)
    for mark in SUMS:
        assert one_sum(packed, mark) == expected[mark]


def test_what_is_not_packed_is_nought_there() -> None:
    assert one_sum(pack_sums({"contacts": 3}), "wait:37") == 0
    assert not unpack_seconds(0)
    assert not unpack_sums(0)
    assert len(set(SUMS)) == len(SUMS)
