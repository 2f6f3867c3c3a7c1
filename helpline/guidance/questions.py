"""Reads questionnaires and conditions from content files: the questions of the rights guide and of the letters."""

import re
from collections.abc import Iterable
from pathlib import Path

from helpline.core.codes import UNKNOWN, code_lists, counties
from helpline.core.own_words import OLDEST
from helpline.core.questionnaire import ALWAYS, AnswerKind, Condition, Option, Question, Questionnaire
from helpline.guidance.reading import Fields, KnowledgeError, read_fields

#: The words of the option that is added by `unknown: true`.
_DO_NOT_KNOW = {"nb": "Vet ikke", "nn": "Veit ikkje", "en": "I don't know"}
_DO_NOT_KNOW_WORDS = (
    "vet ikke",
    "veit ikkje",
    "vet ikkje",
    "ukjent",
    "usikker",
    "dont know",
    "don't know",
    "unknown",
    "?",
)


def read_questionnaire(path: Path, *, name: str) -> Questionnaire:
    """The questionnaire under `questions` of a YAML file.

    Raises:
        KnowledgeError: a text is missing in a language, a condition names a question or code that does not exist or
            comes later, a code stands twice; the sentence names the line.
    """
    file = read_fields(path)
    questions = read_questions(file.inner("questions"))
    file.finish()
    return Questionnaire(id=name, questions=questions)


def read_questions(fields: Fields, *, before: Iterable[Question] = ()) -> tuple[Question, ...]:
    """Questions by id, in the order of the file. Those of `before` may be named by conditions too.

    Raises:
        KnowledgeError: as `read_questionnaire`.
    """
    known = {question.id: question for question in before}
    own: list[Question] = []
    for name in fields.names():
        inner = fields.inner(name)
        question = _question(name, inner)
        if name in known:
            raise inner.error(f"the question «{name}» stands twice.")
        check_condition(question.when, known, inner)
        known[name] = question
        own.append(question)
    if not own:
        raise fields.error("there is no question.")
    return tuple(own)


def _question(name: str, fields: Fields) -> Question:
    kind_name = fields.text("kind")
    if kind_name not in set(AnswerKind):
        raise fields.error(f"«{kind_name}» is no kind of answer: {', '.join(AnswerKind)}.")
    kind = AnswerKind(kind_name)
    options = _options(name, fields) if kind in (AnswerKind.CHOICE, AnswerKind.CHOICES) else ()
    longest = fields.optional("longest")
    if longest is not None and not isinstance(longest, int):
        raise fields.error("«longest» is a number of characters.")
    question = Question(
        id=name,
        kind=kind,
        ask=fields.languages("ask"),
        sms=fields.optional_languages("sms"),
        spoken=fields.optional_languages("spoken"),
        hint=fields.optional_languages("hint"),
        options=options,
        parts=read_questions(fields.inner("parts")) if kind is AnswerKind.LIST else (),
        required=fields.optional("required") is not None and fields.flag("required"),
        longest=longest or (60 if kind is AnswerKind.DATE else 300),
        say_back=fields.optional_languages("say_back"),
        when=ALWAYS if fields.optional("when") is None else read_condition(fields.inner("when")),
    )
    fields.finish()
    for words in question.say_back.values():
        if "{answer}" not in words:
            raise fields.error(f"«{words}» says back nothing: it has no {{answer}}.")
    return question


def _options(name: str, fields: Fields) -> tuple[Option, ...]:
    found: list[Option] = []
    code_list = fields.optional_text("options_from")
    if code_list == "county":
        found += [
            Option(code=number, label=dict.fromkeys(("nb", "nn", "en"), place), words=tuple(place.split(" – ")))
            for number, place in counties().items()
        ]
    elif code_list is not None:
        if code_list not in code_lists():
            raise fields.error(f"«{code_list}» is no list of codes.")
        found += [
            Option(code=code.code, label={language: _capital(code.label(language)) for language in ("nb", "nn", "en")})
            for code in code_lists()[code_list].values()
        ]
    if code_list is None or fields.optional("options") is not None:
        for inner in fields.list("options"):
            words, about = (
                inner.words(name) if inner.optional(name) is not None else () for name in ("words", "about")
            )
            found.append(
                Option(
                    code=inner.text("code"),
                    label=inner.languages("label"),
                    words=words,
                    about=about,
                    ages=_ages(inner),
                )
            )
            inner.finish()
    if fields.optional("unknown") is not None and fields.flag("unknown"):
        found.append(Option(code=UNKNOWN, label=_DO_NOT_KNOW, words=_DO_NOT_KNOW_WORDS))
    if len({option.code for option in found}) != len(found):
        raise fields.error(f"the question «{name}» has a code twice.")
    for language in ("nb", "nn", "en"):
        if len({option.label[language].casefold() for option in found}) != len(found):
            raise fields.error(f"the question «{name}» has a label twice in {language}.")
    return tuple(found)


def _ages(fields: Fields) -> tuple[int, int] | None:
    """«12–15», «67–», as the first year of age and the first after it."""
    told = fields.optional_text("ages")
    if told is None:
        return None
    found = re.fullmatch(r"(\d+)–(\d*)", told)
    if found is None:
        raise fields.error(f"«{told}» are no ages: write them as 12–15 or 67–.")
    return int(found[1]), int(found[2] or OLDEST) + 1


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def read_condition(fields: Fields) -> Condition:
    """A condition: `{relation: [parent, child]}`, where several names must all hold, or `all`, `any` (lists of
    conditions) and `not` (one).

    Raises:
        KnowledgeError: it is none of these.
    """
    parts: list[Condition] = []
    for name in fields.names():
        match name:
            case "all" | "any":
                inner = tuple(read_condition(one) for one in fields.list(name))
                parts.append(Condition(all_of=inner) if name == "all" else Condition(any_of=inner))
            case "not":
                parts.append(Condition(not_=read_condition(fields.inner(name))))
            case _:
                parts.append(Condition(question=name, one_of=frozenset(fields.words(name))))
    fields.finish()
    return parts[0] if len(parts) == 1 else Condition(all_of=tuple(parts))


def check_condition(condition: Condition, known: dict[str, Question], fields: Fields) -> None:
    """Every question that a condition names exists among these and has the codes.

    Raises:
        KnowledgeError: one does not; named with the line of `fields`.
    """
    for inner in (*condition.all_of, *condition.any_of, *((condition.not_,) if condition.not_ else ())):
        check_condition(inner, known, fields)
    if not condition.question:
        return
    if condition.question not in known:
        raise fields.error(f"the condition names «{condition.question}», which is not asked before.")
    codes = {option.code for option in known[condition.question].options}
    if wrong := sorted(condition.one_of - codes):
        raise KnowledgeError(
            fields.path, fields.line, f"the condition names «{wrong[0]}», no answer to «{condition.question}»."
        )
