"""The pretend Telegram: people, chats and messages, and what a person with the app can do."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from helpline.simulator.bot_delivery import Updates
from helpline.simulator.bot_errors import BotError, bad_request
from helpline.simulator.bot_texts import commands_in
from helpline.simulator.clock import Clock
from helpline.simulator.faults import Faults
from helpline.simulator.journal import Journal
from helpline.simulator.settings import SimulatorSettings

#: A picture of one pixel (PNG), for whoever fetches what a person «sent».
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

#: What the library cannot decode: a member state that none of its versions knows (LESSONS §3).
UNREADABLE = {"status": "from_the_future"}

Document = dict[str, Any]


@dataclass(kw_only=True)
class Chat:
    """One chat with the bot. `document` is Telegram's Chat; `blocked` also says that the bot was put out of a group."""

    document: Document
    messages: dict[int, Document] = field(default_factory=dict)
    keyboard: Document | None = None
    started: bool = False
    blocked: bool = False
    last_id: int = 0
    action: str = ""


@dataclass(frozen=True, kw_only=True)
class File:
    """Something that was sent as a file, by the bot or to it."""

    file_id: str
    name: str
    mime_type: str
    content: bytes


class Telegram:
    """Everything one bot sees, and everything the people in its chats see."""

    def __init__(
        self,
        *,
        settings: SimulatorSettings,
        clock: Clock,
        journal: Journal,
        faults: Faults,
        transport: httpx.AsyncBaseTransport | None,
        changed: Callable[[], None],
        call: Callable[[str, Document], Awaitable[Any]],
        alert: Callable[[int, str, str], None],
    ) -> None:
        """`call` runs a Bot API method by its name. Raises ValueError for a token that cannot be one."""
        number, colon, secret = settings.telegram_token.partition(":")
        if not number.isdecimal() or not colon or not secret:
            raise ValueError("A Telegram token is a number, a colon and a secret.")
        self.me: Document = {
            "id": int(number),
            "is_bot": True,
            "first_name": "Pårørendelinjen (øvelse)",
            "username": "ovelse_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": True,
            "supports_inline_queries": False,
        }
        self.people: dict[int, Document] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.commands: dict[str, list[Document]] = {}
        self.questions: set[str] = set()
        self.shown = ""
        self._clock = clock
        self._journal = journal
        self._changed = changed
        self._callbacks = 0
        self._remember()
        self.updates = Updates(
            clock=clock,
            journal=journal,
            faults=faults,
            retry_seconds=settings.telegram_retry_seconds,
            transport=transport,
            changed=changed,
            call=call,
            alert=alert,
        )

    def _remember(self) -> None:
        for person in self._journal.kept("bot-person"):
            self.people[person["id"]] = person
        for kept in self._journal.kept("bot-chat"):
            self.chats[kept["document"]["id"]] = Chat(**kept)
        for message in self._journal.kept("bot-message"):
            self.chats[message["chat"]["id"]].messages[message["message_id"]] = message
        for kept in self._journal.kept("bot-file"):
            self.files[kept["file_id"]] = File(**{**kept, "content": base64.b64decode(kept["content"])})

    # Shared by people and bot.

    def now(self) -> int:
        """Seconds since 1970, as Telegram writes times."""
        return int(self._clock.now().timestamp())

    def chat(self, chat_id: int) -> Chat:
        """The chat. Raises BotError when the bot has never seen it."""
        if chat_id not in self.chats:
            raise bad_request("chat not found")
        return self.chats[chat_id]

    def open_chat(self, chat_id: int) -> Chat:
        """The chat, when the bot may write there. Raises BotError when it may not."""
        chat = self.chat(chat_id)
        private = chat.document["type"] == "private"
        if chat.blocked:
            raise BotError(
                403,
                "Forbidden: bot was blocked by the user"
                if private
                else "Forbidden: bot was kicked from the group chat",
            )
        if private and not chat.started:
            raise BotError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def keep_chat(self, chat: Chat) -> None:
        """Remember the chat's own state (not its messages)."""
        kept = {
            "document": chat.document,
            "keyboard": chat.keyboard,
            "started": chat.started,
            "blocked": chat.blocked,
            "last_id": chat.last_id,
        }
        self._journal.write("bot-chat", str(chat.document["id"]), kept)
        self._changed()

    def put(self, chat: Chat, content: Document, *, sender: Document) -> Document:
        """Add a message to a chat; the whole message as Telegram writes it."""
        chat.last_id += 1
        message = {"message_id": chat.last_id, "from": sender, "chat": chat.document, "date": self.now(), **content}
        self.keep_chat(chat)
        self.keep_message(chat, message)
        return message

    def keep_message(self, chat: Chat, message: Document) -> None:
        """Write a new or changed message down."""
        chat.messages[message["message_id"]] = message
        self._journal.write("bot-message", _key(chat, message["message_id"]), message)
        self._changed()

    def forget_message(self, chat: Chat, message_id: int) -> None:
        """Delete a message for everybody. Raises KeyError when it is not there."""
        del chat.messages[message_id]
        self._journal.write("bot-message", _key(chat, message_id), None)
        self._changed()

    def keep_file(self, name: str, mime_type: str, content: bytes) -> File:
        """Store what was sent as a file."""
        file = File(file_id=f"file-{len(self.files) + 1:06d}", name=name, mime_type=mime_type, content=content)
        self.files[file.file_id] = file
        encoded = base64.b64encode(content).decode()
        kept = {"file_id": file.file_id, "name": name, "mime_type": mime_type, "content": encoded}
        self._journal.write("bot-file", file.file_id, kept)
        return file

    def answer(self, query_id: str, text: str) -> None:
        """The bot answers a pressed button: the clock on it stops, `text` is shown for a moment."""
        self.questions.discard(query_id)
        self.shown = text
        self._changed()

    def changed(self) -> None:
        """Something that only the app shows has changed, such as the menu of commands."""
        self._changed()

    # What a person can do.

    def person(self, person_id: int, *, name: str = "", language: str = "nb") -> Document:
        """The person, made up at the first mention. Positive numbers only, as Telegram's are."""
        if person_id <= 0:
            raise ValueError("A person's identifier is a positive number.")
        if person_id not in self.people:
            person = {
                "id": person_id,
                "is_bot": False,
                "first_name": name or f"Øvelse {person_id}",
                "language_code": language,
            }
            self.people[person_id] = person
            self._journal.write("bot-person", str(person_id), person)
        return self.people[person_id]

    def private_chat(self, person_id: int) -> Chat:
        """The person's chat with the bot; it is there once it has been looked at."""
        person = self.person(person_id)
        if person_id not in self.chats:
            document = {"id": person_id, "type": "private", "first_name": person["first_name"]}
            self.chats[person_id] = Chat(document=document)
            self.keep_chat(self.chats[person_id])
        return self.chats[person_id]

    def group(self, group_id: int, *, title: str = "Øvelsesgruppe", by: int) -> Chat:
        """A group that person `by` has put the bot in. Its identifier is negative."""
        if group_id >= 0:
            raise ValueError("A group's identifier is a negative number.")
        if group_id not in self.chats:
            chat = Chat(document={"id": group_id, "type": "group", "title": title}, started=True)
            self.chats[group_id] = chat
            self.keep_chat(chat)
            self._membership(chat, by, "left", "member")
        return self.chats[group_id]

    def write(self, person_id: int, content: Document, *, chat_id: int | None = None) -> Document:
        """A person sends a message with this content, to the bot or in a group the bot is in.

        Writing to a bot that one has blocked is not possible in the app: it is unblocked first, as the app does.
        """
        person = self.person(person_id)
        chat = self.private_chat(person_id) if chat_id is None else self.chat(chat_id)
        if chat.document["type"] == "private":
            if chat.blocked:
                self.unblock(person_id)
            chat.started = True
        if "text" in content and (entities := commands_in(content["text"])):
            content = {**content, "entities": entities}
        message = self.put(chat, content, sender=person)
        if not chat.blocked:
            self.updates.add("message", message)
        return message

    def say(self, person_id: int, text: str, *, chat_id: int | None = None, reply_to: int | None = None) -> Document:
        """A person writes a text. Raises ValueError when it is empty or longer than 4096 characters."""
        if not text.strip() or len(text) > 4_096:
            raise ValueError("A Telegram message has 1 to 4096 characters.")
        content: Document = {"text": text}
        if reply_to is not None:
            chat = self.private_chat(person_id) if chat_id is None else self.chat(chat_id)
            if reply_to in chat.messages:
                answered = {key: value for key, value in chat.messages[reply_to].items() if key != "reply_to_message"}
                content["reply_to_message"] = answered
        return self.write(person_id, content, chat_id=chat_id)

    def send(self, person_id: int, kind: str, *, chat_id: int | None = None, caption: str = "") -> Document:
        """A person sends something that is not text: photo, document, voice, location, contact or sticker.

        Raises ValueError for another kind.
        """
        content = self._attachment(person_id, kind)
        if caption and kind in {"photo", "document", "voice"}:
            content["caption"] = caption
        return self.write(person_id, content, chat_id=chat_id)

    def _attachment(self, person_id: int, kind: str) -> Document:
        if kind == "location":
            return {"location": {"latitude": 59.9139, "longitude": 10.7522}}
        if kind == "contact":
            return {"contact": {"phone_number": "+4790000099", "first_name": "Øvelse", "user_id": person_id}}
        if kind == "photo":
            size = {**self._reference("photo.png", "image/png", _PIXEL), "width": 1, "height": 1}
            return {"photo": [size]}
        if kind == "document":
            reference = self._reference("vedlegg.txt", "text/plain", "Dette er en øvelse.\n".encode())
            return {"document": {**reference, "file_name": "vedlegg.txt", "mime_type": "text/plain"}}
        if kind == "voice":
            reference = self._reference("voice.oga", "audio/ogg", b"OggS")
            return {"voice": {**reference, "duration": 3, "mime_type": "audio/ogg"}}
        if kind == "sticker":
            reference = self._reference("sticker.webp", "image/webp", b"RIFF")
            shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"sticker": {**reference, **shape, "emoji": "🙂"}}
        raise ValueError(f"A person cannot send «{kind}» here.")

    def _reference(self, name: str, mime_type: str, content: bytes) -> Document:
        file = self.keep_file(name, mime_type, content)
        return {"file_id": file.file_id, "file_unique_id": f"unique-{file.file_id}", "file_size": len(content)}

    def edit(self, person_id: int, message_id: int, text: str, *, chat_id: int | None = None) -> Document:
        """A person changes a text of their own. Raises ValueError when it is not theirs or not there."""
        chat = self.private_chat(person_id) if chat_id is None else self.chat(chat_id)
        message = chat.messages.get(message_id)
        if message is None or message["from"]["id"] != person_id or "text" not in message:
            raise ValueError("Only a text of one's own can be changed.")
        changed = {**message, "text": text, "edit_date": self.now()}
        changed.pop("entities", None)
        if entities := commands_in(text):
            changed["entities"] = entities
        self.keep_message(chat, changed)
        self.updates.add("edited_message", changed)
        return changed

    def press(self, person_id: int, message_id: int, data: str, *, chat_id: int | None = None) -> str:
        """A person presses a button under a message; the query's identifier.

        Raises ValueError when the message has no button with this `data`.
        """
        chat = self.private_chat(person_id) if chat_id is None else self.chat(chat_id)
        message = chat.messages.get(message_id)
        rows = (message or {}).get("reply_markup", {}).get("inline_keyboard", [])
        if message is None or not any(button.get("callback_data") == data for row in rows for button in row):
            raise ValueError("There is no such button.")
        self._callbacks += 1
        query_id = f"{self.now()}{self._callbacks:06d}"
        self.questions.add(query_id)
        query = {
            "id": query_id,
            "from": self.person(person_id),
            "message": message,
            "chat_instance": str(chat.document["id"]),
            "data": data,
        }
        self.updates.add("callback_query", query)
        self._changed()
        return query_id

    def block(self, person_id: int) -> None:
        """A person blocks the bot."""
        chat = self.private_chat(person_id)
        if not chat.blocked:
            chat.blocked = True
            self.keep_chat(chat)
            self._membership(chat, person_id, "member", "kicked")

    def unblock(self, person_id: int) -> None:
        """A person lets the bot write again."""
        chat = self.private_chat(person_id)
        if chat.blocked:
            chat.blocked = False
            self.keep_chat(chat)
            self._membership(chat, person_id, "kicked", "member")

    def put_out(self, group_id: int, *, by: int) -> None:
        """A person puts the bot out of a group. Raises BotError for a group it was never in."""
        chat = self.chat(group_id)
        chat.blocked = True
        self.keep_chat(chat)
        self._membership(chat, by, "member", "kicked")

    def unreadable(self, person_id: int) -> int:
        """Telegram sends something that the library cannot decode; the update's identifier."""
        chat, person = self.private_chat(person_id), self.person(person_id)
        content = {"chat": chat.document, "from": person, "date": self.now()}
        return self.updates.add_raw(
            {"my_chat_member": {**content, "old_chat_member": UNREADABLE, "new_chat_member": UNREADABLE}}
        )

    def _membership(self, chat: Chat, by: int, before: str, after: str) -> None:
        self.updates.add(
            "my_chat_member",
            {
                "chat": chat.document,
                "from": self.person(by),
                "date": self.now(),
                "old_chat_member": self._member(before),
                "new_chat_member": self._member(after),
            },
        )

    def _member(self, status: str) -> Document:
        bot = {key: self.me[key] for key in ("id", "is_bot", "first_name", "username")}
        member: Document = {"status": status, "user": bot}
        if status == "kicked":
            member["until_date"] = 0
        return member


def _key(chat: Chat, message_id: int) -> str:
    return f"{chat.document['id']}:{message_id}"
