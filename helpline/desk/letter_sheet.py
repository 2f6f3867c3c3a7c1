"""Makes the file of a concern letter: a program of its own, started for one letter and ended with it.

It reads the letter as JSON on standard input and writes the file on standard output. It knows nothing of the service:
no settings, no keys, no database; its memory, its time and its open files are bounded before it begins, and no answer
is ever read as markup or as code.
"""

import io
import json
import re
import resource
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn

#: Bytes of address space, seconds of work, open files. A letter takes a tenth of each.
MEMORY = 1024**3
SECONDS = 10
FILES = 32
#: What stands in the PDF for a sign that its fonts do not have.
INSTEAD = "□"

_TEMPLATE = Path(__file__).with_name("letter.typ")
_LANGUAGES = {"nb": ("nb", "NO"), "nn": ("nn", "NO"), "en": ("en", "GB")}
_NO_GLYPH = re.compile(r'the text `?"(?P<sign>(?:\\u\{[0-9a-f]+\}|\\?.)+)"`? could not be displayed')
#: Emoji and the like: one or several that belong together.
_BEYOND = re.compile("[\U00010000-\U0010ffff]+")
#: Lines that stand together without space between them.
_TIGHT = ("address", "date", "fact")


def main() -> NoReturn:
    """`python -m helpline.desk.letter_sheet pdf|docx`."""
    bound()
    letter: dict[str, Any] = json.load(sys.stdin)
    made = pdf(letter) if sys.argv[1] == "pdf" else docx(letter)
    sys.stdout.buffer.write(made)
    sys.stdout.flush()
    sys.exit(0)


def bound() -> None:
    """Set the limits of this process, and refuse it the network."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    sys.addaudithook(_refuse_network)


def _refuse_network(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith("socket."):
        raise PermissionError(event)


def pdf(letter: dict[str, Any]) -> bytes:
    """The letter as a tagged PDF after PDF/UA-1."""
    import typst  # noqa: PLC0415  # read after the limits are set, and not for a Word file

    language, region = _LANGUAGES[letter["language"]]
    grouped = {"title": letter["title"], "lang": language, "region": region, "blocks": list(_groups(letter["blocks"]))}
    words = _BEYOND.sub(INSTEAD, json.dumps(grouped, ensure_ascii=False))
    on = datetime.fromisoformat(letter["on"]).replace(tzinfo=UTC)
    template = _TEMPLATE.read_bytes()
    while True:
        try:
            return bytes(
                typst.compile(
                    template,
                    format="pdf",
                    pdf_standards="ua-1",
                    ignore_system_fonts=True,
                    sys_inputs={"letter": words},
                    timestamp=int(on.timestamp()),
                )
            )
        except typst.TypstError as error:
            without = _without(words, _without_glyph(str(error)))
            if without == words:
                raise
            words = without


def _without(words: str, sign: str | None) -> str:
    """The words without a sign that no font has, or without what is joined to the sign that stands instead of one."""
    if sign is None:
        return words
    if sign != INSTEAD:
        return words.replace(sign, INSTEAD)
    joined = {one for one in words if unicodedata.category(one)[0] == "M" or unicodedata.category(one) == "Sk"}
    for one in joined:
        words = words.replace(f"{INSTEAD}{one}", INSTEAD)
    return words


def _without_glyph(problem: str) -> str | None:
    """The sign that no font has, when that is the problem."""
    found = _NO_GLYPH.search(problem)
    if found is None:
        return None
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: chr(int(match[1], 16)), found["sign"])


def _groups(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Events that follow each other as one list, lines that stand together as one paragraph."""

    def kind(block: dict[str, Any]) -> str:
        part = block["part"]
        return "events" if part == "event" else "lines" if part in _TIGHT else str(part)

    for part, same in groupby(blocks, key=kind):
        if part == "events":
            yield {"part": part, "events": list(same)}
        elif part == "lines":
            yield {"part": part, "rows": list(same)}
        else:
            yield from same


def docx(letter: dict[str, Any]) -> bytes:
    """The letter as a Word file, with real headings and lists, a language and a title, and nobody's name as author."""
    from docx import Document  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Mm, Pt, RGBColor  # noqa: PLC0415

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(22)
    language = "-".join(_LANGUAGES[letter["language"]])
    styles = document.styles
    for tag in styles.element.iter(qn("w:lang")):
        tag.set(qn("w:val"), language)
    styles["Normal"].font.size = Pt(11)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for name, size in (("Heading 1", 16), ("Heading 2", 12)):
        styles[name].font.size = Pt(size)
        styles[name].font.color.rgb = RGBColor(0, 0, 0)
    core = document.core_properties
    core.title, core.language, core.author, core.comments, core.last_modified_by = letter["title"], language, "", "", ""
    core.created = core.modified = datetime.fromisoformat(letter["on"])
    for block in letter["blocks"]:
        part, lines, label = block["part"], block["lines"], block["label"]
        if part in ("title", "heading"):
            document.add_heading(lines[0], level=1 if part == "title" else 2)
            continue
        paragraph = document.add_paragraph(style="List Bullet" if part == "event" else None)
        if part in _TIGHT:
            paragraph.paragraph_format.space_after = Pt(0)
        if part == "closing":
            paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(12), Pt(36)
        if label:
            paragraph.add_run(f"{label}: ").bold = True
        for number, line in enumerate(lines):
            run = paragraph.add_run()
            if number:
                run.add_break()
            run.add_text(line)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


if __name__ == "__main__":
    main()
