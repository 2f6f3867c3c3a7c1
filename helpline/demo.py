"""`helpline demo`: the service and the simulator side by side, with example data. Nothing is really sent."""

import json
import subprocess
import sys
from pathlib import Path

import uvloop

from helpline import app as wiring
from helpline import logs, settings
from helpline.desk import example
from helpline.errors import SettingsError
from helpline.serving import serve_app
from helpline.settings import Settings
from helpline.store.migrate import migrate


def run() -> None:
    """Run until Ctrl-C.

    Raises:
        HelplineError: an address is taken, or the settings cannot be used.
    """
    loaded = settings.load_demo()
    logs.set_up(json=False, level="WARNING")
    parts = wiring.build(loaded)
    # A process of its own, as the providers are. Its standard input is its lifeline: it ends when this process is
    # gone, however it went.
    with subprocess.Popen([sys.executable, "-m", "helpline.simulator"], stdin=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdin is not None
        simulator.stdin.write(json.dumps(_simulated(loaded)) + "\n")
        simulator.stdin.flush()
        uvloop.run(_serve(parts, loaded, simulator))


async def _serve(parts: wiring.Parts, loaded: Settings, simulator: "subprocess.Popen[str]") -> None:
    await migrate(parts.database)
    async with parts.database.writing() as session:
        await example.load(session, house=parts.house, now=parts.clock.now())
    if simulator.poll() is not None:
        raise SettingsError("The demo cannot start without its simulator; the line above says why.")
    await serve_app(wiring.create_app(parts), loaded.host, loaded.port, started=lambda: _greet(loaded))


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
