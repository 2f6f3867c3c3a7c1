"""The pretended Twilio and Telegram in a process of their own: `python -m bench.providers`. Settings as the service."""

import uvloop

from helpline import settings
from helpline.settings import Settings
from helpline.simulator.run import serve_simulator
from helpline.simulator.settings import SimulatorSettings


async def serve(loaded: Settings) -> None:
    assert loaded.twilio_account_sid
    assert loaded.twilio_sms_number
    assert loaded.twilio_voice_number
    assert loaded.telegram_token
    simulated = SimulatorSettings(
        service_url=loaded.public_url,
        account_sid=loaded.twilio_account_sid,
        auth_tokens=tuple(token.get_secret_value() for token in loaded.twilio_auth_token),
        sms_number=loaded.twilio_sms_number,
        voice_number=loaded.twilio_voice_number,
        telegram_token=loaded.telegram_token.get_secret_value(),
    )
    await serve_simulator(simulated, loaded.host, loaded.simulator_port)


if __name__ == "__main__":
    uvloop.run(serve(settings.load()))
