"""Texts on their way in and out of the pretend Twilio: what is accepted, how states advance, who is told.

Codes and texts of refusals: Twilio's error dictionary. States: queued (accepted with a Messaging Service), sent,
delivered or undelivered; the first one has no callback.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from helpline.simulator.clock import Clock
from helpline.simulator.faults import FaultKind, Faults
from helpline.simulator.journal import Journal
from helpline.simulator.lines import Line, Lines
from helpline.simulator.message import API_VERSION, Direction, Message
from helpline.simulator.numbers import country, is_alphanumeric_sender, is_landline, is_possible, new_sid
from helpline.simulator.replies import Reply, ReplyError, read_replies
from helpline.simulator.settings import SimulatorSettings
from helpline.simulator.twilio_errors import TwilioError
from helpline.simulator.webhooks import WebhookClient

LONGEST_TEXT = 1_600

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
HELP_WORDS = frozenset({"HELP", "INFO"})

_DEFAULT_ANSWERS = {
    "stop": "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    "start": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "help": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


class Messages:
    """Every text of the account, oldest first."""

    def __init__(
        self,
        *,
        settings: SimulatorSettings,
        clock: Clock,
        journal: Journal,
        lines: Lines,
        webhooks: WebhookClient,
        faults: Faults,
        changed: Callable[[], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        alert: Callable[[int, str, str], None],
    ) -> None:
        self.default_opt_out = settings.default_opt_out
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self._lines = lines
        self._webhooks = webhooks
        self._faults = faults
        self._changed = changed
        self._spawn = spawn
        self._alert = alert
        kept = (Message.from_kept(document) for document in journal.kept("message"))
        self._messages = {message.sid: message for message in kept}
        self._opted_out = {(kept["ours"], kept["theirs"]) for kept in journal.kept("opt-out")}

    def resume(self) -> None:
        """Let texts go on that were under way when the simulator was stopped."""
        for message in self._messages.values():
            if not message.final:
                self._spawn(self._advance(message.sid))

    def all(self) -> list[Message]:
        """Every text, oldest first."""
        return list(self._messages.values())

    def get(self, sid: str) -> Message | None:
        """One text, or None."""
        return self._messages.get(sid)

    def forget(self, sid: str) -> None:
        """Delete a text as the REST interface does. Raises KeyError when it is not there."""
        del self._messages[sid]
        self._journal.write("message", sid, None)
        self._changed()

    def redact(self, sid: str) -> Message:
        """Empty the words of a text. Raises KeyError when it is not there."""
        return self._put(replace(self._messages[sid], body="", updated=self._clock.now()))

    # Out: the service sends.

    def send(
        self,
        *,
        to: str,
        from_: str = "",
        messaging_service_sid: str = "",
        body: str = "",
        media: tuple[str, ...] = (),
        status_callback: str = "",
        direction: Direction = "outbound-api",
    ) -> Message:
        """Take a text from the service and let it advance. Raises TwilioError for what Twilio refuses."""
        self._check_addresses(to, from_, messaging_service_sid)
        if not body and not media:
            raise TwilioError(400, 21602, "Message body is required.")
        if len(body) > LONGEST_TEXT:
            raise TwilioError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        if status_callback and not _is_web_address(status_callback):
            raise TwilioError(400, 21609, f"The StatusCallback URL {status_callback} is not a valid URL")
        sender = from_ or self._settings.sms_number
        if (sender, to) in self._opted_out:
            raise TwilioError(400, 21610, "Attempt to send to unsubscribed recipient")
        now = self._clock.now()
        message = self._put(
            Message(
                sid=new_sid("MM" if media else "SM"),
                direction=direction,
                from_=sender,
                to=to,
                body=body,
                status="accepted" if messaging_service_sid else "queued",
                created=now,
                updated=now,
                media=media,
                status_callback=status_callback,
                messaging_service_sid=messaging_service_sid or None,
            )
        )
        self._spawn(self._advance(message.sid))
        return message

    def _check_addresses(self, to: str, from_: str, messaging_service_sid: str) -> None:
        if not to:
            raise TwilioError(400, 21604, "A 'To' phone number is required.")
        if not is_possible(to):
            raise TwilioError(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if is_landline(to):
            raise TwilioError(400, 21614, f"'To' number is not a valid mobile number: {to}")
        if messaging_service_sid and messaging_service_sid != self._settings.messaging_service_sid:
            raise TwilioError(400, 21701, f"The Messaging Service {messaging_service_sid} does not exist")
        if not from_:
            if not messaging_service_sid:
                raise TwilioError(400, 21603, "A 'From' phone number is required.")
            return
        if from_ == to:
            raise TwilioError(400, 21266, "'To' and 'From' number cannot be the same")
        if is_alphanumeric_sender(from_) and not from_.isdecimal():
            return
        if not is_possible(from_):
            raise TwilioError(400, 21212, f"The 'From' number {from_} is not a valid phone number or short code")
        line = self._lines.by_number(from_)
        if line is None or not line.sms:
            raise TwilioError(
                400, 21606, f"The 'From' phone number {from_} is not a valid, SMS-capable phone number for your account"
            )

    async def _advance(self, sid: str) -> None:
        undelivered = self._faults.take("twilio/delivery", FaultKind.UNDELIVERED)
        last = "undelivered" if undelivered is not None else "delivered"
        steps = {"accepted": "queued", "queued": "sent", "sent": last}
        told: asyncio.Event | None = None
        while (message := self._messages.get(sid)) is not None and not message.final:
            await self._clock.sleep(self._settings.delivery_seconds)
            message = self._messages.get(sid)
            if message is None:
                return
            now = self._clock.now()
            status = steps[message.status]
            message = self._put(
                replace(
                    message,
                    status=status,
                    updated=now,
                    sent=message.sent or (now if status == "sent" else None),
                    error_code=undelivered.code if undelivered is not None and status == "undelivered" else None,
                )
            )
            if message.status_callback:
                # Beside this, as a slow service does not hold the operator's network back; in order, save for faults.
                done = asyncio.Event()
                if self._faults.ordered():
                    self._spawn(self._report(message, after=None, told=done))
                else:
                    self._spawn(self._report(message, after=told, told=done))
                    told = done

    async def _report(self, message: Message, *, after: asyncio.Event | None, told: asyncio.Event) -> None:
        if after is not None:
            await after.wait()
        params = {
            "SmsSid": message.sid,
            "SmsStatus": message.status,
            "MessageStatus": message.status,
            "To": message.to,
            "MessageSid": message.sid,
            "AccountSid": self._settings.account_sid,
            "From": message.from_,
            "ApiVersion": API_VERSION,
        }
        if message.messaging_service_sid:
            params["MessagingServiceSid"] = message.messaging_service_sid
        if message.error_code is not None:
            params["ErrorCode"] = str(message.error_code)
        if message.status in {"delivered", "undelivered"}:
            params["RawDlrDoneDate"] = message.updated.strftime("%y%m%d%H%M")
        result = await self._webhooks.post(message.status_callback, params, area="sms-status")
        told.set()
        if result.error is not None:
            self._alert(result.error_code or 0, result.error, message.sid)

    # In: somebody writes to us.

    def receive(self, *, from_: str, to: str, body: str, media: tuple[str, ...] = ()) -> list[Message]:
        """A handset sends a text to one of our numbers; it is stored at once and delivered to the service.

        `from_` may be a phone number, a short number or a sender's name. A text over 1600 characters arrives as
        several. Raises ValueError when `to` is not a number of ours that takes texts.
        """
        line = self._lines.by_number(to)
        if line is None or not line.sms:
            raise ValueError(f"The number {to} does not take texts.")
        if not from_:
            raise ValueError("A text needs a sender.")
        pieces = [body[start : start + LONGEST_TEXT] for start in range(0, len(body), LONGEST_TEXT)] or [""]
        now = self._clock.now()
        received = []
        for index, piece in enumerate(pieces):
            message = self._put(
                Message(
                    sid=new_sid("MM" if media and index == 0 else "SM"),
                    direction="inbound",
                    from_=from_,
                    to=to,
                    body=piece,
                    status="received",
                    created=now,
                    updated=now,
                    sent=now,
                    media=media if index == 0 else (),
                    messaging_service_sid=self._settings.messaging_service_sid,
                )
            )
            received.append(message)
            self._spawn(self._deliver(message, line))
        return received

    async def _deliver(self, message: Message, line: Line) -> None:
        if self.default_opt_out:
            self._opt_out_or_in(message)
        url, method = line.sms_url, line.sms_method
        if not url:
            self._alert(11100, f"The number {line.number} has no address for incoming texts.", message.sid)
            return
        params = self._webhook_params(message)
        for _ in range(10):
            result = await self._webhooks.post(
                url, params, fallback_url=line.sms_fallback_url or None, method=method, area="sms"
            )
            if result.error is not None:
                self._alert(result.error_code or 0, result.error, message.sid)
            if not result.ok:
                current = self._messages.get(message.sid)
                if current is not None:
                    self._put(replace(current, trouble=result.error or ""))
                return
            try:
                replies = read_replies(result.body, result.content_type)
                for reply in replies.texts:
                    self._answer(message, reply)
            except (ReplyError, TwilioError) as problem:
                self._alert(problem.code, str(problem), message.sid)
                return
            if not replies.redirect_url:
                return
            url = urljoin(url, replies.redirect_url)
            method = "GET" if replies.redirect_method == "GET" else "POST"
        self._alert(12200, "The answer was redirected more than ten times.", message.sid)

    def _answer(self, message: Message, reply: Reply) -> None:
        self.send(
            to=reply.to or message.from_,
            from_=reply.from_ or message.to,
            body=reply.body,
            media=reply.media,
            status_callback=reply.status_callback,
            direction="outbound-reply",
        )

    def _webhook_params(self, message: Message) -> dict[str, str]:
        params = {
            "ToCountry": country(message.to),
            "ToState": "",
            "ToCity": "",
            "ToZip": "",
            "FromCountry": country(message.from_),
            "FromState": "",
            "FromCity": "",
            "FromZip": "",
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageSid": message.sid,
            "AccountSid": self._settings.account_sid,
            "From": message.from_,
            "To": message.to,
            "Body": message.body,
            "SmsStatus": "received",
            "NumMedia": str(len(message.media)),
            "NumSegments": str(message.parts),
            "ApiVersion": API_VERSION,
        }
        if message.messaging_service_sid:
            params["MessagingServiceSid"] = message.messaging_service_sid
        for index, url in enumerate(message.media):
            params[f"MediaUrl{index}"] = url
            params[f"MediaContentType{index}"] = "image/jpeg"
        return params

    # Twilio's own handling of STOP, which going live switches off.

    def opted_out(self) -> set[tuple[str, str]]:
        """Pairs of our number and theirs to which nothing may be sent (21610)."""
        return set(self._opted_out)

    def set_opted_out(self, *, ours: str, theirs: str, out: bool) -> None:
        """Block or unblock sending from our number to theirs."""
        pair = (ours, theirs)
        if out:
            self._opted_out.add(pair)
        else:
            self._opted_out.discard(pair)
        self._journal.write("opt-out", f"{ours} {theirs}", {"ours": ours, "theirs": theirs} if out else None)
        self._changed()

    def _opt_out_or_in(self, message: Message) -> None:
        word = message.body.strip().upper()
        if word in STOP_WORDS:
            self._own_answer(message, "stop")
            self.set_opted_out(ours=message.to, theirs=message.from_, out=True)
        elif word in START_WORDS:
            self.set_opted_out(ours=message.to, theirs=message.from_, out=False)
            self._own_answer(message, "start")
        elif word in HELP_WORDS:
            self._own_answer(message, "help")

    def _own_answer(self, message: Message, kind: str) -> None:
        if (message.to, message.from_) in self._opted_out:
            return
        try:
            self._answer(message, Reply(body=_DEFAULT_ANSWERS[kind]))
        except TwilioError as problem:
            self._alert(problem.code, problem.message, message.sid)

    def _put(self, message: Message) -> Message:
        self._messages[message.sid] = message
        self._journal.write("message", message.sid, message.kept())
        self._changed()
        return message


def _is_web_address(url: str) -> bool:
    split = urlsplit(url)
    return split.scheme in {"http", "https"} and bool(split.hostname)
