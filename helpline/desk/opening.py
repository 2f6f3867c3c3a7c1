"""Whether we are open now, and how to say it."""

from datetime import date, datetime
from functools import lru_cache

import holidays

from helpline.core.hours import OpeningHours, OpenState
from helpline.core.hours_words import moment_in_words, weekly_in_words
from helpline.desk.house import House
from helpline.guidance.phrases import page_language
from helpline.store import opening
from helpline.store.db import ReadSession
from helpline.triage.language import identify


@lru_cache(maxsize=8)
def public_holidays(year: int) -> dict[date, str]:
    """Norwegian public holidays of a year and its neighbours, computed, with their Norwegian names."""
    return dict(holidays.country_holidays("NO", years=(year - 1, year, year + 1)).items())


async def hours(session: ReadSession, *, house: House, now: datetime) -> OpeningHours:
    """The opening hours as they stand, holidays included."""
    # The demo can be tried on a holiday too.
    closed = {} if house.practice else public_holidays(now.astimezone(house.zone).year)
    return await opening.hours(session, zone=house.zone, holidays=closed)


async def state(session: ReadSession, *, house: House, now: datetime) -> OpenState:
    """Open or closed, why, and when that changes. Nothing configured is closed."""
    return (await hours(session, house=house, now=now)).is_open(now)


def opens_in_words(state: OpenState, *, house: House, now: datetime, language: str, channel: str) -> str:
    """«Vi åpner mandag kl. 10.», or nothing when no opening is known. The reason for a closing comes first, for those
    who read the language that it is written in."""
    said = [state.message] if state.message and not state.open and _is_read_by(state.message, language) else []
    if state.opens_at is not None:
        when = moment_in_words(state.opens_at, now=now, zone=house.zone, language=page_language(language))
        said.append(house.phrases.say("opens_at", language=language, channel=channel, on=now.date(), when=when))
    return " ".join(words if words.endswith((".", "!", "?")) else f"{words}." for words in said)


def _is_read_by(message: str, language: str) -> bool:
    """Whether a caller reads the language of these words. A name or a single word is taken for Norwegian; bokmål and
    nynorsk are read by the same people."""
    written, read = (page_language(one) for one in (identify(message), language))
    return written == read or {written, read} == {"nb", "nn"}


async def in_words(session: ReadSession, *, house: House, now: datetime, language: str, channel: str) -> str:
    """What a caller who asks for the opening hours is told."""
    whole = await hours(session, house=house, now=now)
    current = whole.is_open(now)
    week = weekly_in_words(whole, page_language(language))
    week = f"{week[:1].upper()}{week[1:]}." if week else ""
    if current.open:
        return house.phrases.say("hours_open", language=language, channel=channel, on=now.date(), hours=week)
    opens = opens_in_words(current, house=house, now=now, language=language, channel=channel)
    return house.phrases.say("hours_closed", language=language, channel=channel, on=now.date(), hours=week, opens=opens)
