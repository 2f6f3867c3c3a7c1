"""Who is in danger: the writer, another, or a child, read from the sentence."""

from dataclasses import dataclass
from functools import cache

from helpline.core.codes import AtRisk
from helpline.triage.lexicon import words_of
from helpline.triage.normalise import BREAKS, Token, canonical

#: Below this age a person is a child (vergemålsloven and barnekonvensjonen: 18 years).
_OF_AGE = 18
#: Nobody named more words ago than this is meant any more.
_FARTHEST = 150
_NUMBER_WORDS = {
    canonical(word): number
    for number, words in {
        1: "ett et en one", 2: "to two", 3: "tre three", 4: "fire four", 5: "fem five", 6: "seks six",
        7: "sju syv seven", 8: "åtte eight", 9: "ni nine", 10: "ti ten", 11: "elleve eleven", 12: "tolv twelve",
        13: "tretten thirteen", 14: "fjorten fourteen", 15: "femten fifteen", 16: "seksten sixteen",
        17: "sytten seventeen",
    }.items()
    for word in words.split()
}  # fmt: skip
_YEAR_WORDS = frozenset(map(canonical, ("år", "års", "åring", "åringen", "åringar", "years", "year", "yo", "yrs")))
_MONTH_WORDS = frozenset(map(canonical, ("måneder", "måneders", "månader", "mnd", "uker", "ukers", "veker", "months")))
_AGE_OF = frozenset(
    map(canonical, ("på", "er", "aged", "is", "nettopp", "bare", "snart", "ble", "blei", "only", "age"))
)
_AGO = frozenset(map(canonical, ("siden", "sidan", "sia", "ago", "sedan")))
_I_AM = frozenset(map(canonical, ("er", "am", "blir", "ble", "e")))


@dataclass(frozen=True, slots=True)
class People:
    """Whom a message speaks of: places of the words for the writer, for others and for children."""

    writer: frozenset[int]
    others: frozenset[int]
    children: frozenset[int]
    #: The writer is a child: says so, or writes of school and parents as a child does.
    writer_is_child: bool


@cache
def _words() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    return words_of("writer"), words_of("third"), words_of("kin"), words_of("child")


def _age(word: str) -> int | None:
    if word.isdecimal() and len(word) <= 3:
        return int(word)
    return _NUMBER_WORDS.get(word)


def people(tokens: list[Token], *, child_writes: bool) -> People:
    """Find the people in a message; `child_writes` is true if other words show that a child is writing."""
    first, third, kin, child = _words()
    writer: set[int] = set()
    others: set[int] = set()
    children: set[int] = set()
    said_young = False
    english = words_of("after_english_i")
    for place, token in enumerate(tokens):
        word = token.word
        if word in first or (word == "i" and _following(tokens, place) in english):
            writer.add(place)
        elif word in child or (word.endswith("aring") and _NUMBER_WORDS.get(word[:-5], _OF_AGE) < _OF_AGE):
            children.add(place)
        elif word in third or word in kin:
            others.add(place)
        else:
            age = _age(word)
            if age is not None and age < _OF_AGE:
                said_young |= _place_age(tokens, place, first, writer, others, children)
            elif _is_name(tokens, place):
                others.add(place)
    return People(frozenset(writer), frozenset(others), frozenset(children), said_young or child_writes)


def _following(tokens: list[Token], place: int) -> str:
    return tokens[place + 1].word if place + 1 < len(tokens) else ""


def _place_age(
    tokens: list[Token], place: int, first: frozenset[str], writer: set[int], others: set[int], children: set[int]
) -> bool:
    """Give a number below 18 to whom it is said of; True if the writer says it of herself."""
    before = tokens[place - 1].word if place else ""
    earlier = tokens[place - 2].word if place > 1 else ""
    after = tokens[place + 1].word if place + 1 < len(tokens) else ""
    later = tokens[place + 2].word if place + 2 < len(tokens) else ""
    if later in _AGO or after in _AGO:
        return False
    small = before in ("bare", "only", "just", "snart")
    if (before in _I_AM or small) and (earlier in first or (small and place > 2 and tokens[place - 3].word in first)):
        return int(after not in _MONTH_WORDS) == 1 and (after in _YEAR_WORDS or after in BREAKS or after in ("", "og"))
    is_age = after in _YEAR_WORDS and (before in _AGE_OF or before in BREAKS or later in ("gamel", "old", "gammal"))
    is_age |= after in _MONTH_WORDS and (later in ("gamel", "old") or before == canonical("på"))
    is_age |= after in (canonical("åring"), canonical("åringen"), "aringer")
    is_age |= before == canonical("på") and place >= 2 and (place - 2 in others or place - 3 in others)
    is_age |= before in BREAKS and after in BREAKS and (place - 2 in others or place - 3 in others)
    if not is_age:
        return False
    nearest = max((other for other in others if other < place), default=None)
    if nearest is not None and place - nearest <= 5:
        others.discard(nearest)
        children.add(nearest)
    else:
        children.add(place)
    return False


def _is_name(tokens: list[Token], place: int) -> bool:
    """A capital letter inside a clause: most likely a name."""
    token = tokens[place]
    if not token.capital or place == 0 or tokens[place - 1].word in BREAKS or len(token.word) < 3:
        return False
    return tokens[place - 1].word not in words_of("before_no_name") and token.word not in words_of("no_name")


def resolve(tokens: list[Token], found: People, *, first: int, last: int, default: AtRisk) -> AtRisk:
    """Who the words from token `first` to `last` are about: the nearest person named before their end.

    A pronoun stands for the person named before it, so «datteren min på 14 … hun» is a child.
    """
    if last + 1 < len(tokens) and tokens[last + 1].word in words_of("possessive"):
        return AtRisk.OTHER  # «barberblader på rommet hennes»
    for place in range(last, max(-1, last - _FARTHEST), -1):
        if place in found.children:
            return AtRisk.CHILD
        if place in found.writer:
            return AtRisk.CHILD if found.writer_is_child else AtRisk.SELF
        if place in found.others:
            return _other(tokens, found, place)
        if place < first and tokens[place].word in BREAKS and default is AtRisk.SELF and place < first - 1:
            # A clause without a subject of its own, and the entry speaks of the writer: «Hei. Orker ikke mer».
            return _before(tokens, found, place, default)
    return writer(found) if default is AtRisk.SELF else default


def _before(tokens: list[Token], found: People, place: int, default: AtRisk) -> AtRisk:
    """The clause names nobody: the subject of the sentence before goes on, if it is another's words about them."""
    for earlier in range(place, max(-1, place - _FARTHEST), -1):
        if earlier in found.children:
            return AtRisk.CHILD
        if earlier in found.others:
            return _other(tokens, found, earlier)
        if earlier in found.writer:
            return writer(found)
    return writer(found) if default is AtRisk.SELF else default


def _other(tokens: list[Token], found: People, place: int) -> AtRisk:
    if tokens[place].word not in _words()[1]:
        return AtRisk.OTHER
    for earlier in range(place - 1, max(-1, place - _FARTHEST), -1):
        if earlier in found.children:
            return AtRisk.CHILD
        if earlier in found.others and tokens[earlier].word not in _words()[1]:
            return AtRisk.OTHER
    later = min((child for child in found.children if child > place), default=None)
    named = [other for other in found.others if tokens[other].word not in _words()[1]]
    return AtRisk.CHILD if later is not None and not named else AtRisk.OTHER


def writer(found: People) -> AtRisk:
    """The writer as the one at risk."""
    return AtRisk.CHILD if found.writer_is_child else AtRisk.SELF
