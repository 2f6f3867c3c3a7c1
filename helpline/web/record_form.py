"""The record of a contact as a form: its lists, what is chosen already, and what the form says."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from helpline.core.codes import (
    UNKNOWN,
    UNKNOWN_LABELS,
    Outcome,
    code_lists,
    counties,
    municipalities,
    municipality_called,
    municipality_names,
)
from helpline.core.contact import Wish
from helpline.desk import close, evaluate
from helpline.errors import HelplineError
from helpline.store.tables import Contact

#: Fields of one code, with the list that it comes from.
ONE = {
    "enquirer": "enquirer",
    "relation": "relation",
    "gender": "gender",
    "age_band": "age_band",
    "caller_status": "caller_status",
}
#: Fields of several codes.
SEVERAL = {
    "topics": "topic",
    "challenge_areas": "challenge_area",
    "referred_to": "referral",
    "referred_from": "referral",
}
#: Outcomes that stand as buttons, the likeliest first; the others are chosen from the list below them. Whoever was rung
#: back and then counselled counts as counselled, so that stands there too.
MAIN = (Outcome.COUNSELLED, Outcome.REFERRED)
MAIN_OF_CALLBACK = (Outcome.CALLBACK_DONE, Outcome.COUNSELLED, Outcome.CALLBACK_FAILED)
MAIN_OF_UNREACHED = (Outcome.CALLBACK_FAILED, Outcome.CALLBACK_DONE)
#: What they were about is asked only of those who were helped.
NEEDS_TOPIC = frozenset({Outcome.COUNSELLED, Outcome.REFERRED, Outcome.CALLBACK_DONE})


def record_part(contact: Contact, *, language: str) -> dict[str, Any]:
    """The closing form of a contact. Topics that the triage heard are chosen already."""
    answers = dict(contact.draft)
    if not answers.get("topics"):
        answers["topics"] = list(contact.topics)
    answers.setdefault("asked_what_matters", contact.asked_what_matters or None)
    if contact.returning is not None:
        answers.setdefault("caller_status", "returning" if contact.returning else "new")
    main: tuple[Outcome, ...] = MAIN
    if contact.wish is Wish.CALLBACK:
        main = MAIN_OF_UNREACHED if contact.answered_at is None else MAIN_OF_CALLBACK
    return {
        "answers": answers,
        "municipality": municipality_shown(answers.get("municipality"), language),
        "keyed": evaluate.keyed(contact),
        "lists": code_lists(),
        "counties": counties,
        "municipalities": municipality_names(),
        "main_outcomes": main,
        "more_outcomes": [
            outcome for outcome in close.choosable_outcomes(contact) if outcome not in (*main, Outcome.NON_COUNSELLING)
        ],
    }


def answers_from(form: FormData, before: Mapping[str, Any]) -> dict[str, Any]:
    """What the form says, in the shape of a draft. What was unticked is empty; codes that do not exist are dropped."""
    found: dict[str, Any] = {}
    for name, list_name in ONE.items():
        value = form.get(name)
        found[name] = value if value in code_lists()[list_name] or value == UNKNOWN else None
    for name, list_name in SEVERAL.items():
        chosen = [value for value in form.getlist(name) if value in code_lists()[list_name]]
        found[name] = list(dict.fromkeys(chosen))
    found["county"] = _county(form)
    found["asked_what_matters"] = {"yes": True, "no": False}.get(str(form.get("asked_what_matters")))
    for name, most in (("letters", 99), ("evaluation", 10)):
        value = str(form.get(name) or "")
        found[name] = int(value) if value.isdecimal() and len(value) < 4 and int(value) <= most else None
    if not form.get("letters"):
        # A letter may have been finished since the form was drawn; «none» is written as 0.
        found["letters"] = before.get("letters")
    found["articles_used"] = list(before.get("articles_used", ()))
    return found


def place_from(form: FormData) -> dict[str, str | None]:
    """Where they live: the county chosen, or that of the municipality, which is written and not chosen.

    Raises:
        HelplineError: there is no such municipality, or it lies in another county than the one chosen.
    """
    county, words = _county(form), str(form.get("municipality") or "").strip()
    if not words:
        return {"county": county, "municipality": None}
    if words.casefold() in (UNKNOWN, *UNKNOWN_LABELS.values()):
        return {"county": county, "municipality": UNKNOWN}
    number = municipality_called(words)
    if number is None:
        raise HelplineError(f"Vi kjenner ikke kommunen «{words}». Velg den fra listen, eller la feltet stå tomt.")
    place = municipalities()[number]
    if county not in (None, UNKNOWN, place.county_number):
        raise HelplineError(f"{place.name} ligger i {place.county_name}. Rett fylket eller kommunen.")
    return {"county": place.county_number, "municipality": number}


def municipality_shown(number: str | None, language: str) -> str:
    """The municipality as it stands in the form."""
    if number == UNKNOWN:
        return UNKNOWN_LABELS.get(language, UNKNOWN)
    return municipality_names().get(number or "", "")


def _county(form: FormData) -> str | None:
    county = form.get("county")
    return str(county) if county in counties() or county == UNKNOWN else None
