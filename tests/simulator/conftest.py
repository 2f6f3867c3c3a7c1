"""A running simulator and a small recording service, both over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from helpline.simulator.app import create_simulator
from helpline.simulator.settings import SimulatorSettings
from helpline.simulator.state import Simulator
from tests.serving import serving

ACCOUNT = "AC" + "0" * 32
TOKEN = "pretend-auth-token"
BOT_TOKEN = "123456:pretend-bot-token"
SMS_NUMBER = "+4759440000"
VOICE_NUMBER = "+4721000000"
CALLER = "+4790000001"


@dataclass(frozen=True)
class Received:
    """One request that reached the recording service."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


Answer = tuple[int, str, str]
EMPTY_TWIML: Answer = (200, "<Response/>", "text/xml")


@dataclass
class RecordingService:
    """A service that keeps what it gets and answers what it is told: the queued answers first, then `answer`."""

    answer: Answer = EMPTY_TWIML
    queued: list[Answer] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    got: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        self.received.append(Received(request.method, str(request.url), dict(request.headers), body))
        self.got.set()
        self.got = asyncio.Event()
        status, text, kind = self.queued.pop(0) if self.queued else self.answer
        await Response(text, status, media_type=kind)(scope, receive, send)

    async def until(self, count: int) -> list[Received]:
        """What was received, once there are `count` requests."""
        async with asyncio.timeout(5):
            while len(self.received) < count:
                await self.got.wait()
        return self.received


def simulator_settings(service_url: str, *, journal: Path | None = None, **more: object) -> SimulatorSettings:
    return SimulatorSettings(
        service_url=service_url,
        account_sid=ACCOUNT,
        auth_tokens=(TOKEN,),
        sms_number=SMS_NUMBER,
        voice_number=VOICE_NUMBER,
        telegram_token=BOT_TOKEN,
        delivery_seconds=0.0,
        telegram_retry_seconds=0.01,
        journal=journal,
        **more,  # type: ignore[arg-type]  # tests pass the settings' own fields by name
    )


@dataclass(frozen=True)
class Running:
    """A simulator that serves at `url`."""

    url: str
    app: FastAPI
    simulator: Simulator
    http: httpx.AsyncClient

    async def until(self, holds: Callable[[], bool]) -> None:
        await self.simulator.changes.until(holds)


@asynccontextmanager
async def running(settings: SimulatorSettings) -> AsyncIterator[Running]:
    app = create_simulator(settings=settings)
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as http:
        yield Running(url, app, app.state.simulator, http)
        app.state.simulator.let_go()
        assert app.state.simulator.failures == []


@pytest.fixture
async def service() -> RecordingService:
    return RecordingService()


@pytest.fixture
async def service_url(service: RecordingService) -> AsyncIterator[str]:
    async with serving(service, lifespan=False) as url:
        yield url


@pytest.fixture
async def line(service_url: str) -> AsyncIterator[Running]:
    async with running(simulator_settings(service_url)) as started:
        yield started
