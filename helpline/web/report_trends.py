"""Contacts by the values of a dimension, with what may be said of each: rate, interval, verdict in plain words.

Only whole days are compared. Today counts among the contacts, but a day that is not over is no day to set beside one
that was, so the change goes up to yesterday.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from helpline.core.codes import DECLINED, UNKNOWN, municipality_names
from helpline.core.counters import Breakdown, breakdown, interval
from helpline.core.marks import SEVERAL
from helpline.core.tally import Tally
from helpline.core.trend import Change, ShareChange, Verdict, change, changes, share_change
from helpline.store import records
from helpline.web import records_behind
from helpline.web.panel_figures import joined
from helpline.web.panels import Bars, Cell, Column, Panel, Series
from helpline.web.report_asked import Asked
from helpline.web.reports_chart import count_words
from helpline.web.reports_numbers import change as signed_percent
from helpline.web.reports_numbers import long_date, number, percent
from helpline.web.reports_period import Period
from helpline.web.reports_view import Say

#: Values that a drawing has room for; the table has them all.
DRAWN = 12


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a page's counts are compared with. `days_now` and `days_before` are the whole days of each; `why_not` is
    the sentence to show instead, where there is nothing to compare with."""

    before: Tally | None
    today: Tally | None
    last_day: Tally | None
    days_now: int
    days_before: int
    why_not: str | None


async def beside(asked: Asked) -> Beside:
    """The other period of a page, and whether a comparison with it would be fair."""
    period, other = asked.wanted.period, asked.wanted.compared
    if other is None or asked.compared is None:
        why_not = asked.t("report_content.not_compared")
        return Beside(before=None, today=None, last_day=None, days_now=0, days_before=0, why_not=why_not)
    cut = int(period.last >= asked.today)
    found = Beside(
        before=asked.compared.whole,
        today=await _day(asked, period.last) if cut else None,
        last_day=await _day(asked, other.last) if cut else None,
        days_now=(period.last - period.first).days + 1 - cut,
        days_before=(other.last - other.first).days + 1 - cut,
        why_not=None,
    )
    if not found.days_now:
        return replace(found, why_not=asked.t("report_content.today_is_not_over"))
    opened_at = await records.first_opened(asked.session)
    begins = opened_at.astimezone(asked.house.zone).date() if opened_at is not None else asked.today
    if begins > other.first:
        said = asked.t("report_content.begins_later", day=long_date(begins, asked.language))
        return replace(found, why_not=said)
    return found


async def _day(asked: Asked, day: date) -> Tally:
    counted = await asked.count_again(Period(name="custom", first=day, last=day), cuts=asked.counted.whole.cuts)
    return counted.whole


def by_value(
    asked: Asked,
    other: Beside,
    dimension: str,
    *,
    name: str | None = None,
    also: Iterable[str] = (),
    leads_to: Callable[[str], str] | None = None,
) -> Panel:
    """The panel of a dimension: every value with its share of known, and its change; unknown and not asked apart.

    Values that nobody had are left out, but for those of `also`. Each count leads to its records, and a value to the
    address that `leads_to` gives it.
    """
    t = asked.t
    now = breakdown(asked.counted.whole, dimension)
    before = breakdown(other.before, dimension) if other.before is not None else None
    codes = list(dict.fromkeys([*now.counts, *(before.counts if before is not None else ()), *also]))
    found = _changes(asked, other, dimension, codes)
    rows = [_row(asked, code, now, before, found) for code in codes]
    apart = {UNKNOWN: (t("reports.unknown"), "unknown"), "": (t("reports.not_asked"), "not_asked")}
    if dimension in DECLINED:
        code = DECLINED[dimension]
        apart = {code: (value_words(asked, dimension, code), "declined")} | apart
    for words, key in apart.values():
        rows.append(_bare_row(words, getattr(now, key), getattr(before, key) if before else None))
    rows.append(_total_row(asked, other, now, before))
    columns = _columns(t)
    cells: list[dict[str, str]] = [*({dimension: code} for code in (*codes, *apart)), {}]
    ways = [leads_to(code) if leads_to is not None else None for code in codes]
    links = [
        (way, *_behind(asked, row, cell))
        for way, row, cell in zip([*ways, *(None,) * (len(rows) - len(ways))], rows, cells, strict=True)
    ]
    if before is None:
        columns, rows, links = columns[:3], [row[:3] for row in rows], [link[:3] for link in links]
    return Panel(
        name=name or dimension,
        title=t(f"report_content.{dimension}"),
        summary=_summary(asked, other, dimension, now, found),
        columns=columns,
        rows=tuple(rows),
        counters=("contacts",),
        drawing=_drawing(asked, dimension, codes, now, before) if now.known else None,
        note=_note(asked, dimension, found),
        links=tuple(links),
    )


def _behind(asked: Asked, row: tuple[Cell, ...], cell: Mapping[str, str]) -> tuple[str | None, ...]:
    """What the columns after the first lead to: the counts of the two periods, where anything was counted."""
    now = asked.behind("contacts", cell=cell) if row[1] else None
    before = asked.behind("contacts", asked.wanted.compared, cell=cell) if row[3] else None
    return (now, None, before, *(None,) * (len(row) - 4))


def total(asked: Asked, other: Beside, mark: str = "contacts") -> Change | None:
    """How contacts altogether, or another mark, have changed; None where nothing may be compared."""
    if other.before is None or other.why_not is not None:
        return None
    now, before = (
        whole.count(mark) - (part.count(mark) if part is not None else 0)
        for whole, part in ((asked.counted.whole, other.today), (other.before, other.last_day))
    )
    return change(now, before, exposure_now=other.days_now, exposure_before=other.days_before)


def verdict_words(found: Change, t: Say) -> str:
    """«Økningen er tydelig», «Kan være tilfeldig» …"""
    return t(f"report_content.verdict_{found.verdict}")


def interval_words(found: Change, language: str, t: Say) -> str | None:
    """The 95 % interval of a change in percent: «fra −4,0 til +30,2 %»; None where it has no end."""
    if found.high is None:
        return None
    return t(
        "report_content.from_to", low=_bare(found.low - 1, language), high=signed_percent(found.high - 1, language)
    )


def points_words(found: ShareChange, language: str, t: Say) -> str:
    """The interval of a difference of shares in percentage points: «fra −0,5 til +2,9»."""
    return t("report_content.from_to", low=_bare(found.low, language), high=_bare(found.high, language))


def _bare(share: float, language: str) -> str:
    """A change without the sign of percent."""
    return signed_percent(share, language).rstrip("%").rstrip("\N{NO-BREAK SPACE}")


def relative(found: Change | None) -> float | None:
    """How much more or less there is than before, 0.1 being a tenth more."""
    return found.ratio - 1 if found is not None and found.ratio is not None else None


def value_words(asked: Asked, dimension: str, code: str) -> str:
    """A value as people read it. Articles have their title, and municipalities of one name their county beside it."""
    if dimension == "municipality" and code in municipality_names():
        return municipality_names()[code]
    article = (
        asked.house.library.article(code, asked.language, asked.today) if dimension == "article" and code else None
    )
    if article is not None:
        return article.title
    return records_behind.value_words(dimension, code, asked.language, asked.t)


def method(asked: Asked) -> Panel:
    """How changes are judged, in plain words."""
    t = asked.t
    topics = ("rate", "interval", "verdict", "many", "share", "independent")
    return Panel(
        name="method",
        title=t("report_content.method"),
        summary=t("report_content.method_summary"),
        columns=(Column(t("report_content.method_what"), "text"), Column(t("report_content.method_how"), "text")),
        rows=tuple((t(f"report_content.method_{one}"), t(f"report_content.method_{one}_how")) for one in topics),
    )


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What is said of each value: of its count a day, and of its share of known."""

    counts: Mapping[str, Change]
    shares: Mapping[str, Change]


def _changes(asked: Asked, other: Beside, dimension: str, codes: list[str]) -> _Found:
    if other.before is None or other.why_not is not None:
        return _Found(counts={}, shares={})
    now, before = (
        _finished(asked.counted.whole, other.today, dimension),
        _finished(other.before, other.last_day, dimension),
    )
    pairs = {code: (now.counts.get(code, 0), before.counts.get(code, 0)) for code in codes}
    counts = changes(pairs, exposure_now=other.days_now, exposure_before=other.days_before)
    if not now.known or not before.known:
        return _Found(counts=counts, shares={})
    # Set beside the known ones instead of the days, the same comparison says whether a share has changed. It takes the
    # counts to vary more than parts of a whole do, so it errs on the side of seeing nothing.
    return _Found(counts=counts, shares=changes(pairs, exposure_now=now.known, exposure_before=before.known))


def _finished(whole: Tally, part: Tally | None, dimension: str) -> Breakdown:
    """A breakdown without the day that is not over."""
    found = breakdown(whole, dimension)
    if part is None:
        return found
    taken = breakdown(part, dimension)
    return replace(
        found,
        counts={code: count - taken.counts.get(code, 0) for code, count in found.counts.items()},
        known=found.known - taken.known,
        unknown=found.unknown - taken.unknown,
        not_asked=found.not_asked - taken.not_asked,
        declined=found.declined - taken.declined,
    )


def _columns(t: Say) -> tuple[Column, ...]:
    return (
        Column(t("report_content.value"), "text"),
        Column(t("reports.count")),
        Column(t("report_content.share_of_known"), "share"),
        Column(t("report_content.count_before")),
        Column(t("report_content.share_before"), "share"),
        Column(t("report_content.change"), "change"),
        Column(t("report_content.change_interval"), "text"),
        Column(t("report_content.verdict"), "text"),
        Column(t("report_content.share_interval"), "text"),
        Column(t("report_content.share_verdict"), "text"),
    )


def _row(asked: Asked, code: str, now: Breakdown, before: Breakdown | None, found: _Found) -> tuple[Cell, ...]:
    t, language = asked.t, asked.language
    count = now.counts.get(code, 0)
    then = before.counts.get(code, 0) if before is not None else None
    counts, shares = found.counts.get(code), found.shares.get(code)
    difference = share_change(count, now.known, then or 0, before.known) if before is not None and shares else None
    return (
        value_words(asked, now.dimension, code),
        count,
        now.share(code),
        then,
        before.share(code) if before is not None else None,
        relative(counts),
        interval_words(counts, language, t) if counts is not None else None,
        verdict_words(counts, t) if counts is not None else None,
        points_words(difference, language, t) if difference is not None else None,
        t(f"report_content.verdict_{shares.verdict}") if shares is not None else None,
    )


def _bare_row(label: str, count: int, then: int | None) -> tuple[Cell, ...]:
    return (label, count, None, then, *(None,) * 6)


def _total_row(asked: Asked, other: Beside, now: Breakdown, before: Breakdown | None) -> tuple[Cell, ...]:
    found, t = total(asked, other), asked.t
    words = (None, None) if found is None else (interval_words(found, asked.language, t), verdict_words(found, t))
    then = before.total if before is not None else None
    return (t("reports.total"), now.total, None, then, None, relative(found), *words, None, None)


def _summary(asked: Asked, other: Beside, dimension: str, now: Breakdown, found: _Found) -> str:
    t, language = asked.t, asked.language
    apart = [
        t(f"report_content.{key}", number=number(count, language))
        for key, count in (("asked_but_unknown", now.unknown), ("left_out", now.not_asked))
        if count
    ]
    if not now.known:
        return t("report_content.none_known", count=count_words(now.total, language))
    most, share = next(iter(now.counts)), now.share(next(iter(now.counts)))
    said = [
        t(
            "report_content.most",
            value=value_words(asked, dimension, most),
            share=percent(share or 0, language),
            known=number(now.known, language),
        ),
        *apart,
    ]
    if other.why_not is not None:
        return " ".join([*said, other.why_not])
    clear = 0
    for kind, judged in (("count", found.counts), ("share", found.shares)):
        for verdict in (Verdict.RISE, Verdict.FALL):
            names = [value_words(asked, dimension, code) for code, one in judged.items() if one.verdict is verdict]
            clear += len(names)
            if names:
                said.append(t(f"report_content.clear_{kind}_{verdict}", values=joined(names, language)))
    if not clear:
        said.append(t("report_content.nothing_clear"))
    return " ".join(said)


def _note(asked: Asked, dimension: str, found: _Found) -> str | None:
    said = []
    if dimension in SEVERAL:
        said.append(asked.t("reports.several"))
    if dimension in DECLINED:
        said.append(asked.t("after_figure.declined"))
    compared = sum(one.verdict is not Verdict.TOO_FEW for one in found.counts.values())
    if compared > 1:
        said.append(asked.t("report_content.compared_at_once", number=compared))
    return " ".join(said) or None


def _drawing(asked: Asked, dimension: str, codes: list[str], now: Breakdown, before: Breakdown | None) -> Bars:
    t = asked.t
    shown = codes[:DRAWN]
    ends = [interval(now.counts.get(code, 0), now.known) for code in shown]
    series = [
        Series(
            t("report_pages.this_period"),
            tuple(now.share(code) for code in shown),
            low=tuple(low for low, _ in ends),
            high=tuple(high for _, high in ends),
        )
    ]
    if before is not None and before.known:
        series.append(Series(t("report_pages.that_period"), tuple(before.share(code) for code in shown)))
    labels = tuple(value_words(asked, dimension, code) for code in shown)
    return Bars(labels=labels, series=tuple(series), horizontal=True, unit="share")
