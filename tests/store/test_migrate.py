"""The shape of the database: brought to the newest, and refused when it has another."""

from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.errors import SettingsError
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import migrate, newest, require_newest
from helpline.store.upgrade import head
from tests.conftest import SECRET_KEY


def test_the_newest_by_the_names_of_the_files_is_where_the_migrations_lead() -> None:
    assert newest() == head()


async def test_a_database_of_another_shape_is_refused_in_a_sentence(database: Database) -> None:
    await migrate(database)
    await require_newest(database)
    for revision, sentence in (("0000", "run `helpline migrate`"), ("9999", "run `helpline migrate`")):
        await _set(database, revision)
        with pytest.raises(SettingsError, match=sentence):
            await require_newest(database)
    with pytest.raises(SettingsError, match="run the newer program"):
        await migrate(database)


async def test_an_empty_database_is_named_so(tmp_path: Path) -> None:
    empty = Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db", Keyring([SECRET_KEY]))
    with pytest.raises(SettingsError, match="version none"):
        await require_newest(empty)
    await migrate(empty)
    await require_newest(empty)
    await empty.close()


async def _set(database: Database, revision: str) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
