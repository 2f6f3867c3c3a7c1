"""The annual report: a page for everyone who signs in, and files of it for managers."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from helpline.core.annual import Report
from helpline.core.duty import Role
from helpline.desk import annual_file, annual_report
from helpline.desk.annual_file import FileFormat
from helpline.desk.annual_sheet import Sheet, sheet
from helpline.errors import NotFound
from helpline.store import access
from helpline.web import wired
from helpline.web.guard import Signed, needs, signed_in
from helpline.web.pages import STATIC, environment, page
from helpline.web.records_behind import address
from helpline.web.recounted import differing
from helpline.web.words import page_language, say

router = APIRouter(prefix="/reports/annual")

Manager = Annotated[Signed, Depends(needs(Role.MANAGER))]


@router.get("")
async def newest(request: Request, signed: Annotated[Signed, Depends(signed_in)]) -> Response:
    """The last year that is over; this one where the log begins in it."""
    async with wired.database(request).reading() as session:
        year = await annual_report.latest_year(session, house=wired.house(request), now=wired.clock(request).now())
    return RedirectResponse(f"/reports/annual/{year}", status_code=303)


@router.get("/{year}")
async def annual(request: Request, year: str, signed: Annotated[Signed, Depends(signed_in)]) -> Response:
    """The page of a year."""
    made = await _read(request, year)
    language = page_language(signed.advisor.language)
    async with wired.database(request).reading() as session:
        recounted = await differing(session, signed)
    return page(
        request,
        "annual.html",
        signed=signed,
        sheet=sheet(made.report, language, on=made.on, practice=made.practice),
        year=made.report.year.year,
        earlier=_has_earlier(made.report),
        later=made.report.over,
        formats=[one.value for one in FileFormat],
        may_export=signed.may(Role.MANAGER),
        behind=_behind(made.report),
        behind_words=lambda number, title: say("annual.behind", language, number=number, title=title),
        on_page="annual",
        recounted=recounted,
    )


@router.get("/{year}/report.{file_format}")
async def annual_as_file(request: Request, year: str, file_format: str, signed: Manager) -> Response:
    """The report as JSON, HTML or PDF, in the language of whoever asks.

    Raises:
        NotFound: there is no such format.
    """
    if file_format not in list(FileFormat):
        raise NotFound("Denne siden finnes ikke.")
    wanted = FileFormat(file_format)
    made = await _read(request, year)
    language = page_language(signed.advisor.language)
    if wanted is FileFormat.HTML:
        content = html_file(sheet(made.report, language, on=made.on, practice=made.practice)).encode()
    else:
        content = await annual_file.render(made.report, wanted, language=language, on=made.on, practice=made.practice)
    async with wired.database(request).writing() as session:
        await access.log(
            session,
            now=wired.clock(request).now(),
            action="exported",
            advisor_id=signed.advisor.id,
            reason=f"annual report {made.report.year.year} {wanted.value}",
        )
    name = f"{'annual-report' if language == 'en' else 'arsrapport'}-{made.report.year.year}.{wanted.value}"
    return Response(
        content,
        media_type=wanted.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def html_file(shown: Sheet) -> str:
    """The report as a page of its own: one file, without a script, that needs nothing beside it."""
    return environment().get_template("annual_file.html").render(sheet=shown, style=_style())


def _has_earlier(report: Report) -> bool:
    """Whether the year before has numbers too."""
    begins = report.begins
    return report.before is not None or (begins is not None and begins.year < report.year.year)


def _behind(report: Report) -> dict[str, str]:
    """The addresses of the records behind the numbers, by the numbers' names."""
    numbers = [box.number for box in (*report.boxes, *report.activities)]
    numbers += [*report.gender.shown, *report.relations.shown]
    year = report.year
    return {
        number.name: address(number.counter, first=year.first, last=year.last, where=number.cut) for number in numbers
    }


@cache
def _style() -> str:
    return (STATIC / "annual.css").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class _Made:
    report: Report
    on: date
    practice: bool


async def _read(request: Request, year: str) -> _Made:
    house, now = wired.house(request), wired.clock(request).now()
    async with wired.database(request).reading() as session:
        report = await annual_report.read_year(session, annual_report.year_of(year), house=house, now=now)
    return _Made(report=report, on=now.astimezone(house.zone).date(), practice=house.practice)
