"""The page of a record that is entered afterwards or corrected: what it asks, what it holds, what it says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from helpline.core.codes import Outcome, code_lists, counties, municipality_names
from helpline.core.record import Record
from helpline.desk import enter
from helpline.desk.enter import Filled
from helpline.errors import HelplineError
from helpline.web.record_form import ONE, SEVERAL, answers_from, municipality_shown, place_from

#: Fields that are shown again as they were typed, whatever was typed.
_TYPED = (
    "day",
    "hour",
    "year",
    "channel",
    "direction",
    "outcome",
    "activity",
    "participants",
    "minutes",
    "letters",
    "evaluation",
    "municipality",
)


def fresh(kind: str, *, latest: Record | None, day: date, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """An empty page: today, now, and what was chosen for the one before it on the same day."""
    remembered = {name: getattr(latest, name) for name in ("channel", "direction", "activity")} if latest else {}
    channels = enter.CHANNELS.get(kind, ("",))
    return {
        "day": day.isoformat(),
        "year": str(day.year),
        "hour": str(now.astimezone(zone).hour),
        "channel": remembered.get("channel") or channels[0],
        "direction": remembered.get("direction") or "inbound",
        "activity": remembered.get("activity") or enter.ACTIVITIES[0],
        "outcome": Outcome.COUNSELLED.value,
        "participants": "1" if kind == "session" else "",
        "minutes": "",
    }


def of_record(record: Record, *, zone: ZoneInfo, language: str) -> dict[str, Any]:
    """A page that holds what a record says."""
    at = record.opened_at.astimezone(zone)
    typed = {name: str(getattr(record, name) or "") for name in ("channel", "direction", "outcome", "activity")}
    numbers = {name: getattr(record, name) for name in ("participants", "letters", "evaluation")}
    minutes = None if record.handled_seconds is None else record.handled_seconds // 60
    answers: dict[str, Any] = {name: getattr(record, name) for name in (*ONE, "county", "asked_what_matters")}
    answers |= {name: list(getattr(record, name)) for name in SEVERAL}
    return (
        typed
        | {name: "" if number is None else str(number) for name, number in numbers.items()}
        | answers
        | {"municipality": municipality_shown(record.municipality, language)}
        | {"day": at.date().isoformat(), "year": str(at.year), "hour": str(at.hour)}
        # Less than a minute was measured, not typed: it is shown as nothing and stays as it is.
        | {"minutes": str(minutes) if minutes else ""}
    )


def typed(form: FormData) -> dict[str, Any]:
    """What the page held, to show it again: nothing is lost by an error."""
    return answers_from(form, {}) | {name: str(form.get(name) or "") for name in _TYPED}


def filled(kind: str, form: FormData, *, before: Record | None = None) -> Filled:
    """What the page says. `before` is the record that it corrects, for what the page does not ask.

    Raises:
        HelplineError: a date is no date, or a number no number; the sentence says which.
    """
    return Filled(
        kind=kind,
        day=_day(kind, form),
        hour=_hour(form),
        channel=_text(form, "channel"),
        direction=_direction(form) if kind == "contact" else before.direction if before else None,
        outcome=_text(form, "outcome"),
        activity=_text(form, "activity"),
        participants=_number(form, "participants"),
        minutes=_number(form, "minutes"),
        answers=_answers(form, before),
        sure=form.get("sure") == "yes",
    )


def lists(kind: str, *, before: Record | None = None) -> dict[str, Any]:
    """What can be chosen. A record that is corrected may keep whatever it says, and a contact's outcome may become any:
    who corrects it knows what the service could not see."""
    channels: tuple[str, ...] = enter.CHANNELS.get(kind, ())
    outcomes: tuple[Outcome, ...] = enter.OUTCOMES
    activities: tuple[str, ...] = enter.ACTIVITIES
    if before is not None:
        channels = tuple(code_lists()["channel"]) if channels else ()
        outcomes = tuple(Outcome)
        activities = tuple(code_lists()["activity"])
    return {
        "lists": code_lists(),
        "counties": counties,
        "municipalities": municipality_names(),
        "channels": channels,
        "outcomes": outcomes,
        "activities": activities,
    }


def _answers(form: FormData, before: Record | None) -> Mapping[str, Any]:
    for name, most in (("letters", 99), ("evaluation", 10)):
        number = _number(form, name)
        if number is not None and number > most:
            if name == "letters":
                raise HelplineError(f"Antall brev må være fra 0 til {most}.")
            raise HelplineError(f"Karakteren må være fra 0 til {most}.")
    said = answers_from(form, {"articles_used": before.articles_used} if before is not None else {})
    return said | place_from(form)


def _day(kind: str, form: FormData) -> date:
    text = str(form.get("year" if kind == "group" else "day") or "").strip()
    try:
        found = date(int(text), 1, 1) if kind == "group" else date.fromisoformat(text)
    except ValueError as error:
        raise HelplineError(f"«{text}» er ikke en dato. Skriv den som 2026-01-31.") from error
    if not 2000 <= found.year <= 2200:
        raise HelplineError(f"«{text}» er ikke en dato. Skriv den som 2026-01-31.")
    return found


def _hour(form: FormData) -> int | None:
    text = str(form.get("hour") or "")
    return int(text) if text.isdecimal() and len(text) < 3 and int(text) < 24 else None


def _direction(form: FormData) -> str | None:
    value = form.get("direction")
    return str(value) if value in code_lists()["direction"] else None


def _text(form: FormData, name: str) -> str | None:
    return str(form.get(name) or "") or None


def _number(form: FormData, name: str) -> int | None:
    text = str(form.get(name) or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise HelplineError(f"«{text}» er ikke et helt tall.")
    return int(text)
