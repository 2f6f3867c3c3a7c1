"""Ages and relations told in own words: taken where they can mean one thing only."""

import pytest

from helpline.core.own_words import read_age, read_relation


@pytest.mark.parametrize(
    ("words", "age"),
    [
        ("42", 42),
        ("3 år", 3),
        ("hun er 42", 42),
        ("Han er 16 år gammel.", 16),
        ("min mor er 82 nå", 82),
        ("nettopp fylt 18", 18),
        ("she's 15", 15),
        ("I'm 30 years old", 30),
        ("0", 0),
        ("under 12", None),
        ("over 60 år", None),
        ("12 til 15 år", None),
        ("12-15", None),
        ("18 måneder", None),
        ("snart 18", None),
        ("født i 58", None),
        ("1958", None),
        ("130", None),
        ("gammel", None),
    ],
)
def test_an_age_is_one_number_of_years(words: str, age: int | None) -> None:
    assert read_age(words) == age


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("kona mi er syk", ("kona", True)),
        ("min mor", ("mor", True)),
        ("Det gjelder sønnen min.", ("sønnen", True)),
        ("mamma har kreft", ("mamma", True)),
        ("my daughter", ("daughter", True)),
        ("It's my son", ("son", True)),
        ("mor til en sønn på 20", ("mor", False)),
        ("Jeg er mor", ("mor", False)),
        ("I'm a friend", ("friend", False)),
        ("jeg er pårørende til broren min", ("broren", True)),
        ("jeg er min mors datter", None),
        ("min manns mor", ("manns", True)),
        ("mannen min sin mor", None),
        ("my wife's mother", None),
        ("moren til mannen min", None),
        ("vi trenger hjelp", None),
        ("", None),
    ],
)
def test_who_somebody_is_to_the_one_who_is_ill(words: str, told: tuple[str, bool] | None) -> None:
    assert read_relation(words) == told
