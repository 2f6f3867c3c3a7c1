"""The anonymous log, and the counters that are read from it."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from helpline.cli.command import AsJson, now, say, say_json, with_database
from helpline.core.codes import Origin
from helpline.desk import counters as counter_verbs
from helpline.desk import record_files
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.settings import Settings
from helpline.store.db import Database

commands = typer.Typer()
records_commands = typer.Typer(no_args_is_help=True, help="The anonymous log.")
counters_commands = typer.Typer(invoke_without_command=True, help="The counters, and their recount.")
commands.add_typer(records_commands, name="records")
commands.add_typer(counters_commands, name="counters")


@records_commands.command("import")
def records_import(file: Path) -> None:
    """Take in records from a CSV file: all or nothing; a second time adds nothing."""

    async def do(database: Database, loaded: Settings) -> record_files.Imported:
        with Progress(transient=True, console=Console(stderr=True)) as progress:
            task = progress.add_task("Reading", total=None)
            found = record_files.read_file(
                file, zone=loaded.zone, told=lambda lines: progress.update(task, completed=lines)
            )
        async with database.writing() as session:
            return await record_files.take_in(session, found, house=House.load(loaded), now=now())

    done = with_database(do)
    say(f"{done.added} records were added; {done.known} were here already.")


@records_commands.command("export")
def records_export(file: Path) -> None:
    """Write every record to a .csv, .xlsx or .jsonl file."""

    async def do(database: Database, _: Settings) -> int:
        async with database.reading() as session:
            return await record_files.write_file(session, file)

    say(f"{with_database(do)} records were written to {file}.")


@counters_commands.callback()
def counters(
    context: typer.Context,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"])] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"])] = None,
    by: Annotated[
        str | None, typer.Option(help="day, week, month, year, outcome, or a dimension such as relation.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Every counter of a period (this year by default), each with its definition."""
    if context.invoked_subcommand is not None:
        return

    async def do(database: Database, loaded: Settings) -> dict[str, object]:
        at = now()
        today = at.astimezone(loaded.zone).date()
        house = House.load(loaded)
        async with database.reading() as session:
            found = await counter_verbs.figures(
                session,
                house=house,
                first=first.date() if first else date(today.year, 1, 1),
                last=last.date() if last else today,
                now=at,
                include_simulated=house.origin is Origin.SIMULATED,
                by=by,
            )
        return counter_verbs.document(found)

    document = with_database(do)
    if as_json:
        say_json(document)
        return
    figures = document["counters"]
    assert isinstance(figures, dict)
    for name, figure in figures.items():
        say(f"{name}: {figure['value']} {figure['unit']}")


@counters_commands.command("check")
def counters_check() -> None:
    """Recount everything from the records and compare with what the pages show."""

    async def do(database: Database, loaded: Settings) -> list[str]:
        async with database.reading() as session:
            found = await counter_verbs.check(session, house=House.load(loaded), now=now())
        return [str(difference) for difference in found]

    differences = with_database(do)
    for difference in differences:
        print(difference, file=sys.stderr)  # noqa: T201
    if differences:
        raise HelplineError("The counters differ from the recount; run `helpline counters rebuild` and tell us.")
    say("The counters equal the recount.")


@counters_commands.command("rebuild")
def counters_rebuild() -> None:
    """Throw the folded days away and fold them anew from the records."""

    async def do(database: Database, loaded: Settings) -> int:
        async with database.writing() as session:
            return await counter_verbs.rebuild(session, house=House.load(loaded), now=now())

    say(f"{with_database(do)} days were folded.")
