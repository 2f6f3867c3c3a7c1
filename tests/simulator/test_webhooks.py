"""The webhook client against real HTTP: signatures, repeats as the overrides say, fallback."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from helpline.simulator.webhooks import ConnectionOverrides, WebhookClient
from tests.serving import serving
from tests.simulator.twilio_library import RequestValidator

TOKEN = "a-pretend-token"
URL = "https://line.example/webhooks/twilio/sms"


@dataclass
class Service:
    """A service that answers what the test says, in order, and keeps what it got."""

    answers: list[int | type[Exception]]
    seen: list[Request] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        request = Request(scope, receive)
        self.seen.append(request)
        self.forms.append(dict(parse_qsl((await request.body()).decode(), keep_blank_values=True)))
        answer = self.answers.pop(0)
        if isinstance(answer, type):
            raise answer("told to")
        await Response(f"answer {answer}", answer)(scope, receive, send)


@pytest.fixture
async def service() -> Service:
    return Service(answers=[])


@pytest.fixture
async def client(service: Service) -> AsyncIterator[WebhookClient]:
    made = WebhookClient(auth_token=TOKEN, transport=httpx.ASGITransport(service))
    yield made
    await made.close()


@pytest.mark.parametrize("query", ["", "?turn=3&x=a%20b"])
async def test_signature_is_the_one_the_real_library_accepts(
    client: WebhookClient, service: Service, query: str
) -> None:
    service.answers = [200]
    result = await client.post(
        URL + query + "#rc=2&rp=all", {"Body": "Hei æøå 🙂 +", "From": "+4790000001", "Empty": ""}
    )
    assert (result.status, result.body, result.error) == (200, "answer 200", None)
    got = service.seen[0]
    assert str(got.url) == URL + query
    assert RequestValidator(TOKEN).validate(URL + query, service.forms[0], got.headers["X-Twilio-Signature"])
    assert service.forms[0] == {"Body": "Hei æøå 🙂 +", "From": "+4790000001", "Empty": ""}


async def test_get_signs_the_whole_query(client: WebhookClient, service: Service) -> None:
    service.answers = [200]
    await client.post(URL + "?a=1", {"Body": "Hei på deg"}, method="GET")
    got = service.seen[0]
    assert got.method == "GET"
    assert got.query_params["Body"] == "Hei på deg"
    assert RequestValidator(TOKEN).validate(str(got.url), {}, got.headers["X-Twilio-Signature"])


@pytest.mark.parametrize(
    ("fragment", "answers", "attempts", "status"),
    [
        ("", [503], 1, 503),
        ("", [httpx.ConnectError, 200], 2, 200),
        ("", [httpx.ReadTimeout], 1, None),
        ("#rc=5&rp=5xx,ct,rt&tt=15000", [503, httpx.ConnectError, httpx.ReadTimeout, 500, 502, 200], 6, 200),
        ("#rc=5&rp=5xx,ct,rt&tt=15000", [503] * 6, 6, 503),
        ("#rc=5&rp=5xx", [403], 1, 403),
        ("#rc=2&rp=4xx", [403, 404, 200], 3, 200),
        ("#rc=0&rp=all", [503], 1, 503),
        ("#rc=1&rp=all", [302, 200], 2, 200),
    ],
)
async def test_repeats_as_the_overrides_say(
    client: WebhookClient,
    service: Service,
    fragment: str,
    answers: list[int | type[Exception]],
    attempts: int,
    status: int | None,
) -> None:
    service.answers = list(answers)
    result = await client.post(URL + fragment, {"MessageSid": "SM1"})
    assert (len(result.attempts), result.status) == (attempts, status)
    assert len(client.attempts) == attempts
    assert len({request.headers["I-Twilio-Idempotency-Token"] for request in service.seen}) == 1
    assert all(form == {"MessageSid": "SM1"} for form in service.forms)


async def test_fallback_hears_what_went_wrong(client: WebhookClient, service: Service) -> None:
    service.answers = [500, 200]
    result = await client.post(URL + "#rc=0", {"MessageSid": "SM1"}, fallback_url="https://other.example/sms")
    assert result.ok
    assert (result.error_code, result.body) == (11200, "answer 200")
    assert service.forms[1] == {"MessageSid": "SM1", "ErrorCode": "11200", "ErrorUrl": URL}
    assert [attempt.is_fallback for attempt in result.attempts] == [False, True]


async def test_wrong_overrides_reach_nobody(client: WebhookClient, service: Service) -> None:
    result = await client.post(URL + "#rp=6xx", {"MessageSid": "SM1"})
    assert (result.status, result.error_code, service.seen) == (None, 11243, [])


@pytest.mark.parametrize("fragment", ["rc=6", "rc=-1", "ct=99", "tt=15001", "rt=x", "rp=never", "zz=1"])
def test_overrides_outside_the_table_are_errors(fragment: str) -> None:
    with pytest.raises(ValueError, match="connection override"):
        ConnectionOverrides.of(f"{URL}#{fragment}")


@pytest.fixture
async def network_client() -> AsyncIterator[WebhookClient]:
    made = WebhookClient(auth_token=TOKEN)
    yield made
    await made.close()


async def hanging(scope: Scope, receive: Receive, send: Send) -> None:
    """Takes a request and says nothing until the other end gives up."""
    while (await receive())["type"] != "http.disconnect":
        pass


@pytest.mark.parametrize(
    ("fragment", "failures"),
    [
        ("#rt=100", ["rt"]),
        ("#rt=100&rc=2&rp=rt", ["rt", "rt", "rt"]),
        # The total time ends the repeats: 100 ms, and then what is left of 150.
        ("#rt=100&rc=5&rp=rt&tt=150", ["rt", "rt"]),
    ],
)
async def test_time_runs_out_as_the_overrides_say(
    network_client: WebhookClient, fragment: str, failures: list[str]
) -> None:
    async with serving(hanging, lifespan=False) as url:
        result = await network_client.post(url + "/sms" + fragment, {"MessageSid": "SM1"})
    assert [attempt.failure for attempt in result.attempts] == failures
    assert (result.status, result.error_code) == (None, 11205)


@pytest.mark.parametrize(("fragment", "attempts"), [("", 2), ("#rc=0", 1), ("#rc=3&rp=ct", 4), ("#rc=3&rp=5xx", 1)])
async def test_an_address_where_nobody_listens(network_client: WebhookClient, fragment: str, attempts: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    result = await network_client.post(f"http://127.0.0.1:{port}/{fragment}", {"MessageSid": "SM1"})
    assert [attempt.failure for attempt in result.attempts] == ["ct"] * attempts
    assert result.error_code == 11205


async def test_a_rotated_token_signs_from_then_on(client: WebhookClient, service: Service) -> None:
    service.answers = [200]
    client.auth_token = "the-next-token"
    await client.post(URL, {"Body": "Hei"})
    got = service.seen[0].headers["X-Twilio-Signature"]
    assert RequestValidator("the-next-token").validate(URL, service.forms[0], got)
    assert not RequestValidator(TOKEN).validate(URL, service.forms[0], got)
