"""Letters as files: what a screen reader, a printer and somebody curious find in them."""

import io
import re
import subprocess
import sys
from datetime import date
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from helpline.desk import letter_file
from helpline.desk.house import House
from helpline.desk.letter_file import CannotMakeFile, FileFormat, file_name, render
from helpline.guidance.letter import Letter
from tests.guidance.letter_answers import bare, whole

ON = date(2026, 11, 26)
#: What a letter must carry as words, whatever it means to those who set type, write pages or run commands.
HOSTILE = [
    '#eval("1 + 1") #panic() #sys.inputs #read("/etc/passwd") #import "@preview/x:1.0.0"',
    "*fet* _kursiv_ `kode` $x^2$ = Overskrift <merke> @kilde // borte /* borte */ \\ ~ - -- ---",
    "<script>alert(1)</script> & &amp; ]]> \" ' %s {0} {{ x }} ${HOME} `ls` $(ls)",
    "]#[ }#{ )#( \\u{1F600} \\n \\\\",
]


def letter(house: House, kind: str = "gp", language: str = "nb", **more: Any) -> Letter:
    return house.letters.compose(whole(kind, **more), language, ON)


def words(text: str) -> list[str]:
    return text.split()


async def pdf_of(found: Letter) -> PdfReader:
    return PdfReader(io.BytesIO(await render(found, "pdf")))


def pdf_words(reader: PdfReader) -> list[str]:
    text = "\n".join(page.extract_text() for page in reader.pages)
    return words(re.sub(r"^\d+ \(\d+\)$", "", text, flags=re.MULTILINE))


def docx_words(made: bytes) -> list[str]:
    return words("\n".join(one.text for one in Document(io.BytesIO(made)).paragraphs))


def tags(node: object) -> list[str]:
    """The kinds of elements of a structure tree, in reading order."""
    if isinstance(node, list):
        return [tag for one in node for tag in tags(one.get_object())]
    if not isinstance(node, DictionaryObject):
        return []
    own = [str(node["/S"])] if "/S" in node else []
    return own + (tags(node["/K"].get_object()) if "/K" in node else [])


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
async def test_a_pdf_is_tagged_titled_and_in_its_language(house: House, language: str) -> None:
    found = letter(house, language=language)
    reader = await pdf_of(found)
    root = reader.root_object
    assert str(root["/Lang"]) == {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB"}[language]
    for place, mark in (("/MarkInfo", "/Marked"), ("/ViewerPreferences", "/DisplayDocTitle")):
        found_there = root[place]
        assert isinstance(found_there, DictionaryObject)
        assert found_there[mark]
    assert reader.metadata is not None
    assert reader.metadata.title == found.title
    assert reader.metadata.author is None
    about = root["/Metadata"].get_object()
    assert isinstance(about, StreamObject)
    assert b"pdfuaid:part" in about.get_data()
    kinds = tags(root["/StructTreeRoot"].get_object())
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == sum(block.part == "heading" for block in found.blocks)
    assert kinds.count("/LI") == 3


@pytest.mark.parametrize("kind", ["gp", "child_welfare", "county_governor_complaint", "patient_ombudsman"])
async def test_a_pdf_says_what_the_text_says(house: House, kind: str) -> None:
    found = letter(house, kind)
    assert pdf_words(await pdf_of(found)) == words(found.text())


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_nothing_in_an_answer_is_read_as_markup(house: House, hostile: str) -> None:
    found = letter(house, request=hostile, person_name=hostile[:100], events=[{"what": hostile, "when": hostile[:50]}])
    # A word that is too long for its line is broken.
    assert "".join(pdf_words(await pdf_of(found))) == "".join(words(found.text()))
    assert docx_words(await render(found, "docx")) == [word for word in words(found.text()) if word != "–"]


async def test_signs_that_no_font_has_do_not_stop_a_letter(house: House) -> None:
    found = letter(house, request="Vær snill 🙏🏽 ring 漢字 nå 👩‍👧, Ђуро Łukasz Čáhppe ŋ")
    said = " ".join(pdf_words(await pdf_of(found)))
    assert "Vær snill □ ring □□ nå □, Ђуро Łukasz Čáhppe ŋ" in said
    assert "🙏🏽" in (await render(found, "txt")).decode()


async def test_a_word_file_has_headings_a_language_and_no_author(house: House) -> None:
    found = letter(house, language="nn")
    made = await render(found, "docx")
    document = Document(io.BytesIO(made))
    styles = [(one.style.name, one.text) for one in document.paragraphs if one.style is not None]
    assert ("Heading 1", found.title) in styles
    assert [text for name, text in styles if name == "Heading 2"] == [
        block.lines[0] for block in found.blocks if block.part == "heading"
    ]
    assert sum(name == "List Bullet" for name, _ in styles) == 3
    core = document.core_properties
    assert (core.title, core.language, core.author, core.last_modified_by) == (found.title, "nn-NO", "", "")
    assert core.comments == ""
    assert docx_words(made) == [word for word in words(found.text()) if word != "–"]
    with ZipFile(io.BytesIO(made)) as parts:
        assert b'w:val="nn-NO"' in parts.read("word/styles.xml")
        assert not any(b"/home/" in parts.read(name) or b"python-docx" in parts.read(name) for name in parts.namelist())


async def test_plain_text_is_the_letter(house: House) -> None:
    found = letter(house)
    assert (await render(found, "txt")).decode() == found.text()


async def test_an_unknown_format_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="odt"):
        await render(letter(house), "odt")


async def test_a_letter_that_takes_too_long_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_file, "PATIENCE", 0.0)
    with pytest.raises(CannotMakeFile):
        await render(letter(house), "pdf")


def test_file_names_name_nobody(house: House) -> None:
    assert file_name(letter(house), FileFormat.PDF) == "bekymringsmelding.pdf"
    assert file_name(letter(house, "municipality_substance"), "docx") == "melding-fra-parorende-om-rusmisbruk.docx"


@pytest.mark.parametrize("times", [1, 3, 5, 8, 12, 20])
async def test_a_letter_is_never_longer_than_it_is_said_to_be(house: House, times: int) -> None:
    long = "Hun gikk fram og tilbake i gangen hele natten og svarte ikke da vi spurte hva som var i veien. " * 6
    for found in (
        letter(house, events=[{"what": long[:590], "when": "2026-11-03", "seen_by": "me"}] * times),
        letter(house, events=[{"what": "Ja."}] * times * 4, wishes="kort\n" * times * 5),
        house.letters.compose(bare(house.letters, "gp", events=[{"what": "WWWW MMMM " * 59}] * times), "nn", ON),
    ):
        assert len((await pdf_of(found)).pages) <= found.pages()


def test_the_maker_of_files_is_bounded_and_has_no_network() -> None:
    program = """
from helpline.desk import letter_sheet
letter_sheet.bound()
import socket
for reach in (lambda: bytearray(2 * letter_sheet.MEMORY), lambda: socket.create_connection(("127.0.0.1", 9))):
    try:
        reach()
    except (MemoryError, PermissionError) as refusal:
        print(type(refusal).__name__)
"""
    ended = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["MemoryError", "PermissionError"]
