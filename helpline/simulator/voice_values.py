"""The values that attributes and contents of TwiML may have; what is none of them is refused with Twilio's code.

Functions that read from an element name it in the error; `given` are an element's attributes.
"""

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

from helpline.simulator.webhooks import Method

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


def is_voice(voice: str) -> bool:
    """Whether `Say` has this voice. The Norwegian ones are listed one by one (DOMAIN §5.7), others by their pattern."""
    if voice in {"man", "woman", "alice"} or voice in _NORWEGIAN_VOICES:
        return True
    google = _GOOGLE_VOICE.fullmatch(voice)
    if google is not None:
        return google[1] != "nb-NO" and google[1] in SPOKEN_LANGUAGES
    return _POLLY_VOICE.fullmatch(voice) is not None and voice not in {"Polly.Ida", "Polly.Liv-Neural"}


def language_of(voice: str) -> str:
    """The language of a voice when the document does not say it."""
    if voice in _NORWEGIAN_VOICES:
        return "nb-NO"
    google = _GOOGLE_VOICE.fullmatch(voice)
    return google[1] if google else "en-US"


def speech(element: ElementTree.Element) -> str:
    """The words of a `Say`, its speech markup taken away. Raises TwimlError for markup that is not Twilio's."""
    words = [element.text or ""]
    for child in element:
        known = _SPEECH_MARKUP.get(child.tag)
        if known is None:
            raise TwimlError(SCHEMA, f"<{child.tag}> cannot stand in <Say>.")
        attributes(child, set(known))
        words.append(child.get("alias", "") if child.tag == "sub" else speech(child))
        words.append(" " if child.tag in {"break", "p", "s"} else "")
        words.append(child.tail or "")
    return "".join(words)


def attributes(element: ElementTree.Element, known: set[str]) -> dict[str, str]:
    """The attributes of an element. Raises TwimlError for one that is not `known`."""
    for name in element.attrib:
        if name not in known:
            raise TwimlError(SCHEMA, f"<{element.tag}> has no attribute {name!r} that is carried out here.")
    return dict(element.attrib)


def refuse_text(element: ElementTree.Element) -> None:
    """Raises TwimlError when there is text outside the elements inside."""
    pieces = [element.text, *(child.tail for child in element)]
    if any(piece and piece.strip() for piece in pieces):
        raise TwimlError(SCHEMA, f"<{element.tag}> holds text outside its verbs.")


def refuse_children(element: ElementTree.Element, code: int) -> None:
    """Raises TwimlError with `code` when there is any element inside."""
    if len(element):
        raise TwimlError(code, f"<{element.tag}> cannot hold <{element[0].tag}>.")


def refuse_content(element: ElementTree.Element) -> None:
    """Raises TwimlError when the element is not empty."""
    refuse_children(element, SCHEMA)
    refuse_text(element)


def whole(element: ElementTree.Element, name: str, default: int, code: int, low: int, high: int) -> int:
    """A whole number from `low` to `high`. Raises TwimlError with `code`."""
    value = element.get(name)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", value) or not low <= int(value) <= high:
        raise TwimlError(code, f"<{element.tag} {name}> must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def flag(given: dict[str, str], name: str, default: bool, code: int) -> bool:
    """True or false. Raises TwimlError with `code`."""
    value = given.get(name)
    if value is None:
        return default
    if value.lower() not in {"true", "false"}:
        raise TwimlError(code, f"{name} must be true or false, not {value!r}.")
    return value.lower() == "true"


def method(given: dict[str, str], name: str, code: int) -> Method:
    """GET or POST. Raises TwimlError with `code`."""
    value = given.get(name, "POST")
    match value.upper():
        case "POST":
            return "POST"
        case "GET":
            return "GET"
    raise TwimlError(code, f"{name} must be GET or POST, not {value!r}.")


def address(url: str, where: str, code: int) -> str:
    """`url`, absolute or relative; empty stays empty. Raises TwimlError with `code` when it is neither."""
    try:
        parts = urlsplit(url)
    except ValueError as problem:
        raise TwimlError(code, f"<{where}> has the invalid address {url!r}.") from problem
    if re.search(r"\s", url) or parts.scheme not in {"", "http", "https"} or (parts.scheme and not parts.netloc):
        raise TwimlError(code, f"<{where}> has the invalid address {url!r}.")
    return url


def optional_address(given: dict[str, str], name: str, code: int) -> str | None:
    """The address in an attribute, or None without one. Raises TwimlError with `code`."""
    return address(given[name], name, code) if given.get(name) else None


def events(given: dict[str, str], known: frozenset[str], default: tuple[str, ...]) -> tuple[str, ...]:
    """The words of `statusCallbackEvent`. Raises TwimlError for one that is not `known`."""
    value = given.get("statusCallbackEvent")
    if value is None:
        return default
    words = tuple(value.split())
    if not words or not known.issuperset(words):
        raise TwimlError(SCHEMA, f"statusCallbackEvent knows {', '.join(sorted(known))}, not {value!r}.")
    return words


def queue_name(element: ElementTree.Element, too_short: int, too_long: int) -> str:
    """The name of a queue in an element. Raises TwimlError."""
    name = (element.text or "").strip()
    if not name:
        raise TwimlError(too_short, "A queue must have a name.")
    if len(name) > LONGEST_QUEUE_NAME:
        raise TwimlError(too_long, f"The name of a queue is at most {LONGEST_QUEUE_NAME} characters.")
    return name


def phone_number(text: str) -> str:
    """A number to dial, without spaces. Raises TwimlError when it is not in E.164 form."""
    number = re.sub(r"[\s()-]", "", text)
    if not is_e164(number):
        raise TwimlError(13223, f"<Dial> cannot ring {text!r}: write the number as + and country code.")
    return number
