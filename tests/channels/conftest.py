"""What the tests of this room share."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database, for what no database can change."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'helpline.db')}"
