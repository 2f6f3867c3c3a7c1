"""Questionnaires from content files: read whole, or refused with the line and what is wrong there."""

from pathlib import Path

import pytest

from helpline.core.questionnaire import AnswerKind, Condition
from helpline.guidance.questions import read_questionnaire
from helpline.guidance.reading import KnowledgeError

SOUND = """
questions:
  age:
    kind: choice
    required: true
    ask: {nb: Hvor gammel?, nn: Kor gammal?, en: How old?}
    options:
      - {code: child, label: {nb: Barn, nn: Barn, en: Child}, words: [under 18]}
      - {code: adult, label: {nb: Voksen, nn: Vaksen, en: Adult}}
    unknown: true
  county:
    kind: choice
    ask: {nb: Hvilket fylke?, nn: Kva fylke?, en: Which county?}
    options_from: county
    when: {any: [{age: [adult]}, {not: {age: [child]}}]}
  events:
    kind: list
    ask: {nb: Hva har du sett?, nn: Kva har du sett?, en: What have you seen?}
    parts:
      when: {kind: date, ask: {nb: Når?, nn: Når?, en: When?}}
      what: {kind: text, longest: 500, required: true, ask: {nb: Hva?, nn: Kva?, en: What?}}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "questions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_questionnaire_is_read_whole(tmp_path: Path) -> None:
    found = read_questionnaire(written(tmp_path, SOUND), name="rights")
    assert [question.id for question in found.questions] == ["age", "county", "events"]
    age = found.question("age")
    assert [option.code for option in age.options] == ["child", "adult", "unknown"]
    assert age.option("unknown").label["nn"] == "Veit ikkje"
    assert age.required
    county = found.question("county")
    assert county.option("03").label["nb"] == "Oslo"
    assert county.when == Condition(
        any_of=(
            Condition(question="age", one_of=frozenset({"adult"})),
            Condition(not_=Condition(question="age", one_of=frozenset({"child"}))),
        )
    )
    assert [part.kind for part in found.question("events").parts] == [AnswerKind.DATE, AnswerKind.TEXT]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("nn: Kor gammal?, ", "", "«nn»"),
        ("kind: choice", "kind: riddle", "no kind of answer"),
        ("options_from: county", "options_from: planets", "no list of codes"),
        ("when: {any: [{age: [adult]}", "when: {any: [{age: [old]}", "no answer to «age»"),
        ("when: {any: [{age: [adult]}", "when: {any: [{shoe: [big]}", "not asked before"),
        ("code: adult", "code: child", "a code twice"),
        ("en: Adult", "en: Child", "a label twice in en"),
        ("required: true", "needed: true", "«needed»"),
        ("unknown: true", "say_back: {nb: Du er, nn: Du er, en: You are}", "no {answer}"),
        ("code: adult,", "code: adult, ages: 18 og mer,", "no ages"),
        ("longest: 500", "longest: much", "number of characters"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = written(tmp_path, SOUND.replace(old, new, 1))
    with pytest.raises(KnowledgeError) as raised:
        read_questionnaire(path, name="rights")
    assert says in str(raised.value)
    assert raised.value.line > 1
