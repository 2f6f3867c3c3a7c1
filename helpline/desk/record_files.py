"""Records in and out as files: CSV in; CSV, XLSX or JSON lines out. The columns are the records contract.

An import is all or nothing, and a second one of the same file adds nothing: rows are known by their `record_id`, or,
where they have none, by the file's digest and their place in it, so that equal rows within one file all count.
"""

import csv
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from helpline.core.record import COLUMNS, Record, RecordError, deidentified, from_row, to_row
from helpline.desk import counters
from helpline.desk.corrections import replaced
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.store import access, records
from helpline.store.db import ReadSession, WriteSession

#: Faults that are listed before the rest are only counted.
_LISTED = 20
FORMATS = ("csv", "xlsx", "jsonl")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong in a file: the line (the header is 1), the column if it is one column's fault, and a sentence."""

    line: int
    column: str | None
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}{f', column {self.column}' if self.column else ''}: {self.sentence}"


class FileRefused(HelplineError):
    """The file holds faults, and nothing of it was taken in. The sentence names the first; `faults` lists them."""

    def __init__(self, faults: list[Fault], *, more: int = 0) -> None:
        others = len(faults) - 1 + more
        also = f" ({others} more {'fault' if others == 1 else 'faults'}.)" if others else ""
        super().__init__(f"Nothing was imported; {faults[0]}{also}")
        self.faults = tuple(faults)
        self.more = more


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did: rows that became records, and rows that were here already."""

    added: int
    known: int


def read_file(
    path: Path, *, zone: ZoneInfo, told: Callable[[int], None] = lambda lines: None
) -> list[tuple[int, Record]]:
    """The records of a CSV file, each with its line; times are cut to the hour as in every record that is kept.

    Reads and checks the whole file before anything is written. `told` hears the number of lines read, now and then.

    Raises:
        FileRefused: faults, by line and column.
        HelplineError: the file cannot be read, or is no CSV in UTF-8.
    """
    faults: list[Fault] = []
    found: list[tuple[int, Record]] = []
    lines: dict[str, int] = {}
    count = 0
    try:
        digest = _digest(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [name.strip() for name in next(rows, [])]
            _check_header(header)
            for number, cells in enumerate((row for row in rows if any(cells.strip() for cells in row)), start=1):
                line = rows.line_num
                try:
                    record = _record(header, cells, record_id=f"{digest[:32]}-{number}", zone=zone)
                    if record.record_id in lines and dict(to_row(record)) != to_row(found[lines[record.record_id]][1]):
                        earlier = found[lines[record.record_id]][0]
                        raise RecordError("record_id", f"«{record.record_id}» stands on line {earlier} already.")
                    lines.setdefault(record.record_id, len(found))
                    found.append((line, record))
                except RecordError as error:
                    count += 1
                    if len(faults) < _LISTED:
                        faults.append(Fault(line=line, column=error.column or None, sentence=str(error)))
                if number % 1000 == 0:
                    told(number)
    except OSError as error:
        raise HelplineError(f"The file {path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise HelplineError(f"The file {path.name} is not written in UTF-8 (byte {error.start}).") from error
    except csv.Error as error:
        raise HelplineError(f"The file {path.name} is no CSV: line {rows.line_num}: {error}.") from error
    if faults:
        raise FileRefused(faults, more=count - len(faults))
    return found


async def take_in(
    session: WriteSession, found: list[tuple[int, Record]], *, house: House, now: datetime, by: int | None = None
) -> Imported:
    """Write the records of a file that was read; those that are here already are left alone.

    Raises:
        FileRefused: a `record_id` is here with other values, or records would correct each other in a ring.
    """
    fresh: dict[str, Record] = {}
    lines = {record.record_id: line for line, record in reversed(found)}
    here = await records.with_ids(session, lines)
    faults = []
    for line, record in found:
        if record.record_id not in here:
            fresh[record.record_id] = record
        elif here[record.record_id] != record:
            sentence = f"«{record.record_id}» is here already with other values; a correction is a new row (corrects)."
            faults.append(Fault(line=line, column="record_id", sentence=sentence))
    if faults:
        raise FileRefused(faults[:_LISTED], more=max(0, len(faults) - _LISTED))
    await records.keep_many(session, fresh.values())
    try:
        replaced(await records.corrections(session))
    except ValueError as error:
        line = next(line for line, record in found if record.corrects is not None)
        raise FileRefused([Fault(line=line, column="corrects", sentence=str(error))]) from error
    await counters.on_records(session, fresh.values(), house=house)
    await access.log(session, now=now, action="records_imported", advisor_id=by, reason=str(len(fresh)))
    return Imported(added=len(fresh), known=len(found) - len(fresh))


class Rows(Protocol):
    """Where exported rows go."""

    def add(self, row: Mapping[str, str]) -> None: ...

    def close(self) -> None: ...


async def write_file(
    session: ReadSession, path: Path, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> int:
    """Every record of a period as a file, one row a record; the ending of its name says which format.

    Returns the number of rows. Replaced records and their corrections are both there, so that an import of the file
    counts the same.

    Raises:
        HelplineError: the ending is none of csv, xlsx and jsonl, or the file cannot be written.
    """
    kinds: dict[str, Callable[[Path], Rows]] = {".csv": _CsvRows, ".xlsx": _XlsxRows, ".jsonl": _JsonRows}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise HelplineError(f"Give the file an ending that says how to write it: {', '.join(kinds)}.")
    count = 0
    try:
        rows = kind(path)
        try:
            async for record in records.between(session, starts_at, ends_at):
                rows.add(to_row(record))
                count += 1
        finally:
            rows.close()
    except OSError as error:
        raise HelplineError(f"The file {path.name} cannot be written: {error.strerror}.") from error
    return count


async def csv_lines(
    session: ReadSession, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> AsyncIterator[str]:
    """The records of a period as the lines of a CSV, the header first."""
    yield csv_line(COLUMNS)
    async for record in records.between(session, starts_at, ends_at):
        yield csv_line(to_row(record).values())


def csv_line(cells: Iterator[str] | Any) -> str:
    """One line of a CSV, quoted where it must be."""
    written: list[str] = []
    csv.writer(_Collecting(written)).writerow(cells)
    return "".join(written)


class _Collecting:
    def __init__(self, written: list[str]) -> None:
        self._written = written

    def write(self, text: str) -> int:
        self._written.append(text)
        return len(text)


class _CsvRows:
    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._file, COLUMNS)
        self._writer.writeheader()

    def add(self, row: Mapping[str, str]) -> None:
        self._writer.writerow(row)

    def close(self) -> None:
        self._file.close()


class _JsonRows:
    """Values as JSON has them: numbers, true and false, lists; what was not asked is left out."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")

    def add(self, row: Mapping[str, str]) -> None:
        json.dump(as_json(row), self._file, ensure_ascii=False)
        self._file.write("\n")

    def close(self) -> None:
        self._file.close()


class _XlsxRows:
    """One sheet, its header in bold and standing still; rows are written as they come, not kept in memory."""

    def __init__(self, path: Path) -> None:
        with path.open("wb"):
            pass  # say at once that it cannot be written
        self._path = path
        # Only now: it takes as long to import as a tenth of the service's start, and few ever ask for a spreadsheet.
        openpyxl = import_module("openpyxl")
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet("records")
        self._sheet.freeze_panes = "A2"
        bold = openpyxl.styles.Font(bold=True)
        cells = []
        for column in COLUMNS:
            cell = openpyxl.cell.WriteOnlyCell(self._sheet, value=column)
            cell.font = bold
            cells.append(cell)
        self._sheet.append(cells)

    def add(self, row: Mapping[str, str]) -> None:
        self._sheet.append([_xlsx_value(column, text) for column, text in row.items()])

    def close(self) -> None:
        self._book.save(self._path)


_WHOLE_NUMBERS = ("waited_seconds", "handled_seconds", "participants", "evaluation", "letters")
_SEVERAL = ("challenge_areas", "topics", "articles_used", "referred_from", "referred_to")
_YES_NO = ("redial_24h", "asked_what_matters")


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
    return text


def _record(header: list[str], cells: list[str], *, record_id: str, zone: ZoneInfo) -> Record:
    if len(cells) > len(header):
        raise RecordError("", f"The row has {len(cells)} cells, the header {len(header)}.")
    row: dict[str, str | None] = dict(zip(header, cells, strict=False))
    return deidentified(from_row(row, record_id=record_id, zone=zone), zone)


def _check_header(header: list[str]) -> None:
    if not any(header):
        raise HelplineError("The file is empty: its first line must name the columns.")
    unknown = [name for name in header if name not in COLUMNS]
    twice = sorted({name for name in header if header.count(name) > 1})
    if unknown or twice:
        sentence = (
            f"There is no column «{unknown[0]}» in the records contract."
            if unknown
            else f"The column «{twice[0]}» is there twice."
        )
        raise FileRefused([Fault(line=1, column=(unknown or twice)[0], sentence=sentence)])
    if "opened_at" not in header:
        raise FileRefused([Fault(line=1, column="opened_at", sentence="The column opened_at is missing.")])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
