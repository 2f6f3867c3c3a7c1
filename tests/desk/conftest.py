import pytest

from helpline.desk.house import House
from helpline.store.db import Database
from tests.conftest import HandClock
from tests.desk import line as lines
from tests.desk.line import Line


@pytest.fixture
async def line(database: Database, house: House, clock: HandClock) -> Line:
    """An open line on each database; nobody is on duty yet."""
    return await lines.opened(database, house, clock)
