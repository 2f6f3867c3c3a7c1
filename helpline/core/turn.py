"""What comes in and what it leads to, free of any channel."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpline.core.codes import Channel


class InboundKind(StrEnum):
    """What a provider's event means to us."""

    TEXT = "text"
    EDITED = "edited"
    CHOICE = "choice"
    """A button: `text` holds the choice's key."""
    MEDIA = "media"
    """Photo, document, voice note, location, contact or sticker; `media` names which. Never fetched unasked."""
    CALL = "call"
    """A call begins."""
    KEYS = "keys"
    """Digits pressed during a call; `text` holds them."""
    QUIET = "quiet"
    """The caller was asked for keys and pressed none."""
    LEFT_LINE = "left_line"
    """The caller stepped out of the sound queue, by key or because we asked: the next question follows."""
    QUEUE_FULL = "queue_full"
    """The provider's queue took no more."""
    HUNG_UP = "hung_up"
    BLOCKED_US = "blocked_us"
    """The caller stopped the bot: nothing more can be sent."""
    UNBLOCKED_US = "unblocked_us"
    """The caller let the bot in again: they can be written to before they write."""
    GROUP = "group"
    """Written in a group, where others read along."""
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """One genuine event from a provider, already checked for signature or secret.

    `external_id` is the provider's own id, unique under `provider` and `account`. `handle` is the phone number in
    E.164 or the Telegram chat id; None for a withheld number. `raw` is what came in, kept sealed for 24 hours.
    """

    provider: str
    account: str
    external_id: str
    channel: Channel
    kind: InboundKind
    handle: str | None
    text: str = ""
    media: str | None = None
    call_sid: str | None = None
    turn: int = 0
    message_id: str | None = None
    #: The step whose button was pressed: an old button still means what it said.
    step: str | None = None
    language_hint: str | None = None
    sent_at: datetime | None = None
    raw: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One numbered way on: pressed on a telephone, texted as a number, or shown as a button.

    `language` is the label's own, where it is not the turn's: a telephone reads it with that language's voice.
    """

    key: str
    label: str
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class Say:
    """Words to the caller. `language` is their own, where it is not the turn's."""

    text: str
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question. `choices` may be empty: any words will do; `digits` asks a telephone for a number of that length
    (0: until #). `step` is where the answer belongs."""

    text: str
    choices: tuple[Choice, ...] = ()
    digits: int = 1
    step: str = ""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Wait for an advisor; a telephone is kept in the queue with its wait document."""


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """Talk with the advisor in the room named after the contact."""

    contact_id: int


@dataclass(frozen=True, kw_only=True)
class End:
    """Nothing more: a telephone hangs up, a text conversation falls silent."""


Instruction = Say | Ask | Hold | Bridge | End


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one inbound event led to.

    `contact_id` is None when the event concerns no contact. For texts the instructions have become deliveries in the
    same transaction; for calls they are rendered as the answer. `repeated` says that the event had been here before.
    """

    contact_id: int | None = None
    instructions: tuple[Instruction, ...] = ()
    number: int = 0
    language: str = "nb"
    repeated: bool = False
    kept_answer: str | None = None


def conference_name(contact_id: int) -> str:
    """The room where caller and advisor meet is named after the contact."""
    return f"contact-{contact_id}"
