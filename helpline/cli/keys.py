"""Rotating the keys."""

import asyncio
from collections.abc import AsyncIterator

import typer

from helpline.cli.command import say, with_database
from helpline.desk import reseal as verbs
from helpline.errors import HelplineError
from helpline.settings import Settings
from helpline.store.db import Database, truncate_wal
from helpline.store.resealing import Column, name

commands = typer.Typer()

#: Seconds between two batches: on SQLite there is one writer, and the callers go first.
_BETWEEN_BATCHES = 0.01


@commands.command()
def reseal() -> None:
    """Seal everything stored anew under the first key, so that an older one can be taken away. May be interrupted and
    run again, also while the service runs."""
    left, unopened = with_database(_reseal)
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
    say(
        "Nothing needs an older key any more. When every process runs with the new list, take the older keys out of "
        "HELPLINE_SECRET_KEYS."
    )


async def _reseal(database: Database, _: Settings) -> tuple[int, int]:
    """Seal anew, each batch in a transaction of its own; then how many values still need an older key, and how many fit
    none."""
    left = unopened = 0
    for column in verbs.COLUMNS:
        older = current = 0
        async for batch in _batches(database, column):
            older, current = older + len(batch.changes), current + batch.current
            if batch.changes:
                async with database.writing() as session:
                    await verbs.keep(session, column, batch)
                await asyncio.sleep(_BETWEEN_BATCHES)
        say(f"{name(column)}: {older} under an older key, {current} under the first.")
    await truncate_wal(database)
    for column in verbs.COLUMNS:
        async for batch in _batches(database, column):
            left, unopened = left + len(batch.changes), unopened + batch.unopened
    return left, unopened


async def _batches(database: Database, column: Column) -> AsyncIterator[verbs.Batch]:
    after: int | None = 0
    while after is not None:
        async with database.reading() as session:
            batch = await verbs.look(session, column, after=after)
        after = batch.last
        yield batch
