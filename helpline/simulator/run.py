"""Serves a simulator on an address of this machine."""

import uvicorn

from helpline.simulator.app import create_simulator
from helpline.simulator.settings import SimulatorSettings


async def serve_simulator(settings: SimulatorSettings, host: str, port: int) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM). Raises OSError when the address is taken.

    Whoever starts this in a process of its own also ends it.
    """
    app = create_simulator(settings=settings)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    await uvicorn.Server(config).serve()
