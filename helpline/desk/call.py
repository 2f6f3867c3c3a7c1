"""A caller's telephone call, turn by turn."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpline.core.codes import Outcome
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind, Wish
from helpline.core.duty import Duty
from helpline.core.turn import Bridge, End, Inbound, InboundKind, Say, Turn
from helpline.desk import begin, close, evaluate, guide, leg, offer, opening, ring, wait
from helpline.desk.house import House
from helpline.desk.scene import Scene
from helpline.errors import NotFound
from helpline.store import advisors, callers, contacts, legs, notices, retention
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Caller, Contact

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


async def turn(session: WriteSession, inbound: Inbound, *, house: House, now: datetime) -> Turn:
    """One turn of a call: what the caller did, and the instructions that answer it."""
    assert inbound.call_sid is not None
    contact = await contacts.by_call(session, inbound.call_sid, lock=True)
    if contact is None:
        contact = await _rung_back(session, inbound.call_sid)
    if inbound.kind is InboundKind.HUNG_UP:
        if contact is None:
            contact = await _never_answered(session, inbound, house=house, now=now)
        else:
            await hung_up(session, contact, house=house, now=now)
        return Turn(contact_id=contact.id, instructions=(End(),))
    kind = inbound.kind
    if contact is None:
        # Also when its beginning was lost with a failed store: begin now rather than drop somebody on the line.
        kind = InboundKind.CALL
        contact, caller = await _open(session, inbound, house=house, now=now)
    else:
        caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    contact.last_inbound_at = now
    contact.turn = max(contact.turn, inbound.turn)
    scene = Scene(session=session, house=house, contact=contact, caller=caller, now=now, heard=inbound.text)
    if contact.state in (ContactState.CLOSED, ContactState.WRAP_UP):
        if not await evaluate.hear_key(scene, inbound):
            scene.said.append(End())
    elif contact.state is ContactState.ACTIVE and contact.wish is Wish.TALK:
        await _meet(scene)
    else:
        await _step(scene, inbound, kind)
    if scene.erase:
        await _withdraw(scene)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    return _turn(scene, inbound.turn)


async def _rung_back(session: WriteSession, call_sid: str) -> Contact | None:
    """The contact of a caller whom we rang, and who answers what was asked after the conversation."""
    rung = await legs.by_call(session, call_sid)
    if rung is None or rung.role != ring.CALLER:
        return None
    return await contacts.by_id(session, rung.contact_id, lock=True)


async def stand(session: WriteSession, call_sid: str, *, house: House, now: datetime) -> Turn | None:
    """Where the caller stands now, said again under a turn number of its own: after an apology, and when somebody is
    fetched out of the queue. None when we know no such call.

    A caller whose advisor is there is bridged; one whose advisor went away before they met waits on, place kept.
    """
    contact = await contacts.by_call(session, call_sid, lock=True)
    if contact is None:
        return None
    caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
    contact.last_inbound_at = now
    contact.turn += 1
    scene = Scene(session=session, house=house, contact=contact, caller=caller, now=now)
    if contact.state in (ContactState.CLOSED, ContactState.WRAP_UP):
        scene.say(scene.phrase("call_advisor_left" if contact.answered_at else "call_goodbye"))
        scene.said.append(End())
    elif contact.state is ContactState.ACTIVE and contact.wish is Wish.TALK:
        await _meet(scene)
    elif contact.step == "waiting":
        await guide.wait_on(scene)
    else:
        await guide.enter(scene, contact.step)
    return _turn(scene, contact.turn)


async def parted(session: WriteSession, contact_id: int, call_sid: str, *, house: House, now: datetime) -> Turn:
    """What somebody hears whose room has closed around them: the conversation is over, goodbye; for a caller the
    question that the advisor let follow."""
    mine = await legs.by_call(session, call_sid)
    await leg.left_room(session, contact_id, call_sid, house=house, now=now)
    contact = await contacts.by_id(session, contact_id, lock=True)
    if mine is not None and mine.role == ring.ADVISOR:
        language = await leg.language_of(session, mine)
    else:
        language = contact.language if contact is not None else "nb"
        if contact is not None and contact.state is not ContactState.ACTIVE and evaluate.follows(contact):
            caller = await callers.by_id(session, contact.caller_id) if contact.caller_id else None
            contact.turn += 1
            scene = Scene(session=session, house=house, contact=contact, caller=caller, now=now)
            await evaluate.ask_by_telephone(scene)
            return _turn(scene, contact.turn)
    text = house.phrases.say(
        "call_advisor_left", language=language, channel="phone", on=now.astimezone(house.zone).date()
    )
    return Turn(contact_id=contact.id if contact else None, instructions=(Say(text=text), End()), language=language)


async def _withdraw(scene: Scene) -> None:
    """«Slett» on the telephone: what was told in this call goes at once, and the call ends. What came in writing from
    the same number stays: a telephone is used by several."""
    await wait.leave(scene.session, scene.contact, house=scene.house, now=scene.now)
    await retention.forget_call(scene.session, scene.contact, now=scene.now)
    # It counts as withdrawn when the provider tells that the telephone was put down.
    scene.remember(turned_away=Outcome.WITHDRAWN.value)
    scene.said[:] = [Say(text=scene.phrase("erased_spoken")), End()]


def _turn(scene: Scene, number: int) -> Turn:
    return Turn(
        contact_id=scene.contact.id,
        instructions=tuple(scene.said),
        number=number,
        language=scene.contact.language,
    )


async def _meet(scene: Scene) -> None:
    """Into the room where the advisor is: from now on the two have each other, and the wait is over."""
    contact = scene.contact
    if contact.answered_at is None:
        contact.answered_at = scene.now
        await contacts.append(
            scene.session, contact.id, EntryKind.BRIDGED, now=scene.now, advisor_id=contact.advisor_id
        )
    scene.say(scene.phrase("call_connecting"))
    scene.said.append(Bridge(contact_id=scene.contact.id))


async def _open(
    session: WriteSession, inbound: Inbound, *, house: House, now: datetime
) -> tuple[Contact, Caller | None]:
    """A contact for a call; a withheld number has no caller."""
    caller, returning = None, None
    if inbound.handle is not None:
        caller, new = await callers.find_or_add(session, "phone", inbound.handle, now=now)
        returning = not new
    return await begin.contact(session, inbound, caller, house=house, now=now, returning=returning), caller


async def _never_answered(session: WriteSession, inbound: Inbound, *, house: House, now: datetime) -> Contact:
    """A call that was over before it reached us: somebody tried, so it counts, as a failure of ours.

    Its first webhook may still come late; it then finds the contact closed.
    """
    contact, _ = await _open(session, inbound, house=house, now=now)
    if contact.state is not ContactState.CLOSED:
        contact.ended_at = now
        await close.without_advisor(session, contact, Outcome.FAILED, house=house, now=now)
    return contact


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
            step = scene.here
            if step.quiet is not None:
                await guide.follow(scene, step.quiet)
            else:
                await guide.enter(scene, step.id)
        case InboundKind.LEFT_LINE:
            leaving = contact.memory.get("leaving")
            contact.memory = {name: value for name, value in contact.memory.items() if name != "leaving"}
            if leaving is None:
                await guide.wait_on(scene)
            else:
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
    step = scene.script.start
    if not state.open:
        step = "closed"
    elif not await wait.somebody_on_duty(scene.session):
        step = "nobody"
    guide.say_way_back(scene, step)
    if step != scene.script.start:
        for phrase in ("call_welcome", "call_emergency"):
            scene.say(scene.phrase(phrase))
    await guide.enter(scene, step)


async def leave_line(session: WriteSession, contact: Contact, *, why: str, now: datetime) -> None:
    """Out of the sound queue, place kept: by key (`callback`), or because the wait is long (`long`)."""
    contact.last_inbound_at = now
    contact.memory = {**contact.memory, "leaving": why, **({"asked_long": True} if why == "long" else {})}


def waited_too_long(contact: Contact, *, house: House, now: datetime) -> bool:
    """Whether to ask, once and unbidden, if the caller would rather be rung back. Not while an advisor is rung."""
    return (
        contact.state in IN_QUEUE
        and contact.waiting_since is not None
        and now - contact.waiting_since >= house.longest_wait
        and not contact.memory.get("asked_long")
    )


class WaitingFor(StrEnum):
    """What one who hears the wait document waits for."""

    ADVISOR = "advisor"
    BRIDGE = "bridge"
    """The advisor is there; the caller is being fetched this very moment."""
    ASKING = "asking"
    """It has become long: out of the line, to be asked whether to ring back instead."""
    NOTHING = "nothing"
    """They do not stand in the queue (any more)."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round of waiting: what it is for, what is said, and the place that was said with it."""

    waiting_for: WaitingFor
    says: tuple[str, ...] = ()
    language: str = "nb"
    place: int | None = None


async def wait_round(
    session: ReadSession, contact_id: int, call_sid: str, *, house: House, now: datetime, first: bool
) -> Round:
    """What one who waits on the line hears now. `first`: they were told their place a moment ago.

    A look only: when `place` is better than the one announced before, it must be kept (`wait.keep_announced`).
    """
    contact = await contacts.by_id(session, contact_id)
    if contact is None or contact.call_sid != call_sid:
        return Round(waiting_for=WaitingFor.NOTHING)
    if contact.state is ContactState.ACTIVE and contact.wish is Wish.TALK:
        return Round(waiting_for=WaitingFor.BRIDGE, language=contact.language)
    if contact.state not in (*IN_QUEUE, ContactState.CONNECTING):
        return Round(waiting_for=WaitingFor.NOTHING, language=contact.language)
    if waited_too_long(contact, house=house, now=now):
        return Round(waiting_for=WaitingFor.ASKING, language=contact.language)
    on = now.astimezone(house.zone).date()
    offer_to_ring = house.phrases.say("call_waiting", language=contact.language, channel="phone", on=on)
    if first:
        return Round(waiting_for=WaitingFor.ADVISOR, says=(offer_to_ring,), language=contact.language)
    here = await wait.place(session, contact)
    in_queue = wait.words(here, house=house, language=contact.language, channel="phone", now=now)
    return Round(
        waiting_for=WaitingFor.ADVISOR,
        says=(in_queue, offer_to_ring),
        language=contact.language,
        place=here.number if here.number != contact.announced_place else None,
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
    if contact.state is ContactState.ACTIVE and contact.answered_at is not None:
        await leg.to_wrap_up(session, contact, now=now)
        return
    await contacts.append(session, contact.id, EntryKind.LEFT, now=now)
    await offer.cancel(session, contact.id, now=now)
    await ring.stop_ringing(session, contact.id, now=now)
    outcome = _outcome_of_leaving(contact, now=now)
    advisor_id, contact.advisor_id, contact.accepted_at = contact.advisor_id, None, None
    await close.without_advisor(session, contact, outcome, house=house, now=now)
    # Whoever was being rung for this caller is free again, unless they write with others.
    if advisor_id is not None and await advisors.number_of_contacts(session, advisor_id) == 0:
        await advisors.set_duty(session, advisor_id, Duty.ON, now=now, only_from=(Duty.BUSY,))
        notices.give(session, notices.DUTY, now=now, advisor_id=advisor_id)
    await offer.hold_out(session, house=house, now=now)


def _outcome_of_leaving(contact: Contact, *, now: datetime) -> Outcome:
    """Leaving the queue, by hanging up in it or after stepping out of it, is an abandonment; else what the menu was."""
    turned_away = contact.memory.get("turned_away")
    if contact.waiting_since is None and contact.draft.get("articles_used"):
        # Something was read to them: guidance goes before being turned away (DESIGN §7).
        return Outcome.GUIDED
    if contact.waiting_since is not None and (contact.state is not ContactState.GUIDED or turned_away is None):
        waited = now - contact.waiting_since
        return Outcome.SHORT_ABANDON if waited < close.SHORT_ABANDON else Outcome.ABANDONED
    return Outcome(turned_away or Outcome.LEFT_MENU)
