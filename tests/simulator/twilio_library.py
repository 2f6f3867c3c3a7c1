"""The parts of the real twilio library that these tests use, imported in one place: it ships no types."""

from typing import Any
from urllib.parse import urlsplit

import aiohttp
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # twilio ships no types
from twilio.http.async_http_client import AsyncTwilioHttpClient  # type: ignore[import-untyped]  # as above
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # as above
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

__all__ = ["Client", "RedirectedClient", "RequestValidator", "TwilioRestException"]


class RedirectedClient(AsyncTwilioHttpClient):  # type: ignore[misc]  # the library's class has no types
    """The library's own HTTP client, pointed at another address."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = urlsplit(base_url)

    async def request(
        self, method: str, url: str, *, auth: tuple[str, str] | None = None, headers: dict[str, str], **more: Any
    ) -> Any:
        moved = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc).geturl()
        if auth is not None:
            # The library hands its own way of signing in to a part of aiohttp that is going away.
            headers = {**headers, "Authorization": aiohttp.encode_basic_auth(*auth)}
        return await super().request(method, moved, headers=headers, **more)
