"""Who else is looking at a contact, and who is writing. Kept in this process for seconds; nothing depends on it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request

#: A page says every ten seconds that it is there.
GONE_AFTER = timedelta(seconds=25)
STOPPED_WRITING_AFTER = timedelta(seconds=12)


@dataclass(frozen=True, kw_only=True)
class Onlooker:
    """A colleague with the same contact open."""

    name: str
    writes: bool


@dataclass
class Presence:
    """Pages that are open on contacts, by contact and advisor."""

    _seen: dict[int, dict[int, tuple[str, datetime]]] = field(default_factory=dict)
    _wrote: dict[tuple[int, int], datetime] = field(default_factory=dict)

    def here(self, contact_id: int, advisor_id: int, name: str, *, now: datetime) -> None:
        """This advisor has the contact open."""
        self._seen.setdefault(contact_id, {})[advisor_id] = (name, now)

    def writes(self, contact_id: int, advisor_id: int, *, now: datetime) -> None:
        """This advisor is writing in it."""
        self._wrote[contact_id, advisor_id] = now

    def others(self, contact_id: int, advisor_id: int, *, now: datetime) -> list[Onlooker]:
        """The colleagues who have it open now, by name; those who left are forgotten."""
        here = self._seen.get(contact_id, {})
        for other, (_, seen) in list(here.items()):
            if now - seen > GONE_AFTER:
                del here[other]
                self._wrote.pop((contact_id, other), None)
        if not here:
            self._seen.pop(contact_id, None)
        return sorted(
            (
                Onlooker(name=name, writes=self._writing(contact_id, other, now))
                for other, (name, _) in here.items()
                if other != advisor_id
            ),
            key=lambda onlooker: onlooker.name,
        )

    def _writing(self, contact_id: int, advisor_id: int, now: datetime) -> bool:
        wrote = self._wrote.get((contact_id, advisor_id))
        return wrote is not None and now - wrote <= STOPPED_WRITING_AFTER


def presence(request: Request) -> Presence:
    """The presence of this process."""
    state = request.app.state
    if not hasattr(state, "presence"):
        state.presence = Presence()
    found: Presence = state.presence
    return found
