"""Records in from files: CSV or XLSX, in the columns of the records contract or by a mapping. All or nothing.

A file is read and checked first, while nothing is held; what it says waits in a temporary file, so that neither a large
file nor its records ever stand in memory. Then it is written in one transaction. A second import of the same file adds
nothing: rows are known by their `record_id`, or, where they have none, by the file's digest and their place in it, so
that equal rows within one file all count.
"""

import csv
import hashlib
import pickle
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import BadZipFile
from zoneinfo import ZoneInfo

from helpline.core.record import COLUMNS, Record, RecordError, deidentified, from_row
from helpline.core.tally import day_of
from helpline.desk import counters
from helpline.desk.corrections import replaced
from helpline.desk.house import House
from helpline.desk.mapping import FileMapping, Translate
from helpline.errors import HelplineError
from helpline.store import access, records
from helpline.store.db import ReadSession, WriteSession

#: Faults that are listed before the rest are only counted.
_LISTED = 20
#: Rows that are read, compared and written at a time.
_AT_ONCE = 1_000
#: Up to here what was read waits in memory, beyond it in a temporary file.
_IN_MEMORY = 16 * 1024**2

#: Hears how many rows are done, and of how many.
Told = Callable[[int, int], None]
#: Records with the lines that they stand on.
Batch = list[tuple[int, Record]]


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
    """What an import did or would do: rows that became records, and rows that were here already."""

    added: int
    known: int


@dataclass(kw_only=True)
class Checked:
    """A file that was read and holds no fault of its own. `kinds` counts its rows by kind."""

    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    first: date | None = None
    last: date | None = None
    waiting: IO[bytes]

    def batches(self) -> Iterator[Batch]:
        """What was read, a thousand rows at a time, as often as it is asked for."""
        self.waiting.seek(0)
        while True:
            try:
                # Our own file, which nobody else can open.
                yield pickle.load(self.waiting)
            except EOFError:
                return


@contextmanager
def read_file(
    path: Path, *, zone: ZoneInfo, mapping: FileMapping | None = None, told: Told = lambda done, total: None
) -> Iterator[Checked]:
    """Read and check a whole file; times are cut to the hour as in every record that is kept.

    Raises:
        FileRefused: faults, by line and column.
        HelplineError: the file cannot be read, or is no CSV in UTF-8 and no XLSX.
    """
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as waiting:
        checked = Checked(waiting=waiting)
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            with _rows(path, mapping) as (total, rows):
                _check(rows, checked, digest=digest, zone=zone, mapping=mapping, told=lambda done: told(done, total))
        except OSError as error:
            raise HelplineError(f"The file {path.name} cannot be read: {error.strerror}.") from error
        yield checked


async def take_in(
    session: WriteSession,
    checked: Checked,
    *,
    house: House,
    now: datetime,
    by: int | None = None,
    told: Told = lambda done, total: None,
) -> Imported:
    """Write the records of a file that was read; those that are here already are left alone.

    Raises:
        FileRefused: a `record_id` is here with other values, or records would correct each other in a ring.
    """
    added = 0
    #: One record of each day and every correction: that is all the counters need to know which days to count anew.
    touched: dict[date, Record] = {}
    corrections: Batch = []
    async for fresh in _fresh(session, checked, told):
        await records.keep_many(session, (record for _, record in fresh))
        added += len(fresh)
        for line, record in fresh:
            touched.setdefault(day_of(record, house.zone), record)
            if record.corrects is not None:
                corrections.append((line, record))
    if corrections:
        try:
            replaced(await records.corrections(session))
        except ValueError as error:
            raise FileRefused([Fault(line=corrections[0][0], column="corrects", sentence=str(error))]) from error
    await counters.on_records(session, [*touched.values(), *(record for _, record in corrections)], house=house)
    await access.log(session, now=now, action="records_imported", advisor_id=by, reason=str(added))
    return Imported(added=added, known=checked.rows - added)


async def would_take_in(session: ReadSession, checked: Checked, told: Told = lambda done, total: None) -> Imported:
    """What `take_in` would do, with nothing written.

    Raises:
        FileRefused: a `record_id` is here with other values.
    """
    added = 0
    async for fresh in _fresh(session, checked, told):
        added += len(fresh)
    return Imported(added=added, known=checked.rows - added)


async def _fresh(session: ReadSession, checked: Checked, told: Told) -> AsyncIterator[Batch]:
    """The rows that are not here yet, batch by batch; one that is here with other values is a fault."""
    faults: list[Fault] = []
    count = done = 0
    for batch in checked.batches():
        here = await records.with_ids(session, {record.record_id for _, record in batch})
        fresh: dict[str, tuple[int, Record]] = {}
        for line, record in batch:
            known = here.get(record.record_id)
            if known is None:
                fresh.setdefault(record.record_id, (line, record))
            elif known != record:
                count += 1
                if len(faults) < _LISTED:
                    sentence = (
                        f"«{record.record_id}» is here already with other values; a correction is a new row (corrects)."
                    )
                    faults.append(Fault(line=line, column="record_id", sentence=sentence))
        if fresh and not faults:
            yield list(fresh.values())
        done += len(batch)
        told(done, checked.rows)
    if faults:
        raise FileRefused(faults, more=count - len(faults))


def _check(
    rows: Iterator[tuple[int, list[str]]],
    checked: Checked,
    *,
    digest: str,
    zone: ZoneInfo,
    mapping: FileMapping | None,
    told: Callable[[int], None],
) -> None:
    _, first = next(rows, (1, []))
    header = [name.strip() for name in first]
    translate = _translation(header, mapping)
    faults: list[Fault] = []
    count = 0
    batch: Batch = []
    by_id: dict[str, tuple[int, Record]] = {}
    for line, cells in rows:
        checked.rows += 1
        try:
            if len(cells) > len(header):
                raise RecordError("", f"The row has {len(cells)} cells, the header {len(header)}.")
            record = deidentified(
                from_row(translate(cells), record_id=f"{digest[:32]}-{checked.rows}", zone=zone), zone
            )
            earlier = by_id.setdefault(record.record_id, (line, record))
            if earlier[1] is not record and earlier[1] != record:
                raise RecordError("record_id", f"«{record.record_id}» stands on line {earlier[0]} already.")
            batch.append((line, record))
            _note(checked, record, zone)
        except RecordError as error:
            count += 1
            if len(faults) < _LISTED:
                column = mapping.theirs(error.column) if mapping else error.column
                faults.append(Fault(line=line, column=column or None, sentence=str(error)))
        if len(batch) == _AT_ONCE:
            if not faults:
                pickle.dump(batch, checked.waiting, protocol=pickle.HIGHEST_PROTOCOL)
            batch, by_id = [], {}
        if checked.rows % _AT_ONCE == 0:
            told(checked.rows)
    if faults:
        raise FileRefused(faults, more=count - len(faults))
    if batch:
        pickle.dump(batch, checked.waiting, protocol=pickle.HIGHEST_PROTOCOL)


def _note(checked: Checked, record: Record, zone: ZoneInfo) -> None:
    checked.kinds[record.kind] += 1
    day = day_of(record, zone)
    checked.first = day if checked.first is None else min(checked.first, day)
    checked.last = day if checked.last is None else max(checked.last, day)


def _translation(header: list[str], mapping: FileMapping | None) -> Translate:
    if not any(header):
        raise HelplineError("The file is empty: its first line must name the columns.")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise FileRefused([Fault(line=1, column=twice[0], sentence=f"The column «{twice[0]}» is there twice.")])
    if mapping is not None:
        try:
            return mapping.over(header)
        except RecordError as error:
            raise FileRefused([Fault(line=1, column=error.column, sentence=str(error))]) from error
    for name in header:
        if name not in COLUMNS:
            sentence = f"There is no column «{name}» in the records contract; for a file of your own give a --mapping."
            raise FileRefused([Fault(line=1, column=name, sentence=sentence)])
    if "opened_at" not in header:
        raise FileRefused([Fault(line=1, column="opened_at", sentence="The column opened_at is missing.")])
    return lambda cells: dict(zip(header, cells, strict=False))


@contextmanager
def _rows(path: Path, mapping: FileMapping | None) -> Iterator[tuple[int, Iterator[tuple[int, list[str]]]]]:
    """How many lines a file has, and its rows with their lines, the header first; empty rows are left out."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        with _sheet(path, mapping) as found:
            yield found
    else:
        with path.open("rb") as file:
            total = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
        encoding = mapping.encoding if mapping else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as text:
            yield total, _csv_rows(path, text, mapping)


def _csv_rows(path: Path, file: IO[str], mapping: FileMapping | None) -> Iterator[tuple[int, list[str]]]:
    rows = None
    try:
        delimiter = mapping.delimiter if mapping else _delimiter(file)
        rows = csv.reader(file, strict=True, delimiter=delimiter)
        for cells in rows:
            if any(cell.strip() for cell in cells) or rows.line_num == 1:
                yield rows.line_num, cells
    except UnicodeDecodeError as error:
        raise HelplineError(
            f"The file {path.name} is not written in {error.encoding.upper()} (byte {error.start}): save it as "
            "«CSV UTF-8», or say `encoding: windows-1252` in a mapping."
        ) from error
    except csv.Error as error:
        line = rows.line_num if rows is not None else 1
        raise HelplineError(f"The file {path.name} is no CSV: line {line}: {error}.") from error


def _delimiter(file: IO[str]) -> str:
    """Norwegian spreadsheets separate by semicolon, the contract by comma: the header says which."""
    header = file.readline()
    file.seek(0)
    return ";" if header.count(";") > header.count(",") else ","


@contextmanager
def _sheet(path: Path, mapping: FileMapping | None) -> Iterator[tuple[int, Iterator[tuple[int, list[str]]]]]:
    # Only now: it takes as long to import as a tenth of the service's start, and few ever read a spreadsheet.
    openpyxl = import_module("openpyxl")
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise HelplineError(f"The file {path.name} is no spreadsheet in the form .xlsx.") from error
    try:
        name = mapping.sheet if mapping else None
        if name is not None and name not in book.sheetnames:
            raise HelplineError(f"The file {path.name} has no sheet «{name}»; it has {', '.join(book.sheetnames)}.")
        sheet = book[name] if name is not None else book.worksheets[0]
        # Times without a zone are UTC in the files that we write ourselves, and the line's own in everybody else's.
        zone = None if mapping else UTC
        yield sheet.max_row or 0, _cells(sheet.iter_rows(values_only=True), zone)
    finally:
        book.close()


def _cells(rows: Iterator[Sequence[Any]], zone: Any) -> Iterator[tuple[int, list[str]]]:
    width = 0
    for line, values in enumerate(rows, start=1):
        cells = [_text(value, zone) for value in values]
        if line == 1:
            while cells and not cells[-1]:
                cells.pop()
            width = len(cells)
        # Sheets are as wide as somebody once scrolled: empty cells beyond the header are none.
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if any(cells) or line == 1:
            yield line, cells


def _text(value: Any, zone: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value if zone is None or value.tzinfo is not None else value.replace(tzinfo=zone)).isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
