"""Fills numbers and offers, which articles name by id, into a text for one day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from helpline.guidance.numbers import HelpNumber
from helpline.guidance.offers import Offer
from helpline.guidance.reading import RIGHT_TO_LEFT

#: {number:amk} is the digits; :named puts the name before them; :full adds opening hours that are fresh enough;
#: {offer:id} is the name of a group or course; :full adds when it is held, or says to ask where that is not known.
REFERENCE = re.compile(r"\{(?P<kind>[a-z]+):(?P<id>[a-z0-9_]+)(?::(?P<form>[a-z]+))?\}")
_FORMS = {"number": (None, "named", "full"), "offer": (None, "full")}


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One place in a text that names a number or an offer. `line` counts from 0 within the text."""

    kind: str
    id: str
    form: str | None
    line: int


def references(text: str) -> tuple[Reference, ...]:
    """Every reference in a text, known or not."""
    return tuple(
        Reference(kind=match["kind"], id=match["id"], form=match["form"], line=number)
        for number, line in enumerate(text.split("\n"))
        for match in REFERENCE.finditer(line)
    )


def reference_problem(
    reference: Reference, numbers: Mapping[str, HelpNumber], offers: Mapping[str, Offer]
) -> str | None:
    """Why a reference cannot be filled, or None when it can."""
    if reference.form not in _FORMS.get(reference.kind, ()):
        return f"«{reference.kind}:{reference.id}:{reference.form}» is not a kind of reference we know."
    known = numbers if reference.kind == "number" else offers
    if reference.id not in known:
        return f"«{reference.id}» is not a known {reference.kind}."
    if reference.kind == "number" and reference.form is None:
        number = numbers[reference.id]
        if number.display is None or not number.verified:
            return f"«{reference.id}» has no confirmed number; write {{number:{reference.id}:named}}."
    return None


#: Isolate what runs left to right: in Arabic and Urdu the groups of a number would else change places.
_ISOLATE, _END_OF_ISOLATE = "\u2066", "\u2069"


def fill(text: str, *, numbers: Mapping[str, HelpNumber], offers: Mapping[str, Offer], on: date, language: str) -> str:
    """The text with every reference filled in. The references must have been found sound when the text was loaded."""

    def replace(match: re.Match[str]) -> str:
        filled = value(match)
        return f"{_ISOLATE}{filled}{_END_OF_ISOLATE}" if language in RIGHT_TO_LEFT else filled

    def value(match: re.Match[str]) -> str:
        if match["kind"] == "offer":
            offer = offers[match["id"]]
            return offer.full(on, language) if match["form"] == "full" else offer.called(language)
        number = numbers[match["id"]]
        if match["form"] == "full":
            return number.full(on, language)
        if match["form"] == "named" or not number.shown(on) or number.display is None:
            return number.named(on, language)
        return number.display

    return REFERENCE.sub(replace, text)
