"""Advisors added, changed, and given new passwords. For administrators."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from helpline.core.duty import Role
from helpline.desk import staff
from helpline.errors import HelplineError
from helpline.web import wired
from helpline.web.admin_forms import Admin, back, draw, fields
from helpline.web.guard import Signed

router = APIRouter(prefix="/admin/advisors")


@router.get("")
async def everyone(request: Request, signed: Admin) -> Response:
    """The list, and the form for a new one."""
    return await _page(request, signed)


@router.post("")
async def add(request: Request, signed: Admin) -> Response:
    """A new advisor with a password of the service's making, shown once."""
    form = await fields(request)
    password = staff.new_password()
    try:
        async with wired.database(request).writing() as session:
            added = await staff.add(
                session,
                email=form.get("email", ""),
                name=form.get("name", ""),
                role=_role(form),
                phone=form.get("phone", ""),
                password=password,
                now=wired.clock(request).now(),
                paged_on_red="paged_on_red" in form,
                language=_language(form),
                by=signed.advisor.id,
            )
    except HelplineError as problem:
        return await _page(request, signed, problem=problem, asked=form)
    return draw(request, "password", signed, name=added.name, email=added.email, password=password, new=True)


@router.get("/{advisor_id}")
async def one(request: Request, advisor_id: int, signed: Admin) -> Response:
    """One advisor's form."""
    return await _one(request, signed, advisor_id)


@router.post("/{advisor_id}")
async def change(request: Request, advisor_id: int, signed: Admin) -> Response:
    """Change one."""
    form = await fields(request)
    try:
        async with wired.database(request).writing() as session:
            await staff.change(
                session,
                advisor_id,
                name=form.get("name", ""),
                role=_role(form),
                phone=form.get("phone", ""),
                active="active" in form,
                paged_on_red="paged_on_red" in form,
                language=_language(form),
                house=wired.house(request),
                now=wired.clock(request).now(),
                by=signed.advisor.id,
            )
    except HelplineError as problem:
        return await _one(request, signed, advisor_id, problem=problem, asked=form)
    return back("/admin/advisors", "advisor_changed")


@router.post("/{advisor_id}/password")
async def reset(request: Request, advisor_id: int, signed: Admin) -> Response:
    """A new password, shown once; they are signed out everywhere."""
    async with wired.database(request).writing() as session:
        member = await staff.member(session, advisor_id)
        password = await staff.reset(session, member.email, now=wired.clock(request).now(), by=signed.advisor.id)
    return draw(request, "password", signed, name=member.name, email=member.email, password=password, new=False)


async def _page(
    request: Request, signed: Signed, *, problem: HelplineError | None = None, asked: Mapping[str, str] | None = None
) -> Response:
    async with wired.database(request).reading() as session:
        members = await staff.members(session)
    return draw(request, "advisors", signed, problem=problem, asked=asked, members=members, roles=list(Role))


async def _one(
    request: Request,
    signed: Signed,
    advisor_id: int,
    *,
    problem: HelplineError | None = None,
    asked: Mapping[str, str] | None = None,
) -> Response:
    async with wired.database(request).reading() as session:
        member = await staff.member(session, advisor_id)
    if asked is None:
        asked = {
            "name": member.name,
            "role": member.role.value,
            "phone": member.phone or "",
            "language": member.language,
        }
        asked |= {field: "yes" for field in ("active", "paged_on_red") if getattr(member, field)}
    return draw(request, "advisor", signed, problem=problem, asked=asked, member=member, roles=list(Role))


def _role(form: Mapping[str, str]) -> Role:
    if form.get("role") not in set(Role):
        raise HelplineError("Velg en rolle.")
    return Role(form["role"])


def _language(form: Mapping[str, str]) -> str:
    language = form.get("language", "nb")
    if language not in ("nb", "nn", "en"):
        raise HelplineError("Velg et språk fra listen.")
    return language
