"""Whether it is safe to write to somebody who did not write to us just now.

Violence may be read by the one who is violent: telephones are shared and looked through. After an alarm about violence
nothing is started by us (what an advisor writes, the end of a conversation, an evaluation, a link, «we are open again»)
without a yes to one question: is it safe that we write to you here later? The answer is kept on the contact as a code.
Answers to what the caller has just written are not held back: the telephone is in their hand.
"""

from datetime import datetime, timedelta

from helpline.core.codes import Channel
from helpline.store.tables import Contact
from helpline.triage import Finding

#: Alarms that mean that somebody near the caller may be dangerous to them.
VIOLENCE = frozenset({"violence_now", "violence_pattern", "threat_to_other", "child_at_risk"})
_TOPIC = "violence"
#: Codes in a contact's memory: that violence was spoken of, and whether we may write first (`yes`, `no`; absent while
#: it was not answered).
QUIETLY = "quietly"
ANSWERED = "safe_to_write"
#: The question was asked; it is asked once.
ASKED = "safe_asked"
#: Within this long of their own words somebody is still there to read an answer.
STILL_THERE = timedelta(minutes=15)


def speaks_of_violence(finding: Finding) -> bool:
    """Whether one message speaks of violence or threats, at whatever level."""
    return any(alarm.code in VIOLENCE for alarm in finding.alarms)


def quietly(contact: Contact) -> bool:
    """Whether what we write to this contact may hold no word that tells what it is about."""
    return bool(contact.memory.get(QUIETLY))


def is_about_violence(contact: Contact) -> bool:
    """Whether a message of this contact spoke of it, or the triage or the advisor called it a topic."""
    return quietly(contact) or _TOPIC in contact.topics or _TOPIC in contact.draft.get("topics", ())


def to_write_first(contact: Contact) -> bool:
    """Whether we may start writing: always, except about violence without a yes."""
    return not is_about_violence(contact) or contact.memory.get(ANSWERED) == "yes"


def to_answer(contact: Contact, *, now: datetime) -> bool:
    """Whether words to this contact may go out now: they answer what was written just now, or we may write first."""
    return to_write_first(contact) or now - contact.last_inbound_at <= STILL_THERE


def must_ask(contact: Contact) -> bool:
    """Whether the question is still to be asked. A telephone is asked about ringing back, and gets no texts."""
    return quietly(contact) and ASKED not in contact.memory and contact.channel is not Channel.PHONE
