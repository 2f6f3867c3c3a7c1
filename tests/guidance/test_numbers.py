from dataclasses import replace
from datetime import date, timedelta

import pytest

from helpline.core.codes import AtRisk, Urgency, code_lists
from helpline.guidance import Library, is_help_number, numbers_for
from helpline.guidance.danger import ORDER
from tests.guidance.knowledge import WRITTEN

#: DOMAIN §1.1: what a caller may be given, and what no source confirms.
CONFIRMED = {
    "amk": "113",
    "police": "112",
    "police_not_urgent": "02800",
    "fire": "110",
    "legevakt": "116 117",
    "mental_helse": "116 123",
    "kirkens_sos": "22 40 00 40",
    "alarmtelefonen": "116 111",
    "vo_linjen": "116 006",
    "giftinformasjonen": "22 59 13 00",
    "pio": "21 52 53 53",
    "parorendelinjen": "90 90 48 48",
    "leve": "22 36 17 00",
    "det_finnes_hjelp": "800 99 900",
    "bekymringstelefonen": "94 85 60 04",
    "krefttelefonen": "21 49 49 21",
    "diabeteslinjen": "815 21 948",
    "helsenorge": "23 32 70 00",
}
UNCONFIRMED = ("rusinfo", "ros", "kors_pa_halsen", "demenslinjen", "nav", "emergency_text")


@pytest.mark.parametrize(("number_id", "display"), list(CONFIRMED.items()))
def test_confirmed_number_is_shown_as_printed(library: Library, number_id: str, display: str) -> None:
    number = library.number(number_id)
    assert number.shown(WRITTEN)
    assert number.display == display


@pytest.mark.parametrize("number_id", UNCONFIRMED)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_unconfirmed_number_is_never_shown(library: Library, number_id: str, language: str) -> None:
    number = library.number(number_id)
    assert not number.shown(WRITTEN)
    for said in (number.named(WRITTEN, language), number.full(WRITTEN, language)):
        assert number.display is None or number.display not in said


def test_no_hours_of_our_own_line_are_known(library: Library) -> None:
    assert library.number("pio").full(WRITTEN, "nb") == "PIO Rådgivningstelefon for pårørende 21 52 53 53"


def test_hours_are_said_within_a_year_of_their_check(library: Library) -> None:
    number = library.number("kirkens_sos")
    assert number.full(WRITTEN, "nn") == "Kirkens SOS 22 40 00 40 (heile døgnet)"
    assert number.full(WRITTEN + timedelta(days=365), "nb") == "Kirkens SOS 22 40 00 40 (hele døgnet)"
    assert number.full(WRITTEN + timedelta(days=366), "nb") == "Kirkens SOS 22 40 00 40"


def test_old_hours_are_left_out(library: Library) -> None:
    assert library.number("parorendelinjen").hours_on(WRITTEN, "nb") is None


def test_number_outside_its_validity_gives_its_name(library: Library) -> None:
    number = replace(library.number("kirkens_sos"), valid_until=date(2026, 11, 21))
    assert number.named(WRITTEN, "nb") == "Kirkens SOS (kirkens-sos.no)"


@pytest.mark.parametrize("display", ["110", "112", "113", "116 117", "116 006", "02800", "21 52 53 53", "800 99 900"])
def test_help_number_as_printed(display: str) -> None:
    assert is_help_number(display)


@pytest.mark.parametrize(
    "display", ["", "114", "1 13", "116117", "2800", "21525353", "215 25 353", "+47 21 52 53 53", "113 ", "00 00 00 00"]
)
def test_not_a_help_number_as_printed(display: str) -> None:
    assert not is_help_number(display)


def test_every_alarm_of_the_code_list_has_its_place() -> None:
    assert set(ORDER) == set(code_lists()["alarm"])


@pytest.mark.parametrize(
    ("alarms", "level", "at_risk", "first"),
    [
        (["suicide_self"], Urgency.RED, AtRisk.SELF, "amk"),
        (["suicide_other"], Urgency.RED, AtRisk.OTHER, "amk"),
        (["medical_emergency"], Urgency.RED, AtRisk.OTHER, "amk"),
        (["violence_now"], Urgency.RED, AtRisk.SELF, "police"),
        (["violence_now", "suicide_self"], Urgency.RED, AtRisk.SELF, "police"),
        (["fire", "violence_now"], Urgency.RED, AtRisk.SELF, "fire"),
        (["missing_person", "suicide_other"], Urgency.RED, AtRisk.OTHER, "police"),
        (["child_at_risk"], Urgency.RED, AtRisk.CHILD, "police"),
        (["child_at_risk"], Urgency.YELLOW, AtRisk.CHILD, "alarmtelefonen"),
        (["violence_pattern"], Urgency.YELLOW, AtRisk.SELF, "vo_linjen"),
        (["overdose_poisoning"], Urgency.RED, AtRisk.OTHER, "amk"),
        (["overdose_poisoning", "suicide_other"], Urgency.YELLOW, AtRisk.OTHER, "amk"),
        (["overdose_poisoning", "self_harm"], Urgency.GREEN, AtRisk.SELF, "amk"),
        (["overdose_poisoning"], Urgency.YELLOW, AtRisk.CHILD, "giftinformasjonen"),
        (["suicide_other"], Urgency.YELLOW, AtRisk.OTHER, "legevakt"),
        (["psychosis"], Urgency.YELLOW, AtRisk.OTHER, "legevakt"),
        ([], Urgency.GREEN, None, "parorendelinjen"),
    ],
)
def test_first_number(alarms: list[str], level: Urgency, at_risk: AtRisk | None, first: str) -> None:
    ids = numbers_for(alarms, level, at_risk)
    assert ids[0] == first
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("intent", ["suicide_self", "suicide_other", "self_harm"])
@pytest.mark.parametrize("level", list(Urgency))
def test_poison_line_is_never_given_where_harm_was_meant(intent: str, level: Urgency) -> None:
    assert "giftinformasjonen" not in numbers_for(["overdose_poisoning", intent], level, AtRisk.OTHER)


def test_child_in_danger_brings_the_childrens_line() -> None:
    assert "alarmtelefonen" in numbers_for(["violence_now"], Urgency.RED, AtRisk.CHILD)


def test_unknown_alarm_is_refused() -> None:
    with pytest.raises(ValueError, match="«weather» is not an alarm"):
        numbers_for(["weather"], Urgency.RED, None)


def test_numbers_for_are_all_known_and_shown(library: Library) -> None:
    for alarm in ORDER:
        for level in Urgency:
            for at_risk in AtRisk:
                shown = library.numbers_for([alarm], level, at_risk, WRITTEN)
                assert len(shown) == len(numbers_for([alarm], level, at_risk))


def test_night_numbers_have_the_emergency_numbers_first(library: Library) -> None:
    ids = [number.id for number in library.round_the_clock(WRITTEN)]
    assert ids[:3] == ["amk", "police", "fire"]
    assert {"legevakt", "mental_helse", "kirkens_sos"} <= set(ids)
    assert "pio" not in ids
