"""The first reports page: a period's figures with their definitions, charts with their tables, and files of both.

Whoever signs in may see it; managers take it out as files. In the demo, practice contacts are counted, under a banner.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from helpline.core.counter_list import COUNTERS
from helpline.core.counters import breakdown, read
from helpline.core.duty import Role
from helpline.core.hours import wall_clock
from helpline.desk import counters, record_files
from helpline.desk.counters import Counted
from helpline.errors import HelplineError
from helpline.store import access
from helpline.store.db import one_moment
from helpline.web import wired
from helpline.web.guard import Signed, needs, signed_in
from helpline.web.pages import page
from helpline.web.records_behind import FEWEST, address
from helpline.web.recounted import differing
from helpline.web.reports_chart import count_words
from helpline.web.reports_numbers import NONE, long_date
from helpline.web.reports_period import DEFAULT, PRESETS, Period, custom, preset
from helpline.web.reports_view import BREAKDOWNS, meaning, report, title, value_label
from helpline.web.words import page_language, say

router = APIRouter()

Manager = Annotated[Signed, Depends(needs(Role.MANAGER))]


@router.get("/reports")
async def reports(
    request: Request,
    signed: Annotated[Signed, Depends(signed_in)],
    period: str = DEFAULT,
    first: str = "",
    last: str = "",
) -> Response:
    """The page. A period that cannot be is said, and the usual one is shown instead."""
    today = today_of(request)
    problem = None
    try:
        chosen = _period(period, first, last, today)
    except HelplineError as error:
        problem, chosen = error.sentence, preset(DEFAULT, today)
    counted = await _count(request, chosen)
    async with wired.database(request).reading() as session:
        recounted = await differing(session, signed)
    language = page_language(signed.advisor.language)

    def t(key: str, **values: object) -> str:
        return say(key, language, **values)

    def behind(counter: str, days: Period = chosen, **cell: str) -> str:
        return address(counter, first=days.first, last=days.last, where=cell)

    return page(
        request,
        "reports.html",
        behind=behind,
        few=("0", NONE, *(str(count) for count in range(1, FEWEST) if not signed.may(Role.MANAGER))),
        signed=signed,
        status=400 if problem else 200,
        problem=problem,
        period=chosen,
        asked={"period": period if problem else chosen.name, "first": first, "last": last},
        presets=PRESETS,
        today=today,
        report=report(counted, chosen, language=language, t=t),
        long_date=lambda day: long_date(day, language),
        count_words=lambda count: count_words(count, language),
        series_label=lambda code: value_label("channel", code, language, t),
        simulated=wired.house(request).practice,
        recounted=recounted,
        may_export=signed.may(Role.MANAGER),
    )


@router.get("/reports/figures.csv")
async def figures_file(
    request: Request, signed: Manager, period: str = DEFAULT, first: str = "", last: str = ""
) -> Response:
    """The figures of the page as a file that a spreadsheet in the reader's language opens as it is."""
    chosen = _period(period, first, last, today_of(request))
    counted = await _count(request, chosen)
    language = page_language(signed.advisor.language)
    await log_export(request, signed, f"figures {chosen.first}–{chosen.last}")
    written = io.StringIO()
    # Norwegian spreadsheets separate by semicolon, since the comma is the decimal sign.
    csv.writer(written, delimiter="," if language == "en" else ";").writerows(_rows(counted, language))
    return _file(written.getvalue(), f"tall-{chosen.first}-{chosen.last}.csv")


@router.get("/reports/records.csv")
async def records_file(
    request: Request, signed: Manager, period: str = DEFAULT, first: str = "", last: str = ""
) -> Response:
    """The rows behind the figures, in the records contract: codes only, no identity."""
    chosen = _period(period, first, last, today_of(request))
    zone = wired.house(request).zone
    await log_export(request, signed, f"records {chosen.first}–{chosen.last}")
    async with wired.database(request).reading() as session:
        lines = [
            line
            async for line in record_files.csv_lines(
                session,
                starts_at=wall_clock(chosen.first, time(0), zone),
                ends_at=wall_clock(chosen.last + timedelta(days=1), time(0), zone),
            )
        ]
    return _file("".join(lines), f"records-{chosen.first}-{chosen.last}.csv")


def today_of(request: Request) -> date:
    """The local day it is."""
    return wired.clock(request).now().astimezone(wired.house(request).zone).date()


def _period(name: str, first: str, last: str, today: date) -> Period:
    return custom(first, last, today) if name == "custom" else preset(name, today)


async def _count(request: Request, period: Period) -> Counted:
    house = wired.house(request)
    async with wired.database(request).reading() as session:
        await one_moment(session)
        return await counters.count(
            session,
            house=house,
            first=period.first,
            last=period.last,
            include_simulated=house.practice,
        )


async def log_export(request: Request, signed: Signed, what: str) -> None:
    """Note in the access log what somebody took out."""
    async with wired.database(request).writing() as session:
        await access.log(
            session,
            now=wired.clock(request).now(),
            action="exported",
            advisor_id=signed.advisor.id,
            reason=what,
        )


def _rows(counted: Counted, language: str) -> Iterator[list[str]]:
    def t(key: str, **values: object) -> str:
        return say(key, language, **values)

    def plain(value: float | None) -> str:
        if value is None:
            return ""
        text = f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        return text if language == "en" else text.replace(".", ",")

    heads = ("section", "code", "label")
    yield [
        *(t(f"reports.file_{head}") for head in heads),
        t("reports.value"),
        *(t(f"reports.file_{head}") for head in ("part", "whole", "low", "high", "unit")),
        t("reports.definition"),
    ]
    for name, counter in COUNTERS.items():
        found = read(name, counted.whole)
        words = "; ".join(f"{term}: {text}" for term, text in meaning(counter, language, t))
        numbers = [plain(number) for number in (found.value, found.part, found.whole, found.low, found.high)]
        yield [t("reports.figures"), name, title(counter, language), *numbers, counter.unit, words]
    for dimension in ("channel", *BREAKDOWNS):
        parts = breakdown(counted.whole, dimension)
        section = t(f"reports.{dimension}")
        for code, count in parts.counts.items():
            share = parts.share(code)
            yield [
                section,
                code,
                value_label(dimension, code, language, t),
                plain(share),
                str(count),
                str(parts.known),
                "",
                "",
                "share",
                t("reports.of_known", known=parts.known),
            ]
        for code, count in (("unknown", parts.unknown), ("", parts.not_asked)):
            words = t("reports.unknown") if code else t("reports.not_asked")
            yield [section, code, words, str(count), "", "", "", "", "contacts", ""]


def _file(text: str, name: str) -> Response:
    return Response(
        # The mark lets spreadsheets see that it is UTF-8.
        "\N{ZERO WIDTH NO-BREAK SPACE}" + text,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
