"""Signing in and out."""

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from helpline.core.contact import ContactState
from helpline.core.duty import Duty
from helpline.desk import duty, sign_in
from helpline.desk.sign_in import TooManyAttempts, WrongPassword
from helpline.errors import NotAllowed
from helpline.store import advisors, contacts
from helpline.web import wired
from helpline.web.guard import NotSignedIn, Signed, forget_cookie, set_cookie, signed_in
from helpline.web.pages import page

router = APIRouter()


@router.get("/sign-in")
async def show(request: Request, next: str = "/") -> Response:
    """The sign-in page; whoever is signed in already goes on."""
    try:
        await signed_in(request)
    except NotSignedIn:
        return page(request, "sign_in.html", next=_own_path(next), email="", problem=None)
    return RedirectResponse(_own_path(next), status_code=303)


@router.post("/sign-in")
async def enter(request: Request, email: str = Form(""), password: str = Form(""), next: str = Form("/")) -> Response:
    """Check e-mail and password. The same answer, after the same time, for an unknown e-mail."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("Logg inn fra vår egen side.")
    database, now = wired.database(request), wired.clock(request).now()
    address = request.client.host if request.client else "unknown"
    try:
        async with database.writing() as session:
            advisor = await sign_in.count_attempt(session, email=email, address=address, now=now)
        fits = await sign_in.verify(advisor.password_hash if advisor else None, password)
        if advisor is None or not fits:
            raise WrongPassword(sign_in.REFUSED)
    except (TooManyAttempts, WrongPassword) as problem:
        return page(
            request,
            "sign_in.html",
            status=problem.status,
            next=_own_path(next),
            email=email,
            problem=problem.sentence,
        )
    async with database.writing() as session:
        token, _ = await sign_in.begin(session, advisor, email=email, address=address, now=now)
    answer = RedirectResponse(_own_path(next), status_code=303)
    set_cookie(answer, token, wired.settings(request))
    return answer


@router.get("/sign-out")
async def ask(request: Request, signed: Signed = Depends(signed_in)) -> Response:
    """What signing out would leave behind, and the ways to go."""
    async with wired.database(request).reading() as session:
        me = await advisors.by_id(session, signed.advisor.id)
        own = await contacts.of_advisor(session, signed.advisor.id)
        in_call = await advisors.in_a_call(session, signed.advisor.id)
    unwritten = sum(contact.state is ContactState.WRAP_UP for contact in own)
    return page(
        request,
        "leave.html",
        signed=signed,
        on_duty=me is not None and me.duty is not Duty.OFF,
        in_call=in_call,
        open_ones=len(own) - unwritten,
        unwritten=unwritten,
    )


@router.post("/sign-out")
async def leave(request: Request, then: str = Form(""), signed: Signed = Depends(signed_in)) -> Response:
    """End this browser's sign-in. Whoever is on duty or has contacts is asked first; then `off` goes off duty too, and
    `stay` leaves duty and contacts as they are."""
    async with wired.database(request).writing() as session:
        me = await advisors.by_id(session, signed.advisor.id)
        assert me is not None
        if then == "off":
            await duty.go_off(session, me, house=wired.house(request), now=wired.clock(request).now())
        elif then != "stay" and (me.duty is not Duty.OFF or await contacts.of_advisor(session, me.id)):
            return RedirectResponse("/sign-out", status_code=303)
        await sign_in.end(session, signed.token)
    answer = RedirectResponse("/sign-in", status_code=303)
    forget_cookie(answer, wired.settings(request))
    return answer


def _own_path(path: str) -> str:
    """A path of ours, never another site's: `//host` and a backslash would leave us."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path else "/"
