"""Who is asking, and whether they may: the one way in for every page behind the sign-in."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Depends, Request, Response

from helpline.core.duty import Role
from helpline.desk import sign_in
from helpline.errors import HelplineError, NotAllowed
from helpline.settings import Settings
from helpline.store.tables import Advisor
from helpline.web import wired

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class NotSignedIn(HelplineError):
    """Nobody is signed in, or the sign-in has run out. The error page leads to the sign-in."""

    status = 401


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Whoever is signed in, and the token that their unsafe requests carry."""

    advisor: Advisor
    csrf: str
    token: str

    def may(self, role: Role) -> bool:
        """Whether this person's role reaches as far as `role`."""
        return self.advisor.role.reaches(role)


def cookie_name(settings: Settings) -> str:
    """The `__Host-` prefix binds the cookie to this host and to https; a first try over http cannot have it."""
    return "__Host-helpline" if settings.public_url.startswith("https://") else "helpline"


def set_cookie(response: Response, token: str, settings: Settings) -> None:
    """Let the browser carry the sign-in. It ends with the browser, or before."""
    response.set_cookie(
        cookie_name(settings),
        token,
        httponly=True,
        samesite="lax",
        secure=settings.public_url.startswith("https://"),
        path="/",
    )


def forget_cookie(response: Response, settings: Settings) -> None:
    """Take the sign-in from the browser."""
    response.delete_cookie(
        cookie_name(settings),
        httponly=True,
        samesite="lax",
        secure=settings.public_url.startswith("https://"),
        path="/",
    )


async def signed_in(request: Request) -> Signed:
    """The dependency of every page behind the sign-in; unsafe requests must carry the CSRF token as well.

    The token comes in the header `X-CSRF` or in the form field `csrf`.

    Raises:
        NotSignedIn: nobody is, or no longer.
        NotAllowed: the CSRF token is missing or another's.
    """
    token = request.cookies.get(cookie_name(wired.settings(request)))
    if not token:
        raise NotSignedIn("Logg inn for å fortsette.")
    now = wired.clock(request).now()
    database = wired.database(request)
    async with database.reading() as session:
        found = await sign_in.who(session, token, now=now)
    if found is None:
        raise NotSignedIn("Du er logget ut. Logg inn igjen for å fortsette.")
    request.state.language = found.advisor.language
    if request.method not in _SAFE:
        await _check_csrf(request, found.csrf)
    if found.stale:
        async with database.writing() as session:
            await sign_in.seen(session, token, now=now)
    return Signed(advisor=found.advisor, csrf=found.csrf, token=token)


def needs(role: Role) -> Callable[..., Awaitable[Signed]]:
    """A dependency for pages that take a role: `signed: Signed = Depends(needs(Role.MANAGER))`.

    The dependency raises NotAllowed when the role does not reach so far.
    """

    async def allowed(signed: Signed = Depends(signed_in)) -> Signed:
        if not signed.may(role):
            raise NotAllowed("Du har ikke tilgang til denne siden.")
        return signed

    return allowed


async def _check_csrf(request: Request, expected: str) -> None:
    given = request.headers.get("x-csrf")
    if given is None:
        value = (await request.form()).get("csrf")
        given = value if isinstance(value, str) else None
    if given is None or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotAllowed("Siden var for gammel til å sende fra. Last den inn på nytt, og prøv igjen.")
