"""The rights guide as a public page: no sign-in, no cookie, no script, and nothing is stored.

A form asks; its answers lead to the questions that follow from them, and then to the rights. Everything that has been
answered travels in the form itself.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from helpline.core.questionnaire import Answers, Misread
from helpline.desk import opening
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.guidance import LANGUAGES
from helpline.guidance.phrases import page_language
from helpline.web import questions, wired
from helpline.web.pages import page
from helpline.web.rights_view import found_part

router = APIRouter(prefix="/rights")

#: What stands at the top of the page, by id of the numbers.
EMERGENCY = ("amk", "police", "legevakt", "alarmtelefonen", "mental_helse")
ADVISOR = "pio"
#: Characters of a form with every question answered, several times over.
_LARGEST = 20_000


@router.get("")
async def begin(request: Request, language: str = "", on: str = "") -> Response:
    """The first questions. `on` asks for the law of another day."""
    chosen = _language(request, language)
    return await _ask(request, chosen, {}, {}, settled=(), on=_day(on))


@router.post("")
async def answer(request: Request) -> Response:
    """What follows from the answers: further questions, what is wrong with them, or the rights.

    Raises:
        HelplineError: the form is larger than any that we send out.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LARGEST:
        raise HelplineError("Skjemaet er for stort. Begynn på nytt.")
    form = await request.form()
    house, now = wired.house(request), wired.clock(request).now()
    chosen = _language(request, _text(form, "to") or _text(form, "language"))
    on = _day(_text(form, "on"))
    questionnaire = house.rights.questionnaire
    today = now.astimezone(house.zone).date()
    answers, problems = questions.answers_from(form, questionnaire, {}, today=today)
    stage = _text(form, "stage")
    shown = {name for value in form.getlist("shown") if isinstance(value, str) for name in value.split()}
    known = tuple(question.id for question in questionnaire.asked(answers) if question.id in shown)
    if stage == "change":
        return await _ask(request, chosen, answers, {}, settled=(), on=on)
    if stage == "form":
        # Only the language was changed: nothing has been said to be wrong yet.
        return await _ask(request, chosen, answers, {}, settled=known, on=on)
    if problems:
        return await _ask(request, chosen, answers, problems, settled=(), on=on)
    if any(question.id not in shown for question in questionnaire.asked(answers)):
        return await _ask(request, chosen, answers, {}, settled=known, on=on)
    result = house.rights.apply(answers, on or today)
    return await _draw(
        request,
        chosen,
        stage="found",
        settled=questionnaire.asked(answers),
        law_of=on,
        open_all=stage == "all",
        problems={},
        answers=answers,
        field=questions.field,
        **found_part(result, house=house, language=chosen),
    )


async def _ask(
    request: Request,
    language: str,
    answers: Answers,
    problems: Mapping[str, Misread],
    *,
    settled: tuple[str, ...],
    on: date | None,
) -> Response:
    """The questions that apply, without those of `settled`: these travel along unseen."""
    questionnaire = wired.house(request).rights.questionnaire
    parts = questions.parts(questionnaire, answers, problems, language=language)
    parts["asked"] = [question for question in parts["asked"] if question.id not in settled]
    carried = [question for question in questionnaire.questions if question.id in settled]
    status = 400 if problems else 200
    return await _draw(request, language, status=status, stage="form", settled=carried, law_of=on, **parts)


async def _draw(request: Request, language: str, *, status: int = 200, **parts: Any) -> Response:
    house: House = wired.house(request)
    now: datetime = wired.clock(request).now()
    on = now.astimezone(house.zone).date()
    numbers = house.library.numbers
    async with wired.database(request).reading() as session:
        hours = await opening.in_words(session, house=house, now=now, language=language, channel="telegram")
    return page(
        request,
        "rights_page.html",
        language=language,
        status=status,
        emergency=[numbers[name] for name in EMERGENCY if numbers[name].shown(on)],
        advisor=numbers[ADVISOR],
        hours=hours,
        **parts,
    )


def _language(request: Request, wanted: str) -> str:
    """The language asked for; else what the browser reads first, of the three that we write."""
    if wanted in LANGUAGES:
        return wanted
    first = request.headers.get("accept-language", "nb").split(",")[0].split(";")[0].strip().lower()
    return page_language(first.split("-")[0] or "nb")


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _day(words: str) -> date | None:
    """The day that an address or a form names; None for today."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None
