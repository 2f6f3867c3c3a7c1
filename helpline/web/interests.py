"""Who wants to hear of an advice session or a group: the list, without numbers."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from helpline.core.codes import counties
from helpline.desk import interest
from helpline.errors import HelplineError
from helpline.store import interests
from helpline.store.interests import KEPT, Standing
from helpline.web import wired
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import page
from helpline.web.words import sentence, words

router = APIRouter(prefix="/interests")

#: How far back the page counts what was settled.
LATELY = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Somebody on the list as the page shows them."""

    standing: Standing
    days: int
    #: Why we may not write to them now, in the language of the page.
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a form led to beside one person on the list: a number that is shown, or what was wrong."""

    id: int
    number: str | None = None
    problem: HelplineError | None = None
    reason: str = ""


@router.get("")
async def all_of_them(request: Request, signed: Signed = Depends(signed_in)) -> Response:
    """Who waits for what, and since when."""
    return await _page(request, signed)


@router.post("/{interest_id}/write")
async def write(request: Request, interest_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Begin a conversation with a neutral text; it opens in the console."""
    async with wired.database(request).writing() as session:
        contact = await interest.write(
            session,
            interest_id,
            house=wired.house(request),
            advisor=signed.advisor,
            now=wired.clock(request).now(),
        )
    return RedirectResponse(f"/contact/{contact.id}", status_code=303)


@router.post("/{interest_id}/number")
async def number(
    request: Request, interest_id: int, reason: str = Form(""), signed: Signed = Depends(signed_in)
) -> Response:
    """Break the glass: show the number once, for a reason that is logged."""
    try:
        async with wired.database(request).writing() as session:
            shown = await interest.show_number(
                session, interest_id, reason, advisor=signed.advisor, now=wired.clock(request).now()
            )
    except HelplineError as problem:
        return await _page(request, signed, said=Said(id=interest_id, problem=problem, reason=reason))
    return await _page(request, signed, said=Said(id=interest_id, number=shown))


@router.post("/{interest_id}/settle")
async def settle(request: Request, interest_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Off the list; the number is forgotten with it."""
    async with wired.database(request).writing() as session:
        await interest.settle(session, interest_id, advisor=signed.advisor, now=wired.clock(request).now())
    return RedirectResponse("/interests?done=interest_settled", status_code=303)


async def _page(request: Request, signed: Signed, *, said: Said | None = None) -> Response:
    now = wired.clock(request).now()
    async with wired.database(request).reading() as session:
        everybody = await interests.open_ones(session)
        settled = await interests.settled_by_offer(session, since=now - LATELY)
    language = signed.advisor.language
    by_offer: dict[str, list[Waiting]] = {}
    for standing in everybody:
        problem = interest.cannot_write(standing.interest, standing.caller)
        by_offer.setdefault(standing.interest.offer, []).append(
            Waiting(
                standing=standing,
                days=(now - standing.interest.consent_at).days,
                problem=sentence(problem, language) if problem is not None else None,
            )
        )
    done = request.query_params.get("done", "")
    wrong = said.problem if said is not None else None
    return page(
        request,
        "interests.html",
        signed=signed,
        status=wrong.status if wrong is not None else 200,
        lists=[(offer, by_offer[offer]) for offer in interest.OFFERS if offer in by_offer],
        settled=settled,
        counties=counties(language),
        said=said,
        problem=sentence(wrong.sentence, language) if wrong is not None else None,
        done=done if f"done.{done}" in words() else "",
        kept_months=round(KEPT.days / 30.4),
    )
