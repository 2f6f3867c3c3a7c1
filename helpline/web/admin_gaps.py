"""Questions that no article answered, for the editors. For managers."""

from fastapi import APIRouter, Request, Response

from helpline.desk import gaps
from helpline.store.gaps import latest
from helpline.web import wired
from helpline.web.admin_forms import Manager, draw

router = APIRouter(prefix="/admin/gaps")

#: Questions that the page looks at; those kept longer ago are few, and go by the clock.
READ = 2000


@router.get("")
async def groups(request: Request, signed: Manager) -> Response:
    """Groups of questions that are about the same, the one asked last first."""
    async with wired.database(request).reading() as session:
        found = await latest(session, limit=READ)
    return draw(
        request,
        "gaps",
        signed,
        groups=gaps.grouped(found, house=wired.house(request)),
        total=len(found),
        kept=gaps.KEPT.days,
        caller=gaps.CALLER,
        advisor=gaps.ADVISOR,
    )
