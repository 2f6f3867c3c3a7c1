"""The interface behind the page."""

import asyncio
from typing import Any

import pytest

from helpline.simulator.bot_methods import Parameters, call
from helpline.simulator.run import serve_simulator
from tests.simulator.conftest import CALLER, SMS_NUMBER, VOICE_NUMBER, RecordingService, Running, simulator_settings

ADA = 1001


async def seen(line: Running) -> dict[str, Any]:
    state: dict[str, Any] = (await line.http.get("/simulator/api/state")).json()
    return state


async def post(line: Running, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await line.http.post(f"/simulator/api/{path}", json=body)
    assert answer.is_success, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_look_waits_for_something_new(line: Running) -> None:
    state = await seen(line)
    looking = asyncio.create_task(line.http.get("/simulator/api/state", params={"after": state["revision"]}))
    await post(line, "texts", {"from": CALLER, "body": "Nytt"})
    newer = (await looking).json()
    assert newer["revision"] > state["revision"]
    assert [text["body"] for text in newer["texts"]] == ["Nytt"]


async def test_a_look_from_before_a_restart_is_answered_at_once(line: Running) -> None:
    answer = await line.http.get("/simulator/api/state", params={"after": 1_000_000})
    assert answer.json()["numbers"] == {"sms": SMS_NUMBER, "voice": VOICE_NUMBER}


async def test_a_person_on_telegram_does_everything_a_person_can(line: Running) -> None:
    telegram = line.simulator.telegram
    first = await post(line, f"telegram/{ADA}/say", {"text": "/start"})
    await post(line, f"telegram/{ADA}/edit", {"message": first["message"], "text": "Hei"})
    await post(line, f"telegram/{ADA}/send", {"kind": "photo", "caption": "Se her"})
    markup = {"inline_keyboard": [[{"text": "Ja", "callback_data": "ja"}]]}
    sent = await call(telegram, "sendMessage", Parameters({"chat_id": ADA, "text": "Sikker?", "reply_markup": markup}))
    keyboard = {"keyboard": [["Rettigheter"]]}
    await call(telegram, "sendMessage", Parameters({"chat_id": ADA, "text": "Velg", "reply_markup": keyboard}))
    await post(line, f"telegram/{ADA}/press", {"message": sent["message_id"], "data": "ja"})
    await post(line, f"telegram/{ADA}/block", {"on": True})
    await post(line, f"telegram/{ADA}/block", {"on": False})
    await post(line, f"telegram/{ADA}/group", {"group": -5, "member": True})
    await post(line, f"telegram/{ADA}/say", {"text": "Hei alle", "chat": -5})
    await post(line, f"telegram/{ADA}/group", {"group": -5, "member": False})
    await post(line, f"telegram/{ADA}/unreadable")
    await post(line, "telegram-updates", {"poll_answer": {}})
    kinds = [next(key for key in update if key != "update_id") for update in telegram.updates.pending()]
    assert kinds == [
        "message",
        "edited_message",
        "message",
        "callback_query",
        *["my_chat_member"] * 3,
        "message",
        *["my_chat_member"] * 2,
        "poll_answer",
    ]
    chats = {chat["id"]: chat for chat in (await seen(line))["chats"]}
    assert [(message["bot"], message["text"], message["attachment"]) for message in chats[ADA]["messages"]] == [
        (False, "Hei", None),
        (False, "Se her", "photo"),
        (True, "Sikker?", None),
        (True, "Velg", None),
    ]
    assert chats[ADA]["messages"][0]["edited"]
    assert chats[ADA]["messages"][2]["buttons"] == markup["inline_keyboard"]
    assert chats[ADA]["keyboard"] == [["Rettigheter"]]
    assert (chats[-5]["name"], chats[-5]["blocked"]) == ("Øvelsesgruppe", True)


async def test_a_telephone_rings_presses_and_hangs_up(line: Running, service: RecordingService) -> None:
    service.queued = [
        (200, '<Response><Gather numDigits="1"><Say>Trykk 1.</Say></Gather></Response>', "text/xml"),
        (200, '<Response><Say>Takk.</Say><Pause length="60"/></Response>', "text/xml"),
    ]
    sid = (await post(line, "calls", {"from": None}))["sid"]
    await line.until(lambda: line.simulator.calls.legs()[0]["expects"] == "digits")
    await post(line, f"calls/{sid}/press", {"keys": "1"})
    await line.until(lambda: any(heard.text == "Takk." for heard in line.simulator.calls.leg(sid).heard))
    await post(line, f"calls/{sid}/speak", {"words": "Hei"})
    await post(line, f"calls/{sid}/hang-up")
    await line.until(lambda: line.simulator.calls.legs()[0]["status"] == "completed")
    (leg,) = (await seen(line))["calls"]
    assert (leg["from"], leg["to"], leg["direction"]) == ("anonymous", VOICE_NUMBER, "inbound")
    assert [heard["text"] for heard in leg["heard"]][:3] == ["Trykk 1.", "1", "Takk."]


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [("answer", None, "in-progress"), ("decline", {}, "busy"), ("hang-up", None, "no-answer")],
)
async def test_an_advisors_telephone_is_answered_or_not(
    line: Running, service: RecordingService, verb: str, body: dict[str, Any] | None, status: str
) -> None:
    dial = "<Response><Dial><Number>+4790000091</Number></Dial></Response>"
    service.queued = [(200, dial, "text/xml")]
    await post(line, "calls", {"from": CALLER})
    await line.until(lambda: line.simulator.calls.legs()[-1]["expects"] == "ringing")
    rung = line.simulator.calls.legs()[-1]["sid"]
    await post(line, f"calls/{rung}/{verb}", body)
    await line.until(lambda: line.simulator.calls.leg(rung).status == status)
    assert line.simulator.calls.leg(rung).to == "+4790000091"


async def test_an_advisors_telephone_can_be_told_what_to_do(line: Running, service: RecordingService) -> None:
    service.queued = [(200, "<Response><Dial><Number>+4790000092</Number></Dial></Response>", "text/xml")]
    await post(line, "telephones/+4790000092", {"manner": "busy"})
    await post(line, "calls", {"from": CALLER})
    await line.until(lambda: [leg["status"] for leg in line.simulator.calls.legs()[1:]] == ["busy"])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("texts", {"from": CALLER, "to": VOICE_NUMBER, "body": "Hei"}, 400),
        ("texts", {"from": "", "body": "Hei"}, 422),
        ("texts", {"from": CALLER, "body": "Hei", "colour": "red"}, 422),
        ("calls", {"from": "12"}, 400),
        ("calls/CA1/hang-up", None, 400),
        ("calls/CA1/press", {"keys": "1"}, 400),
        (f"telegram/{ADA}/say", {"text": " "}, 400),
        (f"telegram/{ADA}/say", {"text": "a" * 4097}, 400),
        (f"telegram/{ADA}/say", {"text": "Hei", "chat": -9}, 400),
        (f"telegram/{ADA}/press", {"message": 1, "data": "x"}, 400),
        (f"telegram/{ADA}/edit", {"message": 1, "text": "x"}, 400),
        (f"telegram/{ADA}/send", {"kind": "unicorn"}, 422),
        (f"telegram/{ADA}/group", {"group": 5, "member": True}, 422),
        ("telegram/0/say", {"text": "Hei"}, 400),
        ("faults", {"kind": "unicorn"}, 422),
        ("faults", {"kind": "error", "times": 0}, 422),
    ],
)
async def test_what_a_person_cannot_do_is_said(
    line: Running, path: str, body: dict[str, Any] | None, status: int
) -> None:
    answer = await line.http.post(f"/simulator/api/{path}", json=body)
    assert answer.status_code == status
    assert answer.json().get("error") or answer.json().get("detail")


async def test_faults_are_ordered_seen_and_cleared(line: Running) -> None:
    await post(line, "faults", {"kind": "late", "target": "webhook/sms", "times": 3, "seconds": 5})
    assert [(fault["kind"], fault["times"]) for fault in (await seen(line))["faults"]] == [("late", 3)]
    assert (await line.http.delete("/simulator/api/faults")).is_success
    assert (await seen(line))["faults"] == []


async def test_the_page_is_its_own_and_strict(line: Running) -> None:
    page = await line.http.get("/")
    assert "Øvelse – ingen ekte telefoner" in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for name in ("handsets.css", "handsets.js", "telephone.js", "texts.js", "chat.js", "page.js", "icon.svg"):
        file = await line.http.get(f"/simulator/static/{name}")
        assert file.status_code == 200
        assert "https://" not in file.text
    assert (await line.http.get("/simulator/static/settings.py")).status_code == 404
    assert (await line.http.get("/nothing")).status_code == 404


async def test_what_the_bot_sent_can_be_saved(line: Running) -> None:
    file = line.simulator.telegram.keep_file('brev"\n.txt', "text/html", b"<script>")
    answer = await line.http.get(f"/simulator/files/{file.file_id}")
    assert (answer.content, answer.headers["content-type"]) == (b"<script>", "application/octet-stream")
    assert answer.headers["content-disposition"] == 'attachment; filename="brev.txt"'
    assert (await line.http.get("/simulator/files/nothing")).status_code == 404


async def test_a_taken_address_is_an_error(line: Running, service_url: str) -> None:
    port = int(line.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="ddress"):
        await serve_simulator(simulator_settings(service_url), "127.0.0.1", port)
