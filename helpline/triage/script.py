"""Guided conversations as data: steps with ways on, read from YAML and checked at load.

One engine serves Telegram, SMS and the telephone. What is said is a phrase by id; what happens on the way is named by
`do` and carried out by the desk. The position is one word on the contact's row.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from helpline.errors import HelplineError


class ScriptError(HelplineError):
    """A script cannot be walked: the sentence names the file, the step and what is missing."""


class Act(StrEnum):
    """What may happen on the way from one step to the next."""

    WAIT = "wait"
    LEAVE_QUEUE = "leave_queue"
    NOTE = "note"
    """Keep the words as the answer to what matters most."""
    LISTEN = "listen"
    """Words of one who waits: kept, acknowledged once."""
    SEARCH = "search"
    NOT_IT = "not_it"
    """The article found is not what was asked for."""
    ARTICLE = "article"
    HELP_NOW = "help_now"
    HOURS = "hours"
    LANGUAGE = "language"
    ERASE = "erase"
    SAY = "say"
    OWN_NUMBER = "own_number"
    OTHER_NUMBER = "other_number"
    DROP_NUMBER = "drop_number"
    """The number was keyed in wrongly, and another follows."""
    FORGET_NUMBER = "forget_number"
    """That number is not rung; back to the queue for one who stands in it, else what one who asks to wait hears."""
    CALLBACK = "callback"
    WAIT_OR_END = "wait_or_end"
    """Back to the queue for one who stands in it, else goodbye."""


#: The languages that the service itself speaks.
LANGUAGES = ("nb", "nn", "en")
_WITH_ARGUMENT = {Act.ARTICLE, Act.LANGUAGE, Act.SAY}


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way on: a key to press or choose, words that mean it, what happens, and the step after.

    `go` None stays where the act leads (a queue, for example). `otherwise` is the step when the act cannot be done.
    `offered_in` names the languages of those to whom it is offered; empty is everybody.
    """

    key: str = ""
    label: str | None = None
    words: tuple[str, ...] = ()
    do: Act | None = None
    argument: str = ""
    go: str | None = None
    otherwise: str | None = None
    offered_in: tuple[str, ...] = ()

    @property
    def language(self) -> str | None:
        """The language that this way leads to, which is the one it is offered in; None for every other way."""
        return self.argument if self.do is Act.LANGUAGE else None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One place in the conversation. A silent step says and asks nothing on entry."""

    id: str
    say: tuple[str, ...] = ()
    ask: str | None = None
    ways: tuple[Way, ...] = ()
    any: Way | None = None
    quiet: Way | None = None
    digits: int = 1
    silent: bool = False
    ends: bool = False
    asks_what_matters: bool = False
    #: Facts that must hold to stand here, and the step to go to when they do not.
    unless: Mapping[str, str]

    def ways_in(self, language: str) -> tuple[Way, ...]:
        """The ways for somebody with whom we speak this one of our languages."""
        return tuple(way for way in self.ways if not way.offered_in or language in way.offered_in)


@dataclass(frozen=True, kw_only=True)
class Script:
    """A whole conversation."""

    start: str
    steps: Mapping[str, Step]
    anywhere: tuple[Way, ...] = ()
    greetings: frozenset[str] = frozenset()

    def hear(self, step: str, words: str, labels: Mapping[str, str] | None = None, *, language: str) -> Way | None:
        """The way that these words or keys lead from a step; None when the step knows no way for them.

        `labels` gives the label texts in the caller's language by key, since people also type what a button says.
        """
        place = self.steps[step]
        said = plain_words(words)
        for way in place.ways_in(language):
            if said == way.key or said in way.words or (labels and said == plain_words(labels.get(way.key, ""))):
                return way
        for way in self.anywhere:
            if said in way.words:
                return way
        return place.any

    def is_greeting(self, words: str) -> bool:
        return plain_words(words) in self.greetings


def plain_words(words: str) -> str:
    """Lower case, single spaces, no punctuation around: «  Rådgiver! » is «rådgiver»; «1.» is «1»."""
    return re.sub(r"\s+", " ", words).strip().strip(".,!?:;)('\"«»“”").strip().casefold()


def read_script(path: Path, *, phrases: frozenset[str], articles: frozenset[str]) -> Script:
    """Read a script and make sure that it can be walked: every phrase and step exists, nobody gets stuck.

    Raises:
        ScriptError: a phrase, step, act or article does not exist, a key is there twice, a step has no way on or
            cannot be reached.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        script = Script(
            start=data["start"],
            steps={name: _step(name, fields or {}) for name, fields in data["steps"].items()},
            anywhere=tuple(_way(fields) for fields in data.get("anywhere", ())),
            greetings=frozenset(plain_words(word) for word in data.get("greetings", ())),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ScriptError(f"{path.name} cannot be read as a script: {error}.") from error
    problem = next(_problems(script, phrases, articles), None)
    if problem is not None:
        raise ScriptError(f"{path.name}: {problem}")
    return script


def _step(name: str, fields: dict[str, object]) -> Step:
    known = {"say", "ask", "ways", "any", "quiet", "digits", "silent", "ends", "asks_what_matters", "unless"}
    if unknown := set(fields) - known:
        raise ValueError(f"step {name} has the unknown field {sorted(unknown)[0]}")
    ways, say, unless = fields.get("ways", ()), fields.get("say", ()), fields.get("unless", {})
    assert isinstance(ways, list | tuple)
    assert isinstance(say, list | tuple)
    assert isinstance(unless, dict)
    ask = fields.get("ask")
    return Step(
        id=name,
        say=tuple(say),
        ask=None if ask is None else str(ask),
        ways=tuple(_way(way) for way in ways),
        any=_way(fields["any"]) if "any" in fields else None,
        quiet=_way(fields["quiet"]) if "quiet" in fields else None,
        digits=int(str(fields.get("digits", 1))),
        silent=bool(fields.get("silent", False)),
        ends=bool(fields.get("ends", False)),
        asks_what_matters=bool(fields.get("asks_what_matters", False)),
        unless=unless,
    )


def _way(fields: object) -> Way:
    assert isinstance(fields, dict)
    if unknown := set(fields) - {"key", "label", "words", "do", "go", "else", "for"}:
        raise ValueError(f"a way has the unknown field {sorted(unknown)[0]}")
    act, _, argument = str(fields.get("do", "")).partition(":")
    return Way(
        key=str(fields.get("key", "")),
        label=fields.get("label"),
        words=tuple(plain_words(word) for word in fields.get("words", ())),
        do=Act(act) if act else None,
        argument=argument,
        go=fields.get("go"),
        otherwise=fields.get("else"),
        offered_in=tuple(fields.get("for", ())),
    )


def _problems(script: Script, phrases: frozenset[str], articles: frozenset[str]) -> Iterator[str]:
    if script.start not in script.steps:
        yield f"the first step {script.start} does not exist."
    reached = {script.start, "waiting", "closed", "nobody", "queue_full", "waited_long"} & set(script.steps)
    todo = list(reached)
    for way in script.anywhere:
        todo.append(way.go or script.start)
    while todo:
        name = todo.pop()
        step = script.steps.get(name)
        if step is None:
            yield f"the step {name} does not exist."
            return
        reached.add(name)
        for way in _ways(step):
            for after in filter(None, (way.go, way.otherwise)):
                if after not in reached:
                    todo.append(after)
        todo.extend(after for after in step.unless.values() if after not in reached)
    for name, step in script.steps.items():
        if name not in reached:
            yield f"the step {name} cannot be reached."
        if not step.ends and not _ways(step):
            yield f"the step {name} has no way on."
        if not step.ends and step.any is None:
            yield f"the step {name} does not know what to do with other words (`any`)."
        for language in LANGUAGES:
            keys = [way.key for way in step.ways_in(language)]
            if len(keys) != len(set(keys)):
                yield f"the step {name} has a key twice."
        for unknown in {language for way in _ways(step) for language in way.offered_in} - set(LANGUAGES):
            yield f"the step {name} has a way for the unknown language {unknown}."
        for phrase in (*step.say, *filter(None, (step.ask,)), *filter(None, (way.label for way in step.ways))):
            if phrase not in phrases:
                yield f"the phrase {phrase} of step {name} does not exist."
    for way in (*script.anywhere, *(way for step in script.steps.values() for way in _ways(step))):
        if way.do in _WITH_ARGUMENT and not way.argument:
            yield f"{way.do} needs an argument after a colon."
        if way.do is Act.SAY and way.argument not in phrases:
            yield f"the phrase {way.argument} does not exist."
        if way.do is Act.ARTICLE and way.argument not in articles:
            yield f"the article {way.argument} does not exist."


def _ways(step: Step) -> tuple[Way, ...]:
    return (*step.ways, *filter(None, (step.any, step.quiet)))
