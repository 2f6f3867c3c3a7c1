"""Many counts side by side in one whole number, so that adding two of them adds all at once.

Adding up the days of a year is then as fast for millions of contacts as for thousands: it no longer matters how many
different marks or seconds occur. Nothing is rounded. Histograms by whole seconds and the sums of a cell are kept so.
"""

import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping
from zlib import compress, decompress

from helpline.core.marks import SUMS

#: Two hours: nearly every wait and every conversation ends before. Later seconds are few and stay apart.
DENSE_BELOW = 7200
_LANE = 4
_TYPE = next(code for code in "IL" if array(code).itemsize == _LANE)

#: Bits for one sum: seconds of millions of conversations fit many times over.
_WIDTH = 48
_FULL = (1 << _WIDTH) - 1
_SHIFT = {mark: place * _WIDTH for place, mark in enumerate(SUMS)}


def pack_sums(sums: Mapping[str, int]) -> int:
    """Sums of the marks in `SUMS`, each below 2⁴⁸."""
    return sum(amount << _SHIFT[mark] for mark, amount in sums.items())


def unpack_sums(packed: int) -> dict[str, int]:
    """The sums again, without those that are nought."""
    return {mark: amount for mark, shift in _SHIFT.items() if (amount := packed >> shift & _FULL)}


def one_sum(packed: int, mark: str) -> int:
    """The sum of one mark; nought for one that is not packed."""
    shift = _SHIFT.get(mark)
    return 0 if shift is None else packed >> shift & _FULL


def pack_seconds(histogram: Mapping[int, int]) -> int:
    """Seconds below `DENSE_BELOW` with their counts, each below 2³²; the counts of sums of packed ones must be too."""
    lanes = array(_TYPE, bytes(_LANE * (max(histogram, default=-1) + 1)))
    for seconds, count in histogram.items():
        lanes[seconds] = count
    return int.from_bytes(_little(lanes).tobytes(), "little")


def unpack_seconds(packed: int) -> dict[int, int]:
    """The histogram again, ascending."""
    size = -(-packed.bit_length() // (8 * _LANE)) * _LANE
    lanes = array(_TYPE)
    lanes.frombytes(packed.to_bytes(size, "little"))
    return {seconds: count for seconds, count in enumerate(_little(lanes)) if count}


def as_text(packed: int) -> str:
    """A packed number as it is stored: mostly empty lanes, so it is compressed."""
    size = (packed.bit_length() + 7) // 8
    return b64encode(compress(packed.to_bytes(size, "little"), 1)).decode("ascii")


def from_text(text: str) -> int:
    """A packed number from its stored text."""
    return int.from_bytes(decompress(b64decode(text)), "little")


def _little(lanes: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        lanes = lanes[:]
        lanes.byteswap()
    return lanes
