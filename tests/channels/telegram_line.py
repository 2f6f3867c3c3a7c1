"""A Telegram channel of its own beside a pretend Telegram, and what the database holds afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import REGISTRY
from sqlalchemy import select

from helpline.channels.telegram import TelegramChannel
from helpline.core.contact import EntryKind
from helpline.desk.house import House
from helpline.settings import TelegramMode
from helpline.simulator.app import create_simulator
from helpline.simulator.state import Simulator
from helpline.store.db import Database, ReadSession
from helpline.store.tables import Entry, InboundEvent
from tests.conftest import HandClock, settings_for, simulator_settings
from tests.serving import bound, serving


@asynccontextmanager
async def pretend_telegram() -> AsyncIterator[tuple[Simulator, str]]:
    """A simulator and its address."""
    listening, url = bound()
    app = create_simulator(settings=simulator_settings("http://127.0.0.1:1"))
    async with serving(app, listening):
        try:
            yield app.state.simulator, url
        finally:
            app.state.simulator.let_go()


@asynccontextmanager
async def channel_on(
    url: str, database: Database, house: House, clock: HandClock, *, mode: TelegramMode = TelegramMode.POLLING
) -> AsyncIterator[TelegramChannel]:
    """A started channel that talks to the Telegram at `url` and hardly pauses after a failure."""
    settings = settings_for(
        database.url.render_as_string(hide_password=False),
        service_url="http://127.0.0.1:1",
        telegram_api_url=url,
        telegram_mode=mode,
    )
    channel = TelegramChannel(settings, database, house, clock, first_pause=0.01)
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


@asynccontextmanager
async def storage_away(database: Database) -> AsyncIterator[None]:
    """Nothing that comes in can be stored within this block: the table is gone, or the disk is full."""
    if database.is_sqlite:
        await _run(database, "ALTER TABLE inbound_event RENAME TO inbound_event_away")
        yield
        await _run(database, "ALTER TABLE inbound_event_away RENAME TO inbound_event")
        return
    await _run(
        database,
        """CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$""",
        "CREATE TRIGGER away BEFORE INSERT ON inbound_event EXECUTE FUNCTION disk_full()",
    )
    yield
    await _run(database, "DROP FUNCTION disk_full CASCADE")


async def _run(database: Database, *statements: str) -> None:
    async with database.engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def entries(session: ReadSession, *kinds: EntryKind) -> list[Entry]:
    """What was written down, oldest first."""
    statement = select(Entry).order_by(Entry.id)
    if kinds:
        statement = statement.where(Entry.kind.in_(kinds))
    return list(await session.scalars(statement))


async def words_in(session: ReadSession) -> list[str]:
    """What callers wrote, oldest first."""
    found = await entries(session, EntryKind.TEXT_IN)
    return [session.keyring.open(entry.body) if entry.body is not None else "" for entry in found]


async def stored(session: ReadSession) -> dict[str, str | None]:
    """Every event by its id, with the reason why it could not be read."""
    events = await session.scalars(select(InboundEvent).order_by(InboundEvent.id))
    return {event.external_id: event.unreadable for event in events}


def alarms(reason: str) -> float:
    """How many updates were counted as unreadable for this reason."""
    return REGISTRY.get_sample_value("helpline_telegram_unreadable_updates_total", {"reason": reason}) or 0.0
