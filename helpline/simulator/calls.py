"""The pretend telephone network: people ring our numbers, the service rings people, and TwiML says what is heard.

For the page and the tests, on `simulator.calls` (nothing here waits for the network; `settled()` does):

    sid = await calls.place_call("+4790000001", to)    a person rings; None as the number withholds it
    calls.press(sid, "1")                              keys, also several
    calls.speak(sid, "hei")                            words: for a Gather that listens, else for whoever is connected
    calls.answer(sid); calls.decline(sid, busy=True)   a telephone that rings (`expects == "ringing"`)
    calls.hang_up(sid)
    calls.behave("+4790000002", Manner.BUSY)           what a telephone does when it is rung; by default it rings
    calls.legs()                                       every leg, oldest first: dicts with sid, from, to, direction,
                                                       status, expects, parent_sid, created, answered, ended, heard
    await calls.settled()                              until everything waits for a person or for the clock

`heard` is a list of {at, sound, text, language}; `sound` is say, play, pause, beep, tone, key, voice or note.
`expects` is "" | digits | speech | queue | conference | ringing | talk: `digits` shows the keypad, `ringing` the bell.
`direction` is inbound, outbound-api or outbound-dial; a leg of the last two is a telephone that we rang.

An unknown sid raises KeyError, a telephone that cannot do what is asked ValueError.
"""

from collections.abc import Callable
from typing import Any

from helpline.simulator.clock import Clock
from helpline.simulator.faults import Faults
from helpline.simulator.journal import Journal
from helpline.simulator.lines import Lines
from helpline.simulator.numbers import WITHHELD, is_possible, new_sid
from helpline.simulator.voice_board import Manner, Pace, Switchboard
from helpline.simulator.voice_events import (
    Answered,
    CallStatus,
    Declined,
    Dequeued,
    Fetch,
    Pressed,
    Redirected,
    Source,
    Spoken,
)
from helpline.simulator.voice_leg import Direction, Expects, Leg, Sound, StatusCallback
from helpline.simulator.voice_program import incoming, outgoing, start
from helpline.simulator.voice_rooms import CallQueue, Room
from helpline.simulator.webhooks import Method, WebhookClient

__all__ = ["Calls", "Manner", "Pace"]

_KEYS = frozenset("0123456789*#")


class Calls:
    """Every call of the account, and the people at the other ends."""

    def __init__(
        self,
        *,
        account_sid: str,
        clock: Clock,
        lines: Lines,
        webhooks: WebhookClient,
        changed: Callable[[], None],
        alert: Callable[[int, str, str], None],
        faults: Faults | None = None,
        pace: Pace | None = None,
        journal: Journal | None = None,
    ) -> None:
        """`alert(code, text, about)` writes to the account's error log. Without `pace` sounds take no time.

        With `journal`, calls are still listed after a restart, though without what was heard.
        """
        self.board = Switchboard(
            account_sid=account_sid,
            clock=clock,
            webhooks=webhooks,
            pace=pace or Pace(),
            alert=alert,
            changed=changed,
            faults=faults,
            journal=journal or Journal(None),
            owns=lambda number: (line := lines.by_number(number)) is not None and line.voice,
        )
        self._lines = lines

    def resume(self) -> None:
        """Read the calls of before the restart; the service is told that those which went on are over."""
        self.board.resume()

    async def close(self) -> None:
        """End everything that is under way, without telling the service."""
        await self.board.close()

    async def settled(self) -> None:
        """Return when every leg waits for a person or for the clock and every webhook is answered."""
        await self.board.stillness.wait()

    def legs(self) -> list[dict[str, Any]]:
        """Every leg for the page, oldest first."""
        return [leg.as_dict() for leg in self.board.legs.values()]

    def leg(self, call_sid: str) -> Leg:
        """One leg. Raises KeyError when there is none."""
        return self.board.legs[call_sid]

    # People.

    async def place_call(self, from_number: str | None, to: str, *, forwarded_from: str = "") -> str:
        """Somebody rings one of our numbers; the call's sid. `from_number` None withholds it («anonymous»).

        Raises ValueError when `to` is not ours or carries no calls, or `from_number` is no telephone number.
        """
        shown = "anonymous" if from_number is None else from_number
        if shown not in WITHHELD and not is_possible(shown):
            raise ValueError(f"{shown} is not a telephone number in the form +4790000001.")
        line = self._lines.by_number(to)
        if line is None or not line.voice:
            raise ValueError(f"{to} is not a number of this account that takes calls.")
        now = self.board.clock.now()
        leg = Leg(
            sid=new_sid("CA"),
            account_sid=self.board.account_sid,
            direction=Direction.INBOUND,
            from_=shown,
            to=to,
            created=now,
            stillness=self.board.stillness,
            status=CallStatus.RINGING,
            started=now,
            forwarded_from=forwarded_from,
            phone_number_sid=line.sid,
            fallback_url=line.voice_fallback_url,
            fallback_method=line.voice_fallback_method,
        )
        if line.status_callback:
            leg.status_callback = StatusCallback(url=line.status_callback, method=line.status_callback_method)
        start(self.board, leg, incoming(Fetch(url=line.voice_url, method=line.voice_method)))
        return leg.sid

    def press(self, call_sid: str, keys: str) -> None:
        """Press keys. Raises ValueError when a key is none or the call is not going on."""
        if not keys or not _KEYS.issuperset(keys):
            raise ValueError("A telephone has the keys 0 to 9, * and #.")
        leg = self._talking(call_sid)
        self.board.hear(leg, Sound.KEY, keys)
        leg.put(Pressed(keys=keys))

    def speak(self, call_sid: str, words: str) -> None:
        """Say something. Whoever is connected with this leg hears it, and a `Gather` that listens for speech.

        Raises ValueError when the call is not going on.
        """
        leg = self._talking(call_sid)
        for other in self._connected_with(leg):
            self.board.hear(other, Sound.VOICE, words)
        leg.put(Spoken(words=words))

    def _connected_with(self, leg: Leg) -> list[Leg]:
        scope = leg.scope
        if isinstance(scope, Room):
            me = scope.participants.get(leg.sid)
            if me is None or me.muted or me.hold or not scope.started:
                return []
            return [one.leg for one in scope.participants.values() if one is not me and not one.hold]
        if leg.expects is not Expects.TALK:
            return []
        return [other for other in self.board.legs.values() if other.expects is Expects.TALK and _pair(leg, other)]

    def hang_up(self, call_sid: str) -> None:
        """The person puts the telephone down. Nothing happens to a call that is over."""
        leg = self.leg(call_sid)
        self.board.cut(leg, CallStatus.COMPLETED if leg.answered else CallStatus.NO_ANSWER, by="person")

    def answer(self, call_sid: str, *, machine: bool = False) -> None:
        """Somebody (or a machine) answers a telephone that rings. Raises ValueError when it does not ring."""
        self._ringing(call_sid).put(Answered(by="machine_start" if machine else "human"))

    def decline(self, call_sid: str, *, busy: bool = True) -> None:
        """Somebody refuses a call that rings: `busy`, or as unanswered. Raises ValueError when it does not ring."""
        self._ringing(call_sid).put(Declined(status=CallStatus.BUSY if busy else CallStatus.NO_ANSWER))

    def behave(self, number: str, manner: Manner) -> None:
        """From now on the telephone with this number does `manner` when it is rung."""
        self.board.manners[number] = manner
        self.board.changed()

    def _talking(self, call_sid: str) -> Leg:
        leg = self.leg(call_sid)
        if leg.status is not CallStatus.IN_PROGRESS:
            raise ValueError("The call is not going on.")
        return leg

    def _ringing(self, call_sid: str) -> Leg:
        leg = self.leg(call_sid)
        if leg.status is not CallStatus.RINGING or leg.direction is Direction.INBOUND:
            raise ValueError("This telephone does not ring.")
        return leg

    # The service, over REST.

    def make(
        self,
        *,
        from_: str,
        to: str,
        source: Source,
        seconds: float,
        status_callback: StatusCallback | None,
        fallback_url: str = "",
        fallback_method: Method = "POST",
        detects_machines: bool = False,
    ) -> Leg:
        """Ring `to` from one of our numbers; `source` is heard when it answers. What was given is already checked."""
        line = self._lines.by_number(from_)
        leg = Leg(
            sid=new_sid("CA"),
            account_sid=self.board.account_sid,
            direction=Direction.OUTBOUND_API,
            from_=from_,
            to=to,
            created=self.board.clock.now(),
            stillness=self.board.stillness,
            phone_number_sid=line.sid if line else "",
            fallback_url=fallback_url,
            fallback_method=fallback_method,
            status_callback=status_callback,
            detects_machines=detects_machines,
        )
        start(self.board, leg, outgoing(source, seconds=seconds))
        return leg

    def redirect(self, leg: Leg, source: Source) -> None:
        """Give a call that goes on another document. Raises ValueError when it does not go on."""
        if leg.status is not CallStatus.IN_PROGRESS:
            raise ValueError("Call is not in-progress. Cannot redirect.")
        leg.put(Redirected(source=source))
        self.board.touch(leg)

    def end(self, leg: Leg, *, only_unanswered: bool) -> None:
        """End a call; with `only_unanswered` one that goes on is left alone. Raises ValueError when it is over."""
        if leg.status.final:
            raise ValueError("Call is not in-progress. Cannot redirect.")
        if leg.status is not CallStatus.IN_PROGRESS:
            self.board.cut(leg, CallStatus.CANCELED, by="api")
        elif not only_unanswered:
            self.board.cut(leg, CallStatus.COMPLETED, by="api")

    def dequeue(self, queue: CallQueue, call_sid: str, source: Source) -> Leg:
        """Take a call (or the first one, `Front`) out of a queue. The first request wins.

        Raises KeyError when the call is not in the queue (any more).
        """
        member = queue.find(call_sid)
        if member is None:
            raise KeyError(call_sid)
        queue.leave(member.leg)
        member.leg.put(Dequeued(scope=queue, source=source))
        return member.leg


def _pair(one: Leg, other: Leg) -> bool:
    """Whether the two legs are the ends of one connection: dialled by one another, or dialled out of a queue."""
    return one.scope is other or other.scope is one or other.parent_sid == one.sid or one.parent_sid == other.sid
