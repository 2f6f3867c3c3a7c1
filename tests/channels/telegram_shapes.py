"""Updates as Telegram sends them (Bot API 10), with invented people and numbers."""

from typing import Any

Document = dict[str, Any]

BOT_ID = 123456
ADA = 1001
GROUP = -2001
SENT = 1795510800
"""When everything here was written: 2026-11-24 09:00 UTC, in Telegram's own seconds."""

PERSON: Document = {"id": ADA, "is_bot": False, "first_name": "Øvelse", "language_code": "nb"}
BOT: Document = {"id": BOT_ID, "is_bot": True, "first_name": "Pårørendelinjen", "username": "ovelse_bot"}
PRIVATE: Document = {"id": ADA, "type": "private", "first_name": "Øvelse"}
IN_GROUP: Document = {"id": GROUP, "type": "supergroup", "title": "Øvelsesgruppe"}
FILE: Document = {"file_id": "file-1", "file_unique_id": "unique-1", "file_size": 10}
RED_WORDS_OF_OURS = "Ring 113 hvis noen vil ta livet sitt."


def message(chat: Document = PRIVATE, sender: Document = PERSON, message_id: int = 7, **content: Any) -> Document:
    """A message with this content."""
    return {"message_id": message_id, "from": sender, "chat": chat, "date": SENT, **content}


def update(update_id: int, **content: Any) -> Document:
    """An update with this content."""
    return {"update_id": update_id, **content}


def pressed(data: str | None, **more: Any) -> Document:
    """A button pressed under a message of ours."""
    query: Document = {
        "id": "4382bfdwdsb323b2d9",
        "from": PERSON,
        "message": message(sender=BOT, text=RED_WORDS_OF_OURS),
        "chat_instance": "1",
        **more,
    }
    return query if data is None else {**query, "data": data}


def membership(status: str, *, before: str = "member", chat: Document = PRIVATE) -> Document:
    """The bot's own place in a chat has changed."""
    return {
        "chat": chat,
        "from": PERSON,
        "date": SENT,
        "old_chat_member": {"status": before, "user": BOT, **({"until_date": 0} if before == "kicked" else {})},
        "new_chat_member": {"status": status, "user": BOT, **({"until_date": 0} if status == "kicked" else {})},
    }


FROM_THE_FUTURE: Document = {"status": "from_the_future"}
#: A shape that the library cannot decode (LESSONS §3).
UNDECODABLE: Document = {
    "my_chat_member": {
        "chat": PRIVATE,
        "from": PERSON,
        "date": SENT,
        "old_chat_member": FROM_THE_FUTURE,
        "new_chat_member": FROM_THE_FUTURE,
    }
}
