"""Help numbers and services: data with a source, a date and a rule for what a caller may be shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import phonenumbers

from helpline.guidance.reading import Fields, KnowledgeError, read_fields

#: Emergency numbers, European help lines (116 and three digits), and five-digit numbers: libphonenumber calls none of
#: them valid (DOMAIN §1.2), so that they have this rule of their own.
_SHORT = re.compile(r"11[023]|116 \d{3}|0\d{4}")
#: Norwegian grouping: pairs, or 3-2-3 for mobiles and 800 numbers.
_LONG = re.compile(r"\d{2} \d{2} \d{2} \d{2}|[489]\d{2} \d{2} \d{3}")
_ID = re.compile(r"[a-z][a-z0-9_]*")


def is_help_number(display: str) -> bool:
    """Whether `display` is a number as we print it: «113», «116 117», «02800», «21 52 53 53» or «915 08 588»."""
    if _SHORT.fullmatch(display):
        return True
    return bool(_LONG.fullmatch(display)) and phonenumbers.is_valid_number(phonenumbers.parse(display, "NO"))


#: Opening hours older than this are not said to anyone.
HOURS_KEEP = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class HelpNumber:
    """A help number or a service without one (then `display` is None). Texts are by language.

    `verified` is false for what no source of ours confirms; such a number is never shown to callers.
    `round_the_clock` chooses numbers for the night; the words about hours are in `hours` and grow too old to show.
    """

    id: str
    display: str | None
    name: Mapping[str, str]
    purpose: Mapping[str, str]
    hours: Mapping[str, str]
    hours_checked_on: date | None
    cost: Mapping[str, str]
    web: str | None
    round_the_clock: bool
    verified: bool
    source: str
    checked_on: date
    valid_from: date
    valid_until: date | None
    next_review: date
    line: int

    def shown(self, on: date) -> bool:
        """Whether a caller may be given this number on a day."""
        in_force = self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)
        return self.display is not None and self.verified and in_force

    def hours_on(self, on: date, language: str) -> str | None:
        """The opening hours in words, or None when they are not known or were last checked over a year before."""
        checked = self.hours_checked_on
        if not self.hours or checked is None or on - checked > HOURS_KEEP:
            return None
        return _in(self.hours, language)

    def called(self, language: str) -> str:
        return _in(self.name, language)

    def what_for(self, language: str) -> str:
        return _in(self.purpose, language)

    def named(self, on: date, language: str) -> str:
        """«Kirkens SOS 22 40 00 40»; the name alone (and web page, if any) when the number may not be shown."""
        if self.shown(on):
            return f"{self.called(language)} {self.display}"
        name = self.called(language)
        return f"{name} ({self.web})" if self.web and self.verified and self.web != name else name

    def full(self, on: date, language: str) -> str:
        """Name, number and opening hours, as much as may be shown."""
        hours = self.hours_on(on, language) if self.shown(on) else None
        return f"{self.named(on, language)} ({hours})" if hours else self.named(on, language)


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language, texts["nb"])


def read_numbers(path: Path) -> dict[str, HelpNumber]:
    """The help numbers of `numbers.yaml` by id, in the order of the file.

    Raises:
        KnowledgeError: names the line that is wrong.
    """
    fields = read_fields(path)
    numbers: dict[str, HelpNumber] = {}
    for item in fields.list("numbers"):
        number = _read_number(item)
        if number.id in numbers:
            raise item.error(f"the id «{number.id}» stands twice.")
        numbers[number.id] = number
    fields.finish()
    return numbers


def _read_number(item: Fields) -> HelpNumber:
    number_id = item.text("id")
    if not _ID.fullmatch(number_id):
        raise item.error(f"«{number_id}» is no id: write small letters, digits and underscores.")
    display = item.optional_text("number")
    if display is not None and not is_help_number(display):
        raise item.error(f"«{display}» is not a Norwegian help number as we print them.")
    number = HelpNumber(
        id=number_id,
        display=display,
        name=item.languages("name"),
        purpose=item.languages("purpose"),
        hours=item.optional_languages("hours"),
        hours_checked_on=item.optional_day("hours_checked_on"),
        cost=item.optional_languages("cost"),
        web=item.optional_text("web"),
        round_the_clock=item.flag("round_the_clock"),
        verified=item.flag("verified"),
        source=item.text("source"),
        checked_on=item.day("checked_on"),
        valid_from=item.day("valid_from"),
        valid_until=item.optional_day("valid_until"),
        next_review=item.day("next_review"),
        line=item.line,
    )
    item.finish()
    if number.valid_until is not None and number.valid_until < number.valid_from:
        raise KnowledgeError(item.path, item.line, "«valid_until» is before «valid_from».")
    return number
