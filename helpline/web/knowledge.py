"""Knowledge beside the conversation: suggested by topic, found by search, put into the reply, read in full."""

import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from helpline.desk import attend, close, gaps
from helpline.desk.house import House
from helpline.errors import NotFound
from helpline.guidance import Article
from helpline.store.tables import Contact
from helpline.web import wired
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import is_fragment, page

router = APIRouter()

#: How many articles a search and a suggestion show.
HITS = 6
SUGGESTED = 4
#: Topics of danger, whose articles are suggested before all others.
FIRST = frozenset({"suicide_risk", "violence"})
#: Longest question that is searched for.
LONGEST_QUERY = 200

_ARTICLE_LINK = re.compile(r'href="([a-z0-9]+(?:-[a-z0-9]+)*)"')


def suggested(contact: Contact, *, house: House, now: datetime) -> dict[str, Any]:
    """Articles for what the caller has spoken of, in the caller's language: they are put into replies."""
    on = now.astimezone(house.zone).date()
    topics = sorted(contact.topics, key=lambda topic: topic not in FIRST)
    return {
        "query": "",
        "topics": topics,
        "articles": house.library.for_topics(topics, contact.language, on, limit=SUGGESTED),
        "reply_to": contact.id,
    }


def every(*, house: House, language: str, now: datetime) -> list[Article]:
    """All articles, by title, for whoever does not know what to ask."""
    on = now.astimezone(house.zone).date()
    slugs = dict.fromkeys(article.slug for article in house.library.articles)
    articles = (house.library.article(slug, language, on) for slug in slugs)
    return sorted((article for article in articles if article is not None), key=lambda article: article.title)


def found(query: str, *, house: House, language: str, now: datetime) -> list[Article]:
    """The articles that answer a question, best first."""
    on = now.astimezone(house.zone).date()
    hits = house.library.search(query[:LONGEST_QUERY], language=language, limit=HITS, on=on)
    articles = (house.library.article(hit.slug, language, on) for hit in hits)
    return [article for article in articles if article is not None]


def linked(article: Article, contact_id: int | None) -> Markup:
    """The article's HTML with its links to other articles pointing to our pages (`Article.html` is safe)."""
    beside = f"?contact={contact_id}" if contact_id else ""
    return Markup(_ARTICLE_LINK.sub(rf'href="/knowledge/\1{beside}" data-article', article.html))


@router.get("/knowledge")
async def search(
    request: Request, q: str = "", contact: int | None = None, signed: Signed = Depends(signed_in)
) -> Response:
    """Search; beside a contact in the caller's language, with what was suggested when nothing is asked."""
    house, now = wired.house(request), wired.clock(request).now()
    query = q.strip()
    language = signed.advisor.language
    parts: dict[str, Any] = {"query": query, "reply_to": contact}
    if contact is not None:
        async with wired.database(request).reading() as session:
            open_contact = await attend.contact_for(session, contact, advisor=signed.advisor)
        language = open_contact.language
        parts = suggested(open_contact, house=house, now=now) | {"query": query}
    if query:
        parts["articles"] = found(query, house=house, language=language, now=now)
    elif contact is None:
        parts["articles"] = every(house=house, language=language, now=now)
    return page(request, "hits.html" if is_fragment(request) else "knowledge.html", signed=signed, **parts)


@router.post("/knowledge/missing")
async def missing(request: Request, q: Annotated[str, Form()] = "", signed: Signed = Depends(signed_in)) -> Response:
    """A search that found nothing, or not what was looked for: counted for the editors, without identity."""
    query = q.strip()[:LONGEST_QUERY]
    if query:
        async with wired.database(request).writing() as session:
            await gaps.count(
                session,
                query,
                house=wired.house(request),
                asked_by=gaps.ADVISOR,
                language=signed.advisor.language,
                now=wired.clock(request).now(),
            )
    if not is_fragment(request):
        return RedirectResponse("/knowledge", status_code=303)
    return page(request, "gap_noted.html", signed=signed)


@router.get("/knowledge/{slug}")
async def article(
    request: Request, slug: str, contact: int | None = None, signed: Signed = Depends(signed_in)
) -> Response:
    """An article in full, as a page or beside the contact."""
    house, now = wired.house(request), wired.clock(request).now()
    language = signed.advisor.language
    if contact is not None:
        async with wired.database(request).reading() as session:
            language = (await attend.contact_for(session, contact, advisor=signed.advisor)).language
    opened = house.library.article(slug, language, now.astimezone(house.zone).date())
    if opened is None:
        raise NotFound("Denne artikkelen finnes ikke.")
    return page(
        request,
        "article.html" if is_fragment(request) else "article_page.html",
        signed=signed,
        article=opened,
        html=linked(opened, contact),
        reply_to=contact,
    )


@router.get("/contact/{contact_id}/suggested")
async def suggest(request: Request, contact_id: int, seen: str = "-", signed: Signed = Depends(signed_in)) -> Response:
    """What fits, when the caller has spoken of something new; a search or an article that stands there stays (204)."""
    async with wired.database(request).reading() as session:
        contact = await attend.contact_for(session, contact_id, advisor=signed.advisor)
    parts = suggested(contact, house=wired.house(request), now=wired.clock(request).now())
    if seen in ("-", " ".join(parts["topics"])):
        return Response(status_code=204)
    return page(request, "hits.html", signed=signed, **parts)


@router.post("/contact/{contact_id}/used/{slug}")
async def used(request: Request, contact_id: int, slug: str, signed: Signed = Depends(signed_in)) -> Response:
    """An article was used in this contact: it goes into the record."""
    house, now = wired.house(request), wired.clock(request).now()
    if not any(article.slug == slug for article in house.library.articles):
        raise NotFound("Denne artikkelen finnes ikke.")
    async with wired.database(request).writing() as session:
        contact = await attend.contact_for(session, contact_id, advisor=signed.advisor)
        before = list(contact.draft.get("articles_used", ()))
        if slug not in before:
            await close.save_draft(
                session, contact_id, {"articles_used": [*before, slug]}, advisor=signed.advisor, now=now
            )
    return Response(status_code=204)
