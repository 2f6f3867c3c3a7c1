"""Taking numbers out as files: rows for managers, counts with small numbers hidden for everybody who signs in."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from helpline.core.duty import Role
from helpline.core.hours import wall_clock
from helpline.desk import counts_file, record_files
from helpline.errors import HelplineError
from helpline.store import access
from helpline.web import wired
from helpline.web.guard import Signed, needs, signed_in
from helpline.web.pages import page
from helpline.web.reports_period import Period, custom
from helpline.web.words import page_language

router = APIRouter(prefix="/records/export")

Everyone = Annotated[Signed, Depends(signed_in)]
Manager = Annotated[Signed, Depends(needs(Role.MANAGER))]

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}


@router.get("")
async def choose(request: Request, signed: Everyone) -> Response:
    """What can be taken out, by whoever asks."""
    today = _today(request)
    return page(
        request,
        "export.html",
        signed=signed,
        today=today,
        # In January the year that goes on has nothing that is over.
        years=[today.year - back for back in range(4) if today.month > 1 or back],
        formats=record_files.FORMATS,
        may_rows=signed.may(Role.MANAGER),
    )


@router.get("/records")
async def rows(request: Request, signed: Manager, first: str = "", last: str = "", form: str = "csv") -> Response:
    """One row a record, with corrections and what they replace."""
    _check_form(form)
    period = custom(first, last, _today(request))
    zone = wired.house(request).zone
    await _log(request, signed, f"records {period.first}–{period.last} {form}")
    path = _place(f"records-{period.first}-{period.last}.{form}")
    async with wired.database(request).reading() as session:
        await record_files.write_file(session, path, **_ends(period, zone))
    return _sent(path, form)


@router.get("/counts")
async def counts(request: Request, signed: Everyone, year: str = "", form: str = "csv") -> Response:
    """One-way tables of a year: no rows, nothing crossed, small numbers hidden."""
    _check_form(form)
    if not (year.isascii() and year.isdecimal() and len(year) == 4 and year > "1999"):
        raise HelplineError("Skriv året med fire sifre, som 2026.")
    house = wired.house(request)
    async with wired.database(request).reading() as session:
        found = await counts_file.counts_of(
            session,
            int(year),
            house=house,
            now=wired.clock(request).now(),
            include_simulated=house.practice,
            language=page_language(signed.advisor.language),
        )
    await _log(request, signed, f"counts {found.first}–{found.last} {form}")
    path = _place(f"counts-{found.first}-{found.last}.{form}")
    counts_file.write_counts(found, path)
    return _sent(path, form)


def _ends(period: Period, zone: ZoneInfo) -> dict[str, datetime]:
    return {
        "starts_at": wall_clock(period.first, time(0), zone),
        "ends_at": wall_clock(period.last + timedelta(days=1), time(0), zone),
    }


def _check_form(form: str) -> None:
    if form not in _TYPES:
        raise HelplineError("Velg om du vil ha CSV, Excel eller JSON.")


def _place(name: str) -> Path:
    """A file of its own that only this process reads."""
    return Path(mkdtemp(prefix="helpline-")) / name


def _sent(path: Path, form: str) -> Response:
    def remove() -> None:
        path.unlink()
        path.parent.rmdir()

    return FileResponse(path, media_type=_TYPES[form], filename=path.name, background=BackgroundTask(remove))


def _today(request: Request) -> date:
    return wired.clock(request).now().astimezone(wired.house(request).zone).date()


async def _log(request: Request, signed: Signed, what: str) -> None:
    async with wired.database(request).writing() as session:
        await access.log(
            session,
            now=wired.clock(request).now(),
            action="exported",
            advisor_id=signed.advisor.id,
            reason=what,
        )
