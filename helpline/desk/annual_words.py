"""The annual report in words: numbers, titles, statements and definitions, in bokmål and English.

Numbers are written as people read them: 1 731 and 38,1 % in Norwegian, 1,731 and 38.1% in English, «–» for none.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from helpline.core import codes
from helpline.core.annual import Report, Statement
from helpline.core.annual_numbers import Number
from helpline.core.counter_list import COUNTERS

LANGUAGES = ("nb", "en")
NONE = "–"

_SPACE = "\N{NO-BREAK SPACE}"
_LOCALES = {"nb": "nb_NO", "en": "en_GB"}
#: The list of codes that holds a dimension's labels, where it has another name.
_LIST_OF = {"referred_from": "referral"}


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a number means: of the counter, in words. `version` is the counter's own."""

    counter: str
    definition: str
    denominator: str | None
    exclusions: str | None
    clock_start: str | None
    threshold: int | None
    version: int


@cache
def _texts() -> Mapping[str, Any]:
    words = resources.files(__package__).joinpath("annual_words.toml").read_text(encoding="utf-8")
    # A number never stands alone at the end of a line, away from its sign.
    return tomllib.loads(words.replace(" %", f"{_SPACE}%"))


def text(key: str, language: str, **values: object) -> str:
    """A text by its key, `title` or `box.contacts`, its `{name}`s filled in.

    Raises:
        KeyError: there is no such text, or a value is missing.
    """
    group, _, name = key.rpartition(".")
    found: Any = _texts()[language]
    words: str = (found[group] if group else found)[name]
    return words.format(**values) if values else words


def texts(group: str, language: str) -> Mapping[str, str]:
    """All texts of a group, in their order."""
    found: Mapping[str, str] = _texts()[language][group]
    return found


def whole(value: float, language: str) -> str:
    """A count, with its thousands apart."""
    return str(format_decimal(value, locale=_LOCALES[language]))


def percent(share: float, language: str, *, decimals: int = 1) -> str:
    """A share 0–1 as a percentage, rounded as on paper."""
    steps = 10**decimals
    rounded = int(abs(share) * 100 * steps + 0.5 + 1e-9) / steps
    digits = format_decimal(rounded, "#,##0" + ("." + "0" * decimals if decimals else ""), locale=_LOCALES[language])
    return f"{digits}%" if language == "en" else f"{digits}{_SPACE}%"


def signed(amount: float, words: str) -> str:
    """The words of an amount without its sign, with the sign before them."""
    return f"{'+' if amount > 0 else '−' if amount < 0 else ''}{words}"


def shown(number: Number, language: str) -> str:
    """A number as people read it."""
    if number.value is None:
        return NONE
    match number.unit:
        case "share":
            # Women and men in whole percent, as in the sources.
            of_gender = number.name.startswith("gender:") and not number.name.endswith(":known")
            return percent(number.value, language, decimals=0 if of_gender else 1)
        case "seconds":
            return _duration(number.value, language)
        case "points":
            points = format_decimal(number.value, "0.0", locale=_LOCALES[language])
            return f"{points} of 10" if language == "en" else f"{points} av 10"
        case _:
            return whole(number.value, language)


def long_date(day: date, language: str) -> str:
    """3. november 2026, 3 November 2026."""
    return str(format_date(day, "d MMMM y" if language == "en" else "d. MMMM y", locale=_LOCALES[language]))


def title(number: Number, language: str, mark: str = "") -> str:
    """What a number counts: the title of its box, the label of its group, or the name of its counter. `mark` is that of
    a footnote."""
    if number.name in texts("box", language):
        return text(f"box.{number.name}", language, mark=mark)
    if number.name in texts("group", language):
        return text(f"group.{number.name}", language)
    dimension, colon, code = number.name.partition(":")
    if colon:
        return text(f"group.{code}", language) if code in ("known", "rest") else label_of(dimension, code, language)
    counter = COUNTERS[number.counter]
    return counter.title_en if language == "en" else counter.title_nb


def label_of(dimension: str, code: str, language: str) -> str:
    """The label of a code, with a capital first."""
    if dimension == "county":
        return codes.counties(language)[code]
    return capital(codes.label(_LIST_OF.get(dimension, dimension), code, language))


def capital(words: str) -> str:
    """The words with a capital first; the others stay as they are."""
    return words[:1].upper() + words[1:]


def statement(said: Statement, report: Report, language: str) -> str:
    """A statement in words."""
    values: dict[str, str] = {}
    for name, number in said.numbers.items():
        values[name] = shown(number, language)
        values[f"{name}_words"] = _with_unit(number, language)
        values[f"{name}_label"] = _activity(number, language)
        counter = COUNTERS[number.counter]
        values[f"{name}_threshold"] = NONE if counter.threshold is None else whole(counter.threshold, language)
        if number.whole is not None:
            values[f"{name}_whole"] = whole(number.whole, language)
        if number.part is not None and number.whole is not None:
            values[f"{name}_of"] = of(number, language)
    if said.dimension is not None:
        values["dimension"] = text(f"dimension.{said.dimension}", language)
    if said.change is not None:
        for name in ("low", "high"):
            amount = getattr(said.change, name)
            values[name] = NONE if amount is None else signed(amount, percent(amount, language))
        relative = said.change.relative
        values["change"] = NONE if relative is None else percent(relative, language)
    values["then"] = then(report, language)
    values |= {capital(name): capital(words) for name, words in values.items()}
    return text(f"statement.{said.key}", language, **values)


def then(report: Report, language: str) -> str:
    """When it was, that the year is compared with: «i 2024», or «i samme del av 2024»."""
    return text("then" if report.over else "then_same_days", language, year=report.year.year - 1)


def of(number: Number, language: str) -> str:
    """«1 731 av 2 900»."""
    return text("part_of", language, part=whole(number.part or 0, language), whole=whole(number.whole or 0, language))


def meaning(number: Number, language: str) -> Meaning:
    """What a number means, in words."""
    counter = COUNTERS[number.counter]
    english = language == "en"
    definition = counter.definition_en if english else counter.definition_nb
    denominator = counter.denominator_en if english else counter.denominator_nb
    exclusions = counter.exclusions_en if english else counter.exclusions_nb
    dimension, colon, code = number.name.partition(":")
    if number.name in ("advice_calls", "counties"):
        definition = text(f"definition.{number.name}", language)
    elif "activity" in number.cut:
        definition = text("definition.activity", language, label=_activity(number, language).lower())
    elif colon:
        named = text(f"dimension.{dimension}", language)
        key = code if code in ("known", "rest") else "dimension"
        definition = text(f"definition.{key}", language, dimension=named, label=title(number, language))
        of_all = code == "known" or dimension in ("channel", "origin")
        denominator = text(
            "definition.denominator_all" if of_all else "definition.denominator", language, dimension=named
        )
    return Meaning(
        counter=number.counter,
        definition=definition,
        denominator=denominator,
        exclusions=exclusions,
        clock_start=counter.clock_start_en if english else counter.clock_start_nb,
        threshold=counter.threshold,
        version=counter.version,
    )


def _with_unit(number: Number, language: str) -> str:
    words = _texts()[language]["unit"].get(number.unit)
    if words is None:
        return shown(number, language)
    one, several = words
    return f"{shown(number, language)}{_SPACE}{one if number.value == 1 else several}"


def _activity(number: Number, language: str) -> str:
    """The label of the activity that attendances belong to; the title of every other number."""
    code = number.cut.get("activity", number.name)
    return label_of("activity", code, language) if code in codes.code_lists()["activity"] else title(number, language)


def _duration(seconds: float, language: str) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}{_SPACE}{'h' if language == 'en' else 't'} {minutes}{_SPACE}min"
    return f"{minutes}{_SPACE}min {rest}{_SPACE}s" if minutes else f"{rest}{_SPACE}s"
