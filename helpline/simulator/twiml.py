"""TwiML as Twilio reads it: a document in, verbs out, or the error that Twilio would write in its log.

Pure: no network, no clock. What is strict here is strict at Twilio: the root, the verbs and their nesting, the names of
attributes and the values they take. Verbs and attributes that Twilio knows but this simulator does not carry out are
refused too, with a sentence that says so, so that nothing seems to work that was never tried.
Codes and rules from Twilio's error dictionary and its TwiML reference, read 2026-11.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from xml.etree import ElementTree

from helpline.simulator.voice_values import (
    BODY_EMPTY,
    BODY_TOO_LARGE,
    CALL_EVENTS,
    CONFERENCE_EVENTS,
    INVALID_URL,
    PARSE_FAILURE,
    RECOGNISED_LANGUAGES,
    SCHEMA,
    SPOKEN_LANGUAGES,
    WRONG_ROOT,
    TwimlError,
    address,
    attributes,
    events,
    flag,
    is_e164,
    is_voice,
    language_of,
    method,
    optional_address,
    phone_number,
    queue_name,
    refuse_children,
    refuse_content,
    refuse_text,
    speech,
    whole,
)
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

#: Twilio refuses a longer document (error 11750).
LONGEST_DOCUMENT = 64 * 1024
#: Longest text of one `Say`.
LONGEST_SPEECH = 4096


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
    if len(body.encode(errors="replace")) > LONGEST_DOCUMENT:
        raise TwimlError(BODY_TOO_LARGE, "The document is longer than 64 kB.")
    if not body.strip():
        raise TwimlError(BODY_EMPTY, "The document is empty.")
    if "<!DOCTYPE" in body or "<!ENTITY" in body:
        raise TwimlError(PARSE_FAILURE, "The document declares a type or an entity.")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError) as problem:
        raise TwimlError(PARSE_FAILURE, f"The document is not well-formed XML: {problem}.") from problem
    if root.tag != "Response":
        raise TwimlError(WRONG_ROOT, f"The root is <{root.tag}>, it must be <Response>.")
    attributes(root, set())
    refuse_text(root)
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
    given = attributes(element, {"voice", "language", "loop"})
    text = " ".join(speech(element).split())
    if not text or len(text) > LONGEST_SPEECH:
        raise TwimlError(13520, f"<Say> must hold 1 to {LONGEST_SPEECH} characters.")
    voice = given.get("voice", "man")
    if not is_voice(voice):
        raise TwimlError(13511, f"<Say> has no voice {voice!r}.")
    language = given.get("language", language_of(voice))
    if language not in SPOKEN_LANGUAGES:
        raise TwimlError(SCHEMA, f"<Say> does not speak {language!r}.")
    return Say(text=text, voice=voice, language=language, loop=whole(element, "loop", 1, 13510, 0, 1000))


def _play(element: ElementTree.Element) -> Play:
    given = attributes(element, {"loop", "digits"})
    refuse_children(element, SCHEMA)
    url, digits = (element.text or "").strip(), given.get("digits", "")
    if not url and not digits:
        raise TwimlError(SCHEMA, "<Play> must hold an address or have digits.")
    if digits and not re.fullmatch(r"[0-9*#wW]+", digits):
        raise TwimlError(SCHEMA, f"<Play digits> cannot sound {digits!r}.")
    return Play(url=address(url, "Play", INVALID_URL), digits=digits, loop=whole(element, "loop", 1, 13410, 0, 1000))


def _pause(element: ElementTree.Element) -> Pause:
    attributes(element, {"length"})
    refuse_content(element)
    return Pause(length=whole(element, "length", 1, 13910, 1, 3600))


def _gather(element: ElementTree.Element) -> Gather:
    # The attributes after the first line tune speech recognition only; they change nothing here.
    given = attributes(
        element,
        {"input", "numDigits", "timeout", "finishOnKey", "action", "method", "actionOnEmptyResult", "language"}
        | {"hints", "speechTimeout", "speechModel", "enhanced", "profanityFilter"},
    )
    refuse_text(element)
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
        num_digits=whole(element, "numDigits", 0, 13314, 1, 1000) or None,
        timeout=5 if given.get("timeout") == "auto" else whole(element, "timeout", 5, 13313, 1, 3600),
        finish_on_key=key,
        action=address(given.get("action", ""), "Gather", INVALID_URL),
        method=method(given, "method", 13312),
        action_on_empty_result=flag(given, "actionOnEmptyResult", False, 13338),
        language=language,
    )


def _enqueue(element: ElementTree.Element) -> Enqueue:
    given = attributes(element, {"action", "method", "waitUrl", "waitUrlMethod"})
    refuse_children(element, SCHEMA)
    return Enqueue(
        name=queue_name(element, 14204, 14205),
        action=optional_address(given, "action", 14203),
        method=method(given, "method", 14201),
        wait_url=optional_address(given, "waitUrl", 14202),
        wait_url_method=method(given, "waitUrlMethod", 14206),
    )


def _dial(element: ElementTree.Element) -> Dial:
    given = attributes(
        element, {"action", "method", "timeout", "callerId", "answerOnBridge", "timeLimit", "hangupOnStar"}
    )
    caller_id = given.get("callerId")
    if caller_id is not None and not is_e164(caller_id):
        raise TwimlError(13214, f"<Dial callerId> cannot be {caller_id!r}.")
    return Dial(
        nouns=_nouns(element),
        action=optional_address(given, "action", INVALID_URL),
        method=method(given, "method", 13210),
        timeout=whole(element, "timeout", 30, 13212, 1, 600),
        caller_id=caller_id,
        answer_on_bridge=flag(given, "answerOnBridge", False, SCHEMA),
        time_limit=whole(element, "timeLimit", 14_400, 13216, 1, 86_400),
        hangup_on_star=flag(given, "hangupOnStar", False, 13213),
    )


def _nouns(element: ElementTree.Element) -> tuple[Number, ...] | tuple[Conference] | tuple[Queue]:
    text = (element.text or "").strip()
    if text:
        # <Dial>+47…</Dial> is short for one <Number> without attributes.
        refuse_children(element, 13215)
        return (Number(number=phone_number(text)),)
    refuse_text(element)
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
    given = attributes(element, {"url", "method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod"})
    refuse_children(element, 13215)
    return Number(
        number=phone_number((element.text or "").strip()),
        url=optional_address(given, "url", INVALID_URL),
        method=method(given, "method", 13221),
        status_callback=optional_address(given, "statusCallback", INVALID_URL),
        status_callback_events=events(given, CALL_EVENTS, ("completed",)),
        status_callback_method=method(given, "statusCallbackMethod", SCHEMA),
    )


def _conference(element: ElementTree.Element) -> Conference:
    given = attributes(
        element,
        {"startConferenceOnEnter", "endConferenceOnExit", "waitUrl", "waitMethod", "beep", "muted"}
        | {"maxParticipants", "statusCallback", "statusCallbackEvent", "statusCallbackMethod", "participantLabel"},
    )
    refuse_children(element, 13215)
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
        start_on_enter=flag(given, "startConferenceOnEnter", True, 13232),
        end_on_exit=flag(given, "endConferenceOnExit", False, 13231),
        wait_url=address(given["waitUrl"], "Conference waitUrl", 13233) if "waitUrl" in given else None,
        wait_method=method(given, "waitMethod", 13234),
        beep=beep,
        muted=flag(given, "muted", False, 13230),
        max_participants=whole(element, "maxParticipants", 250, SCHEMA, 2, 250),
        status_callback=optional_address(given, "statusCallback", INVALID_URL),
        status_callback_events=events(given, CONFERENCE_EVENTS, ()),
        status_callback_method=method(given, "statusCallbackMethod", SCHEMA),
        participant_label=label,
    )


def _queue(element: ElementTree.Element) -> Queue:
    attributes(element, set())
    refuse_children(element, 13215)
    return Queue(name=queue_name(element, 14212, 14213))


def _redirect(element: ElementTree.Element) -> Redirect:
    given = attributes(element, {"method"})
    refuse_children(element, SCHEMA)
    return Redirect(
        url=address((element.text or "").strip(), "Redirect", INVALID_URL), method=method(given, "method", 13710)
    )


def _reject(element: ElementTree.Element) -> Reject:
    given = attributes(element, {"reason"})
    refuse_content(element)
    reason = given.get("reason", "rejected")
    if reason not in {"rejected", "busy"}:
        raise TwimlError(SCHEMA, f"<Reject reason> cannot be {reason!r}.")
    return Reject(reason=reason)


def _hangup(element: ElementTree.Element) -> Hangup:
    attributes(element, set())
    refuse_content(element)
    return Hangup()


def _leave(element: ElementTree.Element) -> Leave:
    attributes(element, set())
    refuse_content(element)
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
