"""Figures as people read them: 1 731 and 38,1 % in Norwegian, 1,731 and 38.1% in English; a dash for none."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from helpline.core.counters import Figure

NONE = "–"


def locale_of(language: str) -> str:
    """Babel's name for the language of a page."""
    return "en_GB" if language == "en" else "nb_NO"


def number(value: int | float, language: str) -> str:
    """A count, with its thousands apart."""
    return str(format_decimal(value, locale=locale_of(language)))


def percent(share: float, language: str) -> str:
    """A share 0–1 with one decimal; in Norwegian with a space before the sign."""
    # Babel rounds half to even in binary; a share is rounded as on paper.
    tenths = int(share * 1000 + 0.5)
    digits = str(format_decimal(tenths / 10, "#,##0.0", locale=locale_of(language)))
    return f"{digits}%" if language == "en" else f"{digits}\N{NO-BREAK SPACE}%"


def change(share: float, language: str) -> str:
    """A change in percent with its sign: +12,3 %, −4,0 %, and 0,0 % without."""
    shown = percent(abs(share), language)
    return shown if shown == percent(0, language) else f"{'+' if share > 0 else '−'}{shown}"


def duration(seconds: float, language: str) -> str:
    """A time in the largest two units that say something: 42 s, 1 min 35 s, 1 t 5 min."""
    space = "\N{NO-BREAK SPACE}"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}{space}{'h' if language == 'en' else 't'} {minutes}{space}min"
    if minutes:
        return f"{minutes}{space}min {rest}{space}s"
    return f"{rest}{space}s"


def points(value: float, language: str) -> str:
    """Points with one decimal: 7,4 in Norwegian, 7.4 in English."""
    return str(format_decimal(value, "0.0", locale=locale_of(language)))


def rate(value: float, language: str) -> str:
    """A rate, such as contacts for 100 000 inhabitants, with one decimal and its thousands apart."""
    return str(format_decimal(value, "#,##0.0", locale=locale_of(language)))


def figure(found: Figure, language: str) -> str:
    """A counter's value by its unit."""
    if found.value is None:
        return NONE
    if found.counter.unit == "share":
        return percent(found.value, language)
    if found.counter.unit == "seconds":
        return duration(found.value, language)
    if found.counter.unit == "points":
        return f"{points(found.value, language)} {'of' if language == 'en' else 'av'} 10"
    return number(found.value, language)


def short_date(day: date, language: str) -> str:
    """3. nov., 3 Nov."""
    return str(format_date(day, "d MMM" if language == "en" else "d. MMM", locale=locale_of(language)))


def long_date(day: date, language: str) -> str:
    """3. november 2026, 3 November 2026."""
    return str(format_date(day, "d MMMM y" if language == "en" else "d. MMMM y", locale=locale_of(language)))


def month(day: date, language: str) -> str:
    """nov. 2026, Nov 2026."""
    return str(format_date(day, "MMM y", locale=locale_of(language)))
