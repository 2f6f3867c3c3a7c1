"""What a report shows, as plain data: panels of a drawing, its sentence, its table and the definitions behind it."""

from dataclasses import dataclass
from typing import Literal

from helpline.web.reports_numbers import NONE, change, duration, number, percent, points, rate

#: One value of a table. None is «nothing to work it out from», never zero.
Cell = str | int | float | None
#: How a value is written: shares are 0–1, times in seconds, points 0–10, a rate may have one decimal, a change is a
#: share with its sign (0.1 is a tenth more).
Unit = Literal["text", "count", "share", "seconds", "points", "rate", "change"]


@dataclass(frozen=True)
class Column:
    """A column of a panel's table."""

    title: str
    unit: Unit = "count"


@dataclass(frozen=True)
class Series:
    """A named row of values, one for each label of its drawing; `low` and `high` are the ends of their intervals.

    Raises:
        ValueError: an interval has another number of ends than there are values.
    """

    name: str
    values: tuple[int | float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()

    def __post_init__(self) -> None:
        for ends in (self.low, self.high):
            if ends and len(ends) != len(self.values):
                raise ValueError(f"«{self.name}» has {len(self.values)} values and {len(ends)} ends of intervals.")


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Bars by label: beside each other, or stacked on each other; horizontal where labels are long."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    horizontal: bool = False
    stacked: bool = False
    unit: Unit = "count"

    def __post_init__(self) -> None:
        _check_lengths(self.labels, self.series)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Lines over ordered labels; a series with `low` and `high` has a band around it."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit = "count"

    def __post_init__(self) -> None:
        _check_lengths(self.labels, self.series)


@dataclass(frozen=True, kw_only=True)
class Heat:
    """A grid of values, darker for more: `values` has a tuple for each row, with a value for each column."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[int | float | None, ...], ...]
    unit: Unit = "count"

    def __post_init__(self) -> None:
        if len(self.values) != len(self.rows) or any(len(row) != len(self.columns) for row in self.values):
            raise ValueError("A grid has a value for each row and column.")


@dataclass(frozen=True)
class Tile:
    """One place of a tile map: `short` stands in the tile, `label` says it whole."""

    row: int
    column: int
    short: str
    label: str
    value: int | float | None


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """A map of equal tiles, each near where its place is."""

    tiles: tuple[Tile, ...]
    unit: Unit = "count"


Drawing = Bars | Lines | Heat | Tiles

#: Where the records behind a row are: an address for the row as a whole, or one for each of its cells; None for none.
Link = str | tuple[str | None, ...] | None


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One question of a report page and its answer.

    `name` stands in addresses (`/reports/{page}/{name}.csv`); `summary` says the drawing in one or two plain sentences
    and is its text alternative; `rows` are as long as `columns`; `counters` names those of `COUNTERS` whose
    definitions stand below; `links` leads from each row, or each of its cells, to the records behind it.

    Raises:
        ValueError: a row is not as long as the columns, or links are not as many as rows or cells.
    """

    name: str
    title: str
    summary: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    counters: tuple[str, ...] = ()
    drawing: Drawing | None = None
    note: str | None = None
    links: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"A row of «{self.name}» is not as long as its {len(self.columns)} columns.")
        if self.links and len(self.links) != len(self.rows):
            raise ValueError(f"«{self.name}» has {len(self.rows)} rows and {len(self.links)} links.")
        if any(isinstance(link, tuple) and len(link) != len(self.columns) for link in self.links):
            raise ValueError(f"A row of «{self.name}» has not as many links as cells.")

    def link(self, row: int, cell: int) -> str | None:
        """The address behind a cell; that of a row as a whole stands on its first cell."""
        found = self.links[row] if self.links else None
        if isinstance(found, tuple):
            return found[cell]
        return found if cell == 0 else None


def written(value: Cell, unit: Unit, language: str) -> str:
    """A value as people read it in the page's language; a dash for None."""
    if value is None:
        return NONE
    if isinstance(value, str):
        return value
    if unit == "share":
        return percent(value, language)
    if unit == "change":
        return change(value, language)
    if unit == "seconds":
        return duration(value, language)
    if unit == "points":
        return points(value, language)
    return rate(value, language) if unit == "rate" else number(value, language)


def _check_lengths(labels: tuple[str, ...], series: tuple[Series, ...]) -> None:
    for one in series:
        if len(one.values) != len(labels):
            raise ValueError(f"«{one.name}» has {len(one.values)} values for {len(labels)} labels.")
