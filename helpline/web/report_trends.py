"""Contacts by the values of a dimension, with what may be said of each: rate, interval, verdict in plain words.

Only whole days are compared. Today counts among the contacts, but a day that is not over is no day to set beside one
that was, so the change goes up to yesterday.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from helpline.core.codes import UNKNOWN, counties, municipalities
from helpline.core.counters import Breakdown, breakdown, interval
from helpline.core.marks import SEVERAL, list_of
from helpline.core.tally import Tally
from helpline.core.trend import Change, ShareChange, Verdict, change, changes, share_change
from helpline.desk import counters
from helpline.store import records
from helpline.web.pages import language_name
from helpline.web.panels import Bars, Cell, Column, Panel, Series
from helpline.web.report_asked import Asked
from helpline.web.reports_chart import count_words
from helpline.web.reports_numbers import change as signed_percent
from helpline.web.reports_numbers import long_date, number, percent
from helpline.web.reports_view import Say, value_label

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
    counted = await counters.count(
        asked.session,
        house=asked.house,
        first=day,
        last=day,
        include_simulated=asked.include_simulated,
        where=asked.wanted.filters,
    )
    return counted.whole


def by_value(asked: Asked, other: Beside, dimension: str, *, name: str | None = None) -> Panel:
    """The panel of a dimension: every value with its share of known, and its change; unknown and not asked apart."""
    t = asked.t
    now = breakdown(asked.counted.whole, dimension)
    before = breakdown(other.before, dimension) if other.before is not None else None
    codes = [*now.counts, *(code for code in before.counts if code not in now.counts)] if before else [*now.counts]
    found = _changes(asked, other, dimension, codes)
    rows = [_row(asked, code, now, before, found.get(code)) for code in codes]
    for key, words in (("unknown", "reports.unknown"), ("not_asked", "reports.not_asked")):
        rows.append(_bare_row(t(words), getattr(now, key), getattr(before, key) if before else None))
    rows.append(_total_row(asked, other, now, before))
    columns = _columns(t)
    if before is None:
        columns, rows = columns[:3], [row[:3] for row in rows]
    return Panel(
        name=name or dimension,
        title=t(f"report_content.{dimension}"),
        summary=_summary(asked, other, dimension, now, found),
        columns=columns,
        rows=tuple(rows),
        counters=("contacts",),
        drawing=_drawing(asked, dimension, codes, now, before) if now.known else None,
        note=_note(asked, dimension, found),
    )


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
    """The 95 % interval of a change in percent: «fra −4,0 % til +30,2 %»; None where it has no end."""
    if found.high is None:
        return None
    low, high = (signed_percent(end - 1, language) for end in (found.low, found.high))
    return t("report_content.from_to", low=low, high=high)


def points_words(found: ShareChange, language: str, t: Say) -> str:
    """The interval of a difference of shares in percentage points: «fra −0,5 til +2,9»."""
    ends = [signed_percent(end, language).rstrip("%").rstrip("\N{NO-BREAK SPACE}") for end in (found.low, found.high)]
    return t("report_content.from_to", low=ends[0], high=ends[1])


def relative(found: Change | None) -> float | None:
    """How much more or less there is than before, 0.1 being a tenth more."""
    return found.ratio - 1 if found is not None and found.ratio is not None else None


def value_words(asked: Asked, dimension: str, code: str) -> str:
    """A value as people read it: places, languages and articles by name, the rest by its list."""
    language = asked.language
    if code and code != UNKNOWN:
        if dimension == "county" and code in counties():
            return asked.t("report_content.abroad") if code == "99" else counties()[code]
        if dimension == "municipality" and code in municipalities():
            place = municipalities()[code]
            return f"{place.name} ({place.county_name})" if place.name in _named_twice() else place.name
        if dimension == "language":
            words = language_name(code, language)
            return words[:1].upper() + words[1:]
        if dimension == "article":
            article = asked.house.library.article(code, language, asked.today)
            return article.title if article is not None else code
        if dimension == "source":
            return code
    return value_label(list_of(dimension), code, language, asked.t)


@cache
def _named_twice() -> frozenset[str]:
    """Names that two municipalities have."""
    names = Counter(place.name for place in municipalities().values())
    return frozenset(name for name, count in names.items() if count > 1)


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


def _changes(asked: Asked, other: Beside, dimension: str, codes: list[str]) -> Mapping[str, Change]:
    if other.before is None or other.why_not is not None:
        return {}

    def finished(whole: Tally, part: Tally | None) -> Mapping[str, int]:
        counts = breakdown(whole, dimension).counts
        taken = breakdown(part, dimension).counts if part is not None else {}
        return {code: counts.get(code, 0) - taken.get(code, 0) for code in codes}

    now, before = finished(asked.counted.whole, other.today), finished(other.before, other.last_day)
    return changes(
        {code: (now[code], before[code]) for code in codes},
        exposure_now=other.days_now,
        exposure_before=other.days_before,
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
    )


def _row(asked: Asked, code: str, now: Breakdown, before: Breakdown | None, found: Change | None) -> tuple[Cell, ...]:
    t, language = asked.t, asked.language
    count = now.counts.get(code, 0)
    then = before.counts.get(code, 0) if before is not None else None
    shares = share_change(count, now.known, then, before.known) if before is not None and then is not None else None
    return (
        value_words(asked, now.dimension, code),
        count,
        now.share(code),
        then,
        before.share(code) if before is not None else None,
        relative(found),
        interval_words(found, language, t) if found is not None else None,
        verdict_words(found, t) if found is not None else None,
        points_words(shares, language, t) if shares is not None and found is not None else None,
    )


def _bare_row(label: str, count: int, then: int | None) -> tuple[Cell, ...]:
    return (label, count, None, then, None, None, None, None, None)


def _total_row(asked: Asked, other: Beside, now: Breakdown, before: Breakdown | None) -> tuple[Cell, ...]:
    found = total(asked, other)
    words = (
        (None, None)
        if found is None
        else (interval_words(found, asked.language, asked.t), verdict_words(found, asked.t))
    )
    then = before.total if before is not None else None
    return (asked.t("reports.total"), now.total, None, then, None, relative(found), *words, None)


def _summary(asked: Asked, other: Beside, dimension: str, now: Breakdown, found: Mapping[str, Change]) -> str:
    t, language = asked.t, asked.language
    apart = t(
        "report_content.apart",
        unknown=number(now.unknown, language),
        not_asked=number(now.not_asked, language),
    )
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
        apart,
    ]
    if other.why_not is not None:
        return " ".join([*said, other.why_not])
    for verdict in (Verdict.RISE, Verdict.FALL):
        names = [value_words(asked, dimension, code) for code, one in found.items() if one.verdict is verdict]
        if names:
            said.append(t(f"report_content.clear_{verdict}", values=", ".join(names)))
    if not any(one.verdict in (Verdict.RISE, Verdict.FALL) for one in found.values()):
        said.append(t("report_content.nothing_clear"))
    return " ".join(said)


def _note(asked: Asked, dimension: str, found: Mapping[str, Change]) -> str | None:
    said = []
    if dimension in SEVERAL:
        said.append(asked.t("reports.several"))
    compared = sum(one.verdict is not Verdict.TOO_FEW for one in found.values())
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
