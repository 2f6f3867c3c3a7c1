"""What figures are cut by and narrowed down to, as an address or a command says it: read, and refused in a sentence.

`topic` is a dimension, `month` a step of time, `channel=phone` narrows down to the contacts by phone, `waited_over=60`
to those that waited for more than a minute.
"""

from collections.abc import Collection, Iterable, Mapping

from helpline.core.marks import BOUNDS, DIMENSIONS, SEVERAL, values_of
from helpline.errors import HelplineError

#: Spans of time that figures can be counted by. A term is a half-year of Norwegian schools, as the calendar has it: the
#: spring term from January to July, the autumn term from August to December.
STEPS = ("day", "week", "month", "term", "year")

_TIMES = ("weekday", "hour", "hour_of_week")
#: The longest wait that is asked for, in seconds: far more than any record has.
_LONGEST = 10_000_000


def read_by(text: str | None) -> tuple[str, ...]:
    """What to cut by: nothing, a dimension or a step, or two crossed as `month,topic`; a step comes first.

    Raises:
        HelplineError: there is no such cut, or these two cannot be crossed.
    """
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    for name in names:
        if name not in STEPS and name not in DIMENSIONS:
            raise HelplineError(f"Tallene kan ikke deles etter «{name}».")
    if len(names) > 2 or len(set(names)) < len(names) or sum(name in STEPS for name in names) > 1:
        raise HelplineError("Tallene kan deles etter én ting, eller etter to ulike i kryss: høyst én av dem er tid.")
    return tuple(sorted(names, key=lambda name: (name not in STEPS, name)))


def read_where(texts: Iterable[str]) -> dict[str, str]:
    """Conditions written as `channel=phone`; nothing after the sign means not asked.

    Raises:
        HelplineError: a text has another form, or says what no record can be.
    """
    where: dict[str, str] = {}
    for text in texts:
        dimension, sign, value = (part.strip() for part in text.partition("="))
        if not sign:
            raise HelplineError(f"«{text}» er ikke et utvalg. Skriv det som channel=phone.")
        if dimension in where:
            raise HelplineError(f"«{dimension}» kan bare velges én gang.")
        where[dimension] = value
    check_where(where)
    return where


def check_where(where: Mapping[str, str]) -> None:
    """Refuse what no record can be.

    Raises:
        HelplineError: there is no such dimension or bound, or it has no such value.
    """
    for dimension, value in where.items():
        if dimension in BOUNDS:
            _check_bound(dimension, value)
            continue
        if dimension not in DIMENSIONS:
            raise HelplineError(f"Tallene kan ikke velges etter «{dimension}».")
        allowed = values_of(dimension)
        if allowed is not None and value not in allowed:
            raise HelplineError(f"«{dimension}» har ingen verdi «{value}».")


def _check_bound(bound: str, value: str) -> None:
    highest = 24 if bound in ("from_hour", "before_hour") else _LONGEST
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(_LONGEST)) and int(value) <= highest):
        raise HelplineError(f"«{bound}» er et helt tall fra 0 til {highest}.")


def holding(where: Mapping[str, str]) -> dict[str, Collection[str | int | bool | None]]:
    """The same by the columns of a record, for the database to leave out most of the others; times and bounds are left
    to us."""
    columns: dict[str, Collection[str | int | bool | None]] = {}
    for dimension, value in where.items():
        if dimension in _TIMES or dimension in BOUNDS:
            continue
        if dimension in SEVERAL:
            columns[SEVERAL[dimension]] = [value or None]
        elif not value:
            columns[dimension] = [None]
        elif dimension in ("redial_24h", "asked_what_matters"):
            columns[dimension] = [value == "yes"]
        elif dimension in ("evaluation", "letters"):
            columns[dimension] = [int(value)]
        elif dimension == "county" and value not in ("unknown", ""):
            # A municipality says its county also where that was left out.
            columns["county"] = [value, None]
        else:
            columns[dimension] = [value]
    return columns
