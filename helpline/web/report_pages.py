"""The report pages: one frame for all, with period, comparison and filters in the address, and a file of every panel.

Whoever signs in may see them; managers take panels out as files, and that is logged.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from helpline.core.counter_list import COUNTERS
from helpline.core.duty import Role
from helpline.core.tally import SINGLE_CUTS, Cut
from helpline.desk import counters
from helpline.desk.counters import Counted
from helpline.errors import HelplineError, NotFound
from helpline.store.db import ReadSession, one_moment
from helpline.web import (
    panel_files,
    report_load,
    report_overview,
    report_quality,
    report_staffing,
    report_waiting,
    report_where,
    report_who,
    wired,
)
from helpline.web.drawing import NARROW, WIDE, svg
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import page
from helpline.web.panels import Panel, written
from helpline.web.records_behind import FEWEST
from helpline.web.recounted import differing
from helpline.web.report_asked import COMPARISONS, FILTERS, PERIODS, Asked, Wanted, choices, in_words, wanted
from helpline.web.reports import Manager, log_export, today_of
from helpline.web.reports_period import Period
from helpline.web.reports_view import meaning, title, value_label
from helpline.web.words import page_language, say

router = APIRouter()

#: What makes the panels of a page.
Panels = Callable[[Asked], Awaitable[tuple[Panel, ...]]]


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """A page: how its panels are made, the period it shows when none is asked for, and what it counts by."""

    panels: Panels
    usual: str = "30d"
    #: Fewer are faster; the whole is always there.
    cuts: tuple[Cut, ...] = SINGLE_CUTS
    #: Whether another period stands beside.
    compares: bool = True

    def wanted(self, values: Mapping[str, str], today: date) -> Wanted:
        """Read an address as this page understands it.

        Raises:
            HelplineError: no such period, comparison or value of a filter.
        """
        found = wanted(values, today, usual=self.usual)
        return found if self.compares else replace(found, comparison="none")


#: Every page by its name in addresses, in the order of the navigation; `report_pages.page_NAME` is its title.
PAGES: Mapping[str, ReportPage] = {
    "overview": ReportPage(panels=report_overview.panels, usual="week", cuts=report_overview.CUTS),
    "waiting": ReportPage(panels=report_waiting.panels, usual="30d", cuts=report_waiting.CUTS),
    "who": ReportPage(panels=report_who.panels, usual="year", cuts=report_who.CUTS),
    "where": ReportPage(panels=report_where.panels, usual="year", cuts=report_where.CUTS),
    "load": ReportPage(panels=report_load.panels, cuts=()),
    "quality": ReportPage(panels=report_quality.panels, usual="year", cuts=report_quality.CUTS),
    "staffing": ReportPage(panels=report_staffing.panels, usual="12m", cuts=(), compares=False),
}


@router.get("/reports/{name}")
async def report_page(request: Request, name: str, signed: Annotated[Signed, Depends(signed_in)]) -> Response:
    """A page. An address that cannot be is said, and the page's usual period is shown instead."""
    shown = _page_of(name)
    today = today_of(request)
    problem = None
    try:
        asked_for = shown.wanted(request.query_params, today)
    except HelplineError as error:
        problem, asked_for = error.sentence, shown.wanted({}, today)
    panels = await panels_of(request, signed, asked_for, shown)
    return await draw(request, signed, name, asked_for, panels, problem=problem, may_export=signed.may(Role.MANAGER))


async def draw(
    request: Request,
    signed: Signed,
    name: str,
    asked_for: Wanted,
    panels: tuple[Panel, ...],
    *,
    may_export: bool,
    problem: str | None = None,
) -> Response:
    """Panels in the frame of the page with this name; `problem` is why the address was not followed."""
    language = page_language(signed.advisor.language)

    def t(key: str, **values: object) -> str:
        return say(key, language, **values)

    def drawn(panel: Panel, width: int) -> str:
        if panel.drawing is None:
            return ""
        named = {"title": panel.title, "summary": panel.summary, "key": f"{panel.name}-{width}"}
        return svg(panel.drawing, standalone=False, language=language, width=width, **named)

    def leads_to(panel: Panel, row: int, place: int) -> str | None:
        """The address behind a cell; none to records that are too few for this reader."""
        count = panel.rows[row][place]
        few = isinstance(count, int) and count < FEWEST and not signed.may(Role.MANAGER)
        return None if few else panel.link(row, place)

    beside = asked_for.compared
    async with wired.database(request).reading() as session:
        recounted = await differing(session, signed)
    return page(
        request,
        "report_page.html",
        signed=signed,
        status=400 if problem else 200,
        problem=problem,
        recounted=recounted,
        on_page=name,
        panels=panels,
        wanted=asked_for,
        period_words=in_words(asked_for.period, language),
        compared_words=in_words(beside, language) if beside else None,
        periods=PERIODS,
        comparisons=COMPARISONS if PAGES[name].compares else (),
        filters={dimension: choices(dimension) for dimension in FILTERS},
        choice_label=lambda dimension, code: value_label(dimension, code, language, t),
        today=today_of(request),
        drawn=drawn,
        leads_to=leads_to,
        widths=(WIDE, NARROW),
        written=lambda cell, unit: written(cell, unit, language),
        definitions=lambda names: [
            (title(COUNTERS[one], language), meaning(COUNTERS[one], language, t)) for one in names
        ],
        endings=panel_files.endings,
        simulated=wired.house(request).practice,
        may_export=may_export,
    )


@router.get("/reports/{name}/{panel_name}.{ending}")
async def panel_file(request: Request, name: str, panel_name: str, ending: str, signed: Manager) -> Response:
    """A panel as a file, for a manager."""
    shown = _page_of(name)
    asked_for = shown.wanted(request.query_params, today_of(request))
    language = page_language(signed.advisor.language)
    found = next((one for one in await panels_of(request, signed, asked_for, shown) if one.name == panel_name), None)
    if found is None or ending not in panel_files.endings(found):
        raise NotFound("Denne fila finnes ikke.")
    period = asked_for.period
    made = await panel_files.made(found, ending, period=in_words(period, language), language=language)
    await log_export(request, signed, f"{name}/{panel_name}.{ending} {period.first}–{period.last}")
    return Response(
        made,
        media_type=panel_files.TYPES[ending],
        headers={
            "Content-Disposition": f'attachment; filename="{panel_name}-{period.first}-{period.last}.{ending}"',
        },
    )


def _page_of(name: str) -> ReportPage:
    if name not in PAGES:
        raise NotFound("Denne rapporten finnes ikke.")
    return PAGES[name]


async def panels_of(request: Request, signed: Signed, asked_for: Wanted, shown: ReportPage) -> tuple[Panel, ...]:
    """Count what an address asks for, and make the panels of a page of it."""
    house = wired.house(request)
    language = page_language(signed.advisor.language)

    def count(session: ReadSession, period: Period) -> Awaitable[Counted]:
        return counters.count(
            session,
            house=house,
            first=period.first,
            last=period.last,
            include_simulated=house.practice,
            where=asked_for.filters,
            cuts=shown.cuts,
            # A year by months is read in twelve.
            step=asked_for.period.step if asked_for.period.step in ("month", "year") else "day",
        )

    async with wired.database(request).reading() as session:
        await one_moment(session)
        beside = asked_for.compared
        asked = Asked(
            wanted=asked_for,
            counted=await count(session, asked_for.period),
            compared=await count(session, beside) if beside else None,
            now=wired.clock(request).now(),
            today=today_of(request),
            language=language,
            t=lambda key, **values: say(key, language, **values),
            house=house,
            session=session,
            signed=signed,
            include_simulated=house.practice,
        )
        return await shown.panels(asked)
