"""How the pretend Telegram hands over updates: by long polling, or to a webhook, one by one and in order.

An update that the webhook does not answer with 2xx is repeated by itself, with growing pauses, and holds back all
that come after it (LESSONS §3). Telegram keeps updates for 24 hours; a rehearsal does not last that long.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from helpline.simulator.bot_errors import BotError, bad_request
from helpline.simulator.clock import Clock
from helpline.simulator.faults import FaultKind, Faults
from helpline.simulator.journal import Journal

#: Kinds that a bot only gets when it asks for them.
ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})

#: Seconds that a webhook has to answer.
WEBHOOK_TIMEOUT = 60.0
LONGEST_PAUSE = 60.0

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)

Update = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class BotWebhook:
    """Where updates go. An empty `url` means long polling."""

    url: str = ""
    secret: str = ""
    allowed: tuple[str, ...] | None = None
    max_connections: int = 40
    last_error: str = ""
    last_error_at: int = 0


@dataclass(frozen=True, kw_only=True)
class BotDelivery:
    """One attempt to hand an update to the webhook, for the page's log and for tests."""

    at: datetime
    update_id: int
    status: int | None
    error: str


class Updates:
    """The updates that wait for the bot, and the two ways it gets them."""

    def __init__(
        self,
        *,
        clock: Clock,
        journal: Journal,
        faults: Faults,
        retry_seconds: float,
        transport: httpx.AsyncBaseTransport | None,
        changed: Callable[[], None],
        call: Callable[[str, dict[str, Any]], Awaitable[Any]],
        alert: Callable[[int, str, str], None],
    ) -> None:
        """`call` runs a Bot API method that the webhook named in its answer."""
        self.webhook = BotWebhook()
        self.deliveries: deque[BotDelivery] = deque(maxlen=1_000)
        self.polling = 0
        self._ending = False
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._retry_seconds = retry_seconds
        self._changed = changed
        self._call = call
        self._alert = alert
        self._http = httpx.AsyncClient(transport=transport, timeout=WEBHOOK_TIMEOUT)
        self._pending: list[Update] = [kept for kept in journal.kept("bot-update") if kept]
        self._next_id = self._first_id()
        self._grown = asyncio.Event()
        self._poll = 0
        for kept in journal.kept("bot-webhook"):
            allowed = tuple(kept["allowed"]) if kept["allowed"] is not None else None
            self.webhook = BotWebhook(url=kept["url"], secret=kept["secret"], allowed=allowed)

    def _first_id(self) -> int:
        # Never a number that an earlier rehearsal used: the service remembers them longer than we do. The journal knows
        # the last one; without it time does, in hundredths, for one rehearsal may begin right after another.
        used = max((kept["id"] for kept in self._journal.kept("bot-counter")), default=0)
        hundredths = int((self._clock.now() - _EPOCH).total_seconds() * 100) % 2**31
        return used + 1 if used else hundredths

    def pending(self) -> list[Update]:
        """The updates that the bot has not got or not confirmed, oldest first."""
        return list(self._pending)

    def add(self, kind: str, content: dict[str, Any]) -> int | None:
        """Queue an update; its identifier, or None when the bot has not asked for this kind."""
        allowed = self.webhook.allowed
        if kind in ONLY_WHEN_ASKED if allowed is None else kind not in allowed:
            return None
        return self.add_raw({kind: content})

    def add_raw(self, content: dict[str, Any]) -> int:
        """Queue an update of any shape, for what the library cannot decode; its identifier."""
        update_id = self._next_id
        self._next_id += 1
        update = {"update_id": update_id, **content}
        self._pending.append(update)
        self._journal.write("bot-counter", "last", {"id": update_id})
        self._journal.write("bot-update", str(update_id), update)
        self._wake()
        return update_id

    def drop_all(self) -> None:
        """Forget everything that waits."""
        for update in list(self._pending):
            self._done(update)

    def _done(self, update: Update) -> None:
        self._pending.remove(update)
        self._journal.write("bot-update", str(update["update_id"]), None)
        self._changed()

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()
        self._changed()

    # Long polling.

    def end_polls(self) -> None:
        """Let polls that wait come back empty: the simulator is stopping."""
        self._ending = True
        self._wake()

    async def get(self, *, offset: int, limit: int, seconds: int, allowed: tuple[str, ...] | None) -> list[Update]:
        """getUpdates: confirms everything before `offset`, waits up to `seconds` for something.

        Raises BotError 409 while a webhook is set, and for a poll that a newer one takes over.
        """
        if self.webhook.url:
            raise BotError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
                "webhook first",
            )
        if allowed is not None:
            self._set_webhook(BotWebhook(allowed=allowed or None))
        self._poll += 1
        mine = self._poll
        self._wake()
        if offset < 0:
            offset = self._pending[offset:][0]["update_id"] if self._pending else 0
        for update in [update for update in self._pending if update["update_id"] < offset]:
            self._done(update)
        self.polling += 1
        self._changed()
        try:
            async with asyncio.timeout(seconds):
                while not self._pending and self._poll == mine and not self._ending:
                    await self._grown.wait()
        except TimeoutError:
            return []
        finally:
            self.polling -= 1
        if self._poll != mine:
            raise BotError(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        return self._pending[:limit]

    # Webhook.

    def set_webhook(self, *, url: str, secret: str, allowed: tuple[str, ...] | None, max_connections: int) -> None:
        """setWebhook; an empty `url` goes back to polling. Raises BotError for what Telegram refuses."""
        split = urlsplit(url)
        if url and split.hostname not in _OWN_MACHINE:
            if split.scheme != "https" or not split.hostname:
                raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
            if (split.port or 443) not in {443, 80, 88, 8443}:
                raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if secret and _SECRET.fullmatch(secret) is None:
            raise bad_request("secret token contains unallowed characters")
        if not 1 <= max_connections <= 100:
            raise bad_request("max_connections must be between 1 and 100")
        kept = self.webhook.allowed if allowed is None else (allowed or None)
        self._set_webhook(BotWebhook(url=url, secret=secret, allowed=kept, max_connections=max_connections))

    def _set_webhook(self, webhook: BotWebhook) -> None:
        self.webhook = webhook
        kept = {"url": webhook.url, "secret": webhook.secret, "allowed": webhook.allowed}
        self._journal.write("bot-webhook", "webhook", kept)
        self._wake()

    def webhook_info(self) -> dict[str, Any]:
        """getWebhookInfo."""
        webhook = self.webhook
        info: dict[str, Any] = {
            "url": webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
            "max_connections": webhook.max_connections,
        }
        if webhook.allowed is not None:
            info["allowed_updates"] = list(webhook.allowed)
        if webhook.last_error:
            info["last_error_message"], info["last_error_date"] = webhook.last_error, webhook.last_error_at
        return info

    async def push(self) -> None:
        """Hand updates to the webhook for ever, whenever there is one."""
        failures = 0
        while True:
            if not self.webhook.url or not self._pending:
                await self._grown.wait()
                continue
            update = self._pending[0]
            if self._faults.take("webhook/telegram", FaultKind.REORDER):
                while len(self._pending) < 2:
                    await self._grown.wait()
                update = self._pending[1]
            if await self._push_one(update):
                failures = 0
                continue
            await self._clock.sleep(min(self._retry_seconds * 2**failures, LONGEST_PAUSE))
            failures = min(failures + 1, 10)

    async def _push_one(self, update: Update) -> bool:
        late = self._faults.take("webhook/telegram", FaultKind.LATE)
        if late is not None:
            await self._clock.sleep(late.seconds)
        copies = self._faults.copies("telegram")
        for _ in range(copies):
            webhook = self.webhook
            if not webhook.url or update not in self._pending:
                return True
            answer = await self._request(webhook, update)
            if answer is None:
                return False
            await self._obey(answer)
        if update in self._pending:
            self._done(update)
        return True

    async def _request(self, webhook: BotWebhook, update: Update) -> httpx.Response | None:
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
        status, error = None, ""
        answer: httpx.Response | None = None
        try:
            answer = await self._http.post(webhook.url, content=json.dumps(update).encode(), headers=headers)
        except httpx.ConnectError:
            error = "Connection refused"
        except httpx.HTTPError:
            error = "Read timeout expired"
        else:
            status = answer.status_code
            if not answer.is_success:
                error = f"Wrong response from the webhook: {status} {answer.reason_phrase}"
                answer = None
        now = self._clock.now()
        self.deliveries.append(BotDelivery(at=now, update_id=update["update_id"], status=status, error=error))
        if error and self.webhook.url == webhook.url:
            self.webhook = BotWebhook(
                url=webhook.url,
                secret=webhook.secret,
                allowed=webhook.allowed,
                max_connections=webhook.max_connections,
                last_error=error,
                last_error_at=int(now.timestamp()),
            )
        self._changed()
        return answer

    async def _obey(self, answer: httpx.Response) -> None:
        """Run the method that the webhook named in its answer, if it named one."""
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return
        try:
            asked = answer.json()
        except ValueError:
            return
        if not isinstance(asked, dict) or "method" not in asked:
            return
        try:
            await self._call(str(asked.pop("method")), asked)
        except BotError as refusal:
            self._alert(refusal.code, refusal.description, "webhook answer")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
