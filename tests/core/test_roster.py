from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.hours import OSLO, EmergencyClosing, OpeningHours, Span
from helpline.core.roster import Gap, Mistake, Problem, Shift, gaps, next_change, planned, problems, shift_on

HOURS = OpeningHours(weekly=dict.fromkeys(range(5), (Span.parse("10:00", "15:00"),)))
NIGHTS = OpeningHours(weekly=dict.fromkeys(range(7), (Span(start=time(22), end=time(6), past_midnight=True),)))
MONDAY = date(2026, 3, 2)


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


def shift(advisor_id: int, starts: str, ends: str) -> Shift:
    return Shift(advisor_id=advisor_id, starts_at=oslo(starts), ends_at=oslo(ends))


def gap(starts: str, ends: str, planned: int = 0, needed: int = 1) -> Gap:
    return Gap(starts_at=oslo(starts), ends_at=oslo(ends), planned=planned, needed=needed)


MORNING = shift(1, "2026-03-02T09:45", "2026-03-02T12:00")
MIDDAY = shift(2, "2026-03-02T11:00", "2026-03-02T14:00")


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-03-02T09:44", ()),
        ("2026-03-02T09:45", (1,)),
        ("2026-03-02T11:00", (1, 2)),
        ("2026-03-02T12:00", (2,)),
        ("2026-03-02T14:00", ()),
    ],
)
def test_planned(at: str, who: tuple[int, ...]) -> None:
    assert planned([MIDDAY, MORNING, MORNING], oslo(at)) == who


def test_next_change() -> None:
    assert next_change([MIDDAY, MORNING], oslo("2026-03-02T09:45")) == oslo("2026-03-02T11:00")
    assert next_change([MIDDAY, MORNING], oslo("2026-03-02T14:00")) is None


@pytest.mark.parametrize(
    ("shifts", "needed", "expected"),
    [
        ([], 1, [gap("2026-03-02T10:00", "2026-03-02T15:00"), gap("2026-03-03T10:00", "2026-03-03T12:00")]),
        (
            [MORNING, MIDDAY],
            1,
            [gap("2026-03-02T14:00", "2026-03-02T15:00"), gap("2026-03-03T10:00", "2026-03-03T12:00")],
        ),
        (
            [MORNING, MIDDAY, shift(3, "2026-03-03T08:00", "2026-03-03T20:00")],
            2,
            [
                gap("2026-03-02T10:00", "2026-03-02T11:00", 1, 2),
                gap("2026-03-02T12:00", "2026-03-02T14:00", 1, 2),
                gap("2026-03-02T14:00", "2026-03-02T15:00", 0, 2),
                gap("2026-03-03T10:00", "2026-03-03T12:00", 1, 2),
            ],
        ),
        # A handover at noon, and one advisor's two shifts on end, are no gap and no seam.
        (
            [
                MORNING,
                shift(2, "2026-03-02T12:00", "2026-03-02T13:00"),
                shift(2, "2026-03-02T13:00", "2026-03-03T16:00"),
            ],
            2,
            [
                gap("2026-03-02T10:00", "2026-03-02T15:00", 1, 2),
                gap("2026-03-03T10:00", "2026-03-03T12:00", 1, 2),
            ],
        ),
    ],
)
def test_gaps(shifts: list[Shift], needed: int, expected: list[Gap]) -> None:
    found = gaps(shifts, HOURS, starts_at=oslo("2026-03-02T00:00"), ends_at=oslo("2026-03-03T12:00"), needed=needed)
    assert list(found) == expected


def test_a_night_of_changing_clocks_has_its_real_length() -> None:
    night = Span(start=time(22), end=time(6), past_midnight=True)
    for day, length in ((date(2026, 3, 28), 7), (MONDAY, 8), (date(2026, 10, 24), 9)):
        whole = shift_on(1, day, night)
        assert whole.ends_at - whole.starts_at == timedelta(hours=length)
        assert gaps([whole], NIGHTS, starts_at=whole.starts_at, ends_at=whole.ends_at) == ()
        eight_hours = Shift(advisor_id=1, starts_at=whole.starts_at, ends_at=whole.starts_at + timedelta(hours=8))
        found = gaps([eight_hours], NIGHTS, starts_at=whole.starts_at, ends_at=whole.ends_at)
        assert [gap.ends_at - gap.starts_at for gap in found] == ([timedelta(hours=1)] if length == 9 else [])


def test_there_is_no_gap_while_the_line_is_shut() -> None:
    closing = EmergencyClosing(starts_at=oslo("2026-03-02T11:00"), ends_at=oslo("2026-03-02T14:30"))
    hours = OpeningHours(weekly=HOURS.weekly, emergencies=(closing,))
    assert gaps([], hours, starts_at=oslo("2026-03-01T00:00"), ends_at=oslo("2026-03-03T00:00")) == (
        gap("2026-03-02T10:00", "2026-03-02T11:00"),
        gap("2026-03-02T14:30", "2026-03-02T15:00"),
    )
    assert gaps([], OpeningHours(), starts_at=oslo("2026-03-01T00:00"), ends_at=oslo("2026-03-03T00:00")) == ()


def test_problems() -> None:
    clash = shift(1, "2026-03-02T11:30", "2026-03-02T13:00")
    touching = shift(2, "2026-03-02T14:00", "2026-03-02T15:00")
    long = shift(3, "2026-03-02T08:00", "2026-03-02T20:01")
    evening = shift(4, "2026-03-02T18:00", "2026-03-02T20:00")
    assert problems([evening, long, touching, clash, MIDDAY, MORNING], HOURS) == (
        Problem(mistake=Mistake.TOO_LONG, shift=long),
        Problem(mistake=Mistake.OVERLAP, shift=clash),
        Problem(mistake=Mistake.OUTSIDE_HOURS, shift=evening),
    )


def test_an_overlap_with_a_long_shift_is_seen_behind_a_short_one() -> None:
    last = shift(1, "2026-03-02T12:00", "2026-03-02T13:00")
    inside = shift(1, "2026-03-02T10:30", "2026-03-02T11:00")
    found = problems([shift(1, "2026-03-02T10:00", "2026-03-02T14:00"), inside, last], HOURS)
    assert [problem.shift for problem in found] == [inside, last]


def test_bad_input() -> None:
    start, end = oslo("2026-03-02T10:00"), oslo("2026-03-02T11:00")
    with pytest.raises(ValueError, match="shift ends before"):
        Shift(advisor_id=1, starts_at=end, ends_at=start)
    with pytest.raises(ValueError, match="time zone"):
        Shift(advisor_id=1, starts_at=start.replace(tzinfo=None), ends_at=end)
    with pytest.raises(ValueError, match="shift ends before"):
        shift_on(1, date(2026, 3, 29), Span.parse("02:10", "02:50"))
    with pytest.raises(ValueError, match="period ends before"):
        gaps([], HOURS, starts_at=end, ends_at=start)
    with pytest.raises(ValueError, match="time zone"):
        gaps([], HOURS, starts_at=start, ends_at=end.replace(tzinfo=None))
    with pytest.raises(ValueError, match="At least one advisor"):
        gaps([], HOURS, starts_at=start, ends_at=end, needed=0)


MINUTES = st.integers(0, 3 * 24 * 60)
SHIFTS = st.lists(
    st.builds(
        lambda advisor_id, start, length: Shift(
            advisor_id=advisor_id,
            starts_at=oslo("2026-03-28T00:00") + timedelta(minutes=start),
            ends_at=oslo("2026-03-28T00:00") + timedelta(minutes=start + length),
        ),
        st.integers(1, 3),
        MINUTES,
        st.integers(1, 900),
    ),
    max_size=6,
)


@given(SHIFTS, st.integers(1, 3), MINUTES)
def test_a_moment_is_in_a_gap_exactly_when_the_line_is_open_and_too_few_are_planned(
    shifts: list[Shift], needed: int, minute: int
) -> None:
    start = oslo("2026-03-28T00:00")
    at = start + timedelta(minutes=minute)
    found = gaps(shifts, NIGHTS, starts_at=start, ends_at=start + timedelta(days=4), needed=needed)
    short = NIGHTS.is_open(at).open and len(planned(shifts, at)) < needed
    assert any(gap.starts_at <= at < gap.ends_at for gap in found) is short
