"""What is sent: texts and calls as the provider sends them, with a real signature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from urllib.parse import urlencode
from uuid import uuid4

from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0" * 32
AUTH_TOKEN = "pretended-token-of-the-bench"
SMS_NUMBER = "+4759440000"
VOICE_NUMBER = "+4721000000"
BOT_TOKEN = "100000002:pretended-token-of-the-bench"
WEBHOOK_SECRET = "pretended-secret-of-the-bench"
SECRET_KEY = "a-key-for-measurements-only-0123456789"

#: What relatives write, in the order of one conversation: a greeting, what matters, a choice, a question.
CONVERSATIONS: Sequence[Sequence[str]] = (
    (
        "Hei",
        "Broren min har sluttet å ta medisinene sine, og jeg vet ikke hva jeg skal gjøre.",
        "2",
        "taushetsplikt",
    ),
    (
        "God kveld. Dattera mi på 19 vil ikke snakke med noen lenger, hun sitter bare på rommet.",
        "Jeg har prøvd fastlegen, men de sier de ikke kan si noe til meg om henne.",
        "2",
        "Har jeg rett på informasjon som mor?",
    ),
    (
        "Hello, my husband drinks every night and the children are afraid.",
        "6",
        "3",
        "What can I do for the children?",
    ),
    (
        "hei eg er så sliten av alt dette, mannen min er innlagt på dps og ingen ringer meg",
        "2",
        "avlastning",
        "0",
    ),
    (
        "Hvordan skriver jeg en bekymringsmelding?",
        "3",
        "0",
        "5",
    ),
    (
        "Kona mi har vært syk i to år nå. Jeg trenger bare noen å snakke med.",
        "4",
        "Takk",
        "5",
    ),
)  # fmt: skip

_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text on its way in."""

    sid: str
    sender: str
    body: str


@cache
def _validator() -> RequestValidator:
    return RequestValidator(AUTH_TOKEN)


def next_number() -> str:
    """A sender nobody has used in this run, from a range without subscribers (+47 99 9…)."""
    return f"+47999{next(_NUMBERS):05}"


def texts(messages: int) -> list[Text]:
    """A quarter from new senders, the rest from the same ones going on: `messages` is rounded down to whole fours."""
    senders = [(next_number(), CONVERSATIONS[i % len(CONVERSATIONS)]) for i in range(messages // 4)]
    return [
        Text(sid=f"SM{uuid4().hex}", sender=sender, body=conversation[turn])
        for turn in range(4)
        for sender, conversation in senders
    ]


def same_text(messages: int, body: str) -> list[Text]:
    """The same words, each from a new sender."""
    return [Text(sid=f"SM{uuid4().hex}", sender=next_number(), body=body) for _ in range(messages)]


def raw_text(text: Text, port: int) -> str:
    """The webhook for a text, ready to be sent."""
    return _post(
        port,
        "/webhooks/twilio/sms",
        {
            "ToCountry": "NO",
            "ToState": "",
            "SmsMessageSid": text.sid,
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": text.sid,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": text.body,
            "FromCountry": "NO",
            "To": SMS_NUMBER,
            "ToZip": "",
            "NumSegments": "1",
            "MessageSid": text.sid,
            "AccountSid": ACCOUNT,
            "From": text.sender,
            "ApiVersion": "2010-04-01",
        },
    )


def raw_call(port: int) -> str:
    """The webhook for a new call from a new number, ready to be sent."""
    number = next_number()
    return _post(
        port,
        "/webhooks/twilio/voice",
        {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "CallSid": f"CA{uuid4().hex}",
            "CallStatus": "ringing",
            "Called": VOICE_NUMBER,
            "CalledCountry": "NO",
            "Caller": number,
            "CallerCountry": "NO",
            "Direction": "inbound",
            "From": number,
            "FromCountry": "NO",
            "To": VOICE_NUMBER,
            "ToCountry": "NO",
        },
    )


def raw_page(port: int, path: str, token: str) -> str:
    """What the page of somebody signed in asks for."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHX-Request: true\r\nCookie: helpline={token}\r\n"
        "Accept: */*\r\n\r\n"
    )


def _post(port: int, path: str, form: Mapping[str, str]) -> str:
    address = f"127.0.0.1:{port}"
    signature = _validator().compute_signature(f"http://{address}{path}", dict(form))
    body = urlencode(form)
    return (
        f"POST {path} HTTP/1.1\r\nHost: {address}\r\nX-Twilio-Signature: {signature}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"I-Twilio-Idempotency-Token: {uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
