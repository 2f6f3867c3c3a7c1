"""An age, or who somebody is to the one who is ill, told in a few words of one's own.

Only what can be taken in one way is taken: «over 60» is no age, and in «moren til mannen min» nobody is named for sure.
"""

import re

_UNIT = r"(?: ?(?:år|aar|years?|yrs?)(?: (?:gammel|gamal|gammal|old))?)?"
_AGE = re.compile(rf"(?:[^\W\d_'’]+ |i['’]m |(?:s?he|they)['’](?:s|re) ){{0,5}}(\d{{1,3}}){_UNIT}(?: (?:nå|no|now))?")
#: Beside these a number is a limit, a guess at one of two, or no age.
_NO_AGE = frozenset(
    "under over mer meir mindre minst nesten snart til eller og mellom eldre yngre født fødd fødde ikke ikkje more "
    "less least almost nearly soon between or and to older younger born not".split()
)
#: Years that a person may have lived.
OLDEST = 120


def read_age(words: str) -> int | None:
    """The age in years that these words tell: «42», «3 år», «hun er 42». None when they tell none for sure."""
    said = re.sub(r"\s+", " ", words).strip(" .,!").casefold()
    found = _AGE.fullmatch(said)
    if found is None or _NO_AGE & set(said.split()) or int(found[1]) > OLDEST:
        return None
    return int(found[1])


_MY = frozenset("min mi mitt mine vår vårt våre my our".split())
_ARTICLES = frozenset("en ei et eit a an the".split())
_I_AM = (["jeg", "er"], ["eg", "er"], ["i", "am"], ["i", "m"], ["vi", "er"], ["we", "are"])
_RELATIVE = frozenset("pårørende pårørande relative".split())
_TO = frozenset("til av for to of".split())
#: Before the one who is ill: «det gjelder …», «hun er …».
_IT_IS = frozenset("det dette er gjelder gjeld handler handlar om for it is s about this han hun ho he she".split())
_IS = frozenset("er har ble vart blei fikk fekk is has was".split())
#: After a word for somebody: it is somebody else, whom that one has.
_THEIRS = frozenset("sin si sitt sine s".split())


def read_relation(words: str) -> tuple[str, bool] | None:
    """The word for who somebody is, and whether it names the one who is ill: («kona», True) for «kona mi er syk»,
    («mor», False) for «jeg er mor til en gutt». None when it cannot be told whom the words name."""
    said = re.findall(r"[^\W\d_]+", words.casefold())
    if said[:2] in _I_AM:
        said = [word for word in said[2:4] if word not in _ARTICLES] + said[4:]
        if not (said and said[0] in _RELATIVE):
            return (said[0], False) if said and said[0] not in _MY | _IT_IS else None
        said = said[1:]
    while said and said[0] in _IT_IS | _TO:
        said = said[1:]
    first, second, third = [*said, "", "", ""][:3]
    if first in _MY and second and third not in _THEIRS:
        return second, True
    if second in _MY and third not in _THEIRS:
        return first, True
    if second in _TO and not _MY & set(said[2:]):
        return first, False
    return (first, True) if second in _IS else None


def base_forms(word: str) -> tuple[str, ...]:
    """A word and what it may be the definite form of: «kona» gives «kone», «sønnen» gives «sønn»."""
    return (word, word[:-1], word[:-2], f"{word[:-1]}e")
