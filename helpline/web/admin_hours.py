"""Opening hours: the ordinary week, exceptional days, and closing at once. For administrators."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Request, Response

from helpline.core.hours import Span, wall_clock
from helpline.desk import opening as opening_words
from helpline.desk import set_hours
from helpline.errors import HelplineError
from helpline.store import opening
from helpline.web import wired
from helpline.web.admin_forms import Admin, back, day_from, draw, fields
from helpline.web.guard import Signed

router = APIRouter(prefix="/admin/hours")


@router.get("")
async def hours(request: Request, signed: Admin) -> Response:
    """Everything about when we are open."""
    return await _page(request, signed)


@router.post("/week")
async def set_week(request: Request, signed: Admin) -> Response:
    """The ordinary week."""
    form = await fields(request)
    weekly = {weekday: form.get(f"day-{weekday}", "") for weekday in range(7)}
    try:
        async with wired.database(request).writing() as session:
            await set_hours.set_week(session, weekly, now=wired.clock(request).now(), by=signed.advisor.id)
    except HelplineError as problem:
        where = problem.where if isinstance(problem, set_hours.HoursRefused) else None
        return await _page(request, signed, problem=problem, asked=form, form="week", where=where)
    return back("/admin/hours", "hours_changed")


@router.post("/day")
async def set_day(request: Request, signed: Admin) -> Response:
    """An exceptional day."""
    form = await fields(request)
    try:
        day = day_from(form.get("day", ""), what="Dag")
        async with wired.database(request).writing() as session:
            await set_hours.set_day(
                session,
                day,
                form.get("hours", ""),
                reason=form.get("reason", ""),
                house=wired.house(request),
                now=wired.clock(request).now(),
                by=signed.advisor.id,
            )
    except HelplineError as problem:
        return await _page(request, signed, problem=problem, asked=form, form="day")
    return back("/admin/hours", "exceptional_day_set")


@router.post("/day/{day}/remove")
async def remove_day(request: Request, day: date, signed: Admin) -> Response:
    """The day follows the ordinary week again."""
    async with wired.database(request).writing() as session:
        await set_hours.remove_day(session, day, now=wired.clock(request).now(), by=signed.advisor.id)
    return back("/admin/hours", "exceptional_day_removed")


@router.post("/close")
async def close(request: Request, signed: Admin) -> Response:
    """Close at once."""
    form = await fields(request)
    try:
        async with wired.database(request).writing() as session:
            await set_hours.close_now(
                session,
                reason=form.get("closing_reason", ""),
                until=_until(request, form),
                now=wired.clock(request).now(),
                by=signed.advisor.id,
            )
    except HelplineError as problem:
        return await _page(request, signed, problem=problem, asked=form, form="close")
    return back("/admin/hours", "closed_service")


@router.post("/open")
async def open_again(request: Request, signed: Admin) -> Response:
    """The ordinary hours hold again."""
    async with wired.database(request).writing() as session:
        await set_hours.open_again(session, now=wired.clock(request).now(), by=signed.advisor.id)
    return back("/admin/hours", "opened_service")


def _until(request: Request, form: Mapping[str, str]) -> datetime | None:
    """A local date and time as the form gives them, or none; a clock time that is skipped is the change itself."""
    text = form.get("until", "").strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise HelplineError(f"«{text}» er ikke et tidspunkt. Skriv det som 2026-01-31T15:00.") from error
    return wall_clock(local.date(), local.time().replace(tzinfo=None), wired.house(request).zone)


async def _page(
    request: Request,
    signed: Signed,
    *,
    problem: HelplineError | None = None,
    asked: Mapping[str, str] | None = None,
    form: str = "",
    where: int | None = None,
) -> Response:
    house, now = wired.house(request), wired.clock(request).now()
    today = now.astimezone(house.zone).date()
    async with wired.database(request).reading() as session:
        state = await opening_words.state(session, house=house, now=now)
        whole = await opening_words.hours(session, house=house, now=now)
        week = await set_hours.week_in_words(session)
        examples = any(row.example for row in await opening.week(session))
        days = await opening.exceptional_days(session, today)
        closure = await opening.closure(session, now=now)
    coming = sorted((day, name) for day, name in whole.holidays.items() if today <= day <= today + timedelta(days=365))
    return draw(
        request,
        "hours",
        signed,
        problem=problem,
        asked=asked,
        form=form,
        where=where,
        state=state,
        week=week,
        examples=examples,
        days=[(row, _words(row.opens, row.closes)) for row in days],
        closure=closure,
        holidays=coming,
        today=today,
        longest_reason=set_hours.LONGEST_REASON,
    )


def _words(opens: str | None, closes: str | None) -> str:
    span: Span | None = opening.span_of(opens, closes) if opens and closes else None
    return set_hours.in_words(span) if span is not None else ""
