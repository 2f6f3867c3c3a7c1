"""Histograms by whole seconds, packed so that adding two costs the same however many records they hold.

Every second below `DENSE_BELOW` has a lane of 32 bits in one large whole number; adding two numbers adds all lanes at
once. Nothing is rounded: medians and percentiles are read from whole seconds. Later seconds are few and stay apart.
"""

import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping
from zlib import compress, decompress

#: Two hours: nearly every wait and every conversation ends before.
DENSE_BELOW = 7200
_LANE = 4
_TYPE = next(code for code in "IL" if array(code).itemsize == _LANE)


def pack(histogram: Mapping[int, int]) -> int:
    """Seconds below `DENSE_BELOW` with their counts, each below 2³²; the counts of sums of packed ones must be too."""
    lanes = array(_TYPE, bytes(_LANE * (max(histogram, default=-1) + 1)))
    for seconds, count in histogram.items():
        lanes[seconds] = count
    return int.from_bytes(_little(lanes).tobytes(), "little")


def unpack(packed: int) -> dict[int, int]:
    """The histogram again, ascending."""
    size = -(-packed.bit_length() // (8 * _LANE)) * _LANE
    lanes = array(_TYPE)
    lanes.frombytes(packed.to_bytes(size, "little"))
    return {seconds: count for seconds, count in enumerate(_little(lanes)) if count}


def as_text(packed: int) -> str:
    """A packed histogram as it is stored: mostly empty lanes, so it is compressed."""
    size = (packed.bit_length() + 7) // 8
    return b64encode(compress(packed.to_bytes(size, "little"), 1)).decode("ascii")


def from_text(text: str) -> int:
    """A packed histogram from its stored text."""
    return int.from_bytes(decompress(b64decode(text)), "little")


def _little(lanes: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        lanes = lanes[:]
        lanes.byteswap()
    return lanes
