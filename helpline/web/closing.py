"""Closing: the record saved while it is written, and the two clicks that end a contact."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from helpline.core.codes import Outcome
from helpline.desk import attend, close
from helpline.errors import HelplineError
from helpline.store.db import ReadSession
from helpline.web import wired
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import at_clock
from helpline.web.record_form import NEEDS_TOPIC, answers_from
from helpline.web.words import page_language, say
from helpline.web.work import left

router = APIRouter(prefix="/contact/{contact_id}")


async def _draft(session: ReadSession, contact_id: int, signed: Signed) -> Mapping[str, Any]:
    return (await attend.contact_for(session, contact_id, advisor=signed.advisor)).draft


@router.post("/record")
async def save(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Keep the record as far as it is filled in."""
    form = await request.form()
    now = wired.clock(request).now()
    async with wired.database(request).writing() as session:
        before = await _draft(session, contact_id, signed)
        await close.save_draft(session, contact_id, answers_from(form, before), advisor=signed.advisor, now=now)
    language = page_language(signed.advisor.language)
    time = at_clock(now, wired.settings(request).zone, language)
    return Response(say("closing.saved", language, time=time), media_type="text/plain")


@router.post("/close")
async def end(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Close with an outcome; the record is written in the same moment."""
    form = await request.form()
    chosen = str(form.get("outcome") or form.get("other_outcome") or "")
    if chosen not in list(Outcome):
        raise HelplineError("Velg hvordan henvendelsen endte.")
    outcome = Outcome(chosen)
    now = wired.clock(request).now()
    async with wired.database(request).writing() as session:
        before = await _draft(session, contact_id, signed)
        answers = answers_from(form, before)
        if outcome in NEEDS_TOPIC and not answers["topics"]:
            raise HelplineError("Velg minst ett tema før du lukker. «Annet» er også et tema.")
        await close.close(
            session,
            contact_id,
            outcome=outcome,
            answers=answers,
            house=wired.house(request),
            advisor=signed.advisor,
            now=now,
            say_goodbye=form.get("goodbye") == "yes",
        )
    return await left(request, signed, closed=contact_id)
