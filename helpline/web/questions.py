"""A questionnaire as a form on a page, and the answers that the form holds.

The template is `questions.html`. A field is `q_<question>`, one of a list `q_<question>_<row>_<part>`; `shown` names
the questions that stood on the page, so that one without an answer was passed over, and one that was not there was not
asked.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from helpline.core.questionnaire import (
    AnswerError,
    AnswerKind,
    Answers,
    Misread,
    Question,
    Questionnaire,
)
from helpline.web.words import say

#: Most rows of a list that one form takes.
MOST_ROWS = 30


def field(question: str, row: int | None = None, part: str | None = None) -> str:
    """The name of a field: `q_age`, `q_events_0_when`."""
    return f"q_{question}" if row is None else f"q_{question}_{row}_{part}"


def path(question: str, row: int | None = None, part: str | None = None) -> str:
    """The same place as `core.questionnaire` names it in a problem: `age`, `events.1.when`."""
    return question if row is None else f"{question}.{row + 1}.{part}"


def rows(question: Question, answers: Answers, *, more: bool = False) -> list[Mapping[str, Any]]:
    """What stands in a list, and an empty row where something can be written: always one, and `more` adds one."""
    told = list(answers.get(question.id) or ())
    return [*told, {}] if more or not told else told


def answers_from(
    form: FormData, questionnaire: Questionnaire, before: Answers, *, today: date
) -> tuple[dict[str, Any], dict[str, Misread]]:
    """The answers with those of the form, and what could not be taken, by path. What was refused is kept as written, so
    that nobody types it twice."""
    answers: dict[str, Any] = dict(before)
    problems: dict[str, Misread] = {}
    shown = {name for value in form.getlist("shown") if isinstance(value, str) for name in value.split()}
    for question in questionnaire.questions:
        if question.id in shown:
            answers[question.id] = _value(form, question, today=today)
            problems |= dict(question.check(answers[question.id]))
    # An answer may have taken away the reason for a later question.
    asked = {question.id for question in questionnaire.asked(answers)}
    answers = {name: value for name, value in answers.items() if name in asked}
    for question in questionnaire.missing(answers):
        if question.id in shown:
            problems.setdefault(question.id, Misread.NEEDED)
    return answers, {place: reason for place, reason in problems.items() if place.split(".")[0] in answers}


def _value(form: FormData, question: Question, *, today: date) -> Any:
    if question.kind is AnswerKind.LIST:
        told = []
        for row in range(MOST_ROWS):
            parts = {part.id: _one(form, field(question.id, row, part.id), part, today) for part in question.parts}
            if any(value not in (None, []) for value in parts.values()):
                told.append(parts)
        return told or None
    return _one(form, field(question.id), question, today)


def _one(form: FormData, name: str, question: Question, today: date) -> Any:
    values = [value.strip() for value in form.getlist(name) if isinstance(value, str) and value.strip()]
    if question.kind is AnswerKind.CHOICES:
        return values or None
    if not values or question.passed_over(values[0]):
        return None
    if question.kind is AnswerKind.DATE:
        try:
            return question.read(values[0], language="nb", today=today)
        except AnswerError:
            return values[0]
    # A page breaks lines as the protocol says; the letter needs one kind of line.
    return values[0].replace("\r\n", "\n")


def in_words(problems: Mapping[str, Misread], questionnaire: Questionnaire, language: str) -> dict[str, str]:
    """What is wrong, as sentences for the page, by path."""
    return {place: _sentence(place, reason, questionnaire, language) for place, reason in problems.items()}


def _sentence(place: str, reason: Misread, questionnaire: Questionnaire, language: str) -> str:
    return say(f"questions.{reason.value}", language, longest=_at(place, questionnaire).longest)


def _at(place: str, questionnaire: Questionnaire) -> Question:
    """The question at a path."""
    name, *within = place.split(".")
    question = questionnaire.question(name)
    return next((part for part in question.parts if within and part.id == within[-1]), question)


def as_written(question: Question, value: object) -> str:
    """A text or a date as it stands in its field: «3.11.2026», or the words of one who does not know the day."""
    if not isinstance(value, str):
        return ""
    if question.kind is AnswerKind.DATE:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        return f"{day.day}.{day.month}.{day.year}"
    return value


def parts(
    questionnaire: Questionnaire,
    answers: Answers,
    problems: Mapping[str, Misread],
    *,
    language: str,
    add_to: str | None = None,
) -> dict[str, Any]:
    """What `questions.html` needs: the questions that apply with their answers, and the sentences of what is wrong.

    `add_to` is the list that gets an empty row; `language` is nb, nn or en.
    """
    asked = questionnaire.asked(answers)
    return {
        "asked": asked,
        "answers": answers,
        "problems": in_words(problems, questionnaire, language),
        "titles": {place: _at(place, questionnaire).ask[language] for place in problems},
        "rows": {
            question.id: rows(question, answers, more=question.id == add_to)
            for question in asked
            if question.kind is AnswerKind.LIST
        },
        "asks_in": language,
        "field": field,
        "path": path,
        "as_written": as_written,
    }
