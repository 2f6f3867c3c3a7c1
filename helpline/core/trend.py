"""Is the rise real? Two periods compared, so that «we see an increase» is said only where chance cannot explain it.

Counts are compared as rates. Given how many came in both periods together, the number in the later one is binomial if
nothing has changed (Przyborowski and Wilenski, Biometrika 31, 1940). Its exact interval (Clopper and Pearson,
Biometrika 26, 1934) becomes the interval of the rate ratio, and the p-value is twice the smaller tail, so that the
interval leaves 1 out exactly where the p-value is below 5 %. The method errs on the side of seeing nothing.

Shares are compared by their difference with Newcombe's interval (method 10, Statistics in Medicine 17, 1998), made
from the two Wilson intervals.

All of it takes the contacts to be independent of each other. Somebody who calls ten times makes them less so, and the
intervals then are narrower than they should be; pages say this.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from math import exp, inf, lgamma, log, log1p
from typing import TypeVar

from helpline.core.counters import interval

#: A clear change is one that chance alone would show less often than this.
LEVEL = 0.05
#: Fewer than so many in both periods together say nothing, however they lie. Our own choice.
FEWEST = 10

Key = TypeVar("Key", bound=Hashable)


class Verdict(StrEnum):
    """What may be said of a change."""

    RISE = "rise"
    FALL = "fall"
    NO_CLEAR_CHANGE = "no_clear_change"
    TOO_FEW = "too_few"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A count in a period beside one in the period before it.

    Rates are per unit of exposure (per day, where exposures are days). `ratio` is the rate now ÷ the rate before, with
    its 95 % interval from `low` to `high`. It is None where nothing was counted before, and `high` is None where it has
    no end. `p` is how likely chance alone would make a difference at least so large; where several were compared at
    once it has been raised for that (`changes`), and only the verdict goes by it: the interval is that of this line
    alone.
    """

    now: int
    before: int
    rate_now: float
    rate_before: float
    ratio: float | None
    low: float
    high: float | None
    p: float
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class ShareChange:
    """A share now minus the share before, between -1 and 1, with its 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether no difference at all lies outside the interval."""
        return not self.low <= 0 <= self.high


def change(now: int, before: int, *, exposure_now: float, exposure_before: float) -> Change:
    """Compare two counts, each with the time in which it came together.

    Args:
        now: the count of the later period.
        before: that of the earlier one.
        exposure_now: its length in days, or how many days of it were open; any unit that both periods share.
        exposure_before: the same of the earlier one.

    Raises:
        ValueError: a count is negative, or an exposure is not a positive number.
    """
    if now < 0 or before < 0:
        raise ValueError(f"A count must not be negative: {now}, {before}.")
    if not (0 < exposure_now < inf and 0 < exposure_before < inf):
        raise ValueError(f"An exposure must be a positive number: {exposure_now}, {exposure_before}.")
    both = now + before
    expected = exposure_now / (exposure_now + exposure_before)
    low, high = share_interval(now, both) if both else (0.0, 1.0)
    p = 1.0
    if both:
        at_least = _beta(expected, now, before + 1) if now else 1.0
        at_most = _beta(1 - expected, before, now + 1) if before else 1.0
        p = min(1.0, 2 * min(at_least, at_most))
    rate_now, rate_before = now / exposure_now, before / exposure_before
    return Change(
        now=now,
        before=before,
        rate_now=rate_now,
        rate_before=rate_before,
        ratio=rate_now / rate_before if before else None,
        low=low / (1 - low) * exposure_before / exposure_now,
        high=high / (1 - high) * exposure_before / exposure_now if high < 1 else None,
        p=p,
        verdict=_verdict(now, before, p, expected),
    )


def changes(counts: Mapping[Key, tuple[int, int]], *, exposure_now: float, exposure_before: float) -> dict[Key, Change]:
    """Compare many counts at once, each as (now, before), and hold false alarms down.

    Among twenty lines that have not changed one would look clear by chance. So the p-values are raised by Holm's
    method (Scandinavian Journal of Statistics 6, 1979): the risk that even one verdict of the table is a false alarm
    stays at 5 %, also where lines hang together because a contact may stand in several. Lines with too few are no
    part of it: what they hold together says nothing of which way they lie.

    Raises:
        ValueError: as `change`.
    """
    found = {
        key: change(now, before, exposure_now=exposure_now, exposure_before=exposure_before)
        for key, (now, before) in counts.items()
    }
    raised = holm({key: one.p for key, one in found.items() if one.verdict is not Verdict.TOO_FEW})
    expected = exposure_now / (exposure_now + exposure_before)
    return {
        key: replace(one, p=raised[key], verdict=_verdict(one.now, one.before, raised[key], expected))
        if key in raised
        else one
        for key, one in found.items()
    }


def holm(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """P-values raised by Holm's step-down method, so that the risk of any false alarm among them is held."""
    raised: dict[Key, float] = {}
    highest = 0.0
    for place, (key, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(p_values) - place) * p))
        raised[key] = highest
    return {key: raised[key] for key in p_values}


def share_change(part_now: int, whole_now: int, part_before: int, whole_before: int) -> ShareChange | None:
    """The difference of two shares with Newcombe's interval; None where one of them is a share of nothing.

    Raises:
        ValueError: a part lies outside its whole.
    """
    if not whole_now or not whole_before:
        return None
    low_now, high_now = interval(part_now, whole_now)
    low_before, high_before = interval(part_before, whole_before)
    now, before = part_now / whole_now, part_before / whole_before
    difference = now - before
    return ShareChange(
        difference=difference,
        low=max(-1.0, difference - ((now - low_now) ** 2 + (high_before - before) ** 2) ** 0.5),
        high=min(1.0, difference + ((high_now - now) ** 2 + (before - low_before) ** 2) ** 0.5),
    )


def share_interval(part: int, whole: int, *, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval of a share (Clopper and Pearson), which covers the truth at least 1 - `level` of the time.

    Raises:
        ValueError: `whole` is not positive, or `part` lies outside it.
    """
    if whole < 1 or not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share.")
    low = _beta_quantile(level / 2, part, whole - part + 1) if part else 0.0
    high = 1 - _beta_quantile(level / 2, whole - part, part + 1) if part < whole else 1.0
    return low, high


def _verdict(now: int, before: int, p: float, expected: float) -> Verdict:
    both = now + before
    if both < FEWEST:
        return Verdict.TOO_FEW
    if p > LEVEL:
        return Verdict.NO_CLEAR_CHANGE
    return Verdict.RISE if now > both * expected else Verdict.FALL


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function: how likely a share of the beta distribution lies below `x`."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    # The fraction runs quickly on this side of the mean; the other side is its mirror.
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    return exp(_log_density(x, a, b) + log(x) + log1p(-x)) / a * _fraction(x, a, b)


def _log_density(x: float, a: float, b: float) -> float:
    return lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1) * log(x) + (b - 1) * log1p(-x)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, worked out from its head on (Lentz)."""
    tiny = 1e-300
    upper = 1.0
    lower = 1 / _away_from_zero(1 - (a + b) * x / (a + 1), tiny)
    value = lower
    for m in count(1):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            lower = 1 / _away_from_zero(1 + step * lower, tiny)
            upper = _away_from_zero(1 + step / upper, tiny)
            value *= lower * upper
        if abs(lower * upper - 1) < 1e-15:
            break
    return value


def _away_from_zero(number: float, tiny: float) -> float:
    return number if abs(number) > tiny else tiny


def _beta_quantile(probability: float, a: float, b: float) -> float:
    """Where the incomplete beta function reaches a probability: Newton's steps, held inside what is known."""
    low, high = 0.0, 1.0
    x = a / (a + b)
    for _ in range(200):
        missing = _beta(x, a, b) - probability
        low, high = (low, x) if missing > 0 else (x, high)
        slope = exp(_log_density(x, a, b))
        better = x - missing / slope if slope else low
        if not low < better < high:
            better = (low + high) / 2
        if abs(better - x) <= 1e-14 * x:
            return better
        x = better
    return x
