"""Where calls wait and meet: queues and conferences, with what Twilio tells about them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from helpline.simulator.numbers import new_sid
from helpline.simulator.voice_events import ConferenceLeft, ConferenceStarted, QueueGrew
from helpline.simulator.voice_leg import Heard, Leg, Sound
from helpline.simulator.voice_verbs import Conference
from helpline.simulator.webhooks import Method

#: Twilio's default for a queue made on demand.
LARGEST_QUEUE = 1000


@dataclass(frozen=True, kw_only=True)
class Member:
    """A call in a queue."""

    leg: Leg
    joined: datetime

    def waited(self, now: datetime) -> int:
        """Whole seconds in the queue."""
        return int((now - self.joined).total_seconds())


@dataclass(kw_only=True, eq=False)
class CallQueue:
    """First in, first out."""

    sid: str
    name: str
    created: datetime
    updated: datetime
    max_size: int = LARGEST_QUEUE
    members: list[Member] = field(default_factory=list)
    #: Legs that dial this queue and wait for somebody to join it.
    dialling: list[Leg] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether nobody more may join."""
        return len(self.members) >= self.max_size

    def join(self, leg: Leg, now: datetime) -> Member:
        """Stand last."""
        member = Member(leg=leg, joined=now)
        self.members.append(member)
        self.updated = now
        for dialler in self.dialling[:1]:
            dialler.put(QueueGrew(scope=self))
        return member

    def leave(self, leg: Leg) -> None:
        """Nothing happens when the leg is not here any more."""
        self.members = [member for member in self.members if member.leg is not leg]

    def find(self, call_sid: str) -> Member | None:
        """The member with this call, or the first one for `Front`."""
        if call_sid == "Front":
            return self.members[0] if self.members else None
        return next((member for member in self.members if member.leg.sid == call_sid), None)

    def position(self, leg: Leg) -> int:
        """Place in the queue, from 1; 0 when not in it."""
        return next((place for place, member in enumerate(self.members, 1) if member.leg is leg), 0)

    def average_wait(self, now: datetime) -> int:
        """Seconds that those who wait now have waited, on average."""
        waits = [member.waited(now) for member in self.members]
        return round(sum(waits) / len(waits)) if waits else 0


class Queues:
    """All queues of the account; they stay when they are empty."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._queues: dict[str, CallQueue] = {}

    def all(self) -> list[CallQueue]:
        """Oldest first."""
        return list(self._queues.values())

    def by_sid(self, sid: str) -> CallQueue | None:
        return self._queues.get(sid)

    def find(self, name: str) -> CallQueue | None:
        """The queue of this name, or None."""
        return next((queue for queue in self._queues.values() if queue.name == name), None)

    def named(self, name: str) -> CallQueue:
        """The queue of this name, made when there is none."""
        return self.find(name) or self.make(name)

    def make(self, name: str, max_size: int = LARGEST_QUEUE) -> CallQueue:
        """A new queue."""
        now = self._now()
        queue = CallQueue(sid=new_sid("QU"), name=name, created=now, updated=now, max_size=max_size)
        self._queues[queue.sid] = queue
        return queue


class RoomStatus(StrEnum):
    INIT = "init"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"


@dataclass(kw_only=True)
class Participant:
    """A call in a conference."""

    leg: Leg
    noun: Conference
    joined: datetime
    updated: datetime
    muted: bool
    hold: bool
    end_on_exit: bool


@dataclass(kw_only=True, eq=False)
class Room:
    """One conference. The first to join sets where its events are told."""

    sid: str
    account_sid: str
    name: str
    created: datetime
    updated: datetime
    callback: Conference
    callback_url: str
    status: RoomStatus = RoomStatus.INIT
    participants: dict[str, Participant] = field(default_factory=dict)
    sequence: int = 0
    reason_ended: str | None = None
    ended_by: str | None = None

    @property
    def started(self) -> bool:
        return self.status is RoomStatus.IN_PROGRESS

    def find(self, name: str) -> Participant | None:
        """The participant with this call sid or label, or None."""
        if name in self.participants:
            return self.participants[name]
        return next((one for one in self.participants.values() if name and one.noun.participant_label == name), None)


class RoomRefused(Exception):
    """A leg cannot join; `code` is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Tell(Protocol):
    """How a report leaves: see `Switchboard.tell`."""

    def __call__(self, key: str, url: str, method: Method, params: dict[str, str]) -> None: ...


class Conferences:
    """All conferences of the account, also those that are over. One of a name is open at a time."""

    def __init__(self, *, now: Callable[[], datetime], tell: Tell) -> None:
        self._now = now
        self._tell = tell
        self._rooms: dict[str, Room] = {}

    def all(self) -> list[Room]:
        """Oldest first."""
        return list(self._rooms.values())

    def by_sid(self, sid: str) -> Room | None:
        return self._rooms.get(sid)

    def join(self, leg: Leg, noun: Conference, callback_url: str) -> Room:
        """Let `leg` in, making the conference when none of the name is open.

        Raises RoomRefused when the conference is full or the label is taken.
        """
        now = self._now()
        room = next(
            (one for one in self._rooms.values() if one.name == noun.name and one.status is not RoomStatus.COMPLETED),
            None,
        )
        if room is None:
            room = Room(
                sid=new_sid("CF"),
                account_sid=leg.account_sid,
                name=noun.name,
                created=now,
                updated=now,
                callback=noun,
                callback_url=callback_url,
            )
            self._rooms[room.sid] = room
        if len(room.participants) >= min(noun.max_participants, room.callback.max_participants):
            raise RoomRefused(16020, "The conference is full.")
        if noun.participant_label and room.find(noun.participant_label) is not None:
            raise RoomRefused(16025, "The conference already has a participant with this label.")
        if noun.beep in {"true", "onEnter"}:
            self._beep(room)
        participant = Participant(
            leg=leg,
            noun=noun,
            joined=now,
            updated=now,
            muted=noun.muted,
            hold=False,
            end_on_exit=noun.end_on_exit,
        )
        room.participants[leg.sid] = participant
        self._report(room, "join", "participant-join", participant)
        self._start_if_ready(room, leg)
        return room

    def _start_if_ready(self, room: Room, newest: Leg) -> None:
        """Two are needed, and one of them must be allowed to start it (Twilio's page on `Conference`, event start)."""
        if room.started or len(room.participants) < 2:
            return
        if not any(one.noun.start_on_enter for one in room.participants.values()):
            return
        room.status = RoomStatus.IN_PROGRESS
        room.updated = self._now()
        self._report(room, "start", "conference-start", None)
        for one in room.participants.values():
            if one.leg is not newest:
                one.leg.put(ConferenceStarted(scope=room))

    def leave(self, room: Room, leg: Leg, *, reason: str, kicked: bool = False) -> None:
        """Let `leg` go. The conference ends when it was the last or the one it cannot do without."""
        participant = room.participants.pop(leg.sid, None)
        if participant is None:
            return
        self._report(room, "leave", "participant-leave", participant, ReasonParticipantLeft=reason)
        if participant.noun.beep in {"true", "onExit"}:
            self._beep(room)
        verb = "kicked" if kicked else "left"
        if participant.end_on_exit:
            self._end(room, f"participant-with-end-conference-on-exit-{verb}", participant)
        elif not room.participants:
            self._end(room, f"last-participant-{verb}", participant)

    def kick(self, room: Room, participant: Participant) -> None:
        """Take a participant out by REST; its call goes on with what comes after the conference."""
        self.leave(room, participant.leg, reason="participant_updated_via_api", kicked=True)
        participant.leg.put(ConferenceLeft(scope=room))

    def end(self, room: Room) -> None:
        """End a conference by REST."""
        if room.status is not RoomStatus.COMPLETED:
            self._end(room, "conference-ended-via-api", None)

    def _end(self, room: Room, reason: str, by: Participant | None) -> None:
        room.status = RoomStatus.COMPLETED
        room.updated = self._now()
        room.reason_ended = reason
        room.ended_by = by.leg.sid if by else None
        others, room.participants = list(room.participants.values()), {}
        why = "moderator_ended_conference" if by else "conference_ended_via_api"
        for other in others:
            self._report(room, "leave", "participant-leave", other, ReasonParticipantLeft=why)
            other.leg.put(ConferenceLeft(scope=room))
        more = {"ReasonConferenceEnded": reason, "Reason": reason.replace("-", " ")}
        if by is not None:
            more["CallSidEndingConference"] = by.leg.sid
            if by.noun.participant_label:
                more["ParticipantLabelEndingConference"] = by.noun.participant_label
        self._report(room, "end", "conference-end", None, **more)

    def change(
        self, room: Room, participant: Participant, *, muted: bool | None, hold: bool | None, end_on_exit: bool | None
    ) -> None:
        """Change a participant by REST; None leaves as it is."""
        participant.updated = self._now()
        if muted is not None and muted != participant.muted:
            participant.muted = muted
            self._report(room, "mute", "participant-mute" if muted else "participant-unmute", participant)
        if hold is not None and hold != participant.hold:
            participant.hold = hold
            self._note(participant.leg, "hold music" if hold else "back in the conversation")
            self._report(room, "hold", "participant-hold" if hold else "participant-unhold", participant)
        if end_on_exit is not None and end_on_exit != participant.end_on_exit:
            participant.end_on_exit = end_on_exit
            self._report(room, "modify", "participant-modify", participant)

    def _beep(self, room: Room) -> None:
        for one in room.participants.values():
            one.leg.heard.append(Heard(at=self._now(), sound=Sound.BEEP, text="beep"))

    def _note(self, leg: Leg, text: str) -> None:
        leg.heard.append(Heard(at=self._now(), sound=Sound.NOTE, text=text))

    def _report(self, room: Room, wish: str, event: str, participant: Participant | None, **more: str) -> None:
        if not room.callback_url or wish not in room.callback.status_callback_events:
            return
        room.sequence += 1
        params = {
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "AccountSid": room.account_sid,
            "SequenceNumber": str(room.sequence),
            "Timestamp": self._now().strftime("%a, %d %b %Y %H:%M:%S +0000"),
            "StatusCallbackEvent": event,
        }
        if participant is not None:
            params |= {
                "CallSid": participant.leg.sid,
                "Muted": _word(participant.muted),
                "Hold": _word(participant.hold),
                "Coaching": "false",
                "EndConferenceOnExit": _word(participant.end_on_exit),
                "StartConferenceOnEnter": _word(participant.noun.start_on_enter),
            }
            if participant.noun.participant_label:
                params["ParticipantLabel"] = participant.noun.participant_label
            if wish == "leave":
                params["ParticipantCallStatus"] = participant.leg.status
        self._tell(room.sid, room.callback_url, room.callback.status_callback_method, params | more)


def _word(flag: bool) -> str:
    return "true" if flag else "false"
