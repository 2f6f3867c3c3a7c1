"""Twilio's REST interface, the part for calls (API 2010-04-01). Queues and conferences are in `voice_rooms_rest`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from helpline.simulator.calls import Calls
from helpline.simulator.numbers import is_possible
from helpline.simulator.twilio_errors import TwilioError, not_found
from helpline.simulator.twilio_rest import Form, authenticated, first, page_of, read_form, refuse_unknown, rfc2822
from helpline.simulator.voice_events import Fetch, Inline, Source
from helpline.simulator.voice_leg import API_VERSION, Leg, StatusCallback
from helpline.simulator.voice_values import CALL_EVENTS, is_e164, is_web_address
from helpline.simulator.webhooks import Method

router = APIRouter(prefix=f"/{API_VERSION}/Accounts/{{account_sid}}")

#: Seconds that a telephone rings unless the service says otherwise, and at most.
DEFAULT_TIMEOUT, LONGEST_TIMEOUT = 60, 600
LONGEST_TWIML = 4_000

_SOURCE = frozenset({"Url", "Method", "Twiml", "FallbackUrl", "FallbackMethod"})
_REPORTS = frozenset({"StatusCallback", "StatusCallbackEvent", "StatusCallbackMethod"})
#: These tune how a machine is told from a person; the pretend telephones say it themselves.
_MACHINES = frozenset(
    {"MachineDetection", "MachineDetectionTimeout", "MachineDetectionSpeechThreshold"}
    | {"MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout"}
)
_MAKE = _SOURCE | _REPORTS | _MACHINES | {"To", "From", "Timeout", "CallReason"}
_FILTERS = frozenset(
    {"To", "From", "Status", "ParentCallSid", "StartTime", "StartTime<", "StartTime>", "EndTime", "EndTime<"}
    | {"EndTime>", "PageSize", "Page", "PageToken"}
)
_NOT_IN_PROGRESS = 21220


def calls_of(request: Request) -> Calls:
    """The calls of the simulator that this request reached."""
    calls: Calls = request.app.state.simulator.calls
    return calls


@router.post("/Calls.json")
async def make_call(request: Request) -> JSONResponse:
    """Ring somebody."""
    simulator = await authenticated(request)
    form = await read_form(request, _MAKE)
    to, from_ = first(form, "To"), first(form, "From")
    if not to:
        raise TwilioError(400, 21201, "No 'To' number is specified")
    if not from_:
        raise TwilioError(400, 21213, "'From' phone number is required")
    if not is_e164(to):
        raise TwilioError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if not is_possible(to):
        raise TwilioError(400, 21217, f"Phone number {to} does not appear to be valid.")
    if not is_e164(from_):
        raise TwilioError(400, 21212, f"The 'From' number {from_} is not a valid phone number.")
    line = simulator.lines.by_number(from_)
    if line is None or not line.voice:
        message = f"The source phone number provided, {from_}, is not yet verified for your account."
        raise TwilioError(400, 21210, message)
    source = read_source(form)
    if source is None:
        raise TwilioError(400, 21205, "Url parameter is required.")
    leg = calls_of(request).make(
        from_=from_,
        to=to,
        source=source,
        seconds=_timeout(form),
        status_callback=_status_callback(form),
        fallback_url=_web_address(form, "FallbackUrl"),
        fallback_method=read_method(form, "FallbackMethod"),
        detects_machines=first(form, "MachineDetection") in {"Enable", "DetectMessageEnd"},
    )
    return JSONResponse(shown_call(leg), status_code=201)


@router.get("/Calls.json")
async def list_calls(request: Request) -> JSONResponse:
    """The calls of the account, newest first."""
    await authenticated(request)
    query = dict(request.query_params)
    refuse_unknown(query, _FILTERS)
    started, ended = _times(query, "StartTime"), _times(query, "EndTime")
    chosen = [
        leg
        for leg in reversed(calls_of(request).board.legs.values())
        if query.get("To", leg.to) == leg.to
        and query.get("From", leg.from_) == leg.from_
        and query.get("Status", leg.status) == leg.status
        and query.get("ParentCallSid", leg.parent_sid) == leg.parent_sid
        and started(leg.started or leg.created)
        and ended(leg.ended)
    ]
    return page_of(request, "calls", chosen, shown_call, query)


@router.get("/Calls/{sid}.json")
async def fetch_call(request: Request, sid: str) -> JSONResponse:
    """One call."""
    await authenticated(request)
    return JSONResponse(shown_call(_leg(request, sid)))


@router.post("/Calls/{sid}.json")
async def update_call(request: Request, sid: str) -> JSONResponse:
    """End a call, or give one that goes on another document."""
    await authenticated(request)
    form = await read_form(request, _SOURCE | {"Status", "StatusCallback", "StatusCallbackMethod"})
    leg, calls = _leg(request, sid), calls_of(request)
    status, source = first(form, "Status"), read_source(form)
    if status not in {"", "completed", "canceled"}:
        raise TwilioError(400, 20001, f"Status must be completed or canceled, not {status}")
    if not status and source is None and not first(form, "StatusCallback"):
        raise TwilioError(400, 20001, "Status, Url or Twiml must be given")
    fallback_url = _web_address(form, "FallbackUrl")
    callback = _status_callback(form)
    try:
        if status:
            calls.end(leg, only_unanswered=status == "canceled")
        elif source is not None:
            calls.redirect(leg, source)
    except ValueError as problem:
        raise TwilioError(400, _NOT_IN_PROGRESS, str(problem)) from problem
    if fallback_url:
        leg.fallback_url, leg.fallback_method = fallback_url, read_method(form, "FallbackMethod")
    if callback is not None:
        leg.status_callback = callback
    return JSONResponse(shown_call(leg))


# Reading what was asked. Also for queues and conferences.


def read_source(form: Form) -> Source | None:
    """Where the call's document comes from, or None when the form does not say. `Url` goes before `Twiml`.

    Raises TwilioError for an address or a document that cannot be used.
    """
    url = _web_address(form, "Url")
    method = read_method(form, "Method")
    if url:
        return Fetch(url=url, method=method)
    twiml = first(form, "Twiml")
    if len(twiml) > LONGEST_TWIML:
        raise TwilioError(400, 21205, f"Twiml is longer than {LONGEST_TWIML} characters.")
    return Inline(twiml=twiml) if twiml else None


def read_method(form: Form, name: str) -> Method:
    """GET or POST. Raises TwilioError 21209 for anything else."""
    match first(form, name) or "POST":
        case "POST":
            return "POST"
        case "GET":
            return "GET"
    raise TwilioError(400, 21209, f"{name} must be GET or POST")


def read_flag(form: Form, name: str) -> bool | None:
    """True or false; None when not given. Twilio takes everything but true as false."""
    return first(form, name).lower() == "true" if name in form else None


def _web_address(form: Form, name: str) -> str:
    url = first(form, name)
    if url and not is_web_address(url):
        raise TwilioError(400, 21205, f"{name} is not a valid URL: {url}")
    return url


def _timeout(form: Form) -> int:
    text = first(form, "Timeout") or str(DEFAULT_TIMEOUT)
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_TIMEOUT:
        raise TwilioError(400, 21208, f"Timeout must be between 1 and {LONGEST_TIMEOUT} seconds")
    return int(text)


def _status_callback(form: Form) -> StatusCallback | None:
    url = _web_address(form, "StatusCallback")
    if not url:
        return None
    # The library repeats the parameter; one parameter with several words is taken as well, as Twilio does.
    events = tuple(" ".join(form.get("StatusCallbackEvent", ())).split()) or ("completed",)
    if unknown := set(events) - CALL_EVENTS:
        raise TwilioError(400, 21626, f"StatusCallbackEvent knows no {min(unknown)}")
    return StatusCallback(url=url, method=read_method(form, "StatusCallbackMethod"), events=events)


def _leg(request: Request, sid: str) -> Leg:
    try:
        return calls_of(request).leg(sid)
    except KeyError as problem:
        raise not_found(urlsplit(str(request.url)).path) from problem


def _times(query: dict[str, str], name: str) -> Callable[[datetime | None], bool]:
    """A day means the whole day (UTC); «before» and «after» include what they name."""
    on, before, after = (_span(query[key]) if (key := name + sign) in query else None for sign in ("", "<", ">"))

    def fits(moment: datetime | None) -> bool:
        if moment is None:
            return on is None and before is None and after is None
        moment = moment.replace(microsecond=0)
        return (
            (on is None or on[0] <= moment < on[1])
            and (before is None or moment < before[1])
            and (after is None or moment >= after[0])
        )

    return fits


def _span(text: str) -> tuple[datetime, datetime]:
    """The day or the second that a filter names: its start, and what comes after it."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError as problem:
        raise TwilioError(400, 20001, f"The date {text} is neither YYYY-MM-DD nor an ISO 8601 time.") from problem
    start = start.replace(tzinfo=start.tzinfo or UTC)
    return start, start + timedelta(days=1 if len(text) == len("YYYY-MM-DD") else 0, seconds=int("T" in text))


def shown_call(leg: Leg) -> dict[str, Any]:
    """A call as Twilio writes it."""
    uri = f"/{API_VERSION}/Accounts/{leg.account_sid}/Calls/{leg.sid}"
    parts = ("notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions")
    return {
        "sid": leg.sid,
        "account_sid": leg.account_sid,
        "parent_call_sid": leg.parent_sid or None,
        "phone_number_sid": leg.phone_number_sid or None,
        "from": leg.from_,
        "from_formatted": leg.from_,
        "to": leg.to,
        "to_formatted": leg.to,
        "status": leg.status.value,
        "direction": leg.direction.value,
        "start_time": rfc2822(leg.started),
        "end_time": rfc2822(leg.ended),
        "duration": str(leg.duration) if leg.ended else None,
        "date_created": rfc2822(leg.created),
        "date_updated": rfc2822(leg.updated or leg.created),
        "answered_by": leg.answered_by or None,
        "forwarded_from": leg.forwarded_from or None,
        "caller_name": None,
        "annotation": None,
        "group_sid": None,
        "trunk_sid": "",
        "queue_time": "0",
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in parts},
        "uri": f"{uri}.json",
    }
