"""Closing: the record saved while it is written, and the two clicks that end a contact."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from helpline.core.codes import Outcome
from helpline.desk import attend, close
from helpline.errors import HelplineError
from helpline.store.db import ReadSession
from helpline.web import wired
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import at_clock
from helpline.web.record_form import NEEDS_TOPIC, answers_from, place_from
from helpline.web.words import page_language, say, sentence
from helpline.web.work import left

router = APIRouter(prefix="/contact/{contact_id}")


async def _draft(session: ReadSession, contact_id: int, signed: Signed) -> Mapping[str, Any]:
    return (await attend.contact_for(session, contact_id, advisor=signed.advisor)).draft


@router.post("/record")
async def save(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Keep the record as far as it is filled in."""
    form = await request.form()
    now = wired.clock(request).now()
    language = page_language(signed.advisor.language)
    place, wrong = _place(form)
    async with wired.database(request).writing() as session:
        before = await _draft(session, contact_id, signed)
        answers = answers_from(form, before) | place
        await close.save_draft(session, contact_id, answers, advisor=signed.advisor, now=now)
    time = at_clock(now, wired.settings(request).zone, language)
    told = [say("closing.saved", language, time=time), *([sentence(wrong, language)] if wrong else [])]
    return Response(" ".join(told), media_type="text/plain")


def _place(form: FormData) -> tuple[dict[str, str | None], str | None]:
    """Where they live, and what is wrong with it: everything else is kept all the same."""
    try:
        return place_from(form), None
    except HelplineError as error:
        return {}, str(error)


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
        answers = answers_from(form, before) | place_from(form)
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
