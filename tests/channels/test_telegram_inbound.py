"""Telegram's updates, shape by shape, through the real library."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram import Bot

from helpline.channels.telegram_inbound import Received, read_update, update_id_of
from helpline.core.codes import Channel
from helpline.core.turn import Inbound, InboundKind
from tests.channels.telegram_shapes import (
    ADA,
    BOT,
    BOT_ID,
    FILE,
    FROM_THE_FUTURE,
    GROUP,
    IN_GROUP,
    PERSON,
    PRIVATE,
    RED_WORDS_OF_OURS,
    SENT,
    UNDECODABLE,
    Document,
    membership,
    message,
    pressed,
    update,
)

BOT_UNDER_TEST = Bot(f"{BOT_ID}:pretend-bot-token")
VIDEO = {**FILE, "width": 1, "height": 1, "duration": 1}
PARAGRAPH = {"type": "paragraph", "text": ["Jeg tenker på ", {"type": "bold", "text": "selv"}, "mord"]}
LIST = {"type": "list", "items": [{"label": "•", "blocks": [{"type": "paragraph", "text": "hver natt"}]}]}
CHECKLIST = {"title": "Liste", "tasks": [{"id": 1, "text": "ringe legen"}, {"id": 2, "text": "sove"}]}
POLL = {
    "id": "1", "question": "Hva gjør jeg nå?", "options": [{"persistent_id": "a", "text": "venter", "voter_count": 0}],
    "total_voter_count": 0, "is_closed": False, "is_anonymous": True, "type": "regular",
    "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
}  # fmt: skip


def read(content: Document, update_id: int = 500) -> Received:
    document = update(update_id, **content)
    return read_update(document, raw=json.dumps(document), bot=BOT_UNDER_TEST)


def inbound(content: Document) -> Inbound:
    found = read(content).inbound
    assert found is not None
    return found


def test_a_text_brings_everything_the_desk_needs() -> None:
    content = {"message": message(text="Jeg er redd for sønnen min")}
    assert inbound(content) == Inbound(
        provider="telegram",
        account=str(BOT_ID),
        external_id="500",
        channel=Channel.TELEGRAM,
        kind=InboundKind.TEXT,
        handle=str(ADA),
        text="Jeg er redd for sønnen min",
        message_id="7",
        language_hint="nb",
        sent_at=datetime.fromtimestamp(SENT, UTC),
        raw=json.dumps(update(500, **content)),
    )
    assert read(content).unreadable is None


@pytest.mark.parametrize(
    "text",
    [
        "/start",
        "NUL\x00midt i",
        "🙂👨‍👩‍👧 utenfor BMP 𝕳",
        "\u202bأنا خائف على ابني\u202c",
        "linje én\nlinje to\r\n\tinnrykk",
        "  mellomrom  ",
        "æøå " * 1024,
    ],
    ids=["command", "nul", "astral", "rtl", "lines", "spaces", "4096"],
)
def test_words_come_through_unchanged(text: str) -> None:
    assert inbound({"message": message(text=text)}).text == text


def test_half_a_character_becomes_a_mark_and_the_rest_survives() -> None:
    found = read(json.loads('{"message": ' + json.dumps(message(text="SOS")).replace("SOS", "SOS \\ud83d") + "}"))
    assert found.inbound is not None
    assert found.inbound.text == "SOS \ufffd"


@pytest.mark.parametrize(
    ("content", "media", "text"),
    [
        ({"photo": [{**FILE, "width": 1, "height": 1}]}, "photo", ""),
        (
            {"photo": [{**FILE, "width": 1, "height": 1}], "caption": "Han har tatt disse"},
            "photo",
            "Han har tatt disse",
        ),
        ({"document": FILE, "caption": "brev"}, "document", "brev"),
        ({"voice": {**FILE, "duration": 3}}, "voice", ""),
        ({"audio": {**FILE, "duration": 3, "title": "Suicide"}}, "audio", ""),
        ({"video": VIDEO, "caption": "se"}, "video", "se"),
        ({"video_note": {**FILE, "length": 1, "duration": 1}}, "video_note", ""),
        ({"animation": VIDEO, "document": FILE}, "animation", ""),
        ({"location": {"latitude": 59.9, "longitude": 10.7}}, "location", ""),
        ({"contact": {"phone_number": "+4790000099", "first_name": "Øvelse"}}, "contact", ""),
        (
            {
                "sticker": {
                    **FILE,
                    "type": "regular",
                    "width": 1,
                    "height": 1,
                    "is_animated": False,
                    "is_video": False,
                    "emoji": "😢",
                }
            },
            "sticker",
            "",
        ),
        ({"dice": {"emoji": "🎲", "value": 3}}, "dice", ""),
        ({"poll": POLL}, "poll", "Hva gjør jeg nå?\nventer"),
        ({"checklist": CHECKLIST}, "checklist", "ringe legen\nsove"),
        ({"story": {"chat": PRIVATE, "id": 1}}, "story", ""),
        ({"something_new": {"file_id": "1"}}, "unknown", ""),
    ],
)
def test_what_is_no_text_is_named_and_its_words_are_heard(content: Document, media: str, text: str) -> None:
    found = inbound({"message": message(**content)})
    assert (found.kind, found.media, found.text) == (InboundKind.MEDIA, media, text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"rich_message": {"blocks": [PARAGRAPH, LIST]}}, "Jeg tenker på selvmord\nhver natt"),
        ({"something_new": {"blocks": [{"text": "Hjelp oss"}]}}, "Hjelp oss"),
    ],
)
def test_words_in_richer_forms_are_words(content: Document, text: str) -> None:
    found = inbound({"message": message(**content)})
    assert (found.kind, found.media, found.text) == (InboundKind.TEXT, None, text)


@pytest.mark.parametrize("part", ["reply_to_message", "external_reply_text", "quote"])
def test_our_own_words_quoted_back_are_not_the_callers(part: str) -> None:
    quoted: Document = {
        "reply_to_message": {"reply_to_message": message(sender=BOT, text=RED_WORDS_OF_OURS)},
        "external_reply_text": {"quote": {"text": RED_WORDS_OF_OURS, "position": 0}},
        "quote": {"quote": {"text": RED_WORDS_OF_OURS, "position": 0, "is_manual": True}},
    }[part]
    assert inbound({"message": message(text="Takk", **quoted)}).text == "Takk"


def test_an_edited_text() -> None:
    found = inbound({"edited_message": message(text="Jeg mente noe annet", edit_date=SENT + 60)})
    assert (found.kind, found.text, found.message_id) == (InboundKind.EDITED, "Jeg mente noe annet", "7")


def test_an_edited_caption_keeps_its_picture() -> None:
    content = message(photo=[{**FILE, "width": 1, "height": 1}], caption="SOS", edit_date=SENT + 60)
    found = inbound({"edited_message": content})
    assert (found.kind, found.text, found.media) == (InboundKind.EDITED, "SOS", "photo")


@pytest.mark.parametrize(
    ("query", "step", "key"),
    [
        (pressed("menu:1"), "menu", "1"),
        (pressed("a:b:2"), "a:b", "2"),
        (pressed("1"), None, "1"),
        (pressed(":3"), None, "3"),
        (pressed("menu:4", message={"message_id": 7, "chat": PRIVATE, "date": 0}), "menu", "4"),
    ],
    ids=["ours", "colon in step", "no step", "empty step", "message too old"],
)
def test_a_pressed_button(query: Document, step: str | None, key: str) -> None:
    found = read({"callback_query": query})
    assert found.button == "4382bfdwdsb323b2d9"
    assert found.inbound is not None
    assert (found.inbound.kind, found.inbound.step, found.inbound.text) == (InboundKind.CHOICE, step, key)
    assert (found.inbound.handle, found.inbound.message_id) == (str(ADA), "7")


@pytest.mark.parametrize(
    "content",
    [
        {"callback_query": pressed(None, game_short_name="spill")},
        {"callback_query": pressed("menu:1", message=message(chat=IN_GROUP, sender=BOT, text="Hei"))},
    ],
    ids=["game", "in a group"],
)
def test_a_button_that_is_none_of_ours_is_let_go(content: Document) -> None:
    found = read(content)
    assert (found.inbound, found.button, found.unreadable) == (None, "4382bfdwdsb323b2d9", None)


@pytest.mark.parametrize(
    "content",
    [
        {"message": message(chat=IN_GROUP, text="Kan noen hjelpe?")},
        {"message": message(chat={**IN_GROUP, "type": "group"}, text="Kan noen hjelpe?")},
        {
            "message": message(
                chat=IN_GROUP,
                sender={"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"},
                sender_chat=IN_GROUP,
                text="Kan noen hjelpe?",
            )
        },
        {"message": message(chat=IN_GROUP, photo=[{**FILE, "width": 1, "height": 1}], caption="Kan noen hjelpe?")},
        {
            "channel_post": {
                "message_id": 7,
                "chat": {"id": GROUP, "type": "channel", "title": "Kanal"},
                "date": SENT,
                "text": "Kan noen hjelpe?",
            }
        },
    ],
    ids=["supergroup", "group", "anonymous", "caption", "channel"],
)
def test_written_where_others_read_along(content: Document) -> None:
    found = inbound(content)
    assert (found.kind, found.handle, found.text) == (InboundKind.GROUP, str(GROUP), "Kan noen hjelpe?")


def test_a_caller_who_blocks_us() -> None:
    found = inbound({"my_chat_member": membership("kicked")})
    assert (found.kind, found.handle) == (InboundKind.BLOCKED_US, str(ADA))


def test_a_caller_who_lets_us_in_again() -> None:
    found = inbound({"my_chat_member": membership("member", before="kicked")})
    assert (found.kind, found.handle) == (InboundKind.UNBLOCKED_US, str(ADA))


@pytest.mark.parametrize(
    "content",
    [
        {"my_chat_member": membership("kicked", chat=IN_GROUP)},
        {"my_chat_member": membership("member", before="kicked", chat=IN_GROUP)},
        {"message": message(chat=IN_GROUP, new_chat_members=[PERSON])},
        {"message": message(chat=IN_GROUP, left_chat_member=PERSON)},
        {"message": message(chat=IN_GROUP, new_chat_title="Ny tittel")},
        {"message": message(chat=IN_GROUP, migrate_to_chat_id=-1002001)},
        {"message": message(chat=IN_GROUP, something_new={"file_id": "1"})},
        {"message": message(pinned_message=message(sender=BOT, text=RED_WORDS_OF_OURS))},
        {"message": message(message_auto_delete_timer_changed={"message_auto_delete_time": 86400})},
        {"message": message(sender=BOT, text="Automatisk svar")},
        {"edited_message": message(chat=IN_GROUP, text="Rettet", edit_date=SENT)},
        {"edited_channel_post": message(chat={"id": GROUP, "type": "channel", "title": "K"}, text="x", edit_date=SENT)},
        {"inline_query": {"id": "1", "from": PERSON, "query": "hjelp", "offset": ""}},
        {"poll_answer": {"poll_id": "1", "user": PERSON, "option_ids": [0], "option_persistent_ids": ["a"]}},
    ],
)
def test_genuine_but_nobodys_words(content: Document) -> None:
    found = read(content)
    assert (found.inbound, found.unreadable) == (None, None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (UNDECODABLE, "not_decoded"),
        ({"message": "not an object"}, "not_decoded"),
        ({"message": {**message(text="Hei gruppe", chat=IN_GROUP), "date": "i går"}}, "not_decoded"),
        ({"message": {**message(text="Automatisk", sender=BOT), "date": "i går"}}, "not_decoded"),
        ({"message": {**message(sender=PERSON), "date": "i går"}}, "not_decoded"),
        ({"message": {**message(text="SOS"), "chat": {"id": "ukjent", "type": "private"}}}, "not_decoded"),
        ({"callback_query": {"id": 1, "from": PERSON, "data": 7, "chat_instance": []}}, "not_decoded"),
        ({"something_new": {"of": "another kind"}}, "unknown_kind"),
        ({}, "unknown_kind"),
    ],
)
def test_unreadable_without_anybodys_words(content: Document, reason: str) -> None:
    found = read(content)
    assert (found.inbound, found.unreadable) == (None, reason)
    assert json.loads(found.raw) == update(500, **content)


@pytest.mark.parametrize(
    ("content", "reason", "kind"),
    [
        ({"message": {**message(text="SOS"), "date": "i går"}}, "not_decoded", InboundKind.TEXT),
        ({"message": {**message(caption="SOS"), "photo": "ny form"}}, "not_decoded", InboundKind.TEXT),
        ({"message": {**message(text="SOS"), "entities": [{"type": 9}]}}, "not_decoded", InboundKind.TEXT),
        ({"message": {"chat": {"id": ADA}, "text": "SOS", "reply_to_message": 1}}, "not_decoded", InboundKind.TEXT),
        ({"edited_message": {**message(text="SOS"), "edit_date": "nå"}}, "not_decoded", InboundKind.EDITED),
        ({"secret_message": message(text="SOS")}, "unknown_kind", InboundKind.TEXT),
        ({"message": {**message(), "rich_message": {"blocks": [{"text": "SOS"}, 7]}}}, "not_decoded", InboundKind.TEXT),
    ],
)
def test_words_are_heard_in_a_shape_nobody_knows(content: Document, reason: str, kind: InboundKind) -> None:
    found = read(content)
    assert found.unreadable == reason
    assert found.inbound is not None
    assert (found.inbound.kind, found.inbound.handle, found.inbound.text) == (kind, str(ADA), "SOS")
    assert found.inbound.external_id == "500:seen"


def test_a_button_is_heard_under_a_message_nobody_knows() -> None:
    query = pressed("menu:4", message={**message(sender=BOT, text=RED_WORDS_OF_OURS), "date": FROM_THE_FUTURE})
    found = read({"callback_query": query})
    assert found.unreadable == "not_decoded"
    assert found.inbound is not None
    assert (found.inbound.kind, found.inbound.step, found.inbound.text) == (InboundKind.CHOICE, "menu", "4")


def test_a_bottomless_update_ends() -> None:
    deep: Any = "SOS"
    for _ in range(300):
        deep = [deep]
    found = read({"message": {**message(text="SOS"), "something_new": deep, "date": "i går"}})
    assert found.inbound is not None
    assert found.inbound.text == "SOS"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("nb", "nb"),
        ("no", "nb"),
        ("nn-NO", "nn"),
        ("pt-br", "pt"),
        ("zh_Hans", "zh"),
        ("EN", "en"),
        ("", None),
        ("x" * 40, None),
        ("12", None),
    ],
)
def test_the_apps_language(code: str, language: str | None) -> None:
    assert inbound({"message": message(sender={**PERSON, "language_code": code}, text="Hei")}).language_hint == language


@pytest.mark.parametrize(
    ("document", "update_id"),
    [
        ({"update_id": 0}, 0),
        ({"update_id": 2**63 - 1}, 2**63 - 1),
        ({"update_id": 2**63}, None),
        ({"update_id": -1}, None),
        ({"update_id": "7"}, None),
        ({"update_id": True}, None),
        ({"update_id": 7.0}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_what_is_an_update(document: object, update_id: int | None) -> None:
    assert update_id_of(document) == update_id
