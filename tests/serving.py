"""An application over real HTTP in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp


def bound() -> tuple[socket.socket, str]:
    """A socket of our own on a free port, and its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@asynccontextmanager
async def serving(app: ASGIApp, listening: socket.socket | None = None, *, lifespan: bool = True) -> AsyncIterator[str]:
    """Serve on a bound socket, or on a free port; yields the address.

    Starts and stops the server's parts itself: the server's own loop looks only ten times a second whether to end.
    """
    listening = listening or bound()[0]
    config = uvicorn.Config(app, log_level="error", lifespan="on" if lifespan else "off", timeout_graceful_shutdown=1)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with listening:
        await server.startup(sockets=[listening])
        assert not server.should_exit, "the application did not start"
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            await _stop(server)


async def _stop(server: uvicorn.Server) -> None:
    """End as the server's own `shutdown` does, but without its pauses of a tenth of a second."""
    loop = asyncio.get_running_loop()
    # Nobody more is let in, and whoever was is a connection of the server's some turns of the loop later. A server that
    # closes between the two forgets the connection and never closes it.
    for listener in server.servers:
        for door in listener.sockets:
            loop.remove_reader(door)
    # These turns also let the server notice which connections are closed already.
    for _ in range(20):
        await asyncio.sleep(0)
    for listener in server.servers:
        listener.close()
    state = server.server_state
    for connection in list(state.connections):
        connection.shutdown()
    ends = loop.time() + 1.0
    while (state.connections or state.tasks) and loop.time() < ends:
        await asyncio.sleep(0.002)
    left = list(state.tasks)
    for task in left:
        task.cancel()
    # To their very end: a request that is cut off gives its database connection back on the way out.
    await asyncio.gather(*left, return_exceptions=True)
    # A client that is still sending what nobody reads keeps its connection open.
    for connection in list(state.connections):
        if connection.transport is not None:
            connection.transport.abort()
    await asyncio.sleep(0)
    await server.lifespan.shutdown()
