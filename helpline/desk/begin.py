"""A contact begins."""

from datetime import datetime

from helpline.core.codes import Channel, Direction, Urgency
from helpline.core.contact import ContactState, Wish
from helpline.core.record import LANGUAGES
from helpline.core.turn import Inbound
from helpline.desk.house import House
from helpline.store import contacts
from helpline.store.db import WriteSession
from helpline.store.tables import Caller, Contact


async def contact(
    session: WriteSession,
    inbound: Inbound,
    caller: Caller | None,
    *,
    house: House,
    now: datetime,
    language: str | None = None,
    returning: bool | None = None,
) -> Contact:
    """Open a contact for an inbound event, at the first step of its script.

    The language is what the caller chose before, else what they write or wrote (`language`), else what their app says,
    else bokmål.
    """
    script = house.call_script if inbound.channel is Channel.PHONE else house.text_script
    return await contacts.open_new(
        session,
        {
            "caller_id": caller.id if caller else None,
            "channel": inbound.channel,
            "direction": Direction.INBOUND,
            "origin": house.origin,
            "state": ContactState.GUIDED,
            "wish": Wish.TALK,
            "urgency": Urgency.GREEN,
            "language": (caller.language if caller else None) or language or _hinted(inbound.language_hint) or "nb",
            "step": script.start,
            "memory": {},
            "turn": 0,
            "call_sid": inbound.call_sid,
            "opened_at": now,
            "last_inbound_at": now,
            "asked_what_matters": False,
            "returning": returning,
            "topics": [],
            "draft": {},
        },
    )


def _hinted(tag: str | None) -> str | None:
    """The language of a tag as apps write it («pt-BR» is Portuguese); None when it names none that a record knows."""
    language = (tag or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else None
