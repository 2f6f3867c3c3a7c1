"""A scripted service on the telephone, and a simulator whose clock is moved by hand, both over real HTTP."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
from fastapi import FastAPI, Request, Response

from helpline.simulator.app import create_simulator
from helpline.simulator.calls import Calls
from helpline.simulator.clock import ManualClock
from helpline.simulator.settings import SimulatorSettings
from helpline.simulator.state import Simulator
from tests.serving import serving
from tests.simulator.conftest import ACCOUNT, TOKEN, VOICE_NUMBER, simulator_settings
from tests.simulator.twilio_library import Client, RedirectedClient, RequestValidator

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CALLER = "+4790000001"
OTHER_CALLER = "+4790000002"
ADVISOR = "+4790000003"

Form = dict[str, str]
#: What a path answers: a document, an answer with its status, or either worked out from the form.
Script = str | Response | Callable[[Form], str | Response]


@dataclass
class VoiceService:
    """Answers each path as its script says, refuses what the real library finds wrongly signed, and keeps it all."""

    scripts: dict[str, Script] = field(default_factory=dict)
    asked: list[tuple[str, Form]] = field(default_factory=list)
    url: str = ""

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/{path:path}", self._answer, methods=["GET", "POST"])
        return app

    async def _answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        signed = request.headers["x-twilio-signature"]
        assert RequestValidator(TOKEN).validate(str(request.url), form, signed)
        path = request.url.path
        self.asked.append((path, form or dict(request.query_params)))
        script = self.scripts.get(path, Response(status_code=204))
        answer = script(self.asked[-1][1]) if callable(script) and not isinstance(script, Response) else script
        if isinstance(answer, Response):
            return answer
        return Response(f"<?xml version='1.0' encoding='UTF-8'?><Response>{answer}</Response>", media_type="text/xml")

    def forms(self, path: str) -> list[Form]:
        """What was posted to `path`, in order."""
        return [form for asked, form in self.asked if asked == path]

    def told(self, path: str, *names: str) -> list[tuple[str | None, ...]]:
        """These parameters of every request to `path`, in order."""
        return [tuple(form.get(name) for name in names) for form in self.forms(path)]


@dataclass(frozen=True)
class Telephones:
    """Everything a test of calls needs."""

    service: VoiceService
    simulator: Simulator
    calls: Calls
    clock: ManualClock
    client: Any

    async def ring(self, number: str | None = CALLER) -> str:
        """Somebody rings the line; the call's sid once the first document is done with."""
        sid = await self.calls.place_call(number, VOICE_NUMBER)
        await self.calls.settled()
        return sid

    async def press(self, sid: str, keys: str) -> None:
        self.calls.press(sid, keys)
        await self.calls.settled()

    async def hang_up(self, sid: str) -> None:
        self.calls.hang_up(sid)
        await self.calls.settled()

    async def answer(self, sid: str) -> None:
        self.calls.answer(sid)
        await self.calls.settled()

    async def wait(self, seconds: float) -> None:
        """Let time pass, a second at a time, and let what it leads to happen."""
        for _ in range(int(seconds)):
            await self.clock.advance(1)
            await self.calls.settled()

    def heard(self, sid: str) -> list[str]:
        """What was heard on a leg, in words; keys left out."""
        return [line.text for line in self.calls.leg(sid).heard if line.sound != "key"]

    def rung(self, number: str = ADVISOR) -> str:
        """The newest call to a telephone."""
        return next(leg.sid for leg in reversed(self.calls.board.legs.values()) if leg.to == number)

    def statuses(self) -> dict[str, str]:
        return {leg["sid"]: leg["status"] for leg in self.calls.legs()}

    def alerts(self) -> list[int]:
        return [alert.code for alert in self.simulator.alerts]

    def answer_from(self, path: str, script: Script) -> None:
        self.service.scripts[path] = script

    def check_nothing_broke(self) -> None:
        """Faults of the simulator itself."""
        assert self.simulator.failures == []
        assert self.calls.board.failures == []

    def set_line(self, **changes: str) -> None:
        """Change the voice line's addresses, given as paths."""
        line = self.simulator.lines.by_number(VOICE_NUMBER)
        assert line is not None
        self.simulator.lines.update(line.sid, {name: self.service.url + path for name, path in changes.items()})


@asynccontextmanager
async def telephones(*, over_http: bool = True) -> AsyncIterator[Telephones]:
    """A line whose VoiceUrl is `/voice`, without fallback and status callback, signed in with the real library.

    Without `over_http` no server is started: for tables of cases that need no REST. Webhooks are the same but for the
    network between.
    """
    service, clock = VoiceService(), ManualClock(START)
    if not over_http:
        service.url = "http://line.example"
        transport = httpx.ASGITransport(service.app())
        app = create_simulator(settings=_settings(service.url), clock=clock, transport=transport)
        async with app.router.lifespan_context(app):
            phones = _telephones(service, app, clock, None)
            yield phones
            phones.check_nothing_broke()
        return
    async with serving(service.app(), lifespan=False) as service.url:
        app = create_simulator(settings=_settings(service.url), clock=clock)
        async with serving(app) as url, RedirectedClient(url) as http:
            phones = _telephones(service, app, clock, Client(ACCOUNT, TOKEN, http_client=http))
            yield phones
            phones.check_nothing_broke()


def _settings(service_url: str) -> SimulatorSettings:
    # Without the fragment there are no repeats: every test sees exactly what it asked for.
    return replace(simulator_settings(service_url), voice_url=f"{service_url}/voice")


def _telephones(service: VoiceService, app: FastAPI, clock: ManualClock, client: Any) -> Telephones:
    simulator: Simulator = app.state.simulator
    return Telephones(service, simulator, simulator.calls, clock, client)
