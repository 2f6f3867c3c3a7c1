"""The parts of the real twilio library that these tests use, and its HTTP client pointed at a simulator."""

from typing import Any
from urllib.parse import urlsplit

import aiohttp
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

__all__ = ["Client", "RedirectedClient", "RequestValidator", "TwilioRestException"]


class RedirectedClient(AsyncTwilioHttpClient):
    """The library's own HTTP client, pointed at another address."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = urlsplit(base_url)

    async def request(  # type: ignore[override]  # the library's own classes disagree: one is sync, one names it `uri`
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        auth: tuple[str, str] | None = None,
        **more: Any,
    ) -> Response:
        moved = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc).geturl()
        if auth is not None:
            # The library hands its own way of signing in to a part of aiohttp that is going away.
            headers = {**headers, "Authorization": aiohttp.encode_basic_auth(*auth)}
        return await super().request(method, moved, headers=headers, **more)
