"""Opening hours in plain words: bokmål (nb), nynorsk (nn) and English (en); any other language reads bokmål."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from helpline.core.hours import OSLO, OpeningHours, Span


def weekly_in_words(hours: OpeningHours, language: str = "nb") -> str:
    """The weekly hours: «mandag–fredag kl. 10–15»."""
    words = _WORDS.get(language, _WORDS["nb"])
    days_by_spans: dict[tuple[Span, ...], list[int]] = {}
    for weekday in range(7):
        spans = tuple(sorted(hours.weekly.get(weekday, ()), key=lambda span: span.start))
        if spans:
            days_by_spans.setdefault(spans, []).append(weekday)
    if not days_by_spans:
        return words.no_hours
    return ", ".join(
        f"{_days_in_words(days, words)} {_spans_in_words(spans, words)}" for spans, days in days_by_spans.items()
    )


def moment_in_words(at: datetime, *, now: datetime, zone: ZoneInfo = OSLO, language: str = "nb") -> str:
    """A moment as people say it: «i dag kl. 10», «i morgen kl. 09.30», «mandag kl. 10», «mandag 4. januar kl. 10».

    Raises:
        ValueError: a moment carries no time zone.
    """
    if at.tzinfo is None or now.tzinfo is None:
        raise ValueError("The moments must carry a time zone.")
    words = _WORDS.get(language, _WORDS["nb"])
    local = at.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    clock = f"{words.at}{_clock(local.hour * 60 + local.minute, words, minutes=local.minute > 0)}"
    if days == 0:
        return f"{words.today} {clock}"
    if days == 1:
        return f"{words.tomorrow} {clock}"
    weekday = words.weekdays[local.weekday()]
    if 1 < days < 7:
        return f"{weekday} {clock}"
    return f"{weekday} {local.day}{words.after_day} {words.months[local.month - 1]} {clock}"


def day_in_words(day: date, language: str = "nb") -> str:
    """A date written out: «3. november 2026», «3 November 2026»."""
    words = _WORDS.get(language, _WORDS["nb"])
    return f"{day.day}{words.after_day} {words.months[day.month - 1]} {day.year}"


@dataclass(frozen=True, kw_only=True)
class _Words:
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    every_day: str
    all_day: str
    no_hours: str
    today: str
    tomorrow: str
    conjunction: str
    at: str
    after_day: str
    point: str


_MONTHS = tuple("januar februar mars april mai juni juli august september oktober november desember".split())
_WORDS = {
    "nb": _Words(
        weekdays=("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
        months=_MONTHS,
        every_day="alle dager",
        all_day="hele døgnet",
        no_hours="ingen faste åpningstider",
        today="i dag",
        tomorrow="i morgen",
        conjunction="og",
        at="kl. ",
        after_day=".",
        point=".",
    ),
    "nn": _Words(
        weekdays=("måndag", "tysdag", "onsdag", "torsdag", "fredag", "laurdag", "søndag"),
        months=_MONTHS,
        every_day="alle dagar",
        all_day="heile døgnet",
        no_hours="ingen faste opningstider",
        today="i dag",
        tomorrow="i morgon",
        conjunction="og",
        at="kl. ",
        after_day=".",
        point=".",
    ),
    "en": _Words(
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=tuple("January February March April May June July August September October November December".split()),
        every_day="every day",
        all_day="all day and night",
        no_hours="no regular opening hours",
        today="today",
        tomorrow="tomorrow",
        conjunction="and",
        at="at ",
        after_day="",
        point=":",
    ),
}


def _days_in_words(days: list[int], words: _Words) -> str:
    if len(days) == 7:
        return words.every_day
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    named: list[str] = []
    for run in runs:
        if len(run) > 2:
            named.append(f"{words.weekdays[run[0]]}–{words.weekdays[run[-1]]}")
        else:
            named.extend(words.weekdays[day] for day in run)
    return _joined(named, words)


def _spans_in_words(spans: tuple[Span, ...], words: _Words) -> str:
    if [span.minutes for span in spans] == [(0, 24 * 60)]:
        return words.all_day
    # English says «10:00–15:00», never «10–15», which would read as a score.
    minutes = words.point == ":" or any(span.start.minute or span.end.minute for span in spans)
    said = [
        f"{_clock(start, words, minutes=minutes)}–{_clock(end, words, minutes=minutes)}"
        for start, end in (span.minutes for span in spans)
    ]
    return ("" if words.point == ":" else words.at) + _joined(said, words)


def _clock(minute_of_day: int, words: _Words, *, minutes: bool) -> str:
    """10, 24, 02 (after midnight); with minutes 09.30 in Norwegian, 09:30 in English."""
    past_midnight = minute_of_day > 24 * 60
    hour, minute = divmod(minute_of_day - 24 * 60 if past_midnight else minute_of_day, 60)
    if minutes or words.point == ":":
        return f"{hour:02}{words.point}{minute:02}"
    return f"{hour:02}" if past_midnight else str(hour)


def _joined(parts: list[str], words: _Words) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {words.conjunction} {parts[-1]}"
