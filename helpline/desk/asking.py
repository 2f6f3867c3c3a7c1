"""A questionnaire that somebody fills in, and the draft where the answers stand sealed.

Nobody keeps a position: which question comes next follows from the answers, so that a caller goes on where they were
after a red alarm, a wait, an advisor's talk or a restart of the service.
"""

from dataclasses import dataclass
from typing import Any

from helpline.core.questionnaire import OPEN, Place, Questionnaire
from helpline.desk.scene import Scene
from helpline.store import drafts
from helpline.store.tables import Draft, DraftKind
from helpline.triage.script import Step

#: Beside the answers of a draft, under `OPEN`: what was answered before the caller stepped back (by question), and the
#: choices made so far where several may be made, and how often a telephone was asked for more answers. It goes when the
#: questions are done.
WAS, PICKED, TURNED = "was", "picked", "turned"


@dataclass(kw_only=True)
class Asking:
    """A questionnaire with the draft that is being filled in, and where it stands."""

    questionnaire: Questionnaire
    draft: Draft
    given: dict[str, Any]

    @property
    def answers(self) -> dict[str, Any]:
        """The answers alone."""
        return {name: value for name, value in self.given.items() if name != OPEN}

    @property
    def place(self) -> Place | None:
        return self.questionnaire.next(self.answers)

    @property
    def aside(self) -> dict[str, Any]:
        return dict(self.given.get(OPEN) or {})

    def picked(self, place: Place) -> list[str]:
        """The choices made so far where several may be made."""
        return list((self.aside.get(PICKED) or {}).get(name_of(place), []))

    def turned(self, place: Place) -> int:
        """How often more answers were asked for, on a telephone that reads out a few at a time."""
        return int((self.aside.get(TURNED) or {}).get(name_of(place), 0))

    def was(self, place: Place) -> tuple[Any] | None:
        """The answer that stood here before the caller stepped back, in a tuple of its own; None without one."""
        before = self.aside.get(WAS) or {}
        return (before[name_of(place)],) if name_of(place) in before else None

    def keep(self, scene: Scene, answers: dict[str, Any], **aside: Any) -> None:
        """Seal these answers. `aside` replaces what stands beside them; an empty value forgets it."""
        beside = {name: value for name, value in {**self.aside, **aside}.items() if value}
        self.given = {**answers, OPEN: beside} if beside else dict(answers)
        self.draft.language = scene.language
        self.draft.finished_at = None
        drafts.change(scene.session, self.draft, self.given, now=scene.now)


def questionnaire(scene: Scene, kind: DraftKind) -> Questionnaire:
    """The questions of the rights guide or of the letters."""
    house = scene.house
    return house.rights.questionnaire if kind is DraftKind.RIGHTS else house.letters.questionnaire


async def begun(scene: Scene, kind: DraftKind) -> Asking | None:
    """The draft of this kind that the contact is filling in, or has filled in; None without one."""
    found = await drafts.newest(scene.session, scene.contact.id, kind, now=scene.now)
    return None if found is None else await _opened(scene, found.id)


def kind_of(step: Step) -> DraftKind:
    """What is filled in at a step that asks questions."""
    return DraftKind(step.asks or "")


async def at(scene: Scene, step: Step) -> Asking | None:
    """The draft that is filled in at a step that asks questions."""
    return await begun(scene, kind_of(step))


async def _opened(scene: Scene, draft_id: int) -> Asking | None:
    draft = await drafts.by_id(scene.session, draft_id, now=scene.now, lock=True)
    if draft is None:
        return None
    return Asking(
        questionnaire=questionnaire(scene, draft.kind), draft=draft, given=drafts.answers(scene.session, draft)
    )


async def unfinished(scene: Scene) -> DraftKind | None:
    """What this caller was filling in last, in this contact or, in writing, in one before it; it follows them here.

    None when there is nothing. A telephone is shared: what was begun in one call is not gone on with in another.
    """
    if scene.by_phone or scene.caller is None:
        found = await drafts.last_of_contact(scene.session, scene.contact.id, now=scene.now)
    else:
        found = await drafts.last_of_caller(scene.session, scene.caller.id, now=scene.now)
    if found is None:
        return None
    found.contact_id = scene.contact.id
    await scene.session.flush()
    return found.kind


async def begin(scene: Scene, kind: DraftKind) -> bool:
    """A new draft, unless one is half filled in: False then, for nobody loses answers by choosing a thing twice."""
    asking = await begun(scene, kind)
    if asking is not None and asking.draft.finished_at is None and asking.answers:
        return False
    await anew(scene, kind)
    return True


async def anew(scene: Scene, kind: DraftKind) -> None:
    """A new draft, from the first question."""
    await drafts.begin(scene.session, contact_id=scene.contact.id, kind=kind, language=scene.language, now=scene.now)
    if scene.by_phone:
        scene.say(scene.phrase("answer_ways"))


def name_of(place: Place) -> str:
    """What buttons call the question: `relation`, and in a list `events.0.what`, or `events.0` for «one more?»."""
    if place.index is None:
        return place.question.id
    return f"{place.question.id}.{place.index}" + (f".{place.part.id}" if place.part else "")


async def has_answers(scene: Scene, step: Step) -> bool:
    """Whether anything has been answered at a step that asks questions."""
    asking = await at(scene, step)
    return asking is not None and bool(asking.answers)


async def asked_now(scene: Scene, step: Step) -> str | None:
    """The name of the question that is asked now; None when there is none."""
    asking = await at(scene, step)
    return name_of(asking.place) if asking is not None and asking.place is not None else None
