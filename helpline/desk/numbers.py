"""Telephone numbers: what a provider, a person or an administrator gives us, as E.164 or not at all."""

import re

import phonenumbers

from helpline.errors import HelplineError

#: Without a country code a number is Norwegian.
REGION = "NO"
#: Digits of the shortest number that a person may text from. Norwegian services text from numbers of four and five,
#: and five may also be called, so that the number alone does not tell.
SHORTEST_OF_A_PERSON = 7
#: What Twilio puts in the place of a withheld number (Twilio help: «Why am I getting calls from +266696687»).
WITHHELD = frozenset(
    {
        "anonymous",
        "+266696687",
        "266696687",
        "+7378742833",
        "+2562533",
        "+8656696",
        "+86282452253",
        "unknown",
        "restricted",
    }
)


def caller_number(given: str | None) -> str | None:
    """The number somebody calls or writes from; None when it is withheld or no telephone number at all."""
    if given is None or given.strip().lower() in WITHHELD or not given.strip():
        return None
    return e164(given)


def e164(given: str) -> str | None:
    """A possible telephone number as E.164; None otherwise. Short numbers and names of senders are none."""
    try:
        number = phonenumbers.parse(given, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_automatic_sender(given: str) -> bool:
    """Whether a text comes from a machine: a name for a sender, or a short number. Those are never answered, for two
    machines would write to each other for ever."""
    is_name = re.search(r"[^\d+() -]", given.strip()) is not None
    return is_name or len(re.sub(r"\D", "", given)) < SHORTEST_OF_A_PERSON or e164(given) is None


def dialled_number(keys: str) -> str | None:
    """A number keyed in on a telephone, for ringing back; None unless it is a valid one of the public network.

    Emergency and other short numbers are refused: nobody makes us ring 113.
    """
    digits = re.sub(r"\D", "", keys)
    try:
        number = phonenumbers.parse(f"+{digits[2:]}" if digits.startswith("00") else digits, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def advisor_number(given: str) -> str:
    """An advisor's own telephone, as E.164.

    Raises:
        HelplineError: it is not a valid number.
    """
    found = e164(given)
    if found is None or not phonenumbers.is_valid_number(phonenumbers.parse(found)):
        raise HelplineError(
            f"«{given}» er ikke et gyldig telefonnummer. Skriv det med åtte siffer, eller med + og landkode."
        )
    return found


def shown(number: str) -> str:
    """As people write it: 21 52 53 53, 915 08 588; foreign numbers internationally."""
    parsed = phonenumbers.parse(number, REGION)
    national = parsed.country_code == 47
    return phonenumbers.format_number(
        parsed,
        phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    )
