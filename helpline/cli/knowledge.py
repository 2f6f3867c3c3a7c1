"""What needs no database: the triage, and the knowledge with its check and its search."""

import json
import sys
from datetime import datetime
from typing import Annotated

import typer

from helpline import settings, triage
from helpline.cli.command import AsJson, now, say, say_json
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.guidance import HIGHEST_LIX, SENTENCE_WORDS, Library, Severity
from helpline.guidance import check as check_knowledge
from helpline.guidance import readability as how_it_reads
from helpline.triage.script import ScriptError

commands = typer.Typer()
knowledge_commands = typer.Typer(no_args_is_help=True, help="Articles and help numbers.")
commands.add_typer(knowledge_commands, name="knowledge")


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
        say_json(
            {
                "id": name,
                "language": found.language,
                "urgency": found.urgency.value,
                "at_risk": found.at_risk.value if found.at_risk else None,
                "alarms": [
                    {
                        "code": alarm.code,
                        "level": alarm.level.value,
                        "span": list(alarm.span),
                        "entry": alarm.entry,
                        "sure": alarm.sure,
                        "words": alarm.words,
                    }
                    for alarm in found.alarms
                ],
                "topics": list(found.topics),
            }
        )


@knowledge_commands.command("check")
def knowledge_check(
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to check for, to look ahead.")
    ] = None,
    readability: Annotated[bool, typer.Option(help="List how easily every Norwegian article reads.")] = False,
) -> None:
    """Check every article, number and script. Errors fail; what is due for review or hard to read is a warning."""
    loaded = settings.load()
    day = at.date() if at else now().date()
    problems = check_knowledge(loaded.knowledge_dir, day)
    for problem in problems:
        print(f"{problem.path}:{problem.line}: {problem.severity.value}: {problem.message}", file=sys.stderr)  # noqa: T201
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise HelplineError("The knowledge has errors; they are named above.")
    try:
        House.load(loaded)
    except ScriptError as error:
        for sentence in error.problems:
            print(f"{loaded.knowledge_dir}/scripts/{sentence}", file=sys.stderr)  # noqa: T201
        raise HelplineError("The guided conversations have errors; they are named above.") from error
    readings = how_it_reads(loaded.knowledge_dir, day)
    if readability:
        for reading in readings:
            say(f"{reading.lix:5.1f}  {reading.longest_sentence:3}  {reading.path.name}")
    hardest, longest = readings[0], max(readings, key=lambda reading: reading.longest_sentence)
    say(
        f"Readability: LIX {hardest.lix:.1f} at most ({hardest.path.name}), the limit is {HIGHEST_LIX:.0f}; the longest"
    )
    say(f"sentence has {longest.longest_sentence} words ({longest.path.name}), the limit is {SENTENCE_WORDS}.")
    say(f"The knowledge is sound on {day.isoformat()}.")


@knowledge_commands.command("search")
def knowledge_search(
    query: str, language: str = "nb", limit: Annotated[int, typer.Option(min=1, max=50)] = 5, as_json: AsJson = False
) -> None:
    """Search the articles as callers and advisors do: only what is valid today."""
    library = Library.load(settings.load().knowledge_dir)
    hits = library.search(query, language=language, limit=limit, on=now().date())
    if as_json:
        say_json([{"slug": hit.slug, "title": hit.title, "score": hit.score, "language": hit.language} for hit in hits])
        return
    for hit in hits:
        say(f"{hit.score:6.2f}  {hit.slug}  {hit.title}")
