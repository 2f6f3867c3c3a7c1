"""Bearer tokens for the JSON interface: made once, shown once, withdrawn at any time."""

import secrets
from datetime import datetime

from helpline.core.duty import Role
from helpline.errors import HelplineError, NotFound
from helpline.store import access, tokens
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import ApiToken

#: Lets people and scanners of leaked secrets recognise one.
PREFIX = "hjelp_"


async def add(session: WriteSession, *, name: str, role: Role, now: datetime, by: int | None = None) -> str:
    """A new token, as text that is never shown again. `by` is the advisor who makes it; None on the command line.

    Raises:
        HelplineError: the name is empty, too long or taken.
    """
    name = name.strip()
    if not 1 <= len(name) <= 120:
        raise HelplineError("Gi nøkkelen et navn på høyst 120 tegn, for eksempel systemet som skal bruke den.")
    if await tokens.by_name(session, name) is not None:
        raise HelplineError(f"Det finnes alt en nøkkel som heter «{name}». Velg et annet navn.")
    token = PREFIX + secrets.token_urlsafe(32)
    await tokens.add(session, name=name, role=role, token=token, now=now)
    await access.log(session, now=now, action="token_added", advisor_id=by, reason=f"{name} ({role.value})")
    return token


async def revoke(session: WriteSession, token_id: int, *, now: datetime, by: int | None = None) -> None:
    """Withdraw a token; it opens nothing from now on.

    Raises:
        NotFound: there is no such token in use.
    """
    revoked = await tokens.revoke(session, token_id, now=now)
    if revoked is None:
        raise NotFound("Nøkkelen finnes ikke, eller den er trukket tilbake alt.")
    await access.log(session, now=now, action="token_revoked", advisor_id=by, reason=revoked.name)


async def find(session: ReadSession, token: str) -> ApiToken | None:
    """The token that somebody shows; None unless it is in use."""
    return await tokens.find(session, token) if token.startswith(PREFIX) else None
