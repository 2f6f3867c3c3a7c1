import csv
import re
from enum import StrEnum
from importlib import resources

import pytest

from helpline.core.codes import (
    UNKNOWN,
    Channel,
    Direction,
    Origin,
    Outcome,
    Urgency,
    code_lists,
    counties,
    label,
    municipalities,
    municipality_called,
    municipality_names,
)


@pytest.mark.parametrize(("list_name", "enum"), [("outcome", Outcome), ("urgency", Urgency), ("origin", Origin)])
def test_enums_hold_exactly_the_codes_of_their_list(list_name: str, enum: type[StrEnum]) -> None:
    assert set(enum) == set(code_lists()[list_name])


@pytest.mark.parametrize(("list_name", "enum"), [("channel", Channel), ("direction", Direction)])
def test_enums_hold_codes_of_their_list(list_name: str, enum: type[StrEnum]) -> None:
    assert set(enum) <= set(code_lists()[list_name])


def test_every_outcome_says_how_the_answer_rate_treats_it_and_nothing_else_does() -> None:
    for list_name, codes in code_lists().items():
        for code in codes.values():
            if list_name == "outcome":
                assert code.answered in {"yes", "no", "short", "excluded"}
            else:
                assert code.answered is None


def test_codes_are_plain_unique_and_labelled() -> None:
    for list_name, codes in code_lists().items():
        labels = [code.label_nb for code in codes.values()]
        assert len(labels) == len(set(labels)), list_name
        for code in codes.values():
            assert re.fullmatch(r"[a-z0-9_]+", code.code)
            assert code.code != UNKNOWN
            assert code.label_nb.strip() == code.label_nb != ""
            assert code.label_en.strip() == code.label_en != ""


def test_nynorsk_has_its_own_words_for_what_everyone_reads() -> None:
    own = {(code.list, code.code): code.label_nn for codes in code_lists().values() for code in codes.values()}
    for (list_name, name), words in own.items():
        if words is not None:
            assert words.strip() == words != code_lists()[list_name][name].label_nb
    # What is bokmål and no nynorsk stands in none of the lists of the public tables.
    bokmål = re.compile(
        r"\b(\w*(?:lidelse|sykdom|forstyrrelse|pårørende|likhet|selv\w*)|ikke|vold|annet|annen|bolig)\b"
    )
    for list_name in ("channel", "relation", "gender", "age_band", "topic", "challenge_area"):
        for code in code_lists()[list_name].values():
            assert not bokmål.search(code.label("nn")), code
    assert label("topic", "loneliness", "nn") == "einsemd"
    assert label("topic", "loneliness", "nb") == "ensomhet"
    with resources.files("helpline.core").joinpath("codes_nn.csv").open(encoding="utf-8") as file:
        assert {(row["list"], row["code"]) for row in csv.DictReader(file)} <= own.keys()


def test_abroad_has_an_english_name() -> None:
    assert (counties()["99"], counties("nn")["99"], counties("en")["99"]) == ("Utlandet", "Utlandet", "Abroad")
    assert list(counties("en")) == list(counties())


def test_urgency_ranks_red_first() -> None:
    assert sorted(Urgency, key=lambda urgency: urgency.rank) == [Urgency.RED, Urgency.YELLOW, Urgency.GREEN]


@pytest.mark.parametrize(
    ("list_name", "code", "language", "words"),
    [
        ("outcome", "counselled", "nb", "rådgitt"),
        ("outcome", "counselled", "nn", "rådgitt"),
        ("outcome", "counselled", "en", "counselled"),
        ("outcome", "unknown", "nb", "ukjent"),
        ("outcome", "unknown", "en", "unknown"),
        ("outcome", None, "nb", "–"),
        ("outcome", "", "en", "–"),
    ],
)
def test_label(list_name: str, code: str | None, language: str, words: str) -> None:
    assert label(list_name, code, language) == words


def test_label_of_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        label("outcome", "vanished")


def test_geography_is_the_2024_layout() -> None:
    assert len(municipalities()) == 357
    assert len(counties()) == 17
    assert counties()["03"] == "Oslo"
    assert counties()["21"] == "Svalbard"
    assert list(counties())[-1] == "99"
    for number, place in municipalities().items():
        assert number == place.number
        assert number[:2] == place.county_number


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Lillehammer", "3405"),
        ("  lillehammer. ", "3405"),
        ("Herøy", None),
        ("Herøy (Nordland)", "1818"),
        ("herøy (møre og romsdal)", "1515"),
        ("Karasjok", "5610"),
        ("Kárášjohka", "5610"),
        ("Innlandet", None),
        ("", None),
    ],
)
def test_a_municipality_is_known_by_any_of_its_names(words: str, number: str | None) -> None:
    assert municipality_called(words) == number


def test_no_two_municipalities_are_called_the_same() -> None:
    assert len(set(municipality_names().values())) == len(municipalities()) == 357
    assert all(municipality_called(name) == number for number, name in municipality_names().items())
