"""Bearer tokens of the JSON interface. For administrators."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from helpline.core.duty import Role
from helpline.desk import tokens
from helpline.errors import HelplineError
from helpline.store.tokens import all_of_them
from helpline.web import wired
from helpline.web.admin_forms import Admin, back, draw, fields
from helpline.web.guard import Signed

router = APIRouter(prefix="/admin/tokens")


@router.get("")
async def everyone(request: Request, signed: Admin) -> Response:
    """The list, and the form for a new one."""
    return await _page(request, signed)


@router.post("")
async def add(request: Request, signed: Admin) -> Response:
    """A new token, shown once."""
    form = await fields(request)
    try:
        if form.get("role") not in set(Role):
            raise HelplineError("Velg en rolle.")
        async with wired.database(request).writing() as session:
            token = await tokens.add(
                session,
                name=form.get("name", ""),
                role=Role(form["role"]),
                now=wired.clock(request).now(),
                by=signed.advisor.id,
            )
    except HelplineError as problem:
        return await _page(request, signed, problem=problem, asked=form)
    return await _page(request, signed, token=token, name=form["name"].strip())


@router.post("/{token_id}/revoke")
async def revoke(request: Request, token_id: int, signed: Admin) -> Response:
    """Withdraw a token."""
    async with wired.database(request).writing() as session:
        await tokens.revoke(session, token_id, now=wired.clock(request).now(), by=signed.advisor.id)
    return back("/admin/tokens", "token_revoked")


async def _page(
    request: Request,
    signed: Signed,
    *,
    problem: HelplineError | None = None,
    asked: Mapping[str, str] | None = None,
    token: str | None = None,
    name: str = "",
) -> Response:
    async with wired.database(request).reading() as session:
        rows = await all_of_them(session)
    return draw(
        request,
        "tokens",
        signed,
        problem=problem,
        asked=asked,
        tokens=rows,
        roles=list(Role),
        token=token,
        name=name,
    )
