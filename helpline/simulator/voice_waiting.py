"""A leg in a queue, and a leg in a conference."""

from datetime import timedelta

from helpline.simulator.twiml import Purpose
from helpline.simulator.voice_course import SHORTEST_LAP, Course, DocumentFailed, End, Interrupted, Outcome, Page
from helpline.simulator.voice_events import (
    Bridged,
    CallStatus,
    ConferenceLeft,
    ConferenceStarted,
    Dequeued,
    Fetch,
    HungUp,
    PartnerGone,
    Pressed,
    Redirected,
)
from helpline.simulator.voice_leg import Expects, Sound
from helpline.simulator.voice_rooms import CallQueue, Member, Room, RoomRefused
from helpline.simulator.voice_verbs import Conference, Dial, Enqueue

#: What is heard when the document names no music of its own.
PROVIDERS_MUSIC = "the provider's hold music"
#: What a person notices when the other side is there.
CONNECTED = "connected"


async def enqueue(course: Course, verb: Enqueue, page: Page) -> Outcome:
    """Stand in a queue until left, taken out, bridged, redirected or hung up; then the action, if there is one."""
    board, leg = course.board, course.leg
    action = course.action(page, verb.action, verb.method)
    wait_url = course.address(page, verb.wait_url) if verb.wait_url else ""
    queue = board.queues.named(verb.name)
    if queue.full:
        return action.told(QueueResult="queue-full")
    member = queue.join(leg, board.clock.now())
    board.changed()

    def told(result: str) -> Fetch | None:
        # How long it took is settled by the moment the leg left the queue.
        return action.told(QueueResult=result, QueueSid=queue.sid, QueueTime=str(waited))

    try:
        with course.within(queue), course.expecting(Expects.QUEUE):
            end = await _wait_in_queue(course, verb, queue, member, wait_url)
    except DocumentFailed:
        waited = _leave(course, queue, member)
        return told("error")
    except Interrupted as interruption:
        waited = _leave(course, queue, member)
        match interruption.event:
            case Dequeued(source=source):
                board.let_go(leg, bridged=False)
                course.report(told("redirected"))
                return source
            case Bridged(partner=partner):
                try:
                    await _talk(course, partner)
                except Interrupted as second:
                    redirected = isinstance(second.event, Redirected)
                    course.report(told("redirected-from-bridged" if redirected else "bridged"))
                    raise
                return told("bridged")
            case Redirected():
                board.let_go(leg, bridged=False)
                course.report(told("redirected"))
                raise
            case _:
                course.report(told("hangup"))
                raise
    waited = _leave(course, queue, member)
    if end is End.LEFT_QUEUE:
        return told("leave")
    board.cut(leg, CallStatus.COMPLETED, by="document")
    course.report(told("hangup"))
    return End.HUNG_UP


def _leave(course: Course, queue: CallQueue, member: Member) -> int:
    """Out of the queue, also for a leg that dials it; the seconds it took."""
    queue.leave(member.leg)
    course.board.changed()
    return member.waited(course.board.clock.now())


async def _wait_in_queue(course: Course, verb: Enqueue, queue: CallQueue, member: Member, wait_url: str) -> End:
    """The wait document again and again. Returns when it leaves the queue or hangs up."""
    board, leg = course.board, course.leg
    if not wait_url:
        course.hear(Sound.PLAY, PROVIDERS_MUSIC)
        while True:
            await course.next()
    while True:
        began = board.clock.now()
        params = (
            ("QueueSid", queue.sid),
            ("QueuePosition", str(queue.position(leg))),
            ("QueueTime", str(member.waited(began))),
            ("AvgQueueTime", str(queue.average_wait(began))),
            ("CurrentQueueSize", str(len(queue.members))),
        )
        source = Fetch(url=wait_url, method=verb.wait_url_method, params=params)
        end = await course.perform(source, Purpose.QUEUE_WAIT)
        if end is not End.RAN_OUT:
            return end
        await course.pass_time(SHORTEST_LAP - (board.clock.now() - began).total_seconds())


async def _talk(course: Course, partner_sid: str) -> None:
    """Bridged with the leg that dialled the queue, until one of the two goes."""
    course.hear(Sound.NOTE, CONNECTED)
    try:
        with course.within(course.board.legs[partner_sid]), course.expecting(Expects.TALK):
            await course.next(PartnerGone)
    except Interrupted:
        course.board.let_go(course.leg, bridged=True)
        raise


async def join_conference(course: Course, dial: Dial, noun: Conference, page: Page) -> Outcome:
    """Meet in a conference until it ends, the leg is taken out, or hangs up; then the action, if there is one."""
    board, leg = course.board, course.leg
    action = course.action(page, dial.action, dial.method)
    callback_url = course.address(page, noun.status_callback) if noun.status_callback else ""
    wait_url = course.address(page, noun.wait_url) if noun.wait_url else noun.wait_url
    try:
        room = board.conferences.join(leg, noun, callback_url)
    except RoomRefused as refusal:
        board.alert(refusal.code, refusal.message, leg.sid)
        return action.told(DialCallStatus="failed")
    board.changed()
    try:
        with course.within(room), course.expecting(Expects.CONFERENCE):
            await _wait_for_start(course, noun, room, wait_url)
            course.hear(Sound.NOTE, CONNECTED)
            await _until_left(course, dial)
    except DocumentFailed:
        # Twilio: when the wait document fails, the conference is not entered and the call goes on after it.
        board.conferences.leave(room, leg, reason="participant_add_failed")
        return action.told(DialCallStatus="failed")
    except Interrupted as interruption:
        match interruption.event:
            case ConferenceLeft():
                return action.told(DialCallStatus="answered")
            case HungUp():
                board.conferences.leave(room, leg, reason="participant_hung_up")
                course.report(action.told(DialCallStatus="answered"))
            case _:
                board.conferences.leave(room, leg, reason="participant_updated_via_api")
        raise
    finally:
        board.changed()
    board.conferences.leave(room, leg, reason="participant_hung_up")
    return action.told(DialCallStatus="answered")


async def _wait_for_start(course: Course, noun: Conference, room: Room, wait_url: str | None) -> None:
    """Music, or the wait document once and then silence, until the conference starts."""
    if room.started:
        return
    try:
        if wait_url is None:
            course.hear(Sound.PLAY, PROVIDERS_MUSIC)
        elif wait_url:
            await course.perform(Fetch(url=wait_url, method=noun.wait_method), Purpose.CONFERENCE_WAIT)
        while True:
            await course.next()
    except Interrupted as interruption:
        if not isinstance(interruption.event, ConferenceStarted):
            raise


async def _until_left(course: Course, dial: Dial) -> None:
    """Talk until the time is out or the caller leaves with a star. Everything else interrupts."""
    ends = course.board.clock.now() + timedelta(seconds=dial.time_limit)
    while True:
        left = (ends - course.board.clock.now()).total_seconds()
        event = await course.next(Pressed, seconds=max(left, 0.0))
        if not isinstance(event, Pressed) or (dial.hangup_on_star and "*" in event.keys):
            return
