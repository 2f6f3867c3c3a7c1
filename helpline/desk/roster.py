"""The roster of a week: shifts planned and taken out, gaps against the opening hours, and what looks wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from helpline.core import roster as rules
from helpline.core.hours import wall_clock
from helpline.core.roster import Gap, Mistake
from helpline.desk import opening
from helpline.desk.house import House
from helpline.desk.set_hours import HoursRefused, in_words, spans_from
from helpline.errors import HelplineError, NotFound
from helpline.store import access, advisors, shifts
from helpline.store.db import ReadSession, WriteSession

#: How far from today the plan reaches.
HORIZON = timedelta(days=400)
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A shift as the week shows it. Aware UTC times."""

    id: int
    advisor_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, kw_only=True)
class PlannedDay:
    """A local day: the open periods and the shifts that start then, and the gaps between its midnights. UTC times."""

    day: date
    open: tuple[tuple[datetime, datetime], ...]
    shifts: tuple[Planned, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, kw_only=True)
class PlannedWeek:
    """Seven days from a Monday."""

    monday: date
    days: tuple[PlannedDay, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for day in self.days for gap in day.gaps)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


async def week(session: ReadSession, monday: date, *, house: House, needed: int = 1) -> PlannedWeek:
    """A week of the roster, from its Monday; a gap is where fewer than `needed` are planned while the line is open."""
    starts_at, ends_at = _bounds(monday, house)
    hours = await opening.hours(session, house=house, now=starts_at)
    # A day more on either side: a shift past midnight may overlap one of the week.
    near = await shifts.within(session, starts_at - _DAY, ends_at + _DAY)
    every = [shifts.as_rule(row) for row, _ in near]
    wrong: dict[rules.Shift, list[Mistake]] = {}
    for problem in rules.problems(every, hours):
        wrong.setdefault(problem.shift, []).append(problem.mistake)
    planned = [
        Planned(
            id=row.id,
            advisor_id=row.advisor_id,
            name=name,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            mistakes=tuple(wrong.get(shifts.as_rule(row), ())),
        )
        for row, name in near
    ]
    days = []
    for day in (monday + timedelta(days=number) for number in range(7)):
        midnight, next_midnight = wall_clock(day, time(0), house.zone), wall_clock(day + _DAY, time(0), house.zone)
        days.append(
            PlannedDay(
                day=day,
                open=tuple(hours.periods(day, day)),
                shifts=tuple(one for one in planned if _day_of(one.starts_at, house) == day),
                gaps=rules.gaps(every, hours, starts_at=midnight, ends_at=next_midnight, needed=needed),
            )
        )
    return PlannedWeek(monday=monday, days=tuple(days))


async def add(
    session: WriteSession, *, advisor_id: int, day: date, text: str, house: House, now: datetime, by: int | None
) -> int:
    """Plan an advisor on a day, by hours as people write them («10–15», «22–02»). Returns the shift's id.

    Raises:
        NotFound: there is no such advisor, or they are closed.
        HelplineError: the hours are not one span, the day is too far away, or the shift is planned already.
    """
    advisor = await advisors.by_id(session, advisor_id)
    if advisor is None or not advisor.active:
        raise NotFound("Velg en rådgiver som er aktiv.")
    if abs(day - _day_of(now, house)) > HORIZON:
        raise HelplineError("Dagen er for langt unna. Vakter settes innenfor et drøyt år.")
    spans = spans_from(text)
    if len(spans) != 1 or spans[0].start == spans[0].end:
        raise HoursRefused("Skriv ett tidsrom for vakten, for eksempel 10.00–15.00.")
    try:
        shift = rules.shift_on(advisor.id, day, spans[0], house.zone)
    except ValueError as error:
        raise HoursRefused("Klokka stilles den natten, og tidsrommet finnes ikke. Velg et annet.") from error
    if any(shifts.as_rule(row) == shift for row, _ in await shifts.within(session, shift.starts_at, shift.ends_at)):
        raise HelplineError(f"{advisor.name} har den vakten allerede.")
    row = await shifts.add(session, shift)
    words = f"{advisor.name} {day.isoformat()} {in_words(spans[0])}"
    await access.log(session, now=now, action="shift_added", advisor_id=by, reason=words)
    return row.id


async def remove(session: WriteSession, shift_id: int, *, house: House, now: datetime, by: int | None) -> None:
    """Take a shift out of the plan.

    Raises:
        NotFound: it is gone already.
    """
    removed = await shifts.remove(session, shift_id)
    if removed is None:
        raise NotFound("Vakten er fjernet allerede.")
    advisor = await advisors.by_id(session, removed.advisor_id)
    starts = removed.starts_at.astimezone(house.zone)
    words = f"{advisor.name if advisor else removed.advisor_id} {starts:%Y-%m-%d %H.%M}"
    await access.log(session, now=now, action="shift_removed", advisor_id=by, reason=words)


async def copy_week(session: WriteSession, monday: date, *, house: House, now: datetime, by: int | None) -> int:
    """Plan a week as the one before it, by the wall clock; shifts that are there already and advisors who are closed
    are left out. Returns how many shifts were added."""
    before, _ = _bounds(monday - 7 * _DAY, house)
    starts_at, ends_at = _bounds(monday, house)
    there = {shifts.as_rule(row) for row, _ in await shifts.within(session, starts_at, ends_at)}
    active = {advisor.id for advisor in await advisors.everyone(session) if advisor.active}
    added = 0
    for row, _ in await shifts.within(session, before, starts_at):
        if row.starts_at < before or row.advisor_id not in active:
            continue
        moved_start, moved_end = _a_week_later(row.starts_at, house), _a_week_later(row.ends_at, house)
        if moved_start >= moved_end:  # the clocks skip the whole shift that night
            continue
        moved = rules.Shift(advisor_id=row.advisor_id, starts_at=moved_start, ends_at=moved_end)
        if moved not in there:
            await shifts.add(session, moved)
            added += 1
    if added:
        words = f"{monday.isoformat()}: {added}"
        await access.log(session, now=now, action="week_copied", advisor_id=by, reason=words)
    return added


def length_of(gaps: Sequence[Gap]) -> timedelta:
    """How long the line is open with too few planned."""
    return sum((gap.ends_at - gap.starts_at for gap in gaps), timedelta())


def _a_week_later(at: datetime, house: House) -> datetime:
    local = at.astimezone(house.zone)
    return wall_clock(local.date() + 7 * _DAY, local.time().replace(tzinfo=None), house.zone)


def _bounds(monday: date, house: House) -> tuple[datetime, datetime]:
    return wall_clock(monday, time(0), house.zone), wall_clock(monday + 7 * _DAY, time(0), house.zone)


def _day_of(at: datetime, house: House) -> date:
    return at.astimezone(house.zone).date()
