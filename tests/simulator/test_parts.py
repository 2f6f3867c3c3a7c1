"""How many parts a text is sent in."""

import pytest

from helpline.simulator.parts import GSM_BASIC, GSM_EXTENDED, count_parts, encoding


def test_the_alphabet_has_its_127_and_10_characters() -> None:
    # 128 places in GSM 03.38, of which one is the escape to the extension table; form feed is in that table.
    assert (len(GSM_BASIC), len(GSM_EXTENDED)) == (127, 10)


@pytest.mark.parametrize(
    ("text", "kind", "parts"),
    [
        ("", "GSM-7", 1),
        ("æøåÆØÅ é ü ñ ¿", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("a" * 152 + "€" + "a" * 10, "GSM-7", 2),
        # An escape and its character are not torn apart: 152 + 1 unused, then 2 + 152.
        ("a" * 152 + "€" + "a" * 151, "GSM-7", 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3),
        ("«Hei»", "UCS-2", 1),
        ("č", "UCS-2", 1),
        ("ç", "UCS-2", 1),
        ("–" * 70, "UCS-2", 1),
        ("–" * 71, "UCS-2", 2),
        ("🙂" * 35, "UCS-2", 1),
        ("🙂" * 36, "UCS-2", 2),
        # 67 units hold 33 whole pairs.
        ("🙂" * 67, "UCS-2", 3),
    ],
)
def test_parts(text: str, kind: str, parts: int) -> None:
    assert (encoding(text), count_parts(text)) == (kind, parts)
