"""The published tables as people read them: words, numbers and shares, the largest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from helpline.core.codes import DECLINED, UNKNOWN, code_lists, counties
from helpline.core.public_tables import NOT_ASKED, answer_rate, public_tables
from helpline.store.tables import Publication
from helpline.web.reports_numbers import duration, number
from helpline.web.words import say

#: Tables whose codes have words of their own here.
_OWN_CODES = ("asked_what_matters", "answering")
#: Units of the bars' drawing: a whole is this wide.
_WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class Row:
    """A shown number. `share` is of the known, in per cent; `width` is how long its bar is, of 100."""

    label: str
    number: str
    share: str | None
    width: float


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A table. `hidden` are the labels of cells under five, `stands` the day it is as of when not renewed."""

    name: str
    title: str
    means: str
    several: bool
    rows: Sequence[Row]
    apart: Sequence[Row]
    hidden: Sequence[str]
    stands: date | None


@dataclass(frozen=True, kw_only=True)
class Week:
    """What was published last."""

    year: int
    through: date
    answer_rate: str | None
    median_wait: str | None
    tables: Sequence[Shown]
    #: Titles of tables that were not published yet.
    missing: Sequence[str]


def week(row: Publication, language: str) -> Week:
    """A publication in the words of a language (nb, nn or en)."""
    rate = answer_rate(row.tables["answering"]["cells"]) if "answering" in row.tables else None
    return Week(
        year=row.year,
        through=row.through,
        answer_rate=_percent(rate, language) if rate is not None else None,
        median_wait=_wait(row.median_wait, language) if row.median_wait is not None else None,
        tables=[_shown(name, row.tables[name], language) for name in public_tables() if name in row.tables],
        missing=[say(f"public_table.{name}", language) for name in public_tables() if name not in row.tables],
    )


def code_label(table: str, code: str, language: str) -> str:
    """What a cell is called.

    Raises:
        KeyError: there is no such cell.
    """
    if code == UNKNOWN:
        return say("public.unknown", language)
    if code == NOT_ASKED:
        return say("public.not_asked", language)
    if table == "county":
        return counties(language)[code]
    if table in _OWN_CODES:
        return say(f"public_code.{code}", language)
    return code_lists()[table][code].label(language)


def _shown(name: str, table: dict[str, Any], language: str) -> Shown:
    cells: dict[str, int | None] = table["cells"]
    apart_codes = (*([DECLINED[name]] if name in DECLINED else []), UNKNOWN, NOT_ASKED)
    known = {code: shown for code, shown in cells.items() if code not in apart_codes and shown is not None}
    several = public_tables()[name].several
    # Shares are of the known; where one contact has several codes there is no whole that is published.
    whole = None if several else sum(known.values())
    longest = max(known.values(), default=0)

    def row(code: str, shown: int) -> Row:
        part_of_known = code in known and whole
        return Row(
            label=code_label(name, code, language),
            number=number(shown, language),
            share=_percent(round(100 * shown / whole), language) if part_of_known and whole else None,
            width=round(_WIDTH * shown / longest, 1) if code in known and longest else 0,
        )

    ranked = sorted(known.items(), key=lambda item: -item[1])
    hidden = [code for code, shown in cells.items() if shown is None]
    return Shown(
        name=name,
        title=say(f"public_table.{name}", language),
        means=say(f"public_table.{name}_means", language),
        several=several,
        rows=[row(code, shown) for code, shown in ranked],
        apart=[row(code, shown) for code in apart_codes if (shown := cells.get(code)) is not None],
        hidden=[code_label(name, code, language) for code in hidden],
        stands=date.fromisoformat(table["through"]) if "stands" in table else None,
    )


def _wait(seconds: int, language: str) -> str:
    """A wait in quarters of a minute; a whole minute has no seconds."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}\N{NO-BREAK SPACE}min" if minutes and not rest else duration(seconds, language)


def _percent(share: int, language: str) -> str:
    return f"{share}%" if language == "en" else f"{share}\N{NO-BREAK SPACE}%"
