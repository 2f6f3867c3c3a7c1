"""Webhooks as Twilio delivers them: signed, repeated as the address's connection overrides say, then the fallback.

Sources: Twilio's pages «Webhooks security» (signature) and «Webhooks connection overrides» (the fragment of the URL).
Redirects are not followed: our addresses never redirect, so one is reported as a failed retrieval.
"""

import asyncio
import base64
import hashlib
import hmac
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from helpline.simulator.clock import Clock, SystemClock

Method = Literal["POST", "GET"]

#: Twilio's error codes for a webhook that failed; the second also when the answer did not come in time.
RETRIEVAL_FAILED = 11200
CONNECTION_FAILED = 11205
INVALID_OVERRIDES = 11243

RETRY_POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})

#: Lowest and highest value of each number in the fragment, from Twilio's table.
_LIMITS = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}


@dataclass(frozen=True, kw_only=True)
class ConnectionOverrides:
    """What the fragment of a webhook address says: times in milliseconds, how often and after what to try again."""

    connect_ms: int = 5_000
    read_ms: int = 15_000
    total_ms: int = 15_000
    retries: int = 1
    policies: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, url: str) -> Self:
        """Read the fragment of `url`; without one, Twilio's defaults (one retry, only when no connection came up).

        Raises ValueError when a value is not allowed. `sni` and `e` (edge) are accepted and change nothing here.
        """
        given: dict[str, int] = {}
        policies = cls.policies
        for name, value in parse_qsl(urlsplit(url).fragment, keep_blank_values=True):
            if name in _LIMITS:
                low, high = _LIMITS[name]
                if not value.isdecimal() or not low <= int(value) <= high:
                    raise ValueError(f"The connection override {name}={value} is not between {low} and {high}.")
                given[name] = int(value)
            elif name == "rp":
                policies = frozenset(value.split(","))
                if not policies <= RETRY_POLICIES:
                    raise ValueError(f"The connection override rp={value} names an unknown retry policy.")
            elif name not in {"sni", "e"}:
                raise ValueError(f"The connection override {name} is unknown.")
        return cls(
            connect_ms=given.get("ct", cls.connect_ms),
            read_ms=given.get("rt", cls.read_ms),
            total_ms=given.get("tt", cls.total_ms),
            retries=given.get("rc", cls.retries),
            policies=policies,
        )

    def repeats_after(self, attempt: "WebhookAttempt") -> bool:
        """Whether a failure like this one is tried again."""
        return "all" in self.policies or attempt.failure in self.policies


@dataclass(frozen=True, kw_only=True)
class WebhookAttempt:
    """One request to a webhook address, for the page's log and for tests.

    `failure` is None when the answer was 2xx, else the retry policy that speaks of it: `4xx`, `5xx`, `ct` (no
    connection), `rt` (no answer in time), or `3xx` (a redirect, which no policy but `all` repeats).
    """

    at: datetime
    url: str
    method: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    number: int
    status: int | None
    body: str
    content_type: str
    failure: str | None
    milliseconds: int
    is_fallback: bool = False


@dataclass(frozen=True, kw_only=True)
class WebhookResult:
    """How a webhook went in the end: the last answer, every attempt, and the error in words when nothing answered 2xx.

    `status` is None when no answer came at all. `error` of the main address stays when the fallback answered.
    """

    status: int | None
    body: str
    content_type: str
    attempts: tuple[WebhookAttempt, ...]
    error: str | None = None
    error_code: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the last address tried answered 2xx, so that `body` may be used."""
        return self.status is not None and 200 <= self.status < 300


_LOST_ON_THE_WAY = WebhookResult(
    status=None, body="", content_type="", attempts=(), error="The webhook was never sent.", error_code=RETRIEVAL_FAILED
)


class WebhookDisturbance:
    """How deliveries can be disturbed; this one disturbs nothing. `faults.Faults` has the one that does."""

    async def before(self, area: str) -> None:
        """Waits before the first attempt of a delivery in `area` (late, or after the next one)."""

    def copies(self, area: str) -> int:
        """How many times the same delivery is made: 1, 2 when the first answer is lost, 0 when it never arrives."""
        return 1

    def after(self, area: str) -> None:
        """Told when a delivery in `area` is over."""


def signature(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """Twilio's `X-Twilio-Signature`: HMAC-SHA1 over the URL (without fragment) and the sorted POST parameters."""
    signed = urlunsplit(urlsplit(url)._replace(fragment="")) + "".join(name + params[name] for name in sorted(params))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class WebhookClient:
    """Delivers webhooks to one account's addresses and remembers every attempt."""

    def __init__(
        self,
        *,
        auth_token: str,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        disturbance: WebhookDisturbance | None = None,
        on_attempt: Callable[[WebhookAttempt], None] | None = None,
        kept: int = 1_000,
    ) -> None:
        """`auth_token` signs and may be changed while running (token rotation); `transport` may replace the network.

        `on_attempt` is called after every request; the newest `kept` attempts stay in `attempts`.
        """
        self.auth_token = auth_token
        self.attempts: deque[WebhookAttempt] = deque(maxlen=kept)
        self._clock = clock or SystemClock()
        self._disturbance = disturbance or WebhookDisturbance()
        self._on_attempt = on_attempt
        self._http = httpx.AsyncClient(
            transport=transport, follow_redirects=False, headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def post(
        self,
        url: str,
        params: Mapping[str, str],
        *,
        fallback_url: str | None = None,
        method: Method = "POST",
        area: str = "webhook",
    ) -> WebhookResult:
        """Deliver `params` to `url`, repeating as its fragment says, then to `fallback_url` with the error added.

        Every repeat carries the same parameters and the same `I-Twilio-Idempotency-Token`. `area` names the kind of
        delivery for the faults (`sms`, `sms-status`, `voice`, `voice-status`). Never raises for what the other end
        does: the result says it. With method GET the parameters go into the query string.
        """
        await self._disturbance.before(area)
        try:
            token = str(uuid.uuid4())
            copies = self._disturbance.copies(area)
            if copies == 0:
                return _LOST_ON_THE_WAY
            result = await self._deliver(url, params, method, token)
            for _ in range(copies - 1):
                again = await self._deliver(url, params, method, token)
                result = replace(again, attempts=result.attempts + again.attempts)
            if result.ok or not fallback_url:
                return result
            told = {**params, "ErrorCode": str(result.error_code), "ErrorUrl": _without_fragment(url)}
            second = await self._deliver(fallback_url, told, method, str(uuid.uuid4()), is_fallback=True)
            return replace(
                second,
                attempts=result.attempts + second.attempts,
                error=result.error if second.ok else second.error,
                error_code=result.error_code if second.ok else second.error_code,
            )
        finally:
            self._disturbance.after(area)

    async def _deliver(
        self, url: str, params: Mapping[str, str], method: Method, token: str, *, is_fallback: bool = False
    ) -> WebhookResult:
        try:
            overrides = ConnectionOverrides.of(url)
        except ValueError as problem:
            return WebhookResult(
                status=None, body="", content_type="", attempts=(), error=str(problem), error_code=INVALID_OVERRIDES
            )
        attempts: list[WebhookAttempt] = []
        deadline = time.monotonic() + overrides.total_ms / 1000
        while True:
            attempt = await self._attempt(
                url, params, method, token, overrides, deadline, number=len(attempts), is_fallback=is_fallback
            )
            attempts.append(attempt)
            self.attempts.append(attempt)
            if self._on_attempt is not None:
                self._on_attempt(attempt)
            over = len(attempts) > overrides.retries or time.monotonic() >= deadline
            if attempt.failure is None or over or not overrides.repeats_after(attempt):
                break
        error, code = _in_words(attempt)
        return WebhookResult(
            status=attempt.status,
            body=attempt.body,
            content_type=attempt.content_type,
            attempts=tuple(attempts),
            error=error,
            error_code=code,
        )

    async def _attempt(
        self,
        url: str,
        params: Mapping[str, str],
        method: Method,
        token: str,
        overrides: ConnectionOverrides,
        deadline: float,
        *,
        number: int,
        is_fallback: bool,
    ) -> WebhookAttempt:
        target = _without_fragment(url)
        if method == "GET" and params:
            target += ("&" if urlsplit(target).query else "?") + urlencode(params)
        body = params if method == "POST" else {}
        headers = {
            "X-Twilio-Signature": signature(self.auth_token, target, body),
            "I-Twilio-Idempotency-Token": token,
        }
        content = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            content = urlencode(body).encode()
        status: int | None = None
        text = content_type = ""
        failure: str | None
        started, at = time.monotonic(), self._clock.now()
        try:
            async with asyncio.timeout(max(0.001, deadline - started)):
                answer = await self._http.request(
                    method,
                    target,
                    content=content,
                    headers=headers,
                    timeout=httpx.Timeout(overrides.read_ms / 1000, connect=overrides.connect_ms / 1000),
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL):
            failure = "ct"
        except (httpx.HTTPError, TimeoutError):
            failure = "rt"
        else:
            status, text, content_type = answer.status_code, answer.text, answer.headers.get("content-type", "")
            failure = None if answer.is_success else f"{status // 100}xx"
        return WebhookAttempt(
            at=at,
            url=target,
            method=method,
            params=dict(params),
            headers=headers,
            number=number,
            status=status,
            body=text,
            content_type=content_type,
            failure=failure,
            milliseconds=round((time.monotonic() - started) * 1000),
            is_fallback=is_fallback,
        )


def _without_fragment(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(fragment=""))


def _in_words(attempt: WebhookAttempt) -> tuple[str | None, int | None]:
    if attempt.failure is None:
        return None, None
    if attempt.failure == "ct":
        return "No connection to the webhook address.", CONNECTION_FAILED
    if attempt.failure == "rt":
        return "The webhook address did not answer in time.", CONNECTION_FAILED
    return f"The webhook address answered {attempt.status}.", RETRIEVAL_FAILED
