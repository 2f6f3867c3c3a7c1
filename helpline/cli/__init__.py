"""The command line. Errors go to standard error in one sentence, exit 1; usage errors exit 2; `--json` prints one
JSON document."""

import sys
from typing import NoReturn

from helpline.lasting import made_to_last

with made_to_last():
    import typer
    from sqlalchemy.exc import DBAPIError

    from helpline.cli import callers, keys, knowledge, letters, people, records, reports, rights, running, staffing
    from helpline.errors import HelplineError

commands = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for noun in (running, people, knowledge, rights, letters, records, reports, staffing, callers, keys):
    commands.add_typer(noun.commands)


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
