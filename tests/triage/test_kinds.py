"""What a message is taken for, in sentences as people write them: its level, and the kind that is answered first."""

import pytest

from helpline.guidance.danger import leading_alarm
from helpline.triage import read


def leading(text: str) -> tuple[str, str | None]:
    found = read(text)
    return found.urgency.value, leading_alarm(alarm.code for alarm in found.alarms if alarm.level is found.urgency)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # Afraid for somebody is not afraid of him, and the hour is that of suicide.
        ("Jeg er redd for broren min. Han sier han skal ta livet sitt i kveld", "suicide_other"),
        ("Eg er redd for bror min. Han seier han skal ta livet sitt i kveld", "suicide_other"),
        ("my brother says he will kill himself tonight, he has a rope", "suicide_other"),
        # Whoever tells it knocks herself.
        (
            "Jeg er så redd for sønnen min. Han har ikke kommet ut av rommet og svarer ikke når jeg banker på",
            "medical_emergency",
        ),
        ("mannen min har slått meg igjen i kveld", "violence_now"),
        ("han slår meg og nå banker han på døra", "violence_now"),
        ("she says she will kill him tonight and she has a knife", "violence_now"),
        ("jeg har lyst til å slå ungen", "child_at_risk"),
    ],
)  # fmt: skip
def test_the_first_line_answers_the_danger_that_was_told(text: str, kind: str) -> None:
    assert leading(text) == ("red", kind)


@pytest.mark.parametrize(
    "text",
    ["Samboeren min truer meg og jeg er redd", "mannen min truer meg og jeg er redd", "Kjæresten min truer meg"],
)
def test_who_is_threatened_is_never_told_to_say_that_she_is_suicidal(text: str) -> None:
    found = read(text)
    assert leading(text)[1] in ("violence_now", "violence_pattern") or not found.kind_is_sure


@pytest.mark.parametrize(
    "text",
    [
        "jeg får ikke sove",
        "eg får ikkje sove",
        "Faren min har kreft og skal dø snart",
        "Hun lå i sengen da jeg kom kl. 14, og hadde ikke spist siden dagen før",
        "kan dere spore meg?",
    ],
)
def test_everyday_sentences_are_no_danger(text: str) -> None:
    assert read(text).urgency.value == "green"


def test_what_was_seen_yesterday_is_not_answered_as_danger_now() -> None:
    """The example beside the letter's question about events."""
    assert read("She was in bed when I came at 14:00, and had not eaten since the day before.").urgency.value != "red"


def test_the_sleepless_is_worn_out_and_not_psychotic() -> None:
    assert leading("Jeg har ikke sovet på tre døgn")[1] in (None, "caregiver_exhaustion")
    assert leading("Sønnen min har ikke sovet på tre døgn og er helt manisk")[1] == "psychosis"


def test_a_fall_is_a_fall() -> None:
    assert leading("mamma har ramlet og kommer seg ikke opp")[1] == "medical_emergency"


def test_what_is_hardly_known_is_said_to_be_so() -> None:
    """Where the lexicon saw it, the kind is sure; where only the whole message weighs, it need not be."""
    assert read("mannen min har slått meg igjen i kveld").kind_is_sure
    assert read("mamma har ramlet og kommer seg ikke opp").kind_is_sure
    assert not read("hei, hvordan går det?").kind_is_sure
