"""The page that says what went wrong, for people; htmx gets the sentence alone and shows it where the hands are."""

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from helpline.web.pages import is_fragment, page


def error_page(request: Request, status: int, sentence: str) -> Response:
    """An answer to a request that failed: a whole page, or for htmx a fragment with the sentence.

    Whoever is not signed in (401) is led to the sign-in, and back afterwards.
    """
    if status == 401:
        return _to_sign_in(request)
    # Whoever is signed in reads it in their own language, a stranger in the browser's (`guard.signed_in`).
    language = getattr(request.state, "language", None)
    if is_fragment(request):
        answer = page(request, "error_fragment.html", status=status, sentence=sentence, language=language)
        answer.headers["HX-Retarget"] = "#said"
        answer.headers["HX-Reswap"] = "innerHTML"
        return answer
    return page(request, "error.html", status=status, sentence=sentence, code=status, language=language)


def _to_sign_in(request: Request) -> Response:
    back = request.url.path if request.method == "GET" and not is_fragment(request) else ""
    address = "/sign-in" + (f"?next={back}" if back not in ("", "/") else "")
    if request.headers.get("hx-request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": address})
    if request.url.path == "/live":
        return Response(status_code=401)
    return RedirectResponse(address, status_code=303)
