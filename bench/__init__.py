"""Measured figures, each beside its floor or its target, in one run: `make bench`.

Nothing leaves this machine: the service, the pretended providers and the load all stand on 127.0.0.1, and every load
is bounded in number and time.
"""

import warnings

# Where no desktop is signed in there is no such folder; the database of the bench then uses /tmp.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
