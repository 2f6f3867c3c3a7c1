"""One-time pages: spent by one browser, once, and gone in time."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from helpline.desk import page_links
from helpline.desk.page_links import LinkGone, LinkSpent, TooManyMisses
from helpline.store import drafts
from helpline.store.db import Database
from helpline.store.tables import DraftKind, PageLink
from tests.desk.line import Line


async def drafted(line: Line) -> int:
    """A contact with the draft of a letter."""
    turn = await line.turn("Hei")
    assert turn.contact_id is not None
    async with line.database.writing() as session:
        draft = await drafts.begin(
            session, contact_id=turn.contact_id, kind=DraftKind.LETTER, language="nb", now=line.clock.now()
        )
        return draft.id


async def linked(line: Line, draft_id: int) -> str:
    """The token of a new link."""
    async with line.database.writing() as session:
        address = await page_links.make(session, draft_id, house=line.house, now=line.clock.now())
    assert address.startswith(f"{line.house.public_url}/l/")
    return address.rsplit("/", 1)[1]


async def opened(line: Line, token: str) -> str:
    async with line.database.writing() as session:
        return await page_links.open_once(session, token, now=line.clock.now())


async def is_behind(line: Line, token: str, key: str | None) -> bool:
    async with line.database.reading() as session:
        return await page_links.behind(session, token, key, now=line.clock.now()) is not None


async def test_a_link_is_opened_by_one_browser_only(line: Line) -> None:
    token = await linked(line, await drafted(line))
    assert not await is_behind(line, token, None)
    key = await opened(line, token)
    assert await is_behind(line, token, key)
    assert not await is_behind(line, token, "another")
    with pytest.raises(LinkSpent):
        await opened(line, token)


async def test_asking_whether_it_waits_spends_nothing(line: Line) -> None:
    token = await linked(line, await drafted(line))
    for _ in range(3):
        async with line.database.reading() as session:
            await page_links.waits(session, token, now=line.clock.now())
    assert await opened(line, token)


async def test_a_link_that_nobody_opens_runs_out(line: Line) -> None:
    token = await linked(line, await drafted(line))
    line.clock.advance(hours=24)
    with pytest.raises(LinkGone) as gone:
        await opened(line, token)
    with pytest.raises(LinkGone) as unknown:
        await opened(line, "x" * 22)
    assert gone.value.sentence == unknown.value.sentence


async def test_a_new_link_makes_the_one_before_void(line: Line) -> None:
    draft = await drafted(line)
    first = await linked(line, draft)
    second = await linked(line, draft)
    with pytest.raises(LinkGone):
        await opened(line, first)
    assert await opened(line, second)


async def test_a_key_lasts_while_the_page_is_used(line: Line) -> None:
    token = await linked(line, await drafted(line))
    key = await opened(line, token)
    for _ in range(3):
        line.clock.advance(minutes=100)
        async with line.database.writing() as session:
            page = await page_links.behind(session, token, key, now=line.clock.now(), lock=True)
            assert page is not None
            await page_links.used(session, page, now=line.clock.now())
    line.clock.advance(hours=2)
    assert not await is_behind(line, token, key)


async def test_a_link_goes_with_its_draft(line: Line) -> None:
    token = await linked(line, await drafted(line))
    key = await opened(line, token)
    async with line.database.writing() as session:
        page = await page_links.behind(session, token, key, now=line.clock.now())
        assert page is not None
        await drafts.remove(session, page.draft)
    async with line.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PageLink)) == 0
    with pytest.raises(LinkGone):
        await opened(line, token)


async def test_a_draft_that_is_gone_gets_no_link(line: Line) -> None:
    draft = await drafted(line)
    line.clock.advance(hours=72)
    with pytest.raises(LinkGone):
        await linked(line, draft)


async def test_neither_token_nor_key_is_stored(line: Line, database: Database) -> None:
    token = await linked(line, await drafted(line))
    key = await opened(line, token)
    async with database.reading() as session:
        link = (await session.scalars(select(PageLink))).one()
    assert token.encode() not in link.token_hash
    assert link.key_hash is not None
    assert key.encode() not in link.key_hash
    assert link.key_until == line.clock.now() + timedelta(hours=2)


async def test_whoever_guesses_has_to_wait(line: Line) -> None:
    for _ in range(page_links.MOST_MISSES):
        async with line.database.writing() as session:
            await page_links.refuse_guessing(session, "203.0.113.7", now=line.clock.now())
            await page_links.missed(session, "203.0.113.7", now=line.clock.now())
    async with line.database.reading() as session:
        with pytest.raises(TooManyMisses):
            await page_links.refuse_guessing(session, "203.0.113.7", now=line.clock.now())
        await page_links.refuse_guessing(session, "203.0.113.8", now=line.clock.now())
    line.clock.advance(minutes=15)
    async with line.database.reading() as session:
        await page_links.refuse_guessing(session, "203.0.113.7", now=line.clock.now())
