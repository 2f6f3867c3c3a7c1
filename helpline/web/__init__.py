"""The pages: the advisors' console, sign-in, live updates, reports, administration, and one-time pages."""

from functools import cache

from fastapi import APIRouter, FastAPI

from helpline.settings import Settings
from helpline.web import (
    admin,
    annual,
    api,
    board,
    closing,
    console,
    contact,
    contact_letter,
    contact_rights,
    entering,
    experiences,
    exporting,
    interests,
    knowledge,
    live,
    one_time,
    public,
    records_behind,
    report_advisor,
    report_pages,
    reports,
    rights,
    sign_in,
    work,
)
from helpline.web.errors import error_page
from helpline.web.headers import Headers
from helpline.web.pages import environment
from helpline.web.unexpected import Answer, Unexpected

__all__ = ["add_middleware", "build_router", "error_page"]


@cache
def build_router() -> APIRouter:
    """Every page of the house."""
    router = APIRouter()
    for room in (
        sign_in,
        console,
        contact,
        contact_rights,
        contact_letter,
        work,
        closing,
        exporting,
        entering,
        interests,
        experiences,
        knowledge,
        live,
        # Before the reports, whose addresses may be any name.
        records_behind,
        annual,
        reports,
        report_pages,
        board,
        report_advisor,
        admin,
        api,
        rights,
        one_time,
        public,
    ):
        router.include_router(room.router)
    # The way between the report pages stands on pages that the report pages themselves build on.
    environment().globals["report_names"] = tuple(report_pages.PAGES)
    return router


def add_middleware(app: FastAPI, *, unexpected: Answer) -> None:
    """The headers that every answer carries, and inside of them the answer to what nobody foresaw."""
    settings: Settings = app.state.settings
    app.add_middleware(Unexpected, answer=unexpected)
    app.add_middleware(Headers, https=settings.public_url.startswith("https://"))
