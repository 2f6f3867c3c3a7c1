"""The geometry of stacked bars over time. The template draws it as SVG; colours are classes, for light and dark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from helpline.core.tally import Tally, cut_of
from helpline.desk.counters import step_start
from helpline.web.reports_numbers import month, number, short_date
from helpline.web.reports_period import Period

#: The drawing is this high in its own units, a bar with its gap this wide; the page stretches it.
HEIGHT = 100.0
WIDTH = 10.0
_GAP = 1.5


@dataclass(frozen=True, kw_only=True)
class Part:
    """One channel's piece of a bar."""

    series: int
    count: int
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One step of time. `label` is short, for the axis; `title` says it whole; `days` are those in the period."""

    label: str
    title: str
    x: float
    width: float
    total: int
    parts: tuple[Part, ...]
    days: Period


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars by time, stacked by channel: `series` are their codes, `ticks` the numbers on the axis, top first."""

    bars: tuple[Bar, ...]
    series: tuple[str, ...]
    ticks: tuple[int, ...]

    @property
    def view_box(self) -> str:
        return f"0 0 {max(1, len(self.bars)) * WIDTH:g} {HEIGHT:g}"

    @property
    def highest(self) -> Bar | None:
        """The first bar that no other exceeds; None when all are empty."""
        found = max(self.bars, key=lambda bar: bar.total, default=None)
        return found if found is not None and found.total else None

    @property
    def axis(self) -> tuple[str, ...]:
        """The labels below: first, middle and last, as many as there are."""
        labels = [bar.label for bar in self.bars]
        if len(labels) <= 8:
            return tuple(labels)
        return labels[0], labels[len(labels) // 2], labels[-1]


def contacts_over_time(
    tallies: Mapping[date, Tally], *, first: date, last: date, step: str, channels: Sequence[str], language: str
) -> Chart:
    """Contacts by step of time and channel (the empty code is «not given»); steps without any are empty bars."""
    steps = starts(first, last, step)
    counts = {
        start: [tallies[start].count("contacts", cut_of(channel=channel)) for channel in channels]
        if start in tallies
        else [0] * len(channels)
        for start in steps
    }
    ticks = _ticks(max((sum(numbers) for numbers in counts.values()), default=0))
    bars = []
    days = spans(Period(name="custom", first=first, last=last), step)
    for place, start in enumerate(steps):
        parts, floor = [], HEIGHT
        for series, count in enumerate(counts[start]):
            height = HEIGHT * count / ticks[0]
            floor -= height
            if count:
                parts.append(Part(series=series, count=count, y=round(floor, 3), height=round(height, 3)))
        bars.append(
            Bar(
                label=step_label(start, step, language),
                title=_title(start, step, language),
                x=place * WIDTH + _GAP / 2,
                width=WIDTH - _GAP,
                total=sum(counts[start]),
                parts=tuple(parts),
                days=days[place],
            )
        )
    return Chart(bars=tuple(bars), series=tuple(channels), ticks=ticks)


def starts(first: date, last: date, step: str) -> list[date]:
    """The first days of the steps that a period lies in, in order."""
    found: list[date] = []
    day = first
    while day <= last:
        start = step_start(day, step)
        if not found or found[-1] != start:
            found.append(start)
        day += timedelta(days=1)
    return found


def spans(period: Period, step: str) -> list[Period]:
    """The steps that a period lies in, in order, each with those of its days that lie in the period."""
    begins = starts(period.first, period.last, step)
    ends = [*(start - timedelta(days=1) for start in begins[1:]), period.last]
    return [
        Period(name="custom", first=max(start, period.first), last=end) for start, end in zip(begins, ends, strict=True)
    ]


def _ticks(largest: int) -> tuple[int, ...]:
    """Round numbers from the top down to 0: two steps, or one where half a contact would be shown."""
    size = 1
    while True:
        for leading in (1, 2, 5):
            top = leading * size
            if top >= largest:
                return (top, top // 2, 0) if top % 2 == 0 else (top, 0)
        size *= 10


def step_label(start: date, step: str, language: str) -> str:
    """A step of time as short as an axis needs it."""
    if step == "week":
        return f"{'wk' if language == 'en' else 'uke'}\N{NO-BREAK SPACE}{start.isocalendar().week}"
    if step == "month":
        return month(start, language)
    return str(start.year) if step == "year" else short_date(start, language)


def _title(start: date, step: str, language: str) -> str:
    if step != "week":
        return step_label(start, step, language)
    return f"{step_label(start, step, language)} ({short_date(start, language)})"


def count_words(count: int, language: str) -> str:
    """«24 henvendelser»."""
    one, several = ("contact", "contacts") if language == "en" else ("henvendelse", "henvendelser")
    return f"{number(count, language)} {one if count == 1 else several}"
