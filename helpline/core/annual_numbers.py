"""The numbers of the annual report: counts and shares of a year, and what a difference between two years carries.

Four units are never mixed: a number belongs to one counter, and only numbers of one counter are compared or shared out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from helpline.core import trend
from helpline.core.counters import Breakdown, breakdown, interval, read
from helpline.core.tally import Tally, cut_of

#: Fewer than this in the two years together are not compared.
FEWEST = 20
#: Shares of fewer known contacts than this are not compared.
FEWEST_KNOWN = 50
#: A published value stands for at least so many contacts.
FEWEST_SHOWN = 5
#: Bars of the largest groups of relatives.
GROUPS = 5
#: What each number of a box counts: the counter, and under which cut. Every other name is an activity without a counter
#: of its own.
_MEANINGS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    **{name: (name, {}) for name in ("contacts", "sessions", "persons", "attendances", "groups")},
    **{name: (f"attendances_{name}", {}) for name in ("support_group", "event", "course", "writing")},
    "advice_calls": ("contacts", {"channel": "phone"}),
}


class Verdict(StrEnum):
    """What a difference between two years carries."""

    MORE = "more"
    FEWER = "fewer"
    #: Chance is enough to explain the difference.
    SAME = "same"
    #: Too few to say anything.
    FEW = "few"
    #: The same people come again and again, so that no interval is honest: the two numbers stand side by side.
    UNJUDGED = "unjudged"


_VERDICTS = {
    trend.Verdict.RISE: Verdict.MORE,
    trend.Verdict.FALL: Verdict.FEWER,
    trend.Verdict.NO_CLEAR_CHANGE: Verdict.SAME,
    trend.Verdict.TOO_FEW: Verdict.FEW,
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of a count since the year before. `low` and `high` are the 95 % interval of the relative change of
    the number a day (0.05: five per cent more); None where nothing is judged, or where it has no end."""

    verdict: Verdict
    relative: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number of the report: a counter's value, under a cut (dimension to code; empty for everything).

    `unit` is the counter's own, or `share` (0–1) with its part, whole and 95 % interval where the number is a share of
    the counter's units.
    """

    name: str
    counter: str
    unit: str
    year: int
    value: int | float | None
    cut: Mapping[str, str] = field(default_factory=dict)
    part: int | None = None
    whole: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Box:
    """A number with that of the year before, which is None where the two years cannot stand beside each other.

    `footnotes` are those of the sources: `attendance` (one person may come often), `several` (several came to one
    session).
    """

    number: Number
    before: Number | None
    change: Change | None
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Contacts by the values of a dimension, as shares of the contacts where it is known, the largest first.

    `rest` holds the values that are not shown by themselves; it is empty or stands for at least `FEWEST_SHOWN`.
    """

    dimension: str
    shown: tuple[Number, ...]
    rest: Number | None
    known: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Year:
    """What was counted of a year: from `first` to `last`, both included. `begins` is the day on which the log begins,
    when that is so late in the year that it is not a whole one."""

    year: int
    first: date
    last: date
    tally: Tally
    begins: date | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def judge_counts(now: int, then: int, *, days_now: int, days_then: int, unit: str) -> Change:
    """Whether a count rose or fell, a day, as every report page judges it (`core.trend.change`).

    Contacts and sessions are taken as if they came independently of each other; attendances, participants and groups do
    not, and are not judged.
    """
    if unit not in ("contacts", "sessions"):
        return Change(verdict=Verdict.UNJUDGED)
    if now + then < FEWEST:
        return Change(verdict=Verdict.FEW)
    found = trend.change(now, then, exposure_now=days_now, exposure_before=days_then)
    return Change(
        verdict=_VERDICTS[found.verdict],
        relative=None if found.ratio is None else found.ratio - 1,
        low=found.low - 1,
        high=None if found.high is None else found.high - 1,
    )


def judge_shares(now: tuple[int, int], then: tuple[int, int]) -> Verdict:
    """Whether a share, given as part and whole, rose or fell: only where the 95 % Wilson intervals of the two years do
    not touch each other.

    That is stricter than 95 % for one share alone (about one in two hundred by chance), because many are looked at.
    """
    if now[0] + then[0] < FEWEST or min(now[1], then[1]) < FEWEST_KNOWN:
        return Verdict.FEW
    (now_low, now_high), (then_low, then_high) = interval(*now), interval(*then)
    if now_low > then_high:
        return Verdict.MORE
    return Verdict.FEWER if now_high < then_low else Verdict.SAME


def gender(year: Year) -> Shares:
    """Contacts by gender. Whoever declines to say is not known, as everywhere; another gender is shown from
    `FEWEST_SHOWN` on, and until then it stands outside of what the shares are of, so that it cannot be worked out."""
    found = known(year.tally, "gender")
    return Shares(
        dimension="gender",
        shown=tuple(share_of("gender", code, count, found.known, year.year) for code, count in found.counts.items()),
        rest=None,
        known=found.known,
        total=found.total,
    )


def relations(year: Year, groups: int = GROUPS) -> Shares:
    """Contacts by relation: the largest groups, and the others together."""
    found = breakdown(year.tally, "relation")
    shown = [code for code, count in found.counts.items() if count >= FEWEST_SHOWN][:groups]
    # A rest under the limit takes the smallest group into itself.
    while shown and 0 < found.known - sum(found.counts[code] for code in shown) < FEWEST_SHOWN:
        shown.pop()
    rest = found.known - sum(found.counts[code] for code in shown)
    return Shares(
        dimension="relation",
        shown=tuple(share_of("relation", code, found.counts[code], found.known, year.year) for code in shown),
        rest=share_of("relation", "rest", rest, found.known, year.year) if rest >= FEWEST_SHOWN else None,
        known=found.known,
        total=found.total,
    )


def share(name: str, part: int, whole: int, year: int, *, counter: str = "contacts", **cut: str) -> Number:
    low, high = interval(part, whole) if whole else (None, None)
    return Number(
        name=name,
        counter=counter,
        unit="share",
        year=year,
        value=part / whole if whole else None,
        cut=cut,
        part=part,
        whole=whole,
        low=low,
        high=high,
    )


def share_of(dimension: str, code: str, part: int, known: int, year: int) -> Number:
    return share(f"{dimension}:{code}", part, known, year, **{dimension: code})


def known(tally: Tally, dimension: str) -> Breakdown:
    """Contacts by a dimension. Another gender under the limit is not known either, nor told from those who declined."""
    found = breakdown(tally, dimension)
    if dimension != "gender":
        return found
    counts = dict(found.counts)
    if counts.get("other", FEWEST_SHOWN) < FEWEST_SHOWN:
        del counts["other"]
    known = sum(counts.values())
    return replace(found, counts=counts, known=known, unknown=found.total - found.not_asked - known, declined=0)


def count(name: str, year: Year) -> Number:
    """The number of a box: `contacts`, `advice_calls`, `sessions`, `persons`, `attendances`, `groups`, or the
    attendances of an activity by its code (empty: none was given)."""
    counter, cut = _MEANINGS.get(name, ("attendances", {"activity": name}))
    figure = read(counter, year.tally, cut=cut_of(**cut))
    return Number(
        name=name or "not_given", counter=counter, unit=figure.counter.unit, year=year.year, value=figure.value, cut=cut
    )


def box(name: str, now: Year, then: Year | None) -> Box:
    """A number (see `count`) beside that of the year before."""
    number = count(name, now)
    before = change = None
    if then is not None:
        before = count(name, then)
        change = judge_counts(
            int(number.value or 0),
            int(before.value or 0),
            days_now=now.days,
            days_then=then.days,
            unit=number.unit,
        )
    return Box(number=number, before=before, change=change, footnotes=_footnotes(number, now.tally))


def figure(name: str, year: Year) -> Number | None:
    """A counter of the whole year; None where nothing is behind it."""
    found = read(name, year.tally)
    if found.value is None:
        return None
    return Number(
        name=name,
        counter=name,
        unit=found.counter.unit,
        year=year.year,
        value=found.value,
        part=found.part,
        whole=found.whole,
        low=found.low,
        high=found.high,
    )


def _footnotes(number: Number, tally: Tally) -> tuple[str, ...]:
    if number.unit == "attendances":
        return ("attendance",)
    # That several came to one session is only said where the numbers show it.
    several = tally.count("persons") > tally.count("sessions")
    return ("several",) if number.counter == "persons" and several else ()
