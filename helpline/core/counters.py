"""The counters: every figure read from a tally, with the definition that it carries (`counter_list`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

from helpline.core.codes import DECLINED, UNKNOWN, Outcome, code_lists
from helpline.core.counter_list import ANSWER_WITHIN, COUNTERS, Counter
from helpline.core.marks import list_of, marks
from helpline.core.record import Answered, Record
from helpline.core.tally import Tally, cut_of


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A counter's value. `value` is None where nothing was counted that it could be worked out from.

    A share comes with its part, its whole and its 95 % interval (Wilson): at seven calls a day a share alone misleads.
    A time or a mean of points comes with the number of contacts behind it as `whole`.
    """

    counter: Counter
    value: int | float | None
    part: int | None = None
    whole: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """A unit counted by the values of one dimension, the largest first; unknown and not asked stand apart, and so do
    those who declined to say (`codes.DECLINED`).

    `known` is what shares are of. Where a contact may have several values, the counts sum to more than `known`.
    """

    dimension: str
    unit: str
    counts: Mapping[str, int]
    known: int
    unknown: int
    not_asked: int
    declined: int = 0

    @property
    def total(self) -> int:
        return self.known + self.declined + self.unknown + self.not_asked

    def share(self, code: str) -> float | None:
        """The share of known that has a value, 0–1; None when nothing is known."""
        return self.counts.get(code, 0) / self.known if self.known else None


def read(name: str, tally: Tally, *, cut: str = "", answer_within: int = ANSWER_WITHIN) -> Figure:
    """The figure of a counter, under a cut (`tally.cut_of`) or for everything.

    Medians and the service level need histograms, which are kept for everything, by channel and under crossed cuts;
    under other cuts their value is None.

    Raises:
        KeyError: there is no such counter.
        ValueError: the tally does not keep such a cut, or `answer_within` is negative.
    """
    dimensions = tuple(part.partition("=")[0] for part in cut.split("&")) if cut else ()
    if not tally.keeps(dimensions):
        raise ValueError(f"The tally is not cut by «{' and '.join(dimensions)}».")
    if answer_within < 0:
        raise ValueError("The answer threshold must not be negative.")
    return _READERS[name](COUNTERS[name], tally, cut, answer_within)


def breakdown(tally: Tally, dimension: str, *, unit: str = "contacts") -> Breakdown:
    """A unit (contacts, sessions, persons, attendances, groups) by a dimension, or contacts by outcome.

    Raises:
        ValueError: the tally does not keep that dimension.
    """
    if dimension == "outcome":
        found = tally.marks("outcome")
    elif tally.keeps((dimension,)):
        found = {value: tally.count(unit, cut_of(**{dimension: value})) for value in tally.values(dimension)}
    else:
        raise ValueError(f"The tally is not cut by «{dimension}».")
    unknown, not_asked = found.pop(UNKNOWN, 0), found.pop("", 0)
    declined = found.pop(DECLINED[dimension], 0) if dimension in DECLINED else 0
    code_list = code_lists().get(list_of(dimension), ())
    order = {code: place for place, code in enumerate(code_list)}
    ranked = sorted(found.items(), key=lambda item: (-item[1], order.get(item[0], len(order)), item[0]))
    return Breakdown(
        dimension=dimension,
        unit=unit,
        counts={code: count for code, count in ranked if count},
        known=tally.count(unit) - declined - unknown - not_asked,
        unknown=unknown,
        not_asked=not_asked,
        declined=declined,
    )


def abandon_curve(tally: Tally, *, cut: str = "") -> dict[int, float]:
    """The abandon curve: by whole seconds of waiting, the share of those who left the queue that had left by then.

    Short abandons are on it. Empty where nobody left, or where the tally keeps no histograms.
    """
    left = tally.histogram("left", cut)
    gone, everyone = 0, sum(left.values())
    curve: dict[int, float] = {}
    for seconds, count in left.items():
        gone += count
        curve[seconds] = gone / everyone
    return curve


def is_behind(name: str, record: Record) -> bool:
    """Whether a record is among those that a counter is worked out from: its sum, its denominator, or its mean.

    Raises:
        KeyError: there is no such counter.
    """
    seconds, amounts = marks(record)
    made = amounts.keys() | seconds.keys()
    return any(mark in made for mark in _MARKS_BEHIND[name])


def interval(part: int, whole: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share, each end 0–1; it stays honest for small numbers.

    Raises:
        ValueError: `whole` is not positive, or `part` lies outside it.
    """
    if whole < 1 or not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share.")
    z = 1.959963984540054
    share = part / whole
    middle = share + z * z / (2 * whole)
    reach = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def median(histogram: Mapping[int, int]) -> float | None:
    """The middle value of an ascending histogram, the mean of the two middle ones for an even number; None if empty."""
    count = sum(histogram.values())
    if not count:
        return None
    return (_ranked(histogram, (count + 1) // 2) + _ranked(histogram, count // 2 + 1)) / 2


def percentile(histogram: Mapping[int, int], percent: int) -> int | None:
    """The smallest value that at least `percent` of 100 do not exceed (nearest rank); None if empty."""
    count = sum(histogram.values())
    return _ranked(histogram, max(1, -(-count * percent // 100))) if count else None


def _ranked(histogram: Mapping[int, int], rank: int) -> int:
    passed = 0
    for value, count in histogram.items():
        passed += count
        if passed >= rank:
            return value
    raise ValueError(f"The histogram has no value of rank {rank}.")


_Reader = Callable[[Counter, Tally, str, int], Figure]


def _sum_of(mark: str) -> _Reader:
    def reader(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
        return Figure(counter=counter, value=tally.count(mark, cut))

    return reader


def _share(counter: Counter, part: int, whole: int) -> Figure:
    if not whole:
        return Figure(counter=counter, value=None, part=part, whole=whole)
    low, high = interval(part, whole)
    return Figure(counter=counter, value=part / whole, part=part, whole=whole, low=low, high=high)


def _answers(tally: Tally, cut: str) -> dict[Answered, int]:
    return {answered: tally.count(f"answered:{answered}", cut) for answered in Answered}


def _answer_rate(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
    answers = _answers(tally, cut)
    return _share(counter, answers[Answered.YES], sum(answers.values()))


def _answer_rate_callers(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
    # Each redial takes the place of one unanswered attempt before it. Where that one lies outside the cut or period,
    # there could be fewer callers than answers: never fewer than those we answered.
    answers = _answers(tally, cut)
    callers = max(sum(answers.values()) - tally.count("redials", cut), answers[Answered.YES])
    return _share(counter, answers[Answered.YES], callers)


def _service_level(counter: Counter, tally: Tally, cut: str, answer_within: int) -> Figure:
    waits = tally.histogram("wait", cut)
    if not waits and tally.count("waits", cut):
        return Figure(counter=counter, value=None)
    within = sum(count for seconds, count in waits.items() if seconds <= answer_within)
    unanswered = tally.count(f"answered:{Answered.NO}", cut) if counter.name == "service_level" else 0
    return _share(counter, within, sum(waits.values()) + unanswered)


def _median_of(histogram: str, number: str) -> _Reader:
    def reader(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
        return Figure(counter=counter, value=median(tally.histogram(histogram, cut)), whole=tally.count(number, cut))

    return reader


def _wait_p90(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
    return Figure(counter=counter, value=percentile(tally.histogram("wait", cut), 90), whole=tally.count("waits", cut))


def _mean_of(amount: str, number: str) -> _Reader:
    def reader(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
        whole = tally.count(number, cut)
        return Figure(counter=counter, value=tally.count(amount, cut) / whole if whole else None, whole=whole)

    return reader


def _share_of(part: str, *others: str) -> _Reader:
    """The share of a mark in itself and others."""

    def reader(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
        number = tally.count(part, cut)
        return _share(counter, number, number + sum(tally.count(mark, cut) for mark in others))

    return reader


def _waited(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
    return Figure(counter=counter, value=tally.count("waits", cut) + tally.count("lefts", cut))


def _callbacks_promised(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
    return Figure(counter=counter, value=sum(tally.count(mark, cut) for mark in _CALLBACKS))


def _knowledge_used(counter: Counter, tally: Tally, cut: str, _: int) -> Figure:
    return _share(counter, tally.count("helped_with_article", cut), tally.count("helped", cut))


_CALLBACKS = (f"outcome:{Outcome.CALLBACK_DONE}", f"outcome:{Outcome.CALLBACK_FAILED}")
_ATTEMPTS = tuple(f"answered:{answered}" for answered in (Answered.YES, Answered.NO, Answered.SHORT))


#: How each counter of the list is read from a tally.
_READERS: Mapping[str, _Reader] = {
    "contacts": _sum_of("contacts"),
    "sessions": _sum_of("sessions"),
    "persons": _sum_of("persons"),
    "attendances": _sum_of("attendances"),
    **{
        f"attendances_{activity}": _sum_of(f"attendance:{activity}")
        for activity in ("support_group", "writing", "course", "event")
    },
    "groups": _sum_of("groups"),
    "answered": _sum_of(f"answered:{Answered.YES}"),
    "not_answered": _sum_of(f"answered:{Answered.NO}"),
    "abandoned": _sum_of("outcome:abandoned"),
    "short_abandons": _sum_of("outcome:short_abandon"),
    "redials": _sum_of("redials"),
    "answer_rate": _answer_rate,
    "answer_rate_callers": _answer_rate_callers,
    "service_level": _service_level,
    "service_level_answered": _service_level,
    "waited": _waited,
    "left": _sum_of("lefts"),
    "left_median": _median_of("left", "lefts"),
    "wait_median": _median_of("wait", "waits"),
    "wait_mean": _mean_of("wait_seconds", "waits"),
    "wait_p90": _wait_p90,
    "handling_median": _median_of("handled", "handlings"),
    "handling_mean": _mean_of("handled_seconds", "handlings"),
    "returning": _share_of("caller_status:returning", "caller_status:new"),
    "callbacks_promised": _callbacks_promised,
    "callbacks_kept": _share_of(*_CALLBACKS),
    "asked_what_matters": _share_of("asked_what_matters:yes", "asked_what_matters:no"),
    "letters": _sum_of("letters"),
    "knowledge_used": _knowledge_used,
    "evaluations": _sum_of("evaluations"),
    "evaluation": _mean_of("evaluation_points", "evaluations"),
}

#: The marks that a record must make one of to be behind a counter.
_MARKS_BEHIND: Mapping[str, tuple[str, ...]] = {
    "contacts": ("contacts",),
    "sessions": ("sessions",),
    "persons": ("persons",),
    "attendances": ("attendances",),
    **{
        f"attendances_{activity}": (f"attendance:{activity}",)
        for activity in ("support_group", "writing", "course", "event")
    },
    "groups": ("groups",),
    "answered": (f"answered:{Answered.YES}",),
    "not_answered": (f"answered:{Answered.NO}",),
    "abandoned": (f"outcome:{Outcome.ABANDONED}",),
    "short_abandons": (f"outcome:{Outcome.SHORT_ABANDON}",),
    "redials": ("redials",),
    "answer_rate": _ATTEMPTS,
    "answer_rate_callers": _ATTEMPTS,
    "service_level": ("wait", f"answered:{Answered.NO}"),
    "service_level_answered": ("wait",),
    "waited": ("wait", "left"),
    "left": ("left",),
    "left_median": ("left",),
    "wait_median": ("wait",),
    "wait_mean": ("wait",),
    "wait_p90": ("wait",),
    "handling_median": ("handled",),
    "handling_mean": ("handled",),
    "returning": ("caller_status:returning", "caller_status:new"),
    "callbacks_promised": _CALLBACKS,
    "callbacks_kept": _CALLBACKS,
    "asked_what_matters": ("asked_what_matters:yes", "asked_what_matters:no"),
    "letters": ("letters",),
    "knowledge_used": ("helped",),
    "evaluations": ("evaluations",),
    "evaluation": ("evaluations",),
}
