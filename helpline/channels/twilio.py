"""What SMS and the telephone share of Twilio: the account's REST client, signed webhooks, connection overrides."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import parse_qsl

import aiohttp
from fastapi import Request
from pydantic import SecretStr
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from helpline.desk.sending import AnswerLost, Refused, TryLater
from helpline.errors import HelplineError, NotAllowed, NotFound
from helpline.settings import Settings

#: Five more tries after a 5xx, a lost connection or a read time-out, within Twilio's 15 seconds (Twilio: «Webhooks
#: connection overrides»). Without it a failed SMS webhook is never repeated.
OVERRIDES = "#rc=5&rp=5xx,ct,rt&tt=15000"
#: A webhook's form is a few kilobytes; a body larger than this is no genuine one.
LARGEST_BODY = 64 * 1024
#: Seconds until the answer to a REST request counts as lost. Shorter than an outbox lease.
REST_TIMEOUT = 20
_PUBLIC_API = "https://api.twilio.com"


class _HttpClient(AsyncTwilioHttpClient):
    """The library's own client, pointed at `TWILIO_API_URL`: the library can only build its provider's own names."""

    def __init__(self, api_url: str) -> None:
        super().__init__(pool_connections=False)
        self._api_url = api_url

    async def request(  # type: ignore[override]  # the library's own asynchronous client overrides it so
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        if self.session is None:
            # Made here because aiohttp wants a running loop.
            self.session = aiohttp.ClientSession()
        if url.startswith(_PUBLIC_API):
            url = self._api_url + url.removeprefix(_PUBLIC_API)
        if auth is not None:
            # The library would hand it to a part of aiohttp that is going away.
            headers = {**(headers or {}), "Authorization": aiohttp.encode_basic_auth(*auth)}
        return await super().request(method, url, params, data, headers, None, timeout or REST_TIMEOUT, allow_redirects)

    async def close(self) -> None:
        if self.session is not None:
            await self.session.close()


class TwilioAccount:
    """The account's REST client. An API key is used where one is set; webhooks are always signed by the auth token."""

    def __init__(self, settings: Settings) -> None:
        assert settings.twilio_account_sid is not None
        self.settings = settings
        self.sid = settings.twilio_account_sid
        self._http = _HttpClient(settings.twilio_api_url)
        key, secret = settings.twilio_api_key, settings.twilio_api_secret
        if key is not None and secret is not None:
            self.client = Client(key, secret.get_secret_value(), self.sid, http_client=self._http)
        else:
            self.client = Client(self.sid, settings.twilio_auth_token[0].get_secret_value(), http_client=self._http)

    async def close(self) -> None:
        await self._http.close()

    def address(self, path: str) -> str:
        """One of our own addresses as Twilio is given it."""
        return f"{self.settings.public_url}{path}"


def overrides(url: str) -> str:
    """The address with the connection overrides that make Twilio try again."""
    return url + OVERRIDES


async def signed_form(request: Request) -> dict[str, str]:
    """The parameters of a genuine Twilio webhook (POST form or GET query).

    Raises:
        NotFound: Twilio is not set up here.
        NotAllowed: no signature, or one that fits none of the auth tokens (several while rotating).
        HelplineError: 413 for a body too large, 400 for one that is no form.
    """
    settings: Settings = request.app.state.settings
    if not settings.twilio_on:
        raise NotFound("SMS and telephone are not set up here.")
    signature = request.headers.get("X-Twilio-Signature", "")
    if not signature:
        raise NotAllowed("This address takes only webhooks signed by Twilio.")
    parameters: dict[str, str] = {}
    if request.method == "POST":
        body = await _body(request)
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
            raise HelplineError("A webhook of Twilio is a form (application/x-www-form-urlencoded).")
        try:
            parameters = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body)))
        except ValueError as error:
            raise HelplineError("The webhook is cut short or is no form.") from error
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{settings.public_url}{request.url.path}{query}"
    if not _genuine(url, parameters, signature, settings.twilio_auth_token):
        raise NotAllowed("This address takes only webhooks signed by Twilio.")
    return parameters if request.method == "POST" else dict(request.query_params)


async def _body(request: Request) -> bytes:
    """The body, given up as soon as it is too large: nobody fills the memory with an endless one."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HelplineError("The webhook is too large.", status=413)
    return body


def _genuine(url: str, parameters: dict[str, str], signature: str, tokens: Sequence[SecretStr]) -> bool:
    """The library tries the address with and without its port, as Twilio does not always sign the same one."""
    return any(RequestValidator(token.get_secret_value()).validate(url, parameters, signature) for token in tokens)


def rest_problem(error: TwilioRestException) -> Refused | TryLater | AnswerLost:
    """What a refused REST request means for the delivery."""
    if error.status == 429:
        return TryLater(str(error.code or 429), retry_after=timedelta(seconds=5))
    if error.status >= 500:
        return AnswerLost(str(error.status))
    if error.status in (401, 403) and error.code in (20003, 20005, 20006, None):
        # Ours to mend (a rotated token, a suspended account); the text must not be lost meanwhile.
        return TryLater(str(error.code or error.status))
    return Refused(str(error.code or error.status))


#: Raised by the HTTP client before a request can have left.
NEVER_LEFT = (aiohttp.ClientConnectorError,)
#: Raised when the answer did not come, or not whole: the request may have been carried out.
MAY_HAVE_ARRIVED = (aiohttp.ClientError, TimeoutError, ConnectionError)
