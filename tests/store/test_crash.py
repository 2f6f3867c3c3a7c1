"""A process may end at any moment: what was acknowledged is there exactly once, what was not leaves no trace."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from helpline.core.codes import Channel, Outcome
from helpline.core.contact import EntryKind
from helpline.core.turn import Inbound, InboundKind
from helpline.desk import attend, close, counters, duty, erase, offer
from helpline.desk.house import House
from helpline.desk.receive import receive
from helpline.store.db import Database, WriteSession
from helpline.store.tables import Advisor, Contact, Entry, InboundEvent, Table
from tests.conftest import ACCOUNT, AUTH_TOKEN, DEADLINE, SECRET_KEY, SMS_NUMBER, HandClock, started
from tests.desk import line as lines
from tests.desk.line import KARI, Line

ROOT = Path(__file__).parent.parent.parent
Step = Callable[..., Awaitable[object]]


class PowerCut(Exception):
    """The process ends here."""


@pytest.fixture
async def line(database: Database, house: House, clock: HandClock) -> Line:
    return await lines.opened(database, house, clock)


async def _rows(database: Database) -> dict[str, int]:
    """How many rows each table holds, and what states they are in."""
    found = {}
    async with database.reading() as session:
        for table in Table.metadata.sorted_tables:
            states = [table.c[name] for name in ("state", "duty") if name in table.c]
            for row in await session.execute(select(*states, func.count()).group_by(*states)):
                found[" ".join(map(str, (table.name, *row[:-1])))] = int(row[-1])
    return {name: number for name, number in found.items() if number}


async def _accept(line: Line, session: WriteSession, advisor: Advisor, contact_id: int) -> object:
    return await offer.take(session, contact_id, house=line.house, advisor=advisor, now=line.clock.now())


async def _reply(line: Line, session: WriteSession, advisor: Advisor, contact_id: int) -> object:
    return await attend.reply(session, contact_id, "hei", house=line.house, advisor=advisor, now=line.clock.now())


async def _hand_over(line: Line, session: WriteSession, advisor: Advisor, contact_id: int) -> object:
    await attend.hand_over(
        session, contact_id, to_advisor=None, text="n", house=line.house, advisor=advisor, now=line.clock.now()
    )
    return await offer.take(session, contact_id, house=line.house, advisor=advisor, now=line.clock.now())


async def _off_and_on(line: Line, session: WriteSession, advisor: Advisor, contact_id: int) -> object:
    now = line.clock.now()
    await duty.go_off(session, advisor, house=line.house, now=now)
    await duty.go_on(session, advisor, house=line.house, now=now)
    return await offer.take(session, contact_id, house=line.house, advisor=advisor, now=now)


async def _close(line: Line, session: WriteSession, advisor: Advisor, contact_id: int) -> object:
    return await close.close(
        session, contact_id, outcome=Outcome.COUNSELLED, answers={}, house=line.house, advisor=advisor,
        now=line.clock.now(),
    )  # fmt: skip


async def _fold(line: Line, session: WriteSession, advisor: Advisor, contact_id: int) -> object:
    line.clock.advance(days=1)
    return await counters.fold_closed_days(session, house=line.house, now=line.clock.now())


async def _forget(line: Line, session: WriteSession, advisor: Advisor, contact_id: int) -> None:
    line.clock.advance(days=9)
    await erase.by_the_clock(session, house=line.house, now=line.clock.now())


COURSE: list[Step] = [_accept, _reply, _hand_over, _off_and_on, _close, _fold, _forget]


async def _cut_then_done(line: Line, step: Callable[..., Awaitable[object]]) -> None:
    before, at = await _rows(line.database), line.clock.now()
    with pytest.raises(PowerCut):
        await _cut(line, step)
    assert await _rows(line.database) == before, step
    line.clock.set(at)
    async with line.database.writing() as session:
        await step(session=session)


async def _cut(line: Line, step: Callable[..., Awaitable[object]]) -> None:
    async with line.database.writing() as session:
        await step(session=session)
        await session.flush()
        raise PowerCut


async def test_a_cut_at_any_commit_leaves_no_trace_and_the_course_ends_the_same(line: Line) -> None:
    """Each step of a contact's course is cut short just before its commit, and then done again."""
    advisor = await line.advisor()
    for words in ("hei", "1"):
        await _cut_then_done(line, partial(_receive, line, words=words))
    contact_id = (await line.contact()).id
    for step in COURSE:
        await _cut_then_done(line, partial(step, line, advisor=await line.now_of(advisor), contact_id=contact_id))

    assert [record.outcome for record in await line.records()] == ["counselled"]
    async with line.database.reading() as session:
        assert await counters.check(session, house=line.house, now=line.clock.now()) == []


async def _receive(line: Line, session: WriteSession, words: str = "hei") -> None:
    inbound = Inbound(
        provider="twilio", account="a", external_id=f"SM{words}", channel=Channel.SMS, kind=InboundKind.TEXT,
        handle=KARI, text=words, raw=words,
    )  # fmt: skip
    await receive(session, inbound, house=line.house, now=line.clock.now())


async def test_a_cancelled_request_frees_the_writer(line: Line) -> None:
    """The one writer of SQLite must not stay inside a transaction that nobody ends."""

    async def never_ends() -> None:
        async with line.database.writing() as session:
            await _receive(line, session)
            await asyncio.Event().wait()

    task = asyncio.create_task(never_ends())
    for _ in range(50):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await line.turn("hei")
    assert len(await line.contacts()) == 1


async def test_one_who_is_cut_off_at_any_point_and_twice_leaves_a_database_that_works_and_closes(line: Line) -> None:
    """Beginning and committing on SQLite are done by a thread that cannot be called back."""
    for turns in range(60):
        task = asyncio.create_task(_write(line, turns))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(DEADLINE), line.database.writing() as session:
            await session.execute(select(Contact.id).limit(1))
    async with asyncio.timeout(DEADLINE):
        await line.database.close()


async def _write(line: Line, number: int) -> None:
    async with line.database.writing() as session:
        await _receive(line, session, f"melding {number}")


SERVE = """
import sys
import uvicorn
from helpline import app as wiring
from helpline.settings import Settings
settings = Settings(_env_file=None, database_url=sys.argv[1], public_url=sys.argv[2], secret_keys=sys.argv[3],
                    twilio_account_sid=sys.argv[4], twilio_auth_token=sys.argv[5], twilio_sms_number=sys.argv[6],
                    twilio_api_url="http://127.0.0.1:9")
app = wiring.create_app(wiring.build(settings))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2].rsplit(":", 1)[1]), log_level="error")
"""


async def _serve(database_url: str, port: int) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE,
        database_url, f"http://127.0.0.1:{port}", SECRET_KEY, ACCOUNT, AUTH_TOKEN, SMS_NUMBER,
        cwd=ROOT, env=dict(os.environ), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(60), httpx.AsyncClient() as http:
        while True:
            try:
                if (await http.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200:
                    return process
            except httpx.TransportError:
                assert process.returncode is None, "the service did not start"
                await asyncio.sleep(0.05)


async def _send(http: httpx.AsyncClient, url: str, number: int) -> str | None:
    """Send one text; its id when it was acknowledged."""
    fields = {
        "MessageSid": f"SM{number:03}", "AccountSid": ACCOUNT, "From": f"+479000{number % 7:04}",
        "To": SMS_NUMBER, "Body": f"melding {number}", "NumMedia": "0",
    }  # fmt: skip
    mark = RequestValidator(AUTH_TOKEN).compute_signature(url, fields)
    try:
        answer = await http.post(url, data=fields, headers={"X-Twilio-Signature": mark})
    except httpx.TransportError:
        return None
    return fields["MessageSid"] if answer.status_code == 200 else None


async def test_killed_in_a_burst_every_acknowledged_text_is_there_once(
    database_url: str, clock: HandClock, unused_tcp_port: int
) -> None:
    """SIGKILL in the middle of a burst; the provider sends again what was not acknowledged, and what was."""
    url = f"http://127.0.0.1:{unused_tcp_port}/webhooks/twilio/sms"
    everything = range(60)
    acknowledged: set[str] = set()
    process = await _serve(database_url, unused_tcp_port)
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=8)) as http:
        burst = [asyncio.create_task(_send(http, url, number)) for number in everything]
        for finished in asyncio.as_completed(burst):
            acknowledged.add(await finished or "")
            if len(acknowledged) == 15:
                process.send_signal(signal.SIGKILL)
        await process.wait()
    acknowledged.discard("")
    assert 14 <= len(acknowledged) < len(everything)

    async with started(database_url, clock) as service:
        async with service.database.reading() as session:
            kept = set(await session.scalars(select(InboundEvent.external_id)))
        assert acknowledged <= kept, "what was acknowledged is there"
        url = f"{service.url}/webhooks/twilio/sms"
        again = await asyncio.gather(*(_send(service.http, url, number) for number in everything))
        assert None not in again
        async with service.database.reading() as session:
            events = (await session.scalars(select(InboundEvent.external_id))).all()
            bodies = (await session.scalars(select(Entry.body).where(Entry.kind == EntryKind.TEXT_IN))).all()
            heard = [session.keyring.open(body) for body in bodies if body]
            callers = len(set(await session.scalars(select(Contact.caller_id))))
        assert sorted(name for name in events if ":" not in name) == [f"SM{number:03}" for number in everything]
        assert sorted(heard) == sorted(f"melding {number}" for number in everything)
        assert callers == 7
