"""Remarks on a draft: each rule finds what it is about and leaves alone what is right."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.guidance.letters import Letters
from helpline.guidance.remarks import has_identity_number
from tests.guidance.knowledge import KNOWLEDGE
from tests.guidance.letter_answers import EVERYTHING, bare, whole

LETTERS = Letters.load(KNOWLEDGE / "letters")
ON = date(2026, 11, 26)


def codes(answers: dict[str, Any], language: str = "nb") -> list[tuple[str, str]]:
    """Code and place of every remark."""
    return [(remark.code, remark.path) for remark in LETTERS.remarks(answers, language, ON)]


def told(words: str, **row: str) -> dict[str, Any]:
    """A letter with one event."""
    return whole("gp", children="no", events=[{"what": words, "when": "2026-11-03", "seen_by": "me", **row}])


def test_a_good_letter_gets_no_remark() -> None:
    assert codes(whole("gp", children="no")) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Han er psykotisk.", "diagnosis"),
        ("Ho er manisk og sov ikkje.", "diagnosis"),
        ("She is bipolar.", "diagnosis"),
        ("Han ble aggressiv. Han er narsissist.", "diagnosis"),
        ("Jeg tror han ikke spiser.", "interpretation"),
        ("Hun manipulerer alle rundt seg.", "interpretation"),
        ("Dere må hente ham nå.", "wish"),
        ("Naboen sa at han ropte.", "hearsay"),
        ("Jeg har hørt at han sov ute.", "hearsay"),
        ("Han er en idiot.", "insult"),
        ("Ellers går jeg til avisen.", "threat"),
        ("Moren hans er alkoholiker.", "others_health"),
    ],
)
def test_what_weakens_a_letter_is_pointed_out(words: str, code: str) -> None:
    assert (code, "events.1.what") in codes(told(words))


@pytest.mark.parametrize(
    "words",
    [
        "Han har fått diagnosen bipolar lidelse.",
        "Legen sa at hun er deprimert.",
        "Kanskje er hun deprimert.",
        "Hun galer som en hane, og manien for frimerker er borte.",
        "Moren hans ringte meg.",
        "Han bor på Galtestad.",
        "Vi ønsket ham god tur.",
    ],
)
def test_what_is_right_is_left_alone(words: str) -> None:
    assert codes(told(words)) == []


def test_what_somebody_told_may_be_told() -> None:
    assert codes(told("Naboen sa at han ropte.", seen_by="told", who="naboen")) == []
    assert codes(told("Han ropte.", seen_by="told")) == [("no_source", "events.1.who")]


def test_what_one_thinks_belongs_under_how_one_understands_it() -> None:
    assert codes(whole("gp", children="no", understanding="Jeg tror han er psykotisk.")) == []
    assert codes(whole("gp", children="no", understanding="Han er psykotisk.")) == [("diagnosis", "understanding")]


def test_dates_and_witnesses_are_asked_for() -> None:
    answers = whole(
        "gp", children="no", events=[{"what": "Han ropte."}, EVERYTHING["events"][0], {"what": "Han gikk."}]
    )
    assert codes(answers) == [
        ("no_date", "events.1.when"),
        ("no_witness", "events.1.seen_by"),
        ("no_date", "events.3.when"),
        ("no_witness", "events.3.seen_by"),
    ]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (whole("gp", change="Han drikker hver dag."), "substance"),
        (whole("municipality", change="Ho rusar seg."), "substance"),
        (whole("nav", change="Han ble innlagt i forrige uke."), "health_at_nav"),
        (whole("gp", recipient="post@example.org"), "email"),
        (whole("gp", children="yes"), "children_at_home"),
        (whole("municipality_substance", standing="unknown"), "standing_unknown"),
        (whole("county_governor_complaint", learned_on="2026-10-01"), "late"),
        (whole("gp", your_contact=None), "no_contact"),
        (whole("gp", events=[{"what": "Han gikk fram og tilbake i gangen hele natten. " * 12}] * 12), "length"),
    ],
)
def test_what_fits_badly_is_said(answers: dict[str, Any], code: str) -> None:
    assert [one for one, _ in codes(answers)].count(code) == 1


def test_a_letter_about_substance_to_the_right_place_is_left_alone() -> None:
    assert "substance" not in dict(codes(whole("municipality_substance", change="Han drikker hver dag.")))
    assert "late" not in dict(codes(whole("county_governor_complaint", learned_on="2026-10-30")))


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_remarks_speak_the_language_and_quote_the_words(language: str) -> None:
    (remark,) = LETTERS.remarks(told("Han er en Idiot."), language, ON)
    assert "Idiot" in remark.text
    assert "{" not in remark.text
    assert remark.found == "Idiot"
    assert not remark.stops


def test_the_one_that_stops_comes_first() -> None:
    found = LETTERS.remarks(told("Han er en idiot.", said="Nummeret mitt er 04059812345"), "nb", ON)
    assert [(remark.code, remark.stops) for remark in found] == [("identity", True), ("insult", False)]


@pytest.mark.parametrize(
    "words",
    [
        "04059812345", "040598 12345", "040598-12345", "040598.12345", "04 05 98 123 45", "44059812345", "04859812345",
        "0 4 0 5 9 8 1 2 3 4 5", "født 040598 12345.", "(04059812345)",
    ],
)  # fmt: skip
def test_identity_numbers_are_known_however_they_are_written(words: str) -> None:
    assert has_identity_number(words)


@pytest.mark.parametrize(
    "words",
    [
        "900 00 123", "+47 900 00 123", "0047 900 00 123", "21 52 53 53", "4.5.1998", "04.05.1998", "2026-11-03",
        "kl. 21.30", "116 117 eller 113", "900 00 123 og 900 00 124", "0187 Oslo, 22 49 19 22", "tlf. 900 00 123 4",
        "99 99 99 99 999", "12345678901234",
    ],
)  # fmt: skip
def test_other_numbers_are_not(words: str) -> None:
    assert not has_identity_number(words)


@given(st.dates(date(1920, 1, 1), date(2026, 1, 1)), st.integers(0, 99_999), st.sampled_from(["", " ", "-", "."]))
def test_any_birth_date_with_five_digits_is_one(born: date, rest: int, between: str) -> None:
    assert has_identity_number(f"Nummeret er {born:%d%m%y}{between}{rest:05} sa hun.")


@given(st.text())
def test_any_words_can_be_looked_at(words: str) -> None:
    has_identity_number(words)
    answers = bare(LETTERS, "gp", change=words)
    for remark in LETTERS.remarks(answers, "nb", ON):
        assert remark.text
