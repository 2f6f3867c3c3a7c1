"""Logs hold ids and kinds: never words people wrote, numbers or tokens, also not through libraries."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from helpline import logs

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz012345"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, before = root.handlers, root.level, structlog.get_config()
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**before)


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (f"GET https://api.telegram.org/bot{TOKEN}/getUpdates", "AAEabc"),
        (f"token {TOKEN}", "AAEabc"),
        ("Authorization: Bearer abc.def-ghi", "abc.def"),
        ("from +47 900 00 101 to 90000102", "900"),
        ("+4790000101", "90000101"),
        ("0047 90 00 01 01", "90 00"),
        (f"AC{'1' * 32}", "1111"),
        ("auth " + "deadbeef" * 4, "deadbeef"),
        ("postgresql://helpline:very-secret@db/helpline", "very-secret"),
        ("POST https://h.example.org/x?token=abc&n=1 200", "token=abc"),
        ("GET /l/abcDEF123456_-x 200", "abcDEF"),
    ],
)
def test_secrets_are_taken_out_of_every_line(capsys: pytest.CaptureFixture[str], line: str, secret: str) -> None:
    logs.set_up(json=True)
    logging.getLogger("some.library").warning("said: %s", line)
    logs.get("helpline.test").warning("said", what=line, nested={"deep": [line]})

    written = capsys.readouterr().err
    assert written.count("\n") == 2
    assert secret not in written
    for one in written.splitlines():
        assert json.loads(one)["level"] == "warning"


@pytest.mark.parametrize("field", ["text", "body", "number", "handle", "token", "password", "payload"])
def test_fields_that_could_hold_words_are_left_out(capsys: pytest.CaptureFixture[str], field: str) -> None:
    logs.set_up(json=True)
    logs.get("helpline.test").info("event", **{field: "Mamma er syk"}, contact=7)

    document = json.loads(capsys.readouterr().err)
    assert document[field] == "[left out]"
    assert document["contact"] == 7


@pytest.mark.parametrize("as_json", [True, False])
def test_an_exception_shows_neither_numbers_nor_what_stood_around(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    logs.set_up(json=as_json)
    words = "Mamma er syk"
    try:
        raise ValueError(f"cannot reach +4790000101 by bot{TOKEN}")
    except ValueError:
        logs.get("helpline.test").exception("stumbled")

    written = capsys.readouterr().err
    assert "ValueError" in written
    for secret in ("90000101", "AAEabc", words):
        assert secret not in written.replace('words = "Mamma er syk"', "")


def test_times_ids_and_counts_stay(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(json=True)
    logs.get("helpline.test").info("event", delivery=123456789, seconds=1.5, ok=True, sid="SM" + "a" * 32)

    document = json.loads(capsys.readouterr().err)
    assert (document["delivery"], document["seconds"], document["ok"]) == (123456789, 1.5, True)
    assert document["sid"] == "SM" + "a" * 32
    assert document["timestamp"].startswith("20")


def test_libraries_that_log_addresses_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(json=True)
    for name in ("httpx", "twilio", "uvicorn.access", "aiogram.event"):
        logging.getLogger(name).info("POST https://api.example.org/secret")
    assert capsys.readouterr().err == ""
