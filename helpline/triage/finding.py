"""What the triage says about one message."""

from dataclasses import dataclass

from helpline.core.codes import AtRisk, Urgency


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One place in a message that speaks of danger.

    `code` is of the list `alarm`; `span` counts characters of the text as it was written; `words` are the characters
    of that span; `entry` names the line of the lexicon that found it, so that every alarm has a reason to show. `sure`
    tells whether the kind is: the words of a message may say together that there is danger, and hardly of which kind.
    """

    code: str
    level: Urgency
    span: tuple[int, int]
    words: str
    entry: str
    subject: AtRisk
    sure: bool = True


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """A match that a guard lowered from `before` to `after`; `why` names the guard and the words it rests on.

    `after` is None when the words mean something else altogether («dør av latter») and no alarm is left.
    """

    code: str
    before: Urgency
    after: Urgency | None
    span: tuple[int, int]
    words: str
    entry: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """All that is read out of one message.

    `language` is ISO 639-1, None when unsure; `urgency` the highest level among `alarms`, green without any;
    `at_risk` is None without an alarm; `topics` are codes of the list `topic`. It decides what is shown first and
    whom to alert; it never scores a person (DOMAIN §8.1).
    """

    language: str | None
    urgency: Urgency
    at_risk: AtRisk | None
    alarms: tuple[Alarm, ...]
    topics: tuple[str, ...]
    guarded: tuple[Guarded, ...]

    @property
    def kind_is_sure(self) -> bool:
        """Whether an alarm of the highest level is sure of its kind."""
        return any(alarm.sure for alarm in self.alarms if alarm.level is self.urgency)
