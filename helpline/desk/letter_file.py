"""The file of a concern letter. What is heavy happens in a process of its own (`letter_sheet`), so that the service
stays small, and a letter that goes wrong takes nothing with it."""

import json
from datetime import date
from enum import StrEnum

from helpline.desk import apart
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.guidance.letter import Letter
from helpline.logs import get

log = get("helpline.letters")

#: Seconds until a letter that is not done is given up.
PATIENCE = 30.0


class FileFormat(StrEnum):
    """What a letter can be saved as."""

    TXT = "txt"
    DOCX = "docx"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        return {
            FileFormat.TXT: "text/plain; charset=utf-8",
            FileFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            FileFormat.PDF: "application/pdf",
        }[self]


class CannotMakeFile(HelplineError):
    """The file could not be made. The letter itself is unharmed."""

    status = 503


async def render(letter: Letter, file_format: FileFormat | str) -> bytes:
    """The letter as a file.

    Raises:
        ValueError: there is no such format.
        CannotMakeFile: it took too long or failed; the letter can still be read and copied as text.
    """
    wanted = FileFormat(file_format)
    if wanted is FileFormat.TXT:
        return letter.text().encode()
    return await _made(letter, wanted)


async def of_answers(answers: str, *, house: House, language: str, on: str) -> bytes:
    """The PDF of a letter whose answers were kept as JSON until it leaves; `on` is the day on which it was written.

    Raises:
        CannotMakeFile: it took too long or failed.
    """
    letter = house.letters.compose(json.loads(answers), language, date.fromisoformat(on))
    return await render(letter, FileFormat.PDF)


async def _made(letter: Letter, wanted: FileFormat) -> bytes:
    try:
        return await apart.made("helpline.desk.letter_sheet", wanted.value, letter.document(), patience=PATIENCE)
    except apart.NotMade as error:
        # What the program said may hold words of the letter: only how it ended is told.
        log.error("letter_file_failed", format=wanted.value, ended=error.ended)
        raise CannotMakeFile("Filen kunne ikke lages nå. Prøv igjen, eller kopier teksten.") from error


def file_name(letter: Letter, file_format: FileFormat | str) -> str:
    """A name for the file that names nobody: «bekymringsmelding.pdf»."""
    words = letter.title.casefold().replace("å", "a").replace("ø", "o").replace("æ", "ae")
    return f"{'-'.join(words.split())}.{FileFormat(file_format).value}"
