"""aiogram with its schemas put off behaves as aiogram does, and is not made to build what nobody uses."""

import json
import subprocess
import sys

_LOOK = """
import json, sys
{first}
from helpline.channels import bot_library
from aiogram import types
from aiogram.methods import SendMessage
from aiogram.methods.base import Response
from pydantic import ValidationError

made_at_import = sum(getattr(getattr(types, name), "__pydantic_complete__", False) for name in types.__all__)
update = types.Update.model_validate({{
    "update_id": 7,
    "message": {{
        "message_id": 1, "date": 1, "text": "hei", "chat": {{"id": 4, "type": "private"}},
        "reply_to_message": {{"message_id": 0, "date": 1, "chat": {{"id": 4, "type": "private"}},
                             "photo": [{{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}}]}},
    }},
}})
button = types.InlineKeyboardButton(text="Ja", callback_data="a:1")
send = SendMessage(chat_id=4, text="hei", reply_markup=types.InlineKeyboardMarkup(inline_keyboard=[[button]]))
answer = Response[types.Message].model_validate_json(
    '{{"ok": true, "result": {{"message_id": 1, "date": 1, "chat": {{"id": 4, "type": "private"}}}}}}')
try:
    types.Update.model_validate({{"update_id": 8, "message": {{"message_id": "no number"}}}})
    refused = []
except ValidationError as error:
    refused = sorted(".".join(map(str, problem["loc"])) for problem in error.errors())
print(json.dumps([made_at_import, [
    *(made.model_dump_json(exclude_none=True, exclude_unset=True) for made in (update, send, answer)), refused,
]]))
"""


def _look(first: str) -> tuple[int, list[object]]:
    """In a process of its own, for a library is imported once: how many schemas stood ready, and what was read."""
    shown = subprocess.run(
        [sys.executable, "-c", _LOOK.format(first=first)], stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    made, read = json.loads(shown.stdout)
    return made, read


def test_types_decode_and_refuse_as_they_do_where_all_is_built_at_import() -> None:
    at_once, read_at_once = _look("import aiogram")
    put_off, read_put_off = _look("import helpline.channels")
    assert read_put_off == read_at_once
    assert at_once > 300
    assert put_off < at_once / 10
