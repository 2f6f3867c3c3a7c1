"""What is published of tables, attacked: every world that fits all that everyone can know is listed, and no difference
of a cell between two publications may be small in all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from helpline.core.suppression import STEP, Published, renewed, rounded

SMALL = {1, 2, 3, 4}
Whole = NDArray[np.int_]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Attacker:
    """Knows the rule, the exact number of contacts at each publication (the live total), every published table, and
    even which cells nobody will ever be in. Believes that records are only ever added."""

    codes: Sequence[str]
    several: bool = False

    def possible(self, table: Published) -> Whole:
        """Every way in which the cells can have stood behind a published table, one a row."""
        ranges = [range(table.cells.get(code) or 0, (table.cells.get(code) or 0) + STEP) for code in self.codes]
        worlds: Whole = np.array(list(product(*ranges)), dtype=np.int_)
        sums = worlds.sum(axis=1)
        if not self.several:
            return np.compress(sums == table.contacts, worlds, axis=0)
        # A contact that was not asked has no other code, and none counts twice in a cell.
        some = table.contacts - worlds[:, 0]
        fits = (some >= 0) & (sums >= table.contacts) & (worlds[:, 1:].max(axis=1, initial=0) <= some)
        return np.compress(fits, worlds, axis=0)

    def follows(self, before: Whole, after: Whole, more: int) -> Truth:
        """Which of the worlds before can have become which of those after, by so many more contacts."""
        step = after[None, :, :] - before[:, None, :]
        fits = np.asarray((step >= 0).all(axis=2))
        if self.several:
            some = more - step[:, :, 0]
            fits &= (some >= 0) & (step.sum(axis=2) >= more) & (step[:, :, 1:].max(axis=2, initial=0) <= some)
        return fits

    def proven(self, tables: Sequence[Published]) -> list[str]:
        """What can be proven that should not: a difference of one cell between two publications, or since the beginning
        of the year, that is 1 to 4 in every possible world."""
        chain = [Published(contacts=0, cells={}, carriers=0), *tables]
        worlds = [np.zeros((1, len(self.codes)), dtype=np.int_), *(self.possible(table) for table in tables)]
        links = [
            self.follows(worlds[place], worlds[place + 1], other.contacts - one.contacts)
            for place, (one, other) in enumerate(pairwise(chain))
        ]
        worlds, links = self._alive(worlds, links)
        found = []
        for start in range(len(worlds)):
            reach: Truth = np.eye(len(worlds[start]), dtype=np.bool_)
            for end in range(start + 1, len(worlds)):
                reach = (reach.astype(np.float32) @ links[end - 1].astype(np.float32)) > 0
                before, after = np.nonzero(reach)
                for cell, code in enumerate(self.codes):
                    steps = set((worlds[end][after, cell] - worlds[start][before, cell]).tolist())
                    if steps and steps <= SMALL:
                        found.append(f"«{code}» from {start} to {end}: {sorted(steps)}")
        return found

    @staticmethod
    def _alive(worlds: list[Whole], links: list[Truth]) -> tuple[list[Whole], list[Truth]]:
        """Only worlds that have a past and a future."""
        keep = [np.ones(len(one), dtype=np.bool_) for one in worlds]
        for place, link in enumerate(links):
            keep[place + 1] &= (link & keep[place][:, None]).any(axis=0)
        for place, link in reversed(list(enumerate(links))):
            keep[place] &= (link & keep[place + 1][None, :]).any(axis=1)
        return (
            [one[kept] for one, kept in zip(worlds, keep, strict=True)],
            [link[keep[place]][:, keep[place + 1]] for place, link in enumerate(links)],
        )


Weeks = Sequence[tuple[Mapping[str, int], int]]


def published(weeks: Weeks, *, several: bool = False) -> list[Published]:
    """The tables that were renewed, of counts and contacts since the year began."""
    found: list[Published] = []
    for counts, contacts in weeks:
        new = renewed(counts, contacts=contacts, before=found, several=several)
        if new is not None:
            found.append(new)
    return found


def only_rounded(weeks: Weeks) -> list[Published]:
    """What somebody would publish who rounds and thinks that this is enough."""
    return [
        Published(
            contacts=contacts, cells={code: rounded(count) for code, count in counts.items()}, carriers=len(counts)
        )
        for counts, contacts in weeks
    ]


def running(weeks: Sequence[Sequence[int]]) -> Weeks:
    """Counts since the year began, of what each week brought to each cell, or took by a correction."""
    cells, found = [0] * len(weeks[0]), []
    for week in weeks:
        cells = [max(0, cell + more) for cell, more in zip(cells, week, strict=True)]
        found.append((dict(zip(["", "a", "b", "c"], cells, strict=False)), sum(cells)))
    return found


def attacks(weeks: Weeks, *, several: bool = False) -> list[str]:
    """What an attacker proves who knows nothing but the tables, and one who knows where nobody will ever be."""
    tables = published(weeks, several=several)
    for table in tables:
        assert all(shown is None or (shown >= STEP and shown % STEP == 0) for shown in table.cells.values())
    codes = list(weeks[-1][0])
    found = Attacker(codes=codes, several=several).proven(tables)
    peopled = [code for code in codes if any(counts[code] for counts, _ in weeks) or (several and not code)]
    if len(peopled) > 1:
        # Where all contacts are in one cell, whoever knows that knows it from the total alone.
        found += Attacker(codes=peopled, several=several).proven(tables)
    return found


def a_year(least: int = 0, cells: int = 4) -> st.SearchStrategy[list[list[int]]]:
    """Slow weeks and busy ones, and cells that hardly anybody is in."""
    most = st.sampled_from([0, 1, 2, 5, 12])
    week = most.flatmap(lambda top: st.lists(st.integers(max(-top, least), top), min_size=cells, max_size=cells))
    return st.lists(week, min_size=1, max_size=6)


@given(a_year())
@example([[4, 0, 0, 0], [5, 1, 0, 0]])
@example([[4, 4, 4, 4], [1, 1, 1, 1]])
@example([[9, 3, 0, 0], [2, 0, 0, 0]])
@example([[5, 6, 9, 8], [0, 0, 1, 2]])
@settings(max_examples=120, deadline=None)
def test_no_small_number_can_be_worked_out_of_tables_and_live_total(weeks: list[list[int]]) -> None:
    assert attacks(running(weeks)) == []


@given(a_year(least=-3, cells=3))
@settings(max_examples=100, deadline=None)
def test_nor_when_records_are_corrected(weeks: list[list[int]]) -> None:
    assert attacks(running(weeks)) == []


@st.composite
def conversations(draw: st.DrawFn) -> Weeks:
    """Weeks of contacts that each have no topic, one or several."""
    kinds = st.sampled_from([("",), ("a",), ("a",), ("b",), ("a", "b")])
    cells, contacts, found = {"": 0, "a": 0, "b": 0}, 0, []
    for size in draw(st.lists(st.sampled_from([0, 1, 2, 3, 4, 6, 9, 14, 25]), min_size=1, max_size=6)):
        for kind in draw(st.lists(kinds, min_size=size, max_size=size)):
            contacts += 1
            for code in kind:
                cells[code] += 1
        found.append((dict(cells), contacts))
    return found


@given(conversations())
@settings(max_examples=60, deadline=None)
def test_nor_where_a_contact_counts_in_several_cells(weeks: Weeks) -> None:
    assert attacks(weeks, several=True) == []


def test_the_attacker_finds_what_rounding_alone_gives_away() -> None:
    """A slow week, and remainders that are all full."""
    slow = running([[20, 30, 14, 9], [0, 0, 2, 0]])
    assert "«b» from 1 to 2: [1, 2]" in Attacker(codes=["", "a", "b", "c"]).proven(only_rounded(slow))
    full = running([[9, 9, 9, 4]])
    assert "«c» from 0 to 1: [4]" in Attacker(codes=["", "a", "b", "c"]).proven(only_rounded(full))
    assert published(full) == []


def test_a_table_that_stood_still_is_renewed_with_what_comes_later() -> None:
    weeks = running([[20, 30, 14, 9], [0, 0, 2, 0], [6, 9, 3, 3]])
    first, last = published(weeks)
    assert first.cells == {"": 20, "a": 30, "b": 10, "c": 5}
    assert last.cells == {"": 25, "a": 35, "b": 15, "c": 10}


def test_an_ordinary_year_is_renewed_nearly_every_week() -> None:
    """Fifty contacts a week among seventeen counties, as the line has: the rule must not silence it."""
    chance = np.random.default_rng(4)
    weights = chance.dirichlet([0.7] * 17)
    weeks = np.cumsum(chance.multinomial(50, weights, size=52), axis=0)
    found = published([({str(code): int(count) for code, count in enumerate(week)}, int(week.sum())) for week in weeks])
    assert len(found) >= 48


@pytest.mark.parametrize(("count", "shown"), [(0, None), (4, None), (5, 5), (9, 5), (1731, 1730)])
def test_numbers_are_rounded_down_and_small_ones_hidden(count: int, shown: int | None) -> None:
    assert rounded(count) == shown


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no count"):
        rounded(-1)
    for counts, several in (({"a": 3}, False), ({"a": 9}, False), ({"a": 3}, True)):
        with pytest.raises(ValueError, match="sum to"):
            renewed(counts, contacts=5, before=[], several=several)
