"""Enter a record afterwards, correct one, strike one out: what did not come through the service counts too.

Nothing is ever overwritten: a correction is a new record that names the one it replaces (`corrects`), and the record
that was replaced stays to be seen. A record holds codes only and never says who wrote it; that stands in the access
log, as everything does that somebody did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from helpline.core.codes import Origin, Outcome, code_lists
from helpline.core.duty import Role
from helpline.core.hours import wall_clock
from helpline.core.record import Record, RecordError, deidentified, is_struck, struck
from helpline.desk import counters
from helpline.desk.close import ASKED
from helpline.desk.house import House
from helpline.errors import HelplineError, NotFound, TakenByAnother
from helpline.store import access, records
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Advisor

#: In the order of the pages; contacts are most of what is entered.
KINDS = ("contact", "session", "attendance", "group")
#: How a contact that the service never saw can have come; texts and Telegram come through the service.
CHANNELS = {
    "contact": ("phone", "email", "in_person", "video", "form", "other"),
    "session": ("in_person", "video", "phone"),
}
#: What an attendance can be at; a self-run group has its own page.
ACTIVITIES = ("support_group", "course", "event", "writing", "other")
#: How a contact that somebody wrote down themselves can have ended.
OUTCOMES = (
    Outcome.COUNSELLED,
    Outcome.REFERRED,
    Outcome.CALLBACK_DONE,
    Outcome.CALLBACK_FAILED,
    Outcome.MESSAGE_LEFT,
    Outcome.NO_REPLY,
    Outcome.NOT_REACHED,
    Outcome.NON_COUNSELLING,
)
#: What a contact was about is asked of those who were helped.
NEEDS_TOPIC = frozenset({Outcome.COUNSELLED, Outcome.REFERRED, Outcome.CALLBACK_DONE})
#: Most people at once: a family in a session, a hall at an event. More is a slip of the finger.
MOST_PEOPLE = {"session": 30, "attendance": 2_000, "group": 200}
#: Longest conversation, in minutes.
MOST_MINUTES = 600
#: What lies further back is asked about once more.
LONG_AGO = timedelta(days=366)

ENTERED, CORRECTED, STRUCK = "record_entered", "record_corrected", "record_struck"


class LongAgo(HelplineError):
    """The day lies more than a year back, and nobody has said that it is right."""


class ChangedMeanwhile(TakenByAnother):
    """Somebody else corrected the record since it was shown."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A page as it was filled in.

    `answers` are the columns of `close.ASKED`; `hour` is None when nobody knows it any more; a group has only the year
    of its `day`. `sure` answers the question about a day long ago.
    """

    kind: str
    day: date
    hour: int | None = None
    channel: str | None = None
    direction: str | None = None
    outcome: str | None = None
    activity: str | None = None
    participants: int | None = None
    minutes: int | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    sure: bool = False


@dataclass(frozen=True, kw_only=True)
class Mine:
    """A record that an advisor entered, as it stands now (`standing`), and when it was entered."""

    entered_at: datetime
    first: Record
    standing: Record


@dataclass(frozen=True, kw_only=True)
class Step:
    """One record of a trace; who wrote it and when, where the access log still knows."""

    record: Record
    at: datetime | None = None
    advisor_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Trace:
    """All that became of a record: the first one, then what corrects it in the order of writing; `standing` counts."""

    steps: Sequence[Step]
    standing: Record

    @property
    def before(self) -> Record:
        """The latest record that is not struck out: what the form shows."""
        return next((step.record for step in reversed(self.steps) if not is_struck(step.record)), self.standing)


async def enter(
    session: WriteSession, filled: Filled, *, key: str, house: House, advisor: Advisor, now: datetime
) -> Record:
    """Write a record of something that the service did not see. The same key again adds nothing.

    Raises:
        LongAgo: more than a year back, and `filled.sure` is not set.
        HelplineError: a value that cannot be; the sentence says which.
        TakenByAnother: the key was used for other answers before.
    """
    _check(filled)
    origin = Origin.SIMULATED if house.practice else Origin.AFTERWARDS
    _check_day(filled, house=house, now=now)
    record = _record(Record(record_id=key, kind=filled.kind, origin=origin, opened_at=now), filled, house=house)
    return await _keep(session, record, action=ENTERED, house=house, advisor=advisor, now=now)


async def correct(
    session: WriteSession,
    record_id: str,
    filled: Filled,
    *,
    key: str,
    seen: str,
    house: House,
    advisor: Advisor,
    now: datetime,
) -> Record:
    """Write a record that replaces the one that stands. What the page does not ask stays as it was measured; where
    nothing was changed, nothing is written.

    Args:
        seen: the record that stood when the form was drawn.

    Raises:
        NotFound: there is no such record, or it is not this advisor's to correct.
        ChangedMeanwhile: another record stands by now.
        LongAgo, HelplineError: as in `enter`; a day that was not changed is not asked about.
    """
    found = await _to_change(session, record_id, key=key, seen=seen, advisor=advisor, house=house, now=now)
    if isinstance(found, Record):
        return found
    _check(filled)
    if opened_at(filled, house) != found.before.opened_at:
        _check_day(filled, house=house, now=now)
    record = _record(
        replace(found.before, record_id=key, corrects=found.standing.record_id, kind=filled.kind), filled, house=house
    )
    if replace(record, record_id=found.standing.record_id, corrects=found.standing.corrects) == found.standing:
        return found.standing
    return await _keep(session, record, action=CORRECTED, house=house, advisor=advisor, now=now)


async def strike(
    session: WriteSession, record_id: str, *, key: str, seen: str, house: House, advisor: Advisor, now: datetime
) -> Record:
    """Strike a record out: one that counts nothing stands in its place, and the struck one can be seen.

    Raises:
        NotFound: there is no such record, or it is not this advisor's.
        ChangedMeanwhile: another record stands by now.
    """
    found = await _to_change(session, record_id, key=key, seen=seen, advisor=advisor, house=house, now=now)
    if isinstance(found, Record):
        return found
    return await _keep(
        session, struck(found.standing, record_id=key), action=STRUCK, house=house, advisor=advisor, now=now
    )


async def mine_today(session: ReadSession, *, house: House, advisor: Advisor, now: datetime) -> list[Mine]:
    """What this advisor entered since midnight, the latest first."""
    midnight = wall_clock(now.astimezone(house.zone).date(), time(0), house.zone)
    lines = await access.of_advisor(session, advisor.id, actions=(ENTERED,), since=midnight)
    entered_at = {str(access.reason(session, line)): line.at for line in lines}
    found = await records.with_ids(session, entered_at)
    return [
        Mine(entered_at=at, first=found[record_id], standing=await records.standing(session, found[record_id]))
        for record_id, at in entered_at.items()
        if record_id in found
    ]


async def trace(session: ReadSession, record_id: str, *, house: House, advisor: Advisor, now: datetime) -> Trace:
    """A record with all that corrects it and all that it corrects, for managers and for whoever entered it today.

    Raises:
        NotFound: there is no such record, or it is not theirs to see.
    """
    chain = await records.chain(session, record_id)
    if chain and not advisor.role.reaches(Role.MANAGER):
        mine = await mine_today(session, house=house, advisor=advisor, now=now)
        if chain[0].record_id not in {one.first.record_id for one in mine}:
            chain = []
    if not chain:
        raise NotFound("Denne føringen finnes ikke, eller den er ikke din fra i dag.")
    # Corrections are few, so the log is looked through for them; who entered what is nobody's matter here.
    lines = await access.with_actions(session, (CORRECTED, STRUCK)) if len(chain) > 1 else ()
    written = {access.reason(session, line): line for line in lines}
    return Trace(
        steps=[
            Step(record=record, at=line.at, advisor_id=line.advisor_id)
            if (line := written.get(record.record_id)) is not None
            else Step(record=record)
            for record in chain
        ],
        standing=await records.standing(session, chain[0]),
    )


def new_key() -> str:
    """The random id of the record that a form will become: sent twice, it is written once."""
    return uuid4().hex


def opened_at(filled: Filled, house: House) -> datetime:
    """The moment under which it counts, in UTC. Without an hour it is the day's midnight, for a group New Year's."""
    if filled.kind == "group":
        return wall_clock(filled.day.replace(month=1, day=1), time(0), house.zone)
    return wall_clock(filled.day, time(filled.hour or 0), house.zone)


async def _to_change(
    session: WriteSession, record_id: str, *, key: str, seen: str, advisor: Advisor, house: House, now: datetime
) -> Trace | Record:
    """What is to be corrected, held to the end of the transaction; or the record that the same form became before."""
    await records.hold(session, seen)
    found = await trace(session, record_id, house=house, advisor=advisor, now=now)
    before = next((step.record for step in found.steps if step.record.record_id == key), None)
    if before is not None:
        return before
    if found.standing.record_id != seen:
        raise ChangedMeanwhile("Noen har rettet denne føringen mens du skrev. Se over, og lagre på nytt.")
    return found


async def _keep(
    session: WriteSession, record: Record, *, action: str, house: House, advisor: Advisor, now: datetime
) -> Record:
    if not await records.keep_once(session, record):
        here = (await records.with_ids(session, [record.record_id]))[record.record_id]
        if here != record:
            raise TakenByAnother("Denne siden er lagret allerede, med andre svar. Rett den føringen, eller før en ny.")
        return here
    await counters.on_record(session, record, house=house, now=now)
    await access.log(session, now=now, action=action, advisor_id=advisor.id, reason=record.record_id)
    return record


def _record(base: Record, filled: Filled, *, house: House) -> Record:
    at = opened_at(filled, house)
    minutes = None if filled.minutes is None else timedelta(minutes=filled.minutes)
    values: dict[str, Any] = {"opened_at": at, "closed_at": None}
    if base.corrects is not None and base.closed_at is not None:
        # Whatever was measured keeps its length.
        values["closed_at"] = at + (base.closed_at - base.opened_at)
    if filled.kind in ("contact", "session"):
        answers = {name: value for name, value in filled.answers.items() if name in ASKED}
        for name in ("challenge_areas", "topics", "articles_used", "referred_from", "referred_to"):
            answers[name] = tuple(answers.get(name) or ())
        values |= {"channel": filled.channel, "direction": filled.direction, **answers}
        if minutes is not None and (base.handled_seconds is None or base.handled_seconds // 60 != filled.minutes):
            values |= {"handled_seconds": round(minutes.total_seconds()), "closed_at": at + minutes}
        elif minutes is None and (base.handled_seconds or 0) >= 60:
            # Less than a minute was measured; the page shows it as nothing, and it stays.
            values["handled_seconds"] = None
    if filled.kind == "contact":
        values["outcome"] = filled.outcome
    else:
        values["participants"] = filled.participants
    if filled.kind in ("attendance", "group"):
        values["activity"] = "self_run_group" if filled.kind == "group" else filled.activity
    try:
        return deidentified(replace(base, **values), house.zone)
    except RecordError as error:
        raise HelplineError(f"Svaret kan ikke lagres: {error}") from error


def _check(filled: Filled) -> None:
    if filled.kind not in KINDS:
        raise HelplineError("Velg hva du vil føre.")
    if filled.kind in ("contact", "session") and filled.channel not in code_lists()["channel"]:
        raise HelplineError("Velg hvordan dere var i kontakt.")
    if filled.kind == "contact":
        if filled.outcome not in list(Outcome):
            raise HelplineError("Velg hvordan henvendelsen endte.")
        if filled.outcome in NEEDS_TOPIC and not filled.answers.get("topics"):
            raise HelplineError("Velg minst ett tema før du lagrer. «Annet» er også et tema.")
    if filled.kind == "attendance" and filled.activity not in code_lists()["activity"]:
        raise HelplineError("Velg hva de deltok på.")
    most = MOST_PEOPLE.get(filled.kind, 0)
    needed = filled.kind in ("session", "attendance")
    if most and (needed or filled.participants is not None) and not 1 <= (filled.participants or 0) <= most:
        raise HelplineError(f"Antall personer må være fra 1 til {most}.")
    if filled.minutes is not None and not 1 <= filled.minutes <= MOST_MINUTES:
        raise HelplineError(f"Antall minutter må være fra 1 til {MOST_MINUTES}.")


def _check_day(filled: Filled, *, house: House, now: datetime) -> None:
    today = now.astimezone(house.zone).date()
    if opened_at(filled, house) > now:
        raise HelplineError("Tidspunktet ligger fram i tid. Før det når det har skjedd.")
    long_ago = filled.day.year < today.year - 1 if filled.kind == "group" else today - filled.day > LONG_AGO
    if long_ago and not filled.sure:
        raise LongAgo("Dette er mer enn et år siden. Sett kryss for at datoen stemmer, og lagre igjen.")
