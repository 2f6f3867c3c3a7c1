"""The telephone by Twilio: a caller's call, turn by turn. Telephones that we ring are in `voice_legs`."""

from datetime import date, datetime

from fastapi import APIRouter, Request, Response

from helpline.channels import twiml, voice_legs
from helpline.channels.voice_answer import (
    FINAL,
    PROVIDER,
    Answer,
    Form,
    Id,
    Number,
    document,
    log,
    once,
    raw,
    request_token,
    spoken_route,
    urls_of,
)
from helpline.channels.voice_catch_up import catch_up_calls
from helpline.channels.voice_sending import VoiceSender
from helpline.core.codes import Channel
from helpline.core.turn import Inbound, InboundKind, Turn
from helpline.desk import call, leg, wait
from helpline.desk.call import WaitingFor
from helpline.desk.house import House
from helpline.desk.numbers import caller_number
from helpline.desk.receive import receive
from helpline.settings import Settings
from helpline.store import contacts, events
from helpline.store.db import WriteSession

__all__ = ["VoiceSender", "build_router", "catch_up_calls"]

PREFIX = "/webhooks/twilio/voice"
#: More keys than any telephone number has.
_MOST_KEYS = 32
#: Seconds before a wait document that failed is tried once more.
_AFTER_FAILED_WAIT = 5
_FETCHING = 3


def build_router(settings: Settings, house: House, *, on: date) -> APIRouter:
    """Every voice webhook. The apology is built here, once, so that it is there when nothing else is."""
    urls = urls_of(settings)
    apologies = twiml.apologies(house, urls=urls, on=on)
    moments = {language: twiml.moment(house, language=language, on=on) for language in ("nb", "nn", "en")}
    heard = APIRouter(prefix=PREFIX, route_class=spoken_route(apologies))
    reports = APIRouter(prefix=PREFIX)

    @heard.post("")
    async def call_in(request: Request, form: Form) -> Response:
        return await _turn(request, form, InboundKind.CALL, 0)

    @heard.post("/turn/{number}")
    async def turn(request: Request, number: Number, form: Form) -> Response:
        keys = form.get("Digits", "")[:_MOST_KEYS]
        quiet = request.query_params.get("quiet") == "1" or not keys
        return await _turn(request, form, InboundKind.QUIET if quiet else InboundKind.KEYS, number, keys=keys)

    @heard.post("/left/{number}")
    async def left(request: Request, number: Number, form: Form) -> Response:
        match form.get("QueueResult", ""):
            case "leave":
                return await _turn(request, form, InboundKind.LEFT_LINE, number)
            case "hangup":
                return await _turn(request, form, InboundKind.HUNG_UP, number)
            case "queue-full":
                return await _turn(request, form, InboundKind.QUEUE_FULL, number)
            case "redirected" | "redirected-from-bridged" | "bridged":
                # The caller is in the room already; nobody listens to this answer.
                await once(request, form, f"{form['CallSid']}:{number}", _nothing)
                return document(twiml.nothing())
            case result:
                log.error("voice_wait_failed", result=result)
                return await _turn(request, form, InboundKind.QUIET, number, pause=_AFTER_FAILED_WAIT)

    @heard.post("/wait/{contact_id}")
    async def waiting(request: Request, contact_id: Id, form: Form) -> Response:
        return document(await _wait_round(request, contact_id, form, first=form.get("QueueTime", "0") == "0"))

    @heard.post("/waitkey/{contact_id}")
    async def wait_key(request: Request, contact_id: Id, form: Form) -> Response:
        if form.get("Digits") != "1":
            return document(await _wait_round(request, contact_id, form, first=False))

        async def step_out(session: WriteSession, now: datetime) -> Answer:
            contact = await contacts.by_call(session, form["CallSid"], lock=True)
            if contact is not None:
                await call.leave_line(session, contact, why="callback", now=now)
            return Answer(document=twiml.leave_queue(), contact_id=contact.id if contact else None)

        answer = await once(request, form, f"{form['CallSid']}:waitkey:{request_token(request)}", step_out)
        return document(answer or twiml.leave_queue())

    @heard.post("/again")
    async def again(request: Request, form: Form) -> Response:
        """After an apology: where the call stands, or its beginning when that was lost."""
        external_id = f"{form['CallSid']}:again:{request_token(request)}"
        async with request.app.state.database.reading() as session:
            known = await contacts.by_call(session, form["CallSid"]) is not None
        if not known:
            return await _turn(request, form, InboundKind.CALL, 0, external_id=external_id)
        return await _stand(request, form, external_id)

    @heard.post("/bridge/{contact_id}")
    async def bridge(request: Request, contact_id: Id, form: Form) -> Response:
        """Where a waiting caller is redirected when the advisor is there."""
        return await _stand(request, form, f"{form['CallSid']}:bridge:{request_token(request)}")

    @heard.post("/bridged/{contact_id}")
    async def bridged(request: Request, contact_id: Id, form: Form) -> Response:
        """The conversation is over for this telephone. Its call ends now, and reports that itself."""

        async def part(session: WriteSession, now: datetime) -> Answer:
            ended = await call.parted(session, contact_id, form["CallSid"], house=house, now=now)
            return Answer(document=_rendered(request, ended, now), contact_id=ended.contact_id)

        answer = await once(request, form, f"{form['CallSid']}:bridged:{request_token(request)}", part)
        return document(answer or twiml.nothing())

    @heard.post("/moment/{language}")
    async def moment(request: Request, language: str, form: Form) -> Response:
        return document(moments.get(language, moments["nb"]))

    @heard.post("/fallback")
    async def fallback(request: Request, form: Form) -> Response:
        """Twilio could not use an answer of ours. Needs neither the database nor anything that may be broken."""
        log.error("voice_fallback", code=form.get("ErrorCode", ""))
        return document(apologies.call)

    @reports.post("/status")
    async def status(request: Request, form: Form) -> Response:
        """How a call to our number ended; told by the number's own status callback."""
        if form.get("CallStatus") in FINAL:
            sequence = form.get("SequenceNumber") or form["CallStatus"]
            await _take_in(request, form, InboundKind.HUNG_UP, external_id=f"{form['CallSid']}:status:{sequence}")
        return Response(status_code=204)

    @reports.post("/conference/{contact_id}")
    async def conference(request: Request, contact_id: Id, form: Form) -> Response:
        """Who came to a room and who left it."""
        room, sequence = form.get("ConferenceSid", ""), form.get("SequenceNumber", "")
        sid = form.get("CallSid", "")

        async def act(session: WriteSession, now: datetime) -> Answer:
            match form.get("StatusCallbackEvent"):
                case "participant-leave":
                    await leg.left_room(session, contact_id, sid, house=house, now=now)
                case "participant-join":
                    await leg.came_to_room(session, contact_id, sid, now=now)
            return Answer(document="")

        await once(request, form, f"{room}:{sequence}", act)
        return Response(status_code=204)

    voice_legs.add_routes(heard, reports, urls=urls, house=house)
    router = APIRouter()
    router.include_router(heard)
    router.include_router(reports)
    return router


async def _turn(
    request: Request,
    form: dict[str, str],
    kind: InboundKind,
    number: int,
    *,
    keys: str = "",
    external_id: str | None = None,
    pause: int = 0,
) -> Response:
    """One turn of the call. Its answer is kept in the transaction that decides it, and a repeat gets it again."""
    external_id = external_id or f"{form['CallSid']}:{number}"
    answer = await _take_in(request, form, kind, external_id=external_id, number=number, keys=keys, pause=pause)
    # A repeat whose answer is kept no more: ask anew where the call stands.
    return document(answer or twiml.to_again(urls_of(request.app.state.settings)))


async def _take_in(
    request: Request,
    form: dict[str, str],
    kind: InboundKind,
    *,
    external_id: str,
    number: int = 0,
    keys: str = "",
    pause: int = 0,
) -> str | None:
    state = request.app.state
    inbound = Inbound(
        provider=PROVIDER,
        account=state.settings.twilio_account_sid,
        external_id=external_id,
        channel=Channel.PHONE,
        kind=kind,
        handle=caller_number(form.get("From")),
        text=keys,
        call_sid=form["CallSid"],
        turn=number,
        raw=raw(form),
    )
    async with state.database.writing() as session:
        now = state.clock.now()
        turn = await receive(session, inbound, house=state.house, now=now)
        if turn.repeated:
            return turn.kept_answer
        answer = _rendered(request, turn, now, pause=pause)
        await events.keep_answer(
            session, provider=PROVIDER, account=inbound.account, external_id=external_id, answer=answer
        )
    state.outbox.wake()
    return answer


async def _stand(request: Request, form: dict[str, str], external_id: str) -> Response:
    house: House = request.app.state.house

    async def act(session: WriteSession, now: datetime) -> Answer:
        turn = await call.stand(session, form["CallSid"], house=house, now=now)
        if turn is None:
            # Erased while it went on, for example: begin anew.
            return Answer(document=twiml.to_again(urls_of(request.app.state.settings)))
        return Answer(document=_rendered(request, turn, now), contact_id=turn.contact_id)

    answer = await once(request, form, external_id, act)
    return document(answer or twiml.to_again(urls_of(request.app.state.settings)))


def _rendered(request: Request, turn: Turn, now: datetime, *, pause: int = 0) -> str:
    house: House = request.app.state.house
    return twiml.render(
        turn,
        house=house,
        urls=urls_of(request.app.state.settings),
        on=now.astimezone(house.zone).date(),
        pause=pause,
    )


async def _wait_round(request: Request, contact_id: int, form: dict[str, str], *, first: bool) -> str:
    """One poll of the wait document: a look, written down only when a better place is said or the line is left."""
    state, call_sid = request.app.state, form["CallSid"]
    now = state.clock.now()
    async with state.database.reading() as session:
        here = await call.wait_round(session, contact_id, call_sid, house=state.house, now=now, first=first)
    match here.waiting_for:
        case WaitingFor.NOTHING:
            return twiml.leave_queue()
        case WaitingFor.BRIDGE:
            return twiml.quiet(_FETCHING)
        case WaitingFor.ASKING:
            async with state.database.writing() as session:
                contact = await contacts.by_id(session, contact_id, lock=True)
                if contact is not None:
                    await call.leave_line(session, contact, why="long", now=now)
            return twiml.leave_queue()
        case WaitingFor.ADVISOR:
            if here.place is not None:
                async with state.database.writing() as session:
                    contact = await contacts.by_id(session, contact_id, lock=True)
                    if contact is not None:
                        await wait.keep_announced(session, contact, here.place)
            return twiml.waiting(here.says, contact_id=contact_id, language=here.language, urls=urls_of(state.settings))


async def _nothing(session: WriteSession, now: datetime) -> Answer:
    return Answer(document=twiml.nothing())
