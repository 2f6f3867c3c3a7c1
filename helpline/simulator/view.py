"""What the page sees of a simulator, as one JSON document."""

from datetime import UTC, datetime
from typing import Any

from helpline.simulator.bot import Chat, Telegram
from helpline.simulator.calls import Manner
from helpline.simulator.faults import MEANINGS
from helpline.simulator.message import Message
from helpline.simulator.parts import encoding
from helpline.simulator.state import Simulator

#: How much of the past the page gets.
MOST_TEXTS = 300
MOST_CALLS = 40
MOST_CHAT_MESSAGES = 100
MOST_LOG_LINES = 40

_ATTACHMENTS = ("photo", "document", "voice", "location", "contact", "sticker")


def view(simulator: Simulator) -> dict[str, Any]:
    """Everything the page shows. Times are in ISO 8601."""
    settings = simulator.settings
    return {
        "revision": simulator.changes.revision,
        "numbers": {"sms": settings.sms_number, "voice": settings.voice_number},
        "advisors": list(settings.advisor_numbers),
        "opt_out": simulator.messages.default_opt_out,
        "texts": [_text(message) for message in simulator.messages.all()[-MOST_TEXTS:]],
        "calls": [_call(leg) for leg in simulator.calls.legs()[-MOST_CALLS:]],
        "manners": [manner.value for manner in Manner],
        "chats": [_chat(simulator.telegram, chat) for chat in simulator.telegram.chats.values()],
        "telegram": {
            "name": simulator.telegram.me["first_name"],
            "pending": len(simulator.telegram.updates.pending()),
            "webhook": simulator.telegram.updates.webhook.url,
            "polling": bool(simulator.telegram.updates.polling),
            "shown": simulator.telegram.shown,
            "commands": _commands(simulator.telegram),
        },
        "faults": [
            {"kind": fault.kind.value, "target": fault.target, "times": times, "meaning": MEANINGS[fault.kind]}
            for fault, times in simulator.faults.ordered()
        ],
        "fault_kinds": [{"kind": kind.value, "meaning": meaning} for kind, meaning in MEANINGS.items()],
        "alerts": [
            {"at": alert.at.isoformat(), "code": alert.code, "text": alert.text, "about": alert.about}
            for alert in simulator.alerts[-MOST_LOG_LINES:]
        ],
        "webhooks": _webhooks(simulator),
    }


def _text(message: Message) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "inbound": message.direction == "inbound",
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "media": len(message.media),
        "parts": message.parts,
        "encoding": encoding(message.body),
        "status": message.status,
        "error_code": message.error_code,
        "trouble": message.trouble,
        "at": message.created.isoformat(),
    }


def _call(leg: dict[str, Any]) -> dict[str, Any]:
    shown = {key: _iso(value) for key, value in leg.items() if key != "heard"}
    shown["heard"] = [{key: _iso(value) for key, value in line.items()} for line in leg["heard"]]
    return shown


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _chat(telegram: Telegram, chat: Chat) -> dict[str, Any]:
    messages = list(chat.messages.values())[-MOST_CHAT_MESSAGES:]
    return {
        "id": chat.document["id"],
        "type": chat.document["type"],
        "name": chat.document.get("title") or chat.document.get("first_name", ""),
        "blocked": chat.blocked,
        "action": chat.action,
        "keyboard": chat.keyboard["keyboard"] if chat.keyboard else None,
        "messages": [_chat_message(telegram, message) for message in messages],
    }


def _chat_message(telegram: Telegram, message: dict[str, Any]) -> dict[str, Any]:
    attachment = next((kind for kind in _ATTACHMENTS if kind in message), None)
    file = message.get("document", {}) if attachment == "document" else {}
    return {
        "id": message["message_id"],
        "bot": message["from"]["id"] == telegram.me["id"],
        "sender": message["from"]["first_name"],
        "text": message.get("text") or message.get("caption") or "",
        "attachment": attachment,
        "file": {"id": file["file_id"], "name": file["file_name"]} if file else None,
        "edited": "edit_date" in message,
        "buttons": message.get("reply_markup", {}).get("inline_keyboard", []),
        "at": datetime.fromtimestamp(message["date"], UTC).isoformat(),
    }


def _commands(telegram: Telegram) -> list[dict[str, Any]]:
    return next((commands for commands in telegram.commands.values() if commands), [])


def _webhooks(simulator: Simulator) -> list[dict[str, Any]]:
    twilio: list[dict[str, Any]] = [
        {
            "at": attempt.at.isoformat(),
            "url": attempt.url,
            "status": attempt.status,
            "error": attempt.failure or "",
            "number": attempt.number,
        }
        for attempt in list(simulator.webhooks.attempts)[-MOST_LOG_LINES:]
    ]
    telegram: list[dict[str, Any]] = [
        {
            "at": delivery.at.isoformat(),
            "url": simulator.telegram.updates.webhook.url,
            "status": delivery.status,
            "error": delivery.error,
            "number": 0,
        }
        for delivery in list(simulator.telegram.updates.deliveries)[-MOST_LOG_LINES:]
    ]
    return sorted(twilio + telegram, key=lambda line: line["at"])[-MOST_LOG_LINES:]
