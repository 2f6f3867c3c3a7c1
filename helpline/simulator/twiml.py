"""TwiML as Twilio reads it: a document in, verbs out, or the error that Twilio would write in its log.

Pure: no network, no clock. What is strict here is strict at Twilio: the root, the verbs and their nesting, the names of
attributes and the values they take. Verbs and attributes that Twilio knows but this simulator does not carry out are
refused too, with a sentence that says so, so that nothing seems to work that was never tried.
Codes and rules from Twilio's error dictionary and its TwiML reference, read 2026-11.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from urllib.parse import urlsplit
from xml.etree import ElementTree

from helpline.simulator.voice_verbs import (
    Conference,
    Dial,
    Document,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Noun,
    Number,
    Pause,
    Play,
    Prompt,
    Queue,
    Redirect,
    Reject,
    Say,
    Verb,
)
from helpline.simulator.webhooks import Method

#: Twilio refuses a longer document (error 11750).
LONGEST_DOCUMENT = 64 * 1024
#: Longest text of one `Say`.
LONGEST_SPEECH = 4096
#: Longest name of a queue.
LONGEST_QUEUE_NAME = 64

BODY_TOO_LARGE = 11750
BODY_EMPTY = 11770
INVALID_URL = 11100
PARSE_FAILURE = 12100
WRONG_ROOT = 12102
SCHEMA = 12200
CONTENT_TYPE = 12300


class TwimlError(Exception):
    """The document cannot be carried out; `code` is Twilio's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Purpose(StrEnum):
    """What a document is for; it decides which verbs it may hold."""

    CALL = "call"
    #: The wait document of a queue.
    QUEUE_WAIT = "queue wait"
    #: The wait document of a conference.
    CONFERENCE_WAIT = "conference wait"
    #: What the called party of a `Dial` hears before the two are connected.
    SCREENING = "screening"


def parse(body: str, *, purpose: Purpose = Purpose.CALL) -> Document:
    """Read a TwiML document that serves `purpose`.

    Raises TwimlError with Twilio's code when Twilio would refuse it.
    """
    if len(body.encode()) > LONGEST_DOCUMENT:
        raise TwimlError(BODY_TOO_LARGE, "The document is longer than 64 kB.")
    if not body.strip():
        raise TwimlError(BODY_EMPTY, "The document is empty.")
    if "<!DOCTYPE" in body or "<!ENTITY" in body:
        raise TwimlError(PARSE_FAILURE, "The document declares a type or an entity.")
    try:
        # Bytes, because a text with an encoding declaration other than its own would be refused for the wrong reason.
        root = ElementTree.fromstring(body.encode())
    except (ElementTree.ParseError, LookupError, ValueError) as problem:
        raise TwimlError(PARSE_FAILURE, f"The document is not well-formed XML: {problem}.") from problem
    if root.tag != "Response":
        raise TwimlError(WRONG_ROOT, f"The root is <{root.tag}>, it must be <Response>.")
    _attributes(root, set())
    _no_text(root)
    return Document(verbs=tuple(_verb(element, purpose) for element in root))


# What the verbs may be, and where.

_ALLOWED: dict[Purpose, frozenset[str] | None] = {
    Purpose.CALL: None,
    Purpose.QUEUE_WAIT: frozenset({"Play", "Say", "Pause", "Gather", "Redirect", "Leave", "Hangup"}),
    Purpose.CONFERENCE_WAIT: frozenset({"Say", "Play", "Pause", "Redirect"}),
    Purpose.SCREENING: frozenset({"Play", "Say", "Pause", "Gather", "Redirect", "Hangup"}),
}
_FORBIDDEN_CODE = {Purpose.QUEUE_WAIT: SCHEMA, Purpose.CONFERENCE_WAIT: 13238, Purpose.SCREENING: SCHEMA}
_NOT_CARRIED_OUT = frozenset(
    {"Record", "Sms", "Message", "Pay", "Prompt", "Connect", "Start", "Stop", "Refer", "Echo", "Queue", "Siprec"}
)


def _verb(element: ElementTree.Element, purpose: Purpose) -> Verb:
    read = _VERBS.get(element.tag)
    if read is None:
        why = "not carried out by this simulator" if element.tag in _NOT_CARRIED_OUT else "not a verb of TwiML"
        raise TwimlError(SCHEMA, f"<{element.tag}> is {why}.")
    allowed = _ALLOWED[purpose]
    if allowed is not None and element.tag not in allowed:
        # A document for the called party may not dial on: that has a code of its own.
        code = 13201 if (purpose, element.tag) == (Purpose.SCREENING, "Dial") else _FORBIDDEN_CODE[purpose]
        raise TwimlError(code, f"<{element.tag}> is not allowed in a document for: {purpose}.")
    return read(element)


def _say(element: ElementTree.Element) -> Say:
    given = _attributes(element, {"voice", "language", "loop"})
    text = " ".join(_speech(element).split())
    if not text or len(text) > LONGEST_SPEECH:
        raise TwimlError(13520, f"<Say> must hold 1 to {LONGEST_SPEECH} characters.")
    voice = given.get("voice", "man")
    if not _is_voice(voice):
        raise TwimlError(13511, f"<Say> has no voice {voice!r}.")
    language = given.get("language", _language_of(voice))
    if language not in SPOKEN_LANGUAGES:
        raise TwimlError(SCHEMA, f"<Say> does not speak {language!r}.")
    return Say(text=text, voice=voice, language=language, loop=_whole(element, "loop", 1, 13510, 0, 1000))


def _play(element: ElementTree.Element) -> Play:
    given = _attributes(element, {"loop", "digits"})
    _no_children(element, SCHEMA)
    url, digits = (element.text or "").strip(), given.get("digits", "")
    if not url and not digits:
        raise TwimlError(SCHEMA, "<Play> must hold an address or have digits.")
    if digits and not re.fullmatch(r"[0-9*#wW]+", digits):
        raise TwimlError(SCHEMA, f"<Play digits> cannot sound {digits!r}.")
    return Play(url=_address(url, "Play", INVALID_URL), digits=digits, loop=_whole(element, "loop", 1, 13410, 0, 1000))


def _pause(element: ElementTree.Element) -> Pause:
    _attributes(element, {"length"})
    _empty(element)
    return Pause(length=_whole(element, "length", 1, 13910, 1, 3600))


def _gather(element: ElementTree.Element) -> Gather:
    # The attributes after the first line tune speech recognition only; they change nothing here.
    given = _attributes(
        element,
        {"input", "numDigits", "timeout", "finishOnKey", "action", "method", "actionOnEmptyResult", "language"}
        | {"hints", "speechTimeout", "speechModel", "enhanced", "profanityFilter"},
    )
    _no_text(element)
    prompts: list[Prompt] = []
    for child in element:
        verb = _VERBS[child.tag](child) if child.tag in {"Say", "Play", "Pause"} else None
        if not isinstance(verb, Say | Play | Pause):
            raise TwimlError(13320, f"<Gather> may hold Say, Play and Pause, not <{child.tag}>.")
        prompts.append(verb)
    inputs = given.get("input", "dtmf").split()
    if not inputs or not {"dtmf", "speech"}.issuperset(inputs) or len(set(inputs)) != len(inputs):
        raise TwimlError(SCHEMA, f"<Gather input={given.get('input')!r}> is not dtmf, speech or both.")
    key = given.get("finishOnKey", "#")
    if len(key) > 1:
        raise TwimlError(13311, "<Gather finishOnKey> must be a single key.")
    if key and key not in "0123456789#*":
        raise TwimlError(13310, f"<Gather finishOnKey> cannot be {key!r}.")
    language = given.get("language", "en-US")
    if language not in SPOKEN_LANGUAGES | RECOGNISED_LANGUAGES:
        raise TwimlError(SCHEMA, f"<Gather> does not understand {language!r}.")
    return Gather(
        prompts=tuple(prompts),
        dtmf="dtmf" in inputs,
        speech="speech" in inputs,
        num_digits=_whole(element, "numDigits", 0, 13314, 1, 1000) or None,
        timeout=5 if given.get("timeout") == "auto" else _whole(element, "timeout", 5, 13313, 1, 3600),
        finish_on_key=key,
        action=_address(given.get("action", ""), "Gather", INVALID_URL),
        method=_method(given, "method", 13312),
        action_on_empty_result=_flag(given, "actionOnEmptyResult", False, 13338),
        language=language,
    )


def _enqueue(element: ElementTree.Element) -> Enqueue:
    given = _attributes(element, {"action", "method", "waitUrl", "waitUrlMethod"})
    _no_children(element, SCHEMA)
    return Enqueue(
        name=_queue_name(element, 14204, 14205),
        action=_optional_address(given, "action", 14203),
        method=_method(given, "method", 14201),
        wait_url=_optional_address(given, "waitUrl", 14202),
        wait_url_method=_method(given, "waitUrlMethod", 14206),
    )


def _dial(element: ElementTree.Element) -> Dial:
    given = _attributes(
        element, {"action", "method", "timeout", "callerId", "answerOnBridge", "timeLimit", "hangupOnStar"}
    )
    caller_id = given.get("callerId")
    if caller_id is not None and not is_e164(caller_id):
        raise TwimlError(13214, f"<Dial callerId> cannot be {caller_id!r}.")
    return Dial(
        nouns=_nouns(element),
        action=_optional_address(given, "action", INVALID_URL),
        method=_method(given, "method", 13210),
        timeout=_whole(element, "timeout", 30, 13212, 1, 600),
        caller_id=caller_id,
        answer_on_bridge=_flag(given, "answerOnBridge", False, SCHEMA),
        time_limit=_whole(element, "timeLimit", 14_400, 13216, 1, 86_400),
        hangup_on_star=_flag(given, "hangupOnStar", False, 13213),
    )


def _nouns(element: ElementTree.Element) -> tuple[Number, ...] | tuple[Conference] | tuple[Queue]:
    text = (element.text or "").strip()
    if text:
        # <Dial>+47…</Dial> is short for one <Number> without attributes.
        _no_children(element, 13215)
        return (Number(number=_phone_number(text)),)
    _no_text(element)
    nouns: list[Noun] = []
    for child in element:
        read = _NOUNS.get(child.tag)
        if read is None:
            raise TwimlError(13215, f"<Dial> may hold Number, Conference or Queue here, not <{child.tag}>.")
        nouns.append(read(child))
    match nouns:
        case [Conference() as conference]:
            return (conference,)
        case [Queue() as queue]:
            return (queue,)
    numbers = tuple(noun for noun in nouns if isinstance(noun, Number))
    if len(numbers) < len(nouns):
        raise TwimlError(13000, "A conference or queue must stand alone in its <Dial>.")
    if not 1 <= len(numbers) <= 10:
        raise TwimlError(SCHEMA, "<Dial> must hold one to ten numbers.")
    return numbers


def _number(element: ElementTree.Element) -> Number:
    given = _attributes(element, {"url", "method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod"})
    _no_children(element, 13215)
    return Number(
        number=_phone_number((element.text or "").strip()),
        url=_optional_address(given, "url", INVALID_URL),
        method=_method(given, "method", 13221),
        status_callback=_optional_address(given, "statusCallback", INVALID_URL),
        status_callback_events=_events(given, CALL_EVENTS, ("completed",)),
        status_callback_method=_method(given, "statusCallbackMethod", SCHEMA),
    )


def _conference(element: ElementTree.Element) -> Conference:
    given = _attributes(
        element,
        {"startConferenceOnEnter", "endConferenceOnExit", "waitUrl", "waitMethod", "beep", "muted"}
        | {"maxParticipants", "statusCallback", "statusCallbackEvent", "statusCallbackMethod", "participantLabel"},
    )
    _no_children(element, 13215)
    name = (element.text or "").strip()
    if not name or len(name) > 128:
        raise TwimlError(13237, "A conference must have a name of at most 128 characters.")
    beep = given.get("beep", "true")
    if beep not in {"true", "false", "onEnter", "onExit"}:
        raise TwimlError(13235, f"<Conference beep> cannot be {beep!r}.")
    label = given.get("participantLabel", "")
    if len(label) > 128:
        raise TwimlError(SCHEMA, "<Conference participantLabel> is longer than 128 characters.")
    return Conference(
        name=name,
        start_on_enter=_flag(given, "startConferenceOnEnter", True, 13232),
        end_on_exit=_flag(given, "endConferenceOnExit", False, 13231),
        wait_url=_address(given["waitUrl"], "Conference waitUrl", 13233) if "waitUrl" in given else None,
        wait_method=_method(given, "waitMethod", 13234),
        beep=beep,
        muted=_flag(given, "muted", False, 13230),
        max_participants=_whole(element, "maxParticipants", 250, SCHEMA, 2, 250),
        status_callback=_optional_address(given, "statusCallback", INVALID_URL),
        status_callback_events=_events(given, CONFERENCE_EVENTS, ()),
        status_callback_method=_method(given, "statusCallbackMethod", SCHEMA),
        participant_label=label,
    )


def _queue(element: ElementTree.Element) -> Queue:
    _attributes(element, set())
    _no_children(element, 13215)
    return Queue(name=_queue_name(element, 14212, 14213))


def _redirect(element: ElementTree.Element) -> Redirect:
    given = _attributes(element, {"method"})
    _no_children(element, SCHEMA)
    return Redirect(
        url=_address((element.text or "").strip(), "Redirect", INVALID_URL), method=_method(given, "method", 13710)
    )


def _reject(element: ElementTree.Element) -> Reject:
    given = _attributes(element, {"reason"})
    _empty(element)
    reason = given.get("reason", "rejected")
    if reason not in {"rejected", "busy"}:
        raise TwimlError(SCHEMA, f"<Reject reason> cannot be {reason!r}.")
    return Reject(reason=reason)


def _hangup(element: ElementTree.Element) -> Hangup:
    _attributes(element, set())
    _empty(element)
    return Hangup()


def _leave(element: ElementTree.Element) -> Leave:
    _attributes(element, set())
    _empty(element)
    return Leave()


_VERBS: dict[str, Callable[[ElementTree.Element], Verb]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
    "Gather": _gather,
    "Enqueue": _enqueue,
    "Leave": _leave,
    "Dial": _dial,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
}
_NOUNS: dict[str, Callable[[ElementTree.Element], Noun]] = {
    "Number": _number,
    "Conference": _conference,
    "Queue": _queue,
}

# What the values may be.

#: What a call tells of itself, in this order.
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
CONFERENCE_EVENTS = frozenset({"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"})

#: Languages that `Say` speaks, as far as this project needs them. There is no nynorsk, Sámi, Somali or Urdu voice.
SPOKEN_LANGUAGES = frozenset(
    "ar-AE ar-XA arb bg-BG ca-ES cmn-CN cs-CZ cy-GB da-DK de-AT de-DE el-GR en-AU en-CA en-GB en-IE en-IN en-NZ en-US "
    "es-ES es-MX es-US et-EE fi-FI fil-PH fr-BE fr-CA fr-FR he-IL hi-IN hu-HU id-ID is-IS it-IT ja-JP ko-KR lt-LT "
    "lv-LV nb-NO nl-BE nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sr-RS sv-SE th-TH tr-TR uk-UA vi-VN yue-HK zh-CN "
    "zh-HK zh-TW".split()
)
#: Languages that only `Gather` knows, by ear.
RECOGNISED_LANGUAGES = frozenset({"ur-IN", "ur-PK", "fa-IR", "sw-KE"})

_NORWEGIAN_VOICES = frozenset(
    {"Polly.Liv", "Polly.Ida-Neural"}
    | {f"Google.nb-NO-{kind}-{letter}" for kind in ("Standard", "Wavenet") for letter in "ABCDEFG"}
)
_POLLY_VOICE = re.compile(r"Polly\.[A-Z][a-z]+(-Neural|-Generative)?")
_GOOGLE_VOICE = re.compile(r"Google\.([a-z]{2,3}-[A-Z]{2})-(Standard|Wavenet|Neural2|Chirp3-HD)-[A-Z][a-z]*")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

_SPEECH_MARKUP: dict[str, frozenset[str]] = {
    "break": frozenset({"strength", "time"}),
    "emphasis": frozenset({"level"}),
    "lang": frozenset({"{http://www.w3.org/XML/1998/namespace}lang"}),
    "p": frozenset(),
    "phoneme": frozenset({"alphabet", "ph"}),
    "prosody": frozenset({"volume", "rate", "pitch"}),
    "s": frozenset(),
    "say-as": frozenset({"interpret-as", "format"}),
    "sub": frozenset({"alias"}),
    "w": frozenset({"role"}),
}


def is_e164(number: str) -> bool:
    """Whether `number` is written as + and 7 to 15 digits."""
    return _E164.fullmatch(number) is not None


def is_web_address(url: str) -> bool:
    """Whether `url` is an absolute http or https address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not re.search(r"\s", url)


def _is_voice(voice: str) -> bool:
    if voice in {"man", "woman", "alice"} or voice in _NORWEGIAN_VOICES:
        return True
    google = _GOOGLE_VOICE.fullmatch(voice)
    if google is not None:
        return google[1] != "nb-NO" and google[1] in SPOKEN_LANGUAGES
    return _POLLY_VOICE.fullmatch(voice) is not None and voice not in {"Polly.Ida", "Polly.Liv-Neural"}


def _language_of(voice: str) -> str:
    """The language of a voice when the document does not say it."""
    if voice in _NORWEGIAN_VOICES:
        return "nb-NO"
    google = _GOOGLE_VOICE.fullmatch(voice)
    return google[1] if google else "en-US"


def _speech(element: ElementTree.Element) -> str:
    """The words of a `Say`, its speech markup taken away."""
    words = [element.text or ""]
    for child in element:
        known = _SPEECH_MARKUP.get(child.tag)
        if known is None:
            raise TwimlError(SCHEMA, f"<{child.tag}> cannot stand in <Say>.")
        _attributes(child, set(known))
        words.append(child.get("alias", "") if child.tag == "sub" else _speech(child))
        words.append(" " if child.tag in {"break", "p", "s"} else "")
        words.append(child.tail or "")
    return "".join(words)


def _attributes(element: ElementTree.Element, known: set[str]) -> dict[str, str]:
    for name in element.attrib:
        if name not in known:
            raise TwimlError(SCHEMA, f"<{element.tag}> has no attribute {name!r} that is carried out here.")
    return dict(element.attrib)


def _no_text(element: ElementTree.Element) -> None:
    pieces = [element.text, *(child.tail for child in element)]
    if any(piece and piece.strip() for piece in pieces):
        raise TwimlError(SCHEMA, f"<{element.tag}> holds text outside its verbs.")


def _no_children(element: ElementTree.Element, code: int) -> None:
    if len(element):
        raise TwimlError(code, f"<{element.tag}> cannot hold <{element[0].tag}>.")


def _empty(element: ElementTree.Element) -> None:
    _no_children(element, SCHEMA)
    _no_text(element)


def _whole(element: ElementTree.Element, name: str, default: int, code: int, low: int, high: int) -> int:
    value = element.get(name)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", value) or not low <= int(value) <= high:
        raise TwimlError(code, f"<{element.tag} {name}> must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def _flag(given: dict[str, str], name: str, default: bool, code: int) -> bool:
    value = given.get(name)
    if value is None:
        return default
    if value.lower() not in {"true", "false"}:
        raise TwimlError(code, f"{name} must be true or false, not {value!r}.")
    return value.lower() == "true"


def _method(given: dict[str, str], name: str, code: int) -> Method:
    value = given.get(name, "POST")
    match value.upper():
        case "POST":
            return "POST"
        case "GET":
            return "GET"
    raise TwimlError(code, f"{name} must be GET or POST, not {value!r}.")


def _address(url: str, where: str, code: int) -> str:
    """`url` may be absolute or relative; empty stays empty."""
    try:
        parts = urlsplit(url)
    except ValueError as problem:
        raise TwimlError(code, f"<{where}> has the invalid address {url!r}.") from problem
    if re.search(r"\s", url) or parts.scheme not in {"", "http", "https"} or (parts.scheme and not parts.netloc):
        raise TwimlError(code, f"<{where}> has the invalid address {url!r}.")
    return url


def _optional_address(given: dict[str, str], name: str, code: int) -> str | None:
    return _address(given[name], name, code) if given.get(name) else None


def _events(given: dict[str, str], known: frozenset[str], default: tuple[str, ...]) -> tuple[str, ...]:
    value = given.get("statusCallbackEvent")
    if value is None:
        return default
    events = tuple(value.split())
    unknown = [event for event in events if event not in known]
    if unknown or not events:
        raise TwimlError(SCHEMA, f"statusCallbackEvent knows {', '.join(sorted(known))}, not {value!r}.")
    return events


def _queue_name(element: ElementTree.Element, too_short: int, too_long: int) -> str:
    name = (element.text or "").strip()
    if not name:
        raise TwimlError(too_short, "A queue must have a name.")
    if len(name) > LONGEST_QUEUE_NAME:
        raise TwimlError(too_long, f"The name of a queue is at most {LONGEST_QUEUE_NAME} characters.")
    return name


def _phone_number(text: str) -> str:
    number = re.sub(r"[\s()-]", "", text)
    if not is_e164(number):
        raise TwimlError(13223, f"<Dial> cannot ring {text!r}: write the number as + and country code.")
    return number
