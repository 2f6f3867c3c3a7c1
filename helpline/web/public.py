"""The figures for everyone: the page, the box for other sites, and open data. No sign-in and no cookies; others may
keep them for a minute, and get them anew only when something changed.

The running total is live. Everything else is what was published last (`desk.publish`), as it was written down then.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape

from fastapi import APIRouter, Request, Response

from helpline.core.suppression import STEP
from helpline.desk import publish
from helpline.guidance import LANGUAGES
from helpline.guidance.phrases import page_language
from helpline.store import publications
from helpline.store.tables import Publication
from helpline.web import public_files, wired
from helpline.web.headers import EMBEDDED_POLICY
from helpline.web.pages import page
from helpline.web.public_view import week
from helpline.web.reports_numbers import number
from helpline.web.words import say

router = APIRouter(prefix="/counters")

#: How old the live total may be here, so that many readers cost no more than one; and what others may keep.
FRESH = timedelta(seconds=10)
_PAGES_KEPT = "public, max-age=60"
_FILES_KEPT = "public, max-age=600"
_METHODS = ["GET", "HEAD"]


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What everyone may know now."""

    counted_at: datetime
    today: date
    #: Of the year so far; None is hidden.
    total: int | None
    newest: Publication | None
    #: The years that have publications, the latest first.
    years: Sequence[int]


class Kept:
    """The numbers that were counted last. Those who ask meanwhile wait for one count, and do not begin their own."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.numbers: Numbers | None = None


@router.api_route("", methods=_METHODS)
async def counters(request: Request, lang: str = "", year: str = "") -> Response:
    """The page: the year so far, and what was published last, of an earlier year if that is asked for."""
    language = _language(request, lang)
    found = await _numbers(request)
    row = found.newest
    if year in map(str, found.years):
        simulated = wired.house(request).practice
        async with wired.database(request).reading() as session:
            row = await publications.newest(session, simulated=simulated, year=int(year))
    answer = page(
        request,
        "public_counters.html",
        language=language,
        total=_in_words(found.total, language),
        year=found.today.year,
        week=week(row, language) if row is not None else None,
        published=_day(request, row),
        years=found.years,
        languages=(("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")),
        snippet=_snippet(f"{wired.house(request).public_url}/counters/box?lang={language}", language),
    )
    return _kept(request, answer, _PAGES_KEPT)


@router.api_route("/box", methods=_METHODS)
async def box(request: Request, lang: str = "") -> Response:
    """The number, the day and a link, to stand in other sites' pages."""
    language = _language(request, lang)
    found = await _numbers(request)
    answer = page(
        request,
        "public_box.html",
        language=language,
        total=_in_words(found.total, language),
        today=found.today,
        link=f"{wired.house(request).public_url}/counters?lang={language}",
    )
    answer.headers["Content-Security-Policy"] = EMBEDDED_POLICY
    return _kept(request, answer, _PAGES_KEPT)


@router.api_route("/data.csv", methods=_METHODS)
async def data_csv(request: Request, history: str = "") -> Response:
    """The published tables, one cell a row: the newest publication, or all with `?history=all`."""
    rows = await _published(request, history)
    text = public_files.as_csv(rows, zone=wired.house(request).zone)
    return _kept(request, _file(text, "text/csv; charset=utf-8", "helpline-counters.csv"), _FILES_KEPT)


@router.api_route("/data.json", methods=_METHODS)
async def data_json(request: Request, history: str = "") -> Response:
    """The same with licence and definitions."""
    house = wired.house(request)
    rows = await _published(request, history)
    text = public_files.as_json(rows, zone=house.zone, practice=house.practice, address=f"{house.public_url}/counters")
    return _kept(request, _file(text, "application/json", "helpline-counters.json"), _FILES_KEPT)


async def _numbers(request: Request) -> Numbers:
    """Counted now, or a moment ago."""
    state = request.app.state
    if not hasattr(state, "public_numbers"):
        state.public_numbers = Kept()
    kept: Kept = state.public_numbers
    async with kept.lock:
        now = wired.clock(request).now()
        if kept.numbers is None or not timedelta(0) <= now - kept.numbers.counted_at < FRESH:
            kept.numbers = await _counted(request, now)
        return kept.numbers


async def _counted(request: Request, now: datetime) -> Numbers:
    house = wired.house(request)
    async with wired.database(request).reading() as session:
        simulated = house.practice
        newest = await publications.newest(session, simulated=simulated)
        years = await publications.years(session, simulated=simulated)
        total = await publish.live_total(session, house=house, now=now)
    return Numbers(
        counted_at=now,
        today=now.astimezone(house.zone).date(),
        total=total if total >= STEP else None,
        newest=newest,
        years=years,
    )


async def _published(request: Request, history: str) -> Sequence[Publication]:
    simulated = wired.house(request).practice
    async with wired.database(request).reading() as session:
        if history == "all":
            return await publications.all_of(session, simulated=simulated)
        newest = await publications.newest(session, simulated=simulated)
    return [newest] if newest is not None else []


def _snippet(address: str, language: str) -> str:
    """What others paste into their pages."""
    title = escape(say("public.box_title", language))
    look = 'width="320" height="250" loading="lazy" style="border:0"'
    return f'<iframe src="{escape(address)}" title="{title}" {look}></iframe>'


def _in_words(total: int | None, language: str) -> str:
    return say("public.few", language) if total is None else number(total, language)


def _day(request: Request, row: Publication | None) -> date | None:
    return row.published_at.astimezone(wired.house(request).zone).date() if row is not None else None


def _language(request: Request, wanted: str) -> str:
    """The language asked for; else what the browser reads first, of the three that we write."""
    if wanted in LANGUAGES:
        return wanted
    first = request.headers.get("accept-language", "nb").split(",")[0].split(";")[0].strip().lower()
    return page_language(first.split("-")[0] or "nb")


def _file(text: str, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Access-Control-Allow-Origin": "*"}
    return Response(text, media_type=kind, headers=headers)


def _kept(request: Request, answer: Response, how_long: str) -> Response:
    """The answer with its mark, or «you have it already»."""
    mark = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    answer.headers["ETag"] = mark
    answer.headers["Cache-Control"] = how_long
    answer.headers["Vary"] = "Accept-Language"
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if mark in known or "*" in known:
        headers = {
            name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")
        }
        return Response(status_code=304, headers=headers)
    return answer
