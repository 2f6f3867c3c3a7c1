"""What may be kept of a question: nothing that says whose it was."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.codes import counties, municipalities
from helpline.guidance import Library, without_identity
from helpline.guidance.anonymous import MOST_WORDS
from tests.guidance.knowledge import KNOWLEDGE

LIBRARY = Library.load(KNOWLEDGE)

#: Given and family names of many kinds, none of them anybody's.
NAMES = """
kari ola anne nina lars knut ingrid marit astrid arne geir svein morten terje hans erik andreas emma nora maja jakob
emil noah oliver filip henrik kristian magnus jonas mohammed ahmed fatima aisha omar hassan olena oksana andriy anna
natalia
agnieszka małgorzata hansen johansen olsen larsen andersen pedersen nilsen kristiansen jensen karlsen pettersen eriksen
haugen hagen johannessen jacobsen dahl jørgensen halvorsen solberg moen eide bakken nguyen kowalski mikhailov selassie
nesttun grünerløkka haukeland ullevål sandviken majorstua kongens storgata bergensgata
""".split()
#: Names that are ordinary words too: with a capital they are names.
BOTH = ["Liv", "Dag", "Stein", "Ask", "Sol", "May", "Tor", "Bjørn"]

_parts = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).map(str.capitalize),
    st.sampled_from(NAMES).map(str.upper),
    st.sampled_from(BOTH),
    st.sampled_from([place.name for place in municipalities().values()]),
    st.sampled_from([place.name.lower() for place in municipalities().values()]),
    st.from_regex(r"[49]\d{7}|\d{2}\.\d{2}\.\d{4}|\d{11}|\d{4}|\d{1,3}", fullmatch=True),
    st.from_regex(r"[a-z]{2,8}\.?[a-z]{0,5}@[a-z]{2,8}\.(?:no|com)", fullmatch=True),
    st.from_regex(r"(?:https?://|www\.)[a-z]{2,10}\.no/?[a-z]{0,5}", fullmatch=True),
    st.from_regex(r"@[a-z]{3,10}|[a-z]{3,8}_[a-z]{2,6}", fullmatch=True),
    st.text(min_size=1, max_size=12),
    st.sampled_from(
        ["mor", "demens", "hjelp", "er", "trenger", "omsorgsstønad", "gjeldsordning", "tannlege", "Oslo", "NAV"]
    ),
)
_ends = st.sampled_from(["", "", "", ",", ".", "!", "?", ":", ";"])
questions = st.lists(st.tuples(_parts, _ends), max_size=20).map(
    lambda parts: " ".join(part + end for part, end in parts)
)


@given(questions)
def test_nothing_that_points_at_a_person_is_kept(question: str) -> None:
    kept = without_identity(question, LIBRARY.ordinary)
    smaller = {word.lower() for place in municipalities().values() for word in re.findall(r"[^\W\d_]+", place.name)}
    smaller -= {word.lower() for name in counties().values() for word in re.findall(r"[^\W\d_]+", name)}
    assert len(kept) <= MOST_WORDS
    assert len(set(kept)) == len(kept)
    for word in kept:
        assert word not in NAMES
        assert word not in smaller
        assert re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)*", word)
        assert word == word.lower()


@given(questions, st.sampled_from(NAMES + BOTH))
def test_a_capitalised_name_never_stays(question: str, name: str) -> None:
    before = without_identity(f"{question} og", LIBRARY.ordinary)
    after = without_identity(f"{question} og {name.capitalize()}", LIBRARY.ordinary)
    assert set(after) <= set(before)


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Kari Hansen i Tønsberg trenger gjeldsordning, ring 900 00 001", ["trenger", "gjeldsordning", "ring"]),
        ("tannlege for far min, født 12.03.1941", ["tannlege", "far"]),
        ("skriv til kari@example.org om bostøtte", ["skriv", "bostøtte"]),
        ("HVA MED OMSORGSSTØNAD", ["omsorgsstønad"]),
        ("Liv har demens", ["demens"]),
        ("fare for liv", ["fare", "liv"]),
        ("vi bor i Oslo, ikke i Nordre Follo", ["bor", "oslo"]),
        ("ni null null null", []),
        ("مساعدة محمد", []),
        ("", []),
    ],
)  # fmt: skip
def test_by_example(question: str, kept: list[str]) -> None:
    assert [word for word in without_identity(question, LIBRARY.ordinary) if word != "i"] == kept


def test_no_name_of_ours_is_an_ordinary_word() -> None:
    assert set(NAMES) & LIBRARY.ordinary == set()
