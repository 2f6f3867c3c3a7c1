"""The load: a process of its own, so that what it costs is not counted as the service's.

`python -m bench.load` reads one JSON plan from standard input and writes what it saw to standard output. Requests are
made and signed beforehand; here they are only sent. Times are seconds of the machine's monotonic clock, which is the
same for every process on it.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

#: Longer than any answer may take; whoever is silent for this long has failed.
ANSWER_WITHIN = 20.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to send. `rate` None: every connection sends again as soon as it is answered."""

    port: int
    requests: list[str]
    connections: int
    rate: float | None = None
    #: A page that is looking on: the raw requests for its event stream, and for the part that it fetches anew.
    stream: str | None = None
    part: str | None = None


@dataclass(kw_only=True)
class Seen:
    """What came of it: for every request in order when it was due, when answered, and how."""

    due: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    #: Contact id → when the stream told of it in the queue, and when the part drawn after that had come.
    told: dict[int, float] = field(default_factory=dict)
    drawn: dict[int, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """From the first request until the last answer."""
        return max(self.answered) - min(self.due)

    @property
    def waits(self) -> list[float]:
        """How long each request took, counted from when it was due (a late sender hides nothing)."""
        return [after - before for before, after in zip(self.due, self.answered, strict=True)]


class Connection(asyncio.Protocol):
    """One kept-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or len(self._buffer) < end + 4 + _length(self._buffer[:end]):
            return
        status = int(self._buffer[9:12])
        self._buffer.clear()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("The service closed the connection."))

    async def ask(self, raw: bytes) -> int:
        """Send it and wait for the whole answer; returns the status."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(raw)
        return await asyncio.wait_for(self._answer, ANSWER_WITHIN)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _length(head: bytearray) -> int:
    for line in bytes(head).lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


async def _connect(port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


async def send(plan: Plan) -> Seen:
    """Send what the plan says."""
    seen = Seen()
    connections = [await _connect(plan.port) for _ in range(plan.connections)]
    raw = [request.encode("latin-1") for request in plan.requests]
    seen.due = [0.0] * len(raw)
    seen.answered = [0.0] * len(raw)
    seen.statuses = [0] * len(raw)
    page = asyncio.create_task(_look_on(plan, seen)) if plan.stream else None
    if page is not None:
        # The page is up and listening before anybody writes.
        await asyncio.sleep(0.5)
    if plan.rate is None:
        order = iter(range(len(raw)))
        await asyncio.gather(*(_in_turn(connection, raw, order, seen) for connection in connections))
    else:
        await _paced(connections, raw, plan.rate, seen)
    if page is not None:
        await _caught_up(plan, seen)
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)
    for connection in connections:
        connection.close()
    return seen


async def _caught_up(plan: Plan, seen: Seen) -> None:
    """What was committed last must still reach the page; one that lags behind is waited for, within reason."""
    ends = time.monotonic() + ANSWER_WITHIN
    while time.monotonic() < ends:
        if len(seen.drawn if plan.part else seen.told) >= len(plan.requests):
            return
        await asyncio.sleep(0.05)


async def _in_turn(connection: Connection, raw: list[bytes], order: Iterator[int], seen: Seen) -> None:
    for number in order:
        seen.due[number] = time.monotonic()
        seen.statuses[number] = await connection.ask(raw[number])
        seen.answered[number] = time.monotonic()


async def _paced(connections: list[Connection], raw: list[bytes], rate: float, seen: Seen) -> None:
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for connection in connections:
        free.put_nowait(connection)
    start = time.monotonic() + 0.05

    async def one(number: int) -> None:
        connection = await free.get()
        seen.statuses[number] = await connection.ask(raw[number])
        seen.answered[number] = time.monotonic()
        free.put_nowait(connection)

    async with asyncio.TaskGroup() as under_way:
        for number in range(len(raw)):
            due = start + number / rate
            seen.due[number] = due
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            under_way.create_task(one(number))


async def _look_on(plan: Plan, seen: Seen) -> None:
    """The advisor's page: listens, and fetches its queue anew when told, one fetch at a time as the page does."""
    assert plan.stream is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
    news = asyncio.Event()
    fetching = asyncio.create_task(_fetch(plan, seen, news)) if plan.part else None
    try:
        writer.write(plan.stream.encode("latin-1"))
        while line := await reader.readline():
            if not line.startswith(b"data: "):
                continue
            told = json.loads(line[6:])
            if told.get("topic") == "queue" and told.get("contact") is not None:
                seen.told.setdefault(told["contact"], time.monotonic())
                news.set()
    finally:
        if fetching is not None:
            fetching.cancel()
        writer.close()


async def _fetch(plan: Plan, seen: Seen, news: asyncio.Event) -> None:
    assert plan.part is not None
    connection = await _connect(plan.port)
    try:
        while True:
            await news.wait()
            news.clear()
            waiting = [contact for contact in seen.told if contact not in seen.drawn]
            status = await connection.ask(plan.part.encode("latin-1"))
            if status != 200:
                raise RuntimeError(f"The page's part was answered with {status}.")
            seen.drawn.update(dict.fromkeys(waiting, time.monotonic()))
    finally:
        connection.close()


def read_seen(text: str) -> Seen:
    """What the process wrote (JSON has text for keys)."""
    data: dict[str, Any] = json.loads(text)
    for name in ("told", "drawn"):
        data[name] = {int(contact): moment for contact, moment in data[name].items()}
    return Seen(**data)


def main() -> None:
    plan = Plan(**json.load(sys.stdin))
    gc.freeze()
    gc.disable()
    json.dump(asdict(asyncio.run(send(plan))), sys.stdout)


if __name__ == "__main__":
    main()
