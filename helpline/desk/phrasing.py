"""What the guided conversation says: the phrases of the scripts with what they need of this moment, and what stood on a
button."""

from dataclasses import replace

from helpline.core.codes import Channel
from helpline.desk import find_article, opening, question_words, read_rights, safe, share, write_letter
from helpline.desk.numbers import shown
from helpline.desk.scene import Scene


async def said(scene: Scene, phrase: str) -> str:
    """A phrase of a script, with what it needs of this moment."""
    if phrase == "closed_now":
        return await closed_now(scene)
    if phrase == "call_closed":
        state = await opening.state(scene.session, house=scene.house, now=scene.now)
        opens = opening.opens_in_words(
            state, house=scene.house, now=scene.now, language=scene.contact.language, channel="phone"
        )
        return scene.phrase(phrase, opens=opens)
    if phrase == "help_now":
        return help_now(scene)
    if phrase == "suggestion":
        return _suggestion(scene)
    if phrase == "letter_stopped":
        return await write_letter.stopped(scene)
    if phrase == "rights_read":
        return await read_rights.current(scene)
    if phrase == "callback_keyed":
        keyed = scene.contact.callback_sealed
        return scene.phrase(phrase, number=shown(scene.session.keyring.open(keyed))) if keyed else ""
    if phrase in share.PHRASES:
        return await share.said(scene, phrase)
    return scene.phrase(phrase)


async def closed_now(scene: Scene) -> str:
    """That we are closed, when we open, and who answers day and night; nothing while we are open."""
    state = await opening.state(scene.session, house=scene.house, now=scene.now)
    if state.open:
        return ""
    channel = scene.contact.channel
    if channel is Channel.SMS:
        # Every character is paid for; why we are closed is told to those who ask to wait.
        state = replace(state, message="")
    opens = opening.opens_in_words(
        state, house=scene.house, now=scene.now, language=scene.contact.language, channel=channel.value
    )
    return scene.phrase("closed_now", opens=opens)


def help_now(scene: Scene) -> str:
    """The emergency numbers; without a word that tells where somebody may read along."""
    return scene.phrase("help_now_quietly" if safe.quietly(scene.contact) and not scene.by_phone else "help_now")


def _suggestion(scene: Scene) -> str:
    """«Du nevner …: vil du lese om det?», or the usual question when nothing is suggested."""
    articles = find_article.held_out(scene)
    if not articles:
        return scene.phrase("choose")
    return scene.phrase("suggestion", title=find_article.named(scene, articles[0]))


def label_of(scene: Scene, key: str, *, step: str) -> str:
    """What stood on a button of a step; the key itself when nothing is known of it."""
    name, _, question = step.partition("/")
    here = scene.script.steps.get(name)
    if here is None:
        return key
    if here.asks is not None and question:
        return question_words.label_of(scene, here, question, key)
    for way in here.ways_in(scene.language):
        if way.key == key and way.label is not None:
            return scene.phrase(way.label)
    for title_of in (find_article.title_of, read_rights.title_of):
        title = title_of(scene, key)
        if title is not None:
            return title
    return key
