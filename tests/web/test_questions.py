"""A questionnaire as a form: what is drawn can be sent back, what was passed over is told from what was not asked."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from helpline.core.questionnaire import AnswerKind, Condition, Misread, Option, Question, Questionnaire
from helpline.web import questions
from helpline.web.pages import environment
from helpline.web.words import say

TODAY = date(2026, 11, 26)


def same(words: str) -> dict[str, str]:
    return dict.fromkeys(("nb", "nn", "en"), words)


def options(*codes: str) -> tuple[Option, ...]:
    return tuple(Option(code=code, label=same(code.capitalize())) for code in codes)


ABOUT = Questionnaire(
    id="about",
    questions=(
        Question(
            id="age", kind=AnswerKind.CHOICE, ask=same("Alder?"), options=options("child", "adult"), required=True
        ),
        Question(
            id="consent",
            kind=AnswerKind.CHOICES,
            ask=same("Hva er avtalt?"),
            options=options("talk", "write"),
            when=Condition(question="age", one_of=frozenset({"adult"})),
        ),
        Question(
            id="events",
            kind=AnswerKind.LIST,
            ask=same("Hva har du sett?"),
            hint=same("Én hendelse om gangen."),
            parts=(
                Question(id="when", kind=AnswerKind.DATE, ask=same("Når?")),
                Question(id="what", kind=AnswerKind.TEXT, ask=same("Hva?"), required=True, longest=500),
            ),
        ),
        Question(id="wish", kind=AnswerKind.TEXT, ask=same("Hva ønsker du?"), longest=20),
    ),
)


def sent(*fields: tuple[str, str], before: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Misread]]:
    return questions.answers_from(FormData(list(fields)), ABOUT, before or {}, today=TODAY)


def test_what_was_passed_over_is_told_from_what_was_not_asked() -> None:
    answers, problems = sent(("shown", "age events wish"), ("q_age", "adult"), ("q_wish", "  "))
    assert answers == {"age": "adult", "events": None, "wish": None}
    assert problems == {}
    place = ABOUT.next(answers)
    assert place is not None
    assert place.question.id == "consent"


def test_no_and_not_knowing_are_no_words_to_keep() -> None:
    assert sent(("shown", "wish"), ("q_wish", "Nei."))[0] == {"wish": None}
    told = sent(("shown", "events"), ("q_events_0_what", "Han falt"), ("q_events_0_when", "vet ikke"))[0]
    assert told == {"events": [{"when": None, "what": "Han falt"}]}


def test_rows_of_a_list_are_read_in_order_and_empty_ones_left_out() -> None:
    answers, problems = sent(
        ("shown", "events"),
        ("q_events_0_when", "3. november"),
        ("q_events_0_what", "Han falt.\r\nHan slo seg."),
        ("q_events_1_when", ""),
        ("q_events_1_what", " "),
        ("q_events_2_when", "i går"),
    )
    assert answers["events"] == [
        {"when": "2026-11-03", "what": "Han falt.\nHan slo seg."},
        {"when": "2026-11-25", "what": None},
    ]
    assert problems == {"events.2.what": Misread.NEEDED}


def test_what_is_refused_stays_as_it_was_written() -> None:
    answers, problems = sent(("shown", "age wish"), ("q_age", "ancient"), ("q_wish", "x" * 21))
    assert answers == {"age": "ancient", "wish": "x" * 21}
    assert problems == {"age": Misread.CHOOSE, "wish": Misread.TOO_LONG}


def test_an_answer_whose_question_no_longer_applies_goes() -> None:
    before = {"age": "adult", "consent": ["talk"]}
    answers, _ = sent(("shown", "age consent"), ("q_age", "child"), ("q_consent", "talk"), before=before)
    assert answers == {"age": "child"}


def test_what_is_required_is_asked_for_where_it_was_shown() -> None:
    assert sent(("shown", "wish"))[1] == {}
    assert sent(("shown", "age"))[1] == {"age": Misread.NEEDED}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_reason_has_words_in_every_language(language: str) -> None:
    said = {say(f"questions.{reason.value}", language, longest=20) for reason in Misread}
    assert len(said) == len(Misread)


def drawn(answers: dict[str, Any], problems: dict[str, Misread] | None = None, add_to: str | None = None) -> str:
    parts = questions.parts(ABOUT, answers, problems or {}, language="nb", add_to=add_to)
    template = environment().from_string(
        '{% from "questions.html" import questions, problem_summary with context %}'
        "{{ problem_summary() }}{{ questions() }}"
    )
    return template.render(t=lambda key, **values: say(key, "nb", **values), **parts)


def test_a_page_shows_the_answers_and_says_what_is_wrong_beside_them() -> None:
    told = [{"when": "2026-11-03", "what": "Han falt"}]
    html = drawn({"age": "adult", "events": told, "wish": "<b>x" * 20}, {"wish": Misread.TOO_LONG}, add_to="events")
    assert 'value="3.11.2026"' in html
    assert re.search(r'name="q_age" value="adult"\s+checked', html)
    assert html.count("checked") == 1
    assert "&lt;b&gt;x" in html
    assert "<b>x" not in html
    assert '<a href="#wish">Hva ønsker du?</a>' in html
    assert html.count("Det er plass til 20 tegn.") == 2
    assert re.search(r'aria-describedby="wish-problem"\s+aria-invalid="true"', html)
    assert 'name="q_events_1_what"' in html
    assert 'value="age consent events wish"' in html


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=20)


@given(
    st.fixed_dictionaries(
        {
            "age": st.sampled_from(["child", "adult"]),
            "events": st.none()
            | st.lists(st.fixed_dictionaries({"when": st.none(), "what": TEXT}), min_size=1, max_size=4),
            "wish": st.none() | TEXT,
        }
    )
)
def test_what_is_drawn_and_sent_back_is_the_same(answers: dict[str, Any]) -> None:
    fields = [("shown", "age events wish"), ("q_age", answers["age"]), ("q_wish", answers["wish"] or "")]
    for row, told in enumerate(answers["events"] or []):
        fields.append((questions.field("events", row, "what"), told["what"]))
    found, problems = sent(*fields, before=answers)
    assert (found, problems) == (answers, {})
