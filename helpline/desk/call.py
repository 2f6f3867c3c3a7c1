"""A caller's telephone call, turn by turn, and the legs that we place beside it."""

from datetime import datetime, timedelta

from helpline.core.codes import Outcome
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind, Wish
from helpline.core.duty import Duty, PauseReason
from helpline.core.turn import Bridge, End, Inbound, InboundKind, Instruction, Say, Turn
from helpline.desk import begin, close, guide, offer, opening, ring, wait
from helpline.desk.guide import Scene
from helpline.desk.house import House
from helpline.errors import HelplineError, NotFound, TakenByAnother
from helpline.store import advisors, callers, contacts, legs, notices, offers
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, Contact, Leg

KINDS = frozenset(
    {
        InboundKind.CALL,
        InboundKind.KEYS,
        InboundKind.QUIET,
        InboundKind.LEFT_LINE,
        InboundKind.QUEUE_FULL,
        InboundKind.HUNG_UP,
    }
)
#: A leg that never came up is given up this long after its ringing should have ended.
HANGING_LEG = timedelta(seconds=45)


async def turn(session: WriteSession, inbound: Inbound, *, house: House, now: datetime) -> Turn:
    """One turn of a call: what the caller did, and the instructions that answer it."""
    assert inbound.call_sid is not None
    contact = await contacts.by_call(session, inbound.call_sid, lock=True)
    if inbound.kind is InboundKind.HUNG_UP:
        if contact is not None:
            await hung_up(session, contact, house=house, now=now)
        return Turn(contact_id=contact.id if contact else None, instructions=(End(),))
    kind = inbound.kind
    if contact is None:
        # Also when its beginning was lost with a failed store: begin now rather than drop somebody on the line.
        kind = InboundKind.CALL
        caller = None
        returning = None
        if inbound.handle is not None:
            caller, new = await callers.find_or_add(session, "phone", inbound.handle, now=now)
            returning = not new
        contact = await begin.contact(session, inbound, caller, house=house, now=now, returning=returning)
    else:
        caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    contact.last_inbound_at = now
    contact.turn = max(contact.turn, inbound.turn)
    scene = Scene(session=session, house=house, contact=contact, caller=caller, now=now, heard=inbound.text)
    if contact.state in (ContactState.CLOSED, ContactState.WRAP_UP):
        scene.said.append(End())
    elif contact.state is ContactState.ACTIVE and contact.wish is Wish.TALK:
        scene.said.append(Bridge(contact_id=contact.id))
    else:
        await _step(scene, inbound, kind)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    return Turn(
        contact_id=contact.id,
        instructions=tuple(scene.said),
        number=inbound.turn,
        language=contact.language,
    )


async def _step(scene: Scene, inbound: Inbound, kind: InboundKind) -> None:
    contact = scene.contact
    match kind:
        case InboundKind.CALL:
            await _begin(scene)
        case InboundKind.KEYS:
            await contacts.append(
                scene.session, contact.id, EntryKind.KEY, now=scene.now, keys=_shown_keys(inbound.text)
            )
            await guide.hear(scene, inbound.text)
        case InboundKind.QUIET:
            quiet = scene.script.steps[contact.step].quiet
            if quiet is not None:
                await guide.follow(scene, quiet)
            else:
                await guide.enter(scene, contact.step)
        case InboundKind.LEFT_LINE:
            leaving = contact.memory.get("leaving", "callback")
            await guide.enter(scene, "waited_long" if leaving == "long" else "callback_which")
        case InboundKind.QUEUE_FULL:
            await wait.leave(scene.session, contact, house=scene.house, now=scene.now)
            await guide.enter(scene, "queue_full")
        case _:
            raise NotFound(f"A call has no turn of the kind {kind}.")


def _shown_keys(keys: str) -> str:
    """A menu choice as it is; a number keyed in only as its length."""
    return keys if len(keys) <= 2 else f"{len(keys)} siffer"


async def _begin(scene: Scene) -> None:
    state = await opening.state(scene.session, house=scene.house, now=scene.now)
    if not state.open:
        for phrase in ("call_welcome", "call_emergency"):
            scene.say(scene.phrase(phrase))
        await guide.enter(scene, "closed")
    elif not await wait.somebody_on_duty(scene.session):
        for phrase in ("call_welcome", "call_emergency"):
            scene.say(scene.phrase(phrase))
        await guide.enter(scene, "nobody")
    else:
        await guide.enter(scene, scene.script.start)


async def leave_line(session: WriteSession, contact: Contact, *, why: str, now: datetime) -> None:
    """Out of the sound queue, place kept: by key (`callback`), or because the wait is long (`long`)."""
    contact.memory = {**contact.memory, "leaving": why, **({"asked_long": True} if why == "long" else {})}


def waited_too_long(contact: Contact, *, house: House, now: datetime) -> bool:
    """Whether to ask, once and unbidden, if the caller would rather be rung back."""
    return (
        contact.waiting_since is not None
        and now - contact.waiting_since >= house.longest_wait
        and not contact.memory.get("asked_long")
    )


async def hung_up(session: WriteSession, contact: Contact, *, house: House, now: datetime) -> None:
    """The caller's call is over, whoever ended it."""
    if contact.ended_at is None:
        contact.ended_at = now
    await session.flush()
    if contact.state is ContactState.CLOSED or contact.state is ContactState.WRAP_UP:
        return
    if contact.wish is Wish.CALLBACK:
        return  # They may: we ring back. The place is kept.
    if contact.state is ContactState.ACTIVE:
        await _to_wrap_up(session, contact, house=house, now=now)
        return
    advisor_id = contact.advisor_id
    await offer.cancel(session, contact.id, now=now)
    await ring.stop_ringing(session, contact.id, now=now)
    await contacts.append(session, contact.id, EntryKind.LEFT, now=now)
    if contact.state is ContactState.CONNECTING and advisor_id is not None:
        await advisors.set_duty(session, advisor_id, Duty.ON, now=now, only_from=(Duty.BUSY,))
        notices.give(session, notices.DUTY, now=now, advisor_id=advisor_id)
    await close.without_advisor(session, contact, _outcome_of_leaving(contact, now=now), house=house, now=now)
    await offer.hold_out(session, house=house, now=now)


def _outcome_of_leaving(contact: Contact, *, now: datetime) -> Outcome:
    if contact.state is not ContactState.GUIDED and contact.waiting_since is not None:
        waited = now - contact.waiting_since
        return Outcome.SHORT_ABANDON if waited < close.SHORT_ABANDON else Outcome.ABANDONED
    return Outcome(contact.memory.get("turned_away", Outcome.LEFT_MENU))


async def _to_wrap_up(session: WriteSession, contact: Contact, *, house: House, now: datetime) -> None:
    moved = await contacts.move(session, contact.id, ContactState.WRAP_UP, only_from=(ContactState.ACTIVE,))
    if moved is None:
        return
    if moved.ended_at is None:
        moved.ended_at = now
    await contacts.append(session, contact.id, EntryKind.ENDED, now=now, advisor_id=contact.advisor_id)
    if contact.advisor_id is not None:
        await advisors.set_duty(session, contact.advisor_id, Duty.WRAP_UP, now=now, only_from=(Duty.BUSY,))
        notices.give(session, notices.DUTY, now=now, advisor_id=contact.advisor_id)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    for leg in await legs.of_contact(session, contact.id, live_only=True):
        if leg.call_sid is not None:
            await ring.hang_up(session, contact.id, leg.call_sid, now=now)


async def leg_placed(session: WriteSession, leg_id: int, call_sid: str, *, now: datetime) -> None:
    """The provider took the order to ring. If nobody waits any more, the telephone falls silent again."""
    leg = await legs.advance(session, leg_id, "ringing", only_from=("asked",), call_sid=call_sid)
    if leg is None:
        return
    contact = await contacts.by_id(session, leg.contact_id)
    if contact is None or contact.state in (ContactState.CLOSED, ContactState.WRAP_UP, *IN_QUEUE):
        await ring.hang_up(session, leg.contact_id, call_sid, now=now)


async def leg_greeting(session: WriteSession, leg_id: int, *, house: House, now: datetime) -> list[Instruction]:
    """What somebody hears who picks up a telephone that we ring.

    Raises:
        NotFound: there is no such leg.
    """
    leg = await legs.by_id(session, leg_id)
    contact = await contacts.by_id(session, leg.contact_id) if leg else None
    if leg is None or contact is None:
        raise NotFound("Denne samtalen finnes ikke lenger.")
    on = now.astimezone(house.zone).date()
    if leg.role == ring.CALLER:
        if await legs.advance(session, leg.id, "up", only_from=("asked", "ringing")) and contact.answered_at is None:
            contact.answered_at = now
        text = house.phrases.say("callback_greeting", language=contact.language, channel="phone", on=on)
        return [Say(text=text), Bridge(contact_id=contact.id)]
    advisor = await advisors.by_id(session, leg.advisor_id) if leg.advisor_id else None
    language = advisor.language if advisor else "nb"
    if contact.state is not ContactState.CONNECTING:
        return [
            Say(text=house.phrases.say("advisor_too_late", language=language, channel="phone", on=on)),
            End(),
        ]
    return [Say(text=house.phrases.say("advisor_accept", language=language, channel="phone", on=on))]


async def leg_accepted(session: WriteSession, leg_id: int, *, house: House, now: datetime) -> list[Instruction]:
    """A key was pressed on the advisor's telephone: now, and only now, the two are put together.

    Raises:
        NotFound: there is no such leg.
    """
    leg = await legs.by_id(session, leg_id)
    contact = await contacts.by_id(session, leg.contact_id, lock=True) if leg else None
    if leg is None or contact is None:
        raise NotFound("Denne samtalen finnes ikke lenger.")
    if leg.state == "up":
        return [Bridge(contact_id=contact.id)]
    if contact.state is not ContactState.CONNECTING or contact.advisor_id != leg.advisor_id:
        return await leg_greeting(session, leg_id, house=house, now=now)
    await legs.advance(session, leg.id, "up", only_from=("asked", "ringing"))
    # Somebody who is rung back is answered when they pick up, not before.
    answered_at = None if contact.wish is Wish.CALLBACK else now
    await contacts.move(
        session, contact.id, ContactState.ACTIVE, only_from=(ContactState.CONNECTING,), answered_at=answered_at
    )
    await contacts.append(session, contact.id, EntryKind.BRIDGED, now=now, advisor_id=leg.advisor_id)
    if contact.wish is Wish.CALLBACK and contact.callback_sealed is not None:
        await ring.caller(session, contact, number=session.keyring.open(contact.callback_sealed), now=now)
    else:
        await ring.redirect_to_bridge(session, contact, now=now)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    return [Bridge(contact_id=contact.id)]


async def leg_ended(session: WriteSession, leg_id: int, *, ending: str, house: House, now: datetime) -> None:
    """A telephone that we rang is silent again. `ending` is the provider's word: completed, busy, no-answer, failed,
    canceled, or our own `declined`."""
    before = await legs.by_id(session, leg_id)
    if before is None:
        return
    was_up = before.state == "up"
    leg = await legs.advance(
        session,
        leg_id,
        "ended" if was_up or ending in ("completed", "canceled") else "failed",
        only_from=legs.LIVE,
        ending=ending,
        ended_at=now,
    )
    if leg is None:
        return
    contact = await contacts.by_id(session, leg.contact_id, lock=True)
    if contact is None:
        return
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    if leg.role == ring.CALLER:
        await _caller_leg_ended(session, contact, leg, ending=ending, house=house, now=now)
    elif was_up:
        if contact.state is ContactState.ACTIVE:
            await _to_wrap_up(session, contact, house=house, now=now)
    elif contact.state is ContactState.CONNECTING and contact.advisor_id == leg.advisor_id:
        await _advisor_did_not_come(session, contact, leg, ending=ending, house=house, now=now)


async def _caller_leg_ended(
    session: WriteSession, contact: Contact, leg: Leg, *, ending: str, house: House, now: datetime
) -> None:
    """The caller whom we rang back: reached and done, or not reached. The advisor decides what it was."""
    if ending != "completed":
        await contacts.append(
            session, contact.id, EntryKind.LEG_FAILED, now=now, advisor_id=leg.advisor_id, ending=ending, role=leg.role
        )
    await _to_wrap_up(session, contact, house=house, now=now)


async def _advisor_did_not_come(
    session: WriteSession, contact: Contact, leg: Leg, *, ending: str, house: House, now: datetime
) -> None:
    """Back to the old place, which is the head for its age; the caller never notices. The advisor is paused."""
    await contacts.append(
        session, contact.id, EntryKind.LEG_FAILED, now=now, advisor_id=leg.advisor_id, ending=ending, role=leg.role
    )
    if contact.wish is Wish.CALLBACK:
        # The advisor asked for the call and keeps the contact; they may try again.
        await contacts.move(session, contact.id, ContactState.ACTIVE, only_from=(ContactState.CONNECTING,))
        return
    await contacts.move(
        session,
        contact.id,
        ContactState.WAITING,
        only_from=(ContactState.CONNECTING,),
        advisor_id=None,
        accepted_at=None,
    )
    if leg.advisor_id is not None:
        await offers.missed_after_all(session, contact.id, leg.advisor_id, now=now)
        await advisors.set_duty(
            session, leg.advisor_id, Duty.PAUSE, now=now, only_from=(Duty.BUSY,), reason=PauseReason.MISSED_OFFER
        )
        notices.give(session, notices.DUTY, now=now, advisor_id=leg.advisor_id)
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    await offer.hold_out(session, house=house, now=now)


async def free_hanging(session: WriteSession, *, house: House, now: datetime) -> int:
    """Sweep: a leg that never came up counts as unanswered, so that nobody waits for ever. Returns how many."""
    hanging = await legs.live_before(session, asked_before=now - house.ring_time - HANGING_LEG)
    for leg in hanging:
        await leg_ended(session, leg.id, ending="no-answer", house=house, now=now)
    return len(hanging)


async def ring_back(session: WriteSession, contact_id: int, *, advisor: Advisor, now: datetime) -> Contact:
    """Ring a caller who asked for it: first the advisor's telephone, then theirs.

    Raises:
        HelplineError: the contact has no number to ring, or the advisor no telephone.
        TakenByAnother: it is not this advisor's contact now.
    """
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is None or contact.callback_sealed is None:
        raise HelplineError("Det er ikke noe nummer å ringe tilbake til.")
    if advisor.phone_sealed is None:
        raise HelplineError("Du har ikke registrert et telefonnummer. Be en administrator legge det inn.")
    if await legs.of_contact(session, contact_id, live_only=True):
        raise TakenByAnother("Det ringer allerede.")
    if contact.state is ContactState.WRAP_UP:
        await contacts.move(session, contact_id, ContactState.ACTIVE, only_advisor=advisor.id)
    moved = await contacts.move(
        session, contact_id, ContactState.CONNECTING, only_from=(ContactState.ACTIVE,), only_advisor=advisor.id
    )
    if moved is None:
        raise TakenByAnother("Ta henvendelsen først, så kan du ringe.")
    await advisors.set_duty(session, advisor.id, Duty.BUSY, now=now)
    await ring.advisor(session, moved, advisor=advisor, now=now)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact_id)
    return moved
