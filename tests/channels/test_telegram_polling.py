"""Telegram by long polling: nothing is lost, nothing is doubled, nothing stands in the way."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs
from structlog.typing import EventDict

from helpline.channels.telegram_polling import LEASE
from helpline.core.codes import Urgency
from helpline.desk.house import House
from helpline.simulator.faults import Fault, FaultKind
from helpline.simulator.state import Simulator
from helpline.store.db import Database, take_lease
from helpline.store.tables import Contact, Delivery
from tests.channels.telegram_line import channel_on, pretend_telegram, storage_away, stored, words_in
from tests.channels.telegram_shapes import ADA, Document, message, update
from tests.conftest import HandClock
from tests.serving import serving


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[Simulator, str]]:
    async with pretend_telegram() as pretend:
        yield pretend


async def all_taken(simulator: Simulator) -> None:
    """Every update is confirmed, which comes after its commit."""
    await simulator.changes.until(lambda: simulator.telegram.updates.pending() == [], timeout=20)


async def logged(logs: list[EventDict], event: str) -> None:
    async with asyncio.timeout(20):
        while event not in [entry["event"] for entry in logs]:
            await asyncio.sleep(0.01)


async def read(database: Database) -> tuple[list[str], dict[str, str | None]]:
    async with database.reading() as session:
        return await words_in(session), await stored(session)


async def test_danger_behind_an_unreadable_update_in_the_same_batch(
    telegram: tuple[Simulator, str], database: Database, house: House, clock: HandClock
) -> None:
    simulator, url = telegram
    first = simulator.telegram.unreadable(ADA)
    simulator.telegram.updates.add_raw({"message": {**message(text="Hallo?"), "date": "i går"}})
    simulator.telegram.say(ADA, "Jeg skal ta livet mitt nå")
    async with channel_on(url, database, house, clock):
        await all_taken(simulator)
    assert await read(database) == (
        ["Hallo?", "Jeg skal ta livet mitt nå"],
        {str(first): "not_decoded", str(first + 1): "not_decoded", f"{first + 1}:seen": None, str(first + 2): None},
    )
    async with database.reading() as session:
        red = await session.scalars(select(Delivery.body).where(Delivery.urgency == Urgency.RED).order_by(Delivery.id))
        answer = session.keyring.open(red.first() or b"")
        assert await session.scalar(select(Contact.urgency)) is Urgency.RED
    assert "113" in answer


async def test_a_restart_loses_and_doubles_nothing(
    telegram: tuple[Simulator, str], database: Database, house: House, clock: HandClock
) -> None:
    simulator, url = telegram
    async with channel_on(url, database, house, clock):
        simulator.telegram.say(ADA, "én")
        await all_taken(simulator)
    simulator.telegram.say(ADA, "to")
    simulator.telegram.say(ADA, "tre")
    (taken, _) = simulator.telegram.updates.pending()
    async with channel_on(url, database, house, clock) as channel:
        # Committed, and gone before it was confirmed: it comes again.
        await channel.take_in(taken, json.dumps(taken))
        await all_taken(simulator)
    words, events = await read(database)
    assert words == ["én", "to", "tre"]
    assert len(events) == 3


async def test_what_cannot_be_stored_is_not_skipped(
    telegram: tuple[Simulator, str], database: Database, house: House, clock: HandClock
) -> None:
    simulator, url = telegram
    with capture_logs() as logs:
        async with storage_away(database):
            simulator.telegram.say(ADA, "én")
            simulator.telegram.say(ADA, "to")
            async with channel_on(url, database, house, clock):
                await logged(logs, "telegram_polling_failed")
            assert len(simulator.telegram.updates.pending()) == 2
        async with channel_on(url, database, house, clock):
            await all_taken(simulator)
    assert (await read(database))[0] == ["én", "to"]


async def test_storage_that_comes_back_is_used_again(
    telegram: tuple[Simulator, str], database: Database, house: House, clock: HandClock
) -> None:
    simulator, url = telegram
    async with channel_on(url, database, house, clock):
        with capture_logs() as logs:
            async with storage_away(database):
                simulator.telegram.say(ADA, "SOS")
                await logged(logs, "telegram_polling_failed")
        await all_taken(simulator)
    assert (await read(database))[0] == ["SOS"]


@pytest.mark.parametrize("method", ["deleteWebhook", "getUpdates"])
@pytest.mark.parametrize("kind", [FaultKind.ERROR, FaultKind.LOST, FaultKind.LIMIT])
async def test_a_telegram_in_trouble_is_asked_again(
    telegram: tuple[Simulator, str], database: Database, house: House, clock: HandClock, kind: FaultKind, method: str
) -> None:
    simulator, url = telegram
    simulator.faults.order(Fault(kind=kind, target=f"telegram/{method}"), times=1 if kind is FaultKind.LIMIT else 3)
    simulator.telegram.say(ADA, "Hei")
    with capture_logs() as logs:
        async with channel_on(url, database, house, clock):
            await all_taken(simulator)
    assert (await read(database))[0] == ["Hei"]
    failed = [entry for entry in logs if entry["event"] == "telegram_polling_failed"]
    assert len(failed) == (1 if kind is FaultKind.LIMIT else 3)
    waits = [entry["again_in"] for entry in failed]
    assert waits == ([1.0] if kind is FaultKind.LIMIT else [0.01, 0.02, 0.04])


async def test_a_webhook_is_taken_away_also_while_polling(
    telegram: tuple[Simulator, str], database: Database, house: House, clock: HandClock
) -> None:
    simulator, url = telegram
    updates = simulator.telegram.updates
    updates.set_webhook(url="http://127.0.0.1:1/elsewhere", secret="", allowed=None, max_connections=40)
    async with channel_on(url, database, house, clock):
        simulator.telegram.say(ADA, "én")
        await all_taken(simulator)
        updates.set_webhook(url="http://127.0.0.1:1/elsewhere", secret="", allowed=None, max_connections=40)
        simulator.telegram.say(ADA, "to")
        await all_taken(simulator)
    assert updates.webhook.url == ""
    assert (await read(database))[0] == ["én", "to"]


class Batches:
    """A Telegram that gives these batches one by one, and keeps what it was asked for."""

    def __init__(self, *batches: list[object]) -> None:
        self._batches = list(batches)
        self.offsets: list[str | None] = []
        self.done = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        request = Request(scope, receive)
        async with request.form() as form:
            offset = form.get("offset")
        result: object = True
        if scope["path"].endswith("/getUpdates"):
            self.offsets.append(offset if isinstance(offset, str) else None)
            if not self._batches:
                self.done.set()
                await request.is_disconnected()
                await asyncio.sleep(0.05)
            result = self._batches.pop(0) if self._batches else []
        await JSONResponse({"ok": True, "result": result})(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})


async def test_ids_are_followed_wherever_they_go(database: Database, house: House, clock: HandClock) -> None:
    def text(update_id: int, words: str) -> Document:
        return update(update_id, message=message(text=words))

    pretend = Batches(
        [{"no": "id"}, "no update"],
        [{"no": "id"}, text(900, "én")],
        [],
        [text(5, "etter en stille uke")],
    )
    async with serving(pretend) as url:
        with capture_logs() as logs:
            async with channel_on(url, database, house, clock):
                async with asyncio.timeout(20):
                    await pretend.done.wait()
    assert pretend.offsets[:5] == [None, None, "901", None, "6"]
    assert await read(database) == (["én", "etter en stille uke"], {"900": None, "5": None})
    assert [entry["event"] for entry in logs].count("update_without_id") == 3
    assert [entry["problem"] for entry in logs if entry["event"] == "telegram_polling_failed"] == ["NothingToConfirm"]


@pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
async def test_of_several_processes_one_polls(
    telegram: tuple[Simulator, str], database: Database, house: House, clock: HandClock
) -> None:
    simulator, url = telegram
    with capture_logs() as logs:
        async with channel_on(url, database, house, clock):
            simulator.telegram.say(ADA, "én")
            await all_taken(simulator)
            async with channel_on(url, database, house, clock):
                simulator.telegram.say(ADA, "to")
                await all_taken(simulator)
    assert [entry for entry in logs if entry["log_level"] == "error"] == []
    assert (await read(database))[0] == ["én", "to"]


@pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
async def test_another_takes_over_from_a_process_that_is_gone(
    telegram: tuple[Simulator, str], database: Database, house: House, clock: HandClock
) -> None:
    simulator, url = telegram
    async with database.writing() as session:
        now = clock.now()
        assert await take_lease(session, "telegram_polling", owner="gone", now=now, until=now + LEASE)
    simulator.telegram.say(ADA, "SOS")
    async with channel_on(url, database, house, clock):
        clock.advance(seconds=LEASE.total_seconds() - 1)
        await asyncio.sleep(0.1)
        assert simulator.telegram.updates.polling == 0
        clock.advance(seconds=1)
        await all_taken(simulator)
    assert (await read(database))[0] == ["SOS"]
