import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.sms_text import BASIC, EXTENSION, Encoding, SmsSize, measure, plain


def size(encoding: Encoding, units: int, parts: int, left: int) -> SmsSize:
    return SmsSize(encoding=encoding, units=units, parts=parts, left_in_part=left)


def test_the_alphabet_has_the_standards_127_characters_and_ten_extensions() -> None:
    assert len(set(BASIC)) == len(BASIC) == 127
    assert len(set(EXTENSION)) == len(EXTENSION) == 10
    assert not set(BASIC) & set(EXTENSION)
    assert set("æøåÆØÅéèòàüöä§€") <= set(BASIC + EXTENSION)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("«Hva er viktigst for deg akkurat nå?»", '"Hva er viktigst for deg akkurat nå?"'),
        ("kl. 10–15 — eller når som helst…", "kl. 10-15 - eller når som helst..."),
        ("“Ring ’n” ‘nå’", "\"Ring 'n\" 'nå'"),
        ("1\u00a0731 • 38,1\u202f%", "1 731 - 38,1 %"),
        ("a\u030a bli sa\u030ann", "å bli sånn"),
        ("blå\u00admandag\ufeff", "blåmandag"),
        ("linje\u2028skift", "linje\nskift"),
        ("ÆØÅ æøå é", "ÆØÅ æøå é"),
        ("›\u0338", "≯"),
        ("Áhkku Ŋ 💛", "Áhkku Ŋ 💛"),
        ("سلام\u200cعلیکم", "سلام\u200cعلیکم"),
        ("", ""),
    ],
)
def test_plain(written: str, sent: str) -> None:
    assert plain(written) == sent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", size(Encoding.GSM7, 0, 0, 160)),
        ("å", size(Encoding.GSM7, 1, 1, 159)),
        ("ø" * 160, size(Encoding.GSM7, 160, 1, 0)),
        ("ø" * 161, size(Encoding.GSM7, 161, 2, 145)),
        ("ø" * 306, size(Encoding.GSM7, 306, 2, 0)),
        ("ø" * 307, size(Encoding.GSM7, 307, 3, 152)),
        ("€" * 80, size(Encoding.GSM7, 160, 1, 0)),
        # 153 is odd: the 77th euro does not fit in the first part.
        ("€" * 81, size(Encoding.GSM7, 162, 2, 143)),
        ("a" * 152 + "€" + "a" * 152, size(Encoding.GSM7, 306, 3, 152)),
        ("«" * 70, size(Encoding.UCS2, 70, 1, 0)),
        ("«" * 71, size(Encoding.UCS2, 71, 2, 63)),
        ("💛" * 35, size(Encoding.UCS2, 70, 1, 0)),
        ("💛" * 36, size(Encoding.UCS2, 72, 2, 61)),
        # In UCS-2 an extension character is an ordinary one.
        ("«€", size(Encoding.UCS2, 2, 1, 68)),
    ],
)
def test_measure(text: str, expected: SmsSize) -> None:
    assert measure(text) == expected


@given(st.text())
def test_plain_twice_is_plain_once_and_never_needs_a_wider_encoding(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    if measure(text).encoding is Encoding.GSM7:
        assert measure(once).encoding is Encoding.GSM7


@given(st.text(alphabet=st.sampled_from("aå€[💛«\n"), max_size=400))
def test_parts_hold_the_text_and_no_part_could_be_saved(text: str) -> None:
    found = measure(text)
    alone, room = (160, 153) if found.encoding is Encoding.GSM7 else (70, 67)
    if found.units <= alone:
        assert (found.parts, found.left_in_part) == (1 if text else 0, alone - found.units)
    else:
        wasted = found.parts * room - found.units - found.left_in_part
        assert 0 <= wasted <= found.parts - 1
        assert 0 <= found.left_in_part < room


@given(st.text(alphabet=BASIC, max_size=500))
def test_the_length_of_basic_text_is_its_number_of_characters(text: str) -> None:
    found = measure(text)
    assert found.encoding is Encoding.GSM7
    assert found.units == len(text)
    assert found.parts == (-(-len(text) // 153) if len(text) > 160 else min(len(text), 1))
