"""Time for the simulator: the real clock for the demo, one that is moved by hand for tests."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the simulator needs of time."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed on this clock."""


class SystemClock:
    """The clock on the wall."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that stands still until `advance` moves it, so that tests need not wait."""

    def __init__(self, start: datetime) -> None:
        """`start` must be aware. Raises ValueError when it is not."""
        if start.tzinfo is None:
            raise ValueError("The start of a clock must carry its time zone.")
        self._now = start.astimezone(UTC)
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + timedelta(seconds=seconds), waker))
        await waker

    async def advance(self, seconds: float) -> None:
        """Move the clock; sleepers wake in the order of their times, each seeing its own time as now.

        A sleeper that goes to sleep again within the span is woken again. Network requests started by a sleeper are
        not waited for: wait for what they lead to.
        """
        target = self._now + timedelta(seconds=seconds)
        while True:
            await self._settle()
            self._sleepers = [(due, waker) for due, waker in self._sleepers if not waker.done()]
            ready = [sleeper for sleeper in self._sleepers if sleeper[0] <= target]
            if not ready:
                break
            sleeper = min(ready, key=lambda candidate: candidate[0])
            self._sleepers.remove(sleeper)
            self._now = max(self._now, sleeper[0])
            sleeper[1].set_result(None)
        self._now = target

    @staticmethod
    async def _settle() -> None:
        """Let tasks that can run without waiting for the network run up to their next wait."""
        for _ in range(10):
            await asyncio.sleep(0)
