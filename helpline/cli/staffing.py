"""How many advisors a line needs."""

from typing import Annotated

import typer

from helpline.cli.command import AsJson, say, say_json
from helpline.core.erlang import staffing as erlang_c
from helpline.errors import HelplineError

commands = typer.Typer()


@commands.command()
def staffing(
    arrivals_per_hour: Annotated[float, typer.Option(help="Contacts an hour that want an advisor.")],
    handle_seconds: Annotated[float, typer.Option(help="Mean conversation and wrap-up.")],
    answer_within: Annotated[float, typer.Option(help="Seconds within which they should be answered.")],
    advisors: Annotated[int, typer.Option(help="Advisors on duty.")],
    as_json: AsJson = False,
) -> None:
    """What a number of advisors gives, by Erlang C: it assumes that nobody hangs up."""
    try:
        found = erlang_c(
            arrivals_per_hour=arrivals_per_hour,
            handle_seconds=handle_seconds,
            answer_within=answer_within,
            advisors=advisors,
        )
    except ValueError as error:
        raise HelplineError(str(error)) from error
    if as_json:
        say_json(
            {
                "wait_probability": found.wait_probability,
                "service_level": found.service_level,
                "average_wait_seconds": found.average_wait_seconds,
                "occupancy": found.occupancy,
            }
        )
        return
    say(f"Must wait at all: {found.wait_probability:.1%}.")
    say(f"Answered within {answer_within:g} s: {found.service_level:.1%}.")
    if found.average_wait_seconds is None:
        say("Mean wait: without end, there is more work than the advisors can do.")
    else:
        say(f"Mean wait: {found.average_wait_seconds:.1f} s.")
    say(f"Each advisor is busy {found.occupancy:.1%} of the time.")
