"""The load of a single advisor, opened by a manager: whoever opens it leaves a line in the access log first."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from helpline.errors import NotFound
from helpline.store import access, advisors
from helpline.web import report_load, wired
from helpline.web.panels import Panel
from helpline.web.report_asked import Asked, in_words, wanted
from helpline.web.report_pages import PAGES, ReportPage, draw, panels_of
from helpline.web.reports import Manager, today_of

router = APIRouter(prefix="/reports/load/advisor")


@router.get("/{advisor_id}")
async def one(request: Request, advisor_id: int, signed: Manager) -> Response:
    """The page. It has no files: numbers of a single person are not taken out."""
    asked_for = wanted(request.query_params, today_of(request), usual=PAGES["load"].usual)
    async with wired.database(request).writing() as session:
        advisor = await advisors.by_id(session, advisor_id)
        if advisor is None:
            raise NotFound("Denne rådgiveren finnes ikke.")
        await access.log(
            session,
            now=wired.clock(request).now(),
            action="shown_load",
            advisor_id=signed.advisor.id,
            reason=f"{advisor.name}, {in_words(asked_for.period, signed.advisor.language)}",
        )
    name = advisor.name

    async def panels(asked: Asked) -> tuple[Panel, ...]:
        first, *others = await report_load.of_advisor(asked, advisor_id)
        said = asked.t("load_page.opened", name=name)
        return (replace(first, summary=f"{said} {first.summary}"), *others)

    made = await panels_of(request, signed, asked_for, ReportPage(panels=panels))
    return await draw(request, signed, "load", asked_for, made, may_export=False)
