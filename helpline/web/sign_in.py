"""Signing in and out."""

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from helpline.desk import sign_in
from helpline.desk.sign_in import TooManyAttempts, WrongPassword
from helpline.errors import NotAllowed
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


@router.post("/sign-out")
async def leave(request: Request, signed: Signed = Depends(signed_in)) -> Response:
    """End this browser's sign-in. Duty is a switch of its own and stays as it is."""
    async with wired.database(request).writing() as session:
        await sign_in.end(session, signed.token)
    answer = RedirectResponse("/sign-in", status_code=303)
    forget_cookie(answer, wired.settings(request))
    return answer


def _own_path(path: str) -> str:
    """A path of ours, never another site's: `//host` and a backslash would leave us."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path else "/"
