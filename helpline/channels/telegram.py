"""Telegram: the webhook's address, and the one object that owns the bot.

An update becomes an `Inbound` (telegram_inbound), goes through the desk in one transaction, and is answered. Words out
leave through the outbox (telegram_sending). What the library cannot decode is kept raw and counted, never in the way
of what comes after it.
"""

import asyncio
import hmac
import json
import traceback
from collections.abc import Coroutine
from functools import cache
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramRetryAfter
from aiogram.utils.token import TokenValidationError
from fastapi import APIRouter, Request, Response
from prometheus_client import Counter

from helpline.channels.telegram_inbound import (
    ALLOWED_UPDATES,
    PROVIDER,
    Document,
    Received,
    read_update,
    update_id_of,
)
from helpline.channels.telegram_polling import Polling
from helpline.channels.telegram_sending import TelegramSender
from helpline.clock import Clock
from helpline.desk.house import House
from helpline.desk.receive import receive
from helpline.errors import CannotStore, HelplineError, NotAllowed, NotFound, SettingsError
from helpline.logs import get
from helpline.settings import Settings, TelegramMode
from helpline.store import events
from helpline.store.db import Database, WriteSession

log = get("helpline.telegram")

PATH = "/webhooks/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
#: Bytes of an update; real ones are a few thousand.
LARGEST_UPDATE = 1024 * 1024
#: Seconds for one request, well under the outbox's lease.
REQUEST_TIMEOUT = 20
#: Pauses in seconds between attempts to tell Telegram our address.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0

UNREADABLE = Counter(
    "helpline_telegram_unreadable_updates",
    "Updates from Telegram that were kept raw because they could not be read or handled: somebody must look.",
    ["reason"],
)


@cache
def build_router() -> APIRouter:
    """The webhook. `app.state.telegram` is the running TelegramChannel, or None where the channel is off."""
    router = APIRouter()

    @router.post(PATH, include_in_schema=False)
    async def telegram_update(request: Request) -> Response:
        channel: TelegramChannel | None = getattr(request.app.state, "telegram", None)
        if channel is None:
            raise NotFound("Telegram is not set up here.")
        if not channel.is_genuine(request.headers.get(SECRET_HEADER)):
            raise NotAllowed("This does not come from Telegram: the secret token is missing or wrong.")
        raw = await _body(request)
        await channel.take_in(_document(raw), raw)
        return Response()

    return router


async def _body(request: Request) -> str:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_UPDATE:
            raise HelplineError("The update is too large.", status=413)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise HelplineError("The update is not UTF-8.") from error


def _document(raw: str) -> Document:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise HelplineError("The update is not JSON.") from error
    if not isinstance(document, dict) or update_id_of(document) is None:
        raise HelplineError("The update has no update_id.")
    return document


async def set_webhook(bot: Bot, settings: Settings) -> None:
    """Tell Telegram where updates go and which secret they carry.

    Raises:
        AiogramError: Telegram refuses the address, or cannot be reached.
    """
    secret = settings.telegram_webhook_secret
    await bot.set_webhook(
        settings.public_url + PATH,
        secret_token=secret.get_secret_value() if secret is not None else None,
        allowed_updates=ALLOWED_UPDATES,
    )


class _Session(AiohttpSession):
    """The library's, without its pause of a quarter of a second for TLS connections to end: aiohttp waits for them."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class TelegramChannel:
    """Owns the bot, its sender and, in polling mode, the loop that fetches updates."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        house: House,
        clock: Clock,
        *,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        """Raises SettingsError when there is no token, or none that could be one."""
        if settings.telegram_token is None:
            raise SettingsError("HELPLINE_TELEGRAM_TOKEN is not set: Telegram is off.")
        server = TelegramAPIServer.from_base(settings.telegram_api_url)
        try:
            self.bot = Bot(
                settings.telegram_token.get_secret_value(),
                session=_Session(api=server, timeout=REQUEST_TIMEOUT),
            )
        except TokenValidationError as error:
            raise SettingsError(
                "HELPLINE_TELEGRAM_TOKEN must be the number, colon and secret from BotFather."
            ) from error
        self.sender = TelegramSender(self.bot)
        self._polling = Polling(self.bot, database, clock, take_in=self.take_in, first_pause=first_pause)
        self._settings = settings
        self._database = database
        self._house = house
        self._clock = clock
        self._first_pause = first_pause
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to receive. A Telegram that is away does not stop the start."""
        if self._settings.telegram_mode is TelegramMode.POLLING:
            log.info("telegram_polls", webhook="not used")
            self._polling.start()
            return
        if self._settings.telegram_webhook_secret is None:
            log.error("telegram_webhook_without_secret", advice="set HELPLINE_TELEGRAM_WEBHOOK_SECRET")
        self._spawn(self._set_webhook())

    async def stop(self) -> None:
        """Stop receiving and sending, and close the connections. What is under way is dropped and comes again."""
        self.sender.stop()
        await self._polling.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.bot.session.close()

    def is_genuine(self, secret: str | None) -> bool:
        """Whether a webhook request carries our secret, compared in constant time. Never true without one."""
        ours = self._settings.telegram_webhook_secret
        if ours is None or secret is None:
            return False
        return hmac.compare_digest(ours.get_secret_value().encode(), secret.encode("utf-8", "surrogateescape"))

    async def take_in(self, document: Document, raw: str) -> None:
        """Take in one update that has an id: stored, understood and answered in one transaction, once.

        Raises:
            CannotStore: nothing was done; it must come again.
        """
        received = read_update(document, raw=raw, bot=self.bot)
        try:
            new = await self._store(received)
        except CannotStore:
            raise
        except Exception as error:
            # A fault of ours must not make Telegram repeat this one for ever and hold back everybody behind it. Another
            # transaction may have been in the way, so it is tried once more before it is put aside.
            _report(received, error)
            try:
                new = await self._store(received)
            except CannotStore:
                raise
            except Exception as again:
                _report(received, again)
                received = Received(update_id=received.update_id, raw=raw, unreadable="failed")
                new = await self._store(received)
        if not new:
            return
        if received.unreadable is not None:
            UNREADABLE.labels(received.unreadable).inc()
            log.error("update_unreadable", update=received.update_id, reason=received.unreadable)
        if received.button is not None:
            self._spawn(self._release(received.button))

    async def _store(self, received: Received) -> bool:
        """One transaction. False when the update has been here before."""
        async with self._database.writing() as session:
            if received.inbound is not None and received.unreadable is None:
                turn = await receive(session, received.inbound, house=self._house, now=self._clock.now())
                return not turn.repeated
            return await self._keep(session, received)

    async def _keep(self, session: WriteSession, received: Received) -> bool:
        """Store an update that is no plain contact; what could be seen in one of unknown shape is received too."""
        now = self._clock.now()
        event_id = await events.take_in(
            session,
            provider=PROVIDER,
            account=str(self.bot.id),
            external_id=str(received.update_id),
            raw=received.raw,
            now=now,
            unreadable=received.unreadable,
        )
        if event_id is None:
            return False
        if received.inbound is not None:
            turn = await receive(session, received.inbound, house=self._house, now=now)
            if turn.contact_id is not None:
                await events.belongs_to(session, event_id, turn.contact_id)
        return True

    async def _release(self, query_id: str) -> None:
        """Stop the clock on a pressed button. Whether that succeeds changes nothing."""
        try:
            await self.bot.answer_callback_query(query_id)
        except AiogramError as error:
            log.info("button_not_released", problem=type(error).__name__)

    async def _set_webhook(self) -> None:
        pause = self._first_pause
        while True:
            wait = pause
            try:
                await set_webhook(self.bot, self._settings)
            except AiogramError as error:
                if isinstance(error, TelegramRetryAfter):
                    wait = max(wait, float(error.retry_after))
                log.error("telegram_webhook_not_set", problem=type(error).__name__, again_in=wait)
            else:
                log.info("telegram_webhook_set")
                return
            await asyncio.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _report(received: Received, error: Exception) -> None:
    """Say where it failed. The error's own words may quote the message, so they are left out."""
    where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
    log.error("update_failed", update=received.update_id, error=type(error).__name__, where=" > ".join(where))
