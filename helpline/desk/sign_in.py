"""Sign in and out: a password under argon2id, a throttle by e-mail and by address, the same answer for everyone."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from helpline.errors import HelplineError
from helpline.store import advisors, sign_ins
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Advisor

#: A sign-in that nobody uses ends after this long, and every sign-in after the longer time.
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
#: How often use is written down: not on every request.
_WRITE_USE_EVERY = timedelta(minutes=5)

#: Attempts within the window, by the e-mail tried and by the address they come from (a whole office may share one).
WINDOW = timedelta(minutes=15)
MOST_BY_EMAIL = 5
MOST_BY_ADDRESS = 30

SHORTEST_PASSWORD = 10
#: argon2 hashes of long inputs cost no more, but nobody's password is this long.
LONGEST_PASSWORD = 1000

#: The library's defaults are the second recommended option of RFC 9106: argon2id, 64 MiB, 3 passes, 4 lanes.
_HASHER = PasswordHasher()
#: Each verification takes 64 MiB; two at a time keep the service small.
_AT_ONCE = asyncio.Semaphore(2)

REFUSED = "E-post eller passord er feil. Prøv igjen."


class TooManyAttempts(HelplineError):
    """The throttle. The sentence says how long to wait."""

    status = 429


class WrongPassword(HelplineError):
    """The same for an unknown e-mail and for a wrong password."""

    status = 403


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Whose sign-in it is. `stale` says that its use should be written down again."""

    advisor: Advisor
    csrf: str
    stale: bool


def hash_password(password: str) -> str:
    """The argon2id hash to keep.

    Raises:
        HelplineError: the password is too short or too long.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise HelplineError(f"Passordet er for kort: bruk minst {SHORTEST_PASSWORD} tegn, gjerne en setning.")
    if len(password) > LONGEST_PASSWORD:
        raise HelplineError("Passordet er for langt.")
    return _HASHER.hash(password)


@cache
def _nobody() -> str:
    """A hash to check against when there is no such advisor, so that the answer takes equally long."""
    return _HASHER.hash(secrets.token_urlsafe(24))


async def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes the same time when there is no hash. Runs beside the event loop."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_verify, password_hash, password[: LONGEST_PASSWORD + 1])


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def _keys(session: ReadSession, email: str, address: str) -> tuple[list[bytes], list[bytes]]:
    hashes = session.keyring.handle_hashes
    return hashes("sign-in e-mail", email.strip().lower()), hashes("sign-in address", address)


async def count_attempt(session: WriteSession, *, email: str, address: str, now: datetime) -> Advisor | None:
    """Count one attempt before it is tried, so that many at once cannot slip by. Returns the advisor, None if unknown.

    Raises:
        TooManyAttempts: for this e-mail or from this address; the sentence says how long to wait.
    """
    by_email, by_address = _keys(session, email, address)
    for keys, most in ((by_email, MOST_BY_EMAIL), (by_address, MOST_BY_ADDRESS)):
        count, oldest = await sign_ins.attempts(session, keys, since=now - WINDOW)
        if count >= most and oldest is not None:
            raise TooManyAttempts(_wait(oldest + WINDOW - now))
        await sign_ins.keep_attempt(session, keys[0], now=now)
    found = await advisors.by_email(session, email)
    return found if found is not None and found.active else None


def _wait(left: timedelta) -> str:
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    unit = "minutt" if minutes == 1 else "minutter"
    return f"Det er prøvd for mange ganger. Vent {minutes} {unit}, så kan du prøve igjen."


async def begin(session: WriteSession, advisor: Advisor, *, email: str, address: str, now: datetime) -> tuple[str, str]:
    """The password was right: begin a sign-in. Returns the token for the cookie, and the CSRF token."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    by_email, _ = _keys(session, email, address)
    await sign_ins.forgive(session, by_email)
    await sign_ins.sweep(session, now=now, attempts_before=now - WINDOW)
    await sign_ins.begin(session, token=token, csrf=csrf, advisor_id=advisor.id, now=now, expires_at=now + IDLE)
    return token, csrf


async def who(session: ReadSession, token: str, *, now: datetime) -> SignedIn | None:
    """Whose token it is; None when it ran out."""
    found = await sign_ins.find(session, token, now=now)
    if found is None or now - found[0].created_at > LONGEST:
        return None
    return SignedIn(advisor=found[1], csrf=found[0].csrf, stale=now - found[0].last_seen_at > _WRITE_USE_EVERY)


async def seen(session: WriteSession, token: str, *, now: datetime) -> None:
    """The sign-in is in use and lasts for another while."""
    await sign_ins.seen(session, token, now=now, expires_at=now + IDLE)


async def end(session: WriteSession, token: str) -> None:
    """Sign out."""
    await sign_ins.end(session, token)


async def set_password(session: WriteSession, advisor: Advisor, password: str) -> None:
    """A new password; every browser that was signed in is signed out.

    Raises:
        HelplineError: the password is too short or too long.
    """
    advisor.password_hash = hash_password(password)
    await session.flush()
    await sign_ins.end_all(session, advisor.id)
