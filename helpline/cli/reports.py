"""Reports on the command line."""

import asyncio
import importlib
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from helpline.cli.command import now, say, with_database
from helpline.core.annual import Report
from helpline.desk import annual_file, annual_report
from helpline.desk.annual_file import FileFormat
from helpline.desk.annual_sheet import sheet
from helpline.desk.annual_words import LANGUAGES
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.lasting import made_to_last
from helpline.settings import Settings
from helpline.store.db import Database

commands = typer.Typer()
report_commands = typer.Typer(no_args_is_help=True, help="Reports from the log.")
commands.add_typer(report_commands, name="report")


@report_commands.callback()
def reports() -> None:
    """Reports from the log."""


@report_commands.command("annual")
def annual(
    year: str,
    file_format: Annotated[FileFormat, typer.Option("--format")] = FileFormat.JSON,
    out: Annotated[Path | None, typer.Option(help="Where to write; without it a text goes to standard output.")] = None,
    language: Annotated[str, typer.Option(help="nb or en; JSON holds both.")] = "nb",
) -> None:
    """The annual report of a year, with the year before beside it."""
    if language not in LANGUAGES:
        raise HelplineError(f"The language is nb or en, not «{language}».")
    if out is None and file_format is FileFormat.PDF:
        raise HelplineError("Say where the PDF goes: --out FILE.")
    asked = annual_report.year_of(year)

    async def do(database: Database, loaded: Settings) -> tuple[Report, date, bool]:
        house, at = House.load(loaded), now()
        async with database.reading() as session:
            found = await annual_report.read_year(session, asked, house=house, now=at)
        return found, at.astimezone(house.zone).date(), house.practice

    report, on, practice = with_database(do)
    if file_format is FileFormat.HTML:
        made: bytes = _pages().html_file(sheet(report, language, on=on, practice=practice)).encode()
    else:
        made = asyncio.run(annual_file.render(report, file_format, language=language, on=on, practice=practice))
    if out is None:
        say(made.decode().rstrip("\n"))
        return
    try:
        out.write_bytes(made)
    except OSError as error:
        raise HelplineError(f"{out} cannot be written: {error.strerror}.") from error


def _pages() -> ModuleType:
    """The room that draws HTML brings its framework along, which no other command needs."""
    with made_to_last():
        return importlib.import_module("helpline.web.annual")
