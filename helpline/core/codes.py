"""The code lists that records, triage and pages share.

`codes.csv` beside this file holds every list with its codes and its Norwegian and English labels, `codes_nn.csv` the
nynorsk ones of the lists that everyone reads, where they differ; the lists that the rules branch on are enums here, and
a test holds the two together.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

#: Every list also knows this code: asked, but not known. An empty value means: not asked.
UNKNOWN = "unknown"
#: Answers by which nothing is known, by list: they stand apart from what shares of known are of.
DECLINED = {"gender": "prefer_not_to_say"}
UNKNOWN_LABELS = {"nb": "ukjent", "nn": "ukjent", "en": "unknown"}


class Channel(StrEnum):
    PHONE = "phone"
    SMS = "sms"
    TELEGRAM = "telegram"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Urgency(StrEnum):
    """Levels of the Norwegian index for medical emergencies; they choose what is shown first, never score a person."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"

    @property
    def rank(self) -> int:
        """0 for red, 1 for yellow, 2 for green: lower is answered first."""
        return _RANKS[self]


_RANKS = {Urgency.RED: 0, Urgency.YELLOW: 1, Urgency.GREEN: 2}


class AtRisk(StrEnum):
    """Who is in danger, from the writer's point of view."""

    SELF = "self"
    OTHER = "other"
    CHILD = "child"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """Exactly one for every contact; what each means for the answer rate stands in `codes.csv`."""

    COUNSELLED = "counselled"
    GUIDED = "guided"
    REFERRED = "referred"
    CALLBACK_DONE = "callback_done"
    CALLBACK_FAILED = "callback_failed"
    MESSAGE_LEFT = "message_left"
    ABANDONED = "abandoned"
    SHORT_ABANDON = "short_abandon"
    CLOSED_HOURS = "closed_hours"
    NOBODY_ON_DUTY = "nobody_on_duty"
    NON_COUNSELLING = "non_counselling"
    NO_REPLY = "no_reply"
    LEFT_MENU = "left_menu"
    QUEUE_FULL = "queue_full"
    BLOCKED = "blocked"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    NOT_REACHED = "not_reached"
    EMERGENCY_ADVISED = "emergency_advised"


class Origin(StrEnum):
    LIVE = "live"
    AFTERWARDS = "afterwards"
    IMPORT = "import"
    SIMULATED = "simulated"


@dataclass(frozen=True, kw_only=True)
class Code:
    """One line of `codes.csv`. `answered` (yes, no, short, excluded) is set for outcomes only."""

    list: str
    code: str
    label_nb: str
    label_en: str
    label_nn: str | None = None
    answered: str | None = None

    def label(self, language: str) -> str:
        """The words people see; nynorsk pages show the bokmål label where it has none of its own."""
        if language == "nn" and self.label_nn is not None:
            return self.label_nn
        return self.label_en if language == "en" else self.label_nb


@cache
def code_lists() -> dict[str, dict[str, Code]]:
    """All lists by name, each an ordered mapping from code to `Code`."""
    lists: dict[str, dict[str, Code]] = {}
    with resources.files(__package__).joinpath("codes_nn.csv").open(encoding="utf-8") as file:
        nynorsk = {(row["list"], row["code"]): row["label_nn"] for row in csv.DictReader(file)}
    with resources.files(__package__).joinpath("codes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            entry = Code(
                list=row["list"],
                code=row["code"],
                label_nb=row["label_nb"],
                label_en=row["label_en"],
                label_nn=nynorsk.get((row["list"], row["code"])),
                answered=row["answered"] or None,
            )
            lists.setdefault(entry.list, {})[entry.code] = entry
    return lists


def label(list_name: str, code: str | None, language: str = "nb") -> str:
    """The label of a code; a dash for a value that was not asked.

    Raises:
        KeyError: the list or the code does not exist.
    """
    if not code:
        return "–"
    if code == UNKNOWN:
        return UNKNOWN_LABELS.get(language, UNKNOWN_LABELS["nb"])
    return code_lists()[list_name][code].label(language)


@dataclass(frozen=True, kw_only=True)
class Municipality:
    """A municipality of the 2024 layout. Contains data from Kartverket, CC BY 4.0."""

    number: str
    name: str
    county_number: str
    county_name: str


@cache
def municipalities() -> dict[str, Municipality]:
    """The 357 municipalities by number."""
    with resources.files(__package__).joinpath("municipalities.csv").open(encoding="utf-8") as file:
        return {
            row["municipality_number"]: Municipality(
                number=row["municipality_number"],
                name=row["municipality_name"],
                county_number=row["county_number"],
                county_name=row["county_name"],
            )
            for row in csv.DictReader(file)
        }


@cache
def municipality_names() -> dict[str, str]:
    """What each municipality is called, by its number; a shared name with its county: «Herøy (Nordland)»."""
    times = Counter(place.name for place in municipalities().values())
    return {
        number: f"{place.name} ({place.county_name})" if times[place.name] > 1 else place.name
        for number, place in municipalities().items()
    }


def municipality_called(words: str) -> str | None:
    """The number of the municipality that these words name, in any of its languages; None for others, and for a name
    that two of them have."""
    return _municipalities_by_name().get(" ".join(words.split()).strip(" .,!").casefold())


@cache
def _municipalities_by_name() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for number, place in municipalities().items():
        for name in {municipality_names()[number], place.name, *re.split(r" [-–] ", place.name)}:
            found.setdefault(name.casefold(), set()).add(number)
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1}


#: Beside the 15 counties a record may say Svalbard or abroad.
EXTRA_COUNTIES = {"21": "Svalbard", "99": "Utlandet"}


@cache
def counties(language: str = "nb") -> dict[str, str]:
    """The 15 counties and the two extra codes, number to name, in the order of their numbers."""
    named = {place.county_number: place.county_name for place in municipalities().values()} | EXTRA_COUNTIES
    if language == "en":
        named["99"] = "Abroad"
    return dict(sorted(named.items()))
