"""A number from 0 to 10, and what may stand around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.rating import number_in, numbers_in


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("0", 0), ("10", 10), (" 7. ", 7), ("7/10", 7), ("7 av 10!", 7), ("7 of 10", 7), ("Åtte", 8), ("ti", 10),
        ("null", 0), ("7 takk", 7), ("Takk! 9", 9), ("sikkert 8", 8), ("jeg gir dere en 9", 9), ("10/10 👍", 10),
        ("tusen takk for hjelpen, åtte", 8), ("I'd say 7 out of 10, thank you so much", 7), ("en", 1),
        ("11", None), ("-1", None), ("²", None), ("1 2", None), ("8 eller 9", None), ("8-9", None), ("8,5", None),
        ("", None), ("hei", None), ("takk", None), ("jeg har tatt 10", None), ("10 piller", None),
        ("en stor takk", None), ("0 hjelp", None),
    ],
)  # fmt: skip
def test_one_number_and_nothing_else_that_tells(words: str, number: int | None) -> None:
    assert number_in(words) == number


@pytest.mark.parametrize(
    "words", ["takk", "Tusen takk!", "thank you", "Takk for hjelpen", "🙏❤️", "ok", "god natt", "ha det"]
)
def test_thanks_alone_hold_no_number(words: str) -> None:
    assert numbers_in(words) == ()


@pytest.mark.parametrize("words", ["", "...", "hei", "god dag", "takk for alt", "hjelp", "takk, men jeg lurer på noe"])
def test_what_is_no_answer(words: str) -> None:
    assert numbers_in(words) is None


@given(st.integers(0, 10), st.sampled_from(["{}", "Takk, {}", "{} takk", "{}/10", "sikkert {}", "{}!"]))
def test_every_number_is_read(number: int, form: str) -> None:
    assert number_in(form.format(number)) == number
