"""The first words in danger: one line with a number and one action, then that we are a machine, then more numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from helpline.core.codes import AtRisk, Urgency
from helpline.guidance.danger import ORDER, QUIET, effective_level, leading_alarm, numbers_for
from helpline.guidance.filling import reference_problem, references
from helpline.guidance.lengths import gsm_length
from helpline.guidance.numbers import HelpNumber
from helpline.guidance.reading import LANGUAGES, Fields, KnowledgeError, read_fields

#: The levels that are answered, as the file names them.
_LEVELS = ((Urgency.RED, "red"), (Urgency.YELLOW, "yellow"))
#: One SMS part of GSM-7.
FIRST_LINE_LENGTH = 160

#: More numbers where it is not clear what kind of danger it is: somebody to talk to.
_UNSURE = {Urgency.RED: ("mental_helse",), Urgency.YELLOW: ("mental_helse", "kirkens_sos")}

#: Caller's languages that read Norwegian without trouble get Norwegian alone, not English too.
_READS_NORWEGIAN = frozenset({"nb", "nn", "no", "sv", "da"})


@dataclass(frozen=True, kw_only=True)
class EmergencyLines:
    """The lines of `emergency.yaml` with their numbers filled in: by alarm, level and who is in danger."""

    automatic: Mapping[str, str]
    others: Mapping[str, str]
    first: Mapping[tuple[str, Urgency, AtRisk], Mapping[str, str]]
    #: By level, where it is not clear what kind of danger it is.
    unsure: Mapping[Urgency, Mapping[str, str]]


def read_emergency(path: Path, numbers: Mapping[str, HelpNumber]) -> EmergencyLines:
    """Read the emergency lines and fill in the digits, whatever the dates of the numbers: danger is never unanswered.

    Raises:
        KnowledgeError: an alarm, level or person without a line, an unknown or unconfirmed number, or a line that
            does not fit in one SMS part.
    """
    fields = read_fields(path)
    lines_fields = fields.inner("lines")
    lines: dict[str, Mapping[str, str]] = {}
    for name in lines_fields.names():
        line = lines_fields.inner(name)
        texts = {language: line.text(language) for language in LANGUAGES}
        line.finish()
        lines[name] = {
            language: _first_line(text, numbers, language, path, line.line) for language, text in texts.items()
        }
    unsure_fields = fields.inner("unsure")
    unsure: dict[Urgency, Mapping[str, str]] = {}
    for level, heading in _LEVELS:
        unsure[level] = _named(unsure_fields, heading, lines)
    unsure_fields.finish()
    first: dict[tuple[str, Urgency, AtRisk], Mapping[str, str]] = {}
    answers = fields.inner("answers")
    for code in answers.names():
        if code not in ORDER:
            raise answers.error(f"«{code}» is not an alarm.")
        levels = answers.inner(code)
        for level, heading in _LEVELS:
            people = levels.inner(heading)
            for at_risk in AtRisk:
                first[code, level, at_risk] = _named(people, at_risk.value, lines)
            people.finish()
        levels.finish()
    for code in ORDER:
        if (code, Urgency.RED, AtRisk.UNKNOWN) not in first:
            raise answers.error(f"the alarm «{code}» has no answer.")
    emergency = EmergencyLines(
        automatic=fields.languages("automatic"), others=fields.languages("others"), first=first, unsure=unsure
    )
    fields.finish()
    return emergency


def _named(fields: Fields, key: str, lines: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    name = fields.text(key)
    if name not in lines:
        raise fields.error(f"«{name}» is not one of the lines.")
    return lines[name]


def _first_line(text: str, numbers: Mapping[str, HelpNumber], language: str, path: Path, line: int) -> str:
    for reference in references(text):
        problem = reference_problem(reference, numbers, {})
        if problem is not None:
            raise KnowledgeError(path, line, problem)
        text = text.replace(f"{{number:{reference.id}}}", numbers[reference.id].display or "")
    if references(text):
        raise KnowledgeError(path, line, "an emergency line takes {number:id} only.")
    length = gsm_length(text)
    if length is None or length > FIRST_LINE_LENGTH:
        raise KnowledgeError(path, line, f"the line in {language} does not fit in one SMS part ({length}).")
    return text


def emergency_answer(
    lines: EmergencyLines,
    numbers: Mapping[str, HelpNumber],
    *,
    alarm_codes: Iterable[str],
    at_risk: AtRisk | None,
    language: str,
    on: date,
    level: Urgency = Urgency.RED,
    sure: bool = True,
) -> tuple[str, ...]:
    """What a caller in danger is told, line by line (DOMAIN §8.5): number and action; that this is a machine; others.

    In a language that we have no lines in, the answer comes in Norwegian and then in English. Where it is not `sure`
    which kind of danger it is, the line says nothing that nobody said: whom to call for a life, and for the police.

    Raises:
        ValueError: no alarm, or a code that is not an alarm.
    """
    codes = tuple(alarm_codes)
    leading = leading_alarm(codes)
    if leading is None:
        raise ValueError("an emergency answer needs an alarm.")
    answered = Urgency.RED if effective_level(codes, level) is Urgency.RED else Urgency.YELLOW
    person = at_risk or AtRisk.UNKNOWN
    if person is AtRisk.UNKNOWN and "suicide_self" in codes:
        person = AtRisk.SELF
    first = lines.first[leading, answered, person] if sure else lines.unsure[answered]
    ids = numbers_for(codes, answered, at_risk) if sure else _UNSURE[answered]
    if language in LANGUAGES:
        spoken: tuple[str, ...] = (language,)
    else:
        spoken = ("nb",) if language in _READS_NORWEGIAN else ("nb", "en")
    return (
        *(first[each] for each in spoken),
        *(lines.automatic[each] for each in spoken),
        *_other_numbers(
            lines, numbers, ids, first["nb"], spoken[0], on, quiet=not sure or bool(QUIET.intersection(codes))
        ),
    )


def _other_numbers(
    lines: EmergencyLines,
    numbers: Mapping[str, HelpNumber],
    ids: tuple[str, ...],
    said: str,
    language: str,
    on: date,
    *,
    quiet: bool,
) -> tuple[str, ...]:
    """One line with the numbers not yet said; digits only where a name could betray the caller."""
    left = [numbers[each] for each in ids if numbers[each].shown(on)]
    words = [
        (number.display if quiet else None) or number.named(on, language)
        for number in left
        if number.display is not None and number.display not in said
    ]
    return (f"{lines.others[language]} {', '.join(words)}.",) if words else ()
