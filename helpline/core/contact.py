"""The states of a contact and the moves between them."""

from enum import StrEnum


class ContactState(StrEnum):
    GUIDED = "guided"
    """With the automatic conversation."""
    WAITING = "waiting"
    """In the queue, nobody is asked yet."""
    OFFERED = "offered"
    """In the queue, held out to one advisor."""
    CONNECTING = "connecting"
    """Accepted; the advisor's telephone rings. The caller still waits."""
    ACTIVE = "active"
    """With an advisor."""
    WRAP_UP = "wrap_up"
    """The conversation is over; the advisor writes the record."""
    CLOSED = "closed"


class Wish(StrEnum):
    """What the caller waits for."""

    TALK = "talk"
    CALLBACK = "callback"


class EntryKind(StrEnum):
    """One line in a contact's course."""

    TEXT_IN = "text_in"
    TEXT_OUT = "text_out"
    EDITED = "edited"
    MEDIA = "media"
    KEY = "key"
    ALARM = "alarm"
    QUEUED = "queued"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    PASSED = "passed"
    MISSED = "missed"
    OFFER_CANCELLED = "offer_cancelled"
    RINGING = "ringing"
    BRIDGED = "bridged"
    LEG_FAILED = "leg_failed"
    ENDED = "ended"
    LEFT = "left"
    CALLBACK_ASKED = "callback_asked"
    NOTE = "note"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
    """By the advisor of the entry, from the one in its data."""
    DELIVERY_FAILED = "delivery_failed"
    BLOCKED_US = "blocked_us"
    UNBLOCKED_US = "unblocked_us"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    SHOWN_NUMBER = "shown_number"
    CLOSED = "closed"


#: Which state may follow which. Every writer moves a contact by one conditional UPDATE that names the states it may
#: come from, so that of two who try, one wins and the other is told.
MOVES: dict[ContactState, frozenset[ContactState]] = {
    ContactState.GUIDED: frozenset({ContactState.WAITING, ContactState.ACTIVE, ContactState.CLOSED}),
    ContactState.WAITING: frozenset(
        {ContactState.OFFERED, ContactState.CONNECTING, ContactState.ACTIVE, ContactState.GUIDED, ContactState.CLOSED}
    ),
    ContactState.OFFERED: frozenset(
        {
            ContactState.WAITING,
            ContactState.CONNECTING,
            ContactState.ACTIVE,
            ContactState.GUIDED,
            ContactState.CLOSED,
        }
    ),
    ContactState.CONNECTING: frozenset(
        {ContactState.ACTIVE, ContactState.WAITING, ContactState.WRAP_UP, ContactState.CLOSED}
    ),
    ContactState.ACTIVE: frozenset(
        {ContactState.WRAP_UP, ContactState.WAITING, ContactState.CONNECTING, ContactState.CLOSED}
    ),
    ContactState.WRAP_UP: frozenset({ContactState.CLOSED, ContactState.ACTIVE, ContactState.WAITING}),
    ContactState.CLOSED: frozenset(),
}

#: In the queue, as seen by the caller: waiting and offered are the same place in the line.
IN_QUEUE = (ContactState.WAITING, ContactState.OFFERED)
#: Owned by an advisor.
WITH_ADVISOR = (ContactState.CONNECTING, ContactState.ACTIVE, ContactState.WRAP_UP)


def may_move(before: ContactState, after: ContactState) -> bool:
    """Whether a contact may go from one state to the other."""
    return after in MOVES[before]
