"""What is kept about one caller: erased or handed out."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from helpline.cli.command import now, say, say_json, with_database
from helpline.desk import erase as erasing
from helpline.desk import export as exports
from helpline.desk.house import House
from helpline.desk.numbers import e164
from helpline.errors import HelplineError, NotFound
from helpline.settings import Settings
from helpline.store.db import Database, truncate_wal

commands = typer.Typer()


class HandleKind(StrEnum):
    PHONE = "phone"
    TELEGRAM = "telegram"


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
            found = await erasing.erase_handle(session, kind.value, handle, house=house, now=now())
        await truncate_wal(database)
        return found

    if not with_database(do):
        raise NotFound("Nothing is kept about this caller.")
    say("Everything about this caller is erased. Records hold no identity and stay.")


@commands.command()
def export(kind: Annotated[HandleKind, typer.Option()] = HandleKind.PHONE) -> None:
    """Print all that is kept about a caller as JSON. The handle is read from standard input, never an argument."""
    handle = _handle(kind)

    async def do(database: Database, _: Settings) -> dict[str, object] | None:
        async with database.writing() as session:
            return await exports.everything(session, kind.value, handle, now=now())

    document = with_database(do)
    if document is None:
        raise NotFound("Nothing is kept about this caller.")
    say_json(document)
