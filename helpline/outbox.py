"""The outbox loop: due deliveries leave, oldest first per contact, and what became of them is written down.

No provider call happens inside a transaction. A result that stays unknown is looked up where the provider can be
asked, and otherwise sent once more and marked: rather twice than never.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from helpline.clock import Clock
from helpline.core.codes import Channel
from helpline.core.retry import next_try
from helpline.desk import delivered, leg, letter_file
from helpline.desk.house import House
from helpline.desk.letter_file import CannotMakeFile
from helpline.desk.sending import AnswerLost, Outgoing, Refused, Sender, Sent, TryLater
from helpline.errors import CannotStore
from helpline.logs import get
from helpline.store import deliveries, notices
from helpline.store.db import Database, WriteSession
from helpline.store.tables import Delivery, DeliveryKind

log = get("helpline.outbox")

#: Longer than any provider call may take, so that a lease never runs out under a living sender.
LEASE = timedelta(seconds=60)
#: How many go out at once.
AT_ONCE = 16
#: A ring, redirect or hang-up that is this old helps nobody any more.
CALL_ORDER_KEPT = timedelta(minutes=2)
_CALL_ORDERS = (DeliveryKind.RING, DeliveryKind.REDIRECT, DeliveryKind.HANG_UP)


class Outbox:
    """Sends what is due until stopped. `wake` ends its rest early."""

    def __init__(
        self, database: Database, senders: Mapping[Channel, Sender], *, house: House, clock: Clock, name: str = ""
    ) -> None:
        self._database = database
        self._senders = senders
        self._house = house
        self._clock = clock
        self._owner = f"{name}:{uuid4().hex[:12]}"
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin. On SQLite there is one process, so every lease left behind belongs to one that is gone."""
        if self._database.is_sqlite:
            async with self._database.writing() as session:
                await deliveries.void_leases(session)
        self._task = asyncio.create_task(self._run(), name="outbox")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                sent = await self.send_due()
            except CannotStore:
                log.error("outbox_cannot_store")
                sent = 0
            except Exception:
                # One thing that nobody thought of must not silence everything that goes out.
                log.exception("outbox_stumbled")
                sent = 0
            if sent == 0:
                # Not `wait_for`: before Python 3.12 it loses a stop that comes in the moment of a wake, and whoever
                # stops us waits for ever.
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self._wake.wait()

    async def send_due(self) -> int:
        """One round. Returns how many deliveries were taken up."""
        async with self._database.reading() as reading:
            if not await deliveries.any_due(reading, now=self._clock.now()):
                return 0
        async with self._database.writing() as session:
            now = self._clock.now()
            due = await deliveries.claim_due(session, owner=self._owner, now=now, lease=LEASE, limit=AT_ONCE)
            outgoing = []
            for delivery in due:
                tried_before = delivery.first_tried_at is not None
                delivery.first_tried_at = delivery.first_tried_at or now
                opened = _opened(session, delivery, now)
                if tried_before and delivery.contact_id is not None:
                    others = await deliveries.provider_ids(session, delivery.contact_id, but=delivery.id)
                    opened = replace(opened, others=others)
                outgoing.append((opened, tried_before, delivery.repeated, delivery.tries))
        # Each to its end, whatever becomes of the others; what could not be written down is looked up later.
        ends = await asyncio.gather(*(self._one(*one) for one in outgoing), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return len(outgoing)

    async def _one(self, outgoing: Outgoing, tried_before: bool, repeated: bool, tries: int) -> None:
        sender = self._senders.get(outgoing.channel)
        again = False
        #: An earlier try may have arrived. That stays so until a look-up or a second sending settles it.
        unknown = tried_before
        try:
            if sender is None:
                raise Refused("channel_off")
            if outgoing.kind in _CALL_ORDERS and self._clock.now() - outgoing.created_at > CALL_ORDER_KEPT:
                raise Refused("too_late")
            sent = None
            if tried_before:
                try:
                    sent = await sender.find(outgoing)
                    unknown = False
                except LookupError:
                    if repeated:
                        raise Refused("gave_up") from None
                    again = True
            if sent is None:
                sent = await sender.send(await self._with_file(outgoing))
        except Refused as refusal:
            await self._failed(outgoing, refusal.code)
        except TryLater as later:
            await self._later(outgoing, later.code, tries, later.retry_after, certain=not unknown)
        except AnswerLost as lost:
            await self._later(outgoing, lost.code, tries, None, certain=False, repeated=again)
        except Exception:
            # A sender that stumbles over one message: it may have left, and the others must.
            log.exception("sender_stumbled", delivery=outgoing.delivery_id)
            await self._later(outgoing, "stumbled", tries, None, certain=False, repeated=again)
        else:
            await self._sent(outgoing, sent, repeated=again)

    async def _with_file(self, outgoing: Outgoing) -> Outgoing:
        """A letter becomes a file only now, outside any transaction, for that takes a moment."""
        if outgoing.kind is not DeliveryKind.DOCUMENT or "letter" not in outgoing.data:
            return outgoing
        try:
            made = await letter_file.of_answers(outgoing.text, house=self._house, **outgoing.data["letter"])
        except CannotMakeFile as error:
            raise TryLater("no_file") from error
        return replace(outgoing, file=made)

    async def _sent(self, outgoing: Outgoing, sent: Sent, *, repeated: bool) -> None:
        async with self._database.writing() as session:
            now = self._clock.now()
            await deliveries.sent(
                session,
                outgoing.delivery_id,
                provider_id=sent.provider_id,
                parts=sent.parts,
                repeated=repeated,
                now=now,
            )
            if outgoing.kind is DeliveryKind.RING and outgoing.leg_id is not None and sent.provider_id is not None:
                await leg.placed(session, outgoing.leg_id, sent.provider_id, now=now)
            self._notice(session, outgoing, now)

    async def _failed(self, outgoing: Outgoing, code: str) -> None:
        async with self._database.writing() as session:
            await delivered.fail(session, outgoing.delivery_id, code, house=self._house, now=self._clock.now())

    async def _later(
        self,
        outgoing: Outgoing,
        code: str,
        tries: int,
        retry_after: timedelta | None,
        *,
        certain: bool,
        repeated: bool = False,
    ) -> None:
        now = self._clock.now()
        due = next_try(tries, now=now, retry_after=retry_after, jitter=random.random())
        log.warning("delivery_later", delivery=outgoing.delivery_id, code=code, certain=certain)
        if due is None:
            await self._failed(outgoing, "gave_up")
            return
        async with self._database.writing() as session:
            await deliveries.put_back(
                session, outgoing.delivery_id, due_at=due, error=code, forget_try=certain, repeated=repeated
            )
            self._notice(session, outgoing, now)

    def _notice(self, session: WriteSession, outgoing: Outgoing, now: datetime) -> None:
        if outgoing.contact_id is not None:
            notices.give(session, notices.CONTACT, now=now, contact_id=outgoing.contact_id)


def _opened(session: WriteSession, delivery: Delivery, now: datetime) -> Outgoing:
    return Outgoing(
        delivery_id=delivery.id,
        contact_id=delivery.contact_id,
        leg_id=delivery.leg_id,
        channel=delivery.channel,
        kind=delivery.kind,
        to=deliveries.address(session, delivery),
        text=deliveries.words(session, delivery) or "",
        urgency=delivery.urgency,
        created_at=delivery.created_at,
        first_tried_at=delivery.first_tried_at or now,
        data=dict(delivery.data),
    )
