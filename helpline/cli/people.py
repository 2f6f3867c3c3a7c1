"""Those who sign in, and the systems that ask."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from helpline.cli.command import AsJson, now, say, say_json, with_database
from helpline.core.duty import Role
from helpline.desk import staff, tokens
from helpline.settings import Settings
from helpline.store.db import Database

commands = typer.Typer()
advisor_commands = typer.Typer(no_args_is_help=True, help="Those who sign in.")
token_commands = typer.Typer(no_args_is_help=True, help="Bearer tokens of the JSON interface.")
commands.add_typer(advisor_commands, name="advisor")
commands.add_typer(token_commands, name="token")


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
            await staff.add(session, email=email, name=name, role=role, phone=phone, password=password, now=now())

    with_database(do)
    say(f"{email} is added." if password_stdin else f"{email} is added. Password, shown only now: {password}")


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

    people = with_database(do)
    if as_json:
        say_json(people)
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
            return await staff.reset(session, email, now=now())

    say(f"New one-time password for {email}, shown only now: {with_database(do)}")


@token_commands.command("add")
def token_add(name: str, role: Annotated[Role, typer.Option()] = Role.ADVISOR) -> None:
    """Make a bearer token and print it once."""

    async def do(database: Database, _: Settings) -> str:
        async with database.writing() as session:
            return await tokens.add(session, name=name, role=role, now=now())

    say(with_database(do))
