"""A panel as a file: CSV and XLSX with its definitions, and its drawing as a picture that stands alone."""

import csv
import io
from collections.abc import Iterator
from importlib import import_module

from helpline.core.counter_list import COUNTERS
from helpline.desk import picture_file
from helpline.web.drawing import svg
from helpline.web.panels import Cell, Panel
from helpline.web.reports_view import Say, meaning, title
from helpline.web.words import say

#: Endings of a panel's files, with their media types.
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_PICTURES = ("svg", "png")

_FORMATS = {"share": "0.0%", "seconds": "0", "points": "0.0", "rate": "0.0", "change": "+0.0%;-0.0%;0.0%"}


async def made(panel: Panel, ending: str, *, period: str, language: str) -> bytes:
    """The file with the given ending.

    Raises:
        ValueError: there is no such file; a panel without a drawing has no picture.
        CannotMakePicture: the PNG took too long or failed.
    """
    if ending == "csv":
        return _csv(panel, period, language)
    if ending == "xlsx":
        return _xlsx(panel, period, language)
    if ending in _PICTURES and panel.drawing is not None:
        drawn = picture(panel, period=period, language=language)
        return drawn.encode() if ending == "svg" else await picture_file.png(drawn)
    raise ValueError(f"«{panel.name}» has no file .{ending}.")


def endings(panel: Panel) -> tuple[str, ...]:
    """The files that a panel has."""
    return tuple(ending for ending in TYPES if ending not in _PICTURES or panel.drawing is not None)


def picture(panel: Panel, *, period: str, language: str) -> str:
    """The drawing as an SVG file that needs nothing beside it.

    Raises:
        ValueError: the panel has no drawing.
    """
    if panel.drawing is None:
        raise ValueError(f"«{panel.name}» has no drawing.")
    named = f"{panel.title} ({period})"
    return str(svg(panel.drawing, standalone=True, language=language, title=named, summary=panel.summary))


def _lines(panel: Panel, period: str, language: str) -> Iterator[tuple[Cell, ...]]:
    """What stands below the table in a file: what it shows, for when, and what its figures mean."""

    def t(key: str, **values: object) -> str:
        return say(key, language, **values)

    yield ()
    yield panel.title, period
    yield (panel.summary,)
    if panel.note:
        yield (panel.note,)
    for name in panel.counters:
        yield title(COUNTERS[name], language), _meaning(name, language, t)


def _meaning(name: str, language: str, t: Say) -> str:
    return "; ".join(f"{term}: {text}" for term, text in meaning(COUNTERS[name], language, t))


def _csv(panel: Panel, period: str, language: str) -> bytes:
    def plain(value: Cell) -> str:
        if value is None:
            return ""
        text = f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        return text if language == "en" or isinstance(value, str) else text.replace(".", ",")

    file = io.StringIO()
    # Norwegian spreadsheets separate by semicolon, since the comma is the decimal sign.
    writer = csv.writer(file, delimiter="," if language == "en" else ";")
    writer.writerow([column.title for column in panel.columns])
    for row in (*panel.rows, *_lines(panel, period, language)):
        writer.writerow([_harmless(plain(cell)) if isinstance(cell, str) else plain(cell) for cell in row])
    # The mark lets spreadsheets see that it is UTF-8.
    return f"\N{ZERO WIDTH NO-BREAK SPACE}{file.getvalue()}".encode()


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _xlsx(panel: Panel, period: str, language: str) -> bytes:
    # Only now: it takes as long to import as a tenth of the service's start, and few ever ask for a spreadsheet.
    openpyxl = import_module("openpyxl")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(panel.name[:31])
    sheet.freeze_panes = "A2"
    cell_of = openpyxl.cell.WriteOnlyCell
    heads = []
    for place, column in enumerate(panel.columns):
        head = cell_of(sheet, value=column.title)
        head.font = openpyxl.styles.Font(bold=True)
        heads.append(head)
        widest = max([len(column.title), *(len(str(row[place] or "")) for row in panel.rows)])
        sheet.column_dimensions[openpyxl.utils.get_column_letter(place + 1)].width = min(50, widest + 3)
    sheet.append(heads)
    for row in panel.rows:
        cells = []
        for column, value in zip(panel.columns, row, strict=True):
            cell = cell_of(sheet, value=value)
            cell.number_format = "General" if value is None else _FORMATS.get(column.unit, "General")
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    for line in _lines(panel, period, language):
        sheet.append(list(line))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
