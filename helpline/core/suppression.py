"""Which numbers of a table may be shown to everyone: fives only; a table that would give somebody away stands still.

A table counts the same contacts by one thing (channel, county …), from the first day of the year. The total of all
contacts is known to everyone at every moment, since it is shown live; so a small cell must not be had by subtracting
cells from the total, by subtracting last week's table from this week's, or by both. Three rules see to that:

1. Every number is rounded down to a multiple of five. One under five is hidden, nought among them.
2. A table is renewed only if, for each of its cells, everything that was ever published of it is also true in a world
   where that cell stood at a multiple of five every time. Then no difference of a cell between any two weeks can be
   proven to be 1, 2, 3 or 4.
3. Otherwise it stands as it is until next time: what is new in it is shown together with what is still to come.

Why the conditions of `renewed` are enough for the second rule stands in decision 0017.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Numbers are shown in steps of this many contacts, and fewer are hidden.
STEP = 5
_MOST_LEFT = STEP - 1


@dataclass(frozen=True, kw_only=True)
class Published:
    """A table as it was published once.

    `contacts` is the exact number of all contacts that it counted, which is public: the live total said it.
    `cells` are multiples of five by code; None is hidden.
    """

    contacts: int
    cells: Mapping[str, int | None]

    @property
    def left(self) -> int:
        """The contacts that are in the total but not in the shown numbers; negative where contacts have several
        values each."""
        return self.contacts - sum(shown or 0 for shown in self.cells.values())


_START = Published(contacts=0, cells={})


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
    new = Published(contacts=contacts, cells={code: rounded(count) for code, count in counts.items()})
    chain = [_START, *before, new]
    left = _to_place(chain)
    carriers = sum(count > 0 for count in counts.values())
    # Without one of the cells the others must be able to hold all that is left, each at most four.
    if carriers > 1 and left[-1] > _MOST_LEFT * (carriers - 1):
        return None
    for place, earlier in enumerate(chain[:-1]):
        moved = _moved(earlier, new)
        # What was left then lies in cells that have moved since, all but one of them, or is left still.
        if moved and left[place] > left[-1] + _MOST_LEFT * (len(moved) - 1):
            return None
        if several and not _may_be_whole_steps(moved, new.contacts - earlier.contacts):
            return None
    return new


def _to_place(chain: Sequence[Published]) -> list[int]:
    """For each publication, how many contacts must lie hidden in the remainders of the cells.

    Where a contact has several values, the cells may sum to more than the contacts, and to ever more, never to less.
    """
    least, found = 0, []
    for one in chain:
        least = min(least, one.left)
        found.append(one.left - least)
    return found


def _moved(earlier: Published, new: Published) -> dict[str, int]:
    steps = {code: (shown or 0) - (earlier.cells.get(code) or 0) for code, shown in new.cells.items()}
    return {code: step for code, step in steps.items() if step}


def _may_be_whole_steps(moved: Mapping[str, int], more: int) -> bool:
    """Whether each cell may have got just what it moved by, of the new contacts: none counts twice in a cell, and one
    that was not asked has no other code."""
    not_asked = max(0, moved.get("", 0))
    return all(more >= step + (not_asked if code else 0) for code, step in moved.items())
