"""Catches up with calls whose webhooks were lost: those we never heard of, and those that ended without a word."""

from datetime import timedelta

from twilio.base.exceptions import TwilioException, TwilioRestException

from helpline.channels.twilio import MAY_HAVE_ARRIVED, TwilioAccount
from helpline.channels.voice_answer import FINAL, PROVIDER
from helpline.clock import Clock
from helpline.core.codes import Channel
from helpline.core.turn import Inbound, InboundKind
from helpline.desk import leg
from helpline.desk.house import House
from helpline.desk.numbers import caller_number
from helpline.desk.receive import receive
from helpline.errors import ProviderSilent
from helpline.logs import get
from helpline.store import calls as stored
from helpline.store import events
from helpline.store.db import Database

log = get("helpline.voice")

#: How far back we look for calls that never reached us.
CATCH_UP = timedelta(hours=1)
#: What began later than this may still be on its way to us.
SETTLED = timedelta(minutes=1)
_MOST = 1000


async def catch_up_calls(account: TwilioAccount, database: Database, house: House, clock: Clock) -> int:
    """Take in what is missing under ids of its own, so that nothing is counted twice. Returns how much was missing.

    Raises:
        ProviderSilent: the provider does not answer; the sweep comes again.
    """
    try:
        return await _unseen(account, database, house, clock) + await _ended(account, database, house, clock)
    except (TwilioException, *MAY_HAVE_ARRIVED) as error:
        raise ProviderSilent("Twilio does not list our calls now.") from error


async def _unseen(account: TwilioAccount, database: Database, house: House, clock: Clock) -> int:
    """Calls to our number that were over before any webhook of theirs reached us: a failure of ours, and counted."""
    now = clock.now()
    listed = await account.client.calls.list_async(
        to=account.settings.twilio_voice_number, start_time_after=now - CATCH_UP, limit=_MOST
    )
    over = {
        call.sid: call._from
        for call in listed
        if call.sid
        and call.direction == "inbound"
        and str(call.status) in FINAL
        and (call.end_time is None or call.end_time <= now - SETTLED)
    }
    async with database.reading() as session:
        known = await stored.known(session, list(over))
        begun = await events.known_ids(
            session, provider=PROVIDER, account=account.sid, external_ids=[f"{sid}:0" for sid in over]
        )
    missing = [sid for sid in over if sid not in known and f"{sid}:0" not in begun]
    for sid in missing:
        await _hung_up(account, database, house, clock, sid, over[sid])
    if missing:
        log.warning("calls_caught_up", count=len(missing))
    return len(missing)


async def _ended(account: TwilioAccount, database: Database, house: House, clock: Clock) -> int:
    """Calls and legs that go on as far as we know, and are over as far as the provider knows."""
    async with database.reading() as session:
        before = clock.now() - SETTLED
        callers = await stored.going_on(session, since_before=before)
        placed = await stored.legs_going_on(session, since_before=before)
    ended = 0
    for sid in callers:
        if await _status(account, sid) in FINAL:
            await _hung_up(account, database, house, clock, sid, None)
            ended += 1
    for leg_id, sid in placed:
        status = await _status(account, sid)
        if status in FINAL:
            async with database.writing() as session:
                await leg.ended(session, leg_id, ending=status, house=house, now=clock.now())
            ended += 1
    return ended


async def _status(account: TwilioAccount, sid: str) -> str:
    """The provider's word for a call; one it does not know any more is over."""
    try:
        return str((await account.client.calls(sid).fetch_async()).status)
    except TwilioRestException as error:
        if error.status == 404:
            return "completed"
        raise


async def _hung_up(
    account: TwilioAccount, database: Database, house: House, clock: Clock, sid: str, number: str | None
) -> None:
    async with database.writing() as session:
        inbound = Inbound(
            provider=PROVIDER,
            account=account.sid,
            external_id=f"{sid}:status:caught_up",
            channel=Channel.PHONE,
            kind=InboundKind.HUNG_UP,
            handle=caller_number(number),
            call_sid=sid,
        )
        await receive(session, inbound, house=house, now=clock.now())
