"""The period of a report, as its address says it: `?period=30d`, `?period=custom&first=2026-01-01&last=2026-01-31`."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from helpline.errors import HelplineError

#: In the order of the choices.
PRESETS = ("today", "7d", "30d", "year", "custom")
DEFAULT = "30d"


@dataclass(frozen=True, kw_only=True)
class Period:
    """Local days, both included."""

    name: str
    first: date
    last: date

    @property
    def query(self) -> str:
        """The address's part that says this period."""
        if self.name != "custom":
            return urlencode({"period": self.name})
        return urlencode({"period": self.name, "first": self.first.isoformat(), "last": self.last.isoformat()})

    @property
    def step(self) -> str:
        """The step of time that gives a chart a few dozen bars at most."""
        days = (self.last - self.first).days + 1
        if days <= 31:
            return "day"
        return "week" if days <= 200 else "month" if days <= 1100 else "year"


def preset(name: str, today: date) -> Period:
    """A period that ends today.

    Raises:
        HelplineError: there is no such period.
    """
    firsts = {
        "today": today,
        "7d": today - timedelta(days=6),
        "week": today - timedelta(days=today.weekday()),
        "30d": today - timedelta(days=29),
        "12m": today - timedelta(days=364),
        "year": today.replace(month=1, day=1),
    }
    if name not in firsts:
        raise HelplineError("Velg en av periodene.")
    return Period(name=name, first=firsts[name], last=today)


def custom(first: str, last: str, today: date) -> Period:
    """Two dates; a last day that is left out or lies ahead is today.

    Raises:
        HelplineError: a text is no date, or the period ends before it starts.
    """
    begins = _date(first)
    ends = min(_date(last), today) if last else today
    if ends < begins:
        raise HelplineError("Perioden slutter før den begynner. Velg en tidligere første dag.")
    return Period(name="custom", first=begins, last=ends)


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as error:
        raise HelplineError(f"«{text}» er ikke en dato. Skriv den som 2026-01-31.") from error
    if not 2000 <= found.year <= 2200:
        raise HelplineError(f"Året {found.year} er det ingen tall for.")
    return found
