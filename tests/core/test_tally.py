import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.codes import Origin, code_lists
from helpline.core.marks import DIMENSIONS, columns_for, matches, values
from helpline.core.record import OSLO, Record
from helpline.core.tally import Tally, cut_of, day_of, effective, tallies_by_day, tally, total

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)


def contact(record_id: str, **columns: Any) -> Record:
    defaults: dict[str, Any] = {"opened_at": OPENED, "channel": "phone"}
    return Record(record_id=record_id, **(defaults | columns))


@pytest.mark.parametrize(
    ("opened_at", "day"),
    [
        (datetime(2026, 3, 1, 22, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 23, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        # The days of the change: 23 and 25 hours long.
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_days_are_the_lines_own(opened_at: datetime, day: date) -> None:
    record = contact("r", opened_at=opened_at)
    assert day_of(record) == day
    assert list(tallies_by_day([record])) == [day]


def test_marks_of_one_answered_call() -> None:
    counted = tally(
        [contact("r", outcome="counselled", waited_seconds=37, handled_seconds=600, topics=("rights", "grief"))]
    )
    assert counted.marks("outcome") == {"counselled": 1}
    assert counted.count("answered:yes") == 1
    assert counted.histogram("wait") == counted.histogram("wait", cut_of(channel="phone")) == {37: 1}
    assert counted.histogram("handled") == {600: 1}
    assert (counted.count("wait_seconds", "weekday=0"), counted.count("handled_seconds", "hour_of_week=0-10")) == (
        37,
        600,
    )
    assert counted.histogram("wait", "weekday=0") == {}
    assert set(counted.values("topic")) == {"rights", "grief"}
    assert set(counted.values("relation")) == {""}


def test_the_four_units_are_never_mixed() -> None:
    counted = tally(
        [
            contact("c", participants=4),
            contact("s1", kind="session", participants=3),
            contact("s2", kind="session"),
            contact("a", kind="attendance", activity="course", participants=12),
            contact("g", kind="group", activity="self_run_group", participants=9),
        ]
    )
    units = ("contacts", "sessions", "persons", "attendances", "groups")
    assert [counted.count(unit) for unit in units] == [1, 2, 4, 12, 1]
    assert counted.count("attendances", cut_of(activity="course")) == 12
    assert counted.marks("outcome") == {"": 1}


def test_outbound_contacts_and_those_entered_afterwards_are_not_part_of_the_answer_rate() -> None:
    counted = tally(
        [
            contact("o", direction="outbound", outcome="counselled", waited_seconds=5),
            contact("a", origin=Origin.AFTERWARDS, outcome="counselled", waited_seconds=5, handled_seconds=60),
            contact("i", direction="inbound", outcome="abandoned", waited_seconds=90),
        ]
    )
    assert counted.marks("answered") == {"no": 1}
    assert counted.histogram("wait") == {}
    assert counted.histogram("left") == {90: 1}
    assert counted.histogram("handled") == {60: 1}
    assert counted.count("contacts") == 3


def test_simulated_records_are_counted_only_when_asked() -> None:
    records = [contact("r"), contact("s", origin=Origin.SIMULATED)]
    assert tally(records).count("contacts") == 1
    assert tally(records, include_simulated=True).count("contacts") == 2
    assert tallies_by_day(records[1:]) == {}


def test_a_municipality_says_its_county() -> None:
    counted = tally([contact("r", municipality="1103"), contact("q", county="unknown"), contact("p")])
    assert {value: counted.count("contacts", cut_of(county=value)) for value in counted.values("county")} == {
        "11": 1,
        "unknown": 1,
        "": 1,
    }


def test_crossed_cuts_keep_histograms() -> None:
    crossed = ((), ("channel", "urgency"))
    counted = tally([contact("r", urgency="red", outcome="counselled", waited_seconds=3)], cuts=crossed)
    assert counted.histogram("wait", cut_of(urgency="red", channel="phone")) == {3: 1}
    assert counted.keeps(("urgency", "channel"))
    assert not counted.keeps(("channel",))
    with pytest.raises(ValueError, match="different dimensions"):
        counted.merge(Tally())
    with pytest.raises(ValueError, match="cut by «shoe_size»"):
        Tally(cuts=(("shoe_size",),))


def test_corrections_replace_the_record_also_on_another_day_and_in_any_order() -> None:
    first = contact("a", relation="mother")
    second = contact("b", relation="father", corrects="a")
    third = contact("c", relation="son", corrects="b", opened_at=OPENED + timedelta(days=1))
    assert effective([third, first, second]) == [third]
    assert {day: found.count("contacts") for day, found in tallies_by_day([first, second, third]).items()} == {
        date(2026, 3, 3): 1
    }


def test_the_last_of_two_corrections_counts_and_one_of_an_absent_record_is_ordinary() -> None:
    rival = contact("b", corrects="a")
    last = contact("c", corrects="a")
    stray = contact("d", corrects="elsewhere")
    assert effective([contact("a"), rival, last, stray]) == [last, stray]


def test_a_ring_of_corrections_is_refused() -> None:
    with pytest.raises(ValueError, match="in a ring"):
        effective([contact("a", corrects="b"), contact("b", corrects="a")])


def test_taking_out_what_was_never_counted_changes_nothing() -> None:
    counted = tally([contact("r", outcome="counselled")])
    before = Tally.from_json(counted.to_json())
    with pytest.raises(ValueError, match="More is taken out"):
        counted.remove(contact("q", outcome="abandoned"))
    assert counted == before


def test_a_tally_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="fold it anew"):
        Tally.from_json(Tally().to_json() | {"version": 0})


def within_three_days_of(start: datetime) -> st.SearchStrategy[datetime]:
    return st.integers(0, 72 * 60).map(lambda minutes: start + timedelta(minutes=minutes))


SECONDS = st.none() | st.integers(0, 400)
RECORD_ROWS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["contact", "contact", "contact", "session", "attendance", "group"]),
        "origin": st.sampled_from(Origin),
        "opened_at": st.one_of(
            # Around both changes of the clocks, and over New Year.
            within_three_days_of(datetime(2026, 3, 28, tzinfo=UTC)),
            within_three_days_of(datetime(2026, 10, 24, tzinfo=UTC)),
            within_three_days_of(datetime(2025, 12, 30, tzinfo=UTC)),
        ),
        "channel": st.sampled_from(["phone", "sms", "unknown", None]),
        "direction": st.sampled_from(["inbound", "outbound", None]),
        "relation": st.sampled_from(["mother", "daughter", "unknown", None]),
        "topics": st.sampled_from([(), ("rights",), ("rights", "grief"), ("unknown",)]),
        "outcome": st.sampled_from([*code_lists()["outcome"], "unknown", None]),
        "waited_seconds": SECONDS,
        "handled_seconds": SECONDS,
        "participants": st.none() | st.integers(0, 5),
        "redial_24h": st.sampled_from([True, False, None]),
        "asked_what_matters": st.sampled_from([True, False, None]),
        "letters": st.none() | st.integers(0, 2),
        "evaluation": st.none() | st.integers(0, 10),
        "corrected_place": st.none() | st.integers(0, 30),
    }
)


def build(rows: list[dict[str, Any]]) -> list[Record]:
    """Records in order of writing; a correction names an earlier one."""
    records: list[Record] = []
    for number, row in enumerate(rows):
        columns = dict(row)
        place = columns.pop("corrected_place")
        corrects = f"r{place % number}" if number and place is not None and place % 4 == 0 else None
        records.append(Record(record_id=f"r{number}", corrects=corrects, **columns))
    return records


RECORDS = st.lists(RECORD_ROWS, max_size=25).map(build)


@given(RECORDS)
def test_folded_days_and_today_equal_a_recount(records: list[Record]) -> None:
    days = tallies_by_day(records)
    stored = [Tally.from_json(json.loads(json.dumps(found.to_json()))) for found in days.values()]
    assert total(stored) == tally(records)
    assert total(reversed(stored)) == tally(records)


@given(RECORDS, st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3), st.sampled_from(DIMENSIONS))
def test_a_count_reads_no_column_that_it_does_not_name(
    records: list[Record], dimensions: list[str], where: str
) -> None:
    columns = columns_for([*dimensions, where])
    for record in records:
        part = object.__new__(Record)
        part.__dict__.update({column: getattr(record, column) for column in columns})
        whole, counted = Tally(cuts=[tuple(dimensions)]), Tally(cuts=[tuple(dimensions)])
        whole.add(record)
        counted.add(part)
        assert counted == whole
        for value in values(record, OSLO, [where])[where]:
            assert matches(part, {where: value}, OSLO)


@given(RECORDS)
def test_counting_live_record_by_record_equals_a_recount(records: list[Record]) -> None:
    live = Tally()
    corrected: dict[str, str | None] = {}
    by_id: dict[str, Record] = {}

    def standing(root: str) -> Record:
        later = [number for number, of in corrected.items() if of == root]
        return standing(later[-1]) if later else by_id[root]

    for record in records:
        by_id[record.record_id] = record
        root = record.record_id
        path = record.corrects
        while path is not None:
            root, path = path, corrected[path]
        before = standing(root) if record.corrects is not None else None
        corrected[record.record_id] = record.corrects
        after = standing(root)
        if before is not None:
            live.remove(before)
        live.add(after)
    assert live == tally(records, include_simulated=True)


@given(RECORDS)
def test_a_row_read_twice_counts_once(records: list[Record]) -> None:
    assert tally([*records, *records]) == tally(records)


def live_of(records: Iterable[Record]) -> Tally:
    live = Tally()
    for record in records:
        live.add(record)
    return live


@given(RECORDS)
def test_adding_and_taking_out_leaves_nothing(records: list[Record]) -> None:
    whole = live_of(records)
    for record in records:
        whole.remove(record)
    assert whole == Tally()
    assert not whole


@given(RECORDS)
def test_local_hours_sum_to_the_day(records: list[Record]) -> None:
    counted = tally(records, include_simulated=True)
    for dimension in ("weekday", "hour", "hour_of_week", "channel", "relation"):
        found = sum(counted.count("contacts", cut_of(**{dimension: value})) for value in counted.values(dimension))
        assert found == counted.count("contacts")
    for record in effective(records):
        if record.kind == "contact":
            assert counted.count("contacts", cut_of(hour=str(record.opened_at.astimezone(OSLO).hour))) > 0
