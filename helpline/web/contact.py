"""A contact on the screen: the page, and the parts of it that refresh by themselves."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from helpline.core import sms_text
from helpline.core.codes import Channel
from helpline.core.contact import WITH_ADVISOR, ContactState, Wish
from helpline.core.duty import Duty
from helpline.desk import attend, evaluate, safe
from helpline.desk.house import House
from helpline.desk.ring import CALLER
from helpline.guidance.phrases import page_language
from helpline.store import advisors, callers, contacts, legs, overview
from helpline.store.db import ReadSession
from helpline.store.tables import Caller, Contact, Leg
from helpline.web import wired
from helpline.web.console import names, queue_part, rail_part
from helpline.web.course import course
from helpline.web.guard import Signed, signed_in
from helpline.web.knowledge import suggested
from helpline.web.pages import is_fragment, page
from helpline.web.presence import presence
from helpline.web.record_form import record_part

router = APIRouter(prefix="/contact/{contact_id}")


@dataclass(frozen=True, kw_only=True)
class Stand:
    """How things stand with a contact for the one who looks: whose it is, and what may be done."""

    contact: Contact
    mine: bool
    owner: str | None
    caller: Caller | None
    leg: Leg | None
    problem: str | None

    @property
    def waits(self) -> bool:
        """In the queue, or with the automatic conversation: it can be taken."""
        return self.contact.state in (ContactState.WAITING, ContactState.OFFERED)

    @property
    def closed(self) -> bool:
        """Nothing more can be done."""
        return self.contact.state is ContactState.CLOSED

    @property
    def call(self) -> bool:
        """A telephone call, not a text conversation."""
        return self.contact.channel is Channel.PHONE

    @property
    def callback(self) -> bool:
        """They asked to be rung back."""
        return self.contact.wish is Wish.CALLBACK

    @property
    def writes(self) -> bool:
        """I may write to the caller."""
        return self.mine and not self.call and self.contact.state is ContactState.ACTIVE

    @property
    def writes_only_back(self) -> bool:
        """Whether it may not be safe to write to them first (`desk.safe`)."""
        open_text = not self.closed and self.contact.channel is not Channel.PHONE
        return open_text and not safe.to_write_first(self.contact)

    @property
    def closes(self) -> bool:
        """I may close it."""
        return self.mine and not self.closed

    @property
    def takes_over(self) -> bool:
        """A colleague has it, and I may take it over."""
        return not self.mine and not self.call and self.contact.state is ContactState.ACTIVE

    @property
    def hands_over(self) -> bool:
        """I may give it to a colleague or back to the queue."""
        return self.writes or (self.mine and self.callback and self.contact.state is ContactState.ACTIVE)

    @property
    def rings_back(self) -> bool:
        """The caller can be rung now."""
        return (
            self.mine
            and self.callback
            and self.contact.callback_sealed is not None
            and self.leg is None
            and self.contact.state in (ContactState.ACTIVE, ContactState.WRAP_UP)
        )

    @property
    def bridge(self) -> str | None:
        """The state of the call in a word of the pages: `rings_you`, `rings_them`, `talking`, `over`, or `not_reached`
        when we rang back and nobody picked up."""
        if not self.call and not self.callback:
            return None
        if self.contact.state is ContactState.CONNECTING:
            return "rings_you"
        if self.contact.state is ContactState.ACTIVE and self.leg is not None:
            return "rings_them" if self.leg.role == CALLER and self.leg.state != "up" else "talking"
        if self.contact.state is ContactState.WRAP_UP:
            return "not_reached" if self.callback and self.contact.answered_at is None else "over"
        return None

    @property
    def seen(self) -> str:
        """Changes whenever the forms of the page must be drawn anew."""
        keyed = evaluate.keyed(self.contact)
        return f"{self.contact.state.value}-{self.contact.advisor_id or 0}-{int(self.problem is not None)}-{keyed}"


async def stand(session: ReadSession, contact_id: int, signed: Signed) -> Stand:
    """How things stand with a contact.

    Raises:
        NotFound: it does not exist or has been erased.
    """
    contact = await attend.contact_for(session, contact_id, advisor=signed.advisor)
    caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    owner = await advisors.by_id(session, contact.advisor_id) if contact.advisor_id else None
    live = await legs.of_contact(session, contact_id, live_only=True)
    # Of two live legs the one that has not come up yet says what is going on.
    live_leg = next((leg for leg in live if leg.state != "up"), live[0] if live else None)
    return Stand(
        contact=contact,
        mine=contact.advisor_id == signed.advisor.id and contact.state in WITH_ADVISOR,
        owner=owner.name if owner and contact.state in WITH_ADVISOR else None,
        caller=caller,
        leg=live_leg,
        problem=attend.cannot_write(contact, caller) if contact.channel is not Channel.PHONE else None,
    )


async def head_part(session: ReadSession, found: Stand, request: Request, signed: Signed) -> dict[str, Any]:
    """What stands at the top: who, since when, whose, and what may be done."""
    now = wired.clock(request).now()
    contact = found.contact
    earlier = await contacts.others_of_caller(session, contact.caller_id, contact.id) if contact.caller_id else []
    return {
        "stand": found,
        "contact": contact,
        "earlier": earlier,
        "alarms": (await overview.alarms(session, [contact.id])).get(contact.id, []),
        "others": presence(request).others(contact.id, signed.advisor.id, now=now),
        "may_follow": found.mine and evaluate.may_follow(contact, found.caller, now=now),
        "follows": evaluate.follows(contact),
        "colleagues": [
            advisor
            for advisor in await advisors.everyone(session)
            if advisor.active and advisor.id != signed.advisor.id and advisor.duty is not Duty.OFF
        ],
    }


async def course_part(session: ReadSession, found: Stand, request: Request) -> dict[str, Any]:
    """The conversation."""
    now = wired.clock(request).now()
    return {
        "stand": found,
        "contact": found.contact,
        "lines": await course(session, found.contact, names=await names(session), now=now),
    }


def composer_part(session: ReadSession, found: Stand, request: Request, signed: Signed) -> dict[str, Any]:
    """The writing field, with the draft that the server keeps, and what «/» offers."""
    contact = found.contact
    draft = session.keyring.open(contact.reply_draft) if found.mine and contact.reply_draft else ""
    return {
        "stand": found,
        "contact": contact,
        "draft": draft,
        "size": size_of(contact.channel, draft),
        "longest": attend.LONGEST[contact.channel],
        "theirs": page_language(contact.language),
        "replies": replies(request, contact.language, signed) if found.writes else [],
    }


def replies(request: Request, language: str, signed: Signed) -> list[tuple[str, str, str]]:
    """The sentences that «/» offers: id, a title in the advisor's language, and the words in the caller's."""
    house = wired.house(request)
    on = wired.clock(request).now().astimezone(house.zone).date()
    mine, theirs = page_language(signed.advisor.language), page_language(language)
    return [
        (reply.id, reply.title[mine], house.library.fill(reply.text[theirs], theirs, on))
        for reply in house.library.replies
    ]


def size_of(channel: Channel, text: str) -> sms_text.SmsSize | None:
    """What a text costs as it will be sent; None where it costs nothing."""
    return sms_text.measure(sms_text.plain(text.strip())) if channel is Channel.SMS else None


async def whole(session: ReadSession, found: Stand, request: Request, signed: Signed) -> dict[str, Any]:
    """Everything on the stage of a contact."""
    house: House = wired.house(request)
    now = wired.clock(request).now()
    parts = await head_part(session, found, request, signed)
    parts |= await course_part(session, found, request)
    parts |= composer_part(session, found, request, signed)
    parts |= record_part(found.contact, language=page_language(signed.advisor.language))
    parts |= suggested(found.contact, house=house, now=now)
    return parts


@router.get("")
async def show(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """A contact in the console; for htmx its stage alone."""
    return await draw(request, contact_id, signed)


async def draw(request: Request, contact_id: int, signed: Signed) -> Response:
    """The console with a contact open, or its stage."""
    now = wired.clock(request).now()
    async with wired.database(request).reading() as session:
        found = await stand(session, contact_id, signed)
        presence(request).here(contact_id, signed.advisor.id, signed.advisor.name, now=now)
        parts = await whole(session, found, request, signed)
        if is_fragment(request):
            return page(request, "contact.html", signed=signed, **parts)
        parts |= await queue_part(session) | await rail_part(session, signed.advisor.id)
    return page(request, "console.html", signed=signed, open_contact=contact_id, **parts)


@router.get("/course")
async def show_course(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """The conversation alone."""
    async with wired.database(request).reading() as session:
        parts = await course_part(session, await stand(session, contact_id, signed), request)
    return page(request, "course.html", signed=signed, **parts)


@router.get("/head")
async def show_head(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Who it is, whose it is and what may be done, alone."""
    async with wired.database(request).reading() as session:
        parts = await head_part(session, await stand(session, contact_id, signed), request, signed)
    return page(request, "head.html", signed=signed, **parts)


@router.get("/composer")
async def show_composer(
    request: Request, contact_id: int, seen: str = "", signed: Signed = Depends(signed_in)
) -> Response:
    """The writing field, when it must change; what is being written is left alone otherwise (204)."""
    async with wired.database(request).reading() as session:
        found = await stand(session, contact_id, signed)
        if found.seen == seen:
            return Response(status_code=204)
        parts = composer_part(session, found, request, signed)
    return page(request, "composer.html", signed=signed, **parts)


@router.get("/closing")
async def show_closing(
    request: Request, contact_id: int, seen: str = "", signed: Signed = Depends(signed_in)
) -> Response:
    """The closing form, when whose contact it is has changed."""
    async with wired.database(request).reading() as session:
        found = await stand(session, contact_id, signed)
        if found.seen == seen:
            return Response(status_code=204)
        parts = record_part(found.contact, language=page_language(signed.advisor.language))
    return page(request, "closing.html", signed=signed, stand=found, contact=found.contact, **parts)


@router.get("/note")
async def show_note(request: Request, contact_id: int, seen: str = "", signed: Signed = Depends(signed_in)) -> Response:
    """The field for a note, when the contact has been closed meanwhile; what is being written is left alone (204)."""
    async with wired.database(request).reading() as session:
        found = await stand(session, contact_id, signed)
    if seen == ("closed" if found.closed else "open"):
        return Response(status_code=204)
    return page(request, "note.html", signed=signed, stand=found, contact=found.contact)


@router.get("/here")
async def here(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """«I have this open», and who else has."""
    now = wired.clock(request).now()
    found = presence(request)
    found.here(contact_id, signed.advisor.id, signed.advisor.name, now=now)
    return page(request, "presence.html", signed=signed, others=found.others(contact_id, signed.advisor.id, now=now))
