import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.codes import Origin, Outcome, code_lists, municipalities
from helpline.core.record import (
    COLUMNS,
    LANGUAGES,
    OSLO,
    PRECEDENCE,
    Answered,
    Record,
    RecordError,
    answered_as,
    cut_to_hour,
    deidentified,
    from_row,
    resolve_outcome,
    to_row,
)

INDIA = timezone(timedelta(hours=5, minutes=30))
OPENED = datetime(2026, 3, 2, 9, 14, 30, tzinfo=UTC)

FULL_ROW = {
    "record_id": "r-1",
    "kind": "contact",
    "origin": "live",
    "opened_at": "2026-03-02T09:14:30Z",
    "closed_at": "2026-03-02T09:50:00Z",
    "channel": "phone",
    "direction": "inbound",
    "enquirer": "relative",
    "relation": "mother",
    "gender": "female",
    "age_band": "40_54",
    "county": "03",
    "municipality": "0301",
    "challenge_areas": "psychosis;substance_alcohol",
    "topics": "rights;concern_letter",
    "language": "nb",
    "urgency": "yellow",
    "waited_seconds": "42",
    "handled_seconds": "1800",
    "outcome": "counselled",
    "participants": "1",
    "activity": "",
    "caller_status": "new",
    "redial_24h": "no",
    "source": "campaign-2026",
    "asked_what_matters": "yes",
    "evaluation": "5",
    "letters": "1",
    "articles_used": "rett-til-informasjon;bekymringsmelding",
    "referred_from": "gp",
    "referred_to": "dps;municipality",
    "corrects": "",
}


def test_the_columns_are_the_contracts_in_its_order() -> None:
    assert ",".join(COLUMNS) == (
        "record_id,kind,origin,opened_at,closed_at,channel,direction,enquirer,relation,gender,age_band,county,"
        "municipality,challenge_areas,topics,language,urgency,waited_seconds,handled_seconds,outcome,participants,"
        "activity,caller_status,redial_24h,source,asked_what_matters,evaluation,letters,articles_used,referred_from,"
        "referred_to,corrects"
    )


def test_a_full_row_is_read_typed_and_written_the_same() -> None:
    record = from_row(FULL_ROW)
    assert record.opened_at == OPENED
    assert record.origin is Origin.LIVE
    assert record.challenge_areas == ("psychosis", "substance_alcohol")
    assert (record.waited_seconds, record.handled_seconds, record.letters) == (42, 1800, 1)
    assert (record.redial_24h, record.asked_what_matters) == (False, True)
    assert (record.activity, record.corrects) == (None, None)
    assert to_row(record) == FULL_ROW
    assert list(to_row(record)) == list(COLUMNS)


def test_columns_may_be_absent_or_in_another_order() -> None:
    record = from_row({"relation": "unknown", "opened_at": "2026-03-02"}, record_id="file-1")
    assert record == Record(
        record_id="file-1",
        origin=Origin.IMPORT,
        relation="unknown",
        opened_at=datetime(2026, 3, 1, 23, tzinfo=UTC),
    )
    assert record.kind == "contact"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T10:14:30", OPENED),
        ("2026-03-02T10:14:30+01:00", OPENED),
        ("2026-03-02 09:14:30Z", OPENED),
        ("2026-07-02T10:00", datetime(2026, 7, 2, 8, tzinfo=UTC)),
    ],
)
def test_times_without_a_zone_are_the_lines_own(text: str, expected: datetime) -> None:
    assert from_row({"opened_at": text}, record_id="r").opened_at == expected


def test_unknown_numbers_and_answers_are_left_empty() -> None:
    row = {"opened_at": "2026-03-02", "closed_at": "unknown", "waited_seconds": "unknown", "redial_24h": "unknown"}
    record = from_row(row, record_id="r")
    assert (record.closed_at, record.waited_seconds, record.redial_24h) == (None, None, None)


def test_letters_may_be_named_by_kind_and_are_counted() -> None:
    row = {"opened_at": "2026-03-02", "letters": "child_welfare;health"}
    assert from_row(row, record_id="r").letters == 2


@pytest.mark.parametrize(
    ("changes", "column", "says"),
    [
        ({"relation": "aunt"}, "relation", "relation cannot be «aunt»: no such code."),
        ({"kind": "unknown"}, "kind", "kind cannot be «unknown»: no such code."),
        ({"origin": "dream"}, "origin", "origin cannot be «dream»: no such code."),
        ({"outcome": "Counselled"}, "outcome", "outcome cannot be «Counselled»: no such code."),
        ({"topics": "rights;nonsense"}, "topics", "topics cannot be «nonsense»: no such code."),
        ({"topics": "rights;rights"}, "topics", "topics names the same code twice: «rights;rights»."),
        ({"topics": "rights;unknown"}, "topics", "topics cannot be both known and unknown: «rights;unknown»."),
        ({"language": "xx"}, "language", "language cannot be «xx»: no such code."),
        ({"county": "04"}, "county", "county cannot be «04»: no such code."),
        ({"municipality": "9999"}, "municipality", "municipality cannot be «9999»: no such code."),
        ({"municipality": "1103"}, "municipality", "municipality «1103» is not in county «03»."),
        ({"waited_seconds": "-1"}, "waited_seconds", "waited_seconds must be a whole number, not «-1»."),
        ({"waited_seconds": "1.5"}, "waited_seconds", "waited_seconds must be a whole number, not «1.5»."),
        ({"letters": "-2"}, "letters", "letters must be a whole number or kinds of letters, not «-2»."),
        ({"evaluation": "11"}, "evaluation", "evaluation must lie between 0 and 10, not 11."),
        ({"asked_what_matters": "ja"}, "asked_what_matters", "asked_what_matters must be yes or no, not «ja»."),
        ({"opened_at": ""}, "opened_at", "opened_at is missing."),
        ({"opened_at": "i går"}, "opened_at", "opened_at cannot be «i går»"),
        ({"opened_at": "0001-01-01"}, "opened_at", "opened_at cannot be «0001-01-01»"),
        ({"closed_at": "2026-03-02T09:00Z"}, "closed_at", "lies before opened_at"),
        ({"source": "kari nordmann"}, "source", "source must be a short name without spaces, not «kari nordmann»."),
        ({"articles_used": "ring meg snart"}, "articles_used", "articles_used must be names of articles"),
        ({"corrects": "r-1"}, "corrects", "corrects names the record itself: «r-1»."),
        ({"record_id": ""}, "record_id", "record_id is missing."),
        ({"note": "she cried"}, "note", "There is no column «note» in the records contract."),
    ],
)
def test_bad_rows(changes: dict[str, str], column: str, says: str) -> None:
    with pytest.raises(RecordError) as raised:
        from_row(FULL_ROW | changes)
    assert raised.value.column == column
    assert says in str(raised.value)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(RecordError, match="opened_at must carry a time zone"):
        Record(record_id="r", opened_at=OPENED.replace(tzinfo=None))


def test_the_languages_are_the_two_letter_ones() -> None:
    assert all(len(language) == 2 for language in LANGUAGES)
    assert {"nb", "nn", "no", "se", "en", "uk", "ar", "so", "ti", "ur", "pl", "ru", "lt", "fa", "tr"} <= LANGUAGES
    assert len(LANGUAGES) == 183


def test_every_outcome_has_its_place_in_the_precedence() -> None:
    assert len(PRECEDENCE) == len(Outcome)
    assert set(PRECEDENCE) == set(Outcome)


@pytest.mark.parametrize(
    ("candidates", "outcome"),
    [
        ([Outcome.COUNSELLED, Outcome.REFERRED], Outcome.COUNSELLED),
        ([Outcome.REFERRED, Outcome.CALLBACK_DONE], Outcome.REFERRED),
        ([Outcome.CALLBACK_FAILED, Outcome.MESSAGE_LEFT], Outcome.CALLBACK_FAILED),
        ([Outcome.CALLBACK_FAILED, Outcome.CALLBACK_DONE], Outcome.CALLBACK_DONE),
        ([Outcome.GUIDED, Outcome.MESSAGE_LEFT], Outcome.MESSAGE_LEFT),
        ([Outcome.ABANDONED, Outcome.GUIDED], Outcome.GUIDED),
        ([Outcome.WITHDRAWN, Outcome.ABANDONED], Outcome.ABANDONED),
        ([Outcome.CLOSED_HOURS, Outcome.EMERGENCY_ADVISED], Outcome.EMERGENCY_ADVISED),
        ([Outcome.LEFT_MENU], Outcome.LEFT_MENU),
    ],
)
def test_resolve_outcome(candidates: list[Outcome], outcome: Outcome) -> None:
    assert resolve_outcome(candidates) is outcome
    assert resolve_outcome(reversed(candidates)) is outcome


def test_no_outcome_is_an_error() -> None:
    with pytest.raises(ValueError, match="none was given"):
        resolve_outcome([])


@pytest.mark.parametrize(
    ("outcome", "answered"),
    [
        ("counselled", Answered.YES),
        ("non_counselling", Answered.YES),
        ("abandoned", Answered.NO),
        ("queue_full", Answered.NO),
        ("short_abandon", Answered.SHORT),
        ("closed_hours", Answered.EXCLUDED),
        ("unknown", Answered.EXCLUDED),
        (None, Answered.EXCLUDED),
    ],
)
def test_answered_as(outcome: str | None, answered: Answered) -> None:
    assert answered_as(outcome) is answered


@pytest.mark.parametrize(
    ("at", "hour"),
    [
        (OPENED, datetime(2026, 3, 2, 9, tzinfo=UTC)),
        (datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)),
        # Both hours named 02 of the autumn night.
        (datetime(2026, 10, 25, 0, 40, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 40, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
        (
            datetime(2026, 3, 2, 9, 14, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            datetime(2026, 3, 2, 3, tzinfo=UTC),
        ),
    ],
)
def test_cut_to_hour(at: datetime, hour: datetime) -> None:
    assert cut_to_hour(at) == hour


def test_cutting_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        cut_to_hour(OPENED.replace(tzinfo=None))


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - bounds
def test_cutting_keeps_the_local_day_and_hour(at: datetime) -> None:
    before, after = at.astimezone(OSLO), cut_to_hour(at).astimezone(OSLO)
    assert (before.date(), before.hour, before.fold) == (after.date(), after.hour, after.fold)
    assert (after.minute, after.second, after.microsecond) == (0, 0, 0)


def test_deidentified_cuts_both_times_and_nothing_else() -> None:
    record = from_row(FULL_ROW)
    assert to_row(deidentified(record)) == FULL_ROW | {
        "opened_at": "2026-03-02T09:00:00Z",
        "closed_at": "2026-03-02T09:00:00Z",
    }
    assert deidentified(Record(record_id="r", opened_at=OPENED)).closed_at is None


def code_in(list_name: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([*code_lists()[list_name], "unknown", None])


def codes_in(list_name: str) -> st.SearchStrategy[tuple[str, ...]]:
    known = st.lists(st.sampled_from([*code_lists()[list_name]]), unique=True, max_size=3).map(tuple)
    return known | st.just(("unknown",))


YES_NO = st.sampled_from([True, False, None])
RECORDS = st.builds(
    Record,
    record_id=st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True),
    kind=st.sampled_from([*code_lists()["kind"]]),
    origin=st.sampled_from(Origin),
    opened_at=st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - bounds
    channel=code_in("channel"),
    relation=code_in("relation"),
    municipality=st.sampled_from([*municipalities(), None]),
    challenge_areas=codes_in("challenge_area"),
    topics=codes_in("topic"),
    waited_seconds=st.none() | st.integers(0, 10_000),
    outcome=code_in("outcome"),
    redial_24h=YES_NO,
    asked_what_matters=YES_NO,
    referred_to=codes_in("referral"),
)


@given(RECORDS)
def test_any_record_comes_back_from_the_csv(record: Record) -> None:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerow(to_row(record))
    file.seek(0)
    assert [from_row(row) for row in csv.DictReader(file)] == [record]
