"""The rights guide beside a contact: the advisor answers, or goes on from the caller's answers, and sees the result at
once."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from helpline.core.questionnaire import Answers
from helpline.desk import answer_rights
from helpline.guidance.phrases import page_language
from helpline.web import questions, wired
from helpline.web.contact import Stand, stand
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import is_fragment, page
from helpline.web.rights_view import found_part

router = APIRouter(prefix="/contact/{contact_id}/rights")


@router.get("")
async def show(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Questions with the answers so far, and what follows from them; for htmx the panel alone."""
    now = wired.clock(request).now()
    async with wired.database(request).reading() as session:
        found = await stand(session, contact_id, signed)
        draft, answers = await answer_rights.begun(session, contact_id, now=now)
    parts = _parts(request, found, answers, signed)
    template = "rights_panel.html" if is_fragment(request) else "contact_rights.html"
    return page(request, template, signed=signed, began=draft is not None, **parts)


@router.post("")
async def answer(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Keep the answers, and draw what follows from them. For htmx the result alone, with the questions that have come
    up or gone away since the form was drawn."""
    house, now = wired.house(request), wired.clock(request).now()
    form = await request.form()
    today = now.astimezone(house.zone).date()
    async with wired.database(request).writing() as session:
        _, before = await answer_rights.begun(session, contact_id, now=now)
        answers, problems = questions.answers_from(form, house.rights.questionnaire, before, today=today)
        # What is wrong or missing is not kept: while an advisor answers one by one, that is no fault yet.
        answers = {name: value for name, value in answers.items() if value is not None and name not in problems}
        await answer_rights.keep(session, contact_id, answers, advisor=signed.advisor, now=now)
        found = await stand(session, contact_id, signed)
    shown = {name for value in form.getlist("shown") if isinstance(value, str) for name in value.split()}
    base = str(form.get("base") or "").split()
    parts = _parts(request, found, answers, signed, base=base)
    if not is_fragment(request):
        return page(request, "contact_rights.html", signed=signed, began=True, **parts)
    came_up = {question.id for question in parts["more"]}
    return page(request, "rights_answered.html", signed=signed, redraw=came_up != shown - set(base), **parts)


def _parts(
    request: Request,
    found: Stand,
    answers: Answers,
    signed: Signed,
    *,
    base: list[str] | None = None,
) -> dict[str, Any]:
    """The form and the result. Questions of `base` stand first and are never drawn anew under the advisor's hands; the
    others follow. Without `base` those that apply now are it."""
    house, now = wired.house(request), wired.clock(request).now()
    theirs, mine = page_language(found.contact.language), page_language(signed.advisor.language)
    parts = questions.parts(house.rights.questionnaire, answers, {}, language=mine)
    everything = parts["asked"]
    first = [question for question in everything if base is None or question.id in base]
    result = house.rights.apply(answers, now.astimezone(house.zone).date())
    return {
        **parts,
        **found_part(result, house=house, language=theirs),
        "asked": first,
        "more": [question for question in everything if question not in first],
        "base": [question.id for question in first] if base is None else base,
        "stand": found,
        "contact": found.contact,
        "answered": bool(answers),
    }
