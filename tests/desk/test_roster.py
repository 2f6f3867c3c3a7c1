"""The roster of a week and the opening hours as people set them, on both databases."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from helpline.core.hours import OpenReason, Span
from helpline.core.roster import Mistake
from helpline.desk import opening, roster, set_hours
from helpline.desk.house import House
from helpline.desk.set_hours import HoursRefused
from helpline.errors import HelplineError, NotFound
from helpline.store import access
from helpline.store import opening as opening_store
from helpline.store.db import Database
from tests.conftest import MONDAY, HandClock, add_advisor

#: The Monday that the hand-moved clock stands on.
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        ("  ", ()),
        ("10-15", (Span(start=time(10), end=time(15)),)),
        ("kl. 9.30 til 12", (Span(start=time(9, 30), end=time(12)),)),
        ("18:00–21:00, 10:00–15:00", (Span(start=time(10), end=time(15)), Span(start=time(18), end=time(21)))),
        ("10-12 og 13-15", (Span(start=time(10), end=time(12)), Span(start=time(13), end=time(15)))),
        ("18–24", (Span(start=time(18), end=time(0), past_midnight=True),)),
        ("22–02", (Span(start=time(22), end=time(2), past_midnight=True),)),
        ("00-24", (Span(start=time(0), end=time(0), past_midnight=True),)),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: tuple[Span, ...]) -> None:
    assert set_hours.spans_from(text) == spans
    again = ", ".join(set_hours.in_words(span) for span in spans)
    assert set_hours.spans_from(again) == spans


@pytest.mark.parametrize("text", ["ti til tre", "10", "10-", "25-26", "10.75-11", "24-26", "10–15–18", "10-15 17-19"])
def test_what_is_no_span_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(HoursRefused, match=r"Skriv det som 10\.00–15\.00"):
        set_hours.spans_from(text)


async def test_the_week_is_set_and_holds(database: Database, house: House, clock: HandClock) -> None:
    async with database.writing() as session:
        await set_hours.set_week(session, {0: "10–15, 18–21", 4: "22–02"}, now=clock.now(), by=None)
    async with database.reading() as session:
        hours = await opening.hours(session, house=house, now=clock.now())
        logged = [(line.action, access.reason(session, line)) for line in await access.latest(session)]
    assert hours.is_open(MONDAY).open
    assert not hours.is_open(MONDAY + timedelta(hours=5)).open, "between the two spans"
    assert hours.is_open(datetime(2026, 11, 28, 0, 30, tzinfo=UTC)).open, "Friday's hours pass midnight"
    action, words = logged[0]
    assert action == "hours_changed"
    assert words == (
        "man 10.00–15.00, 18.00–21.00; tir stengt; ons stengt; tor stengt; fre 22.00–02.00; lør stengt; søn stengt"
    )


@pytest.mark.parametrize(
    ("weekly", "where"),
    [
        ({0: "10-15", 2: "ten"}, 2),
        ({3: "10-15, 14-18"}, 3),
        ({4: "22-04", 5: "03-10"}, 4),
        ({6: "22-04", 0: "03-10"}, 6),
    ],
)
async def test_a_week_that_cannot_be_names_the_day_and_changes_nothing(
    database: Database, clock: HandClock, weekly: dict[int, str], where: int
) -> None:
    with pytest.raises(HoursRefused) as refused:
        async with database.writing() as session:
            await set_hours.set_week(session, weekly, now=clock.now(), by=None)
    assert refused.value.where == where
    assert refused.value.sentence.lower().startswith(set_hours.WEEKDAYS[where])
    async with database.reading() as session:
        assert await opening_store.week(session) == []


async def test_an_exceptional_day_goes_before_the_week(database: Database, house: House, clock: HandClock) -> None:
    async with database.writing() as session:
        await set_hours.set_week(session, {0: "10–15"}, now=clock.now(), by=None)
        for text in ("", "22–02"):  # the second replaces the first
            await set_hours.set_day(
                session, TODAY, text, reason="Vi er på kurs.", house=house, now=clock.now(), by=None
            )
    async with database.reading() as session:
        hours = await opening.hours(session, house=house, now=clock.now())
        [kept] = await opening_store.exceptional_days(session, TODAY)
    assert (kept.opens, kept.closes, kept.reason) == ("22:00", "02:00", "Vi er på kurs.")
    assert hours.is_open(MONDAY).reason is OpenReason.EXCEPTIONAL
    assert not hours.is_open(MONDAY).open
    assert hours.is_open(MONDAY + timedelta(hours=14)).open, "past midnight"
    async with database.writing() as session:
        await set_hours.remove_day(session, TODAY, now=clock.now(), by=None)
        with pytest.raises(NotFound):
            await set_hours.remove_day(session, TODAY, now=clock.now(), by=None)
    async with database.reading() as session:
        assert (await opening.state(session, house=house, now=clock.now())).open


@pytest.mark.parametrize(
    ("day", "text", "reason"),
    [
        (TODAY - timedelta(days=1), "", "Stengt"),
        (TODAY, "10-12, 13-15", "Kurs"),
        (TODAY, "", " "),
        (TODAY, "", "x" * 201),
    ],
)
async def test_an_exceptional_day_that_cannot_be_is_refused(
    database: Database, house: House, clock: HandClock, day: date, text: str, reason: str
) -> None:
    async with database.writing() as session:
        with pytest.raises(HoursRefused):
            await set_hours.set_day(session, day, text, reason=reason, house=house, now=clock.now(), by=None)


async def test_closing_at_once_and_opening_again(database: Database, house: House, clock: HandClock) -> None:
    async with database.writing() as session:
        await set_hours.set_week(session, {0: "10–15"}, now=clock.now(), by=None)
        until = clock.now() + timedelta(hours=1)
        with pytest.raises(HoursRefused):
            await set_hours.close_now(session, reason="Strømbrudd", until=clock.now(), now=clock.now(), by=None)
        await set_hours.close_now(session, reason="Strømbrudd", until=until, now=clock.now(), by=None)
        with pytest.raises(HelplineError, match="allerede"):
            await set_hours.close_now(session, reason="Strømbrudd", until=None, now=clock.now(), by=None)
    async with database.reading() as session:
        state = await opening.state(session, house=house, now=clock.now())
        assert (state.open, state.reason, state.message) == (False, OpenReason.EMERGENCY, "Strømbrudd")
        assert (await opening.state(session, house=house, now=until)).open
    clock.advance(minutes=1)
    async with database.writing() as session:
        await set_hours.open_again(session, now=clock.now(), by=None)
        with pytest.raises(NotFound):
            await set_hours.open_again(session, now=clock.now(), by=None)
    async with database.reading() as session:
        assert (await opening.state(session, house=house, now=clock.now())).open
        assert [line.action for line in await access.latest(session)][:2] == ["opened_service", "closed_service"]


async def test_the_week_shows_shifts_gaps_and_what_looks_wrong(
    database: Database, house: House, clock: HandClock
) -> None:
    kari, ola = await add_advisor(database, clock, "Kari"), await add_advisor(database, clock, "Ola")
    async with database.writing() as session:
        await set_hours.set_week(session, {0: "10–15", 1: "10–15", 4: "22–02"}, now=clock.now(), by=None)
        for advisor, offset, text in (
            (kari, 0, "10–13"),
            (kari, 0, "12–14"),  # overlaps her own
            (ola, 1, "06–20"),  # too long
            (ola, 2, "10–15"),  # closed that day
            (kari, 4, "22–23"),  # the hours pass midnight, and she does not
        ):
            await roster.add(
                session,
                advisor_id=advisor.id,
                day=TODAY + timedelta(days=offset),
                text=text,
                house=house,
                now=clock.now(),
                by=kari.id,
            )
    async with database.reading() as session:
        week = await roster.week(session, roster.monday_of(TODAY + timedelta(days=3)), house=house)
        logged = await access.latest(session)
    assert week.monday == TODAY
    shown = [[(one.name, one.mistakes) for one in day.shifts] for day in week.days]
    assert shown[0] == [("Kari", ()), ("Kari", (Mistake.OVERLAP,))]
    assert shown[1] == [("Ola", (Mistake.TOO_LONG,))]
    assert shown[2] == [("Ola", (Mistake.OUTSIDE_HOURS,))]
    assert shown[4] == [("Kari", ())]
    oslo = [
        (gap.starts_at.astimezone(house.zone).strftime("%a %H"), gap.ends_at.astimezone(house.zone).strftime("%a %H"))
        for gap in week.gaps
    ]
    # A gap over midnight is shown on both its days.
    assert oslo == [("Mon 14", "Mon 15"), ("Fri 23", "Sat 00"), ("Sat 00", "Sat 02")]
    assert [bool(day.gaps) for day in week.days] == [True, False, False, False, True, True, False]
    assert roster.length_of(week.gaps) == timedelta(hours=4)
    assert {line.action for line in logged if line.advisor_id == kari.id} == {"shift_added"}


async def test_shifts_are_refused_removed_and_copied(database: Database, house: House, clock: HandClock) -> None:
    kari = await add_advisor(database, clock, "Kari")
    gone = await add_advisor(database, clock, "Ola")

    async def add(day: date, text: str, advisor_id: int = kari.id) -> int:
        async with database.writing() as session:
            return await roster.add(
                session, advisor_id=advisor_id, day=day, text=text, house=house, now=clock.now(), by=None
            )

    first = await add(TODAY, "10–15")
    await add(TODAY + timedelta(days=6), "22–06")
    await add(TODAY, "10–15", gone.id)
    for day, text in ((TODAY, "10–15"), (TODAY, "10-12, 13-15"), (TODAY, ""), (date(2029, 1, 1), "10-15")):
        with pytest.raises(HelplineError):
            await add(day, text)
    async with database.writing() as session:
        (await session.merge(gone)).active = False
    with pytest.raises(NotFound):
        await add(TODAY, "11–12", gone.id)

    next_monday = TODAY + timedelta(days=7)
    for added in (2, 0):
        async with database.writing() as session:
            assert await roster.copy_week(session, next_monday, house=house, now=clock.now(), by=None) == added
    async with database.reading() as reading:
        week = await roster.week(reading, next_monday, house=house)
    assert [(day.day, one.name) for day in week.days for one in day.shifts] == [
        (next_monday, "Kari"),
        (next_monday + timedelta(days=6), "Kari"),
    ]
    async with database.writing() as session:
        await roster.remove(session, first, house=house, now=clock.now(), by=None)
        with pytest.raises(NotFound):
            await roster.remove(session, first, house=house, now=clock.now(), by=None)


async def test_a_copied_week_keeps_the_wall_clock_over_the_change_of_clocks(
    database: Database, house: House, clock: HandClock
) -> None:
    kari = await add_advisor(database, clock, "Kari")
    before = date(2026, 10, 19)  # the clocks go back on Sunday 25 October
    async with database.writing() as session:
        await roster.add(session, advisor_id=kari.id, day=before, text="10–15", house=house, now=clock.now(), by=None)
        await roster.copy_week(session, before + timedelta(days=7), house=house, now=clock.now(), by=None)
    async with database.reading() as reading:
        [shift] = (await roster.week(reading, before + timedelta(days=7), house=house)).days[0].shifts
    assert shift.starts_at.astimezone(house.zone).hour == 10
    assert shift.starts_at.hour == 9
