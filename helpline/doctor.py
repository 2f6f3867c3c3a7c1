"""`helpline doctor`: examines an installation from settings to providers, and says what to mend."""

from collections.abc import AsyncIterator

from helpline.channels import inspection
from helpline.channels.inspection import Finding
from helpline.clock import SystemClock
from helpline.core.duty import Role
from helpline.desk import opening
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.settings import Environment, Settings
from helpline.store import advisors
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import require_newest


async def examine(settings: Settings) -> list[Finding]:
    """Everything that can be seen from here, in the order in which to mend it."""
    return [finding async for finding in _examine(settings)]


async def _examine(settings: Settings) -> AsyncIterator[Finding]:
    production = settings.environment is Environment.PRODUCTION
    yield Finding(
        what="settings",
        ok=True,
        sentence=f"Read; the environment is {settings.environment.value}."
        + ("" if production else " Set HELPLINE_ENVIRONMENT=production before real callers come."),
    )
    try:
        house = House.load(settings)
    except HelplineError as error:
        yield Finding(what="knowledge", ok=False, sentence=error.sentence)
        return
    yield Finding(what="knowledge", ok=True, sentence=f"{len(house.library.articles)} articles are loaded.")
    database = Database(settings.database_url, Keyring(settings.keys))
    try:
        async for finding in _database(database, house):
            yield finding
    finally:
        await database.close()
    async for finding in inspection.telegram(settings):
        yield finding
    async for finding in inspection.twilio(settings):
        yield finding


async def _database(database: Database, house: House) -> AsyncIterator[Finding]:
    try:
        await require_newest(database)
    except HelplineError as error:
        yield Finding(what="database", ok=False, sentence=error.sentence)
        return
    yield Finding(what="database", ok=True, sentence="Reached, and of the right version.")
    async with database.reading() as session:
        admins = [one for one in await advisors.everyone(session) if one.role is Role.ADMIN and one.active]
        hours = await opening.hours(session, house=house, now=SystemClock().now())
    yield Finding(
        what="administrator",
        ok=bool(admins),
        sentence="There is one."
        if admins
        else "There is none: run `helpline advisor add EMAIL --name N --role admin`.",
    )
    yield Finding(
        what="opening hours",
        ok=hours.configured,
        sentence="They are set." if hours.configured else "None are set, so the line is closed: set them in /admin.",
    )
