"""One text of the pretend Twilio, as it is kept."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from helpline.simulator.parts import count_parts

API_VERSION = "2010-04-01"

Direction = Literal["inbound", "outbound-api", "outbound-reply"]


@dataclass(frozen=True, kw_only=True)
class Message:
    """One text. `trouble` says in words why its webhook was not answered; for incoming texts only."""

    sid: str
    direction: Direction
    from_: str
    to: str
    body: str
    status: str
    created: datetime
    updated: datetime
    sent: datetime | None = None
    media: tuple[str, ...] = ()
    status_callback: str = ""
    messaging_service_sid: str | None = None
    error_code: int | None = None
    trouble: str = ""

    @property
    def parts(self) -> int:
        """In how many parts it goes over the air."""
        return count_parts(self.body)

    @property
    def final(self) -> bool:
        """Whether its state advances no further."""
        return self.status in {"received", "delivered", "undelivered", "failed"}

    def kept(self) -> dict[str, Any]:
        """As the journal keeps it."""
        times = {
            name: value.isoformat() if value is not None else None
            for name, value in (("created", self.created), ("updated", self.updated), ("sent", self.sent))
        }
        return {**dataclasses.asdict(self), **times}

    @staticmethod
    def from_kept(kept: dict[str, Any]) -> "Message":
        """The message the journal kept."""
        times = {name: datetime.fromisoformat(kept[name]) for name in ("created", "updated")}
        sent = datetime.fromisoformat(kept["sent"]) if kept["sent"] is not None else None
        return Message(**{**kept, **times, "sent": sent, "media": tuple(kept["media"])})
