"""A contact's course as it is read on the screen: lines with author, time, delivery state and marked words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from helpline.core.codes import Channel
from helpline.core.contact import EntryKind
from helpline.desk.sending import reason_in_words
from helpline.store import contacts, deliveries
from helpline.store.db import ReadSession
from helpline.store.tables import Contact, Delivery, DeliveryState, Entry


class Side(StrEnum):
    """How a line is drawn."""

    CALLER = "caller"
    ADVISOR = "advisor"
    AUTOMATIC = "automatic"
    NOTE = "note"
    ALARM = "alarm"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of words; `level` is set where an alarm found them."""

    text: str
    level: str | None = None
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """An alarm in words: its code, its level, the words it rests on, and the line of the lexicon that found it."""

    code: str
    level: str
    words: str
    entry: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the course. `advisor`, `to` and `taken_from` are names; `state` is a delivery's state and `reason`
    its fault in words; `undo_until` is set while a reply can be taken back."""

    id: int
    at: datetime
    side: Side
    kind: str
    pieces: tuple[Piece, ...] = ()
    advisor: str | None = None
    to: str | None = None
    taken_from: str | None = None
    edited: bool = False
    media: str | None = None
    keys: str | None = None
    alarms: tuple[Found, ...] = ()
    guarded: tuple[Found, ...] = ()
    delivery_id: int | None = None
    state: str | None = None
    reason: str | None = None
    tries: int = 0
    due_at: datetime | None = None
    undo_until: datetime | None = None
    repeated: bool = False
    outcome: str | None = None
    ending: str | None = None
    role: str | None = None
    loud: bool = False

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(piece.text for piece in self.pieces)


#: How a telephone that we rang may end, in the provider's words and ours; the words of the pages know these.
_ENDINGS = frozenset({"completed", "busy", "no-answer", "failed", "canceled", "declined"})

_SIDES = {
    EntryKind.TEXT_IN: Side.CALLER,
    EntryKind.EDITED: Side.CALLER,
    EntryKind.MEDIA: Side.CALLER,
    EntryKind.NOTE: Side.NOTE,
    EntryKind.ALARM: Side.ALARM,
}


async def course(session: ReadSession, contact: Contact, *, names: Mapping[int, str], now: datetime) -> list[Line]:
    """The whole course of a contact, oldest first. `names` are the advisors' by id."""
    entries = await contacts.entries(session, contact.id)
    sent = {delivery.entry_id: delivery for delivery in await deliveries.of_contact(session, contact.id)}
    words = {entry.id: contacts.words(session, entry) or "" for entry in entries}
    marks = _marks(entries)
    lines = []
    for entry in entries:
        if (
            entry.kind is EntryKind.DELIVERY_FAILED
            and entry.data.get("of_entry") in sent
            and not entry.data.get("loud")
        ):
            continue  # the message's own line says so
        lines.append(
            _line(
                entry,
                words=words,
                marks=marks.get(entry.id, []),
                delivery=sent.get(entry.id),
                names=names,
                now=now,
                channel=contact.channel,
            )
        )
    return lines


def _marks(entries: Sequence[Entry]) -> dict[int, list[dict[str, Any]]]:
    """The alarms of each message, by the message's entry."""
    found: dict[int, list[dict[str, Any]]] = {}
    for entry in entries:
        if entry.kind is EntryKind.ALARM and "of_entry" in entry.data:
            found.setdefault(entry.data["of_entry"], []).extend(entry.data.get("alarms", ()))
    return found


def _line(
    entry: Entry,
    *,
    words: Mapping[int, str],
    marks: Sequence[Mapping[str, Any]],
    delivery: Delivery | None,
    names: Mapping[int, str],
    now: datetime,
    channel: Channel,
) -> Line:
    text = words[entry.id]
    side = _SIDES.get(entry.kind, Side.EVENT)
    if entry.kind in (EntryKind.TEXT_OUT, EntryKind.DELIVERY_FAILED) and text:
        side = Side.ADVISOR if entry.advisor_id else Side.AUTOMATIC
    if entry.kind is EntryKind.KEY and channel is not Channel.PHONE:
        side = Side.CALLER
    source = words.get(entry.data.get("of_entry", 0), "")
    ending = entry.data.get("ending")
    return Line(
        id=entry.id,
        at=entry.at,
        side=side,
        kind=entry.kind.value,
        pieces=marked(text, marks),
        advisor=names.get(entry.advisor_id) if entry.advisor_id else None,
        to=names.get(entry.data.get("to_advisor", 0)),
        taken_from=names.get(entry.data.get("from_advisor", 0)),
        edited=entry.kind is EntryKind.EDITED,
        media=entry.data.get("media"),
        keys=entry.data.get("keys"),
        alarms=_found(entry.data.get("alarms", ()), source, "level"),
        guarded=_found(entry.data.get("guarded", ()), source, "before"),
        outcome=entry.data.get("outcome"),
        ending="failed" if ending and ending not in _ENDINGS else ending,
        role=entry.data.get("role"),
        loud=bool(entry.data.get("loud")),
        **_sending(entry, delivery, now),
    )


def _found(alarms: Sequence[Mapping[str, Any]], source: str, level: str) -> tuple[Found, ...]:
    return tuple(
        Found(
            code=alarm["code"],
            level=alarm[level],
            words=source[slice(*alarm["span"])],
            entry=alarm["entry"],
        )
        for alarm in alarms
    )


def _sending(entry: Entry, delivery: Delivery | None, now: datetime) -> dict[str, Any]:
    if entry.kind is EntryKind.DELIVERY_FAILED:
        return {"state": DeliveryState.FAILED.value, "reason": reason_in_words(entry.data.get("error"))}
    if delivery is None:
        return {}
    waits = delivery.state is DeliveryState.QUEUED
    failed = delivery.state is DeliveryState.FAILED
    taken_back = waits and not delivery.tries and not delivery.automatic and delivery.due_at > now
    return {
        "delivery_id": delivery.id,
        "state": delivery.state.value,
        "reason": reason_in_words(delivery.error) if failed else None,
        "tries": delivery.tries,
        "due_at": delivery.due_at if waits and delivery.tries else None,
        "undo_until": delivery.due_at if taken_back else None,
        "repeated": delivery.repeated,
    }


def marked(text: str, alarms: Sequence[Mapping[str, Any]]) -> tuple[Piece, ...]:
    """Cut a text where alarms found words in it; where two overlap, the more urgent one keeps the words.

    >>> [piece.text for piece in marked("jeg vil dø", [{"span": [4, 10], "level": "red", "code": "suicide_self"}])]
    ['jeg ', 'vil dø']
    """
    if not text:
        return ()
    order = ("red", "yellow", "green")
    owner: list[Mapping[str, Any] | None] = [None] * len(text)
    for alarm in sorted(alarms, key=lambda one: order.index(one["level"]), reverse=True):
        start, end = alarm["span"]
        owner[max(0, start) : min(end, len(text))] = [alarm] * max(0, min(end, len(text)) - max(0, start))
    pieces: list[Piece] = []
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or owner[place] is not owner[begin]:
            alarm_here = owner[begin]
            pieces.append(
                Piece(
                    text=text[begin:place],
                    level=alarm_here["level"] if alarm_here else None,
                    code=alarm_here["code"] if alarm_here else None,
                )
            )
            begin = place
    return tuple(pieces)
