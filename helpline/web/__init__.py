"""The pages: the advisors' console, sign-in, live updates, reports and administration."""

from fastapi import APIRouter, FastAPI

from helpline.settings import Settings
from helpline.web import sign_in
from helpline.web.errors import error_page
from helpline.web.headers import Headers

__all__ = ["add_middleware", "build_router", "error_page"]


def build_router() -> APIRouter:
    """Every page of the house."""
    router = APIRouter()
    router.include_router(sign_in.router)
    return router


def add_middleware(app: FastAPI) -> None:
    """The headers that every answer carries."""
    settings: Settings = app.state.settings
    app.add_middleware(Headers, https=settings.public_url.startswith("https://"))
