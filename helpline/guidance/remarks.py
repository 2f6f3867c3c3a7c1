"""What a kind reader says about the draft of a concern letter: by rule, offline, without a model.

The rules and their words are content (`knowledge/letters/remarks.yaml`). A remark is advice. Only a national identity
number stops the letter (DOMAIN §3.3).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from helpline.core.codes import UNKNOWN
from helpline.core.questionnaire import Answers
from helpline.guidance.letter import MOST_PAGES
from helpline.guidance.reading import Fields, KnowledgeError, read_fields

#: pbrl § 7-5 (read 2026-07-02): four weeks from knowledge of the decision.
APPEAL_WITHIN = timedelta(weeks=4)

#: Remarks about words that were written.
_WORDED = (
    "diagnosis",
    "interpretation",
    "wish",
    "hearsay",
    "insult",
    "threat",
    "substance",
    "health_at_nav",
)
#: Remarks about what is missing or fits badly.
_OTHER = (
    "identity",
    "others_health",
    "email",
    "no_date",
    "no_witness",
    "no_source",
    "no_contact",
    "children_at_home",
    "standing_unknown",
    "late",
    "length",
)
#: Said once a letter, not once a place.
_ONCE = frozenset({"substance", "health_at_nav"})
#: Whoever is named here is not being described.
_NAMES = frozenset({"recipient", "person_name", "your_name", "name_or_anonymous", "copy_to", "your_contact"})


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One remark: what it is (a code of remarks.yaml), whether it stops the letter, the answer it is about (`path` is a
    question's id or `events.2.what`; empty for the whole letter), the words it is about, and what is said."""

    code: str
    stops: bool
    path: str
    found: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """One rule of the file."""

    text: Mapping[str, str]
    words: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    people: re.Pattern[str] | None = None
    where: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def found(self, words: str) -> str | None:
        """The first words that the rule is about."""
        if self.words is None:
            return None
        for sentence in _sentences(words):
            match = self.words.search(sentence)
            if match and not (self.unless and self.unless.search(sentence)):
                return match[0]
        return None


@dataclass(frozen=True, kw_only=True)
class RemarkRules:
    """The rules of `remarks.yaml`."""

    rules: Mapping[str, _Rule]

    def identity_numbers(self, told: Mapping[str, str], language: str) -> Iterator[Remark]:
        """A remark for every text that holds a national identity number."""
        for path, words in told.items():
            if has_identity_number(words):
                yield self._remark("identity", language, path=path, stops=True)

    def remarks(self, told: Mapping[str, str], answers: Answers, language: str, on: date | None) -> Iterator[Remark]:
        """Every remark but the one about length. `told` holds the texts by path, `answers` everything."""
        yield from self.identity_numbers(told, language)
        kind = answers.get("kind")
        said: set[str] = set()
        for path, words in told.items():
            if path in _NAMES:
                continue
            for code in _WORDED:
                if (found := self._about(code, path, words, kind, answers)) and not (code in _ONCE and code in said):
                    said.add(code)
                    yield self._remark(code, language, path=path, found=found)
            if found := self._others_health(words):
                yield self._remark("others_health", language, path=path, found=found)
        for path in ("recipient", "copy_to"):
            if address := re.search(r"[^\s@]+@[^\s@]+", told.get(path, "")):
                yield self._remark("email", language, path=path, found=address[0])
        for code, path in self._missing(answers, on):
            yield self._remark(code, language, path=path)

    def about_length(self, pages: int, language: str) -> Iterator[Remark]:
        """A remark when a letter of so many pages is too long."""
        if pages > MOST_PAGES:
            yield self._remark("length", language, pages=str(pages))

    def _about(self, code: str, path: str, words: str, kind: object, answers: Answers) -> str | None:
        rule, name = self.rules[code], path.split(".")[0]
        if (rule.kinds and kind not in rule.kinds) or (rule.where and name not in rule.where):
            return None
        if rule.where and path.endswith((".who", ".when", ".said")):
            return None  # In the row of an event only what happened is read so.
        if code == "hearsay" and _row(answers, path).get("seen_by") == "told":
            return None
        return rule.found(words)

    def _others_health(self, words: str) -> str | None:
        rule = self.rules["others_health"]
        if rule.people is None or rule.words is None:
            return None
        for sentence in _sentences(words):
            for person in rule.people.finditer(sentence):
                after = " ".join(sentence[person.end() :].split()[:6])
                if match := rule.words.search(after):
                    return f"{person[0]} … {match[0]}"
        return None

    def _missing(self, answers: Answers, on: date | None) -> Iterator[tuple[str, str]]:
        rows = answers.get("events")
        for number, row in enumerate(rows if isinstance(rows, list) else [], start=1):
            if not isinstance(row, Mapping):
                continue
            if not row.get("when"):
                yield "no_date", f"events.{number}.when"
            if not row.get("seen_by"):
                yield "no_witness", f"events.{number}.seen_by"
            elif row["seen_by"] == "told" and not row.get("who"):
                yield "no_source", f"events.{number}.who"
        if answers.get("your_name") and not answers.get("your_contact"):
            yield "no_contact", "your_contact"
        if answers.get("children") == "yes":
            yield "children_at_home", "children"
        if answers.get("standing") == UNKNOWN:
            yield "standing_unknown", "standing"
        learned = answers.get("learned_on")
        if on is not None and isinstance(learned, str) and _day_before(learned, on - APPEAL_WITHIN):
            yield "late", "learned_on"

    def _remark(self, code: str, language: str, *, path: str = "", stops: bool = False, **values: str) -> Remark:
        text = self.rules[code].text[language]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return Remark(code=code, stops=stops, path=path, found=values.get("found", ""), text=text)


def _row(answers: Answers, path: str) -> Mapping[str, Any]:
    """The row of a list that a path stands in; an empty one where it stands in none."""
    name, *rest = path.split(".")
    rows = answers.get(name)
    if len(rest) == 2 and isinstance(rows, list):
        row = rows[int(rest[0]) - 1]
        return row if isinstance(row, Mapping) else {}
    return {}


def _day_before(words: str, limit: date) -> bool:
    try:
        return date.fromisoformat(words) < limit
    except ValueError:
        return False


def _sentences(words: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+|\n", words)


_ELEVEN = re.compile(r"(?<![\d+])\d(?:[ .\-–\u00a0]?\d){10}(?!\d|[ .\-–\u00a0]\d)")


def has_identity_number(words: str) -> bool:
    """Whether a text holds what looks like a Norwegian national identity number, its checksum right or wrong: eleven
    digits in a row or as six and five, or spaced otherwise when they begin as a birth date does. Also D-numbers (day +
    40) and those of registers for help and tests (month + 40, 65 or 80)."""
    for match in _ELEVEN.finditer(words):
        if re.fullmatch(r"\d{6}\D?\d{5}", match[0]):
            return True
        digits = re.sub(r"\D", "", match[0])
        day, month = int(digits[:2]) % 40, int(digits[2:4])
        if 1 <= day <= 31 and any(1 <= month - more <= 12 for more in (0, 40, 65, 80)):
            return True
    return False


def read_remark_rules(path: Path) -> RemarkRules:
    """Read `remarks.yaml`.

    Raises:
        KnowledgeError: a rule is missing, nobody follows it, or it has no words; names the line.
    """
    file = read_fields(path)
    if wrong := sorted({*_WORDED, *_OTHER} ^ set(file.names())):
        raise KnowledgeError(path, 1, f"«{wrong[0]}» is missing, or is no rule.")
    return RemarkRules(rules={name: _read(name, file.inner(name)) for name in file.names()})


def _read(name: str, fields: Fields) -> _Rule:
    def pattern(field: str) -> re.Pattern[str] | None:
        return None if fields.optional(field) is None else _pattern(fields.words(field))

    def names(field: str) -> frozenset[str]:
        return frozenset() if fields.optional(field) is None else frozenset(fields.words(field))

    rule = _Rule(
        text=fields.languages("text"),
        words=pattern("words"),
        unless=pattern("unless"),
        people=pattern("people"),
        where=names("in"),
        kinds=names("kinds"),
    )
    if name in _WORDED and rule.words is None:
        raise fields.error(f"«{name}» has no words to look for.")
    fields.finish()
    return rule


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for many words: whole ones, in any case; a star stands for any ending."""
    longest_first = sorted(words, key=len, reverse=True)
    said = "|".join(re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{said})(?!\w)", re.IGNORECASE)
