"""Example data for the demo: invented, believable, and marked as examples. Never for a real installation.

The same seed gives the same months, so that a picture taken today looks like one taken tomorrow.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from helpline.core.codes import Origin, Outcome
from helpline.core.duty import Duty, Role
from helpline.core.record import Record, deidentified
from helpline.desk import counters
from helpline.desk.house import House
from helpline.desk.opening import public_holidays
from helpline.desk.sign_in import hash_password
from helpline.store import experiences, installation, records
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, OpeningSpan, Shift

Code = TypeVar("Code", bound=str | int)

#: Everyone in the demo signs in with it; the demo prints it.
PASSWORD = "proev-hjelpelinjen"
#: Invented people, named after trees. Their telephones are the simulator's.
PEOPLE = (
    ("ask@example.org", "Ask (eksempel)", Role.ADVISOR, "+4790000101"),
    ("selje@example.org", "Selje (eksempel)", Role.ADVISOR, "+4790000102"),
    ("rogn@example.org", "Rogn (eksempel)", Role.MANAGER, "+4790000103"),
    ("eik@example.org", "Eik (eksempel)", Role.ADMIN, None),
)
#: Invented: what managers have to read in the demo, days ago, with a name to take out.
EXPERIENCES = (
    (
        2,
        "Eksempel: Ingen på avdelingen spurte hvordan jeg hadde det. Broren min Jonas var der i tre uker, og jeg lærte "
        "legene å kjenne i døra.\n\nDet som hjalp, var da en sykepleier sa at jeg også fikk lov til å være sliten.",
    ),
    (9, "Eksempel: Det tok to år før jeg skjønte at jeg var pårørende. Jeg trodde jeg bare var kona hans."),
)
#: Months of records behind the demo's reports.
DAYS = 200
_LOADED = "example_data"

_OUTCOMES = {
    Outcome.COUNSELLED: 62,
    Outcome.REFERRED: 9,
    Outcome.GUIDED: 8,
    Outcome.ABANDONED: 6,
    Outcome.CALLBACK_DONE: 5,
    Outcome.CLOSED_HOURS: 4,
    Outcome.SHORT_ABANDON: 2,
    Outcome.CALLBACK_FAILED: 1,
    Outcome.NOBODY_ON_DUTY: 1,
    Outcome.NON_COUNSELLING: 2,
}
_ANSWERED = {Outcome.COUNSELLED, Outcome.REFERRED, Outcome.CALLBACK_DONE, Outcome.NON_COUNSELLING}
_CHANNELS = {"phone": 66, "sms": 18, "telegram": 7, "email": 9}
#: In the order of the sources' annual report: mothers first.
_RELATIONS = {
    "mother": 38,
    "daughter": 11,
    "sister": 9,
    "spouse": 9,
    "father": 8,
    "son": 6,
    "cohabitant": 5,
    "brother": 4,
    "friend": 4,
    "grandparent": 3,
    "unknown": 3,
}
_TOPICS = {
    "rights": 14,
    "boundaries": 13,
    "working_with_services": 12,
    "self_care": 12,
    "communication_family": 9,
    "illness_information": 8,
    "concern_letter": 7,
    "suicide_risk": 5,
    "coercion": 4,
    "care_support": 5,
    "children_as_relatives": 3,
    "economy_nav": 3,
    "violence": 3,
    "groups_courses": 2,
}
_AREAS = {
    "mental_health_unspecified": 22,
    "depression_anxiety": 14,
    "psychosis": 10,
    "bipolar": 7,
    "personality_disorder": 9,
    "substance_illegal": 9,
    "substance_alcohol": 8,
    "dual_diagnosis": 6,
    "adhd_autism": 5,
    "dementia": 5,
    "other_somatic": 5,
}
#: What callers answer to how much it helped.
_EVALUATIONS = {3: 2, 5: 6, 6: 8, 7: 18, 8: 30, 9: 22, 10: 14}
_AGES = {"18_25": 6, "26_39": 15, "40_54": 34, "55_66": 27, "67_79": 15, "unknown": 3}
_COUNTIES = {"03": 34, "32": 14, "46": 9, "11": 7, "34": 7, "50": 7, "33": 5, "42": 5, "15": 4, "31": 4, "18": 4}


async def load(session: WriteSession, *, house: House, now: datetime) -> bool:
    """Load the example data once. False when it is there already."""
    if await installation.value(session, _LOADED) is not None:
        return False
    password = hash_password(PASSWORD)
    people = []
    for email, name, role, phone in PEOPLE:
        person = Advisor(
            email=email,
            name=name,
            role=role,
            active=True,
            password_hash=password,
            phone_sealed=session.keyring.seal(phone) if phone else None,
            language="nb",
            duty=Duty.OFF,
            duty_since=now,
            created_at=now,
        )
        people.append(person)
        session.add(person)
    # The demo is always open, so that it can be tried at any hour.
    session.add_all(OpeningSpan(weekday=day, opens="00:00", closes="24:00", example=True) for day in range(7))
    await session.flush()
    today = now.astimezone(house.zone).date()
    for offset in range(7):
        day = today + timedelta(days=offset)
        for person, begins, ends in ((people[0], 9, 13), (people[1], 12, 16)):
            session.add(
                Shift(
                    advisor_id=person.id,
                    starts_at=datetime.combine(day, time(begins), house.zone).astimezone(UTC),
                    ends_at=datetime.combine(day, time(ends), house.zone).astimezone(UTC),
                )
            )
    for days, words in EXPERIENCES:
        await experiences.keep(session, words, day=today - timedelta(days=days), language="nb")
    await records.keep_many(session, _months(today, house))
    await installation.set_value(session, _LOADED, now.isoformat())
    await counters.rebuild(session, house=house, now=now)
    return True


def _months(today: date, house: House) -> Iterator[Record]:
    """Contacts of every working day, more on Mondays and in the mornings, a little more each month."""
    chance = random.Random(20261122)
    for ago in range(DAYS, 0, -1):
        day = today - timedelta(days=ago)
        if day.weekday() >= 5 or day in public_holidays(day.year):
            continue
        busy = 9 + (3 if day.weekday() == 0 else 0) + (DAYS - ago) / 60
        for _ in range(max(1, round(chance.gauss(busy, 2.5)))):
            yield _contact(chance, day, house)


def _contact(chance: random.Random, day: date, house: House) -> Record:
    channel = _one(chance, _CHANNELS)
    outcome = _outcome(chance, channel)
    opened = datetime.combine(day, time(10), house.zone) + timedelta(minutes=chance.triangular(0, 300, 70))
    answered = outcome in _ANSWERED
    queued = answered or outcome in (Outcome.ABANDONED, Outcome.SHORT_ABANDON, Outcome.CALLBACK_FAILED)
    by_mail = channel == "email"
    in_writing = channel in ("sms", "telegram") and outcome in (Outcome.COUNSELLED, Outcome.REFERRED)
    waited = None
    if queued and not by_mail:
        waited = round(chance.expovariate(1 / 95)) if outcome is not Outcome.SHORT_ABANDON else chance.randint(1, 9)
    handled = round(chance.lognormvariate(6.9, 0.5)) if answered else None
    relation = _one(chance, _RELATIONS) if answered and chance.random() < 0.93 else None
    women = {"mother", "daughter", "sister", "spouse", "grandparent", "friend"}
    gender = None if relation is None else ("female" if relation in women else "male")
    topics = tuple(sorted({_one(chance, _TOPICS) for _ in range(chance.randint(1, 3))})) if answered else ()
    return deidentified(
        Record(
            record_id=UUID(int=chance.getrandbits(128), version=4).hex,
            origin=Origin.SIMULATED,
            opened_at=opened.astimezone(UTC),
            closed_at=(opened + timedelta(seconds=(waited or 0) + (handled or 30))).astimezone(UTC),
            channel=channel,
            direction="inbound",
            enquirer="relative" if relation else None,
            relation=relation,
            gender=gender,
            age_band=_one(chance, _AGES) if relation else None,
            county=_one(chance, _COUNTIES) if relation and chance.random() < 0.8 else None,
            challenge_areas=(_one(chance, _AREAS),) if answered else (),
            topics=topics,
            language="nb" if chance.random() < 0.9 else chance.choice(("nn", "en", "nn")),
            urgency=_urgency(chance, topics),
            waited_seconds=waited,
            handled_seconds=handled,
            outcome=outcome.value,
            caller_status=chance.choice(("new", "new", "returning")) if answered else None,
            redial_24h=chance.random() < 0.06 if queued else None,
            asked_what_matters=chance.random() < 0.84 if answered else None,
            evaluation=_one(chance, _EVALUATIONS) if in_writing and chance.random() < 0.5 else None,
            articles_used=("grensesetting",) if "boundaries" in topics and chance.random() < 0.5 else (),
            referred_to=("gp",) if outcome is Outcome.REFERRED else (),
        ),
        house.zone,
    )


def _urgency(chance: random.Random, topics: tuple[str, ...]) -> str:
    if "suicide_risk" in topics and chance.random() < 0.4:
        return "red"
    return "yellow" if chance.random() < 0.12 else "green"


def _outcome(chance: random.Random, channel: str) -> Outcome:
    """Only calls are left in the queue or rung back; only texts are guided; an e-mail is answered."""
    while True:
        outcome = _one(chance, _OUTCOMES)
        on_the_line = outcome in (
            Outcome.ABANDONED,
            Outcome.SHORT_ABANDON,
            Outcome.CALLBACK_DONE,
            Outcome.CALLBACK_FAILED,
            Outcome.NOBODY_ON_DUTY,
        )
        if channel == "email" and outcome not in (Outcome.COUNSELLED, Outcome.REFERRED):
            continue
        if (on_the_line and channel != "phone") or (outcome is Outcome.GUIDED and channel == "phone"):
            continue
        return outcome


def _one(chance: random.Random, weights: Mapping[Code, int]) -> Code:
    return chance.choices(list(weights), list(weights.values()))[0]
