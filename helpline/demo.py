"""`helpline demo`: the service and the simulator side by side, with example data. Nothing is really sent."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from helpline import logs, settings
from helpline.desk import example, publish
from helpline.errors import SettingsError
from helpline.lasting import made_to_last
from helpline.settings import Settings
from helpline.store.migrate import migrate

if TYPE_CHECKING:
    from helpline.app import Parts


def run() -> None:
    """Run until Ctrl-C.

    Raises:
        HelplineError: an address is taken, or the settings cannot be used.
    """
    loaded = settings.load_demo()
    logs.set_up(json=False, level="WARNING")
    # A process of its own, as the providers are. Its standard input is its lifeline: it ends when this process is
    # gone, however it went.
    with subprocess.Popen([sys.executable, "-m", "helpline.simulator"], stdin=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdin is not None
        simulator.stdin.write(json.dumps(_simulated(loaded)) + "\n")
        simulator.stdin.flush()
        # The rooms that take seconds to import come now, while the simulator starts on another core.
        with made_to_last():
            app, serving = import_module("helpline.app"), import_module("helpline.serving")
        parts = app.build(loaded)
        uvloop.run(_serve(parts, loaded, simulator, partial(serving.serve_app, app.create_app(parts))))


async def _serve(
    parts: "Parts", loaded: Settings, simulator: "subprocess.Popen[str]", serve: Callable[..., Awaitable[None]]
) -> None:
    await migrate(parts.database)
    async with parts.database.writing() as session:
        await example.load(session, house=parts.house, now=parts.clock.now())
    await _answers(loaded.host, loaded.simulator_port, simulator)
    started, ending = asyncio.Event(), asyncio.Event()

    def greet() -> None:
        _greet(loaded)
        started.set()

    folding = asyncio.create_task(_fold(parts, started, ending))
    try:
        await serve(loaded.host, loaded.port, started=greet)
    finally:
        ending.set()
        started.set()
        await folding


async def _fold(parts: "Parts", started: asyncio.Event, ending: asyncio.Event) -> None:
    """Fold the example log week by week once the demo answers, then publish what everyone may see of it; the next start
    goes on with what is left."""
    await started.wait()
    more = True
    while more and not ending.is_set():
        async with parts.database.writing() as session:
            more = await example.fold_a_week(session, house=parts.house, now=parts.clock.now())
    if not more:
        async with parts.database.writing() as session:
            await publish.publish_due(session, house=parts.house, now=parts.clock.now())


async def _answers(host: str, port: int, simulator: "subprocess.Popen[str]") -> None:
    """Wait until the handsets can be opened: the addresses are printed when both answer."""
    while simulator.poll() is None:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise SettingsError("The demo cannot start without its simulator; the line above says why.")


def _simulated(loaded: Settings) -> dict[str, object]:
    """What the simulator is told (`helpline.simulator.settings`)."""
    assert loaded.telegram_token is not None
    journal = Path("var/simulator.jsonl")
    journal.parent.mkdir(parents=True, exist_ok=True)
    return {
        "host": loaded.host,
        "port": loaded.simulator_port,
        "service_url": loaded.public_url,
        "account_sid": loaded.twilio_account_sid,
        "auth_tokens": [token.get_secret_value() for token in loaded.twilio_auth_token],
        "sms_number": loaded.twilio_sms_number,
        "voice_number": loaded.twilio_voice_number,
        "telegram_token": loaded.telegram_token.get_secret_value(),
        "advisor_numbers": [phone for _, _, _, phone in example.PEOPLE if phone is not None],
        "sms_fallback_url": f"{loaded.public_url}/webhooks/twilio/sms",
        "voice_fallback_url": f"{loaded.public_url}/webhooks/twilio/voice/fallback",
        "voice_status_url": f"{loaded.public_url}/webhooks/twilio/voice/status",
        "speech_seconds_per_character": 0.02,
        "sound_file_seconds": 3.0,
        "journal": str(journal),
    }


def _greet(loaded: Settings) -> None:
    rows = "\n".join(f"    {role.value:8}  {email}" for email, _, role, _ in example.PEOPLE)
    _say(
        f"""
  Helpline demo – example data, nothing is really sent.

  Handsets (telephone, SMS, Telegram):  http://localhost:{loaded.simulator_port}/
  The advisors' console:                http://localhost:{loaded.port}/
  Reports:                              http://localhost:{loaded.port}/reports

  Sign in with the password  {example.PASSWORD}
{rows}

  1. Sign in as {example.PEOPLE[0][0]} and go on duty.
  2. Call, text and write from the handsets; answer in the console.
  3. Close each contact and find it in the reports.

  Ctrl-C stops both. The data is kept in var/; delete that folder to begin anew.
"""
    )


def _say(text: str) -> None:
    print(text, file=sys.stdout, flush=True)  # noqa: T201  # the command line's own voice
