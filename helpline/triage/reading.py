"""The one question that the rest of the house asks of this room."""

from helpline.triage.alarms import judge, most_urgent, scan
from helpline.triage.finding import Finding
from helpline.triage.language import identify
from helpline.triage.lexicon import lexicon
from helpline.triage.normalise import tokens
from helpline.triage.topics import topics
from helpline.triage.weighing import weigh


def read(text: str, *, previous_language: str | None = None) -> Finding:
    """Read one message: its language, its alarms, who is in danger, and what it is about.

    Pure and offline; takes any text, and time linear in its length. `previous_language` is the language of the
    contact so far (ISO 639-1): it settles what is otherwise unsure between close languages, and is never returned
    for a text that says nothing about its language.
    """
    known = lexicon()
    found = tokens(text, known.vocabulary)
    message = scan(text, found, known)
    judged, lowered = judge(message, known)
    alarms, guarded = weigh(message, judged, lowered)
    urgency, at_risk = most_urgent(alarms)
    return Finding(
        language=identify(text, previous=previous_language),
        urgency=urgency,
        at_risk=at_risk,
        alarms=alarms,
        # What the words are about: the lexicon knows that, unless the message as a whole spoke against it.
        topics=topics(found, judged if guarded == lowered else ()),
        guarded=guarded,
    )


def get_ready() -> None:
    """Load the table of weights and count the languages: a third of a second that no first caller should wait for."""
    read("Jeg vet ikke hva jeg skal gjøre.")
