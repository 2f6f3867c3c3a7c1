"""`helpline demo`: the service and the simulator side by side, with example data. Nothing is really sent."""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from helpline import app as wiring
from helpline import logs, settings
from helpline.desk import example
from helpline.serving import serve_app
from helpline.settings import Settings
from helpline.simulator.run import serve_simulator
from helpline.simulator.settings import SimulatorSettings
from helpline.store.migrate import migrate


def run() -> None:
    """Run until Ctrl-C.

    Raises:
        HelplineError: an address is taken, or the settings cannot be used.
    """
    loaded = settings.load_demo()
    logs.set_up(json=False, level="WARNING")
    parts = wiring.build(loaded)
    ours, theirs = multiprocessing.Pipe()
    # A process of its own, as the providers are; it ends by itself when this one is gone, however it went.
    spawn = multiprocessing.get_context("spawn")
    simulator = spawn.Process(target=_simulate, args=(_simulator_settings(loaded), loaded, theirs), daemon=True)
    simulator.start()
    theirs.close()
    try:
        asyncio.run(_serve(parts, loaded))
    finally:
        ours.close()
        simulator.join(timeout=5)
        if simulator.is_alive():
            simulator.terminate()


async def _serve(parts: wiring.Parts, loaded: Settings) -> None:
    await migrate(parts.database)
    async with parts.database.writing() as session:
        await example.load(session, house=parts.house, now=parts.clock.now())
    await serve_app(wiring.create_app(parts), loaded.host, loaded.port, started=lambda: _greet(loaded))


def _simulator_settings(loaded: Settings) -> SimulatorSettings:
    assert loaded.twilio_account_sid is not None
    assert loaded.twilio_sms_number is not None
    assert loaded.twilio_voice_number is not None
    assert loaded.telegram_token is not None
    journal = Path("var/simulator.jsonl")
    journal.parent.mkdir(parents=True, exist_ok=True)
    return SimulatorSettings(
        service_url=loaded.public_url,
        account_sid=loaded.twilio_account_sid,
        auth_tokens=tuple(token.get_secret_value() for token in loaded.twilio_auth_token),
        sms_number=loaded.twilio_sms_number,
        voice_number=loaded.twilio_voice_number,
        telegram_token=loaded.telegram_token.get_secret_value(),
        advisor_numbers=tuple(phone for _, _, _, phone in example.PEOPLE if phone is not None),
        sms_fallback_url=f"{loaded.public_url}/webhooks/twilio/sms",
        voice_fallback_url=f"{loaded.public_url}/webhooks/twilio/voice/fallback",
        speech_seconds_per_character=0.02,
        sound_file_seconds=3.0,
        journal=journal,
    )


def _simulate(simulated: SimulatorSettings, loaded: Settings, lifeline: Connection) -> None:
    """The simulator's process. `lifeline` breaks when the service's process ends, also by SIGKILL."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end_with_the_service() -> None:
        try:
            lifeline.recv_bytes()
        except (EOFError, OSError):
            os._exit(0)

    threading.Thread(target=end_with_the_service, daemon=True).start()
    try:
        asyncio.run(serve_simulator(simulated, loaded.host, loaded.simulator_port))
    except OSError:
        _say(
            f"The simulator's address {loaded.host}:{loaded.simulator_port} is taken: stop what runs there, or set "
            "HELPLINE_SIMULATOR_PORT."
        )
        os.kill(os.getppid(), signal.SIGINT)


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
