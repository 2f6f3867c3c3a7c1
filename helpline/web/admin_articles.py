"""The knowledge for its editors: what is due for review, and each article as every channel gives it. For managers.

The files in `knowledge/` are the source of truth: nothing is changed here.
"""

import asyncio
import re
from collections import Counter
from datetime import date

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from helpline.errors import NotFound
from helpline.guidance import (
    EMERGENCY_SLUG,
    HIGHEST_LIX,
    LANGUAGES,
    SENTENCE_WORDS,
    SHORT_CHARACTERS,
    SPOKEN_WORDS,
    Article,
)
from helpline.guidance.overview import ArticleLine, Due, due_facts, lengths_of, matching, overview
from helpline.web import wired
from helpline.web.admin_forms import Manager, day_from, draw

router = APIRouter(prefix="/admin/articles")

#: What the list can be narrowed to, beside words.
SHOWN = ("all", "due", "unsigned", "versions")

_ARTICLE_LINK = re.compile(r'href="([a-z0-9]+(?:-[a-z0-9]+)*)"')


@router.get("")
async def everything(request: Request, signed: Manager, q: str = "", show: str = "all", at: str = "") -> Response:
    """Every article, soonest due first; as it will stand on another day when one is given."""
    today = _today(request)
    on = day_from(at, what="Dag") if at else today
    library = wired.house(request).library
    # Measuring every article takes a while; others are served meanwhile.
    lines = await asyncio.to_thread(overview, library, on)
    counts = Counter(line.due for line in lines)
    narrowed = [line for line in matching(lines, q.strip()) if _wanted(line, show)]
    return draw(
        request,
        "articles",
        signed,
        lines=narrowed,
        query=q.strip(),
        show=show if show in SHOWN else "all",
        choices=SHOWN,
        on=on,
        today=today,
        overdue=counts[Due.OVERDUE],
        soon=counts[Due.SOON],
        unsigned=sum(line.unsigned for line in lines),
        total=len(lines),
        facts=due_facts(library, on, signed.advisor.language),
        own=LANGUAGES,
        highest_lix=HIGHEST_LIX,
    )


@router.get("/{slug}")
async def preview(request: Request, signed: Manager, slug: str, language: str = "nb", file: str = "") -> Response:
    """One version of an article: heard, as SMS and in full, with its counts, its sources and its other versions."""
    on = _today(request)
    versions = wired.house(request).library.versions(slug, on)
    article = _chosen(versions, language, file, on)
    beside = None if article.language == "nb" else _chosen(versions, "nb", "", on)
    return draw(
        request,
        "article",
        signed,
        article=article,
        lengths=lengths_of(article),
        html=_linked(article),
        beside=beside,
        beside_lengths=lengths_of(beside) if beside is not None else None,
        beside_html=_linked(beside) if beside is not None else None,
        languages=list(dict.fromkeys(version.language for version in versions)),
        versions=[version for version in versions if version.language == article.language],
        own=LANGUAGES,
        on=on,
        never_withheld=slug == EMERGENCY_SLUG,
        limits={
            "spoken": SPOKEN_WORDS,
            "short": SHORT_CHARACTERS,
            "sentence": SENTENCE_WORDS,
            "lix": HIGHEST_LIX,
        },
    )


def _today(request: Request) -> date:
    return wired.clock(request).now().astimezone(wired.house(request).zone).date()


def _wanted(line: ArticleLine, show: str) -> bool:
    match show:
        case "due":
            return line.due is not Due.LATER
        case "unsigned":
            return line.unsigned
        case "versions":
            return bool(line.past or line.waiting)
        case _:
            return True


def _chosen(versions: tuple[Article, ...], language: str, file: str, on: date) -> Article:
    """The version of that file; else the one that is valid in the language, or the newest of it.

    Raises:
        NotFound: there is none.
    """
    theirs = [version for version in versions if version.language == language]
    valid = [version for version in theirs if version.valid(on)]
    for version in (*(version for version in versions if version.path.name == file), *valid, *theirs):
        return version
    raise NotFound("Denne artikkelen finnes ikke.")


def _linked(article: Article) -> Markup:
    """The article's HTML with links to other articles leading to their previews (`Article.html` is safe)."""
    return Markup(_ARTICLE_LINK.sub(rf'href="/admin/articles/\1?language={article.language}"', article.html))
