"""Questions asked one by one: what comes next follows from the answers alone, and every answer can be taken back."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.questionnaire import (
    OPEN,
    AnswerError,
    AnswerKind,
    Condition,
    Misread,
    Option,
    Place,
    Question,
    Questionnaire,
    read_day,
)

TODAY = date(2026, 11, 26)


def same(words: str) -> dict[str, str]:
    return dict.fromkeys(("nb", "nn", "en"), words)


def options(*codes: str) -> tuple[Option, ...]:
    return tuple(Option(code=code, label=same(code.capitalize()), words=(f"{code}s",)) for code in codes)


def question(name: str, kind: AnswerKind = AnswerKind.TEXT, **more: Any) -> Question:
    return Question(id=name, kind=kind, ask=same(f"{name}?"), **more)


ADULT = Condition(question="age", one_of=frozenset({"adult"}))
LETTER = Questionnaire(
    id="letter",
    questions=(
        question("age", AnswerKind.CHOICE, options=options("child", "adult", "unknown"), required=True),
        question("illness", AnswerKind.CHOICES, options=options("mental", "drugs", "body")),
        question("consent", when=ADULT),
        question(
            "events",
            AnswerKind.LIST,
            parts=(question("when", AnswerKind.DATE), question("what", required=True)),
            required=True,
        ),
        question("wish", longest=20),
    ),
)


def walk(steps: list[Any]) -> tuple[dict[str, Any], list[str]]:
    """Answer one after the other; the answers, and what was asked."""
    answers: dict[str, Any] = {}
    asked = []
    for step in steps:
        place = LETTER.next(answers)
        assert place is not None
        asked.append(name(place))
        answers = LETTER.answer(answers, place, step)
    return answers, asked


def name(place: Place | None) -> str:
    if place is None:
        return "end"
    if place.index is None:
        return place.question.id
    return f"{place.question.id}.{place.index}.{place.part.id if place.part else 'more'}"


def test_what_is_asked_follows_from_the_answers() -> None:
    answers, asked = walk(["adult", ["drugs"], "ja", "2026-11-03", "Han falt", True, None, None])
    assert asked == [
        "age", "illness", "consent", "events.0.when", "events.0.what", "events.0.more", "events.1.when", "wish",
    ]  # fmt: skip
    assert answers["events"] == [{"when": "2026-11-03", "what": "Han falt"}]
    assert LETTER.next(answers) is None
    assert not LETTER.missing(answers)
    assert list(LETTER.check(answers)) == []


def test_a_question_whose_condition_is_not_known_to_hold_is_not_asked() -> None:
    for age in ("child", "unknown", None):
        assert "consent" not in [one.id for one in LETTER.asked({"age": age})]


def test_a_list_ends_with_no_and_every_row_can_be_told_again() -> None:
    answers, asked = walk(["child", None, "i går", "Hun skrek", True, "i dag", "Hun gråt", False])
    assert asked[-1] == "events.1.more"
    assert [row["what"] for row in answers["events"]] == ["Hun skrek", "Hun gråt"]
    assert not any(OPEN in row for row in answers["events"])
    assert name(LETTER.next(answers)) == "wish"
    assert name(LETTER.next(LETTER.back(answers))) == "events.1.more"


def test_what_is_required_cannot_be_passed_over() -> None:
    place = LETTER.next({})
    assert place is not None
    with pytest.raises(AnswerError) as raised:
        LETTER.answer({}, place, None)
    assert raised.value.reason is Misread.NEEDED
    assert ("age", Misread.NEEDED) in list(LETTER.check({"wish": "Hjelp"}))


@given(st.lists(st.integers(0, 5), max_size=25))
def test_back_undoes_the_last_answer_wherever_one_stands(choices: list[int]) -> None:
    answers: dict[str, Any] = {}
    trail: list[tuple[str, dict[str, Any]]] = []
    for choice in choices:
        place = LETTER.next(answers)
        if place is None:
            break
        value: Any
        if place.asks is None:
            value = choice % 2 == 0
        elif place.asks.options:
            value = place.asks.options[choice % len(place.asks.options)].code
            value = [value] if place.asks.kind is AnswerKind.CHOICES else value
        else:
            value = f"svar {choice}"
        trail.append((name(place), answers))
        answers = LETTER.answer(answers, place, value)
    for asked, _ in reversed(trail):
        answers = LETTER.back(answers)
        assert name(LETTER.next(answers)) == asked
    assert answers == {}
    assert LETTER.back(answers) == {}


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("1", ["mental"]),
        ("1, 3", ["mental", "body"]),
        ("1 og 3", ["mental", "body"]),
        ("13", ["mental", "body"]),
        ("3 1 3", ["body", "mental"]),
        ("Drugs.", ["drugs"]),
        ("mental, drugs", ["mental", "drugs"]),
        ("bodys", ["body"]),
    ],
)
def test_several_are_chosen_by_number_or_by_name(words: str, codes: list[str]) -> None:
    assert LETTER.question("illness").read(words, language="nb", today=TODAY) == codes


@pytest.mark.parametrize(
    ("asked", "words", "reason"),
    [
        ("age", "4", Misread.CHOOSE),
        ("age", "0", Misread.CHOOSE),
        ("age", "vet da ikke jeg", Misread.CHOOSE),
        ("age", "1 2", Misread.TOO_MANY),
        ("illness", "1, 9", Misread.CHOOSE),
        ("wish", "x" * 21, Misread.TOO_LONG),
        ("wish", "  ", Misread.EMPTY),
    ],
)
def test_what_means_no_answer_says_why(asked: str, words: str, reason: Misread) -> None:
    with pytest.raises(AnswerError) as raised:
        LETTER.question(asked).read(words, language="nb", today=TODAY)
    assert raised.value.reason is reason


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-11-03", "2026-11-03"),
        ("3.11.2026", "2026-11-03"),
        ("3.11", "2026-11-03"),
        ("03.11.26", "2026-11-03"),
        ("12.03.58", "1958-03-12"),
        ("26.11.26", "2026-11-26"),
        ("27.11.26", "1926-11-27"),
        ("12. mars 58", "1958-03-12"),
        ("29.2.00", "2000-02-29"),
        ("29.2.58", None),
        ("3. november", "2026-11-03"),
        ("24. desember", "2025-12-24"),
        ("November 3", "2026-11-03"),
        ("I går", "2026-11-25"),
        ("31.2.2026", None),
        ("sist sommer", None),
        ("3. brumaire", None),
    ],
)
def test_days_as_people_write_them(words: str, day: str | None) -> None:
    found = read_day(words, today=TODAY)
    assert (found.isoformat() if found else None) == day


def test_a_day_that_is_not_exact_is_kept_in_words() -> None:
    when = LETTER.question("events").parts[0]
    assert when.read("sist sommer", language="nb", today=TODAY) == "sist sommer"
    assert when.read("3. november", language="nb", today=TODAY) == "2026-11-03"


@pytest.mark.parametrize("words", ["nei", "Nei.", "NEI TAKK", "vet ikke", "Veit ikkje", "I don’t know", "no"])
def test_no_and_not_knowing_pass_over_what_asks_for_words(words: str) -> None:
    may_pass, must_be_told = question("enclosed"), question("what", required=True)
    assert may_pass.read(words, language="nb", today=TODAY) is None
    assert question("when", AnswerKind.DATE).read(words, language="nb", today=TODAY) is None
    assert must_be_told.read(words, language="nb", today=TODAY) == words


@pytest.mark.parametrize("words", ["ingen", "nei, bare et bilde", "Vet ikke helt når, men i høst"])
def test_words_that_say_something_are_kept(words: str) -> None:
    assert question("enclosed").read(words, language="nb", today=TODAY) == words


def test_what_is_wrong_in_a_file_of_answers_is_named_where_it_stands() -> None:
    problems = dict(
        LETTER.check(
            {
                "age": "old",
                "illness": [1],
                "events": [{"when": "2026-11-03"}, {"what": ["x"]}, "x"],
                "wish": "x" * 21,
                "shoe_size": "42",
            }
        )
    )
    assert problems == {
        "age": Misread.CHOOSE,
        "illness": Misread.WRONG_KIND,
        "events.1.what": Misread.NEEDED,
        "events.2.what": Misread.WRONG_KIND,
        "events.3": Misread.WRONG_KIND,
        "wish": Misread.TOO_LONG,
        "shoe_size": Misread.UNKNOWN_QUESTION,
    }


ANSWER = st.one_of(st.none(), st.sampled_from(["yes", "no", "unknown"]))


@given(ANSWER, ANSWER)
def test_unknown_is_never_taken_for_no(one: str | None, other: str | None) -> None:
    answers = {"one": one, "other": other}
    is_one = Condition(question="one", one_of=frozenset({"yes"}))
    is_other = Condition(question="other", one_of=frozenset({"yes"}))
    truth: dict[str | None, bool | None] = {"yes": True, "no": False, "unknown": None, None: None}
    a, b = truth[one], truth[other]
    assert is_one.holds(answers) is a
    assert Condition(not_=is_one).holds(answers) is (None if a is None else not a)
    both = Condition(all_of=(is_one, is_other)).holds(answers)
    either = Condition(any_of=(is_one, is_other)).holds(answers)
    assert both is (False if False in (a, b) else None if None in (a, b) else True)
    assert either is (True if True in (a, b) else None if None in (a, b) else False)
    assert Condition(any_of=(is_one, Condition(not_=is_other))).questions() == {"one", "other"}


def test_not_knowing_beside_other_answers_is_not_no() -> None:
    help_or_money = Condition(question="need", one_of=frozenset({"help", "money"}))
    assert help_or_money.holds({"need": ["leave"]}) is False
    assert help_or_money.holds({"need": ["leave", "unknown"]}) is None
    assert help_or_money.holds({"need": ["money", "unknown"]}) is True


def test_what_is_open_is_what_would_settle_it() -> None:
    adult = Condition(question="age", one_of=frozenset({"adult"}))
    works = Condition(question="work", one_of=frozenset({"yes"}))
    both = Condition(all_of=(adult, Condition(not_=works)))
    assert both.open({}) == {"age", "work"}
    assert both.open({"age": "adult"}) == {"work"}
    assert both.open({"age": "child"}) == frozenset()
    either = Condition(any_of=(adult, works))
    assert either.open({"age": "child", "work": "unknown"}) == {"work"}
    assert either.open({"age": "adult", "work": "unknown"}) == frozenset()


def test_only_own_words_are_texts() -> None:
    labels = {"nb": "Ja", "nn": "Ja", "en": "Yes"}
    asks = {"nb": "Hva?", "nn": "Kva?", "en": "What?"}
    what = Question(id="what", kind=AnswerKind.TEXT, ask=asks)
    seen = Question(id="seen", kind=AnswerKind.CHOICE, ask=asks, options=(Option(code="yes", label=labels),))
    asked = Questionnaire(
        id="letter",
        questions=(seen, what, Question(id="events", kind=AnswerKind.LIST, ask=asks, parts=(what, seen))),
    )
    answers = {"seen": "yes", "what": "Han ropte", "events": [{"what": "Han gikk", "seen": "yes", "open": True}, {}]}
    assert asked.texts(answers) == {"what": "Han ropte", "events.1.what": "Han gikk"}
