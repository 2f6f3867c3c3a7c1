"""The rights guide on the command line: answers in, the rights that apply out. Needs no database, stores nothing."""

from pathlib import Path
from typing import Annotated, Any

import typer

from helpline import settings
from helpline.cli import answers
from helpline.cli.command import AsJson, now, say, say_json
from helpline.errors import HelplineError
from helpline.guidance import LANGUAGES, Library
from helpline.guidance.rights import Right, RightsGuide, RightsResult

commands = typer.Typer()


@commands.command("rights")
def rights(
    answers_file: Annotated[
        Path | None,
        typer.Option("--answers", help="A JSON file of answers; - reads standard input.", show_default=False),
    ] = None,
    questions: Annotated[bool, typer.Option("--questions", help="Print the questions and their codes.")] = False,
    language: Annotated[str, typer.Option(help="Language of --questions: nb, nn or en.")] = "nb",
    as_json: AsJson = False,
) -> None:
    """The rights that follow from answers: what each means, how to use it, where to send it, the deadline, the law."""
    loaded = settings.load()
    guide = RightsGuide.load(Library.load(loaded.knowledge_dir))
    if questions:
        if language not in LANGUAGES:
            raise HelplineError(f"--language must be one of {', '.join(LANGUAGES)}.")
        answers.say_questions(guide.questionnaire.questions, language=language, as_json=as_json)
        return
    if answers_file is None:
        raise typer.BadParameter("give --answers FILE, or --questions to see what can be answered.")
    given = answers.read(answers_file, guide.questionnaire)
    result = guide.apply(given.answers, given.on or now().astimezone(loaded.zone).date())
    if as_json:
        say_json(document(result, given.language))
    else:
        _tell(result, guide, given.language)


def document(result: RightsResult, language: str) -> dict[str, Any]:
    """The result as JSON. `section` of a statute is null where a page says it and no law."""
    return {
        "language": language,
        "on": result.on.isoformat(),
        "rights": [_right(right, language) for right in result.applies],
        "may_apply": [
            {"id": one.right.id, "title": one.right.title[language], "depends_on": list(one.depends_on)}
            for one in result.may_apply
        ],
        "unsure": [unsure.why[language] for unsure in result.unsure],
    }


def _right(right: Right, language: str) -> dict[str, Any]:
    return {
        "id": right.id,
        "title": right.title[language],
        "means": right.means[language],
        "how": right.how[language],
        "where": right.where[language],
        "deadline": right.deadline[language],
        "statutes": [
            {
                "name": statute.name[language],
                "section": statute.section and f"§ {statute.section}",
                "url": statute.url,
                "seen": statute.seen.isoformat(),
            }
            for statute in right.statutes
        ],
        "article": right.article,
        "changes": right.changes[language],
    }


_HEADINGS = {
    "applies": {"nb": "Dette gjelder deg", "nn": "Dette gjeld deg", "en": "This applies to you"},
    "may_apply": {"nb": "Dette kan gjelde deg", "nn": "Dette kan gjelde deg", "en": "This may apply to you"},
    "depends": {"nb": "Det kommer an på", "nn": "Det kjem an på", "en": "It depends on"},
    "unsure": {"nb": "Snakk med en rådgiver", "nn": "Snakk med ein rådgjevar", "en": "Talk with an advisor"},
    "none": {"nb": "Ingen sikre rettigheter.", "nn": "Ingen sikre rettar.", "en": "No certain rights."},
    "seen": {"nb": "lest", "nn": "lese", "en": "read"},
}


def _tell(result: RightsResult, guide: RightsGuide, language: str) -> None:
    def heading(name: str) -> str:
        return _HEADINGS[name][language]

    for unsure in result.unsure:
        say(f"! {heading('unsure')}: {unsure.why[language]}")
    say(f"\n{heading('applies')} ({result.on.isoformat()}):" if result.applies else f"\n{heading('none')}")
    for right in result.applies:
        say(f"\n* {right.title[language]}")
        for text in (right.means, right.how, right.where, right.deadline, right.changes):
            say(f"  {text[language]}")
        for statute in right.statutes:
            section = f" § {statute.section}" if statute.section else ""
            say(f"  {statute.name[language]}{section}, {statute.url} ({heading('seen')} {statute.seen.isoformat()})")
    if result.may_apply:
        say(f"\n{heading('may_apply')}:")
    for one in result.may_apply:
        asks = " / ".join(guide.questionnaire.question(name).ask[language] for name in one.depends_on)
        say(f"- {one.right.title[language]} ({heading('depends')}: {asks})")
