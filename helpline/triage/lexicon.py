"""The lexicon: what words of danger look like, read once from the data files beside this module.

Sources of the levels: the Norwegian index for medical emergencies, chapters 29 and 31, as in DOMAIN §8.1; the starting
expressions are those of DOMAIN §8.3 and the traps those of §8.4.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from helpline.core.codes import AtRisk, Urgency, code_lists
from helpline.triage.normalise import Vocabulary, canonical, load
from helpline.triage.pattern import Index, Pattern, PatternReader

Subject = Literal["auto", "self", "other", "child"]
Kind = Literal["entry", "unless", "idiom", "guard", "cue"]
Guard = Literal["negation", "history", "fiction", "asking", "fun"]
Scope = Literal["clause", "sentence", "message"]
_GUARDS: tuple[Guard, ...] = ("negation", "history", "fiction", "asking", "fun")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the lexicon.

    `code_if_other` is the alarm's code when another than the writer is at risk; `subject` fixes who is at risk or lets
    the sentence tell (`auto`, and `default` when it does not); with `only_writer` it says nothing of others;
    `guards` are those that may lower this entry;
    `unless` patterns take away a match they overlap; `examples` and `counter_examples` are its own tests.
    """

    id: str
    code: str
    code_if_other: str | None
    level: Urgency
    languages: tuple[str, ...]
    subject: Subject
    default: AtRisk
    only_writer: bool
    guards: tuple[Guard, ...]
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words that bear on an alarm without being one: an idiom, a guard's words, or a cue of a combination."""

    id: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, kw_only=True)
class Combination:
    """Findings that together are an alarm of their own: «vil ikke leve» + «svarer ikke».

    Of every group in `needs` one must be there: an alarm with that code, or a cue with that name; all within one
    clause or sentence where `scope` says so. A cue or an alarm of `unless` takes it back. `code` is None when the code
    of the alarm stays. `guards` are those that may lower it, as with an entry.
    """

    id: str
    needs: tuple[frozenset[str], ...]
    unless: frozenset[str]
    scope: Scope
    guards: tuple[Guard, ...]
    level: Urgency
    code: str | None
    code_if_other: str | None
    default: AtRisk
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What a pattern belongs to."""

    kind: Kind
    entry: Entry | None
    name: str
    pattern: Pattern


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    version: str
    entries: tuple[Entry, ...]
    combinations: tuple[Combination, ...]
    sources: tuple[Source, ...]
    index: Index
    vocabulary: Vocabulary


class LexiconError(ValueError):
    """A data file of the lexicon is wrong; the message names the line."""


@cache
def classes() -> dict[str, tuple[str, ...]]:
    """The named classes of words that patterns use."""
    return {name: tuple(words) for name, words in load("lexicon/classes").items()}


@cache
def words_of(name: str) -> frozenset[str]:
    """The single words of a class, in their canonical form."""
    found: set[str] = set()
    for line in classes()[name]:
        if line.startswith("{"):
            found |= words_of(line[1:-1])
        elif " " not in line:
            found.add(canonical(line))
    return frozenset(found)


@cache
def reader() -> PatternReader:
    """Reads patterns by the lexicon's classes and fillers."""
    return PatternReader(classes(), words_of("fillers"))


def _compiled(lines: list[str]) -> tuple[Pattern, ...]:
    return tuple(map(reader().read, lines))


def _entry(data: dict[str, Any]) -> Entry:
    codes = code_lists()["alarm"]
    for code in (data["code"], data.get("code_if_other", data["code"])):
        if code not in codes:
            raise LexiconError(
                f"the entry «{data['id']}» has the code «{code}», which the list of alarms does not know"
            )
    return Entry(
        id=data["id"],
        code=data["code"],
        code_if_other=data.get("code_if_other"),
        level=Urgency(data["level"]),
        languages=tuple(data["languages"]),
        subject=data.get("subject", "auto"),
        default=AtRisk(data.get("default", "unknown")),
        only_writer=data.get("only_writer", False),
        guards=tuple(data.get("guards", _GUARDS)),
        patterns=_compiled(data["patterns"]),
        unless=_compiled(data.get("unless", [])),
        examples=tuple(data["examples"]),
        counter_examples=tuple(data["counter_examples"]),
    )


def _phrases(theme: str) -> tuple[Phrase, ...]:
    return tuple(
        Phrase(id=key, patterns=_compiled(lines))
        for stem in _files(theme)
        for key, lines in load(f"lexicon/{stem}").items()
    )


def _combination(data: dict[str, Any]) -> Combination:
    return Combination(
        id=data["id"],
        needs=tuple(frozenset(group) for group in data["needs"]),
        unless=frozenset(data.get("unless", ())),
        scope=data.get("scope", "message"),
        guards=tuple(data.get("guards", _GUARDS)),
        level=Urgency(data["level"]),
        code=data.get("code"),
        code_if_other=data.get("code_if_other"),
        default=AtRisk(data.get("default", "other")),
        examples=tuple(data["examples"]),
        counter_examples=tuple(data["counter_examples"]),
    )


#: Data files that hold no entries, by the beginning of their names.
_OTHER_FILES = ("forms", "classes", "idioms", "guards", "cues", "combinations")


@cache
def _stems() -> tuple[str, ...]:
    names = sorted(file.name for file in resources.files(__package__).joinpath("lexicon").iterdir())
    return tuple(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def _files(theme: str) -> tuple[str, ...]:
    """The data files of a theme: «cues», «cues_medical», …"""
    return tuple(stem for stem in _stems() if stem.startswith(theme))


def _entry_files() -> tuple[str, ...]:
    return tuple(stem for stem in _stems() if not stem.startswith(_OTHER_FILES))


@cache
def lexicon() -> Lexicon:
    """The whole lexicon, checked and compiled.

    Raises:
        LexiconError: an entry has an unknown code, or two share an id.
        PatternError: a pattern cannot be read.
    """
    entries = tuple(_entry(data) for stem in _entry_files() for data in load(f"lexicon/{stem}")["entry"])
    combinations = tuple(
        _combination(data) for stem in _files("combinations") for data in load(f"lexicon/{stem}")["combination"]
    )
    ids = [entry.id for entry in entries] + [combination.id for combination in combinations]
    twice = {name for name in ids if ids.count(name) > 1}
    if twice:
        raise LexiconError(f"two entries of the lexicon share the id «{min(twice)}»")
    sources: list[Source] = []
    for entry in entries:
        sources.extend(Source("entry", entry, entry.id, pattern) for pattern in entry.patterns)
        sources.extend(Source("unless", entry, entry.id, pattern) for pattern in entry.unless)
    others: tuple[tuple[Kind, str], ...] = (("idiom", "idioms"), ("guard", "guards"), ("cue", "cues"))
    for kind, name in others:
        for phrase in _phrases(name):
            sources.extend(Source(kind, None, phrase.id, pattern) for pattern in phrase.patterns)
    index = Index()
    words: set[str] = set()
    telling: set[str] = set()
    for source in sources:
        index.add(source.pattern)
        words |= source.pattern.words
        if source.kind in ("entry", "cue"):
            telling |= source.pattern.keys
    for name in classes():
        words |= words_of(name)
    return Lexicon(
        version=load("lexicon/combinations")["version"],
        entries=entries,
        combinations=combinations,
        sources=tuple(sources),
        index=index,
        vocabulary=Vocabulary(words, telling),
    )
