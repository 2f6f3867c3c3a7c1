"""Example data for the demo: invented, believable, and marked as examples. Never for a real installation.

The log behind the reports is in `example_log`, what the advisors did for it in `example_work`.
"""

from datetime import UTC, datetime, time, timedelta

from helpline.core.duty import Duty, Role
from helpline.desk import counters
from helpline.desk.example_log import log_until
from helpline.desk.example_work import work
from helpline.desk.house import House
from helpline.desk.sign_in import hash_password
from helpline.store import experiences, installation, loads, records
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, OpeningSpan, Shift

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
_LOADED = "example_data"
_FOLDED_AT_ONCE = 7


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
    log = list(log_until(today, house.zone))
    await records.keep_many(session, log)
    done = work(log, [person.id for person in people], house.zone)
    await loads.keep_many(session, shifts=done.shifts, duty=done.duty, contacts=done.contacts, offers=done.offers)
    await installation.set_value(session, _LOADED, now.isoformat())
    return True


async def fold_a_week(session: WriteSession, *, house: House, now: datetime) -> bool:
    """Fold a week of the example log, while the demo is in use already: all at once it would take as long as the rest
    of the first start. Until then the figures are counted from the records. False when nothing is left."""
    return await counters.fold_closed_days(session, house=house, now=now, at_most=_FOLDED_AT_ONCE) == _FOLDED_AT_ONCE
