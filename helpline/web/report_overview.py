"""The overview: this week beside the same week last year, one sentence each for what a manager asks first."""

from helpline.desk.counters import Counted, in_steps
from helpline.web.panels import Bars, Column, Panel, Series
from helpline.web.report_asked import Asked
from helpline.web.reports_chart import count_words, starts, step_label
from helpline.web.reports_period import Period


async def panels(asked: Asked) -> tuple[Panel, ...]:
    """The page."""
    return (contacts(asked),)


def contacts(asked: Asked) -> Panel:
    """Contacts by step of time, the two periods beside each other."""
    t, language, period, step = asked.t, asked.language, asked.wanted.period, asked.wanted.period.step
    labels = tuple(step_label(start, step, language) for start in starts(period.first, period.last, step))
    now = _counts(asked.counted, asked.wanted.period, step)
    count = count_words(sum(now), language)
    beside = asked.wanted.compared
    series: tuple[Series, ...]
    if asked.compared is None or beside is None:
        series = (Series(t("report_pages.this_period"), now),)
        summary = t("report_pages.contacts_none", count=count)
    else:
        before = _counts(asked.compared, beside, step)[: len(now)]
        before += (0,) * (len(now) - len(before))
        series = (Series(t("report_pages.this_period"), now), Series(t("report_pages.that_period"), before))
        summary = t("report_pages.contacts_beside", count=count, before=count_words(sum(before), language))
    return Panel(
        name="contacts",
        title=t("report_pages.contacts_title"),
        summary=summary,
        columns=(Column(t("report_pages.when"), "text"), *(Column(one.name) for one in series)),
        rows=tuple((label, *(one.values[place] for one in series)) for place, label in enumerate(labels)),
        counters=("contacts",),
        drawing=Bars(labels=labels, series=series),
    )


def _counts(counted: Counted, period: Period, step: str) -> tuple[int, ...]:
    tallies = in_steps(counted, step)
    days = starts(period.first, period.last, step)
    return tuple(tallies[start].count("contacts") if start in tallies else 0 for start in days)
