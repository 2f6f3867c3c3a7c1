"""Journey i: what comes after the conversation. An experience for others to read, a place on a list, one question."""

import json
import re

from sqlalchemy import select

from helpline.core.duty import Role
from helpline.desk import counters
from helpline.store import records, tables
from helpline.store.db import ReadSession
from tests.conftest import Service
from tests.journeys.people import Texter, Writer, at_work


async def _experience(session: ReadSession) -> int | None:
    return await session.scalar(select(tables.Experience.id))


async def _listed(session: ReadSession) -> int | None:
    return await session.scalar(select(tables.Interest.id))


async def _evaluation(session: ReadSession) -> int | None:
    return await session.scalar(select(tables.Record.evaluation).where(tables.Record.evaluation.is_not(None)))


async def test_an_experience_by_sms_is_read_and_handed_on(service: Service) -> None:
    texter = Texter(service=service, number="+4790000031")
    texter.write("Hei")
    welcome = await texter.reads("Hva er viktigst for deg akkurat nå?")
    assert "7 = Mer" in welcome.body
    texter.write("7")
    await texter.reads("2 = Del en erfaring")
    texter.write("2")
    what_for = await texter.reads("Ikke skriv navn, steder eller numre.")
    assert what_for.parts is not None
    assert what_for.parts <= 2
    texter.write("Ingen på avdelingen spurte hvordan jeg hadde det. Jonas var der i tre uker.")
    await texter.reads("ferdig = Jeg er ferdig")
    texter.write("FERDIG")
    await texter.reads('Dette kan vise hvem noen er: "Jonas".')
    texter.write("2")
    await texter.reads("Får vi bruke det uten navn")
    texter.write("ja")
    await texter.reads("Takk for at du deler.")
    experience = await service.until(_experience)

    manager = await at_work(service, "Leder En", role=Role.MANAGER)
    page = await manager.reads("/experiences")
    assert "Ingen på avdelingen spurte hvordan jeg hadde det." in page
    assert "90000031" not in page.replace(" ", "")
    await manager.send(f"/experiences/{experience}/take-out", words="Jonas")
    await manager.send(f"/experiences/{experience}/approve")
    document = json.loads(await manager.page("/experiences/approved.json"))
    assert document["experiences"] == [
        {
            "day": "2026-11-23",
            "language": "nb",
            "words": "Ingen på avdelingen spurte hvordan jeg hadde det. […] var der i tre uker.",
        }
    ]


async def test_an_experience_on_telegram_with_buttons(service: Service) -> None:
    writer = Writer(service=service, person=731)
    writer.write("/start")
    await writer.presses("Hva er viktigst", "Mer: time, gruppe, del en erfaring")
    await writer.presses("Hva vil du gjøre?", "Del en erfaring")
    await writer.reads("En person hos oss leser alt før noen andre får se det.")
    writer.write("Det tok tre år før noen spurte meg.")
    await writer.presses("Det er med.", "Jeg er ferdig")
    await writer.reads("Dette har du skrevet:\n\nDet tok tre år før noen spurte meg.")
    await writer.presses("Dette har du skrevet", "Ja")
    await writer.reads("Takk for at du deler.")
    assert await service.until(_experience)


async def test_a_place_on_the_list_leads_to_a_conversation_that_we_begin(service: Service) -> None:
    advisor = await at_work(service)
    texter = Texter(service=service, number="+4790000032")
    for words, answer in (
        ("Hei", "7 = Mer"),
        ("7", "1 = Time eller gruppe"),
        ("1", "Det er ikke et løfte om plass."),
        ("1", "Hvilket fylke bor du i?"),
        ("Oslo", "Får vi sende deg SMS"),
        ("ja", "Er det trygt for deg at vi skriver hit?"),
        ("ja", "Du står på listen: Rådgivningstime."),
    ):
        texter.write(words)
        await texter.reads(answer)
    listed = await service.until(_listed)
    # The conversation falls silent, and is forgotten after seven days; the place on the list is not.
    service.clock.advance(hours=13)
    await service.sweep("silent")
    service.clock.advance(days=8)
    await service.sweep("forget")
    await advisor.sign_in()

    page = await advisor.reads("/interests")
    assert "Rådgivningstime 1" in page
    assert "90000032" not in page.replace(" ", "")
    await advisor.send(f"/interests/{listed}/write")
    text = await texter.reads("Du ba oss si fra når vi hadde noe nytt.")
    assert text.parts == 1
    texter.write("Ja, det passer nå")

    async def heard(session: ReadSession) -> bool:
        newest = await session.scalar(select(tables.Contact).order_by(tables.Contact.id.desc()).limit(1))
        assert newest is not None
        return newest.last_inbound_at > newest.opened_at or await _says(session, newest.id, "Ja, det passer nå")

    await service.until(heard)
    async with service.database.reading() as session:
        contact = await session.scalar(select(tables.Contact.id).order_by(tables.Contact.id.desc()).limit(1))
    assert "Ja, det passer nå" in await advisor.reads(f"/contact/{contact}")
    await advisor.send(f"/interests/{listed}/settle")
    await advisor.close(int(str(contact)))
    assert "Ingen står på listen." in await advisor.reads("/interests")


async def _says(session: ReadSession, contact_id: int, words: str) -> bool:
    rows = await session.scalars(
        select(tables.Entry).where(tables.Entry.contact_id == contact_id, tables.Entry.body.is_not(None))
    )
    return any(entry.body is not None and words == session.keyring.open(entry.body) for entry in rows)


async def test_one_question_after_closing_counts_and_opens_nothing(service: Service) -> None:
    advisor = await at_work(service)
    texter = Texter(service=service, number="+4790000033")
    writer = Writer(service=service, person=732)
    for who, answer in ((texter, "9"), (writer, "6")):
        who.write("rådgiver")
        contact = await advisor.accept()
        await advisor.close(contact, goodbye="yes")
        await who.reads("Hvor mye hjalp vi deg med det som var viktigst?")
        who.write(answer)
        await who.reads("Takk for svaret.")
        async with service.database.reading() as session:
            row = await records.of_contact(session, contact)
            assert row is not None
            assert row.evaluation == int(answer)
    async with service.database.reading() as session:
        states = (await session.scalars(select(tables.Contact.state))).all()
        assert [state.value for state in states] == ["closed", "closed"]
    async with service.database.reading() as session:
        assert await counters.check(session, house=service.house, now=service.clock.now()) == []
    report = await advisor.reads("/reports?period=today")
    assert re.search(r"Hvor mye vi hjalp, gjennomsnitt .* 7,5 av 10 2 henvendelser", report)


async def test_after_danger_nothing_is_asked(service: Service) -> None:
    advisor = await at_work(service)
    afraid = Texter(service=service, number="+4790000034")
    afraid.write("Mannen min har tatt masse piller og puster rart, hjelp")
    await afraid.reads("Ring 113")
    contact = await advisor.accept()
    await advisor.close(contact, goodbye="yes")
    goodbye = await afraid.reads("Samtalen er avsluttet.")
    assert "Hvor mye" not in goodbye.body
    async with service.database.reading() as session:
        assert await _evaluation(session) is None
