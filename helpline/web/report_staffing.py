"""Staffing: how much work each hour of the week brings, how many advisors it takes, and what one more would do.

Erlang C over measured arrivals and handling times. It assumes that nobody hangs up, so it asks for rather too many
advisors than too few; where there is too little to measure, the page says that instead of a number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from helpline.core.counter_list import ANSWER_WITHIN
from helpline.core.erlang import advisors_needed, staffing, wait_of
from helpline.core.hours import wall_clock
from helpline.core.record import Answered
from helpline.core.tally import Tally
from helpline.store import shifts
from helpline.web.panel_figures import days_of, hour_cut, hour_value, hour_words, hours_of, weekdays
from helpline.web.panels import Bars, Cell, Column, Heat, Panel, Series
from helpline.web.report_asked import Asked
from helpline.web.reports_numbers import duration, number, percent, rate
from helpline.web.reports_period import Period

#: The share that should be answered within `ANSWER_WITHIN` seconds.
TARGET = 0.8
#: Attempts in an hour of the week, and handled contacts in all, under which nothing is worked out.
LEAST_ARRIVALS, LEAST_HANDLED = 8, 30
#: The busiest that an advisor should be, where no roster says how many there are.
BUSIEST = 0.85
#: Erlang C describes a queue that has settled. One whose median is longer than the hours looked at never does.
LONGEST = 2 * 3600
_HOUR = timedelta(hours=1)
_Slot = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Load:
    """What an hour of the week brings: callers counted over so many of these hours, with the advisors planned.

    `attempts` are the records behind: whoever tried again within a day is one of `arrivals` and several of them.
    """

    arrivals: int
    hours: int
    planned: float
    attempts: int = 0

    @property
    def per_hour(self) -> float:
        return self.arrivals / self.hours if self.hours else 0.0

    @property
    def enough(self) -> bool:
        """Whether there is enough to work anything out from."""
        return self.arrivals >= LEAST_ARRIVALS and self.hours > 0


@dataclass(frozen=True, kw_only=True)
class OneMore:
    """What one more advisor does on a weekday between two hours. A wait of None never settles: the queue grows."""

    weekday: int
    starts: int
    ends: int
    #: As planned, or without a roster (`planned` is false) the fewest that are not busier than `BUSIEST`.
    advisors: int
    planned: bool
    per_hour: float
    #: The share whose wait is compared: the median where anybody waits at the median, else nine in ten.
    share: float
    before: float | None
    after: float | None


async def panels(asked: Asked) -> tuple[Panel, ...]:
    """The page."""
    loads = await measured(asked)
    handled = asked.counted.whole.count("handlings")
    handle = asked.counted.whole.count("handled_seconds") / handled if handled else 0.0
    if handled < LEAST_HANDLED or handle <= 0 or not any(load.enough for load in loads.values()):
        return (_too_little(asked, handled),)
    return _one_more(asked, loads, handle), _need(asked, loads, handle), _work(asked, loads, handle)


def finished(asked: Asked) -> Period:
    """The period without today, which is not over, so that its hours would weigh as if nobody came in them."""
    period = asked.wanted.period
    before_today = period.last == asked.today and period.first < period.last
    last = period.last - timedelta(days=1) if before_today else period.last
    return Period(name="custom", first=period.first, last=last)


async def measured(asked: Asked) -> Mapping[_Slot, Load]:
    """The load of the hours of the week in which anybody tried to reach us, over the finished days of the period."""
    zone, days_over = asked.house.zone, finished(asked)
    counted = await asked.count_again(days_over, cuts=(("hour_of_week",),))
    last = days_over.last
    tally, first = counted.whole, min(counted.days, default=days_over.first)
    days = [(last - timedelta(days=back)).weekday() for back in range((last - first).days + 1)]
    planned = await _planned(asked, first, last, zone)
    found = {
        (weekday, hour): Load(
            arrivals=_arrivals(tally, weekday, hour),
            attempts=_attempts(tally, weekday, hour),
            hours=days.count(weekday),
            planned=planned.get((weekday, hour), 0.0) / max(1, days.count(weekday)),
        )
        for weekday in days_of(tally)
        for hour in hours_of(tally)
    }
    # Mail that is written down at night wants no advisor then: only the days and hours in which somebody tried.
    weekdays_tried = {weekday for (weekday, _), load in found.items() if load.arrivals}
    tried = [hour for (_, hour), load in found.items() if load.arrivals]
    return {
        (weekday, hour): load
        for (weekday, hour), load in found.items()
        if weekday in weekdays_tried and min(tried) <= hour <= max(tried)
    }


def best(loads: Mapping[_Slot, Load], handle: float) -> OneMore | None:
    """The two hours of the week in which one more advisor spares callers most waiting; None without enough data."""
    found = [one for one in _two_hours(loads, handle)]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _two_hours(loads: Mapping[_Slot, Load], handle: float) -> Iterator[tuple[tuple[int, float], OneMore]]:
    for (weekday, hour), load in loads.items():
        following = loads.get((weekday, hour + 1))
        if following is None or not (load.enough and following.enough):
            continue
        per_hour = (load.per_hour + following.per_hour) / 2
        work = per_hour * handle / 3600
        advisors = max(1, round((load.planned + following.planned) / 2) if load.planned else ceil(work / BUSIEST))
        few, more = (
            staffing(arrivals_per_hour=per_hour, handle_seconds=handle, answer_within=0, advisors=number_of)
            for number_of in (advisors, advisors + 1)
        )
        share = 0.5 if few.wait_probability > 0.5 else 0.9
        before, after = (_wait(number_of, share, per_hour, handle) for number_of in (advisors, advisors + 1))
        if before is None or few.average_wait_seconds is None or more.average_wait_seconds is None:
            # A queue that grows is worse than any that settles; among those, the one with most work.
            spared = (1, work - advisors)
        else:
            spared = (0, per_hour * (few.average_wait_seconds - more.average_wait_seconds))
        yield (
            spared,
            OneMore(
                weekday=weekday,
                starts=hour,
                ends=hour + 2,
                advisors=advisors,
                planned=load.planned > 0,
                per_hour=per_hour,
                share=share,
                before=before,
                after=after,
            ),
        )


def _wait(advisors: int, share: float, per_hour: float, handle: float) -> float | None:
    """The wait that a share does not exceed; None where it would be longer than the hours it is worked out for."""
    wait = wait_of(share, arrivals_per_hour=per_hour, handle_seconds=handle, advisors=advisors)
    return wait if wait is not None and wait <= LONGEST else None


def _arrivals(tally: Tally, weekday: int, hour: int) -> int:
    """Attempts to reach an advisor, whoever tried again within a day counted once."""
    cut = hour_cut(weekday, hour)
    return max(
        _attempts(tally, weekday, hour) - tally.count("redials", cut), tally.count(f"answered:{Answered.YES}", cut)
    )


def _attempts(tally: Tally, weekday: int, hour: int) -> int:
    return sum(tally.count(f"answered:{answered}", hour_cut(weekday, hour)) for answered in Answered)


def _behind(asked: Asked, cell: Mapping[str, str]) -> str:
    """The attempts that something was worked out from."""
    return asked.behind("answer_rate_callers", finished(asked), cell=cell)


async def _planned(asked: Asked, first: date, last: date, zone: ZoneInfo) -> dict[_Slot, float]:
    """Hours of planned shifts by hour of the week, summed over the days."""
    starts_at, ends_at = wall_clock(first, time(0), zone), wall_clock(last + timedelta(days=1), time(0), zone)
    found: dict[_Slot, float] = {}
    for shift, _ in await shifts.within(asked.session, starts_at, ends_at):
        at = max(shift.starts_at, starts_at)
        while at < min(shift.ends_at, ends_at):
            until = min(_next_hour(at), shift.ends_at, ends_at)
            local = at.astimezone(zone)
            slot = (local.weekday(), local.hour)
            found[slot] = found.get(slot, 0.0) + (until - at) / _HOUR
            at = until
    return found


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + _HOUR


def _one_more(asked: Asked, loads: Mapping[_Slot, Load], handle: float) -> Panel:
    t, language = asked.t, asked.language
    one = best(loads, handle)
    if one is None:
        return Panel(
            name="one-more",
            title=t("staffing_page.one_more"),
            summary=t("staffing_page.too_little_hours", least=LEAST_ARRIVALS),
            columns=(Column(t("staffing_page.advisors")),),
            rows=(),
        )
    rows: list[tuple[Cell, ...]] = []
    for advisors in range(max(1, one.advisors - 1), one.advisors + 4):
        found = staffing(
            arrivals_per_hour=one.per_hour, handle_seconds=handle, answer_within=ANSWER_WITHIN, advisors=advisors
        )
        waits = (_wait(advisors, share, one.per_hour, handle) for share in (0.5, 0.9))
        rows.append((advisors, *waits, found.average_wait_seconds, found.service_level, found.occupancy))
    drawn = [row for row in rows if row[1] is not None]
    hours = {"from_hour": str(one.starts), "before_hour": str(one.ends)}
    behind = _behind(asked, {"weekday": str(one.weekday), **hours})
    return Panel(
        name="one-more",
        title=t("staffing_page.one_more"),
        summary=_sentence(asked, one),
        columns=(
            Column(t("staffing_page.advisors")),
            Column(t("staffing_page.median"), "seconds"),
            Column(t("staffing_page.p90"), "seconds"),
            Column(t("staffing_page.mean"), "seconds"),
            Column(t("staffing_page.within", seconds=ANSWER_WITHIN), "share"),
            Column(t("staffing_page.occupancy"), "share"),
        ),
        rows=tuple(rows),
        links=(behind,) * len(rows),
        counters=("answer_rate_callers", "handling_mean"),
        drawing=Bars(
            labels=tuple(t("staffing_page.number", number=row[0]) for row in drawn),
            series=tuple(
                Series(t(f"staffing_page.{name}"), tuple(_seconds(row[place]) for row in drawn))
                for name, place in (("median", 1), ("p90", 2))
            ),
            unit="seconds",
        ),
        note=t(
            "staffing_page.one_more_note",
            arrivals=rate(one.per_hour, language),
            handle=duration(handle, language),
        )
        + ("" if one.planned else " " + t("staffing_page.no_roster", busiest=percent(BUSIEST, language))),
    )


def _sentence(asked: Asked, one: OneMore) -> str:
    t, language = asked.t, asked.language
    values = {
        "days": t(f"staffing_page.days_{one.weekday}"),
        "hours": f"{one.starts:02}–{one.ends:02}",
        "advisors": number(one.advisors, language),
        "more": number(one.advisors + 1, language),
    }
    if one.after is None:
        words = t("staffing_page.both_endless", **values)
        return words[:1].upper() + words[1:]
    values["after"] = duration(one.after, language)
    if one.before is None:
        words = t("staffing_page.endless", **values)
        return words[:1].upper() + words[1:]
    key = "sentence_median" if one.share == 0.5 else "sentence_p90"
    return t(f"staffing_page.{key}", before=duration(one.before, language), **values)


def _need(asked: Asked, loads: Mapping[_Slot, Load], handle: float) -> Panel:
    t, language = asked.t, asked.language
    days, hours = sorted({day for day, _ in loads}), sorted({hour for _, hour in loads})
    needed = {slot: _needed(load, handle) for slot, load in loads.items()}
    most = max((need for need in needed.values() if need is not None), default=0)
    return Panel(
        name="need",
        title=t("staffing_page.need"),
        summary=t(
            "staffing_page.need_words",
            most=number(most, language),
            target=percent(TARGET, language),
            seconds=ANSWER_WITHIN,
        ),
        columns=(
            Column(t("waiting_page.hour"), "text"),
            Column(t("staffing_page.counted")),
            Column(t("waiting_page.attempts")),
            Column(t("staffing_page.over_hours")),
            Column(t("staffing_page.per_hour"), "rate"),
            Column(t("staffing_page.work"), "rate"),
            Column(t("staffing_page.planned"), "rate"),
            Column(t("staffing_page.needed")),
        ),
        rows=tuple(
            (
                f"{weekdays(language, short=False)[day]} {hour_words(hour)}",
                load.arrivals,
                load.attempts,
                load.hours,
                load.per_hour,
                load.per_hour * handle / 3600,
                load.planned,
                needed[day, hour],
            )
            for (day, hour), load in loads.items()
            if load.arrivals
        ),
        links=tuple(
            _of_hour(_behind(asked, {"hour_of_week": hour_value(*slot)}), enough=load.enough)
            for slot, load in loads.items()
            if load.arrivals
        ),
        counters=("answer_rate_callers", "handling_mean"),
        drawing=Heat(
            rows=tuple(weekdays(language)[day] for day in days),
            columns=tuple(f"{hour:02}" for hour in hours),
            values=tuple(tuple(needed.get((day, hour)) for hour in hours) for day in days),
        ),
        note=t("staffing_page.need_note", least=LEAST_ARRIVALS),
    )


def _of_hour(behind: str, *, enough: bool) -> tuple[str | None, ...]:
    """What the cells of an hour lead to: all but its name, the hours measured and the roster come of its attempts."""
    return (None, behind, behind, None, behind, behind, None, behind if enough else None)


def _needed(load: Load, handle: float) -> int | None:
    if not load.enough:
        return None
    return advisors_needed(
        arrivals_per_hour=load.per_hour, handle_seconds=handle, answer_within=ANSWER_WITHIN, service_level=TARGET
    )


def _work(asked: Asked, loads: Mapping[_Slot, Load], handle: float) -> Panel:
    t, language = asked.t, asked.language
    days, hours = sorted({day for day, _ in loads}), sorted({hour for _, hour in loads})
    work = {slot: load.per_hour * handle / 3600 for slot, load in loads.items()}
    weekly = sum(work.values())
    return Panel(
        name="work",
        title=t("staffing_page.work_title"),
        summary=t("staffing_page.work_words", hours=rate(weekly, language), handle=duration(handle, language)),
        columns=(
            Column(t("waiting_page.day"), "text"),
            *(Column(hour_words(hour), "rate") for hour in hours),
            Column(t("reports.total"), "rate"),
        ),
        rows=tuple(
            (
                weekdays(language, short=False)[day],
                *(work.get((day, hour), 0.0) for hour in hours),
                sum(work.get((day, hour), 0.0) for hour in hours),
            )
            for day in days
        ),
        links=tuple(
            (
                None,
                *(
                    _behind(asked, {"hour_of_week": hour_value(day, hour)}) if work.get((day, hour)) else None
                    for hour in hours
                ),
                _behind(asked, {"weekday": str(day)}),
            )
            for day in days
        ),
        counters=("answer_rate_callers", "handling_mean"),
        drawing=Heat(
            rows=tuple(weekdays(language)[day] for day in days),
            columns=tuple(f"{hour:02}" for hour in hours),
            values=tuple(tuple(work.get((day, hour)) for hour in hours) for day in days),
            unit="rate",
        ),
        note=t("staffing_page.work_note"),
    )


def _too_little(asked: Asked, handled: int) -> Panel:
    t = asked.t
    return Panel(
        name="need",
        title=t("staffing_page.need"),
        summary=t(
            "staffing_page.too_little",
            handled=number(handled, asked.language),
            least=LEAST_HANDLED,
            arrivals=LEAST_ARRIVALS,
        ),
        columns=(Column(t("staffing_page.handled")),),
        rows=((handled,),),
        links=(asked.behind("handling_mean") if handled else None,),
        counters=("handling_mean",),
    )


def _seconds(cell: Cell) -> float | None:
    return cell if isinstance(cell, int | float) else None
