"""A number from 0 to 10 in somebody's own words: «8», «8/10», «åtte», «Takk! Sikkert 9»."""

import re

_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "null zero",
            "en ein én éin ett eitt one",
            "to two",
            "tre three",
            "fire four",
            "fem five",
            "seks six",
            "sju syv seven",
            "åtte eight",
            "ni nine",
            "ti ten",
        )
    )
    for word in words.split()
}
#: Numbers that are something else beside other words: «en stor takk».
_OTHERWISE = frozenset("null zero en ein én éin ett eitt one to".split())
#: Words that end a conversation.
_THANKS = frozenset("takk takker thanks thank thx ok okay okey fint flott supert natt night bye ha hade".split())
#: What may stand around a number or thanks and tells nothing more. Not «alt»: «takk for alt» may be a farewell.
_SMALL = (
    _THANKS
    | _OTHERWISE
    | frozenset(
        "tusen mange hjertelig stor så mye mykje masse for det da då jeg eg vi dere dykk deg gir gjev gi et eit "
        "på til i sikkert kanskje vel omtrent ca rundt minst kan være vere si vil sier karakter karakteren poeng "
        "tall tallet svaret samtalen praten hyggelig snill snille var er bra veldig god gode fin dag helg like "
        "måte mvh hilsen hei eller og av or and maybe perhaps about i i'd say would give you a an score it it's "
        "is so much very good have nice day".split()
    )
)
_HELP = re.compile(r"\b(?:for|of) (?:god |all |fin |the |your |all your )?(?:hjelp|hjelpen|hjelpa|help)\b")
_OF_TEN = re.compile(r"(?<=\d)\s*(?:/|av|of|out of)\s*10\b")
_KIND_SIGNS = re.compile("[👍🙏👏😊🙂☺❤💛💚💙💜🧡🤗🌷🌸🌹]")
_MARKS = re.compile('[.,!;:)("«»\ufe0f\U0001f3fb-\U0001f3ff]')


def numbers_in(words: str) -> tuple[int, ...] | None:
    """The numbers from 0 to 10 in a message that holds nothing but them, thanks and small words: one in «Takk, 8», two
    in «8 eller 9», none in «takk for hjelpen». None for every message that says anything else."""
    said = _KIND_SIGNS.sub(" takk ", words.casefold().replace("’", "'"))
    said = _HELP.sub(" ", _OF_TEN.sub("", said))
    parts = _MARKS.sub(" ", re.sub(r"(?<=\d)\s*[-–/]\s*(?=\d)", " ", said)).split()
    if len(parts) == 1 and parts[0] in _WORDS:
        return (_WORDS[parts[0]],)
    found = []
    for part in parts:
        number = int(part) if re.fullmatch("10|[0-9]", part) else None if part in _OTHERWISE else _WORDS.get(part)
        if number is not None:
            found.append(number)
        elif part not in _SMALL:
            return None
    return tuple(found) if found or _THANKS.intersection(parts) else None


def number_in(words: str) -> int | None:
    """The one number that a message gives. None where it names several, or says anything else."""
    found = numbers_in(words)
    return found[0] if found is not None and len(found) == 1 else None
