"""How long a text is: words, GSM-7 characters, sentences, and LIX."""

import re

#: The basic alphabet of GSM 03.38, which one SMS part holds 160 characters of. It has æøå; it lacks « » – ’.
_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Extension characters take the place of two.
_GSM_EXTENDED = frozenset("^{}\\[~]|€")

_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
#: A dot before a small letter belongs to a date or an abbreviation. Urdu and Tigrinya have full stops of their own.
_SENTENCE_END = re.compile(r'(?:(?<=[.!?:؟۔።])|(?<=[.!?:][»"]))[ \t]+(?![a-zæøå])|\n+')


def words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text))


def gsm_length(text: str) -> int | None:
    """Characters that the text takes in an SMS part, or None when a character is outside GSM-7."""
    if not all(character in _GSM_BASIC or character in _GSM_EXTENDED for character in text):
        return None
    return len(text) + sum(character in _GSM_EXTENDED for character in text)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a plain text; a line and a colon end one too."""
    return tuple(part.strip() for part in _SENTENCE_END.split(text) if _WORD.search(part))


def lix(text: str) -> float:
    """Björnsson's readability index: words a sentence + per cent of words over six letters. 30-40 reads easily."""
    count = words(text)
    if not count:
        return 0.0
    long = sum(len(word) > 6 for word in count)
    return len(count) / max(1, len(sentences(text))) + 100 * long / len(count)
