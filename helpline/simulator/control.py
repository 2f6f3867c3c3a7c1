"""The simulator's own interface, `/simulator/api/…`: for its page, and for whoever orders faults.

Everything is JSON. It is open to whoever reaches the port, like the rest of a rehearsal: nothing here is real.
"""

import dataclasses
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from helpline.simulator.faults import Fault, FaultKind
from helpline.simulator.parts import encoding
from helpline.simulator.state import Simulator

router = APIRouter(prefix="/simulator/api")

#: A look that nothing answers ends after this many seconds; the page then asks again.
LONGEST_LOOK = 25.0


class Asked(BaseModel):
    """What every request body has in common: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultAsked(Asked):
    kind: FaultKind
    target: str = "*"
    times: int = Field(default=1, ge=1, le=10_000)
    seconds: float = Field(default=0.0, ge=0, le=3_600)
    status: int = Field(default=500, ge=400, le=599)
    code: int = 30003


class TextAsked(Asked):
    from_: str = Field(alias="from", min_length=1)
    to: str | None = None
    body: str
    media: tuple[str, ...] = ()


class OptOutAsked(Asked):
    on: bool


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


@router.get("/state")
async def state(request: Request, after: int = -1) -> JSONResponse:
    """Everything the page shows, when there is something newer than revision `after` or after a while anyway."""
    simulator = _simulator(request)
    await simulator.changes.after(after, timeout=LONGEST_LOOK)
    return JSONResponse(seen(simulator))


@router.post("/texts")
async def send_text(request: Request, asked: TextAsked) -> JSONResponse:
    """A handset sends a text."""
    simulator = _simulator(request)
    try:
        received = simulator.messages.receive(
            from_=asked.from_, to=asked.to or simulator.settings.sms_number, body=asked.body, media=asked.media
        )
    except ValueError as problem:
        return JSONResponse({"error": str(problem)}, status_code=400)
    return JSONResponse({"sids": [message.sid for message in received]}, status_code=201)


@router.post("/faults")
async def order_fault(request: Request, asked: FaultAsked) -> JSONResponse:
    """Let something go wrong."""
    fault = Fault(kind=asked.kind, target=asked.target, seconds=asked.seconds, status=asked.status, code=asked.code)
    _simulator(request).faults.order(fault, times=asked.times)
    return JSONResponse({"ordered": True}, status_code=201)


@router.delete("/faults")
async def clear_faults(request: Request) -> JSONResponse:
    """Let everything go right again."""
    _simulator(request).faults.clear()
    return JSONResponse({"ordered": False})


@router.post("/opt-out")
async def switch_opt_out(request: Request, asked: OptOutAsked) -> JSONResponse:
    """Switch Twilio's own handling of STOP and START on or off."""
    simulator = _simulator(request)
    simulator.messages.default_opt_out = asked.on
    simulator.changes.mark()
    return JSONResponse({"on": asked.on})


def seen(simulator: Simulator) -> dict[str, Any]:
    """The whole state as the page sees it."""
    return {
        "revision": simulator.changes.revision,
        "now": simulator.clock.now().isoformat(),
        "numbers": {"sms": simulator.settings.sms_number, "voice": simulator.settings.voice_number},
        "opt_out": simulator.messages.default_opt_out,
        "texts": [
            {
                "sid": message.sid,
                "direction": "in" if message.direction == "inbound" else "out",
                "from": message.from_,
                "to": message.to,
                "body": message.body,
                "parts": message.parts,
                "encoding": encoding(message.body),
                "status": message.status,
                "error_code": message.error_code,
                "trouble": message.trouble,
                "at": message.created.isoformat(),
            }
            for message in simulator.messages.all()
        ],
        "faults": [{**dataclasses.asdict(fault), "times": times} for fault, times in simulator.faults.ordered()],
        "alerts": [
            {"at": alert.at.isoformat(), "code": alert.code, "text": alert.text, "about": alert.about}
            for alert in simulator.alerts[-50:]
        ],
        "webhooks": [
            {
                "at": attempt.at.isoformat(),
                "url": attempt.url,
                "status": attempt.status,
                "failure": attempt.failure,
                "number": attempt.number,
                "milliseconds": attempt.milliseconds,
            }
            for attempt in list(simulator.webhooks.attempts)[-50:]
        ],
    }
