"""The simulator's application: the pretend providers and the page of handsets on one address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from helpline.simulator import bot_api, control, page, twilio_rest, voice_rest, voice_rooms_rest
from helpline.simulator.breakage import Breakage
from helpline.simulator.clock import Clock
from helpline.simulator.settings import SimulatorSettings
from helpline.simulator.state import Simulator
from helpline.simulator.twilio_errors import TwilioError, not_found


def create_simulator(
    *,
    settings: SimulatorSettings,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """A simulator whose one state object is `app.state.simulator`.

    Its address is both `TELEGRAM_API_URL` and `TWILIO_API_URL`. `clock` lets tests move time, `transport` lets them
    deliver webhooks without a network. Raises ValueError when the journal cannot be read.
    """
    simulator = Simulator(settings, clock=clock, transport=transport)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        simulator.start()
        yield
        await simulator.close()

    app = FastAPI(title="Helpline simulator", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.simulator = simulator
    app.add_middleware(Breakage, faults=simulator.faults)
    for room in (twilio_rest, voice_rest, voice_rooms_rest, bot_api, control, page):
        # As they are: including a router makes each of its routes anew, and there is nothing to add to them.
        app.router.routes.extend(room.router.routes)
    app.add_exception_handler(TwilioError, _refused)
    app.add_exception_handler(404, _not_found)
    return app


async def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, TwilioError)
    return problem.response()


async def _not_found(request: Request, problem: Exception) -> Response:
    if request.url.path.startswith(("/2010-04-01/", "/v1/")):
        return not_found(request.url.path).response()
    return JSONResponse({"error": f"There is nothing at {request.url.path}."}, status_code=404)
