"""The command line. Errors go to standard error in one sentence, exit 1; usage errors exit 2; `--json` prints one
JSON document."""

import asyncio
import gc
import importlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid
from sqlalchemy.exc import DBAPIError

from helpline import logs, settings, triage
from helpline.core.codes import Origin
from helpline.core.duty import Role
from helpline.desk import counters as counter_verbs
from helpline.desk import erase as erasing
from helpline.desk import export as exports
from helpline.desk import record_files, staff, tokens
from helpline.desk import reseal as resealing
from helpline.desk.house import House
from helpline.desk.numbers import e164
from helpline.errors import HelplineError, NotFound, SettingsError
from helpline.guidance import Library, Severity
from helpline.guidance import check as check_knowledge
from helpline.settings import Settings
from helpline.store.db import Database, truncate_wal
from helpline.store.keyring import Keyring
from helpline.store.migrate import migrate as migrate_database
from helpline.store.migrate import require_newest

commands = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
advisor_commands = typer.Typer(no_args_is_help=True, help="Those who sign in.")
token_commands = typer.Typer(no_args_is_help=True, help="Bearer tokens of the JSON interface.")
knowledge_commands = typer.Typer(no_args_is_help=True, help="Articles and help numbers.")
records_commands = typer.Typer(no_args_is_help=True, help="The anonymous log.")
commands.add_typer(advisor_commands, name="advisor")
commands.add_typer(token_commands, name="token")
commands.add_typer(knowledge_commands, name="knowledge")
commands.add_typer(records_commands, name="records")

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


class HandleKind(StrEnum):
    PHONE = "phone"
    TELEGRAM = "telegram"


def main() -> NoReturn:
    """The entry point: every expected error becomes one sentence and exit code 1."""
    try:
        commands()
    except HelplineError as error:
        print(error.sentence, file=sys.stderr)  # noqa: T201  # the command line's own voice
        sys.exit(1)
    except DBAPIError as error:
        print(  # noqa: T201
            f"The database cannot be used ({type(error.orig).__name__}): check HELPLINE_DATABASE_URL, then run "
            "`helpline migrate`.",
            file=sys.stderr,
        )
        sys.exit(1)
    sys.exit(0)


def _say(text: str) -> None:
    print(text)  # noqa: T201


def _say_json(document: object) -> None:
    _say(json.dumps(document, ensure_ascii=False, default=str))


def _room(name: str) -> Any:
    """A room that brings the providers' libraries with it: they take seconds to import, and only what serves needs
    them. `helpline triage` must not wait for Telegram."""
    # Hundreds of thousands of objects come and all of them stay: looking through them for garbage meanwhile costs a
    # quarter of the time, and looking through them ever after costs something at each look.
    gc.disable()
    try:
        return importlib.import_module(f"helpline.{name}")
    finally:
        gc.freeze()
        gc.enable()


def _serve(loaded: Settings, *, works: bool) -> None:
    app = _room("app")
    asyncio.run(_room("serving").serve_app(app.create_app(app.build(loaded), works=works), loaded.host, loaded.port))


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def _opened(loaded: Settings) -> AsyncIterator[Database]:
    database = Database(loaded.database_url, Keyring(loaded.keys))
    try:
        await require_newest(database)
        yield database
    finally:
        await database.close()


def _with_database(do: Callable[[Database, Settings], Awaitable[T]]) -> T:
    loaded = settings.load()

    async def run() -> T:
        async with _opened(loaded) as database:
            return await do(database, loaded)

    return asyncio.run(run())


@commands.command()
def demo() -> None:
    """Try it: service and simulator with example data; nothing is really sent."""
    _room("demo").run()


@commands.command()
def serve() -> None:
    """Everything in one process: migrates, then answers, sends and sweeps. For SQLite, and for a small PostgreSQL."""
    loaded = settings.load()
    logs.set_up(json=loaded.log_json)
    asyncio.run(_migrate(loaded))
    _serve(loaded, works=True)


@commands.command()
def web() -> None:
    """Answer requests only; `worker` sends and sweeps. Needs PostgreSQL."""
    loaded = _several_processes("web")
    logs.set_up(json=loaded.log_json)
    _serve(loaded, works=False)


@commands.command()
def worker() -> None:
    """Send deliveries and sweep; `web` answers requests. Needs PostgreSQL."""
    loaded = _several_processes("worker")
    logs.set_up(json=loaded.log_json)
    asyncio.run(_room("serving").work(_room("app").build(loaded)))


def _several_processes(name: str) -> Settings:
    loaded = settings.load()
    if loaded.is_sqlite:
        raise SettingsError(
            f"`helpline {name}` needs PostgreSQL: set HELPLINE_DATABASE_URL, or run `helpline serve` on SQLite."
        )
    return loaded


async def _migrate(loaded: Settings) -> None:
    database = Database(loaded.database_url, Keyring(loaded.keys))
    try:
        await migrate_database(database)
    finally:
        await database.close()


@commands.command()
def migrate() -> None:
    """Bring the database to the shape that this version needs."""
    asyncio.run(_migrate(settings.load()))
    _say("The database is up to date.")


@commands.command()
def doctor(as_json: AsJson = False) -> None:
    """Check an installation from settings to providers, and say what to mend."""
    findings = asyncio.run(_room("doctor").examine(settings.load()))
    if as_json:
        _say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            _say(f"{'ok  ' if finding.ok else 'FAIL'} {finding.what}: {finding.sentence}")
    if any(not finding.ok for finding in findings):
        raise typer.Exit(1)


@advisor_commands.command("add")
def advisor_add(
    email: str,
    name: Annotated[str, typer.Option()],
    role: Annotated[Role, typer.Option()] = Role.ADVISOR,
    phone: Annotated[str | None, typer.Option(help="Own telephone, rung for calls.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Add somebody who signs in. Without --password-stdin a password is made and printed once."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else staff.new_password()

    async def do(database: Database, _: Settings) -> None:
        async with database.writing() as session:
            await staff.add(session, email=email, name=name, role=role, phone=phone, password=password, now=_now())

    _with_database(do)
    _say(f"{email} is added." if password_stdin else f"{email} is added. Password, shown only now: {password}")


@advisor_commands.command("list")
def advisor_list(as_json: AsJson = False) -> None:
    """Everyone who may sign in. Telephones are not shown."""

    async def do(database: Database, _: Settings) -> list[dict[str, object]]:
        async with database.reading() as session:
            return [
                {
                    "id": one.id,
                    "email": one.email,
                    "name": one.name,
                    "role": one.role.value,
                    "active": one.active,
                    "duty": one.duty.value,
                    "has_phone": one.phone is not None,
                }
                for one in await staff.members(session)
            ]

    people = _with_database(do)
    if as_json:
        _say_json(people)
        return
    grid = Grid("E-mail", "Name", "Role", "Active", "Duty", "Telephone")
    for person in people:
        grid.add_row(
            *(str(person[key]) for key in ("email", "name", "role")),
            "yes" if person["active"] else "no",
            str(person["duty"]),
            "yes" if person["has_phone"] else "no",
        )
    Console().print(grid)


@advisor_commands.command("reset")
def advisor_reset(email: str) -> None:
    """Give somebody a new one-time password, printed once; they are signed out everywhere."""

    async def do(database: Database, _: Settings) -> str:
        async with database.writing() as session:
            return await staff.reset(session, email, now=_now())

    _say(f"New one-time password for {email}, shown only now: {_with_database(do)}")


@token_commands.command("add")
def token_add(name: str, role: Annotated[Role, typer.Option()] = Role.ADVISOR) -> None:
    """Make a bearer token and print it once."""

    async def do(database: Database, _: Settings) -> str:
        async with database.writing() as session:
            return await tokens.add(session, name=name, role=role, now=_now())

    _say(_with_database(do))


@commands.command("triage")
def triage_lines() -> None:
    """Read JSON lines {"id","text"} and print what the triage finds in each. Offline; stores nothing."""
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            text, name = given["text"], given["id"]
            if not isinstance(text, str):
                raise TypeError("text")
        except (ValueError, KeyError, TypeError) as error:
            raise HelplineError(f'Line {number} is not {{"id": …, "text": "…"}}: mend it and run again.') from error
        found = triage.read(text)
        _say_json(
            {
                "id": name,
                "language": found.language,
                "urgency": found.urgency.value,
                "at_risk": found.at_risk.value if found.at_risk else None,
                "alarms": [
                    {"code": alarm.code, "level": alarm.level.value, "span": list(alarm.span)} for alarm in found.alarms
                ],
                "topics": list(found.topics),
            }
        )


@knowledge_commands.command("check")
def knowledge_check(at: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None) -> None:
    """Check every article, number and script. Errors fail; what is due for review is a warning."""
    loaded = settings.load()
    day = at.date() if at else _now().date()
    problems = check_knowledge(loaded.knowledge_dir, day)
    for problem in problems:
        print(f"{problem.path}:{problem.line}: {problem.severity.value}: {problem.message}", file=sys.stderr)  # noqa: T201
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise HelplineError("The knowledge has errors; they are named above.")
    House.load(loaded)
    _say(f"The knowledge is sound on {day.isoformat()}.")


@knowledge_commands.command("search")
def knowledge_search(
    query: str, language: str = "nb", limit: Annotated[int, typer.Option(min=1, max=50)] = 5, as_json: AsJson = False
) -> None:
    """Search the articles as callers and advisors do."""
    library = Library.load(settings.load().knowledge_dir)
    hits = library.search(query, language=language, limit=limit)
    if as_json:
        _say_json(
            [{"slug": hit.slug, "title": hit.title, "score": hit.score, "language": hit.language} for hit in hits]
        )
        return
    for hit in hits:
        _say(f"{hit.score:6.2f}  {hit.slug}  {hit.title}")


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
            return await record_files.take_in(session, found, house=House.load(loaded), now=_now())

    done = _with_database(do)
    _say(f"{done.added} records were added; {done.known} were here already.")


@records_commands.command("export")
def records_export(file: Path) -> None:
    """Write every record to a .csv, .xlsx or .jsonl file."""

    async def do(database: Database, _: Settings) -> int:
        async with database.reading() as session:
            return await record_files.write_file(session, file)

    _say(f"{_with_database(do)} records were written to {file}.")


counters_commands = typer.Typer(invoke_without_command=True, help="The counters, and their recount.")
commands.add_typer(counters_commands, name="counters")


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
        now = _now()
        today = now.astimezone(loaded.zone).date()
        house = House.load(loaded)
        async with database.reading() as session:
            found = await counter_verbs.figures(
                session,
                house=house,
                first=first.date() if first else date(today.year, 1, 1),
                last=last.date() if last else today,
                now=now,
                include_simulated=house.origin is Origin.SIMULATED,
                by=by,
            )
        return counter_verbs.document(found)

    document = _with_database(do)
    if as_json:
        _say_json(document)
        return
    figures = document["counters"]
    assert isinstance(figures, dict)
    for name, figure in figures.items():
        _say(f"{name}: {figure['value']} {figure['unit']}")


@counters_commands.command("check")
def counters_check() -> None:
    """Recount everything from the records and compare with what the pages show."""

    async def do(database: Database, loaded: Settings) -> list[str]:
        async with database.reading() as session:
            found = await counter_verbs.check(session, house=House.load(loaded), now=_now())
        return [str(difference) for difference in found]

    differences = _with_database(do)
    for difference in differences:
        print(difference, file=sys.stderr)  # noqa: T201
    if differences:
        raise HelplineError("The counters differ from the recount; run `helpline counters rebuild` and tell us.")
    _say("The counters equal the recount.")


@counters_commands.command("rebuild")
def counters_rebuild() -> None:
    """Throw the folded days away and fold them anew from the records."""

    async def do(database: Database, loaded: Settings) -> int:
        async with database.writing() as session:
            return await counter_verbs.rebuild(session, house=House.load(loaded), now=_now())

    _say(f"{_with_database(do)} days were folded.")


def _handle(kind: HandleKind) -> str:
    given = sys.stdin.readline().strip()
    if not given:
        raise HelplineError("Write the caller's number or Telegram id on standard input.")
    if kind is HandleKind.TELEGRAM:
        return given
    number = e164(given)
    if number is None:
        raise HelplineError("That is not a telephone number.")
    return number


@commands.command()
def erase(kind: Annotated[HandleKind, typer.Option()] = HandleKind.PHONE) -> None:
    """Erase all that is kept about a caller. The handle is read from standard input, never an argument."""
    handle = _handle(kind)

    async def do(database: Database, loaded: Settings) -> bool:
        house = House.load(loaded)
        async with database.writing() as session:
            found = await erasing.erase_handle(session, kind.value, handle, house=house, now=_now())
        await truncate_wal(database)
        return found

    if not _with_database(do):
        raise NotFound("Nothing is kept about this caller.")
    _say("Everything about this caller is erased. Records hold no identity and stay.")


@commands.command()
def export(kind: Annotated[HandleKind, typer.Option()] = HandleKind.PHONE) -> None:
    """Print all that is kept about a caller as JSON. The handle is read from standard input, never an argument."""
    handle = _handle(kind)

    async def do(database: Database, _: Settings) -> dict[str, object] | None:
        async with database.writing() as session:
            return await exports.everything(session, kind.value, handle, now=_now())

    document = _with_database(do)
    if document is None:
        raise NotFound("Nothing is kept about this caller.")
    _say_json(document)


#: Seconds between two batches: on SQLite there is one writer, and the callers go first.
_BETWEEN_BATCHES = 0.01


@commands.command()
def reseal() -> None:
    """Seal everything stored anew under the first key, so that an older one can be taken away. May be interrupted and
    run again, also while the service runs."""
    left, unopened = _with_database(_reseal)
    if unopened:
        fit = "value fits" if unopened == 1 else "values fit"
        raise HelplineError(
            f"{unopened} stored {fit} none of the keys: put the missing key back last in HELPLINE_SECRET_KEYS and run "
            "`helpline reseal` again."
        )
    if left:
        need = "value still needs" if left == 1 else "values still need"
        raise HelplineError(
            f"{left} stored {need} an older key: keep it, see that every process runs with the new list, and run "
            "`helpline reseal` again later."
        )
    _say(
        "Nothing needs an older key any more. When every process runs with the new list, take the older keys out of "
        "HELPLINE_SECRET_KEYS."
    )


async def _reseal(database: Database, _: Settings) -> tuple[int, int]:
    """Seal anew, each batch in a transaction of its own; then how many values still need an older key, and how many fit
    none."""
    left = unopened = 0
    for column in resealing.COLUMNS:
        anew = current = 0
        async for batch in _batches(database, column):
            anew, current = anew + len(batch.changes), current + batch.current
            if batch.changes:
                async with database.writing() as session:
                    await resealing.keep(session, column, batch)
                await asyncio.sleep(_BETWEEN_BATCHES)
        _say(f"{resealing.name(column)}: {anew} made anew, {current} were right already.")
    await truncate_wal(database)
    for column in resealing.COLUMNS:
        async for batch in _batches(database, column):
            left, unopened = left + len(batch.changes), unopened + batch.unopened
    return left, unopened


async def _batches(database: Database, column: resealing.Column) -> AsyncIterator[resealing.Batch]:
    after: int | None = 0
    while after is not None:
        async with database.reading() as session:
            batch = await resealing.look(session, column, after=after)
        after = batch.last
        yield batch
