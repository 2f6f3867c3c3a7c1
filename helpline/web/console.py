"""The console: duty, my contacts, the queue and the offer, as a page and as the parts that refresh by themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from helpline.core.codes import Channel
from helpline.core.contact import ContactState, Wish
from helpline.core.duty import Duty, PauseReason
from helpline.desk import duty, offer, opening
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.store import advisors, contacts, offers, overview
from helpline.store import opening as opening_store
from helpline.store.db import ReadSession
from helpline.store.tables import Advisor, Contact
from helpline.web import wired
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import is_fragment, page
from helpline.web.words import page_language

router = APIRouter()

#: As many as are drawn; how many more wait is said below them.
SHOWN = 60
#: How far back one sees what one has closed.
LATELY = timedelta(hours=24)
#: The pause that nobody chooses: it follows from a missed offer.
CHOSEN_PAUSES = tuple(reason for reason in PauseReason if reason is not PauseReason.MISSED_OFFER)


@dataclass(frozen=True, kw_only=True)
class Waiter:
    """A contact as it stands in a list. `held_by` is the advisor it is held out to now, or else `kept_for` the one it
    was handed over to: the id and the name."""

    contact: Contact
    words: str
    alarms: Sequence[tuple[str, str]]
    held_by: tuple[int, str] | None
    kept_for: tuple[int, str] | None
    unread: bool

    @property
    def since(self) -> datetime:
        """From when its wait is counted."""
        return self.contact.waiting_since or self.contact.opened_at

    @property
    def callback(self) -> bool:
        """Whether they asked to be rung back."""
        return self.contact.wish is Wish.CALLBACK


async def names(session: ReadSession) -> dict[int, str]:
    """The advisors' names by id."""
    return {advisor.id: advisor.name for advisor in await advisors.everyone(session)}


async def rows(
    session: ReadSession, found: Sequence[Contact], called: Mapping[int, str], *, latest: bool = False
) -> list[Waiter]:
    """Contacts with what a list shows of each: their first words that say something, or the latest that are no choice
    from a menu."""
    ids = [contact.id for contact in found]
    words = await overview.first_words(session, ids)
    if latest:
        words |= {id: last for id, last in (await overview.last_words(session, ids)).items() if not last.isdecimal()}
    alarms = await overview.alarms(session, ids)
    held = await overview.offered_to(session, ids)

    def advisor(id: int | None) -> tuple[int, str] | None:
        return (id, called[id]) if id is not None and id in called else None

    unread = await overview.unread(session, found)
    return [
        Waiter(
            contact=contact,
            words=words.get(contact.id, ""),
            alarms=alarms.get(contact.id, []),
            held_by=advisor(held.get(contact.id)),
            kept_for=advisor(contact.reserved_for),
            unread=contact.id in unread,
        )
        for contact in found
    ]


async def queue_part(session: ReadSession) -> dict[str, Any]:
    """What the queue shows."""
    waiting = await contacts.queue(session, limit=SHOWN)
    length = len(waiting) if len(waiting) < SHOWN else await contacts.queue_length(session)
    return {"queue": await rows(session, waiting, await names(session)), "queue_length": length}


async def rail_part(session: ReadSession, me: int) -> dict[str, Any]:
    """What stands beside the queue: my duty, my contacts, and who else is on duty."""
    found = await advisors.by_id(session, me)
    assert found is not None
    mine = await contacts.of_advisor(session, me)
    return {
        "me": found,
        "pauses": CHOSEN_PAUSES,
        "mine": await rows(session, mine, {}, latest=True),
        "on_call": any(
            contact.channel is Channel.PHONE and contact.state in (ContactState.CONNECTING, ContactState.ACTIVE)
            for contact in mine
        ),
        "on_duty": [advisor for advisor in await advisors.on_duty(session) if advisor.id != me],
    }


async def opening_part(session: ReadSession, signed: Signed, *, house: House, now: datetime) -> dict[str, Any]:
    """Whether we are open, and when that changes."""
    language = page_language(signed.advisor.language)
    state = await opening.state(session, house=house, now=now)
    return {
        "opening": state,
        "opens": opening.opens_in_words(state, house=house, now=now, language=language, channel="telegram"),
    }


async def home_part(session: ReadSession, signed: Signed, *, house: House, now: datetime) -> dict[str, Any]:
    """What the stage shows while no contact is open: whether we are open, and what I closed lately."""
    parts = await opening_part(session, signed, house=house, now=now)
    return parts | {"lately": await overview.closed_by(session, signed.advisor.id, since=now - LATELY)}


@router.get("/")
async def console(request: Request, signed: Signed = Depends(signed_in)) -> Response:
    """The console with no contact open; for htmx the stage alone."""
    return await draw_home(request, signed)


async def draw_home(request: Request, signed: Signed, *, closed: int | None = None) -> Response:
    """The console, or its stage, with no contact open; `closed` is the contact that was closed in this moment."""
    house, now = wired.house(request), wired.clock(request).now()
    async with wired.database(request).reading() as session:
        parts = await home_part(session, signed, house=house, now=now)
        parts["closed"] = next((contact for contact in parts["lately"] if contact.id == closed), None)
        if is_fragment(request):
            return page(request, "home.html", signed=signed, **parts)
        parts |= await queue_part(session) | await rail_part(session, signed.advisor.id)
    return page(request, "console.html", signed=signed, open_contact=None, **parts)


@router.get("/closure")
async def show_closure(request: Request, signed: Signed = Depends(signed_in)) -> Response:
    """The emergency closing that shuts the line now, or nothing."""
    async with wired.database(request).reading() as session:
        closure = await opening_store.closure(session, now=wired.clock(request).now())
    return page(request, "closure.html", signed=signed, closure=closure)


@router.get("/opening")
async def show_opening(request: Request, signed: Signed = Depends(signed_in)) -> Response:
    """Whether we are open now, alone."""
    house, now = wired.house(request), wired.clock(request).now()
    async with wired.database(request).reading() as session:
        parts = await opening_part(session, signed, house=house, now=now)
    return page(request, "opening.html", signed=signed, **parts)


@router.get("/queue")
async def queue(request: Request, signed: Signed = Depends(signed_in)) -> Response:
    """The queue alone."""
    if not is_fragment(request):
        return RedirectResponse("/", status_code=303)
    async with wired.database(request).reading() as session:
        parts = await queue_part(session)
    return page(request, "queue.html", signed=signed, **parts)


@router.get("/rail")
async def rail(request: Request, signed: Signed = Depends(signed_in)) -> Response:
    """Duty, my contacts and colleagues alone."""
    if not is_fragment(request):
        return RedirectResponse("/", status_code=303)
    async with wired.database(request).reading() as session:
        parts = await rail_part(session, signed.advisor.id)
    return page(request, "rail.html", signed=signed, **parts)


@router.get("/offer")
async def show_offer(request: Request, seen: str = "", signed: Signed = Depends(signed_in)) -> Response:
    """What is held out to me now, or nothing. What stands there already is left alone (204), so that it keeps the
    keyboard and is not read aloud again whenever somebody else joins the queue."""
    now = wired.clock(request).now()
    async with wired.database(request).reading() as session:
        standing = await offers.open_for_advisor(session, signed.advisor.id)
        if standing is not None and standing.expires_at > now:
            contact = await contacts.by_id(session, standing.contact_id)
            assert contact is not None
            waiter = (await rows(session, [contact], {}))[0]
            note = (await overview.last_notes(session, [contact.id])).get(contact.id)
            shown = f"{standing.id}-{contact.urgency.value}-{len(waiter.alarms)}-{len(waiter.words)}-{len(note or '')}"
            if shown == seen:
                return Response(status_code=204)
            return page(
                request,
                "offer.html",
                signed=signed,
                offer=standing,
                waiter=waiter,
                note=note,
                seen=shown,
                whole=int((standing.expires_at - standing.made_at).total_seconds()),
                left=int(offer.time_left(standing, now=now).total_seconds()),
            )
    return page(request, "offer.html", signed=signed, offer=None, seen="")


@router.post("/offer/{offer_id}/pass")
async def pass_on(request: Request, offer_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Say no: the next advisor is asked, and I stay on duty."""
    async with wired.database(request).writing() as session:
        await offer.pass_on(
            session, offer_id, house=wired.house(request), advisor=signed.advisor, now=wired.clock(request).now()
        )
    if is_fragment(request):
        return page(request, "offer.html", signed=signed, offer=None, seen="")
    return RedirectResponse("/", status_code=303)


@router.post("/duty")
async def switch(
    request: Request,
    to: str = Form(...),
    reason: str = Form(""),
    signed: Signed = Depends(signed_in),
) -> Response:
    """The duty switch: `on`, `pause` with a reason, or `off`."""
    house, now = wired.house(request), wired.clock(request).now()
    async with wired.database(request).writing() as session:
        me = await _fresh(session, signed)
        if to == Duty.ON.value:
            ends = await overview.shift_ends(session, me.id, now=now)
            await duty.go_on(session, me, house=house, now=now, ends_at=ends)
        elif to == Duty.PAUSE.value:
            if reason not in CHOSEN_PAUSES:
                raise HelplineError("Velg hvorfor du tar pause.")
            await duty.pause(session, me, reason=PauseReason(reason), house=house, now=now)
        elif to == Duty.OFF.value:
            await duty.go_off(session, me, house=house, now=now)
        else:
            raise HelplineError("Velg på vakt, pause eller av.")
    if not is_fragment(request):
        return RedirectResponse("/", status_code=303)
    async with wired.database(request).reading() as session:
        parts = await rail_part(session, signed.advisor.id)
    return page(request, "rail.html", signed=signed, **parts)


async def _fresh(session: ReadSession, signed: Signed) -> Advisor:
    found = await advisors.by_id(session, signed.advisor.id)
    assert found is not None
    return found
