"""From a Telegram update to what the desk understands.

Every update is decoded on its own. One that the library does not know yet is never lost: its raw form is kept, and if
somebody's words can be seen in it, they reach the desk all the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from aiogram import Bot
from aiogram.enums import ChatMemberStatus, ChatType, ContentType, UpdateType
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update
from aiogram.types.update import UpdateTypeLookupError

from helpline.core.codes import Channel
from helpline.core.turn import Inbound, InboundKind
from helpline.logs import get

log = get("helpline.telegram")

PROVIDER = "telegram"
#: The kinds that we ask Telegram for; the others never come.
ALLOWED_UPDATES = [
    UpdateType.MESSAGE.value,
    UpdateType.EDITED_MESSAGE.value,
    UpdateType.CALLBACK_QUERY.value,
    UpdateType.CHANNEL_POST.value,
    UpdateType.MY_CHAT_MEMBER.value,
]
#: What a person sends, as opposed to what Telegram writes into a chat («NN joined the group», «message pinned»).
_WRITTEN = frozenset({ContentType.TEXT, ContentType.RICH_MESSAGE})
_SENT = _WRITTEN | {
    ContentType.ANIMATION, ContentType.AUDIO, ContentType.CHECKLIST, ContentType.CONTACT, ContentType.DICE,
    ContentType.DOCUMENT, ContentType.GAME, ContentType.LIVE_PHOTO, ContentType.LOCATION, ContentType.PAID_MEDIA,
    ContentType.PHOTO, ContentType.POLL, ContentType.STICKER, ContentType.STORY, ContentType.VENUE, ContentType.VIDEO,
    ContentType.VIDEO_NOTE, ContentType.VOICE,
}  # fmt: skip
#: Parts of a message that hold the words of others, our own among them: they must raise no alarm.
_OTHERS_WORDS = frozenset(
    {"chat", "external_reply", "from", "game", "pinned_message", "quote", "reply_markup", "reply_to_message"}
)
_WORDS = frozenset({"text", "caption", "question"})
#: Levels of a message that are searched for words; a rich message nests lists and quotations.
_DEEPEST = 60
_LARGEST_ID = 2**63 - 1
_LANGUAGE = re.compile(r"[a-z]{2,3}")

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Received:
    """One update, read as far as it goes.

    `inbound` is None for what concerns nobody (a new member of a group). `unreadable` is a code when the library could
    not decode it; `inbound` then holds whatever words could be seen. `button` is the id of a pressed button's query.
    """

    update_id: int
    raw: str
    inbound: Inbound | None = None
    unreadable: str | None = None
    button: str | None = None


def update_id_of(document: object) -> int | None:
    """The update's own id; None when this is no update at all."""
    update_id = document.get("update_id") if isinstance(document, dict) else None
    if type(update_id) is int and 0 <= update_id <= _LARGEST_ID:
        return update_id
    return None


def read_update(document: Document, *, raw: str, bot: Bot) -> Received:
    """Read an update that has an id. Never raises for a shape it does not know."""
    update_id = document["update_id"]
    account = str(bot.id)
    try:
        update = Update.model_validate(document, context={"bot": bot})
    except Exception as error:
        # Whatever the library stumbles over means the same to us: it does not know this shape. Only the kind of error
        # is logged, since its words quote the message.
        log.error("update_not_decoded", update=update_id, error=type(error).__name__)
        inbound = _seen(document, account=account)
        return Received(update_id=update_id, raw=raw, inbound=inbound, unreadable="not_decoded")
    try:
        kind, event = UpdateType(update.event_type), update.event
    except (UpdateTypeLookupError, ValueError):
        log.error("update_of_unknown_kind", update=update_id)
        inbound = _seen(document, account=account)
        return Received(update_id=update_id, raw=raw, inbound=inbound, unreadable="unknown_kind")
    inbound = None
    button = None
    if isinstance(event, Message) and kind in (UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CHANNEL_POST):
        edited = kind is UpdateType.EDITED_MESSAGE
        inbound = _message(event, document[kind.value], edited=edited, update_id=update_id, account=account)
    elif isinstance(event, CallbackQuery):
        button = event.id
        inbound = _pressed(event, update_id=update_id, account=account)
    elif isinstance(event, ChatMemberUpdated) and kind is UpdateType.MY_CHAT_MEMBER:
        inbound = _membership(event, update_id=update_id, account=account)
    if inbound is not None:
        inbound = replace(inbound, raw=raw)
    return Received(update_id=update_id, raw=raw, inbound=inbound, button=button)


def _message(message: Message, document: Document, *, edited: bool, update_id: int, account: str) -> Inbound | None:
    content = ContentType(message.content_type)
    words = _words(document)
    if message.from_user is not None and message.from_user.is_bot and message.sender_chat is None:
        return None  # An automatic sender: answering it would begin a loop.
    private = message.chat.type == ChatType.PRIVATE
    if content not in _SENT and not (content is ContentType.UNKNOWN and (private or words)):
        return None
    if not private and edited:
        return None
    written = bool(words) and content in _WRITTEN | {ContentType.UNKNOWN}
    kind = InboundKind.TEXT if written else InboundKind.MEDIA
    if edited:
        kind = InboundKind.EDITED
    if not private:
        kind = InboundKind.GROUP
    return Inbound(
        provider=PROVIDER,
        account=account,
        external_id=str(update_id),
        channel=Channel.TELEGRAM,
        kind=kind,
        handle=str(message.chat.id),
        text=words,
        media=None if written else content.value,
        message_id=str(message.message_id),
        language_hint=_language(message.from_user.language_code if message.from_user else None),
        sent_at=message.date,
    )


def _pressed(query: CallbackQuery, *, update_id: int, account: str) -> Inbound | None:
    if query.data is None or query.from_user.is_bot:
        return None
    if query.message is not None and query.message.chat.type != ChatType.PRIVATE:
        return None
    return _choice(
        query.data,
        handle=query.from_user.id,
        language=query.from_user.language_code,
        message_id=query.message.message_id if query.message else None,
        external_id=str(update_id),
        account=account,
    )


def _choice(
    data: str, *, handle: int, language: str | None, message_id: int | None, external_id: str, account: str
) -> Inbound:
    step, _, key = data.rpartition(":")
    return Inbound(
        provider=PROVIDER,
        account=account,
        external_id=external_id,
        channel=Channel.TELEGRAM,
        kind=InboundKind.CHOICE,
        # A private chat has the number of the person it is with.
        handle=str(handle),
        text=_whole(key),
        step=_whole(step) or None,
        message_id=str(message_id) if message_id is not None else None,
        language_hint=_language(language),
    )


#: What it means to us when a person changes whether the bot may write to them.
_MEMBERSHIP = {
    ChatMemberStatus.KICKED: InboundKind.BLOCKED_US,
    ChatMemberStatus.MEMBER: InboundKind.UNBLOCKED_US,
}


def _membership(change: ChatMemberUpdated, *, update_id: int, account: str) -> Inbound | None:
    kind = _MEMBERSHIP.get(ChatMemberStatus(change.new_chat_member.status))
    if change.chat.type != ChatType.PRIVATE or kind is None:
        return None
    return Inbound(
        provider=PROVIDER,
        account=account,
        external_id=str(update_id),
        channel=Channel.TELEGRAM,
        kind=kind,
        handle=str(change.chat.id),
        sent_at=change.date,
    )


def _seen(document: Document, *, account: str) -> Inbound | None:
    """What a person wrote, as far as it can be seen in an update of unknown shape: words in a private chat.

    Its id is one of its own, for the raw update is stored under the plain one and marked unreadable.
    """
    external_id = f"{document['update_id']}:seen"
    query = document.get("callback_query")
    if isinstance(query, dict):
        sender = query.get("from")
        if isinstance(sender, dict) and type(sender.get("id")) is int and isinstance(query.get("data"), str):
            return _choice(
                query["data"],
                handle=sender["id"],
                language=_text(sender.get("language_code")),
                message_id=None,
                external_id=external_id,
                account=account,
            )
        return None
    for name, message in document.items():
        chat = message.get("chat") if isinstance(message, dict) else None
        if not isinstance(chat, dict) or type(chat.get("id")) is not int:
            continue
        sender = message.get("from")
        sender = sender if isinstance(sender, dict) else {}
        words = _words(message)
        # Groups and channels have negative numbers, people positive ones.
        if not words or chat["id"] <= 0 or chat.get("type", "private") != "private" or sender.get("is_bot") is True:
            continue
        message_id = message.get("message_id")
        return Inbound(
            provider=PROVIDER,
            account=account,
            external_id=external_id,
            channel=Channel.TELEGRAM,
            kind=InboundKind.EDITED if name.startswith("edited_") else InboundKind.TEXT,
            handle=str(chat["id"]),
            text=words,
            message_id=str(message_id) if type(message_id) is int and 0 <= message_id <= _LARGEST_ID else None,
            language_hint=_language(_text(sender.get("language_code"))),
        )
    return None


def _words(document: Document) -> str:
    """All words of a message's sender: text, caption, the paragraphs of a rich message, a poll's question …"""
    return _whole("\n".join(line for line in _lines(document, _DEEPEST) if line))


def _lines(part: object, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(part, list):
        for inner in part:
            yield from _lines(inner, depth - 1)
    elif isinstance(part, dict):
        for name, inner in part.items():
            if name in _WORDS:
                yield _run(inner, depth - 1)
            elif name not in _OTHERS_WORDS:
                yield from _lines(inner, depth - 1)


def _run(part: object, depth: int) -> str:
    """One line of text, which in a rich message may consist of nested pieces."""
    if isinstance(part, str):
        return part
    if depth == 0:
        return ""
    if isinstance(part, list):
        return "".join(_run(inner, depth - 1) for inner in part)
    if isinstance(part, dict):
        return _run(part.get("text"), depth - 1)
    return ""


def _whole(text: str) -> str:
    """The text without halves of characters, which no database and no provider would take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _language(code: str | None) -> str | None:
    """ISO 639 from what the app says («nb-NO», «pt-br»); «no» means bokmål."""
    language = (code or "").lower().replace("_", "-").partition("-")[0]
    if _LANGUAGE.fullmatch(language) is None:
        return None
    return "nb" if language == "no" else language
