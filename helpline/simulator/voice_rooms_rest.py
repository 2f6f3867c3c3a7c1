"""Twilio's REST interface, the part for queues and conferences (API 2010-04-01)."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from helpline.simulator.twilio_errors import TwilioError, not_found
from helpline.simulator.twilio_rest import Form, authenticated, first, page_of, read_form, refuse_unknown, rfc2822
from helpline.simulator.voice_leg import API_VERSION
from helpline.simulator.voice_rest import calls_of, read_flag, read_source
from helpline.simulator.voice_rooms import LARGEST_QUEUE, CallQueue, Member, Participant, Room
from helpline.simulator.voice_values import LONGEST_QUEUE_NAME

router = APIRouter(prefix=f"/{API_VERSION}/Accounts/{{account_sid}}")

_PAGING = frozenset({"PageSize", "Page", "PageToken"})
#: Twilio's highest value of a queue's `MaxSize`.
LARGEST_SIZE = 5_000


@router.get("/Queues.json")
async def list_queues(request: Request) -> JSONResponse:
    """The queues, oldest first."""
    await authenticated(request)
    query = dict(request.query_params)
    refuse_unknown(query, _PAGING)
    queues = calls_of(request).board.queues.all()
    return page_of(request, "queues", queues, lambda queue: _shown_queue(request, queue), query)


@router.post("/Queues.json")
async def make_queue(request: Request) -> JSONResponse:
    """A new queue. Its name must be new."""
    await authenticated(request)
    form = await read_form(request, frozenset({"FriendlyName", "MaxSize"}))
    name, queues = first(form, "FriendlyName"), calls_of(request).board.queues
    if not name or len(name) > LONGEST_QUEUE_NAME:
        raise TwilioError(400, 20002, f"FriendlyName must hold 1 to {LONGEST_QUEUE_NAME} characters")
    if queues.find(name) is not None:
        raise TwilioError(400, 22003, f"There is already a queue of the name {name}")
    return JSONResponse(_shown_queue(request, queues.make(name, _max_size(form))), status_code=201)


@router.get("/Queues/{sid}.json")
async def fetch_queue(request: Request, sid: str) -> JSONResponse:
    """One queue."""
    await authenticated(request)
    return JSONResponse(_shown_queue(request, _queue(request, sid)))


@router.post("/Queues/{sid}.json")
async def update_queue(request: Request, sid: str) -> JSONResponse:
    """Change how many may wait."""
    await authenticated(request)
    form = await read_form(request, frozenset({"MaxSize"}))
    queue = _queue(request, sid)
    queue.max_size = _max_size(form)
    queue.updated = calls_of(request).board.clock.now()
    return JSONResponse(_shown_queue(request, queue))


@router.get("/Queues/{sid}/Members.json")
async def list_members(request: Request, sid: str) -> JSONResponse:
    """Who waits, first one first."""
    await authenticated(request)
    query = dict(request.query_params)
    refuse_unknown(query, _PAGING)
    queue = _queue(request, sid)
    return page_of(request, "queue_members", queue.members, lambda member: _shown_member(request, queue, member), query)


@router.get("/Queues/{sid}/Members/{call_sid}.json")
async def fetch_member(request: Request, sid: str, call_sid: str) -> JSONResponse:
    """One who waits; `Front` is the first."""
    await authenticated(request)
    queue = _queue(request, sid)
    member = queue.find(call_sid)
    if member is None:
        raise not_found(request.url.path)
    return JSONResponse(_shown_member(request, queue, member))


@router.post("/Queues/{sid}/Members/{call_sid}.json")
async def dequeue(request: Request, sid: str, call_sid: str) -> JSONResponse:
    """Take a call out of the queue and give it another document. The first request wins, the others find nobody."""
    await authenticated(request)
    form = await read_form(request, frozenset({"Url", "Method"}))
    queue, source = _queue(request, sid), read_source(form)
    if source is None:
        raise TwilioError(400, 21205, "Url parameter is required.")
    member = queue.find(call_sid)
    if member is None:
        raise not_found(request.url.path)
    shown = _shown_member(request, queue, member)
    calls_of(request).dequeue(queue, member.leg.sid, source)
    return JSONResponse(shown)


@router.get("/Conferences.json")
async def list_conferences(request: Request) -> JSONResponse:
    """The conferences, newest first, filtered by name and status."""
    await authenticated(request)
    query = dict(request.query_params)
    refuse_unknown(query, _PAGING | {"FriendlyName", "Status"})
    chosen = [
        room
        for room in reversed(calls_of(request).board.conferences.all())
        if query.get("FriendlyName", room.name) == room.name and query.get("Status", room.status) == room.status
    ]
    return page_of(request, "conferences", chosen, _shown_room, query)


@router.get("/Conferences/{sid}.json")
async def fetch_conference(request: Request, sid: str) -> JSONResponse:
    """One conference."""
    await authenticated(request)
    return JSONResponse(_shown_room(_room(request, sid)))


@router.post("/Conferences/{sid}.json")
async def end_conference(request: Request, sid: str) -> JSONResponse:
    """End a conference: the only change that is carried out here."""
    await authenticated(request)
    form = await read_form(request, frozenset({"Status"}))
    room = _room(request, sid)
    if first(form, "Status") != "completed":
        raise TwilioError(400, 20001, "Status can only be completed")
    calls_of(request).board.conferences.end(room)
    return JSONResponse(_shown_room(room))


@router.get("/Conferences/{sid}/Participants.json")
async def list_participants(request: Request, sid: str) -> JSONResponse:
    """Who is in the conference now."""
    await authenticated(request)
    query = dict(request.query_params)
    refuse_unknown(query, _PAGING | {"Muted", "Hold", "Coaching"})
    room = _room(request, sid)
    chosen = [
        one
        for one in room.participants.values()
        if query.get("Muted", _word(one.muted)) == _word(one.muted)
        and query.get("Hold", _word(one.hold)) == _word(one.hold)
        and query.get("Coaching", "false") == "false"
    ]
    return page_of(request, "participants", chosen, lambda one: _shown_participant(room, one), query)


@router.get("/Conferences/{sid}/Participants/{name}.json")
async def fetch_participant(request: Request, sid: str, name: str) -> JSONResponse:
    """One participant, by call or by label."""
    await authenticated(request)
    room = _room(request, sid)
    return JSONResponse(_shown_participant(room, _participant(request, room, name)))


@router.post("/Conferences/{sid}/Participants/{name}.json")
async def update_participant(request: Request, sid: str, name: str) -> JSONResponse:
    """Mute, hold, or let the conference end with this participant."""
    await authenticated(request)
    form = await read_form(request, frozenset({"Muted", "Hold", "EndConferenceOnExit"}))
    room = _room(request, sid)
    participant = _participant(request, room, name)
    calls_of(request).board.conferences.change(
        room,
        participant,
        muted=read_flag(form, "Muted"),
        hold=read_flag(form, "Hold"),
        end_on_exit=read_flag(form, "EndConferenceOnExit"),
    )
    calls_of(request).board.changed()
    return JSONResponse(_shown_participant(room, participant))


@router.delete("/Conferences/{sid}/Participants/{name}.json")
async def kick_participant(request: Request, sid: str, name: str) -> Response:
    """Take a participant out; its call goes on with what comes after the conference."""
    await authenticated(request)
    room = _room(request, sid)
    calls_of(request).board.conferences.kick(room, _participant(request, room, name))
    return Response(status_code=204)


def _queue(request: Request, sid: str) -> CallQueue:
    queue = calls_of(request).board.queues.by_sid(sid)
    if queue is None:
        raise not_found(request.url.path)
    return queue


def _room(request: Request, sid: str) -> Room:
    room = calls_of(request).board.conferences.by_sid(sid)
    if room is None:
        raise not_found(request.url.path)
    return room


def _participant(request: Request, room: Room, name: str) -> Participant:
    participant = room.find(name)
    if participant is None:
        raise not_found(request.url.path)
    return participant


def _max_size(form: Form) -> int:
    text = first(form, "MaxSize") or str(LARGEST_QUEUE)
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_SIZE:
        raise TwilioError(400, 20001, f"MaxSize must be between 1 and {LARGEST_SIZE}")
    return int(text)


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def _shown_queue(request: Request, queue: CallQueue) -> dict[str, Any]:
    board = calls_of(request).board
    uri = f"/{API_VERSION}/Accounts/{board.account_sid}/Queues/{queue.sid}"
    return {
        "sid": queue.sid,
        "account_sid": board.account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.members),
        "max_size": queue.max_size,
        "average_wait_time": queue.average_wait(board.clock.now()),
        "date_created": rfc2822(queue.created),
        "date_updated": rfc2822(queue.updated),
        "subresource_uris": {"members": f"{uri}/Members.json"},
        "uri": f"{uri}.json",
    }


def _shown_member(request: Request, queue: CallQueue, member: Member) -> dict[str, Any]:
    board = calls_of(request).board
    return {
        "call_sid": member.leg.sid,
        "queue_sid": queue.sid,
        "date_enqueued": rfc2822(member.joined),
        "position": queue.position(member.leg),
        "wait_time": member.waited(board.clock.now()),
        "uri": f"/{API_VERSION}/Accounts/{board.account_sid}/Queues/{queue.sid}/Members/{member.leg.sid}.json",
    }


def _shown_room(room: Room) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{room.account_sid}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": room.account_sid,
        "friendly_name": room.name,
        "status": room.status.value,
        "region": "ie1",
        "reason_conference_ended": room.reason_ended,
        "call_sid_ending_conference": room.ended_by,
        "date_created": rfc2822(room.created),
        "date_updated": rfc2822(room.updated),
        "api_version": API_VERSION,
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
        "uri": f"{uri}.json",
    }


def _shown_participant(room: Room, participant: Participant) -> dict[str, Any]:
    sid = participant.leg.sid
    return {
        "call_sid": sid,
        "account_sid": room.account_sid,
        "conference_sid": room.sid,
        "label": participant.noun.participant_label or None,
        "call_sid_to_coach": None,
        "coaching": False,
        "muted": participant.muted,
        "hold": participant.hold,
        "start_conference_on_enter": participant.noun.start_on_enter,
        "end_conference_on_exit": participant.end_on_exit,
        "status": "connected",
        "queue_time": "0",
        "date_created": rfc2822(participant.joined),
        "date_updated": rfc2822(participant.updated),
        "uri": f"/{API_VERSION}/Accounts/{room.account_sid}/Conferences/{room.sid}/Participants/{sid}.json",
    }
