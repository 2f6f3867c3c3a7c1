"""Advisors at their desks: signed in over HTTP, with callers who write."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from helpline.core.codes import Channel
from helpline.core.duty import Role
from helpline.core.turn import Inbound, InboundKind
from helpline.desk import receive
from helpline.store.tables import Advisor
from tests.conftest import DEADLINE, PASSWORD, PASSWORD_HASH, Service, add_advisor


@dataclass(kw_only=True)
class Desk:
    """A signed-in advisor, as a browser with htmx is."""

    http: httpx.AsyncClient
    advisor: Advisor
    csrf: str

    async def get(self, path: str) -> httpx.Response:
        """A whole page."""
        return await self.http.get(path)

    async def part(self, path: str) -> httpx.Response:
        """A part of a page."""
        return await self.http.get(path, headers={"HX-Request": "true"})

    async def post(self, path: str, **form: str | list[str]) -> httpx.Response:
        """A form sent by htmx."""
        return await self.http.post(path, data=form, headers={"HX-Request": "true", "X-CSRF": self.csrf})


@asynccontextmanager
async def sitting(service: Service, advisor: Advisor) -> AsyncIterator[Desk]:
    """Sign in and take a seat."""
    async with httpx.AsyncClient(base_url=service.url, timeout=DEADLINE, verify=False) as http:
        answer = await http.post("/sign-in", data={"email": advisor.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        page = await http.get("/")
        found = re.search(r'data-csrf="([^"]+)"', page.text)
        assert found is not None
        yield Desk(http=http, advisor=advisor, csrf=found[1])


async def hire(service: Service, name: str, *, role: Role = Role.ADVISOR, **more: object) -> Advisor:
    """An advisor who can sign in."""
    return await add_advisor(
        service.database,
        service.clock,
        name,
        role=role,
        password_hash=PASSWORD_HASH,
        **more,  # type: ignore[arg-type]
    )


Write = Callable[..., Awaitable[int]]


@pytest.fixture
def write(service: Service) -> Write:
    """`await write("Hei", handle="+4790000001")` comes in as a text; returns the contact's id."""
    return writer(service)


def writer(service: Service) -> Write:
    """Callers' words, taken in as a channel does."""
    count = 0

    async def take_in(
        text: str,
        *,
        handle: str = "+4790000001",
        channel: Channel = Channel.SMS,
        kind: InboundKind = InboundKind.TEXT,
        media: str | None = None,
    ) -> int:
        nonlocal count
        count += 1
        async with service.database.writing() as session:
            turn = await receive.receive(
                session,
                Inbound(
                    provider="test",
                    account="test",
                    external_id=str(count),
                    channel=channel,
                    kind=kind,
                    handle=handle,
                    text=text,
                    media=media,
                ),
                house=service.house,
                now=service.clock.now(),
            )
        assert turn.contact_id is not None
        return turn.contact_id

    return take_in


@pytest.fixture
async def kari(service: Service) -> AsyncIterator[Desk]:
    """An advisor at her desk, off duty."""
    async with sitting(service, await hire(service, "Kari Eksempel")) as desk:
        yield desk


@pytest.fixture
async def ola(service: Service) -> AsyncIterator[Desk]:
    """Another one."""
    async with sitting(service, await hire(service, "Ola Eksempel", phone="+4790000102")) as desk:
        yield desk


async def waiting(write: Write, text: str = "Hei, jeg trenger å snakke med noen om broren min", **who: str) -> int:
    """A caller who has chosen an advisor and stands in the queue."""
    await write(text, **who)
    return await write("1", **who)


async def next_event(lines: AsyncIterator[str]) -> dict[str, str]:
    """One event of a stream."""
    event: dict[str, str] = {}
    async with asyncio.timeout(DEADLINE):
        async for line in lines:
            if not line and event:
                return event
            if ":" in line:
                name, _, value = line.partition(":")
                event[name] = value.strip()
    raise AssertionError("the stream ended")
