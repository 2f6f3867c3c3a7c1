"""Words out through the real library to the pretend Telegram, over HTTP."""

import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from helpline.channels.telegram_sending import TelegramSender
from helpline.core.codes import Channel, Urgency
from helpline.desk.sending import AnswerLost, Outgoing, Refused, TryLater
from helpline.simulator.faults import Fault, FaultKind
from helpline.store.tables import DeliveryKind
from tests.serving import serving
from tests.simulator.conftest import BOT_TOKEN, Running, running, simulator_settings

ADA = 1001
GROUP = -2001
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def outgoing(
    text: str = "Hei", *, kind: DeliveryKind = DeliveryKind.TEXT, to: str | None = str(ADA), **data: Any
) -> Outgoing:
    return Outgoing(
        delivery_id=1,
        contact_id=1,
        leg_id=None,
        channel=Channel.TELEGRAM,
        kind=kind,
        to=to,
        text=text,
        urgency=Urgency.GREEN,
        created_at=MONDAY,
        first_tried_at=MONDAY,
        data=data,
    )


def connect(url: str, *, token: str = BOT_TOKEN, timeout: float = 5.0) -> Bot:
    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url), timeout=timeout))


async def disconnect(bot: Bot) -> None:
    """Close the connections at once: the library's own way waits for a quarter of a second."""
    assert isinstance(bot.session, AiohttpSession)
    await (await bot.session.create_session()).close()


@pytest.fixture
async def line() -> AsyncIterator[Running]:
    async with running(simulator_settings("http://127.0.0.1:1")) as started:
        started.simulator.telegram.say(ADA, "/start")
        yield started


@pytest.fixture
async def sender(line: Running) -> AsyncIterator[TelegramSender]:
    bot = connect(line.url)
    yield TelegramSender(bot)
    await disconnect(bot)


def seen(line: Running, chat: int = ADA) -> list[dict[str, Any]]:
    """What the bot has written in a chat."""
    messages = line.simulator.telegram.chats[chat].messages.values()
    return [message for message in messages if message["from"]["is_bot"]]


@pytest.mark.parametrize(
    "text",
    ["Hei", "<b>ikke merking</b> & _slikt_ *her*", "🙂👨‍👩‍👧 𝕳", "\u202bأنا خائف\u202c", "æ" * 4096, "to\n\nlinjer"],
    ids=["plain", "markup", "astral", "rtl", "4096", "lines"],
)
async def test_words_arrive_as_they_are(line: Running, sender: TelegramSender, text: str) -> None:
    sent = await sender.send(outgoing(text))
    (message,) = seen(line)
    assert (message["text"], "entities" in message) == (text, False)
    assert (sent.provider_id, sent.parts) == (str(message["message_id"]), None)


async def test_choices_are_buttons_one_a_row(line: Running, sender: TelegramSender) -> None:
    await sender.send(outgoing("Velg", choices=[["1", "Snakk med en rådgiver"], ["2", "Rettigheter"]], step="menu"))
    assert seen(line)[0]["reply_markup"]["inline_keyboard"] == [
        [{"text": "Snakk med en rådgiver", "callback_data": "menu:1"}],
        [{"text": "Rettigheter", "callback_data": "menu:2"}],
    ]


async def test_a_button_too_long_does_not_hold_back_the_words(line: Running, sender: TelegramSender) -> None:
    with capture_logs() as logs:
        await sender.send(outgoing("Velg", choices=[["1", "Ja"], ["æ" * 30, "Nei"]], step="menu"))
    assert [row[0]["text"] for row in seen(line)[0]["reply_markup"]["inline_keyboard"]] == ["Ja"]
    assert [entry["event"] for entry in logs] == ["button_too_long"]


async def test_a_document(line: Running, sender: TelegramSender) -> None:
    letter = "Bekymringsmelding\næøå 🙂"
    sent = await sender.send(
        outgoing(letter, kind=DeliveryKind.DOCUMENT, name='brev "til" æøå\r\n.txt', caption="Her er brevet")
    )
    (message,) = seen(line)
    assert (sent.provider_id, message["caption"]) == (str(message["message_id"]), "Her er brevet")
    assert message["document"]["file_name"] == "brev _til_ æøå__.txt"
    assert line.simulator.telegram.files[message["document"]["file_id"]].content.decode() == letter


async def test_an_edit_takes_the_buttons_away_and_may_come_twice(line: Running, sender: TelegramSender) -> None:
    sent = await sender.send(outgoing("Velg", choices=[["1", "Ja"]], step="menu"))
    for _ in range(2):
        edited = await sender.send(outgoing("Du valgte ja", kind=DeliveryKind.EDIT, message_id=sent.provider_id))
        assert edited == sent
    (message,) = seen(line)
    assert (message["text"], "reply_markup" in message) == ("Du valgte ja", False)


@pytest.mark.parametrize(
    ("delivery", "code"),
    [
        (outgoing(to="1002"), "blocked_us"),
        (outgoing(to=str(GROUP)), "blocked_us"),
        (outgoing(to="4711"), "chat_not_found"),
        (outgoing(to="+4790000001"), "chat_not_found"),
        (outgoing(to="ikke et tall"), "chat_not_found"),
        (outgoing(to=None), "no_handle"),
        (outgoing("a" * 4097), "message_is_too_long"),
        (outgoing(" "), "message_text_is_empty"),
        (outgoing(kind=DeliveryKind.EDIT, message_id="99"), "message_to_edit_not_found"),
        (outgoing(kind=DeliveryKind.RING), "not_for_telegram"),
    ],
)
async def test_what_will_never_arrive(line: Running, sender: TelegramSender, delivery: Outgoing, code: str) -> None:
    telegram = line.simulator.telegram
    telegram.say(1002, "Hei")
    telegram.block(1002)
    telegram.group(GROUP, by=ADA)
    telegram.put_out(GROUP, by=ADA)
    with pytest.raises(Refused) as refused:
        await sender.send(delivery)
    assert refused.value.code == code
    assert seen(line) == []


async def test_half_a_character_does_not_hold_back_the_rest(line: Running, sender: TelegramSender) -> None:
    await sender.send(outgoing("Ring 113 \ud83d nå"))
    assert seen(line)[0]["text"] == "Ring 113 ? nå"


async def test_too_many_requests_says_when_to_come_back(line: Running, sender: TelegramSender) -> None:
    line.simulator.faults.order(Fault(kind=FaultKind.LIMIT, target="telegram/sendMessage", seconds=7))
    with pytest.raises(TryLater) as later:
        await sender.send(outgoing())
    assert (later.value.code, later.value.retry_after) == ("too_many_requests", timedelta(seconds=7))
    assert seen(line) == []


async def test_an_error_after_it_was_done_is_an_answer_lost(line: Running, sender: TelegramSender) -> None:
    line.simulator.faults.order(Fault(kind=FaultKind.LOST, target="telegram/sendMessage", status=500))
    with pytest.raises(AnswerLost) as lost:
        await sender.send(outgoing())
    assert lost.value.code == "server_error"
    assert len(seen(line)) == 1
    with pytest.raises(LookupError):
        await sender.find(outgoing())


async def test_no_answer_in_time_is_an_answer_lost(line: Running) -> None:
    line.simulator.faults.order(Fault(kind=FaultKind.TIMEOUT, target="telegram/sendMessage", seconds=30))
    bot = connect(line.url, timeout=0.3)
    with pytest.raises(AnswerLost) as lost:
        await TelegramSender(bot).send(outgoing())
    assert lost.value.code == "no_answer"
    await disconnect(bot)


async def test_no_connection_has_certainly_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    bot = connect(f"http://127.0.0.1:{port}")
    with pytest.raises(TryLater) as later:
        await TelegramSender(bot).send(outgoing())
    assert (later.value.code, later.value.retry_after) == ("no_connection", None)
    await disconnect(bot)


async def test_a_token_that_was_taken_back_is_loud_and_never_shown(line: Running) -> None:
    token = "123456:another-token-that-nobody-may-read"
    bot = connect(line.url, token=token)
    with capture_logs() as logs, pytest.raises(TryLater) as later:
        await TelegramSender(bot).send(outgoing())
    assert later.value.code == "bad_token"
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("telegram_token_refused", "error")]
    assert token not in repr(logs) + str(later.value)
    await disconnect(bot)


class Answering:
    """A server on the way to Telegram that answers the same to everything."""

    def __init__(self, status: int, body: str) -> None:
        self._answer = (status, body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        status, body = self._answer
        await Response(body, status)(scope, receive, send)


def refusal(status: int, description: str, **parameters: int) -> str:
    return json.dumps({"ok": False, "error_code": status, "description": description, "parameters": parameters})


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (502, "<html>Bad Gateway</html>", AnswerLost, "unreadable_answer"),
        (200, "", AnswerLost, "unreadable_answer"),
        (200, '{"result": {"message_id": 12}}', AnswerLost, "unreadable_answer"),
        (500, refusal(500, "Internal Server Error: restart"), AnswerLost, "server_error"),
        (404, refusal(404, "Not Found"), TryLater, "bad_token"),
        (409, refusal(409, "Conflict"), TryLater, "telegram_error"),
        (413, refusal(413, "Request Entity Too Large"), Refused, "too_large"),
        (400, refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1002001), Refused, "chat_moved"),
        (400, refusal(400, "Bad Request: PEER_ID_INVALID"), Refused, "peer_id_invalid"),
        (400, refusal(400, "Bad Request: " + "x" * 200), Refused, "x" * 48),
    ],
)
async def test_answers_that_a_simulator_does_not_give(
    status: int, body: str, error: type[Exception], code: str
) -> None:
    async with serving(Answering(status, body), lifespan=False) as url:
        bot = connect(url)
        with pytest.raises(error) as raised:
            await TelegramSender(bot).send(outgoing())
        await disconnect(bot)
    assert isinstance(raised.value, Refused | TryLater | AnswerLost)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("result", "provider_id"), [('{"message_id": 12, "chat": "of the future"}', "12"), ('{"number": 12}', None)]
)
async def test_a_success_in_an_unknown_shape_is_a_success(result: str, provider_id: str | None) -> None:
    async with serving(Answering(200, '{"ok": true, "result": ' + result + "}"), lifespan=False) as url:
        bot = connect(url)
        assert (await TelegramSender(bot).send(outgoing())).provider_id == provider_id
        await disconnect(bot)
