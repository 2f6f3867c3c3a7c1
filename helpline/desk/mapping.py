"""Mappings: how an organisation's own spreadsheet becomes rows of the records contract, as a YAML file.

Every column of the spreadsheet is either read or named under `ignore`, so that nothing is left out in silence, and a
value without a translation is a fault with its line and column unless the mapping says that it is `unknown`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from helpline.core.codes import UNKNOWN
from helpline.core.record import COLUMNS, RecordError
from helpline.errors import HelplineError

_TIMES = ("opened_at", "closed_at")
_SEVERAL = ("challenge_areas", "topics", "articles_used", "referred_from", "referred_to")
#: Columns in which nobody can be asked and not know.
_NEVER_UNKNOWN = ("kind", "origin", "record_id", "opened_at", "corrects", "source", "articles_used")
_KEYS = {"columns", "ignore", "defaults", "dates", "unmapped", "encoding", "delimiter", "sheet"}
_COLUMN_KEYS = {"from", "values", "unmapped", "split", "times"}
_UNMAPPED = ("error", UNKNOWN)

#: From the cells of a row to the texts of the contract by column.
Translate = Callable[[Sequence[str]], dict[str, str | None]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a column of ours comes from."""

    #: Their columns; several are joined with a space, as a date and a time of day are.
    columns: tuple[str, ...]
    #: Their value in small letters → our code; None: their values are our codes already.
    values: Mapping[str, str] | None
    #: What becomes of a value that is not among them: `error` or `unknown`.
    unmapped: str
    #: What stands between several values of one cell.
    split: str | None
    #: What a number is multiplied by: 60 makes seconds of minutes.
    times: int


@dataclass(frozen=True, kw_only=True)
class FileMapping:
    """A mapping that was read and checked."""

    sources: Mapping[str, Source]
    ignore: frozenset[str]
    defaults: Mapping[str, str]
    #: How times are written, as `datetime.strptime` knows it; tried in order.
    dates: tuple[str, ...]
    encoding: str
    delimiter: str
    sheet: str | None

    def over(self, header: Sequence[str]) -> Translate:
        """The translation of rows under this header.

        Raises:
            RecordError: a column is missing, or neither read nor ignored; its `column` is theirs.
        """
        places = {name: place for place, name in reversed(list(enumerate(header)))}
        for source in self.sources.values():
            for name in source.columns:
                if name not in places:
                    raise RecordError(name, f"The mapping reads the column «{name}», and the file has none.")
        read = {name for source in self.sources.values() for name in source.columns}
        for name in header:
            if name and name not in read and name not in self.ignore:
                raise RecordError(name, f"The column «{name}» is neither read nor named under `ignore` in the mapping.")

        def translate(cells: Sequence[str]) -> dict[str, str | None]:
            row: dict[str, str | None] = dict(self.defaults)
            for column, source in self.sources.items():
                parts = (cells[places[name]].strip() for name in source.columns if places[name] < len(cells))
                text = " ".join(part for part in parts if part)
                if text:
                    row[column] = self._read(column, source, text)
            return row

        return translate

    def theirs(self, column: str) -> str:
        """Their column that one of ours comes from; ours where it has none."""
        return self.sources[column].columns[0] if column in self.sources else column

    def _read(self, column: str, source: Source, text: str) -> str:
        if column in _TIMES:
            return self._time(column, text)
        if source.times != 1:
            return self._multiplied(column, source, text)
        if source.values is None:
            return text
        parts = text.split(source.split) if source.split else [text]
        codes = [self._code(column, source, part.strip()) for part in parts if part.strip()]
        # One that is not known says nothing beside others that are.
        known = [code for code in dict.fromkeys(codes) if code != UNKNOWN]
        return ";".join(known or codes[:1])

    def _code(self, column: str, source: Source, text: str) -> str:
        assert source.values is not None
        code = source.values.get(text.casefold())
        if code is None and source.unmapped == UNKNOWN:
            return UNKNOWN
        if code is None:
            raise RecordError(column, f"«{text}» has no translation to {column} in the mapping.")
        return code

    def _multiplied(self, column: str, source: Source, text: str) -> str:
        try:
            number = float(text.replace(",", ".")) * source.times
        except ValueError as error:
            raise RecordError(column, f"{column} must be a number, not «{text}».") from error
        return str(round(number))

    def _time(self, column: str, text: str) -> str:
        # A date and a time of day from two cells of a spreadsheet, joined.
        text = text.replace("T00:00:00 ", "T")
        for pattern in self.dates:
            try:
                # Without a zone: it is the line's own, as in every row of the contract.
                return datetime.strptime(text, pattern).isoformat()  # noqa: DTZ007
            except ValueError:
                continue
        try:
            # Spreadsheets keep times as times.
            return datetime.fromisoformat(text).isoformat()
        except ValueError as error:
            wanted = " or ".join(f"«{datetime(2026, 1, 31, 14, 5).strftime(one)}»" for one in self.dates)  # noqa: DTZ001
            raise RecordError(column, f"{column} cannot be «{text}»: write it as {wanted or '2026-01-31'}.") from error


def read_mapping(path: Path) -> FileMapping:
    """A mapping from its file.

    Raises:
        HelplineError: the file cannot be read, or says something that a mapping cannot say; the sentence names it.
    """
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise HelplineError(f"The mapping {path.name} cannot be read as YAML in UTF-8.") from error
    try:
        return _mapping(said)
    except _Wrong as wrong:
        raise HelplineError(f"The mapping {path.name}: {wrong}") from wrong


class _Wrong(ValueError):
    """What a mapping cannot say."""


def _mapping(said: Any) -> FileMapping:
    if not isinstance(said, dict) or not isinstance(said.get("columns"), dict):
        raise _Wrong("it must name our columns under `columns`.")
    _only(said, _KEYS, "it")
    unmapped = said.get("unmapped", "error")
    if unmapped not in _UNMAPPED:
        raise _Wrong("`unmapped` is either `error` or `unknown`.")
    defaults = {str(column): str(value) for column, value in (said.get("defaults") or {}).items()}
    for column in (*said["columns"], *defaults):
        if column not in COLUMNS:
            raise _Wrong(f"there is no column «{column}» in the records contract.")
    sources = {column: _source(column, one, unmapped) for column, one in said["columns"].items()}
    if "opened_at" not in sources and "opened_at" not in defaults:
        raise _Wrong("it must say where `opened_at` comes from.")
    delimiter = str(said.get("delimiter", ","))
    if len(delimiter) != 1:
        raise _Wrong("`delimiter` is one sign.")
    encoding = str(said.get("encoding", "utf-8-sig"))
    try:
        "".encode(encoding)
    except LookupError as error:
        raise _Wrong(f"there is no encoding «{encoding}»; write utf-8 or windows-1252.") from error
    return FileMapping(
        sources=sources,
        ignore=frozenset(map(str, said.get("ignore") or ())),
        defaults=defaults,
        dates=_texts(said.get("dates")),
        encoding="utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding,
        delimiter=delimiter,
        sheet=str(said["sheet"]) if said.get("sheet") else None,
    )


def _source(column: str, said: Any, unmapped: str) -> Source:
    said = {"from": said} if isinstance(said, str | list) else said
    if not isinstance(said, dict) or not said.get("from"):
        raise _Wrong(f"`{column}` must say `from` which of your columns it comes.")
    _only(said, _COLUMN_KEYS, f"`{column}`")
    values = said.get("values")
    if values is not None and not isinstance(values, dict):
        raise _Wrong(f"the `values` of `{column}` are pairs: your word, and our code.")
    own = said.get("unmapped", unmapped if column not in _NEVER_UNKNOWN else "error")
    if own not in _UNMAPPED or (own == UNKNOWN and column in _NEVER_UNKNOWN):
        raise _Wrong(
            f"the `unmapped` of `{column}` is `error`" + ("." if column in _NEVER_UNKNOWN else " or `unknown`.")
        )
    split = said.get("split")
    if split is not None and column not in _SEVERAL:
        raise _Wrong(f"`{column}` holds one value; it cannot be split.")
    times = said.get("times", 1)
    if not isinstance(times, int) or times < 1:
        raise _Wrong(f"the `times` of `{column}` is a whole number.")
    return Source(
        columns=_texts(said["from"]),
        values=None if values is None else {_word(word).casefold(): _word(code) for word, code in values.items()},
        unmapped=own,
        split=str(split) if split is not None else None,
        times=times,
    )


def _texts(said: Any) -> tuple[str, ...]:
    if said is None:
        return ()
    return tuple(map(str, said)) if isinstance(said, list) else (str(said),)


def _word(said: Any) -> str:
    # YAML reads an unquoted yes or no as a truth.
    return {True: "yes", False: "no"}[said] if isinstance(said, bool) else str(said).strip()


def _only(said: Mapping[Any, Any], known: set[str], where: str) -> None:
    for key in said:
        if key not in known:
            raise _Wrong(f"{where} cannot say `{key}`; it knows {', '.join(sorted(known))}.")
