"""A line to write to in tests: what a caller writes goes through `receive`, and what they read is what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import select

from helpline.core.codes import Channel
from helpline.core.contact import ContactState, EntryKind
from helpline.core.turn import Inbound, InboundKind, Turn
from helpline.desk import close, duty, erase, offer
from helpline.desk.house import House
from helpline.desk.receive import receive
from helpline.store import advisors, contacts, deliveries, offers
from helpline.store.db import Database
from helpline.store.tables import Advisor, Contact, Delivery, DeliveryKind, Entry, Offer, Record
from tests.conftest import HandClock, add_advisor, open_all_week

#: Numbers of nobody: 900 00 xxx is not given out in series to people in these tests' world.
KARI, OLA = "+4790000201", "+4790000202"


@dataclass(kw_only=True)
class Line:
    """A desk with its database and clock."""

    database: Database
    house: House
    clock: HandClock
    _ids: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]  # a counter of whole numbers

    async def turn(
        self,
        words: str = "",
        *,
        who: str | None = KARI,
        channel: Channel = Channel.SMS,
        kind: InboundKind = InboundKind.TEXT,
        id: str | None = None,
        **more: object,
    ) -> Turn:
        """One inbound event in a transaction of its own."""
        inbound = Inbound(
            provider="telegram" if channel is Channel.TELEGRAM else "twilio",
            account="account",
            external_id=id or f"event-{next(self._ids)}",
            channel=channel,
            kind=kind,
            handle=who,
            text=words,
            **{"raw": f"From={who}&Body={words}", **more},  # type: ignore[arg-type]  # fields of Inbound by name
        )
        async with self.database.writing() as session:
            return await receive(session, inbound, house=self.house, now=self.clock.now())

    async def write(self, words: str = "", **more: object) -> list[str]:
        """Write, and read what comes back: each text with its numbered choices below."""
        async with self.database.reading() as session:
            before = await session.scalar(select(Delivery.id).order_by(Delivery.id.desc()).limit(1)) or 0
        await self.turn(words, **more)  # type: ignore[arg-type]  # the arguments of `turn` by name
        return await self.sent(after=before)

    async def sent(self, *, after: int = 0) -> list[str]:
        """Texts put on their way, oldest first."""
        async with self.database.reading() as session:
            rows = await session.scalars(
                select(Delivery).where(Delivery.id > after, Delivery.kind == DeliveryKind.TEXT).order_by(Delivery.id)
            )
            return [
                "\n".join(
                    [
                        deliveries.words(session, row) or "",
                        *(f"{key} = {label}" for key, label in row.data.get("choices", [])),
                    ]
                )
                for row in rows
            ]

    async def buttons(self) -> tuple[str, dict[str, str]]:
        """The step and the buttons (label to key) of the message that was sent or changed last."""
        async with self.database.reading() as session:
            last = await session.scalar(select(Delivery).order_by(Delivery.id.desc()).limit(1))
        assert last is not None
        return last.data.get("step", ""), {label: key for key, label in last.data.get("choices", [])}

    async def press(self, label: str, *, who: str = "501", **more: object) -> list[str]:
        """Press the button that reads so below the last message on Telegram, and read what comes back."""
        step, buttons = await self.buttons()
        key = next((buttons[one] for one in buttons if one.removeprefix("✓ ") == label), None)
        assert key is not None, f"no button «{label}» among {list(buttons)}"
        return await self.write(
            key, who=who, channel=Channel.TELEGRAM, kind=InboundKind.CHOICE, step=step, message_id="77", **more
        )

    async def documents(self) -> list[Delivery]:
        """Files put on their way, oldest first."""
        async with self.database.reading() as session:
            rows = await session.scalars(
                select(Delivery).where(Delivery.kind == DeliveryKind.DOCUMENT).order_by(Delivery.id)
            )
            return list(rows)

    async def close_silent(self) -> None:
        """The sweep that closes guided conversations that fell silent."""
        async with self.database.writing() as session:
            await erase.close_silent(session, house=self.house, now=self.clock.now())

    async def to_whom(self) -> list[str | None]:
        """The handles that texts are on their way to, oldest first."""
        async with self.database.reading() as session:
            rows = await session.scalars(select(Delivery).order_by(Delivery.id))
            return [deliveries.address(session, row) for row in rows]

    async def contacts(self) -> Sequence[Contact]:
        """Every contact, oldest first."""
        async with self.database.reading() as session:
            return (await session.scalars(select(Contact).order_by(Contact.id))).all()

    async def contact(self) -> Contact:
        """The newest contact."""
        return (await self.contacts())[-1]

    async def states(self) -> list[ContactState]:
        return [contact.state for contact in await self.contacts()]

    async def course(self, contact_id: int | None = None) -> list[tuple[EntryKind, str | None]]:
        """What an advisor sees of a contact (the newest): kinds and words in order."""
        contact_id = contact_id or (await self.contact()).id
        async with self.database.reading() as session:
            return [(one.kind, contacts.words(session, one)) for one in await contacts.entries(session, contact_id)]

    async def entries(self, kind: EntryKind) -> list[Entry]:
        """Lines of one kind over all contacts."""
        async with self.database.reading() as session:
            return list(await session.scalars(select(Entry).where(Entry.kind == kind).order_by(Entry.id)))

    async def offers(self) -> list[Offer]:
        """Every offer ever made, oldest first."""
        async with self.database.reading() as session:
            return list(await session.scalars(select(Offer).order_by(Offer.id)))

    async def offered_to(self, advisor: Advisor) -> Offer | None:
        async with self.database.reading() as session:
            return await offers.open_for_advisor(session, advisor.id)

    async def records(self) -> list[Record]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(Record).order_by(Record.opened_at, Record.record_id)))

    async def advisor(self, name: str = "Rådgiver En", *, on_duty: bool = True, **more: object) -> Advisor:
        """An advisor, on duty unless told otherwise."""
        advisor = await add_advisor(self.database, self.clock, name, **more)  # type: ignore[arg-type]
        if on_duty:
            await self.on_duty(advisor)
        return advisor

    async def now_of(self, advisor: Advisor) -> Advisor:
        """The advisor as the database has them now."""
        async with self.database.reading() as session:
            found = await advisors.by_id(session, advisor.id)
            assert found is not None
            return found

    async def on_duty(self, advisor: Advisor) -> None:
        async with self.database.writing() as session:
            await duty.go_on(session, advisor, house=self.house, now=self.clock.now())

    async def off_duty(self, advisor: Advisor) -> None:
        async with self.database.writing() as session:
            await duty.go_off(session, advisor, house=self.house, now=self.clock.now())

    async def accept(self, advisor: Advisor) -> Contact:
        """Say yes to what is being offered."""
        standing = await self.offered_to(advisor)
        assert standing is not None, f"nothing is offered to {advisor.name}"
        async with self.database.writing() as session:
            return await offer.accept(session, standing.id, house=self.house, advisor=advisor, now=self.clock.now())

    async def take(self, advisor: Advisor, contact_id: int) -> Contact:
        async with self.database.writing() as session:
            return await offer.take(session, contact_id, house=self.house, advisor=advisor, now=self.clock.now())

    async def pass_on(self, advisor: Advisor) -> None:
        standing = await self.offered_to(advisor)
        assert standing is not None
        async with self.database.writing() as session:
            await offer.pass_on(session, standing.id, house=self.house, advisor=advisor, now=self.clock.now())

    async def expire(self) -> int:
        async with self.database.writing() as session:
            return await offer.expire(session, house=self.house, now=self.clock.now())

    async def close(self, advisor: Advisor, contact_id: int, **more: object) -> None:
        answers = {"outcome": "counselled", "answers": {}} | more
        async with self.database.writing() as session:
            await close.close(
                session,
                contact_id,
                house=self.house,
                advisor=advisor,
                now=self.clock.now(),
                **answers,  # type: ignore[arg-type]  # outcome, answers and say_goodbye by name
            )

    async def forget(self) -> None:
        """The sweep that erases by the clock."""
        async with self.database.writing() as session:
            await erase.by_the_clock(session, house=self.house, now=self.clock.now())


async def opened(database: Database, house: House, clock: HandClock) -> Line:
    """A line that is open from 10 to 15 every day."""
    await open_all_week(database)
    return Line(database=database, house=house, clock=clock)
