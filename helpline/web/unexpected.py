"""What nobody foresaw: it is logged by place and kind, and answered as other errors are."""

import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpline.logs import get

log = get("helpline.unexpected")

Answer = Callable[[Request, Exception], Awaitable[Response]]


class Unexpected:
    """Answers where the application fell. Plain ASGI and inside of the headers, so that its answers carry them too."""

    def __init__(self, app: ASGIApp, *, answer: Answer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            route = getattr(scope.get("route"), "path", "")
            log.error("unexpected", error=_kind(error), route=route, method=scope["method"], where=places(error))
            # An answer that had begun is broken off: the server sees that it never came to its end.
            if not begun:
                answer = await self._answer(Request(scope, receive), error)
                await answer(scope, receive, send)


def places(error: BaseException) -> list[str]:
    """Where it fell, and where its causes did, the innermost last. The words of an error are left out: they may be
    somebody's, or hold a number."""
    found = [
        f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    if error.__cause__ is not None:
        found += [f"because of {_kind(error.__cause__)}", *places(error.__cause__)]
    return found


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"
