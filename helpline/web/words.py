"""The words of the pages, in bokmål and English, from the data files in `words/`."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

LANGUAGES = ("nb", "en")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Every text by its key: `{"sign_in.title": {"nb": …, "en": …}}`.

    Raises:
        ValueError: a key stands in two files, or lacks a language.
    """
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(resources.files(__package__).joinpath("words").iterdir(), key=lambda path: path.name):
        for group, texts in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            for name, languages in texts.items():
                key = f"{group}.{name}"
                if key in found or set(languages) != set(LANGUAGES):
                    raise ValueError(f"{file.name}: {key} must stand once, with nb and en")
                found[key] = languages
    return found


def page_language(language: str | None) -> str:
    """The language of pages for a person's language: nynorsk readers get bokmål until the pages speak nynorsk."""
    return "en" if language == "en" else "nb"


def say(key: str, language: str, **values: object) -> str:
    """One text, its `{name}`s filled in.

    Raises:
        KeyError: there is no such text.
    """
    text = words()[key][page_language(language)]
    return text.format(**values) if values else text
