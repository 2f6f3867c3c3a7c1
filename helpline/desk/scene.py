"""One turn of one conversation: who, where, and what has been said so far in it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from helpline.core.codes import Channel
from helpline.core.turn import Ask, Instruction, Say
from helpline.desk.house import House
from helpline.guidance.phrases import page_language
from helpline.store.db import WriteSession
from helpline.store.tables import Caller, Contact
from helpline.triage.script import Script, Step


@dataclass(kw_only=True)
class Scene:
    """What a turn of the guided conversation works on."""

    session: WriteSession
    house: House
    contact: Contact
    caller: Caller | None
    now: datetime
    heard: str = ""
    said: list[Instruction] = field(default_factory=list)
    #: What these words are about, where they speak of no danger at all.
    topics: tuple[str, ...] = ()
    #: These words speak of danger, or of what only looks like it.
    alarmed: bool = False
    #: The line of the contact's course that holds what was heard.
    entry_id: int | None = None
    #: The provider's id of the message whose button was pressed.
    pressed: str | None = None
    #: Set when the caller asked to be erased: nothing more is kept about them.
    erase: bool = False

    @property
    def script(self) -> Script:
        return self.house.call_script if self.by_phone else self.house.text_script

    @property
    def channel(self) -> Channel:
        return self.contact.channel

    @property
    def by_phone(self) -> bool:
        return self.contact.channel is Channel.PHONE

    @property
    def language(self) -> str:
        """The one of our languages that we speak with this caller."""
        return page_language(self.contact.language)

    @property
    def on(self) -> date:
        """Today, where we are."""
        return self.now.astimezone(self.house.zone).date()

    def phrase(self, name: str, *, language: str | None = None, **parameters: str | int) -> str:
        return self.house.phrases.say(
            name,
            language=language or self.contact.language,
            channel=self.contact.channel.value,
            on=self.on,
            **parameters,
        )

    def say(self, text: str) -> None:
        if text:
            self.said.append(Say(text=text))

    def say_before_asking(self, text: str) -> None:
        """Say it after the answer, where a question still comes last."""
        at = next((at for at, part in enumerate(self.said) if isinstance(part, Ask)), len(self.said))
        self.said.insert(at, Say(text=text))

    def place(self, name: str) -> Step:
        """A step by name; the first one when the script has changed and no longer knows it."""
        return self.script.steps.get(name) or self.script.steps[self.script.start]

    @property
    def here(self) -> Step:
        """Where the caller stands."""
        return self.place(self.contact.step)

    def remember(self, **codes: str | int | bool | list[str] | None) -> None:
        """Keep a few codes on the contact, never words; None forgets one."""
        memory = {**self.contact.memory, **codes}
        self.contact.memory = {name: value for name, value in memory.items() if value is not None}
