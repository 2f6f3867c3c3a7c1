"""The anonymous log, and the counters that are read from it."""

import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from helpline.cli.command import AsJson, now, say, say_json, with_database
from helpline.core.counter_list import ANSWER_WITHIN
from helpline.core.counters import Figure
from helpline.core.hours import wall_clock
from helpline.desk import counters as counter_verbs
from helpline.desk import record_files, record_intake, recount
from helpline.desk.counts_file import counts_of, write_counts
from helpline.desk.house import House
from helpline.desk.mapping import read_mapping
from helpline.desk.narrowing import read_where
from helpline.errors import HelplineError
from helpline.settings import Settings
from helpline.store.db import Database, one_moment

commands = typer.Typer()
records_commands = typer.Typer(no_args_is_help=True, help="The anonymous log.")
counters_commands = typer.Typer(invoke_without_command=True, help="The counters, and their recount.")
commands.add_typer(records_commands, name="records")
commands.add_typer(counters_commands, name="counters")


@records_commands.command("import")
def records_import(
    file: Path,
    mapping: Annotated[
        Path | None, typer.Option(help="A YAML file that says how the columns and words of your own file become ours.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what would happen, and write nothing.")] = False,
) -> None:
    """Take in records from a .csv or .xlsx file: all or nothing; a second time adds nothing."""

    async def do(database: Database, loaded: Settings) -> tuple[record_intake.Checked, record_intake.Imported]:
        house, translation = House.load(loaded), read_mapping(mapping) if mapping is not None else None
        with (
            _progress() as bar,
            record_intake.read_file(file, zone=loaded.zone, mapping=translation, told=_told(bar, "Reading")) as checked,
        ):
            if check:
                async with database.reading() as reading:
                    return checked, await record_intake.would_take_in(reading, checked, told=_told(bar, "Comparing"))
            async with database.writing() as session:
                return checked, await record_intake.take_in(
                    session, checked, house=house, now=now(), told=_told(bar, "Writing")
                )

    began = monotonic()
    checked, done = with_database(do)
    if check:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(checked.kinds.items()))
        say(f"The file holds {checked.rows} records ({kinds or 'none'}), {checked.first} to {checked.last}.")
        say(f"{done.added} records would be added; {done.known} are here already. Nothing was written.")
        return
    say(f"{done.added} records were added; {done.known} were here already.")
    print(f"{round(checked.rows / max(monotonic() - began, 0.001))} rows a second", file=sys.stderr)  # noqa: T201


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, transient=True, console=Console(stderr=True))


def _told(bar: Progress, what: str) -> record_intake.Told:
    """A line of the progress bar, drawn from the first time that something is heard."""
    task = bar.add_task(what, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


@records_commands.command("export")
def records_export(
    file: Path,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"])] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"])] = None,
    counts: Annotated[
        int | None, typer.Option(help="A year: write its counts, small numbers hidden, and no rows.")
    ] = None,
) -> None:
    """Write the records (of a period) to a .csv, .xlsx or .jsonl file, one row each; or a year's counts."""

    async def do(database: Database, loaded: Settings) -> int:
        house = House.load(loaded)
        async with database.reading() as session:
            if counts is not None:
                found = await counts_of(
                    session,
                    counts,
                    house=house,
                    now=now(),
                    include_simulated=house.practice,
                )
                write_counts(found, file)
                return len(found.rows)
            return await record_files.write_file(
                session,
                file,
                starts_at=wall_clock(first.date(), time(0), house.zone) if first else None,
                ends_at=wall_clock(last.date() + timedelta(days=1), time(0), house.zone) if last else None,
            )

    say(f"{with_database(do)} {'records' if counts is None else 'counts'} were written to {file}.")


@counters_commands.callback()
def counters(
    context: typer.Context,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"])] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"])] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="day, week, month, term, year or a dimension such as relation; two crossed as month,relation."
        ),
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="Only these: channel=phone. Several may be given; empty is not asked.")
    ] = None,
    answer_within: Annotated[int, typer.Option(min=0, help="Seconds of the service level.")] = ANSWER_WITHIN,
    as_json: AsJson = False,
) -> None:
    """Every counter of a period (this year by default), each with its definition."""
    if context.invoked_subcommand is not None:
        return
    chosen = read_where(where or [])

    async def do(database: Database, loaded: Settings) -> counter_verbs.Figures:
        at = now()
        today = at.astimezone(loaded.zone).date()
        house = House.load(loaded)
        async with database.reading() as session:
            await one_moment(session)
            return await counter_verbs.figures(
                session,
                house=house,
                first=first.date() if first else date(today.year, 1, 1),
                last=last.date() if last else today,
                now=at,
                include_simulated=house.practice,
                by=by,
                where=chosen,
                answer_within=answer_within,
            )

    found = with_database(do)
    if as_json:
        say_json(counter_verbs.document(found))
        return
    _print_figures(found)


def _print_figures(found: counter_verbs.Figures) -> None:
    narrowed = "".join(f", {dimension}={value}" for dimension, value in found.where.items())
    say(f"{found.first} to {found.last}{narrowed}")
    for one in found.whole:
        say(f"{one.counter.name}: {_value(one)}")
    for part, figures in found.parts.items():
        # What is nought or cannot be worked out is left to --json: there are thirty figures in each part.
        shown = [f"{one.counter.name} {_value(one)}" for one in figures if one.value]
        say(f"{part or 'not asked'}: {', '.join(shown)}")


def _value(one: Figure) -> str:
    if one.value is None:
        return "– (nothing to work it out from)"
    number = f"{one.value:.3f}".rstrip("0").rstrip(".") if isinstance(one.value, float) else str(one.value)
    behind = f" ({one.part} of {one.whole})" if one.part is not None else ""
    return f"{number} {one.counter.unit}{behind}"


@counters_commands.command("check")
def counters_check(as_json: AsJson = False) -> None:
    """Recount everything from the records and compare with what the pages show."""
    differences = with_database(_recount)
    if as_json:
        say_json({"equal": not differences, "differences": differences})
    else:
        for difference in differences:
            print(difference, file=sys.stderr)  # noqa: T201
    if differences:
        raise HelplineError("The counters differ from the recount; run `helpline counters rebuild` and tell us.")
    if not as_json:
        say("The counters equal the recount.")


@counters_commands.command("rebuild")
def counters_rebuild() -> None:
    """Throw the folded days away, fold them anew from the records, and recount."""

    async def do(database: Database, loaded: Settings) -> tuple[int, list[str]]:
        async with database.writing() as session:
            days = await counter_verbs.rebuild(session, house=House.load(loaded), now=now())
        return days, await _recount(database, loaded)

    days, differences = with_database(do)
    say(f"{days} days were folded.")
    if differences:
        raise HelplineError(f"The counters still differ from the recount: {differences[0]}. Tell us.")


async def _recount(database: Database, loaded: Settings) -> list[str]:
    """The differences in words; what was found is kept for the pages, as by the night's sweep."""
    house = House.load(loaded)
    async with database.reading() as session:
        found = await counter_verbs.check(session, house=house, now=now())
    async with database.writing() as session:
        await recount.note(session, found, now=now())
    return [str(difference) for difference in found]
