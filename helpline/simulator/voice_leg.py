"""One leg of a call: who, to whom, how far it has come, what was heard on it, and what happens to it next.

Everything that happens to a leg (a key, a hang-up, a redirect, an answer from the service, a timer) is an event in its
inbox; its one task (`voice_program`) takes them out in order. So nothing happens twice or in between.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from helpline.simulator.numbers import WITHHELD, country
from helpline.simulator.webhooks import Method, WebhookResult

API_VERSION = "2010-04-01"


class CallStatus(StrEnum):
    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        """Whether the call is over."""
        return self in _FINAL


_FINAL = frozenset(
    {CallStatus.COMPLETED, CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.CANCELED}
)


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_DIAL = "outbound-dial"


class Expects(StrEnum):
    """What a leg waits for, for the page: whether to show the keypad, the bell or nothing."""

    NOTHING = ""
    KEYS = "digits"
    SPEECH = "speech"
    QUEUE = "queue"
    CONFERENCE = "conference"
    RINGING = "ringing"
    TALK = "talk"


class Sound(StrEnum):
    SAY = "say"
    PLAY = "play"
    PAUSE = "pause"
    BEEP = "beep"
    TONE = "tone"
    KEY = "key"
    #: What the person at the other end says.
    VOICE = "voice"
    #: What a person on the line would notice without a sound: music begins, the other side is there, the line is dead.
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One thing heard on a leg."""

    at: datetime
    sound: Sound
    text: str
    language: str = ""


# Where the next document comes from.


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """Ask the service for it. `url` is absolute; `params` come on top of the call's own."""

    url: str
    method: Method = "POST"
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inline:
    """It came with a REST request. `url` is what relative addresses in it would be relative to: nothing."""

    twiml: str


Source = Fetch | Inline


# What happens to a leg. `scope` is the queue, conference or dialling that the event belongs to: an event that comes
# when the leg has already left that place is dropped.


@dataclass(frozen=True, kw_only=True)
class Pressed:
    keys: str


@dataclass(frozen=True, kw_only=True)
class Spoken:
    words: str


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The handset was picked up; `by` is `human` or `machine_start`."""

    by: str = "human"


@dataclass(frozen=True, kw_only=True)
class Declined:
    status: CallStatus


@dataclass(frozen=True, kw_only=True)
class HungUp:
    """The line is cut: by the person, by REST, or by the leg that had dialled it."""

    by: str


@dataclass(frozen=True, kw_only=True)
class Redirected:
    """REST gave the call another document."""

    source: Source


@dataclass(frozen=True, kw_only=True)
class Dequeued:
    """REST took the call out of its queue."""

    scope: object
    source: Source


@dataclass(frozen=True, kw_only=True)
class Bridged:
    """A `Dial` to the queue took the call; `partner` is the other leg's sid."""

    scope: object
    partner: str


@dataclass(frozen=True, kw_only=True)
class PartnerGone:
    """The leg at the other end of the connection has left it."""

    scope: object
    partner: str
    status: CallStatus
    #: Whether the two were ever connected.
    bridged: bool
    #: Seconds since the partner answered; 0 when it never did.
    seconds: int = 0


@dataclass(frozen=True, kw_only=True)
class PartnerReady:
    """The dialled leg has answered and heard its document: connect."""

    scope: object
    partner: str


@dataclass(frozen=True, kw_only=True)
class QueueGrew:
    """Somebody joined a queue that this leg dials."""

    scope: object


@dataclass(frozen=True, kw_only=True)
class ConferenceStarted:
    """From now on the participants hear each other."""

    scope: object


@dataclass(frozen=True, kw_only=True)
class ConferenceLeft:
    """The conference ended, or the leg was taken out of it."""

    scope: object


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """The service answered the leg's own request."""

    token: object
    result: WebhookResult


@dataclass(frozen=True, kw_only=True)
class Elapsed:
    """A timer rang; `token` says which one."""

    token: object


Event = (
    Pressed
    | Spoken
    | Answered
    | Declined
    | HungUp
    | Redirected
    | Dequeued
    | Bridged
    | PartnerGone
    | PartnerReady
    | QueueGrew
    | ConferenceStarted
    | ConferenceLeft
    | Delivered
    | Elapsed
)


Scoped = Dequeued | Bridged | PartnerGone | PartnerReady | QueueGrew | ConferenceStarted | ConferenceLeft


class Stillness:
    """Counts what is under way, so that one can wait until everything waits for a person or for the clock."""

    def __init__(self) -> None:
        self._moving = 0
        self._still = asyncio.Event()
        self._still.set()

    def move(self) -> None:
        """Something has begun to move."""
        self._moving += 1
        self._still.clear()

    def rest(self) -> None:
        """Something that moved is over or waits."""
        self._moving -= 1
        if self._moving == 0:
            self._still.set()

    async def wait(self) -> None:
        """Return when nothing moves."""
        while self._moving:
            await self._still.wait()


@dataclass(frozen=True, kw_only=True)
class StatusCallback:
    """Where a call's progress is told, and which events."""

    url: str
    method: Method = "POST"
    events: tuple[str, ...] = ("completed",)


@dataclass(kw_only=True, eq=False)
class Leg:
    """One leg. The first fields say what it is; the rest changes while it lives."""

    sid: str
    account_sid: str
    direction: Direction
    from_: str
    to: str
    created: datetime
    stillness: Stillness
    status: CallStatus = CallStatus.QUEUED
    parent_sid: str = ""
    forwarded_from: str = ""
    phone_number_sid: str = ""
    fallback_url: str = ""
    fallback_method: Method = "POST"
    status_callback: StatusCallback | None = None
    detects_machines: bool = False
    answered_by: str = ""
    started: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    updated: datetime | None = None
    heard: list[Heard] = field(default_factory=list)
    expects: Expects = Expects.NOTHING
    #: Number of the next status callback.
    sequence: int = 0
    #: Documents fetched since the leg last waited for a person or for time to pass.
    documents_in_a_row: int = 0
    #: The queue, conference or dialling that the leg is in.
    scope: object | None = None
    _inbox: deque[Event] = field(default_factory=deque)
    _waiter: asyncio.Future[None] | None = None

    def put(self, event: Event) -> None:
        """Let `event` happen to this leg. Nothing happens to a leg whose task has ended."""
        self._inbox.append(event)
        if self._waiter is not None and not self._waiter.done():
            self.stillness.move()
            self._waiter.set_result(None)

    async def take(self) -> Event:
        """The next thing that happens; while there is none the leg counts as still."""
        while not self._inbox:
            self._waiter = asyncio.get_running_loop().create_future()
            self.stillness.rest()
            await self._waiter
            self._waiter = None
        return self._inbox.popleft()

    @property
    def duration(self) -> int:
        """Whole seconds between answer and end; 0 for a call that was never answered or still goes on."""
        if self.answered is None or self.ended is None:
            return 0
        return round((self.ended - self.answered).total_seconds())

    def params(self) -> dict[str, str]:
        """What every webhook of this call carries."""
        given = {
            "CallSid": self.sid,
            "AccountSid": self.account_sid,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "CallStatus": self.status,
            "ApiVersion": API_VERSION,
            "Direction": self.direction,
        }
        if self.parent_sid:
            given["ParentCallSid"] = self.parent_sid
        if self.forwarded_from:
            given["ForwardedFrom"] = self.forwarded_from
        if self.answered_by:
            given["AnsweredBy"] = self.answered_by
        for side, number in (("From", self.from_), ("Caller", self.from_), ("To", self.to), ("Called", self.to)):
            # Nothing is known of where a withheld number is.
            where = "" if number in WITHHELD else country(number)
            given |= {f"{side}Country": where, f"{side}State": "", f"{side}City": "", f"{side}Zip": ""}
        return given

    def as_dict(self) -> dict[str, Any]:
        """For the page."""
        return {
            "sid": self.sid,
            "from": self.from_,
            "to": self.to,
            "direction": self.direction.value,
            "status": self.status.value,
            "expects": self.expects.value,
            "parent_sid": self.parent_sid,
            "created": self.created,
            "answered": self.answered,
            "ended": self.ended,
            "heard": [
                {"at": line.at, "sound": line.sound.value, "text": line.text, "language": line.language}
                for line in self.heard
            ],
        }
