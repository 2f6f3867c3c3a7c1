"""Brings a database to the newest shape, and says whether it is there.

Migrations run at start (`serve`, `demo`) or as a release step (`migrate`); a half-migrated database is refused.
"""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from helpline.errors import SettingsError
from helpline.store.db import Database
from helpline.store.tables import Table

_FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this version of the code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


async def migrate(database: Database) -> None:
    """Run every migration that is missing, in one transaction each."""

    def upgrade(connection: Connection) -> None:
        command.upgrade(_config(connection), "head")

    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade)


async def require_newest(database: Database) -> None:
    """Refuse to work on a database of another shape.

    Raises:
        SettingsError: the database is empty, older or newer than the code.
    """

    def current(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with database.engine.connect() as connection:
        revision = await connection.run_sync(current)
    if revision != newest():
        raise SettingsError(
            f"The database is at version {revision or 'none'}, this program needs {newest()}: run `helpline migrate`."
        )


async def differences(database: Database) -> list[object]:
    """What the migrated database and the tables of the code disagree on; empty when all is well."""

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, Table.metadata))

    async with database.engine.connect() as connection:
        return await connection.run_sync(compare)
