"""How a leg lives from its first document to its end."""

from collections.abc import Awaitable, Callable

from helpline.simulator.twiml import Purpose
from helpline.simulator.voice_board import APOLOGY, Switchboard
from helpline.simulator.voice_course import Course, DocumentFailed, Interrupted, Outcome, Page
from helpline.simulator.voice_dial import Rung, dial_numbers, dial_queue, live_rung, ring
from helpline.simulator.voice_events import CallStatus, Redirected, Source
from helpline.simulator.voice_leg import Leg, Sound
from helpline.simulator.voice_verbs import Conference, Dial, Enqueue, Number, Queue
from helpline.simulator.voice_waiting import enqueue, join_conference

Life = Callable[[Course], Awaitable[CallStatus]]


def start(board: Switchboard, leg: Leg, live: Life) -> None:
    """Put a leg on the board and let it live."""
    board.legs[leg.sid] = leg
    board.touch(leg)

    async def run() -> None:
        course = Course(leg, board, connect)
        status = CallStatus.COMPLETED
        try:
            status = await live(course)
        except Interrupted as interruption:
            if isinstance(interruption.event, Redirected):
                status = await follow(course, interruption.event.source)
        board.finish(leg, status)

    board.spawn(run())


def incoming(source: Source) -> Life:
    """The life of a call to one of our numbers."""

    async def live(course: Course) -> CallStatus:
        return await follow(course, source)

    return live


def outgoing(source: Source, *, seconds: float) -> Life:
    """The life of a call made over REST: it rings, and hears its document when it is answered."""

    async def live(course: Course) -> CallStatus:
        ended = await ring(course, seconds=seconds)
        return ended if ended is not None else await follow(course, source)

    return live


async def follow(course: Course, source: Source) -> CallStatus:
    """Follow the documents from `source`, and the one that each redirect brings, until the call is over."""
    while True:
        try:
            await course.perform(source, Purpose.CALL)
        except DocumentFailed:
            if course.leg.status is CallStatus.RINGING:
                course.board.answer(course.leg)
            course.hear(Sound.SAY, APOLOGY, "en-US")
        except Interrupted as interruption:
            if isinstance(interruption.event, Redirected):
                source = interruption.event.source
                continue
        return CallStatus.COMPLETED


async def connect(course: Course, verb: Enqueue | Dial, page: Page) -> Outcome:
    """Carry out a verb that needs other legs."""
    if isinstance(verb, Enqueue):
        return await enqueue(course, verb, page)
    match verb.nouns:
        case (Conference() as conference,):
            return await join_conference(course, verb, conference, page)
        case (Queue() as queue,):
            return await dial_queue(course, verb, queue, page)
    numbers = tuple(noun for noun in verb.nouns if isinstance(noun, Number))
    return await dial_numbers(course, verb, numbers, page, lambda leg, rung: _start_rung(course.board, leg, rung))


def _start_rung(board: Switchboard, leg: Leg, rung: Rung) -> None:
    async def live(course: Course) -> CallStatus:
        return await live_rung(course, rung)

    start(board, leg, live)
