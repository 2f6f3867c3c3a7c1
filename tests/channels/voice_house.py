"""The real service beside the simulator's telephones: calls are walked as the people in them live them.

Both share one clock that is moved by hand. Webhooks reach the application itself; its REST requests go over HTTP.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from fastapi import FastAPI

from helpline import app as wiring
from helpline.channels.twilio import TwilioAccount, overrides
from helpline.channels.voice import VoiceSender, catch_up_calls
from helpline.clock import Timetable, timetable
from helpline.core.codes import Channel, Outcome
from helpline.core.contact import EntryKind
from helpline.core.duty import Duty
from helpline.desk import close, duty, offer
from helpline.outbox import Outbox
from helpline.simulator.app import create_simulator
from helpline.simulator.calls import Calls
from helpline.simulator.clock import ManualClock
from helpline.simulator.state import Simulator
from helpline.store import advisors, contacts, deliveries, offers, records
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.notices import for_database
from helpline.store.tables import Advisor, Contact, Delivery, Record
from tests.conftest import (
    MONDAY,
    VOICE_NUMBER,
    add_advisor,
    house_for,
    open_all_week,
    settings_for,
    simulator_settings,
)
from tests.serving import bound, serving

SERVICE = "http://line.example"
CALLER = "+4790000001"
OTHER_CALLER = "+4790000002"
ADVISOR_PHONE = "+4790000101"
SECOND_PHONE = "+4790000102"


@dataclass(kw_only=True)
class Line:
    """The telephone line and everybody on it."""

    app: FastAPI
    parts: wiring.Parts
    simulator: Simulator
    clock: ManualClock

    @property
    def calls(self) -> Calls:
        return self.simulator.calls

    # Time and traffic.

    async def settle(self) -> None:
        """Until everything waits for a person or for the clock, and nothing is left to send."""
        while True:
            await self.calls.settled()
            if await self.parts.outbox.send_due() == 0:
                break

    async def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            await self.clock.advance(1)
            await self.settle()

    async def leap(self, seconds: float) -> None:
        """Let much time pass at once."""
        await self.clock.advance(seconds)
        await self.settle()

    async def sweep(self, name: str) -> None:
        sweep = next(sweep for sweep in self.parts.timetable.sweeps if sweep.name == name)
        assert await self.parts.timetable.run(sweep)
        await self.settle()

    async def catch_up(self) -> int:
        assert self.parts.twilio is not None
        caught = await catch_up_calls(self.parts.twilio, self.parts.database, self.parts.house, self.parts.clock)
        await self.settle()
        return caught

    # People.

    async def ring(self, number: str | None = CALLER) -> str:
        sid = await self.calls.place_call(number, VOICE_NUMBER)
        await self.settle()
        return sid

    async def press(self, sid: str, keys: str) -> None:
        self.calls.press(sid, keys)
        await self.settle()

    async def hang_up(self, sid: str) -> None:
        self.calls.hang_up(sid)
        await self.settle()

    async def answer(self, sid: str) -> None:
        self.calls.answer(sid)
        await self.settle()

    async def advisor(self, name: str = "Rådgiver En", phone: str = ADVISOR_PHONE) -> Advisor:
        """An advisor on duty."""
        added = await add_advisor(self.parts.database, self.clock, name, phone=phone)  # type: ignore[arg-type]  # both clocks tell the time
        await self.on_duty(added)
        return added

    async def on_duty(self, advisor: Advisor) -> None:
        async with self.parts.database.writing() as session:
            found = await session.get(Advisor, advisor.id)
            assert found is not None
            await duty.go_on(session, found, house=self.parts.house, now=self.clock.now())
        await self.settle()

    async def accept(self, advisor: Advisor) -> str:
        """Accept what is held out to the advisor; the telephone that rings then."""
        async with self.parts.database.writing() as session:
            found = await session.get(Advisor, advisor.id)
            standing = await offers.open_for_advisor(session, advisor.id)
            assert found is not None
            assert standing is not None, "nothing is held out"
            await offer.accept(session, standing.id, house=self.parts.house, advisor=found, now=self.clock.now())
        await self.settle()
        return self.newest()

    async def close(self, contact_id: int, advisor: Advisor, outcome: Outcome = Outcome.COUNSELLED) -> None:
        async with self.parts.database.writing() as session:
            found = await session.get(Advisor, advisor.id)
            assert found is not None
            await close.close(
                session,
                contact_id,
                outcome=outcome,
                answers={},
                house=self.parts.house,
                advisor=found,
                now=self.clock.now(),
            )
        await self.settle()

    # What there is to see.

    def newest(self, to: str | None = None) -> str:
        """The newest telephone that we rang; "" when we rang none."""
        rung = (
            leg["sid"]
            for leg in reversed(self.calls.legs())
            if leg["direction"] != "inbound" and to in (None, leg["to"])
        )
        return next(rung, "")

    def heard(self, sid: str) -> str:
        """The words heard on a leg, one after the other."""
        return " ".join(line.text for line in self.calls.leg(sid).heard if line.sound in ("say", "voice", "note"))

    def heard_since(self, sid: str, count: int) -> str:
        return " ".join(line.text for line in self.calls.leg(sid).heard[count:] if line.sound in ("say", "note"))

    def count(self, sid: str) -> int:
        return len(self.calls.leg(sid).heard)

    def status(self, sid: str) -> str:
        return self.calls.leg(sid).status.value

    def expects(self, sid: str) -> str:
        return self.calls.leg(sid).expects.value

    async def contact(self, sid: str) -> Contact:
        async with self.parts.database.reading() as session:
            found = await contacts.by_call(session, sid)
        assert found is not None
        return found

    async def course(self, sid: str) -> list[EntryKind]:
        contact = await self.contact(sid)
        async with self.parts.database.reading() as session:
            return [entry.kind for entry in await contacts.entries(session, contact.id)]

    async def duty_of(self, advisor: Advisor) -> Duty:
        async with self.parts.database.reading() as session:
            found = await advisors.by_id(session, advisor.id)
        assert found is not None
        return found.duty

    async def everything(self) -> tuple[list[Contact], list[Record], list[Delivery]]:
        """All contacts, records and deliveries."""
        async with self.parts.database.reading() as session:
            found: list[Contact] = []
            for sid in (leg["sid"] for leg in self.calls.legs()):
                contact = await contacts.by_call(session, sid)
                if contact is not None:
                    found.append(contact)
            kept = [row for contact in found if (row := await records.of_contact(session, contact.id)) is not None]
            sent = [row for contact in found for row in await deliveries.of_contact(session, contact.id)]
        return found, kept, sent

    def alerts(self) -> Sequence[int]:
        return [alert.code for alert in self.simulator.alerts]


@asynccontextmanager
async def telephone_line(
    database_url: str, *, start: datetime = MONDAY, is_open: bool = True, **more: Any
) -> AsyncIterator[Line]:
    """The service and the simulator, started. Nothing breaks unseen: the provider's error log must be empty, unless a
    test reads it."""
    clock = ManualClock(start)
    simulator_socket, simulator_url = bound()
    settings = settings_for(
        database_url, service_url=SERVICE, twilio_api_url=simulator_url, telegram_token=None, **more
    )
    database = Database(settings.database_url, Keyring(settings.keys))
    account = TwilioAccount(settings)
    house = house_for(settings)
    # As `wiring.build` does, but with content that is read once for all tests, and only the telephone.
    parts = wiring.Parts(
        settings=settings,
        database=database,
        house=house,
        clock=clock,
        notices=for_database(database),
        outbox=Outbox(database, {Channel.PHONE: VoiceSender(account)}, house=house, clock=clock),
        timetable=Timetable(database, timetable(house, database), clock=clock),
        twilio=account,
        telegram=None,
    )
    app = wiring.create_app(parts, works=False)
    voice = f"{SERVICE}/webhooks/twilio/voice"
    simulator_app = create_simulator(
        settings=simulator_settings(
            SERVICE,
            voice_fallback_url=overrides(f"{voice}/fallback"),
            voice_status_url=overrides(f"{voice}/status"),
        ),
        clock=clock,
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
    )
    async with app.router.lifespan_context(app):
        if is_open:
            await open_all_week(parts.database)
        async with serving(simulator_app, simulator_socket):
            try:
                line = Line(app=app, parts=parts, simulator=simulator_app.state.simulator, clock=clock)
                yield line
                assert line.simulator.failures == []
                assert line.calls.board.failures == []
            finally:
                simulator_app.state.simulator.let_go()
