"""Every table. Texts and handles are sealed bytes; times are aware UTC; nothing loads lazily (no relationships)."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from helpline.core.codes import AtRisk, Channel, Direction, Origin, Outcome, Urgency
from helpline.core.contact import ContactState, EntryKind, Wish
from helpline.core.duty import Duty, OfferState, PauseReason, Role

Id = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)


class UrgencyRank(TypeDecorator[Urgency]):
    """An urgency stored as its rank, so that the database sorts red before yellow before green."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Urgency | None, dialect: Dialect) -> int | None:
        return None if value is None else value.rank

    def process_result_value(self, value: int | None, dialect: Dialect) -> Urgency | None:
        return None if value is None else list(Urgency)[value]


class Coded(TypeDecorator[StrEnum]):
    """A code list as text: readable in the database, an enum in the code."""

    impl = String(32)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


#: SQLite gives the id of a deleted row to the next one, unless told otherwise. Live pages and the console follow these
#: ids upwards, so none may come twice.
_NEVER_TWICE: dict[str, Any] = {"sqlite_autoincrement": True}


class Table(DeclarativeBase):
    type_annotation_map: ClassVar = {datetime: Instant, bytes: LargeBinary, dict[str, Any]: JSON, list[str]: JSON}


class Caller(Table):
    """A handle that reached us: keyed hash and sealed handle, kept for seven days after the last contact."""

    __tablename__ = "caller"
    __table_args__ = (UniqueConstraint("kind", "handle_hash"), _NEVER_TWICE)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  #: `phone` or `telegram`: the space its handle lives in
    handle_hash: Mapped[bytes]
    handle_sealed: Mapped[bytes]
    language: Mapped[str | None] = mapped_column(String(8))
    opted_out_at: Mapped[datetime | None]
    blocked_us_at: Mapped[datetime | None]
    first_contact_at: Mapped[datetime]
    last_contact_at: Mapped[datetime]
    #: Automatic texts sent in the hour that began at `automatic_since`: the brake on loops.
    automatic_since: Mapped[datetime | None]
    automatic_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    #: When we last asked what a contact was worth: never twice within a month.
    evaluation_asked_at: Mapped[datetime | None]


class Contact(Table):
    """One encounter, from first message or ring until closed."""

    __tablename__ = "contact"
    __table_args__ = (
        # One open text contact per handle; calls are one per CallSid (unique column).
        Index(
            "contact_open_text",
            "caller_id",
            unique=True,
            sqlite_where=text("state <> 'closed' AND channel <> 'phone'"),
            postgresql_where=text("state <> 'closed' AND channel <> 'phone'"),
        ),
        # The head of the queue is one index step away, however long the queue is; every other state is found here too.
        Index("contact_queue", "state", "urgency", "waiting_since", "id"),
        # Without those that nobody has had, or a queue would make it look worthless to the planner.
        Index(
            "contact_advisor",
            "advisor_id",
            sqlite_where=text("advisor_id IS NOT NULL"),
            postgresql_where=text("advisor_id IS NOT NULL"),
        ),
        Index("contact_caller", "caller_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    caller_id: Mapped[int | None] = mapped_column(ForeignKey("caller.id", ondelete="SET NULL"))
    channel: Mapped[Channel] = mapped_column(Coded(Channel))
    direction: Mapped[Direction] = mapped_column(Coded(Direction))
    origin: Mapped[Origin] = mapped_column(Coded(Origin))
    state: Mapped[ContactState] = mapped_column(Coded(ContactState))
    wish: Mapped[Wish] = mapped_column(Coded(Wish))
    urgency: Mapped[Urgency] = mapped_column(UrgencyRank)
    at_risk: Mapped[AtRisk | None] = mapped_column(Coded(AtRisk))
    language: Mapped[str] = mapped_column(String(8))
    #: Position in the guided conversation, and the few values that it carries on (codes only).
    step: Mapped[str] = mapped_column(String(64))
    memory: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Number of the turn answered last in a call; the next action URL carries the one after.
    turn: Mapped[int] = mapped_column(Integer, default=0)
    call_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    callback_sealed: Mapped[bytes | None]
    opened_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    announced_place: Mapped[int | None]
    reserved_for: Mapped[int | None] = mapped_column(ForeignKey("advisor.id", ondelete="SET NULL"))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisor.id", ondelete="SET NULL"))
    accepted_at: Mapped[datetime | None]
    #: When caller and advisor first had each other; the wait ends here.
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    last_inbound_at: Mapped[datetime]
    outcome: Mapped[Outcome | None] = mapped_column(Coded(Outcome))
    asked_what_matters: Mapped[bool] = mapped_column(Boolean, default=False)
    #: The plain name is a reserved word of SQLite.
    returning: Mapped[bool | None] = mapped_column("seen_before", key="returning")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)

    #: The record as far as it is filled in, saved from the first second.
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Words being written by the advisor, kept on the server and sealed.
    reply_draft: Mapped[bytes | None]
    red_paged_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class Entry(Table):
    """One line in a contact's course."""

    __tablename__ = "entry"
    __table_args__ = (Index("entry_contact", "contact_id", "id"), _NEVER_TWICE)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[EntryKind] = mapped_column(Coded(EntryKind))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisor.id", ondelete="SET NULL"))
    body: Mapped[bytes | None]
    #: Codes and ids only, never words.
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    provider_message_id: Mapped[str | None] = mapped_column(String(64))


class InboundEvent(Table):
    """A provider's event, stored under its own id before it is answered: what makes a repeat harmless."""

    __tablename__ = "inbound_event"
    __table_args__ = (
        UniqueConstraint("provider", "account", "external_id"),
        Index("inbound_event_received", "received_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(128))
    received_at: Mapped[datetime]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    payload: Mapped[bytes | None]
    #: The TwiML that was answered: a repeat gets it again.
    answer: Mapped[bytes | None]
    #: Why it could not be read, when it could not (a code): the raw event is kept and somebody is told.
    unreadable: Mapped[str | None] = mapped_column(String(64))


class Offer(Table):
    """A waiting contact held out to one advisor."""

    __tablename__ = "offer"
    __table_args__ = (
        Index(
            "offer_open_contact",
            "contact_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "offer_open_advisor",
            "advisor_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("offer_contact", "contact_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisor.id", ondelete="CASCADE"))
    state: Mapped[OfferState] = mapped_column(Coded(OfferState))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Leg(Table):
    """A call that we place: to an advisor's telephone, or to a caller who is rung back."""

    __tablename__ = "leg"
    __table_args__ = (Index("leg_contact", "contact_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisor.id", ondelete="SET NULL"))
    role: Mapped[str] = mapped_column(String(16))  #: `advisor` or `caller`
    call_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    #: asked, ringing, up, ended, failed
    state: Mapped[str] = mapped_column(String(16))
    #: The provider's own word for how it ended: completed, busy, no-answer, failed, canceled, declined.
    ending: Mapped[str | None] = mapped_column(String(32))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class DeliveryKind(StrEnum):
    TEXT = "text"
    DOCUMENT = "document"
    EDIT = "edit"
    RING = "ring"
    """Place a call: to an advisor, or back to a caller."""
    REDIRECT = "redirect"
    """Send a live call to another document of ours."""
    HANG_UP = "hang_up"


class DeliveryState(StrEnum):
    """In the order they may come; a state never moves backwards."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Delivery(Table):
    """An outgoing message, or an order about a call, on its way."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "delivery_due",
            "due_at",
            "id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index("delivery_provider", "provider_id"),
        Index("delivery_contact", "contact_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    #: None for what belongs to no contact: an answer to a group, a page to an advisor.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="SET NULL"))
    leg_id: Mapped[int | None] = mapped_column(ForeignKey("leg.id", ondelete="SET NULL"))
    channel: Mapped[Channel] = mapped_column(Coded(Channel))
    kind: Mapped[DeliveryKind] = mapped_column(Coded(DeliveryKind))
    state: Mapped[DeliveryState] = mapped_column(Coded(DeliveryState))
    urgency: Mapped[Urgency] = mapped_column(UrgencyRank)
    #: Written by the service itself, not by an advisor: counts against the brake on loops.
    automatic: Mapped[bool] = mapped_column(Boolean, default=False)
    to_sealed: Mapped[bytes | None]
    body: Mapped[bytes | None]
    #: Choices as [key, label] pairs, document names, call documents: what the sender needs beside the words.
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    first_tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    #: Set when the provider's answer was lost and it went once more.
    repeated: Mapped[bool] = mapped_column(Boolean, default=False)
    provider_id: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(String(64))
    parts: Mapped[int | None]


class Advisor(Table):
    """Someone who signs in: advisor, manager or admin, with the duty that is theirs now."""

    __tablename__ = "advisor"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(Coded(Role))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    phone_sealed: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(String(8), default="nb")
    #: Wants an SMS when a red contact comes while nobody is on duty.
    paged_on_red: Mapped[bool] = mapped_column(Boolean, default=False)
    duty: Mapped[Duty] = mapped_column(Coded(Duty), default=Duty.OFF)
    pause_reason: Mapped[PauseReason | None] = mapped_column(Coded(PauseReason))
    duty_since: Mapped[datetime]
    duty_ends_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DutyChange(Table):
    """The course of duty: what occupancy and staffing are counted from."""

    __tablename__ = "duty_change"
    __table_args__ = (Index("duty_change_advisor", "advisor_id", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisor.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    duty: Mapped[Duty] = mapped_column(Coded(Duty))
    pause_reason: Mapped[PauseReason | None] = mapped_column(Coded(PauseReason))


class Shift(Table):
    """Planned time."""

    __tablename__ = "shift"
    __table_args__ = (Index("shift_starts", "starts_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisor.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class OpeningSpan(Table):
    """One span of the ordinary week, in local time. Several a day are allowed."""

    __tablename__ = "opening_span"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger)  #: 0 is Monday
    opens: Mapped[str] = mapped_column(String(5))  #: HH:MM
    closes: Mapped[str] = mapped_column(String(5))  #: HH:MM; 24:00 is the end of the day
    example: Mapped[bool] = mapped_column(Boolean, default=False)


class ExceptionalDay(Table):
    """A date with hours of its own, or none: it goes before the week and the holidays."""

    __tablename__ = "exceptional_day"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    day: Mapped[Any] = mapped_column(Date, unique=True)
    opens: Mapped[str | None] = mapped_column(String(5))
    closes: Mapped[str | None] = mapped_column(String(5))
    reason: Mapped[str] = mapped_column(String(200))


class Closure(Table):
    """An emergency closing, until somebody opens again or its time is up."""

    __tablename__ = "closure"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisor.id", ondelete="SET NULL"))


class Record(Table):
    """The structured, anonymous log of a closed contact, session or attendance. Codes only; times cut to the hour.

    The columns are those of the records contract (`core.record`). Nothing in it leads back to the contact: the link
    is a row of `record_link`, which goes with the contact's content.
    """

    __tablename__ = "record"
    __table_args__ = (
        Index("record_closed", "closed_at"),
        Index("record_opened", "opened_at"),
        # A count asks what corrects the records of its period.
        Index(
            "record_corrects",
            "corrects",
            sqlite_where=text("corrects IS NOT NULL"),
            postgresql_where=text("corrects IS NOT NULL"),
        ),
    )

    record_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    origin: Mapped[Origin] = mapped_column(Coded(Origin))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    channel: Mapped[str | None] = mapped_column(String(16))
    direction: Mapped[str | None] = mapped_column(String(16))
    enquirer: Mapped[str | None] = mapped_column(String(32))
    relation: Mapped[str | None] = mapped_column(String(32))
    gender: Mapped[str | None] = mapped_column(String(32))
    age_band: Mapped[str | None] = mapped_column(String(16))
    county: Mapped[str | None] = mapped_column(String(8))
    municipality: Mapped[str | None] = mapped_column(String(8))
    challenge_areas: Mapped[list[str]] = mapped_column(JSON, default=list)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    language: Mapped[str | None] = mapped_column(String(8))
    urgency: Mapped[str | None] = mapped_column(String(16))
    waited_seconds: Mapped[int | None]
    handled_seconds: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(String(32))
    participants: Mapped[int | None]
    activity: Mapped[str | None] = mapped_column(String(32))
    caller_status: Mapped[str | None] = mapped_column(String(16))
    redial_24h: Mapped[bool | None]
    source: Mapped[str | None] = mapped_column(String(64))
    asked_what_matters: Mapped[bool | None]
    evaluation: Mapped[int | None]
    letters: Mapped[int | None]
    articles_used: Mapped[list[str]] = mapped_column(JSON, default=list)
    referred_from: Mapped[list[str]] = mapped_column(JSON, default=list)
    referred_to: Mapped[list[str]] = mapped_column(JSON, default=list)
    corrects: Mapped[str | None] = mapped_column(String(64))
    #: Of several corrections of the same record, which one this is: the last one counts.
    correction: Mapped[int | None]


class RecordLink(Table):
    """Which contact a record came from, as long as the contact's content is kept."""

    __tablename__ = "record_link"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("record.record_id", ondelete="CASCADE"), unique=True)


class DraftKind(StrEnum):
    """What is being filled in."""

    RIGHTS = "rights"
    LETTER = "letter"


class Draft(Table):
    """Answers to the rights guide or to a concern letter, sealed, on their way to a caller: gone after 72 hours."""

    __tablename__ = "draft"
    __table_args__ = (Index("draft_contact", "contact_id", "kind"), Index("draft_expires", "expires_at"), _NEVER_TWICE)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[DraftKind] = mapped_column(Coded(DraftKind))
    #: Of a letter: to whom (a code of `knowledge/letters`).
    variant: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    #: The answers as JSON (`core.questionnaire`).
    answers: Mapped[bytes]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class PageLink(Table):
    """A one-time page, `/l/{token}`. Opening it, by a button and not by its address alone, spends the token and gives
    the browser a key of its own for as long as the page is used."""

    __tablename__ = "page_link"
    __table_args__ = (Index("page_link_expires", "expires_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    key_hash: Mapped[bytes | None]
    #: The key is good until then; every use of the page moves it on.
    key_until: Mapped[datetime | None]


class ExperienceState(StrEnum):
    """Where an experience stands with those who moderate."""

    NEW = "new"
    APPROVED = "approved"
    REFUSED = "refused"


class Experience(Table):
    """Something a relative wants to share anonymously. No way leads from it to a contact or a caller."""

    __tablename__ = "experience"
    __table_args__ = (Index("experience_state", "state", "shared_on"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shared_on: Mapped[Any] = mapped_column(Date)
    language: Mapped[str] = mapped_column(String(8))
    words: Mapped[bytes]
    state: Mapped[ExperienceState] = mapped_column(Coded(ExperienceState), default=ExperienceState.NEW)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("advisor.id", ondelete="SET NULL"))


class Interest(Table):
    """Somebody who consented to be told about an advice session or a group. A list, never the promise of a place.

    As long as it is open its caller is remembered, be it longer than the usual seven days: that is what they said yes
    to. Settled, it leads to nobody.
    """

    __tablename__ = "interest"
    __table_args__ = (
        Index("interest_open", "settled_at", "consent_at"),
        # Each person stands once on a list.
        Index(
            "interest_once",
            "caller_id",
            "offer",
            unique=True,
            sqlite_where=text("caller_id IS NOT NULL"),
            postgresql_where=text("caller_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    #: None once it is settled.
    caller_id: Mapped[int | None] = mapped_column(ForeignKey("caller.id", ondelete="CASCADE"))
    #: `advice_session`, or a code of the list `activity`.
    offer: Mapped[str] = mapped_column(String(32))
    channel: Mapped[Channel] = mapped_column(Coded(Channel))
    language: Mapped[str] = mapped_column(String(8))
    county: Mapped[str | None] = mapped_column(String(8))
    #: When the person said yes to being contacted about it.
    consent_at: Mapped[datetime]
    #: When they said that it is safe to write to them; taken away again when they write of violence later.
    safe_at: Mapped[datetime | None]
    #: When an advisor last wrote to them about it.
    written_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("advisor.id", ondelete="SET NULL"))


class KnowledgeGap(Table):
    """A question that no article answered, without anything that says whose it was."""

    __tablename__ = "knowledge_gap"
    __table_args__ = (Index("knowledge_gap_day", "asked_on"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    asked_on: Mapped[Any] = mapped_column(Date)
    #: `caller` or `advisor`
    asked_by: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: The words after everything that could point at a person was taken out; None when nothing was left.
    words: Mapped[bytes | None]


class FoldedTally(Table):
    """A closed day or month, folded: the additive tally under one cut, which counters are read from (`core.tally`)."""

    __tablename__ = "folded_tally"

    #: `day` or `month`.
    span: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: Dimensions joined with `&`; empty for everything.
    cut: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: The first day of the span.
    first: Mapped[Any] = mapped_column(Date, primary_key=True)
    simulated: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    tally: Mapped[dict[str, Any]] = mapped_column(JSON)
    folded_at: Mapped[datetime]


class Publication(Table):
    """What was published for everyone of one year on one Monday (`core.suppression`). Written once, never changed."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("year", "week", "simulated"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    #: The Sunday of the week after which it was published.
    week: Mapped[Any] = mapped_column(Date)
    #: The last day that it counts: the Sunday, or the last day of the year.
    through: Mapped[Any] = mapped_column(Date)
    simulated: Mapped[bool] = mapped_column(Boolean)
    published_at: Mapped[datetime]
    #: Of the tables and their rule: `core.public_tables.VERSION`.
    version: Mapped[int] = mapped_column(Integer)
    #: All contacts, exactly: what the live total said. The files give it rounded.
    contacts: Mapped[int] = mapped_column(Integer)
    #: The median wait, rounded; None where too few waited.
    median_wait: Mapped[int | None] = mapped_column(Integer)
    #: By name: the cells as they are shown, through which day, and the contacts then.
    tables: Mapped[dict[str, Any]] = mapped_column(JSON)


class SignIn(Table):
    """A signed-in browser; the cookie holds the token, we hold its hash."""

    __tablename__ = "sign_in"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisor.id", ondelete="CASCADE"))
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInAttempt(Table):
    """A failed attempt, by hash of address and of e-mail: the throttle."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("sign_in_attempt_key", "key", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[bytes]
    at: Mapped[datetime]


class ApiToken(Table):
    """A bearer token for the JSON API."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    role: Mapped[Role] = mapped_column(Coded(Role))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AccessLog(Table):
    """Who saw what is not for everyday eyes, and why; and who changed the installation."""

    __tablename__ = "access_log"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisor.id", ondelete="SET NULL"))
    #: `shown_number`, `hours_changed`, `closed_service`, `erased`, `exported` and the like.
    action: Mapped[str] = mapped_column(String(64))
    contact_id: Mapped[int | None]
    reason: Mapped[bytes | None]


class Notice(Table):
    """Something changed: a sequence of ids that live pages follow. Swept after a day."""

    __tablename__ = "notice"
    __table_args__ = (_NEVER_TWICE,)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(String(32))
    contact_id: Mapped[int | None]
    advisor_id: Mapped[int | None]


class Lease(Table):
    """One process at a time does a sweep."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]


class Installation(Table):
    """One row of facts about this installation, such as whether the example data is loaded."""

    __tablename__ = "installation"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
