"""From tokens to alarms: match, ask the guards, see who is in danger, and see what several findings mean together."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import islice

from helpline.core.codes import AtRisk, Urgency
from helpline.triage.finding import Alarm, Guarded
from helpline.triage.lexicon import Combination, Entry, Guard, Lexicon, Scope, Source, words_of
from helpline.triage.negation import negated
from helpline.triage.normalise import BREAKS, SENTENCE, Token
from helpline.triage.pattern import joined
from helpline.triage.subjects import People, people, resolve, writer

#: A pattern that matches more often than this in one message says nothing new.
_MOST_MATCHES = 20
#: The first and the last token of some words.
Place = tuple[int, int]
_LOWER = {Urgency.RED: Urgency.YELLOW, Urgency.YELLOW: Urgency.GREEN, Urgency.GREEN: Urgency.GREEN}


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern in a message; `first` and `last` are places of tokens, both inside."""

    source: Source
    first: int
    last: int
    #: Places of the words that the pattern cannot do without.
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message cut into tokens, with every match found in it by kind."""

    text: str
    tokens: list[Token]
    matches: dict[str, list[Match]]
    people: People
    clauses: list[tuple[int, int]]
    sentences: list[tuple[int, int]]

    def span(self, first: int, last: int) -> tuple[int, int]:
        return self.tokens[first].start, self.tokens[last].end

    def clause(self, place: int) -> Place:
        """The places from the first to behind the last token of the clause around `place`."""
        return self.clauses[place]

    def sentence(self, place: int) -> Place:
        return self.sentences[place]

    def part(self, scope: Scope, place: int) -> Place:
        """The part of the message around `place` that a combination looks at."""
        if scope == "message":
            return 0, len(self.tokens)
        return self.clause(place) if scope == "clause" else self.sentence(place)


def _parts(tokens: list[Token], breaks: frozenset[str]) -> list[tuple[int, int]]:
    """For every token where its part between such breaks begins and ends."""
    parts: list[tuple[int, int]] = []
    first = 0
    for place, token in enumerate(tokens):
        if token.word in breaks:
            parts.extend([(first, place)] * (place - first + 1))
            first = place + 1
    parts.extend([(first, len(tokens))] * (len(tokens) - first))
    return parts


def scan(text: str, tokens: list[Token], lexicon: Lexicon) -> Message:
    """Try the patterns that the words of the message call for."""
    words = [token.word for token in tokens]
    line = joined(words, words_of("fillers"))
    starts = [0, *(place + 1 for place, char in enumerate(line) if char == " ")][1:-1]
    matches: dict[str, list[Match]] = {}
    matched: set[str] = set()
    for number in lexicon.index.candidates(set(words)):
        source = lexicon.sources[number]
        if source.kind == "unless" and source.name not in matched:
            continue  # an entry's exceptions come after its patterns, and matter only to a match
        for hit in islice(source.pattern.regex.finditer(line), _MOST_MATCHES):
            first = bisect_right(starts, hit.start()) - 1
            last = bisect_right(starts, max(hit.start(), hit.end() - 2)) - 1
            while last > first and words[last] in BREAKS:
                last -= 1
            keys = tuple(place for place in range(first, last + 1) if _is_key(words[place], source))
            matches.setdefault(source.kind, []).append(Match(source, first, last, keys))
            matched.add(source.name)
    child_writes = any(match.source.name == "child_writes" for match in matches.get("cue", ()))
    return Message(
        text,
        tokens,
        matches,
        people(tokens, child_writes=child_writes),
        _parts(tokens, BREAKS),
        _parts(tokens, frozenset((SENTENCE,))),
    )


def _is_key(word: str, source: Source) -> bool:
    pattern = source.pattern
    return (
        word in pattern.keys
        or any(word.startswith(begin) for begin in pattern.openings)
        or any(word.endswith(end) for end in pattern.endings)
    )


def judge(message: Message, lexicon: Lexicon) -> tuple[tuple[Alarm, ...], tuple[Guarded, ...]]:
    """All alarms of a message, the most urgent first, and the matches that a guard lowered."""
    alarms: list[Alarm] = []
    guarded: list[Guarded] = []
    places: list[tuple[int, int]] = []
    for match in message.matches.get("entry", ()):
        entry = match.source.entry
        assert entry is not None, "entries carry themselves"
        if entry.only_writer and _subject(message, match, entry) is not writer(message.people):
            continue
        why = _means_otherwise(message, match)
        lower: Urgency | None = None
        if why is None:
            why = _lowered_by(message, (match.first, match.last), entry.guards, negates=match.source.pattern.negated)
            lower = entry.level if why is None else _LOWER[entry.level]
        alarm = _alarm(message, match, entry, lower or entry.level)
        if lower is not None:
            alarms.append(alarm)
            places.append((match.first, match.last))
        if why is not None:
            guarded.append(
                Guarded(
                    code=alarm.code,
                    before=entry.level,
                    after=lower,
                    span=alarm.span,
                    words=alarm.words,
                    entry=entry.id,
                    why=why,
                )
            )
    signs = _signs(message, alarms, places)
    for combination in lexicon.combinations if signs else ():
        together = _combined(message, combination, signs)
        if together is None:
            continue
        alarm, why = together
        alarms.append(alarm)
        if why is not None:
            guarded.append(
                Guarded(
                    code=alarm.code,
                    before=combination.level,
                    after=alarm.level,
                    span=alarm.span,
                    words=alarm.words,
                    entry=alarm.entry,
                    why=why,
                )
            )
    return _without_doubles(alarms), tuple(dict.fromkeys(guarded))


def _alarm(message: Message, match: Match, entry: Entry, level: Urgency) -> Alarm:
    subject = _subject(message, match, entry)
    start, end = message.span(match.first, match.last)
    other = subject in (AtRisk.OTHER, AtRisk.CHILD) and not (
        subject is AtRisk.CHILD and message.people.writer_is_child and not message.people.others
    )
    code = entry.code_if_other if entry.code_if_other and other else entry.code
    return Alarm(
        code=code, level=level, span=(start, end), words=message.text[start:end], entry=entry.id, subject=subject
    )


def _subject(message: Message, match: Match, entry: Entry) -> AtRisk:
    if entry.subject == "self":
        return threatened(message)
    if entry.subject != "auto":
        if entry.subject == "other" and any(match.first <= place <= match.last for place in message.people.children):
            return AtRisk.CHILD
        if entry.subject == "other":
            return resolve(message.tokens, _without_writer(message.people), first=match.first, last=match.last,
                           default=AtRisk.OTHER)  # fmt: skip
        return AtRisk(entry.subject)
    found = message.people
    if entry.default is AtRisk.OTHER and message.tokens[match.first].word in words_of("observes"):
        found = _without_writer(found)  # «jeg finner ikke puls»: the writer is the one who sees it
    return resolve(message.tokens, found, first=match.first, last=match.last, default=entry.default)


def threatened(message: Message) -> AtRisk:
    """Who is threatened or beaten: the writer, unless the message names others and never speaks of her."""
    words = [token.word for token in message.tokens]
    named = any(words[place] not in words_of("third") for place in message.people.others)
    if named and words_of("me_too").isdisjoint(words):
        return AtRisk.OTHER
    return writer(message.people)


def _without_writer(found: People) -> People:
    return People(frozenset(), found.others, found.children, False)


def _means_otherwise(message: Message, match: Match) -> str | None:
    """An idiom or an exception of the entry covers the words that matter."""
    for kind in ("unless", "idiom"):
        for other in message.matches.get(kind, ()):
            if kind == "unless" and other.source.entry is not match.source.entry:
                continue
            if any(other.first <= key <= other.last for key in match.keys):
                return f"{'exception' if kind == 'unless' else other.source.name}: {_words(message, other)}"
    return None


def _words(message: Message, match: Match) -> str:
    start, end = message.span(match.first, match.last)
    return message.text[start:end]


def _lowered_by(message: Message, place: Place, guards: tuple[Guard, ...], *, negates: bool) -> str | None:
    """Why the level goes one step down; None if it does not. More than one reason is still one step.

    `negates` tells that the words themselves say «not», so that no negation can lower them.
    """
    first, last = place
    if "negation" in guards and not negates:
        found = negated(message.tokens, first=first, last=last)
        if found is not None:
            return f"negation: {message.text[slice(*message.span(found, found))]}"
    if "history" in guards and not _is_now(message, place):
        old = _guard(message, "history", _near(message, place)) or _told_as_over(message)
        if old is not None:
            return f"history: {_words(message, old)}"
    for name in ("fiction", "asking", "fun"):
        if name in guards:
            cause = _guard(message, name, message.sentence(first))
            if cause is not None:
                return f"{name}: {_words(message, cause)}"
    return None


def _guard(message: Message, name: str, within: Place) -> Match | None:
    first, last = within
    for guard in message.matches.get("guard", ()):
        if guard.source.name == name and first <= guard.first <= last:
            return guard
    return None


def _told_as_over(message: Message) -> Match | None:
    """A story with its time in one sentence and its good end in another: «I 2015 … Nå har hun det bra.»"""
    whole = (0, len(message.tokens))
    return _guard(message, "history", whole) and _guard(message, "over", whole)


def _near(message: Message, place: Place) -> Place:
    """The clauses of the words, with a clause of few words beside them: «For ti år siden, …»."""
    first, _ = message.clause(place[0])
    _, last = message.clause(place[1])
    if first > 1:
        before, _ = message.clause(first - 2)
        if first - 1 - before <= 5:
            first = before
    if last + 1 < len(message.tokens):
        _, after = message.clause(last + 1)
        if after - last - 1 <= 5:
            last = after
    return first, last


def _is_now(message: Message, place: Place) -> bool:
    first, _ = message.clause(place[0])
    _, last = message.clause(place[1])
    return any(cue.source.name == "now" and first <= cue.first < last for cue in message.matches.get("cue", ()))


@dataclass(frozen=True, slots=True)
class _Sign:
    """An alarm or a cue that a combination may need, by its code or name, and where its first and last tokens are."""

    name: str
    first: int
    last: int
    alarm: Alarm | None
    #: Its own pattern says «not».
    negates: bool = False


def _signs(message: Message, alarms: list[Alarm], places: list[tuple[int, int]]) -> list[_Sign]:
    signs = [
        _Sign(alarm.code, first, last, alarm)
        for alarm, (first, last) in zip(alarms, places, strict=True)
        if alarm.level is not Urgency.GREEN
    ]
    for cue in message.matches.get("cue", ()):
        if _means_otherwise(message, cue) is None:
            signs.append(_Sign(cue.source.name, cue.first, cue.last, None, cue.source.pattern.negated))
    return signs


def _combined(message: Message, combination: Combination, signs: list[_Sign]) -> tuple[Alarm, str | None] | None:
    """The alarm that findings and cues make together, at the words of the last of them, and why it was lowered."""
    *groups, last_group = combination.needs
    lowered: tuple[Alarm, str] | None = None
    for cue in signs:
        if cue.name not in last_group:
            continue
        first, last = message.part(combination.scope, cue.first)
        near = [
            sign for sign in signs if first <= sign.first <= last and (sign.last < cue.first or cue.last < sign.first)
        ]
        partners = [[sign for sign in near if sign.name in group] for group in groups]
        if not all(partners):
            continue
        first, last = message.sentence(cue.first)
        if any(sign.name in combination.unless for sign in signs if first <= sign.first <= last):
            continue
        bearer = next((sign.alarm for group in partners for sign in group if sign.alarm is not None), None)
        subject = bearer.subject if bearer else _whose(message, cue, combination.default)
        code = combination.code or (bearer.code if bearer else None)
        if combination.code_if_other and subject in (AtRisk.OTHER, AtRisk.CHILD):
            code = combination.code_if_other
        assert code is not None, f"the combination «{combination.id}» has no code"
        why = _lowered_by(message, (cue.first, cue.last), combination.guards, negates=cue.negates)
        start, end = message.span(cue.first, cue.last)
        alarm = Alarm(
            code=code,
            level=combination.level if why is None else _LOWER[combination.level],
            span=(start, end),
            words=message.text[start:end],
            entry=combination.id,
            subject=subject,
        )
        if why is None:
            return alarm, None
        lowered = lowered or (alarm, why)
    return lowered


def _whose(message: Message, cue: _Sign, default: AtRisk) -> AtRisk:
    return resolve(message.tokens, message.people, first=cue.first, last=cue.last, default=default)


def _without_doubles(alarms: list[Alarm]) -> tuple[Alarm, ...]:
    """Per code the most urgent, longest alarms; what they cover is said already."""
    kept: list[Alarm] = []
    for alarm in sorted(alarms, key=lambda alarm: (alarm.level.rank, alarm.span[0] - alarm.span[1], alarm.span)):
        covered = any(
            other.code == alarm.code and other.span[0] < alarm.span[1] and alarm.span[0] < other.span[1]
            for other in kept
        )
        if not covered:
            kept.append(alarm)
    return tuple(sorted(kept, key=lambda alarm: (alarm.level.rank, alarm.span)))


def most_urgent(alarms: tuple[Alarm, ...]) -> tuple[Urgency, AtRisk | None]:
    """The level of a message, and who is at risk in its most urgent alarm; a child goes before others."""
    if not alarms:
        return Urgency.GREEN, None
    level = alarms[0].level
    subjects = [alarm.subject for alarm in alarms if alarm.level is level]
    if AtRisk.CHILD in subjects:
        return level, AtRisk.CHILD
    known = [subject for subject in subjects if subject is not AtRisk.UNKNOWN]
    return level, known[0] if known else AtRisk.UNKNOWN
