"""The account's own phone numbers and where their webhooks go (Twilio: IncomingPhoneNumbers)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from helpline.simulator.journal import Journal

Method = Literal["POST", "GET"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One phone number of the account. Addresses are empty when not set; `sms` and `voice` say what it can do."""

    sid: str
    number: str
    sms: bool
    voice: bool
    created: datetime
    sms_url: str = ""
    sms_method: Method = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: Method = "POST"
    voice_url: str = ""
    voice_method: Method = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: Method = "POST"
    status_callback: str = ""
    status_callback_method: Method = "POST"
    friendly_name: str = ""


class Lines:
    """The account's numbers. What was changed over REST is kept in the journal."""

    def __init__(self, lines: list[Line], *, journal: Journal, changed: Callable[[], None]) -> None:
        self._lines = {line.sid: line for line in lines}
        self._journal = journal
        self._changed = changed
        for kept in journal.kept("line"):
            line = self.by_number(kept["number"])
            if line is not None:
                self._lines[line.sid] = replace(line, **kept["changes"])

    def all(self) -> list[Line]:
        """Every number, in the order they were given."""
        return list(self._lines.values())

    def by_number(self, number: str) -> Line | None:
        """The line with this number, or None."""
        return next((line for line in self._lines.values() if line.number == number), None)

    def by_sid(self, sid: str) -> Line | None:
        """The line with this identifier, or None."""
        return self._lines.get(sid)

    def update(self, sid: str, changes: dict[str, Any]) -> Line:
        """Change addresses or methods of a line. Raises KeyError for an unknown `sid`."""
        line = replace(self._lines[sid], **changes)
        self._lines[sid] = line
        fixed = {"sid", "number", "sms", "voice", "created"}
        kept = {name: value for name, value in asdict(line).items() if name not in fixed}
        self._journal.write("line", line.number, {"number": line.number, "changes": kept})
        self._changed()
        return line
