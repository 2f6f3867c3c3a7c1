"""What a report shows, made ready for the page and for the file: every figure with its definition in its language."""

from collections.abc import Callable
from dataclasses import dataclass

from helpline.core.codes import counties, label
from helpline.core.counter_list import COUNTERS, Counter
from helpline.core.counters import Breakdown, Figure, breakdown, read
from helpline.core.tally import Tally, cut_of
from helpline.desk.counters import Counted, in_steps
from helpline.web.reports_chart import Chart, contacts_over_time
from helpline.web.reports_numbers import NONE, figure, number, percent
from helpline.web.reports_period import Period

Say = Callable[..., str]

#: The figures at the top, and those of each block.
KEY = ("contacts", "answer_rate", "wait_median", "asked_what_matters", "evaluation")
ANSWERING = ("answered", "not_answered", "abandoned", "short_abandons", "answer_rate", "answer_rate_callers")
WAITING = (
    "wait_median",
    "wait_mean",
    "wait_p90",
    "service_level",
    "service_level_answered",
    "handling_median",
    "handling_mean",
)
OTHER_UNITS = ("sessions", "persons", "attendances", "groups", "letters")
BREAKDOWNS = ("outcome", "relation", "topic", "challenge_area", "urgency")
#: Of these a contact may have several, so the shares may sum to more than the whole.
SEVERAL = ("topic", "challenge_area")


@dataclass(frozen=True, kw_only=True)
class ShownFigure:
    """A figure in words. `of` is its part and whole, `meaning` its definition as terms with their texts."""

    name: str
    title: str
    value: str
    of: str | None
    interval: str | None
    meaning: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One value of a breakdown. `length` is its bar in percent of the longest."""

    code: str
    label: str
    count: int
    shown: str
    share: str
    length: float


@dataclass(frozen=True, kw_only=True)
class ShownBreakdown:
    """A breakdown in words; unknown and not asked stand apart from what shares are of."""

    dimension: str
    slices: tuple[Slice, ...]
    known: str
    unknown: str
    not_asked: str
    total: str
    several: bool

    @property
    def whole(self) -> bool:
        """Whether every contact has exactly one value, so that the values sum to the total (the outcomes)."""
        return self.dimension == "outcome"


@dataclass(frozen=True, kw_only=True)
class ChannelRow:
    """A channel's own figures, by the counters' names."""

    code: str
    label: str
    contacts: str
    answered: str
    answer_rate: str
    wait_median: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything on the page. `empty` when nothing at all was counted."""

    empty: bool
    key: tuple[ShownFigure, ...]
    answering: tuple[ShownFigure, ...]
    waiting: tuple[ShownFigure, ...]
    other: tuple[ShownFigure, ...]
    chart: Chart
    channels: tuple[ChannelRow, ...]
    breakdowns: tuple[ShownBreakdown, ...]


def report(counted: Counted, period: Period, *, language: str, t: Say) -> Report:
    """The report of a period."""
    tally = counted.whole

    def shown(names: tuple[str, ...]) -> tuple[ShownFigure, ...]:
        return tuple(_shown(read(name, tally), language, t) for name in names)

    channels = list(breakdown(tally, "channel").counts) + [
        code for code in ("unknown", "") if tally.count("contacts", cut_of(channel=code))
    ]
    return Report(
        empty=not tally,
        key=shown(KEY),
        answering=shown(ANSWERING),
        waiting=shown(WAITING),
        other=shown(OTHER_UNITS),
        chart=contacts_over_time(
            in_steps(counted, period.step),
            first=period.first,
            last=period.last,
            step=period.step,
            channels=channels,
            language=language,
        ),
        channels=tuple(_channel(tally, code, language, t) for code in channels),
        breakdowns=tuple(_breakdown(breakdown(tally, dimension), dimension, language, t) for dimension in BREAKDOWNS),
    )


def value_label(dimension: str, code: str, language: str, t: Say) -> str:
    """A code's label with a capital; «not asked» for the empty one."""
    if not code:
        return t("reports.not_asked")
    known = counties(language) if dimension == "county" else {}
    words = known[code] if code in known else label(dimension, code, language)
    return words[:1].upper() + words[1:]


def meaning(counter: Counter, language: str, t: Say) -> tuple[tuple[str, str], ...]:
    """A counter's definition as terms with their texts, in the order of reading."""
    english = language == "en"
    terms = [
        (t("reports.definition"), counter.definition_en if english else counter.definition_nb),
        (t("reports.denominator"), counter.denominator_en if english else counter.denominator_nb),
        (t("reports.exclusions"), counter.exclusions_en if english else counter.exclusions_nb),
        (t("reports.clock_start"), counter.clock_start_en if english else counter.clock_start_nb),
        (
            t("reports.threshold"),
            t("reports.seconds", number=counter.threshold) if counter.threshold is not None else None,
        ),
        (t("reports.version"), str(counter.version)),
    ]
    return tuple((term, text) for term, text in terms if text)


def title(counter: Counter, language: str) -> str:
    """A counter's name."""
    return counter.title_en if language == "en" else counter.title_nb


def _shown(found: Figure, language: str, t: Say) -> ShownFigure:
    of = interval = None
    if found.part is not None and found.whole:
        of = t("reports.part_of", part=number(found.part, language), whole=number(found.whole, language))
    elif found.counter.unit in ("seconds", "points") and found.whole:
        of = t("reports.of_contacts", number=number(found.whole, language))
    if found.low is not None and found.high is not None:
        interval = t("reports.interval", low=percent(found.low, language), high=percent(found.high, language))
    return ShownFigure(
        name=found.counter.name,
        title=title(found.counter, language),
        value=figure(found, language),
        of=of,
        interval=interval,
        meaning=meaning(found.counter, language, t),
    )


def _channel(tally: Tally, code: str, language: str, t: Say) -> ChannelRow:
    cut = cut_of(channel=code)
    values = {
        name: figure(read(name, tally, cut=cut), language) for name in ChannelRow.__annotations__ if name in COUNTERS
    }
    return ChannelRow(code=code, label=value_label("channel", code, language, t), **values)


def _breakdown(found: Breakdown, dimension: str, language: str, t: Say) -> ShownBreakdown:
    longest = max(found.counts.values(), default=0)
    slices = []
    for code, count in found.counts.items():
        share = found.share(code)
        slices.append(
            Slice(
                code=code,
                label=value_label(dimension, code, language, t),
                count=count,
                shown=number(count, language),
                share=percent(share, language) if share is not None else NONE,
                length=round(100 * count / longest, 2),
            )
        )
    return ShownBreakdown(
        dimension=dimension,
        slices=tuple(slices),
        known=number(found.known, language),
        unknown=number(found.unknown, language),
        not_asked=number(found.not_asked, language),
        total=number(found.total, language),
        several=dimension in SEVERAL,
    )
