"""Tells whoever waits that something in the simulator has changed: the page and the tests."""

import asyncio
from collections.abc import Callable


class Changes:
    """A counter that only grows, and a way to wait until it has grown."""

    def __init__(self) -> None:
        self.revision = 0
        self._ending = False
        self._grown = asyncio.Event()

    def mark(self) -> None:
        """Something has changed."""
        self.revision += 1
        self._grown.set()
        self._grown = asyncio.Event()

    def end(self) -> None:
        """Nobody waits any longer: the simulator is stopping."""
        self._ending = True
        self.mark()

    async def after(self, revision: int, *, timeout: float) -> bool:
        """Wait at most `timeout` seconds until there is something newer than `revision`; whether there is."""
        try:
            async with asyncio.timeout(timeout):
                while self.revision <= revision and not self._ending:
                    await self._grown.wait()
        except TimeoutError:
            return False
        return self.revision > revision

    async def until(self, holds: Callable[[], bool], *, timeout: float = 5.0) -> None:
        """Wait until `holds()`, looking again after every change. Raises TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not holds():
                grown = self._grown
                if holds():
                    return
                await grown.wait()
