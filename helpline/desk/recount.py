"""The nightly recount: what the counters show against the records, and an alarm on any difference.

What the last one found is kept: managers see it above their reports and an operator in `/metrics`, until a later
one finds everything equal.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from helpline.desk.folding import Difference
from helpline.desk.house import House
from helpline.logs import get
from helpline.store import installation
from helpline.store.db import ReadSession, WriteSession

log = get("helpline.recount")

#: The hour on the line's own clock after which the night's recount is due: yesterday has been folded by then.
NOT_BEFORE = 3
#: Differences that are kept in words.
EXAMPLES = 5

_KEY = "recount"


@dataclass(frozen=True, kw_only=True)
class Recount:
    """What the last recount found: how many marks differ, and a few of them in words."""

    at: datetime
    differences: int
    examples: tuple[str, ...]


async def last(session: ReadSession) -> Recount | None:
    """The last recount, by the night's sweep or by the command; None before the first."""
    text = await installation.value(session, _KEY)
    if text is None:
        return None
    kept = json.loads(text)
    return Recount(
        at=datetime.fromisoformat(kept["at"]), differences=kept["differences"], examples=tuple(kept["examples"])
    )


async def is_due(session: ReadSession, *, house: House, now: datetime) -> bool:
    """Whether today's recount has not been made yet and its hour has come; the very first one is due at once."""
    found = await last(session)
    if found is None:
        return True
    here, before = now.astimezone(house.zone), found.at.astimezone(house.zone)
    return before.date() < here.date() and here.hour >= NOT_BEFORE


async def note(session: WriteSession, differences: Sequence[Difference], *, now: datetime) -> None:
    """Keep what a recount found (`folding.check`), and alarm when it is anything at all."""
    examples = [str(difference) for difference in differences[:EXAMPLES]]
    if differences:
        log.error("counters_differ", differences=len(differences), examples=examples)
    kept = {"at": now.isoformat(), "differences": len(differences), "examples": examples}
    await installation.set_value(session, _KEY, json.dumps(kept))
