"""Two years of example records for the demo: invented, and every one marked as simulated.

The numbers follow the sources' annual report for 2025: about 2 900 contacts a year, 1 731 of them by phone, 712
sessions with 874 people, 416 attendances at groups, 266 at courses, 300 at events and 50 at writing, 22 self-run
groups; mothers first, 78 % women. Quiet summers, busy Mondays, closed holidays and nights, a little more each year,
longer waits on Tuesdays at noon, and one topic that really is on the rise (`RISING`). The same day gives the same log,
but for how far that topic has come.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from helpline.core.codes import Origin, Outcome, municipalities
from helpline.core.hours import wall_clock
from helpline.core.record import Record
from helpline.desk.opening import public_holidays

Code = TypeVar("Code", bound=str | int)

#: How far back the log goes: two years.
DAYS = 731
#: The topic that is named more and more often through the last ten months, and how many times as often at the end.
RISING, RISE = "forms_digital_help", 3.0
_RISES_FOR = 300

#: Contacts and sessions of an ordinary working day in the middle of 2025.
_CONTACTS, _SESSIONS = 11.3, 2.95
_MIDDLE = date(2025, 7, 1)
_GROWTH_A_YEAR = 1.06
_OF_MONTH = (1.12, 1.08, 1.06, 0.97, 0.96, 0.92, 0.55, 0.93, 1.13, 1.13, 1.15, 0.92)
_OF_WEEKDAY = (1.2, 1.05, 1.0, 0.95, 0.8)
#: Self-run groups of a year, and how many more each year after 2025.
_GROUPS, _MORE_GROUPS = 22, 2


class _Lot(Generic[Code]):
    """Drawing by weight, with the weights summed once."""

    def __init__(self, weights: Mapping[Code, float]) -> None:
        self._codes = list(weights)
        self._sums = list(accumulate(weights.values()))

    def draw(self, chance: random.Random) -> Code:
        return chance.choices(self._codes, cum_weights=self._sums)[0]


#: A good third is entered afterwards: mail, meetings, video, forms, and calls that did not come through the service.
_CHANNELS = _Lot({"phone": 60, "email": 17, "sms": 9, "in_person": 6, "telegram": 4, "video": 2, "form": 2})
_CALLS_ENTERED = 0.1
_OF_CALLS = _Lot(
    {
        Outcome.COUNSELLED: 66,
        Outcome.REFERRED: 8,
        Outcome.ABANDONED: 8,
        Outcome.CALLBACK_DONE: 6,
        Outcome.SHORT_ABANDON: 3,
        Outcome.CALLBACK_FAILED: 2,
        Outcome.NOBODY_ON_DUTY: 1,
        Outcome.NON_COUNSELLING: 3,
        Outcome.MESSAGE_LEFT: 3,
    }
)
_OF_TEXTS = _Lot({Outcome.COUNSELLED: 56, Outcome.GUIDED: 26, Outcome.REFERRED: 8, Outcome.NO_REPLY: 10})
_OF_ENTERED = _Lot({Outcome.COUNSELLED: 85, Outcome.REFERRED: 14, Outcome.NOT_REACHED: 1})
_LATE = 0.06
_HOURS = _Lot({10: 25, 11: 24, 12: 22, 13: 17, 14: 12})
_LATE_HOURS = _Lot({7: 5, 8: 10, 9: 16, 15: 22, 16: 14, 17: 9, 18: 8, 19: 6, 20: 5, 21: 3, 22: 2})

_RELATIONS = _Lot(
    {
        "mother": 38.1,
        "daughter": 10.8,
        "sister": 8.6,
        "spouse": 8.5,
        "father": 7.7,
        "cohabitant": 5.5,
        "son": 4.5,
        "friend": 4.0,
        "brother": 3.0,
        "grandparent": 2.6,
        "partner": 2.4,
        "other_family": 2.0,
        "in_law": 1.2,
        "step_family": 1.1,
    }
)
_WOMEN, _MEN = ("mother", "daughter", "sister"), ("father", "son", "brother")
#: Men among those whose relation does not say it, so that they are 22 % of all.
_OTHER_MEN = 0.26
_TOPICS: Mapping[str, float] = {
    "rights": 14,
    "boundaries": 13,
    "working_with_services": 12,
    "self_care": 12,
    "communication_family": 9,
    "illness_information": 8,
    "concern_letter": 7,
    "suicide_risk": 5,
    "care_support": 5,
    "coercion": 4,
    "loneliness": 4,
    "shame_guilt": 3,
    "children_as_relatives": 3,
    "economy_nav": 3,
    "violence": 3,
    "groups_courses": 2,
    RISING: 3,
}
_AREAS = _Lot(
    {
        "mental_health_unspecified": 22,
        "depression_anxiety": 14,
        "psychosis": 10,
        "bipolar": 7,
        "personality_disorder": 9,
        "substance_illegal": 9,
        "substance_alcohol": 8,
        "dual_diagnosis": 6,
        "eating_disorder": 4,
        "adhd_autism": 5,
        "dementia": 5,
        "other_somatic": 5,
    }
)
#: What callers answer to how much it helped.
_EVALUATIONS = _Lot({3: 2, 5: 6, 6: 8, 7: 18, 8: 30, 9: 22, 10: 14})
_AGES = _Lot({"16_17": 1, "18_25": 6, "26_39": 15, "40_54": 33, "55_66": 27, "67_79": 15, "80_plus": 2, "unknown": 3})
_COUNTIES = _Lot(
    {"03": 48, "32": 13, "46": 7, "11": 6, "34": 5, "50": 5, "33": 4, "42": 4, "15": 3, "31": 3, "18": 2}
    | {"39": 2, "40": 2, "55": 2, "56": 1, "99": 1}
)
_LANGUAGES = _Lot({"nb": 89, "nn": 3, "en": 4, "ar": 1, "so": 1, "pl": 1, "uk": 1})
_CAME_FROM = _Lot({"gp": 22, "dps": 18, "rask_psykisk_helsehjelp": 10, "internet": 26, "relative_friend": 16, "nav": 8})
_SENT_TO = _Lot({"gp": 24, "dps": 18, "municipality": 18, "group_course": 16, "patient_ombudsman": 12, "nav": 12})
_FAMILY = _Lot({1: 82, 2: 14, 3: 3, 4: 1})
_MEETING = _Lot({"in_person": 70, "video": 20, "phone": 10})
_COUNSELLED = (Outcome.COUNSELLED, Outcome.REFERRED, Outcome.CALLBACK_DONE)


def log_until(today: date, zone: ZoneInfo) -> Iterator[Record]:
    """The log of the two years before `today`, day by day; the day itself is left to whoever tries the demo."""
    for ago in range(DAYS, 0, -1):
        day = today - timedelta(days=ago)
        yield from _Day(day, ago=ago, zone=zone).records()


class _Day:
    """One day of the log, drawn from its own lot, so that it looks the same in every log that holds it."""

    def __init__(self, day: date, *, ago: int, zone: ZoneInfo) -> None:
        self._day = day
        self._chance = random.Random(f"example {day}")
        self._topics = _topics(min(1.0, max(0.0, 1 - ago / _RISES_FOR)))
        self._at = cache(lambda hour: wall_clock(day, time(hour), zone))

    def records(self) -> Iterator[Record]:
        """Everything of the day."""
        day, chance = self._day, self._chance
        if (day.month, day.day) == (1, 1):
            for _ in range(max(0, _GROUPS + _MORE_GROUPS * (day.year - 2025))):
                yield self._record(0, kind="group", activity="self_run_group", participants=chance.randint(4, 11))
        if day.weekday() >= 5 or day in public_holidays(day.year):
            # Nobody is at work; some write or ring all the same.
            for _ in range(chance.choice((0, 0, 1, 1, 2))):
                yield self._closed()
            return
        level = _OF_MONTH[day.month - 1] * _OF_WEEKDAY[day.weekday()] * _GROWTH_A_YEAR ** ((day - _MIDDLE).days / 365)
        if day.month == 12 and day.day >= 23:
            level *= 0.4
        for _ in range(max(1, round(chance.gauss(_CONTACTS * level, 2.4)))):
            yield self._closed() if chance.random() < _LATE else self._contact()
        for _ in range(max(0, round(chance.gauss(_SESSIONS * level, 1.1)))):
            yield self._session()
        yield from self._gatherings()

    def _contact(self) -> Record:
        chance = self._chance
        channel = _CHANNELS.draw(chance)
        entered = channel not in ("phone", "sms", "telegram") or (
            channel == "phone" and chance.random() < _CALLS_ENTERED
        )
        outcome = (_OF_ENTERED if entered else _OF_CALLS if channel == "phone" else _OF_TEXTS).draw(chance)
        hour = _HOURS.draw(chance)
        counselled = outcome in _COUNSELLED
        waited = None
        if not entered and outcome not in (Outcome.GUIDED, Outcome.NO_REPLY, Outcome.NOBODY_ON_DUTY):
            # Too few are on duty then: what a manager can find, and mend.
            crowded = self._day.weekday() == 1 and hour in (12, 13)
            waited = round(chance.expovariate(1 / (210 if crowded else 80)))
            if outcome is Outcome.SHORT_ABANDON:
                waited = chance.randint(1, 9)
            elif outcome is Outcome.ABANDONED:
                waited += 11
        texted = channel in ("sms", "telegram") and counselled
        return self._record(
            hour,
            channel=channel,
            direction="outbound" if outcome is Outcome.NOT_REACHED else "inbound",
            language=_LANGUAGES.draw(chance),
            outcome=outcome.value,
            waited_seconds=waited,
            handled_seconds=round(chance.lognormvariate(6.9, 0.5)) if counselled else None,
            redial_24h=chance.random() < 0.06 if waited is not None else None,
            source="kampanje" if channel == "phone" and chance.random() < 0.07 else None,
            evaluation=_EVALUATIONS.draw(chance) if texted and chance.random() < 0.5 else None,
            articles_used=("grensesetting",) if outcome is Outcome.GUIDED else (),
            referred_to=(_SENT_TO.draw(chance),) if outcome is Outcome.REFERRED else (),
            **(self._person() if counselled else {"urgency": "green"}),
        )

    def _closed(self) -> Record:
        """Outside opening hours, never at night: nobody is asked anything."""
        channel = self._chance.choice(("phone", "phone", "sms", "telegram"))
        return self._record(
            _LATE_HOURS.draw(self._chance),
            channel=channel,
            direction="inbound",
            language="nb",
            urgency="green",
            outcome=Outcome.CLOSED_HOURS.value,
        )

    def _session(self) -> Record:
        chance = self._chance
        person = self._person()
        return self._record(
            _HOURS.draw(chance),
            kind="session",
            channel=_MEETING.draw(chance),
            participants=_FAMILY.draw(chance),
            handled_seconds=60 * chance.randint(40, 75),
            **{name: value for name, value in person.items() if name != "urgency"},
        )

    def _person(self) -> dict[str, Any]:
        """Who it was, what about; a few were not asked, and a few did not say."""
        chance = self._chance
        topics = tuple(sorted({self._topics.draw(chance) for _ in range(chance.choice((1, 1, 2, 2, 3)))}))
        # Drawn whatever the topics are, so that the rest of the day does not hang on them.
        red, wrote = chance.random() < 0.4, chance.random() < 0.3
        found: dict[str, Any] = {
            "topics": topics,
            "challenge_areas": (_AREAS.draw(chance),),
            "urgency": "yellow" if chance.random() < 0.12 else "green",
            "caller_status": chance.choice(("new", "new", "returning")),
            "asked_what_matters": chance.random() < 0.84,
            "letters": 1 if "concern_letter" in topics and wrote else None,
            "referred_from": (_CAME_FROM.draw(chance),) if chance.random() < 0.4 else (),
        }
        if "suicide_risk" in topics and red:
            found["urgency"] = "red"
        if chance.random() < 0.07:
            return found
        if chance.random() < 0.03:
            return found | {"enquirer": "relative", "relation": "unknown", "gender": "unknown"}
        relation = _RELATIONS.draw(chance)
        man = relation in _MEN or (relation not in _WOMEN and chance.random() < _OTHER_MEN)
        found |= {"enquirer": "relative", "relation": relation, "gender": "male" if man else "female"}
        found["age_band"] = _AGES.draw(chance)
        if chance.random() < 0.85:
            found["county"] = county = _COUNTIES.draw(chance)
            if county != "99" and chance.random() < 0.6:
                found["municipality"] = chance.choice(_places()[county])
        return found

    def _gatherings(self) -> Iterator[Record]:
        """Groups every Tuesday, courses in spring and autumn, an event and a writing evening a month; none in July."""
        day, chance = self._day, self._chance
        terms = (2, 3, 4, 5, 9, 10, 11)
        if day.month == 7:
            return
        if day.weekday() == 1:
            yield self._attendance("support_group", chance.randint(7, 11))
        if day.weekday() == 2 and day.month in terms:
            yield self._attendance("course", chance.randint(7, 12))
        if day.weekday() == 3 and day.day <= 7:
            yield self._attendance("event", chance.randint(25, 36))
        if day.weekday() == 0 and 8 <= day.day <= 14 and day.month not in (6, 12):
            yield self._attendance("writing", chance.randint(4, 7))

    def _attendance(self, activity: str, participants: int) -> Record:
        return self._record(18, kind="attendance", activity=activity, participants=participants)

    def _record(self, hour: int, **values: Any) -> Record:
        at: datetime = self._at(hour)
        return Record(
            record_id=f"{self._chance.getrandbits(128):032x}",
            origin=Origin.SIMULATED,
            opened_at=at,
            closed_at=at,
            **values,
        )


@cache
def _places() -> Mapping[str, tuple[str, ...]]:
    """The numbers of the municipalities by county."""
    found: dict[str, list[str]] = {}
    for place in municipalities().values():
        found.setdefault(place.county_number, []).append(place.number)
    return {county: tuple(numbers) for county, numbers in found.items()}


def _topics(risen: float) -> _Lot[str]:
    """Topics by how often they are named; `risen`, 0–1, is how far the rising one has come."""
    return _Lot({**_TOPICS, RISING: _TOPICS[RISING] * (1 + (RISE - 1) * risen)})
