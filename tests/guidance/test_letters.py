"""Concern letters: what is asked, which gates are shut, and what follows from the answers."""

import itertools
import re
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.core.questionnaire import AnswerKind, Question
from helpline.guidance import Severity, check
from helpline.guidance.letter import MOST_PAGES, Letter, Part
from helpline.guidance.letter_text import tidy
from helpline.guidance.letters import LetterError, Letters
from helpline.guidance.numbers import read_numbers
from helpline.guidance.phrases import read_phrases
from helpline.guidance.reading import KnowledgeError
from tests.guidance.knowledge import KNOWLEDGE, copied
from tests.guidance.letter_answers import bare, whole

LETTERS = Letters.load(KNOWLEDGE / "letters")
KINDS = sorted(LETTERS.kinds)
LANGUAGES = ("nb", "nn", "en")
ON = date(2026, 11, 26)


def headings(letter: Letter) -> list[str]:
    return [block.lines[0] for block in letter.blocks if block.part is Part.HEADING]


def refused(answers: dict[str, Any], language: str = "nb") -> LetterError:
    with pytest.raises(LetterError) as caught:
        LETTERS.compose(answers, language, ON)
    return caught.value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_in_every_language(kind: str, language: str) -> None:
    letter = LETTERS.compose(whole(kind), language, ON)
    text = letter.text()
    assert letter.title == LETTERS.kinds[kind].heading[language]
    assert "Jeg ber om at dere tar kontakt med Ola denne uken." in text
    assert "§" in text
    assert "None" not in text
    assert "{" not in text
    assert letter.pages() <= MOST_PAGES
    assert ("26 November 2026" if language == "en" else "26. november 2026") in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_bare_letter_has_no_empty_place(kind: str, language: str) -> None:
    assert_no_gap(LETTERS.compose(bare(LETTERS, kind), language, ON))


def assert_no_gap(letter: Letter) -> None:
    """Every part says something, and no heading stands without words under it."""
    parts = [block.part for block in letter.blocks]
    for block in letter.blocks:
        assert block.lines
        assert all(any(sign.isalnum() for sign in line) for line in block.lines)
    assert Part.HEADING not in parts[-1:]
    assert not any(one is other is Part.HEADING for one, other in itertools.pairwise(parts))
    assert "\n\n\n" not in letter.text()
    assert "None" not in letter.text()
    assert "[]" not in letter.text()


def test_what_is_asked_for_comes_first_and_the_law_after_it() -> None:
    letter = LETTERS.compose(whole("municipality_substance"), "nb", ON)
    after = letter.blocks[[block.part for block in letter.blocks].index(Part.TITLE) + 1 :]
    assert [block.part for block in after[:3]] == [Part.HEADING, Part.PARAGRAPH, Part.PARAGRAPH]
    assert after[1].lines == ("Jeg ber om at dere tar kontakt med Ola denne uken.",)
    assert "helse- og omsorgstjenesteloven § 10-1 og ber om tilbakemelding" in after[2].lines[0]


def test_what_was_seen_what_was_told_and_what_is_thought_stand_apart() -> None:
    found = headings(LETTERS.compose(whole("gp"), "nb", ON))
    order = ["Dette har jeg sett og hørt", "Dette har jeg fått fortalt", "Slik forstår jeg det", "Dette ønsker jeg"]
    assert [heading for heading in found if heading in order] == order


def test_events_come_in_their_order_with_day_and_witness() -> None:
    text = LETTERS.compose(whole("gp"), "nb", ON).text()
    assert text.index("– 28. oktober 2026: Han svarte ikke") < text.index("– 3. november 2026: Ola lå")
    assert "Det ble sagt: «Jeg orker ikke mer»" in text
    assert "– midten av oktober: Han ringte på kl. 2 og spurte hvilken dag det var.\n  Fortalt av: en nabo." in text


@pytest.mark.parametrize(
    ("seen_by", "says"),
    [
        ("me", "Sett og hørt sammen med: en nabo."),
        ("together", "Sett og hørt sammen med: en nabo."),
        ("told", "Fortalt av: en nabo."),
        (None, "Hvem: en nabo."),
    ],
)
def test_nobody_who_was_named_is_lost(seen_by: str | None, says: str) -> None:
    events = [{"what": "Han ropte", "seen_by": seen_by, "who": "en nabo"}]
    assert says in LETTERS.compose(bare(LETTERS, "gp", events=events), "nb", ON).text()


def test_the_letter_says_that_the_person_may_read_it() -> None:
    assert "at personen da kan lese det" in LETTERS.compose(bare(LETTERS, "gp"), "nb", ON).text()


def test_danger_that_is_not_known_is_said_so() -> None:
    for words in ("ikke kjent", "Ikkje kjent.", "vet ikke", "NOT KNOWN"):
        assert "Fare\nIkke kjent.\n" in LETTERS.compose(bare(LETTERS, "gp", danger=words), "nb", ON).text()


@pytest.mark.parametrize("kind", ["child_welfare", "patient_ombudsman"])
@pytest.mark.parametrize(
    "words", [None, "jeg vil være anonym", "Anonym", "Anonymt, takk", "Det vil jeg ikke si", "I want to be anonymous"]
)
def test_who_stays_anonymous_is_named_nowhere(kind: str, words: str | None) -> None:
    answers = bare(LETTERS, kind, name_or_anonymous=words)
    text = LETTERS.compose(answers, "nb", ON).text()
    assert text == LETTERS.compose(answers | {"name_or_anonymous": None}, "nb", ON).text()
    assert "Jeg ønsker å være anonym." in text
    assert "Fra:" not in text
    assert "Vennlig hilsen" not in text


def test_a_name_is_a_name() -> None:
    for name in ("Nina Anon Eksempel", "Kari Ikkeland", "Noteland"):
        assert (
            f"Fra: {name}" in LETTERS.compose(bare(LETTERS, "child_welfare", name_or_anonymous=name), "nb", ON).text()
        )


def test_an_examination_is_requested_by_the_nearest_relative_alone() -> None:
    asked = LETTERS.compose(whole("municipal_chief_physician"), "nb", ON).text()
    assert "begjærer jeg legeundersøkelse etter psykisk helsevernloven § 3-1" in asked
    told = LETTERS.compose(whole("municipal_chief_physician", standing="relative", examination=None), "nb", ON).text()
    assert "begjærer" not in told
    assert "§ 3-1 og § 3-6" in told


ALONE = {"authority": "no"}


@pytest.mark.parametrize(
    ("kind", "more", "phrase", "number", "instead"),
    [
        ("gp", {"danger_now": "yes"}, "letter_danger", "amk", None),
        ("gp", {"danger_now": "unknown"}, "letter_danger_unsure", "legevakt", None),
        ("gp", {"under_18": "yes"}, "letter_for_child", None, "child_welfare"),
        ("mental_health", {"person_born": "2012-01-01"}, "letter_for_child", None, "child_welfare"),
        ("municipality", {"person_born": "2015"}, "letter_for_child", None, "child_welfare"),
        ("child_welfare", {"under_18": "no"}, "letter_not_for_adult", None, "municipality"),
        ("municipality_substance", {"standing": "other"}, "letter_only_relatives", None, "municipality"),
        ("municipal_chief_physician", {"standing": "relative"}, "letter_only_nearest", None, None),
        ("county_governor_complaint", ALONE, "letter_no_authority", None, "patient_ombudsman"),
        ("county_governor_supervision", ALONE, "letter_no_authority", None, "patient_ombudsman"),
    ],
)  # fmt: skip
def test_gates_are_shut(kind: str, more: dict[str, Any], phrase: str, number: str | None, instead: str | None) -> None:
    answers = whole(kind, **more)
    stop = LETTERS.stop(answers, ON)
    assert stop is not None
    assert (stop.phrase, stop.number, stop.instead) == (phrase, number, instead)
    assert refused(answers).stop == stop
    phrases = read_phrases(KNOWLEDGE / "phrases.yaml", read_numbers(KNOWLEDGE / "numbers.yaml"))
    for language in LANGUAGES:
        said = phrases.say(stop.phrase, language=language, channel="sms", on=ON)
        assert ("113" in said) == (number is not None)


@pytest.mark.parametrize("kind", ["county_governor_complaint", "county_governor_supervision"])
@pytest.mark.parametrize(
    ("ground", "said"),
    [
        ("own", "Saken gjelder min egen rett"),
        ("yes", "Jeg har skriftlig fullmakt fra personen"),
        ("nearest", "personen er død eller kan ikke bestemme selv"),
        ("parent", "Jeg er forelder til et barn under 16 år"),
        ("unknown", None),
    ],
)
def test_a_letter_to_the_county_governor_says_what_gives_the_right_to_write_it(
    kind: str, ground: str, said: str | None
) -> None:
    """A sister who was refused respite appeals for herself: the right is her own (pbrl § 2-8, § 7-2)."""
    text = LETTERS.compose(whole(kind, authority=ground), "nb", ON).text()
    assert "Grunnlag" in text if said else "Grunnlag" not in text
    assert said is None or said in text


def test_whoever_is_eighteen_today_is_no_child() -> None:
    assert LETTERS.stop(whole("gp", person_born="2008-11-26"), ON) is None
    assert LETTERS.stop(whole("gp", person_born="2008-11-27"), ON) is not None
    assert LETTERS.stop(whole("gp", person_born="på nittitallet"), ON) is None


def test_danger_goes_before_every_other_gate() -> None:
    stop = LETTERS.stop(whole("gp", danger_now="yes", under_18="yes"), ON)
    assert stop is not None
    assert stop.phrase == "letter_danger"


def test_every_missing_answer_is_named_with_its_question() -> None:
    error = refused({"kind": "gp", "danger_now": "no"})
    assert [fault.path for fault in error.faults] == [
        "under_18", "person_name", "your_name", "relation", "request", "events", "danger",
    ]  # fmt: skip
    for fault in error.faults:
        assert fault.asked in error.sentence
        assert f"({fault.path})" in error.sentence


def test_wrong_answers_are_named_too() -> None:
    answers = whole("gp", under_18="kanskje", request="a" * 301, events=[{"when": "2026-11-03"}], extra="x")
    faults = {fault.path: fault.reason for fault in refused(answers).faults}
    assert faults == {
        "under_18": "choose",
        "request": "too_long",
        "events.1.what": "needed",
        "extra": "unknown_question",
    }


def test_an_identity_number_stops_the_letter_wherever_it_stands() -> None:
    for answers in (
        whole("gp", person_name="Ola Eksempel 040598 12345"),
        whole("gp", events=[{"what": "Han viste et kort med 04059812345."}]),
        whole("gp", person_born="04059812345"),
    ):
        (fault,) = refused(answers).faults
        assert fault.reason == "identity"
        assert any(remark.code == "identity" and remark.stops for remark in LETTERS.remarks(answers, "nb"))


def test_answers_to_what_is_not_asked_leave_no_trace() -> None:
    text = LETTERS.compose(whole("gp", decision="HEMMELIG", matter="HEMMELIG", standing="nearest"), "nb", ON).text()
    assert "HEMMELIG" not in text
    assert "nærmeste" not in text


def test_words_that_look_like_ours_stay_words() -> None:
    text = LETTERS.compose(whole("gp", events=[{"what": "{name} {0} {who}", "said": "{words} «hei»"}]), "nb", ON).text()
    assert "{name} {0} {who}." in text
    assert "«{words} ’hei»" in text


def test_signs_that_do_not_show_are_taken_out() -> None:
    assert tidy({"request": " Ring\u202e meg\u200b \x00 nå  \r\n\r\n i dag "}) == {"request": "Ring meg nå\ni dag"}
    assert tidy({"request": " .\u200b ", "events": [{"what": " "}, {}]}) == {"request": None, "events": None}


def test_straight_quotes_become_those_of_the_language() -> None:
    assert "sa «hei» til" in LETTERS.compose(whole("gp", change='Han sa "hei" til meg'), "nb", ON).text()
    assert "sa “hei” til" in LETTERS.compose(whole("gp", change='Han sa "hei" til meg'), "en", ON).text()


def test_content_that_does_not_fit_together_is_refused(tmp_path: Path) -> None:
    for file, old, new, says in (
        ("kinds.yaml", "\nnav:", "\nnav_office:", "must stand both here and among the options"),
        ("kinds.yaml", "seen: 2026-07-02", "seen: soon", "«seen» is missing or is not a date"),
        ("wording.yaml", "\nregards:", "\nregard:", "is missing, or nobody says it"),
        ("remarks.yaml", "\nthreat:", "\nthreats:", "is missing, or is no rule"),
    ):
        folder = tmp_path / file / says[:8]
        copytree(KNOWLEDGE / "letters", folder)
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        with pytest.raises(KnowledgeError, match=says):
            Letters.load(folder)


def test_the_knowledge_check_reads_the_letters(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    copytree(KNOWLEDGE / "letters", directory / "letters")
    assert not [one for one in check(directory, ON) if one.path.parent.name == "letters"]
    (late,) = [one for one in check(directory, date(2027, 6, 1)) if one.path.name == "kinds.yaml"]
    assert late.severity is Severity.WARNING
    path = directory / "letters" / "wording.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("nn: Til", "nm: Til", 1), encoding="utf-8")
    (spoilt,) = [one for one in check(directory, ON) if one.path == path]
    assert spoilt.severity is Severity.ERROR


def test_every_kind_says_what_the_helper_needs_and_never_sends_by_mail_of_the_net() -> None:
    for kind in LETTERS.kinds.values():
        for language, no in (("nb", "kke send"), ("nn", "kkje send"), ("en", "not send")):
            assert no in kind.send[language]
        for statute in kind.statutes:
            assert re.fullmatch(r"§ \d+-?\d*(?: [a-z])?", statute.section)
            assert statute.seen <= ON


# Any answers


WORDS = st.text(st.characters(codec="utf-8"), max_size=80)
MESS = st.none() | WORDS | st.sampled_from(["", " ", "yes", "no", "unknown", "2026-11-03", "04059812345", "\u202e"])


def _values(question: Question) -> st.SearchStrategy[Any]:
    if question.kind is AnswerKind.LIST:
        row = st.fixed_dictionaries({}, optional={part.id: _values(part) for part in question.parts})
        return st.none() | st.lists(row, max_size=4)
    if question.options:
        return st.sampled_from([option.code for option in question.options]) | MESS
    return st.text("abc æøå.\n", min_size=1, max_size=120) | MESS


ANY = st.fixed_dictionaries(
    {"danger_now": st.just("no"), "kind": st.sampled_from(KINDS)},
    optional={
        question.id: _values(question)
        for question in LETTERS.questionnaire.questions
        if question.id not in ("danger_now", "kind")
    },
)


def composed(answers: dict[str, Any], language: str = "nb") -> Letter | LetterError:
    try:
        return LETTERS.compose(answers, language, ON)
    except LetterError as error:
        return error


@settings(max_examples=150, deadline=None)
@given(answers=ANY, language=st.sampled_from(LANGUAGES))
def test_any_answers_make_a_whole_letter_or_are_named(answers: dict[str, Any], language: str) -> None:
    remarks = LETTERS.remarks(answers, language, ON)
    made = composed(answers, language)
    if isinstance(made, LetterError):
        assert made.faults
        named = {fault.path for fault in made.faults}
        missing = {question.id for question in LETTERS.questionnaire.missing(tidy(answers))}
        assert made.stop is not None or missing <= named
    else:
        assert_no_gap(made)
        assert made.pages() <= MOST_PAGES or any(remark.code == "length" for remark in remarks)
        assert not any(remark.stops for remark in remarks)


@settings(max_examples=80, deadline=None)
@given(kind=st.sampled_from(KINDS), out=st.sets(st.sampled_from([q.id for q in LETTERS.questionnaire.questions[2:]])))
def test_any_questions_may_be_passed_over(kind: str, out: set[str]) -> None:
    answers = {name: None if name in out else value for name, value in whole(kind).items()}
    required = {question.id for question in LETTERS.questionnaire.missing(answers)}
    made = composed(answers)
    if isinstance(made, LetterError):
        assert made.stop is not None or {fault.path for fault in made.faults} == required
    else:
        assert_no_gap(made)
        assert not required
