from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.hours import (
    OSLO,
    EmergencyClosing,
    ExceptionalDay,
    OpeningHours,
    OpenReason,
    OpenState,
    Span,
    wall_clock,
)

TEN_TO_THREE = Span(start=time(10), end=time(15))
WEEKDAYS = dict.fromkeys(range(5), (TEN_TO_THREE,))
ALL_DAY = Span(start=time(0), end=time(0), past_midnight=True)
ROUND_THE_CLOCK = dict.fromkeys(range(7), (ALL_DAY,))


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


def opened(reason: OpenReason, closes: str | None, message: str = "") -> OpenState:
    return OpenState(open=True, reason=reason, closes_at=oslo(closes) if closes else None, message=message)


def closed(reason: OpenReason, opens: str | None, message: str = "") -> OpenState:
    return OpenState(open=False, reason=reason, opens_at=oslo(opens) if opens else None, message=message)


# 2026-03-02 is a Monday. Clocks change on Sundays 2026-03-29 (02 → 03) and 2026-10-25 (03 → 02).
LINE = OpeningHours(
    weekly=WEEKDAYS | {2: (TEN_TO_THREE, Span(start=time(18), end=time(21)))},
    exceptional=(
        ExceptionalDay(day=date(2026, 3, 10), reason="Vi er på kurs i dag."),
        ExceptionalDay(day=date(2026, 3, 14), spans=(Span(start=time(12), end=time(14)),), reason="Åpen lørdag."),
        ExceptionalDay(day=date(2026, 4, 2), spans=(Span(start=time(11), end=time(12)),), reason="Skjærtorsdag."),
    ),
    holidays={date(2026, 4, 2): "skjærtorsdag", date(2026, 4, 3): "langfredag", date(2026, 4, 6): "andre påskedag"},
)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T09:59:59", closed(OpenReason.HOURS, "2026-03-02T10:00")),
        ("2026-03-02T10:00:00", opened(OpenReason.HOURS, "2026-03-02T15:00")),
        ("2026-03-02T14:59:59", opened(OpenReason.HOURS, "2026-03-02T15:00")),
        ("2026-03-02T15:00:00", closed(OpenReason.HOURS, "2026-03-03T10:00")),
        ("2026-03-04T16:00", closed(OpenReason.HOURS, "2026-03-04T18:00")),
        ("2026-03-04T20:00", opened(OpenReason.HOURS, "2026-03-04T21:00")),
        ("2026-03-06T15:00", closed(OpenReason.HOURS, "2026-03-09T10:00")),
        ("2026-03-10T11:00", closed(OpenReason.EXCEPTIONAL, "2026-03-11T10:00", "Vi er på kurs i dag.")),
        ("2026-03-14T13:00", opened(OpenReason.EXCEPTIONAL, "2026-03-14T14:00", "Åpen lørdag.")),
        ("2026-03-14T14:00", closed(OpenReason.EXCEPTIONAL, "2026-03-16T10:00", "Åpen lørdag.")),
        ("2026-04-02T11:30", opened(OpenReason.EXCEPTIONAL, "2026-04-02T12:00", "Skjærtorsdag.")),
        ("2026-04-03T11:30", closed(OpenReason.HOLIDAY, "2026-04-07T10:00", "langfredag")),
        # The weekend of the change: Friday 15 o'clock winter time to Monday 10 o'clock summer time.
        ("2026-03-27T15:00", closed(OpenReason.HOURS, "2026-03-30T10:00")),
    ],
)
def test_is_open(at: str, expected: OpenState) -> None:
    assert LINE.is_open(oslo(at)) == expected
    assert LINE.next_opening(oslo(at)) == (expected.opens_at or LINE.next_opening(expected.closes_at or oslo(at)))


def test_the_same_wall_clock_hours_before_and_after_the_change() -> None:
    hours = OpeningHours(weekly=ROUND_THE_CLOCK | {6: (TEN_TO_THREE,)})
    before, after = oslo("2026-03-22T10:00"), oslo("2026-03-29T10:00")
    assert (before.hour, after.hour) == (9, 8)
    assert hours.is_open(after).open
    assert not hours.is_open(after - timedelta(seconds=1)).open


@pytest.mark.parametrize(
    ("day", "shown", "utc"),
    [
        (date(2026, 3, 29), time(1, 59), "2026-03-29T00:59"),
        (date(2026, 3, 29), time(2, 0), "2026-03-29T01:00"),
        (date(2026, 3, 29), time(2, 30), "2026-03-29T01:00"),
        (date(2026, 3, 29), time(3, 0), "2026-03-29T01:00"),
        (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        (date(2026, 10, 25), time(3, 0), "2026-10-25T02:00"),
    ],
)
def test_wall_clock(day: date, shown: time, utc: str) -> None:
    assert wall_clock(day, shown, OSLO) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    hours = OpeningHours(weekly={5: (Span(start=time(22), end=time(4), past_midnight=True),)})
    lengths = [
        ends_at - starts_at
        for day in (date(2026, 3, 28), date(2026, 7, 4), date(2026, 10, 24))
        for starts_at, ends_at in hours.periods(day, day)
    ]
    assert lengths == [timedelta(hours=5), timedelta(hours=6), timedelta(hours=7)]


def test_hours_that_the_clocks_skip_are_closed() -> None:
    hours = OpeningHours(weekly={6: (Span(start=time(2, 10), end=time(2, 50)),)})
    day = date(2026, 3, 29)
    assert list(hours.periods(day, day)) == []
    assert list(hours.periods(day + timedelta(days=7), day + timedelta(days=7))) != []


def test_a_span_past_midnight_belongs_to_the_evening_it_starts() -> None:
    hours = OpeningHours(
        weekly={4: (Span(start=time(22), end=time(2), past_midnight=True),)},
        exceptional=(ExceptionalDay(day=date(2026, 3, 7), reason="Stengt lørdag."),),
    )
    assert hours.is_open(oslo("2026-03-07T01:30")) == opened(OpenReason.HOURS, "2026-03-07T02:00")
    assert hours.is_open(oslo("2026-03-07T02:00")) == closed(
        OpenReason.EXCEPTIONAL, "2026-03-13T22:00", "Stengt lørdag."
    )


def test_days_that_touch_are_one_opening() -> None:
    hours = OpeningHours(weekly={0: (ALL_DAY,), 1: (ALL_DAY,), 2: (Span(start=time(0), end=time(8)),)})
    assert hours.is_open(oslo("2026-03-02T12:00")) == opened(OpenReason.HOURS, "2026-03-04T08:00")
    always = OpeningHours(weekly=ROUND_THE_CLOCK)
    assert always.is_open(oslo("2026-03-02T12:00")) == opened(OpenReason.HOURS, None)
    assert always.next_opening(oslo("2026-03-02T12:00")) is None


def test_nothing_configured_is_closed() -> None:
    for hours in (
        OpeningHours(),
        OpeningHours(weekly={0: ()}),
        OpeningHours(exceptional=(ExceptionalDay(day=date(2026, 3, 2), reason="Stengt"),)),
    ):
        assert hours.is_open(oslo("2026-03-02T12:00")) == closed(OpenReason.UNCONFIGURED, None)
        assert hours.next_opening(oslo("2026-03-02T12:00")) is None


def test_emergency_closing_until_a_moment() -> None:
    closing = EmergencyClosing(
        starts_at=oslo("2026-03-02T11:00"), ends_at=oslo("2026-03-03T12:00"), message="Vi har strømbrudd."
    )
    hours = OpeningHours(weekly=WEEKDAYS, emergencies=(closing,))
    assert hours.is_open(oslo("2026-03-02T10:30")) == opened(OpenReason.HOURS, "2026-03-02T11:00")
    for at in ("2026-03-02T11:00", "2026-03-02T20:00", "2026-03-03T11:59"):
        assert hours.is_open(oslo(at)) == closed(OpenReason.EMERGENCY, "2026-03-03T12:00", "Vi har strømbrudd.")
    assert hours.is_open(oslo("2026-03-03T12:00")) == opened(OpenReason.HOURS, "2026-03-03T15:00")


def test_emergency_closing_until_further_notice_wins_over_everything() -> None:
    closing = EmergencyClosing(starts_at=oslo("2026-03-02T11:00"), message="Stengt inntil videre.")
    for hours in (OpeningHours(weekly=ROUND_THE_CLOCK, emergencies=(closing,)), OpeningHours(emergencies=(closing,))):
        assert hours.is_open(oslo("2026-03-02T11:00")) == closed(OpenReason.EMERGENCY, None, "Stengt inntil videre.")
    always = OpeningHours(weekly=ROUND_THE_CLOCK, emergencies=(closing,))
    assert always.is_open(oslo("2026-03-02T10:00")) == opened(OpenReason.HOURS, "2026-03-02T11:00")


def test_overlapping_emergencies_end_with_the_last() -> None:
    hours = OpeningHours(
        weekly=ROUND_THE_CLOCK,
        emergencies=(
            EmergencyClosing(starts_at=oslo("2026-03-02T12:00"), ends_at=oslo("2026-03-02T18:00")),
            EmergencyClosing(starts_at=oslo("2026-03-02T11:00"), ends_at=oslo("2026-03-02T13:00")),
        ),
    )
    assert hours.is_open(oslo("2026-03-02T11:30")).opens_at == oslo("2026-03-02T18:00")


@pytest.mark.parametrize(
    ("spans", "says"),
    [
        ((TEN_TO_THREE, Span(start=time(14), end=time(16))), "The hours 10:00–15:00 and 14:00–16:00 overlap."),
        ((ALL_DAY, TEN_TO_THREE), "overlap"),
    ],
)
def test_overlapping_spans_are_refused(spans: tuple[Span, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        OpeningHours(weekly={0: spans})
    with pytest.raises(ValueError, match=says):
        OpeningHours(exceptional=(ExceptionalDay(day=date(2026, 3, 2), spans=spans),))


def test_more_bad_hours() -> None:
    night = Span(start=time(22), end=time(2), past_midnight=True)
    with pytest.raises(ValueError, match="22:00–02:00 past midnight overlap the next day's 01:00–03:00"):
        OpeningHours(weekly={6: (night,), 0: (Span(start=time(1), end=time(3)),)})
    with pytest.raises(ValueError, match=r"Monday.*not 7"):
        OpeningHours(weekly={7: (TEN_TO_THREE,)})
    with pytest.raises(ValueError, match="2026-03-02 has two"):
        OpeningHours(exceptional=(ExceptionalDay(day=date(2026, 3, 2)), ExceptionalDay(day=date(2026, 3, 2))))
    with pytest.raises(ValueError, match="end before they start"):
        Span(start=time(15), end=time(10))
    with pytest.raises(ValueError, match="end before they start"):
        Span(start=time(15), end=time(15))
    with pytest.raises(ValueError, match="more than a day"):
        Span(start=time(10), end=time(15), past_midnight=True)
    with pytest.raises(ValueError, match="whole minutes"):
        Span(start=time(10, 0, 1), end=time(15))
    with pytest.raises(ValueError, match="ends before it starts"):
        EmergencyClosing(starts_at=oslo("2026-03-02T11:00"), ends_at=oslo("2026-03-02T11:00"))
    with pytest.raises(ValueError, match="time zone"):
        EmergencyClosing(starts_at=oslo("2026-03-02T11:00").replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        LINE.is_open(oslo("2026-03-02T11:00").replace(tzinfo=None))


@pytest.mark.parametrize(
    ("opens", "closes", "span"),
    [
        ("10:00", "15:00", TEN_TO_THREE),
        ("00:00", "24:00", ALL_DAY),
        ("08:30", "24:00", Span(start=time(8, 30), end=time(0), past_midnight=True)),
    ],
)
def test_parse(opens: str, closes: str, span: Span) -> None:
    assert Span.parse(opens, closes) == span


@pytest.mark.parametrize("text", ["", "9:00", "25:00", "10.00", "10:60", "10:0a", "10:000", "١٠:٠٠", "-1:00"])
def test_parse_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        Span.parse(text, "24:00")


def spans() -> st.SearchStrategy[tuple[Span, ...]]:
    """Up to three spans of a day that do not overlap; the last may end at midnight."""

    def build(minutes: list[int]) -> tuple[Span, ...]:
        pairs = list(zip(minutes[::2], minutes[1::2], strict=False))
        return tuple(
            Span.parse(f"{start // 60:02}:{start % 60:02}", f"{end // 60:02}:{end % 60:02}") for start, end in pairs
        )

    return st.lists(st.integers(0, 24 * 60), unique=True, max_size=6).map(sorted).map(build)


DAYS = st.dates(date(2025, 12, 1), date(2027, 2, 1))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
EMERGENCIES = st.builds(
    lambda starts_at, length: EmergencyClosing(starts_at=starts_at, ends_at=length and starts_at + length),
    MOMENTS,
    st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=20)),
)
HOURS = st.builds(
    OpeningHours,
    weekly=st.dictionaries(st.integers(0, 6), spans()),
    exceptional=st.lists(st.builds(ExceptionalDay, day=DAYS, spans=spans()), unique_by=lambda day: day.day).map(tuple),
    holidays=st.dictionaries(DAYS, st.text(max_size=5)),
    emergencies=st.lists(EMERGENCIES, max_size=3).map(tuple),
)


@given(HOURS, MOMENTS)
def test_the_state_holds_until_it_says_it_changes(hours: OpeningHours, at: datetime) -> None:
    state = hours.is_open(at)
    change = state.closes_at if state.open else state.opens_at
    assert state.open or state.closes_at is None
    assert not state.open or state.opens_at is None
    if change is not None:
        assert change > at
        assert hours.is_open(change).open is not state.open
        assert hours.is_open(change - timedelta(microseconds=1)).open is state.open
        assert hours.is_open(at + (change - at) / 2).open is state.open


@given(HOURS, MOMENTS)
def test_open_only_when_the_wall_clock_and_no_emergency_says_so(hours: OpeningHours, at: datetime) -> None:
    local = at.astimezone(OSLO)
    exception = {day.day: day for day in hours.exceptional}.get(local.date())
    if exception is not None:
        today = exception.spans
    else:
        today = () if local.date() in hours.holidays else hours.weekly.get(local.weekday(), ())
    minute = local.hour * 60 + local.minute
    by_wall_clock = any(span.minutes[0] <= minute < span.minutes[1] for span in today)
    emergency = any(closing.covers(at) for closing in hours.emergencies)
    changing = local.date() in {date(2026, 3, 29), date(2026, 10, 25)}
    if not changing:
        assert hours.is_open(at).open is (by_wall_clock and not emergency)
