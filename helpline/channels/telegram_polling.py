"""Long polling, for an installation that Telegram cannot reach.

The library's own polling decodes a batch as a whole, so that one update it does not know stops all later ones for
ever. Here a batch comes raw, is decoded update by update, and each is confirmed only after its own commit.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

from aiogram import Bot
from aiogram.exceptions import TelegramConflictError, TelegramRetryAfter
from aiogram.methods import TelegramMethod

from helpline.channels.telegram_inbound import ALLOWED_UPDATES, Document, update_id_of
from helpline.clock import Clock
from helpline.errors import CannotStore
from helpline.logs import get
from helpline.store.db import Database, take_lease

log = get("helpline.telegram")

#: Seconds that Telegram holds a request open while nothing happens, and what the answer may take on top.
HOLD = 20
ANSWER = 8
#: Pause in seconds after the first failure; it doubles up to the longest.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
#: With several processes one polls. Another takes over when it stops, or has been silent this long: longer than a poll.
LEASE = timedelta(seconds=40)


class GetRawUpdates(TelegramMethod[list[Any]]):
    """getUpdates whose answer is not decoded."""

    __returning__: ClassVar[Any] = list[Any]
    __api_method__: ClassVar[str] = "getUpdates"

    offset: int | None
    timeout: int
    allowed_updates: list[str]


class NothingToConfirm(Exception):
    """A batch without a single update that has an id."""


class Polling:
    """Fetches updates until stopped. `take_in(document, raw)` commits one update, or raises and has done nothing."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        clock: Clock,
        *,
        take_in: Callable[[Document, str], Awaitable[None]],
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._bot = bot
        self._database = database
        self._clock = clock
        self._take_in = take_in
        self._first_pause = first_pause
        self._owner = uuid4().hex
        self._offset: int | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="telegram polling")

    async def stop(self) -> None:
        """Stop. What was not confirmed comes again at the next start and is known by its id."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            with suppress(CannotStore):
                await self._is_ours(timedelta(0))

    async def _run(self) -> None:
        failures = 0
        webhook_gone = False
        while True:
            pause = min(self._first_pause * 2**failures, LONGEST_PAUSE)
            try:
                if not await self._is_ours():
                    await asyncio.sleep(pause)
                    continue
                if not webhook_gone:
                    await self._bot.delete_webhook()
                    webhook_gone = True
                await self._round()
            except TelegramRetryAfter as error:
                pause = max(pause, float(error.retry_after))
                problem = "too_many_requests"
            except TelegramConflictError:
                webhook_gone = False
                problem = "another_bot_or_webhook"
            except Exception as error:
                # Telegram or the database is away, or the fault is ours: the loop outlives it and says so each time.
                problem = type(error).__name__
            else:
                failures = 0
                continue
            failures = min(failures + 1, 10)
            log.error("telegram_polling_failed", problem=problem, again_in=pause)
            await asyncio.sleep(pause)

    async def _round(self) -> None:
        """One batch. What cannot be stored stays unconfirmed, and so does all that comes after it."""
        request = GetRawUpdates(offset=self._offset, timeout=HOLD, allowed_updates=ALLOWED_UPDATES)
        updates = await self._bot(request, request_timeout=HOLD + ANSWER)
        confirmed = None
        for update in updates:
            update_id = update_id_of(update)
            if update_id is None:
                log.error("update_without_id")
                continue
            await self._take_in(update, json.dumps(update, ensure_ascii=False))
            confirmed = self._offset = update_id + 1
        if confirmed is None:
            if updates:
                raise NothingToConfirm
            # All before it is confirmed by now; after a quiet week Telegram may begin anywhere.
            self._offset = None

    async def _is_ours(self, lease: timedelta = LEASE) -> bool:
        """Win or renew the lease, or let it go at once (`lease` zero). On SQLite there is one process."""
        if self._database.is_sqlite:
            return True
        now = self._clock.now()
        async with self._database.writing() as session:
            return await take_lease(session, "telegram_polling", owner=self._owner, now=now, until=now + lease)
