"""The rights guide: every rule by itself, what «unknown» may do, and versions of the law."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.core.codes import UNKNOWN
from helpline.core.questionnaire import AnswerKind, Question
from helpline.guidance import Library, Severity, check
from helpline.guidance.reading import LANGUAGES, KnowledgeError
from helpline.guidance.rights import Right, RightsGuide, RightsResult
from tests.guidance.knowledge import KNOWLEDGE, WRITTEN, copied
from tests.guidance.rights_cases import complete, settling

GUIDE = RightsGuide.load(Library.load(KNOWLEDGE))
TODAY = date(2026, 11, 26)
EVERY = pytest.mark.parametrize(
    "right", GUIDE.rights, ids=[f"{right.id}-{right.valid_from.isoformat()}" for right in GUIDE.rights]
)


def day_of(right: Right) -> date:
    """A day on which this version is the law."""
    return right.valid_until or max(right.valid_from, date(2026, 3, 1))


def certain(result: RightsResult) -> set[str]:
    return {right.id for right in result.applies}


def perhaps(result: RightsResult) -> set[str]:
    return {one.right.id for one in result.may_apply}


@EVERY
def test_a_right_applies_to_those_whom_its_condition_fits_and_to_no_others(right: Right) -> None:
    every = [(answers, right.when.holds(answers)) for answers in settling(right.when, GUIDE.questionnaire)]
    fitting = [answers for answers, holds in every if holds]
    others = [answers for answers, holds in every if not holds]
    assert fitting
    assert others or not right.when.questions()
    # Evenly over all of them: the condition was read from each, the guide need not be asked a thousand times.
    for some, applies in ((fitting, True), (others, False)):
        for answers in some[:: max(1, len(some) // 25)]:
            result = GUIDE.apply(answers, day_of(right))
            assert (right.id in certain(result)) is applies
            # Every question was answered: nothing is left open about this right.
            assert right.id not in perhaps(result)


@EVERY
def test_a_right_is_open_while_an_answer_is_missing_and_names_the_question(right: Right) -> None:
    answers = next(one for one in settling(right.when, GUIDE.questionnaire) if right.when.holds(one))
    for name in right.when.questions() & answers.keys():
        question = GUIDE.questionnaire.question(name)
        if UNKNOWN not in {option.code for option in question.options}:
            continue
        left = {**answers, name: UNKNOWN if question.kind is AnswerKind.CHOICE else [UNKNOWN]}
        result = GUIDE.apply(left, day_of(right))
        if right.id in certain(result):
            continue
        (one,) = [one for one in result.may_apply if one.right.id == right.id]
        assert name in one.depends_on


@EVERY
def test_a_right_is_the_law_between_its_days_only(right: Right) -> None:
    answers = next(one for one in settling(right.when, GUIDE.questionnaire) if right.when.holds(one))

    def shown(on: date) -> list[Right]:
        return [one for one in GUIDE.apply(answers, on).applies if one.id == right.id]

    assert shown(day_of(right)) == [right]
    assert right not in shown(right.valid_from - timedelta(days=1))
    if right.valid_until is not None:
        assert right not in shown(right.valid_until + timedelta(days=1))


@EVERY
def test_a_right_stands_somewhere_that_can_be_read(right: Right) -> None:
    assert right.statutes
    for statute in right.statutes:
        assert statute.url.startswith("https://")
        assert statute.seen <= WRITTEN
        assert set(statute.name) == set(LANGUAGES)
        if statute.section is not None:
            assert statute.url.startswith("https://lovdata.no/lov/")
            assert " " not in statute.url
    assert GUIDE.library.article(right.article, "nb", TODAY) is not None


def test_the_link_leads_to_the_section() -> None:
    assert GUIDE.right("child_coordinator", TODAY).statutes[0].url == "https://lovdata.no/lov/1999-07-02-63/§2-5c"
    assert GUIDE.right("demand_a_decision", TODAY).statutes[1].url == "https://lovdata.no/lov/1967-02-10/§11a"
    assert GUIDE.right("lasting_power", TODAY).statutes[0].url == "https://lovdata.no/lov/2010-03-26-9/§78"


def test_the_knowledge_check_finds_nothing_to_say_about_the_guide() -> None:
    assert [str(problem) for problem in check(KNOWLEDGE, WRITTEN) if "guide" in problem.path.parts] == []


# What may be answered.


def answer(question: Question) -> st.SearchStrategy[Any]:
    codes = [option.code for option in question.options]
    one = st.sampled_from(codes)
    given: st.SearchStrategy[Any] = (
        one if question.kind is AnswerKind.CHOICE else st.lists(one, min_size=1, max_size=3, unique=True)
    )
    return given if question.required else st.none() | given


ANSWERS = st.fixed_dictionaries({question.id: answer(question) for question in GUIDE.questionnaire.questions}).map(
    lambda answers: complete(answers, GUIDE.questionnaire)
)
DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 5, 1))


def with_unknown(answers: dict[str, Any], name: str) -> dict[str, Any]:
    question = GUIDE.questionnaire.question(name)
    if question.kind is AnswerKind.CHOICE:
        return {**answers, name: UNKNOWN}
    return {**answers, name: [*(answers[name] or ()), UNKNOWN]}


@given(answers=ANSWERS, on=DAYS, data=st.data())
@settings(max_examples=300, deadline=None)
def test_not_knowing_never_turns_a_right_into_a_no(answers: dict[str, Any], on: date, data: st.DataObject) -> None:
    can = [
        name
        for name in answers
        if UNKNOWN in {option.code for option in GUIDE.questionnaire.question(name).options}
        and UNKNOWN not in (answers[name] or ())
        # Whoever has died has died, whatever else is not known.
        and not (name == "need" and "after_death" in (answers[name] or ()))
    ]
    name = data.draw(st.sampled_from(sorted(can)) if can else st.just(""))
    if not name:
        return
    before = GUIDE.apply(answers, on)
    left = with_unknown(answers, name)
    after = GUIDE.apply(complete(left, GUIDE.questionnaire), on)
    assert certain(before) <= certain(after) | perhaps(after)
    assert perhaps(before) <= certain(after) | perhaps(after)


@given(answers=ANSWERS, on=DAYS)
@settings(max_examples=200, deadline=None)
def test_what_is_open_can_be_asked(answers: dict[str, Any], on: date) -> None:
    result = GUIDE.apply(answers, on)
    assert not certain(result) & perhaps(result)
    for one in result.may_apply:
        assert one.depends_on
        for name in one.depends_on:
            assert GUIDE.questionnaire.question(name).when.holds(answers) is not False
            given = answers.get(name)
            assert not given or UNKNOWN in given or name not in answers


@given(answers=ANSWERS, on=DAYS, data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_answers_does_not_matter(answers: dict[str, Any], on: date, data: st.DataObject) -> None:
    names = data.draw(st.permutations(list(answers)))
    turned = {
        name: list(reversed(answers[name])) if isinstance(answers[name], list) else answers[name] for name in names
    }
    assert GUIDE.apply(turned, on) == GUIDE.apply(answers, on)


@given(answers=ANSWERS, on=DAYS)
@settings(max_examples=100, deadline=None)
def test_an_answer_left_behind_by_a_change_counts_for_nothing(answers: dict[str, Any], on: date) -> None:
    behind = {"my_age": "minor", "agrees": "cannot", "nearest": "nearest", "working": "employed"}
    assert GUIDE.apply({**behind, **answers}, on) == GUIDE.apply(
        complete({**behind, **answers}, GUIDE.questionnaire), on
    )


@given(answers=ANSWERS, on=DAYS)
@settings(max_examples=100, deadline=None)
def test_what_was_asked_for_comes_first(answers: dict[str, Any], on: date) -> None:
    result = GUIDE.apply(answers, on)
    for rights in (result.applies, tuple(one.right for one in result.may_apply)):
        asked = [result.asked_for(right) for right in rights]
        assert asked == sorted(asked, reverse=True)


# Where the guide does not know.


def reasons(answers: dict[str, Any], on: date = TODAY) -> set[str]:
    return {unsure.id for unsure in GUIDE.apply(answers, on).unsure}


def test_it_says_when_it_does_not_know() -> None:
    assert "nothing_certain" in reasons(
        {"relation": "friend", "my_age": "adult", "person_age": UNKNOWN, "need": ["after_death"]}
    )
    assert "much_is_open" in reasons(
        {"relation": "friend", "my_age": "adult", "person_age": UNKNOWN, "need": [UNKNOWN]}
    )
    some = {"relation": "parent", "person_age": "age_18_66", "need": ["help"]}
    assert "before_our_rules" in reasons(some, date(2025, 12, 31))
    assert "before_our_rules" not in reasons(some, date(2026, 1, 1))
    assert "after_our_rules" in reasons(some, GUIDE.review_by + timedelta(days=1))
    assert "after_our_rules" not in reasons(some, GUIDE.review_by)


@pytest.mark.parametrize("doubt", GUIDE.doubts, ids=[doubt.unsure.id for doubt in GUIDE.doubts])
def test_every_reason_to_see_an_advisor_can_come_up(doubt: Any) -> None:
    on = doubt.valid_until or TODAY
    every = list(settling(doubt.when, GUIDE.questionnaire, pairs=True))
    fitting = next(answers for answers in every if doubt.when.holds(answers))
    other = next(answers for answers in every if not doubt.when.holds(answers))
    assert doubt.unsure.id in reasons(dict(fitting), on)
    assert doubt.unsure.id not in reasons(dict(other), on)


def test_numbers_stand_in_the_reasons() -> None:
    (danger,) = [
        unsure
        for unsure in GUIDE.apply(
            {"relation": "parent", "person_age": "age_18_66", "need": ["help"], "illness": ["mental_danger"]}, TODAY
        ).unsure
        if unsure.id == "danger_to_others"
    ]
    for language in LANGUAGES:
        assert "112" in danger.why[language]
        assert "113" in danger.why[language]
        assert "{" not in danger.why[language]


# Files that are wrong.


def spoilt(directory: Path, name: str, change: Callable[[str], str]) -> Path:
    """Our guide in a directory, with one of its files changed."""
    shutil.copytree(KNOWLEDGE / "guide", directory / "guide", dirs_exist_ok=True)
    path = directory / "guide" / name
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    return directory


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("rights/5-work.yaml", '    statutes: {ftrl: ["9-14"]}\n', "", "«statutes» is missing"),
        ("rights/5-work.yaml", 'ftrl: ["9-14"]', 'xyz: ["9-14"]', "«xyz» is not in laws.yaml"),
        ("rights/5-work.yaml", 'ftrl: ["9-14"]', 'ftrl: ["§ 9-14"]', "is not written as a section"),
        ("rights/5-work.yaml", "    seen: 2026-07-02\n", "", "«seen» is missing or is not a date"),
        ("rights/5-work.yaml", '{aml: ["12-9"]}', "{}", "there is no statute and no page"),
        ("rights/5-work.yaml", "article: pleiepenger-og-permisjon", "article: finnes-ikke", "is no article"),
        ("rights/5-work.yaml", "where: employer", "where: nowhere", "«nowhere» is not in places.yaml"),
        ("rights/5-work.yaml", "deadline: soon", "deadline: never", "«never» is not in places.yaml"),
        ("rights/5-work.yaml", "needs: [leave]", "needs: [holiday]", "is no answer to «need»"),
        ("rights/5-work.yaml", "{working: [employed]}", "{working: [rich]}", "no answer to «working»"),
        ("rights/5-work.yaml", "{working: [employed]}", "{mood: [good]}", "which is not asked before"),
        ("rights/5-work.yaml", "  ten_days_leave:", "  Ten:", "is not named as a right"),
        (
            "rights/5-work.yaml",
            "    changes:\n      nb: Kurset",
            "    change:\n      nb: Kurset",
            "«changes» is missing",
        ),
        ("rights/6-complaint.yaml", "valid_until: 2026-06-30", "valid_until: 2026-07-30", "named after its last day"),
        (
            "rights/6-complaint.yaml",
            "until-2026-06-30:",
            "until-2026-06-29:",
            "named after its last day",
        ),
        (
            "rights/6-complaint.yaml",
            "    valid_from: 2026-07-01",
            "    valid_from: 2026-06-01",
            "two versions on the same day",
        ),
        ("questions.yaml", "code: agrees", "code: consents", "no answer to «agrees»"),
        ("unsure.yaml", "when: {need: [after_death]}", "when: {need: [gone]}", "no answer to «need»"),
        ("laws.yaml", "  pbrl: {ref:", "  pbrl: {reference:", "«ref» is missing"),
    ],
)
def test_a_guide_that_is_wrong_is_refused_with_its_line(
    tmp_path: Path, name: str, old: str, new: str, says: str
) -> None:
    directory = spoilt(tmp_path, name, lambda text: text.replace(old, new))
    with pytest.raises(KnowledgeError, match=r"\.yaml:\d+: ") as refused:
        RightsGuide.load(replace(GUIDE.library, directory=directory))
    assert says in str(refused.value)


def test_the_check_tells_what_is_wrong_with_the_guide(tmp_path: Path) -> None:
    directory = spoilt(copied(tmp_path, whole=True), "laws.yaml", lambda text: text.replace("pbrl: {ref:", "pbrl: {r:"))
    errors = [problem for problem in check(directory, WRITTEN) if problem.severity is Severity.ERROR]
    assert [(problem.path.name, "«ref» is missing" in problem.message) for problem in errors] == [("laws.yaml", True)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Plei" + "e, pleie" * 60, "characters in nb"),
        ("Og " * 61, "words to say in nb"),
        ("Si «ja» – nå.", "cannot carry"),
        ("Ring 116 117.", "typed in"),
    ],
)
def test_a_text_that_fits_no_channel_fails_the_check(tmp_path: Path, text: str, says: str) -> None:
    directory = spoilt(
        copied(tmp_path, whole=True),
        "rights/5-work.yaml",
        lambda whole: whole.replace("nb: Si fra på jobben den første dagen.", f"nb: {text}"),
    )
    errors = [problem.message for problem in check(directory, WRITTEN) if problem.severity is Severity.ERROR]
    assert any(says in message for message in errors), errors


def test_long_sentences_hard_words_and_late_reviews_are_warnings(tmp_path: Path) -> None:
    hard = "Spesialisthelsetjenestens saksbehandlingsforskrifter forutsetter myndighetsutøvelse."
    directory = spoilt(
        copied(tmp_path, whole=True),
        "rights/5-work.yaml",
        lambda whole: whole.replace("nb: Er barnet kronisk sykt, får du flere dager.", f"nb: {hard * 9}").replace(
            "en: If the child is chronically ill, you get more days.", f"en: {'So ' * 21}it is."
        ),
    )
    found = [
        problem for problem in check(directory, GUIDE.review_by + timedelta(days=1)) if "guide" in problem.path.parts
    ]
    assert {problem.severity for problem in found} == {Severity.WARNING}
    for says in ("reads at LIX", "a sentence of over 20 words", "were due for review"):
        assert any(says in problem.message for problem in found)
