"""What counts as a yes where a wrong one does harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.yes_no import Reply, reply_in


@pytest.mark.parametrize(
    "words",
    [
        "ja", "Ja!", "ja det er greit", "Ja, det er trygt", "ja takk", "ja gjerne", "Ja, det går bra",
        "ja det går fint",
        "det er greit", "Det er trygt for meg", "ok det er greit", "ja det kan dere", "javisst", "selvfølgelig",
        "ja, skriv gjerne hit", "yes please", "yes it is", "Yes, it's fine", "It is safe", "that's ok",
        "Ja det er greitt",
        "klart det", "sure, go ahead",
    ],
)  # fmt: skip
def test_a_plain_yes(words: str) -> None:
    assert reply_in(words) is Reply.YES


@pytest.mark.parametrize(
    "words",
    [
        "nei", "Nei takk", "nei det er ikke greit", "Det er ikke trygt", "helst ikke", "nei han leser telefonen min",
        "ikke skriv", "No, he reads my phone", "please don't", "it is not safe", "ikkje trygt", "Nei, ikkje no",
        "absolutt ikke", "vil ikke", "I'd rather not", "selvfølgelig ikke",
    ],
)  # fmt: skip
def test_a_no_may_say_why(words: str) -> None:
    assert reply_in(words) is Reply.NO


@pytest.mark.parametrize(
    "words",
    [
        "ja, men ikke når han er hjemme", "ja hvis han ikke ser det", "ja?", "ja er det trygt?", "kanskje", "vet ikke",
        "tja", "ok", "greit", "det går bra", "nei det er greit", "no problem", "ja nei", "ja, bare på dagtid",
        "yes but only in the morning", "usikker",
    ],
)  # fmt: skip
def test_doubt_is_neither(words: str) -> None:
    assert reply_in(words) is Reply.UNSURE


@pytest.mark.parametrize(
    "words", ["", "👍", "vil du snakke med meg", "Det er så mye som har skjedd", "Jeg er redd", "hva skjer nå?", "8"]
)
def test_what_is_no_reply(words: str) -> None:
    assert reply_in(words) is None


@given(
    st.lists(
        st.sampled_from("ja yes greit trygt det er går bra takk ikke ikkje not nei men hvis if but kanskje ?".split())
    )
)
def test_no_yes_holds_a_word_that_takes_it_back(words: list[str]) -> None:
    if reply_in(" ".join(words)) is Reply.YES:
        assert not {"ikke", "ikkje", "not", "nei", "men", "hvis", "if", "but", "kanskje", "?"} & set(words)
