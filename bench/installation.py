"""An installation to measure: a folder or a real PostgreSQL, settings, and the processes that run on it."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import traffic
from bench.load import Plan, Seen, read_seen
from helpline.core.duty import Duty, Role
from helpline.store import sign_ins
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import migrate
from helpline.store.tables import Advisor, OpeningSpan

ROOT = Path(__file__).parent.parent
#: Whoever is not up by then will not come.
UP_WITHIN = 180.0


class Failed(Exception):
    """The bench cannot go on; the sentence says why."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Where one installation keeps its data, and the address it is served on."""

    folder: Path
    database_url: str
    port: int
    simulator_port: int

    @classmethod
    def at(cls, folder: Path, database_url: str | None = None, *, simulator_port: int | None = None) -> "Installation":
        """In `folder`; on SQLite unless another database is named."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(
            folder=folder,
            database_url=database_url or f"sqlite+aiosqlite:///{folder / 'helpline.db'}",
            port=free_port(),
            simulator_port=simulator_port or free_port(),
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """The settings, every channel on; the providers are pretended ones on this machine."""
        providers = f"http://127.0.0.1:{self.simulator_port}"
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("HELPLINE_") and name != "PORT"
        }
        own = {
            "ENVIRONMENT": "development",
            "DATABASE_URL": self.database_url,
            "PUBLIC_URL": self.address,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(self.simulator_port),
            "SECRET_KEYS": traffic.SECRET_KEY,
            "KNOWLEDGE_DIR": str(ROOT / "knowledge"),
            "TELEGRAM_TOKEN": traffic.BOT_TOKEN,
            "TELEGRAM_WEBHOOK_SECRET": traffic.WEBHOOK_SECRET,
            "TELEGRAM_API_URL": providers,
            "TELEGRAM_MODE": "webhook",
            "TWILIO_ACCOUNT_SID": traffic.ACCOUNT,
            "TWILIO_AUTH_TOKEN": traffic.AUTH_TOKEN,
            "TWILIO_API_URL": providers,
            "TWILIO_SMS_NUMBER": traffic.SMS_NUMBER,
            "TWILIO_VOICE_NUMBER": traffic.VOICE_NUMBER,
        }
        return kept | {"PYTHONPATH": str(ROOT)} | {f"HELPLINE_{name}": value for name, value in own.items()}

    def database(self) -> Database:
        """The database as the service opens it. Whoever opens it closes it."""
        return Database(self.database_url, Keyring([traffic.SECRET_KEY]))

    def prepare(self) -> str:
        """Migrate; open all week; one advisor on duty and signed in. Returns the sign-in's token."""
        return asyncio.run(self._prepare())

    async def _prepare(self) -> str:
        database = self.database()
        try:
            await migrate(database)
            now, token = datetime.now(UTC), "a-sign-in-of-the-bench"
            async with database.writing() as session:
                session.add_all(OpeningSpan(weekday=day, opens="00:00", closes="24:00") for day in range(7))
                advisor = new_advisor(session.keyring, 1, now=now)
                session.add(advisor)
                await session.flush()
                await sign_ins.begin(
                    session,
                    token=token,
                    csrf="unused",
                    advisor_id=advisor.id,
                    now=now,
                    expires_at=now + timedelta(hours=1),
                )
        finally:
            await database.close()
        return token

    @contextmanager
    def service(self) -> Iterator[None]:
        """The service as it is meant to be run: one process on SQLite, `web` and `worker` on PostgreSQL."""
        with ExitStack() as up:
            if self.database_url.startswith("sqlite"):
                up.enter_context(self.running(*SERVE))
            else:
                # The worker answers nobody; it is up by the time that `web` is.
                up.enter_context(self.running(*WORKER, answers=False))
                up.enter_context(self.running(*WEB))
            yield

    @contextmanager
    def running(self, *command: str, answers: bool = True) -> Iterator["Running"]:
        """A process of this installation, from when it answers (if it does) until the block ends."""
        log = self.folder / f"{command[-1]}.log"
        with log.open("ab") as output:
            begun = time.monotonic()
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(), stdout=output, stderr=subprocess.STDOUT
            )
            try:
                providers = f"http://127.0.0.1:{self.simulator_port}/"
                path = providers if command == PROVIDERS else f"{self.address}/health/ready"
                if answers:
                    _wait_for(path, process, log)
                yield Running(pid=process.pid, seconds_to_ready=time.monotonic() - begun)
                if process.poll() is not None:
                    raise Failed(f"{command[-1]} ended while it was measured: {_last_words(log)}")
            finally:
                process.terminate()
                try:
                    process.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@dataclass(frozen=True, kw_only=True)
class Running:
    """A process that answers."""

    pid: int
    seconds_to_ready: float

    @property
    def resident(self) -> float:
        """Memory that it holds now, in MB (10⁶ bytes)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise Failed("This system does not say how much memory a process holds.")

    @property
    def processor_seconds(self) -> float:
        """What it has used of the processors so far, all its threads together."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


_COMMAND = str(Path(sys.executable).parent / "helpline")
#: As an operator starts it.
SERVE = (_COMMAND, "serve")
WEB = (_COMMAND, "web")
WORKER = (_COMMAND, "worker")
HELD = (sys.executable, "-m", "bench.held")
FLOOR = (sys.executable, "-m", "bench.floor")
PROVIDERS = (sys.executable, "-m", "bench.providers")


def new_advisor(keyring: Keyring, number: int, *, now: datetime) -> Advisor:
    """An advisor on duty who can be rung."""
    return Advisor(
        email=f"advisor{number}@example.org",
        name=f"Rådgiver {number}",
        role=Role.ADVISOR,
        active=True,
        phone_sealed=keyring.seal(f"+47999{90000 + number}"),
        language="nb",
        duty=Duty.ON,
        duty_since=now,
        created_at=now,
    )


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + UP_WITHIN
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise Failed(f"{log.stem} did not start: {_last_words(log)}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError as error:
            raise Failed(f"{log.stem} answered {error.code} at {address}: {_last_words(log)}") from error
        except OSError:
            time.sleep(0.02)
    raise Failed(f"{log.stem} was not up after {UP_WITHIN:.0f} seconds.")


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it said nothing."


def run_load(
    port: int,
    requests: Sequence[str],
    *,
    connections: int,
    rate: float | None = None,
    stream: str | None = None,
    part: str | None = None,
) -> Seen:
    """Send them from a process of its own.

    Raises:
        Failed: the load could not be sent, or something was not answered well.
    """
    plan = Plan(port=port, requests=list(requests), connections=connections, rate=rate, stream=stream, part=part)
    done = subprocess.run(
        (sys.executable, "-m", "bench.load"),
        cwd=ROOT,
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise Failed(f"The load broke off: {lines[-1] if lines else done.returncode}")
    seen = read_seen(done.stdout)
    wrong = [status for status in seen.statuses if not 200 <= status < 300]
    if wrong:
        raise Failed(f"{len(wrong)} of {len(seen.statuses)} requests were answered with {sorted(set(wrong))}.")
    return seen
