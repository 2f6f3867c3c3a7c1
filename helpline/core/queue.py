"""The order of the queue, who is offered what, and an honest place in the line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpline.core.codes import Urgency

#: An advisor who passed or missed a contact is not asked for the same one again before this long; it stays in sight
#: in the queue, where anyone may take it.
ASK_AGAIN_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One place in the queue. `reserved_for` is the advisor a contact was handed over to, while it is kept for them."""

    contact_id: int
    urgency: Urgency
    waiting_since: datetime
    reserved_for: int | None = None
    needs_phone: bool = False

    @property
    def order(self) -> tuple[int, datetime, int]:
        """Urgency before age, age before id: the smallest is first."""
        return (self.urgency.rank, self.waiting_since, self.contact_id)


@dataclass(frozen=True, kw_only=True)
class Free:
    """An advisor to whom something may be held out, free since `since`. Without a telephone, only texts."""

    advisor_id: int
    since: datetime
    has_phone: bool = True


def match(
    waiting: Sequence[Waiting], free: Sequence[Free], refused: Collection[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Pair contacts with advisors: first in the queue first, to whoever has been free longest.

    What was handed over to a colleague waits for that colleague, unless it is red and they are not free: then it goes
    to whoever is. One for whom something is kept gets another contact only where nobody else can take that.

    `refused` holds (contact, advisor) pairs that are not asked again yet. Returns (contact, advisor) pairs; no contact
    and no advisor stands in two.
    """
    pairs: list[tuple[int, int]] = []
    left = sorted(free, key=lambda advisor: (advisor.since, advisor.advisor_id))
    places = sorted(waiting, key=lambda place: place.order)
    # Whoever has refused a contact keeps no claim on it.
    kept = {
        place.contact_id: place.reserved_for
        for place in places
        if place.reserved_for is not None and (place.contact_id, place.reserved_for) not in refused
    }
    for place in places:
        able = [
            advisor
            for advisor in left
            if (advisor.has_phone or not place.needs_phone) and (place.contact_id, advisor.advisor_id) not in refused
        ]
        colleague = kept.pop(place.contact_id, None)
        if colleague is not None:
            theirs = [advisor for advisor in able if advisor.advisor_id == colleague]
            able = theirs if theirs or place.urgency is not Urgency.RED else able
        if able:
            claimed = set(kept.values())
            chosen = min(able, key=lambda advisor: advisor.advisor_id in claimed)
            pairs.append((place.contact_id, chosen.advisor_id))
            left.remove(chosen)
        if not left:
            break
    return pairs


def announced(place: int, before: int | None) -> int:
    """The place to say aloud: never worse than the one said before, never better than first.

    Others may be let in ahead for danger; the one who waits is not told that they went backwards.
    """
    return max(1, place if before is None else min(place, before))
