"""Answers for the rights guide: what can be asked, and answers that settle a condition one way or another."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from helpline.core.codes import UNKNOWN
from helpline.core.questionnaire import AnswerKind, Condition, Question, Questionnaire

#: Answers that lead to every question.
OPENING = {"relation": "child", "my_age": "adult", "person_age": "age_18_66"}


def values(question: Question, *, pairs: bool = False) -> list[Any]:
    """Answers worth trying: every code; of several each alone, and with `pairs` two together."""
    codes = [option.code for option in question.options if option.code != UNKNOWN]
    if question.kind is AnswerKind.CHOICE:
        return list(codes)
    return [[code] for code in codes] + [list(pair) for pair in combinations(codes, 2) if pairs]


def settling(condition: Condition, questionnaire: Questionnaire, *, pairs: bool = False) -> Iterator[Mapping[str, Any]]:
    """Answers to what a condition depends on, all others answered in a fixed way, so that every question that is asked
    has an answer."""
    names = [question.id for question in questionnaire.questions if question.id in condition.questions()]
    fixed = {question.id: values(question)[0] for question in questionnaire.questions} | OPENING
    for chosen in product(*(values(questionnaire.question(name), pairs=pairs) for name in names)):
        yield complete({**fixed, **dict(zip(names, chosen, strict=True))}, questionnaire)


def complete(answers: Mapping[str, Any], questionnaire: Questionnaire) -> dict[str, Any]:
    """Only the answers to questions that are asked."""
    given = dict(answers)
    asked = {question.id for question in questionnaire.asked(given)}
    return {name: value for name, value in given.items() if name in asked}
