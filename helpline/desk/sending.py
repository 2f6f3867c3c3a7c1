"""What a channel must be able to do to send: the port between the outbox and Telegram, SMS and the telephone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from helpline.core.codes import Channel, Urgency
from helpline.store.tables import DeliveryKind


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One delivery, opened for sending. `to` is a number in E.164 or a Telegram chat id; `data` holds choices
    (`choices`: [key, label] pairs, `step`), document names and call ids."""

    delivery_id: int
    contact_id: int | None
    leg_id: int | None
    channel: Channel
    kind: DeliveryKind
    to: str | None
    text: str
    urgency: Urgency
    created_at: datetime
    first_tried_at: datetime
    #: Provider ids of the contact's other messages: the same words may have been sent before, and are not these.
    others: frozenset[str] = frozenset()
    #: The content of a document that is not plain text.
    file: bytes | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The provider has it. `provider_id` is its id; None where it gives none. `parts` counts SMS parts."""

    provider_id: str | None
    parts: int | None = None


class Refused(Exception):
    """The provider will never take it. `code` is its own code (21610, blocked_us …); words follow from the code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TryLater(Exception):
    """Not now; `retry_after` is the provider's own wish. It has certainly not been sent."""

    def __init__(self, code: str, retry_after: timedelta | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class AnswerLost(Exception):
    """It may have been sent: the connection broke after the request left, or the answer was a server error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sender(Protocol):
    """One channel's way out."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Hand it to the provider.

        Raises:
            Refused: never.
            TryLater: not now.
            AnswerLost: unknown.
        """

    async def find(self, outgoing: Outgoing) -> Sent | None:
        """Look up whether an earlier try arrived; None when it did not.

        Raises:
            LookupError: this provider has no look-up; it is sent once more and marked.
            TryLater: not now.
        """


#: What an advisor reads when a text cannot be delivered, by the provider's code (Twilio error dictionary; Bot API).
REASONS_NB = {
    "21610": "Mottakeren har sendt STOPP, og leverandøren slapp ikke meldingen gjennom.",
    "21614": "Nummeret kan ikke ta imot SMS: det er en fasttelefon.",
    "21211": "Nummeret finnes ikke.",
    "21408": "Vi har ikke lov til å sende SMS til dette landet.",
    "21612": "Det går ikke an å sende SMS til dette nummeret.",
    "21617": "Meldingen er for lang.",
    "30003": "Telefonen er av eller utenfor dekning.",
    "30004": "Mottakeren blokkerer meldinger.",
    "30005": "Nummeret finnes ikke lenger.",
    "30006": "Nummeret kan ikke ta imot SMS.",
    "30007": "Operatøren stoppet meldingen som uønsket.",
    "blocked_us": "Mottakeren har blokkert oss på Telegram.",
    "chat_not_found": "Samtalen finnes ikke lenger på Telegram.",
    "opted_out": "Ikke sendt: mottakeren har sendt STOPP.",
    "brake": "Ikke sendt: for mange automatiske svar til samme nummer på kort tid.",
    "not_safe": "Ikke sendt: innringeren har ikke sagt at det er trygt at vi skriver først.",
    "no_handle": "Ikke sendt: vi har ikke noe nummer.",
    "gave_up": "Vi har prøvd et helt døgn uten å få den fram.",
    "channel_off": "Kanalen er ikke satt opp.",
}


def reason_in_words(code: str | None) -> str:
    """A plain sentence for a code; the code itself is named when we have no better words."""
    if code is None:
        return "Ukjent feil."
    return REASONS_NB.get(code, f"Meldingen kom ikke fram (kode {code}).")
