"""What a service answers to an incoming text: TwiML with `Message` and `Redirect`, or plain text."""

from dataclasses import dataclass
from xml.etree import ElementTree

#: Twilio's codes: the document is not XML, it breaks the schema, the content type is none that it reads.
DOCUMENT_PARSE_FAILURE = 12100
SCHEMA_WARNING = 12200
INVALID_CONTENT_TYPE = 12300

_XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
_ATTRIBUTES = {
    "Message": frozenset({"to", "from", "action", "method", "statusCallback"}),
    "Redirect": frozenset({"method"}),
}


class ReplyError(Exception):
    """The answer cannot be used. `code` is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One text to send. Empty `to` and `from_` mean: back the way it came."""

    body: str
    to: str = ""
    from_: str = ""
    status_callback: str = ""
    media: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Replies:
    """The texts to send, and where to ask for more (`Redirect`), if anywhere."""

    texts: tuple[Reply, ...] = ()
    redirect_url: str = ""
    redirect_method: str = "POST"


def read_replies(body: str, content_type: str) -> Replies:
    """Read a webhook's answer. Raises ReplyError for what Twilio would report: bad XML, unknown verb or attribute."""
    kind = content_type.split(";")[0].strip().lower()
    if not body.strip():
        return Replies()
    if kind == "text/plain":
        return Replies(texts=(Reply(body=body),))
    if kind not in _XML_TYPES:
        raise ReplyError(INVALID_CONTENT_TYPE, f"The answer has the content type «{content_type}», which is not read.")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as problem:
        raise ReplyError(DOCUMENT_PARSE_FAILURE, f"The answer is not XML: {problem}.") from problem
    if root.tag != "Response":
        raise ReplyError(DOCUMENT_PARSE_FAILURE, f"The answer begins with «{root.tag}», not with «Response».")
    if root.attrib or (root.text or "").strip():
        raise ReplyError(SCHEMA_WARNING, "«Response» holds verbs only.")
    texts: list[Reply] = []
    for verb in root:
        _check(verb)
        if verb.tag == "Redirect":
            return Replies(
                texts=tuple(texts),
                redirect_url=(verb.text or "").strip(),
                redirect_method=verb.get("method", "POST").upper(),
            )
        texts.append(_message(verb))
    return Replies(texts=tuple(texts))


def _check(verb: ElementTree.Element) -> None:
    if verb.tag not in _ATTRIBUTES:
        raise ReplyError(SCHEMA_WARNING, f"«{verb.tag}» is not a verb for texts.")
    unknown = set(verb.attrib) - _ATTRIBUTES[verb.tag]
    if unknown:
        raise ReplyError(SCHEMA_WARNING, f"«{verb.tag}» has no attribute «{min(unknown)}».")
    if verb.get("method", "POST").upper() not in {"POST", "GET"}:
        raise ReplyError(SCHEMA_WARNING, f"The method of «{verb.tag}» must be POST or GET.")


def _message(verb: ElementTree.Element) -> Reply:
    bodies: list[str] = []
    media: list[str] = []
    for noun in verb:
        if noun.tag not in {"Body", "Media"} or noun.attrib or len(noun):
            raise ReplyError(SCHEMA_WARNING, f"«Message» cannot hold «{noun.tag}» in this form.")
        (bodies if noun.tag == "Body" else media).append((noun.text or "").strip())
    body = "".join(bodies) if bodies else (verb.text or "").strip()
    if not body and not media:
        raise ReplyError(SCHEMA_WARNING, "«Message» is empty.")
    return Reply(
        body=body,
        to=verb.get("to", ""),
        from_=verb.get("from", ""),
        status_callback=verb.get("statusCallback", ""),
        media=tuple(media),
    )
