"""Takes out of a question whatever could point at a person, so that its words may be kept for the editors.

Strict by choice: a word is kept only when it is known to be an ordinary one. Known are the words of our own articles;
beside them, compounds that end in a word for help, illness or rights («gjeldsordning»). Everything else goes: names,
places smaller than a county, numbers in digits or letters, addresses, and every capitalised word inside a sentence.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from helpline.core.codes import counties, municipalities
from helpline.guidance.articles import Article
from helpline.guidance.reading import LANGUAGES, read_fields

#: Most words kept of one question: what it is about is said by then.
MOST_WORDS = 12

#: A piece of text that is no ordinary word: digits, addresses of mail and web, handles.
_NO_WORD = re.compile(r"\d|[@_/\\#]|www\.|\.(?:no|com|org|net)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE_ENDS = (".", "!", "?", ":", "…")

#: What the end of a long word must be for the word to be kept although no article has it.
_HEADS = (
    "stønad ordning penger pengar trygd hjelp behandling sykdom sjukdom lidelse liding forstyrrelse forstyrring "
    "rettighet plikt gruppe støtte tjeneste teneste skjema søknad avtale bolig bustad opphold opphald undersøkelse "
    "undersøking medisin vansker vanskar problemer problem svikt syndrom diagnose terapi permisjon gebyr forsikring "
    "utbetaling erstatning kommune sykehus sjukehus sykehjem sjukeheim"
).split()
_COMPOUND = re.compile(rf"[a-zæøå]{{2,}}(?:{'|'.join(_HEADS)})(?:en|et|a|er|ene|ar|ane|s)?")

#: Ordinary words that are given names as well: with a capital they go, wherever they stand.
_NAMES_TOO = frozenset(
    "alf anker april arne ask bjørn bo bror dag eik eir eirik eli even frøy frøya gard geir gro hauk hege hilde "
    "inge ingen inger jo jon juni kai kari kim lilje linn liv lykke mai mari may nina nils odd ola ole olav per "
    "pia pål rolf rose roar runa rune rein sigurd siv sol sola solveig stein stig stål storm svein sverre tor "
    "tove trond trygve tyra ulf ulv ung vera vidar viv".split()
)
#: Words that say nothing alone.
_SMALL = frozenset(
    "all alle alt andre at av bare be ble bli blir bør da de deg dei dem den denne der det dette di din dine ditt "
    "du dykk då eg eit eller en er et etter for fordi fra frå få får før ha hadde han har henne her hos hun hva "
    "hvem hvis hvor hvordan hvorfor i ikke ikkje inn jeg ka kan kor korleis kva kven kvifor man me med meg men "
    "mer meir mi min mine mitt må ned no noe nokon noen noko nå når og også om opp oss på sa seg sei seier si "
    "sier sin sitt sine ser skal slik som så til ut var ved vere vi vil ville vår være å a am an and are as at be "
    "but by can could do does for from get has have he her him his how i if in is it me my no not of on or our "
    "she so that the their them then there they this to us was we what when where which who why will with you "
    "your".split()
)
#: Words of our articles that are names to most who read them («anna» is nynorsk for «other»).
_NAMES = frozenset({"anna", "hans", "sol", "sola", "even"})
#: Numbers in letters: a telephone number or an age may be spelt.
_SPELT = frozenset(
    "null ein eitt to tre fire fem seks sju syv åtte ni ti elleve tolv tretten fjorten femten seksten sytten "
    "atten nitten tjue tyve tretti trett førti femti seksti sytti åtti nitti hundre tusen zero one two three four "
    "five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand".split()
)


def ordinary_words(articles: Iterable[Article], path: Path) -> frozenset[str]:
    """The words that are known to be nobody's: those of the articles and of `ordinary.yaml`, without places smaller
    than a county, and without the small words that say nothing alone.

    Raises:
        KnowledgeError: the file is wrong.
    """
    fields = read_fields(path)
    listed = {word for line in fields.words("words") for word in line.split()}
    fields.finish()
    known: set[str] = set()
    asked: dict[str, set[str]] = {}
    for article in articles:
        if article.language in LANGUAGES:
            known.update(_lower(article.title, article.spoken, article.short, article.full))
            for word in _lower(*article.keywords):
                asked.setdefault(word, set()).add(article.slug)
    # Keywords are how people ask, places and all: what only one article knows may be one.
    known.update(word for word, slugs in asked.items() if len(slugs) > 1)
    return frozenset((known | listed | _counties()) - _places() - _NAMES - _SMALL)


def _lower(*texts: str) -> set[str]:
    return {word.lower() for text in texts for word in _WORD.findall(text)}


def without_identity(text: str, ordinary: frozenset[str]) -> tuple[str, ...]:
    """The words of a question that may be kept, in lower case and in their order, each once; often none at all."""
    kept: dict[str, None] = {}
    begins = True
    for piece in text.split():
        if _NO_WORD.search(piece):
            begins = False
            continue
        for word in _WORD.findall(piece):
            if _may_stay(word, ordinary, begins=begins):
                kept.setdefault(word.lower())
            begins = False
        begins = piece.endswith(_SENTENCE_ENDS)
    return tuple(kept)[:MOST_WORDS]


def _may_stay(word: str, ordinary: frozenset[str], *, begins: bool) -> bool:
    plain = word.lower()
    if len(plain) < 2 or plain in _SPELT or plain in _places():
        return False
    shouted = word.isupper() and len(word) > 1
    named = word[0].isupper() and not shouted and (not begins or plain in _NAMES_TOO)
    if named and plain not in _counties():
        return False
    return plain in ordinary or (word.islower() and _COMPOUND.fullmatch(plain) is not None)


@cache
def _counties() -> frozenset[str]:
    return frozenset(word.lower() for name in counties().values() for word in _WORD.findall(name))


@cache
def _places() -> frozenset[str]:
    """Words of the names of municipalities that are no county: «Nordre Follo» is both of its words."""
    words = {word.lower() for place in municipalities().values() for word in _WORD.findall(place.name)}
    return frozenset(words | {word.replace("-", "") for word in words}) - _counties()
