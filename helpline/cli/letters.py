"""Concern letters on the command line: the same questions, gates, remarks and files as everywhere else. Nothing is
stored and nothing is sent."""

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from helpline import settings
from helpline.cli.command import AsJson, now, say, say_json
from helpline.core.questionnaire import Question
from helpline.desk import letter_file
from helpline.desk.house import House
from helpline.desk.letter_file import FileFormat
from helpline.errors import HelplineError
from helpline.guidance.letters import LetterError, Letters
from helpline.guidance.reading import LANGUAGES

commands = typer.Typer()


@commands.command("letter")
def letter(
    kind: Annotated[str, typer.Argument(help="To whom: a code, or a word for it (gp, fastlege).")],
    answers: Annotated[str | None, typer.Option(help="A JSON file with the answers; - reads standard input.")] = None,
    file_format: Annotated[FileFormat, typer.Option("--format")] = FileFormat.TXT,
    out: Annotated[Path | None, typer.Option(help="Where to write; without it a text goes to standard output.")] = None,
    questions: Annotated[bool, typer.Option("--questions", help="Print what the letter asks, with the codes.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Print the remarks on the draft instead of the letter.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a concern letter from a file of answers."""
    loaded = settings.load()
    house = House.load(loaded)
    code = _code(kind, house.letters)
    if questions:
        _print_questions(house.letters, code, as_json=as_json)
        return
    if answers is None:
        raise HelplineError("Name the file with the answers: --answers FILE. `--questions` prints what to answer.")
    today = now().astimezone(loaded.zone).date()
    given, language, on = _read(answers, code, house.letters, today)
    if check:
        _print_remarks(house.letters, given, language, on, as_json=as_json)
        return
    try:
        written = house.letters.compose(given, language, on)
    except LetterError as error:
        if error.stop is not None:
            raise HelplineError(
                house.phrases.say(error.stop.phrase, language=language, channel="telegram", on=today)
            ) from error
        raise
    if out is None and file_format is not FileFormat.TXT:
        raise HelplineError(f"Say where the {file_format.value} goes: --out FILE.")
    made = asyncio.run(letter_file.render(written, file_format))
    if out is None:
        say(made.decode().rstrip("\n"))
        return
    try:
        out.write_bytes(made)
    except OSError as error:
        raise HelplineError(f"{out} cannot be written: {error.strerror}.") from error


def _code(kind: str, letters: Letters) -> str:
    """The kind that a code or a word means."""
    options = letters.questionnaire.question("kind").options
    said = kind.strip().casefold()
    for option in options:
        if said in (
            option.code,
            *map(str.casefold, option.words),
            *(label.casefold() for label in option.label.values()),
        ):
            return option.code
    raise HelplineError(f"«{kind}» is no kind of letter: {', '.join(option.code for option in options)}.")


def _read(name: str, kind: str, letters: Letters, today: date) -> tuple[dict[str, Any], str, date]:
    """The answers of a file, the language and the day of the letter."""
    shown = "standard input" if name == "-" else name
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        found = json.loads(text)
    except OSError as error:
        raise HelplineError(f"{shown} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise HelplineError(f"{shown} is not JSON: write one object with the questions' ids as keys.") from error
    if not isinstance(found, Mapping):
        raise HelplineError(f"{shown} holds no object: write one with the questions' ids as keys.")
    given = dict(found)
    language, on = given.pop("language", "nb"), given.pop("on", None)
    if language not in LANGUAGES:
        raise HelplineError(f"«language» is nb, nn or en, not «{language}».")
    day = today
    if on is not None:
        try:
            day = date.fromisoformat(str(on))
        except ValueError as error:
            raise HelplineError(f"«on» is the day of the letter, as 2026-11-03, not «{on}».") from error
    if given.get("kind", kind) != kind:
        raise HelplineError(f"The answers are for «{given['kind']}», and the letter was to be for «{kind}».")
    return {**given, "kind": kind}, language, day


def _print_remarks(letters: Letters, given: dict[str, Any], language: str, on: date, *, as_json: bool) -> None:
    remarks = letters.remarks(given, language, on)
    if as_json:
        say_json([{"code": one.code, "stops": one.stops, "path": one.path, "text": one.text} for one in remarks])
        return
    for one in remarks:
        where = f" ({one.path})" if one.path else ""
        say(f"{'! ' if one.stops else '- '}{one.text}{where}")
    if not remarks:
        say("No remarks.")


def _print_questions(letters: Letters, code: str, *, as_json: bool) -> None:
    """Every question that this kind may ask, in order."""
    asked = [question for question in letters.questionnaire.questions if _may_ask(letters, question, code)]
    if as_json:
        say_json([_described(question) for question in asked])
        return
    for question in asked:
        _print_question(question, "")


def _may_ask(letters: Letters, question: Question, code: str) -> bool:
    """Whether the kind alone does not rule a question out."""
    return question.when.holds({"kind": code}) is not False


def _described(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": question.id,
        "kind": question.kind.value,
        "required": question.required,
        "ask": question.ask["nb"],
    }
    if question.options:
        found["codes"] = {option.code: option.label["nb"] for option in question.options}
    if question.parts:
        found["parts"] = [_described(part) for part in question.parts]
    return found


def _print_question(question: Question, indent: str) -> None:
    required = ", required" if question.required else ""
    say(f"{indent}{question.id} ({question.kind.value}{required}): {question.ask['nb']}")
    for option in question.options:
        say(f"{indent}    {option.code} = {option.label['nb']}")
    for part in question.parts:
        _print_question(part, indent + "    ")
