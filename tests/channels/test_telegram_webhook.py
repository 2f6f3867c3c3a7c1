"""Telegram by webhook, into the real service: genuine, forged, repeated, malformed, unreadable."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from helpline.channels.telegram import LARGEST_UPDATE, SECRET_HEADER, TelegramChannel
from helpline.channels.telegram_inbound import ALLOWED_UPDATES
from helpline.core.codes import Urgency
from helpline.core.contact import ContactState, EntryKind
from helpline.desk.house import House
from helpline.errors import SettingsError
from helpline.guidance.phrases import Phrases
from helpline.settings import TelegramMode
from helpline.simulator.faults import Fault, FaultKind
from helpline.store.db import Database, ReadSession
from helpline.store.tables import Caller, Contact, Delivery, InboundEvent
from tests.channels.telegram_line import alarms, channel_on, entries, pretend_telegram, storage_away, stored, words_in
from tests.channels.telegram_shapes import (
    ADA,
    FILE,
    GROUP,
    PERSON,
    PRIVATE,
    SENT,
    UNDECODABLE,
    Document,
    message,
    update,
)
from tests.conftest import WEBHOOK_SECRET, HandClock, Service, settings_for, started

GENUINE = {SECRET_HEADER: WEBHOOK_SECRET}
PATH = "/webhooks/telegram"
DANGER = "Jeg skal ta livet mitt nå"


async def post(service: Service, document: object, **headers: str) -> int:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    answer = await service.http.post(PATH, content=content, headers={**GENUINE, **headers})
    return answer.status_code


async def read(service: Service) -> tuple[list[str], dict[str, str | None]]:
    async with service.database.reading() as session:
        return await words_in(session), await stored(session)


async def webhook_is_set(service: Service) -> None:
    await service.simulator.changes.until(lambda: service.simulator.telegram.updates.webhook.url != "")


FORGED: dict[str, dict[str, Any]] = {
    "missing": {},
    "empty": {SECRET_HEADER: ""},
    "shorter": {SECRET_HEADER: "pretend-secre"},
    "longer": {SECRET_HEADER: "pretend-secret-"},
    "upper case": {SECRET_HEADER: "PRETEND-SECRET"},
    "no text": {SECRET_HEADER: b"\xff\xfe"},
    "another header": {"X-Telegram-Secret": WEBHOOK_SECRET},
}


async def test_a_forged_update_is_refused(service: Service) -> None:
    for name, headers in FORGED.items():
        answer = await service.http.post(PATH, json=update(1, message=message(text="SOS")), headers=headers)
        assert answer.status_code == 403, name
        assert "secret" in answer.json()["error"]
    assert await read(service) == ([], {})


async def test_without_a_secret_of_ours_nothing_is_genuine(database_url: str, clock: HandClock) -> None:
    with capture_logs() as logs:
        async with started(database_url, clock, telegram_webhook_secret=None) as service:
            for secret in ("", "None", WEBHOOK_SECRET):
                assert await post(service, update(1, message=message(text="Hei")), **{SECRET_HEADER: secret}) == 403
    assert "telegram_webhook_without_secret" in [entry["event"] for entry in logs]


async def test_without_a_token_the_channel_is_off(database_url: str, clock: HandClock) -> None:
    async with started(database_url, clock, telegram_token=None) as service:
        assert await post(service, update(1, message=message(text="Hei"))) == 404


@pytest.mark.parametrize("token", ["no colon", "123456", "bot:123", ":secret"])
async def test_a_token_that_cannot_be_one_is_named(
    database: Database, house: House, clock: HandClock, token: str
) -> None:
    settings = settings_for(database.url.render_as_string(hide_password=False), telegram_token=token)
    with pytest.raises(SettingsError, match="HELPLINE_TELEGRAM_TOKEN") as refused:
        TelegramChannel(settings, database, house, clock)
    assert token not in refused.value.sentence


MALFORMED = [
    b"",
    b"{",
    b'{"update_id": 1',
    b"\xff\xfe{}",
    b"[" * 5000,
    b'"text"',
    b"null",
    b"[]",
    b"{}",
    b'{"update_id": "1"}',
    b'{"update_id": -1}',
    b'{"update_id": ' + b"9" * 5000 + b"}",
]


async def test_what_is_no_update_is_refused(service: Service) -> None:
    for content in MALFORMED:
        assert await post(service, content) == 400, content[:40]
    assert await post(service, b" " * (LARGEST_UPDATE + 1)) == 413
    assert await read(service) == ([], {})


async def test_an_update_of_any_allowed_size_is_read(service: Service) -> None:
    document = json.dumps(update(1, message=message(text="Hei")))
    assert await post(service, document.ljust(LARGEST_UPDATE).encode()) == 200
    assert await read(service) == (["Hei"], {"1": None})


async def test_words_survive_the_whole_way(service: Service) -> None:
    texts = ["NUL\x00midt i", "🙂👨‍👩‍👧 𝕳", "\u202bأنا خائف\u202c", "æøå " * 1024]
    for number, text in enumerate(texts):
        assert await post(service, update(number, message=message(text=text))) == 200
    assert (await read(service))[0] == texts


async def test_a_repeat_has_no_second_effect(service: Service) -> None:
    document = update(1, message=message(text="Jeg er sliten"))
    assert await asyncio.gather(*(post(service, document) for _ in range(5))) == [200] * 5
    assert await post(service, document) == 200
    assert await read(service) == (["Jeg er sliten"], {"1": None})
    async with service.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Delivery)) == 1


async def test_two_in_the_same_millisecond_are_one_contact(service: Service) -> None:
    documents = [update(n, message=message(text=f"Melding {n}", message_id=n)) for n in (1, 2, 3)]
    assert await asyncio.gather(*(post(service, document) for document in documents)) == [200] * 3
    words, events = await read(service)
    assert sorted(words) == ["Melding 1", "Melding 2", "Melding 3"]
    assert set(events) == {"1", "2", "3"}
    async with service.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Contact)) == 1


async def test_an_unreadable_update_is_kept_and_holds_back_nobody(service: Service) -> None:
    before = alarms("not_decoded")
    await webhook_is_set(service)
    telegram = service.simulator.telegram
    unreadable = telegram.unreadable(ADA)
    telegram.say(ADA, DANGER)
    await service.simulator.changes.until(lambda: telegram.updates.pending() == [])
    words, events = await read(service)
    assert words == [DANGER]
    assert events == {str(unreadable): "not_decoded", str(unreadable + 1): None}
    assert alarms("not_decoded") == before + 1
    async with service.database.reading() as session:
        event = await session.scalar(select(InboundEvent).where(InboundEvent.unreadable.is_not(None)))
        assert event is not None
        assert event.payload is not None
        assert json.loads(session.keyring.open(event.payload))["my_chat_member"]["old_chat_member"] == {
            "status": "from_the_future"
        }
    assert await post(service, update(unreadable, **UNDECODABLE)) == 200
    assert alarms("not_decoded") == before + 1


def shapes_of_danger(person: int) -> dict[str, Document]:
    """The same cry in the shapes that it may come in."""
    chat, sender = {**PRIVATE, "id": person}, {**PERSON, "id": person}
    plain = message(chat, sender)
    return {
        "plain": {"message": {**plain, "text": DANGER}},
        "not decoded": {"message": {**plain, "text": DANGER, "date": "i går"}},
        "unknown kind": {"message_of_tomorrow": {**plain, "text": DANGER}},
        "rich": {"message": {**plain, "rich_message": {"blocks": [{"type": "paragraph", "text": ["SOS ", DANGER]}]}}},
        "caption": {"message": {**plain, "document": FILE, "caption": DANGER}},
        "edited": {"edited_message": {**plain, "text": DANGER, "edit_date": SENT}},
    }


async def test_danger_is_answered_in_whatever_shape_it_comes(service: Service) -> None:
    await webhook_is_set(service)
    telegram = service.simulator.telegram
    names = list(shapes_of_danger(ADA))
    for number, name in enumerate(names):
        person = ADA + number
        telegram.private_chat(person).started = True
        for _ in range(2):
            assert await post(service, update(number, **shapes_of_danger(person)[name])) == 200, name

    def all_answered() -> bool:
        chats = [telegram.chats[ADA + number].messages.values() for number in range(len(names))]
        return all(any("113" in shown.get("text", "") for shown in messages) for messages in chats)

    await service.simulator.changes.until(all_answered, timeout=20)
    async with service.database.reading() as session:
        assert len(await entries(session, EntryKind.ALARM)) == len(names)
        assert set(await session.scalars(select(Contact.urgency))) == {Urgency.RED}


async def test_what_cannot_be_stored_is_asked_for_again(service: Service) -> None:
    await webhook_is_set(service)
    telegram = service.simulator.telegram
    async with storage_away(service.database):
        assert await post(service, update(1, message=message(text="Hei"))) == 503
        telegram.say(ADA, "Er det noen der?")
        await service.simulator.changes.until(lambda: len(telegram.updates.deliveries) >= 2)
        assert {delivery.status for delivery in telegram.updates.deliveries} == {503}
    await service.simulator.changes.until(lambda: telegram.updates.pending() == [])
    assert (await read(service))[0] == ["Er det noen der?"]


async def test_a_fault_of_ours_is_loud_and_holds_back_nobody(
    database: Database, house: House, clock: HandClock
) -> None:
    before = alarms("failed")
    speechless = replace(house, phrases=Phrases(texts={}, numbers={}))
    document = update(1, message=message(text="hemmelige ord"))
    async with pretend_telegram() as (_, url):
        with capture_logs() as logs:
            async with channel_on(url, database, speechless, clock, mode=TelegramMode.WEBHOOK) as channel:
                for _ in range(2):
                    await channel.take_in(document, json.dumps(document))
    async with database.reading() as session:
        assert await stored(session) == {"1": "failed"}
        assert await entries(session) == []
    assert alarms("failed") == before + 1
    assert [entry["log_level"] for entry in logs if entry["event"] == "update_unreadable"] == ["error"]
    assert "hemmelige" not in repr(logs)


async def test_a_whole_conversation(service: Service) -> None:
    await webhook_is_set(service)
    telegram, changes = service.simulator.telegram, service.simulator.changes
    telegram.say(ADA, "/start")
    shown = telegram.chats[ADA].messages
    await changes.until(lambda: len(shown) == 2, timeout=20)
    buttons = [row[0] for row in shown[2]["reply_markup"]["inline_keyboard"]]
    assert len({button["callback_data"] for button in buttons}) == len(buttons) > 1
    telegram.press(ADA, 2, buttons[0]["callback_data"])
    await changes.until(lambda: not telegram.questions)

    async def waiting(session: ReadSession) -> Contact | None:
        return await session.scalar(select(Contact).where(Contact.state == ContactState.WAITING))

    contact = await service.until(waiting)
    assert contact is not None
    said = telegram.say(ADA, "Jeg venter")
    telegram.edit(ADA, said["message_id"], "Jeg venter gjerne")
    telegram.send(ADA, "photo", caption="Slik ser det ut")
    telegram.block(ADA)
    await changes.until(lambda: telegram.updates.pending() == [])
    async with service.database.reading() as session:
        caller = await session.get(Caller, contact.caller_id)
        assert caller is not None
        assert session.keyring.open(caller.handle_sealed) == str(ADA)
        assert caller.blocked_us_at is not None
        heard = await entries(session, EntryKind.TEXT_IN, EntryKind.KEY, EntryKind.EDITED, EntryKind.MEDIA)
        words = [session.keyring.open(entry.body) for entry in heard if entry.body is not None]
    assert [entry.kind for entry in heard] == [
        EntryKind.TEXT_IN,
        EntryKind.KEY,
        EntryKind.TEXT_IN,
        EntryKind.EDITED,
        EntryKind.MEDIA,
    ]
    assert words == ["/start", buttons[0]["text"], "Jeg venter", "Jeg venter gjerne", "Slik ser det ut"]
    assert heard[0].provider_message_id == "1"

    telegram.unblock(ADA)
    await changes.until(lambda: telegram.updates.pending() == [])
    async with service.database.reading() as session:
        caller = await session.get(Caller, contact.caller_id)
        assert caller is not None
        assert caller.blocked_us_at is None
        seen = await entries(session, EntryKind.BLOCKED_US, EntryKind.UNBLOCKED_US)
    assert [entry.kind for entry in seen] == [EntryKind.BLOCKED_US, EntryKind.UNBLOCKED_US]


async def test_a_button_that_cannot_be_released_changes_nothing(service: Service) -> None:
    await webhook_is_set(service)
    telegram, changes = service.simulator.telegram, service.simulator.changes
    telegram.say(ADA, "/start")
    await changes.until(lambda: len(telegram.chats[ADA].messages) == 2)
    data = telegram.chats[ADA].messages[2]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    service.simulator.faults.order(Fault(kind=FaultKind.ERROR, target="telegram/answerCallbackQuery"))
    with capture_logs() as logs:
        telegram.press(ADA, 2, data)
        await changes.until(lambda: service.simulator.faults.ordered() == [] and telegram.updates.pending() == [])
        async with asyncio.timeout(5):
            while "button_not_released" not in [entry["event"] for entry in logs]:
                await asyncio.sleep(0.01)
    async with service.database.reading() as session:
        assert len(await entries(session, EntryKind.KEY)) == 1


async def test_a_group_is_asked_to_write_to_us_alone(service: Service) -> None:
    await webhook_is_set(service)
    telegram = service.simulator.telegram
    telegram.group(GROUP, by=ADA)
    telegram.say(ADA, "Kan noen hjelpe?", chat_id=GROUP)
    messages = telegram.chats[GROUP].messages
    await service.simulator.changes.until(lambda: len(messages) == 2)
    words, events = await read(service)
    assert (words, len(events)) == ([], 2)
    async with service.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Contact)) == 0


async def test_an_answer_that_is_lost_goes_out_once_more(service: Service) -> None:
    await webhook_is_set(service)
    telegram, changes = service.simulator.telegram, service.simulator.changes
    service.simulator.faults.order(Fault(kind=FaultKind.LOST, target="telegram/sendMessage", status=500))
    telegram.say(ADA, "Hei")
    shown = telegram.chats[ADA].messages
    await changes.until(lambda: len(shown) == 2, timeout=20)

    async def put_back(session: ReadSession) -> Delivery | None:
        return await session.scalar(select(Delivery).where(Delivery.error == "server_error"))

    await service.until(put_back)
    service.clock.advance(minutes=1)
    service.parts.outbox.wake()
    await changes.until(lambda: len(shown) == 3)
    assert shown[2]["text"] == shown[3]["text"]


async def test_a_telegram_that_is_away_at_the_start_is_told_our_address_later(
    database: Database, house: House, clock: HandClock
) -> None:
    async with pretend_telegram() as (simulator, url):
        for kind in (FaultKind.ERROR, FaultKind.LIMIT):
            simulator.faults.order(Fault(kind=kind, target="telegram/setWebhook"))
        async with channel_on(url, database, house, clock, mode=TelegramMode.WEBHOOK):
            await simulator.changes.until(lambda: simulator.telegram.updates.webhook.url != "")
        webhook = simulator.telegram.updates.webhook
    assert (webhook.url, webhook.secret) == ("http://127.0.0.1:1/webhooks/telegram", WEBHOOK_SECRET)
    assert list(webhook.allowed or ()) == ALLOWED_UPDATES
