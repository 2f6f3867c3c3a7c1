"""One-time pages: a link to a draft that is spent by a button, and the browser that pressed it.

The address alone spends nothing: link previews and curious scanners fetch it and see a page that tells nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.store import drafts, page_links, sign_ins
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Draft

#: How long a link can be opened. A draft lives for 72 hours after its last change (`store/drafts.KEPT`).
OPENED_WITHIN = timedelta(hours=24)
#: How long a browser that opened the page may leave it alone.
IDLE = timedelta(hours=2)
#: Addresses that lead nowhere, tried from one place within the window, before that place has to wait.
WINDOW = timedelta(minutes=15)
MOST_MISSES = 20

#: 128 bits: nobody guesses it, and an SMS with it stays short.
_TOKEN_BYTES = 16


class LinkGone(HelplineError):
    """No such link, or its time is up, or what it led to was deleted: the same words, so that nothing is told."""

    status = 404


class LinkSpent(HelplineError):
    """Somebody opened it before."""

    status = 410


class TooManyMisses(HelplineError):
    """The brake on guessing."""

    status = 429


#: The words of those, as they stand in errors.yaml.
GONE = "Denne lenken virker ikke lenger."
SPENT = "Denne lenken er brukt."
WAIT = "Det er prøvd for mange lenker herfra. Vent et kvarter, og prøv igjen."


@dataclass(frozen=True, kw_only=True)
class OpenPage:
    """What a browser with its key has before it: the draft of its link."""

    link_id: int
    draft: Draft


async def make(session: WriteSession, draft_id: int, *, house: House, now: datetime) -> str:
    """The whole address of a new one-time page of a draft. Earlier links that nobody opened are void from now on.

    Raises:
        LinkGone: there is no such draft any more.
    """
    if await drafts.by_id(session, draft_id, now=now) is None:
        raise LinkGone(GONE)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    await page_links.add(session, draft_id, token, now=now, expires_at=now + OPENED_WITHIN)
    return f"{house.public_url}/l/{token}"


async def waits(session: ReadSession, token: str, *, now: datetime) -> None:
    """Whether a link can still be opened. Nothing changes by asking.

    Raises:
        LinkGone: there is none, or its time is up.
        LinkSpent: it was opened before.
    """
    link = await page_links.find(session, token)
    draft = None if link is None else await drafts.by_id(session, link.draft_id, now=now)
    if link is None or draft is None or (link.opened_at is None and link.expires_at <= now):
        raise LinkGone(GONE)
    if link.opened_at is not None:
        raise LinkSpent(SPENT)


async def open_once(session: WriteSession, token: str, *, now: datetime) -> str:
    """Spend a link. Returns the key that the browser carries from now on.

    Raises:
        LinkGone: there is none, or its time is up.
        LinkSpent: it was opened before; of two browsers at once, one.
    """
    await waits(session, token, now=now)
    key = secrets.token_urlsafe(32)
    if not await page_links.open_once(session, token, key=key, now=now, key_until=now + IDLE):
        raise LinkSpent(SPENT)
    return key


async def behind(
    session: ReadSession, token: str, key: str | None, *, now: datetime, lock: bool = False
) -> OpenPage | None:
    """What lies behind a link for a browser with this key; None when the key does not fit or has run out. `lock` keeps
    the draft for this transaction."""
    link = None if key is None else await page_links.with_key(session, token, key, now=now)
    draft = None if link is None else await drafts.by_id(session, link.draft_id, now=now, lock=lock)
    if link is None or draft is None:
        return None
    return OpenPage(link_id=link.id, draft=draft)


async def used(session: WriteSession, page: OpenPage, *, now: datetime) -> None:
    """The page is in use and stays open for another while."""
    await page_links.keep_open(session, page.link_id, key_until=now + IDLE)


async def refuse_guessing(session: ReadSession, address: str, *, now: datetime) -> None:
    """Let nobody try one address after the other.

    Raises:
        TooManyMisses: too many led nowhere, from the same place, within the window.
    """
    keys = session.keyring.handle_hashes("page address", address)
    count, _ = await sign_ins.attempts(session, keys, since=now - WINDOW)
    if count >= MOST_MISSES:
        raise TooManyMisses(WAIT)


async def missed(session: WriteSession, address: str, *, now: datetime) -> None:
    """An address led nowhere."""
    await sign_ins.keep_attempt(session, session.keyring.handle_hashes("page address", address)[0], now=now)
