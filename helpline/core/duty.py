"""An advisor's duty: whether anything may be held out to them now."""

from enum import StrEnum


class Duty(StrEnum):
    OFF = "off"
    ON = "on"
    BUSY = "busy"
    """With a contact; nothing is offered and no telephone rings."""
    WRAP_UP = "wrap_up"
    PAUSE = "pause"


class PauseReason(StrEnum):
    BREAK = "break"
    MEETING = "meeting"
    DEBRIEF = "debrief"
    MISSED_OFFER = "missed_offer"
    OTHER = "other"


class Role(StrEnum):
    """Each role reaches what the one before reaches, and more."""

    ADVISOR = "advisor"
    MANAGER = "manager"
    ADMIN = "admin"

    def reaches(self, needed: "Role") -> bool:
        """Whether this role is allowed what `needed` is allowed."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    PASSED = "passed"
    MISSED = "missed"
    CANCELLED = "cancelled"


#: While these last, what was handed over to an advisor is kept for them: they are free, or will be.
KEEPS = (Duty.ON, Duty.BUSY, Duty.WRAP_UP)

#: What an advisor may choose by the duty switch. BUSY and WRAP_UP follow from the work.
CHOSEN = (Duty.ON, Duty.PAUSE, Duty.OFF)
