"""Phone numbers: which are possible, which can receive texts, and what a withheld number looks like.

Norway: eight digits after +47, mobiles start with 4 or 9 (DOMAIN §5.6); other countries are only checked for E.164.
"""

import re
import uuid

#: What Twilio gives as the caller's number when it is withheld.
WITHHELD = frozenset({"anonymous", "+266696687"})

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NORWEGIAN = re.compile(r"\+47[2-9]\d{7}")
_NORWEGIAN_MOBILE = re.compile(r"\+47[49]\d{7}")
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


def is_possible(number: str) -> bool:
    """Whether this can be a telephone number in E.164 form."""
    if number.startswith("+47"):
        return _NORWEGIAN.fullmatch(number) is not None
    return _E164.fullmatch(number) is not None


def is_landline(number: str) -> bool:
    """Whether this is a Norwegian number that cannot receive texts. Numbers abroad are taken to be mobiles."""
    return number.startswith("+47") and _NORWEGIAN_MOBILE.fullmatch(number) is None


def is_alphanumeric_sender(sender: str) -> bool:
    """Whether this can be a sender's name: at most eleven letters, digits and spaces, at least one letter."""
    return _ALPHANUMERIC.fullmatch(sender) is not None


def country(number: str) -> str:
    """The country code for the webhook's From- and ToCountry; empty when we do not know it."""
    return "NO" if number.startswith("+47") else ""


def new_sid(prefix: str) -> str:
    """A new identifier as Twilio writes them: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex
