"""The concern letter of a conversation: its gate, what is said about the draft, and how it reaches the caller.

On Telegram the letter comes as a text and as a file, by SMS as the address of a one-time page. We send it to nobody
else, and say so.
"""

import json

from helpline.core.codes import Channel
from helpline.core.turn import Choice
from helpline.desk import letter_file, page_links, red, tell
from helpline.desk.asking import Asking, anew, begun
from helpline.desk.letter_file import FileFormat
from helpline.desk.scene import Scene
from helpline.guidance.letter import Letter
from helpline.guidance.letters import LetterError, Stop
from helpline.store import drafts
from helpline.store.tables import DraftKind

#: Remarks that are said in a text, where each costs; the page shows all.
_REMARKS_BY_SMS = 2
#: Key of the choice to write to whom it would be right to write.
INSTEAD, INSTEAD_BUTTON = "2", "i."


def _shut(scene: Scene, asking: Asking) -> Stop | None:
    return scene.house.letters.stop(asking.answers, scene.on)


async def stopped(scene: Scene) -> str:
    """Why no letter can be written now. Where somebody is in danger the number comes first and advisors are alerted, as
    after any red words; and whether that is so is asked again before anybody goes on."""
    asking = await begun(scene, DraftKind.LETTER)
    stop = _shut(scene, asking) if asking is not None else None
    if asking is None or stop is None:
        return scene.phrase("letter_can_go_on")
    words = scene.phrase(stop.phrase)
    if asking.answers.get(stop.question) == "yes" and stop.number == "amk":
        await red.answer_first(scene, words, scene.house.library.emergency.automatic[scene.language])
        asking.keep(scene, {name: value for name, value in asking.answers.items() if name != stop.question})
        await red.to_a_human(scene)
        return ""
    return words


async def instead(scene: Scene) -> list[Choice]:
    """The kind of letter that would be right, to be chosen with one key."""
    asking = await begun(scene, DraftKind.LETTER)
    stop = _shut(scene, asking) if asking is not None else None
    if stop is None or stop.instead is None:
        return []
    kind = scene.house.letters.kinds[stop.instead]
    by_button = scene.channel is Channel.TELEGRAM
    return [
        Choice(
            key=f"{INSTEAD_BUTTON}{stop.instead}" if by_button else INSTEAD,
            label=scene.phrase("choice_instead", kind=kind.label[scene.language]),
        )
    ]


async def take_instead(scene: Scene, words: str) -> bool:
    """Change the letter to the kind that would be right. False when these words do not choose that."""
    asking = await begun(scene, DraftKind.LETTER)
    stop = _shut(scene, asking) if asking is not None else None
    if asking is None or stop is None or stop.instead is None:
        return False
    if words.strip().casefold() not in (INSTEAD, f"{INSTEAD_BUTTON}{stop.instead}"):
        return False
    answers = {**asking.answers, "kind": stop.instead}
    if _still_shut(scene, answers):
        # What shut the gate is asked once more.
        answers.pop(stop.question, None)
    asking.keep(scene, answers)
    return True


def _still_shut(scene: Scene, answers: dict[str, object]) -> bool:
    return scene.house.letters.stop(answers, scene.on) is not None


async def hand_out(scene: Scene) -> None:
    """The letter is written: what to look at once more, the letter itself, and that we send it nowhere."""
    asking = await begun(scene, DraftKind.LETTER)
    if asking is None or scene.caller is None:
        scene.say(scene.phrase("letter_gone"))
        return
    letters, language = scene.house.letters, scene.language
    asking.draft.variant = asking.answers.get("kind")
    try:
        letter = letters.compose(asking.answers, language, scene.on)
    except LetterError as error:
        scene.say(scene.phrase("letter_unfinished", why=str(error)))
        return
    remarks = letters.remarks(asking.answers, language, scene.on)
    await _count(scene)
    if scene.channel is Channel.TELEGRAM:
        await _as_messages(scene, asking, letter)
    else:
        await hand_out_page(scene, DraftKind.LETTER)
    shown = remarks[:_REMARKS_BY_SMS] if scene.channel is Channel.SMS else remarks
    if shown:
        said = "\n".join(f"– {remark.text}" for remark in shown)
        scene.say(scene.phrase("letter_remarks", remarks=said))


async def _count(scene: Scene) -> None:
    """The record counts a letter once, however often it is changed and fetched."""
    await scene.session.flush()
    made = await drafts.finished(scene.session, scene.contact.id, DraftKind.LETTER)
    before = int(scene.contact.draft.get("letters") or 0)
    scene.contact.draft = {**scene.contact.draft, "letters": max(made, before)}


async def _as_messages(scene: Scene, asking: Asking, letter: Letter) -> None:
    """The words to read, then the file to keep. They go before what is asked at the end of the turn."""
    assert scene.caller is not None
    for piece in tell.pieces(letter.text()):
        await tell.tell(
            scene.session, house=scene.house, contact=scene.contact, caller=scene.caller, text=piece, now=scene.now,
            needed=True,
        )  # fmt: skip
    await tell.send_letter(
        scene.session,
        contact=scene.contact,
        caller=scene.caller,
        name=letter_file.file_name(letter, FileFormat.PDF),
        draft_id=asking.draft.id,
        answers=json.dumps(asking.answers, ensure_ascii=False),
        language=scene.language,
        on=scene.on.isoformat(),
        now=scene.now,
    )


async def hand_out_page(scene: Scene, kind: DraftKind) -> None:
    """The address of a page, good once, where the same questions are filled in and the result is fetched."""
    asking = await begun(scene, kind)
    if asking is None:
        await anew(scene, kind)
        asking = await begun(scene, kind)
        assert asking is not None
    address = await page_links.make(scene.session, asking.draft.id, house=scene.house, now=scene.now)
    scene.say(scene.phrase("page_address" if asking.draft.finished_at is None else "page_result", address=address))
