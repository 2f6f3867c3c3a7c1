"""Sharing an experience: words in one or several messages, a look for what may say who somebody is, a summary, a yes.

What is kept leads to nobody. The messages themselves stay in the contact's course for as long as every message does.
"""

from helpline.core import identity
from helpline.core.codes import Channel
from helpline.core.contact import EntryKind
from helpline.desk import safe
from helpline.desk.scene import Scene
from helpline.store import contacts, experiences
from helpline.store.db import ReadSession
from helpline.store.tables import Contact

#: Steps of the script at which somebody is in the middle of sharing.
STEPS = ("share", "share_more", "share_identity", "share_consent")
#: And: danger has interrupted it, so that «go on» leads back to it.
_INTERRUPTED = "sharing_interrupted"
#: Phrases that hold something of what was written.
PHRASES = ("share_found", "share_summary")
#: In a contact's memory: the entries that the experience is made of.
_ENTRIES = "sharing"
#: Most marks that are named when asking about them, and most characters of the summary.
_NAMED = 5
_SHOWN = {Channel.TELEGRAM: 2500, Channel.SMS: 70}


def note(scene: Scene) -> bool:
    """Another message of the experience. True for the first words of it: the others are taken in without a word, for it
    is their story."""
    if not scene.heard.strip() or scene.entry_id is None:
        return False
    earlier = scene.contact.memory.get(_ENTRIES, [])
    scene.remember(sharing=[*earlier, str(scene.entry_id)])
    return not earlier


def go_on(scene: Scene) -> None:
    """What was shared has brought them into the queue, where somebody will read it. They may go on all the same."""
    note(scene)
    scene.contact.step = "share_more"
    scene.say(scene.phrase("share_go_on"))


def interrupted(scene: Scene) -> None:
    """Danger has been answered, and what is written now is for the advisor. They hear that nothing is shared yet, and
    how to go on."""
    note(scene)
    scene.remember(**{_INTERRUPTED: True})
    scene.say(scene.phrase("share_interrupted"))


def was_interrupted(scene: Scene) -> bool:
    """Whether «go on» means the story that danger interrupted."""
    return bool(scene.contact.memory.get(_INTERRUPTED))


def take_up(scene: Scene) -> None:
    """They go on with it."""
    scene.remember(**{_INTERRUPTED: None})


async def words(session: ReadSession, contact: Contact) -> str:
    """What has been written of the experience, each message as it stands after it was edited."""
    wanted = {int(entry_id) for entry_id in contact.memory.get(_ENTRIES, [])}
    course = await contacts.entries(session, contact.id)
    edited = {
        entry.provider_message_id: contacts.words(session, entry)
        for entry in course
        if entry.kind is EntryKind.EDITED and entry.provider_message_id is not None
    }
    parts = [
        edited.get(entry.provider_message_id or "", contacts.words(session, entry))
        for entry in course
        if entry.id in wanted
    ]
    return "\n\n".join(part.strip() for part in parts if part and part.strip())


async def names_nobody(scene: Scene) -> bool:
    """Whether nothing in it looks as if it could say who somebody is."""
    return not identity.marks(await words(scene.session, scene.contact))


async def said(scene: Scene, phrase: str) -> str:
    """A phrase with what it needs of the experience; none of its words after violence, for others may read them."""
    story = await words(scene.session, scene.contact)
    if safe.is_about_violence(scene.contact):
        return scene.phrase(f"{phrase}_quietly", count=len(story.split()))
    if phrase == "share_found":
        found = list(dict.fromkeys(mark.words for mark in identity.marks(story)))
        named = ", ".join(f"«{one}»" for one in found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
        return scene.phrase(phrase, words=named)
    longest = _SHOWN[scene.channel]
    shown = story if len(story) <= longest else story[: longest - 1].rstrip() + "…"
    return scene.phrase(phrase, story=shown)


async def keep(scene: Scene) -> None:
    """They said yes: the words are kept for a person to read, under the day and nothing else."""
    story = await words(scene.session, scene.contact)
    if story:
        await experiences.keep(scene.session, story, day=scene.on, language=scene.contact.language)
        scene.say(scene.phrase("share_kept"))
    drop(scene)


def drop(scene: Scene) -> None:
    """What was written is not shared."""
    scene.remember(sharing=None, **{_INTERRUPTED: None})
