"""Alembic's part: running migrations, and comparing what they make with the tables. `store.migrate` imports it only
when there is something to migrate, for it takes as long to import as it takes to begin answering."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from helpline.store.db import Database
from helpline.store.tables import Table

_FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision that all migrations lead to."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


async def to_head(database: Database) -> None:
    """Run every migration that is missing, in one transaction each."""

    def upgrade(connection: Connection) -> None:
        command.upgrade(_config(connection), "head")

    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade)


async def differences(database: Database) -> list[object]:
    """What the migrated database and the tables of the code disagree on; empty when all is well."""

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, Table.metadata))

    async with database.engine.connect() as connection:
        return await connection.run_sync(compare)
