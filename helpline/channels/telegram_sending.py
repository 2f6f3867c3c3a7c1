"""Words out through Telegram's Bot API: the outbox's way to a Telegram chat."""

import re
from datetime import timedelta
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError, InvalidURL

from helpline.desk.sending import AnswerLost, Outgoing, Refused, Sent, TryLater
from helpline.logs import get
from helpline.store.tables import DeliveryKind

log = get("helpline.telegram")

#: Bytes that a button may carry (Bot API, InlineKeyboardButton.callback_data).
BUTTON_BYTES = 64
#: Characters of a reason kept from Telegram's own description.
_CODE_LENGTH = 48
#: Telegram would fetch linked pages for a preview; one-time pages are for the caller alone.
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """Sends texts, documents and edits to a chat with the bot."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._stopped = False

    def stop(self) -> None:
        """Send nothing more: the connections are about to be closed."""
        self._stopped = True

    async def send(self, outgoing: Outgoing) -> Sent:
        """Hand it to Telegram; the message's number within its chat is the provider's id.

        `data` holds `choices` and `step` (buttons, one a row), `name` and perhaps `caption` (a document, whose content
        is `file`, else the text), `message_id` (an edit).

        Raises:
            Refused: `blocked_us`, `chat_not_found`, or Telegram's own reason as a code.
            TryLater: too many requests, no connection, a token that Telegram does not know, or we are stopping.
            AnswerLost: a server error, or the connection broke after the request left.
        """
        chat_id = _chat_id(outgoing)
        if self._stopped:
            raise TryLater("stopping")
        try:
            return Sent(provider_id=await self._deliver(outgoing, chat_id))
        except ClientDecodeError as error:
            # An answer that says it went well is good enough, also when the message in it has an unknown shape.
            accepted = _accepted(error.data)
            if accepted is None:
                raise AnswerLost("unreadable_answer") from error
            return accepted
        except TelegramBadRequest as error:
            if outgoing.kind is DeliveryKind.EDIT and "message is not modified" in error.message:
                return Sent(provider_id=str(outgoing.data["message_id"]))
            raise meaning(error) from error
        except AiogramError as error:
            raise meaning(error) from error

    async def find(self, outgoing: Outgoing) -> Sent | None:
        """Telegram cannot be asked about what was sent.

        Raises:
            LookupError: always.
        """
        raise LookupError("Telegram has no look-up for messages that a bot has sent.")

    async def _deliver(self, outgoing: Outgoing, chat_id: int) -> str:
        text = outgoing.text.encode("utf-8", "replace").decode()
        match outgoing.kind:
            case DeliveryKind.TEXT:
                message = await self._bot.send_message(
                    chat_id, text, reply_markup=_keyboard(outgoing.data), link_preview_options=_NO_PREVIEW
                )
                return str(message.message_id)
            case DeliveryKind.DOCUMENT:
                content = text.encode() if outgoing.file is None else outgoing.file
                document = BufferedInputFile(content, filename=_file_name(outgoing.data))
                message = await self._bot.send_document(chat_id, document, caption=outgoing.data.get("caption"))
                return str(message.message_id)
            case DeliveryKind.EDIT:
                message_id = int(outgoing.data["message_id"])
                await self._bot.edit_message_text(
                    text,
                    chat_id=chat_id,
                    message_id=message_id,
                    reply_markup=_keyboard(outgoing.data),
                    link_preview_options=_NO_PREVIEW,
                )
                return str(message_id)
            case _:
                raise Refused("not_for_telegram")


def meaning(error: AiogramError) -> Refused | TryLater | AnswerLost:
    """What a failed request means for the delivery."""
    match error:
        case TelegramRetryAfter():
            return TryLater("too_many_requests", timedelta(seconds=error.retry_after))
        case TelegramForbiddenError():
            return Refused("blocked_us")
        case TelegramUnauthorizedError() | TelegramNotFound():
            # Telegram answers 401 for a token that was taken back and 404 for one that cannot be one.
            log.error("telegram_token_refused")
            return TryLater("bad_token")
        case TelegramMigrateToChat():
            return Refused("chat_moved")
        case TelegramEntityTooLarge():
            return Refused("too_large")
        case TelegramBadRequest() if "chat not found" in error.message:
            return Refused("chat_not_found")
        case TelegramBadRequest():
            return Refused(_code(error.message))
        case TelegramServerError():
            return AnswerLost("server_error")
        case TelegramNetworkError() if isinstance(
            error.__cause__, ClientConnectorError | ConnectionTimeoutError | InvalidURL
        ):
            return TryLater("no_connection")
        case TelegramNetworkError():
            return AnswerLost("no_answer")
        case ClientDecodeError():
            return AnswerLost("unreadable_answer")
        case _:
            return TryLater("telegram_error")


def _chat_id(outgoing: Outgoing) -> int:
    if outgoing.to is None:
        raise Refused("no_handle")
    try:
        return int(outgoing.to)
    except ValueError as error:
        raise Refused("chat_not_found") from error


def _keyboard(data: dict[str, Any]) -> InlineKeyboardMarkup | None:
    rows = []
    for key, label in data.get("choices", ()):
        pressed = f"{data.get('step', '')}:{key}"
        if len(pressed.encode()) > BUTTON_BYTES:
            # Telegram would refuse the whole text for it: the words matter more than one way on.
            log.error("button_too_long", step=data.get("step"), key=key)
            continue
        rows.append([InlineKeyboardButton(text=label, callback_data=pressed)])
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _file_name(data: dict[str, Any]) -> str:
    """A name that is safe in the header of the upload."""
    return re.sub(r"[^\w .()-]", "_", str(data.get("name") or "dokument.txt"))[:128]


def _accepted(answer: object) -> Sent | None:
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        return None
    result = answer.get("result")
    message_id = result.get("message_id") if isinstance(result, dict) else None
    return Sent(provider_id=str(message_id) if type(message_id) is int else None)


def _code(description: str) -> str:
    """Telegram's description as a short code: «Bad Request: message is too long» is `message_is_too_long`."""
    words = description.removeprefix("Bad Request: ").casefold()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")[:_CODE_LENGTH] or "bad_request"
