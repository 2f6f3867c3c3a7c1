"""What can be seen of the providers from here: whether they know us, and whether they send to the right addresses."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError
from aiogram.utils.token import TokenValidationError
from twilio.base.exceptions import TwilioException
from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberInstance

from helpline.channels.twilio import MAY_HAVE_ARRIVED, TwilioAccount, overrides
from helpline.settings import Settings, TelegramMode


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing examined. `sentence` says what is so, or what to do."""

    what: str
    ok: bool
    sentence: str


async def telegram(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the bot's token works, and where its updates go."""
    if settings.telegram_token is None:
        yield Finding(what="telegram", ok=True, sentence="Off: HELPLINE_TELEGRAM_TOKEN is not set.")
        return
    http = AiohttpSession(api=TelegramAPIServer.from_base(settings.telegram_api_url), timeout=20)
    try:
        bot = Bot(settings.telegram_token.get_secret_value(), session=http)
        me = await bot.get_me()
        webhook = await bot.get_webhook_info()
    except (AiogramError, TokenValidationError) as error:
        yield Finding(
            what="telegram",
            ok=False,
            sentence=f"Telegram does not answer us ({type(error).__name__}): check HELPLINE_TELEGRAM_TOKEN.",
        )
        return
    finally:
        await http.close()
    yield Finding(what="telegram", ok=True, sentence=f"The bot is @{me.username}.")
    wanted = f"{settings.public_url}/webhooks/telegram" if settings.telegram_mode is TelegramMode.WEBHOOK else ""
    yield Finding(
        what="telegram updates",
        ok=webhook.url == wanted,
        sentence="They come as the settings say."
        if webhook.url == wanted
        else "They go elsewhere: start the service once, it sets the address itself.",
    )


async def twilio(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the numbers are ours and their webhooks point here."""
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
    except (TwilioException, *MAY_HAVE_ARRIVED) as error:
        return Finding(
            what=what, ok=False, sentence=f"Twilio does not answer us ({error}): check account, token and address."
        )
    if not found:
        return Finding(what=what, ok=False, sentence="The number is not this account's: check it in the console.")
    for name, set_to, wanted in _addresses(account, what, found[0]):
        if set_to != wanted:
            return Finding(what=what, ok=False, sentence=f"Set the number's {name} (POST) to {wanted}")
    return Finding(what=what, ok=True, sentence="The number is ours and its addresses are right.")


def _addresses(
    account: TwilioAccount, what: str, line: IncomingPhoneNumberInstance
) -> Iterator[tuple[str, str | None, str]]:
    """What each address of a number is for, what it is set to, and what it must be. Any fallback will do."""
    if what == "sms":
        yield "webhook", line.sms_url, overrides(account.address("/webhooks/twilio/sms"))
        if not line.sms_fallback_url:
            yield "fallback", None, account.address("/webhooks/twilio/sms")
    else:
        yield "webhook", line.voice_url, overrides(account.address("/webhooks/twilio/voice"))
        if not line.voice_fallback_url:
            # A document hosted by the provider does even better: it answers when this machine is gone.
            yield "fallback", None, account.address("/webhooks/twilio/voice/fallback")
        yield "status callback", line.status_callback, account.address("/webhooks/twilio/voice/status")
