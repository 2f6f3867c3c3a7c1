"""Reads content files: YAML that remembers its lines, and fields that say what is wrong where."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TypeGuard

import yaml

from helpline.errors import HelplineError

#: The languages that every text for callers is written in; others may stand beside them.
LANGUAGES = ("nb", "nn", "en")

#: All languages an article may have. The later ones are shown only when a native reader has reviewed them.
ALL_LANGUAGES = (*LANGUAGES, "se", "uk", "ar", "pl", "so", "ur", "ru", "ti")

#: Languages written from right to left.
RIGHT_TO_LEFT = frozenset({"ar", "ur"})

_LINE = "__line__"


class KnowledgeError(HelplineError):
    """A content file that cannot be used. `path` and `line` say where; the sentence says both and what is wrong."""

    status = 500

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line
        self.message = message


class _LineLoader(yaml.CSafeLoader):
    """A safe YAML loader whose mappings carry the line they begin on and which refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                mark = key_node.start_mark
                raise yaml.constructor.ConstructorError(None, None, f"{key_node.value!r} stands twice", mark)
            seen.add(key_node.value)
        mapping: dict[object, object] = super().construct_mapping(node, deep=True)
        mapping[_LINE] = node.start_mark.line + 1
        return mapping


def parse_yaml(text: str, path: Path, first_line: int = 1) -> object:
    """The content of a YAML text that begins on `first_line` of `path`.

    Raises:
        KnowledgeError: the text is not YAML.
    """
    try:
        return yaml.load(text, Loader=_LineLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise KnowledgeError(path, first_line + line, f"is not readable YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise KnowledgeError(path, first_line, "is not readable YAML.") from error


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        KnowledgeError: the file is missing, or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise KnowledgeError(path, 1, "does not exist.") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError(path, 1, "is not UTF-8 text.") from error


def _is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


class Fields:
    """One mapping of a content file, read field by field; whatever is missing, wrong or left over is a clear error."""

    def __init__(self, value: object, path: Path, *, first_line: int = 1) -> None:
        if not _is_mapping(value):
            raise KnowledgeError(path, first_line, "has a list or text where fields with names were expected.")
        self.path = path
        own = value.get(_LINE)
        self.line = first_line - 1 + (own if isinstance(own, int) else 1)
        self._first_line = first_line
        self._values = {name: content for name, content in value.items() if name != _LINE}
        self._read: set[str] = set()

    def error(self, message: str) -> KnowledgeError:
        return KnowledgeError(self.path, self.line, message)

    def names(self) -> tuple[str, ...]:
        return tuple(self._values)

    def optional(self, name: str) -> object:
        self._read.add(name)
        return self._values.get(name)

    def text(self, name: str) -> str:
        value = self.optional(name)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"«{name}» is missing or is not a text.")
        return value.strip()

    def optional_text(self, name: str) -> str | None:
        return None if self.optional(name) is None else self.text(name)

    def day(self, name: str) -> date:
        value = self.optional(name)
        if not isinstance(value, date):
            raise self.error(f"«{name}» is missing or is not a date (write it as 2026-11-22).")
        return value

    def optional_day(self, name: str) -> date | None:
        return None if self.optional(name) is None else self.day(name)

    def flag(self, name: str) -> bool:
        value = self.optional(name)
        if not isinstance(value, bool):
            raise self.error(f"«{name}» is missing or is not true or false.")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """A list of texts that is not empty."""
        value = self.optional(name)
        if not isinstance(value, list) or not value or not all(isinstance(word, str) and word for word in value):
            raise self.error(f"«{name}» is missing or is not a list of texts.")
        return tuple(value)

    def languages(self, name: str) -> Mapping[str, str]:
        """A text in every language of `LANGUAGES`, by language."""
        inner = self.inner(name)
        texts = {language: inner.text(language) for language in LANGUAGES}
        inner.finish()
        return texts

    def optional_languages(self, name: str) -> Mapping[str, str]:
        return {} if self.optional(name) is None else self.languages(name)

    def inner(self, name: str) -> "Fields":
        value = self.optional(name)
        if value is None:
            raise self.error(f"«{name}» is missing.")
        return Fields(value, self.path, first_line=self._first_line)

    def list(self, name: str) -> "tuple[Fields, ...]":
        """A list of mappings that is not empty."""
        value = self.optional(name)
        if not isinstance(value, list) or not value:
            raise self.error(f"«{name}» is missing or is not a list.")
        return tuple(Fields(item, self.path, first_line=self._first_line) for item in value)

    def finish(self) -> None:
        """Raise for a field that nobody asked for: most often a misspelt name."""
        left = sorted(set(self._values) - self._read)
        if left:
            raise self.error(f"«{left[0]}» is not a field here.")


def read_fields(path: Path) -> Fields:
    """The fields of a whole YAML file.

    Raises:
        KnowledgeError: the file is missing or is no mapping.
    """
    return Fields(parse_yaml(read_text(path), path), path)
