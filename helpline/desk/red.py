"""Danger is answered first: numbers and one action, alerts to advisors, and the way to a human without a menu."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import IN_QUEUE, ContactState, EntryKind
from helpline.desk import opening, safe, tell, wait
from helpline.desk.house import House
from helpline.desk.scene import Scene
from helpline.guidance.danger import INTENT, SWALLOWED, effective_level
from helpline.store import advisors, contacts, deliveries, notices
from helpline.store.tables import DeliveryKind
from helpline.triage import Finding

#: In a contact's memory: an emergency answer is on its way to the caller.
EMERGENCY_ANSWERED = "emergency_answered"
#: And: which of these alarms there have been, for together they are more than each.
TOLD = "told"
#: Those who asked to be paged are paged once per contact within this time.
PAGE_AGAIN_AFTER = timedelta(hours=1)


def answer_lines(finding: Finding, *, house: House, language: str, on: date) -> Sequence[str]:
    """The emergency answer of DOMAIN §8.5: first line one number and one action."""
    return house.library.emergency_answer(
        [alarm.code for alarm in finding.alarms if alarm.level is finding.urgency],
        finding.at_risk,
        language,
        on,
        level=finding.urgency,
        sure=finding.kind_is_sure,
    )


async def alarm(scene: Scene, finding: Finding, entry_id: int) -> bool:
    """Act on what the triage found in one message. True when an emergency answer went out.

    Red: answered in every state and every time; the contact goes to the head of the queue by itself. Yellow: answered
    while no advisor has the contact.
    """
    if not finding.alarms and not finding.guarded:
        return False
    session, contact, now = scene.session, scene.contact, scene.now
    await contacts.append(
        session,
        contact.id,
        EntryKind.ALARM,
        now=now,
        urgency=finding.urgency.value,
        at_risk=finding.at_risk.value if finding.at_risk else None,
        of_entry=entry_id,
        alarms=[
            {"code": found.code, "level": found.level.value, "span": list(found.span), "entry": found.entry}
            for found in finding.alarms
        ],
        guarded=[
            {"code": found.code, "before": found.before.value, "span": list(found.span), "entry": found.entry}
            for found in finding.guarded
        ],
    )
    if not finding.alarms:
        return False
    if finding.urgency.rank < contact.urgency.rank:
        contact.urgency = finding.urgency
    if finding.at_risk is not None:
        contact.at_risk = finding.at_risk
    if safe.speaks_of_violence(finding):
        scene.remember(**{safe.QUIETLY: True})
    notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    is_red = finding.urgency is Urgency.RED
    if not is_red and (finding.urgency is Urgency.GREEN or contact.state not in (ContactState.GUIDED, *IN_QUEUE)):
        return False
    on = now.astimezone(scene.house.zone).date()
    lines = answer_lines(finding, house=scene.house, language=contact.language, on=on)
    if not lines:
        return False
    await answer_first(scene, *lines, urgency=finding.urgency)
    if is_red:
        await to_a_human(scene)
    return True


def raised(scene: Scene, finding: Finding) -> Finding:
    """The finding at the level that it is acted on: something swallowed and a wish to die or to harm oneself, in one
    message or in two of the same contact, is red (`guidance.danger.effective_level`)."""
    codes = {found.code for found in finding.alarms}
    told = codes & {SWALLOWED, *INTENT}
    if not told:
        return finding
    before = set(scene.contact.memory.get(TOLD, []))
    scene.remember(**{TOLD: sorted(told | before)})
    level = effective_level(codes | before, finding.urgency)
    if level is finding.urgency:
        return finding
    return replace(finding, urgency=level, alarms=tuple(replace(found, level=level) for found in finding.alarms))


async def answer_first(scene: Scene, first: str, *rest: str, urgency: Urgency = Urgency.RED) -> None:
    """Send the words of an emergency before everything else. The first line stands alone, so that it is one SMS part
    and is read first; the rest follows in a second text."""
    for text in (first, "\n".join(rest)):
        if text:
            on_its_way = await tell.tell(
                scene.session,
                house=scene.house,
                contact=scene.contact,
                caller=scene.caller,
                text=text,
                now=scene.now,
                urgency=urgency,
            )
            if on_its_way is not None:
                scene.remember(**{EMERGENCY_ANSWERED: True})


def wants_a_human(finding: Finding) -> bool:
    """Whether a message that is not acute still belongs before an advisor, unasked: yellow for anything but a tired
    relative, who chooses freely between a talk and an article."""
    return any(found.level is Urgency.YELLOW and found.code != "caregiver_exhaustion" for found in finding.alarms)


async def to_a_human(scene: Scene) -> None:
    """To the head of the queue, also from within it; whoever asked to be paged is paged when nobody is there."""
    session, house, contact, now = scene.session, scene.house, scene.contact, scene.now
    if contact.state not in (ContactState.GUIDED, *IN_QUEUE):
        return
    first_time = contact.state is ContactState.GUIDED
    await wait.enter(session, contact, house=house, now=now, urgency=Urgency.RED)
    is_open = (await opening.state(session, house=house, now=now)).open
    staffed = await wait.somebody_on_duty(session)
    if not (is_open and staffed):
        await _page(scene)
    if first_time and not is_open:
        scene.say(scene.phrase("red_closed"))
    elif first_time and not staffed:
        scene.say(scene.phrase("nobody_on_duty_text"))
    elif first_time:
        place = await wait.place_in_words(session, contact, house=house, now=now, channel=contact.channel.value)
        # Others may have written of danger before them: only the first one is told so.
        scene.say(scene.phrase("red_in_queue") if contact.announced_place == 1 else place)


async def _page(scene: Scene) -> None:
    """Text those who asked to be paged. The text says nothing but «sign in»."""
    contact, now = scene.contact, scene.now
    if contact.red_paged_at is not None and now - contact.red_paged_at < PAGE_AGAIN_AFTER:
        return
    contact.red_paged_at = now
    for advisor in await advisors.everyone(scene.session):
        number = advisors.phone(scene.session, advisor)
        if not (advisor.active and advisor.paged_on_red and number):
            continue
        await deliveries.queue(
            scene.session,
            contact_id=None,
            channel=Channel.SMS,
            kind=DeliveryKind.TEXT,
            now=now,
            to=number,
            text=tell.words("red_page", house=scene.house, language=advisor.language, channel="sms", now=now),
            urgency=Urgency.RED,
            automatic=True,
        )
