"""The switchboard: what all legs share, and the carrying of their webhooks."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from helpline.simulator.clock import Clock
from helpline.simulator.faults import Faults
from helpline.simulator.journal import Journal
from helpline.simulator.voice_events import CallStatus, Delivered, HungUp, PartnerGone
from helpline.simulator.voice_leg import Heard, Leg, Sound, Stillness
from helpline.simulator.voice_rooms import Conferences, Queues
from helpline.simulator.webhooks import Method, WebhookClient

_log = logging.getLogger(__name__)

#: What the caller hears when the service's document cannot be carried out.
APOLOGY = "We are sorry, an application error has occurred. Goodbye."


class Manner(StrEnum):
    """How a pretend telephone behaves when it is rung."""

    #: It rings until somebody answers or declines (the page does), or until the time is out.
    RINGS = "rings"
    ANSWERS = "answers"
    #: Answers by itself, as a machine.
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    #: Rings, and nobody can answer.
    SILENT = "silent"
    #: The number is not in use: the call fails at once.
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long sounds take, in seconds. Zero lets tests run without waiting."""

    seconds_per_character: float = 0.0
    seconds_per_file: float = 0.0


class Switchboard:
    """Holds the legs, the queues and the conferences, and posts what the legs ask and report."""

    def __init__(
        self,
        *,
        account_sid: str,
        clock: Clock,
        webhooks: WebhookClient,
        pace: Pace,
        alert: Callable[[int, str, str], None],
        changed: Callable[[], None],
        faults: Faults | None,
        journal: Journal,
        owns: Callable[[str], bool],
    ) -> None:
        """`alert(code, message, about)` writes to the account's error log; `about` is the call's sid.

        `owns` says whether a number is the account's own.
        """
        self.account_sid = account_sid
        self.clock = clock
        self.pace = pace
        self.alert = alert
        self.changed = changed
        self.owns = owns
        self.stillness = Stillness()
        self.failures: list[BaseException] = []
        self.legs: dict[str, Leg] = {}
        self.manners: dict[str, Manner] = {}
        self.queues = Queues(now=clock.now)
        self.conferences = Conferences(now=clock.now, tell=self.tell)
        self._webhooks = webhooks
        self._faults = faults
        self._journal = journal
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_report: dict[str, asyncio.Task[None]] = {}

    async def close(self) -> None:
        """End everything that is under way, without telling anyone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def spawn(self, work: Coroutine[Any, Any, None], *, moves: bool = True) -> asyncio.Task[None]:
        """Run `work` beside everything else; with `moves` it counts as something under way until it ends."""
        if moves:
            self.stillness.move()
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget_moving if moves else self._forget)
        return task

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A fault of the simulator itself, never of the service: make it loud.
            self.failures.append(error)
            _log.error("Something in the pretend telephone failed.", exc_info=error)

    def _forget_moving(self, task: asyncio.Task[None]) -> None:
        self.stillness.rest()
        self._forget(task)

    def set_timer(self, seconds: float, ring: Callable[[], None]) -> asyncio.Task[None]:
        """Call `ring` after `seconds` on the clock unless the task is cancelled."""

        async def wait() -> None:
            await self.clock.sleep(seconds)
            ring()

        return self.spawn(wait(), moves=False)

    # Webhooks.

    def ask(self, leg: Leg, url: str, method: Method, params: dict[str, str]) -> object:
        """Ask the service; the answer comes to the leg's inbox as `Delivered` with the token returned here."""
        token = object()

        async def post() -> None:
            result = await self._webhooks.post(url, params, method=method, area="voice")
            leg.put(Delivered(token=token, result=result))

        self.spawn(post())
        return token

    def tell(self, key: str, url: str, method: Method, params: dict[str, str], *, area: str = "voice-status") -> None:
        """Report something; nobody waits for the answer. Reports under one `key` arrive in order, save for faults."""
        disturbed = self._faults is not None and bool(self._faults.ordered())
        before = None if disturbed else self._last_report.get(key)

        async def post() -> None:
            if before is not None:
                await asyncio.wait({before})
            result = await self._webhooks.post(url, params, method=method, area=area)
            if not result.ok:
                self.alert(result.error_code or 11200, result.error or "The report was not taken.", key)

        task = self.spawn(post())
        if not disturbed:
            self._last_report[key] = task

    def tell_status(self, leg: Leg, event: str, **more: str) -> None:
        """Report a call's progress to whoever asked for this event."""
        wish = leg.status_callback
        if wish is None or event not in wish.events:
            return
        params = leg.params() | {
            "CallbackSource": "call-progress-events",
            "Timestamp": self.clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000"),
            "SequenceNumber": str(leg.sequence),
        }
        leg.sequence += 1
        self._journal.write("call", leg.sid, leg.kept())
        self.tell(leg.sid, wish.url, wish.method, params | more)

    # Legs.

    def hear(self, leg: Leg, sound: Sound, text: str, language: str = "") -> None:
        """Let `text` be heard on a leg."""
        leg.heard.append(Heard(at=self.clock.now(), sound=sound, text=text, language=language))
        self.changed()

    def touch(self, leg: Leg) -> None:
        """The leg has changed."""
        leg.updated = self.clock.now()
        self._journal.write("call", leg.sid, leg.kept())
        self.changed()

    def resume(self) -> None:
        """Read the calls that the journal kept. Those that went on when the simulator stopped were cut then."""
        for kept in self._journal.kept("call"):
            leg = Leg.from_kept(kept, self.stillness)
            self.legs[leg.sid] = leg
            if not leg.status.final:
                self.finish(leg, CallStatus.COMPLETED if leg.answered else CallStatus.FAILED)

    def answer(self, leg: Leg) -> None:
        """The call is taken, by us or by the person rung."""
        leg.status = CallStatus.IN_PROGRESS
        leg.answered = self.clock.now()
        self.touch(leg)
        if leg.direction != "inbound":
            self.tell_status(leg, "answered")

    def cut(self, leg: Leg, status: CallStatus, by: str) -> None:
        """End a call at once; its own task then tidies up after it. Nothing happens to a call that is over."""
        if leg.status.final:
            return
        self.end(leg, status)
        leg.put(HungUp(by=by))

    def finish(self, leg: Leg, status: CallStatus) -> None:
        """The leg's task is over: settle its last status unless it was cut, and report it."""
        if not leg.status.final:
            self.end(leg, status)
        more = {"SipResponseCode": _SIP_CODES[leg.status]}
        if leg.status is CallStatus.COMPLETED:
            more |= {"CallDuration": str(leg.duration), "Duration": str(-(-leg.duration // 60))}
        self.tell_status(leg, "completed", **more)
        self.let_go(leg, bridged=True)

    def let_go(self, leg: Leg, *, bridged: bool) -> None:
        """Tell every leg that is connected with this one that it has gone."""
        since = (self.clock.now() - leg.answered).total_seconds() if leg.answered else 0.0
        for other in self.legs.values():
            if other.scope is leg:
                other.put(
                    PartnerGone(scope=leg, partner=leg.sid, status=leg.status, bridged=bridged, seconds=int(since))
                )

    def end(self, leg: Leg, status: CallStatus) -> None:
        """Settle the last status of a call."""
        leg.status = status
        leg.ended = self.clock.now()
        self.touch(leg)


_SIP_CODES = {
    CallStatus.COMPLETED: "200",
    CallStatus.BUSY: "486",
    CallStatus.FAILED: "404",
    CallStatus.NO_ANSWER: "480",
    CallStatus.CANCELED: "487",
}
