"""Keys that are rotated to the end: everything stored is sealed anew, and the old key can be taken away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select, update
from typer.testing import CliRunner, Result

from helpline.cli import commands
from helpline.core.codes import Channel
from helpline.core.contact import EntryKind
from helpline.core.turn import InboundKind
from helpline.desk import attend, reseal
from helpline.desk.house import House
from helpline.store import drafts, resealing
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.tables import (
    AccessLog,
    Advisor,
    Caller,
    Contact,
    DraftKind,
    Entry,
    Experience,
    InboundEvent,
    KnowledgeGap,
    Table,
)
from tests.conftest import SECRET_KEY, HandClock
from tests.desk import line as lines
from tests.desk.line import KARI, OLA, Line

NEW_KEY = "a-new-key-" + "n" * 32


@pytest.fixture
async def line(database: Database, house: House, clock: HandClock) -> Line:
    return await lines.opened(database, house, clock)


def address(line: Line) -> str:
    return line.database.url.render_as_string(hide_password=False)


@pytest.fixture
async def under_the_new_key(line: Line) -> AsyncIterator[Line]:
    """The same line for processes that have only the new key."""
    database = Database(address(line), Keyring([NEW_KEY]))
    yield Line(database=database, house=line.house, clock=line.clock)
    await database.close()


async def run_reseal(line: Line, monkeypatch: pytest.MonkeyPatch, *keys: str) -> Result:
    """`helpline reseal`, as it is typed."""
    monkeypatch.setenv("HELPLINE_DATABASE_URL", address(line))
    monkeypatch.setenv("HELPLINE_SECRET_KEYS", ",".join(keys))
    monkeypatch.setenv("HELPLINE_ENVIRONMENT", "development")
    return await asyncio.to_thread(lambda: CliRunner().invoke(commands, ["reseal"]))


async def lived_in(line: Line) -> Advisor:
    """Something in every sealed column."""
    advisor = await line.advisor()
    await line.write("Mamma er syk")
    await line.write("1")
    contact = await line.accept(advisor)
    async with line.database.writing() as session:
        await attend.save_reply_draft(session, contact.id, "Jeg begynner på et svar", advisor=advisor)
        await attend.show_number(session, contact.id, "Fare for liv", advisor=advisor, now=line.clock.now())
    await line.turn(channel=Channel.PHONE, kind=InboundKind.CALL, call_sid="CA1", who=OLA)
    async with line.database.writing() as session:
        [call] = await session.scalars(select(Contact).where(Contact.call_sid == "CA1"))
        call.callback_sealed = session.keyring.seal(OLA)
        await session.execute(update(InboundEvent).values(answer=session.keyring.seal("<Response/>")))
        await drafts.begin(session, contact_id=contact.id, kind=DraftKind.LETTER, language="nb", now=line.clock.now())
        today = line.clock.now().date()
        session.add_all(
            (
                Experience(shared_on=today, language="nb", words=session.keyring.seal("Ingen spurte meg.")),
                KnowledgeGap(
                    asked_on=today, asked_by="caller", language="nb", words=session.keyring.seal("hvem betaler hunden")
                ),
            )
        )
    return advisor


async def values(database: Database, column: Any) -> list[bytes]:
    async with database.reading() as session:
        return [value for value in await session.scalars(select(column)) if value is not None]


def test_every_column_of_bytes_is_known_to_be_sealed_hashed_or_neither() -> None:
    """Whoever adds one says here what becomes of it when the keys are rotated."""
    known = {resealing.name(column) for column in (*resealing.SEALED, *resealing.HASHED, *resealing.UNKEYED)}
    in_the_tables = {
        f"{table.name}.{column.name}"
        for table in Table.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert in_the_tables == known
    assert [name for name in in_the_tables if name.endswith("_sealed")]
    assert {name for name in in_the_tables if name.endswith("_sealed")} <= {
        resealing.name(column) for column in resealing.SEALED
    }


async def test_everything_is_sealed_anew_and_the_old_key_can_go(
    line: Line, under_the_new_key: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    advisor = await lived_in(line)
    before = {resealing.name(column): await values(line.database, column) for column in reseal.COLUMNS}
    assert [name for name, kept in before.items() if not kept] == [], "a sealed column that this test leaves empty"

    result = await run_reseal(line, monkeypatch, NEW_KEY, SECRET_KEY)
    assert result.exit_code == 0, result.output
    assert "caller.handle_hash: 2 under an older key, 0 under the first." in result.output
    assert "take the older keys out of HELPLINE_SECRET_KEYS" in result.output

    new = Keyring([NEW_KEY])
    for column in resealing.SEALED:
        name = resealing.name(column)
        kept = await values(line.database, column)
        assert sorted(map(new.open, kept)) == sorted(map(Keyring([SECRET_KEY]).open, before[name])), name
    # Under the new key alone: the same caller is known, the words are read, the advisor's telephone is rung.
    await under_the_new_key.write("Er du der?", id="later")
    assert len(await under_the_new_key.contacts()) == 2
    [contact] = [one for one in await under_the_new_key.contacts() if one.channel is Channel.SMS]
    heard = [words for kind, words in await under_the_new_key.course(contact.id) if kind is EntryKind.TEXT_IN]
    assert heard == ["Mamma er syk", "1", "Er du der?"]
    assert new.open((await under_the_new_key.now_of(advisor)).phone_sealed or b"") == "+4790000101"
    assert [new.open(reason) for reason in await values(line.database, AccessLog.reason)] == ["Fare for liv"]


async def test_interrupted_and_run_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        await line.write(f"svar {number}")
    monkeypatch.setattr(resealing, "BATCH", 3)
    both = Database(address(line), Keyring([NEW_KEY, SECRET_KEY]))
    try:
        async with both.reading() as session:
            first = await reseal.look(session, Entry.body)
        assert (len(first.changes), first.current, first.last) == (3, 0, first.changes[-1].id)
        async with both.writing() as session:
            await reseal.keep(session, Entry.body, first)
    finally:
        await both.close()
    entries = len(await values(line.database, Entry.body))

    result = await run_reseal(line, monkeypatch, NEW_KEY, SECRET_KEY)
    assert f"entry.body: {entries - 3} under an older key, 3 under the first." in result.output
    again = await run_reseal(line, monkeypatch, NEW_KEY, SECRET_KEY)
    assert f"entry.body: 0 under an older key, {entries} under the first." in again.output
    assert (result.exit_code, again.exit_code) == (0, 0)


async def test_callers_go_on_writing_meanwhile(
    line: Line, under_the_new_key: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [f"linje {number}" for number in range(30)]
    for words in told[:15]:
        await line.write(words)
    monkeypatch.setattr(resealing, "BATCH", 2)
    both = Database(address(line), Keyring([NEW_KEY, SECRET_KEY]))
    live = Line(database=both, house=line.house, clock=line.clock)

    async def go_on() -> None:
        for words in told[15:]:
            await live.write(words, id=words)

    try:
        result, _ = await asyncio.gather(run_reseal(line, monkeypatch, NEW_KEY, SECRET_KEY), go_on())
    finally:
        await both.close()
    assert result.exit_code == 0, result.output
    heard = [words for kind, words in await under_the_new_key.course() if kind is EntryKind.TEXT_IN]
    assert heard == told
    assert len(await under_the_new_key.contacts()) == 1


async def test_what_changed_meanwhile_is_left_as_it_is_now(line: Line) -> None:
    """Between the look and the writing somebody else wrote the row, or erased it."""
    advisor = await lived_in(line)
    both = Database(address(line), Keyring([NEW_KEY, SECRET_KEY]))
    try:
        async with both.reading() as session:
            drafts = await reseal.look(session, Contact.reply_draft)
            words = await reseal.look(session, Entry.body)
        async with both.writing() as session:
            await attend.save_reply_draft(session, drafts.changes[0].id, "Et annet svar", advisor=advisor)
            await session.execute(update(Entry).values(body=None))
        async with both.writing() as session:
            await reseal.keep(session, Contact.reply_draft, drafts)
            await reseal.keep(session, Entry.body, words)
        assert [both.keyring.open(draft) for draft in await values(both, Contact.reply_draft)] == ["Et annet svar"]
        assert await values(both, Entry.body) == []
    finally:
        await both.close()


async def test_two_rows_of_one_handle_keep_the_old_key_until_one_is_forgotten(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that had not got the new key yet did not know the caller that another one had added."""
    await line.write("hei")
    ahead = Database(address(line), Keyring([NEW_KEY]))
    await Line(database=ahead, house=line.house, clock=line.clock).write("hei", id="ahead")
    await ahead.close()
    assert len(await values(line.database, Caller.handle_hash)) == 2

    result = await run_reseal(line, monkeypatch, NEW_KEY, SECRET_KEY)
    assert result.exit_code == 1
    assert "1 stored value still needs an older key" in str(result.exception)
    assert all(Keyring([NEW_KEY]).open(handle) == KARI for handle in await values(line.database, Caller.handle_sealed))


async def test_a_key_that_is_missing_is_asked_for_and_the_rest_is_done(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await line.write("hei")
    lost = Keyring(["a-lost-key-" + "l" * 32]).seal("tapt")
    async with line.database.writing() as session:
        session.add(AccessLog(at=line.clock.now(), action="shown_number", reason=lost))

    result = await run_reseal(line, monkeypatch, NEW_KEY, SECRET_KEY)
    assert "1 stored value fits none of the keys: put the missing key back last" in str(result.exception)
    assert await values(line.database, AccessLog.reason) == [lost]
    assert all(map(Keyring([NEW_KEY]).is_current, await values(line.database, Entry.body)))
