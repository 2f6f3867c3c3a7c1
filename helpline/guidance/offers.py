"""Groups, courses and other offers for relatives, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from helpline.guidance.reading import Fields, read_fields

#: Said instead of a time that is not known for the day.
_ASK = {"nb": "spør oss om tid og sted", "nn": "spør oss om tid og stad", "en": "ask us about time and place"}


class Intake(StrEnum):
    """How one gets in. Waiting lists are said as they are."""

    OPEN = "open"
    REQUEST = "request"
    WAITING_LIST = "waiting_list"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Something relatives can take part in. Texts are by language; a missing fact is left out, never guessed."""

    id: str
    kind: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    when: Mapping[str, str]
    intake: Intake
    source: str
    checked_on: date
    valid_from: date
    valid_until: date | None
    next_review: date
    line: int

    def called(self, language: str) -> str:
        return self.name.get(language, self.name["nb"])

    def full(self, day: date, language: str) -> str:
        """«Digital skrivetime: onsdager kl. 10–11»; that one must ask, when the time is not known for that day."""
        when = self.when if self.when and self.open_on(day) else _ASK
        return f"{self.called(language)}: {when.get(language, when['nb'])}"

    def open_on(self, day: date) -> bool:
        """Whether the offer is known to be running on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def read_offers(path: Path) -> dict[str, Offer]:
    """The offers of `offers.yaml` by id, in the order of the file.

    Raises:
        KnowledgeError: names the line that is wrong.
    """
    fields = read_fields(path)
    offers: dict[str, Offer] = {}
    for item in fields.list("offers"):
        offer = _read_offer(item)
        if offer.id in offers:
            raise item.error(f"the id «{offer.id}» stands twice.")
        offers[offer.id] = offer
    fields.finish()
    return offers


def _read_offer(item: Fields) -> Offer:
    try:
        intake = Intake(item.text("intake"))
    except ValueError as error:
        raise item.error(f"«intake» is one of {', '.join(Intake)}.") from error
    offer = Offer(
        id=item.text("id"),
        kind=item.text("kind"),
        name=item.languages("name"),
        about=item.languages("about"),
        when=item.optional_languages("when"),
        intake=intake,
        source=item.text("source"),
        checked_on=item.day("checked_on"),
        valid_from=item.day("valid_from"),
        valid_until=item.optional_day("valid_until"),
        next_review=item.day("next_review"),
        line=item.line,
    )
    item.finish()
    return offer
