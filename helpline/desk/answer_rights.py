"""An advisor answers the rights guide for a caller, or goes on from where the caller stopped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpline.core.contact import WITH_ADVISOR
from helpline.errors import TakenByAnother
from helpline.store import contacts, drafts
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Advisor, Draft, DraftKind

#: Whoever was helped with their rights asked about them: this topic stands in the record then.
TOPIC = "rights"


async def begun(session: ReadSession, contact_id: int, *, now: datetime) -> tuple[Draft | None, dict[str, Any]]:
    """The draft of the rights guide that a contact has, and its answers; none of either when nobody has begun."""
    draft = await drafts.newest(session, contact_id, DraftKind.RIGHTS, now=now)
    return draft, {} if draft is None else drafts.answers(session, draft)


async def keep(
    session: WriteSession, contact_id: int, answers: Mapping[str, Any], *, advisor: Advisor, now: datetime
) -> None:
    """Keep the answers in the contact's draft, the caller's own where there is one. The record says that rights were a
    topic.

    Raises:
        TakenByAnother: it is not this advisor's contact now.
    """
    contact = await contacts.by_id(session, contact_id, lock=True)
    if contact is None or contact.advisor_id != advisor.id or contact.state not in WITH_ADVISOR:
        raise TakenByAnother("Henvendelsen er ikke lenger din.")
    draft = await drafts.newest(session, contact_id, DraftKind.RIGHTS, now=now)
    if draft is None:
        await drafts.begin(
            session, contact_id=contact_id, kind=DraftKind.RIGHTS, language=contact.language, now=now, answers=answers
        )
    else:
        drafts.change(session, draft, answers, now=now)
    topics = contact.draft.get("topics") or list(contact.topics)
    if TOPIC not in topics:
        contact.draft = {**contact.draft, "topics": [*topics, TOPIC]}
