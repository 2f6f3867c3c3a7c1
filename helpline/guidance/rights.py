"""The rights guide: a few answers lead to the rights that apply, with what each means, how to use it and its statute.

Everything is data under `knowledge/guide/`: questions, rights by theme, laws, places and deadlines. A right has a
condition on the answers, and days between which it is the law. Conditions have three values, so that what nobody knows
yet never counts as no: such a right may apply, and the guide says which question would settle it. Where the rules do
not reach, the guide says so and leads to an advisor.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from helpline.core.questionnaire import Answers, Condition, Question, Questionnaire
from helpline.guidance.library import Library
from helpline.guidance.questions import check_condition, read_condition, read_questionnaire
from helpline.guidance.reading import LANGUAGES, Fields, KnowledgeError, read_fields
from helpline.guidance.statutes import Statute, Statutes

#: The question whose answers say what the person came for; rights that serve it come first.
NEED = "need"

#: A key of a file of rights: the right's id, and for an older version the last day on which it was the law.
_KEY = re.compile(r"(?P<id>[a-z][a-z0-9_]*)(?:\.until-\d{4}-\d{2}-\d{2})?")
#: Reasons to see an advisor that follow from the result itself, not from a condition.
_NOTHING, _OPEN, _BEFORE, _LATER = "nothing_certain", "much_is_open", "before_our_rules", "after_our_rules"


@dataclass(frozen=True, kw_only=True)
class Right:
    """One right, as the law was from `valid_from` to `valid_until`. Texts are by language.

    `needs` are the answers to `NEED` that it serves. `changes` says in words what would make it otherwise.
    """

    id: str
    when: Condition
    needs: frozenset[str]
    valid_from: date
    valid_until: date | None
    title: Mapping[str, str]
    means: Mapping[str, str]
    how: Mapping[str, str]
    where: Mapping[str, str]
    deadline: Mapping[str, str]
    changes: Mapping[str, str]
    statutes: tuple[Statute, ...]
    article: str
    path: Path
    line: int

    @property
    def short(self) -> Mapping[str, str]:
        """What it means and how to use it, for a text message: at most 300 characters, all in GSM-7."""
        return {language: f"{self.means[language]} {self.how[language]}" for language in LANGUAGES}

    @property
    def spoken(self) -> Mapping[str, str]:
        """The same for the ear, its title first: at most 60 words."""
        return {language: f"{self.title[language]}. {self.short[language]}" for language in LANGUAGES}

    def valid(self, on: date) -> bool:
        """Whether this is the law on a day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Open:
    """A right that may apply: it hangs on the answers to the questions `depends_on`, in the order of the questions."""

    right: Right
    depends_on: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Unsure:
    """Why an advisor should look, in plain words by language."""

    id: str
    why: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RightsResult:
    """What follows from the answers on a day. Rights that serve what the person came for come first."""

    on: date
    applies: tuple[Right, ...]
    may_apply: tuple[Open, ...]
    unsure: tuple[Unsure, ...]
    #: The answers to `NEED`.
    needs: frozenset[str] = frozenset()

    def asked_for(self, right: Right) -> bool:
        """Whether a right serves what the person came for; all do when they did not say what that was."""
        return not self.needs or bool(self.needs & right.needs)


@dataclass(frozen=True, kw_only=True)
class _Doubt:
    """A condition under which an advisor should look as well."""

    unsure: Unsure
    when: Condition
    valid_from: date | None
    valid_until: date | None

    def valid(self, on: date) -> bool:
        after = self.valid_from is None or self.valid_from <= on
        return after and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, kw_only=True)
class RightsGuide:
    """The questions and the rights. Make one with `RightsGuide.load`.

    Our rules are those of the days `first_day` to `review_by`; on other days the guide says that it does not know.
    """

    questionnaire: Questionnaire
    rights: tuple[Right, ...]
    first_day: date
    review_by: date
    library: Library
    doubts: tuple[_Doubt, ...]
    #: The sentences for what follows from the result itself.
    reasons: Mapping[str, Unsure]

    @classmethod
    def load(cls, library: Library) -> "RightsGuide":
        """Read `guide/` in the library's directory.

        Raises:
            KnowledgeError: the first thing that is wrong, with its file and line.
        """
        directory = library.directory / "guide"
        questionnaire = read_questionnaire(directory / "questions.yaml", name="rights")
        reader = _Reader(directory, questionnaire, library)
        rights = reader.rights()
        doubts, reasons, review_by = reader.unsure()
        return cls(
            questionnaire=questionnaire,
            rights=rights,
            first_day=min(right.valid_from for right in rights),
            review_by=review_by,
            library=library,
            doubts=doubts,
            reasons=reasons,
        )

    def apply(self, answers: Answers, on: date) -> RightsResult:
        """The rights that these answers lead to, as the law is on a day.

        Only answers to questions that are asked count: one that was left behind by a change further up does not.
        """
        asked = self.questionnaire.asked(answers)
        known = {question.id: answers[question.id] for question in asked if answers.get(question.id)}
        needs = _needs(known)
        applies: list[Right] = []
        may_apply: list[Open] = []
        for right in self.rights:
            if not right.valid(on):
                continue
            holds = right.when.holds(known)
            if holds:
                applies.append(right)
            elif holds is None and (depends_on := self._askable(right.when.open(known), known)):
                may_apply.append(Open(right=right, depends_on=depends_on))
        first = {right.id for right in self.rights if not needs or needs & right.needs}
        applies.sort(key=lambda right: right.id not in first)
        may_apply.sort(key=lambda one: one.right.id not in first)
        return RightsResult(
            on=on,
            applies=tuple(applies),
            may_apply=tuple(may_apply),
            unsure=tuple(self._unsure(known, applies, may_apply, on)),
            needs=needs,
        )

    def right(self, name: str, on: date) -> Right:
        """A right by id, as the law is on a day.

        Raises:
            KeyError: there is none.
        """
        for right in self.rights:
            if right.id == name and right.valid(on):
                return right
        raise KeyError(name)

    def _askable(self, questions: frozenset[str], known: Answers) -> tuple[str, ...]:
        """Those of the questions that are asked, or could come to be, in their order."""
        return tuple(
            question.id
            for question in self.questionnaire.questions
            if question.id in questions and question.when.holds(known) is not False
        )

    def _unsure(
        self, known: Answers, applies: Sequence[Right], may_apply: Sequence[Open], on: date
    ) -> Iterable[Unsure]:
        found = [doubt.unsure for doubt in self.doubts if doubt.valid(on) and doubt.when.holds(known)]
        if on < self.first_day:
            found.append(self.reasons[_BEFORE])
        elif on > self.review_by:
            found.append(self.reasons[_LATER])
        # What holds for everybody who asks is no answer to what this person asked.
        if on >= self.first_day and all(right.when.questions() <= {NEED} for right in applies):
            found.append(self.reasons[_NOTHING])
        elif len(may_apply) > len(applies):
            found.append(self.reasons[_OPEN])
        for unsure in found:
            yield replace(unsure, why={lang: self.library.fill(unsure.why[lang], lang, on) for lang in LANGUAGES})


def _needs(known: Answers) -> frozenset[str]:
    given = known.get(NEED, ())
    return frozenset({given} if isinstance(given, str) else given) - {"unknown"}


class _Reader:
    """Reads the files of the guide; every fault is a KnowledgeError with its line."""

    def __init__(self, directory: Path, questionnaire: Questionnaire, library: Library) -> None:
        self._directory = directory
        self._questions: dict[str, Question] = {question.id: question for question in questionnaire.questions}
        self._articles = frozenset(article.slug for article in library.articles)
        self._statutes = Statutes.load(directory / "laws.yaml", library.laws.pending)
        common = read_fields(directory / "places.yaml")
        self._places = _texts(common.inner("places"))
        self._deadlines = _texts(common.inner("deadlines"))
        common.finish()

    def rights(self) -> tuple[Right, ...]:
        found: list[Right] = []
        for path in sorted((self._directory / "rights").glob("*.yaml")):
            file = read_fields(path)
            # What several conditions of the file share stands here under a name (a YAML anchor).
            file.optional("facts")
            entries = file.inner("rights")
            for name in entries.names():
                found += self._versions(name, entries.inner(name))
            file.finish()
        if not found:
            raise KnowledgeError(self._directory / "rights", 1, "holds no right.")
        _refuse_overlap(found)
        return tuple(found)

    def _versions(self, key: str, fields: Fields) -> list[Right]:
        """A right as it is written; as two, one after the other, where a law that it cites is replaced meanwhile."""
        seen = fields.day("seen")
        citations = self._statutes.citations(fields.inner("statutes"), seen)
        pages = () if fields.optional("pages") is None else self._statutes.pages_read(fields.inner("pages"))
        if not citations and not pages:
            raise fields.error("there is no statute and no page.")
        right = self._right(key, fields)
        last = right.valid_until or date.max
        days = {cited.changes_on for cited in citations if cited.changes_on is not None}
        begins = [right.valid_from, *sorted(day for day in days if right.valid_from < day <= last)]
        ends = [*(day - timedelta(days=1) for day in begins[1:]), right.valid_until]
        return [
            replace(
                right,
                valid_from=begin,
                valid_until=end,
                statutes=(*(statute for cited in citations for statute in cited.on(begin)), *pages),
            )
            for begin, end in zip(begins, ends, strict=True)
        ]

    def _right(self, key: str, fields: Fields) -> Right:
        name = _KEY.fullmatch(key)
        if name is None:
            raise fields.error(f"«{key}» is not named as a right: small letters, and .until-DATE for an older version.")
        needs = frozenset(fields.words("needs"))
        known = {option.code for option in self._questions[NEED].options}
        if wrong := sorted(needs - known):
            raise fields.error(f"«{wrong[0]}» is no answer to «{NEED}».")
        article = fields.text("article")
        if article not in self._articles:
            raise fields.error(f"«{article}» is no article.")
        right = Right(
            id=name["id"],
            when=self._condition(fields),
            needs=needs,
            valid_from=fields.day("valid_from"),
            valid_until=fields.optional_day("valid_until"),
            title=fields.languages("title"),
            means=fields.languages("means"),
            how=fields.languages("how"),
            where=self._named(fields, "where", self._places),
            deadline=self._named(fields, "deadline", self._deadlines),
            changes=fields.languages("changes"),
            statutes=(),
            article=article,
            path=fields.path,
            line=fields.line,
        )
        if key.partition(".until-")[2] != ("" if right.valid_until is None else right.valid_until.isoformat()):
            raise fields.error("an older version is named after its last day, «valid_until».")
        fields.finish()
        return right

    def _condition(self, fields: Fields) -> Condition:
        """«when» of a right; one without holds for everybody."""
        if fields.optional("when") is None:
            return Condition()
        condition = read_condition(fields.inner("when"))
        check_condition(condition, self._questions, fields)
        return condition

    @staticmethod
    def _named(fields: Fields, field: str, known: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
        name = fields.text(field)
        if name not in known:
            raise fields.error(f"«{name}» is not in places.yaml under «{field}».")
        return known[name]

    def unsure(self) -> tuple[tuple[_Doubt, ...], Mapping[str, Unsure], date]:
        """What the guide does not know: by condition, by the result, and the day after which nobody has looked."""
        file = read_fields(self._directory / "unsure.yaml")
        review_by = file.day("review_by")
        of_result = file.inner("result")
        reasons = {name: Unsure(id=name, why=of_result.languages(name)) for name in (_NOTHING, _OPEN, _BEFORE, _LATER)}
        of_result.finish()
        doubts: list[_Doubt] = []
        answers = file.inner("answers")
        for name in answers.names():
            fields = answers.inner(name)
            doubts.append(
                _Doubt(
                    unsure=Unsure(id=name, why=fields.languages("why")),
                    when=self._condition(fields),
                    valid_from=fields.optional_day("valid_from"),
                    valid_until=fields.optional_day("valid_until"),
                )
            )
            fields.finish()
        file.finish()
        return tuple(doubts), reasons, review_by


def _texts(fields: Fields) -> dict[str, Mapping[str, str]]:
    return {name: fields.languages(name) for name in fields.names()}


def _refuse_overlap(rights: Iterable[Right]) -> None:
    """Two versions of a right may not both be the law on a day."""
    last: dict[str, Right] = {}
    for right in sorted(rights, key=lambda right: right.valid_from):
        before = last.get(right.id)
        if before is not None and (before.valid_until is None or before.valid_until >= right.valid_from):
            raise KnowledgeError(right.path, right.line, f"«{right.id}» has two versions on the same day.")
        last[right.id] = right
