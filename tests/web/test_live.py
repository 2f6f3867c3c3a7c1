"""The stream: what changed is told once, and what was missed is told after a break."""

import asyncio
import json

import httpx
import pytest

from helpline.store import notices
from tests.conftest import Service
from tests.web.conftest import Desk, Write, next_event


async def listen(desk: Desk, path: str = "/live", **headers: str) -> httpx.Response:
    request = desk.http.build_request("GET", path, headers=headers)
    return await desk.http.send(request, stream=True)


async def test_a_page_hears_that_something_changed(kari: Desk, write: Write) -> None:
    stream = await listen(kari)
    assert stream.headers["content-type"].startswith("text/event-stream")
    lines = stream.aiter_lines()
    hello = await next_event(lines)
    assert hello["event"] == "hello"
    contact = await write("Hei, jeg er redd for faren min")
    told = await next_event(lines)
    assert (told["event"], json.loads(told["data"])["contact"]) == ("change", contact)
    assert int(told["id"]) > int(hello["id"])
    assert "redd" not in told["data"]
    await stream.aclose()


@pytest.mark.parametrize("how", ["header", "address"])
async def test_what_was_missed_is_told_after_a_break(kari: Desk, write: Write, how: str) -> None:
    contact = await write("Hei, jeg er redd for faren min")
    stream = await (listen(kari, **{"Last-Event-ID": "0"}) if how == "header" else listen(kari, "/live?after=0"))
    lines = stream.aiter_lines()
    assert (await next_event(lines))["event"] == "hello"
    assert json.loads((await next_event(lines))["data"])["contact"] == contact
    await stream.aclose()


async def test_nobody_listens_who_is_not_signed_in(service: Service) -> None:
    assert (await service.http.get("/live")).status_code == 401


async def test_a_stream_holds_no_database_session(service: Service, kari: Desk, write: Write) -> None:
    streams = [await listen(kari) for _ in range(40)]
    for stream in streams:
        await next_event(stream.aiter_lines())
    async with asyncio.timeout(10):
        await write("Hei")
        async with service.database.reading() as session:
            assert await notices.latest(session) > 0
    for stream in streams:
        await stream.aclose()


async def test_a_listener_that_was_lost_refetches_everything(service: Service, kari: Desk) -> None:
    stream = await listen(kari)
    lines = stream.aiter_lines()
    await next_event(lines)
    service.parts.notices.spread([notices.Told(id=0, topic=notices.EVERYTHING)])
    assert json.loads((await next_event(lines))["data"])["topic"] == "everything"
    await stream.aclose()
