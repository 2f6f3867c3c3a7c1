"""Panels of figures: shares with their intervals and times with the number behind them, beside the other period's."""

from collections.abc import Sequence

from babel.dates import get_day_names

from helpline.core.counter_list import COUNTERS
from helpline.core.counters import Figure, read
from helpline.core.tally import Tally, cut_of
from helpline.web.panels import Bars, Cell, Column, Panel, Series
from helpline.web.report_asked import Asked
from helpline.web.reports_numbers import duration, locale_of, number, percent
from helpline.web.reports_period import Period
from helpline.web.reports_view import title


def periods(asked: Asked) -> tuple[tuple[str, Tally], ...]:
    """The tallies of the page with their names: this period, and the one beside it where it has any record."""
    return tuple((name, tally) for name, tally, _ in _beside(asked))


def _beside(asked: Asked) -> list[tuple[str, Tally, Period]]:
    found = [(asked.t("report_pages.this_period"), asked.counted.whole, asked.wanted.period)]
    other = asked.wanted.compared
    if asked.compared is not None and asked.compared.whole and other is not None:
        found.append((asked.t("report_pages.that_period"), asked.compared.whole, other))
    return found


def shares(asked: Asked, name: str, heading: str, counters: Sequence[str], *, note: str | None = None) -> Panel:
    """Counters that are shares, each with its interval; the summary says them all."""
    t, language = asked.t, asked.language
    titles = tuple(title(COUNTERS[counter], language) for counter in counters)
    rows: list[tuple[Cell, ...]] = []
    links: list[str | None] = []
    series = []
    for period, tally, days in _beside(asked):
        found = [read(counter, tally) for counter in counters]
        links += [asked.behind(counter, days) for counter in counters]
        for label, one in zip(titles, found, strict=True):
            rows.append((label, period, one.value, one.part, one.whole, one.low, one.high))
        series.append(
            Series(
                period,
                tuple(one.value for one in found),
                low=tuple(one.low for one in found),
                high=tuple(one.high for one in found),
            )
        )
    first = [read(counter, asked.counted.whole) for counter in counters]
    return Panel(
        name=name,
        title=heading,
        summary=" ".join(share_words(asked, one) for one in first),
        columns=(
            Column(t("report_pages.figure"), "text"),
            Column(t("report_pages.period"), "text"),
            Column(t("report_pages.share"), "share"),
            Column(t("report_pages.part")),
            Column(t("report_pages.whole")),
            Column(t("report_pages.low"), "share"),
            Column(t("report_pages.high"), "share"),
        ),
        rows=tuple(rows),
        links=tuple(links),
        counters=tuple(counters),
        drawing=Bars(labels=titles, series=tuple(series), horizontal=True, unit="share"),
        note=note,
    )


def times(asked: Asked, name: str, heading: str, counters: Sequence[str], *, note: str | None = None) -> Panel:
    """Counters that are times, each with the number of contacts behind it."""
    t, language = asked.t, asked.language
    titles = tuple(title(COUNTERS[counter], language) for counter in counters)
    rows: list[tuple[Cell, ...]] = []
    links: list[str | None] = []
    series = []
    for period, tally, days in _beside(asked):
        found = [read(counter, tally) for counter in counters]
        links += [asked.behind(counter, days) for counter in counters]
        rows += [(label, period, one.value, one.whole) for label, one in zip(titles, found, strict=True)]
        series.append(Series(period, tuple(one.value for one in found)))
    first = [read(counter, asked.counted.whole) for counter in counters]
    behind = first[0].whole or 0
    words = (
        t(
            "report_pages.times",
            figures=joined(
                [f"{label.lower()} {_seconds(one, language)}" for label, one in zip(titles, first, strict=True)],
                language,
            ),
            number=number(behind, language),
        )
        if behind
        else t("report_pages.times_none")
    )
    return Panel(
        name=name,
        title=heading,
        summary=words[:1].upper() + words[1:],
        columns=(
            Column(t("report_pages.figure"), "text"),
            Column(t("report_pages.period"), "text"),
            Column(t("report_pages.time"), "seconds"),
            Column(t("report_pages.behind")),
        ),
        rows=tuple(rows),
        links=tuple(links),
        counters=tuple(counters),
        drawing=Bars(labels=titles, series=tuple(series), horizontal=True, unit="seconds"),
        note=note,
    )


def share_words(asked: Asked, one: Figure) -> str:
    """A share as a sentence: its title, percent, part of whole, and interval."""
    language = asked.language
    name = title(one.counter, language)
    if one.value is None or one.low is None or one.high is None:
        return asked.t("report_pages.share_none", figure=name)
    return asked.t(
        "report_pages.share_words",
        figure=name,
        share=percent(one.value, language),
        part=number(one.part or 0, language),
        whole=number(one.whole or 0, language),
        low=percent(one.low, language),
        high=percent(one.high, language),
    )


def joined(parts: Sequence[str], language: str) -> str:
    """«a, b og c»."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {'and' if language == 'en' else 'og'} {parts[-1]}"


def weekdays(language: str, *, short: bool = True) -> tuple[str, ...]:
    """The names of the days, Monday first: man., tir.; mandag, tirsdag."""
    names = get_day_names("abbreviated" if short else "wide", locale=locale_of(language))
    return tuple(str(names[day]) for day in range(7))


def hour_value(weekday: int, hour: int) -> str:
    """An hour of the week as the counters write it; Monday is 0."""
    return f"{weekday}-{hour:02}"


def hour_cut(weekday: int, hour: int) -> str:
    """The cut of an hour of the week."""
    return cut_of(hour_of_week=hour_value(weekday, hour))


def hour_words(hour: int) -> str:
    """An hour of the day as its span: 09–10."""
    return f"{hour:02}–{hour + 1:02}"


def hours_of(tally: Tally, mark: str = "contacts") -> tuple[int, ...]:
    """The hours of the day, without gaps, from the first to the last in which something was counted."""
    found = [hour for hour in range(24) if any(tally.count(mark, hour_cut(weekday, hour)) for weekday in range(7))]
    return tuple(range(min(found), max(found) + 1)) if found else ()


def days_of(tally: Tally, mark: str = "contacts") -> tuple[int, ...]:
    """Monday to Friday, and the days at the weekend in which something was counted."""
    return tuple(
        weekday
        for weekday in range(7)
        if weekday < 5 or any(tally.count(mark, hour_cut(weekday, hour)) for hour in range(24))
    )


def _seconds(one: Figure, language: str) -> str:
    return "–" if one.value is None else duration(one.value, language)
