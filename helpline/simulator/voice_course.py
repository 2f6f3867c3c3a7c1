"""The course of one leg: waiting for what happens, asking the service for documents, and the verbs that sound.

What connects a call with others (queue, conference, other telephones) is in `voice_waiting` and `voice_dial`.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urldefrag, urljoin

from helpline.simulator.twiml import Purpose, parse
from helpline.simulator.voice_board import Switchboard
from helpline.simulator.voice_events import (
    CallStatus,
    Delivered,
    Elapsed,
    Event,
    Fetch,
    HungUp,
    Inline,
    Pressed,
    Redirected,
    Scoped,
    Source,
    Spoken,
)
from helpline.simulator.voice_leg import Expects, Leg, Sound
from helpline.simulator.voice_values import CONTENT_TYPE, INVALID_URL, TwimlError, is_web_address
from helpline.simulator.voice_verbs import (
    Dial,
    Document,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    Prompt,
    Redirect,
    Reject,
    Say,
    Verb,
)
from helpline.simulator.webhooks import Method, WebhookResult

#: So many documents without anything in between that takes time are a loop (Twilio's error 11215).
LONGEST_CHASE = 50
TOO_MANY_REDIRECTS = 11215
#: A loop that is meant to go on for ever takes at least this many seconds a lap, also when sounds take no time.
SHORTEST_LAP = 1.0
#: `loop="0"` means so many times (Twilio's page on `Say`).
ENDLESS = 1000


class Interrupted(Exception):
    """Something happened that ends what the leg was doing."""

    def __init__(self, event: Event) -> None:
        super().__init__(type(event).__name__)
        self.event = event


class DocumentFailed(Exception):
    """There is no document to go on with; the alert has been written."""


class End(Enum):
    """How a document ended."""

    RAN_OUT = auto()
    HUNG_UP = auto()
    LEFT_QUEUE = auto()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A document and where it came from; `url` is empty for one that came with a REST request."""

    document: Document
    url: str


@dataclass(frozen=True, kw_only=True)
class Action:
    """Where the service is asked when a verb is over; `url` is empty when the call just goes on with the next verb."""

    url: str
    method: Method

    def told(self, **params: str) -> Fetch | None:
        """The request, with what came of the verb; None when there is none to make."""
        return Fetch(url=self.url, method=self.method, params=tuple(params.items())) if self.url else None


Outcome = Source | End | None
Connect = Callable[["Course", Enqueue | Dial, Page], Awaitable[Outcome]]


class Course:
    """One leg on its way through its documents."""

    def __init__(self, leg: Leg, board: Switchboard, connect: Connect) -> None:
        """`connect` carries out the verbs that need other legs."""
        self.leg = leg
        self.board = board
        self._connect = connect
        self._asked: object = None

    # Waiting.

    async def next(self, *accepted: type[Event], seconds: float | None = None) -> Event:
        """The next event of an `accepted` kind, or `Elapsed` after `seconds`. Keys nobody listens for are lost.

        Raises Interrupted for a hang-up, a redirect, or what happens to the leg's queue, conference or dialling.
        """
        token = object()
        timer = None
        if seconds is not None:
            timer = self.board.set_timer(seconds, lambda: self.leg.put(Elapsed(token=token)))
        try:
            while True:
                event = await self.leg.take()
                if isinstance(event, Elapsed):
                    if event.token is token:
                        self.leg.documents_in_a_row = 0
                        return event
                elif isinstance(event, Delivered):
                    if event.token is self._asked and Delivered in accepted:
                        return event
                elif isinstance(event, Scoped) and event.scope is not self.leg.scope:
                    continue
                elif isinstance(event, accepted):
                    self.leg.documents_in_a_row = 0
                    return event
                elif isinstance(event, HungUp | Redirected | Scoped):
                    raise Interrupted(event)
        finally:
            if timer is not None:
                timer.cancel()

    async def pass_time(self, seconds: float, *accepted: type[Event]) -> Event | None:
        """Let `seconds` pass; what was accepted meanwhile, or None. Zero passes at once."""
        if seconds <= 0:
            return None
        event = await self.next(*accepted, seconds=seconds)
        return None if isinstance(event, Elapsed) else event

    @contextmanager
    def expecting(self, what: Expects) -> Iterator[None]:
        """While this lasts, the page shows that the leg waits for `what`."""
        before, self.leg.expects = self.leg.expects, what
        self.board.changed()
        try:
            yield
        finally:
            self.leg.expects = before
            self.board.changed()

    @contextmanager
    def within(self, scope: object) -> Iterator[None]:
        """While this lasts, the leg is in this queue, conference or dialling."""
        self.leg.scope = scope
        try:
            yield
        finally:
            self.leg.scope = None

    def hear(self, sound: Sound, text: str, language: str = "") -> None:
        """Let `text` be heard on this leg."""
        self.board.hear(self.leg, sound, text, language)

    # Documents.

    async def ask(self, fetch: Fetch) -> WebhookResult:
        """Ask the service and wait for the answer."""
        self._asked = self.board.ask(self.leg, fetch.url, fetch.method, self.leg.params() | dict(fetch.params))
        event = await self.next(Delivered)
        assert isinstance(event, Delivered)
        return event.result

    def report(self, fetch: Fetch | None) -> None:
        """Ask the service without caring for the answer: the call is elsewhere or over. None asks nothing."""
        if fetch is None:
            return
        self.board.tell(self.leg.sid, fetch.url, fetch.method, self.leg.params() | dict(fetch.params), area="voice")

    async def page(self, source: Source, purpose: Purpose) -> Page:
        """The document from `source`, else the one from the fallback address. Raises DocumentFailed."""
        if isinstance(source, Inline):
            try:
                return Page(document=parse(source.twiml, purpose=purpose), url="")
            except TwimlError as problem:
                self._alert(problem)
                return await self._fallback(problem, "", purpose)
        self.leg.documents_in_a_row += 1
        if self.leg.documents_in_a_row > LONGEST_CHASE:
            self._alert(TwimlError(TOO_MANY_REDIRECTS, f"{LONGEST_CHASE} documents in a row led nowhere."))
            raise DocumentFailed
        try:
            return Page(document=_read(await self.ask(source), purpose), url=source.url)
        except TwimlError as problem:
            self._alert(problem)
            return await self._fallback(problem, source.url, purpose)

    async def _fallback(self, problem: TwimlError, failed: str, purpose: Purpose) -> Page:
        url = self.leg.fallback_url
        if not url or purpose is not Purpose.CALL:
            raise DocumentFailed
        told = (("ErrorCode", str(problem.code)), ("ErrorUrl", urldefrag(failed).url))
        try:
            result = await self.ask(Fetch(url=url, method=self.leg.fallback_method, params=told))
            return Page(document=_read(result, purpose), url=url)
        except TwimlError as second:
            self._alert(second)
            raise DocumentFailed from second

    def address(self, page: Page, url: str) -> str:
        """`url` as seen from `page`; empty means the page itself. Raises DocumentFailed when there is no such place."""
        absolute = urljoin(page.url, url) if url else page.url
        if not is_web_address(absolute):
            self._alert(TwimlError(INVALID_URL, f"The address {url!r} leads nowhere from {page.url!r}."))
            raise DocumentFailed
        return absolute

    def action(self, page: Page, url: str | None, method: Method) -> Action:
        """The action of a verb on `page`. Raises DocumentFailed as `address` does."""
        return Action(url=self.address(page, url) if url is not None else "", method=method)

    def _alert(self, problem: TwimlError) -> None:
        self.board.alert(problem.code, problem.message, self.leg.sid)

    async def perform(self, source: Source, purpose: Purpose) -> End:
        """Follow the documents from `source` on until one runs out of verbs or ends. Raises DocumentFailed."""
        while True:
            page = await self.page(source, purpose)
            outcome = await self._verbs(page)
            if isinstance(outcome, End):
                return outcome
            source = outcome

    async def _verbs(self, page: Page) -> Source | End:
        for verb in page.document.verbs:
            self._take_call_before(verb)
            outcome = await self._verb(verb, page)
            if outcome is not None:
                return outcome
        return End.RAN_OUT

    def _take_call_before(self, verb: Verb) -> None:
        """An incoming call rings until a verb needs it to be answered."""
        waits = isinstance(verb, Reject | Redirect | Pause) or (isinstance(verb, Dial) and verb.answer_on_bridge)
        if self.leg.status is CallStatus.RINGING and not waits:
            self.board.answer(self.leg)

    async def _verb(self, verb: Verb, page: Page) -> Outcome:
        match verb:
            case Say() | Play() | Pause():
                await self._sound(verb)
                return None
            case Gather():
                return await self._gather(verb, page)
            case Redirect():
                return Fetch(url=self.address(page, verb.url), method=verb.method)
            case Hangup():
                return End.HUNG_UP
            case Leave():
                # Only in a queue's wait document does it mean anything.
                return End.LEFT_QUEUE if self.leg.expects is Expects.QUEUE else None
            case Reject():
                self.hear(Sound.TONE, "busy" if verb.reason == "busy" else "not in service")
                self.board.end(self.leg, CallStatus.BUSY if verb.reason == "busy" else CallStatus.FAILED)
                return End.HUNG_UP
            case Enqueue() | Dial():
                return await self._connect(self, verb, page)

    async def _sound(self, verb: Prompt, *accepted: type[Event]) -> Event | None:
        """Let a prompt be heard; the accepted event that cut it short, or None."""
        pace = self.board.pace
        match verb:
            case Pause():
                self.hear(Sound.PAUSE, f"{verb.length} s")
                return await self.pass_time(verb.length, *accepted)
            case Say():
                sound, text, language = Sound.SAY, verb.text, verb.language
                seconds = len(verb.text) * pace.seconds_per_character
            case Play():
                sound, text, language = Sound.PLAY, verb.url or verb.digits, ""
                seconds = pace.seconds_per_file
        if verb.loop == 0:
            seconds = max(seconds, SHORTEST_LAP)
        for _ in range(verb.loop or ENDLESS):
            self.hear(sound, text, language)
            event = await self.pass_time(seconds, *accepted)
            if event is not None:
                return event
        return None

    async def _gather(self, verb: Gather, page: Page) -> Outcome:
        accepted: list[type[Event]] = [Pressed] if verb.dtmf else []
        if verb.speech:
            accepted.append(Spoken)
        keys, finished_on, words = "", "", ""
        with self.expecting(Expects.KEYS if verb.dtmf else Expects.SPEECH):
            event = None
            for prompt in verb.prompts:
                event = await self._sound(prompt, *accepted)
                if event is not None:
                    break
            done = False
            while not done:
                if event is None:
                    event = await self.next(*accepted, seconds=verb.timeout)
                match event:
                    case Pressed(keys=pressed):
                        keys, finished_on, done = _collect(verb, keys, pressed)
                    case Spoken(words=words):
                        done = True
                    case _:
                        done = True
                event = None
        if not (keys or words or verb.action_on_empty_result):
            return None
        if words:
            params: tuple[tuple[str, str], ...] = (("SpeechResult", words), ("Confidence", "0.9"))
        else:
            params = (("Digits", keys), ("FinishedOnKey", finished_on))
        return Fetch(url=self.address(page, verb.action), method=verb.method, params=params)


def _collect(verb: Gather, keys: str, pressed: str) -> tuple[str, str, bool]:
    """The keys so far with `pressed` added, the key that ended the input, and whether it is over."""
    for key in pressed:
        if key == verb.finish_on_key:
            return keys, key, True
        keys += key
        if len(keys) == verb.num_digits:
            return keys, "", True
    return keys, "", False


def _read(result: WebhookResult, purpose: Purpose) -> Document:
    """What the service answered, as a document. Raises TwimlError."""
    if not result.ok:
        raise TwimlError(result.error_code or 11200, result.error or "The address did not answer.")
    kind = result.content_type.split(";")[0].strip().lower()
    if kind in {"text/xml", "application/xml", "text/html"}:
        return parse(result.body, purpose=purpose)
    if kind.startswith("audio/"):
        return Document(verbs=(Play(url=result.attempts[-1].url),))
    if kind == "text/plain" and result.body.strip():
        return Document(verbs=(Say(text=result.body.strip()),))
    raise TwimlError(CONTENT_TYPE, f"The answer has the content type {result.content_type!r}.")
