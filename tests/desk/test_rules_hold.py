"""Whatever callers and advisors do in whatever order, the rules of the queue hold (a stateful search on SQLite)."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from helpline.core.codes import Channel, Outcome, Urgency
from helpline.core.contact import IN_QUEUE, WITH_ADVISOR, ContactState
from helpline.core.duty import Duty, OfferState, PauseReason
from helpline.core.turn import InboundKind
from helpline.desk import attend, counters, duty, leg, offer
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.store import legs
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.tables import Advisor, Contact, Offer, RecordLink
from tests.conftest import SECRET_KEY, HandClock, open_all_week
from tests.desk.line import Line

T = TypeVar("T")
CALLERS = st.integers(0, 3)
ADVISORS = st.integers(0, 2)


class _OnlyLooking(Exception):
    """Takes back what was only tried."""


class Desk(RuleBasedStateMachine):
    """Three advisors and four handles; every rule is one request, refused or not."""

    house: ClassVar[House]
    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="helpline-rules-"))
        shutil.copy(self.template, self.folder / "helpline.db")
        self.calls = 0
        self.live: dict[int, str] = {}
        self.advisors: list[Advisor] = self.run(self._begin())

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(doing)

    async def _begin(self) -> list[Advisor]:
        database = Database(f"sqlite+aiosqlite:///{self.folder / 'helpline.db'}", Keyring([SECRET_KEY]))
        self.line = Line(database=database, house=self.house, clock=HandClock())
        await open_all_week(database)
        phones = ("+4790000101", "+4790000102", None)
        return [await self.line.advisor(f"Rådgiver {n}", phone=phone) for n, phone in enumerate(phones)]

    @initialize()
    def two_have_somebody_each(self) -> None:
        for who in range(2):
            self.writes(who, "rådgiver")
            self.accepts(0)

    def teardown(self) -> None:
        self.run(self._recount())
        self.run(self.line.database.close())
        self.runner.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _recount(self) -> None:
        self.line.clock.advance(days=1)
        async with self.line.database.writing() as session:
            await counters.fold_closed_days(session, house=self.house, now=self.line.clock.now())
        async with self.line.database.reading() as session:
            assert await counters.check(session, house=self.house, now=self.line.clock.now()) == []

    async def _refusable(self, doing: Coroutine[Any, Any, object]) -> None:
        """A person may be told no; anything else is a fault."""
        with suppress(HelplineError):
            await doing

    @rule(who=CALLERS, words=st.sampled_from(["hei", "1", "0", "jeg vil dø i kveld", "SLETT", "rådgiver", "språk"]))
    def writes(self, who: int, words: str) -> None:
        self.run(self.line.turn(words, who=f"+479000050{who}"))

    @rule(who=CALLERS)
    def rings(self, who: int) -> None:
        if who in self.live:
            return
        self.calls += 1
        self.live[who] = f"CA{self.calls}"
        call = {"channel": Channel.PHONE, "call_sid": self.live[who], "who": f"+479000050{who}"}
        self.run(self.line.turn(kind=InboundKind.CALL, **call))  # type: ignore[arg-type]  # arguments by name
        self.run(self.line.turn("1", kind=InboundKind.KEYS, turn=1, **call))  # type: ignore[arg-type]

    @rule(who=CALLERS)
    def hangs_up(self, who: int) -> None:
        if who in self.live:
            sid = self.live.pop(who)
            self.run(self.line.turn(channel=Channel.PHONE, kind=InboundKind.HUNG_UP, call_sid=sid))

    @rule(which=st.integers(0, 2))
    def accepts(self, which: int) -> None:
        if asked := self._asked():
            self.run(self._refusable(self.line.accept(asked[which % len(asked)])))

    @rule(which=st.integers(0, 2))
    def passes(self, which: int) -> None:
        if asked := self._asked():
            self.run(self._refusable(self.line.pass_on(asked[which % len(asked)])))

    @rule(who=ADVISORS)
    def picks_up(self, who: int) -> None:
        async def answer() -> None:
            async with self.line.database.writing() as session:
                for one in await legs.live_before(session, asked_before=self.line.clock.now().replace(year=2030)):
                    if one.advisor_id == self.advisors[who].id:
                        await leg.accepted(
                            session, one.id, f"CAleg{one.id}", house=self.house, now=self.line.clock.now()
                        )

        self.run(answer())

    @rule(who=ADVISORS, which=st.integers(0, 20))
    def takes(self, who: int, which: int) -> None:
        waiting = [one.id for one in self.run(self.line.contacts()) if one.state in IN_QUEUE]
        if waiting:
            self.run(self._refusable(self.line.take(self.advisors[who], waiting[which % len(waiting)])))

    @rule(who=ADVISORS, which=st.integers(0, 20))
    def takes_over(self, who: int, which: int) -> None:
        active = [one.id for one in self.run(self.line.contacts()) if one.state is ContactState.ACTIVE]
        if not active:
            return

        async def over() -> None:
            async with self.line.database.writing() as session:
                await attend.take_over(
                    session, active[which % len(active)], advisor=self.advisors[who], now=self.line.clock.now()
                )

        self.run(self._refusable(over()))

    @rule(which=st.integers(0, 20), to=st.one_of(st.none(), ADVISORS))
    def hands_over(self, which: int, to: int | None) -> None:
        had = [(who, contact.id) for who in range(len(self.advisors)) for contact in self._own(who)]
        if not had:
            return
        who, contact_id = had[which % len(had)]

        async def over() -> None:
            async with self.line.database.writing() as session:
                await attend.hand_over(
                    session, contact_id, to_advisor=None if to is None else self.advisors[to].id, text="",
                    house=self.house, advisor=self.advisors[who], now=self.line.clock.now(),
                )  # fmt: skip

        self.run(self._refusable(over()))

    @rule(who=ADVISORS)
    def closes(self, who: int) -> None:
        for contact in self._own(who)[:1]:
            self.run(self._refusable(self.line.close(self.advisors[who], contact.id, outcome=Outcome.COUNSELLED)))

    @rule(who=ADVISORS, to=st.sampled_from([Duty.ON, Duty.PAUSE, Duty.OFF]))
    def switches_duty(self, who: int, to: Duty) -> None:
        async def switch() -> None:
            async with self.line.database.writing() as session:
                now, advisor = self.line.clock.now(), await session.get_one(Advisor, self.advisors[who].id)
                if to is Duty.ON:
                    await duty.go_on(session, advisor, house=self.house, now=now)
                elif to is Duty.OFF:
                    await duty.go_off(session, advisor, house=self.house, now=now)
                else:
                    await duty.pause(session, advisor, reason=PauseReason.BREAK, house=self.house, now=now)

        self.run(self._refusable(switch()))

    @rule(seconds=st.sampled_from([1, 31, 130]))
    def time_passes(self, seconds: int) -> None:
        self.line.clock.advance(seconds=seconds)
        self.run(self.line.expire())

    def _asked(self) -> list[Advisor]:
        return [one for one in self.advisors if self.run(self.line.offered_to(one)) is not None]

    def _own(self, who: int) -> list[Contact]:
        everyone = self.run(self.line.contacts())
        return [one for one in everyone if one.advisor_id == self.advisors[who].id and one.state in WITH_ADVISOR]

    @invariant()
    def every_rule_holds(self) -> None:
        self.run(self._check())

    @invariant()
    def nobody_waits_while_somebody_may_take_it(self) -> None:
        with suppress(_OnlyLooking):
            self.run(self._nobody_is_overlooked())

    async def _nobody_is_overlooked(self) -> None:
        """As it will be when the clock's sweep of the offers has come by, and that is every two seconds."""
        now = self.line.clock.now()
        async with self.line.database.writing() as session:
            await offer.hold_out(session, house=self.house, now=now)
            waiting = (await session.scalars(select(Contact).where(Contact.state == ContactState.WAITING))).all()
            everyone = (await session.scalars(select(Advisor))).all()
            offers = (await session.scalars(select(Offer))).all()
            ringing = set(
                await session.scalars(select(Contact.advisor_id).where(Contact.state == ContactState.CONNECTING))
            )
            asked = {one.advisor_id for one in offers if one.state is OfferState.OPEN}
            refused = {
                (one.contact_id, one.advisor_id)
                for one in offers
                if one.state in (OfferState.PASSED, OfferState.MISSED)
                and one.ended_at is not None
                and now - one.ended_at < timedelta(minutes=2)
            }
            keeping = {one.id for one in everyone if one.duty in (Duty.ON, Duty.BUSY, Duty.WRAP_UP)}
            free = [one for one in everyone if one.duty is Duty.ON and one.id not in asked | ringing]
            for contact in waiting:
                kept_for = contact.reserved_for
                holds = kept_for in keeping and (contact.id, kept_for) not in refused
                for advisor in free:
                    may_take = (
                        (contact.channel is not Channel.PHONE or advisor.phone_sealed is not None)
                        and (contact.id, advisor.id) not in refused
                        and (not holds or kept_for == advisor.id or contact.urgency is Urgency.RED)
                    )
                    assert not may_take, f"{advisor.name} is free and may take {contact.id}, which nobody is offered"
            raise _OnlyLooking

    async def _check(self) -> None:
        async with self.line.database.reading() as session:
            contacts = (await session.scalars(select(Contact))).all()
            offers = (await session.scalars(select(Offer).where(Offer.state == OfferState.OPEN))).all()
            advisors = {one.id: one for one in await session.scalars(select(Advisor))}
            linked = set(await session.scalars(select(RecordLink.contact_id)))
        offered = {one.id for one in contacts if one.state is ContactState.OFFERED}
        assert {one.contact_id for one in offers} == offered, "held out if and only if it says so"
        assert len(offers) == len(offered), "to one at a time"
        assert len({one.advisor_id for one in offers}) == len(offers), "one thing at a time"
        for one in offers:
            assert advisors[one.advisor_id].duty is Duty.ON, "asked only while on duty and free"
        for contact in contacts:
            with_advisor = contact.state in WITH_ADVISOR
            closed = contact.state is ContactState.CLOSED
            assert closed or with_advisor is (contact.advisor_id is not None), contact.state
            assert (contact.outcome is not None) is closed
            assert contact.erased_at is not None or (contact.id in linked) is closed, "one record when closed"
            assert contact.state not in IN_QUEUE or contact.waiting_since is not None
            if contact.state in IN_QUEUE and contact.reserved_for is not None:
                assert advisors[contact.reserved_for].duty in (Duty.ON, Duty.BUSY, Duty.WRAP_UP), "kept for one at work"
        ringing = [one.advisor_id for one in contacts if one.state is ContactState.CONNECTING]
        assert len(ringing) == len(set(ringing)), "one telephone rings for one caller"
        for advisor in advisors.values():
            mine = [one for one in contacts if one.advisor_id == advisor.id and one.state in WITH_ADVISOR]
            if advisor.duty is Duty.BUSY:
                assert mine, "busy with something"
            in_call = [one for one in mine if one.channel is Channel.PHONE and one.state is not ContactState.WRAP_UP]
            assert len(in_call) <= 1
            assert not in_call or advisor.duty in (Duty.BUSY, Duty.PAUSE), "in a call nobody is free"
        assert len(await self.line.records()) == sum(one.state is ContactState.CLOSED for one in contacts)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_the_rules_of_the_queue_hold(house: House, migrated_sqlite: Path) -> None:
    Desk.house, Desk.template = house, migrated_sqlite
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=10,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
