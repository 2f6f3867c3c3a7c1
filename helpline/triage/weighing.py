"""What the words of a message weigh together, beside the lexicon: a sum of points, learnt from the labelled messages.

The lexicon is written by people and says why. People also tell of danger in words that nobody wrote down, and use the
lexicon's words of things that are no danger. So every word, pair and triple of words, piece of a word and cue has
points for each kind of danger (`weights.npz`, made by `make weights` from the tuning messages). Their sum may raise
what the lexicon found green or yellow. It may also hold back a red of the lexicon that nothing else in the message
speaks for: by one level and never further, and it says so like every other guard (DOMAIN §8.4); to an advisor it stays
an alarm. The same words give the same sum every time, without a network and without anything but the table.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from helpline.core.codes import AtRisk, Urgency
from helpline.triage.alarms import Message, Place, threatened
from helpline.triage.finding import Alarm, Guarded
from helpline.triage.lexicon import words_of
from helpline.triage.normalise import BREAKS, Token
from helpline.triage.subjects import resolve, writer

#: Beside this module: the table of points.
TABLE = "weights.npz"
#: Log odds from which the sum makes a message red (against green, and against yellow) or yellow, and below which it
#: holds back a single red of the lexicon. A little under even odds: danger is rather seen once too often than not.
RED_FROM = -1.0
YELLOW_FROM = 0.5
HELD_BACK_BELOW = -2.0
#: Where the lexicon saw danger and held it back (a negation, an idiom, a history), the sum must say as much as this to
#: raise it all the same, red also against yellow: the danger stands elsewhere in the message.
IN_SPITE_OF_A_GUARD = 1.0
#: Before the names of those who may be in danger, in the table.
WHOM = "whom:"
#: From so much before the next kind of its level, the sum knows the kind. Of messages that the table had not learnt
#: from, it was right in nine of ten above and in six of ten below.
SURE_OF_KIND = 2.0
#: What the lexicon saw in the same message is the kind, unless another weighs by more than this before it.
SAME_KIND = 3.0
#: From so much before the next, the words around say who is in danger, rather than the sentence that was found.
SURE_OF_WHOM = 0.6
#: Fewer words than this are an answer to something, and tell too little: «han kommer snart», «i kveld».
_LEAST_WORDS = 4
#: Of a message with fewer words than this, the sum must say as much as this: «mannen min har demens» is no danger.
_FEW_WORDS = 7
FROM_FEW = 1.0
#: Words farther apart than this are no pair.
_APART = 6
#: Pieces of words have this many letters.
_PIECES = (3, 4, 5)
#: Shorter words are no more than themselves.
_LONG = 4
_NUMBER = "0"
_BREAK = "|"
#: Classes of words that stand for each other: what is said of «kona» might be said of «sønnen».
_CLASSES = ("writer", "third", "child", "kin", "pills", "poison", "drug", "weapon", "height", "possessive")
_OF_ANOTHER = {"suicide_self": "suicide_other"}
#: What a kind that is never red becomes when the whole message is.
_WHEN_RED = {"violence_pattern": "violence_now"}
#: Says how the writer is, beside any danger.
_TIRED = "caregiver_exhaustion"
#: Before the code, the reason of an alarm that no line of the lexicon found.
_WEIGHED = "weighed."


@dataclass(frozen=True, kw_only=True)
class _Table:
    """The row of each feature, its rarity, and one column of points a kind (`red:…`, `yellow:…`, `green`) and for each
    who may be in danger (`whom:…`)."""

    #: The numbers of the features (`number_of`), rising: a row each.
    numbers: NDArray[np.uint32]
    rarity: NDArray[np.float32]
    #: Small whole numbers, times the scale of their column: a quarter of the memory.
    points: NDArray[np.int8]
    scale: NDArray[np.float32]
    start: NDArray[np.float32]
    kinds: tuple[str, ...]
    red: NDArray[np.intp]
    yellow: NDArray[np.intp]
    whom: NDArray[np.intp]
    green: int

    def rows(self, numbers: NDArray[np.uint32]) -> NDArray[np.intp]:
        """The row of each of these features; -1 for one that is not in the table."""
        rows = np.searchsorted(self.numbers, numbers)
        rows[rows == len(self.numbers)] = 0
        rows[self.numbers[rows] != numbers] = -1
        return rows


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of danger: its code, its column in the table, its log odds, and by how much it comes before the next kind
    of its level."""

    code: str
    column: int
    weight: float
    before_next: float


@dataclass(frozen=True, kw_only=True)
class Sum:
    """What a message's words add up to: log odds of red against green and against yellow, and of red or yellow against
    green. `whom` is who is in danger, by `sure` (log odds) before the next.

    For the kinds of danger it keeps the sum of every column of the table, and what each feature of the message gave.
    """

    red: float
    red_not_yellow: float
    serious: float
    whom: AtRisk
    sure: float
    sums: NDArray[np.float32]
    values: NDArray[np.float32]
    points: NDArray[np.float32]
    places: list[Place]

    def kinds(self, level: Urgency) -> list[Kind]:
        """The kinds of danger of a level, the likeliest first."""
        table = _table()
        columns = table.red if level is Urgency.RED else table.yellow
        likeliest = columns[np.argsort(-self.sums[columns])].tolist()
        weights = self.sums[likeliest].tolist()
        return [
            Kind(
                code=table.kinds[column].partition(":")[2],
                column=column,
                weight=weight,
                before_next=weight - following,
            )
            for column, weight, following in zip(likeliest, weights, [*weights[1:], -np.inf], strict=True)
        ]

    def words(self, kind: Kind) -> Place:
        """The words that weigh most for a kind, and not for green."""
        shares = self.values * (self.points[:, kind.column] - self.points[:, _table().green])
        return self.places[int(np.argmax(shares))]


@cache
def _table() -> _Table:
    with resources.files(__package__).joinpath(TABLE).open("rb") as file, np.load(file) as loaded:
        kinds = tuple(bytes(loaded["kinds"]).decode().split("\n"))
        return _Table(
            numbers=np.cumsum(loaded["steps"], dtype=np.uint32),
            rarity=loaded["rarity"].astype(np.float32),
            points=loaded["points"],
            scale=loaded["scale"],
            start=loaded["start"].astype(np.float32),
            kinds=kinds,
            red=np.array([place for place, kind in enumerate(kinds) if kind.startswith("red:")]),
            yellow=np.array([place for place, kind in enumerate(kinds) if kind.startswith("yellow:")]),
            whom=np.array([place for place, kind in enumerate(kinds) if kind.startswith(WHOM)]),
            green=kinds.index("green"),
        )


@cache
def _class_of() -> dict[str, str]:
    return {word: name.upper() for name in reversed(_CLASSES) for word in words_of(name)}


def number_of(feature: str) -> int:
    """The number by which a feature is known in the table: its CRC-32.

    Names would take four times the memory of the points. Of half a million features a few dozen share a number and so
    their points; of ten thousand that were never learnt, one is taken for another.
    """
    return crc32(feature.encode())


def features(message: Message) -> dict[str, Place]:
    """Everything of a message that may have points, with the tokens that it is made of."""
    found: dict[str, Place] = {}
    for name, place in _phrases(message):
        found.setdefault(name, place)
    for index, token in enumerate(message.tokens):
        for piece in _pieces(_plain(token)):
            found.setdefault(piece, (index, index))
    return found


def _phrases(message: Message) -> Iterator[tuple[str, Place]]:
    """Words, pairs and triples as they are and by their classes, pairs with something between, and cues."""
    classes = _class_of()
    plain = [_plain(token) for token in message.tokens]
    last = len(plain) - 1
    if last < 0:
        return
    classed = [classes.get(word, word) for word in plain]
    for mark, words in (("w", plain), ("c", classed)):
        framed = ["^", *words, "$"]
        for place, word in enumerate(framed):
            begins = min(max(0, place - 1), last)
            yield mark + word, (begins, begins)
            if place <= last + 1:
                two = f"{mark}{word} {framed[place + 1]}"
                yield two, (begins, min(place, last))
                if place <= last:
                    yield f"{two} {framed[place + 2]}", (begins, min(place + 1, last))
    said = [(place, word) for place, word in enumerate(classed) if word != _BREAK]
    for index, (place, word) in enumerate(said):
        for later, other in said[index + 2 : index + _APART]:
            yield f"s{word} {other}", (place, later)
    for kind in ("cue", "guard", "idiom"):
        for match in message.matches.get(kind, ()):
            yield f"q{match.source.name}", (match.first, match.last)


def _plain(token: Token) -> str:
    if token.word in BREAKS:
        return _BREAK
    return _NUMBER if token.word.isdecimal() else token.word


def _pieces(word: str) -> tuple[str, ...]:
    """The pieces of a longer word, its ends marked."""
    framed = f"<{word}>"
    return tuple(
        "p" + framed[place : place + length]
        for length in (_PIECES if len(word) >= _LONG else ())
        for place in range(len(framed) - length + 1)
    )


@lru_cache(maxsize=8192)
def _piece_rows(word: str) -> tuple[int, ...]:
    """Where the pieces of a word stand in the table."""
    return _known(_pieces(word))


def _known(names: Collection[str]) -> tuple[int, ...]:
    """The row of each of these features in the table, in their order; -1 for one that is not in it."""
    numbers = np.fromiter(map(number_of, names), np.uint32, len(names))
    return tuple(_table().rows(numbers).tolist())


def add_up(message: Message) -> Sum | None:
    """The sum of a message; None when it is too short, or nothing in it has points."""
    if _words(message) < _LEAST_WORDS:
        return None
    table = _table()
    said = list(_phrases(message))
    known: dict[int, Place] = {}
    for row, (_, place) in zip(_known([name for name, _ in said]), said, strict=True):
        known.setdefault(row, place)
    for index, token in enumerate(message.tokens):
        for row in _piece_rows(_plain(token)):
            known.setdefault(row, (index, index))
    known.pop(-1, None)
    if not known:
        return None
    places = list(known.values())
    rows = np.fromiter(known, np.intp, len(known))
    rarity = table.rarity[rows]
    values = rarity / np.sqrt(np.dot(rarity, rarity))
    points = table.points[rows] * table.scale
    sums = table.start + values @ points

    green, red, yellow = float(sums[table.green]), _together(sums[table.red]), _together(sums[table.yellow])
    second, first = np.argsort(sums[table.whom])[-2:]
    return Sum(
        red=red - green,
        red_not_yellow=red - yellow,
        serious=float(np.logaddexp(red, yellow)) - green,
        sums=sums,
        values=values,
        points=points,
        places=places,
        whom=AtRisk(table.kinds[int(table.whom[first])].removeprefix(WHOM)),
        sure=float(sums[table.whom[first]] - sums[table.whom[second]]),
    )


def _together(sums: NDArray[np.float32]) -> float:
    """The log of the sum of the odds."""
    most = sums.max()
    return float(most + np.log(np.exp(sums - most).sum()))


def _words(message: Message) -> int:
    return sum(token.word not in BREAKS for token in message.tokens)


def weigh(
    message: Message, alarms: tuple[Alarm, ...], guarded: tuple[Guarded, ...]
) -> tuple[tuple[Alarm, ...], tuple[Guarded, ...]]:
    """The alarms after the whole message has been weighed, the most urgent first, and what was held back."""
    total = add_up(message)
    if total is None:
        return alarms, guarded
    alarms, guarded = _weighed(message, total, alarms, guarded)
    if total.sure < SURE_OF_WHOM or message.people.writer_is_child or _words(message) < _FEW_WORDS:
        # A child who writes says so in so many words, and is the one we think of. In a few words the sentence says who:
        # «mannen min orker ikke mer».
        return alarms, guarded
    return tuple(_about(alarm, total.whom) for alarm in alarms), guarded


def _weighed(
    message: Message, total: Sum, alarms: tuple[Alarm, ...], guarded: tuple[Guarded, ...]
) -> tuple[tuple[Alarm, ...], tuple[Guarded, ...]]:
    reds = {alarm.entry for alarm in alarms if alarm.level is Urgency.RED}
    if len(reds) > 1:
        return alarms, guarded  # Two lines that see danger now stand, whatever the others weigh.
    if len(reds) == 1 and total.red < HELD_BACK_BELOW:
        return _hold_back(alarms, guarded)
    level = alarms[0].level if alarms else Urgency.GREEN
    few = _words(message) < _FEW_WORDS
    if any(match.before is Urgency.RED for match in guarded):
        is_red = min(total.red, total.red_not_yellow) >= IN_SPITE_OF_A_GUARD
    else:
        is_red = total.red >= (FROM_FEW if few else RED_FROM) and total.red_not_yellow >= RED_FROM
    yellow_from = IN_SPITE_OF_A_GUARD if guarded else FROM_FEW if few else YELLOW_FROM
    if is_red and level is not Urgency.RED:
        raised = _raised(message, Urgency.RED, total, alarms)
    elif total.serious >= yellow_from and level is Urgency.GREEN:
        raised = _raised(message, Urgency.YELLOW, total, alarms)
    else:
        return alarms, guarded
    return tuple(sorted((*alarms, raised), key=lambda alarm: (alarm.level.rank, alarm.span))), guarded


def _kind(kinds: list[Kind], alarms: tuple[Alarm, ...]) -> tuple[Kind, bool]:
    """The kind that a message is raised to, and whether that is sure: what the lexicon saw less of, if it may be that.
    Where the two do not agree, nothing is sure."""
    likeliest = kinds[0]
    seen = {_WHEN_RED.get(alarm.code, alarm.code) for alarm in alarms} - {_TIRED}
    for kind in kinds:
        if kind.code in seen and likeliest.weight - kind.weight <= SAME_KIND:
            return kind, True
    return likeliest, not seen and likeliest.before_next >= SURE_OF_KIND


def _about(alarm: Alarm, whom: AtRisk) -> Alarm:
    """The alarm as one about somebody else, with the code that goes with it; where nobody is named, nobody is."""
    if alarm.subject is AtRisk.UNKNOWN:
        return alarm
    code = alarm.code
    if whom is AtRisk.SELF and code == "suicide_other" and alarm.entry.startswith(_WEIGHED):
        code = "suicide_self"
    elif whom is not AtRisk.SELF:
        code = _OF_ANOTHER.get(code, code)
    return replace(alarm, code=code, subject=whom)


def _hold_back(
    alarms: tuple[Alarm, ...], guarded: tuple[Guarded, ...]
) -> tuple[tuple[Alarm, ...], tuple[Guarded, ...]]:
    lowered = [replace(alarm, level=Urgency.YELLOW) if alarm.level is Urgency.RED else alarm for alarm in alarms]
    why = [
        Guarded(
            code=alarm.code,
            before=Urgency.RED,
            after=Urgency.YELLOW,
            span=alarm.span,
            words=alarm.words,
            entry=alarm.entry,
            why="the words around weigh for no danger now",
        )
        for alarm in alarms
        if alarm.level is Urgency.RED
    ]
    return tuple(sorted(lowered, key=lambda alarm: (alarm.level.rank, alarm.span))), (*guarded, *why)


def _raised(message: Message, level: Urgency, total: Sum, alarms: tuple[Alarm, ...]) -> Alarm:
    kind, sure = _kind(total.kinds(level), alarms)
    code = kind.code
    first, last = total.words(kind)
    while first < last and message.tokens[last].word in BREAKS:
        last -= 1
    while first < last and message.tokens[first].word in BREAKS:
        first += 1
    people = message.people
    if code == "child_at_risk":
        subject = AtRisk.CHILD
    elif code in ("violence_now", "violence_pattern"):
        subject = threatened(message)
    elif code == "caregiver_exhaustion":
        subject = writer(people)
    else:
        default = AtRisk.SELF if code == "suicide_self" else AtRisk.OTHER
        subject = resolve(message.tokens, people, first=first, last=last, default=default)
    if subject in (AtRisk.OTHER, AtRisk.CHILD) and not people.writer_is_child:
        code = _OF_ANOTHER.get(code, code)
    elif subject is AtRisk.SELF and code == "suicide_other":
        code = "suicide_self"
    start, end = message.span(first, last)
    return Alarm(
        code=code,
        level=level,
        span=(start, end),
        words=message.text[start:end],
        entry=f"{_WEIGHED}{code}",
        subject=subject,
        sure=sure,
    )
