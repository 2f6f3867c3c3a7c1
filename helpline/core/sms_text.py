"""What a text costs as SMS, and how to keep Norwegian text cheap.

A text whose characters all stand in the GSM 7-bit default alphabet (3GPP TS 23.038, once GSM 03.38; æ ø å are in it)
goes as GSM-7: 160 units alone, 153 in each of several parts. One character outside it turns the whole text into UCS-2:
70 units alone, 67 a part. The typographic characters of good Norwegian writing (« » – ’) are outside, so they are
replaced on their way out.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

#: The basic alphabet in the order of the standard's table, without the escape character.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Characters sent as the escape character and one more: two units each.
EXTENSION = "\f^{}\\[~]|€"

_BASIC = frozenset(BASIC)
_EXTENSION = frozenset(EXTENSION)

_REPLACEMENTS = str.maketrans(
    {
        **dict.fromkeys("«»“”„‟″〝〞", '"'),
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("•‣◦·▪●", "-"),
        **dict.fromkeys(
            "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
        ),
        **dict.fromkeys("\u2028\u2029\u0085\v", "\n"),
        # Invisible ones that only steer line breaks. Joiners and direction marks stay: other scripts need them.
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
        "…": "...",
        "‹": "<",
        "›": ">",
        "→": "->",
        "×": "x",
        "½": "1/2",
        "¼": "1/4",
        "¾": "3/4",
    }
)


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


#: Units in a text that goes alone, and in each part of a longer one (the rest of the part is its header).
_ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_PART = {Encoding.GSM7: 153, Encoding.UCS2: 67}


@dataclass(frozen=True, kw_only=True)
class SmsSize:
    """What a text costs: its units (septets or 16-bit units), its parts, and the units still free in the last part."""

    encoding: Encoding
    units: int
    parts: int
    left_in_part: int


def plain(text: str) -> str:
    """Replace typographic characters by their plain cousins so that Norwegian text stays GSM-7.

    Letters are composed first (a + ring above = å). What has no plain cousin, such as emoji or Sámi letters, is left:
    a wrongly spelt name is worse than a dearer text.
    """
    composed = unicodedata.normalize("NFC", text).translate(_REPLACEMENTS)
    # Once more, because a replacement may meet a combining mark: › + stroke becomes > + stroke, which is one character.
    return unicodedata.normalize("NFC", composed)


def measure(text: str) -> SmsSize:
    """The size of a text exactly as given (apply `plain` first to see what will be sent).

    A character of two units (extension character, or one outside the basic multilingual plane) is never split over two
    parts, so a part may go out with one unit unused. An empty text has no parts.
    """
    encoding = Encoding.GSM7 if all(c in _BASIC or c in _EXTENSION for c in text) else Encoding.UCS2
    widths = [_width(character, encoding) for character in text]
    units = sum(widths)
    if units <= _ALONE[encoding]:
        return SmsSize(encoding=encoding, units=units, parts=1 if text else 0, left_in_part=_ALONE[encoding] - units)
    room = _PART[encoding]
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return SmsSize(encoding=encoding, units=units, parts=parts, left_in_part=left)


def _width(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if character in _EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1
