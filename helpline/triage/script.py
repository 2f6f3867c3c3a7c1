"""Guided conversations as data: steps with ways on, read from YAML and checked at load.

One engine serves Telegram, SMS and the telephone. What is said is a phrase by id; what happens on the way is named by
`do` and carried out by the desk. The position is one word on the contact's row; where a questionnaire is asked, the
question follows from the answers so far. `docs/conversations.md` says how to change a script.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import yaml

from helpline.core.yes_no import Reply, reply_in
from helpline.errors import HelplineError


class ScriptError(HelplineError):
    """A script cannot be walked or said: each of `problems` names the file, the step and what is wrong."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Act(StrEnum):
    """What may happen on the way from one step to the next."""

    WAIT = "wait"
    LEAVE_QUEUE = "leave_queue"
    NOTE = "note"
    """Keep the words as the answer to what matters most."""
    LISTEN = "listen"
    """Words of one who waits: kept, and acknowledged once; a question is answered."""
    WHERE = "where"
    """Where one who waits stands: the place, or that we are closed or that nobody is on duty."""
    SEARCH = "search"
    """Look the words up; what is found leads to the step of `go`, nothing to that of `else`."""
    NO_ANSWER = "no_answer"
    """None of the articles is what was asked: counted, so that the knowledge gets better."""
    ARTICLE = "article"
    HELP_NOW = "help_now"
    HOURS = "hours"
    LANGUAGE = "language"
    ERASE = "erase"
    SAY = "say"
    BACK = "back"
    """One step back. `back:there` is said at a step apart, and means the place that the caller came from."""
    RESUME = "resume"
    """Go on with the questions that were left before their end."""
    BEGIN = "begin"
    """Begin the questions named after the colon; `else` when some are answered already."""
    ANEW = "anew"
    """Begin them again from the first."""
    ANSWER = "answer"
    SKIP = "skip"
    KEEP = "keep"
    """Having stepped back: leave the answer as it was."""
    PAGE = "page"
    """A one-time page where the same questions are filled in."""
    RIGHTS_ON = "rights_on"
    """The next rights: the next one by telephone, the next few in a text."""
    RIGHTS_ANEW = "rights_anew"
    """The first of them again."""
    SHARE = "share"
    """Keep the words as part of an experience: the first of them lead on, the others are taken in in silence."""
    SHARE_CHECK = "share_check"
    """Whether nothing in the experience looks as if it could say who somebody is."""
    SHARE_KEEP = "share_keep"
    SHARE_DROP = "share_drop"
    """Nothing is shared. With a phrase after a colon, that is said."""
    INTEREST = "interest"
    """What somebody wants to hear of: an advice session, or a code of the list `activity`."""
    COUNTY = "county"
    INTEREST_KEEP = "interest_keep"
    INTEREST_DROP = "interest_drop"
    """They are put on no list, and the phrase after a colon is said."""
    OFF_LIST = "off_list"
    SAFE = "safe"
    """Whether we may write first, `safe:yes` or `safe:no`."""
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
WITH_ARGUMENT = {Act.ARTICLE, Act.LANGUAGE, Act.SAY, Act.BEGIN, Act.ANEW, Act.SAFE, Act.INTEREST, Act.INTEREST_DROP}
#: Acts whose argument is a phrase that is said.
SAYING = {Act.SAY, Act.SHARE_DROP, Act.INTEREST_DROP}
#: As the step to go to: from a step apart to the place that the caller came from.
RETURN = "return"
#: Acts that end where they lead: nothing comes after them.
LEADING = {
    Act.WAIT,
    Act.BACK,
    Act.RESUME,
    Act.ANSWER,
    Act.SKIP,
    Act.KEEP,
    Act.ERASE,
    Act.FORGET_NUMBER,
    Act.WAIT_OR_END,
}
#: Acts on words of one's own that are no answer to a question: within them something may be asked for.
_READS_ON = {Act.NOTE, Act.SEARCH}
#: The colour of a hand, and what makes a sign a picture.
_WITHOUT_COLOUR = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
#: Where one clause ends and the next begins.
_CLAUSES = re.compile(r"[.,;:!?\n]+|\b(?:og|men|så|and|but|so)\b")


class Shows(StrEnum):
    """What a step says beside its phrases, worked out in the moment; `desk.guide` says it."""

    RIGHTS = "rights"
    """What the rights guide found; choices: its titles."""
    LETTER = "letter"
    """The letter that was written."""
    INSTEAD = "instead"
    """A choice: the kind of letter that would be right."""
    ARTICLES = "articles"
    """Choices: the other articles that may answer."""
    SUGGESTION = "suggestion"
    """A choice: the article about what the caller's own words named."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way on: a key to press or choose, words that mean it, what happens, and the step after.

    `go` None stays: where the act leads, or where one stands. `otherwise` is the step when the act cannot be done.
    `offered_in` names the languages of those to whom it is offered; empty is everybody. `reply` takes a yes, a no or
    one that is unsure in own words (`core.yes_no`). `before` and `behind` are what people say around its words when
    they ask for it: «kan jeg få» and «takk». `also` are words that ask for it only where no question is being answered.
    """

    key: str = ""
    label: str | None = None
    words: tuple[str, ...] = ()
    #: The same words by language, and the commands of Telegram under `slash`, where the file tells them apart.
    spelt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    do: Act | None = None
    argument: str = ""
    go: str | None = None
    otherwise: str | None = None
    offered_in: tuple[str, ...] = ()
    reply: Reply | None = None
    also: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()

    @property
    def language(self) -> str | None:
        """The language that this way leads to, which is the one it is offered in; None for every other way."""
        return self.argument if self.do is Act.LANGUAGE else None

    def means(self, said: str) -> bool:
        """Whether these plain words are its key or one of its words, with what may stand around them or without."""
        return bool(said) and (said == self.key.casefold() or said in self.words or self._bare(said) in self.words)

    def asked_within(self, words: str) -> bool:
        """Whether one of several sentences asks for it; never for a way without openings (`before`), as erasing. A word
        by itself does not, for it may belong to a list."""
        if not self.before:
            return False
        clauses = [plain_words(clause) for clause in (words, *_CLAUSES.split(words))]
        return any(" " in clause and (self.means(clause) or self._bare(clause) in self.also) for clause in clauses)

    def _bare(self, said: str) -> str:
        """The same without what may stand around its words, the longest there is."""
        openings = [opening for opening in self.before if said.startswith(f"{opening} ")]
        said = said.removeprefix(max(openings, key=len, default="")).strip()
        endings = [ending for ending in self.behind if said.endswith(f" {ending}")]
        return plain_words(said.removesuffix(max(endings, key=len, default="")))


@dataclass(frozen=True, kw_only=True)
class Step:
    """One place in the conversation. A silent step says and asks nothing on entry.

    `asks` names a questionnaire whose questions are asked here, one after the other; `done` is the step after the last
    of them, `stop` the step when an answer says that they must not be gone on with. `shows` is what is said beside the
    phrases. `back` is the step before this one (else the menu). A step `apart` is a detour: it leads back to where the
    caller came from. `waiting` says that one may stand here while one stands in the queue.
    """

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
    asks: str | None = None
    done: str | None = None
    stop: str | None = None
    shows: Shows | None = None
    back: str | None = None
    apart: bool = False
    waiting: bool = False
    #: Facts that must hold to stand here, and the step to go to when they do not.
    unless: Mapping[str, str]

    def ways_in(self, language: str) -> tuple[Way, ...]:
        """The ways for somebody with whom we speak this one of our languages."""
        return tuple(way for way in self.ways if not way.offered_in or language in way.offered_in)

    def all_ways(self) -> tuple[Way, ...]:
        return (*self.ways, *filter(None, (self.any, self.quiet)))


@dataclass(frozen=True, kw_only=True)
class Script:
    """A whole conversation."""

    start: str
    #: Where «menu» leads, and «back» from a step that names no step before it.
    menu: str
    steps: Mapping[str, Step]
    anywhere: tuple[Way, ...] = ()
    greetings: frozenset[str] = frozenset()
    #: Words that ask for nothing, by the phrase that answers them; nothing is asked after it.
    courtesies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Words that mean something only as an answer: elsewhere they are no question, and what was asked is asked again.
    no_question: frozenset[str] = frozenset()

    def hear(self, step: str, words: str, labels: Mapping[str, str] | None = None, *, language: str) -> Way | None:
        """The way that these words or keys lead from a step; None when the step knows no way for them.

        `labels` gives the label texts in the caller's language by key, since people also type what a button says.
        """
        place = self.steps[step]
        said = plain_words(words)
        for way in place.ways_in(language):
            if way.means(said) or (said and labels and said == plain_words(labels.get(way.key, ""))):
                return way
        for way in self.anywhere:
            if way.means(said):
                return way
        reply = reply_in(words)
        replied = next((way for way in place.ways_in(language) if reply and way.reply is reply), None)
        if replied is None and place.any is not None and place.any.do in _READS_ON:
            replied = next((way for way in self.anywhere if way.asked_within(words)), None)
        return replied or place.any

    def always(self, words: str) -> Way | None:
        """The way that these words lead from every step; None for words that mean something only at some."""
        return next((way for way in self.anywhere if way.means(plain_words(words))), None)

    def courtesy(self, words: str) -> str | None:
        """The phrase that answers thanks, a goodbye and the like; None for other words."""
        said = plain_words(words)
        signs = _WITHOUT_COLOUR.sub("", said)
        for phrase, courtesies in self.courtesies.items():
            if said in courtesies or (signs and courtesies.issuperset(signs)):
                return phrase
        return None

    def asks_nothing(self, words: str) -> bool:
        """Whether these words are no question and tell nothing, wherever they are said: signs alone, «ja», or what
        some step knows as an answer."""
        said = plain_words(words)
        if said in self.no_question or not any(sign.isalnum() for sign in said):
            return True
        ways = [way for step in self.steps.values() for way in step.ways]
        return any(said in way.words or (said.isalpha() and said == way.key.casefold()) for way in ways)

    def says_only(self, words: str, act: Act) -> bool:
        """Whether these words are among those that some step has for an act: no question, wherever they are said."""
        said = plain_words(words)
        return any(way.do is act and said in way.words for step in self.steps.values() for way in step.ways)

    def is_greeting(self, words: str) -> bool:
        return plain_words(words) in self.greetings


def plain_words(words: str) -> str:
    """Lower case, single spaces, no punctuation around and no comma within: «  Rådgiver! » is «rådgiver»; «1.» is «1»;
    «Ja, takk» is «ja takk»."""
    return re.sub(r"[\s,]+", " ", words.replace("’", "'")).strip().strip(".,!?:;)('\"«»“”").strip().casefold()


def read_script(path: Path) -> Script:
    """Read a script. Whether it can be walked is another question: `script_check.problems`.

    Raises:
        ScriptError: it is not a script: a field or an act does not exist, or has the wrong kind of value.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Script(
            start=data["start"],
            menu=data["menu"],
            steps={name: _step(name, fields or {}) for name, fields in data["steps"].items()},
            anywhere=tuple(_way("anywhere", fields) for fields in data.get("anywhere", ())),
            greetings=frozenset(plain_words(word) for word in data.get("greetings", ())),
            courtesies={
                phrase: frozenset(_plain_list("courtesies", words))
                for phrase, words in data.get("courtesies", {}).items()
            },
            no_question=frozenset(_plain_list("no_question", data.get("no_question", ()))),
        )
    except KeyError as error:
        raise ScriptError(f"{path.name}: «{error.args[0]}» is missing.") from error
    except (OSError, yaml.YAMLError, TypeError, AttributeError, ValueError) as error:
        raise ScriptError(f"{path.name} cannot be read as a script: {error}.") from error


_STEP_FIELDS = {
    "say", "ask", "ways", "any", "quiet", "digits", "silent", "ends", "asks_what_matters", "asks", "done", "stop",
    "shows", "back", "apart", "waiting", "unless",
}  # fmt: skip


def _step(name: str, fields: dict[str, object]) -> Step:
    if unknown := set(fields) - _STEP_FIELDS:
        raise ValueError(f"step {name} has the unknown field {sorted(unknown)[0]}")
    ways, say, unless = fields.get("ways", ()), fields.get("say", ()), fields.get("unless", {})
    if not isinstance(ways, list | tuple) or not isinstance(say, list | tuple):
        raise ValueError(f"step {name}: `ways` and `say` are lists")
    if not isinstance(unless, dict):
        raise ValueError(f"step {name}: `unless` is facts and steps")

    def text(field: str) -> str | None:
        return None if fields.get(field) is None else str(fields[field])

    shows = text("shows")
    if shows is not None and shows not in set(Shows):
        raise ValueError(f"step {name} shows «{shows}», which is none of {', '.join(Shows)}")
    return Step(
        id=name,
        say=tuple(say),
        ask=text("ask"),
        ways=tuple(_way(name, way) for way in ways),
        any=_way(name, fields["any"]) if "any" in fields else None,
        quiet=_way(name, fields["quiet"]) if "quiet" in fields else None,
        digits=int(str(fields.get("digits", 1))),
        silent=bool(fields.get("silent", False)),
        ends=bool(fields.get("ends", False)),
        asks_what_matters=bool(fields.get("asks_what_matters", False)),
        asks=text("asks"),
        done=text("done"),
        stop=text("stop"),
        shows=Shows(shows) if shows else None,
        back=text("back"),
        apart=bool(fields.get("apart", False)),
        waiting=bool(fields.get("waiting", False)),
        unless=unless,
    )


_WAY_FIELDS = {"key", "label", "words", "reply", "do", "go", "else", "for", "also", "before", "behind"}


def _way(step: str, fields: object) -> Way:
    if not isinstance(fields, dict):
        raise ValueError(f"step {step}: a way is not a mapping of fields")
    if unknown := set(fields) - _WAY_FIELDS:
        raise ValueError(f"step {step}: a way has the unknown field {sorted(unknown)[0]}")
    spelt = _spelt(step, fields.get("words", ()))
    act, _, argument = str(fields.get("do", "")).partition(":")
    if act and act not in set(Act):
        raise ValueError(f"step {step}: «{act}» is nothing that can be done")
    return Way(
        key=str(fields.get("key", "")),
        label=fields.get("label"),
        words=tuple(dict.fromkeys(word for words in spelt.values() for word in words)),
        spelt=spelt if isinstance(fields.get("words"), dict) else {},
        do=Act(act) if act else None,
        argument=argument,
        go=fields.get("go"),
        otherwise=fields.get("else"),
        offered_in=tuple(fields.get("for", ())),
        reply=Reply(fields["reply"]) if "reply" in fields else None,
        also=_plain_list(step, fields.get("also", ())),
        before=_plain_list(step, fields.get("before", ())),
        behind=_plain_list(step, fields.get("behind", ())),
    )


#: Beside the languages: what the Telegram app sends for a command.
SLASH = "slash"


def _spelt(step: str, words: object) -> dict[str, tuple[str, ...]]:
    """Words as a list, or side by side by language."""
    if isinstance(words, dict):
        if unknown := set(words) - {*LANGUAGES, SLASH}:
            raise ValueError(f"step {step}: «{sorted(unknown)[0]}» is no language that words stand in")
        return {language: _plain_list(step, spelt) for language, spelt in words.items()}
    return {"": _plain_list(step, words)}


def _plain_list(step: str, words: object) -> tuple[str, ...]:
    if not isinstance(words, list | tuple):
        raise ValueError(f"step {step}: «words» is not a list")
    return tuple(plain_words(str(word)) for word in words)
