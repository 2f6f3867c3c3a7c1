"""The words of the pages, in bokmål and English, from the data files in `words/`. What relatives read is also there in
nynorsk."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("nb", "en")

#: The sentences of errors, which are their own keys.
_ERRORS = "errors.yaml"
_VALUE = re.compile(r"\{([a-z]+)\}")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Every text by its key: `{"sign_in.title": {"nb": …, "en": …}}`.

    Raises:
        ValueError: a key stands in two files, or lacks a language.
    """
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(resources.files(__package__).joinpath("words").iterdir(), key=lambda path: path.name):
        if file.name == _ERRORS:
            continue
        for group, texts in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            for name, languages in texts.items():
                key = f"{group}.{name}"
                if key in found or set(languages) - {"nn"} != set(LANGUAGES):
                    raise ValueError(f"{file.name}: {key} must stand once, with nb and en")
                found[key] = languages
    return found


def page_language(language: str | None) -> str:
    """The language of the console for a person's language: nynorsk readers get bokmål until it speaks nynorsk."""
    return "en" if language == "en" else "nb"


def say(key: str, language: str, **values: object) -> str:
    """One text, its `{name}`s filled in. Nynorsk is bokmål where it has no words of its own.

    Raises:
        KeyError: there is no such text.
    """
    languages = words()[key]
    text = languages.get(language) or languages[page_language(language)]
    return text.format(**values) if values else text


def sentence(norwegian: str, language: str) -> str:
    """The sentence of an error in the language of the page; one that has no English stays as it is."""
    if page_language(language) != "en":
        return norwegian
    return english(norwegian) or norwegian


def english(norwegian: str) -> str | None:
    """The English of an error's sentence, with the values that stand in it; None when it has none."""
    known = _errors()
    if norwegian in known.fixed:
        return known.fixed[norwegian]
    for pattern, translated in known.patterns:
        found = pattern.fullmatch(norwegian)
        if found is not None:
            values = {name: known.values.get(name, {}).get(value, value) for name, value in found.groupdict().items()}
            if "sentence" in values:
                inner = english(values["sentence"])
                if inner is None:
                    continue
                values["sentence"] = inner
            return translated.format(**values)
    return None


@dataclass(frozen=True, kw_only=True)
class _Errors:
    fixed: Mapping[str, str]
    #: Those that hold values, the most telling first.
    patterns: Sequence[tuple[re.Pattern[str], str]]
    #: Values that are words themselves, by the name of the value.
    values: Mapping[str, Mapping[str, str]]


@cache
def _errors() -> _Errors:
    file: dict[str, Any] = yaml.safe_load(
        resources.files(__package__).joinpath("words", _ERRORS).read_text(encoding="utf-8")
    )
    sentences: dict[str, str] = file["sentences"]
    values: dict[str, dict[str, str]] = file["values"]
    with_values = [words for words in sentences if _VALUE.search(words)]
    with_values.sort(key=lambda words: len(_VALUE.sub("", words)), reverse=True)
    return _Errors(
        fixed={words: translated for words, translated in sentences.items() if words not in with_values},
        patterns=[(_pattern(words, values), sentences[words]) for words in with_values],
        values=values,
    )


def _pattern(words: str, values: Mapping[str, Mapping[str, str]]) -> re.Pattern[str]:
    """What a sentence with `{name}`s in it looks like when they are filled in."""
    pieces = []
    for place, piece in enumerate(_VALUE.split(words)):
        if place % 2 == 0:
            pieces.append(re.escape(piece))
        else:
            pieces.append(f"(?P<{piece}>{'|'.join(map(re.escape, values[piece])) if piece in values else '.+?'})")
    return re.compile("".join(pieces), re.DOTALL)
