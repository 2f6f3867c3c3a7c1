"""The tables that everyone may see: what each counts, one thing at a time and nothing crossed.

Each counts the contacts of a year up to a day; what may be shown of it is for `suppression` to say.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from helpline.core.codes import UNKNOWN, code_lists, counties
from helpline.core.counters import median
from helpline.core.record import Answered
from helpline.core.suppression import rounded
from helpline.core.tally import SEVERAL, Cut, Tally, cut_of

#: Raised whenever a table, a cell or the rule of `suppression` changes its meaning. Stands in every file.
VERSION = 2

#: The code of those who were not asked.
NOT_ASKED = ""
#: Seconds that the median wait is rounded to, and the fewest waits (as shown) that it is told of.
WAIT_STEP = 15
FEWEST_WAITS = 50
#: Attempts (as shown) from which on an answer rate is told: rounding shifts it by four of a hundred at most.
FEWEST_ATTEMPTS = 100


@dataclass(frozen=True, kw_only=True)
class PublicTable:
    """A one-way table. `several` says that a contact may be in several of its cells."""

    name: str
    #: What the tally must be cut by; the empty cut for what is read from its marks.
    cut: Cut
    several: bool
    codes: tuple[str, ...]
    read: Callable[[Tally], Mapping[str, int]]

    def counts(self, tally: Tally) -> dict[str, int]:
        """Contacts by code, every code of the table among them."""
        found = self.read(tally)
        return {code: found.get(code, 0) for code in (*self.codes, *sorted(set(found) - set(self.codes)))}


@cache
def public_tables() -> Mapping[str, PublicTable]:
    """The tables by name, in the order in which they are shown."""
    made = (
        _by("channel", code_lists()["channel"]),
        _by("county", counties()),
        _by("relation", code_lists()["relation"]),
        _by("age_band", code_lists()["age_band"]),
        _by("gender", code_lists()["gender"]),
        _by("topic", code_lists()["topic"]),
        _by("challenge_area", code_lists()["challenge_area"]),
        PublicTable(
            name="asked_what_matters", cut=(), several=False, codes=("yes", "no", NOT_ASKED), read=_asked_what_matters
        ),
        PublicTable(
            name="answering",
            cut=(),
            several=False,
            codes=("answered", "not_answered", "left_at_once", "outside"),
            read=_answering,
        ),
    )
    return {table.name: table for table in made}


def answer_rate(cells: Mapping[str, int | None]) -> int | None:
    """The share of attempts that an advisor answered, in whole per cent, from the shown numbers of the table
    `answering`; None where they are too few."""
    answered = cells.get("answered") or 0
    attempts = answered + sum(cells.get(code) or 0 for code in ("not_answered", "left_at_once"))
    return round(100 * answered / attempts) if attempts >= FEWEST_ATTEMPTS else None


def median_wait(tally: Tally) -> int | None:
    """The median wait of those who were answered, in seconds, rounded to a quarter of a minute; None where few were."""
    waits = tally.histogram("wait")
    middle = median(waits)
    if middle is None or (rounded(sum(waits.values())) or 0) < FEWEST_WAITS:
        return None
    return round(middle / WAIT_STEP) * WAIT_STEP


def _by(dimension: str, codes: Iterable[str]) -> PublicTable:
    def read(tally: Tally) -> Mapping[str, int]:
        found = ((value, tally.count("contacts", cut_of(**{dimension: value}))) for value in tally.values(dimension))
        return {value: count for value, count in found if count}

    return PublicTable(
        name=dimension, cut=(dimension,), several=dimension in SEVERAL, codes=(*codes, UNKNOWN, NOT_ASKED), read=read
    )


def _asked_what_matters(tally: Tally) -> Mapping[str, int]:
    yes, no = (tally.count(f"asked_what_matters:{answer}") for answer in ("yes", "no"))
    return {"yes": yes, "no": no, NOT_ASKED: tally.count("contacts") - yes - no}


def _answering(tally: Tally) -> Mapping[str, int]:
    names = {"answered": Answered.YES, "not_answered": Answered.NO, "left_at_once": Answered.SHORT}
    found = {name: tally.count(f"answered:{answered}") for name, answered in names.items()}
    return {**found, "outside": tally.count("contacts") - sum(found.values())}
