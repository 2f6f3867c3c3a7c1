"""What every verb needs and nothing changes while the service runs: knowledge, scripts and the rules of the house."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from helpline import triage
from helpline.core.codes import Origin
from helpline.desk.check_scripts import Content
from helpline.desk.check_scripts import problems as check_scripts
from helpline.guidance import Library
from helpline.guidance.letters import Letters
from helpline.guidance.phrases import Phrases, read_phrases
from helpline.guidance.rights import RightsGuide
from helpline.lasting import made_to_last
from helpline.settings import Environment, Settings
from helpline.triage.script import Script, ScriptError, read_script


@dataclass(frozen=True, kw_only=True, repr=False)
class House:
    """Loaded once at start; a fault in the content stops the start with a sentence that names the file.

    Written out it would be a book: no log line and no debugger shows it whole.
    """

    library: Library
    phrases: Phrases
    rights: RightsGuide
    letters: Letters
    text_script: Script
    call_script: Script
    zone: ZoneInfo
    origin: Origin
    offer_time: timedelta
    ring_time: timedelta
    longest_wait: timedelta
    longest_queue: int
    automatic_per_hour: int
    #: Where callers reach us: the beginning of the one-time pages' addresses.
    public_url: str

    @classmethod
    def load(cls, settings: Settings) -> "House":
        """Read knowledge and scripts.

        Raises:
            HelplineError: a file is missing or wrong; the sentence names it.
        """
        with made_to_last():
            return cls._read(settings)

    @classmethod
    def _read(cls, settings: Settings) -> "House":
        # The lexicon is compiled at the first reading; that must not be a frightened caller's.
        triage.read("")
        directory = settings.knowledge_dir
        library = Library.load(directory)
        phrases = read_phrases(directory / "phrases.yaml", library.numbers)
        letters, rights = Letters.load(directory / "letters"), RightsGuide.load(library)
        content = Content(library=library, phrases=phrases, letters=letters, rights=rights)
        text_script, call_script = (read_script(directory / "scripts" / name) for name in ("text.yaml", "call.yaml"))
        wrong = [
            *check_scripts("scripts/text.yaml", text_script, content, spoken=False),
            *check_scripts("scripts/call.yaml", call_script, content, spoken=True),
        ]
        if wrong:
            raise ScriptError(*wrong)
        return cls(
            library=library,
            phrases=phrases,
            letters=letters,
            rights=rights,
            text_script=text_script,
            call_script=call_script,
            **_rules(settings),
        )

    def get_ready(self) -> None:
        """Make what the first message and the first search need, if it is not made yet: two seconds beside others."""
        triage.get_ready()
        self.library.make_search()

    @property
    def practice(self) -> bool:
        """Whether everything here is practice. Only then is practice counted, and every page says so (DESIGN §4e)."""
        return self.origin is Origin.SIMULATED

    def under(self, settings: Settings) -> "House":
        """The same content under the rules of other settings."""
        return replace(self, **_rules(settings))


def _rules(settings: Settings) -> dict[str, Any]:
    return {
        "zone": settings.zone,
        "origin": Origin.SIMULATED if settings.environment is Environment.DEMO else Origin.LIVE,
        "offer_time": timedelta(seconds=settings.offer_seconds),
        "ring_time": timedelta(seconds=settings.ring_seconds),
        "longest_wait": timedelta(minutes=settings.longest_wait_minutes),
        "longest_queue": settings.longest_queue,
        "automatic_per_hour": settings.automatic_texts_per_hour,
        "public_url": settings.public_url,
    }
