"""The page of handsets at `/`, with its own files and nothing from elsewhere."""

from importlib import resources

from fastapi import APIRouter, Request
from starlette.responses import Response

from helpline.simulator.state import Simulator

router = APIRouter()

_FILES = {
    "index.html": "text/html; charset=utf-8",
    "handsets.css": "text/css; charset=utf-8",
    "handsets.js": "text/javascript; charset=utf-8",
    "telephone.js": "text/javascript; charset=utf-8",
    "texts.js": "text/javascript; charset=utf-8",
    "chat.js": "text/javascript; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


@router.get("/")
async def handsets() -> Response:
    """The page."""
    return _file("index.html")


@router.get("/simulator/static/{name}")
async def static(name: str) -> Response:
    """One of the page's own files."""
    return _file(name)


@router.get("/simulator/files/{file_id}")
async def sent_file(request: Request, file_id: str) -> Response:
    """Something the bot sent, for the person who got it: always as a download."""
    simulator: Simulator = request.app.state.simulator
    file = simulator.telegram.files.get(file_id)
    if file is None:
        return Response("Filen finnes ikke.", status_code=404, media_type="text/plain", headers=_HEADERS)
    name = "".join(character for character in file.name if character.isascii() and character.isprintable())
    disposition = f'attachment; filename="{name.translate(str.maketrans("", "", chr(34) + chr(92)))}"'
    headers = {**_HEADERS, "Content-Disposition": disposition}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


def _file(name: str) -> Response:
    if name not in _FILES:
        return Response("Siden finnes ikke.", status_code=404, media_type="text/plain", headers=_HEADERS)
    content = resources.files("helpline.simulator").joinpath("static", name).read_bytes()
    return Response(content, media_type=_FILES[name], headers=_HEADERS)
