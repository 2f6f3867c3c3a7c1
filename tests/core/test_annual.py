"""The annual report: what the numbers carry is said, what they do not carry is not, and no unit meets another."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.annual import ACTIVITIES, Report, report
from helpline.core.annual_numbers import FEWEST_SHOWN, Number, Verdict, Year, judge_counts, judge_shares
from helpline.core.counter_list import COUNTERS
from helpline.core.record import Record, from_row
from helpline.core.tally import tally
from tests import published_totals


def records_of(year: int, **columns: int | str) -> Iterator[Record]:
    """So many contacts of a year: `records_of(2025, number=30, relation="mother")`."""
    number = int(columns.pop("number"))
    values = {name: str(value) for name, value in columns.items()}
    for place in range(number):
        opened = datetime(year, 1, 2, 11, tzinfo=UTC) + timedelta(days=place % 360)
        name = "-".join((str(year), *values.values(), str(place)))
        yield from_row({"record_id": name, "opened_at": opened.isoformat(), **values})


def year_of(year: int, *records: Iterator[Record], begins: date | None = None) -> Year:
    counted = tally(record for some in records for record in some)
    return Year(year=year, first=date(year, 1, 1), last=date(year, 12, 31), tally=counted, begins=begins)


def published(year: int = published_totals.YEAR) -> Year:
    rows = enumerate(published_totals.rows(year))
    return year_of(year, (from_row(row, record_id=f"{year}-{place}") for place, row in rows))


def made(now: Year, then: Year | None = None) -> Report:
    return report(now, then, over=True)


def keys(found: Report, paragraph: str) -> list[str]:
    return [said.key for one in found.paragraphs if one.name == paragraph for said in one.statements]


def test_the_published_totals_come_out() -> None:
    found = made(published())
    assert {box.number.name: box.number.value for box in found.boxes} == {
        "contacts": 2_900,
        "advice_calls": 1_731,
        "sessions": 712,
        "persons": 874,
        "support_group": 416,
        "groups": 22,
    }
    assert {box.number.name: box.number.value for box in found.activities} == {
        "support_group": 416,
        "event": 300,
        "course": 266,
        "writing": 50,
    }
    assert [(one.cut, one.value) for one in found.gender.shown] == [
        ({"gender": "female"}, 0.78),
        ({"gender": "male"}, 0.22),
    ]
    assert [(one.cut["relation"], one.value) for one in found.relations.shown] == [
        ("mother", 0.381),
        ("daughter", 0.108),
        ("sister", 0.086),
        ("spouse", 0.085),
        ("father", 0.077),
    ]
    # Shares are of known: 300 were asked and did not know, 600 were not asked.
    assert (found.relations.known, found.relations.total) == (2_000, 2_900)
    assert [box.number.name for box in found.boxes if "several" in box.footnotes] == ["persons"]
    assert {box.number.name for box in (*found.boxes, *found.activities) if "attendance" in box.footnotes} == {
        *ACTIVITIES
    }


@pytest.mark.parametrize(
    ("now", "then", "verdict"),
    [
        (2_900, 2_900, Verdict.SAME),
        (2_900, 2_760, Verdict.SAME),
        (2_900, 2_700, Verdict.MORE),
        (2_700, 2_900, Verdict.FEWER),
        (12, 7, Verdict.FEW),
        (13, 7, Verdict.SAME),
        (30, 0, Verdict.MORE),
        (0, 30, Verdict.FEWER),
        (0, 0, Verdict.FEW),
    ],
)
def test_more_and_fewer_are_said_where_chance_is_not_enough(now: int, then: int, verdict: Verdict) -> None:
    found = judge_counts(now, then, days_now=365, days_then=365, unit="contacts")
    assert found.verdict is verdict
    if verdict is Verdict.MORE:
        assert found.low is not None
        assert found.low > 0
    if verdict is Verdict.SAME:
        assert found.low is not None
        assert found.high is not None
        assert found.low < 0 < found.high


def test_a_leap_year_is_no_increase() -> None:
    found = judge_counts(366_000, 365_000, days_now=366, days_then=365, unit="contacts")
    assert found.verdict is Verdict.SAME
    assert found.relative == pytest.approx(0)


@pytest.mark.parametrize("unit", ["attendances", "persons", "groups"])
def test_those_who_come_again_are_not_judged(unit: str) -> None:
    assert judge_counts(900, 100, days_now=365, days_then=365, unit=unit).verdict is Verdict.UNJUDGED


@pytest.mark.parametrize(
    ("now", "then", "verdict"),
    [
        ((60, 400), (30, 400), Verdict.MORE),
        ((30, 400), (60, 400), Verdict.FEWER),
        # One share alone would be judged otherwise here; many are looked at, so the intervals must not touch.
        ((56, 400), (36, 400), Verdict.SAME),
        ((9, 400), (10, 400), Verdict.FEW),
        ((40, 49), (10, 400), Verdict.FEW),
        ((30, 400), (0, 400), Verdict.MORE),
    ],
)
def test_shares_rise_where_their_intervals_do_not_touch(
    now: tuple[int, int], then: tuple[int, int], verdict: Verdict
) -> None:
    assert judge_shares(now, then) is verdict


def test_a_year_alone_is_not_compared() -> None:
    found = made(published())
    assert (found.before, found.why_alone) == (None, "none")
    assert all(box.before is None and box.change is None for box in found.boxes)
    said = [one.key for paragraph in found.paragraphs for one in paragraph.statements]
    assert not [key for key in said if "change" in key or "beside" in key or "share_" in key]


def test_a_log_that_begins_late_is_not_compared() -> None:
    begun = date(2024, 9, 1)
    then = year_of(2024, records_of(2024, number=100), begins=begun)
    found = made(year_of(2025, records_of(2025, number=300)), then)
    assert (found.before, found.why_alone, found.begins) == (None, "begins", begun)


def test_a_rise_is_told_with_its_numbers() -> None:
    now = year_of(
        2025,
        records_of(2025, number=120, challenge_areas="personality_disorder"),
        records_of(2025, number=280, challenge_areas="dementia"),
    )
    then = year_of(
        2024,
        records_of(2024, number=50, challenge_areas="personality_disorder"),
        records_of(2024, number=300, challenge_areas="dementia"),
    )
    found = made(now, then)
    told = [one for paragraph in found.paragraphs if paragraph.name == "about" for one in paragraph.statements]
    moved = {one.key: one.numbers for one in told if one.key in ("share_more", "share_fewer")}
    assert moved["share_more"]["now"].cut == {"challenge_area": "personality_disorder"}
    assert [(one.part, one.whole) for one in moved["share_more"].values()] == [(120, 400), (50, 350)]
    assert moved["share_fewer"]["now"].cut == {"challenge_area": "dementia"}


def test_a_share_is_not_compared_when_more_is_recorded_than_before() -> None:
    now = year_of(2025, records_of(2025, number=300, topics="rights"), records_of(2025, number=100))
    then = year_of(2024, records_of(2024, number=60, topics="grief"), records_of(2024, number=340))
    about = keys(made(now, then), "about")
    assert "known_otherwise" in about
    assert "share_more" not in about


def test_few_known_and_half_known_are_said() -> None:
    now = year_of(2025, records_of(2025, number=40, age_band="80_plus"), records_of(2025, number=60))
    then = year_of(2024, records_of(2024, number=40, age_band="26_39"), records_of(2024, number=60))
    who = keys(made(now, then), "who")
    assert "less_than_half" in who
    assert "too_few_known" in who
    assert "nothing_known" in who


def test_the_largest_are_not_named_where_others_are_as_large() -> None:
    now = year_of(
        2025,
        records_of(2025, number=50, topics="rights"),
        *(records_of(2025, number=20, topics=code) for code in ("grief", "violence", "housing")),
    )
    assert "largest_1" in keys(made(now), "about")
    even = year_of(
        2025, *(records_of(2025, number=20, topics=code) for code in ("grief", "violence", "housing", "rights"))
    )
    assert not [key for key in keys(made(even), "about") if key.startswith("largest")]


def test_a_rate_stands_beside_that_of_the_year_before() -> None:
    def asking(year: int, yes: int, no: int) -> Year:
        return year_of(
            year,
            records_of(year, number=yes, asked_what_matters="yes", direction="inbound", outcome="counselled"),
            records_of(year, number=no, asked_what_matters="no", direction="inbound", outcome="abandoned"),
        )

    risen, fallen = made(asking(2025, 80, 20), asking(2024, 50, 50)), made(asking(2025, 50, 50), asking(2024, 80, 20))
    assert keys(risen, "quality") == ["asked_what_matters", "rate_more"]
    assert keys(risen, "answering") == ["answered", "rate_more"]
    assert keys(fallen, "quality") == ["asked_what_matters", "rate_fewer"]
    assert keys(made(asking(2025, 80, 20), asking(2024, 75, 25)), "quality") == ["asked_what_matters", "rate_same"]
    assert keys(made(asking(2025, 80, 20), asking(2024, 15, 15)), "quality") == ["asked_what_matters", "rate_few"]
    # Fewer than twenty say nothing.
    assert keys(made(asking(2025, 9, 10)), "quality") == []


def test_a_small_group_is_never_shown_or_left_over() -> None:
    now = year_of(
        2025,
        records_of(2025, number=100, relation="mother"),
        records_of(2025, number=10, relation="father"),
        records_of(2025, number=3, relation="colleague"),
    )
    found = made(now).relations
    # The three would be what is left of the known: the smallest group stands with them.
    assert [one.part for one in found.shown] == [100]
    assert found.rest is not None
    assert found.rest.part == 13
    assert found.known == 113


@pytest.mark.parametrize(("others", "parts", "known"), [(3, [60, 40], 100), (5, [60, 40, 5], 105)])
def test_few_of_another_gender_cannot_be_worked_out(others: int, parts: list[int], known: int) -> None:
    now = year_of(
        2025,
        records_of(2025, number=60, gender="female"),
        records_of(2025, number=40, gender="male"),
        records_of(2025, number=others, gender="other"),
        records_of(2025, number=9, gender="prefer_not_to_say"),
    )
    found = made(now).gender
    assert [one.part for one in found.shown] == parts
    assert (found.known, found.total) == (known, 109 + others)
    who = [one for paragraph in made(now).paragraphs if paragraph.name == "who" for one in paragraph.statements]
    assert {one.whole for said in who if said.dimension == "gender" for one in said.numbers.values()} == {
        known,
        109 + others,
    }


def test_that_several_came_is_only_said_where_they_did() -> None:
    alone = year_of(2025, records_of(2025, number=30, kind="session", participants="1"))
    assert [box.footnotes for box in made(alone).boxes if box.number.name == "persons"] == [()]


KINDS = st.sampled_from(["contact", "session", "attendance", "group"])
ROWS = st.lists(
    st.tuples(
        KINDS,
        st.sampled_from(["", "phone", "email"]),
        st.integers(0, 30),
        st.sampled_from(["", "support_group", "course", "event", "writing", "self_run_group", "other", "unknown"]),
        st.sampled_from(["", "mother", "father", "unknown"]),
    ),
    max_size=60,
)


@given(ROWS, ROWS)
def test_units_are_never_mixed(
    now: list[tuple[str, str, int, str, str]], then: list[tuple[str, str, int, str, str]]
) -> None:
    """Whatever is logged, each number is the sum of its own kind of rows, counted here in the plainest way."""

    def year(number: int, rows: list[tuple[str, str, int, str, str]]) -> Year:
        return year_of(
            number,
            (
                from_row(
                    {
                        "record_id": f"{number}-{place}",
                        "kind": kind,
                        "opened_at": f"{number}-03-01T12:00:00+01:00",
                        "channel": channel,
                        "participants": str(people),
                        "activity": activity,
                        "relation": relation,
                    }
                )
                for place, (kind, channel, people, activity, relation) in enumerate(rows)
            ),
        )

    found = made(year(2025, now), year(2024, then))
    rows_of = {2025: now, 2024: then}

    def expected(number: Number) -> int:
        rows = rows_of[number.year]
        match number.name:
            case "contacts":
                return len([row for row in rows if row[0] == "contact"])
            case "advice_calls":
                return len([row for row in rows if row[0] == "contact" and row[1] == "phone"])
            case "sessions":
                return len([row for row in rows if row[0] == "session"])
            case "persons":
                return sum(row[2] for row in rows if row[0] == "session")
            case "groups":
                return len([row for row in rows if row[0] == "group"])
            case "attendances":
                return sum(row[2] for row in rows if row[0] == "attendance")
            case activity:
                code = "" if activity == "not_given" else activity
                return sum(row[2] for row in rows if row[0] == "attendance" and row[3] == code)

    units = {"contacts", "sessions", "persons", "attendances", "groups"}
    for number in found.numbers():
        if number.unit in units:
            assert number.value == expected(number), number.name
            assert number.unit == COUNTERS[number.counter].unit
        elif number.unit == "share":
            # Shares are of contacts alone, and of known ones.
            assert number.counter == "contacts"
            assert (number.whole or 0) <= len([row for row in rows_of[number.year] if row[0] == "contact"])
    for box in (*found.boxes, *found.activities, found.attendances):
        if box.before is not None:
            assert (box.before.counter, box.before.cut) == (box.number.counter, box.number.cut)
    if found.before is not None:
        parts = [int(box.number.value or 0) for box in found.activities]
        assert sum(parts) == found.attendances.number.value
    shown = [*found.gender.shown, *found.relations.shown]
    assert all((one.part or 0) >= FEWEST_SHOWN for one in found.relations.shown)
    assert all(one.counter == "contacts" for one in shown)
