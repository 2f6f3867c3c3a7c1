"""Applies the ordered faults to requests for the pretend APIs, before or after they have their effect."""

import asyncio
import json
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpline.simulator.faults import Fault, FaultKind, Faults

_TELEGRAM = re.compile(r"/(?:file/)?bot[^/]*/(?P<operation>[^/]+)")
_TWILIO = re.compile(r"/2010-04-01/Accounts/[^/]+/(?P<resource>[A-Za-z]+)")

_FOR_REQUESTS = (FaultKind.ERROR, FaultKind.LIMIT, FaultKind.TIMEOUT, FaultKind.LOST, FaultKind.LATE)


class Breakage:
    """Middleware. A request that fits no fault passes untouched."""

    def __init__(self, app: ASGIApp, *, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = _target(scope) if scope["type"] == "http" else None
        fault = self._faults.take(target, *_FOR_REQUESTS) if target is not None else None
        if target is None or fault is None:
            await self._app(scope, receive, send)
            return
        if fault.kind is FaultKind.LATE:
            await self._faults.wait(fault.seconds)
            await self._app(scope, receive, send)
            return
        if fault.kind is FaultKind.LOST:
            await self._app(scope, receive, _nowhere)
        if fault.kind in {FaultKind.TIMEOUT, FaultKind.LOST} and await self._given_up(fault.seconds, receive):
            return
        await _refuse(target, fault, send)

    async def _given_up(self, seconds: float, receive: Receive) -> bool:
        """Wait; whether the other end hung up before the time was over."""
        waiting = asyncio.ensure_future(self._faults.wait(seconds))
        gone = asyncio.ensure_future(_disconnected(receive))
        done, _ = await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, gone):
            task.cancel()
        await asyncio.gather(waiting, gone, return_exceptions=True)
        return gone in done


def _target(scope: Scope) -> str | None:
    path = scope["path"]
    if match := _TELEGRAM.match(path):
        return f"telegram/{match['operation']}"
    if match := _TWILIO.match(path):
        return f"twilio/{scope['method']} {match['resource']}"
    return None


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nowhere(message: Message) -> None:
    """Where an answer goes that never arrives."""


async def _refuse(target: str, fault: Fault, send: Send) -> None:
    headers = [(b"content-type", b"application/json")]
    seconds = max(1, round(fault.seconds))
    if fault.kind is FaultKind.LIMIT:
        status, words, code = 429, "Too Many Requests", 20429
        headers.append((b"retry-after", str(seconds).encode()))
    elif fault.kind is FaultKind.TIMEOUT:
        status, words, code = 504, "Gateway Timeout", 20504
    else:
        status, words, code = fault.status, "Internal Server Error", 20500
    document: dict[str, object]
    if target.startswith("telegram/"):
        document = {"ok": False, "error_code": status, "description": words}
        if fault.kind is FaultKind.LIMIT:
            document["description"] = f"{words}: retry after {seconds}"
            document["parameters"] = {"retry_after": seconds}
    else:
        more = f"https://www.twilio.com/docs/errors/{code}"
        document = {"code": code, "message": words, "more_info": more, "status": status}
    body = json.dumps(document).encode()
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
