"""The overview: this week beside the same week last year, one sentence each for what a manager asks first."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpline.core import trend
from helpline.core.counters import breakdown
from helpline.core.tally import Cut, Tally
from helpline.core.trend import Verdict
from helpline.desk.counters import Counted, in_steps
from helpline.web.panel_figures import shares, times
from helpline.web.panels import Bars, Column, Panel, Series
from helpline.web.report_asked import Asked, in_words
from helpline.web.reports_chart import count_words, spans, starts, step_label
from helpline.web.reports_numbers import number
from helpline.web.reports_period import Period
from helpline.web.reports_view import value_label

#: Where something new shows first, and how much of it is shown.
_NEWS = ("topic", "challenge_area", "relation", "channel", "county", "urgency")
_MOST = 8
#: What the page counts by.
CUTS: tuple[Cut, ...] = tuple((dimension,) for dimension in _NEWS)


async def panels(asked: Asked) -> tuple[Panel, ...]:
    """The page."""
    t = asked.t
    return (
        contacts(asked),
        shares(asked, "answered", t("overview.answered"), ("answer_rate", "service_level")),
        times(asked, "wait", t("overview.wait"), ("wait_median", "wait_p90")),
        news(asked),
    )


def contacts(asked: Asked) -> Panel:
    """Contacts by step of time, the two periods beside each other."""
    t, language, period, step = asked.t, asked.language, asked.wanted.period, asked.wanted.period.step
    labels = tuple(step_label(start, step, language) for start in starts(period.first, period.last, step))
    now = _counts(asked.counted, asked.wanted.period, step)
    behind = [_behind(asked, asked.wanted.period, now)]
    count = count_words(sum(now), language)
    beside = asked.wanted.compared
    series: tuple[Series, ...]
    if asked.compared is None or beside is None or not asked.compared.whole:
        series = (Series(t("report_pages.this_period"), now),)
        summary = t("report_pages.contacts_none", count=count)
        if beside is not None:
            summary += " " + t("report_pages.nothing_beside", period=in_words(beside, language))
    else:
        before = _counts(asked.compared, beside, step)[: len(now)]
        before += (0,) * (len(now) - len(before))
        behind.append(_behind(asked, beside, before))
        series = (Series(t("report_pages.this_period"), now), Series(t("report_pages.that_period"), before))
        summary = t("report_pages.contacts_beside", count=count, before=count_words(sum(before), language))
        if period.name == "week":
            year, week, _ = beside.first.isocalendar()
            summary += " " + t("overview.iso_week", week=period.first.isocalendar().week, beside=week, year=year)
    return Panel(
        name="contacts",
        title=t("report_pages.contacts_title"),
        summary=summary,
        columns=(Column(t("report_pages.when"), "text"), *(Column(one.name) for one in series)),
        rows=tuple((label, *(one.values[place] for one in series)) for place, label in enumerate(labels)),
        links=tuple((None, *of_step) for of_step in zip(*behind, strict=True)),
        counters=("contacts",),
        drawing=Bars(labels=labels, series=series),
    )


def _behind(asked: Asked, period: Period, counts: Sequence[int]) -> list[str | None]:
    """The addresses behind the counts of a period's steps; none where nothing was counted."""
    days = spans(period, asked.wanted.period.step)
    return [asked.behind("contacts", days[place]) if count else None for place, count in enumerate(counts)]


def _counts(counted: Counted, period: Period, step: str) -> tuple[int, ...]:
    tallies = in_steps(counted, step)
    days = starts(period.first, period.last, step)
    return tuple(tallies[start].count("contacts") if start in tallies else 0 for start in days)


@dataclass(frozen=True, kw_only=True)
class Change:
    """How often something was counted now, and in the period beside; whether chance alone is not enough for that."""

    dimension: str
    code: str
    now: int
    before: int
    beyond_chance: bool


def changes(now: Tally, before: Tally) -> list[Change]:
    """What was counted more or less often than before, the largest difference first. The two periods are as long as
    each other; many values are looked at together, and that is allowed for (`core.trend`)."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for dimension in _NEWS:
        first, second = (breakdown(tally, dimension).counts for tally in (now, before))
        for code in dict.fromkeys([*first, *second]):
            counts[dimension, code] = first.get(code, 0), second.get(code, 0)
    found = [
        Change(
            dimension=dimension,
            code=code,
            now=one.now,
            before=one.before,
            beyond_chance=one.verdict in (Verdict.RISE, Verdict.FALL),
        )
        for (dimension, code), one in trend.changes(counts, exposure_now=1, exposure_before=1).items()
    ]
    return sorted((one for one in found if one.now != one.before), key=lambda one: -abs(one.now - one.before))


def news(asked: Asked) -> Panel:
    """What changed most since the period beside, and whether it is more than chance."""
    t, language = asked.t, asked.language
    columns = (
        Column(t("overview.what"), "text"),
        Column(t("report_pages.this_period")),
        Column(t("report_pages.that_period")),
        Column(t("overview.verdict"), "text"),
    )
    if asked.compared is None or not asked.compared.whole:
        words = t("overview.news_alone")
        return Panel(name="news", title=t("overview.news"), summary=words, columns=columns, rows=())
    found = changes(asked.counted.whole, asked.compared.whole)
    real = [one for one in found if one.beyond_chance][:_MOST]
    shown = real + [one for one in found if not one.beyond_chance][: max(0, _MOST - len(real))]
    labels = tuple(_named(one, asked) for one in shown)
    return Panel(
        name="news",
        title=t("overview.news"),
        summary=" ".join(
            t(
                "overview.more" if one.now > one.before else "overview.less",
                what=_named(one, asked),
                now=number(one.now, language),
                before=number(one.before, language),
            )
            for one in real[:3]
        )
        or t("overview.news_none"),
        columns=columns,
        rows=tuple(
            (label, one.now, one.before, t("overview.beyond" if one.beyond_chance else "overview.chance"))
            for label, one in zip(labels, shown, strict=True)
        ),
        counters=("contacts",),
        drawing=Bars(
            labels=labels,
            series=(
                Series(t("report_pages.this_period"), tuple(one.now for one in shown)),
                Series(t("report_pages.that_period"), tuple(one.before for one in shown)),
            ),
            horizontal=True,
        )
        if shown
        else None,
        note=t("overview.news_note"),
        links=tuple(_behind_change(asked, one) for one in shown),
    )


def _behind_change(asked: Asked, one: Change) -> tuple[str | None, ...]:
    cell = {one.dimension: one.code}
    now = asked.behind("contacts", cell=cell) if one.now else None
    before = asked.behind("contacts", asked.wanted.compared, cell=cell) if one.before else None
    return (None, now, before, None)


def _named(one: Change, asked: Asked) -> str:
    value = value_label(one.dimension, one.code, asked.language, asked.t)
    return f"{asked.t(f'report_pages.filter_{one.dimension}')}: {value}"
