"""The outbox: what leaves, in what order, how often, and what becomes of what fails."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import EntryKind
from helpline.core.turn import InboundKind
from helpline.desk import attend, delivered
from helpline.desk.house import House
from helpline.desk.sending import AnswerLost, Outgoing, Refused, Sent, TryLater
from helpline.outbox import CALL_ORDER_KEPT, LEASE, Outbox
from helpline.store import deliveries
from helpline.store.db import Database
from helpline.store.tables import Delivery, DeliveryKind, DeliveryState
from tests.conftest import HandClock
from tests.desk import line as lines
from tests.desk.line import KARI, OLA, Line

RED = "Jeg orker ikke leve lenger, jeg skal ta livet mitt i kveld"


@dataclass
class Provider:
    """A sender that does as it is told, one answer after the other, and remembers what arrived."""

    answers: list[Exception | None] = field(default_factory=list)
    looks_up: bool = True
    arrived: list[str] = field(default_factory=list)
    arrived_to: list[str | None] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    lookups: int = 0
    lookup_answers: list[Exception] = field(default_factory=list)
    #: Whether what is lost on the way back had arrived all the same.
    lost_arrives: bool = True

    async def send(self, outgoing: Outgoing) -> Sent:
        self.tried.append(outgoing.text)
        answer = self.answers.pop(0) if self.answers else None
        if answer is None or (isinstance(answer, AnswerLost) and self.lost_arrives):
            self.arrived.append(outgoing.text)
            self.arrived_to.append(outgoing.to)
        if answer is not None:
            raise answer
        return Sent(provider_id=f"SM{len(self.arrived)}", parts=1)

    async def find(self, outgoing: Outgoing) -> Sent | None:
        self.lookups += 1
        if not self.looks_up:
            raise LookupError("no look-up here")
        if self.lookup_answers:
            raise self.lookup_answers.pop(0)
        for number, (text, to) in enumerate(zip(self.arrived, self.arrived_to, strict=True), start=1):
            if (text, to) == (outgoing.text, outgoing.to) and f"SM{number}" not in outgoing.others:
                return Sent(provider_id=f"SM{number}", parts=1)
        return None


@pytest.fixture
async def line(database: Database, house: House, clock: HandClock) -> Line:
    return await lines.opened(database, house, clock)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def outbox(line: Line, provider: Provider) -> Outbox:
    return Outbox(line.database, {Channel.SMS: provider}, house=line.house, clock=line.clock)


async def put(line: Line, *texts: str, urgency: Urgency = Urgency.GREEN, contact_id: int | None = None) -> list[int]:
    """Texts on their way to one contact (a new one of Kari's unless given); their delivery ids."""
    if contact_id is None:
        await line.turn("hei")
        contact_id = (await line.contact()).id
        async with line.database.writing() as session:
            await deliveries.cancel_pending(session, contact_id)
    ids = []
    async with line.database.writing() as session:
        for text in texts:
            delivery_id = await deliveries.queue(
                session,
                contact_id=contact_id,
                channel=Channel.SMS,
                kind=DeliveryKind.TEXT,
                now=line.clock.now(),
                to=KARI,
                text=text,
                urgency=urgency,
                automatic=True,
            )
            ids.append(delivery_id)
    return ids


async def delivery(line: Line, delivery_id: int) -> Delivery:
    async with line.database.reading() as session:
        found = await deliveries.by_id(session, delivery_id)
    assert found is not None
    return found


async def drain(outbox: Outbox, *, rounds: int = 20) -> int:
    """Send until nothing is due now."""
    return sum([await outbox.send_due() for _ in range(rounds)])


async def test_a_stop_in_the_moment_of_a_wake_is_a_stop(outbox: Outbox) -> None:
    await outbox.start()
    # Until it has looked, found nothing, and waits.
    await asyncio.sleep(0.2)
    outbox.wake()
    stopping = asyncio.create_task(outbox.stop())
    stopped, _ = await asyncio.wait({stopping}, timeout=5)
    assert stopped


async def test_a_contact_is_written_to_in_order(line: Line, outbox: Outbox, provider: Provider) -> None:
    await put(line, *[f"nr. {number}" for number in range(5)])
    await drain(outbox)

    assert provider.arrived == [f"nr. {number}" for number in range(5)]


async def test_what_waits_for_another_try_holds_back_what_comes_after(
    line: Line, outbox: Outbox, provider: Provider
) -> None:
    provider.answers = [TryLater("503")]
    await put(line, "først", "så")
    await drain(outbox)
    assert provider.arrived == []

    line.clock.advance(seconds=10)
    await drain(outbox)
    assert provider.arrived == ["først", "så"]


async def test_red_goes_first_and_past_whatever_holds_its_contact_back(
    line: Line, outbox: Outbox, provider: Provider
) -> None:
    """Behind one that is tried again later and a reply that may still be taken back."""
    provider.answers = [TryLater("503", retry_after=timedelta(hours=1))]
    [first] = await put(line, "treg")
    await drain(outbox)
    contact_id = (await delivery(line, first)).contact_id
    await put(line, "grønn", contact_id=contact_id)
    await put(line, "rød en", "rød to", urgency=Urgency.RED, contact_id=contact_id)
    await drain(outbox)

    assert provider.arrived == ["rød en", "rød to"]
    line.clock.advance(hours=1)
    await drain(outbox)
    assert provider.arrived == ["rød en", "rød to", "treg", "grønn"]


async def test_red_goes_before_the_others_of_other_contacts(line: Line, provider: Provider) -> None:
    for number in range(20):
        await line.turn("hei", who=f"+47900007{number:02}")
    await line.turn(RED, who=OLA)
    outbox = Outbox(line.database, {Channel.SMS: provider}, house=line.house, clock=line.clock)
    await outbox.send_due()

    assert "113" in provider.tried[-1] or any("113" in text.split("\n")[0] for text in provider.tried[:16])
    async with line.database.reading() as session:
        claimed = [row for row in await deliveries.of_contact(session, (await line.contact()).id)]
    assert claimed[0].state is DeliveryState.SENT


async def test_retries_wait_longer_each_time_and_no_less_than_asked(
    line: Line, outbox: Outbox, provider: Provider
) -> None:
    provider.answers = [TryLater("20429", retry_after=timedelta(seconds=90)), TryLater("503"), TryLater("503")]
    [text] = await put(line, "hei du")
    waits = []
    for _ in range(3):
        await drain(outbox)
        waits.append((await delivery(line, text)).due_at - line.clock.now())
        line.clock.advance(seconds=waits[-1].total_seconds())
    await drain(outbox)

    assert waits[0] >= timedelta(seconds=90)
    assert timedelta(seconds=7) <= waits[1] <= timedelta(seconds=13)
    assert timedelta(seconds=15) <= waits[2] <= timedelta(seconds=25)
    assert provider.arrived == ["hei du"]
    assert provider.lookups == 0, "it has certainly not left, so there is nothing to look up"
    assert (await delivery(line, text)).tries == 4


async def test_after_a_day_it_is_given_up_and_said(line: Line, outbox: Outbox, provider: Provider) -> None:
    [text] = await put(line, "hei du")
    provider.answers = [TryLater("503")] * 100
    for _ in range(60):
        await drain(outbox, rounds=1)
        line.clock.advance(hours=1, minutes=16)

    assert (await delivery(line, text)).state is DeliveryState.FAILED
    [entry] = await line.entries(EntryKind.DELIVERY_FAILED)
    assert entry.data["error"] == "gave_up"


@pytest.mark.parametrize(
    ("urgency", "code", "loud"),
    [(Urgency.RED, "21610", True), (Urgency.GREEN, "21610", None), (Urgency.GREEN, "21614", None)],
)
async def test_what_is_refused_becomes_an_entry_that_the_advisor_sees(
    line: Line, outbox: Outbox, provider: Provider, urgency: Urgency, code: str, loud: bool | None
) -> None:
    provider.answers = [Refused(code)]
    first, second = await put(line, "til deg", "og mer", urgency=urgency)
    await drain(outbox)

    assert [(await delivery(line, one)).state for one in (first, second)] == [DeliveryState.FAILED, DeliveryState.SENT]
    [entry] = await line.entries(EntryKind.DELIVERY_FAILED)
    assert (entry.data["error"], entry.data.get("loud")) == (code, loud)
    assert provider.tried == ["til deg", "og mer"], "never tried again"


async def test_a_channel_that_is_off_says_so(line: Line, outbox: Outbox) -> None:
    await line.turn("hei", channel=Channel.TELEGRAM, who="501")
    await drain(outbox)

    assert [one.data["error"] for one in await line.entries(EntryKind.DELIVERY_FAILED)] == ["channel_off"]


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_unknown_result_is_looked_up_and_never_doubled(
    line: Line, outbox: Outbox, provider: Provider, arrived: bool
) -> None:
    provider.answers = [AnswerLost("no_answer")]
    provider.lost_arrives = arrived
    provider.lookup_answers = [TryLater("503"), TryLater("503")]
    [text] = await put(line, "hei du")
    for _ in range(6):
        await drain(outbox, rounds=2)
        line.clock.advance(minutes=1)

    assert provider.arrived == ["hei du"]
    assert provider.lookups == 3, "a look-up that fails leaves the question open"
    assert provider.tried == ["hei du"] * (1 if arrived else 2)
    found = await delivery(line, text)
    assert (found.state, found.provider_id, found.repeated) == (DeliveryState.SENT, "SM1", False)


async def test_the_same_words_sent_before_are_not_taken_for_the_lost_ones(
    line: Line, outbox: Outbox, provider: Provider
) -> None:
    [first] = await put(line, "Hva vil du gjøre?")
    await drain(outbox)
    provider.answers, provider.lost_arrives = [AnswerLost("no_answer")], False
    await put(line, "Hva vil du gjøre?", contact_id=(await delivery(line, first)).contact_id)
    await drain(outbox)
    line.clock.advance(minutes=1)
    await drain(outbox)

    assert provider.arrived == ["Hva vil du gjøre?"] * 2


async def test_without_a_look_up_it_goes_once_more_and_is_marked(
    line: Line, outbox: Outbox, provider: Provider
) -> None:
    provider.looks_up = False
    provider.answers = [AnswerLost("no_answer"), TryLater("20429")]
    [text] = await put(line, "hei du")
    for _ in range(4):
        await drain(outbox, rounds=2)
        line.clock.advance(minutes=1)

    assert provider.arrived == ["hei du"] * 2
    found = await delivery(line, text)
    assert (found.state, found.repeated) == (DeliveryState.SENT, True)


async def test_without_a_look_up_it_is_never_sent_a_third_time(line: Line, outbox: Outbox, provider: Provider) -> None:
    provider.looks_up = False
    provider.answers = [AnswerLost("no_answer")] * 5
    [text] = await put(line, "hei du")
    for _ in range(6):
        await drain(outbox, rounds=2)
        line.clock.advance(minutes=5)

    assert provider.arrived == ["hei du"] * 2
    assert (await delivery(line, text)).state is DeliveryState.FAILED
    assert len(await line.entries(EntryKind.DELIVERY_FAILED)) == 1


async def test_one_message_that_makes_a_sender_stumble_holds_nobody_else_back(
    line: Line, outbox: Outbox, provider: Provider
) -> None:
    await line.turn("hei", who=KARI)
    await line.turn("hei", who=OLA)
    provider.answers = [ValueError("nobody thought of this")]
    provider.lost_arrives = False
    await drain(outbox, rounds=2)
    assert len(provider.arrived) == 1

    line.clock.advance(minutes=1)
    await drain(outbox)
    assert len(provider.arrived) == 2


async def test_a_process_that_died_leaves_a_lease_that_is_void(line: Line, provider: Provider) -> None:
    """On SQLite at the next start, on PostgreSQL when the lease runs out; then it is looked up before it is sent."""
    [text] = await put(line, "hei du")
    async with line.database.writing() as session:
        [claimed] = await deliveries.claim_due(session, owner="dead", now=line.clock.now(), lease=LEASE, limit=10)
        claimed.first_tried_at = line.clock.now()
    provider.arrived.append("hei du")
    provider.arrived_to.append(KARI)
    survivor = Outbox(line.database, {Channel.SMS: provider}, house=line.house, clock=line.clock)
    assert await survivor.send_due() == 0, "the lease still stands"

    if line.database.is_sqlite:
        await survivor.start()
        await survivor.stop()
    else:
        line.clock.advance(seconds=LEASE.total_seconds() + 1)
    await drain(survivor)

    assert provider.arrived == ["hei du"]
    assert provider.lookups == 1
    assert (await delivery(line, text)).state is DeliveryState.SENT


async def test_two_outboxes_share_the_work_and_never_the_same_message(line: Line, provider: Provider) -> None:
    for number in range(30):
        await line.turn("hei", who=f"+47900007{number:02}")
    both = [
        Outbox(line.database, {Channel.SMS: provider}, house=line.house, clock=line.clock, name=name) for name in "ab"
    ]
    for _ in range(6):
        for one in both:
            await one.send_due()

    assert len(provider.tried) == 30


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [
        (DeliveryState.DELIVERED, DeliveryState.SENT, DeliveryState.DELIVERED),
        (DeliveryState.READ, DeliveryState.DELIVERED, DeliveryState.READ),
        (DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.DELIVERED),
        (DeliveryState.FAILED, DeliveryState.DELIVERED, DeliveryState.FAILED),
        (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.DELIVERED),
        (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.FAILED),
    ],
)
async def test_states_never_move_backwards(
    line: Line, outbox: Outbox, first: DeliveryState, then: DeliveryState, stays: DeliveryState
) -> None:
    [text] = await put(line, "hei du")
    await drain(outbox)
    async with line.database.writing() as session:
        for state in (first, then):
            await delivered.status_changed(session, "SM1", state, code="30005", house=line.house, now=line.clock.now())

    assert (await delivery(line, text)).state is stays
    failed = await line.entries(EntryKind.DELIVERY_FAILED)
    assert len(failed) == (1 if stays is DeliveryState.FAILED else 0)


async def test_a_status_that_comes_before_the_id_is_stored_is_kept(line: Line, outbox: Outbox) -> None:
    [text] = await put(line, "hei du")
    async with line.database.writing() as session:
        await deliveries.claim_due(session, owner="me", now=line.clock.now(), lease=LEASE, limit=1)
    async with line.database.writing() as session:
        await delivered.status_changed(
            session, "SM9", DeliveryState.DELIVERED, code=None, house=line.house, now=line.clock.now(), delivery_id=text
        )
        await delivered.status_changed(
            session, "SM404", DeliveryState.DELIVERED, code=None, house=line.house, now=line.clock.now()
        )
        await deliveries.sent(session, text, provider_id="SM9", parts=2, repeated=True, now=line.clock.now())

    found = await delivery(line, text)
    assert (found.state, found.provider_id, found.parts) == (DeliveryState.DELIVERED, "SM9", 2)
    assert (found.repeated, found.sent_at, found.lease_until) == (True, line.clock.now(), None)


async def test_a_reply_leaves_after_its_ten_seconds_unless_taken_back(
    line: Line, outbox: Outbox, provider: Provider
) -> None:
    advisor = await line.advisor()
    await line.turn("rådgiver")
    contact = await line.accept(advisor)
    await drain(outbox)
    provider.arrived.clear()

    async def reply(text: str) -> int:
        async with line.database.writing() as session:
            return await attend.reply(
                session, contact.id, text, house=line.house, advisor=advisor, now=line.clock.now()
            )

    kept, taken = await reply("beholdes"), await reply("angres")
    await drain(outbox)
    assert provider.arrived == []
    async with line.database.writing() as session:
        await attend.undo(session, taken, advisor=advisor, now=line.clock.now())
    line.clock.advance(seconds=10)
    await drain(outbox)

    assert provider.arrived == ["beholdes"]
    assert [(await delivery(line, one)).state for one in (kept, taken)] == [DeliveryState.SENT, DeliveryState.CANCELLED]


async def test_an_order_to_ring_that_is_old_helps_nobody(line: Line) -> None:
    advisor = await line.advisor()
    ringer = Provider()
    outbox = Outbox(line.database, {Channel.PHONE: ringer}, house=line.house, clock=line.clock)
    await line.turn(channel=Channel.PHONE, kind=InboundKind.CALL, call_sid="CA1")
    await line.turn("1", channel=Channel.PHONE, kind=InboundKind.KEYS, call_sid="CA1", turn=1)
    await line.accept(advisor)
    line.clock.advance(seconds=CALL_ORDER_KEPT.total_seconds() + 1)
    await drain(outbox)

    assert ringer.tried == []
    assert (await line.contact()).state.value in ("waiting", "offered"), "back in the queue, not stuck"


async def test_words_erased_while_they_were_on_their_way_are_not_sent_again(
    line: Line, outbox: Outbox, provider: Provider
) -> None:
    provider.answers = [TryLater("503")]
    await line.turn("hei")
    await drain(outbox, rounds=1)
    await line.turn("SLETT")
    line.clock.advance(minutes=1)
    await drain(outbox)

    assert provider.arrived == ["Det du skrev til oss, er slettet. Husk å slette hos deg også."]
