"""What the JSON interface answers: no words that anybody wrote, no handles, no telephone numbers."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from helpline.core.codes import Channel, Direction, Origin, Outcome, Urgency
from helpline.core.contact import ContactState, Wish
from helpline.core.duty import Duty, PauseReason, Role
from helpline.store.tables import Advisor, Contact


class Error(BaseModel):
    """What went wrong, in a sentence."""

    error: str


class Waiting(BaseModel):
    """A contact in the queue, in the order in which it is answered."""

    id: int
    place: int = Field(description="1 is next")
    channel: Channel
    wish: Wish
    urgency: Urgency
    language: str
    waiting_since: datetime
    waited_seconds: int


class Queue(BaseModel):
    """Who waits now."""

    at: datetime
    length: int
    longest_wait_seconds: int
    waiting: list[Waiting] = Field(description="at most 200; `length` counts all")


class ContactFacts(BaseModel):
    """The course of a contact in codes and times."""

    id: int
    channel: Channel
    direction: Direction
    origin: Origin
    state: ContactState
    wish: Wish
    urgency: Urgency
    language: str
    topics: list[str]
    outcome: Outcome | None
    advisor_id: int | None
    opened_at: datetime
    waiting_since: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, contact: Contact) -> "ContactFacts":
        return cls(**{name: getattr(contact, name) for name in cls.model_fields})


class Contacts(BaseModel):
    """A page of contacts, the newest first. Ask again with `before` = `next` for the one after."""

    contacts: list[ContactFacts]
    next: int | None


class AdvisorDuty(BaseModel):
    """An advisor and their duty now."""

    id: int
    name: str
    role: Role
    duty: Duty
    pause_reason: PauseReason | None
    duty_since: datetime
    duty_ends_at: datetime | None

    @classmethod
    def of(cls, advisor: Advisor) -> "AdvisorDuty":
        return cls(**{name: getattr(advisor, name) for name in cls.model_fields})


class Advisors(BaseModel):
    advisors: list[AdvisorDuty]


class Records(BaseModel):
    """A page of records in the columns of the contract; what was not asked is left out.

    Ask again with `after` = `next` for the one after.
    """

    records: list[dict[str, Any]]
    next: str | None


class Counters(BaseModel):
    """Every counter with its definition, and by a dimension or a step of time when `by` was given."""

    first: str
    last: str
    include_simulated: bool
    where: dict[str, str]
    counters: dict[str, dict[str, Any]]
    by: str | None
    parts: dict[str, dict[str, dict[str, Any]]]
