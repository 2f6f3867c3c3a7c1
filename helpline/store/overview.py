"""What the console shows of many contacts at once, one statement each."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import String, cast, func, literal, select

from helpline.core.contact import ContactState, EntryKind
from helpline.core.duty import OfferState
from helpline.store.db import ReadSession
from helpline.store.tables import Contact, Entry, Offer, Shift

_CALLERS_WORDS = (EntryKind.TEXT_IN, EntryKind.EDITED)
#: As many characters say what somebody wants; «hei» does not.
_TELLING = 20
#: Among so many of somebody's first messages: most have gone by keys and single words before they tell something.
_LOOKED_AT = 12


async def first_words(session: ReadSession, contact_ids: Collection[int], *, longest: int = 180) -> dict[int, str]:
    """The first words in each contact that say something: a greeting or a pressed key is passed over where more was
    written, and an edited message is read as it stands now. Cut after `longest` characters.

    What answers a question of the rights guide or of a letter is left out: it may be somebody's name."""
    if not contact_ids:
        return {}
    message = func.coalesce(Entry.provider_message_id, literal("entry ") + cast(Entry.id, String))
    versions = (
        select(
            Entry.contact_id,
            Entry.body,
            func.min(Entry.id).over(partition_by=(Entry.contact_id, message)).label("place"),
            func.row_number().over(partition_by=(Entry.contact_id, message), order_by=Entry.id.desc()).label("age"),
            func.max(Entry.data["answer_to"].as_string())
            .over(partition_by=(Entry.contact_id, message))
            .label("answer_to"),
        )
        .where(Entry.contact_id.in_(contact_ids), Entry.kind.in_(_CALLERS_WORDS), Entry.body.is_not(None))
        .subquery()
    )
    number = func.row_number().over(partition_by=versions.c.contact_id, order_by=versions.c.place).label("number")
    counted = (
        select(versions.c.contact_id, versions.c.body, versions.c.place, number)
        .where(versions.c.age == 1, versions.c.answer_to.is_(None))
        .subquery()
    )
    rows = await session.execute(
        select(counted.c.contact_id, counted.c.body).where(counted.c.number <= _LOOKED_AT).order_by(counted.c.place)
    )
    found: dict[int, str] = {}
    for contact_id, body in rows:
        words = _cut(session.keyring.open(body), longest)
        if len(words) > len(found.get(contact_id, "")) and len(found.get(contact_id, "")) < _TELLING:
            found[contact_id] = words
    return found


async def last_words(session: ReadSession, contact_ids: Collection[int], *, longest: int = 180) -> dict[int, str]:
    """The caller's latest words in each contact, cut after `longest` characters."""
    return await _words(session, contact_ids, func.max(Entry.id), _CALLERS_WORDS, longest)


async def last_notes(session: ReadSession, contact_ids: Collection[int], *, longest: int = 280) -> dict[int, str]:
    """The latest note in each contact, cut after `longest` characters."""
    return await _words(session, contact_ids, func.max(Entry.id), (EntryKind.NOTE,), longest)


async def _words(
    session: ReadSession, contact_ids: Collection[int], which: object, kinds: Collection[EntryKind], longest: int
) -> dict[int, str]:
    if not contact_ids:
        return {}
    chosen = (
        select(which)  # type: ignore[call-overload]  # min() or max() of Entry.id
        .where(Entry.contact_id.in_(contact_ids), Entry.kind.in_(kinds), Entry.body.is_not(None))
        .group_by(Entry.contact_id)
    )
    rows = await session.execute(select(Entry.contact_id, Entry.body).where(Entry.id.in_(chosen)))
    found = {}
    for contact_id, body in rows:
        assert body is not None
        found[contact_id] = _cut(session.keyring.open(body), longest)
    return found


def _cut(text: str, longest: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


async def alarms(session: ReadSession, contact_ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """(code, level) of the alarms in each contact, each once, the most urgent first."""
    if not contact_ids:
        return {}
    rows = await session.execute(
        select(Entry.contact_id, Entry.data)
        .where(Entry.contact_id.in_(contact_ids), Entry.kind == EntryKind.ALARM)
        .order_by(Entry.id)
    )
    order = ("red", "yellow", "green")
    found: dict[int, list[tuple[str, str]]] = {}
    for contact_id, data in rows:
        mine = found.setdefault(contact_id, [])
        mine.extend((alarm["code"], alarm["level"]) for alarm in data.get("alarms", ()))
    for contact_id, mine in found.items():
        first: dict[str, str] = {}
        for code, level in sorted(mine, key=lambda alarm: order.index(alarm[1])):
            first.setdefault(code, level)
        found[contact_id] = list(first.items())
    return found


async def offered_to(session: ReadSession, contact_ids: Collection[int]) -> dict[int, int]:
    """Which advisor each contact is being held out to now."""
    if not contact_ids:
        return {}
    rows = await session.execute(
        select(Offer.contact_id, Offer.advisor_id).where(
            Offer.contact_id.in_(contact_ids), Offer.state == OfferState.OPEN
        )
    )
    return {row.contact_id: row.advisor_id for row in rows}


async def closed_by(session: ReadSession, advisor_id: int, *, since: datetime, limit: int = 8) -> Sequence[Contact]:
    """What an advisor has closed since a moment, the latest first; what ended by itself is not among it."""
    by_hand = select(Entry.id).where(
        Entry.contact_id == Contact.id, Entry.kind == EntryKind.CLOSED, Entry.advisor_id == advisor_id
    )
    return (
        await session.scalars(
            select(Contact)
            .where(
                Contact.advisor_id == advisor_id,
                Contact.state == ContactState.CLOSED,
                Contact.closed_at >= since,
                by_hand.exists(),
            )
            .order_by(Contact.closed_at.desc(), Contact.id.desc())
            .limit(limit)
        )
    ).all()


async def shift_ends(session: ReadSession, advisor_id: int, *, now: datetime) -> datetime | None:
    """When the shift that an advisor is in ends; None outside planned time."""
    found: datetime | None = await session.scalar(
        select(func.max(Shift.ends_at)).where(
            Shift.advisor_id == advisor_id, Shift.starts_at <= now, Shift.ends_at > now
        )
    )
    return found


async def unread(session: ReadSession, found: Sequence[Contact]) -> set[int]:
    """Contacts in which the caller has written after the last words of an advisor."""
    if not found:
        return set()
    ids = [contact.id for contact in found]
    rows = await session.execute(
        select(Entry.contact_id, func.max(Entry.id))
        .where(Entry.contact_id.in_(ids), Entry.kind.in_((*_CALLERS_WORDS, EntryKind.MEDIA, EntryKind.KEY)))
        .group_by(Entry.contact_id)
    )
    heard = {row[0]: row[1] for row in rows}
    rows = await session.execute(
        select(Entry.contact_id, func.max(Entry.id))
        .where(
            Entry.contact_id.in_(ids),
            Entry.kind.in_((EntryKind.TEXT_OUT, EntryKind.BRIDGED)),
            Entry.advisor_id.is_not(None),
        )
        .group_by(Entry.contact_id)
    )
    said = {row[0]: row[1] for row in rows}
    return {contact_id for contact_id, entry_id in heard.items() if entry_id > said.get(contact_id, 0)}
