"""Waiting and service: whether we answered, how long people waited, when they gave up, and at which hours."""

from collections.abc import Mapping
from math import ceil

from helpline.core.counters import Figure, breakdown, median, percentile, read
from helpline.core.tally import Cut, Tally, cut_of
from helpline.desk.counters import in_steps
from helpline.web.panel_figures import days_of, hour_cut, hour_value, hour_words, hours_of, shares, times, weekdays
from helpline.web.panels import Bars, Cell, Column, Heat, Lines, Panel, Series, Unit
from helpline.web.report_asked import Asked
from helpline.web.reports_chart import spans, starts, step_label
from helpline.web.reports_numbers import duration, number, percent
from helpline.web.reports_period import Period
from helpline.web.reports_view import value_label

#: Attempts under which an hour's answer rate is not drawn: it would be noise that looks like a pattern.
LEAST = 5
#: What the page counts by.
CUTS: tuple[Cut, ...] = (("channel",), ("hour_of_week",))


async def panels(asked: Asked) -> tuple[Panel, ...]:
    """The page."""
    t = asked.t
    return (
        shares(asked, "answer-rate", t("waiting_page.answer_rate"), ("answer_rate", "answer_rate_callers")),
        shares(asked, "service-level", t("waiting_page.service_level"), ("service_level", "service_level_answered")),
        times(
            asked,
            "wait",
            t("waiting_page.wait"),
            ("wait_median", "wait_mean", "wait_p90"),
            note=t("waiting_page.wait_note"),
        ),
        times(asked, "handling", t("waiting_page.handling"), ("handling_median", "handling_mean")),
        over_time(asked),
        patience(asked),
        hours(asked),
        hours_answered(asked),
        channels(asked),
    )


def over_time(asked: Asked) -> Panel:
    """The answer rate by step of time, with its interval as a band."""
    t, language, step = asked.t, asked.language, asked.wanted.period.step
    tallies = in_steps(asked.counted, step)
    days = starts(asked.wanted.period.first, asked.wanted.period.last, step)
    found = [read("answer_rate", tallies.get(start, Tally())) for start in days]
    known = [one.value for one in found if one.value is not None]
    labels = tuple(step_label(start, step, language) for start in days)
    return Panel(
        name="answer-rate-over-time",
        title=t("waiting_page.over_time"),
        summary=t("waiting_page.over_time_words", low=percent(min(known), language), high=percent(max(known), language))
        if known
        else t("waiting_page.none"),
        columns=(
            Column(t("report_pages.when"), "text"),
            Column(t("report_pages.share"), "share"),
            Column(t("waiting_page.answered")),
            Column(t("waiting_page.attempts")),
            Column(t("report_pages.low"), "share"),
            Column(t("report_pages.high"), "share"),
        ),
        rows=tuple(
            (label, one.value, one.part, one.whole, one.low, one.high) for label, one in zip(labels, found, strict=True)
        ),
        links=tuple(
            _behind_rate(asked, one, days=of_step)
            for one, of_step in zip(found, spans(asked.wanted.period, step), strict=True)
        ),
        counters=("answer_rate",),
        drawing=Lines(
            labels=labels,
            series=(
                Series(
                    t("report_pages.this_period"),
                    tuple(one.value for one in found),
                    low=tuple(one.low for one in found),
                    high=tuple(one.high for one in found),
                ),
            ),
            unit="share",
        ),
        note=t("waiting_page.band"),
    )


def patience(asked: Asked) -> Panel:
    """By time in the queue: the share that still waits, and the share that has left without an answer."""
    t, language, tally = asked.t, asked.language, asked.counted.whole
    answered, left = tally.histogram("wait"), tally.histogram("left")
    everyone = sum(answered.values()) + sum(left.values())
    seconds = _moments(answered, left)
    still = [everyone - _within(answered, at) - _within(left, at) for at in seconds]
    lost = [_within(left, at) for at in seconds]
    waiting, gone = (tuple(count / everyone for count in counts) for counts in (still, lost))
    half = median(left)
    if not everyone:
        summary = t("waiting_page.none")
    else:
        summary = t(
            "waiting_page.patience_words",
            number=number(everyone, language),
            left=number(sum(left.values()), language),
            share=percent((everyone - _within(answered, 60) - _within(left, 60)) / everyone, language),
        )
        if half is not None:
            summary += " " + t("waiting_page.patience_half", half=duration(half, language))
    labels = tuple(duration(at, language) for at in seconds)
    return Panel(
        name="patience",
        title=t("waiting_page.patience"),
        summary=summary,
        columns=(
            Column(t("waiting_page.after"), "text"),
            Column(t("waiting_page.still"), "share"),
            Column(t("waiting_page.gone"), "share"),
            Column(t("after_figure.still_number")),
            Column(t("after_figure.gone_number")),
        ),
        rows=tuple(zip(labels, waiting, gone, still, lost, strict=True)),
        links=tuple(
            (
                *(None,) * 3,
                asked.behind("waited", cell={"waited_over": str(at)}) if waits else None,
                asked.behind("left", cell={"waited_at_most": str(at)}) if went else None,
            )
            for at, waits, went in zip(seconds, still, lost, strict=True)
        ),
        counters=("waited", "left", "left_median"),
        drawing=Lines(
            labels=labels,
            series=(Series(t("waiting_page.still"), waiting), Series(t("waiting_page.gone"), gone)),
            unit="share",
        )
        if everyone
        else None,
        note=t("waiting_page.patience_note"),
    )


def hours(asked: Asked) -> Panel:
    """Contacts by hour of the week."""
    t, tally = asked.t, asked.counted.whole
    days, times_of_day = days_of(tally), hours_of(tally)
    values = tuple(tuple(tally.count("contacts", hour_cut(day, hour)) for hour in times_of_day) for day in days)
    busiest = max(
        (
            (count, day, hour)
            for day, row in zip(days, values, strict=True)
            for hour, count in zip(times_of_day, row, strict=True)
        ),
        key=lambda one: one[0],
        default=None,
    )
    return Panel(
        name="hours",
        title=t("waiting_page.hours"),
        summary=t(
            "waiting_page.hours_words",
            day=weekdays(asked.language, short=False)[busiest[1]],
            hour=hour_words(busiest[2]),
            number=number(busiest[0], asked.language),
        )
        if busiest
        else t("waiting_page.none"),
        columns=(
            Column(t("waiting_page.day"), "text"),
            *(Column(hour_words(hour)) for hour in times_of_day),
            Column(t("reports.total")),
        ),
        rows=tuple(
            (weekdays(asked.language, short=False)[day], *row, sum(row)) for day, row in zip(days, values, strict=True)
        ),
        links=tuple(
            (
                None,
                *(
                    asked.behind("contacts", cell={"hour_of_week": hour_value(day, hour)}) if count else None
                    for hour, count in zip(times_of_day, row, strict=True)
                ),
                asked.behind("contacts", cell={"weekday": str(day)}) if sum(row) else None,
            )
            for day, row in zip(days, values, strict=True)
        ),
        counters=("contacts",),
        drawing=_heat(asked, days, times_of_day, values, "count") if times_of_day else None,
        note=t("waiting_page.hours_note"),
    )


def hours_answered(asked: Asked) -> Panel:
    """The answer rate by hour of the week, where there were attempts enough to say one."""
    t, language, tally = asked.t, asked.language, asked.counted.whole
    found = {
        (day, hour): read("answer_rate", tally, cut=hour_cut(day, hour))
        for day in days_of(tally)
        for hour in hours_of(tally)
    }
    enough = {at: one for at, one in found.items() if one.value is not None and (one.whole or 0) >= LEAST}
    days = tuple(day for day in days_of(tally) if any(at[0] == day for at in enough))
    hours_there = [hour for _, hour in enough]
    times_of_day = tuple(range(min(hours_there), max(hours_there) + 1)) if enough else ()
    lowest = min(enough.items(), key=lambda item: item[1].value or 0, default=None)
    rows: list[tuple[Cell, ...]] = [
        (
            f"{weekdays(language, short=False)[day]} {hour_words(hour)}",
            one.value,
            one.part,
            one.whole,
            one.low,
            one.high,
        )
        for (day, hour), one in found.items()
        if one.whole
    ]
    return Panel(
        name="hours-answered",
        title=t("waiting_page.hours_answered"),
        summary=t(
            "waiting_page.hours_answered_words",
            day=weekdays(language, short=False)[lowest[0][0]],
            hour=hour_words(lowest[0][1]),
            part=number(lowest[1].part or 0, language),
            whole=number(lowest[1].whole or 0, language),
        )
        if lowest
        else t("waiting_page.too_few", least=LEAST),
        columns=(
            Column(t("waiting_page.hour"), "text"),
            Column(t("report_pages.share"), "share"),
            Column(t("waiting_page.answered")),
            Column(t("waiting_page.attempts")),
            Column(t("report_pages.low"), "share"),
            Column(t("report_pages.high"), "share"),
        ),
        rows=tuple(rows),
        links=tuple(
            _behind_rate(asked, one, cell={"hour_of_week": hour_value(day, hour)})
            for (day, hour), one in found.items()
            if one.whole
        ),
        counters=("answer_rate",),
        drawing=_heat(
            asked,
            days,
            times_of_day,
            tuple(
                tuple(enough[day, hour].value if (day, hour) in enough else None for hour in times_of_day)
                for day in days
            ),
            "share",
        )
        if enough
        else None,
        note=t("waiting_page.hours_answered_note", least=LEAST),
    )


def _behind_rate(
    asked: Asked, one: Figure, *, days: Period | None = None, cell: Mapping[str, str] | None = None
) -> tuple[str | None, ...]:
    """What the cells of a row lead to that has a label, the answer rate, its part, its whole and its interval."""
    answered = asked.behind("answered", days, cell=cell) if one.part else None
    attempts = asked.behind("answer_rate", days, cell=cell) if one.whole else None
    return (None, None, answered, attempts, None, None)


def channels(asked: Asked) -> Panel:
    """Every channel's own answer rate and waits."""
    t, language, tally = asked.t, asked.language, asked.counted.whole
    names = ("contacts", "answered", "answer_rate", "wait_median", "wait_p90")
    codes = [
        code
        for code in breakdown(tally, "channel").counts
        if read("answer_rate", tally, cut=cut_of(channel=code)).whole
    ]
    found = {code: {name: read(name, tally, cut=cut_of(channel=code)) for name in names} for code in codes}
    labels = tuple(value_label("channel", code, language, t) for code in codes)
    rates = [found[code]["answer_rate"] for code in codes]
    return Panel(
        name="channels",
        title=t("waiting_page.channels"),
        summary=" ".join(
            t(
                "waiting_page.channel_words",
                channel=label,
                part=number(one.part or 0, language),
                whole=number(one.whole or 0, language),
            )
            for code, label, one in zip(codes, labels, rates, strict=True)
        )
        or t("waiting_page.none"),
        columns=(
            Column(t("reports.channel"), "text"),
            Column(t("report_pages.contacts_title")),
            Column(t("waiting_page.answered")),
            Column(t("report_pages.share"), "share"),
            Column(t("waiting_page.wait_median"), "seconds"),
            Column(t("waiting_page.wait_p90"), "seconds"),
        ),
        rows=tuple(
            (label, *(found[code][name].value for name in names)) for code, label in zip(codes, labels, strict=True)
        ),
        links=tuple(
            (None, *(asked.behind(name, cell={"channel": code}) if found[code][name].value else None for name in names))
            for code in codes
        ),
        counters=names,
        drawing=Bars(
            labels=labels,
            series=(
                Series(
                    t("report_pages.share"),
                    tuple(one.value for one in rates),
                    low=tuple(one.low for one in rates),
                    high=tuple(one.high for one in rates),
                ),
            ),
            horizontal=True,
            unit="share",
        )
        if codes
        else None,
        note=t("waiting_page.channels_note"),
    )


def _heat(
    asked: Asked,
    days: tuple[int, ...],
    times_of_day: tuple[int, ...],
    values: tuple[tuple[int | float | None, ...], ...],
    unit: Unit,
) -> Heat:
    names = weekdays(asked.language)
    return Heat(
        rows=tuple(names[day] for day in days),
        columns=tuple(f"{hour:02}" for hour in times_of_day),
        values=values,
        unit=unit,
    )


def _within(histogram: Mapping[int, int], seconds: int) -> int:
    return sum(count for value, count in histogram.items() if value <= seconds)


def _moments(answered: Mapping[int, int], left: Mapping[int, int]) -> tuple[int, ...]:
    """Even steps of about thirty from 0 to where all but one in fifty have stopped waiting."""
    together = {at: answered.get(at, 0) + left.get(at, 0) for at in sorted(answered.keys() | left.keys())}
    longest = percentile(together, 98)
    if longest is None:
        return ()
    end = max(60, longest)
    step = next((one for one in (2, 5, 10, 15, 30, 60, 120, 300) if end <= 30 * one), ceil(end / 30 / 600) * 600)
    return tuple(range(0, (ceil(end / step) + 1) * step, step))
