"""What the demo's advisors did: it follows the example log, adds up, and shows a team on the load page."""

from collections import Counter
from datetime import timedelta
from functools import cache

from helpline.core.codes import Origin
from helpline.core.duty import Duty, OfferState, PauseReason
from helpline.core.load import DutyStep, hours
from helpline.core.record import OSLO
from helpline.desk import example, load
from helpline.desk.example_log import log_until
from helpline.desk.example_work import Work, work
from helpline.desk.house import House
from helpline.store.db import Database
from tests.conftest import MONDAY

TODAY = MONDAY.date()


@cache
def done() -> Work:
    return work(log_until(TODAY, OSLO), (1, 2, 3), OSLO)


def test_every_contact_was_offered_and_accepted_once_and_names_nobody() -> None:
    found = done()
    accepted = [offer for offer in found.offers if offer["state"] is OfferState.ACCEPTED]
    assert [offer["contact"] for offer in accepted] == list(range(len(found.contacts)))
    for offer, contact in zip(accepted, found.contacts, strict=True):
        assert (offer["advisor_id"], offer["ended_at"]) == (contact["advisor_id"], contact["accepted_at"])
        assert contact["opened_at"] <= contact["accepted_at"] < contact["ended_at"] < contact["closed_at"]
    assert {contact["origin"] for contact in found.contacts} == {Origin.SIMULATED}
    # As a contact stands when its content has been forgotten.
    for contact in found.contacts:
        assert "caller_id" not in contact
        assert contact["erased_at"] == contact["closed_at"]
    states = Counter(offer["state"] for offer in found.offers)
    assert set(states) == {OfferState.ACCEPTED, OfferState.MISSED, OfferState.PASSED}
    assert 0.01 < states[OfferState.MISSED] / len(found.offers) < 0.08


def test_a_course_of_duty_is_in_order_and_ends_every_day() -> None:
    for advisor_id in (1, 2, 3):
        course = [
            DutyStep(at=step["at"], duty=step["duty"], pause_reason=step["pause_reason"])
            for step in done().duty
            if step["advisor_id"] == advisor_id
        ]
        # An exception, were they not in order.
        spent = hours(course, begins=MONDAY - timedelta(days=731), ends=MONDAY)
        assert course[-1].duty is Duty.OFF
        assert spent.occupancy is not None
        assert 0.15 < spent.occupancy < 0.75, advisor_id
        assert {PauseReason.BREAK, PauseReason.DEBRIEF} <= spent.pauses.keys()
        days = Counter(step.at.astimezone(OSLO).date() for step in course if step.duty is Duty.OFF)
        assert set(days.values()) == {1}


def test_it_is_the_same_every_time() -> None:
    assert work(log_until(TODAY, OSLO), (1, 2, 3), OSLO) == done()


async def test_the_demo_has_a_team_with_last_year_beside_it(database: Database, house: House) -> None:
    async with database.writing() as session:
        assert await example.load(session, house=house, now=MONDAY)
    for ago in (timedelta(0), timedelta(weeks=52)):
        last = TODAY - ago
        async with database.reading() as session:
            found = await load.of_period(
                session,
                house=house,
                first=last - timedelta(days=29),
                last=last,
                now=MONDAY,
                include_simulated=True,
            )
        assert len(found.by_advisor) == 3
        assert found.team.attended == found.team.accepted > 50
        assert found.team.calls > 40
        assert found.team.hours.on_duty > 100 * 3600
    async with database.reading() as session:
        real = await load.of_period(session, house=house, first=TODAY, last=TODAY, now=MONDAY, include_simulated=False)
    assert real.team.attended == real.team.accepted == 0
