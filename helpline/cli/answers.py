"""Files of answers: one JSON object with a questionnaire's ids as keys, and its questions printed so that somebody can
write such a file."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from helpline.cli.command import say, say_json
from helpline.core.questionnaire import AnswerKind, Condition, Misread, Question, Questionnaire
from helpline.errors import HelplineError
from helpline.guidance import LANGUAGES

#: Where «-» stands for a file, the answers come on standard input.
STANDARD_INPUT = Path("-")
#: What may stand beside the answers.
_LANGUAGE, _ON = "language", "on"


@dataclass(frozen=True, kw_only=True)
class AnswersFile:
    """Answers with the language to answer in, and the day whose law is asked for (None: today)."""

    answers: dict[str, Any]
    language: str
    on: date | None


def read(path: Path, questionnaire: Questionnaire) -> AnswersFile:
    """Read a file of answers and hold it against the questions.

    Raises:
        HelplineError: the file is missing, is no JSON object, or answers are wrong or missing: all of them are named.
    """
    try:
        text = sys.stdin.read() if path == STANDARD_INPUT else path.read_text(encoding="utf-8")
        given = json.loads(text)
    except OSError as error:
        raise HelplineError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise HelplineError(f"{_named(path)} is not JSON in UTF-8: mend it and run again.") from error
    if not isinstance(given, dict):
        raise HelplineError(f"{_named(path)} must hold one JSON object, with the questions' ids as keys.")
    language, on = given.pop(_LANGUAGE, "nb"), given.pop(_ON, None)
    faults = [_fault(place, reason, given, questionnaire) for place, reason in questionnaire.check(given)]
    if language not in LANGUAGES:
        faults.append(f"«{_LANGUAGE}» must be one of {', '.join(LANGUAGES)}")
    day = _day(on)
    if on is not None and day is None:
        faults.append(f"«{_ON}» must be a date as 2026-11-26")
    if faults:
        raise HelplineError(f"The answers cannot be used: {'; '.join(dict.fromkeys(faults))}.")
    return AnswersFile(answers=given, language=language, on=day)


def _named(path: Path) -> str:
    return "Standard input" if path == STANDARD_INPUT else str(path)


def _day(on: object) -> date | None:
    try:
        return date.fromisoformat(on) if isinstance(on, str) else None
    except ValueError:
        return None


def _fault(place: str, reason: Misread, given: Mapping[str, Any], questionnaire: Questionnaire) -> str:
    if reason is Misread.UNKNOWN_QUESTION:
        known = ", ".join(question.id for question in questionnaire.questions)
        return f"«{place}» is no question (there are {known}, {_LANGUAGE} and {_ON})"
    question = _at(place, questionnaire)
    allowed = _allowed(question)
    match reason:
        case Misread.NEEDED:
            return f"«{place}» is missing ({allowed})"
        case Misread.TOO_LONG:
            return f"«{place}» is longer than {question.longest} characters"
        case _:
            return f"«{place}» is {json.dumps(given.get(place), ensure_ascii=False)}, but must be {allowed}"


def _at(place: str, questionnaire: Questionnaire) -> Question:
    name, *within = place.split(".")
    question = questionnaire.question(name)
    return next((part for part in question.parts if within and part.id == within[-1]), question)


def _allowed(question: Question) -> str:
    codes = ", ".join(option.code for option in question.options)
    match question.kind:
        case AnswerKind.CHOICE:
            return f"one of {codes}"
        case AnswerKind.CHOICES:
            return f"a list of {codes}"
        case AnswerKind.LIST:
            return f"a list of objects with {', '.join(part.id for part in question.parts)}"
        case AnswerKind.DATE:
            return f"a date as 2026-11-26, or words of at most {question.longest} characters"
        case _:
            return f"a text of at most {question.longest} characters"


def say_questions(questions: Iterable[Question], *, language: str, as_json: bool) -> None:
    """Print questions, kinds of answers and codes."""
    if as_json:
        say_json([_document(question) for question in questions])
        return
    for question in questions:
        _say_question(question, language, "", say)


def _say_question(question: Question, language: str, indent: str, tell: Callable[[str], None]) -> None:
    marks = [question.kind.value, *(["required"] if question.required else [])]
    if question.when.questions():
        marks.append(f"asked depending on {', '.join(sorted(question.when.questions()))}")
    tell(f"{indent}{question.id} ({'; '.join(marks)}): {question.ask[language]}")
    for option in question.options:
        tell(f"{indent}    {option.code:<14} {option.label[language]}")
    for part in question.parts:
        _say_question(part, language, f"{indent}    ", tell)


def _document(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "kind": question.kind.value,
        "required": question.required,
        "ask": dict(question.ask),
        "hint": dict(question.hint) or None,
        "options": [{"code": option.code, "label": dict(option.label)} for option in question.options],
        "longest": question.longest if question.kind in (AnswerKind.TEXT, AnswerKind.DATE) else None,
        "when": _condition(question.when),
        "parts": [_document(part) for part in question.parts],
    }


def _condition(condition: Condition) -> dict[str, Any] | None:
    """A condition as the content files write it; None for one that always holds."""
    if condition.question:
        return {condition.question: sorted(condition.one_of)}
    if condition.not_ is not None:
        return {"not": _condition(condition.not_)}
    for name, inner in (("any", condition.any_of), ("all", condition.all_of)):
        if inner:
            return {name: [_condition(one) for one in inner]}
    return None
