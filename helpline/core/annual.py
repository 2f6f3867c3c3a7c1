"""The annual report: the numbers of a year and what they carry, from the tally of the year and of the year before.

Nothing is said that the numbers do not carry: every statement is a key with the numbers that it speaks of, and «more»
or «fewer» is only said where chance is not enough to explain the difference (`annual_numbers`). The words are written
elsewhere (`desk.annual_words`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from helpline.core.annual_numbers import (
    FEWEST,
    FEWEST_KNOWN,
    FEWEST_SHOWN,
    Box,
    Change,
    Number,
    Shares,
    Verdict,
    Year,
    box,
    count,
    figure,
    gender,
    judge_shares,
    known,
    relations,
    share,
    share_of,
)
from helpline.core.codes import EXTRA_COUNTIES, UNKNOWN, code_lists
from helpline.core.counters import Breakdown, breakdown
from helpline.core.tally import SEVERAL, cut_of

#: Raised whenever a number of the report changes its meaning (those of the counters have versions of their own).
VERSION = 1
#: When the share that is known moves by more than this between two years, shares of known are not compared.
KNOWN_MOVES = 0.1
#: A log that begins later in a year than after so many days has not counted the whole of it.
BEGINS_WITHIN = timedelta(days=31)

#: The boxes in the order of the sources: contacts, calls (a part of them), sessions, their participants, attendances at
#: support groups, self-run groups.
BOXES = ("contacts", "advice_calls", "sessions", "persons", "support_group", "groups")
#: Attendances by activity that have a box of their own.
ACTIVITIES = ("support_group", "event", "course", "writing")
#: What the paragraphs look at, and by which the year is compared with the one before.
WHO = ("relation", "gender", "age_band")
ABOUT = ("challenge_area", "topic")
WHERE = ("county", "referred_from")
#: What a year's tally must be cut by.
DIMENSIONS = ("channel", "origin", "activity", "language", *WHO, *ABOUT, *WHERE)
#: Languages of the records that are Norwegian.
_NORWEGIAN = ("no", "nb", "nn")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Something that the numbers carry. `key` says which words; the numbers and the name of the dimension fill them."""

    key: str
    numbers: Mapping[str, Number] = field(default_factory=dict)
    dimension: str | None = None
    change: Change | None = None


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    name: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The report of a year. `before` is the year it is compared with; None where there is none to compare with, and
    then `why_alone` says why: `none` (nothing was logged), `begins` (the log begins in one of the two years)."""

    year: Year
    before: Year | None
    why_alone: str | None
    #: The day on which the log begins, where that is why.
    begins: date | None
    #: Whether the year is over.
    over: bool
    gender: Shares
    boxes: tuple[Box, ...]
    #: Attendances: those of the report's boxes, then the others that occur; they sum to `attendances`.
    activities: tuple[Box, ...]
    attendances: Box
    relations: Shares
    paragraphs: tuple[Paragraph, ...]

    def numbers(self) -> Iterator[Number]:
        """Every number of the report, those of statements too."""
        for one in (*self.boxes, *self.activities, self.attendances):
            yield one.number
            if one.before is not None:
                yield one.before
        for shares in (self.gender, self.relations):
            yield from shares.shown
            if shares.rest is not None:
                yield shares.rest
        for paragraph in self.paragraphs:
            for statement in paragraph.statements:
                yield from statement.numbers.values()


def report(year: Year, before: Year | None, *, over: bool) -> Report:
    """The report of a year beside the year before (None: there is nothing to compare with).

    Of a year that is not over, `before` holds the same days of the year before.
    """
    why_alone = begins = None
    if year.begins is not None or (before is not None and before.begins is not None):
        begins = year.begins or (before.begins if before is not None else None)
        before, why_alone = None, "begins"
    elif before is None or not before.tally:
        before, why_alone = None, "none"
    found = {
        "contacts": (*_contacts(year, before), *_channels(year)),
        "sessions": tuple(_sessions(year, before)),
        "activities": (*_attendances(year, before), *_groups(year, before)),
        "who": (*_dimensions(WHO, year, before), *_couples(year), *_language(year)),
        "about": tuple(_dimensions(ABOUT, year, before)),
        "where": (*_counties(year), *_dimensions(WHERE, year, before)),
        "answering": tuple(_answering(year, before)),
        "quality": tuple(_quality(year, before)),
    }
    return Report(
        year=year,
        before=before,
        why_alone=why_alone,
        begins=begins,
        over=over,
        gender=gender(year),
        boxes=tuple(box(name, year, before) for name in BOXES),
        activities=tuple(box(activity, year, before) for activity in (*ACTIVITIES, *_other_activities(year, before))),
        attendances=box("attendances", year, before),
        relations=relations(year),
        paragraphs=tuple(Paragraph(name=name, statements=said) for name, said in found.items() if said),
    )


def _other_activities(*years: Year | None) -> list[str]:
    """Activities without a box that occur in any of the years, in the order of their list; then what is unknown, and
    what was not given (empty)."""
    occurring = {
        code
        for year in years
        if year is not None
        for code in year.tally.values("activity")
        if year.tally.count("attendances", cut_of(activity=code))
    }
    return [code for code in (*code_lists()["activity"], UNKNOWN, "") if code in occurring and code not in ACTIVITIES]


def _compared(found: Box) -> Iterator[Statement]:
    """What became of a count since the year before."""
    if found.before is not None and found.change is not None and (found.number.value or found.before.value):
        numbers = {"now": found.number, "before": found.before}
        key = f"change_{found.change.verdict}" if found.before.value else "change_from_none"
        yield Statement(key=key, numbers=numbers, change=found.change)


def _contacts(year: Year, before: Year | None) -> Iterator[Statement]:
    found = box("contacts", year, before)
    if not found.number.value:
        yield Statement(key="no_contacts")
        return
    yield Statement(key="contacts", numbers={"contacts": found.number})
    yield from _compared(found)


def _channels(year: Year) -> Iterator[Statement]:
    total = year.tally.count("contacts")
    calls = count("advice_calls", year)
    if calls.value:
        part = share("channel:phone", int(calls.value), total, year.year, channel="phone")
        yield Statement(key="calls", numbers={"calls": calls, "share": part})
    afterwards = year.tally.count("contacts", cut_of(origin="afterwards"))
    if afterwards >= FEWEST_SHOWN:
        part = share("origin:afterwards", afterwards, total, year.year, origin="afterwards")
        yield Statement(key="afterwards", numbers={"share": part})


def _sessions(year: Year, before: Year | None) -> Iterator[Statement]:
    sessions = box("sessions", year, before)
    if sessions.number.value or (sessions.before is not None and sessions.before.value):
        yield Statement(key="sessions", numbers={"sessions": sessions.number, "persons": count("persons", year)})
        yield from _compared(sessions)


def _attendances(year: Year, before: Year | None) -> Iterator[Statement]:
    for activity in ACTIVITIES:
        yield from _beside("attendances", box(activity, year, before))
    whole = box("attendances", year, before)
    if whole.number.value:
        yield Statement(key="attendances_are_not_people", numbers={"all": whole.number})
        if whole.before is not None and whole.before.value:
            yield Statement(key="attendances_not_judged")


def _groups(year: Year, before: Year | None) -> Iterator[Statement]:
    yield from _beside("groups", box("groups", year, before))


def _beside(key: str, found: Box) -> Iterator[Statement]:
    """Two numbers side by side, without a verdict."""
    if found.before is not None and (found.number.value or found.before.value):
        yield Statement(key=f"{key}_beside", numbers={"now": found.number, "before": found.before})
    elif found.number.value:
        yield Statement(key=key, numbers={"now": found.number})


def _couples(year: Year) -> Iterator[Statement]:
    """Spouses and cohabitants stand apart; together they are a group that the sources speak of."""
    found = breakdown(year.tally, "relation")
    counts = [found.counts.get(code, 0) for code in ("spouse", "cohabitant")]
    if min(counts) >= FEWEST_SHOWN:
        part = share("relation:couples", sum(counts), found.known, year.year, relation="spouse;cohabitant")
        yield Statement(key="couples", numbers={"share": part})


def _language(year: Year) -> Iterator[Statement]:
    found = breakdown(year.tally, "language")
    other = sum(number for code, number in found.counts.items() if code not in _NORWEGIAN)
    if other >= FEWEST_SHOWN:
        part = share("language:other", other, found.known, year.year, language="not no;nb;nn")
        yield Statement(key="language", numbers={"share": part})


def _counties(year: Year) -> Iterator[Statement]:
    occurring = [code for code in breakdown(year.tally, "county").counts if code not in EXTRA_COUNTIES]
    if len(occurring) > 1:
        number = Number(name="counties", counter="contacts", unit="counties", year=year.year, value=len(occurring))
        yield Statement(key="counties", numbers={"counties": number})


def _dimensions(dimensions: tuple[str, ...], year: Year, before: Year | None) -> Iterator[Statement]:
    """How much is known of each dimension, its largest values, and which of them rose or fell."""
    for dimension in dimensions:
        found = known(year.tally, dimension)
        if not found.total:
            continue
        if not found.known:
            yield Statement(key="nothing_known", dimension=dimension)
            continue
        yield Statement(key="known", numbers={"known": _known_share(found, year)}, dimension=dimension)
        if found.known * 2 < found.total:
            yield Statement(key="less_than_half", dimension=dimension)
        if codes := _largest(found):
            places = list(enumerate(codes, start=1))
            yield Statement(
                key=f"largest_{len(codes)}",
                numbers={f"share_{place}": _share_of(found, code, year) for place, code in places},
                dimension=dimension,
            )
            if dimension in SEVERAL:
                yield Statement(key="several", dimension=dimension)
        if before is not None:
            yield from _moved(found, known(before.tally, dimension), year, before)


def _moved(now: Breakdown, then: Breakdown, year: Year, before: Year) -> Iterator[Statement]:
    """Which shares rose or fell; or why that cannot be said."""
    if not then.known:
        return
    if min(now.known, then.known) < FEWEST_KNOWN:
        yield Statement(key="too_few_known", dimension=now.dimension)
        return
    if abs(now.known / now.total - then.known / then.total) > KNOWN_MOVES:
        numbers = {"now": _known_share(now, year), "before": _known_share(then, before)}
        yield Statement(key="known_otherwise", numbers=numbers, dimension=now.dimension)
        return
    moved = False
    for code in dict.fromkeys((*now.counts, *then.counts)):
        parts = now.counts.get(code, 0), then.counts.get(code, 0)
        verdict = judge_shares((parts[0], now.known), (parts[1], then.known))
        if verdict in (Verdict.MORE, Verdict.FEWER) and not any(0 < part < FEWEST_SHOWN for part in parts):
            moved = True
            numbers = {"now": _share_of(now, code, year), "before": _share_of(then, code, before)}
            yield Statement(key=f"share_{verdict}", numbers=numbers, dimension=now.dimension)
    if not moved:
        yield Statement(key="no_share_moved", dimension=now.dimension)


def _known_share(found: Breakdown, year: Year) -> Number:
    dimension = found.dimension
    return share(f"{dimension}:known", found.known, found.total, year.year, **{dimension: "known"})


def _share_of(found: Breakdown, code: str, year: Year) -> Number:
    return share_of(found.dimension, code, found.counts.get(code, 0), found.known, year.year)


def _largest(found: Breakdown) -> list[str]:
    """The three largest values, or fewer where one more is as large as the last of them."""
    ranked = [code for code, number in found.counts.items() if number >= FEWEST_SHOWN]
    places = min(3, len(ranked))
    while 0 < places < len(ranked) and found.counts[ranked[places]] == found.counts[ranked[places - 1]]:
        places -= 1
    return ranked[:places]


def _answering(year: Year, before: Year | None) -> Iterator[Statement]:
    attempts, callers = _enough("answer_rate", year), _enough("answer_rate_callers", year)
    if attempts is not None and callers is not None:
        yield Statement(key="answered", numbers={"attempts": attempts, "callers": callers})
        yield from _rate_beside(attempts, before)
    median, nine_in_ten = _enough("wait_median", year), _enough("wait_p90", year)
    if median is not None and nine_in_ten is not None:
        yield Statement(key="waited", numbers={"median": median, "p90": nine_in_ten})
        # Where waits are not known, the service level would be that of the unanswered alone.
        if (level := _enough("service_level", year)) is not None:
            yield Statement(key="service_level", numbers={"level": level})
            if before is not None and _enough("wait_median", before) is not None:
                yield from _rate_beside(level, before)


def _quality(year: Year, before: Year | None) -> Iterator[Statement]:
    if (asked := _enough("asked_what_matters", year)) is not None:
        yield Statement(key="asked_what_matters", numbers={"asked": asked})
        yield from _rate_beside(asked, before)
    if (evaluation := _enough("evaluation", year)) is not None:
        yield Statement(key="evaluation", numbers={"evaluation": evaluation})
    letters = figure("letters", year)
    if letters is not None and letters.value:
        yield Statement(key="letters", numbers={"letters": letters})


def _rate_beside(now: Number, before: Year | None) -> Iterator[Statement]:
    """Whether a share that is a counter of its own rose or fell since the year before."""
    then = _enough(now.name, before) if before is not None else None
    if then is None:
        return
    verdict = judge_shares((now.part or 0, now.whole or 0), (then.part or 0, then.whole or 0))
    yield Statement(key=f"rate_{verdict}", numbers={"now": now, "before": then})


def _enough(name: str, year: Year) -> Number | None:
    """A figure that enough contacts stand behind to say something by it."""
    found = figure(name, year)
    return found if found is not None and (found.whole or 0) >= FEWEST else None
