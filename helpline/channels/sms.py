"""SMS by Twilio: texts in, texts out, what became of them, and the sweep that catches up what a webhook lost."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi import Response as HttpResponse
from twilio.base.exceptions import TwilioException, TwilioRestException

from helpline.channels.twilio import (
    MAY_HAVE_ARRIVED,
    NEVER_LEFT,
    TwilioAccount,
    rest_problem,
    signed_form,
)
from helpline.clock import Clock
from helpline.core import sms_text
from helpline.core.codes import Channel
from helpline.core.turn import Inbound, InboundKind
from helpline.desk.delivered import status_changed
from helpline.desk.house import House
from helpline.desk.numbers import caller_number, is_automatic_sender
from helpline.desk.receive import receive
from helpline.desk.sending import AnswerLost, Outgoing, Sent, TryLater
from helpline.errors import HelplineError, ProviderSilent
from helpline.logs import get
from helpline.store import events
from helpline.store.db import Database
from helpline.store.tables import DeliveryState

log = get("helpline.sms")

PROVIDER = "twilio"
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
#: How far back the catch-up sweep looks; longer than any outage that Twilio's own repeats do not bridge.
CATCH_UP = timedelta(hours=24)
#: A text that went out this long before its first try was written down may still be the one we look for.
_CLOCKS_DIFFER = timedelta(minutes=2)

_STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}


@cache
def build_router() -> APIRouter:
    """The webhooks for texts and for what became of ours."""
    router = APIRouter(prefix="/webhooks/twilio/sms")

    @router.post("")
    async def text_in(request: Request, form: dict[str, str] = Depends(signed_form)) -> HttpResponse:
        state = request.app.state
        await take_in(form, state.settings.twilio_account_sid, state.database, house=state.house, clock=state.clock)
        state.outbox.wake()
        return HttpResponse(EMPTY_TWIML, media_type="text/xml")

    @router.post("/status")
    async def status(request: Request, form: dict[str, str] = Depends(signed_form)) -> HttpResponse:
        sid, state = form.get("MessageSid", ""), form.get("MessageStatus", "")
        if not sid or not state:
            raise HelplineError("A message status needs MessageSid and MessageStatus.")
        account = request.app.state.settings.twilio_account_sid
        async with request.app.state.database.writing() as session:
            now = request.app.state.clock.now()
            new = await events.take_in(
                session,
                provider=PROVIDER,
                account=account,
                external_id=f"{sid}:{state}",
                raw=urlencode(form),
                now=now,
            )
            if new is not None and state in _STATES:
                await status_changed(
                    session,
                    sid,
                    _STATES[state],
                    code=form.get("ErrorCode"),
                    delivery_id=_number(request.query_params.get("delivery")),
                    house=request.app.state.house,
                    now=now,
                )
        return HttpResponse(status_code=204)

    return router


async def take_in(form: Mapping[str, str], account: str, database: Database, *, house: House, clock: Clock) -> None:
    """One text, one transaction.

    One from a machine is stored as an event and never answered: two machines would write to each other for ever.

    Raises:
        HelplineError: it has no id.
        CannotStore: nothing of it is stored; the provider comes again.
    """
    sid = form.get("MessageSid") or form.get("SmsSid")
    if not sid or len(sid) > 64:
        raise HelplineError("A message needs its MessageSid.")
    sender, raw = form.get("From", ""), urlencode(dict(form))
    async with database.writing() as session:
        now = clock.now()
        if is_automatic_sender(sender) or sender == form.get("To"):
            log.info("sms_from_machine", sid=sid)
            await events.take_in(
                session,
                provider=PROVIDER,
                account=account,
                external_id=sid,
                raw=raw,
                now=now,
                unreadable="automatic_sender",
            )
            return
        body = form.get("Body", "")
        media = form.get("NumMedia", "0") not in ("", "0")
        inbound = Inbound(
            provider=PROVIDER,
            account=account,
            external_id=sid,
            channel=Channel.SMS,
            kind=InboundKind.MEDIA if media and not body.strip() else InboundKind.TEXT,
            handle=caller_number(sender),
            text=body,
            media="mms" if media else None,
            message_id=sid,
            raw=raw,
        )
        await receive(session, inbound, house=house, now=now)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def rendered(outgoing: Outgoing) -> str:
    """The words as they go on the air: choices numbered below, typographic characters replaced so that GSM-7 holds."""
    choices = [f"{key} = {label}" for key, label in outgoing.data.get("choices", [])]
    return sms_text.plain("\n".join([outgoing.text, *choices]))


class SmsSender:
    """Sends texts through the account's REST interface."""

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account

    async def send(self, outgoing: Outgoing) -> Sent:
        body = rendered(outgoing)
        try:
            message = await self._account.client.messages.create_async(
                to=outgoing.to or "",
                from_=self._account.settings.twilio_sms_number or "",
                body=body,
                status_callback=self._account.address(f"/webhooks/twilio/sms/status?delivery={outgoing.delivery_id}"),
            )
        except TwilioRestException as error:
            raise rest_problem(error) from error
        except NEVER_LEFT as error:
            raise TryLater("no_connection") from error
        except MAY_HAVE_ARRIVED as error:
            raise AnswerLost("no_answer") from error
        return Sent(provider_id=message.sid, parts=sms_text.measure(body).parts)

    async def find(self, outgoing: Outgoing) -> Sent | None:
        """An earlier try, by recipient, time and words."""
        body = rendered(outgoing)
        try:
            messages = await self._account.client.messages.list_async(
                to=outgoing.to or "",
                from_=self._account.settings.twilio_sms_number or "",
                date_sent_after=outgoing.first_tried_at - _CLOCKS_DIFFER,
                limit=50,
            )
        except (TwilioException, *MAY_HAVE_ARRIVED) as error:
            # A page that cannot be fetched is the library's plain exception, without a code.
            raise TryLater("no_look_up") from error
        for message in messages:
            if message.body == body and str(message.direction) != "inbound" and message.sid not in outgoing.others:
                return Sent(provider_id=message.sid, parts=sms_text.measure(body).parts)
        return None


async def catch_up(
    account: TwilioAccount, database: Database, *, house: House, clock: Clock, since: timedelta = CATCH_UP
) -> int:
    """List the provider's recent incoming texts and take in those that never reached us, under the same ids.

    Returns how many were missing.

    Raises:
        ProviderSilent: the provider does not answer; the sweep comes again.
    """
    now: datetime = clock.now()
    try:
        messages = await account.client.messages.list_async(
            to=account.settings.twilio_sms_number or "", date_sent_after=now - since, limit=1000
        )
    except (TwilioException, *MAY_HAVE_ARRIVED) as error:
        raise ProviderSilent("Twilio does not list our texts now.") from error
    inbound = [message for message in messages if str(message.direction) == "inbound" and message.sid]
    async with database.reading() as session:
        known = await events.known_ids(
            session, provider=PROVIDER, account=account.sid, external_ids=[message.sid or "" for message in inbound]
        )
    missing = [message for message in reversed(inbound) if message.sid not in known]
    for message in missing:
        log.warning("sms_caught_up", sid=message.sid)
        await take_in(
            {
                "MessageSid": message.sid or "",
                "From": str(message.from_ or ""),
                "To": str(message.to or ""),
                "Body": message.body or "",
                "NumMedia": message.num_media or "0",
            },
            account.sid,
            database,
            house=house,
            clock=clock,
        )
    return len(missing)
