"""The people of the journeys: callers with a telephone, texters, Telegram writers, and advisors at the console.

Each does only what a person can do: press keys, write words, open pages and send their forms.
"""

import asyncio
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

import httpx

from helpline.core.duty import Role
from helpline.simulator.message import Message
from helpline.store import offers
from helpline.store.db import ReadSession
from helpline.store.tables import Advisor, Offer
from tests.conftest import DEADLINE, PASSWORD, PASSWORD_HASH, SMS_NUMBER, VOICE_NUMBER, Service, add_advisor

Found = TypeVar("Found")

#: Invented telephones, one for each advisor.
_numbers = count(1001)
_CSRF = re.compile(r'data-csrf="([^"]+)"')


@dataclass(kw_only=True)
class AdvisorAtWork:
    """An advisor in a browser of their own, without its pictures: pages fetched, forms sent."""

    service: Service
    id: int
    email: str
    phone: str
    http: httpx.AsyncClient = field(init=False)

    async def sign_in(self) -> None:
        """Through the sign-in page, like everyone."""
        self.http = httpx.AsyncClient(base_url=self.service.url, timeout=DEADLINE, verify=False)
        self.service.browsers.append(self.http)
        answer = await self.http.post("/sign-in", data={"email": self.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text

    async def reads(self, path: str) -> str:
        """The words of a page, without its markup."""
        words = re.sub(r"<[^>]*>", "", await self.page(path))
        return re.sub(r"\s+", " ", html.unescape(words))

    async def page(self, path: str) -> str:
        """A page, with its markup."""
        answer = await self.http.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.text

    async def send(self, path: str, *, refused: int | None = None, **form: Any) -> str:
        """Send a form with the page's own token. `refused` is the status when it is meant to be refused."""
        found = _CSRF.search(await self.page("/"))
        assert found is not None
        fields: dict[str, str | list[str]] = {"csrf": found[1], **form}
        answer = await self.http.post(path, data=fields)
        if refused is not None:
            assert answer.status_code == refused, f"{path}: {answer.status_code} {answer.text[:300]}"
        else:
            assert answer.status_code in (200, 204, 303), f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.text

    async def go_on_duty(self) -> None:
        await self.send("/duty", to="on")

    async def offered(self) -> Offer:
        """The offer that is held out to this advisor, as soon as there is one."""

        async def find(session: ReadSession) -> Offer | None:
            return await offers.open_for_advisor(session, self.id)

        found = await self.service.until(find)
        assert found is not None
        return found

    async def accept(self) -> int:
        """Accept what is offered. Returns the contact's id."""
        offer = await self.offered()
        await self.send(f"/offer/{offer.id}/accept")
        return offer.contact_id

    async def close(self, contact_id: int, outcome: str = "counselled", **record: Any) -> None:
        await self.send(f"/contact/{contact_id}/close", outcome=outcome, topics=["boundaries"], **record)


async def at_work(service: Service, name: str = "Rådgiver En", *, role: Role = Role.ADVISOR) -> AdvisorAtWork:
    """An advisor with a telephone who has signed in and gone on duty."""
    phone = f"+479000{next(_numbers)}"
    advisor = await add_advisor(
        service.database, service.clock, name, phone=phone, role=role, password_hash=PASSWORD_HASH
    )
    person = AdvisorAtWork(service=service, id=advisor.id, email=advisor.email, phone=phone)
    await person.sign_in()
    await person.go_on_duty()
    return person


@dataclass(kw_only=True)
class Texter:
    """Somebody with a mobile telephone who writes SMS."""

    service: Service
    number: str

    def write(self, words: str) -> None:
        self.service.simulator.messages.receive(from_=self.number, to=SMS_NUMBER, body=words)

    @property
    def received(self) -> list[Message]:
        return [
            message
            for message in self.service.simulator.messages.all()
            if message.to == self.number and message.direction != "inbound"
        ]

    async def reads(self, words: str) -> Message:
        """Wait for a text that holds these words."""
        return await _eventually(
            self.service, lambda: next((text for text in self.received if words in text.body), None)
        )


@dataclass(kw_only=True)
class Writer:
    """Somebody who writes on Telegram."""

    service: Service
    person: int

    def write(self, words: str) -> None:
        self.service.simulator.telegram.say(self.person, words)

    @property
    def received(self) -> list[dict[str, object]]:
        chat = self.service.simulator.telegram.private_chat(self.person)
        return [message for message in chat.messages.values() if message["from"]["is_bot"]]

    async def reads(self, words: str) -> dict[str, object]:
        """Wait for a message that holds these words."""
        return await _eventually(
            self.service,
            lambda: next((message for message in self.received if words in str(message.get("text", ""))), None),
        )

    async def presses(self, words: str, button: str) -> None:
        """Press the button with this label below the message with these words."""
        message = await self.reads(words)
        markup = message["reply_markup"]
        assert isinstance(markup, dict)
        keys = [key for row in markup["inline_keyboard"] for key in row]
        pressed = next(key for key in keys if key["text"] == button)
        message_id = message["message_id"]
        assert isinstance(message_id, int)
        self.service.simulator.telegram.press(self.person, message_id, pressed["callback_data"])


@dataclass(kw_only=True)
class Caller:
    """Somebody with a telephone; `number` None withholds it."""

    service: Service
    number: str | None
    call: str = ""

    async def calls(self) -> None:
        self.call = await self.service.simulator.calls.place_call(self.number, VOICE_NUMBER)
        await self.service.simulator.calls.settled()

    async def presses(self, keys: str) -> None:
        self.service.simulator.calls.press(self.call, keys)
        await self.service.simulator.calls.settled()

    def hangs_up(self) -> None:
        self.service.simulator.calls.hang_up(self.call)

    @property
    def heard(self) -> str:
        """Everything said so far, as one text."""
        return heard(self.service, self.call)

    async def hears(self, words: str) -> None:
        await _eventually(self.service, lambda: words in self.heard or None)

    @property
    def status(self) -> str:
        return str(self.service.simulator.calls.leg(self.call).as_dict()["status"])


def heard(service: Service, call: str) -> str:
    """What one leg has heard said."""
    lines = service.simulator.calls.leg(call).as_dict()["heard"]
    return "\n".join(line["text"] for line in lines if line["sound"] == "say")


async def rings(service: Service, phone: str) -> str:
    """Wait until this telephone rings. Returns the leg's id."""
    return await _eventually(
        service,
        lambda: next(
            (
                str(leg["sid"])
                for leg in service.simulator.calls.legs()
                if leg["to"] == phone and leg["status"] == "ringing"
            ),
            None,
        ),
    )


async def picks_up_and_accepts(service: Service, advisor: AdvisorAtWork) -> str:
    """The advisor answers the own telephone and presses a key. Returns the leg's id."""
    leg = await rings(service, advisor.phone)
    service.simulator.calls.answer(leg)
    await service.simulator.calls.settled()
    service.simulator.calls.press(leg, "1")
    return leg


async def in_conversation(service: Service, *calls: str) -> None:
    """Wait until these telephones are in a room together."""
    await _eventually(
        service,
        lambda: all(service.simulator.calls.leg(call).as_dict()["expects"] == "conference" for call in calls) or None,
    )


async def advisor_row(service: Service, advisor_id: int) -> Advisor:
    async with service.database.reading() as session:
        found = await session.get(Advisor, advisor_id)
    assert found is not None
    return found


async def _eventually(service: Service, look: Callable[[], Found | None]) -> Found:
    found: list[Found] = []

    def there() -> bool:
        seen = look()
        if seen is not None:
            found.append(seen)
        return seen is not None

    async with asyncio.timeout(DEADLINE):
        await service.simulator.changes.until(there)
    return found[-1]
