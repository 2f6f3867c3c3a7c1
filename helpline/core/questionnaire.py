"""Questions asked one after the other, on any channel: which comes next, what an answer means, what is missing.

Everything follows from the answers given so far: nobody keeps a position. `Questionnaire.next` is the first question
that applies and has no answer yet, `Questionnaire.back` takes the last answer away. So a conversation by text, a call,
a form on a page and a file of answers are the same thing to the rights guide and to the concern letter.

Answers are a mapping from question id to a value: a code for a choice, a list of codes for several, words for a text,
an ISO date (or words, when the day is not known exactly) for a date, and a list of such mappings for what may come
several times. None means: asked, and passed over.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from helpline.core.codes import UNKNOWN
from helpline.core.own_words import base_forms, read_age, read_relation

Answers = Mapping[str, Any]

#: Whole answers that say nothing, where a question asks for words and may be passed over: «Legger du ved noe?» «Nei».
#: «Ingen» is an answer: to which help somebody has today it says much.
_SAYS_NOTHING = frozenset(
    {
        *("nei", "nei takk", "niks", "no", "nope", "no thanks", "no thank you"),
        *("vet ikke", "vet ikkje", "veit ikke", "veit ikkje", "vet da ikke", "vet ikke helt", "jeg vet ikke"),
        *(
            "jeg vet ikke helt",
            "eg veit ikkje",
            "eg veit ikkje heilt",
            "husker ikke",
            "jeg husker ikke",
            "hugsar ikkje",
        ),
        *("eg hugsar ikkje", "usikker", "ukjent", "ukjend", "aner ikke", "aner ikkje", "don't know", "dont know"),
        *("i don't know", "i dont know", "do not know", "i do not know", "not sure", "don't remember", "unknown"),
    }
)

#: Within a list that is being told: there may be one more. It goes when the person has said that there is none.
OPEN = "open"


class AnswerKind(StrEnum):
    """What an answer is."""

    CHOICE = "choice"
    """One code of the options."""
    CHOICES = "choices"
    """Several of them."""
    TEXT = "text"
    DATE = "date"
    LIST = "list"
    """Several times the same few questions: `parts`."""


class Misread(StrEnum):
    """Why an answer cannot be taken. The words for each are phrases `answer_…`."""

    CHOOSE = "choose"
    """Not one of the options."""
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    NEEDED = "needed"
    """Required, and passed over."""
    UNKNOWN_QUESTION = "unknown_question"
    """There is no such question (in a file of answers)."""
    WRONG_KIND = "wrong_kind"
    """A list where words belong, or the like (in a file of answers)."""


class AnswerError(ValueError):
    """An answer cannot be taken. `reason` says why."""

    def __init__(self, reason: Misread) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Something that holds of answers, does not, or cannot be said yet: three values, so that «unknown» never counts
    as no.

    `one_of` holds when the answer to `question` is (or contains) one of the codes. The others combine conditions; an
    empty `all_of` always holds.
    """

    question: str = ""
    one_of: frozenset[str] = frozenset()
    all_of: tuple["Condition", ...] = ()
    any_of: tuple["Condition", ...] = ()
    not_: "Condition | None" = None

    def holds(self, answers: Answers) -> bool | None:
        """True, False, or None when the answers do not say: not asked, passed over, or `unknown`."""
        if self.question:
            return self._answered(answers.get(self.question))
        if self.not_ is not None:
            inner = self.not_.holds(answers)
            return None if inner is None else not inner
        if self.any_of:
            found = [one.holds(answers) for one in self.any_of]
            return True if True in found else None if None in found else False
        found = [one.holds(answers) for one in self.all_of]
        return False if False in found else None if None in found else True

    def _answered(self, answer: object) -> bool | None:
        codes = {answer} if isinstance(answer, str) else set(answer) if isinstance(answer, Collection) else set()
        if codes & self.one_of:
            return True
        return None if not codes or UNKNOWN in codes else False

    def open(self, answers: Answers) -> frozenset[str]:
        """The questions whose answers would settle it; none when it is settled already."""
        if self.holds(answers) is not None:
            return frozenset()
        if self.question:
            return frozenset({self.question})
        inner = (*self.all_of, *self.any_of, *((self.not_,) if self.not_ else ()))
        return frozenset().union(*(one.open(answers) for one in inner))

    def questions(self) -> frozenset[str]:
        """The questions that it depends on."""
        inner = (*self.all_of, *self.any_of, *((self.not_,) if self.not_ else ()))
        return frozenset({self.question} - {""}).union(*(one.questions() for one in inner))


ALWAYS = Condition()


@dataclass(frozen=True, kw_only=True)
class Option:
    """One answer to choose: its code, its label by language, and other words that people use for it. `about` are the
    words for the other person where these mean this answer (a mother tells of a son); `ages` is the first year of age
    that it means, and the first after it."""

    code: str
    label: Mapping[str, str]
    words: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    ages: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question. `ask` is its words by language; `sms` and `spoken` are the same for short texts and for the ear.

    `when` says to whom it is asked: it is left out when the condition does not hold or cannot be said. `longest` is the
    most characters of a text. `keyed` says that it can be answered with the keys of a telephone. `say_back` says by
    language what was understood, with «{answer}» in it, where words may be taken for something else.
    """

    id: str
    kind: AnswerKind
    ask: Mapping[str, str]
    sms: Mapping[str, str] = field(default_factory=dict)
    spoken: Mapping[str, str] = field(default_factory=dict)
    #: A line of help under the question, where there is room for it.
    hint: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    parts: tuple["Question", ...] = ()
    required: bool = False
    longest: int = 300
    when: Condition = ALWAYS
    say_back: Mapping[str, str] = field(default_factory=dict)

    @property
    def keyed(self) -> bool:
        return self.kind in (AnswerKind.CHOICE, AnswerKind.CHOICES)

    def words(self, language: str, channel: str) -> str:
        """The question as this channel asks it."""
        form = {"sms": self.sms, "phone": self.spoken}.get(channel) or self.ask
        return form[language]

    @property
    def by_age(self) -> bool:
        """Whether its answers are ages."""
        return any(option.ages for option in self.options)

    def option(self, code: str) -> Option:
        """An option by its code.

        Raises:
            KeyError: there is none.
        """
        for option in self.options:
            if option.code == code:
                return option
        raise KeyError(code)

    def read(self, words: str, *, language: str, today: date, numbered: bool = True) -> Any:
        """The value that these words (or keys, or a button's key) mean; None for words that pass the question over.
        `numbered` says that the answers stood there with numbers: a number alone is one of them before it is an age.

        Raises:
            AnswerError: they mean none.
        """
        said = words.strip()
        if not said:
            raise AnswerError(Misread.EMPTY)
        if self.passed_over(said):
            return None
        match self.kind:
            case AnswerKind.CHOICE:
                is_age = self.by_age and not numbered and said.isdecimal()
                chosen = [] if is_age else self._chosen(said, language)
                chosen = chosen or self._in_own_words(said)
                if len(chosen) != 1:
                    raise AnswerError(Misread.TOO_MANY if chosen else Misread.CHOOSE)
                return chosen[0]
            case AnswerKind.CHOICES:
                chosen = self._chosen(said, language)
                if not chosen:
                    raise AnswerError(Misread.CHOOSE)
                return chosen
            case AnswerKind.DATE:
                day = read_day(said, today=today)
                return self._short_enough(said) if day is None else day.isoformat()
            case _:
                return self._short_enough(said)

    def passed_over(self, words: str) -> bool:
        """Whether these words answer nothing, where a question for words may be left without an answer: «nei» to what
        is enclosed, «vet ikke» to when it happened."""
        in_words = self.kind in (AnswerKind.TEXT, AnswerKind.DATE)
        return in_words and not self.required and _plain(words.replace("’", "'")) in _SAYS_NOTHING

    def _short_enough(self, words: str) -> str:
        if len(words) > self.longest:
            raise AnswerError(Misread.TOO_LONG)
        return words

    def _chosen(self, said: str, language: str) -> list[str]:
        whole = _plain(said)
        for option in self.options:
            if whole in (option.code, _plain(option.label[language]), *map(_plain, option.words)):
                return [option.code]
        # «1, 3 og 4», «1 3 4»; by telephone keys follow each other, so «134» are three where there are under ten.
        parts = re.findall(r"\d+", whole)
        if re.fullmatch(r"[\d\s,.;+&]*(?:\d|og|and)[\d\s,.;+&ogand]*", whole) is None:
            parts = [part for part in re.split(r"\s*[,;]\s*|\s+(?:og|and)\s+", whole) if part]
        elif self.kind is AnswerKind.CHOICES and len(parts) == 1 and len(self.options) < 10:
            parts = list(parts[0])
        found: list[str] = []
        for part in parts:
            code = self._one(part, language)
            if code is None:
                return []
            if code not in found:
                found.append(code)
        return found

    def _in_own_words(self, said: str) -> list[str]:
        """The option that is told in a few words, where the question says back what was understood."""
        if not self.say_back:
            return []
        if self.by_age:
            age = read_age(said)
            return [one.code for one in self.options if age is not None and one.ages and age in range(*one.ages)]
        if (told := read_relation(said)) is not None:
            word, is_about = told
            for form in base_forms(word):
                for option in self.options:
                    if form in (option.about or option.words if is_about else option.words):
                        return [option.code]
        words = {word: option.code for option in self.options for word in option.words if len(word) > 5}
        return [words[word] for word in get_close_matches(_plain(said), words, n=1, cutoff=0.85)]

    def in_own_words(self, words: str, *, language: str) -> bool:
        """Whether these words, which were taken, are none of the answers as they stand there: a number beside ages may
        be an age."""
        said = _plain(words)
        if said.isdecimal():
            return self.by_age
        return all(said not in (option.code, _plain(option.label[language])) for option in self.options)

    def _one(self, part: str, language: str) -> str | None:
        if part.isdecimal() and 1 <= int(part) <= len(self.options):
            return self.options[int(part) - 1].code
        for option in self.options:
            if part in (option.code, _plain(option.label[language]), *map(_plain, option.words)):
                return option.code
        return None

    def check(self, value: object) -> Iterator[tuple[str, Misread]]:
        """What is wrong with a value from a file or a form: (path, reason) pairs."""
        if value is None or value == "" or value == []:
            return
        match self.kind:
            case AnswerKind.LIST:
                if not isinstance(value, Sequence) or isinstance(value, str):
                    yield self.id, Misread.WRONG_KIND
                    return
                for number, item in enumerate(value):
                    if not isinstance(item, Mapping):
                        yield f"{self.id}.{number + 1}", Misread.WRONG_KIND
                        continue
                    inner = Questionnaire(id=self.id, questions=self.parts)
                    for path, reason in inner.check({k: v for k, v in item.items() if k != OPEN}):
                        yield f"{self.id}.{number + 1}.{path}", reason
            case AnswerKind.CHOICES:
                codes = [value] if isinstance(value, str) else value
                if not isinstance(codes, Sequence) or not all(isinstance(code, str) for code in codes):
                    yield self.id, Misread.WRONG_KIND
                elif not {option.code for option in self.options}.issuperset(codes):
                    yield self.id, Misread.CHOOSE
            case _ if not isinstance(value, str):
                yield self.id, Misread.WRONG_KIND
            case AnswerKind.CHOICE:
                if value not in {option.code for option in self.options}:
                    yield self.id, Misread.CHOOSE
            case _:
                if len(value) > self.longest:
                    yield self.id, Misread.TOO_LONG


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody stands: the question that is asked now. In a list, `index` counts its rows from 0 and `part` is
    the question of that row; `part` None asks whether there is one more."""

    question: Question
    index: int | None = None
    part: Question | None = None

    @property
    def asks(self) -> Question | None:
        """The question that wants an answer; None where it is «one more?»."""
        return self.question if self.index is None else self.part


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """Questions in the order in which they are asked."""

    id: str
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question:
        """A question by id.

        Raises:
            KeyError: there is none.
        """
        for question in self.questions:
            if question.id == name:
                return question
        raise KeyError(name)

    def asked(self, answers: Answers) -> list[Question]:
        """The questions that apply, as far as these answers tell."""
        return [question for question in self.questions if question.when.holds(answers) is True]

    def next(self, answers: Answers) -> Place | None:
        """What to ask now; None when everything has been asked."""
        for question in self.asked(answers):
            if question.id not in answers:
                first = question.parts[0] if question.kind is AnswerKind.LIST else None
                return Place(question=question) if first is None else Place(question=question, index=0, part=first)
            rows = answers[question.id]
            if question.kind is AnswerKind.LIST and rows and rows[-1].get(OPEN):
                index = len(rows) - 1
                row = Questionnaire(id=question.id, questions=question.parts)
                place = row.next({key: value for key, value in rows[-1].items() if key != OPEN})
                return Place(question=question, index=index, part=place.question if place else None)
        return None

    def answer(self, answers: Answers, place: Place, value: Any) -> dict[str, Any]:
        """The answers with one more. At «one more?» the value is True or False.

        Raises:
            AnswerError: nothing was answered where an answer is required.
        """
        asks = place.asks
        # The first row of a list that is not required may be left out as a whole.
        if asks is not None and asks.required and value is None and (place.index != 0 or place.question.required):
            raise AnswerError(Misread.NEEDED)
        given = dict(answers)
        name = place.question.id
        if place.index is None:
            given[name] = value
            return given
        rows = [dict(row) for row in given.get(name) or [{}]]
        if asks is None:
            del rows[-1][OPEN]
            given[name] = [*rows, {OPEN: True}] if value else rows
            return given
        if value is None and asks.id == place.question.parts[0].id:
            # Nothing (more) to tell.
            given[name] = rows[:-1] if len(rows) > 1 else None
            return given
        rows[-1] |= {asks.id: value, OPEN: True}
        given[name] = rows
        return given

    def back(self, answers: Answers) -> dict[str, Any]:
        """The answers without the last one that was given; the same when there is none."""
        given = dict(answers)
        for question in reversed(self.asked(answers)):
            if question.id not in given:
                continue
            if question.kind is not AnswerKind.LIST or not given[question.id]:
                del given[question.id]
                return given
            rows = [dict(row) for row in given[question.id]]
            row = rows[-1]
            if not row.get(OPEN):
                # «One more?» was answered with no: it is asked again.
                row[OPEN] = True
            else:
                told = [part.id for part in question.parts if part.id in row]
                if told:
                    del row[told[-1]]
                elif len(rows) > 1:
                    rows = [*rows[:-2], rows[-2] | {OPEN: True}]
                if rows == [{OPEN: True}]:
                    del given[question.id]
                    return given
            given[question.id] = rows
            return given
        return given

    def missing(self, answers: Answers) -> list[Question]:
        """Required questions that apply and have no answer."""
        return [question for question in self.asked(answers) if question.required and not answers.get(question.id)]

    def texts(self, answers: Answers) -> dict[str, str]:
        """Every answer in own words to what is asked, by path: `request`, `events.1.what`. Codes are no words."""
        found: dict[str, str] = {}
        for question in self.asked(answers):
            value = answers.get(question.id)
            if question.kind in (AnswerKind.TEXT, AnswerKind.DATE) and isinstance(value, str):
                found[question.id] = value
            elif question.kind is AnswerKind.LIST and isinstance(value, Sequence) and not isinstance(value, str):
                row = Questionnaire(id=question.id, questions=question.parts)
                for number, told in enumerate(value, start=1):
                    inside = row.texts(told) if isinstance(told, Mapping) else {}
                    found |= {f"{question.id}.{number}.{path}": words for path, words in inside.items()}
        return found

    def check(self, answers: Answers) -> Iterator[tuple[str, Misread]]:
        """Everything that is wrong with answers that came whole, from a file or a form: (path, reason) pairs; the path
        of a row in a list is `events.2.what`, counted from 1."""
        known = {question.id: question for question in self.questions}
        for name, value in answers.items():
            if name not in known:
                yield name, Misread.UNKNOWN_QUESTION
            else:
                yield from known[name].check(value)
        for question in self.missing(answers):
            yield question.id, Misread.NEEDED


def _plain(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip(" .,!?:;()«»\"'").casefold()


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("januar", "jan", "january"),
            ("februar", "feb", "february"),
            ("mars", "mar", "march"),
            ("april", "apr"),
            ("mai", "may"),
            ("juni", "jun", "june"),
            ("juli", "jul", "july"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("oktober", "okt", "october", "oct"),
            ("november", "nov"),
            ("desember", "des", "december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_DAYS_AGO = {
    **dict.fromkeys(("i dag", "idag", "today"), 0),
    **dict.fromkeys(("i går", "igår", "i gar", "i gaar", "yesterday"), 1),
}


def read_day(words: str, *, today: date) -> date | None:
    """The day that words mean: «2026-11-03», «3.11.2026», «12.3.58», «3.11», «3. november», «November 3», «i går». A
    day without a year is the last one of that date, and with two figures of a year too: what is asked for has been.
    None when they name no day exactly."""
    said = _plain(words)
    if said in _DAYS_AGO:
        return today - timedelta(days=_DAYS_AGO[said])
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", said):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})[./ ]\s?(\d{1,2})[./ ]?\s?(\d{4}|\d{2})?", said):
        return _recent(int(found[1]), int(found[2]), found[3], today)
    if found := re.fullmatch(r"(\d{1,2})\.?\s*([a-z]+)\.?\s*(\d{4}|\d{2})?", said):
        return _recent(int(found[1]), _MONTHS.get(found[2], 0), found[3], today)
    if found := re.fullmatch(r"([a-z]+)\s+(\d{1,2})(?:st|nd|rd|th)?,?\s*(\d{4})?", said):
        return _recent(int(found[2]), _MONTHS.get(found[1], 0), found[3], today)
    return None


def _recent(day: int, month: int, year: str | None, today: date) -> date | None:
    if year is not None and len(year) == 4:
        return _day(int(year), month, day)
    if year is not None:
        this_century = _day(2000 + int(year), month, day)
        return (
            this_century if this_century is not None and this_century <= today else _day(1900 + int(year), month, day)
        )
    this_year = _day(today.year, month, day)
    return _day(today.year - 1, month, day) if this_year is not None and this_year > today else this_year


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
