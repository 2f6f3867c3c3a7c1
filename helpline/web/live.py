"""Live updates: one stream a tab. It carries ids only; the page fetches what changed through its ordinary routes."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from helpline.store import notices as notices_store
from helpline.store.notices import Told
from helpline.web import wired
from helpline.web.guard import Signed, signed_in

router = APIRouter()

#: A stream ends after this long and the browser comes again: signed-out and moved browsers do not hang on for ever.
LONGEST_LIFE = timedelta(minutes=10)
#: Something is said at least this often, so that a dead line is noticed at both ends.
BEAT = timedelta(seconds=15)


@router.get("/live")
async def live(request: Request, after: int | None = None, signed: Signed = Depends(signed_in)) -> StreamingResponse:
    """The stream. `Last-Event-ID` (or `after`) says what the page has heard; what came since is told first."""
    heard = request.headers.get("last-event-id", "")
    last = int(heard) if heard.isdecimal() else after
    return StreamingResponse(
        _events(request, last),
        media_type="text/event-stream",
        # Proxies that gather answers before passing them on would hold offers back.
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(request: Request, last: int | None) -> AsyncIterator[str]:
    database = wired.database(request)
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST_LIFE.total_seconds()
    # Listening begins before the look back, so that nothing falls between the two.
    notices = wired.notices(request)
    async with notices.listening() as told:
        async with database.reading() as session:
            newest = await notices_store.latest(session)
            missed = await notices_store.since(session, last) if last is not None else []
        yield f"retry: 1000\nid: {newest}\nevent: hello\ndata: {{}}\n\n"
        for one in missed:
            yield _change(one, newest)
        while (left := ends - loop.time()) > 0 and not notices.ending:
            try:
                async with asyncio.timeout(min(left, BEAT.total_seconds())):
                    one = await told.get()
            except TimeoutError:
                yield "event: beat\ndata: {}\n\n"
                continue
            if notices.ending:
                # The browser comes again by itself, and meets whoever answers then.
                return
            newest = max(newest, one.id)
            yield _change(one, newest)
    if not notices.ending:
        yield "event: again\ndata: {}\n\n"


def _change(told: Told, newest: int) -> str:
    data = json.dumps({"topic": told.topic, "contact": told.contact_id, "advisor": told.advisor_id})
    return f"id: {newest}\nevent: change\ndata: {data}\n\n"
