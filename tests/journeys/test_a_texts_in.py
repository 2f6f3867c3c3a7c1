"""Journey a: what somebody writes reaches an advisor, by SMS and by Telegram, is answered and becomes a record."""

from sqlalchemy import select

from helpline.store import records, tables
from helpline.store.db import ReadSession
from tests.conftest import Service
from tests.journeys.people import Texter, Writer, at_work


async def _records(session: ReadSession) -> list[tables.Record]:
    return list((await session.scalars(select(tables.Record).order_by(tables.Record.closed_at))).all())


async def test_an_sms_from_first_word_to_record(service: Service) -> None:
    advisor = await at_work(service)
    texter = Texter(service=service, number="+4790000001")

    texter.write("Hei")
    welcome = await texter.reads("Hva er viktigst for deg akkurat nå?")
    assert "1 = Rådgiver" in welcome.body
    assert "Du kan være anonym" in welcome.body
    assert "SLETT" in welcome.body
    assert "«" not in welcome.body  # GSM-7 is kept

    texter.write("Jeg er så sliten av å sette grenser for sønnen min")
    await texter.reads("Takk for at du forteller")
    texter.write("1")
    await texter.reads("Du er nr. 1 i køen")

    contact = await advisor.accept()
    page = await advisor.reads(f"/contact/{contact}")
    assert "Jeg er så sliten av å sette grenser for sønnen min" in page
    assert "90000001" not in page.replace(" ", "")  # the number is not for everyday eyes

    await advisor.send(f"/contact/{contact}/reply", text="Hei. Vi kan snakke om grenser – «nei» er også et svar.")
    service.clock.advance(seconds=11)
    service.parts.outbox.wake()
    answer = await texter.reads("Vi kan snakke om grenser")
    assert answer.body == 'Hei. Vi kan snakke om grenser - "nei" er også et svar.'
    texter.write("Tusen takk")
    await service.until(lambda session: _says(session, "Tusen takk"))
    assert "Tusen takk" in await advisor.reads(f"/contact/{contact}")

    await advisor.close(contact, relation="mother")
    async with service.database.reading() as session:
        (record,) = await _records(session)
    assert (record.channel, record.outcome, record.relation) == ("sms", "counselled", "mother")
    assert record.topics == ["boundaries"]
    assert record.asked_what_matters is True
    assert record.opened_at.minute == 0


async def test_telegram_from_start_to_record(service: Service) -> None:
    advisor = await at_work(service)
    writer = Writer(service=service, person=555)

    writer.write("/start")
    welcome = await writer.reads("Hva er viktigst for deg akkurat nå?")
    assert "ikke en hemmelig chat" in str(welcome["text"])
    await writer.presses("Hva er viktigst", "Snakke med en rådgiver")
    await writer.reads("Du er nummer 1 i køen")

    contact = await advisor.accept()
    await advisor.send(f"/contact/{contact}/reply", text="Hei, jeg er her.")
    service.clock.advance(seconds=11)
    service.parts.outbox.wake()
    await writer.reads("Hei, jeg er her.")
    await advisor.close(contact, relation="sister", goodbye="yes")
    await writer.reads("Samtalen er avsluttet")
    async with service.database.reading() as session:
        (record,) = await _records(session)
        assert await records.of_contact(session, contact) is not None
    assert (record.channel, record.outcome, record.relation) == ("telegram", "counselled", "sister")


async def test_danger_is_answered_first_and_heads_the_queue(service: Service) -> None:
    earlier = Texter(service=service, number="+4790000002")
    earlier.write("rådgiver")
    await earlier.reads("Ingen rådgiver er på vakt")
    afraid = Texter(service=service, number="+4790000003")

    afraid.write("Mannen min har tatt masse piller og puster rart, hjelp")
    first = await afraid.reads("Ring 113")
    assert first is afraid.received[0]
    assert first.parts == 1
    await afraid.reads("Jeg er et automatisk system")

    advisor = await at_work(service)
    contact = await advisor.accept()
    page = await advisor.reads(f"/contact/{contact}")
    assert "piller" in page
    assert "rød" in page.lower()


async def _says(session: ReadSession, words: str) -> bool:
    for entry in await session.scalars(select(tables.Entry).where(tables.Entry.body.is_not(None))):
        if entry.body is not None and words in session.keyring.open(entry.body):
            return True
    return False
