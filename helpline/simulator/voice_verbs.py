"""The verbs and nouns of TwiML that the simulator carries out, as values with Twilio's defaults filled in."""

from dataclasses import dataclass

from helpline.simulator.webhooks import Method


@dataclass(frozen=True, kw_only=True)
class Say:
    text: str
    voice: str = "man"
    language: str = "en-US"
    #: How often; 0 is for ever.
    loop: int = 1


@dataclass(frozen=True, kw_only=True)
class Play:
    url: str = ""
    #: Keys to sound instead of a file; `w` is a pause of half a second.
    digits: str = ""
    loop: int = 1


@dataclass(frozen=True, kw_only=True)
class Pause:
    #: Seconds.
    length: int = 1


Prompt = Say | Play | Pause


@dataclass(frozen=True, kw_only=True)
class Gather:
    prompts: tuple[Prompt, ...] = ()
    dtmf: bool = True
    speech: bool = False
    num_digits: int | None = None
    #: Seconds after the prompts, and between keys.
    timeout: int = 5
    #: Empty: no key ends the input.
    finish_on_key: str = "#"
    #: Empty: the address of the document itself.
    action: str = ""
    method: Method = "POST"
    action_on_empty_result: bool = False
    language: str = "en-US"


@dataclass(frozen=True, kw_only=True)
class Enqueue:
    name: str
    #: None: go on with the next verb.
    action: str | None = None
    method: Method = "POST"
    #: None: the provider's own music.
    wait_url: str | None = None
    wait_url_method: Method = "POST"


@dataclass(frozen=True, kw_only=True)
class Leave:
    pass


@dataclass(frozen=True, kw_only=True)
class Number:
    number: str
    #: A document for the called party before the two are connected.
    url: str | None = None
    method: Method = "POST"
    status_callback: str | None = None
    status_callback_events: tuple[str, ...] = ("completed",)
    status_callback_method: Method = "POST"


@dataclass(frozen=True, kw_only=True)
class Conference:
    name: str
    start_on_enter: bool = True
    end_on_exit: bool = False
    #: None: the provider's own music. Empty: silence.
    wait_url: str | None = None
    wait_method: Method = "POST"
    #: `true`, `false`, `onEnter` or `onExit`.
    beep: str = "true"
    muted: bool = False
    max_participants: int = 250
    status_callback: str | None = None
    status_callback_events: tuple[str, ...] = ()
    status_callback_method: Method = "POST"
    participant_label: str = ""


@dataclass(frozen=True, kw_only=True)
class Queue:
    name: str


@dataclass(frozen=True, kw_only=True)
class Dial:
    """One conference, one queue, or one to ten numbers that ring at once."""

    nouns: tuple[Number, ...] | tuple[Conference] | tuple[Queue]
    #: None: go on with the next verb.
    action: str | None = None
    method: Method = "POST"
    #: Seconds that a number rings.
    timeout: int = 30
    #: None: the number of the caller is shown.
    caller_id: str | None = None
    answer_on_bridge: bool = False
    #: Seconds that the connection lasts at most.
    time_limit: int = 14_400
    hangup_on_star: bool = False


@dataclass(frozen=True, kw_only=True)
class Redirect:
    #: Empty: the address of the document itself.
    url: str
    method: Method = "POST"


@dataclass(frozen=True, kw_only=True)
class Hangup:
    pass


@dataclass(frozen=True, kw_only=True)
class Reject:
    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Enqueue | Leave | Dial | Redirect | Hangup | Reject
Noun = Number | Conference | Queue


@dataclass(frozen=True, kw_only=True)
class Document:
    verbs: tuple[Verb, ...]
