"""Twilio's REST interface, the part for numbers, texts and messaging services (API 2010-04-01 and Messaging v1)."""

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from helpline.simulator.lines import Line
from helpline.simulator.message import API_VERSION, Message
from helpline.simulator.state import Simulator
from helpline.simulator.twilio_errors import TwilioError, not_found

router = APIRouter()

T = TypeVar("T")

_SEND_PARAMETERS = frozenset({"To", "From", "MessagingServiceSid", "Body", "MediaUrl", "StatusCallback"})
#: Taken and kept out of the way: they change nothing that a service can see here.
_SEND_WITHOUT_EFFECT = frozenset({"ValidityPeriod", "ProvideFeedback", "MaxPrice", "Attempt", "RiskCheck"})
_LIST_PARAMETERS = frozenset({"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"})

#: REST name → field of a line.
_LINE_PARAMETERS = {
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "FriendlyName": "friendly_name",
}

Form = dict[str, list[str]]


async def authenticated(request: Request) -> Simulator:
    """The simulator, when the request carries a right name and secret for the account in its path.

    Raises TwilioError 20003 for a wrong secret, 20404 for another account.
    """
    simulator: Simulator = request.app.state.simulator
    settings = simulator.settings
    given = _credentials(request)
    pairs = [(settings.account_sid, token) for token in settings.auth_tokens]
    if settings.api_key is not None and settings.api_secret is not None:
        pairs.append((settings.api_key, settings.api_secret))
    if given is None or not any(_same(given[0], name) and _same(given[1], key) for name, key in pairs):
        raise TwilioError(401, 20003, "Authenticate")
    if request.path_params.get("account_sid", settings.account_sid) != settings.account_sid:
        raise not_found(request.url.path)
    return simulator


def _credentials(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return name, secret


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


async def read_form(request: Request, known: frozenset[str]) -> Form:
    """The form parameters of a request, each with all its values. Raises TwilioError 20001 for an unknown name."""
    if request.headers.get("content-type", "").split(";")[0].strip() not in {"", "application/x-www-form-urlencoded"}:
        raise TwilioError(415, 20415, "Unsupported Media Type")
    form: Form = {}
    for name, value in parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True):
        form.setdefault(name, []).append(value)
    refuse_unknown(form, known)
    return form


def refuse_unknown(given: Form | dict[str, str], known: frozenset[str]) -> None:
    """Raises TwilioError 20001 for a parameter that this resource does not have (or the simulator does not imitate)."""
    unknown = sorted(set(given) - known)
    if unknown:
        raise TwilioError(400, 20001, f"Unknown parameter: {unknown[0]}")


def first(form: Form, name: str) -> str:
    """The first value of a parameter, or an empty text."""
    return form.get(name, [""])[0]


def rfc2822(moment: datetime | None) -> str | None:
    """A time as Twilio's 2010 interface writes it."""
    return format_datetime(moment.astimezone(UTC)) if moment is not None else None


def page_of(
    request: Request, key: str, items: list[T], shown: Callable[[T], dict[str, Any]], query: dict[str, str]
) -> JSONResponse:
    """One page of `items` with the links to the neighbours. Raises TwilioError 20006 for an impossible page."""
    size, number = query.get("PageSize", "50"), query.get("Page", "0")
    if not size.isdecimal() or not 1 <= int(size) <= 1_000 or not number.isdecimal():
        raise TwilioError(400, 20006, "PageSize must be between 1 and 1000, and Page a number from 0.")
    page_size, page = int(size), int(number)
    path, filters = request.url.path, {name: value for name, value in query.items() if name not in {"PageSize", "Page"}}

    def link(wanted: int) -> str:
        return f"{path}?{urlencode({**filters, 'PageSize': page_size, 'Page': wanted})}"

    start = page * page_size
    has_more = start + page_size < len(items)
    return JSONResponse(
        {
            "first_page_uri": link(0),
            "end": max(start, min(start + page_size, len(items)) - 1),
            "previous_page_uri": link(page - 1) if page else None,
            "uri": link(page),
            "page_size": page_size,
            "start": start,
            "next_page_uri": link(page + 1) if has_more else None,
            "page": page,
            key: [shown(item) for item in items[start : start + page_size]],
        }
    )


@router.post("/2010-04-01/Accounts/{account_sid}/Messages.json")
async def send_message(request: Request) -> JSONResponse:
    """Take a text from the service."""
    simulator = await authenticated(request)
    form = await read_form(request, _SEND_PARAMETERS | _SEND_WITHOUT_EFFECT)
    message = simulator.messages.send(
        to=first(form, "To"),
        from_=first(form, "From"),
        messaging_service_sid=first(form, "MessagingServiceSid"),
        body=first(form, "Body"),
        media=tuple(form.get("MediaUrl", ())),
        status_callback=first(form, "StatusCallback"),
    )
    return JSONResponse(_shown_message(message, simulator.settings.account_sid), status_code=201)


@router.get("/2010-04-01/Accounts/{account_sid}/Messages.json")
async def list_messages(request: Request) -> JSONResponse:
    """The texts of the account, newest first, filtered by To, From and the day or time they were sent."""
    simulator = await authenticated(request)
    query = dict(request.query_params)
    refuse_unknown(query, _LIST_PARAMETERS)
    fits = _date_filter(query)
    chosen = [
        message
        for message in reversed(simulator.messages.all())
        if query.get("To", message.to) == message.to
        and query.get("From", message.from_) == message.from_
        and fits(message.sent or message.created)
    ]
    chosen.sort(key=lambda message: message.sent or message.created, reverse=True)
    return page_of(
        request, "messages", chosen, lambda message: _shown_message(message, simulator.settings.account_sid), query
    )


@router.get("/2010-04-01/Accounts/{account_sid}/Messages/{sid}.json")
async def fetch_message(request: Request, sid: str) -> JSONResponse:
    """One text."""
    simulator = await authenticated(request)
    return JSONResponse(_shown_message(_message(simulator, request, sid), simulator.settings.account_sid))


@router.post("/2010-04-01/Accounts/{account_sid}/Messages/{sid}.json")
async def update_message(request: Request, sid: str) -> JSONResponse:
    """Redact a text: an empty Body is the only change that is allowed."""
    simulator = await authenticated(request)
    form = await read_form(request, frozenset({"Body"}))
    _message(simulator, request, sid)
    if form.get("Body") != [""]:
        raise TwilioError(400, 20009, "Only an empty Body may be set on a message.")
    return JSONResponse(_shown_message(simulator.messages.redact(sid), simulator.settings.account_sid))


@router.delete("/2010-04-01/Accounts/{account_sid}/Messages/{sid}.json")
async def delete_message(request: Request, sid: str) -> Response:
    """Delete a text; one that is still under way cannot be deleted."""
    simulator = await authenticated(request)
    if not _message(simulator, request, sid).final:
        raise TwilioError(409, 20009, "Message resource not ready for deletion.")
    simulator.messages.forget(sid)
    return Response(status_code=204)


@router.get("/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers.json")
async def list_numbers(request: Request) -> JSONResponse:
    """The account's numbers."""
    simulator = await authenticated(request)
    query = dict(request.query_params)
    refuse_unknown(query, frozenset({"PhoneNumber", "PageSize", "Page", "PageToken"}))
    chosen = [line for line in simulator.lines.all() if query.get("PhoneNumber", line.number) == line.number]
    return page_of(
        request, "incoming_phone_numbers", chosen, lambda line: _shown_line(line, simulator.settings.account_sid), query
    )


@router.get("/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}.json")
async def fetch_number(request: Request, sid: str) -> JSONResponse:
    """One number."""
    simulator = await authenticated(request)
    return JSONResponse(_shown_line(_line(simulator, request, sid), simulator.settings.account_sid))


@router.post("/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}.json")
async def update_number(request: Request, sid: str) -> JSONResponse:
    """Set where a number's webhooks go."""
    simulator = await authenticated(request)
    form = await read_form(request, frozenset(_LINE_PARAMETERS))
    _line(simulator, request, sid)
    changes = {_LINE_PARAMETERS[name]: values[0] for name, values in form.items()}
    for name, value in changes.items():
        if name.endswith("_method") and value not in {"POST", "GET"}:
            raise TwilioError(400, 20001, f"The method must be GET or POST, not {value}")
        if name.endswith(("_url", "_callback")) and value and not value.startswith(("http://", "https://")):
            raise TwilioError(400, 21502, f"The address {value} is not a valid URL")
    return JSONResponse(_shown_line(simulator.lines.update(sid, changes), simulator.settings.account_sid))


@router.get("/2010-04-01/Accounts/{account_sid}.json")
async def fetch_account(request: Request) -> JSONResponse:
    """The account itself: how a service checks its name and secret."""
    simulator = await authenticated(request)
    return JSONResponse(
        {
            "sid": simulator.settings.account_sid,
            "owner_account_sid": simulator.settings.account_sid,
            "friendly_name": "Øvelse",
            "status": "active",
            "type": "Full",
            "auth_token": None,
            "date_created": rfc2822(simulator.started),
            "date_updated": rfc2822(simulator.started),
            "subresource_uris": {},
            "uri": request.url.path,
        }
    )


@router.get("/v1/Services/{sid}")
async def fetch_messaging_service(request: Request, sid: str) -> JSONResponse:
    """The messaging service. Its opt-out handling cannot be read here: with the real one only the Console shows it."""
    simulator = await authenticated(request)
    if sid != simulator.settings.messaging_service_sid:
        raise not_found(request.url.path)
    made = simulator.started.strftime("%Y-%m-%dT%H:%M:%SZ")
    return JSONResponse(
        {
            "sid": sid,
            "account_sid": simulator.settings.account_sid,
            "friendly_name": "Øvelse",
            "date_created": made,
            "date_updated": made,
            "inbound_request_url": None,
            "inbound_method": "POST",
            "fallback_url": None,
            "fallback_method": "POST",
            "status_callback": None,
            "sticky_sender": True,
            "mms_converter": True,
            "smart_encoding": False,
            "scan_message_content": "inherit",
            "fallback_to_long_code": False,
            "area_code_geomatch": False,
            "synchronous_validation": False,
            "validity_period": 14400,
            "usecase": "undeclared",
            "us_app_to_person_registered": False,
            "use_inbound_webhook_on_number": True,
            "url": str(request.url),
            "links": {},
        }
    )


def _message(simulator: Simulator, request: Request, sid: str) -> Message:
    message = simulator.messages.get(sid)
    if message is None:
        raise not_found(request.url.path)
    return message


def _line(simulator: Simulator, request: Request, sid: str) -> Line:
    line = simulator.lines.by_sid(sid)
    if line is None:
        raise not_found(request.url.path)
    return line


def _date_filter(query: dict[str, str]) -> Callable[[datetime], bool]:
    """A day means the whole day (UTC); «before» and «after» include what they name, as Twilio's do."""
    spans = {name: _span(query[name]) for name in ("DateSent", "DateSent<", "DateSent>") if name in query}

    def fits(moment: datetime) -> bool:
        on, before, after = spans.get("DateSent"), spans.get("DateSent<"), spans.get("DateSent>")
        moment = moment.replace(microsecond=0)
        return (
            (on is None or on[0] <= moment < on[1])
            and (before is None or moment < before[1])
            and (after is None or moment >= after[0])
        )

    return fits


def _span(text: str) -> tuple[datetime, datetime]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise TwilioError(400, 20001, f"The date {text} is neither YYYY-MM-DD nor an ISO 8601 time.") from problem
    if len(text) == len("YYYY-MM-DD"):
        start = datetime.combine(moment.date(), time(), UTC)
        return start, start + timedelta(days=1)
    start = moment.replace(tzinfo=moment.tzinfo or UTC)
    return start, start + timedelta(seconds=1)


def _shown_message(message: Message, account_sid: str) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": message.from_,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": str(len(message.media)),
        "num_segments": str(message.parts),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def _shown_line(line: Line, account_sid: str) -> dict[str, Any]:
    made = rfc2822(line.created)
    shown: dict[str, Any] = {field: getattr(line, field) for field in _LINE_PARAMETERS.values()}
    return shown | {
        "sid": line.sid,
        "account_sid": account_sid,
        "phone_number": line.number,
        "friendly_name": line.friendly_name or line.number,
        "capabilities": {"sms": line.sms, "mms": False, "voice": line.voice, "fax": False},
        "api_version": API_VERSION,
        "date_created": made,
        "date_updated": made,
        "origin": "twilio",
        "status": "in-use",
        "voice_receive_mode": "voice",
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/IncomingPhoneNumbers/{line.sid}.json",
    }
