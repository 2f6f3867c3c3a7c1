"""The load on advisors from what really happened: a day of offers, a conversation, pauses."""

from datetime import date, timedelta

from helpline.core.codes import Outcome
from helpline.core.duty import PauseReason
from helpline.desk import load
from helpline.desk.load import Loads
from tests.desk.line import KARI, OLA, Line
from tests.desk.test_offers import pause, waits

TODAY = date(2026, 11, 23)


async def counted(line: Line, first: date = TODAY, last: date = TODAY, *, include_simulated: bool = False) -> Loads:
    async with line.database.reading() as session:
        return await load.of_period(
            session,
            house=line.house,
            first=first,
            last=last,
            now=line.clock.now(),
            include_simulated=include_simulated,
        )


async def test_a_day_is_counted_from_what_happened(line: Line) -> None:
    ask = await line.advisor("Ask Eksempel")
    line.clock.advance(minutes=10)
    contact = await waits(line, KARI)
    await line.accept(ask)
    line.clock.advance(minutes=30)
    await line.close(ask, contact, outcome=Outcome.COUNSELLED)
    line.clock.advance(minutes=5)
    await pause(line, ask)
    line.clock.advance(minutes=15)
    await line.on_duty(ask)
    # Held out to them again, and nobody answers.
    await waits(line, OLA)
    line.clock.advance(minutes=2)
    assert await line.expire() == 1
    line.clock.advance(minutes=3)

    found = await counted(line)
    mine = found.by_advisor[ask.id]
    assert (mine.attended, mine.accepted, mine.missed, mine.passed) == (1, 1, 1, 0)
    assert mine.hours.busy == 30 * 60
    assert mine.hours.ready == (10 + 5 + 2) * 60
    assert mine.hours.pauses == {PauseReason.BREAK: 15 * 60, PauseReason.MISSED_OFFER: 3 * 60}
    # A text conversation has no length of its own: several may go on at once.
    assert mine.calls == 0
    assert found.team == mine

    # Before the day there is nothing; the day after begins on the pause that stands.
    assert (await counted(line, TODAY - timedelta(days=9), TODAY - timedelta(days=1))).by_advisor == {}
    assert (await counted(line, TODAY + timedelta(days=1), TODAY + timedelta(days=1))).by_advisor == {}
    line.clock.advance(days=1)
    tomorrow = (await counted(line, TODAY + timedelta(days=1), TODAY + timedelta(days=1))).by_advisor[ask.id]
    assert tomorrow.attended == 0
    assert list(tomorrow.hours.pauses) == [PauseReason.MISSED_OFFER]


async def test_a_team_is_the_sum_of_its_advisors(line: Line) -> None:
    people = [await line.advisor(f"Rådgiver {number}") for number in range(2)]
    line.clock.advance(minutes=20)
    await pause(line, people[0], PauseReason.MEETING)
    line.clock.advance(minutes=40)
    found = await counted(line)
    assert found.team.hours.on_duty == 2 * 60 * 60
    assert found.team.hours.paused == 40 * 60
    assert sum(found.by_advisor[one.id].hours.ready for one in people) == found.team.hours.ready
