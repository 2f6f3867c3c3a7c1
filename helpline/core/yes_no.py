"""A yes or a no in somebody's own words, where much hangs on it: what is not plainly one of them counts as neither."""

import re
from enum import StrEnum


class Reply(StrEnum):
    """What words say to a question that is answered with yes or no."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    """Meant as an answer, and not plainly one of the two: the question is asked again."""


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


_YES = _list("ja jada javisst jo jepp gjerne selvfølgelig selvsagt sjølvsagt klart yes yeah yep sure")
_NO = _list("nei neida niks no nope nah")
_NOT = _list("ikke ikkje not don't dont aldri never")
#: «Nei, ikke noe problem» is none.
_NO_PROBLEM = _list("problem problemer worries")
_OK = _list("ok okay okey")
#: What is asked about, given back: «det er greit».
_FINE = _OK | _list("greit greitt trygt fine safe alright right")
#: Small words around them that take nothing back.
_SMALL = _list(
    "det er går dere de du kan vil gjerne takk tusen mange bare berre skriv skrive sende send her hit meg til for "
    "veldig jeg eg i it it's its is that that's thats you can may thanks thank please go ahead of course to me write "
    "very all my og and så da fint bra helt heilt good"
)
_IT = _list("det it it's its that's thats")
#: Beside a no alone: «helst ikke», «I would rather not», «ikkje no».
_RATHER = _list("helst rather i'd would vær så snill absolutt absolutely nå no now noe") | _YES
_PERHAPS = _list("kanskje maybe perhaps usikker unsure tja vet veit både begge fint bra") | _FINE | _IT
#: What is longer tells something, and is no reply.
_SHORT = 4


def reply_in(words: str) -> Reply | None:
    """The reply that a whole message is: «ja det er greit», «nei takk», «ja, men ikke nå». None when it is no reply.

    A yes holds nothing but yes and small words around it, so that no doubt, condition or question can hide in it; a no
    may say why. To write where it is not safe does harm, not to write does none.
    """
    said = re.findall(r"[\w']+", words.casefold().replace("’", "'"))
    while len(said) > 1 and said[0] in _OK:
        del said[0]
    if not said:
        return None
    first, all_, rest = said[0], set(said), set(said[1:])
    if first in _NO:
        # «Nei, det er greit» may mean either.
        either = rest & (_YES | _FINE) and not rest & _NOT
        return Reply.UNSURE if either or rest & _NO_PROBLEM else Reply.NO
    if all_ & _NOT and all_ <= _NOT | _FINE | _SMALL | _RATHER:
        return Reply.NO
    plain = rest <= _FINE | _SMALL and "?" not in words
    if first in _YES:
        return Reply.YES if plain else Reply.UNSURE
    if first in _IT and rest & _FINE and plain:
        return Reply.YES
    return Reply.UNSURE if first in _PERHAPS and len(said) <= _SHORT else None
