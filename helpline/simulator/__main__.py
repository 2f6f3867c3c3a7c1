"""A simulator in a process of its own, for `helpline demo`: `python -m helpline.simulator`.

The first line of standard input is a JSON object: `host`, `port` and the fields of `SimulatorSettings`. It stays open
for as long as the demo lives; when it closes, also because the demo was killed, the simulator ends.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

import uvloop

from helpline.simulator.run import serve_simulator
from helpline.simulator.settings import SimulatorSettings


def main() -> None:
    """Serve until standard input closes. Exit code 1 and one sentence when the address is taken."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    given = json.loads(sys.stdin.readline())
    host, port = given.pop("host"), given.pop("port")
    for name in ("auth_tokens", "advisor_numbers"):
        given[name] = tuple(given[name])
    given["journal"] = Path(given["journal"]) if given["journal"] else None

    def end_with_the_demo() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_the_demo, daemon=True).start()
    try:
        uvloop.run(serve_simulator(SimulatorSettings(**given), host, port))
    except OSError:
        sys.exit(
            f"The simulator's address {host}:{port} is taken: stop what runs there, or set HELPLINE_SIMULATOR_PORT."
        )


if __name__ == "__main__":
    main()
