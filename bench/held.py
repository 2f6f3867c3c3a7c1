"""The whole service with its outbox held, in a process of its own: `python -m bench.held`.

Everything that comes in is stored, read by the triage and answered; the answers wait in the outbox.
"""

import uvloop

from helpline import app as wiring
from helpline import logs, settings
from helpline.serving import serve_app
from helpline.settings import Settings


async def serve(loaded: Settings) -> None:
    await serve_app(wiring.create_app(wiring.build(loaded), works=False), loaded.host, loaded.port)


if __name__ == "__main__":
    logs.set_up(json=True, level="ERROR")
    uvloop.run(serve(settings.load()))
