"""How many parts a text is sent in.

GSM 03.38: 160 septets in one part, 153 each in several; characters of the extension table take two. One character
outside the alphabet makes the whole text UCS-2: 70 and 67 UTF-16 units.
"""

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")


def encoding(text: str) -> str:
    """`GSM-7` or `UCS-2`: how this text must be sent."""
    return "GSM-7" if all(character in GSM_BASIC or character in GSM_EXTENDED for character in text) else "UCS-2"


def count_parts(text: str) -> int:
    """In how many parts this text is sent; an empty text is one part. No unit is torn over two parts."""
    if encoding(text) == "GSM-7":
        return _count([2 if character in GSM_EXTENDED else 1 for character in text], alone=160, joined=153)
    return _count([2 if ord(character) > 0xFFFF else 1 for character in text], alone=70, joined=67)


def _count(widths: list[int], *, alone: int, joined: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > joined:
            parts, used = parts + 1, 0
        used += width
    return parts
