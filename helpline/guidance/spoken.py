"""A text as a voice says it: telephone numbers digit by digit."""

import re

from helpline.guidance.phrases import page_language

_PHONE_NUMBER = re.compile(
    r"""
    (?<![\w.,:–-])                          # not the end of a longer figure
    (?P<plus>\+)?
    (?P<digits>\d+(?:[ \u00a0\u202f]\d+)*)
    (?![\w–:]|[.,-]\d)                      # not the beginning of one
    """,
    re.VERBOSE,
)
#: The three-digit emergency numbers; other short figures are amounts, places and times.
_SHORT_NUMBERS = frozenset({"110", "112", "113"})
#: «nummer 113 i køen» is a place, «110 minutter» a time.
_COUNTED_BEFORE = re.compile(r"(?:nummer|number|nr\.|no\.)\s*$", re.IGNORECASE)
_COUNTED_AFTER = re.compile(r"\s*(?:minut|i køen|in the queue|kr\b|prosent|%)", re.IGNORECASE)
_PLUS = {"nb": "pluss", "nn": "pluss", "en": "plus"}


def spoken(text: str, *, language: str) -> str:
    """A text for a voice: telephone numbers digit by digit, in the groups they are written in.

    «116 117» is read as one one six, one one seven, never as a hundred and something; amounts, times and places in the
    queue are left alone. Control characters, which XML cannot carry, are taken out.
    """
    text = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)

    def read(match: re.Match[str]) -> str:
        groups = re.split(r"[ \u00a0\u202f]", match["digits"])
        digits = "".join(groups)
        if len(digits) < 5:
            counted = _COUNTED_BEFORE.search(text[: match.start()]) or _COUNTED_AFTER.match(text, match.end())
            if digits not in _SHORT_NUMBERS or counted:
                return match[0]
        if len(groups) == 1:
            groups = _grouped(digits, with_country=bool(match["plus"]))
        words = ", ".join(" ".join(group) for group in groups)
        return f"{_PLUS[page_language(language)]} {words}" if match["plus"] else words

    return _PHONE_NUMBER.sub(read, text)


def _grouped(digits: str, *, with_country: bool) -> list[str]:
    """The groups in which Norwegians say a number that is written in one piece."""
    if with_country and digits.startswith("47") and len(digits) == 10:
        return ["47", *_grouped(digits[2:], with_country=False)]
    if len(digits) == 8:
        # Mobiles and 800-numbers in 3-2-3, others in pairs (DOMAIN §6).
        if digits[0] in "489":
            return [digits[:3], digits[3:5], digits[5:]]
        return [digits[at : at + 2] for at in range(0, 8, 2)]
    if len(digits) == 6:
        return [digits[:3], digits[3:]]
    return [digits]
