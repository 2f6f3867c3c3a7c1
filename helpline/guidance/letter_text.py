"""From the answers to the text of a concern letter.

A letter separates what was seen, what was told, how it is understood and what is asked for (DOMAIN §3.3). It is made of
the answers and of the words in `knowledge/letters`, nothing else; a question that was passed over leaves no trace in
it.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from helpline.core.hours_words import day_in_words
from helpline.core.questionnaire import OPEN, Answers
from helpline.guidance.letter import Block, Letter, Part
from helpline.guidance.letter_kinds import LetterKind
from helpline.guidance.reading import KnowledgeError, read_fields

#: Answers that mean «I do not know» to the question about danger.
_NOT_KNOWN = frozenset({"ikke kjent", "ikkje kjent", "not known", "vet ikke", "veit ikkje", "ukjent", "unknown"})
#: An answer to «your name? you may stay anonymous» that is no name: «jeg vil være anonym», «det vil jeg ikke si».
_UNNAMED = re.compile(r"(?i)\banonym|\b(?:ikke|ikkje|not|don['’]?t|ingen|nobody)\b")
#: Every text that the letter, or a sentence about it, is made of.
WORDING = frozenset(
    "to from via request decision learned_on learned_about person name born address me anonymous relation standing "
    "standing_nearest standing_relative authority authority_own authority_yes authority_nearest authority_parent "
    "contact seen told unsaid matter said together told_by who change danger not_known children children_yes "
    "children_no children_unknown tried help_today understanding understanding_note wishes openness knows_yes "
    "knows_no may_know_yes may_know_no journal regards attachments copy_to unfinished fault_needed fault_choose "
    "fault_too_long fault_wrong_kind fault_unknown_question fault_identity fault_stop".split()
)


def read_wording(path: Path) -> dict[str, Mapping[str, str]]:
    """The texts of `wording.yaml` by name and language.

    Raises:
        KnowledgeError: a text is missing, or nobody says it.
    """
    file = read_fields(path)
    if wrong := sorted(WORDING ^ set(file.names())):
        raise KnowledgeError(path, 1, f"«{wrong[0]}» is missing, or nobody says it.")
    return {name: file.languages(name) for name in file.names()}


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
class LetterText:
    """One letter being put together, from its head to its end: `letter` once."""

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
        given = self.answers.get("name_or_anonymous")
        return self.answers.get("your_name") or (None if given is None or _UNNAMED.search(given) else given)

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
        authority = self.answers.get("authority")
        if authority in ("own", "yes", "nearest", "parent"):
            self._fact("authority", self._say(f"authority_{authority}"))
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
