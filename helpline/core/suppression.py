"""Which numbers of a table may be shown to everyone: fives only; a table that would give somebody away stands still.

A table counts the same contacts by one thing (channel, county …), from the first day of the year. The total of all
contacts is known to everyone at every moment, since it is shown live; so a small cell must not be had by subtracting
cells from the total, by subtracting last week's table from this week's, or by both. Three rules see to that:

1. Every number is rounded down to a multiple of five. One under five is hidden, nought among them.
2. A table is renewed only if, for each of its cells, everything that was ever published of it is also true in a world
   where that cell was empty while it was hidden, and grew by multiples of five since it is shown. Then no difference of
   a cell between any two weeks can be proven to be 1, 2, 3 or 4.
3. Otherwise it stands as it is until next time: what is new in it is shown together with what is still to come.

Why the conditions of `renewed` are enough for the second rule stands in decision 0017.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

#: Numbers are shown in steps of this many contacts, and fewer are hidden.
STEP = 5
_MOST_LEFT = STEP - 1


@dataclass(frozen=True, kw_only=True)
class Published:
    """A table as it was published once.

    `contacts` is the exact number of all contacts that it counted, which is public: the live total said it.
    `cells` are multiples of five by code; None is hidden. `carriers` is in how many cells there was anybody: it is kept
    to judge later tables by, and shown to nobody.
    """

    contacts: int
    cells: Mapping[str, int | None]
    carriers: int

    @property
    def left(self) -> int:
        """The contacts that are in the total but not in the shown numbers; negative where contacts have several
        values each."""
        return self.contacts - sum(shown or 0 for shown in self.cells.values())


_START = Published(contacts=0, cells={}, carriers=0)


def rounded(count: int) -> int | None:
    """The number that may be shown for a count: down to a multiple of five; None when that would be nought.

    Raises:
        ValueError: the count is negative.
    """
    if count < 0:
        raise ValueError(f"{count} is no count.")
    return count // STEP * STEP or None


def renewed(
    counts: Mapping[str, int], *, contacts: int, before: Sequence[Published], several: bool = False
) -> Published | None:
    """The table that may be published of these counts, or None when the one before must stand.

    Args:
        counts: contacts by code since the year began; the code `""` are those that were not asked.
        contacts: all contacts since the year began, exactly. Without `several` it is the sum of the counts.
        before: this table's earlier publications of the same year, each that was renewed, the oldest first.
        several: whether a contact may have several codes (topics), so that the counts sum to more than the contacts.

    Raises:
        ValueError: a count is negative, or the counts do not add up to the contacts.
    """
    summed = sum(counts.values())
    if summed < contacts or (summed > contacts and not several):
        raise ValueError(f"The cells sum to {summed}, and there are {contacts} contacts.")
    peopled = [code for code, count in counts.items() if count]
    new = Published(
        contacts=contacts,
        cells={code: rounded(count) for code, count in counts.items()},
        # Where all are in one cell, nothing is known of the others but that they are hidden.
        carriers=len(peopled) if len(peopled) > 1 else len(counts),
    )
    chain = [_START, *before, new]
    left, moves = _to_place(chain), _moves(chain)
    if several and not all(_may_be_whole_steps(_steps(one, new), contacts - one.contacts) for one in chain[:-1]):
        return None
    safe = all(_may_have_kept_still(code, chain, left, moves, several=several) for code in peopled)
    return new if safe else None


def _may_have_kept_still(
    code: str,
    chain: Sequence[Published],
    left: Sequence[int],
    moves: Mapping[tuple[int, int], set[str]],
    *,
    several: bool,
) -> bool:
    """Whether all that was published can be true, and this cell never held more than its shown number but by the same
    remainder all the time that it is shown."""
    shown = [one.cells.get(code) is not None for one in chain]
    least, most = 0, 0 if several else _MOST_LEFT
    for place, one in enumerate(chain):
        # Without this cell the others must be able to hold all that is left, each at most four.
        over = left[place] - _MOST_LEFT * (one.carriers - 1)
        if shown[place]:
            least, most = max(least, over), min(most, left[place])
        elif place == len(chain) - 1 and over > 0:
            return False
    if least > most:
        return False
    elsewhere = [rest - least if seen else rest for rest, seen in zip(left, shown, strict=True)]
    # What was left then lies in cells that have moved since, at most four in each, or is left still.
    return all(
        elsewhere[earlier] <= elsewhere[later] + _MOST_LEFT * len(moved - {code})
        for (earlier, later), moved in moves.items()
        if moved
    )


def _to_place(chain: Sequence[Published]) -> list[int]:
    """For each publication, how many contacts must lie hidden in the remainders of the cells.

    Where a contact has several values, the cells may sum to more than the contacts, and to ever more, never to less.
    """
    least, found = 0, []
    for one in chain:
        least = min(least, one.left)
        found.append(one.left - least)
    return found


def _moves(chain: Sequence[Published]) -> dict[tuple[int, int], set[str]]:
    """The cells that moved, between each publication and each later one."""
    return {
        (earlier, later): set(_steps(chain[earlier], chain[later]))
        for earlier, later in combinations(range(len(chain)), 2)
    }


def _steps(earlier: Published, later: Published) -> dict[str, int]:
    """By how much each cell moved that did."""
    steps = {code: (shown or 0) - (earlier.cells.get(code) or 0) for code, shown in later.cells.items()}
    return {code: step for code, step in steps.items() if step}


def _may_be_whole_steps(moved: Mapping[str, int], more: int) -> bool:
    """Whether each cell may have got just what it moved by, of the new contacts: none counts twice in a cell, and one
    that was not asked has no other code."""
    not_asked = max(0, moved.get("", 0))
    return all(more >= step + (not_asked if code else 0) for code, step in moved.items())
