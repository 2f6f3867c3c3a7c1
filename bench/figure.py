"""A figure: what was read, what it is held against, and whether that is good enough."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, sqrt
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table.

    `beside` is the floor or peer that was read in the same run; where there is one, `target` bounds the ratio to it,
    else the value itself. `at_least` tells which way the bound goes. Without a target the figure is for information.
    """

    what: str
    value: float
    unit: str
    beside: float | None = None
    beside_what: str = ""
    target: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value in terms of what stands beside it; in terms of the target where nothing does."""
        if self.beside is not None:
            return self.value / self.beside
        return self.value / self.target if self.target else None

    @property
    def good(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        judged = self.value if self.beside is None else self.value / self.beside
        return judged >= self.target if self.at_least else judged <= self.target

    @property
    def verdict(self) -> str:
        """In words."""
        return {True: "reached", False: "MISSED", None: "for information"}[self.good]

    @property
    def bound(self) -> str:
        """The floor or target in words."""
        sign = "≥" if self.at_least else "≤"
        if self.beside is not None:
            whole = f"{self.beside_what} {shown(self.beside)}"
            return whole if self.target is None else f"{whole}; ratio {sign} {self.target:g}"
        return "–" if self.target is None else f"{sign} {shown(self.target)}"

    def as_data(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"ratio": self.ratio, "good": self.good}


def shown(value: float) -> str:
    """Three figures are as many as such a reading deserves."""
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of them do not exceed.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("A percentile of nothing was asked for.")
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson, both ends between 0 and 1.

    Raises:
        ValueError: the share is one of nothing.
    """
    if of < 1:
        raise ValueError("The share of nothing was asked for.")
    z = 1.959964
    share, weight = right / of, 1 + z * z / of
    middle = (share + z * z / (2 * of)) / weight
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / weight
    return max(0.0, middle - half), min(1.0, middle + half)


def share_shown(right: int, of: int) -> str:
    """A share in words: «93.1 % (87.1–96.4, n 130)»."""
    low, high = wilson(right, of)
    return f"{100 * right / of:.1f} % ({100 * low:.1f}–{100 * high:.1f}, n {of})"
