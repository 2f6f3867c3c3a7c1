import statistics
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.codes import DECLINED, code_lists
from helpline.core.counter_list import COUNTERS
from helpline.core.counters import Breakdown, breakdown, interval, median, percentile, read
from helpline.core.record import Record
from helpline.core.tally import Tally, cut_of, effective, tally
from tests.core.test_tally import RECORDS

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)


def counted(*rows: dict[str, Any]) -> Tally:
    return tally(Record(record_id=f"r{number}", opened_at=OPENED, **row) for number, row in enumerate(rows))


def answered(waited: int | None, **columns: Any) -> dict[str, Any]:
    return {"channel": "phone", "outcome": "counselled", "waited_seconds": waited} | columns


def outcome(code: str, **columns: Any) -> dict[str, Any]:
    return {"channel": "phone", "outcome": code} | columns


DAY = counted(
    answered(10, handled_seconds=600),
    answered(60, handled_seconds=1200),
    answered(61, handled_seconds=300),
    answered(600, redial_24h=True),
    outcome("abandoned", waited_seconds=300),
    outcome("abandoned", waited_seconds=20, redial_24h=False),
    outcome("nobody_on_duty"),
    outcome("short_abandon", waited_seconds=4),
    outcome("closed_hours", redial_24h=True),
    outcome("guided", channel="sms"),
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contacts", 10),
        ("answered", 4),
        ("not_answered", 3),
        ("abandoned", 2),
        ("short_abandons", 1),
        ("answer_rate", 4 / 8),
        ("answer_rate_callers", 4 / 7),
        ("service_level", 2 / 7),
        ("service_level_answered", 2 / 4),
        ("wait_median", 60.5),
        ("wait_mean", 731 / 4),
        ("wait_p90", 600),
        ("handling_median", 600),
        ("handling_mean", 700),
        ("asked_what_matters", None),
        ("letters", 0),
        ("evaluation", None),
        ("sessions", 0),
        ("persons", 0),
        ("attendances", 0),
        ("groups", 0),
    ],
)
def test_counters_of_a_day(name: str, value: float | None) -> None:
    figure = read(name, DAY)
    assert figure.value == (None if value is None else pytest.approx(value))
    assert figure.counter is COUNTERS[name]


def test_a_share_shows_its_part_its_whole_and_its_interval() -> None:
    figure = read("answer_rate", DAY)
    assert (figure.part, figure.whole) == (4, 8)
    assert figure.low == pytest.approx(0.2152, abs=1e-4)
    assert figure.high == pytest.approx(0.7848, abs=1e-4)
    assert (read("wait_median", DAY).whole, read("handling_mean", DAY).whole) == (4, 3)


@pytest.mark.parametrize(("within", "level"), [(0, 0), (10, 1 / 7), (61, 3 / 7), (3600, 4 / 7)])
def test_the_service_level_at_other_thresholds(within: int, level: float) -> None:
    assert read("service_level", DAY, answer_within=within).value == pytest.approx(level)


def test_nothing_counted_gives_no_shares_and_no_times() -> None:
    for name, counter in COUNTERS.items():
        figure = read(name, Tally())
        assert figure.value == (None if counter.unit in ("share", "seconds", "points") else 0)


def test_answers_without_a_known_wait_are_out_of_the_service_level() -> None:
    figure = read("service_level", counted(answered(5), answered(None), outcome("abandoned")))
    assert (figure.part, figure.whole) == (1, 2)


def test_callers_are_never_fewer_than_the_answered() -> None:
    figure = read("answer_rate_callers", counted(answered(5, redial_24h=True), outcome("left_menu")))
    assert (figure.part, figure.whole, figure.value) == (1, 1, 1)


def test_cuts_read_alone() -> None:
    assert read("contacts", DAY, cut=cut_of(channel="sms")).value == 1
    assert read("wait_median", DAY, cut=cut_of(channel="phone")).value == 60.5
    assert read("answer_rate", DAY, cut=cut_of(weekday="0")).value == 0.5
    assert read("wait_mean", DAY, cut=cut_of(hour="10")).value == 731 / 4
    assert read("contacts", DAY, cut=cut_of(channel="telegram")).value == 0


def test_medians_are_honestly_absent_where_only_sums_are_kept() -> None:
    cut = cut_of(weekday="0")
    for name in ("wait_median", "wait_p90", "service_level", "service_level_answered", "handling_median"):
        assert read(name, DAY, cut=cut).value is None


@pytest.mark.parametrize("cut", ["shoe_size=44", cut_of(channel="phone", relation="mother")])
def test_a_cut_that_is_not_kept_is_refused(cut: str) -> None:
    with pytest.raises(ValueError, match="not cut by"):
        read("contacts", DAY, cut=cut)


def test_more_bad_input() -> None:
    with pytest.raises(KeyError):
        read("happiness", DAY)
    with pytest.raises(ValueError, match="threshold"):
        read("service_level", DAY, answer_within=-1)
    with pytest.raises(ValueError, match="not cut by"):
        breakdown(DAY, "shoe_size")
    with pytest.raises(ValueError, match="3 of 2 is no share"):
        interval(3, 2)


def test_shares_are_of_known_with_unknown_and_not_asked_apart() -> None:
    found = breakdown(
        counted(
            *({"relation": relation} for relation in ("mother", "mother", "sister", "daughter", "unknown", None, None)),
            {"kind": "session", "relation": "mother"},
        ),
        "relation",
    )
    assert found == Breakdown(
        dimension="relation",
        unit="contacts",
        counts={"mother": 2, "daughter": 1, "sister": 1},
        known=4,
        unknown=1,
        not_asked=2,
    )
    assert list(found.counts) == ["mother", "daughter", "sister"]
    assert (found.share("mother"), found.share("father"), found.total) == (0.5, 0, 7)
    assert breakdown(Tally(), "relation").share("mother") is None


def test_whoever_declines_to_say_the_gender_is_not_known_and_stands_apart() -> None:
    genders = ("female", "female", "male", "prefer_not_to_say", "unknown", None)
    found = breakdown(counted(*({"gender": gender} for gender in genders)), "gender")
    assert found.counts == {"female": 2, "male": 1}
    assert (found.known, found.declined, found.unknown, found.not_asked, found.total) == (3, 1, 1, 1, 6)
    assert found.share("female") == pytest.approx(2 / 3)
    for list_name, code in DECLINED.items():
        assert code in code_lists()[list_name]


def test_several_topics_share_what_is_known() -> None:
    found = breakdown(
        counted({"topics": ("rights", "grief")}, {"topics": ("rights",)}, {"topics": ("unknown",)}, {}), "topic"
    )
    assert (found.counts, found.known, found.unknown, found.not_asked) == ({"rights": 2, "grief": 1}, 2, 1, 1)
    assert found.share("rights") == 1


def test_other_units_by_dimension() -> None:
    rows = [
        {"kind": "attendance", "activity": activity, "participants": 5} for activity in ("course", "event", "course")
    ]
    assert breakdown(counted(*rows), "activity", unit="attendances").counts == {"course": 10, "event": 5}


def test_asked_what_matters() -> None:
    figure = read(
        "asked_what_matters", counted(*({"asked_what_matters": answer} for answer in (True, True, False, None)))
    )
    assert (figure.part, figure.whole) == (2, 3)


def test_the_reports_totals_come_out() -> None:
    rows: list[dict[str, Any]] = [{"channel": "phone" if number < 1731 else "email"} for number in range(2900)]
    rows += [{"kind": "session", "participants": 2 if number < 162 else 1} for number in range(712)]
    rows += [{"kind": "group", "activity": "self_run_group"}] * 22
    rows += [
        {"kind": "attendance", "activity": activity, "participants": people}
        for activity, people in [("support_group", 416), ("writing", 50), ("event", 300), ("course", 266)]
    ]
    year = counted(*rows)
    assert [read(name, year).value for name in ("contacts", "sessions", "persons", "groups")] == [2900, 712, 874, 22]
    assert read("contacts", year, cut=cut_of(channel="phone")).value == 1731
    assert breakdown(year, "activity", unit="attendances").counts == {
        "support_group": 416,
        "event": 300,
        "course": 266,
        "writing": 50,
    }


def test_every_counter_is_defined_in_both_languages() -> None:
    units = {"contacts", "sessions", "persons", "attendances", "groups", "letters", "share", "seconds", "points"}
    for name, counter in COUNTERS.items():
        assert name == counter.name
        assert counter.unit in units
        assert counter.version >= 1
        assert all([counter.title_nb, counter.title_en, counter.definition_nb, counter.definition_en])
        for nb, en in (
            (counter.clock_start_nb, counter.clock_start_en),
            (counter.denominator_nb, counter.denominator_en),
            (counter.exclusions_nb, counter.exclusions_en),
        ):
            assert (nb is None) is (en is None)
        if counter.unit == "share":
            assert counter.denominator_nb


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Wilson without continuity correction, by hand.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 1, 0.2065, 1.0)],
)
def test_interval(part: int, whole: int, low: float, high: float) -> None:
    assert interval(part, whole) == pytest.approx((low, high), abs=1e-4)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=200))
def test_histograms_give_the_exact_median_and_p90(waits: list[int]) -> None:
    histogram = {seconds: waits.count(seconds) for seconds in sorted(set(waits))}
    assert median(histogram) == statistics.median(waits)
    found = percentile(histogram, 90)
    assert found is not None
    assert sum(wait <= found for wait in waits) * 10 >= len(waits) * 9
    assert sum(wait < found for wait in waits) * 10 < len(waits) * 9


def test_an_empty_histogram_has_no_middle() -> None:
    assert median({}) is None
    assert percentile({}, 90) is None


@given(RECORDS)
def test_figures_equal_a_slow_count_written_differently(records: list[Record]) -> None:
    counted_here = tally(records)
    rows = [row for row in effective(records) if row.kind == "contact" and row.origin != "simulated"]
    treatment = {code.code: code.answered for code in code_lists()["outcome"].values()} | {"unknown": "excluded"}
    incoming = [row for row in rows if row.direction != "outbound" and row.origin != "afterwards" and row.outcome]
    yes = [row for row in incoming if treatment[row.outcome or ""] == "yes"]
    no = [row for row in incoming if treatment[row.outcome or ""] == "no"]
    short = [row for row in incoming if treatment[row.outcome or ""] == "short"]
    waits = [row.waited_seconds for row in yes if row.waited_seconds is not None]
    handled = [
        row.handled_seconds
        for row in rows
        if row.outcome and treatment[row.outcome] == "yes" and row.handled_seconds is not None
    ]
    asked = [row.asked_what_matters for row in rows if row.asked_what_matters is not None]

    def value(name: str) -> float | None:
        return read(name, counted_here).value

    def ratio(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    assert value("contacts") == len(rows)
    assert value("answered") == len(yes)
    assert value("not_answered") == len(no)
    assert value("abandoned") == sum(row.outcome == "abandoned" for row in rows)
    assert value("answer_rate") == ratio(len(yes), len(yes) + len(no) + len(short))
    within = sum(wait <= 60 for wait in waits)
    assert value("service_level") == ratio(within, len(waits) + len(no))
    assert value("service_level_answered") == ratio(within, len(waits))
    assert value("wait_median") == (statistics.median(waits) if waits else None)
    assert value("wait_mean") == (pytest.approx(statistics.fmean(waits)) if waits else None)
    assert value("handling_median") == (statistics.median(handled) if handled else None)
    assert value("asked_what_matters") == ratio(sum(asked), len(asked))
    assert value("letters") == sum(row.letters or 0 for row in rows)
    rated = [row.evaluation for row in rows if row.evaluation is not None]
    assert value("evaluation") == (sum(rated) / len(rated) if rated else None)


@given(RECORDS)
def test_outcomes_partition_the_contacts(records: list[Record]) -> None:
    found = breakdown(tally(records), "outcome")
    assert sum(found.counts.values()) == found.known
    assert found.total == read("contacts", tally(records)).value
