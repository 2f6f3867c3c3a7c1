"""Journey f: the console follows by a stream of ids, and catches up after a break."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx

from tests.conftest import DEADLINE, Service
from tests.journeys.people import AdvisorAtWork, Texter, at_work


async def test_a_new_contact_shows_at_once_and_after_a_break(service: Service) -> None:
    advisor = await at_work(service)
    texter = Texter(service=service, number="+4790000001")

    async with _stream(advisor) as events, asyncio.timeout(DEADLINE):
        last = await _until(events, "hello")
        texter.write("rådgiver")
        last = await _until(events, "queue")
    assert "rådgiver" in (await advisor.reads("/")).lower()

    other = Texter(service=service, number="+4790000002")
    other.write("rådgiver")
    await other.reads("i køen")
    async with _stream(advisor, after=last) as events, asyncio.timeout(DEADLINE):
        await _until(events, "queue")


async def test_the_stream_is_only_for_those_who_are_signed_in(service: Service) -> None:
    answer = await service.http.get("/live")
    assert answer.status_code == 401


class _Stream:
    def __init__(self, advisor: AdvisorAtWork, after: str | None) -> None:
        self._advisor = advisor
        self._headers = {"Last-Event-ID": after} if after else {}

    async def __aenter__(self) -> AsyncIterator[dict[str, str]]:
        self._opened = self._advisor.http.stream("GET", "/live", headers=self._headers)
        answer = await self._opened.__aenter__()
        return _events(answer)

    async def __aexit__(self, *failure: object) -> None:
        await self._opened.__aexit__(None, None, None)


def _stream(advisor: AdvisorAtWork, after: str | None = None) -> _Stream:
    return _Stream(advisor, after)


async def _events(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if not line:
            yield event
            event = {}
            continue
        name, _, value = line.partition(": ")
        event[name] = value


async def _until(events: AsyncIterator[dict[str, str]], kind: str) -> str:
    """The id of the first event of this kind or about this topic."""
    async for event in events:
        data = json.loads(event.get("data", "{}"))
        if kind in (event.get("event"), data.get("topic")):
            return event.get("id", "")
    raise AssertionError(f"the stream ended before {kind}")
