"""What the annual report shows, in one language: the sheet that the page, the HTML file and the PDF draw, and the JSON
document that holds both languages beside the numbers themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain, groupby
from typing import Any

from helpline.core.annual import KNOWN_MOVES, VERSION, Report
from helpline.core.annual_numbers import FEWEST, FEWEST_KNOWN, FEWEST_SHOWN, Box, Change, Number, Shares
from helpline.core.counter_list import COUNTERS
from helpline.desk.annual_words import (
    LANGUAGES,
    NONE,
    capital,
    long_date,
    meaning,
    of,
    shown,
    signed,
    statement,
    text,
    texts,
    title,
    whole,
)

#: The marks of the footnotes, as in the sources.
MARKS = {"attendance": "*", "several": "**"}
#: Boxes of their own beside the six.
_EVENTS = ("event", "course")


@dataclass(frozen=True, kw_only=True)
class ShownBox:
    """A box: the number, what it counts with the mark of its footnote, and the year before («2024: 2 750»)."""

    name: str
    number: str
    title: str
    before: str | None
    #: The name of its definition.
    definition: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A group: its label, its share in words, its part and whole, and the share 0–1 for the drawing."""

    name: str
    label: str
    share: str
    of: str
    length: float
    definition: str


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Groups with their shares. `alt` is the drawing in words; without groups `note` says that nothing is known."""

    title: str
    note: str
    alt: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A number in the table: this year's, and with a year to compare with that of the year before, the difference and
    what the difference says."""

    title: str
    cells: tuple[str, ...]
    definition: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """A heading with its paragraphs, each of its sentences."""

    title: str
    parts: tuple[tuple[str, ...], ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(chain.from_iterable(self.parts))


@dataclass(frozen=True, kw_only=True)
class Term:
    """A definition: what it is of, and its terms with their texts."""

    name: str
    title: str
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything on the report, in its order and in one language."""

    language: str
    title: str
    lead: str
    #: What whoever reads must know first: practice, an unfinished year, nothing to compare with.
    notices: tuple[str, ...]
    gender: Bars
    boxes: tuple[ShownBox, ...]
    events_title: str
    events: tuple[ShownBox, ...]
    relations: Bars
    relations_note: str
    writing_title: str
    writing: ShownBox
    footnotes: tuple[tuple[str, str], ...]
    table_title: str
    table_note: str
    table_head: tuple[str, ...]
    table: tuple[Row, ...]
    paragraphs_title: str
    paragraphs: tuple[Told, ...]
    method: Told
    definitions_title: str
    definitions: tuple[Term, ...]
    made: str


def sheet(report: Report, language: str, *, on: date, practice: bool) -> Sheet:
    """The report in a language. `on` is the day on which it is made; `practice` says that it counts practice."""

    def t(key: str, **values: object) -> str:
        return text(key, language, **values)

    year = report.year.year
    activities = {box.number.name: box for box in report.activities}
    rows = {box.number.name: box for box in (*report.boxes, *report.activities, report.attendances)}
    footnotes = {note for box in rows.values() for note in box.footnotes}
    return Sheet(
        language=language,
        title=t("title", year=year),
        lead=t("lead", first=long_date(report.year.first, language), last=long_date(report.year.last, language)),
        notices=tuple(_notices(report, language, practice)),
        gender=_bars(report.gender, t("gender_title"), language),
        boxes=tuple(_box(box, language) for box in report.boxes),
        events_title=t("events_title"),
        events=tuple(_box(activities[name], language) for name in _EVENTS),
        relations=_bars(report.relations, t("relations_title"), language),
        relations_note=t("relations_note"),
        writing_title=t("writing_title"),
        writing=_box(activities["writing"], language),
        footnotes=tuple((mark, t(f"footnote.{note}")) for note, mark in MARKS.items() if note in footnotes),
        table_title=t("table_title" if report.before is not None else "table_alone"),
        table_note=t("table_note"),
        table_head=(
            t("head_number"),
            str(year),
            *((str(year - 1), t("head_difference"), t("head_verdict")) if report.before is not None else ()),
        ),
        table=tuple(_row(box, language) for box in rows.values()),
        paragraphs_title=t("paragraphs_title"),
        paragraphs=tuple(
            Told(
                title=t(f"paragraph.{one.name}"),
                # What is said of one dimension stands together.
                parts=tuple(
                    tuple(statement(said, report, language) for said in part)
                    for _, part in groupby(one.statements, key=lambda said: said.dimension)
                ),
            )
            for one in report.paragraphs
        ),
        method=Told(title=t("method_title"), parts=tuple((words,) for words in _method(language))),
        definitions_title=t("definitions_title"),
        definitions=tuple(_definitions(report, language)),
        made=t("made", day=long_date(on, language)),
    )


def document(report: Report, *, on: date, practice: bool) -> dict[str, Any]:
    """The report as JSON has it: every number with its counter, unit, definition, denominator and version, and as it is
    shown in both languages."""
    sheets = {language: sheet(report, language, on=on, practice=practice) for language in LANGUAGES}

    def both(name: str, words: Iterable[str]) -> dict[str, str]:
        return {f"{name}_{language}": said for language, said in zip(LANGUAGES, words, strict=True)}

    return {
        "report": "annual",
        "version": VERSION,
        "year": report.year.year,
        "first": report.year.first.isoformat(),
        "last": report.year.last.isoformat(),
        "over": report.over,
        "compared_with": report.before.year if report.before is not None else None,
        "include_simulated": practice,
        "made_on": on.isoformat(),
        **{f"title_{language}": one.title for language, one in sheets.items()},
        **{f"notices_{language}": list(one.notices) for language, one in sheets.items()},
        "gender": _shares_document(report.gender),
        "boxes": [_box_document(box) for box in report.boxes],
        "activities": [_box_document(box) for box in report.activities],
        "attendances": _box_document(report.attendances),
        "relations": _shares_document(report.relations),
        "footnotes": [
            {"mark": mark, "note": note} | both("text", (text(f"footnote.{note}", one) for one in LANGUAGES))
            for note, mark in MARKS.items()
            if any(mark == shown_mark for shown_mark, _ in sheets["nb"].footnotes)
        ],
        "paragraphs": [
            {"name": one.name}
            | both("title", (text(f"paragraph.{one.name}", language) for language in LANGUAGES))
            | {
                "statements": [
                    {"key": said.key}
                    | both("text", (statement(said, report, language) for language in LANGUAGES))
                    | {
                        "numbers": {name: _number_document(number) for name, number in said.numbers.items()},
                        "change": _change_document(said.change),
                    }
                    for said in one.statements
                ]
            }
            for one in report.paragraphs
        ],
        **{f"method_{language}": list(one.method.sentences) for language, one in sheets.items()},
    }


def _notices(report: Report, language: str, practice: bool) -> Iterator[str]:
    year = report.year.year
    names = {"year": year, "before": year - 1, "last": long_date(report.year.last, language)}
    if practice:
        yield text("practice", language)
    if not report.over:
        yield text("not_over" if report.before is not None else "not_over_alone", language, **names)
    if report.why_alone is not None:
        begins = long_date(report.begins, language) if report.begins is not None else NONE
        yield text(f"alone_{report.why_alone}", language, begins=begins, **names)


def _box(box: Box, language: str) -> ShownBox:
    before = None
    if box.before is not None:
        before = text("before_line", language, year=box.before.year, number=shown(box.before, language))
    return ShownBox(
        name=box.number.name,
        number=shown(box.number, language),
        title=title(box.number, language, "".join(MARKS[note] for note in box.footnotes)),
        before=before,
        definition=_definition_name(box.number),
    )


def _bars(found: Shares, heading: str, language: str) -> Bars:
    dimension = text(f"dimension.{found.dimension}", language)
    bars = tuple(
        Bar(
            name=number.name,
            label=title(number, language),
            share=shown(number, language),
            of=of(number, language),
            length=float(number.value or 0),
            definition=_definition_name(number),
        )
        for number in (*found.shown, *((found.rest,) if found.rest is not None else ()))
    )
    values = {"known": whole(found.known, language), "total": whole(found.total, language), "dimension": dimension}
    return Bars(
        title=heading,
        note=text("shares_note", language, **values)
        if bars
        else text("shares_none", language, Dimension=capital(dimension)),
        alt=text("chart", language, rows="; ".join(f"{bar.label} {bar.share}" for bar in bars)),
        bars=bars,
    )


def _row(box: Box, language: str) -> Row:
    cells = [shown(box.number, language)]
    if box.before is not None and box.change is not None:
        amount = int(box.number.value or 0) - int(box.before.value or 0)
        difference = signed(amount, whole(abs(amount), language))
        cells += [shown(box.before, language), difference, text(f"verdict.{box.change.verdict}", language)]
    return Row(
        title=title(box.number, language, "".join(MARKS[note] for note in box.footnotes)),
        cells=tuple(cells),
        definition=_definition_name(box.number),
    )


def _method(language: str) -> Iterator[str]:
    values = {
        "fewest": FEWEST,
        "fewest_known": FEWEST_KNOWN,
        "fewest_shown": FEWEST_SHOWN,
        "known_moves": _points(language),
    }
    for words in texts("method", language).values():
        yield words.format(**values)


def _points(language: str) -> str:
    points = round(KNOWN_MOVES * 100)
    return f"{points} percentage points" if language == "en" else f"{points} prosentpoeng"


def _definitions(report: Report, language: str) -> Iterator[Term]:
    """Each definition once: of the boxes, and of every other number that the report speaks of."""
    seen: set[str] = set()
    for number in report.numbers():
        name = _definition_name(number)
        if name not in seen:
            seen.add(name)
            dimension, colon, code = number.name.partition(":")
            heading = title(number, language)
            if colon:
                heading = capital(text(f"dimension.{dimension}", language))
                if code == "known":
                    heading = text("known_of", language, Dimension=heading)
            yield Term(name=name, title=heading, terms=tuple(_terms(number, language)))


def _definition_name(number: Number) -> str:
    """What numbers share a definition by: groups of one dimension do, and how much of it is known is one of its own."""
    dimension, colon, code = number.name.partition(":")
    name = f"{dimension}-known" if code == "known" else dimension if colon else number.name
    return name.replace("_", "-")


def _terms(number: Number, language: str) -> Iterator[tuple[str, str]]:
    found = meaning(number, language)
    counter = COUNTERS[number.counter]
    definition = found.definition
    if ":" in number.name and not number.name.endswith(":known"):
        # The groups of a dimension share it, so it is the counter's own.
        definition = counter.definition_en if language == "en" else counter.definition_nb
    yield text("term_definition", language), definition
    for key, words in (
        ("denominator", found.denominator),
        ("exclusions", found.exclusions),
        ("clock", found.clock_start),
        ("threshold", text("threshold_words", language, threshold=found.threshold) if found.threshold else None),
    ):
        if words:
            yield text(f"term_{key}", language), words
    yield (
        text("term_version", language),
        text("version_words", language, counter=found.counter, version=found.version),
    )


def _number_document(number: Number) -> dict[str, Any]:
    meanings = {language: meaning(number, language) for language in LANGUAGES}
    known = {name: getattr(number, name) for name in ("part", "whole", "low", "high")}
    return {
        "name": number.name,
        "counter": number.counter,
        "unit": number.unit,
        "year": number.year,
        "cut": dict(number.cut),
        "value": number.value,
        **{name: value for name, value in known.items() if value is not None},
        **{f"shown_{language}": shown(number, language) for language in LANGUAGES},
        **{f"title_{language}": title(number, language) for language in LANGUAGES},
        **{f"definition_{language}": one.definition for language, one in meanings.items()},
        **{f"denominator_{language}": one.denominator for language, one in meanings.items()},
        **{f"exclusions_{language}": one.exclusions for language, one in meanings.items()},
        "threshold": meanings["nb"].threshold,
        "version": meanings["nb"].version,
    }


def _box_document(box: Box) -> dict[str, Any]:
    return _number_document(box.number) | {
        "before": _number_document(box.before) if box.before is not None else None,
        "change": _change_document(box.change),
        "footnotes": list(box.footnotes),
    }


def _change_document(change: Change | None) -> dict[str, Any] | None:
    return asdict(change) if change is not None else None


def _shares_document(found: Shares) -> dict[str, Any]:
    return {
        "dimension": found.dimension,
        "known": found.known,
        "total": found.total,
        "shares": [_number_document(number) for number in found.shown],
        "rest": _number_document(found.rest) if found.rest is not None else None,
    }
