"""What a simulator is told when it is made."""

from dataclasses import dataclass
from pathlib import Path

#: What we ask providers for: five more tries after 5xx, lost connections and read time-outs, within 15 seconds.
OVERRIDES = "#rc=5&rp=5xx,ct,rt&tt=15000"


@dataclass(frozen=True, kw_only=True)
class SimulatorSettings:
    """Accounts, numbers and addresses of one simulator. All values are invented; nothing leaves this machine.

    `service_url` is the service's public address as the providers see it, without a slash at the end; the numbers'
    webhooks point there unless they are given or changed over REST. The first of `auth_tokens` signs webhooks, all
    of them open the REST interface. With `journal`, messages and updates are kept in that file (JSON lines) and read
    again at the next start. `delivery_seconds` is how long a text takes between two delivery states,
    `speech_seconds_per_character` and `sound_file_seconds` how long a caller hears what is said and played.
    `advisor_numbers` are the telephones that the page shows as advisors' from the start.
    """

    service_url: str
    account_sid: str
    auth_tokens: tuple[str, ...]
    sms_number: str
    voice_number: str
    telegram_token: str
    api_key: str | None = None
    api_secret: str | None = None
    messaging_service_sid: str | None = None
    sms_url: str | None = None
    sms_fallback_url: str | None = None
    voice_url: str | None = None
    voice_fallback_url: str | None = None
    voice_status_url: str | None = None
    default_opt_out: bool = False
    delivery_seconds: float = 0.4
    telegram_retry_seconds: float = 1.0
    speech_seconds_per_character: float = 0.0
    sound_file_seconds: float = 0.0
    advisor_numbers: tuple[str, ...] = ()
    journal: Path | None = None

    def __post_init__(self) -> None:
        if not self.auth_tokens:
            raise ValueError("The simulator needs at least one auth token.")
        if (self.api_key is None) != (self.api_secret is None):
            raise ValueError("An API key and its secret belong together.")

    @property
    def sms_webhook(self) -> str:
        """Where incoming texts are delivered from the start."""
        return self.sms_url if self.sms_url is not None else f"{self.service_url}/webhooks/twilio/sms{OVERRIDES}"

    @property
    def voice_webhook(self) -> str:
        """Where incoming calls are delivered from the start."""
        return self.voice_url if self.voice_url is not None else f"{self.service_url}/webhooks/twilio/voice{OVERRIDES}"
