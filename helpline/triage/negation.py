"""Whether a match is said not to be so.

A negation lowers one level and never more. It counts only where it surely belongs to the words of danger: in the same
clause, and governed by the subject or a verb of intent («vil ikke ta livet mitt»), not by another verb («klarer ikke å
stoppe ham»). In doubt it does not count.
"""

from helpline.triage.lexicon import words_of
from helpline.triage.normalise import BREAKS, Token

_REACH = 7


def negated(tokens: list[Token], *, first: int, last: int) -> int | None:
    """The place of the negation that governs the tokens from `first` to `last`; None if there is none."""
    negations = words_of("negation")
    stops = words_of("negation_stops")
    place = first - 1
    while place >= 0 and first - place <= _REACH:
        word = tokens[place].word
        if word in BREAKS or word in stops:
            break
        if word in negations:
            return place if _governs(tokens, place) else None
        place -= 1
    for inside in range(first, last + 1):
        if tokens[inside].word in negations and _governs(tokens, inside, inside_match=inside > first):
            return inside
    after = last + 1
    if after < len(tokens) and tokens[after].word in negations and _is_plain(tokens, after):
        return after
    return None


def _is_plain(tokens: list[Token], place: int) -> bool:
    """Not «ikke sant», «ikke bare», «ikke la være», «ikke at det …»."""
    following = tokens[place + 1].word if place + 1 < len(tokens) else ""
    return following not in words_of("negation_undone")


def _governs(tokens: list[Token], place: int, *, inside_match: bool = False) -> bool:
    if not _is_plain(tokens, place):
        return False
    if inside_match or tokens[place].word in words_of("negation_strong"):
        return True
    before = tokens[place - 1].word if place else ""
    return before in words_of("negation_heads")
