"""The simulator can be told to fail, as the real providers do now and then.

A target is written `api/operation`: `telegram/sendMessage`, `twilio/POST Messages`, `webhook/sms`,
`webhook/sms-status`, `webhook/voice`, `webhook/voice-status`, `webhook/telegram`; `*` stands for anything, so
`telegram/*` is the whole Bot API.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from helpline.simulator.clock import Clock
from helpline.simulator.webhooks import WebhookDisturbance


class FaultKind(StrEnum):
    """What goes wrong. The first five are for requests to the APIs, `late` for both, the rest for webhooks."""

    ERROR = "error"
    LIMIT = "limit"
    TIMEOUT = "timeout"
    LOST = "lost"
    LATE = "late"
    TWICE = "twice"
    REORDER = "reorder"
    DROP = "drop"
    UNDELIVERED = "undelivered"


#: In the words of the page.
MEANINGS = {
    FaultKind.ERROR: "svarer med feil",
    FaultKind.LIMIT: "svarer «for mange forespørsler»",
    FaultKind.TIMEOUT: "svarer ikke, og gjør ingenting",
    FaultKind.LOST: "gjør det den skal, men svaret går tapt",
    FaultKind.LATE: "kommer for sent",
    FaultKind.TWICE: "kommer to ganger",
    FaultKind.REORDER: "kommer etter den neste",
    FaultKind.DROP: "kommer aldri fram",
    FaultKind.UNDELIVERED: "meldingen når ikke telefonen",
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong for the next requests that match.

    `seconds` is the delay of `late` and `timeout`, and the `retry_after` of `limit`; `status` the HTTP status of
    `error` and `lost`; `code` the provider's error code of `undelivered`.
    """

    kind: FaultKind
    target: str = "*"
    seconds: float = 0.0
    status: int = 500
    code: int = 30003


class Faults(WebhookDisturbance):
    """The faults that are ordered and not used up yet. The oldest one that matches is taken."""

    def __init__(self, clock: Clock, *, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._ordered: list[tuple[Fault, int]] = []
        self._overtaken: dict[str, list[asyncio.Event]] = {}

    def order(self, fault: Fault, *, times: int = 1) -> None:
        """Let `fault` happen the next `times` times it fits. Raises ValueError when `times` is not positive."""
        if times < 1:
            raise ValueError("A fault must be ordered at least once.")
        self._ordered.append((fault, times))
        self._changed()

    def clear(self) -> None:
        """Forget every ordered fault and let go whatever waits to be overtaken."""
        self._ordered.clear()
        for waiting in self._overtaken.values():
            for event in waiting:
                event.set()
        self._changed()

    def ordered(self) -> list[tuple[Fault, int]]:
        """The faults still to come, each with how many times."""
        return list(self._ordered)

    def take(self, target: str, *kinds: FaultKind) -> Fault | None:
        """Use up one fault of one of `kinds` that fits `target`, or None."""
        for index, (fault, left) in enumerate(self._ordered):
            if fault.kind in kinds and fnmatchcase(target, fault.target):
                if left == 1:
                    del self._ordered[index]
                else:
                    self._ordered[index] = (fault, left - 1)
                self._changed()
                return fault
        return None

    async def wait(self, seconds: float) -> None:
        """Let `seconds` pass on the simulator's clock."""
        await self._clock.sleep(seconds)

    async def before(self, area: str) -> None:
        late = self.take(f"webhook/{area}", FaultKind.LATE)
        if late is not None:
            await self._clock.sleep(late.seconds)
        if self.take(f"webhook/{area}", FaultKind.REORDER) is not None:
            event = asyncio.Event()
            self._overtaken.setdefault(area, []).append(event)
            await event.wait()

    def copies(self, area: str) -> int:
        if self.take(f"webhook/{area}", FaultKind.DROP) is not None:
            return 0
        return 2 if self.take(f"webhook/{area}", FaultKind.TWICE) is not None else 1

    def after(self, area: str) -> None:
        for event in self._overtaken.pop(area, []):
            event.set()
