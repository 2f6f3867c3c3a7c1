"""Quality: whether we asked what matters, what callers said it was worth, promises kept, letters and knowledge used."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import time, timedelta

from helpline.core.codes import Outcome
from helpline.core.counters import Figure, breakdown, read
from helpline.core.duty import Role
from helpline.core.hours import wall_clock
from helpline.core.tally import Tally, cut_of
from helpline.core.trend import FEWEST, ShareChange, Verdict, share_change
from helpline.desk import gaps as gap_words
from helpline.desk.counters import in_steps
from helpline.store import callbacks, gaps
from helpline.web.panel_figures import periods, share_words, shares
from helpline.web.panels import Bars, Cell, Column, Lines, Panel, Series
from helpline.web.report_asked import Asked
from helpline.web.report_trends import (
    Beside,
    beside,
    by_value,
    interval_words,
    method,
    points_words,
    relative,
    total,
    value_words,
    verdict_words,
)
from helpline.web.reports_chart import spans, starts, step_label
from helpline.web.reports_numbers import number, percent, points

#: What the page counts by.
CUTS = (("channel",), ("article",), ("evaluation",))


async def panels(asked: Asked) -> tuple[Panel, ...]:
    """The page."""
    other = await beside(asked)
    t = asked.t
    return (
        _what_matters(asked, other),
        _what_matters_over_time(asked),
        _evaluation(asked),
        await _callbacks(asked),
        _counted(asked, other, "letters", "letters", "letters", {}),
        shares(asked, "knowledge", t("quality_page.knowledge"), ("knowledge_used",)),
        by_value(asked, other, "article"),
        await _gaps(asked),
        _counted(asked, other, "erased", "outcome:withdrawn", "contacts", {"outcome": "withdrawn"}),
        method(asked),
    )


def _what_matters(asked: Asked, other: Beside) -> Panel:
    """How often we asked, by channel, and whether that is clearly more or less than before."""
    t, language = asked.t, asked.language
    whole = asked.counted.whole
    codes = list(breakdown(whole, "channel").counts)
    cuts = [
        (t("reports.total"), ""),
        *((value_words(asked, "channel", one), cut_of(channel=one)) for one in codes),
    ]
    behind: list[dict[str, str]] = [{}, *({"channel": one} for one in codes)]
    rows: list[tuple[Cell, ...]] = []
    series: list[Figure] = []
    for label, cut in cuts:
        now = read("asked_what_matters", whole, cut=cut)
        then = read("asked_what_matters", other.before, cut=cut) if other.before is not None else None
        found = _of_shares(now, then)
        series.append(now)
        rows.append(
            (
                label,
                now.value,
                now.part,
                now.whole,
                now.low,
                now.high,
                then.value if then is not None else None,
                points_words(found, language, t) if found is not None else None,
            )
        )
    now, then = series[0], read("asked_what_matters", other.before) if other.before is not None else None
    said = [share_words(asked, now)]
    if other.why_not is not None:
        said.append(other.why_not)
    elif then is not None:
        said.append(_share_verdict(asked, now, then))
    return Panel(
        name="what-matters",
        title=t("quality_page.what_matters"),
        summary=" ".join(said),
        columns=(
            Column(t("reports.channel"), "text"),
            Column(t("report_pages.share"), "share"),
            Column(t("report_pages.part")),
            Column(t("report_pages.whole")),
            Column(t("report_pages.low"), "share"),
            Column(t("report_pages.high"), "share"),
            Column(t("report_content.share_before"), "share"),
            Column(t("report_content.share_interval"), "text"),
        ),
        rows=tuple(rows),
        links=tuple(
            asked.behind("asked_what_matters", cell=cell) if one.whole else None
            for cell, one in zip(behind, series, strict=True)
        ),
        counters=("asked_what_matters",),
        drawing=Bars(
            labels=tuple(label for label, _ in cuts),
            series=(_band(t("report_pages.this_period"), series),),
            horizontal=True,
            unit="share",
        ),
        note=t("quality_page.what_matters_note"),
    )


def _what_matters_over_time(asked: Asked) -> Panel:
    t, language, period = asked.t, asked.language, asked.wanted.period
    tallies = in_steps(asked.counted, period.step)
    days = starts(period.first, period.last, period.step)
    found = [read("asked_what_matters", tallies.get(start, Tally())) for start in days]
    labels = tuple(step_label(start, period.step, language) for start in days)
    known = [one.value for one in found if one.value is not None]
    return Panel(
        name="what-matters-over-time",
        title=t("quality_page.over_time"),
        summary=t("quality_page.over_time_words", low=percent(min(known), language), high=percent(max(known), language))
        if known
        else t("quality_page.none"),
        columns=(
            Column(t("report_pages.when"), "text"),
            Column(t("report_pages.share"), "share"),
            Column(t("report_pages.part")),
            Column(t("report_pages.whole")),
            Column(t("report_pages.low"), "share"),
            Column(t("report_pages.high"), "share"),
        ),
        rows=tuple(
            (label, one.value, one.part, one.whole, one.low, one.high) for label, one in zip(labels, found, strict=True)
        ),
        links=tuple(
            asked.behind("asked_what_matters", of_step) if one.whole else None
            for one, of_step in zip(found, spans(period, period.step), strict=True)
        ),
        counters=("asked_what_matters",),
        drawing=Lines(labels=labels, series=(_band(t("report_pages.this_period"), found),), unit="share"),
    )


def _evaluation(asked: Asked) -> Panel:
    """What callers answered, from 0 to 10: the whole distribution, since a mean hides those we did not help."""
    t, language = asked.t, asked.language
    mean = read("evaluation", asked.counted.whole)
    both = [breakdown(tally, "evaluation") for _, tally in periods(asked)]
    scale = [str(number) for number in range(11)]
    answers = both[0]
    if mean.value is None:
        summary = t("quality_page.evaluation_none")
    else:
        low = sum(answers.counts.get(one, 0) for one in scale[:6])
        summary = t(
            "quality_page.evaluation_words",
            mean=points(mean.value, language),
            answers=number(answers.known, language),
            low=number(low, language),
        )
    names = [name for name, _ in periods(asked)]
    return Panel(
        name="evaluation",
        title=t("quality_page.evaluation"),
        summary=summary,
        columns=(
            Column(t("quality_page.answer"), "text"),
            *(column for name in names for column in (Column(name), Column(t("report_pages.share"), "share"))),
        ),
        rows=tuple(
            (one, *(cell for found in both for cell in (found.counts.get(one, 0), found.share(one)))) for one in scale
        ),
        links=tuple(
            (
                None,
                *(
                    link
                    for found, days in zip(both, (asked.wanted.period, asked.wanted.compared), strict=False)
                    for link in (
                        asked.behind("evaluations", days, cell={"evaluation": one}) if found.counts.get(one) else None,
                        None,
                    )
                ),
            )
            for one in scale
        ),
        counters=("evaluation", "evaluations"),
        drawing=Bars(
            labels=tuple(scale),
            series=tuple(
                Series(name, tuple(found.share(one) for one in scale))
                for name, found in zip(names, both, strict=True)
                if found.known
            ),
            unit="share",
        )
        if answers.known
        else None,
        note=t("quality_page.evaluation_note"),
    )


async def _callbacks(asked: Asked) -> Panel:
    """Promises to ring back: as the log has them, and as the contacts of this service tell them."""
    t, language = asked.t, asked.language
    kept = read("callbacks_kept", asked.counted.whole)
    found = [
        await callbacks.promised(
            asked.session,
            begins=wall_clock(period.first, time(0), asked.house.zone),
            ends=wall_clock(period.last + timedelta(days=1), time(0), asked.house.zone),
            include_simulated=asked.include_simulated,
        )
        for period in (asked.wanted.period, asked.wanted.compared)
        if period is not None
    ]
    tallies = [asked.counted.whole, *([asked.compared.whole] if asked.compared is not None else [])]
    figures = [(read("callbacks_promised", tally), read("callbacks_kept", tally)) for tally in tallies]
    lines: list[tuple[str, list[int | float | None]]] = [
        (t("quality_page.log_promised"), [promised.value for promised, _ in figures]),
        (t("quality_page.log_kept"), [kept.part for _, kept in figures]),
        (t("quality_page.asked_for"), [one.promised for one in found]),
        (t("quality_page.reached"), [one.kept for one in found]),
        (t("quality_page.not_reached"), [one.failed for one in found]),
        (t("quality_page.still_waiting"), [one.waiting for one in found]),
    ]
    names = [t("report_pages.this_period"), t("report_pages.that_period")][: len(found)]
    said = [share_words(asked, kept)]
    if found[0].promised:
        numbers = {"asked": found[0].promised, "kept": found[0].kept, "waiting": found[0].waiting}
        said.append(t("quality_page.callbacks_words", **{name: number(one, language) for name, one in numbers.items()}))
    return Panel(
        name="callbacks",
        title=t("quality_page.callbacks"),
        summary=" ".join(said),
        columns=(Column(t("load_page.what"), "text"), *(Column(name) for name in names)),
        rows=tuple((label, *values) for label, values in lines),
        links=(*_behind_callbacks(asked, [values for _, values in lines[:2]]), *(None,) * (len(lines) - 2)),
        counters=("callbacks_promised", "callbacks_kept"),
        note=t("quality_page.callbacks_note"),
    )


def _behind_callbacks(asked: Asked, lines: Sequence[Sequence[float | None]]) -> Iterator[tuple[str | None, ...]]:
    """What the two lines of the log lead to: every promise, and those that were kept."""
    cells: tuple[dict[str, str], ...] = ({}, {"outcome": Outcome.CALLBACK_DONE})
    days = (asked.wanted.period, asked.wanted.compared)
    for values, cell in zip(lines, cells, strict=True):
        behind = (
            asked.behind("callbacks_promised", of, cell=cell) if value else None
            for value, of in zip(values, days, strict=False)
        )
        yield (None, *behind)


def _counted(asked: Asked, other: Beside, name: str, mark: str, counter: str, where: Mapping[str, str]) -> Panel:
    """A single count with its change and verdict: a mark of the tally, the counter that it is, and its records."""
    t, language = asked.t, asked.language
    heading = t(f"quality_page.{name}")
    now = asked.counted.whole.count(mark)
    found = total(asked, other, mark)
    said = [t(f"quality_page.{name}_words", count=number(now, language))]
    said.append(verdict_words(found, t) + "." if found is not None else other.why_not or "")
    row: tuple[Cell, ...] = (
        heading,
        now,
        other.before.count(mark) if other.before is not None else None,
        relative(found),
        interval_words(found, language, t) if found is not None else None,
        verdict_words(found, t) if found is not None else None,
    )
    return Panel(
        name=name,
        title=heading,
        summary=" ".join(said),
        columns=(
            Column(t("load_page.what"), "text"),
            Column(t("reports.count")),
            Column(t("report_content.count_before")),
            Column(t("report_content.change"), "change"),
            Column(t("report_content.change_interval"), "text"),
            Column(t("report_content.verdict"), "text"),
        ),
        rows=(row,),
        links=(
            (
                None,
                asked.behind(counter, cell=where) if row[1] else None,
                asked.behind(counter, asked.wanted.compared, cell=where) if row[2] else None,
                *(None,) * 3,
            ),
        ),
        counters=(counter,),
        note=t(f"quality_page.{name}_note"),
    )


async def _gaps(asked: Asked) -> Panel:
    """Questions that no article answered. They are kept for a time only, so older ones cannot be compared."""
    t, language, period = asked.t, asked.language, asked.wanted.period
    found = await gaps.number(asked.session, first=period.first, last=period.last)
    askers = (gap_words.CALLER, gap_words.ADVISOR)
    link = "/admin/gaps" if asked.signed.may(Role.MANAGER) else None
    return Panel(
        name="gaps",
        title=t("quality_page.gaps"),
        summary=t("quality_page.gaps_words", count=number(sum(found.values()), language)),
        columns=(Column(t("quality_page.asked_by"), "text"), Column(t("reports.count"))),
        rows=tuple((t(f"quality_page.gaps_{one}"), found.get(one, 0)) for one in askers),
        links=(link,) * len(askers),
        note=t("quality_page.gaps_note", days=gap_words.KEPT.days),
    )


def _of_shares(now: Figure, then: Figure | None) -> ShareChange | None:
    if then is None:
        return None
    return share_change(now.part or 0, now.whole or 0, then.part or 0, then.whole or 0)


def _share_verdict(asked: Asked, now: Figure, then: Figure) -> str:
    found, t = _of_shares(now, then), asked.t
    if found is None or min(now.whole or 0, then.whole or 0) < FEWEST:
        return t(f"report_content.verdict_{Verdict.TOO_FEW}") + "."
    verdict = Verdict.NO_CLEAR_CHANGE
    if found.clear:
        verdict = Verdict.RISE if found.difference > 0 else Verdict.FALL
    return t(
        "quality_page.share_changed",
        before=percent(then.value or 0, asked.language),
        verdict=t(f"report_content.verdict_{verdict}"),
        interval=points_words(found, asked.language, t),
    )


def _band(name: str, found: Sequence[Figure]) -> Series:
    return Series(
        name,
        tuple(one.value for one in found),
        low=tuple(one.low for one in found),
        high=tuple(one.high for one in found),
    )
