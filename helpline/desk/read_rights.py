"""Reads out what the rights guide found: the same list as on the page and at the advisor's, in each channel's measure.

On Telegram every right is a button. In a text the titles are numbered, a few at a time, and a number reads one. On the
telephone they are read one by one. Nothing is kept of it but a place in the list; the list follows from the answers.
"""

from dataclasses import dataclass

from helpline.core import sms_text
from helpline.core.codes import Channel
from helpline.core.hours_words import day_in_words
from helpline.core.turn import Choice
from helpline.desk.asking import begun
from helpline.desk.check_scripts import RIGHTS_AT_ONCE
from helpline.desk.scene import Scene
from helpline.guidance.rights import Right, RightsResult
from helpline.store.tables import DraftKind
from helpline.triage.script import plain_words

#: In a contact's memory: the place in the list, from 0. By telephone it is the right that was read last, in a text the
#: first of those that are shown.
PLACE = "rights_place"
#: Key of the choice that shows the next titles.
MORE = "M"
#: Beginning of a button's key, before the right's id: an old button still means what it said.
BUTTON = "r."
_MOST_PARTS = 3


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One right in the list. `certain` False: it hangs on something that was not known."""

    right: Right
    certain: bool


async def found(scene: Scene) -> RightsResult | None:
    """What follows from the answers that this contact gave; None when they are kept no more."""
    asking = await begun(scene, DraftKind.RIGHTS)
    return None if asking is None else scene.house.rights.apply(asking.answers, scene.on)


def listed(result: RightsResult) -> list[Listed]:
    """All of them in one list: those that apply first."""
    certain = [Listed(right=right, certain=True) for right in result.applies]
    return certain + [Listed(right=one.right, certain=False) for one in result.may_apply]


async def begin(scene: Scene) -> None:
    """Say what was found, and how to read it."""
    scene.remember(**{PLACE: 0})
    result = await found(scene)
    if result is None:
        scene.say(scene.phrase("rights_gone"))
        return
    certain, unsure = len(result.applies), len(result.may_apply)
    scene.say(scene.phrase("rights_found" if certain or unsure else "rights_none", certain=certain, unsure=unsure))
    if scene.channel is Channel.TELEGRAM:
        for surely, heading in ((True, "rights_that_apply"), (False, "rights_that_may_apply")):
            titles = [one.right.title[scene.language] for one in listed(result) if one.certain is surely]
            if titles:
                scene.say("\n".join([scene.phrase(heading), *(f"– {title}" for title in titles)]))
    for doubt in result.unsure[:1] if scene.channel is Channel.SMS else result.unsure:
        scene.say(doubt.why[scene.language])
    if result.unsure:
        scene.say(scene.phrase("rights_ask_advisor"))


async def choices(scene: Scene) -> list[Choice]:
    """The titles to choose between; none by telephone, where they are read one by one."""
    result = await found(scene)
    if result is None or scene.by_phone:
        return []
    rights = listed(result)
    if scene.channel is Channel.TELEGRAM:
        # What is certain and what is not stands in the words above.
        return [Choice(key=f"{BUTTON}{one.right.id}", label=one.right.title[scene.language]) for one in rights]
    first = _place(scene, rights)
    shown = [
        Choice(key=str(number), label=_title(scene, one))
        for number, one in enumerate(rights[first : first + RIGHTS_AT_ONCE], start=first + 1)
    ]
    if first + RIGHTS_AT_ONCE < len(rights):
        shown.append(Choice(key=MORE, label=scene.phrase("choice_more")))
    return shown


def _place(scene: Scene, rights: list[Listed]) -> int:
    return min(int(scene.contact.memory.get(PLACE, 0)), max(0, len(rights) - 1))


def _title(scene: Scene, one: Listed) -> str:
    title = one.right.title[scene.language]
    return title if one.certain else scene.phrase("rights_perhaps", title=title)


async def chosen(scene: Scene, words: str) -> bool:
    """Say the right that these words choose: by its number, its title or a button. False when they choose none."""
    result = await found(scene)
    if result is None or scene.by_phone:
        return False
    rights = listed(result)
    said = plain_words(words)
    if words.startswith(BUTTON):
        return _say_by_id(scene, rights, words.removeprefix(BUTTON))
    for number, one in enumerate(rights, start=1):
        if said in (str(number), plain_words(one.right.title[scene.language]), plain_words(_title(scene, one))):
            _say(scene, one)
            return True
    return False


def _say_by_id(scene: Scene, rights: list[Listed], name: str) -> bool:
    one = next((one for one in rights if one.right.id == name), None)
    if one is None:
        # From a list that other answers led to: it is what it was, but whether it applies is not known now.
        try:
            one = Listed(right=scene.house.rights.right(name, scene.on), certain=False)
        except KeyError:
            return False
    _say(scene, one)
    return True


def _say(scene: Scene, one: Listed) -> None:
    """Title, what it means and how to use it, and where it stands. A text leaves out the law where it has no room."""
    scene.say(in_words(scene, one))
    used = scene.contact.draft.get("articles_used", [])
    if one.right.article not in used:
        scene.contact.draft = {**scene.contact.draft, "articles_used": [*used, one.right.article]}


def in_words(scene: Scene, one: Listed) -> str:
    """One right as this channel tells it."""
    language, right = scene.language, one.right
    if scene.by_phone:
        words = scene.house.library.fill(right.spoken[language], language, scene.on)
        return words if one.certain else f"{scene.phrase('rights_perhaps_spoken')} {words}"
    lines = [_title(scene, one), scene.house.library.fill(right.short[language], language, scene.on)]
    laws = "; ".join(
        f"{law.name[language]} § {law.section}" if law.section else law.name[language] for law in right.statutes
    )
    read_on = max(law.seen for law in right.statutes)
    law = scene.phrase("rights_law", laws=laws, seen=day_in_words(read_on, language))
    whole = "\n".join([*lines, law])
    if scene.channel is Channel.SMS and sms_text.measure(sms_text.plain(whole)).parts > _MOST_PARTS:
        return "\n".join(lines)
    return whole


async def current(scene: Scene) -> str:
    """By telephone: the right that is being read."""
    result = await found(scene)
    rights = listed(result) if result is not None else []
    if not rights:
        return scene.phrase("rights_gone" if result is None else "rights_none", certain=0, unsure=0)
    one = rights[_place(scene, rights)]
    used = scene.contact.draft.get("articles_used", [])
    if one.right.article not in used:
        scene.contact.draft = {**scene.contact.draft, "articles_used": [*used, one.right.article]}
    number = scene.phrase("rights_number", number=_place(scene, rights) + 1, count=len(rights))
    return f"{number} {in_words(scene, one)}"


async def go_on(scene: Scene) -> bool:
    """To the next right, or the next few. False at the end of the list."""
    result = await found(scene)
    rights = listed(result) if result is not None else []
    further = int(scene.contact.memory.get(PLACE, 0)) + (1 if scene.by_phone else RIGHTS_AT_ONCE)
    if further >= len(rights):
        scene.remember(**{PLACE: 0})
        return False
    scene.remember(**{PLACE: further})
    return True


def from_the_first(scene: Scene) -> None:
    scene.remember(**{PLACE: 0})


def title_of(scene: Scene, key: str) -> str | None:
    """What stood on a right's button; None when the key is no right's."""
    if not key.startswith(BUTTON):
        return None
    try:
        return scene.house.rights.right(key.removeprefix(BUTTON), scene.on).title[scene.language]
    except KeyError:
        return None
