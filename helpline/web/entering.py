"""Quick pages for what did not come through the service, and the page of a single record with its corrections."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from helpline.core.codes import Origin, counties, municipality_names
from helpline.core.duty import Role
from helpline.core.record import COLUMNS, Record, is_struck
from helpline.desk import enter
from helpline.desk.enter import LongAgo, Trace
from helpline.errors import HelplineError, NotFound
from helpline.store import advisors
from helpline.web import enter_form, wired
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import at_clock, in_full, page
from helpline.web.words import page_language, sentence

router = APIRouter(prefix="/records")

Advisor = Annotated[Signed, Depends(signed_in)]

#: A key is what `enter.new_key` makes: nobody else's id can be claimed by it.
_KEY = re.compile(r"[0-9a-f]{32}")
#: Columns that a trace does not compare: they differ by nature.
_OF_THE_ROW = ("record_id", "corrects")


@router.get("/new")
async def new(signed: Advisor) -> Response:
    """Contacts are most of what is entered."""
    return RedirectResponse("/records/new/contact", status_code=303)


@router.get("/new/{kind}")
async def empty(request: Request, kind: str, signed: Advisor, saved: str = "", day: str = "") -> Response:
    """An empty page, with a receipt of what was just saved above it."""
    _check_kind(kind)
    return await _draw_new(request, signed, kind, saved=saved, day=_day_of(day))


@router.post("/new/{kind}")
async def save(request: Request, kind: str, signed: Advisor) -> Response:
    """Save, and stay for the next one or look at this one."""
    _check_kind(kind)
    form = await request.form()
    try:
        filled = enter_form.filled(kind, form)
        async with wired.database(request).writing() as session:
            record = await enter.enter(
                session,
                filled,
                key=_key(str(form.get("key") or "")),
                house=wired.house(request),
                advisor=signed.advisor,
                now=wired.clock(request).now(),
            )
    except HelplineError as problem:
        return await _draw_new(
            request, signed, kind, problem=problem, asked=enter_form.typed(form), key=form.get("key")
        )
    if form.get("then") != "next":
        return RedirectResponse(f"/records/{record.record_id}?done=saved", status_code=303)
    # Whoever enters last week's list stays in last week, and sees it.
    other_day = f"&day={filled.day}" if kind != "group" and filled.day != _today(request) else ""
    return RedirectResponse(f"/records/new/{kind}?saved={record.record_id}{other_day}", status_code=303)


@router.get("/{record_id:path}/correct")
async def form_of(request: Request, record_id: str, signed: Advisor) -> Response:
    """The form, filled in with what the record says."""
    return await _draw_correct(request, signed, await _trace(request, record_id, signed))


@router.post("/{record_id:path}/correct")
async def correct(request: Request, record_id: str, signed: Advisor) -> Response:
    """Write the correction."""
    form = await request.form()
    found = await _trace(request, record_id, signed)
    try:
        filled = enter_form.filled(found.before.kind, form, before=found.before)
        async with wired.database(request).writing() as session:
            record = await enter.correct(
                session,
                record_id,
                filled,
                key=_key(str(form.get("key") or "")),
                seen=str(form.get("seen") or ""),
                house=wired.house(request),
                advisor=signed.advisor,
                now=wired.clock(request).now(),
            )
    except HelplineError as problem:
        return await _draw_correct(
            request, signed, found, problem=problem, asked=enter_form.typed(form), key=form.get("key")
        )
    return RedirectResponse(f"/records/{record.record_id}?done=corrected", status_code=303)


@router.post("/{record_id:path}/strike")
async def strike(request: Request, record_id: str, signed: Advisor) -> Response:
    """Strike it out: it counts no longer, and can still be seen."""
    form = await request.form()
    async with wired.database(request).writing() as session:
        record = await enter.strike(
            session,
            record_id,
            key=_key(str(form.get("key") or "")),
            seen=str(form.get("seen") or ""),
            house=wired.house(request),
            advisor=signed.advisor,
            now=wired.clock(request).now(),
        )
    return RedirectResponse(f"/records/{record.record_id}?done=struck", status_code=303)


@router.get("/{record_id:path}")
async def one(request: Request, record_id: str, signed: Advisor, done: str = "") -> Response:
    """A single record: what counts, and what became of it."""
    found = await _trace(request, record_id, signed)
    async with wired.database(request).reading() as session:
        names = {advisor.id: advisor.name for advisor in await advisors.everyone(session)}
    return page(
        request,
        "record.html",
        signed=signed,
        trace=found,
        struck=is_struck(found.standing),
        is_struck=is_struck,
        said=_said(found.before),
        changes=_changes(found),
        names=names,
        done=done if done in ("saved", "corrected", "struck") else "",
        key=enter.new_key(),
        may_list=signed.may(Role.MANAGER),
        **_column_words(request, signed),
    )


async def _draw_new(
    request: Request,
    signed: Signed,
    kind: str,
    *,
    saved: str = "",
    day: date | None = None,
    problem: HelplineError | None = None,
    asked: Mapping[str, Any] | None = None,
    key: object = None,
) -> Response:
    house, now = wired.house(request), wired.clock(request).now()
    async with wired.database(request).reading() as session:
        mine = await enter.mine_today(session, house=house, advisor=signed.advisor, now=now)
    latest = next((one.standing for one in mine if one.standing.kind == kind and not is_struck(one.standing)), None)
    return page(
        request,
        "record_new.html",
        signed=signed,
        status=problem.status if problem else 200,
        kinds=enter.KINDS,
        kind=kind,
        mine=mine,
        strike_key=enter.new_key(),
        receipt=next((one for one in mine if one.first.record_id == saved), None),
        is_struck=is_struck,
        key=_kept_key(key),
        **_form_values(
            request,
            signed,
            asked=asked or enter_form.fresh(kind, latest=latest, day=day or _today(request), now=now, zone=house.zone),
            problem=problem,
        ),
        **enter_form.lists(kind),
    )


async def _draw_correct(
    request: Request,
    signed: Signed,
    found: Trace,
    *,
    problem: HelplineError | None = None,
    asked: Mapping[str, Any] | None = None,
    key: object = None,
) -> Response:
    return page(
        request,
        "record_correct.html",
        signed=signed,
        status=problem.status if problem else 200,
        trace=found,
        kind=found.before.kind,
        key=_kept_key(key),
        **_form_values(
            request,
            signed,
            asked=asked
            or enter_form.of_record(
                found.before, zone=wired.house(request).zone, language=page_language(signed.advisor.language)
            ),
            problem=problem,
        ),
        **enter_form.lists(found.before.kind, before=found.before),
    )


def _form_values(
    request: Request, signed: Signed, *, asked: Mapping[str, Any], problem: HelplineError | None
) -> dict[str, Any]:
    today = _today(request)
    return {
        "asked": asked,
        "today": today,
        "years": [today.year - back for back in range(3)],
        "problem": sentence(problem.sentence, signed.advisor.language) if problem else None,
        "long_ago": isinstance(problem, LongAgo),
        "most": enter.MOST_PEOPLE,
        "local": lambda at: at.astimezone(wired.house(request).zone),
    }


async def _trace(request: Request, record_id: str, signed: Signed) -> Trace:
    async with wired.database(request).reading() as session:
        return await enter.trace(
            session,
            record_id,
            house=wired.house(request),
            advisor=signed.advisor,
            now=wired.clock(request).now(),
        )


def _said(record: Record) -> list[tuple[str, object]]:
    """What a record says, column by column; what was not asked is left out."""
    values = ((column, getattr(record, column)) for column in COLUMNS if column not in _OF_THE_ROW)
    return [(column, value) for column, value in values if value not in (None, ())]


def _changes(found: Trace) -> list[list[tuple[str, object, object]]]:
    """For each step what it changed of the record that it corrects: column, before, after."""
    by_id = {step.record.record_id: step.record for step in found.steps}
    changes: list[list[tuple[str, object, object]]] = []
    for step in found.steps:
        before = by_id.get(step.record.corrects or "")
        pairs = (
            [(column, getattr(before, column), getattr(step.record, column)) for column in COLUMNS] if before else []
        )
        changes.append([pair for pair in pairs if pair[0] not in _OF_THE_ROW and pair[1] != pair[2]])
    return changes


def _column_words(request: Request, signed: Signed) -> dict[str, Any]:
    zone, language = wired.house(request).zone, page_language(signed.advisor.language)

    def moment(at: datetime) -> str:
        return f"{in_full(at.astimezone(zone).date(), language)} {at_clock(at, zone, language)}"

    of_list = {"challenge_areas": "challenge_area", "topics": "topic"} | {
        "referred_from": "referral",
        "referred_to": "referral",
    }
    return {
        "list_of": of_list,
        "simulated": Origin.SIMULATED,
        "moment": moment,
        "county_name": lambda number: counties(language).get(number, number),
        "municipality_name": lambda number: municipality_names().get(number, number),
    }


def _check_kind(kind: str) -> None:
    if kind not in enter.KINDS:
        raise NotFound("Denne siden finnes ikke.")


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise HelplineError("Siden var for gammel til å lagre fra. Last den inn på nytt, og prøv igjen.")
    return text


def _kept_key(key: object) -> str:
    """A page that is shown again keeps its key, so that it can still only be saved once."""
    return key if isinstance(key, str) and _KEY.fullmatch(key) else enter.new_key()


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _today(request: Request) -> date:
    return wired.clock(request).now().astimezone(wired.house(request).zone).date()
