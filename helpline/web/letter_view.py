"""A letter's draft as pages show it: the pieces of its form, the letter with remarks, what is missing, the files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from fastapi import Response

from helpline.core.questionnaire import Answers, Questionnaire
from helpline.desk import letter_file
from helpline.desk.house import House
from helpline.desk.letter_file import FileFormat
from helpline.errors import NotFound
from helpline.guidance.letter import Letter
from helpline.guidance.letters import Fault, LetterError, Letters, Stop
from helpline.guidance.remarks import Remark


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The questions of one form, of several that follow each other. `done` says that nothing required is missing."""

    number: int
    title: str
    questionnaire: Questionnaire
    done: bool


@dataclass(frozen=True, kw_only=True)
class View:
    """How a draft stands: the letter when it can be written, else why not."""

    letter: Letter | None
    faults: tuple[Fault, ...]
    stop: Stop | None
    remarks: tuple[Remark, ...]


#: Where no letter is being written.
NOTHING = View(letter=None, faults=(), stop=None, remarks=())


def view(letters: Letters, answers: Answers, language: str, on: date) -> View:
    """Write the letter of these answers, or say what hinders it."""
    remarks = letters.remarks(answers, language, on)
    try:
        return View(letter=letters.compose(answers, language, on), faults=(), stop=None, remarks=remarks)
    except LetterError as error:
        return View(letter=None, faults=error.faults, stop=error.stop, remarks=remarks)


def pieces(letters: Letters, answers: Answers, language: str) -> list[Piece]:
    """The forms that these answers lead to, those without a question left out."""
    asked = {question.id for question in letters.questionnaire.asked(answers)}
    missing = {question.id for question in letters.questionnaire.missing(answers)}
    found: list[Piece] = []
    for chapter in letters.chapters:
        own = tuple(question for question in chapter.questions if question.id in asked)
        if own:
            found.append(
                Piece(
                    number=len(found) + 1,
                    title=chapter.title[language],
                    questionnaire=Questionnaire(id="letter", questions=own),
                    done=not missing & {question.id for question in own}
                    and any(question.id in answers for question in own),
                )
            )
    return found


def piece_of(found: list[Piece], path: str) -> int:
    """The number of the form that holds a question."""
    name = path.split(".")[0]
    for piece in found:
        if any(question.id == name for question in piece.questionnaire.questions):
            return piece.number
    return 1


def number_shown(found: list[Piece], wanted: int | None, questionnaire: Questionnaire, answers: Answers) -> int:
    """Which form to show: the one that is wanted, else the one with the first question that was not asked yet."""
    if wanted is not None:
        return min(max(1, wanted), len(found))
    place = questionnaire.next(answers)
    return len(found) if place is None else piece_of(found, place.question.id)


def after(found: list[Piece], answers: Answers, here: int, *, back: bool) -> str:
    """Where to go after a form was saved, as the end of an address: to the next form or the one before it; to the same
    one when its answers have led to questions that did not stand in it."""
    if not back and here <= len(found):
        for question in found[here - 1].questionnaire.questions:
            if question.id not in answers:
                return f"?chapter={here}#{question.id}"
    return f"?chapter={max(1, here - 1 if back else here + 1)}"


async def file_answer(house: House, answers: Mapping[str, Any], language: str, on: date, wanted: str) -> Response:
    """The letter as a download, never kept by the browser.

    Raises:
        NotFound: there is no such format.
        LetterError: the letter cannot be written yet.
        CannotMakeFile: the file could not be made.
    """
    try:
        file_format = FileFormat(wanted)
    except ValueError as error:
        raise NotFound("Denne siden finnes ikke.") from error
    letter = house.letters.compose(answers, language, on)
    name = letter_file.file_name(letter, file_format)
    return Response(
        await letter_file.render(letter, file_format),
        media_type=file_format.media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"},
    )
