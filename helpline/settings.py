"""The settings, read from the environment (prefix `HELPLINE_`) and from `.env`. Nothing else reads the environment.

Every setting is described in `.env.example`; a test holds the two together.
"""

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from helpline.errors import SettingsError


class Environment(StrEnum):
    """`production` refuses unsafe defaults; `development` and `demo` start without secrets of your own."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    DEMO = "demo"


class TelegramMode(StrEnum):
    WEBHOOK = "webhook"
    POLLING = "polling"


#: Used outside production when no key is set, so that a first try needs no set-up. Production refuses it.
UNSAFE_KEY = "only-for-development-never-in-production"

Secrets = Annotated[list[SecretStr], NoDecode]


class Settings(BaseSettings):
    """All settings of one installation. Lists are written with commas between."""

    model_config = SettingsConfigDict(env_prefix="HELPLINE_", env_file=".env", extra="ignore", frozen=True)

    environment: Environment = Environment.DEVELOPMENT
    database_url: str = "sqlite+aiosqlite:///var/helpline.db"
    public_url: str = "http://localhost:8000"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    simulator_port: int = Field(8001, ge=0, le=65535)
    secret_keys: Secrets = Field(default_factory=list)
    timezone: str = "Europe/Oslo"
    knowledge_dir: Path = Path("knowledge")
    log_json: bool = True

    telegram_token: SecretStr | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: TelegramMode = TelegramMode.WEBHOOK

    twilio_account_sid: str | None = None
    twilio_auth_token: Secrets = Field(default_factory=list)
    twilio_api_url: str = "https://api.twilio.com"
    twilio_sms_number: str | None = None
    twilio_voice_number: str | None = None
    twilio_api_key: str | None = None
    twilio_api_secret: SecretStr | None = None
    twilio_app_sid: str | None = None

    #: Seconds an offer is held out to one advisor before the next one gets it.
    offer_seconds: int = Field(30, ge=5, le=300)
    #: Seconds an advisor's phone rings before the caller goes back to the head of the queue.
    ring_seconds: int = Field(25, ge=5, le=60)
    #: Minutes a caller waits on the line before we offer to ring back instead, unasked.
    longest_wait_minutes: int = Field(30, ge=1, le=240)
    #: Most contacts that wait at once before a new call is told that the queue is full.
    longest_queue: int = Field(900, ge=1, le=1000)
    #: Most automatic texts to one handle in an hour: more than somebody who types gets through, a letter and the rights
    #: guide included. Answers to danger and to the words that work everywhere may go three times as far.
    automatic_texts_per_hour: int = Field(120, ge=1, le=1000)

    @field_validator("secret_keys", "twilio_auth_token", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator(
        "telegram_token", "telegram_webhook_secret", "twilio_account_sid", "twilio_sms_number", "twilio_voice_number",
        "twilio_api_key", "twilio_api_secret", "twilio_app_sid", mode="before",
    )  # fmt: skip
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("database_url")
    @classmethod
    def _normalise_database(cls, value: str) -> str:
        for prefix in ("postgres://", "postgresql://"):
            if value.startswith(prefix):
                # Platforms write `sslmode`, which is what PostgreSQL's own library calls it; ours calls it `ssl`.
                address = re.sub(r"([?&])sslmode=", r"\1ssl=", value.removeprefix(prefix))
                return f"postgresql+asyncpg://{address}"
        if value.startswith("sqlite:///"):
            return "sqlite+aiosqlite:///" + value.removeprefix("sqlite:///")
        if not value.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise ValueError("must begin with sqlite+aiosqlite:/// or postgresql://")
        return value

    @field_validator("public_url", "telegram_api_url", "twilio_api_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// while trying things out)")
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is not a time zone; write for example Europe/Oslo") from error
        return value

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.environment is Environment.PRODUCTION:
            keys = [key.get_secret_value() for key in self.secret_keys]
            if not keys or any(len(key) < 32 or key == UNSAFE_KEY for key in keys):
                raise ValueError("SECRET_KEYS must hold at least one key of 32 characters or more in production")
            if not self.public_url.startswith("https://"):
                raise ValueError("PUBLIC_URL must begin with https:// in production")
            if self.telegram_token and self.telegram_mode is TelegramMode.WEBHOOK and not self.telegram_webhook_secret:
                raise ValueError("TELEGRAM_WEBHOOK_SECRET must be set when Telegram comes by webhook in production")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def keys(self) -> tuple[str, ...]:
        """The secret keys as text: the first encrypts, all decrypt."""
        return tuple(key.get_secret_value() for key in self.secret_keys) or (UNSAFE_KEY,)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def telegram_on(self) -> bool:
        return self.telegram_token is not None

    @property
    def twilio_on(self) -> bool:
        """Both texts and calls need the account and a token: without a token no signature can be checked."""
        return self.twilio_account_sid is not None and bool(self.twilio_auth_token)

    @property
    def sms_on(self) -> bool:
        return self.twilio_on and self.twilio_sms_number is not None

    @property
    def voice_on(self) -> bool:
        return self.twilio_on and self.twilio_voice_number is not None


def load(**overrides: object) -> Settings:
    """Read the settings; a plain `PORT` is honoured where a platform sets it.

    Raises:
        SettingsError: a setting is missing or cannot be used; the sentence names it.
    """
    if "HELPLINE_PORT" not in os.environ and os.environ.get("PORT", "").isdigit():
        overrides.setdefault("port", int(os.environ["PORT"]))
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values, that is its work
    except ValidationError as error:
        raise SettingsError("; ".join(_sentence(problem) for problem in error.errors()) + ".") from error


def _sentence(problem: object) -> str:
    assert isinstance(problem, dict)
    name = "HELPLINE_" + "_".join(str(part) for part in problem["loc"][:1]).upper() if problem["loc"] else "Settings"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if problem["loc"] else f"Settings: {message}"


def load_demo() -> Settings:
    """The demo's settings: every channel on, all of them the simulator's; accounts and numbers are invented.

    Addresses and the database may still be set, so that two demos can run side by side.

    Raises:
        SettingsError: one of those cannot be used.
    """
    given = load(environment=Environment.DEMO)
    simulator = f"http://127.0.0.1:{given.simulator_port}"
    own_database = "database_url" in given.model_fields_set
    return load(
        environment=Environment.DEMO,
        database_url=given.database_url if own_database else "sqlite+aiosqlite:///var/demo.db",
        public_url=f"http://127.0.0.1:{given.port}",
        secret_keys=[UNSAFE_KEY],
        log_json=False,
        telegram_token="100000001:pretend-token-of-the-simulator-only",
        telegram_webhook_secret="pretend-secret-of-the-simulator",
        telegram_api_url=simulator,
        telegram_mode=TelegramMode.WEBHOOK,
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token=["pretend-token-of-the-simulator"],
        twilio_api_key=None,
        twilio_api_secret=None,
        twilio_api_url=simulator,
        twilio_sms_number="+4759440000",
        twilio_voice_number="+4721000000",
    )
