"""What the demo's advisors did in the two years of the example log: shifts, duty, offers and contacts. Invented.

It follows the log: every contact that an advisor answered was offered to whoever was on duty in that hour, took as long
as its record says, and left time to write it up. Now and then an offer is missed or passed on; there are breaks, a
meeting on Wednesdays, and some minutes to talk after a red contact. The same log gives the same work. Nothing of a
caller is in it: the contacts are as they are when their content has been forgotten, and marked as simulated.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from helpline.core.codes import Channel, Direction, Origin, Outcome, Urgency
from helpline.core.contact import ContactState, Wish
from helpline.core.duty import Duty, OfferState, PauseReason
from helpline.core.hours import wall_clock
from helpline.core.record import Record
from helpline.desk.opening import public_holidays

_BUT_TUESDAY = (0, 2, 3, 4)
#: Who is planned: the place among the advisors, the hours, and the weekdays. On Tuesdays after noon there is one alone.
ROSTER = (
    *((0, 9, 13, _BUT_TUESDAY), (1, 10, 15, _BUT_TUESDAY), (2, 11, 13, (0,))),
    *((0, 9, 12, (1,)), (2, 10, 12, (1,)), (1, 12, 15, (1,))),
)

_WITH_ADVISOR = (Outcome.COUNSELLED, Outcome.REFERRED, Outcome.CALLBACK_DONE, Outcome.CALLBACK_FAILED)
_MISSED, _PASSED = 0.05, 0.03
#: What of the time with a contact is conversation; the rest is writing it up.
_TALK = 0.8
#: An offer runs out after half a minute, and a call that is not picked up takes some minutes all the same.
_RUNS_OUT, _IN_VAIN = timedelta(seconds=30), 150

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Work:
    """Rows of the tables, by column; an offer's `contact` is the place of its contact."""

    shifts: list[Row] = field(default_factory=list)
    duty: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)


def work(log: Iterable[Record], advisor_ids: Sequence[int], zone: ZoneInfo) -> Work:
    """The work behind a log in order of time, of as many advisors as `ROSTER` names."""
    found = Work()
    for day, records in groupby(log, key=lambda record: record.opened_at.astimezone(zone).date()):
        if day.weekday() < 5 and day not in public_holidays(day.year):
            _Day(day, advisor_ids, zone, found).go(_answered(records))
    return found


def _answered(records: Iterable[Record]) -> list[Record]:
    return sorted(
        (
            record
            for record in records
            if record.kind == "contact" and record.outcome in _WITH_ADVISOR and record.waited_seconds is not None
        ),
        key=lambda record: record.opened_at,
    )


@dataclass(kw_only=True)
class _Duty:
    """An advisor's day: planned from and to, free again from `free_at`."""

    advisor_id: int
    begins: datetime
    ends: datetime
    free_at: datetime
    had_break: bool = False


class _Day:
    """One working day, drawn from its own lot."""

    def __init__(self, day: date, advisor_ids: Sequence[int], zone: ZoneInfo, found: Work) -> None:
        self._day, self._found = day, found
        self._chance = random.Random(f"example work {day}")
        self._on_duty = list(self._come(advisor_ids, zone))

    def _come(self, advisor_ids: Sequence[int], zone: ZoneInfo) -> Iterator[_Duty]:
        for place, begins, ends, weekdays in ROSTER:
            if self._day.weekday() not in weekdays:
                continue
            starts_at, ends_at = (wall_clock(self._day, time(hour), zone) for hour in (begins, ends))
            advisor_id = advisor_ids[place]
            self._found.shifts.append({"advisor_id": advisor_id, "starts_at": starts_at, "ends_at": ends_at})
            came_at = starts_at + timedelta(seconds=self._chance.randint(-240, 300))
            yield _Duty(advisor_id=advisor_id, begins=starts_at, ends=ends_at, free_at=came_at)
            self._step(advisor_id, came_at, Duty.ON)

    def go(self, records: Iterable[Record]) -> None:
        """The whole day, contact by contact, and home."""
        for record in records:
            asked_at = record.opened_at + timedelta(minutes=self._chance.randint(0, 50))
            self._attend(record, asked_at)
        for one in self._on_duty:
            self._rest(one, one.ends)
            self._step(one.advisor_id, max(one.ends, one.free_at), Duty.OFF)

    def _attend(self, record: Record, asked_at: datetime) -> None:
        chance = self._chance
        there = [one for one in self._on_duty if one.begins - timedelta(hours=1) <= asked_at < one.ends]
        if not there:
            # The hours outside the roster are whoever's comes next or went last.
            there = sorted(self._on_duty, key=lambda one: abs(one.begins - asked_at))[:1]
        for one in there:
            self._rest(one, asked_at)
        first, *others = sorted(there, key=lambda one: one.free_at)
        offered_at = max(asked_at, first.free_at)
        place = len(self._found.contacts)
        if others and chance.random() < _MISSED:
            offered_at = self._missed(first, place, offered_at)
            first = min(others, key=lambda one: one.free_at)
            offered_at = max(offered_at, first.free_at)
        elif others and chance.random() < _PASSED:
            self._offer(first, place, OfferState.PASSED, offered_at, chance.randint(3, 15))
            offered_at += timedelta(seconds=15)
            first = min(others, key=lambda one: one.free_at)
            offered_at = max(offered_at, first.free_at)
        accepted_at = self._offer(first, place, OfferState.ACCEPTED, offered_at, chance.randint(3, 22))
        self._help(first, record, accepted_at)

    def _help(self, one: _Duty, record: Record, accepted_at: datetime) -> None:
        seconds = record.handled_seconds or _IN_VAIN
        reached = record.outcome != Outcome.CALLBACK_FAILED
        ended_at = accepted_at + timedelta(seconds=round(seconds * _TALK))
        closed_at = accepted_at + timedelta(seconds=seconds)
        self._step(one.advisor_id, accepted_at, Duty.BUSY)
        self._step(one.advisor_id, ended_at, Duty.WRAP_UP)
        one.free_at = closed_at
        if record.urgency == Urgency.RED:
            one.free_at += timedelta(minutes=15)
            self._step(one.advisor_id, closed_at, Duty.PAUSE, PauseReason.DEBRIEF)
        self._step(one.advisor_id, one.free_at, Duty.ON)
        rung_back = record.outcome in (Outcome.CALLBACK_DONE, Outcome.CALLBACK_FAILED)
        opened_at = accepted_at - timedelta(seconds=record.waited_seconds or 0)
        self._found.contacts.append(
            {
                "channel": Channel(record.channel or Channel.PHONE),
                "direction": Direction.INBOUND,
                "origin": Origin.SIMULATED,
                "state": ContactState.CLOSED,
                "wish": Wish.CALLBACK if rung_back else Wish.TALK,
                "urgency": Urgency(record.urgency or Urgency.GREEN),
                "language": record.language or "nb",
                "step": "closed",
                "opened_at": opened_at,
                "last_inbound_at": opened_at,
                "advisor_id": one.advisor_id,
                "accepted_at": accepted_at,
                "answered_at": accepted_at if reached else None,
                "ended_at": ended_at,
                "closed_at": closed_at,
                "outcome": Outcome(record.outcome or Outcome.COUNSELLED),
                "asked_what_matters": bool(record.asked_what_matters),
                "erased_at": closed_at,
            }
        )

    def _missed(self, one: _Duty, place: int, offered_at: datetime) -> datetime:
        """An offer runs out, and whoever missed it is on pause until they see it."""
        ended_at = self._offer(one, place, OfferState.MISSED, offered_at, int(_RUNS_OUT.total_seconds()))
        self._step(one.advisor_id, ended_at, Duty.PAUSE, PauseReason.MISSED_OFFER)
        one.free_at = ended_at + timedelta(seconds=self._chance.randint(60, 420))
        self._step(one.advisor_id, one.free_at, Duty.ON)
        return ended_at

    def _rest(self, one: _Duty, until: datetime) -> None:
        """The break in the middle of a shift, and the meeting on Wednesdays, as soon as there is time for it."""
        begins = max(one.free_at, one.begins + (one.ends - one.begins) / 2)
        if one.had_break or begins >= min(until, one.ends):
            return
        one.had_break = True
        meeting = self._day.weekday() == 2
        one.free_at = begins + timedelta(minutes=45 if meeting else self._chance.randint(18, 30))
        reason = PauseReason.MEETING if meeting else PauseReason.BREAK
        self._step(one.advisor_id, begins, Duty.PAUSE, reason)
        self._step(one.advisor_id, one.free_at, Duty.ON)

    def _offer(self, one: _Duty, place: int, state: OfferState, made_at: datetime, seconds: int) -> datetime:
        ended_at = made_at + timedelta(seconds=seconds)
        self._found.offers.append(
            {
                "contact": place,
                "advisor_id": one.advisor_id,
                "state": state,
                "made_at": made_at,
                "expires_at": made_at + _RUNS_OUT,
                "ended_at": ended_at,
            }
        )
        return ended_at

    def _step(self, advisor_id: int, at: datetime, duty: Duty, reason: PauseReason | None = None) -> None:
        self._found.duty.append({"advisor_id": advisor_id, "at": at, "duty": duty, "pause_reason": reason})
