"""Draws panels as accessible SVG: colours by class (light, dark and paper), patterns and dashes beside every colour.

A drawing is drawn for a width, so that its words stay readable on a telephone: the page holds a wide and a narrow one.
"""

from collections.abc import Iterator, Sequence
from math import ceil, log10
from textwrap import wrap

from markupsafe import Markup, escape

from helpline.web.panels import Bars, Drawing, Heat, Lines, Series, Tiles, Unit, written

WIDE, NARROW = 720, 280
#: Steps of a grid's or a map's shade above none.
SHADES = 5
_SIGN = 7.0  # a sign's width in the drawing's size of text, on the safe side
_PLOT = 220
_PALETTE = 6
_DASHES = ("", "7 4", "2 3", "10 3 2 3", "1 5", "12 5")
_PATTERNS = (
    "",
    '<path d="M-2 2 2-2M0 8 8 0M6 10 10 6"/>',
    '<path d="M0 4H8"/>',
    '<circle cx="2" cy="2" r="1.4"/><circle cx="6" cy="6" r="1.4"/>',
    '<path d="M0 4H8M4 0V8"/>',
    '<path d="M-2 6 2 10M0 0 8 8M6-2 10 2"/>',
)
#: What a drawing that stands alone carries with it; on a page the style sheet says the same by the page's colours.
_STYLE = """
svg { background: #fff; color: #1e2b2f; font-family: Inter, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
text { fill: #1e2b2f; font-size: 12px; } .d-title { font-size: 15px; font-weight: 600; } .d-quiet { fill: #4d5b60; }
.d-end { text-anchor: end; } .d-middle { text-anchor: middle; }
.d-rule { stroke: #d3dadc; } .d-axis { stroke: #7b888d; } .d-whisker { stroke: #1e2b2f; stroke-width: 1.5; }
.d-line { fill: none; stroke-width: 2; }
.d-0 { fill: #0b6271; stroke: #0b6271; } .d-1 { fill: #b4532a; stroke: #b4532a; }
.d-2 { fill: #5b4b9a; stroke: #5b4b9a; } .d-3 { fill: #477a1f; stroke: #477a1f; }
.d-4 { fill: #a3326b; stroke: #a3326b; } .d-5 { fill: #59666b; stroke: #59666b; }
.d-line.d-0, .d-line.d-1, .d-line.d-2, .d-line.d-3, .d-line.d-4, .d-line.d-5 { fill: none; }
.d-band { fill-opacity: 0.16; stroke: none; }
.d-hatch { fill: none; stroke: #fff; stroke-width: 1.5; } .d-hatch circle { fill: #fff; stroke: none; }
.d-cell { stroke: #fff; } .d-heat-0 { fill: #f1f4f5; } .d-heat-1 { fill: #dceaed; } .d-heat-2 { fill: #bfdae0; }
.d-heat-3 { fill: #9cc7d0; } .d-heat-4 { fill: #7ab4bf; } .d-heat-5 { fill: #58a0ae; }
.d-none { fill: #fff; stroke: #d3dadc; }
""".strip()


def svg(
    drawing: Drawing,
    *,
    standalone: bool,
    language: str,
    title: str = "",
    summary: str = "",
    key: str = "drawing",
    width: int = WIDE,
) -> Markup:
    """The drawing as SVG markup.

    `title` and `summary` are its name and its text alternative, `key` makes its ids its own on a page, `width` is in
    its own units. A drawing that stands alone carries its style, and its title and summary as visible words.
    """
    sheet = _Sheet(width=width, language=language, key=key)
    if standalone:
        sheet.heading(title, summary)
    match drawing:
        case Bars():
            _bars(sheet, drawing)
        case Lines():
            _lines(sheet, drawing)
        case Heat():
            _heat(sheet, drawing)
        case Tiles():
            _tiles(sheet, drawing)
    height = ceil(sheet.y + 4)
    names = f'<title id="{escape(key)}-t">{escape(title)}</title><desc id="{escape(key)}-d">{escape(summary)}</desc>'
    size = f' xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"' if standalone else ""
    style = f"<style>{_STYLE}</style>" if standalone else ""
    described = f' aria-describedby="{escape(key)}-d"' if summary else ""
    return Markup(
        f'<svg class="drawing" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{escape(key)}-t"'
        f"{described}{size}>{names}{style}<defs>{''.join(sheet.defs)}</defs>{''.join(sheet.parts)}</svg>"
    )


class _Sheet:
    """What is drawn so far; `y` is how far down it reaches."""

    def __init__(self, *, width: int, language: str, key: str) -> None:
        self.width, self.language, self.key = width, language, key
        self.parts: list[str] = []
        self.defs: list[str] = []
        self.y = 4.0
        self._patterned: set[int] = set()

    @property
    def narrow(self) -> bool:
        return self.width < 500

    def says(self, value: str | int | float | None, unit: Unit) -> str:
        return written(value, unit, self.language)

    def text(self, x: float, y: float, words: str, kind: str = "") -> None:
        shown = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text{shown} x="{_n(x)}" y="{_n(y)}">{escape(words)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self.parts.append(f'<path class="{kind}" d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"/>')

    def box(self, x: float, y: float, wide: float, high: float, kind: str, words: str = "", over: int = 0) -> None:
        """A rectangle; `words` show when it is pointed at, `over` is the series whose pattern lies over it."""
        at = f'x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="{_n(high)}"'
        told = f"<title>{escape(words)}</title>" if words else ""
        self.parts.append(f'<rect class="{kind}" {at}>{told}</rect>')
        if over % _PALETTE:
            self.parts.append(f'<rect fill="url(#{escape(self._pattern(over % _PALETTE))})" {at}>{told}</rect>')

    def heading(self, title: str, summary: str) -> None:
        for line in wrap(title, int(self.width / 8.5)):
            self.y += 18
            self.text(0, self.y, line, "d-title")
        for line in wrap(summary, int(self.width / 6.4)):
            self.y += 16
            self.text(0, self.y, line, "d-quiet")
        self.y += 10

    def legend(self, names: Sequence[str], *, lines: bool = False) -> None:
        """The names of the series with what marks them; one series needs none."""
        if len(names) < 2:
            return
        x, y = 0.0, self.y + 12
        for place, name in enumerate(names):
            needs = 26 + _SIGN * len(name) + 14
            if x and x + needs > self.width:
                x, y = 0.0, y + 18
            if lines:
                self.line_of(place, f"M{_n(x)} {_n(y - 4)}H{_n(x + 20)}")
            else:
                self.box(x, y - 10, 20, 11, f"d-{place % _PALETTE}", over=place)
            self.text(x + 26, y, name)
            x += needs
        self.y = y + 10

    def line_of(self, series: int, path: str, words: str = "") -> None:
        dashes = _DASHES[series % len(_DASHES)]
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        told = f"<title>{escape(words)}</title>" if words else ""
        self.parts.append(f'<path class="d-line d-{series % _PALETTE}"{dashed} d="{path}">{told}</path>')

    def _pattern(self, number: int) -> str:
        name = f"{self.key}-p{number}"
        if number not in self._patterned:
            self._patterned.add(number)
            self.defs.append(
                f'<pattern id="{escape(name)}" width="8" height="8" patternUnits="userSpaceOnUse">'
                f'<g class="d-hatch">{_PATTERNS[number]}</g></pattern>'
            )
        return name


def _bars(sheet: _Sheet, drawing: Bars) -> None:
    sheet.legend([one.name for one in drawing.series])
    if drawing.horizontal:
        _horizontal(sheet, drawing)
        return
    axis = _Axis(sheet, drawing.unit, _largest(drawing.series, stacked=drawing.stacked), drawing.labels)
    slot = axis.slot
    wide = slot * 0.76 / (1 if drawing.stacked else max(1, len(drawing.series)))
    # Where every number has room on its bar, it stands there.
    longest = max((len(sheet.says(value, drawing.unit)) for one in drawing.series for value in one.values), default=0)
    roomy = not drawing.stacked and wide > _SIGN * longest
    for place, label in enumerate(drawing.labels):
        floor = 0.0
        for number, one in enumerate(drawing.series):
            value = one.values[place]
            if value is None:
                continue
            x = axis.left + place * slot + slot * 0.12 + (0 if drawing.stacked else number * wide)
            top, bottom = axis.at(floor + value), axis.at(floor)
            words = _told(sheet, label, one, place, drawing.unit, named=len(drawing.series) > 1)
            if value:
                sheet.box(
                    x,
                    top,
                    max(wide - (0 if drawing.stacked else 1), 0.8),
                    bottom - top,
                    f"d-{number % _PALETTE}",
                    words,
                    number,
                )
            if drawing.stacked:
                floor += value
            ends = _ends(one, place)
            if roomy:
                high_end = value if ends is None else max(value, ends[1])
                sheet.text(x + wide / 2, axis.at(high_end) - 5, sheet.says(value, drawing.unit), "d-middle")
            if ends is not None:
                low, high = (axis.at(end) for end in ends)
                middle, reach = x + wide / 2, min(4.0, wide / 3)
                across = f"h{_n(2 * reach)}"
                sheet.parts.append(
                    f'<path class="d-whisker" fill="none" d="M{_n(middle)} {_n(high)}V{_n(low)}'
                    f'M{_n(middle - reach)} {_n(high)}{across}M{_n(middle - reach)} {_n(low)}{across}"/>'
                )


def _horizontal(sheet: _Sheet, drawing: Bars) -> None:
    largest = _largest(drawing.series, stacked=drawing.stacked) or 1
    side = 0 if sheet.narrow else min(220, 12 + _SIGN * max((len(label) for label in drawing.labels), default=0))
    shown = [sheet.says(value, drawing.unit) for one in drawing.series for value in one.values]
    right = 8 + _SIGN * max((len(text) for text in shown), default=0)
    room = sheet.width - side - right
    thick = 15.0 if len(drawing.series) == 1 or drawing.stacked else 12.0
    sheet.y += 4
    for place, label in enumerate(drawing.labels):
        lines = wrap(label, int((sheet.width if sheet.narrow else side - 12) / (_SIGN - 0.4))) or [""]
        high = thick * (1 if drawing.stacked else len(drawing.series))
        if sheet.narrow:
            for line in lines:
                sheet.text(0, sheet.y + 11, line)
                sheet.y += 15
        else:
            start = sheet.y + max(high, 15.0 * len(lines)) / 2 - 7.5 * len(lines) + 11
            for number, line in enumerate(lines):
                sheet.text(side - 12, start + 15 * number, line, "d-end")
        x, total, several = float(side), 0.0, len(drawing.series) > 1
        y = sheet.y + (0 if sheet.narrow else max(0.0, 15.0 * len(lines) - high) / 2)
        for number, one in enumerate(drawing.series):
            value = one.values[place]
            long = room * (value or 0) / largest
            if value:
                words = _told(sheet, label, one, place, drawing.unit, named=several)
                sheet.box(x, y, max(long, 0.8), thick - 2, f"d-{number % _PALETTE}", words, number)
            ends = _ends(one, place)
            reach = long
            if ends is not None:
                low, high_end = (room * min(end / largest, 1) for end in ends)
                sheet.parts.append(
                    f'<path class="d-whisker" fill="none" d="M{_n(x + low)} {_n(y + thick / 2 - 1)}H{_n(x + high_end)}'
                    f'M{_n(x + low)} {_n(y + 2)}v{_n(thick - 6)}M{_n(x + high_end)} {_n(y + 2)}v{_n(thick - 6)}"/>'
                )
                reach = max(long, high_end)
            if drawing.stacked:
                x, total = x + long, total + (value or 0)
            else:
                sheet.text(x + reach + 6, y + thick / 2 + 3, sheet.says(value, drawing.unit))
                y += thick
        if drawing.stacked:
            sheet.text(x + 6, y + thick / 2 + 3, sheet.says(total, drawing.unit))
        sheet.y += max(high, 0 if sheet.narrow else 15.0 * len(lines)) + 8


def _lines(sheet: _Sheet, drawing: Lines) -> None:
    sheet.legend([one.name for one in drawing.series], lines=True)
    axis = _Axis(sheet, drawing.unit, _largest(drawing.series, stacked=False), drawing.labels)

    def x(place: int) -> float:
        return axis.left + (place + 0.5) * axis.slot

    for number, one in enumerate(drawing.series):
        if one.low and one.high:
            for run in _runs(
                [low is not None and high is not None for low, high in zip(one.low, one.high, strict=True)]
            ):
                there = [f"{_n(x(place))} {_n(axis.at(one.high[place] or 0))}" for place in run]
                back = [f"{_n(x(place))} {_n(axis.at(one.low[place] or 0))}" for place in reversed(run)]
                sheet.parts.append(f'<path class="d-band d-{number % _PALETTE}" d="M{"L".join(there + back)}Z"/>')
        for run in _runs([value is not None for value in one.values]):
            way = "L".join(f"{_n(x(place))} {_n(axis.at(one.values[place] or 0))}" for place in run)
            sheet.line_of(number, f"M{way}", one.name)
        if len(drawing.labels) <= 60:
            for place, value in enumerate(one.values):
                if value is not None:
                    words = _told(sheet, drawing.labels[place], one, place, drawing.unit, named=len(drawing.series) > 1)
                    sheet.parts.append(_marker(number, x(place), axis.at(value), words))


def _marker(series: int, x: float, y: float, words: str) -> str:
    kind, told = f'class="d-{series % _PALETTE}"', f"<title>{escape(words)}</title>"
    if series % 3 == 1:
        return f'<rect {kind} x="{_n(x - 3)}" y="{_n(y - 3)}" width="6" height="6">{told}</rect>'
    if series % 3 == 2:
        return f'<path {kind} d="M{_n(x)} {_n(y - 4)}l4 7h-8Z">{told}</path>'
    return f'<circle {kind} cx="{_n(x)}" cy="{_n(y)}" r="3">{told}</circle>'


def _heat(sheet: _Sheet, drawing: Heat) -> None:
    rows, columns, values = drawing.rows, drawing.columns, drawing.values
    if sheet.narrow and len(columns) > len(rows):
        rows, columns = columns, rows
        values = tuple(tuple(row[place] for row in drawing.values) for place in range(len(rows)))
    side = 10 + _SIGN * max((len(row) for row in rows), default=0)
    wide = min((sheet.width - side) / max(1, len(columns)), 90)
    high = 24.0
    top = _top([value for row in values for value in row], drawing.unit)
    if drawing.unit == "share":
        sheet.text(side, sheet.y + 11, "%", "d-quiet")
        sheet.y += 14
    every = ceil(_SIGN * max((len(column) for column in columns), default=1) / wide)
    for place, column in enumerate(columns):
        if place % every == 0:
            sheet.text(side + (place + 0.5) * wide, sheet.y + 11, column, "d-quiet d-middle")
    sheet.y += 18
    for row, line in zip(rows, values, strict=True):
        sheet.text(side - 8, sheet.y + high / 2 + 4, row, "d-end")
        for place, value in enumerate(line):
            x = side + place * wide
            words = f"{row}, {columns[place]}: {sheet.says(value, drawing.unit)}"
            sheet.box(x, sheet.y, wide, high, f"d-cell {_shade(value, top)}", words)
            if value is not None:
                sheet.text(x + wide / 2, sheet.y + high / 2 + 4, _short(sheet, value, drawing.unit), "d-middle")
        sheet.y += high
    _scale(sheet, side, top, drawing.unit)


def _tiles(sheet: _Sheet, drawing: Tiles) -> None:
    tiles = drawing.tiles
    columns = max((tile.column for tile in tiles), default=0) + 1
    rows = max((tile.row for tile in tiles), default=0) + 1
    size = min(76.0, sheet.width / columns)
    top = _top([tile.value for tile in tiles], drawing.unit)
    for tile in tiles:
        x, y = tile.column * size, sheet.y + tile.row * size
        words = f"{tile.label}: {sheet.says(tile.value, drawing.unit)}"
        sheet.box(x, y, size, size, f"d-cell {_shade(tile.value, top)}", words)
        sheet.text(x + size / 2, y + size / 2 - 3, tile.short, "d-middle")
        sheet.text(x + size / 2, y + size / 2 + 13, _short(sheet, tile.value, drawing.unit), "d-middle")
    sheet.y += rows * size + 4
    _scale(sheet, 0, top, drawing.unit)


def _scale(sheet: _Sheet, x: float, top: float, unit: Unit) -> None:
    """What the shades mean: from none to the largest."""
    y = sheet.y + 10
    least = sheet.says(0, unit)
    sheet.text(x, y + 11, least, "d-quiet")
    x += _SIGN * len(least) + 8
    for shade in range(SHADES + 1):
        sheet.box(x + 22 * shade, y, 22, 14, f"d-cell d-heat-{shade}")
    sheet.text(x + 22 * (SHADES + 1) + 8, y + 11, sheet.says(top, unit), "d-quiet")
    sheet.y = y + 20


class _Axis:
    """The axes of a plot from 0 up, drawn at once, with the labels that there is room for."""

    def __init__(self, sheet: _Sheet, unit: Unit, largest: float, labels: Sequence[str]) -> None:
        ticks = _ticks(largest, unit)
        # Whole percents need no decimals on an axis.
        words = [
            sheet.says(tick, unit).replace(",0", "").replace(".0", "") if unit == "share" else sheet.says(tick, unit)
            for tick in ticks
        ]
        self.left = 10 + _SIGN * max(len(word) for word in words)
        self.slot = (sheet.width - self.left) / max(1, len(labels))
        self._top, self._from = ticks[-1], sheet.y + 16
        for tick, word in zip(ticks, words, strict=True):
            y = self.at(tick)
            sheet.line(self.left, y, sheet.width, y, "d-rule" if tick else "d-axis")
            sheet.text(self.left - 8, y + 4, word, "d-end d-quiet")
        every = ceil((_SIGN * max((len(label) for label in labels), default=1) + 6) / self.slot)
        for place in range(0, len(labels), every):
            middle = self.left + (place + 0.5) * self.slot
            half = _SIGN * len(labels[place]) / 2
            if middle + half > sheet.width:
                sheet.text(sheet.width, self._from + _PLOT + 18, labels[place], "d-end d-quiet")
            else:
                sheet.text(middle, self._from + _PLOT + 18, labels[place], "d-middle d-quiet")
        sheet.y = self._from + _PLOT + 24

    def at(self, value: float) -> float:
        return self._from + _PLOT * (1 - min(1.0, value / self._top))


def _ticks(largest: float, unit: Unit) -> list[float]:
    """Round numbers from 0 to the first one that is not under the largest."""
    if unit == "share":
        largest = min(largest, 1.0)
    if unit == "seconds" and largest > 5:
        span = next((one for one in (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800) if largest <= 5 * one), 0)
        span = span or ceil(largest / 5 / 3600) * 3600
        return [float(span * place) for place in range(ceil(largest / span) + 1)]
    least = 0.01 if unit == "share" else 0.1 if unit == "rate" else 1.0
    rough = max(largest / 5, least)
    size = 10.0 ** int(log10(rough) // 1)
    step = next(size * lead for lead in (1, 2, 5, 10) if size * lead >= rough * 0.999)
    return [round(step * place, 6) for place in range(max(1, ceil(largest / step - 1e-9)) + 1)]


def _largest(series: Sequence[Series], *, stacked: bool) -> float:
    if stacked:
        sums = [sum(value or 0 for value in values) for values in zip(*(one.values for one in series), strict=True)]
        return max(sums, default=0)
    ends = [end for one in series for end in (*one.values, *one.high) if end is not None]
    return max(ends, default=0)


def _ends(one: Series, place: int) -> tuple[float, float] | None:
    low, high = (ends[place] if ends else None for ends in (one.low, one.high))
    return (low, high) if low is not None and high is not None else None


def _told(sheet: _Sheet, label: str, one: Series, place: int, unit: Unit, *, named: bool) -> str:
    words = f"{label}, {one.name}: " if named else f"{label}: "
    words += sheet.says(one.values[place], unit)
    ends = _ends(one, place)
    return words if ends is None else f"{words} ({sheet.says(ends[0], unit)}–{sheet.says(ends[1], unit)})"


def _runs(there: Sequence[bool]) -> Iterator[list[int]]:
    """The stretches without a gap."""
    run: list[int] = []
    for place, is_there in enumerate(there):
        if is_there:
            run.append(place)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _top(values: Sequence[int | float | None], unit: Unit) -> float:
    return 1.0 if unit == "share" else max((value for value in values if value is not None), default=0) or 1


def _shade(value: int | float | None, top: float) -> str:
    if value is None:
        return "d-none"
    return f"d-heat-{0 if value <= 0 else min(SHADES, max(1, ceil(SHADES * value / top - 1e-9)))}"


def _short(sheet: _Sheet, value: int | float | None, unit: Unit) -> str:
    """A value as short as a cell needs it: a share in whole percent, a time as a clock shows it."""
    if value is not None and unit == "share":
        return str(int(100 * value + 0.5))
    if value is not None and unit == "seconds":
        return f"{round(value) // 60}:{round(value) % 60:02}"
    return sheet.says(value, unit)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
