"""The simulator in a process of its own."""

import asyncio
import signal
import socket
import sys

import httpx

PROGRAM = """
import asyncio, sys
from helpline.simulator.run import serve_simulator
from helpline.simulator.settings import SimulatorSettings

settings = SimulatorSettings(
    service_url="http://127.0.0.1:1", account_sid="AC1", auth_tokens=("t",), sms_number="+4759440000",
    voice_number="+4721000000", telegram_token="1:t",
)
asyncio.run(serve_simulator(settings, "127.0.0.1", int(sys.argv[1])))
"""


async def test_it_stops_at_once_while_the_page_and_the_bot_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, str(port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        revision = (await _first_answer(http))["revision"]
        page = asyncio.create_task(http.get("/simulator/api/state", params={"after": revision + 1}))
        poll = asyncio.create_task(http.post("/bot1:t/getUpdates", json={"timeout": 30}))
        # The poll marks a change; the page then waits for the next one.
        assert (await http.get("/simulator/api/state", params={"after": revision})).json()["telegram"]["polling"]
        process.send_signal(signal.SIGTERM)
        assert (await poll).json() == {"ok": True, "result": []}
        assert (await page).status_code == 200
    async with asyncio.timeout(5):
        assert await process.wait() == -signal.SIGTERM


async def _first_answer(http: httpx.AsyncClient) -> dict[str, int]:
    """The state, once the process listens. The new process tells nobody when, so it is asked again and again."""
    async with asyncio.timeout(20):
        while True:
            try:
                found: dict[str, int] = (await http.get("/simulator/api/state")).json()
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return found
