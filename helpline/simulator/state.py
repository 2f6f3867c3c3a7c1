"""One simulator: everything it knows, and the few things its parts share."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from helpline.simulator.bot import Telegram
from helpline.simulator.bot_methods import Parameters, call
from helpline.simulator.calls import Calls, Pace
from helpline.simulator.changes import Changes
from helpline.simulator.clock import Clock, SystemClock
from helpline.simulator.faults import Faults
from helpline.simulator.journal import Journal
from helpline.simulator.lines import Line, Lines
from helpline.simulator.messages import Messages
from helpline.simulator.settings import SimulatorSettings
from helpline.simulator.webhooks import WebhookClient

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """What the provider's own error log would say: a webhook that failed, TwiML that cannot be used."""

    at: datetime
    code: int
    text: str
    about: str


class Simulator:
    """A pretend Telegram and a pretend Twilio with their handsets, all in memory, journalled when asked to."""

    def __init__(
        self,
        settings: SimulatorSettings,
        *,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` replaces the network for webhooks. Raises ValueError when the journal cannot be read."""
        self.settings = settings
        self.clock = clock or SystemClock()
        self.started = self.clock.now()
        self.changes = Changes()
        self.alerts: list[Alert] = []
        self.failures: list[BaseException] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.journal = Journal(settings.journal)
        self.faults = Faults(self.clock, changed=self.changes.mark)
        self.webhooks = WebhookClient(
            auth_token=settings.auth_tokens[0],
            clock=self.clock,
            transport=transport,
            disturbance=self.faults,
            on_attempt=lambda attempt: self.changes.mark(),
        )
        self.lines = Lines(self._own_lines(), journal=self.journal, changed=self.changes.mark)
        self.messages = Messages(
            settings=settings,
            clock=self.clock,
            journal=self.journal,
            lines=self.lines,
            webhooks=self.webhooks,
            faults=self.faults,
            changed=self.changes.mark,
            spawn=self.spawn,
            alert=self.alert,
        )
        self.telegram = Telegram(
            settings=settings,
            clock=self.clock,
            journal=self.journal,
            faults=self.faults,
            transport=transport,
            changed=self.changes.mark,
            call=self._call_bot,
            alert=self.alert,
        )
        self.calls = Calls(
            account_sid=settings.account_sid,
            clock=self.clock,
            lines=self.lines,
            webhooks=self.webhooks,
            changed=self.changes.mark,
            alert=self.alert,
            faults=self.faults,
            journal=self.journal,
            pace=Pace(
                seconds_per_character=settings.speech_seconds_per_character,
                seconds_per_file=settings.sound_file_seconds,
            ),
        )

    async def _call_bot(self, method: str, asked: dict[str, Any]) -> Any:
        return await call(self.telegram, method, Parameters(asked))

    def _own_lines(self) -> list[Line]:
        settings = self.settings
        both = settings.sms_number == settings.voice_number
        sms = Line(
            sid=_line_sid(settings.sms_number),
            number=settings.sms_number,
            sms=True,
            voice=both,
            created=self.started,
            sms_url=settings.sms_webhook,
            sms_fallback_url=settings.sms_fallback_url or "",
            voice_url=settings.voice_webhook if both else "",
            voice_fallback_url=(settings.voice_fallback_url or "") if both else "",
            status_callback=(settings.voice_status_url or "") if both else "",
        )
        if both:
            return [sms]
        voice = Line(
            sid=_line_sid(settings.voice_number),
            number=settings.voice_number,
            sms=False,
            voice=True,
            created=self.started,
            voice_url=settings.voice_webhook,
            voice_fallback_url=settings.voice_fallback_url or "",
            status_callback=settings.voice_status_url or "",
        )
        return [sms, voice]

    def start(self) -> None:
        """Let go on what was under way when the simulator was stopped. Needs a running event loop."""
        self.messages.resume()
        self.calls.resume()
        self.spawn(self.telegram.updates.push())

    def let_go(self) -> None:
        """End the requests that wait for something to happen, so that the server can stop at once."""
        self.changes.end()
        self.telegram.updates.end_polls()

    async def close(self) -> None:
        """Stop everything that is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.calls.close()
        await self.webhooks.close()
        await self.telegram.updates.close()
        self.journal.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside everything else; what it raises is logged and kept in `failures`, never swallowed."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self.failures.append(problem)
            _log.error("Something in the simulator failed.", exc_info=problem)

    def alert(self, code: int, text: str, about: str) -> None:
        """Write an entry in the provider's error log; `about` is the identifier of a text or call."""
        self.alerts.append(Alert(at=self.clock.now(), code=code, text=text, about=about))
        self.changes.mark()


def _line_sid(number: str) -> str:
    """The same number keeps its identifier over a restart."""
    return "PN" + number.lstrip("+").zfill(32)
