"""The service as a process of its own: how it stops."""

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from helpline.store.db import Database
from helpline.store.keyring import Keyring
from tests.conftest import DEADLINE, PASSWORD, PASSWORD_HASH, ROOT, SECRET_KEY, HandClock, add_advisor
from tests.serving import bound
from tests.web.conftest import next_event

HELPLINE = Path(sys.executable).with_name("helpline")


@asynccontextmanager
async def its_own_process(database_url: str, url: str, cwd: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`helpline serve` on a database that is there already, once it answers."""
    port = url.rpartition(":")[2]
    settings = {
        "DATABASE_URL": database_url,
        "PUBLIC_URL": url,
        "HOST": "127.0.0.1",
        "PORT": port,
        "ENVIRONMENT": "development",
        "SECRET_KEYS": SECRET_KEY,
        "KNOWLEDGE_DIR": str(ROOT / "knowledge"),
    }
    process = await asyncio.create_subprocess_exec(
        HELPLINE,
        "serve",
        stdout=PIPE,
        stderr=PIPE,
        env=os.environ | {f"HELPLINE_{name}": value for name, value in settings.items()},
        cwd=cwd,
    )
    try:
        async with asyncio.timeout(DEADLINE), httpx.AsyncClient(base_url=url, verify=False) as http:
            while process.returncode is None:
                try:
                    await http.get("/health/live")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
async def test_told_to_stop_with_consoles_open_it_ends_at_once_and_quietly(
    migrated_sqlite: Path, tmp_path: Path, clock: HandClock, told: signal.Signals
) -> None:
    copy = tmp_path / "helpline.db"
    shutil.copy(migrated_sqlite, copy)
    address = f"sqlite+aiosqlite:///{copy}"
    database = Database(address, Keyring([SECRET_KEY]))
    advisor = await add_advisor(database, clock, password_hash=PASSWORD_HASH)
    await database.close()
    listening, url = bound()
    listening.close()
    async with its_own_process(address, url, tmp_path) as process, AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=DEADLINE, verify=False))
        entered = await http.post("/sign-in", data={"email": advisor.email, "password": PASSWORD})
        assert entered.status_code == 303
        streams = []
        for _ in range(3):
            stream = await stack.enter_async_context(http.stream("GET", "/live"))
            lines = stream.aiter_lines()
            assert (await next_event(lines))["event"] == "hello"
            streams.append(lines)
        process.send_signal(told)
        async with asyncio.timeout(DEADLINE):
            for lines in streams:
                # To its end as a whole answer, and not broken off.
                async for _ in lines:
                    pass
            _, said = await process.communicate()
    assert "graceful" not in said.decode()
    assert "Traceback" not in said.decode()
    assert '"level": "error"' not in said.decode()
