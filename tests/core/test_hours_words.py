from datetime import UTC, datetime, time

import pytest

from helpline.core.hours import OSLO, OpeningHours, Span
from helpline.core.hours_words import moment_in_words, weekly_in_words

TEN_TO_THREE = Span(start=time(10), end=time(15))
WEEKDAYS = dict.fromkeys(range(5), (TEN_TO_THREE,))
ROUND_THE_CLOCK = dict.fromkeys(range(7), (Span.parse("00:00", "24:00"),))


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


EVENING = Span(start=time(18), end=time(0), past_midnight=True)
NIGHT = Span(start=time(22), end=time(2), past_midnight=True)
HALF = Span(start=time(9, 30), end=time(15))


@pytest.mark.parametrize(
    ("weekly", "nb", "nn", "en"),
    [
        (WEEKDAYS, "mandag–fredag kl. 10–15", "måndag–fredag kl. 10–15", "Monday–Friday 10:00–15:00"),
        ({}, "ingen faste åpningstider", "ingen faste opningstider", "no regular opening hours"),
        (ROUND_THE_CLOCK, "alle dager hele døgnet", "alle dagar heile døgnet", "every day all day and night"),
        (
            {5: (HALF,), 6: (HALF,)},
            "lørdag og søndag kl. 09.30–15.00",
            "laurdag og søndag kl. 09.30–15.00",
            "Saturday and Sunday 09:30–15:00",
        ),
        (
            {0: (TEN_TO_THREE, EVENING), 2: (TEN_TO_THREE, EVENING), 4: (NIGHT,)},
            "mandag og onsdag kl. 10–15 og 18–24, fredag kl. 22–02",
            "måndag og onsdag kl. 10–15 og 18–24, fredag kl. 22–02",
            "Monday and Wednesday 10:00–15:00 and 18:00–24:00, Friday 22:00–02:00",
        ),
    ],
)
def test_weekly_in_words(weekly: dict[int, tuple[Span, ...]], nb: str, nn: str, en: str) -> None:
    hours = OpeningHours(weekly=weekly)
    assert [weekly_in_words(hours, language) for language in ("nb", "nn", "en", "pl")] == [nb, nn, en, nb]


@pytest.mark.parametrize(
    ("at", "nb", "nn", "en"),
    [
        ("2026-03-02T10:00", "i dag kl. 10", "i dag kl. 10", "today at 10:00"),
        ("2026-03-03T09:30", "i morgen kl. 09.30", "i morgon kl. 09.30", "tomorrow at 09:30"),
        ("2026-03-07T10:00", "lørdag kl. 10", "laurdag kl. 10", "Saturday at 10:00"),
        ("2026-03-09T00:00", "mandag 9. mars kl. 0", "måndag 9. mars kl. 0", "Monday 9 March at 00:00"),
    ],
)
def test_moment_in_words(at: str, nb: str, nn: str, en: str) -> None:
    now = oslo("2026-03-02T00:30")
    assert moment_in_words(oslo(at), now=now) == nb
    assert moment_in_words(oslo(at), now=now, language="nn") == nn
    assert moment_in_words(oslo(at), now=now, language="en") == en


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        moment_in_words(oslo("2026-03-02T10:00").replace(tzinfo=None), now=oslo("2026-03-02T10:00"))
