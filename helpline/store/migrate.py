"""Brings a database to the newest shape, and says whether it is there.

Migrations run at start (`serve`, `demo`) or as a release step (`migrate`); a half-migrated database is refused.
"""

from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from helpline.errors import SettingsError
from helpline.store.db import Database

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
#: Where Alembic writes down which migrations have run.
_VERSION = table("alembic_version", column("version_num"))


def newest() -> str:
    """The revision that this version of the code needs: migrations are numbered in the names of their files."""
    return max(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*_*.py"))


async def migrate(database: Database) -> None:
    """Run every migration that is missing, in one transaction each.

    Raises:
        SettingsError: a newer program has migrated the database already.
    """
    revision = await _revision(database)
    if revision is not None and revision > newest():
        raise SettingsError(
            f"The database is at version {revision}, this program only knows {newest()}: run the newer program."
        )
    if revision != newest():
        await import_module("helpline.store.upgrade").to_head(database)


async def require_newest(database: Database) -> None:
    """Refuse to work on a database of another shape.

    Raises:
        SettingsError: the database is empty, older or newer than the code.
    """
    revision = await _revision(database)
    if revision != newest():
        raise SettingsError(
            f"The database is at version {revision or 'none'}, this program needs {newest()}: run `helpline migrate`."
        )


async def _revision(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one."""

    def look(connection: Connection) -> str | None:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        revision: str | None = connection.scalar(select(_VERSION.c.version_num))
        return revision

    async with database.engine.connect() as connection:
        return await connection.run_sync(look)
