"""One leg of a call: who, to whom, how far it has come, what was heard on it, and what happens to it next.

Everything that happens to a leg is an event in its inbox (`voice_events`); its one task (`voice_program`) takes them
out in order. So nothing happens twice or in between.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from helpline.simulator.numbers import WITHHELD, country
from helpline.simulator.voice_events import CallStatus, Event
from helpline.simulator.webhooks import Method

API_VERSION = "2010-04-01"


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

    def kept(self) -> dict[str, Any]:
        """As the journal keeps it: everything but what was heard."""
        wish = self.status_callback
        return {
            **{name: getattr(self, name) for name in _KEPT},
            **{name: moment.isoformat() if (moment := getattr(self, name)) else None for name in _KEPT_TIMES},
            "direction": self.direction.value,
            "status": self.status.value,
            "status_callback": [wish.url, wish.method, list(wish.events)] if wish else None,
        }

    @classmethod
    def from_kept(cls, kept: dict[str, Any], stillness: Stillness) -> Self:
        """The leg the journal kept."""
        times: dict[str, Any] = {name: datetime.fromisoformat(kept[name]) for name in _KEPT_TIMES if kept[name]}
        wish = kept["status_callback"]
        return cls(
            **{name: kept[name] for name in _KEPT},
            **times,
            direction=Direction(kept["direction"]),
            status=CallStatus(kept["status"]),
            status_callback=StatusCallback(url=wish[0], method=wish[1], events=tuple(wish[2])) if wish else None,
            stillness=stillness,
        )

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


_KEPT = (
    "sid",
    "account_sid",
    "from_",
    "to",
    "parent_sid",
    "forwarded_from",
    "phone_number_sid",
    "detects_machines",
    "answered_by",
    "sequence",
)
_KEPT_TIMES = ("created", "started", "answered", "ended", "updated")
