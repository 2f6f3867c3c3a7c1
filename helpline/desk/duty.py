"""The duty switch: on duty, pause with a reason, off. Busy and wrap-up follow from the work."""

from datetime import datetime

from helpline.core.codes import Channel
from helpline.core.contact import ContactState, EntryKind
from helpline.core.duty import Duty, PauseReason
from helpline.desk import offer
from helpline.desk.house import House
from helpline.errors import TakenByAnother
from helpline.store import advisors, contacts, notices
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor


async def go_on(
    session: WriteSession, advisor: Advisor, *, house: House, now: datetime, ends_at: datetime | None = None
) -> None:
    """On duty, or ready for the next one. Whoever comes on duty gets what waits at once.

    Raises:
        TakenByAnother: a telephone call is going on.
    """
    if await advisors.in_a_call(session, advisor.id):
        raise TakenByAnother("Du er i en samtale. Avslutt den før du tar imot den neste.")
    await advisors.set_duty(session, advisor.id, Duty.ON, now=now, ends_at=ends_at)
    notices.give(session, notices.DUTY, now=now, advisor_id=advisor.id)
    await session.flush()
    await offer.hold_out(session, house=house, now=now)


async def pause(session: WriteSession, advisor: Advisor, *, reason: PauseReason, house: House, now: datetime) -> None:
    """A pause: nothing is offered; what is being offered goes to the next."""
    await offer.let_go(session, advisor, now=now)
    await advisors.set_duty(session, advisor.id, Duty.PAUSE, now=now, reason=reason)
    notices.give(session, notices.DUTY, now=now, advisor_id=advisor.id)
    await offer.hold_out(session, house=house, now=now)


async def go_off(session: WriteSession, advisor: Advisor, *, house: House, now: datetime) -> None:
    """Off duty. Text contacts go back to the queue with their age, so that no work sticks to one who is gone.

    Raises:
        TakenByAnother: a telephone call is going on, or waits for its record.
    """
    own = await contacts.of_advisor(session, advisor.id)
    if any(contact.channel is Channel.PHONE and contact.state is not ContactState.WRAP_UP for contact in own):
        raise TakenByAnother("Du er i en samtale. Avslutt den før du går av vakt.")
    await offer.let_go(session, advisor, now=now)
    for contact in own:
        if contact.state is ContactState.ACTIVE:
            await contacts.move(
                session,
                contact.id,
                ContactState.WAITING,
                only_advisor=advisor.id,
                advisor_id=None,
                waiting_since=contact.waiting_since or contact.opened_at,
            )
            await contacts.append(session, contact.id, EntryKind.HANDED_OVER, now=now, advisor_id=advisor.id)
            notices.give(session, notices.QUEUE, now=now, contact_id=contact.id)
    await advisors.set_duty(session, advisor.id, Duty.OFF, now=now)
    notices.give(session, notices.DUTY, now=now, advisor_id=advisor.id)
    await offer.hold_out(session, house=house, now=now)


async def end_with_shift(session: WriteSession, *, house: House, now: datetime) -> int:
    """Sweep: duty ends by itself when the shift does, unless a contact is still open. Returns how many went off."""
    ended = 0
    for advisor in await advisors.on_duty(session):
        over = advisor.duty_ends_at is not None and advisor.duty_ends_at <= now
        if (
            over
            and advisor.duty in (Duty.ON, Duty.PAUSE)
            and await advisors.number_of_contacts(session, advisor.id) == 0
        ):
            await go_off(session, advisor, house=house, now=now)
            ended += 1
    return ended
