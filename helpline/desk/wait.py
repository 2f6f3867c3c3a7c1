"""The queue as a caller meets it: in, out, and an honest place."""

from dataclasses import dataclass
from datetime import datetime

from helpline.core import queue
from helpline.core.codes import Urgency
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind, Wish
from helpline.core.duty import Duty
from helpline.core.erlang import wait_estimate
from helpline.desk import offer
from helpline.desk.house import House
from helpline.store import advisors, contacts, notices
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Contact

#: Until a line has counted its own conversations, one is taken to last this long (seconds).
USUAL_CONVERSATION = 20 * 60


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody stands. `seconds` is the expected wait, None when it cannot be said honestly."""

    number: int
    seconds: float | None


async def enter(
    session: WriteSession, contact: Contact, *, house: House, now: datetime, urgency: Urgency | None = None
) -> Contact:
    """Join the queue, or stay in it with the place one has. `urgency` may only raise."""
    if urgency is not None and urgency.rank < contact.urgency.rank:
        contact.urgency = urgency
    if contact.state not in IN_QUEUE:
        await session.flush()
        moved = await contacts.move(
            session,
            contact.id,
            ContactState.WAITING,
            only_from=(ContactState.GUIDED,),
            waiting_since=contact.waiting_since or now,
            step="waiting",
        )
        if moved is None:
            return contact
        await contacts.append(session, contact.id, EntryKind.QUEUED, now=now, urgency=contact.urgency.value)
    contact.step = "waiting"
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    await session.flush()
    await offer.hold_out(session, house=house, now=now)
    return contact


async def leave(session: WriteSession, contact: Contact, *, house: House, now: datetime) -> bool:
    """Step out of the queue and go on with the guided conversation. False when an advisor has it by now."""
    await session.flush()
    left = await contacts.move(
        session, contact.id, ContactState.GUIDED, only_from=IN_QUEUE, wish=Wish.TALK, reserved_for=None
    )
    if left is None:
        return False
    await offer.cancel(session, contact.id, now=now)
    await contacts.append(session, contact.id, EntryKind.LEFT, now=now)
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    await offer.hold_out(session, house=house, now=now)
    return True


async def place(session: ReadSession, contact: Contact) -> Place:
    """Our own place, urgency before age, and what it means in time."""
    number = queue.announced(await contacts.place_in_queue(session, contact), contact.announced_place)
    working = [
        advisor for advisor in await advisors.on_duty(session) if advisor.duty in (Duty.ON, Duty.BUSY, Duty.WRAP_UP)
    ]
    # Whoever is free takes the first ones at once; the others wait for somebody to finish.
    behind = number - sum(advisor.duty is Duty.ON for advisor in working)
    if behind < 1:
        return Place(number=number, seconds=0.0)
    return Place(
        number=number,
        seconds=wait_estimate(position=behind, advisors_on_duty=len(working), handle_seconds=USUAL_CONVERSATION),
    )


async def keep_announced(session: WriteSession, contact: Contact, number: int) -> None:
    """Remember the place that was said, so that the next one is never worse."""
    contact.announced_place = queue.announced(number, contact.announced_place)


def wait_in_words(place: Place, *, house: House, language: str, channel: str, now: datetime) -> str:
    """«Ventetiden er omtrent 5 minutter.», or nothing when it cannot be said."""
    if place.seconds is None or place.seconds < 30:
        return ""
    minutes = round(place.seconds / 60)
    if minutes <= 1:
        return house.phrases.say("wait_estimate_one", language=language, channel=channel, on=now.date())
    if minutes > 5:
        minutes = 5 * round(minutes / 5)
    return house.phrases.say("wait_estimate", language=language, channel=channel, on=now.date(), minutes=minutes)


def words(place: Place, *, house: House, language: str, channel: str, now: datetime) -> str:
    """«Du er nummer 2 i køen. Ventetiden er omtrent 5 minutter.»"""
    return house.phrases.say(
        "in_queue",
        language=language,
        channel=channel,
        on=now.date(),
        place=place.number,
        wait=wait_in_words(place, house=house, language=language, channel=channel, now=now),
    )


async def place_in_words(session: WriteSession, contact: Contact, *, house: House, now: datetime, channel: str) -> str:
    """What one who waits is told; the place said is kept."""
    here = await place(session, contact)
    await keep_announced(session, contact, here.number)
    return words(here, house=house, language=contact.language, channel=channel, now=now)


async def somebody_on_duty(session: ReadSession) -> bool:
    """Whether anyone may come to the telephone: on duty, busy or in wrap-up; a pause counts, for it ends."""
    return bool(await advisors.on_duty(session))
