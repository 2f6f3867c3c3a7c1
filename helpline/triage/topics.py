"""What a message is about: codes of the list `topic`, several at once, from its words and its alarms."""

from functools import cache

from helpline.core.codes import code_lists
from helpline.triage.finding import Alarm
from helpline.triage.lexicon import reader, words_of
from helpline.triage.normalise import Token, load
from helpline.triage.pattern import Index, Pattern, joined


class TopicError(ValueError):
    """The data file of the topics names a code that the lists do not know."""


@cache
def _patterns() -> tuple[Index, list[tuple[str, Pattern]], dict[str, str]]:
    data = load("topics")
    alarms: dict[str, str] = data["alarms"]
    known = code_lists()["topic"]
    for code in (*(code for code in data if code != "alarms"), *alarms.values()):
        if code not in known:
            raise TopicError(f"the list of topics does not know «{code}»")
    index = Index()
    patterns: list[tuple[str, Pattern]] = []
    for code, lines in data.items():
        for line in lines if code != "alarms" else ():
            pattern = reader().read(line)
            index.add(pattern)
            patterns.append((code, pattern))
    return index, patterns, alarms


def topics(tokens: list[Token], alarms: tuple[Alarm, ...]) -> tuple[str, ...]:
    """The topics of a message in the order of the code list; what its alarms are about counts too."""
    index, patterns, by_alarm = _patterns()
    words = [token.word for token in tokens]
    line = joined(words, words_of("fillers"))
    found = {by_alarm[alarm.code] for alarm in alarms if alarm.code in by_alarm}
    for number in index.candidates(set(words)):
        code, pattern = patterns[number]
        if code not in found and pattern.regex.search(line):
            found.add(code)
    return tuple(code for code in code_lists()["topic"] if code in found)
