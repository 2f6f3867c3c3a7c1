"""The list of those who want to hear of an advice session or a group: how one comes on it and off it, and how an
advisor writes to them. It is never the promise of a place."""

import re
from datetime import datetime
from functools import cache

from helpline.core.codes import Direction, Urgency, counties, municipalities
from helpline.core.contact import ContactState, EntryKind, Wish
from helpline.core.duty import Duty
from helpline.desk import attend, offer, safe, tell
from helpline.desk.house import House
from helpline.desk.scene import Scene
from helpline.errors import HelplineError, NotFound
from helpline.guidance import Intake
from helpline.store import access, advisors, callers, contacts, interests, notices
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, Caller, Contact, Interest

#: What one can ask to hear of: an advice session, and codes of the list `activity`.
OFFERS = ("advice_session", "support_group", "self_run_group", "course", "writing")


def choose(scene: Scene, wanted: str) -> None:
    """This is what it is about. How things stand with it is said plainly, as far as we know."""
    drop(scene)
    scene.remember(interest=wanted)
    offers = scene.house.library.offers.values()
    running = [one for one in offers if one.kind == wanted and one.open_on(scene.on)]
    open_now = [one for one in running if one.intake is Intake.OPEN]
    if open_now:
        language = scene.language
        names = (one.called(language) + (f" ({one.when[language]})" if one.when else "") for one in open_now)
        scene.say(scene.phrase("interest_open_now", offers=", ".join(names)))
    elif running and all(one.intake is Intake.CLOSED for one in running):
        scene.say(scene.phrase("interest_closed_now"))


def county(scene: Scene) -> bool:
    """Where they live, by the name of a county or a municipality. False when we know neither."""
    found = county_named(scene.heard)
    if found is None:
        return False
    scene.remember(interest_county=found)
    return True


def county_named(words: str) -> str | None:
    """The number of the county that these words name, by itself or by one of its municipalities; None for others and
    for municipalities that two counties have."""
    return _places().get(re.sub(r"\s+", " ", words).strip(" .,!").casefold())


@cache
def _places() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for place in municipalities().values():
        for name in {place.name, *re.split(r" [-–] ", place.name)}:
            found.setdefault(name.casefold(), set()).add(place.county_number)
    named = {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1}
    for number, name in counties().items():
        named |= dict.fromkeys((part.casefold() for part in {name, *re.split(r" [-–] ", name)}), number)
    return named


async def keep(scene: Scene) -> None:
    """Two clear answers: yes to being contacted, and yes, it is safe. Then they stand on the list."""
    wanted = scene.contact.memory.get("interest")
    if scene.caller is None or wanted not in OFFERS:
        return
    if safe.is_about_violence(scene.contact):
        # The same question as after words about violence, and a later answer.
        scene.remember(**{safe.ASKED: True})
        scene.remember(**{safe.ANSWERED: "yes"})
    await interests.keep(
        scene.session,
        caller_id=scene.caller.id,
        offer=wanted,
        channel=scene.contact.channel,
        language=scene.contact.language,
        county=scene.contact.memory.get("interest_county"),
        now=scene.now,
    )
    drop(scene)
    scene.say(scene.phrase("interest_kept", offer=scene.phrase(f"choice_{wanted}")))


def drop(scene: Scene) -> None:
    """What they were being asked about is over."""
    scene.remember(interest=None, interest_county=None)


async def off_list(scene: Scene) -> None:
    """AV LISTEN: off every list, at once."""
    assert scene.caller is not None
    stood = await interests.forget_of_caller(scene.session, scene.caller.id)
    scene.say(scene.phrase("interest_off" if stood else "interest_not_on"))


# What an advisor does with the list.


async def _open(session: WriteSession, interest_id: int) -> tuple[Interest, Caller]:
    """Somebody who stands on the list, locked; the caller before the rest, as everywhere.

    Raises:
        NotFound: they do not, or not any more.
    """
    found = await interests.by_id(session, interest_id)
    caller = await callers.by_id(session, found.caller_id, lock=True) if found and found.caller_id else None
    found = await interests.by_id(session, interest_id, lock=True)
    if found is None or caller is None or found.settled_at is not None:
        raise NotFound("Denne personen står ikke på listen lenger.")
    return found, caller


def cannot_write(interest: Interest, caller: Caller) -> str | None:
    """Why we may not write to somebody on the list, in a sentence for the advisor; None when we may."""
    if interest.safe_at is None:
        return "Etter at de sa ja, har noe handlet om vold. Vent til de selv tar kontakt og sier at det er trygt."
    if caller.opted_out_at is not None:
        return "Innringeren har sendt STOPP og får ikke meldinger. De kan åpne igjen med START."
    if caller.blocked_us_at is not None:
        return "Innringeren har blokkert oss på Telegram. Meldinger kommer ikke fram."
    return None


async def write(session: WriteSession, interest_id: int, *, house: House, advisor: Advisor, now: datetime) -> Contact:
    """Begin a conversation with somebody on the list: a contact of our own making, and a text that says nothing about
    why. Whatever they answer comes to this advisor.

    Raises:
        NotFound: they do not stand on the list any more.
        HelplineError: we may not write to them, or they are in a conversation with us; the sentence says why.
    """
    interest, caller = await _open(session, interest_id)
    problem = cannot_write(interest, caller)
    if problem is not None:
        raise HelplineError(problem)
    if await contacts.open_text_contact(session, caller.id, lock=True) is not None:
        raise HelplineError("Innringeren har en åpen henvendelse hos oss nå. Svar der i stedet.")
    await offer.let_go(session, advisor, now=now)
    contact = await contacts.open_new(
        session,
        {
            "caller_id": caller.id,
            "channel": interest.channel,
            "direction": Direction.OUTBOUND,
            "origin": house.origin,
            "state": ContactState.ACTIVE,
            "wish": Wish.TALK,
            "urgency": Urgency.GREEN,
            "language": interest.language,
            "step": house.text_script.start,
            "memory": {},
            "turn": 0,
            "opened_at": now,
            "last_inbound_at": now,
            "advisor_id": advisor.id,
            "accepted_at": now,
            "asked_what_matters": False,
            "topics": [],
            "draft": {},
        },
    )
    await contacts.append(session, contact.id, EntryKind.ACCEPTED, now=now, advisor_id=advisor.id)
    text = tell.words(
        "interest_written", house=house, language=contact.language, channel=contact.channel.value, now=now
    )
    # By the advisor's hand, so that it is not held back by the brake; at once, for its words are ours.
    await tell.tell(
        session, house=house, contact=contact, caller=caller, text=text, now=now, advisor_id=advisor.id, due_at=now
    )
    interest.written_at = now
    await access.log(session, now=now, action="wrote_to_interested", advisor_id=advisor.id, contact_id=contact.id)
    await advisors.set_duty(session, advisor.id, Duty.BUSY, now=now, only_from=(Duty.ON, Duty.PAUSE, Duty.OFF))
    notices.give(session, notices.DUTY, now=now, advisor_id=advisor.id)
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    return contact


async def show_number(session: WriteSession, interest_id: int, reason: str, *, advisor: Advisor, now: datetime) -> str:
    """Break the glass: the number or Telegram id of somebody on the list, for a reason that is logged.

    Raises:
        NotFound: they do not stand on the list any more.
        HelplineError: no reason was given.
    """
    _, caller = await _open(session, interest_id)
    if len(reason.strip()) < attend.SHORTEST_REASON:
        raise HelplineError("Skriv hvorfor du trenger nummeret. Det blir logget.")
    await access.log(session, now=now, action="shown_number", advisor_id=advisor.id, reason=reason.strip())
    return callers.open_handle(session, caller)


async def settle(session: WriteSession, interest_id: int, *, advisor: Advisor, now: datetime) -> None:
    """Off the list, because they got a place or do not want one any more. From now on it leads to nobody.

    Raises:
        NotFound: they do not stand on the list any more.
    """
    interest, _ = await _open(session, interest_id)
    interest.settled_at = now
    interest.settled_by = advisor.id
    interest.caller_id = None
    await access.log(session, now=now, action="interest_settled", advisor_id=advisor.id)
