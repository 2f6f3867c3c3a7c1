"""Records out as files: CSV, XLSX or JSON lines, one row a record. The columns are the records contract.

How they come in again is in `record_intake`.
"""

import csv
import json
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from helpline.core.record import COLUMNS, to_row
from helpline.errors import HelplineError
from helpline.store import records
from helpline.store.db import ReadSession

FORMATS = ("csv", "xlsx", "jsonl")
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Rows(Protocol):
    """Where exported rows go."""

    def add(self, row: Mapping[str, str]) -> None: ...

    def close(self) -> None:
        """Finish the file; a second time does nothing."""


async def write_file(
    session: ReadSession, path: Path, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> int:
    """Every record of a period as a file, one row a record; the ending of its name says which format.

    Returns the number of rows. Replaced records and their corrections are both there, so that an import of the file
    counts the same.

    Raises:
        HelplineError: the ending is none of csv, xlsx and jsonl, or the file cannot be written.
    """
    count = 0
    with rows_of(path, COLUMNS) as rows:
        async for record in records.between(session, starts_at, ends_at):
            rows.add(to_row(record))
            count += 1
        # A spreadsheet is packed at the end, which takes seconds when it is large; the service goes on meanwhile.
        await to_thread(rows.close)
    return count


@contextmanager
def rows_of(path: Path, columns: Sequence[str]) -> Iterator[Rows]:
    """A file to add rows to, each with a text for every column; the ending of its name says which format.

    Raises:
        HelplineError: the ending is none of csv, xlsx and jsonl, or the file cannot be written.
    """
    kinds: dict[str, Callable[[Path, Sequence[str]], Rows]] = {
        ".csv": _CsvRows,
        ".xlsx": _XlsxRows,
        ".jsonl": _JsonRows,
    }
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise HelplineError(f"Give the file an ending that says how to write it: {', '.join(kinds)}.")
    try:
        rows = kind(path, columns)
        try:
            yield rows
        finally:
            rows.close()
    except OSError as error:
        raise HelplineError(f"The file {path.name} cannot be written: {error.strerror}.") from error


async def csv_lines(
    session: ReadSession, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> AsyncIterator[str]:
    """The records of a period as the lines of a CSV, the header first."""
    yield csv_line(COLUMNS)
    async for record in records.between(session, starts_at, ends_at):
        yield csv_line(to_row(record).values())


def csv_line(cells: Iterable[str], *, delimiter: str = ",") -> str:
    """One line of a CSV, quoted where it must be, and harmless in a spreadsheet."""
    written: list[str] = []
    csv.writer(_Collecting(written), delimiter=delimiter).writerow(map(defused, cells))
    return "".join(written)


def defused(text: str) -> str:
    """A text that a spreadsheet will not run as a formula. Codes and numbers without a sign are left as they are."""
    return f"'{text}" if text[:1] in _FORMULA else text


class _Collecting:
    def __init__(self, written: list[str]) -> None:
        self._written = written

    def write(self, text: str) -> int:
        self._written.append(text)
        return len(text)


class _CsvRows:
    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._file, columns)
        self._writer.writeheader()

    def add(self, row: Mapping[str, str]) -> None:
        self._writer.writerow({column: defused(text) for column, text in row.items()})

    def close(self) -> None:
        self._file.close()


class _JsonRows:
    """Values as JSON has them: numbers, true and false, lists; what was not asked is left out."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8")

    def add(self, row: Mapping[str, str]) -> None:
        json.dump(as_json(row), self._file, ensure_ascii=False)
        self._file.write("\n")

    def close(self) -> None:
        self._file.close()


class _XlsxRows:
    """One sheet, its header in bold and standing still; rows are written as they come, not kept in memory."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        with path.open("wb"):
            pass  # say at once that it cannot be written
        self._path, self._open = path, True
        # Only now: it takes as long to import as a tenth of the service's start, and few ever ask for a spreadsheet.
        openpyxl = import_module("openpyxl")
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Helpline")
        self._sheet.freeze_panes = "A2"
        bold = openpyxl.styles.Font(bold=True)
        cells = []
        for column in columns:
            cell = openpyxl.cell.WriteOnlyCell(self._sheet, value=column)
            cell.font = bold
            cells.append(cell)
        self._sheet.append(cells)

    def add(self, row: Mapping[str, str]) -> None:
        self._sheet.append([_xlsx_value(column, text) for column, text in row.items()])

    def close(self) -> None:
        if self._open:
            self._open = False
            self._book.save(self._path)


_WHOLE_NUMBERS = ("waited_seconds", "handled_seconds", "participants", "evaluation", "letters", "year", "count")
_SEVERAL = ("challenge_areas", "topics", "articles_used", "referred_from", "referred_to")
_YES_NO = ("redial_24h", "asked_what_matters", "hidden")


def as_json(row: Mapping[str, str]) -> dict[str, Any]:
    """A row of the contract as JSON has it; what was not asked is left out."""
    values: dict[str, Any] = {}
    for column, text in row.items():
        if not text:
            continue
        if column in _WHOLE_NUMBERS:
            values[column] = int(text)
        elif column in _SEVERAL:
            values[column] = text.split(";")
        elif column in _YES_NO:
            values[column] = text == "yes"
        else:
            values[column] = text
    return values


def _xlsx_value(column: str, text: str) -> str | int | datetime | None:
    if not text:
        return None
    if column in _WHOLE_NUMBERS:
        return int(text)
    if column in ("opened_at", "closed_at"):
        # Spreadsheets know no zones: the times stand in UTC, as the contract's do.
        return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    return defused(text)
