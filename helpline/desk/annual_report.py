"""The annual report of a year, read from the counters: folded days, and later days from their records."""

from datetime import date, datetime, time, timedelta

from helpline.core.annual import BEGINS_WITHIN, DIMENSIONS, Report, report
from helpline.core.annual_numbers import Year
from helpline.core.hours import wall_clock
from helpline.desk import counters
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.store import records
from helpline.store.db import ReadSession, one_moment

_DAY = timedelta(days=1)


class NoSuchYear(HelplineError):
    """There are no numbers for the year that was asked for."""

    status = 404


def year_of(text: str) -> int:
    """The year that somebody wrote.

    Raises:
        NoSuchYear: it is no year.
    """
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) > 0):
        raise NoSuchYear(f"«{text}» er ikke et år. Skriv det med fire sifre, som 2025.")
    return int(text)


async def read_year(session: ReadSession, year: int, *, house: House, now: datetime) -> Report:
    """The report of a year beside the year before; of this year as far as it has come, beside the same days.

    The session must not have asked anything before. Practice is counted in the demo only.

    Raises:
        NoSuchYear: the year has not begun, lies before the first record, or holds none.
    """
    await one_moment(session)
    today = now.astimezone(house.zone).date()
    if year > today.year:
        raise NoSuchYear(f"Året {year} har ikke begynt ennå, så det finnes ingen tall.")
    found = await records.first_opened(session)
    if found is None:
        raise NoSuchYear(f"Loggen er tom, så det finnes ingen tall for {year}.")
    if (first_year := found.astimezone(house.zone).year) > year:
        raise NoSuchYear(f"Det finnes ingen tall for {year}: loggen begynner i {first_year}.")
    counted = await _count(session, year, house, today)
    if not counted.tally:
        raise NoSuchYear(f"Det er ikke ført noe for {year}.")
    before = await _count(session, year - 1, house, _year_earlier(counted.last)) if year > first_year else None
    return report(counted, before, over=year < today.year)


async def latest_year(session: ReadSession, *, house: House, now: datetime) -> int:
    """The last year that is over, or this year when the log begins in it."""
    this_year = now.astimezone(house.zone).year
    found = await records.first_opened(session)
    begun = found is not None and found.astimezone(house.zone).year < this_year
    return this_year - 1 if begun else this_year


async def _count(session: ReadSession, year: int, house: House, through: date) -> Year:
    first, last = date(year, 1, 1), min(date(year, 12, 31), through)
    counted = await counters.count(
        session,
        house=house,
        first=first,
        last=last,
        include_simulated=house.practice,
        cuts=[(dimension,) for dimension in DIMENSIONS],
        step="year",
    )
    return Year(
        year=year, first=first, last=last, tally=counted.whole, begins=await _begins(session, house, first, counted)
    )


async def _begins(session: ReadSession, house: House, first: date, counted: counters.Counted) -> date | None:
    """The day on which the log begins, where that is so late in the year that it is not a whole one."""
    starts_at = wall_clock(first, time(0), house.zone)
    earliest = await records.first_opened(session)
    # What was logged in a year before means that the log had begun, however quiet January was.
    if earliest is None or earliest < starts_at or not counted.days:
        return None
    # What is counted is known by months, and what was opened first may be practice: the later of the two.
    begins = max(min(counted.days), earliest.astimezone(house.zone).date())
    return begins if begins - first > BEGINS_WITHIN else None


def _year_earlier(day: date) -> date:
    """The same day of the year before; 29 February becomes the 28th."""
    return (day.replace(day=28) if (day.month, day.day) == (2, 29) else day).replace(year=day.year - 1)
