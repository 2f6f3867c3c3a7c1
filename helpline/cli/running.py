"""Try it, serve, migrate, examine."""

import asyncio
import importlib
from dataclasses import asdict
from typing import Any

import typer
import uvloop

from helpline import logs, settings
from helpline.cli.command import AsJson, say, say_json
from helpline.errors import SettingsError
from helpline.lasting import made_to_last
from helpline.settings import Settings
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import migrate as migrate_database

commands = typer.Typer()


def _room(name: str) -> Any:
    """A room that brings the providers' libraries with it: they take seconds to import, and only what serves needs
    them. `helpline triage` must not wait for Telegram."""
    with made_to_last():
        return importlib.import_module(f"helpline.{name}")


def _serve(loaded: Settings, *, works: bool) -> None:
    app = _room("app")
    uvloop.run(_room("serving").serve_app(app.create_app(app.build(loaded), works=works), loaded.host, loaded.port))


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
    uvloop.run(_room("serving").work(_room("app").build(loaded)))


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
    say("The database is up to date.")


@commands.command()
def doctor(as_json: AsJson = False) -> None:
    """Check an installation from settings to providers, and say what to mend."""
    findings = asyncio.run(_room("doctor").examine(settings.load()))
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{'ok  ' if finding.ok else 'FAIL'} {finding.what}: {finding.sentence}")
    if any(not finding.ok for finding in findings):
        raise typer.Exit(1)
