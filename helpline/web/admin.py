"""Administration: roster, knowledge and access log for managers; advisors, hours and keys for administrators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from helpline.core.duty import Role
from helpline.web import (
    admin_advisors,
    admin_articles,
    admin_gaps,
    admin_hours,
    admin_log,
    admin_roster,
    admin_tokens,
)
from helpline.web.guard import Signed, needs

router = APIRouter()
for _part in (admin_roster, admin_advisors, admin_hours, admin_tokens, admin_articles, admin_gaps, admin_log):
    router.include_router(_part.router)


@router.get("/admin")
async def start(request: Request, signed: Annotated[Signed, Depends(needs(Role.MANAGER))]) -> Response:
    """Administration begins with what changes most often."""
    return RedirectResponse("/admin/roster", status_code=303)
