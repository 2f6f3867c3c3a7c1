"""What is forgotten and when (the table of DESIGN §5), keys that rotate, and files in which nothing stays behind."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from helpline.core.codes import Channel, Outcome
from helpline.core.contact import ContactState, EntryKind
from helpline.core.turn import InboundKind
from helpline.desk import export
from helpline.desk.house import House
from helpline.store import access, drafts
from helpline.store.db import Database, truncate_wal
from helpline.store.keyring import Keyring
from helpline.store.tables import (
    AccessLog,
    Caller,
    Contact,
    Delivery,
    Draft,
    DraftKind,
    Entry,
    InboundEvent,
    Notice,
    Record,
    RecordLink,
)
from tests.conftest import SECRET_KEY, HandClock
from tests.desk import line as lines
from tests.desk.line import KARI, Line


@pytest.fixture
async def line(database: Database, house: House, clock: HandClock) -> Line:
    return await lines.opened(database, house, clock)


async def count(line: Line, what: object, *where: object) -> int:
    async with line.database.reading() as session:
        return len((await session.scalars(select(what).where(*where))).all())  # type: ignore[call-overload]  # columns


async def closed_contact(line: Line) -> None:
    advisor = await line.advisor()
    await line.write("hei")
    await line.write("1")
    contact = await line.accept(advisor)
    await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED)
    async with line.database.writing() as session:
        for delivery in await session.scalars(select(Delivery)):
            delivery.state = type(delivery.state).DELIVERED


@pytest.mark.parametrize(
    ("days", "gone"),
    [
        (0.9, set()),
        (1.1, {"payload", "notices"}),
        (6.9, {"payload", "notices"}),
        (7.1, {"payload", "notices", "words", "sent", "numbers", "link", "handle"}),
    ],
)
async def test_what_is_gone_after_some_days(line: Line, days: float, gone: set[str]) -> None:
    await closed_contact(line)
    line.clock.advance(days=days)
    await line.forget()

    kept = {
        "payload": await count(line, InboundEvent.id, InboundEvent.payload.is_not(None)),
        "notices": await count(line, Notice.id),
        "words": await count(line, Entry.id, Entry.body.is_not(None)),
        "sent": await count(line, Delivery.id, Delivery.body.is_not(None)),
        "numbers": await count(line, Delivery.id, Delivery.to_sealed.is_not(None)),
        "link": await count(line, RecordLink.contact_id),
        "handle": await count(line, Caller.id),
        "record": await count(line, Record.record_id),
        "event ids": await count(line, InboundEvent.id),
    }
    assert {name for name, number in kept.items() if not number} == gone


async def test_a_handle_is_kept_while_its_contact_is_open_or_was_closed_lately(line: Line) -> None:
    await line.write("hei")
    await line.write("1")
    line.clock.advance(days=30)
    await line.forget()
    assert await count(line, Caller.id) == 1

    advisor = await line.advisor()
    contact = await line.accept(advisor)
    await line.close(advisor, contact.id, outcome=Outcome.COUNSELLED)
    line.clock.advance(days=6)
    await line.forget()
    assert await count(line, Caller.id) == 1
    line.clock.advance(days=2)
    await line.forget()
    assert await count(line, Caller.id) == 0


async def test_pages_and_answers_to_groups_are_forgotten_too(line: Line) -> None:
    await line.write("hei", channel=Channel.TELEGRAM, who="-100", kind=InboundKind.GROUP)
    async with line.database.writing() as session:
        for delivery in await session.scalars(select(Delivery)):
            delivery.state = type(delivery.state).SENT
    line.clock.advance(days=8)
    await line.forget()

    assert await count(line, Delivery.id, Delivery.to_sealed.is_not(None)) == 0
    assert await count(line, Delivery.id, Delivery.body.is_not(None)) == 0


@pytest.mark.parametrize(("red", "state"), [(False, ContactState.CLOSED), (True, ContactState.WAITING)])
async def test_a_callback_number_is_kept_three_days_and_red_stays_for_a_person(
    line: Line, red: bool, state: ContactState
) -> None:
    await line.advisor()
    await line.turn(channel=Channel.PHONE, kind=InboundKind.CALL, call_sid="CA1")
    await line.turn("1", channel=Channel.PHONE, kind=InboundKind.KEYS, call_sid="CA1", turn=1)
    async with line.database.writing() as session:
        contact = (await session.scalars(select(Contact))).one()
        contact.wish = type(contact.wish).CALLBACK
        contact.callback_sealed = session.keyring.seal(KARI)
        if red:
            contact.urgency = type(contact.urgency).RED
    advisor = next(iter(await line.offers())).advisor_id
    assert advisor
    line.clock.advance(seconds=60)
    await line.expire()
    line.clock.advance(days=3)
    await line.forget()

    contact = await line.contact()
    assert contact.callback_sealed is None
    assert contact.state is state
    assert [record.outcome for record in await line.records()] == ([] if red else ["callback_failed"])


async def test_the_access_log_is_kept_for_24_months(line: Line) -> None:
    async with line.database.writing() as session:
        await access.log(session, now=line.clock.now(), action="shown_number", advisor_id=None, reason="Fare for liv")
    line.clock.advance(days=730)
    async with line.database.writing() as session:
        await access.log(session, now=line.clock.now(), action="exported", advisor_id=None)
    await line.forget()
    assert await count(line, AccessLog.id) == 2

    line.clock.advance(days=2)
    await line.forget()
    async with line.database.reading() as session:
        assert [kept.action for kept in await access.latest(session)] == ["exported"]


async def test_everything_kept_about_a_caller_can_be_handed_out(line: Line) -> None:
    await line.write("Mamma er syk")
    async with line.database.writing() as session:
        document = await export.everything(session, "phone", KARI, now=line.clock.now())
        assert await export.everything(session, "phone", "+4790000999", now=line.clock.now()) is None

    assert document is not None
    said = json.dumps(document["contacts"], default=str, ensure_ascii=False)
    assert said.count("Mamma er syk") == 1


async def test_a_rotated_key_opens_what_was_sealed_and_hashes_anew(line: Line, house: House, clock: HandClock) -> None:
    await line.write("under den gamle nøkkelen")
    async with line.database.reading() as session:
        old_hash = await session.scalar(select(Caller.handle_hash))
    rotated = Database(
        line.database.url.render_as_string(hide_password=False), Keyring(["a-new-key-" + "n" * 32, SECRET_KEY])
    )
    try:
        after = Line(database=rotated, house=house, clock=clock)
        await after.write("under den nye", id="event-new")

        assert len(await after.contacts()) == 1, "the same caller, found under the old key"
        heard = [words for kind, words in await after.course() if kind is EntryKind.TEXT_IN]
        assert heard == ["under den gamle nøkkelen", "under den nye"]
        async with rotated.reading() as session:
            [caller] = await session.scalars(select(Caller))
            assert caller.handle_hash != old_hash
            assert Keyring(["a-new-key-" + "n" * 32]).open(caller.handle_sealed) == KARI
    finally:
        await rotated.close()


async def test_after_forgetting_no_sealed_word_stays_in_the_file(line: Line) -> None:
    await closed_contact(line)
    async with line.database.reading() as session:
        sealed = [body for body in await session.scalars(select(Entry.body)) if body]
        sealed += [raw for raw in await session.scalars(select(InboundEvent.payload)) if raw]
    assert len(sealed) > 4
    if line.database.is_sqlite:
        await truncate_wal(line.database)
        path = Path(str(line.database.url.database))
        assert any(one in path.read_bytes() for one in sealed), "they were there"
    line.clock.advance(days=8)
    await line.forget()
    await truncate_wal(line.database)

    if line.database.is_sqlite:
        for name in (path, path.with_name(path.name + "-wal")):
            content = name.read_bytes() if name.exists() else b""
            assert not [one for one in sealed if one in content], name
    assert await count(line, Entry.id, Entry.body.is_not(None)) == 0
    assert line.clock.now() - (await line.contact()).opened_at > timedelta(days=7)


async def test_a_draft_is_gone_72_hours_after_its_last_change(line: Line) -> None:
    await line.write("hei")
    [contact] = await line.contacts()
    async with line.database.writing() as session:
        draft = await drafts.begin(
            session, contact_id=contact.id, kind=DraftKind.RIGHTS, language="nb", now=line.clock.now()
        )
    line.clock.advance(hours=71)
    async with line.database.writing() as session:
        kept = await drafts.newest(session, contact.id, DraftKind.RIGHTS, now=line.clock.now())
        assert kept is not None
        assert drafts.answers(session, kept) == {}
        drafts.change(session, kept, {"age": "adult", "wish": "Å bli hørt"}, now=line.clock.now())
    line.clock.advance(hours=71)
    await line.forget()
    async with line.database.reading() as session:
        kept = await drafts.by_id(session, draft.id, now=line.clock.now())
        assert kept is not None
        assert drafts.answers(session, kept) == {"age": "adult", "wish": "Å bli hørt"}
        assert b"bli h" not in kept.answers
    line.clock.advance(hours=1.1)
    async with line.database.reading() as session:
        assert await drafts.by_id(session, draft.id, now=line.clock.now()) is None, "withheld before it is swept"
    await line.forget()
    assert await count(line, Draft.id) == 0


async def test_a_draft_goes_with_what_the_caller_erases(line: Line) -> None:
    await line.write("hei")
    [contact] = await line.contacts()
    async with line.database.writing() as session:
        await drafts.begin(session, contact_id=contact.id, kind=DraftKind.LETTER, language="nb", now=line.clock.now())
    await line.write("slett")
    assert await count(line, Draft.id) == 0
