"""Words that may say who somebody is: marked, and taken out so that nothing can come in."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpline.core.identity import TAKEN_OUT, MarkKind, marks, spans_of, without


def marked(text: str) -> list[tuple[str, str]]:
    return [(mark.words, mark.kind.value) for mark in marks(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ring 912 34 567 eller +47 90 00 01 23", [("912 34 567", "number"), ("+47 90 00 01 23", "number")]),
        ("Han er født 01.02.1980, nr 01028012345", [("01.02.1980", "number"), ("01028012345", "number")]),
        ("Det var i 2019, da han var 23", []),
        ("Skriv til kari.n@example.org", [("kari.n@example.org", "email")]),
        (
            "Les www.example.org/min-side, eller eksempel.no",
            [("www.example.org/min-side", "link"), ("eksempel.no", "link")],
        ),
        ("Han heter @ola_n på nett", [("@ola_n", "handle")]),
        ("Vi bor i Storgata 5", [("Storgata 5", "place")]),
        ("Vi flyttet til Nord-Aurdal, i Møre og Romsdal", [("Nord-Aurdal", "place"), ("Møre og Romsdal", "place")]),
        ("Sønnen min Jonas er på DPS. Jonas har det bedre", [("Jonas", "name"), ("Jonas", "name")]),
        ("Jeg var mor til Zoubeida. Zoubeida døde", [("Zoubeida", "name"), ("Zoubeida", "name")]),
        ("kona mi heter tuva", [("tuva", "name")]),
        ("jonas er syk", [("jonas", "name")]),
        ("JEG ER SÅ SLITEN AV KARI", [("KARI", "name")]),
        ("Petters lege", [("Petters", "name")]),
        ("Jeg er sliten. Livet er tungt. Even om jeg vil, bo her", []),
        ("NAV og DPS svarer ikke. Mamma og Pappa er i Norge. I am tired, and I go on", []),
        ("- Hun sa nei\n- Han sa ja\n«Gå vekk», sa hun", []),
        ("", []),
    ],
)
def test_what_is_marked(text: str, found: list[tuple[str, str]]) -> None:
    assert marked(text) == found


PIECES = "Jonas Kari hun han og Hamar 912 34 567 2019 ole@example.org @ola Storgata 5 . , DPS i-går «Per» Møre".split()
WORDS = st.sampled_from([*PIECES, "\n"])
TEXTS = st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=120)


@given(TEXTS)
def test_marks_stand_in_order_and_apart_and_say_what_stands_there(text: str) -> None:
    end = 0
    for mark in marks(text):
        assert end <= mark.start < mark.end
        assert text[mark.start : mark.end] == mark.words
        assert mark.kind in MarkKind
        end = mark.end


def is_taken_from(shorter: str, text: str) -> bool:
    """Whether every piece between the places taken out stands in the text, in its order."""
    here = 0
    for piece in shorter.split(TAKEN_OUT):
        here = text.find(piece, here)
        if here < 0:
            return False
        here += len(piece)
    return True


@given(TEXTS.filter(lambda text: TAKEN_OUT not in text), st.lists(WORDS.filter(str.split), max_size=4))
def test_taking_out_removes_every_occurrence_and_puts_nothing_in(text: str, phrases: list[str]) -> None:
    spans = spans_of(text, phrases)
    left = without(text, spans)
    assert is_taken_from(left, text)
    assert spans_of(left, phrases) == []
    assert left == text if not spans else TAKEN_OUT in left
    for phrase in phrases:
        whole = rf"(?<!\w){re.escape(phrase)}(?!\w)"
        assert not re.search(whole, left.replace(TAKEN_OUT, " "), re.IGNORECASE)


@example("Storgata 912 912 912")
@given(TEXTS.filter(lambda text: "[" not in text))
def test_when_all_marks_are_taken_out_no_number_or_address_is_left(text: str) -> None:
    left = without(text, [(mark.start, mark.end) for mark in marks(text)])
    hard = {MarkKind.NUMBER, MarkKind.EMAIL, MarkKind.HANDLE}
    assert not [mark for mark in marks(left) if mark.kind in hard]


@given(st.text("ab æ.", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5))
def test_spans_that_touch_or_overlap_are_one_place(text: str, pairs: list[tuple[int, int]]) -> None:
    spans = [(min(pair), max(pair)) for pair in pairs if max(pair) <= len(text)]
    out = {place for start, end in spans for place in range(start, end)}
    runs = len([place for place in out if place - 1 not in out])
    left = without(text, spans)
    assert left.count(TAKEN_OUT) == runs
    assert len(left) == len(text) - len(out) + len(TAKEN_OUT) * runs


def test_a_span_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        without("kort", [(2, 9)])


def test_long_texts_are_read_in_a_moment() -> None:
    text = "Jeg heter Kari og bor på Hamar. " * 2_000
    assert len(marks(text)) == 4_000
