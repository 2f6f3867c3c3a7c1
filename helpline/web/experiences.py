"""What relatives shared: read by a manager before anybody else, made to name nobody, and handed on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from helpline.core import identity
from helpline.desk import moderate
from helpline.errors import HelplineError
from helpline.store import access, advisors, experiences
from helpline.store.db import ReadSession
from helpline.store.tables import Experience, ExperienceState
from helpline.web import wired
from helpline.web.admin_forms import Manager
from helpline.web.guard import Signed
from helpline.web.pages import page
from helpline.web.words import sentence, words

router = APIRouter(prefix="/experiences")

#: Decided ones on the page; the files hold all that are approved.
SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a text, and what it looks like where it may say who somebody is."""

    words: str
    mark: str | None = None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An experience on the page. `marked` are the different words to look at, each once."""

    row: Experience
    pieces: Sequence[Piece]
    marked: Sequence[str]
    days: int


@router.get("")
async def all_of_them(request: Request, signed: Manager) -> Response:
    """New ones to read, and what became of the others."""
    return await _page(request, signed)


@router.post("/{experience_id}/take-out")
async def take_out(request: Request, experience_id: int, signed: Manager) -> Response:
    """Replace words by […]: those that were ticked, and those that were written, one a line."""
    form = await request.form()
    try:
        async with wired.database(request).writing() as session:
            await moderate.take_out(session, experience_id, _phrases(form))
    except HelplineError as problem:
        return await _page(request, signed, problem=problem, at=experience_id, asked=str(form.get("more") or ""))
    return _back("taken_out", experience_id)


@router.post("/{experience_id}/{decision}")
async def decide(request: Request, experience_id: int, decision: str, signed: Manager) -> Response:
    """It may be used, it may not, or it goes at once."""
    now = wired.clock(request).now()
    async with wired.database(request).writing() as session:
        match decision:
            case "approve":
                state = ExperienceState.APPROVED
                await moderate.decide(session, experience_id, state, advisor=signed.advisor, now=now)
            case "refuse":
                state = ExperienceState.REFUSED
                await moderate.decide(session, experience_id, state, advisor=signed.advisor, now=now)
            case "erase":
                await moderate.erase(session, experience_id, advisor=signed.advisor, now=now)
            case _:
                raise HelplineError("Velg om erfaringen kan brukes eller ikke.")
    return _back(f"experience_{decision}")


@router.get("/approved.json")
async def as_json(request: Request, signed: Manager) -> Response:
    """All that may be used, for Pårørendeplattformen."""
    rows = await _approved(request, signed)
    document = {
        "experiences": [{"day": day.isoformat(), "language": language, "words": text} for day, language, text in rows]
    }
    return _file(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "application/json", "json")


@router.get("/approved.txt")
async def as_text(request: Request, signed: Manager) -> Response:
    """The same to read."""
    rows = await _approved(request, signed)
    text = "\n\n".join(f"{day.isoformat()} ({language})\n\n{words}\n" for day, language, words in rows)
    return _file(text, "text/plain; charset=utf-8", "txt")


def _phrases(form: FormData) -> list[str]:
    ticked = [value for value in form.getlist("words") if isinstance(value, str)]
    written = [line.strip() for line in str(form.get("more") or "").splitlines() if line.strip()]
    return [*ticked, *written]


def _back(done: str, experience_id: int | None = None) -> Response:
    there = f"#e{experience_id}" if experience_id is not None else ""
    return RedirectResponse(f"/experiences?done={done}{there}", status_code=303)


def _file(text: str, kind: str, ending: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="erfaringer.{ending}"'}
    return Response(text, media_type=kind, headers=headers)


async def _approved(request: Request, signed: Signed) -> list[tuple[date, str, str]]:
    """Day, language and words of all that are approved, by the day; that they were taken out is logged."""
    async with wired.database(request).writing() as session:
        now = wired.clock(request).now()
        await access.log(session, now=now, action="experiences_exported", advisor_id=signed.advisor.id)
        found = [
            (row.shared_on, row.language, experiences.words(session, row))
            for row in await experiences.in_state(session, ExperienceState.APPROVED)
        ]
    return sorted(found)


async def _page(
    request: Request,
    signed: Signed,
    *,
    problem: HelplineError | None = None,
    at: int | None = None,
    asked: str = "",
) -> Response:
    today = wired.clock(request).now().astimezone(wired.house(request).zone).date()
    async with wired.database(request).reading() as session:
        parts: dict[str, Any] = {
            state.value: [
                _shown(session, row, today)
                for row in await experiences.in_state(
                    session, state, limit=None if state is ExperienceState.NEW else SHOWN
                )
            ]
            for state in ExperienceState
        }
        names = {advisor.id: advisor.name for advisor in await advisors.everyone(session)}
    done = request.query_params.get("done", "")
    return page(
        request,
        "experiences.html",
        signed=signed,
        status=problem.status if problem is not None else 200,
        problem=sentence(problem.sentence, signed.advisor.language) if problem is not None else None,
        at=at,
        asked=asked,
        done=done if problem is None and f"done.{done}" in words() else "",
        names=names,
        kept_refused=experiences.REFUSED_KEPT,
        **parts,
    )


def _shown(session: ReadSession, row: Experience, today: date) -> Shown:
    text = experiences.words(session, row)
    found = identity.marks(text)
    pieces: list[Piece] = []
    here = 0
    for mark in found:
        pieces += [Piece(words=text[here : mark.start]), Piece(words=mark.words, mark=mark.kind.value)]
        here = mark.end
    pieces.append(Piece(words=text[here:]))
    return Shown(
        row=row,
        pieces=[piece for piece in pieces if piece.words],
        marked=list(dict.fromkeys(mark.words for mark in found)),
        days=(today - row.shared_on).days,
    )
