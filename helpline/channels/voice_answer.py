"""How every voice webhook is answered: with valid TwiML whatever happens, and a repeat with the same again."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import Depends, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from helpline.channels import twiml
from helpline.channels.twilio import signed_form
from helpline.errors import CannotStore, HelplineError
from helpline.logs import get
from helpline.settings import Settings
from helpline.store import events
from helpline.store.db import WriteSession

log = get("helpline.voice")

PROVIDER = "twilio"
#: Longest id of Twilio's (34 characters) with room to spare.
_LONGEST_ID = 64
Number = Annotated[int, Path(ge=0, le=100_000)]
Id = Annotated[int, Path(ge=1, le=2**53)]
#: How a call ends, in Twilio's words.
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


async def genuine_form(request: Request) -> dict[str, str]:
    """The parameters of a genuine voice webhook. A report about a room need not be about a call.

    Raises:
        HelplineError: as `signed_form` does, and 400 for one that names no call.
    """
    form = await signed_form(request)
    name = "ConferenceSid" if "/conference/" in request.url.path else "CallSid"
    sid = form.get(name, "")
    if not sid or len(sid) > _LONGEST_ID:
        raise HelplineError(f"This webhook needs its {name}.")
    request.state.genuine = True
    return form


Form = Annotated[dict[str, str], Depends(genuine_form)]


def spoken_route(apologies: twiml.Apologies) -> type[APIRoute]:
    """Routes whose answer is heard by somebody: once the webhook is known to be genuine, the answer is always a valid
    document. When we cannot store or are broken, that is the apology with the emergency numbers."""

    class SpokenRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def spoken(request: Request) -> Response:
                try:
                    return await answer(request)
                except (RequestValidationError, HTTPException):
                    raise
                except CannotStore:
                    log.error("voice_cannot_store", route=self.path)
                except Exception:
                    if not getattr(request.state, "genuine", False):
                        raise
                    log.exception("voice_broken", route=self.path)
                return document(apologies.queue if "/wait" in self.path else apologies.call)

            return spoken

    return SpokenRoute


def document(answer: str) -> Response:
    return Response(answer, media_type="text/xml")


def urls_of(settings: Settings) -> twiml.Urls:
    return twiml.Urls(public=settings.public_url)


def request_token(request: Request) -> str:
    """What Twilio calls the request by, the same for every repeat of it; new when there is none."""
    return request.headers.get("I-Twilio-Idempotency-Token", "")[:_LONGEST_ID] or uuid4().hex


def raw(form: dict[str, str]) -> str:
    return urlencode(form)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an event led to: the document, and the contact it was about."""

    document: str
    contact_id: int | None = None


async def once(
    request: Request,
    form: dict[str, str],
    external_id: str,
    act: Callable[[WriteSession, datetime], Awaitable[Answer]],
) -> str | None:
    """Store the event, do what it means and keep the answer, in one transaction; a repeat gets that answer again.

    None for a repeat whose answer is not kept any more. `external_id` is unique under our Twilio account.
    """
    state = request.app.state
    ids = {"provider": PROVIDER, "account": state.settings.twilio_account_sid, "external_id": external_id}
    async with state.database.writing() as session:
        now = state.clock.now()
        event_id = await events.take_in(session, **ids, raw=raw(form), now=now)
        if event_id is None:
            kept = await events.kept_answer(session, **ids)
            return kept.answer if kept else None
        answer = await act(session, now)
        if answer.contact_id is not None:
            await events.belongs_to(session, event_id, answer.contact_id)
        await events.keep_answer(session, **ids, answer=answer.document)
    state.outbox.wake()
    return answer.document
