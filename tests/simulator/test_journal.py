"""A simulator that is killed finds its handsets again."""

from pathlib import Path

import pytest

from helpline.simulator.journal import Journal
from helpline.simulator.state import Simulator
from tests.simulator.conftest import CALLER, SMS_NUMBER, RecordingService, running, simulator_settings

ADA = 1001


async def test_everything_on_the_handsets_is_there_after_a_restart(
    tmp_path: Path, service: RecordingService, service_url: str
) -> None:
    settings = simulator_settings(service_url, journal=tmp_path / "handsets.jsonl")
    async with running(settings) as line:
        simulator = line.simulator
        simulator.messages.receive(from_=CALLER, to=SMS_NUMBER, body="Før", media=("https://media.example/1",))
        await service.until(1)
        simulator.messages.set_opted_out(ours=SMS_NUMBER, theirs=CALLER, out=True)
        number = simulator.lines.by_number(SMS_NUMBER)
        assert number is not None
        simulator.lines.update(number.sid, {"sms_fallback_url": "https://line.example/f"})
        said = simulator.telegram.say(ADA, "Hei")
        simulator.telegram.edit(ADA, said["message_id"], "Hei igjen")
        simulator.telegram.send(ADA, "document")
        simulator.telegram.block(1002)
        pending = simulator.telegram.updates.pending()
        texts, chats, files = simulator.messages.all(), simulator.telegram.chats, simulator.telegram.files
    async with running(settings) as line:
        simulator = line.simulator
        assert simulator.messages.all() == texts
        assert simulator.messages.opted_out() == {(SMS_NUMBER, CALLER)}
        number = simulator.lines.by_number(SMS_NUMBER)
        assert number is not None
        assert number.sms_fallback_url == "https://line.example/f"
        assert simulator.telegram.chats == chats
        assert simulator.telegram.files == files
        assert simulator.telegram.updates.pending() == pending
        simulator.telegram.say(ADA, "Etterpå")
        newest = simulator.telegram.updates.pending()[-1]
        assert newest["update_id"] == pending[-1]["update_id"] + 1
        assert newest["message"]["message_id"] == 3


async def test_a_text_under_way_is_delivered_after_the_restart(tmp_path: Path, service_url: str) -> None:
    settings = simulator_settings(service_url, journal=tmp_path / "handsets.jsonl")
    stopped = Simulator(settings)
    sent = stopped.messages.send(to=CALLER, from_=SMS_NUMBER, body="Hei")
    await stopped.close()
    async with running(settings) as line:
        await line.until(lambda: line.simulator.messages.all()[0].final)
        assert (line.simulator.messages.all()[0].sid, line.simulator.messages.all()[0].status) == (
            sent.sid,
            "delivered",
        )


def test_a_torn_last_line_is_left_out_and_the_file_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "handsets.jsonl"
    journal = Journal(path)
    journal.write("a", "1", {"text": "æøå"})
    journal.write("a", "2", {"text": "borte"})
    journal.write("a", "2", None)
    journal.close()
    with path.open("a", encoding="utf-8") as file:
        file.write('["a", "3", {"te')
    again = Journal(path)
    assert again.kept("a") == [{"text": "æøå"}]
    again.write("a", "4", {"text": "etter"})
    again.close()
    last = Journal(path)
    assert last.kept("a") == [{"text": "æøå"}, {"text": "etter"}]
    last.close()


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Husk melk\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Line 1"):
        Journal(path)
