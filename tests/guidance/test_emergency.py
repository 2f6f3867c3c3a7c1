import re
from itertools import product

import pytest

from helpline.core.codes import AtRisk, Urgency
from helpline.guidance import LANGUAGES, Library, gsm_length, numbers_for
from helpline.guidance.danger import ORDER, QUIET
from tests.guidance.knowledge import WRITTEN

AUTOMATIC = {
    "nb": "Jeg er et automatisk system. Jeg kan ikke ringe for deg.",
    "nn": "Eg er eit automatisk system. Eg kan ikkje ringje for deg.",
    "en": "I am an automatic system. I cannot call for you.",
}

#: Words that would tell somebody who reads over a shoulder what the caller wrote about.
TELLING = re.compile(
    r"vold|vald|\bslå|slag|tru[ae]|trussel|trugs|mishand|overgrep|krisesent|utsatt|utsett|offer|hjemme|partner|ektefelle"
    r"|violen|abus|threat|hit|crisis cent|victim|vo-linj",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("alarm", ORDER)
def test_every_red_answer_begins_with_its_number_in_one_sms_part(library: Library, alarm: str, language: str) -> None:
    for at_risk in AtRisk:
        first, second, *_ = library.emergency_answer([alarm], at_risk, language, WRITTEN)
        length = gsm_length(first)
        assert length is not None
        assert length <= 160
        assert second == AUTOMATIC[language]
        if alarm != "caregiver_exhaustion":
            number = library.number(numbers_for([alarm], Urgency.RED, at_risk)[0]).display
            assert re.match(rf"(Ring|Call) {number} (nå|no|now)\.", first)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", [Urgency.RED, Urgency.YELLOW])
@pytest.mark.parametrize("alarm", ORDER)
def test_where_the_kind_is_not_clear_the_answer_says_nothing_that_nobody_said(
    library: Library, alarm: str, level: Urgency, language: str
) -> None:
    """Not «Say: a person may take their own life» to one whose mother has fallen; nothing that tells of violence."""
    said = {library.emergency_answer([alarm], at_risk, language, WRITTEN, level, sure=False) for at_risk in AtRisk}
    ((first, second, *others),) = said
    assert (gsm_length(first) or 999) <= 160
    assert second == AUTOMATIC[language]
    needed = {"amk", "police", "legevakt"} if level is Urgency.RED else {"amk", "legevakt"}
    assert all((library.number(each).display or each) in first for each in needed)
    assert not re.search(r"Si:|Sei:|Say:", first)
    assert not TELLING.search("\n".join((first, *others)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("alarm", ORDER)
def test_every_yellow_answer_names_its_first_number(library: Library, alarm: str, language: str) -> None:
    for at_risk in AtRisk:
        first = library.emergency_answer([alarm], at_risk, language, WRITTEN, Urgency.YELLOW)[0]
        shown = [library.number(each).display for each in numbers_for([alarm], Urgency.YELLOW, at_risk)]
        assert any(display is not None and display in first for display in shown)


@pytest.mark.parametrize(("alarm", "level", "at_risk"), list(product(sorted(QUIET), Urgency, AtRisk)))
def test_answers_about_violence_tell_nothing(library: Library, alarm: str, level: Urgency, at_risk: AtRisk) -> None:
    for language in (*LANGUAGES, "pl"):
        for line in library.emergency_answer([alarm], at_risk, language, WRITTEN, level):
            assert not TELLING.search(line), line


def test_first_words_for_ones_own_danger(library: Library) -> None:
    assert library.emergency_answer(["suicide_self"], AtRisk.SELF, "nb", WRITTEN) == (
        "Ring 113 nå. Si: Jeg er i fare for å ta livet mitt. Oppgi adresse. Be noen komme til deg.",
        "Jeg er et automatisk system. Jeg kan ikke ringe for deg.",
        "Andre nummer: Mental Helse Hjelpetelefonen 116 123.",
    )


def test_own_danger_is_answered_as_own_when_nobody_resolved_it(library: Library) -> None:
    known = library.emergency_answer(["suicide_self", "overdose_poisoning"], AtRisk.SELF, "nb", WRITTEN)
    assert library.emergency_answer(["suicide_self", "overdose_poisoning"], None, "nb", WRITTEN) == known
    assert known[0].startswith("Ring 113 nå. Si hva du har tatt")


def test_swallowed_to_harm_is_red_whatever_the_level(library: Library) -> None:
    red = library.emergency_answer(["overdose_poisoning", "suicide_other"], AtRisk.OTHER, "nb", WRITTEN)
    yellow = library.emergency_answer(
        ["overdose_poisoning", "suicide_other"], AtRisk.OTHER, "nb", WRITTEN, Urgency.YELLOW
    )
    assert red == yellow


def test_small_accidental_intake_gets_the_poison_line_and_when_to_ring_113(library: Library) -> None:
    first = library.emergency_answer(["overdose_poisoning"], AtRisk.CHILD, "nb", WRITTEN, Urgency.YELLOW)[0]
    assert "22 59 13 00" in first
    assert "ring 113 nå" in first


def test_a_language_without_lines_gets_norwegian_then_english(library: Library) -> None:
    lines = library.emergency_answer(["fire"], AtRisk.UNKNOWN, "uk", WRITTEN)
    assert lines[0].startswith("Ring 110 nå.")
    assert lines[1].startswith("Call 110 now.")
    assert lines[2:4] == (AUTOMATIC["nb"], AUTOMATIC["en"])


def test_danger_is_answered_on_any_day(library: Library) -> None:
    far = WRITTEN.replace(year=2040)
    assert library.emergency_answer(["fire"], None, "nb", far)[0].startswith("Ring 110 nå.")


def test_no_alarm_is_no_emergency(library: Library) -> None:
    with pytest.raises(ValueError, match="needs an alarm"):
        library.emergency_answer([], None, "nb", WRITTEN)
