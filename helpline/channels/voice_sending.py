"""Orders about calls, on their way out: ring somebody, fetch a caller out of the queue, hang up."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException

from helpline.channels.twilio import MAY_HAVE_ARRIVED, NEVER_LEFT, TwilioAccount, rest_problem
from helpline.channels.voice_answer import urls_of
from helpline.core.turn import conference_name
from helpline.desk.sending import AnswerLost, Outgoing, Refused, Sent, TryLater
from helpline.logs import get
from helpline.store.tables import DeliveryKind

log = get("helpline.voice")

#: Twilio's words for «this call is over»: nothing is left to redirect or to hang up.
_NOT_IN_PROGRESS = 21220
_REPORTED = ["initiated", "ringing", "answered", "completed"]
#: Twilio writes whole seconds, by its own clock.
_CLOCKS_DIFFER = timedelta(seconds=5)


class VoiceSender:
    """Carries out RING, REDIRECT and HANG_UP through the account's REST interface."""

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._urls = urls_of(account.settings)

    async def send(self, outgoing: Outgoing) -> Sent:
        match outgoing.kind:
            case DeliveryKind.RING:
                return await self._ring(outgoing)
            case DeliveryKind.REDIRECT if outgoing.contact_id is not None:
                return await self._change(
                    outgoing,
                    url=self._urls.bridge(outgoing.contact_id),
                    method="POST",
                    fallback_url=self._urls.fallback(),
                    fallback_method="POST",
                )
            case DeliveryKind.HANG_UP:
                return await self._change(outgoing, status="completed")
        raise Refused("not_for_telephone")

    async def _ring(self, outgoing: Outgoing) -> Sent:
        if outgoing.to is None or outgoing.leg_id is None:
            raise Refused("no_handle")
        ringing = await _asked(
            self._account.client.calls.create_async,
            to=outgoing.to,
            from_=self._account.settings.twilio_voice_number,
            url=self._urls.leg(outgoing.leg_id),
            method="POST",
            fallback_url=self._urls.fallback(),
            fallback_method="POST",
            status_callback=self._urls.leg_status(outgoing.leg_id),
            status_callback_method="POST",
            status_callback_event=_REPORTED,
            timeout=self._account.settings.ring_seconds,
        )
        return Sent(provider_id=ringing.sid)

    async def _change(self, outgoing: Outgoing, **change: str) -> Sent:
        call_sid = outgoing.data.get("call_sid")
        if not isinstance(call_sid, str):
            raise Refused("no_call")
        try:
            await _asked(self._account.client.calls(call_sid).update_async, **change)
        except _CallIsOver:
            # Whoever it was has hung up; the call's own report says so.
            log.info("call_already_over", delivery=outgoing.delivery_id, kind=outgoing.kind.value)
        return Sent(provider_id=call_sid)

    async def find(self, outgoing: Outgoing) -> Sent | None:
        """Whether an earlier try arrived.

        Raises:
            LookupError: hanging up leaves nothing to find; it may safely be done twice.
            TryLater: not now.
        """
        try:
            match outgoing.kind:
                case DeliveryKind.RING:
                    return await self._rung(outgoing)
                case DeliveryKind.REDIRECT if outgoing.contact_id is not None:
                    return await self._fetched(outgoing, outgoing.contact_id)
        except TwilioException as error:
            raise TryLater("not_looked_up") from error
        except MAY_HAVE_ARRIVED as error:
            raise TryLater("no_connection") from error
        raise LookupError(outgoing.kind.value)

    async def _rung(self, outgoing: Outgoing) -> Sent | None:
        """The newest call from us to this number that was begun since the first try."""
        since = (outgoing.first_tried_at - _CLOCKS_DIFFER).replace(microsecond=0)
        calls = await self._account.client.calls.list_async(
            to=outgoing.to or "", from_=self._account.settings.twilio_voice_number or "", limit=20
        )
        for call in calls:
            if call.date_created is not None and call.date_created >= since:
                return Sent(provider_id=call.sid)
        return None

    async def _fetched(self, outgoing: Outgoing, contact_id: int) -> Sent | None:
        """The caller, if they stand in the room already: fetched once more they would leave it, and end it."""
        call_sid = str(outgoing.data.get("call_sid"))
        rooms = await self._account.client.conferences.list_async(friendly_name=conference_name(contact_id), limit=5)
        for room in rooms:
            if str(room.status) == "completed" or room.sid is None:
                continue
            try:
                await self._account.client.conferences(room.sid).participants(call_sid).fetch_async()
            except TwilioRestException as error:
                if error.status != 404:
                    raise
            else:
                return Sent(provider_id=call_sid)
        return None


class _CallIsOver(Exception):
    """The call that an order was about does not go on any more."""


async def _asked(request: Callable[..., Awaitable[Any]], **parameters: Any) -> Any:
    """Ask Twilio, and say in the outbox's words what went wrong."""
    try:
        return await request(**parameters)
    except TwilioRestException as error:
        if error.code == _NOT_IN_PROGRESS or error.status == 404:
            raise _CallIsOver from error
        raise rest_problem(error) from error
    except TwilioException as error:
        # The library could not make sense of what came back.
        raise AnswerLost("unreadable") from error
    except NEVER_LEFT as error:
        raise TryLater("no_connection") from error
    except MAY_HAVE_ARRIVED as error:
        raise AnswerLost("no_answer") from error
