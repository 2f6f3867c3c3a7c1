"""The methods of the Bot API that a service like ours uses, checked as the real ones check.

Errors are in the words of Telegram's server. Parameters arrive as text (form) or typed (JSON); unknown ones are
ignored, as there.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from helpline.simulator.bot import Chat, Document, Telegram
from helpline.simulator.bot_errors import BotError, bad_request
from helpline.simulator.bot_texts import checked_caption, checked_markup, checked_text

LARGEST_UPLOAD = 50 * 1024 * 1024
LARGEST_DOWNLOAD = 20 * 1024 * 1024
#: A bot may delete messages for this many seconds.
DELETABLE = 48 * 3_600

_ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note".split()
)
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


@dataclass(frozen=True)
class Upload:
    """A file that came with a request."""

    name: str
    mime_type: str
    content: bytes


class Parameters:
    """A request's parameters, read as the method wants them. Raises BotError for what cannot be read."""

    def __init__(self, given: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> None:
        self._given = given
        self._uploads = uploads or {}

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def text(self, name: str) -> str:
        """As text; empty when it is not there."""
        value = self._given.get(name)
        return "" if value is None else str(value)

    def number(self, name: str, default: int | None = None) -> int:
        """As a whole number."""
        value = self._given.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError) as problem:
            raise bad_request(f"{name} must be a number") from problem

    def flag(self, name: str) -> bool:
        """As true or false; false when it is not there."""
        return str(self._given.get(name, "")).lower() in {"true", "1"}

    def document(self, name: str) -> Any:
        """As JSON; None when it is not there."""
        value = self._given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as problem:
            raise bad_request(f"can't parse {name} JSON object") from problem

    def names(self, name: str) -> tuple[str, ...] | None:
        """As a list of words; None when it is not there."""
        value = self.document(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name}: expected an Array of String")
        return tuple(str(item) for item in value)

    def chat_id(self) -> int:
        """The chat the request is about."""
        if not self.text("chat_id"):
            raise bad_request("chat_id is empty")
        try:
            return int(self.text("chat_id"))
        except ValueError as problem:
            raise bad_request("chat not found") from problem

    def upload(self, name: str) -> Upload | None:
        """The file that came under this name, directly or as `attach://…`."""
        reference = self.text(name).removeprefix("attach://")
        return self._uploads.get(name) or self._uploads.get(reference)


Method = Callable[[Telegram, Parameters], Awaitable[Any]]


async def get_me(bot: Telegram, asked: Parameters) -> Any:
    return bot.me


async def get_updates(bot: Telegram, asked: Parameters) -> Any:
    limit, seconds = asked.number("limit", 100), asked.number("timeout", 0)
    return await bot.updates.get(
        offset=asked.number("offset", 0),
        limit=min(max(limit, 1), 100),
        seconds=min(max(seconds, 0), 50),
        allowed=asked.names("allowed_updates"),
    )


async def set_webhook(bot: Telegram, asked: Parameters) -> Any:
    bot.updates.set_webhook(
        url=asked.text("url"),
        secret=asked.text("secret_token"),
        allowed=asked.names("allowed_updates"),
        max_connections=asked.number("max_connections", 40),
    )
    if asked.flag("drop_pending_updates"):
        bot.updates.drop_all()
    return True


async def delete_webhook(bot: Telegram, asked: Parameters) -> Any:
    bot.updates.set_webhook(url="", secret="", allowed=None, max_connections=40)
    if asked.flag("drop_pending_updates"):
        bot.updates.drop_all()
    return True


async def get_webhook_info(bot: Telegram, asked: Parameters) -> Any:
    return bot.updates.webhook_info()


async def send_message(bot: Telegram, asked: Parameters) -> Any:
    chat = bot.open_chat(asked.chat_id())
    text, entities = checked_text(asked.text("text"), asked.text("parse_mode"))
    content: Document = {"text": text}
    if entities:
        content["entities"] = entities
    return _send(bot, chat, content, asked)


async def send_document(bot: Telegram, asked: Parameters) -> Any:
    chat = bot.open_chat(asked.chat_id())
    caption, entities = checked_caption(asked.text("caption"), asked.text("parse_mode"))
    upload = asked.upload("document")
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > LARGEST_UPLOAD:
            raise BotError(413, "Request Entity Too Large")
        file = bot.keep_file(upload.name, upload.mime_type, upload.content)
    elif (known := bot.files.get(asked.text("document"))) is not None:
        file = known
    else:
        raise bad_request("there is no document in the request")
    content: Document = {
        "document": {
            "file_id": file.file_id,
            "file_unique_id": f"unique-{file.file_id}",
            "file_name": file.name,
            "mime_type": file.mime_type,
            "file_size": len(file.content),
        }
    }
    if caption:
        content["caption"] = caption
    if entities:
        content["caption_entities"] = entities
    return _send(bot, chat, content, asked)


def _send(bot: Telegram, chat: Chat, content: Document, asked: Parameters) -> Document:
    markup = checked_markup(asked.document("reply_markup"))
    reply = asked.document("reply_parameters")
    if isinstance(reply, dict):
        answered = chat.messages.get(int(reply.get("message_id", 0)))
        if answered is not None:
            content["reply_to_message"] = {key: value for key, value in answered.items() if key != "reply_to_message"}
        elif not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
    if markup is not None and "inline_keyboard" in markup:
        content["reply_markup"] = markup
    elif markup is not None:
        chat.keyboard = markup if "keyboard" in markup else None
    chat.action = ""
    return bot.put(chat, content, sender=bot.me)


async def edit_message_text(bot: Telegram, asked: Parameters) -> Any:
    text, entities = checked_text(asked.text("text"), asked.text("parse_mode"))
    chat, message = _own_message(bot, asked)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    changed = {key: value for key, value in message.items() if key not in {"entities", "reply_markup"}}
    changed["text"] = text
    if entities:
        changed["entities"] = entities
    return _edited(bot, chat, message, changed, asked)


async def edit_message_reply_markup(bot: Telegram, asked: Parameters) -> Any:
    chat, message = _own_message(bot, asked)
    changed = {key: value for key, value in message.items() if key != "reply_markup"}
    return _edited(bot, chat, message, changed, asked)


def _own_message(bot: Telegram, asked: Parameters) -> tuple[Chat, Document]:
    chat = bot.open_chat(asked.chat_id())
    message = chat.messages.get(asked.number("message_id", 0))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != bot.me["id"]:
        raise bad_request("message can't be edited")
    return chat, message


def _edited(bot: Telegram, chat: Chat, before: Document, after: Document, asked: Parameters) -> Document:
    markup = checked_markup(asked.document("reply_markup"))
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    if markup is not None and markup["inline_keyboard"]:
        after["reply_markup"] = markup
    compared = ("text", "entities", "reply_markup")
    if all(before.get(key) == after.get(key) for key in compared):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a current "
            "content and reply markup of the message"
        )
    after["edit_date"] = bot.now()
    bot.keep_message(chat, after)
    return after


async def answer_callback_query(bot: Telegram, asked: Parameters) -> Any:
    query_id, text = asked.text("callback_query_id"), asked.text("text")
    if query_id not in bot.questions:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    bot.answer(query_id, text)
    return True


async def send_chat_action(bot: Telegram, asked: Parameters) -> Any:
    chat = bot.open_chat(asked.chat_id())
    if asked.text("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.action = asked.text("action")
    bot.keep_chat(chat)
    return True


async def delete_message(bot: Telegram, asked: Parameters) -> Any:
    chat = bot.open_chat(asked.chat_id())
    message = chat.messages.get(asked.number("message_id", 0))
    if message is None:
        raise bad_request("message to delete not found")
    foreign = message["from"]["id"] != bot.me["id"] and chat.document["type"] != "private"
    if foreign or bot.now() - message["date"] > DELETABLE:
        raise bad_request("message can't be deleted for everyone")
    bot.forget_message(chat, message["message_id"])
    return True


async def set_my_commands(bot: Telegram, asked: Parameters) -> Any:
    commands = asked.document("commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    for command in commands:
        if not isinstance(command, dict) or _COMMAND.fullmatch(str(command.get("command"))) is None:
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description") or "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    bot.commands[_command_key(asked)] = commands
    bot.changed()
    return True


async def get_my_commands(bot: Telegram, asked: Parameters) -> Any:
    return bot.commands.get(_command_key(asked), [])


async def delete_my_commands(bot: Telegram, asked: Parameters) -> Any:
    bot.commands.pop(_command_key(asked), None)
    bot.changed()
    return True


def _command_key(asked: Parameters) -> str:
    scope = asked.document("scope") or {"type": "default"}
    return json.dumps([scope, asked.text("language_code")], sort_keys=True)


async def get_file(bot: Telegram, asked: Parameters) -> Any:
    file = bot.files.get(asked.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": f"unique-{file.file_id}",
        "file_size": len(file.content),
        "file_path": f"files/{file.file_id}",
    }


async def get_chat(bot: Telegram, asked: Parameters) -> Any:
    chat = bot.chat(asked.chat_id())
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return {
        **chat.document,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


async def leave_chat(bot: Telegram, asked: Parameters) -> Any:
    chat = bot.open_chat(asked.chat_id())
    if chat.document["type"] == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.blocked = True
    bot.keep_chat(chat)
    return True


METHODS: dict[str, Method] = {
    "getme": get_me,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "senddocument": send_document,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "deletemessage": delete_message,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "getfile": get_file,
    "getchat": get_chat,
    "leavechat": leave_chat,
}


async def call(bot: Telegram, method: str, asked: Parameters) -> Any:
    """Run a method by its name, which Telegram reads without regard to case. Raises BotError when it refuses."""
    known = METHODS.get(method.lower())
    if known is None:
        raise BotError(404, "Not Found: method not found")
    return await known(bot, asked)
