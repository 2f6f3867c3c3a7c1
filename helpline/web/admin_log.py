"""The access log: who saw what is not for everyday eyes, and who changed the installation. For managers."""

from fastapi import APIRouter, Request, Response

from helpline.store import access, advisors
from helpline.web import wired
from helpline.web.admin_forms import Manager, draw
from helpline.web.words import words

router = APIRouter(prefix="/admin/log")

#: Lines on the page.
SHOWN = 200


@router.get("")
async def lines(request: Request, signed: Manager) -> Response:
    """The latest lines, the newest first."""
    async with wired.database(request).reading() as session:
        found = [(line, access.reason(session, line)) for line in await access.latest(session, limit=SHOWN)]
        names = {advisor.id: advisor.name for advisor in await advisors.everyone(session)}
    return draw(
        request,
        "log",
        signed,
        lines=found,
        names=names,
        known=frozenset(key.removeprefix("log.") for key in words() if key.startswith("log.")),
        shown=SHOWN,
    )
