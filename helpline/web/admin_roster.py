"""The week's roster and who is on duty now. For managers."""

from collections.abc import Mapping
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response

from helpline.desk import roster, set_hours
from helpline.errors import HelplineError
from helpline.store import advisors
from helpline.store.db import ReadSession
from helpline.web import wired
from helpline.web.admin_forms import Manager, back, day_from, draw, fields
from helpline.web.guard import Signed

router = APIRouter(prefix="/admin/roster")
_WEEK = timedelta(days=7)


@router.get("")
async def week(request: Request, signed: Manager, week: str = "") -> Response:
    """The week of a day (`?week=2026-11-23`), this week without."""
    try:
        monday = _monday(request, week)
    except HelplineError as problem:
        return await _page(request, signed, _monday(request, ""), problem=problem)
    return await _page(request, signed, monday)


@router.post("/add")
async def add(request: Request, signed: Manager) -> Response:
    """Plan a shift."""
    form = await fields(request)
    now, house = wired.clock(request).now(), wired.house(request)
    shown = _monday(request, "")
    try:
        day = day_from(form.get("day", ""), what="Dag")
        shown = roster.monday_of(day)
        if not form.get("advisor", "").isdecimal():
            raise HelplineError("Velg en rådgiver.")
        async with wired.database(request).writing() as session:
            await roster.add(
                session,
                advisor_id=int(form["advisor"]),
                day=day,
                text=form.get("hours", ""),
                house=house,
                now=now,
                by=signed.advisor.id,
            )
    except HelplineError as problem:
        return await _page(request, signed, shown, problem=problem, asked=form)
    return back(f"/admin/roster?week={shown.isoformat()}", "shift_added")


@router.post("/{shift_id}/remove")
async def remove(request: Request, shift_id: int, signed: Manager) -> Response:
    """Take a shift out."""
    form = await fields(request)
    shown = _monday(request, form.get("week", ""))
    async with wired.database(request).writing() as session:
        await roster.remove(
            session, shift_id, house=wired.house(request), now=wired.clock(request).now(), by=signed.advisor.id
        )
    return back(f"/admin/roster?week={shown.isoformat()}", "shift_removed")


@router.post("/copy")
async def copy(request: Request, signed: Manager) -> Response:
    """Plan the week as the one before it."""
    form = await fields(request)
    shown = _monday(request, form.get("week", ""))
    async with wired.database(request).writing() as session:
        added = await roster.copy_week(
            session, shown, house=wired.house(request), now=wired.clock(request).now(), by=signed.advisor.id
        )
    return back(f"/admin/roster?week={shown.isoformat()}", "week_copied" if added else "week_copied_none")


async def _page(
    request: Request,
    signed: Signed,
    monday: date,
    *,
    problem: HelplineError | None = None,
    asked: Mapping[str, str] | None = None,
) -> Response:
    house = wired.house(request)
    today = wired.clock(request).now().astimezone(house.zone).date()
    async with wired.database(request).reading() as session:
        planned = await roster.week(session, monday, house=house)
        everyone = [advisor for advisor in await advisors.everyone(session) if advisor.active]
        usual = await _usual_hours(session)
        on_duty = await advisors.on_duty(session)
    return draw(
        request,
        "roster",
        signed,
        problem=problem,
        asked=asked,
        week=planned,
        gap_hours=roster.length_of(planned.gaps).total_seconds() / 3600,
        before=monday - _WEEK,
        after=monday + _WEEK,
        this_week=roster.monday_of(today),
        today=today,
        advisors=everyone,
        usual=usual,
        on_duty=on_duty,
        wall=lambda at: at.astimezone(house.zone),
    )


async def _usual_hours(session: ReadSession) -> str:
    """What the field for hours suggests: the first span of the ordinary week."""
    ordinary = await set_hours.week_in_words(session)
    return next((text.split(",")[0] for text in ordinary.values() if text), "10.00–15.00")


def _monday(request: Request, week: str) -> date:
    if not week:
        today = wired.clock(request).now().astimezone(wired.house(request).zone).date()
        return roster.monday_of(today)
    day = day_from(week, what="Uke")
    if not 2000 <= day.year <= 2200:
        raise HelplineError("Den uken er for langt unna.")
    return roster.monday_of(day)
