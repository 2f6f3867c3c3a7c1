"""All that is kept about a caller, for the caller (GDPR article 15)."""

from datetime import datetime

from helpline.store import access, callers, contacts, drafts, interests
from helpline.store.contacts import of_caller
from helpline.store.db import WriteSession


async def everything(session: WriteSession, kind: str, handle: str, *, now: datetime) -> dict[str, object] | None:
    """A JSON document of the caller's contacts with every word still kept, and of the lists they stand on; None when
    nothing is kept. Leaves a log line."""
    caller = await callers.find(session, kind, handle)
    if caller is None:
        return None
    await access.log(session, now=now, action="exported", advisor_id=None)
    return {
        "kind": caller.kind,
        "language": caller.language,
        "opted_out_at": caller.opted_out_at,
        "first_contact_at": caller.first_contact_at,
        "last_contact_at": caller.last_contact_at,
        "evaluation_asked_at": caller.evaluation_asked_at,
        "interests": [
            {
                "offer": one.offer,
                "county": one.county,
                "channel": one.channel.value,
                "consent_at": one.consent_at,
                "safe_at": one.safe_at,
                "written_at": one.written_at,
            }
            for one in await interests.of_caller(session, caller.id)
        ],
        "contacts": [
            {
                "opened_at": contact.opened_at,
                "closed_at": contact.closed_at,
                "channel": contact.channel.value,
                "outcome": contact.outcome.value if contact.outcome else None,
                "urgency": contact.urgency.value,
                "language": contact.language,
                "topics": contact.topics,
                "callback_number": session.keyring.open(contact.callback_sealed) if contact.callback_sealed else None,
                "entries": [
                    {"at": entry.at, "kind": entry.kind.value, "text": contacts.words(session, entry)}
                    for entry in await contacts.entries(session, contact.id)
                ],
                "drafts": [
                    {
                        "kind": draft.kind.value,
                        "changed_at": draft.changed_at,
                        "expires_at": draft.expires_at,
                        "answers": drafts.answers(session, draft),
                    }
                    for draft in await drafts.of_contact(session, contact.id, now=now)
                ],
            }
            for contact in await of_caller(session, caller.id)
        ],
    }
