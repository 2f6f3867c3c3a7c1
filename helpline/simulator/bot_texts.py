"""What the Bot API checks in texts and buttons before it sends them."""

import re
from html.parser import HTMLParser
from typing import Any

from helpline.simulator.bot_errors import bad_request

LONGEST_TEXT = 4_096
LONGEST_CAPTION = 1_024
LONGEST_CALLBACK_DATA = 64
MOST_BUTTONS = 100

#: HTML tag → kind of entity.
_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?")

Entity = dict[str, Any]


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, in which Telegram counts the places of entities."""
    return len(text.encode("utf-16-le")) // 2


def formatted(text: str, parse_mode: str) -> tuple[str, list[Entity]]:
    """The plain text and its entities. Raises BotError for HTML that Telegram refuses.

    Markdown is not imitated: asking for it is refused, so that nobody relies on it here.
    """
    if not parse_mode:
        return text, []
    if parse_mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    reader = _HtmlReader()
    reader.feed(text)
    reader.close()
    return reader.finish()


class _HtmlReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._text = ""
        self._open: list[tuple[str, Entity]] = []
        self._entities: list[Entity] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {self.offset}')
        entity: Entity = {"type": _TAGS[tag], "offset": utf16_length(self._text)}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self._open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise bad_request(
                f'can\'t parse entities: Unmatched end tag at byte offset {self.offset}, found "</{tag}>"'
            )
        _, entity = self._open.pop()
        entity["length"] = utf16_length(self._text) - entity["offset"]
        if entity["length"]:
            self._entities.append(entity)

    def handle_data(self, data: str) -> None:
        self._text += data

    def finish(self) -> tuple[str, list[Entity]]:
        if self._open:
            raise bad_request(
                f"can't parse entities: Can't find end tag corresponding to start tag \"{self._open[-1][0]}\""
            )
        return self._text, sorted(self._entities, key=lambda entity: entity["offset"])


def commands_in(text: str) -> list[Entity]:
    """The entities of the commands («/start») in a text that a person wrote."""
    return [
        {"type": "bot_command", "offset": utf16_length(text[: match.start()]), "length": utf16_length(match.group())}
        for match in _COMMAND.finditer(text)
    ]


def checked_text(text: str, parse_mode: str) -> tuple[str, list[Entity]]:
    """A message's words, ready to send. Raises BotError when empty, too long or wrongly marked up."""
    plain, entities = formatted(text, parse_mode)
    if not plain.strip():
        raise bad_request("message text is empty")
    if len(plain) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return plain, entities


def checked_caption(text: str, parse_mode: str) -> tuple[str, list[Entity]]:
    """A document's caption, ready to send. Raises BotError when too long or wrongly marked up."""
    plain, entities = formatted(text, parse_mode)
    if len(plain) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return plain, entities


def checked_markup(markup: Any) -> dict[str, Any] | None:
    """The buttons under a message. Raises BotError for what is none of Telegram's four kinds of reply markup."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        _check_rows(markup["inline_keyboard"], _check_inline_button)
    elif "keyboard" in markup:
        _check_rows(markup["keyboard"], _check_reply_button)
    elif markup.get("remove_keyboard") is not True and markup.get("force_reply") is not True:
        raise bad_request("can't parse reply keyboard markup JSON object")
    return markup


def _check_rows(rows: Any, check: Any) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("field of the reply markup must be an Array of Arrays of buttons")
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    for button in buttons:
        check(button)


def _check_inline_button(button: Any) -> None:
    if not isinstance(button, dict) or not str(button.get("text") or ""):
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
    if len(actions) != 1:
        raise bad_request("inline keyboard button must have exactly one action")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= LONGEST_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not str(url).startswith(("http://", "https://", "tg://", "mailto:", "tel:")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _check_reply_button(button: Any) -> None:
    text = button.get("text") if isinstance(button, dict) else button
    if not isinstance(text, str) or not text:
        raise bad_request("keyboard button must be an Object or a String with text")
