"""Draws pages: one Jinja environment, the same template for page and fragment, words in the advisor's language."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpline.core.codes import Code, label
from helpline.web import wired
from helpline.web.guard import Signed
from helpline.web.words import page_language, say
from helpline.web.words import sentence as in_language

_ROOM = Path(__file__).parent
STATIC = _ROOM / "static"
_LOCALES = {"en": "en_GB", "nn": "nn"}


@cache
def asset(name: str) -> str:
    """The address of a static file, with the hash of its content, so that it may be kept for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def at_clock(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """The time of day: 14.05 in Norwegian, 14:05 in English."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M}" if language == "en" else f"{local:%H.%M}"


def on_day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """The day: «tirsdag 3. november», «Tuesday 3 November»."""
    pattern = "EEEE d MMMM" if language == "en" else "EEEE d. MMMM"
    return str(format_date(moment.astimezone(zone).date(), pattern, locale=_LOCALES.get(language, "nb")))


def in_full(day: date, language: str) -> str:
    """A date: «3. november 2026», «3 November 2026»."""
    pattern = "d MMMM y" if language == "en" else "d. MMMM y"
    return str(format_date(day, pattern, locale=_LOCALES.get(language, "nb")))


def language_name(code: str, language: str) -> str:
    """The name of a language: `en` is «engelsk», and not the Norwegian word «en»."""
    return str(Locale.parse(_LOCALES.get(language, "nb")).languages.get(code, code))


def lasting(time: timedelta) -> str:
    """A length as a clock shows it: 0:07, 12:40, 3:05:00. The page counts on from it."""
    seconds = max(0, int(time.total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _labels(codes: Iterable[tuple[str, Code]], language: str) -> list[tuple[str, str]]:
    """Codes with their labels, for a list to choose from."""
    return [(code, _sentence(entry.label(language))) for code, entry in codes]


def _sentence(words: str) -> str:
    """The words with a capital first: «ADHD og autisme» stays as it is."""
    return words[:1].upper() + words[1:]


def _is_console(address: str) -> bool:
    """Whether a page's address is the console: only there can a contact open in place."""
    path = urlsplit(address).path
    return path == "/" or path.startswith("/contact/")


@cache
def environment() -> Environment:
    """The templates. Everything is escaped; an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(_ROOM / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset=asset, code_label=label, lasting=lasting, in_full=in_full, language_name=language_name)
    made.filters.update(labels=_labels, is_console=_is_console, sentence=_sentence)
    return made


def page(
    request: Request,
    template: str,
    *,
    signed: Signed | None = None,
    language: str | None = None,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """Draw a template.

    `language` (nb, nn or en) is for pages that relatives read; an advisor's page is in the advisor's own.

    Every template has: `t(key, **values)` the words of the page, `e(sentence)` the sentence of an error in the page's
    language, `language` (nb, nn or en), `signed` (None when nobody
    is signed in), `now` (aware UTC), `clock_time(moment)`, `day(moment)`, `since(moment)`, `code_label(list, code,
    language)`, `asset(name)`, `demo` (whether this is the demo).
    """
    chosen = language or page_language(signed.advisor.language if signed else _wanted(request))
    settings = wired.settings(request)
    zone = settings.zone
    now = wired.clock(request).now()

    def t(key: str, **filled: object) -> str:
        return say(key, chosen, **filled)

    html = (
        environment()
        .get_template(template)
        .render(
            request=request,
            signed=signed,
            language=chosen,
            t=t,
            e=lambda sentence: in_language(sentence, chosen),
            now=now,
            demo=settings.environment.value == "demo",
            clock_time=lambda moment: at_clock(moment, zone, chosen),
            day=lambda moment: on_day(moment, zone, chosen),
            since=lambda moment: lasting(now - moment),
            **values,
        )
    )
    return HTMLResponse(html, status_code=status)


def _wanted(request: Request) -> str:
    """Before anyone has signed in: what the browser asks for first."""
    first = request.headers.get("accept-language", "nb").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "nb"


def is_fragment(request: Request) -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"
