"""From tokens to alarms: match, ask the guards, see who is in danger, and see what several findings mean together."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import islice

from helpline.core.codes import AtRisk, Urgency
from helpline.triage.finding import Alarm, Guarded
from helpline.triage.lexicon import Combination, Entry, Lexicon, Source, words_of
from helpline.triage.negation import negated
from helpline.triage.normalise import BREAKS, SENTENCE, Token
from helpline.triage.pattern import joined
from helpline.triage.subjects import People, people, resolve, writer

#: A pattern that matches more often than this in one message says nothing new.
_MOST_MATCHES = 20
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

    def clause(self, place: int) -> tuple[int, int]:
        """The places from the first to behind the last token of the clause around `place`."""
        return self.clauses[place]

    def sentence(self, place: int) -> tuple[int, int]:
        return self.sentences[place]


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
    for number in lexicon.index.candidates(set(words)):
        source = lexicon.sources[number]
        for hit in islice(source.pattern.regex.finditer(line), _MOST_MATCHES):
            first = bisect_right(starts, hit.start()) - 1
            last = bisect_right(starts, max(hit.start(), hit.end() - 2)) - 1
            while last > first and words[last] in BREAKS:
                last -= 1
            keys = tuple(place for place in range(first, last + 1) if _is_key(words[place], source))
            matches.setdefault(source.kind, []).append(Match(source, first, last, keys))
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
            why = _lowered_by(message, match, entry)
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
    together = (_combined(message, combination, signs) for combination in lexicon.combinations if signs)
    alarms.extend(alarm for alarm in together if alarm is not None)
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
        return writer(message.people)
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


def _lowered_by(message: Message, match: Match, entry: Entry) -> str | None:
    """Why the level goes one step down; None if it does not. More than one reason is still one step."""
    if "negation" in entry.guards and not match.source.pattern.negated:
        place = negated(message.tokens, first=match.first, last=match.last)
        if place is not None:
            return f"negation: {message.text[slice(*message.span(place, place))]}"
    guards = message.matches.get("guard", ())
    if "history" in entry.guards and not _is_now(message, match):
        first, last = _near(message, match)
        for guard in guards:
            if guard.source.name == "history" and first <= guard.first <= last:
                return f"history: {_words(message, guard)}"
    if "fiction" in entry.guards:
        first, last = message.sentence(match.first)
        for guard in guards:
            if guard.source.name == "fiction" and first <= guard.first <= last:
                return f"fiction: {_words(message, guard)}"
    return None


def _near(message: Message, match: Match) -> tuple[int, int]:
    """The clauses of the match, with a clause of few words beside them: «For ti år siden, …»."""
    first, _ = message.clause(match.first)
    _, last = message.clause(match.last)
    if first > 1:
        before, _ = message.clause(first - 2)
        if first - 1 - before <= 5:
            first = before
    if last + 1 < len(message.tokens):
        _, after = message.clause(last + 1)
        if after - last - 1 <= 5:
            last = after
    return first, last


def _is_now(message: Message, match: Match) -> bool:
    first, _ = message.clause(match.first)
    _, last = message.clause(match.last)
    return any(cue.source.name == "now" and first <= cue.first < last for cue in message.matches.get("cue", ()))


@dataclass(frozen=True, slots=True)
class _Sign:
    """An alarm or a cue that a combination may need, by its code or name, and where its first and last tokens are."""

    name: str
    first: int
    last: int
    alarm: Alarm | None


def _signs(message: Message, alarms: list[Alarm], places: list[tuple[int, int]]) -> list[_Sign]:
    signs = [
        _Sign(alarm.code, first, last, alarm)
        for alarm, (first, last) in zip(alarms, places, strict=True)
        if alarm.level is not Urgency.GREEN
    ]
    for cue in message.matches.get("cue", ()):
        if _means_otherwise(message, cue) is None:
            signs.append(_Sign(cue.source.name, cue.first, cue.last, None))
    return signs


def _combined(message: Message, combination: Combination, signs: list[_Sign]) -> Alarm | None:
    """The alarm that findings and cues make together, at the words of the last of them."""
    last_group = combination.needs[-1]
    for cue in signs:
        if cue.name not in last_group:
            continue
        near = signs
        first, last = message.sentence(cue.first)
        if combination.sentence:
            near = [sign for sign in signs if first <= sign.first <= last]
        if any(sign.name in combination.unless for sign in signs if first <= sign.first <= last):
            continue
        partners = [
            [sign for sign in near if sign.name in group and sign is not cue] for group in combination.needs[:-1]
        ]
        if not all(partners):
            continue
        bearer = next((sign.alarm for group in partners for sign in group if sign.alarm is not None), None)
        subject = bearer.subject if bearer else _whose(message, cue, combination.default)
        code = combination.code or (bearer.code if bearer else None)
        if combination.code_if_other and subject in (AtRisk.OTHER, AtRisk.CHILD):
            code = combination.code_if_other
        assert code is not None, f"the combination «{combination.id}» has no code"
        start, end = message.span(cue.first, cue.last)
        return Alarm(
            code=code,
            level=combination.level,
            span=(start, end),
            words=message.text[start:end],
            entry=combination.id,
            subject=subject,
        )
    return None


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
