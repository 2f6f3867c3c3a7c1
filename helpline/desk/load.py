"""The load on advisors in a period, of each and of the team. Who may see whose is the page's to decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from helpline.core.codes import Channel
from helpline.core.duty import OfferState
from helpline.core.hours import wall_clock
from helpline.core.load import Load, conversation, hours
from helpline.desk.house import House
from helpline.store import loads
from helpline.store.db import ReadSession


@dataclass(frozen=True, kw_only=True)
class Loads:
    """The load of everybody who had any, by the advisor's id, and of all together."""

    by_advisor: Mapping[int, Load]
    team: Load


async def of_period(
    session: ReadSession, *, house: House, first: date, last: date, now: datetime, include_simulated: bool
) -> Loads:
    """The load of a period, both days included, today as far as it has come.

    It is read from duty changes, offers, contacts and calls as they stand: they are kept, and are no part of the
    records, so it can be counted for closed days too, but not for days before the service was used.
    """
    begins = wall_clock(first, time(0), house.zone)
    ends = min(wall_clock(last + timedelta(days=1), time(0), house.zone), now)
    found: dict[int, Load] = {}

    def add(advisor_id: int, more: Load) -> None:
        found[advisor_id] = found.get(advisor_id, Load()) + more

    if begins < ends:
        for advisor_id, course in (await loads.courses(session, begins=begins, ends=ends)).items():
            add(advisor_id, Load(hours=hours(course, begins=begins, ends=ends)))
        for one in await loads.attended(session, begins=begins, ends=ends, include_simulated=include_simulated):
            seconds = None
            if one.channel is Channel.PHONE:
                seconds = conversation(
                    answered_at=one.answered_at, ended_at=one.ended_at, leg_ended_at=one.leg_ended_at
                )
            add(one.advisor_id, Load(attended=1, calls=int(seconds is not None), call_seconds=seconds or 0))
        told = await loads.offers(session, begins=begins, ends=ends, include_simulated=include_simulated)
        for (advisor_id, state), number in told.items():
            add(
                advisor_id,
                Load(
                    missed=number if state is OfferState.MISSED else 0,
                    passed=number if state is OfferState.PASSED else 0,
                    accepted=number if state is OfferState.ACCEPTED else 0,
                ),
            )
    own = {advisor_id: load for advisor_id, load in sorted(found.items()) if not load.idle}
    return Loads(by_advisor=own, team=sum(own.values(), Load()))
