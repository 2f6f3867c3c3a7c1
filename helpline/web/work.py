"""What an advisor does with a contact: take it, write, note, hand over, look up the number, ring back."""

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from helpline.desk import attend, evaluate, leg, offer
from helpline.errors import HelplineError, NotFound
from helpline.store import deliveries
from helpline.web import wired
from helpline.web.console import draw_home
from helpline.web.contact import composer_part, course_part, draw, head_part, size_of, stand
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import is_fragment, page
from helpline.web.presence import presence

router = APIRouter()


async def opened(request: Request, contact_id: int, signed: Signed) -> Response:
    """After an action that changes whose contact it is: the contact, drawn anew, with its own address."""
    if not is_fragment(request):
        return RedirectResponse(f"/contact/{contact_id}", status_code=303)
    answer = await draw(request, contact_id, signed)
    answer.headers["HX-Push-Url"] = f"/contact/{contact_id}"
    return answer


async def left(request: Request, signed: Signed, *, closed: int | None = None) -> Response:
    """After an action that ends the work with a contact: the console with none open, which says what was closed."""
    if not is_fragment(request):
        return RedirectResponse("/", status_code=303)
    answer = await draw_home(request, signed, closed=closed)
    answer.headers["HX-Push-Url"] = "/"
    return answer


async def written(request: Request, contact_id: int, signed: Signed) -> Response:
    """After words: the writing field, and the conversation beside it at once."""
    if not is_fragment(request):
        return RedirectResponse(f"/contact/{contact_id}", status_code=303)
    async with wired.database(request).reading() as session:
        found = await stand(session, contact_id, signed)
        parts = composer_part(session, found, request, signed) | await course_part(session, found, request)
    return page(request, "composer_and_course.html", signed=signed, **parts)


@router.post("/offer/{offer_id}/accept")
async def accept(request: Request, offer_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Say yes. A text opens at once; a call rings my telephone first."""
    async with wired.database(request).writing() as session:
        contact = await offer.accept(
            session, offer_id, house=wired.house(request), advisor=signed.advisor, now=wired.clock(request).now()
        )
    return await opened(request, contact.id, signed)


@router.post("/contact/{contact_id}/take")
async def take(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Take it straight from the queue."""
    async with wired.database(request).writing() as session:
        await offer.take(
            session, contact_id, house=wired.house(request), advisor=signed.advisor, now=wired.clock(request).now()
        )
    return await opened(request, contact_id, signed)


@router.post("/contact/{contact_id}/take-over")
async def take_over(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Take it from a colleague, who sees it."""
    async with wired.database(request).writing() as session:
        await attend.take_over(session, contact_id, advisor=signed.advisor, now=wired.clock(request).now())
    return await opened(request, contact_id, signed)


@router.post("/contact/{contact_id}/reply")
async def reply(
    request: Request, contact_id: int, text: str = Form(""), signed: Signed = Depends(signed_in)
) -> Response:
    """Write to the caller. It can be taken back for ten seconds."""
    async with wired.database(request).writing() as session:
        await attend.reply(
            session,
            contact_id,
            text,
            house=wired.house(request),
            advisor=signed.advisor,
            now=wired.clock(request).now(),
        )
    return await written(request, contact_id, signed)


@router.post("/contact/{contact_id}/draft")
async def draft(
    request: Request, contact_id: int, text: str = Form(""), signed: Signed = Depends(signed_in)
) -> Response:
    """Keep what is being written, and say what it costs."""
    presence(request).writes(contact_id, signed.advisor.id, now=wired.clock(request).now())
    async with wired.database(request).writing() as session:
        await attend.save_reply_draft(session, contact_id, text, advisor=signed.advisor)
        found = await stand(session, contact_id, signed)
    return page(
        request,
        "counter.html",
        signed=signed,
        size=size_of(found.contact.channel, text),
        length=len(text.strip()),
        longest=attend.LONGEST[found.contact.channel],
        saved=bool(text),
    )


@router.post("/contact/{contact_id}/evaluation")
async def let_follow(
    request: Request, contact_id: int, wanted: str = Form(""), signed: Signed = Depends(signed_in)
) -> Response:
    """Let the question about how much we helped follow a conversation by telephone, or take that back."""
    async with wired.database(request).writing() as session:
        await evaluate.let_follow(
            session, contact_id, wanted=wanted == "yes", advisor=signed.advisor, now=wired.clock(request).now()
        )
    if not is_fragment(request):
        return RedirectResponse(f"/contact/{contact_id}", status_code=303)
    async with wired.database(request).reading() as session:
        parts = await head_part(session, await stand(session, contact_id, signed), request, signed)
    return page(request, "head.html", signed=signed, **parts)


@router.post("/delivery/{delivery_id}/undo")
async def undo(request: Request, delivery_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Take a reply back before it leaves; its words stand in the writing field again."""
    async with wired.database(request).writing() as session:
        delivery = await deliveries.by_id(session, delivery_id)
        if delivery is None or delivery.contact_id is None:
            raise NotFound("Denne meldingen finnes ikke.")
        await attend.undo(session, delivery_id, advisor=signed.advisor, now=wired.clock(request).now())
    return await written(request, delivery.contact_id, signed)


@router.post("/delivery/{delivery_id}/again")
async def again(request: Request, delivery_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Send the words of a failed delivery once more, as a new one."""
    async with wired.database(request).writing() as session:
        delivery = await deliveries.by_id(session, delivery_id)
        words = deliveries.words(session, delivery) if delivery else None
        if delivery is None or delivery.contact_id is None or not words:
            raise NotFound("Denne meldingen finnes ikke.")
        await attend.reply(
            session,
            delivery.contact_id,
            words,
            house=wired.house(request),
            advisor=signed.advisor,
            now=wired.clock(request).now(),
        )
    return await written(request, delivery.contact_id, signed)


@router.post("/contact/{contact_id}/note")
async def note(
    request: Request, contact_id: int, text: str = Form(""), signed: Signed = Depends(signed_in)
) -> Response:
    """A note for colleagues. The caller never sees it."""
    async with wired.database(request).writing() as session:
        await attend.note(session, contact_id, text, advisor=signed.advisor, now=wired.clock(request).now())
    if not is_fragment(request):
        return RedirectResponse(f"/contact/{contact_id}", status_code=303)
    async with wired.database(request).reading() as session:
        found = await stand(session, contact_id, signed)
        parts = await course_part(session, found, request)
    return page(request, "note_and_course.html", signed=signed, **parts)


@router.post("/contact/{contact_id}/hand-over")
async def hand_over(
    request: Request,
    contact_id: int,
    to: str = Form(...),
    text: str = Form(""),
    signed: Signed = Depends(signed_in),
) -> Response:
    """Give it to a colleague, or back to the queue (`to` is `queue`), with a note."""
    if to != "queue" and not to.isdecimal():
        raise HelplineError("Velg hvem som skal ta over.")
    async with wired.database(request).writing() as session:
        await attend.hand_over(
            session,
            contact_id,
            to_advisor=None if to == "queue" else int(to),
            text=text,
            house=wired.house(request),
            advisor=signed.advisor,
            now=wired.clock(request).now(),
        )
    return await left(request, signed)


@router.post("/contact/{contact_id}/number")
async def number(
    request: Request, contact_id: int, reason: str = Form(""), signed: Signed = Depends(signed_in)
) -> Response:
    """Break the glass: show the number once, for a reason that is logged."""
    async with wired.database(request).writing() as session:
        shown = await attend.show_number(
            session, contact_id, reason, advisor=signed.advisor, now=wired.clock(request).now()
        )
    return page(request, "number.html", signed=signed, number=shown)


@router.post("/contact/{contact_id}/ring-back")
async def ring_back(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Ring the caller who asked for it: first my telephone, then theirs."""
    async with wired.database(request).writing() as session:
        await leg.ring_back(session, contact_id, advisor=signed.advisor, now=wired.clock(request).now())
    return await opened(request, contact_id, signed)
