"""Concern letters: their questions, the gates before them, what the answers lack, and what to look at once more.

We send nothing to anybody: the letter is the caller's (`letter_text` makes it, `letter_kinds` says who gets it).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from helpline.core.questionnaire import Answers, Misread, Question, Questionnaire
from helpline.errors import HelplineError
from helpline.guidance.letter import Letter
from helpline.guidance.letter_kinds import LetterKind, read_kinds
from helpline.guidance.letter_text import LetterText, read_wording, tidy
from helpline.guidance.questions import read_questionnaire
from helpline.guidance.reading import read_fields
from helpline.guidance.remarks import Remark, RemarkRules, read_remark_rules

#: A child until then (barnevernsloven; DOMAIN §3.2: «Under 18 → barnevern»).
ADULT_AT = 18
CHILD_WELFARE = "child_welfare"
_OMBUDSMAN = "patient_ombudsman"
_DECIDED_ABOVE = ("county_governor_complaint", "county_governor_supervision")


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Some questions that a page asks at once, with a title by language."""

    title: Mapping[str, str]
    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A gate that no letter passes: `phrase` is what to say (knowledge/phrases.yaml), `number` the help number to give,
    `question` the answer it follows from, `instead` the kind of letter that would be right."""

    phrase: str
    question: str
    number: str | None = None
    instead: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An answer that the letter cannot do with. `path` is the question's id, of a row `events.2.what`; `asked` is the
    question in words; `reason` a reason of `core.questionnaire`, or `identity` or `stop`."""

    path: str
    asked: str
    reason: str


class LetterError(HelplineError):
    """The letter cannot be written yet. `faults` names every answer that is missing or wrong; `stop` is the gate, when
    one is shut."""

    def __init__(self, sentence: str, *, faults: tuple[Fault, ...] = (), stop: Stop | None = None) -> None:
        super().__init__(sentence)
        self.faults = faults
        self.stop = stop


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Everything under `knowledge/letters`. Make one with `Letters.load`."""

    questionnaire: Questionnaire
    chapters: tuple[Chapter, ...]
    kinds: Mapping[str, LetterKind]
    #: When somebody must have looked at the kinds and their hooks in the law again.
    review_by: date
    wording: Mapping[str, Mapping[str, str]]
    rules: RemarkRules

    @classmethod
    def load(cls, directory: Path) -> "Letters":
        """Read `knowledge/letters`.

        Raises:
            KnowledgeError: the first thing that is wrong, with its file and line.
        """
        questionnaire = read_questionnaire(directory / "questions.yaml", name="letter")
        kinds, review_by = read_kinds(directory / "kinds.yaml", questionnaire.question("kind"))
        return cls(
            questionnaire=questionnaire,
            chapters=_read_chapters(directory / "chapters.yaml", questionnaire),
            kinds=kinds,
            review_by=review_by,
            wording=read_wording(directory / "wording.yaml"),
            rules=read_remark_rules(directory / "remarks.yaml"),
        )

    def kind(self, answers: Answers) -> LetterKind | None:
        """The kind that was chosen, if it was."""
        code = answers.get("kind")
        return self.kinds.get(code) if isinstance(code, str) else None

    def stop(self, answers: Answers, on: date) -> Stop | None:
        """The gate that these answers shut, if any. Danger comes before everything else."""
        given = {name: value for name, value in answers.items() if isinstance(value, str)}
        kind = given.get("kind", "")
        match given.get("danger_now"):
            case "yes":
                return Stop(phrase="letter_danger", question="danger_now", number="amk")
            case "unknown":
                return Stop(phrase="letter_danger_unsure", question="danger_now", number="legevakt")
        if self._asks(kind, "under_18"):
            child = given.get("under_18") == "yes" or _is_child(given.get("person_born"), on)
            if child and kind != CHILD_WELFARE:
                return Stop(phrase="letter_for_child", question="kind", instead=CHILD_WELFARE)
            if kind == CHILD_WELFARE and given.get("under_18") == "no":
                return Stop(phrase="letter_not_for_adult", question="kind", instead="municipality")
        standing = given.get("standing")
        if kind == "municipality_substance" and standing == "other":
            return Stop(phrase="letter_only_relatives", question="standing", instead="municipality")
        if kind == "municipal_chief_physician" and given.get("examination") == "yes" and standing != "nearest":
            return Stop(phrase="letter_only_nearest", question="examination")
        if kind in _DECIDED_ABOVE and given.get("authority") == "no":
            return Stop(phrase="letter_no_authority", question="authority", instead=_OMBUDSMAN)
        return None

    def compose(self, answers: Answers, language: str, on: date) -> Letter:
        """The letter.

        Raises:
            LetterError: a gate is shut, or answers are missing or wrong: each is named with its question in words.
        """
        stop = self.stop(answers, on)
        given = tidy(answers)
        if stop is not None:
            fault = Fault(path=stop.question, asked=self._asked(stop.question, language), reason="stop")
            raise LetterError(self._unfinished([fault], language), faults=(fault,), stop=stop)
        faults = [
            Fault(path=path, asked=self._asked(path, language), reason=reason.value)
            for path, reason in self._wrong(given)
        ]
        faults += [
            Fault(path=remark.path, asked=self._asked(remark.path, language), reason="identity")
            for remark in self.rules.identity_numbers(self.questionnaire.texts(given), language)
        ]
        if faults:
            raise LetterError(self._unfinished(faults, language), faults=tuple(faults))
        asked = {question.id for question in self.questionnaire.asked(given)}
        kind = self.kinds[given["kind"]]
        text = LetterText(
            kind=kind,
            answers={name: value for name, value in given.items() if name in asked and value is not None},
            language=language,
            on=on,
            wording=self.wording,
        )
        return text.letter()

    def remarks(self, answers: Answers, language: str, on: date | None = None) -> tuple[Remark, ...]:
        """What to look at once more in the draft, in plain words; those that stop the letter first. `on` is the day of
        the letter: without it nothing is said about deadlines."""
        given = tidy(answers)
        found = list(self.rules.remarks(self.questionnaire.texts(given), given, language, on))
        try:
            # Where no day is given any does: it only stands at the top.
            pages = self.compose(given, language, on or date(2026, 9, 30)).pages()
        except LetterError:
            pages = 0
        found += self.rules.about_length(pages, language)
        return tuple(sorted(found, key=lambda remark: not remark.stops))

    def _asks(self, kind: str, name: str) -> bool:
        return self.questionnaire.question(name).when.holds({"kind": kind}) is True

    def _wrong(self, answers: Answers) -> list[tuple[str, Misread]]:
        """What is wrong, in the order of the questions; answers to what is not asked of this kind do not matter."""
        asked = [question.id for question in self.questionnaire.asked(answers)]
        known = {question.id for question in self.questionnaire.questions}
        found = [
            (path, reason)
            for path, reason in self.questionnaire.check(answers)
            if (name := path.split(".")[0]) in asked or name not in known
        ]
        order = {name: place for place, name in enumerate(asked)}
        return sorted(found, key=lambda one: order.get(one[0].split(".")[0], len(order)))

    def _asked(self, path: str, language: str) -> str:
        """The question of a path in words; the path itself when there is none."""
        name, *rest = path.split(".")
        try:
            question = self.questionnaire.question(name)
        except KeyError:
            return path
        if not rest:
            return question.ask[language]
        words = next((part.ask[language] for part in question.parts if part.id == rest[-1]), question.ask[language])
        return f"{words} ({rest[0]})"

    def _unfinished(self, faults: list[Fault], language: str) -> str:
        said = [
            self.wording[f"fault_{fault.reason}"][language].format(question=fault.asked, path=fault.path)
            for fault in faults
        ]
        return self.wording["unfinished"][language].format(faults="; ".join(said))


def _is_child(born: str | None, on: date) -> bool:
    """Whether a birth date makes a child of somebody. A year alone only when the whole year does."""
    if born is None:
        return False
    try:
        day = date.fromisoformat(born)
    except ValueError:
        year = re.fullmatch(r"\d{4}", born.strip())
        return year is not None and int(born) > on.year - ADULT_AT
    return (on.year - day.year - ((on.month, on.day) < (day.month, day.day))) < ADULT_AT


def _read_chapters(path: Path, questionnaire: Questionnaire) -> tuple[Chapter, ...]:
    file = read_fields(path)
    chapters: list[Chapter] = []
    ordered = list(questionnaire.questions)
    for name in file.names():
        fields = file.inner(name)
        named, title = fields.words("questions"), fields.languages("title")
        fields.finish()
        asked, ordered = ordered[: len(named)], ordered[len(named) :]
        if [question.id for question in asked] != list(named):
            raise fields.error(f"the questions of «{name}» are not the next ones of questions.yaml, in their order.")
        chapters.append(Chapter(title=title, questions=tuple(asked)))
    if ordered:
        raise file.error(f"«{ordered[0].id}» stands in no chapter.")
    return tuple(chapters)
