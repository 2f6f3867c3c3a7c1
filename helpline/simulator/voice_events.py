"""What can happen to a leg: a key, a hang-up, a redirect, an answer from the service, a timer."""

from dataclasses import dataclass
from enum import StrEnum

from helpline.simulator.webhooks import Method, WebhookResult


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
