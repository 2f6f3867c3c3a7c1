"""`helpline doctor`: examines an installation from settings to providers, and says what to mend."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from twilio.base.exceptions import TwilioRestException

from helpline.channels.telegram import TelegramChannel
from helpline.channels.twilio import MAY_HAVE_ARRIVED, TwilioAccount, overrides
from helpline.clock import SystemClock
from helpline.core.duty import Role
from helpline.desk import opening
from helpline.desk.house import House
from helpline.errors import HelplineError
from helpline.settings import Environment, Settings
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.migrate import require_newest
from helpline.store.tables import Advisor


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing examined. `sentence` says what is so, or what to do."""

    what: str
    ok: bool
    sentence: str


async def examine(settings: Settings) -> list[Finding]:
    """Everything that can be seen from here, in the order in which to mend it."""
    return [finding async for finding in _examine(settings)]


async def _examine(settings: Settings) -> AsyncIterator[Finding]:
    production = settings.environment is Environment.PRODUCTION
    yield Finding(
        what="settings",
        ok=True,
        sentence=f"Read; the environment is {settings.environment.value}."
        + ("" if production else " Set HELPLINE_ENVIRONMENT=production before real callers come."),
    )
    try:
        house = House.load(settings)
    except HelplineError as error:
        yield Finding(what="knowledge", ok=False, sentence=error.sentence)
        return
    yield Finding(what="knowledge", ok=True, sentence=f"{len(house.library.articles)} articles are loaded.")
    database = Database(settings.database_url, Keyring(settings.keys))
    try:
        async for finding in _database(database, house):
            yield finding
        async for finding in _telegram(settings, database, house):
            yield finding
    finally:
        await database.close()
    async for finding in _twilio(settings):
        yield finding


async def _database(database: Database, house: House) -> AsyncIterator[Finding]:
    try:
        await require_newest(database)
    except HelplineError as error:
        yield Finding(what="database", ok=False, sentence=error.sentence)
        return
    except (DBAPIError, OSError) as error:
        yield Finding(
            what="database",
            ok=False,
            sentence=f"Cannot be reached ({type(error).__name__}): check HELPLINE_DATABASE_URL.",
        )
        return
    yield Finding(what="database", ok=True, sentence="Reached, and of the right version.")
    async with database.reading() as session:
        admins = (await session.scalars(select(Advisor.id).where(Advisor.role == Role.ADMIN, Advisor.active))).all()
        hours = await opening.hours(session, house=house, now=SystemClock().now())
    yield Finding(
        what="administrator",
        ok=bool(admins),
        sentence="There is one."
        if admins
        else "There is none: run `helpline advisor add EMAIL --name N --role admin`.",
    )
    yield Finding(
        what="opening hours",
        ok=hours.configured,
        sentence="They are set." if hours.configured else "None are set, so the line is closed: set them in /admin.",
    )


async def _telegram(settings: Settings, database: Database, house: House) -> AsyncIterator[Finding]:
    if not settings.telegram_on:
        yield Finding(what="telegram", ok=True, sentence="Off: HELPLINE_TELEGRAM_TOKEN is not set.")
        return
    channel = TelegramChannel(settings, database, house, SystemClock())
    try:
        yield Finding(what="telegram", ok=True, sentence=await channel.introduce())
    except HelplineError as error:
        yield Finding(what="telegram", ok=False, sentence=error.sentence)
    finally:
        await channel.stop()


async def _twilio(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.twilio_on:
        yield Finding(what="twilio", ok=True, sentence="Off: account and auth token are not set.")
        return
    account = TwilioAccount(settings)
    try:
        for what, number in (("sms", settings.twilio_sms_number), ("telephone", settings.twilio_voice_number)):
            if number is None:
                yield Finding(what=what, ok=True, sentence="Off: its number is not set.")
                continue
            yield await _number(account, what, number)
        if settings.twilio_sms_number is not None:
            yield Finding(
                what="opt-out words",
                ok=True,
                sentence="Cannot be read for a plain number: make sure by hand that Twilio's own opt-out handling is "
                "switched off, or red answers after STOP fail with 21610.",
            )
    finally:
        await account.close()


async def _number(account: TwilioAccount, what: str, number: str) -> Finding:
    """Whether the number is ours and its webhook address is the one that we answer on, overrides included."""
    try:
        found = await account.client.incoming_phone_numbers.list_async(phone_number=number, limit=1)
    except (TwilioRestException, *MAY_HAVE_ARRIVED) as error:
        return Finding(
            what=what, ok=False, sentence=f"Twilio does not answer us ({error}): check account, token and address."
        )
    if not found:
        return Finding(what=what, ok=False, sentence="The number is not this account's: check it in the console.")
    path, set_to = (
        ("/webhooks/twilio/sms", found[0].sms_url) if what == "sms" else ("/webhooks/twilio/voice", found[0].voice_url)
    )
    wanted = overrides(account.address(path))
    if set_to != wanted:
        return Finding(what=what, ok=False, sentence=f"Set the number's webhook (POST) to {wanted}")
    return Finding(what=what, ok=True, sentence="The number is ours and its webhook is right.")
