"""The settings: documented, normalised, and refused with a sentence when they make no safe start."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from helpline.errors import SettingsError
from helpline.settings import UNSAFE_KEY, Environment, Settings, load, load_demo
from helpline.store.keyring import Keyring

ROOT = Path(__file__).parent.parent
KEY = "k" * 32
SAFE = {"environment": "production", "public_url": "https://h.example.org", "secret_keys": KEY, "_env_file": None}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORT", raising=False)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HELPLINE_{name.upper()}", raising=False)


def _documented() -> dict[str, tuple[str, str]]:
    """Settings of `.env.example` with their example and the lines of explanation above."""
    found, said = {}, ""
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            said = line
        elif line:
            name, _, example = line.partition("=")
            found[name] = (example, said)
    return found


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    assert set(_documented()) == {f"HELPLINE_{name.upper()}" for name in Settings.model_fields}
    for name, (_, said) in _documented().items():
        assert len(said) > 15, f"{name} is not explained"


def test_the_examples_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, (example, _) in _documented().items():
        monkeypatch.setenv(name, example)
    monkeypatch.setenv("HELPLINE_SECRET_KEYS", KEY)
    settings = load()

    assert (settings.telegram_on, settings.sms_on, settings.voice_on) == (False, False, False)
    for name in ("offer_seconds", "ring_seconds", "longest_queue", "automatic_texts_per_hour", "longest_wait_minutes"):
        assert getattr(settings, name) == Settings.model_fields[name].default, f"{name}: example is not the default"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"secret_keys": ""}, "SECRET_KEYS must hold at least one key of 32 characters"),
        ({"secret_keys": "short"}, "SECRET_KEYS must hold at least one key of 32 characters"),
        ({"secret_keys": f"{KEY},short"}, "SECRET_KEYS must hold at least one key of 32 characters"),
        ({"secret_keys": UNSAFE_KEY}, "SECRET_KEYS must hold at least one key of 32 characters"),
        ({"public_url": "http://h.example.org"}, "PUBLIC_URL must begin with https://"),
        ({"telegram_token": "1:x"}, "TELEGRAM_WEBHOOK_SECRET must be set"),
    ],
)
def test_production_refuses_what_is_unsafe(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load(**SAFE | given)
    assert load(**SAFE).environment is Environment.PRODUCTION


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"database_url": "mysql://x"}, "HELPLINE_DATABASE_URL: must begin with sqlite"),
        ({"public_url": "h.example.org"}, "HELPLINE_PUBLIC_URL: must begin with https://"),
        ({"timezone": "Oslo"}, "HELPLINE_TIMEZONE: is not a time zone"),
        ({"timezone": "../../etc/passwd"}, "HELPLINE_TIMEZONE: is not a time zone"),
        ({"port": "70000"}, "HELPLINE_PORT"),
        ({"port": "http"}, "HELPLINE_PORT"),
        ({"environment": "prod"}, "HELPLINE_ENVIRONMENT"),
        ({"offer_seconds": "1"}, "HELPLINE_OFFER_SECONDS"),
        ({"telegram_mode": "both"}, "HELPLINE_TELEGRAM_MODE"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as refused:
        load(_env_file=None, **given)
    assert "\n" not in refused.value.sentence
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@db/h", "postgresql+asyncpg://u:p@db/h"),
        ("postgresql://u:p@db:5433/h", "postgresql+asyncpg://u:p@db:5433/h"),
        ("postgresql+asyncpg://u@db/h", "postgresql+asyncpg://u@db/h"),
        ("postgres://u:p@db/h?sslmode=require", "postgresql+asyncpg://u:p@db/h?ssl=require"),
        ("postgres://u:p@db/h?a=b&sslmode=require", "postgresql+asyncpg://u:p@db/h?a=b&ssl=require"),
        ("sqlite:///var/h.db", "sqlite+aiosqlite:///var/h.db"),
        ("sqlite+aiosqlite:////data/h.db", "sqlite+aiosqlite:////data/h.db"),
    ],
)
def test_addresses_of_databases_are_normalised(given: str, used: str) -> None:
    assert load(_env_file=None, database_url=given).database_url == used


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        ({}, 8000),
        ({"PORT": "9000"}, 9000),
        ({"PORT": "9000", "HELPLINE_PORT": "9001"}, 9001),
        ({"PORT": "tcp://10.0.0.1:80"}, 8000),
    ],
)
def test_a_plain_port_is_honoured(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], port: int) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load(_env_file=None).port == port


def test_secrets_do_not_show_and_lists_are_split() -> None:
    settings = load(
        _env_file=None, secret_keys=" first-key , second-key,", twilio_auth_token="a,b", telegram_token="1:secret"
    )

    assert settings.keys == ("first-key", "second-key")
    assert settings.twilio_auth_token == [SecretStr("a"), SecretStr("b")]
    for secret in ("first-key", "second-key", "1:secret"):
        assert secret not in repr(settings)


def test_an_empty_setting_is_none_and_a_channel_needs_all_of_its_settings() -> None:
    half = load(_env_file=None, twilio_account_sid="AC1", twilio_sms_number="+4759440000", telegram_token="")

    assert (half.telegram_on, half.sms_on) == (False, False)
    whole = load(_env_file=None, twilio_account_sid="AC1", twilio_sms_number="+4759440000", twilio_auth_token="t")
    assert (whole.sms_on, whole.voice_on) == (True, False)


def test_the_demo_takes_nothing_from_a_real_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
    monkeypatch.setenv("HELPLINE_TWILIO_API_URL", "https://api.twilio.com")
    monkeypatch.setenv("HELPLINE_TELEGRAM_TOKEN", "999999999:a-real-one")
    demo = load_demo()

    assert demo.twilio_api_url.startswith("http://127.0.0.1:")
    assert demo.telegram_api_url.startswith("http://127.0.0.1:")
    assert demo.twilio_account_sid == "AC" + "0" * 32
    assert "demo.db" in demo.database_url


def test_a_keyring_needs_a_key_and_says_when_one_is_missing() -> None:
    with pytest.raises(SettingsError, match="at least one key"):
        Keyring([])
    sealed = Keyring(["old"]).seal("hei\x00\ud800")
    both = Keyring(["new", "old"])
    assert both.open(sealed) == "hei\x00\ud800"
    assert Keyring(["new"]).open(both.reseal(sealed)) == "hei\x00\ud800"
    with pytest.raises(SettingsError, match="put the old key back"):
        Keyring(["new"]).open(sealed)
