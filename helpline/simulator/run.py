"""Serves a simulator on an address of this machine."""

import socket

import uvicorn

from helpline.simulator.app import create_simulator
from helpline.simulator.settings import SimulatorSettings
from helpline.simulator.state import Simulator


class _Server(uvicorn.Server):
    """Ends the long polls before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, simulator: Simulator) -> None:
        super().__init__(config)
        self._simulator = simulator

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._simulator.let_go()
        await super().shutdown(sockets)


async def serve_simulator(settings: SimulatorSettings, host: str, port: int) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM). Raises OSError when the address is taken.

    Whoever starts this in a process of its own also ends it.
    """
    app = create_simulator(settings=settings)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    # Bound here, so that a taken address is an error for the caller and not the end of its process.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        await _Server(config, app.state.simulator).serve(sockets=[listening])
