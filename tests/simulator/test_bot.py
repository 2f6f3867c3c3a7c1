"""The pretend Telegram through the real aiogram."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)

from helpline.simulator.faults import Fault, FaultKind
from tests.simulator.conftest import BOT_TOKEN, RecordingService, Running

ADA = 1001
GROUP = -2001


def buttons(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data) for text, data in row] for row in rows]
    )


async def disconnect(bot: Bot) -> None:
    """Close the connections at once: the library's own way waits for a quarter of a second."""
    assert isinstance(bot.session, AiohttpSession)
    await (await bot.session.create_session()).close()


def connect(url: str, token: str = BOT_TOKEN) -> Bot:
    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))


@pytest.fixture
async def bot(line: Running) -> AsyncIterator[Bot]:
    connected = connect(line.url)
    yield connected
    await disconnect(connected)


async def test_who_the_bot_is(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (123456, True, "ovelse_bot")


async def test_a_wrong_token_opens_nothing(line: Running) -> None:
    stranger = connect(line.url, "123456:wrong")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await disconnect(stranger)


async def test_everything_a_person_can_send_is_polled_and_decoded(line: Running, bot: Bot) -> None:
    telegram = line.simulator.telegram
    said = telegram.say(ADA, "/start nå 🙂")
    telegram.edit(ADA, said["message_id"], "Jeg mente noe annet")
    for kind in ("photo", "document", "voice", "location", "contact", "sticker"):
        telegram.send(ADA, kind)
    telegram.group(GROUP, by=ADA)
    telegram.say(ADA, "Hei gruppe", chat_id=GROUP)
    telegram.block(ADA)
    telegram.unblock(ADA)
    updates = await bot.get_updates(timeout=0)
    assert [update.event_type for update in updates] == [
        "message",
        "edited_message",
        *["message"] * 6,
        "my_chat_member",
        "message",
        "my_chat_member",
        "my_chat_member",
    ]
    first = updates[0].message
    assert first is not None
    assert first.from_user is not None
    assert (first.text, first.from_user.id, first.from_user.language_code) == ("/start nå 🙂", ADA, "nb")
    assert first.entities is not None
    assert first.entities[0].extract_from(first.text or "") == "/start"
    kinds = [update.message.content_type for update in updates[2:8] if update.message is not None]
    assert kinds == ["photo", "document", "voice", "location", "contact", "sticker"]
    ids = [update.update_id for update in updates]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert await bot.get_updates(offset=ids[-1], timeout=0) == [updates[-1]]
    assert await bot.get_updates(offset=ids[-1] + 1, timeout=0) == []
    assert telegram.updates.pending() == []


async def test_long_polling_waits_and_a_newer_poll_takes_over(line: Running, bot: Bot) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=10))
    await line.until(lambda: line.simulator.telegram.updates.polling == 1)
    newer = asyncio.create_task(bot.get_updates(timeout=10))
    with pytest.raises(TelegramConflictError):
        await older
    line.simulator.telegram.say(ADA, "Er det noen der?")
    (update,) = await newer
    assert update.message is not None
    assert update.message.text == "Er det noen der?"


async def test_only_what_is_asked_for_comes(line: Running, bot: Bot) -> None:
    await bot.get_updates(timeout=0, allowed_updates=["message"])
    line.simulator.telegram.say(ADA, "Hei")
    line.simulator.telegram.block(ADA)
    assert [update.event_type for update in await bot.get_updates(timeout=0)] == ["message"]


async def test_words_buttons_and_edits(line: Running, bot: Bot) -> None:
    telegram = line.simulator.telegram
    telegram.say(ADA, "/start")
    sent = await bot.send_message(
        ADA, "<b>Hva</b> er viktigst?", reply_markup=buttons([("Ring", "a:1")]), parse_mode="HTML"
    )
    assert sent.text == "Hva er viktigst?"
    assert sent.entities is not None
    assert (sent.entities[0].type, sent.entities[0].length) == ("bold", 3)
    query_id = telegram.press(ADA, sent.message_id, "a:1")
    pressed = (await bot.get_updates(timeout=0))[-1].callback_query
    assert pressed is not None
    assert (pressed.id, pressed.data) == (query_id, "a:1")
    assert isinstance(pressed.message, Message)
    assert await bot.answer_callback_query(query_id, "Et øyeblikk")
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(query_id)
    edited = await bot.edit_message_text("Du valgte å ringe", chat_id=ADA, message_id=sent.message_id)
    assert isinstance(edited, Message)
    assert edited.reply_markup is None
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("Du valgte å ringe", chat_id=ADA, message_id=sent.message_id)
    again = await bot.edit_message_reply_markup(
        chat_id=ADA, message_id=sent.message_id, reply_markup=buttons([("Ja", "j"), ("Nei", "n")])
    )
    assert isinstance(again, Message)
    assert again.reply_markup is not None
    assert [button.callback_data for row in again.reply_markup.inline_keyboard for button in row] == ["j", "n"]
    with pytest.raises(ValueError, match="no such button"):
        telegram.press(ADA, sent.message_id, "a:1")
    keyboard = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Snakk med en rådgiver")]])
    await bot.send_message(ADA, "Velg", reply_markup=keyboard)
    assert telegram.chat(ADA).keyboard is not None
    await bot.send_message(ADA, "Takk", reply_markup=ReplyKeyboardRemove())
    assert telegram.chat(ADA).keyboard is None
    await bot.send_chat_action(ADA, "typing")
    assert telegram.chat(ADA).action == "typing"
    assert await bot.delete_message(ADA, sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("Hei", chat_id=ADA, message_id=sent.message_id)


async def test_files_go_both_ways(line: Running, bot: Bot) -> None:
    telegram = line.simulator.telegram
    telegram.send(ADA, "document")
    (update,) = await bot.get_updates(timeout=0)
    assert update.message is not None
    assert update.message.document is not None
    fetched = await bot.download(update.message.document)
    assert fetched is not None
    assert fetched.read().decode() == "Dette er en øvelse.\n"
    letter = BufferedInputFile("Bekymringsmelding æøå".encode(), filename="brev.txt")
    sent = await bot.send_document(ADA, letter, caption="Her er brevet")
    assert sent.document is not None
    assert (sent.document.file_name, sent.caption) == ("brev.txt", "Her er brevet")
    assert telegram.files[sent.document.file_id].content.decode() == "Bekymringsmelding æøå"
    with pytest.raises(TelegramBadRequest, match="invalid file_id"):
        await bot.get_file("nothing")


@pytest.mark.parametrize(
    ("chat", "text", "error", "words"),
    [
        (ADA, "a" * 4097, TelegramBadRequest, "message is too long"),
        (ADA, " ", TelegramBadRequest, "message text is empty"),
        (4711, "Hei", TelegramBadRequest, "chat not found"),
        (1002, "Hei", TelegramForbiddenError, "can't initiate conversation"),
        (1003, "Hei", TelegramForbiddenError, "blocked by the user"),
        (GROUP, "Hei", TelegramForbiddenError, "kicked from the group"),
    ],
)
async def test_what_telegram_refuses(
    line: Running, bot: Bot, chat: int, text: str, error: type[Exception], words: str
) -> None:
    telegram = line.simulator.telegram
    telegram.say(ADA, "Hei")
    telegram.private_chat(1002)
    telegram.say(1003, "Hei")
    telegram.block(1003)
    telegram.group(GROUP, by=ADA)
    telegram.put_out(GROUP, by=ADA)
    with pytest.raises(error, match=words):
        await bot.send_message(chat, text)


@pytest.mark.parametrize("text", ["<b>åpen", "lukket</b>", "<script>x</script>", "<b><i>kryss</b></i>"])
async def test_wrong_markup_is_refused(line: Running, bot: Bot, text: str) -> None:
    line.simulator.telegram.say(ADA, "Hei")
    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(ADA, text, parse_mode="HTML")


async def test_buttons_and_commands_have_limits(line: Running, bot: Bot) -> None:
    line.simulator.telegram.say(ADA, "Hei")
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(ADA, "Hei", reply_markup=buttons([("For mye", "a" * 65)]))
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Hjelp", description="Hjelp")])
    assert await bot.set_my_commands([BotCommand(command="slett", description="Slett alt")])
    assert [command.command for command in await bot.get_my_commands()] == ["slett"]


async def test_groups_can_be_looked_at_and_left(line: Running, bot: Bot) -> None:
    line.simulator.telegram.group(GROUP, by=ADA)
    assert (await bot.get_chat(GROUP)).title == "Øvelsesgruppe"
    assert await bot.leave_chat(GROUP)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(GROUP, "Hei")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind=FaultKind.ERROR, target="telegram/*"), TelegramServerError),
        (Fault(kind=FaultKind.LIMIT, target="telegram/sendMessage", seconds=7), TelegramRetryAfter),
        (Fault(kind=FaultKind.TIMEOUT, target="telegram/sendMessage", seconds=30), TelegramNetworkError),
    ],
)
async def test_faults_are_the_ones_the_library_knows(
    line: Running, bot: Bot, fault: Fault, error: type[Exception]
) -> None:
    telegram = line.simulator.telegram
    telegram.say(ADA, "Hei")
    line.simulator.faults.order(fault)
    with pytest.raises(error) as failed:
        await bot.send_message(ADA, "Hei", request_timeout=1)
    if isinstance(failed.value, TelegramRetryAfter):
        assert failed.value.retry_after == 7
    assert len(telegram.chat(ADA).messages) == 1
    await bot.send_message(ADA, "Hei")
    assert len(telegram.chat(ADA).messages) == 2


async def test_a_lost_answer_has_had_its_effect(line: Running, bot: Bot) -> None:
    line.simulator.telegram.say(ADA, "Hei")
    line.simulator.faults.order(Fault(kind=FaultKind.LOST, target="telegram/sendMessage", status=502))
    with pytest.raises(TelegramServerError):
        await bot.send_message(ADA, "Hei igjen")
    assert len(line.simulator.telegram.chat(ADA).messages) == 2


async def test_webhook_is_in_order_and_repeats_until_it_is_taken(
    line: Running, bot: Bot, service: RecordingService, service_url: str
) -> None:
    telegram = line.simulator.telegram
    service.answer = (200, "", "text/plain")
    service.queued = [(503, "", "text/plain"), (500, "", "text/plain")]
    assert await bot.set_webhook(f"{service_url}/webhooks/telegram", secret_token="hemmelig_1")
    with pytest.raises(TelegramConflictError):
        await bot.get_updates(timeout=0)
    telegram.say(ADA, "én")
    telegram.say(ADA, "to")
    received = await service.until(4)
    updates = [Update.model_validate_json(request.body) for request in received]
    assert [update.message.text for update in updates if update.message] == ["én", "én", "én", "to"]
    assert {request.headers["x-telegram-bot-api-secret-token"] for request in received} == {"hemmelig_1"}
    assert received[0].headers["content-type"] == "application/json"
    await line.until(lambda: telegram.updates.pending() == [])
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.url) == (0, f"{service_url}/webhooks/telegram")
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    await bot.delete_webhook()
    telegram.say(ADA, "tre")
    assert len(await bot.get_updates(timeout=0)) == 1


async def test_webhook_can_be_doubled_reordered_and_lost(
    line: Running, bot: Bot, service: RecordingService, service_url: str
) -> None:
    telegram = line.simulator.telegram
    service.answer = (200, "", "text/plain")
    await bot.set_webhook(f"{service_url}/t")

    def texts() -> list[str]:
        return [json.loads(request.body)["message"]["text"] for request in service.received]

    line.simulator.faults.order(Fault(kind=FaultKind.TWICE, target="webhook/telegram"))
    telegram.say(ADA, "én")
    await service.until(2)
    await line.until(lambda: telegram.updates.pending() == [])
    line.simulator.faults.order(Fault(kind=FaultKind.REORDER, target="webhook/telegram"))
    telegram.say(ADA, "to")
    telegram.say(ADA, "tre")
    await service.until(4)
    await line.until(lambda: telegram.updates.pending() == [])
    line.simulator.faults.order(Fault(kind=FaultKind.DROP, target="webhook/telegram"))
    telegram.say(ADA, "fire")
    telegram.say(ADA, "fem")
    await service.until(5)
    assert texts() == ["én", "én", "tre", "to", "fem"]


async def test_webhook_may_name_a_method_in_its_answer(
    line: Running, bot: Bot, service: RecordingService, service_url: str
) -> None:
    answer = {"method": "sendMessage", "chat_id": ADA, "text": "Svar i svaret"}
    service.answer = (200, json.dumps(answer), "application/json")
    await bot.set_webhook(f"{service_url}/t")
    line.simulator.telegram.say(ADA, "Hei")
    await line.until(lambda: len(line.simulator.telegram.chat(ADA).messages) == 2)
    assert line.simulator.telegram.chat(ADA).messages[2]["text"] == "Svar i svaret"


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://line.example/t", ""), ("https://line.example:8000/t", ""), ("https://line.example/t", "mellom rom")],
)
async def test_webhooks_that_telegram_would_not_call(bot: Bot, url: str, secret: str) -> None:
    with pytest.raises(TelegramBadRequest):
        await bot.set_webhook(url, secret_token=secret)


async def test_an_update_that_the_library_cannot_decode(line: Running, bot: Bot) -> None:
    line.simulator.telegram.unreadable(ADA)
    with pytest.raises(ClientDecodeError):
        await bot.get_updates(timeout=0)
    raw = await line.http.post(f"/bot{BOT_TOKEN}/getUpdates", json={"timeout": 0})
    assert raw.json()["result"][0]["my_chat_member"]["old_chat_member"] == {"status": "from_the_future"}


async def test_a_whole_dispatcher_runs_on_it(line: Running, bot: Bot) -> None:
    dispatcher, seen = Dispatcher(), list[str]()

    @dispatcher.message()
    async def on_message(message: Message) -> None:
        seen.append(message.text or "")
        await message.answer("Hva er viktigst for deg akkurat nå?", reply_markup=buttons([("Hjelp nå", "help")]))

    @dispatcher.callback_query()
    async def on_button(query: CallbackQuery) -> None:
        seen.append(query.data or "")
        await query.answer()

    @dispatcher.my_chat_member()
    async def on_block(change: ChatMemberUpdated) -> None:
        seen.append(change.new_chat_member.status)

    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=5))
    telegram = line.simulator.telegram
    telegram.say(ADA, "/start")
    await line.until(lambda: len(telegram.chat(ADA).messages) == 2)
    telegram.press(ADA, 2, "help")
    await line.until(lambda: not telegram.questions)
    telegram.block(ADA)
    await line.until(lambda: telegram.updates.pending() == [])
    await dispatcher.stop_polling()
    await polling
    assert seen == ["/start", "help", "kicked"]


async def test_unknown_methods_and_numbers_are_refused(line: Running) -> None:
    missing = await line.http.post(f"/bot{BOT_TOKEN}/sendUnicorn", json={})
    assert (missing.status_code, missing.json()["ok"]) == (404, False)
    words: dict[str, Any] = (await line.http.post(f"/bot{BOT_TOKEN}/getUpdates", json={"offset": "x"})).json()
    assert words == {"ok": False, "error_code": 400, "description": "Bad Request: offset must be a number"}
    broken = await line.http.post(
        f"/bot{BOT_TOKEN}/sendMessage", content=b"{", headers={"content-type": "application/json"}
    )
    assert broken.status_code == 400
