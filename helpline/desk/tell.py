"""Words out: an entry and a delivery in the same transaction. Nothing is sent from here; the outbox does that."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import EntryKind
from helpline.core.turn import Ask, Instruction, Say
from helpline.desk import safe
from helpline.desk.house import House
from helpline.store import callers, contacts, deliveries, notices
from helpline.store.db import WriteSession
from helpline.store.tables import Caller, Contact, DeliveryKind

#: What must be answered may pass the brake on automatic texts this many times over: nobody who is in danger or asks for
#: a person is met with silence, and two machines that write to each other still end.
NEEDED_ALLOWANCE = 3
#: In a contact's memory: the hour of the brake in which it was said that no more automatic answers come.
WENT_QUIET = "went_quiet"
#: Characters in one message of Telegram (Bot API, sendMessage); SMS takes less, and is kept short by its phrases.
LONGEST_MESSAGE = 4096
#: Time an advisor has to take back a reply.
UNDO_TIME = timedelta(seconds=10)


async def tell(
    session: WriteSession,
    *,
    house: House,
    contact: Contact,
    caller: Caller | None,
    text: str,
    now: datetime,
    choices: Sequence[tuple[str, str]] = (),
    step: str = "",
    urgency: Urgency = Urgency.GREEN,
    advisor_id: int | None = None,
    due_at: datetime | None = None,
    unasked: bool = False,
    needed: bool = False,
) -> int | None:
    """Put words to the caller on their way; returns the delivery's id, or None when they are held back.

    Held back, with an entry that says so: words to one who opted out or blocked us, automatic words past the brake,
    and words that we start ourselves (`unasked`: they answer nothing that the caller
    has just written) where it may not be safe. A red answer ignores the opt-out (it is answered first, always); the
    provider may still refuse it, and then the advisor sees that loudly. An answer to danger, and what else is `needed`,
    goes past the brake; before the others fall silent one last text says so.
    """
    automatic = advisor_id is None
    withheld = None
    if caller is None:
        withheld = "no_handle"
    elif caller.opted_out_at is not None and urgency is not Urgency.RED:
        withheld = "opted_out"
    elif unasked and not safe.to_write_first(contact):
        withheld = "not_safe"
    elif automatic and not callers.count_automatic(
        caller, now=now, limit=_most_automatic(house, needed=needed or urgency is not Urgency.GREEN)
    ):
        withheld = "brake"
    entry_id = await contacts.append(
        session,
        contact.id,
        EntryKind.TEXT_OUT if withheld is None else EntryKind.DELIVERY_FAILED,
        now=now,
        text=text,
        advisor_id=advisor_id,
        error=withheld,
    )
    notices.give(session, notices.CONTACT, now=now, contact_id=contact.id)
    if withheld == "brake" and caller is not None and not (needed or unasked):
        await _go_quiet(session, house=house, contact=contact, caller=caller, now=now)
    if withheld is not None or caller is None:
        return None
    return await deliveries.queue(
        session,
        contact_id=contact.id,
        channel=Channel.SMS if contact.channel is Channel.PHONE else contact.channel,
        kind=DeliveryKind.TEXT,
        now=now,
        to=callers.open_handle(session, caller),
        text=text,
        urgency=urgency,
        automatic=automatic,
        entry_id=entry_id,
        due_at=due_at,
        data={"choices": [list(choice) for choice in choices], "step": step} if choices else {},
    )


def _most_automatic(house: House, *, needed: bool) -> int:
    """Automatic texts that one handle gets in an hour."""
    return house.automatic_per_hour * (NEEDED_ALLOWANCE if needed else 1)


async def _go_quiet(session: WriteSession, *, house: House, contact: Contact, caller: Caller, now: datetime) -> None:
    """Say once, in the hour of the brake, that no more automatic answers come, what is still answered, and 113."""
    hour = str(caller.automatic_since)
    if contact.memory.get(WENT_QUIET) == hour:
        return
    contact.memory = {**contact.memory, WENT_QUIET: hour}
    text = words("going_quiet", house=house, language=contact.language, channel=contact.channel.value, now=now)
    await tell(session, house=house, contact=contact, caller=caller, text=text, now=now, needed=True)


def words(phrase: str, *, house: House, language: str, channel: str, now: datetime) -> str:
    """A phrase of the service's own, as it reads in a language and on a channel today."""
    on = now.astimezone(house.zone).date()
    return house.phrases.say(phrase, language=language, channel=channel, on=on)


async def tell_phrase(
    session: WriteSession,
    phrase: str,
    *,
    house: House,
    contact: Contact,
    caller: Caller,
    now: datetime,
    unasked: bool = False,
    needed: bool = False,
) -> None:
    """Say one phrase to a caller in writing; `unasked` and `needed` as `tell` has them."""
    text = words(phrase, house=house, language=contact.language, channel=contact.channel.value, now=now)
    await tell(session, house=house, contact=contact, caller=caller, text=text, now=now, unasked=unasked, needed=needed)


async def tell_instructions(
    session: WriteSession,
    *,
    house: House,
    contact: Contact,
    caller: Caller | None,
    instructions: Sequence[Instruction],
    now: datetime,
    needed: bool = False,
) -> None:
    """Send what the guided conversation says as one text: its sayings, then its question with the choices. `needed` as
    `tell` has it."""
    said = [part.text for part in instructions if isinstance(part, Say | Ask) and part.text]
    if not said:
        return
    asked = next((part for part in reversed(instructions) if isinstance(part, Ask)), None)
    await tell(
        session,
        house=house,
        contact=contact,
        caller=caller,
        text="\n\n".join(said),
        now=now,
        choices=_pairs(asked) if asked else (),
        step=asked.step if asked else "",
        needed=needed,
    )


def pieces(text: str, longest: int = LONGEST_MESSAGE) -> list[str]:
    """A long text in messages that a channel takes, parted between paragraphs, else lines, else words."""
    found: list[str] = []
    rest = text.strip()
    while len(rest) > longest:
        cut = -1
        for mark in ("\n\n", "\n", " "):
            if cut < longest // 2:
                cut = max(cut, rest.rfind(mark, 1, longest))
        cut = cut if cut > 0 else longest
        found.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*found, rest] if rest else found


def _pairs(asked: Ask) -> list[tuple[str, str]]:
    return [(choice.key, choice.label) for choice in asked.choices]


async def change_choices(
    session: WriteSession,
    asked: Ask,
    *,
    house: House,
    contact: Contact,
    caller: Caller,
    message_id: str,
    now: datetime,
) -> None:
    """Show a question of ours anew in the message where it stands, with other choices. Telegram alone can. It is no new
    text, and follows a finger on a button: the brake does not count it."""
    await deliveries.queue(
        session,
        contact_id=contact.id,
        channel=contact.channel,
        kind=DeliveryKind.EDIT,
        now=now,
        to=callers.open_handle(session, caller),
        text=asked.text,
        automatic=True,
        data={"choices": [list(pair) for pair in _pairs(asked)], "step": asked.step, "message_id": message_id},
    )


async def send_letter(
    session: WriteSession,
    *,
    contact: Contact,
    caller: Caller,
    name: str,
    draft_id: int,
    answers: str,
    language: str,
    on: str,
    now: datetime,
) -> None:
    """Send a letter as a file. It is made when it is sent, for that takes a moment and no transaction waits for it;
    until then its answers (JSON) stand sealed in the delivery."""
    entry_id = await contacts.append(session, contact.id, EntryKind.TEXT_OUT, now=now, text=name, draft=draft_id)
    await deliveries.queue(
        session,
        contact_id=contact.id,
        channel=contact.channel,
        kind=DeliveryKind.DOCUMENT,
        now=now,
        to=callers.open_handle(session, caller),
        text=answers,
        automatic=True,
        entry_id=entry_id,
        data={"name": name, "letter": {"language": language, "on": on}},
    )
