"""Articles: one Markdown file an article and language, with front matter and the same content in three lengths."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from helpline.core.codes import code_lists
from helpline.guidance.laws import Laws
from helpline.guidance.markdown import to_html, to_plain
from helpline.guidance.reading import (
    ALL_LANGUAGES,
    LANGUAGES,
    RIGHT_TO_LEFT,
    Fields,
    KnowledgeError,
    parse_yaml,
    read_text,
)

#: The article that is never withheld, whatever its dates say.
EMERGENCY_SLUG = "nar-det-haster"

#: The headings of a body: for the telephone, for SMS, and everything.
SECTIONS = ("spoken", "short", "full")

#: The first day of a version whose law has been given none yet: it never comes, until `laws.yaml` says the day.
NOT_SET = date.max

#: slug.language.md; a version that is not the present one says when: «.until-2026-05-31», or under which pending law.
_FILE_NAME = re.compile(
    r"(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)(?:\.until-\d{4}-\d{2}-\d{2}|\.with-[a-z0-9-]+)?\.(?P<language>[a-z]{2})\.md"
)

#: The address that a page's source begins with.
_PAGE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:no|org|com)(?:/[a-z0-9/._-]*)?(?=[ ,]|$)")


class Audience(StrEnum):
    CALLER = "caller"
    ADVISOR = "advisor"
    PROFESSIONAL = "professional"


class SourceKind(StrEnum):
    """Where a statement was read: in the text of a law, on a page, or in a report."""

    STATUTE = "statute"
    PAGE = "page"
    REPORT = "report"


@dataclass(frozen=True, kw_only=True)
class Source:
    """What an article rests on, and the day it was read."""

    kind: SourceKind
    text: str
    seen: date
    #: Where it can be read again, as far as the source says it.
    address: str | None


@dataclass(frozen=True, kw_only=True)
class Article:
    """An article in one language. `spoken` is for the telephone, `short` for SMS, `full` is Markdown.

    As read from its file the texts hold `{number:id}`; an article handed out by the library has them filled in for
    one day. `lines` says on which line of `path` each section's text begins. `law` is the pending law that this version
    begins or ends with, if any.
    """

    slug: str
    language: str
    title: str
    audience: tuple[Audience, ...]
    topics: tuple[str, ...]
    keywords: tuple[str, ...]
    sources: tuple[Source, ...]
    valid_from: date
    valid_until: date | None
    law: str | None
    reviewed_on: date
    review_by: date
    reviewed_by: str | None
    spoken: str
    short: str
    full: str
    path: Path
    lines: Mapping[str, int] = field(repr=False)

    @property
    def html(self) -> str:
        """The full text as safe HTML: no HTML of the file's own, links only to articles and https pages."""
        return to_html(self.full)

    @property
    def plain(self) -> str:
        """The full text without Markdown signs, for channels that show none."""
        return to_plain(self.full)

    def valid(self, on: date) -> bool:
        """Whether the article says what is right on a day. The emergency article always is."""
        if self.slug == EMERGENCY_SLUG:
            return True
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    @property
    def waits(self) -> bool:
        """Whether this version waits for a law that has been given no first day."""
        return self.valid_from == NOT_SET

    @property
    def direction(self) -> str:
        """How the language runs, for the `dir` of a page."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def open_to_callers(self) -> bool:
        """False for a language that needs a native reader and has not had one."""
        return self.language in LANGUAGES or self.reviewed_by is not None

    def section(self, name: str) -> str:
        """The text of one of `SECTIONS`."""
        return {"spoken": self.spoken, "short": self.short, "full": self.full}[name]


def article_paths(directory: Path) -> tuple[Path, ...]:
    """All article files below `directory`, in the order of their names."""
    return tuple(sorted((directory / "rights").glob("*.md")))


def read_article(path: Path, laws: Laws) -> Article:
    """Read one article file. `laws` are those that sources name and that a version may begin or end with.

    Raises:
        KnowledgeError: names the line that is wrong.
    """
    name = _FILE_NAME.fullmatch(path.name)
    if name is None:
        raise KnowledgeError(path, 1, "is not named as slug.language.md.")
    front, body, body_line = _split(read_text(path), path)
    fields = Fields(parse_yaml(front, path, 2), path, first_line=2)
    sections, lines = _sections(body, body_line, path)
    valid_from, valid_until, law = _validity(fields, laws)
    article = Article(
        slug=fields.text("slug"),
        language=fields.text("language"),
        title=fields.text("title"),
        audience=_audience(fields),
        topics=_topics(fields),
        keywords=fields.words("keywords"),
        sources=tuple(_source(item, laws) for item in fields.list("sources")),
        valid_from=valid_from,
        valid_until=valid_until,
        law=law,
        reviewed_on=fields.day("reviewed_on"),
        review_by=fields.day("review_by"),
        reviewed_by=fields.optional_text("reviewed_by"),
        path=path,
        lines=lines,
        **sections,
    )
    if "reviewed_by" not in fields.names():
        raise fields.error("«reviewed_by» is missing (leave it empty until a person has reviewed the article).")
    fields.finish()
    if (article.slug, article.language) != (name["slug"], name["language"]):
        raise fields.error("«slug» and «language» must be those of the file's name.")
    if article.language not in ALL_LANGUAGES:
        raise fields.error(f"«{article.language}» is not one of our languages: {', '.join(ALL_LANGUAGES)}.")
    return article


def _validity(fields: Fields, laws: Laws) -> tuple[date, date | None, str | None]:
    """First day, last day, and the pending law that one of them hangs on (`from_law`, `until_law`)."""
    begins, ends = fields.optional_text("from_law"), fields.optional_text("until_law")
    for law in (begins, ends):
        if law is not None and law not in laws.pending:
            raise fields.error(f"«{law}» is not one of the pending laws.")
    if begins is not None and ends is not None:
        raise fields.error("«from_law» and «until_law» cannot both be given.")
    if begins is not None:
        return laws.pending[begins].in_force_from or NOT_SET, fields.optional_day("valid_until"), begins
    valid_from, valid_until = fields.day("valid_from"), fields.optional_day("valid_until")
    if ends is not None:
        if valid_until is not None:
            raise fields.error("«until_law» and «valid_until» cannot both be given.")
        valid_until = (laws.pending[ends].in_force_from or NOT_SET) - timedelta(days=1)
    if valid_until is not None and valid_until < valid_from:
        raise fields.error("«valid_until» is before «valid_from».")
    return valid_from, valid_until, ends


def _split(text: str, path: Path) -> tuple[str, str, int]:
    """Front matter, body and the line that the body begins on."""
    if not text.startswith("---\n"):
        raise KnowledgeError(path, 1, "has no front matter: begin with a line of three hyphens.")
    front, found, body = text[4:].partition("\n---\n")
    if not found:
        raise KnowledgeError(path, 1, "has front matter that never ends: close it with a line of three hyphens.")
    return front, body, front.count("\n") + 4


def _sections(body: str, first_line: int, path: Path) -> tuple[dict[str, str], dict[str, int]]:
    texts: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    current: str | None = None
    for line_number, line in enumerate(body.split("\n"), start=first_line):
        if line.startswith("## "):
            current = line.removeprefix("## ").strip()
            if current not in SECTIONS:
                raise KnowledgeError(path, line_number, f"«## {current}» is not one of {', '.join(SECTIONS)}.")
            if current in texts:
                raise KnowledgeError(path, line_number, f"«## {current}» stands twice.")
            texts[current] = []
        elif current is None and line.strip():
            raise KnowledgeError(path, line_number, "has text before its first section.")
        elif current is not None and (line.strip() or texts[current]):
            lines.setdefault(current, line_number)
            texts[current].append(line)
    for section in SECTIONS:
        if not "".join(texts.get(section, [])).strip():
            raise KnowledgeError(path, first_line, f"has no text under «## {section}».")
    return {name: "\n".join(content).strip() for name, content in texts.items()}, lines


def _audience(fields: Fields) -> tuple[Audience, ...]:
    try:
        return tuple(Audience(word) for word in fields.words("audience"))
    except ValueError as error:
        raise fields.error(f"«audience» may hold {', '.join(Audience)} only.") from error


def _topics(fields: Fields) -> tuple[str, ...]:
    topics = fields.words("topics")
    for topic in topics:
        if topic not in code_lists()["topic"]:
            raise fields.error(f"«{topic}» is not a topic of the code list.")
    return topics


def _source(item: Fields, laws: Laws) -> Source:
    kinds = [kind for kind in SourceKind if kind.value in item.names()]
    if len(kinds) != 1:
        raise item.error("a source has exactly one of: statute, page, report.")
    kind, text = kinds[0], item.text(kinds[0].value)
    page = _PAGE.match(text) if kind is SourceKind.PAGE else None
    address = f"https://{page[0]}" if page is not None else laws.address(text) if kind is SourceKind.STATUTE else None
    if kind is SourceKind.STATUTE and address is None:
        raise item.error(f"«{text}» begins with none of the laws of laws.yaml.")
    source = Source(kind=kind, text=text, seen=item.day("seen"), address=address)
    item.finish()
    return source
