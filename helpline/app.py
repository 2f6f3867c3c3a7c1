"""THE wiring: one place where the rooms are put together. Nothing else builds the whole."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from helpline import clock as clocks
from helpline import web
from helpline.channels import sms, telegram, voice
from helpline.channels.twilio import TwilioAccount
from helpline.clock import Clock, Sweep, SystemClock, Timetable
from helpline.core.codes import Channel
from helpline.desk.house import House
from helpline.desk.sending import Sender
from helpline.errors import CannotStore, HelplineError
from helpline.logs import get
from helpline.outbox import Outbox
from helpline.settings import Settings, TelegramMode
from helpline.store import notices as notices_store
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import require_newest
from helpline.store.notices import InProcessNotices
from helpline.web import health

log = get("helpline.app")

_STATIC = Path(__file__).parent / "web" / "static"
CATCH_UP_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, repr=False)
class Parts:
    """Everything that runs, built once. The web process answers requests; the worker sends and sweeps; one process on
    SQLite does both."""

    settings: Settings
    database: Database
    house: House
    clock: Clock
    notices: InProcessNotices
    outbox: Outbox
    timetable: Timetable
    twilio: TwilioAccount | None
    telegram: telegram.TelegramChannel | None


def build(settings: Settings, *, clock: Clock | None = None, house: House | None = None) -> Parts:
    """Put the parts together. A house that is loaded already may be handed in.

    Raises:
        HelplineError: the settings or the content make no safe start.
    """
    clock = clock or SystemClock()
    house = replace(house or House.load(settings), public_url=settings.public_url)
    database = Database(settings.database_url, Keyring(settings.keys))
    notices = notices_store.for_database(database)
    account = TwilioAccount(settings) if settings.twilio_on else None
    telegram_channel = telegram.TelegramChannel(settings, database, house, clock) if settings.telegram_on else None
    senders: dict[Channel, Sender] = {}
    if account is not None and settings.sms_on:
        senders[Channel.SMS] = sms.SmsSender(account)
    if account is not None and settings.voice_on:
        senders[Channel.PHONE] = voice.VoiceSender(account)
    if telegram_channel is not None:
        senders[Channel.TELEGRAM] = telegram_channel.sender
    outbox = Outbox(database, senders, house=house, clock=clock)
    sweeps = clocks.timetable(house, database)
    if account is not None:
        sweeps += _catch_up(account, settings, database, house, clock)
    return Parts(
        settings=settings,
        database=database,
        house=house,
        clock=clock,
        notices=notices,
        outbox=outbox,
        timetable=Timetable(database, sweeps, clock=clock),
        twilio=account,
        telegram=telegram_channel,
    )


def _catch_up(
    account: TwilioAccount, settings: Settings, database: Database, house: House, clock: Clock
) -> list[Sweep]:
    async def texts(_: datetime) -> None:
        await sms.catch_up(account, database, house=house, clock=clock)

    async def calls(_: datetime) -> None:
        await voice.catch_up_calls(account, database, house, clock)

    sweeps = []
    if settings.sms_on:
        sweeps.append(Sweep(name="catch_up_texts", every=CATCH_UP_EVERY, alone=texts))
    if settings.voice_on:
        sweeps.append(Sweep(name="catch_up_calls", every=CATCH_UP_EVERY, alone=calls))
    return sweeps


@asynccontextmanager
async def running(parts: Parts, *, works: bool = True, receives: bool = True) -> AsyncIterator[None]:
    """Start what runs beside the requests, and stop it again.

    Args:
        works: send deliveries and sweep (the worker; the one process on SQLite).
        receives: take in Telegram (the web process by webhook; whoever works when polling).
    """
    async with AsyncExitStack() as stack:
        # Ended in the opposite order, each whatever became of the one before.
        stack.push_async_callback(parts.database.close)
        await require_newest(parts.database)
        _say_channels(parts.settings)
        if parts.twilio is not None:
            stack.push_async_callback(parts.twilio.close)
        await parts.notices.start()
        stack.push_async_callback(parts.notices.stop)
        if parts.telegram is not None:
            stack.push_async_callback(parts.telegram.stop)
            if receives:
                await parts.telegram.start()
        if works:
            await parts.outbox.start()
            stack.push_async_callback(parts.outbox.stop)
            parts.timetable.start()
            stack.push_async_callback(parts.timetable.stop)
            for sweep in parts.timetable.sweeps:
                if sweep.name.startswith("catch_up"):
                    stack.push_async_callback(_end, asyncio.create_task(_once(parts.timetable, sweep)))
            stack.push_async_callback(_end, asyncio.create_task(_wake_outbox(parts)))
        # Last, and beside the first requests: what the first message and the first search need. One that wants it at
        # once waits for it.
        stack.push_async_callback(_end, asyncio.create_task(asyncio.to_thread(parts.house.get_ready)))
        yield


async def _end(task: asyncio.Task[None]) -> None:
    """Stop a task; a fault that had ended it before is logged, not raised in the middle of the others' ends."""
    task.cancel()
    (fault,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(fault, Exception):
        log.error("task_failed", task=task.get_name(), error=type(fault).__name__)


async def _once(timetable: Timetable, sweep: Sweep) -> None:
    """At start, until it has succeeded: somebody may have written «SOS» while we were away."""
    pause = 1.0
    while not await timetable.run(sweep):
        await asyncio.sleep(pause)
        pause = min(pause * 2, 30.0)


async def _wake_outbox(parts: Parts) -> None:
    """Whatever was committed may have put something in the outbox."""
    async with parts.notices.listening() as told:
        while True:
            await told.get()
            parts.outbox.wake()


def _say_channels(settings: Settings) -> None:
    for name, on in (("telegram", settings.telegram_on), ("sms", settings.sms_on), ("phone", settings.voice_on)):
        log.info("channel_on" if on else "channel_off", channel=name)


def create_app(parts: Parts, *, works: bool = True) -> FastAPI:
    """The web application. `works` False leaves sending and sweeping to `worker` processes."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[Mapping[str, object]]:
        # Polling is for one process: the one that works. A webhook is registered by those who answer it.
        polls = parts.settings.telegram_mode is TelegramMode.POLLING
        async with running(parts, works=works, receives=works or not polls):
            yield {}

    app = FastAPI(title="Helpline", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    for name in ("settings", "database", "house", "clock", "notices", "outbox", "twilio", "telegram"):
        setattr(app.state, name, getattr(parts, name))
    rooms = [health.build_router(), web.build_router()]
    if parts.settings.telegram_on:
        rooms.append(telegram.build_router())
    if parts.settings.sms_on:
        rooms.append(sms.build_router())
    if parts.settings.voice_on:
        rooms.append(voice.build_router(parts.settings, parts.house, on=parts.clock.now().date()))
    for room in rooms:
        # As they are: including a router makes each of its routes anew, and there is nothing to add to them.
        app.router.routes.extend(room.routes)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    web.add_middleware(app, unexpected=_unexpected)
    app.add_exception_handler(HelplineError, _expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(DBAPIError, _storage)
    return app


def _answer(request: Request, status: int, sentence: str) -> Response:
    path = request.url.path
    if path.startswith(("/webhooks/", "/health/", "/metrics", "/api/")):
        return JSONResponse({"error": sentence}, status_code=status)
    return web.error_page(request, status, sentence)


async def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, HelplineError)
    answer = _answer(request, error.status, error.sentence)
    if isinstance(error, CannotStore):
        answer.headers["Retry-After"] = "5"
    return answer


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = {404: "Denne siden finnes ikke.", 405: "Det går ikke an her."}.get(error.status_code, str(error.detail))
    return _answer(request, error.status_code, sentence)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    where = ", ".join(sorted({str(problem["loc"][-1]) for problem in error.errors()}))
    return _answer(request, 400, f"Noe mangler eller er skrevet feil: {where}.")


async def _storage(request: Request, error: Exception) -> Response:
    log.error("storage_error", error=type(error).__name__)
    return _answer(request, 503, "Vi får ikke lagret akkurat nå. Prøv igjen om et øyeblikk.")


async def _unexpected(request: Request, _error: Exception) -> Response:
    return _answer(request, 500, "Noe gikk galt hos oss. Prøv igjen om litt.")
