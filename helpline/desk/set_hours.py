"""Set the opening hours: the ordinary week, exceptional days, and closing at once. Every change is logged."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise

from helpline.core.hours import OpeningHours, Span
from helpline.desk.house import House
from helpline.errors import HelplineError, NotFound
from helpline.store import access, notices, opening
from helpline.store.db import ReadSession, WriteSession

WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
#: Callers hear or read the reason, also in an SMS.
LONGEST_REASON = 200

_TIME = r"(\d{1,2})(?:[.:](\d{2}))?"
_SPAN = re.compile(rf"(?:kl\.? ?)?{_TIME} ?(?:-|–|til|to) ?{_TIME}", re.IGNORECASE)


class HoursRefused(HelplineError):
    """Hours that cannot be used. `where` names the field: a weekday's number, or None."""

    def __init__(self, sentence: str, *, where: int | None = None) -> None:
        super().__init__(sentence)
        self.where = where


def spans_from(text: str) -> tuple[Span, ...]:
    """Hours as people write them: «10–15», «09.30-12, 18:00–24:00», «22–02»; empty text is closed.

    Raises:
        HoursRefused: a part is no span; the sentence shows how to write one.
    """
    parts = [part.strip() for part in re.split(r"[,;]| og | and ", text) if part.strip()]
    return tuple(sorted((_span_from(part) for part in parts), key=lambda span: span.minutes))


def _span_from(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise HoursRefused(f"«{text}» er ikke et tidsrom. Skriv det som 10.00–15.00.")
    from_hour, from_minute, to_hour, to_minute = (int(part or 0) for part in found.groups())
    opens, closes = f"{from_hour:02}:{from_minute:02}", f"{to_hour:02}:{to_minute:02}"
    try:
        return Span.parse(opens, closes, past_midnight=closes != "24:00" and closes <= opens)
    except ValueError as error:
        raise HoursRefused(f"«{text}» er ikke et tidsrom på klokka. Skriv det som 10.00–15.00.") from error


def in_words(span: Span) -> str:
    """«10.00–15.00»; what ends at midnight ends at 24.00."""
    closes = "24.00" if span.past_midnight and not span.end.hour and not span.end.minute else f"{span.end:%H.%M}"
    return f"{span.start:%H.%M}–{closes}"


async def week_in_words(session: ReadSession) -> dict[int, str]:
    """The ordinary week by weekday, each day as `spans_from` reads it."""
    words: dict[int, list[str]] = {weekday: [] for weekday in range(7)}
    for row in await opening.week(session):
        words[row.weekday].append(in_words(opening.span_of(row.opens, row.closes)))
    return {weekday: ", ".join(spans) for weekday, spans in words.items()}


async def set_week(
    session: WriteSession, weekly: Mapping[int, str], *, now: datetime, by: int | None
) -> Mapping[int, tuple[Span, ...]]:
    """The ordinary week by weekday (Monday 0), each day as people write it; a day left out or empty is closed.

    Raises:
        HoursRefused: a day cannot be read, or overlaps itself or the next; `where` is its weekday.
    """
    spans: dict[int, tuple[Span, ...]] = {}
    for weekday, text in weekly.items():
        try:
            spans[weekday] = spans_from(text)
        except HoursRefused as refused:
            raise HoursRefused(f"{WEEKDAYS[weekday].capitalize()}: {refused.sentence}", where=weekday) from refused
    _refuse_overlaps(spans)
    await opening.set_week(session, {weekday: found for weekday, found in spans.items() if found})
    words = "; ".join(
        f"{WEEKDAYS[weekday][:3]} {', '.join(in_words(span) for span in spans.get(weekday, ())) or 'stengt'}"
        for weekday in range(7)
    )
    await _changed(session, "hours_changed", now=now, by=by, words=words)
    return spans


async def set_day(
    session: WriteSession, day: date, text: str, *, reason: str, house: House, now: datetime, by: int | None
) -> None:
    """A date with hours of its own, or closed when the text is empty. The reason is told to callers.

    Raises:
        HoursRefused: the date is past, the text is not one span, or the reason is missing or long.
    """
    if day < now.astimezone(house.zone).date():
        raise HoursRefused("Datoen er passert. Velg en dag fra og med i dag.")
    spans = spans_from(text)
    if len(spans) > 1:
        raise HoursRefused("En dag med egen åpningstid kan ha ett tidsrom, for eksempel 10.00–13.00.")
    span = spans[0] if spans else None
    await opening.set_day(session, day, span, reason=_reason(reason))
    words = f"{day.isoformat()} {in_words(span) if span else 'stengt'}"
    await _changed(session, "exceptional_day_set", now=now, by=by, words=words)


async def remove_day(session: WriteSession, day: date, *, now: datetime, by: int | None) -> None:
    """The date follows the ordinary week again.

    Raises:
        NotFound: nothing was said of that date.
    """
    if not await opening.remove_day(session, day):
        raise NotFound("Det er ikke satt noe eget for denne dagen.")
    await _changed(session, "exceptional_day_removed", now=now, by=by, words=day.isoformat())


async def close_now(
    session: WriteSession, *, reason: str, until: datetime | None, now: datetime, by: int | None
) -> None:
    """Close at once, until a moment or until further notice. The reason is told to callers.

    Raises:
        HoursRefused: the end is past, or the reason is missing or long.
        HelplineError: it is closed like this already.
    """
    if until is not None and until <= now:
        raise HoursRefused("Tidspunktet er passert. Velg et som kommer, eller la feltet stå tomt.")
    if await opening.closure(session, now=now) is not None:
        raise HelplineError("Tjenesten er stengt allerede. Åpne den først hvis noe skal endres.")
    await opening.close_now(session, now=now, until=until, reason=_reason(reason), advisor_id=by)
    await _changed(session, "closed_service", now=now, by=by, words=until.isoformat() if until else "")


async def open_again(session: WriteSession, *, now: datetime, by: int | None) -> None:
    """End the emergency closing; the ordinary hours hold again.

    Raises:
        NotFound: there is none.
    """
    if not await opening.reopen(session, now=now):
        raise NotFound("Tjenesten er ikke stengt.")
    await _changed(session, "opened_service", now=now, by=by, words="")


def _refuse_overlaps(weekly: Mapping[int, tuple[Span, ...]]) -> None:
    for weekday, spans in weekly.items():
        for earlier, later in pairwise(spans):
            if later.minutes[0] < earlier.minutes[1]:
                words = f"{in_words(earlier)} og {in_words(later)} overlapper"
                raise HoursRefused(f"{WEEKDAYS[weekday].capitalize()}: {words}.", where=weekday)
    for weekday, spans in weekly.items():
        try:
            OpeningHours(weekly={weekday: spans, (weekday + 1) % 7: weekly.get((weekday + 1) % 7, ())})
        except ValueError as error:
            sentence = f"{WEEKDAYS[weekday].capitalize()}: tiden etter midnatt overlapper neste dag."
            raise HoursRefused(sentence, where=weekday) from error


def _reason(given: str) -> str:
    reason = " ".join(given.split())
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise HoursRefused(f"Skriv en kort grunn på høyst {LONGEST_REASON} tegn. Den blir fortalt til dem som ringer.")
    return reason


async def _changed(session: WriteSession, action: str, *, now: datetime, by: int | None, words: str) -> None:
    await access.log(session, now=now, action=action, advisor_id=by, reason=words or None)
    # Whether we are open stands on every page.
    notices.give(session, notices.HOURS, now=now)
