"""Concern letters: their questions, the gates before them, and the letter that follows from the answers.

A letter separates what was seen, what was told, how it is understood and what is asked for (DOMAIN §3.3). It is made of
the answers and of the words in `knowledge/letters`, nothing else; a question that was passed over leaves no trace in
it. We send nothing to anybody: the letter is the caller's.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from helpline.core.hours_words import day_in_words
from helpline.core.questionnaire import OPEN, Answers, Misread, Question, Questionnaire
from helpline.errors import HelplineError
from helpline.guidance.letter import Block, Letter, Part
from helpline.guidance.questions import read_questionnaire
from helpline.guidance.reading import Fields, KnowledgeError, read_fields
from helpline.guidance.remarks import Remark, RemarkRules, read_remark_rules

#: A child until then (barnevernsloven; DOMAIN §3.2: «Under 18 → barnevern»).
ADULT_AT = 18
CHILD_WELFARE = "child_welfare"
_OMBUDSMAN = "patient_ombudsman"
_DECIDED_ABOVE = ("county_governor_complaint", "county_governor_supervision")
#: Answers that mean «I do not know» to the question about danger.
_NOT_KNOWN = frozenset({"ikke kjent", "ikkje kjent", "not known", "vet ikke", "veit ikkje", "ukjent", "unknown"})


@dataclass(frozen=True, kw_only=True)
class Statute:
    """A hook in the law: the statute, its section, and the day on which it was read."""

    name: str
    section: str
    seen: date


@dataclass(frozen=True, kw_only=True)
class LetterKind:
    """One kind of letter, by who gets it. All texts are by language."""

    code: str
    label: Mapping[str, str]
    heading: Mapping[str, str]
    to: Mapping[str, str]
    #: The line that points at the law, by variant: "" is the usual one.
    hooks: Mapping[str, Mapping[str, str]]
    fits: Mapping[str, str]
    who_may: Mapping[str, str]
    must: Mapping[str, str]
    expect: Mapping[str, str]
    send: Mapping[str, str]
    statutes: tuple[Statute, ...]

    @property
    def law(self) -> str:
        """Its hooks in the law, in a row: «helsepersonelloven § 4, …»."""
        return ", ".join(f"{statute.name} {statute.section}" for statute in self.statutes)


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
        kinds, review_by = _read_kinds(directory / "kinds.yaml", questionnaire)
        return cls(
            questionnaire=questionnaire,
            chapters=_read_chapters(directory / "chapters.yaml", questionnaire),
            kinds=kinds,
            review_by=review_by,
            wording=_read_wording(directory / "wording.yaml"),
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
        if kind in _DECIDED_ABOVE and standing in ("relative", "other") and given.get("authority") == "no":
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
        draft = _Draft(
            kind=kind,
            answers={name: value for name, value in given.items() if name in asked and value is not None},
            language=language,
            on=on,
            wording=self.wording,
        )
        return draft.letter()

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


def tidy(answers: Answers) -> dict[str, Any]:
    """Answers without what no letter should carry: spaces around, signs that do not show, rows and texts that say
    nothing. Those become None."""
    return {name: _tidy(value) for name, value in answers.items() if name != OPEN}


def _tidy(value: object) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        rows = [_tidy(one) for one in value]
        return [row for row in rows if row not in (None, {})] or None
    if isinstance(value, Mapping):
        row = {name: _tidy(one) for name, one in value.items() if name != OPEN}
        return row if any(one is not None for one in row.values()) else {}
    return value


#: Signs of control, and those that turn the direction of writing or do not show at all.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]"
)
_QUOTED = re.compile(r'"([^"\n]+)"')


def _clean(words: str) -> str | None:
    """Text as the letter carries it; None when it says nothing."""
    text = unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(sign for sign in _UNSEEN.sub("", text) if not "\ud800" <= sign <= "\udfff")
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" ?\n[ \n]*", "\n", text).strip()
    return text if any(sign.isalnum() for sign in text) else None


@dataclass(kw_only=True)
class _Draft:
    """One letter being put together."""

    kind: LetterKind
    answers: Mapping[str, Any]
    language: str
    on: date
    wording: Mapping[str, Mapping[str, str]]
    blocks: list[Block] = field(default_factory=list)

    def letter(self) -> Letter:
        self._head()
        self._asks()
        self._people()
        self._course()
        self._circumstances()
        self._opinions()
        self._end()
        return Letter(kind=self.kind.code, language=self.language, on=self.on, blocks=tuple(self.blocks))

    @property
    def _name(self) -> str | None:
        return self.answers.get("your_name") or self.answers.get("name_or_anonymous")

    def _say(self, name: str) -> str:
        return self.wording[name][self.language]

    def _filled(self, name: str, value: str) -> str:
        """A text of ours with one answer in it. The answer is put in as it is, never read as words of ours."""
        before, _, after = self._say(name).partition("{")
        return f"{before}{value}{after.partition('}')[2]}"

    def _text(self, name: str) -> str | None:
        value = self.answers.get(name)
        return None if value is None else self._quoted(value)

    def _quoted(self, words: str) -> str:
        return _QUOTED.sub("“\\1”" if self.language == "en" else "«\\1»", words)

    def _day(self, value: str) -> str:
        try:
            return day_in_words(date.fromisoformat(value), self.language)
        except ValueError:
            return value

    def _add(self, part: Part, *lines: str, label: str = "") -> None:
        self.blocks.append(Block(part=part, lines=lines, label=label))

    def _fact(self, label: str, value: str | None) -> None:
        if value is not None:
            self._add(Part.FACT, value.replace("\n", ", "), label=self._say(label))

    def _paragraphs(self, words: str) -> None:
        for paragraph in words.split("\n"):
            self._add(Part.PARAGRAPH, _sentence(paragraph))

    def _section(self, heading: str, name: str) -> None:
        """A heading with an answer under it; nothing when there is no answer."""
        words = self._text(name)
        if words is not None:
            self._add(Part.HEADING, self._say(heading))
            self._paragraphs(words)

    def _head(self) -> None:
        to, recipient = self.kind.to[self.language], self._text("recipient")
        own = None if recipient is None else recipient.replace("\n", ", ")
        if own is not None and self.kind.code == "county_governor_complaint":
            self._add(Part.ADDRESS, to, label=self._say("to"))
            self._add(Part.ADDRESS, own, label=self._say("via"))
        else:
            self._add(Part.ADDRESS, to if own is None else f"{to}, {own}", label=self._say("to"))
        if self._name is not None:
            self._add(Part.ADDRESS, self._name.replace("\n", ", "), label=self._say("from"))
        place, day = self._text("your_place"), day_in_words(self.on, self.language)
        self._add(Part.DATE, day if place is None else f"{place.replace(chr(10), ', ')}, {day}")
        self._add(Part.TITLE, self.kind.heading[self.language])

    def _asks(self) -> None:
        self._section("request", "request")
        variant = ""
        if self.answers.get("examination") == "yes":
            variant = "examination"
        elif self._name is None and "anonymous" in self.kind.hooks:
            variant = "anonymous"
        self._add(Part.PARAGRAPH, self.kind.hooks[variant][self.language])
        self._section("decision", "decision")
        learned = self.answers.get("learned_on")
        if learned is not None:
            exact = re.fullmatch(r"\d{4}-\d\d-\d\d", learned)
            self._add(Part.PARAGRAPH, self._filled("learned_on" if exact else "learned_about", self._day(learned)))

    def _people(self) -> None:
        if any(self.answers.get(name) for name in ("person_name", "person_born", "person_address")):
            self._add(Part.HEADING, self._say("person"))
            self._fact("name", self._text("person_name"))
            born = self.answers.get("person_born")
            self._fact("born", None if born is None else self._day(born))
            self._fact("address", self._text("person_address"))
        self._add(Part.HEADING, self._say("me"))
        if self._name is None:
            self._add(Part.FACT, _sentence(self._say("anonymous")))
        else:
            self._fact("name", self._name)
        self._fact("relation", self._text("relation"))
        standing = self.answers.get("standing")
        if standing in ("nearest", "relative"):
            self._fact("standing", self._say(f"standing_{standing}"))
        if self.answers.get("authority") == "yes":
            self._fact("authority", self._say("authority_yes"))
        self._fact("contact", self._text("your_contact"))

    def _course(self) -> None:
        rows = self.answers.get("events") or []
        for heading, kept in (("seen", ("me", "together")), ("told", ("told",)), ("unsaid", (None,))):
            events = [row for row in rows if row.get("seen_by") in kept]
            if events:
                self._add(Part.HEADING, self._say(heading))
                for row in sorted(events, key=_told_on):
                    self._event(row)
        self._section("matter", "matter")

    def _event(self, row: Mapping[str, str]) -> None:
        lines = [_sentence(line) for line in self._quoted(row["what"]).split("\n")]
        if said := row.get("said"):
            lines.append(self._filled("said", _unquoted(said).replace("\n", " ")))
        if who := row.get("who"):
            # A page without its script asks for it in every row; whatever was answered is in the letter.
            how = {"me": "together", "together": "together", "told": "told_by"}.get(row.get("seen_by") or "", "who")
            lines.append(_sentence(self._filled(how, who.replace("\n", ", "))))
        self._add(Part.EVENT, *lines, label=self._day(row["when"]) if row.get("when") else "")

    def _circumstances(self) -> None:
        self._section("change", "change")
        danger = self._text("danger")
        if danger is not None:
            self._add(Part.HEADING, self._say("danger"))
            known = danger.strip(" .!«»").casefold() not in _NOT_KNOWN
            self._paragraphs(danger if known else self._say("not_known"))
        children = self.answers.get("children")
        if children is not None:
            self._add(Part.HEADING, self._say("children"))
            self._add(Part.PARAGRAPH, self._say(f"children_{children}"))
            if how := self._text("children_how"):
                self._paragraphs(how)
        self._section("tried", "tried")
        self._section("help_today", "help_today")

    def _opinions(self) -> None:
        self._section("understanding", "understanding")
        if self.answers.get("understanding") is not None:
            self._add(Part.PARAGRAPH, self._say("understanding_note"))
        self._section("wishes", "wishes")

    def _end(self) -> None:
        self._add(Part.HEADING, self._say("openness"))
        said = [
            self._say(f"{name}_{value}")
            for name in ("knows", "may_know")
            if (value := self.answers.get(name)) is not None
        ]
        self._add(Part.PARAGRAPH, " ".join([*said, self._say("journal")]))
        if self._name is not None:
            self._add(Part.CLOSING, self._say("regards"))
            self._add(Part.SIGNATURE, self._name.replace("\n", ", "))
        self._fact("attachments", self._text("attachments"))
        self._fact("copy_to", self._text("copy_to"))


def _sentence(words: str) -> str:
    """Words with a capital first and a full stop last."""
    words = words[:1].upper() + words[1:]
    return words if words[-1:] in ".!?:;…»”" else f"{words}."


def _unquoted(words: str) -> str:
    """What was said, without the marks around it, for the letter has its own; marks within it become single ones."""
    inner = words.strip("«»“”\"„' ")
    return re.sub('[«»“”"„]', "’", inner)


def _told_on(row: Mapping[str, str]) -> tuple[int, str]:
    """Dated events in their order, the others after them as they were told."""
    when = row.get("when") or ""
    return (0, when) if re.fullmatch(r"\d{4}-\d\d-\d\d", when) else (1, "")


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


def _read_kinds(path: Path, questionnaire: Questionnaire) -> tuple[dict[str, LetterKind], date]:
    file = read_fields(path)
    review_by = file.day("review_by")
    labels = {option.code: option.label for option in questionnaire.question("kind").options}
    if missing := sorted(set(labels) ^ (set(file.names()) - {"review_by"})):
        raise KnowledgeError(path, 1, f"«{missing[0]}» must stand both here and among the options of `kind`.")
    kinds = {code: _read_kind(code, labels[code], file.inner(code)) for code in labels}
    file.finish()
    return kinds, review_by


def _read_kind(code: str, label: Mapping[str, str], fields: Fields) -> LetterKind:
    hooks = {"": fields.languages("hook")}
    for variant in ("examination", "anonymous"):
        if fields.optional(f"hook_{variant}") is not None:
            hooks[variant] = fields.languages(f"hook_{variant}")
    statutes = []
    for inner in fields.list("statutes"):
        statutes.append(Statute(name=inner.text("name"), section=inner.text("section"), seen=inner.day("seen")))
        inner.finish()
    kind = LetterKind(
        code=code,
        label=label,
        heading=fields.languages("heading"),
        to=fields.languages("to"),
        hooks=hooks,
        fits=fields.languages("fits"),
        who_may=fields.languages("who_may"),
        must=fields.languages("must"),
        expect=fields.languages("expect"),
        send=fields.languages("send"),
        statutes=tuple(statutes),
    )
    fields.finish()
    return kind


#: Every text that the letter, or a sentence about it, is made of.
WORDING = frozenset(
    "to from via request decision learned_on learned_about person name born address me anonymous relation standing "
    "standing_nearest standing_relative authority authority_yes contact seen told unsaid matter said together told_by "
    "who change danger not_known children children_yes children_no children_unknown tried help_today understanding "
    "understanding_note wishes openness knows_yes knows_no may_know_yes may_know_no journal regards attachments "
    "copy_to unfinished fault_needed fault_choose fault_too_long fault_wrong_kind fault_unknown_question "
    "fault_identity fault_stop".split()
)


def _read_wording(path: Path) -> dict[str, Mapping[str, str]]:
    file = read_fields(path)
    if wrong := sorted(WORDING ^ set(file.names())):
        raise KnowledgeError(path, 1, f"«{wrong[0]}» is missing, or nobody says it.")
    return {name: file.languages(name) for name in file.names()}
