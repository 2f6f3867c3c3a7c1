"""What the simulator remembers over a restart: one JSON document a line, the newest of the same kind and key counts."""

import json
from pathlib import Path
from typing import Any


class Journal:
    """A file that is only appended to. Without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        """Reads what is there. A last line cut off by a killed process is left out, any other bad line is an error.

        Raises ValueError when the file is not a journal.
        """
        self._path = path
        self._kept: dict[str, dict[str, dict[str, Any]]] = {}
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self._read(path)
        self._file = path.open("a", encoding="utf-8")

    def _read(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.split("\n")
        torn = lines.pop()
        for number, line in enumerate(lines, start=1):
            try:
                kind, key, value = json.loads(line)
            except ValueError as problem:
                raise ValueError(f"Line {number} of the simulator's journal {path} cannot be read.") from problem
            self._keep(kind, key, value)
        if torn:
            path.write_text(text[: len(text) - len(torn)], encoding="utf-8")

    def _keep(self, kind: str, key: str, value: dict[str, Any] | None) -> None:
        kept = self._kept.setdefault(kind, {})
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value

    def kept(self, kind: str) -> list[dict[str, Any]]:
        """The newest document under every key of this kind, in the order the keys were first written."""
        return list(self._kept.get(kind, {}).values())

    def write(self, kind: str, key: str, value: dict[str, Any] | None) -> None:
        """Keep `value` under `key`, or forget the key when it is None. Out of this process's hands when it returns."""
        if self._path is None:
            return
        self._file.write(json.dumps([kind, key, value], ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._path is not None:
            self._file.close()
