"""A leg that dials: other telephones, or the first call in a queue. And the telephone that is rung."""

from collections.abc import Callable
from datetime import timedelta

from helpline.simulator.numbers import is_possible, new_sid
from helpline.simulator.twiml import Purpose
from helpline.simulator.voice_board import Manner, Switchboard
from helpline.simulator.voice_course import Action, Course, DocumentFailed, End, Interrupted, Outcome, Page
from helpline.simulator.voice_events import (
    Answered,
    Bridged,
    CallStatus,
    Declined,
    Event,
    Fetch,
    PartnerGone,
    PartnerReady,
    Pressed,
    QueueGrew,
    Redirected,
)
from helpline.simulator.voice_leg import Direction, Expects, Leg, Sound, StatusCallback
from helpline.simulator.voice_verbs import Dial, Number, Queue
from helpline.simulator.voice_waiting import CONNECTED


async def ring(course: Course, *, seconds: float) -> CallStatus | None:
    """Let the leg's telephone ring. The status that ended it, or None when it was answered."""
    board, leg = course.board, course.leg
    board.tell_status(leg, "initiated", CallStatus="initiated")
    manner = board.manners.get(leg.to, Manner.RINGS)
    if manner is Manner.UNREACHABLE:
        return CallStatus.FAILED
    leg.status = CallStatus.RINGING
    leg.started = board.clock.now()
    board.touch(leg)
    board.tell_status(leg, "ringing")
    event: Event
    with course.expecting(Expects.RINGING):
        match manner:
            case Manner.BUSY:
                return CallStatus.BUSY
            case Manner.ANSWERS:
                event = Answered()
            case Manner.VOICEMAIL:
                event = Answered(by="machine_start")
            case Manner.SILENT:
                event = await course.next(seconds=seconds)
            case Manner.RINGS:
                event = await course.next(Answered, Declined, seconds=seconds)
    match event:
        case Answered(by=by):
            leg.answered_by = by if leg.detects_machines else ""
            board.answer(leg)
            return None
        case Declined(status=status):
            return status
    return CallStatus.NO_ANSWER


class Dialling:
    """One `Dial` to telephones: the legs it rings, and who of them was connected."""

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}


#: Starts a leg that was dialled: its leg, the noun, the address of its document, and who dialled it.
Ring = Callable[[Leg, "Rung"], None]


class Rung:
    """What a rung telephone must know: how long it rings, what it hears before the two are connected, for whom."""

    def __init__(self, *, seconds: float, screening: Fetch | None, parent: Leg, dialling: Dialling) -> None:
        self.seconds = seconds
        self.screening = screening
        self.parent = parent
        self.dialling = dialling

    def gone(self, leg: Leg, status: CallStatus, *, bridged: bool, seconds: int = 0) -> None:
        """Tell the leg that dialled."""
        event = PartnerGone(scope=self.dialling, partner=leg.sid, status=status, bridged=bridged, seconds=seconds)
        self.parent.put(event)


async def dial_numbers(course: Course, dial: Dial, numbers: tuple[Number, ...], page: Page, start: Ring) -> Outcome:
    """Ring telephones at once; the first that answers is connected until one of the two goes; then the action."""
    board, leg = course.board, course.leg
    action = course.action(page, dial.action, dial.method)
    if dial.caller_id is not None and dial.caller_id not in {leg.from_, leg.to} and not board.owns(dial.caller_id):
        board.alert(13214, f"The caller ID {dial.caller_id} is neither a party of the call nor the account's.", leg.sid)
        return action.told(DialCallStatus="failed", DialBridged="false")
    dialling = Dialling()
    wishes = [_wishes(course, number, page) for number in numbers]
    bridged = False
    try:
        with course.within(dialling):
            for number, (screening, callback) in zip(numbers, wishes, strict=True):
                child = _child(board, leg, dial, number, callback)
                dialling.legs[child.sid] = child
                start(child, Rung(seconds=dial.timeout, screening=screening, parent=leg, dialling=dialling))
            course.hear(Sound.TONE, "ringing")
            with course.expecting(Expects.RINGING):
                event = await _first_answer(course, dial, dialling)
            if isinstance(event, PartnerReady):
                winner = dialling.legs[event.partner]
                _hang_up(board, [child for child in dialling.legs.values() if child is not winner])
                if leg.status is CallStatus.RINGING:
                    board.answer(leg)
                bridged = True
                course.hear(Sound.NOTE, CONNECTED)
                board.hear(winner, Sound.NOTE, CONNECTED)
                with course.expecting(Expects.TALK):
                    event = await _until_gone(course, dial, winner, lambda: _hang_up(board, [winner]))
    except Interrupted as interruption:
        _hang_up(board, list(dialling.legs.values()))
        if not isinstance(interruption.event, Redirected):
            status = "completed" if bridged else "canceled"
            course.report(action.told(DialCallStatus=status, DialBridged=_word(bridged)))
        raise
    return _came_of(action, event, bridged)


def _wishes(course: Course, number: Number, page: Page) -> tuple[Fetch | None, StatusCallback | None]:
    """What the rung telephone hears first, and who is told of its progress."""
    screening = Fetch(url=course.address(page, number.url), method=number.method) if number.url else None
    if number.status_callback is None:
        return screening, None
    callback = StatusCallback(
        url=course.address(page, number.status_callback),
        method=number.status_callback_method,
        events=number.status_callback_events,
    )
    return screening, callback


def _child(board: Switchboard, parent: Leg, dial: Dial, number: Number, callback: StatusCallback | None) -> Leg:
    if not is_possible(number.number):
        board.alert(13224, f"The number {number.number} cannot be rung.", parent.sid)
    return Leg(
        sid=new_sid("CA"),
        account_sid=parent.account_sid,
        direction=Direction.OUTBOUND_DIAL,
        from_=dial.caller_id or (parent.from_ if parent.direction is Direction.INBOUND else parent.to),
        to=number.number,
        created=board.clock.now(),
        stillness=board.stillness,
        parent_sid=parent.sid,
        status_callback=callback,
    )


async def _first_answer(course: Course, dial: Dial, dialling: Dialling) -> Event:
    """`PartnerReady` of the first to answer, or the `PartnerGone` of the last to give up, or the caller's star."""
    ringing = set(dialling.legs)
    while True:
        event = await course.next(PartnerReady, PartnerGone, Pressed)
        match event:
            case PartnerReady():
                return event
            case PartnerGone(partner=partner):
                ringing.discard(partner)
                if not ringing:
                    return event
            case Pressed(keys=keys) if dial.hangup_on_star and "*" in keys:
                _hang_up(course.board, list(dialling.legs.values()))
                return event


async def _until_gone(course: Course, dial: Dial, other: Leg, part: Callable[[], None]) -> Event:
    """Wait until the connected leg goes. `part` makes it go when the time is out or the caller pressed a star."""
    ends = course.board.clock.now() + timedelta(seconds=dial.time_limit)
    while True:
        left = (ends - course.board.clock.now()).total_seconds()
        event = await course.next(PartnerGone, Pressed, seconds=max(left, 0.0))
        match event:
            case PartnerGone(partner=partner):
                if partner == other.sid:
                    return event
            case Pressed(keys=keys) if not (dial.hangup_on_star and "*" in keys):
                continue
            case _:
                part()
                return event


def _hang_up(board: Switchboard, legs: list[Leg]) -> None:
    for leg in legs:
        board.cut(leg, CallStatus.COMPLETED if leg.answered else CallStatus.CANCELED, by="dial")


def _came_of(action: Action, event: Event, bridged: bool) -> Fetch | None:
    if not isinstance(event, PartnerGone):
        # The caller ended it with a star, or the time was out.
        return action.told(DialCallStatus="completed" if bridged else "canceled", DialBridged=_word(bridged))
    told = {"DialCallStatus": event.status.value, "DialCallSid": event.partner, "DialBridged": _word(bridged)}
    if event.status is CallStatus.COMPLETED:
        told["DialCallDuration"] = str(event.seconds)
    return action.told(**told)


def _word(flag: bool) -> str:
    return "true" if flag else "false"


async def live_rung(course: Course, rung: Rung) -> CallStatus:
    """The life of a telephone that a `Dial` rings. The status it ends with.

    Raises Interrupted when it is hung up or redirected.
    """
    board, leg = course.board, course.leg
    bridged = False
    try:
        if not is_possible(leg.to):
            status: CallStatus | None = CallStatus.FAILED
        else:
            status = await ring(course, seconds=rung.seconds)
        if status is None and await _screened_out(course, rung.screening):
            status = CallStatus.COMPLETED
        if status is not None:
            rung.gone(leg, status, bridged=False, seconds=_seconds(board, leg))
            return status
        rung.parent.put(PartnerReady(scope=rung.dialling, partner=leg.sid))
        bridged = True
        with course.expecting(Expects.TALK):
            while True:
                await course.next()
    except Interrupted:
        gone = leg.status if leg.status.final else CallStatus.COMPLETED
        rung.gone(leg, gone, bridged=bridged, seconds=_seconds(board, leg))
        raise


async def _screened_out(course: Course, screening: Fetch | None) -> bool:
    """Play the document for the called party. Whether it ended the call instead of letting the two connect."""
    if screening is None:
        return False
    try:
        return await course.perform(screening, Purpose.SCREENING) is not End.RAN_OUT
    except DocumentFailed:
        return True


def _seconds(board: Switchboard, leg: Leg) -> int:
    return int((board.clock.now() - leg.answered).total_seconds()) if leg.answered else 0


async def dial_queue(course: Course, dial: Dial, noun: Queue, page: Page) -> Outcome:
    """Take the first call out of a queue, waiting for one if there is none; talk until one of the two goes."""
    board, leg = course.board, course.leg
    action = course.action(page, dial.action, dial.method)
    queue = board.queues.find(noun.name)
    if queue is None:
        return action.told(DialCallStatus="failed", DialBridged="false")
    if not queue.members:
        queue.dialling.append(leg)
        try:
            with course.within(queue), course.expecting(Expects.QUEUE):
                await course.pass_time(dial.timeout, QueueGrew)
        finally:
            queue.dialling.remove(leg)
        if not queue.members:
            return action.told(DialCallStatus="no-answer", DialBridged="false")
    member = queue.members[0].leg
    queue.leave(member)
    try:
        with course.within(member), course.expecting(Expects.TALK):
            member.put(Bridged(scope=queue, partner=leg.sid))
            course.hear(Sound.NOTE, CONNECTED)
            await _until_gone(course, dial, member, lambda: board.let_go(leg, bridged=True))
    except Interrupted as interruption:
        board.let_go(leg, bridged=True)
        if not isinstance(interruption.event, Redirected):
            course.report(action.told(DialCallStatus="completed", DialBridged="true"))
        raise
    return action.told(DialCallStatus="completed", DialCallSid=member.sid, DialBridged="true")
