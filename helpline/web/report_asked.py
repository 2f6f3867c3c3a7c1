"""What a report page is asked for, as its address says it: a period, what to compare it with, and filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from helpline.core.codes import UNKNOWN, code_lists, counties
from helpline.core.tally import Cut
from helpline.desk import counters
from helpline.desk.counters import Counted
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.store.db import ReadSession
from helpline.web.guard import Signed
from helpline.web.records_behind import address
from helpline.web.reports_numbers import long_date
from helpline.web.reports_period import Period, custom, preset
from helpline.web.reports_view import Say

#: Periods in the order of the choices; `custom` takes two dates beside them.
PERIODS = ("today", "week", "7d", "30d", "12m", "year")
#: What a period may stand beside: the same a year before, the days just before it, or nothing.
COMPARISONS = ("year", "before", "none")
#: Dimensions that a page can be narrowed by.
FILTERS = ("channel", "county", "relation", "gender", "age_band", "challenge_area", "topic", "urgency")

_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The address of a report page, checked."""

    period: Period
    comparison: str
    filters: Mapping[str, str]

    @property
    def compared(self) -> Period | None:
        """The period that stands beside it."""
        return compared(self.period, self.comparison)

    @property
    def query(self) -> str:
        """The part of the address that says all of this."""
        asked = urlencode({"compare": self.comparison, **self.filters})
        return f"{self.period.query}&{asked}"

    def query_of_period(self, name: str) -> str:
        """The same for another period."""
        return urlencode({"period": name, "compare": self.comparison, **self.filters})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a page is made of: the tallies of its period and of the one beside it, both under the filters.

    They hold the cuts that the page names in `report_pages.PAGES`. A page that needs more counts it with
    `count_again`, or reads it over `session`.
    """

    wanted: Wanted
    counted: Counted
    compared: Counted | None
    #: Aware; `today` is its day on the line's clock.
    now: datetime
    today: date
    language: str
    t: Say
    house: House
    session: ReadSession
    signed: Signed
    #: Practice contacts are counted in the demo alone.
    include_simulated: bool

    async def count_again(self, period: Period, *, cuts: Iterable[Cut], step: str = "day") -> Counted:
        """The tallies of a period by other cuts or steps, under the same filters."""
        return await counters.count(
            self.session,
            house=self.house,
            first=period.first,
            last=period.last,
            include_simulated=self.include_simulated,
            where=self.wanted.filters,
            cuts=cuts,
            step=step,
        )

    def behind(self, counter: str, period: Period | None = None, *, cell: Mapping[str, str] | None = None) -> str:
        """The address of the records behind a figure: of this period or another, and of a cell of a cut."""
        of = period or self.wanted.period
        return address(counter, first=of.first, last=of.last, where={**self.wanted.filters, **(cell or {})})


def wanted(values: Mapping[str, str], today: date, *, usual: str) -> Wanted:
    """Read an address; what it does not say is as usual.

    Raises:
        HelplineError: no such period, comparison or value of a filter.
    """
    name = values.get("period") or usual
    if name == "custom":
        period = custom(values.get("first", ""), values.get("last", ""), today)
    else:
        period = preset(name, today)
    comparison = values.get("compare") or COMPARISONS[0]
    if comparison not in COMPARISONS:
        raise HelplineError("Velg hva perioden skal sammenlignes med.")
    filters = {dimension: values[dimension] for dimension in FILTERS if values.get(dimension)}
    for dimension, value in filters.items():
        if value not in choices(dimension):
            raise HelplineError("Velg et av filtrene i lista.")
    return Wanted(period=period, comparison=comparison, filters=filters)


def choices(dimension: str) -> tuple[str, ...]:
    """The values that a filter may have: those of its code list, and asked but unknown."""
    codes = counties() if dimension == "county" else code_lists()[dimension]
    return (*codes, UNKNOWN)


def compared(period: Period, comparison: str) -> Period | None:
    """The period beside another one; None for none.

    «A year before» is the ISO week of the same number, day by day, for a week; the same weekdays 52 weeks before for
    other periods of a month at most; and the same dates for longer ones. A week 53 stands beside week 52 where the
    year before has no week 53.
    """
    if comparison == "none":
        return None
    if comparison == "before":
        length = period.last - period.first + timedelta(days=1)
        return Period(name="custom", first=period.first - length, last=period.last - length)
    if (period.last - period.first).days > 31:
        return Period(name="custom", first=_year_before(period.first), last=_year_before(period.last))
    if period.name == "week":
        year, week, _ = period.first.isocalendar()
        first = date.fromisocalendar(year - 1, min(week, _weeks_in(year - 1)), 1)
    else:
        first = period.first - 52 * _WEEK
    return Period(name="custom", first=first, last=first + (period.last - period.first))


def _weeks_in(year: int) -> int:
    # The 28th of December lies in the last ISO week of its year.
    return date(year, 12, 28).isocalendar().week


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def in_words(period: Period, language: str) -> str:
    """The period's days: «16. november 2026 – 22. november 2026»."""
    if period.first == period.last:
        return long_date(period.first, language)
    return f"{long_date(period.first, language)} – {long_date(period.last, language)}"
