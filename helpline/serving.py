"""Runs what app.py put together: an HTTP server, or a worker without one, until told to stop."""

import asyncio
import signal
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from helpline.app import Parts, running
from helpline.errors import SettingsError
from helpline.settings import TelegramMode
from helpline.store.notices import InProcessNotices


class _Server(uvicorn.Server):
    """Says when it is ready, and lets the streams end before it waits for what is being answered."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None] | None, end_streams: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._when_started = started
        self._end_streams = end_streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._when_started is not None:
            self._when_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A stream would last for minutes: the server would wait in vain, and then break each of them off aloud.
        self._end_streams()
        await super().shutdown(sockets)


async def serve_app(app: FastAPI, host: str, port: int, *, started: Callable[[], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; `started` is called once requests are answered.

    Raises:
        SettingsError: the address is taken.
    """
    try:
        listening = socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        raise SettingsError(
            f"The address {host}:{port} is taken: stop what runs there, or set HELPLINE_PORT to another one."
        ) from error
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=2,
    )
    notices: InProcessNotices = app.state.notices
    with listening:
        await _Server(config, started, notices.end_listening).serve(sockets=[listening])


async def work(parts: Parts) -> None:
    """Send and sweep until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(parts, receives=parts.settings.telegram_mode is TelegramMode.POLLING):
        await stop.wait()
