"""Journey h: rights and letters in the conversation, from the first word to the result, on each channel."""

from functools import partial

from sqlalchemy import select

from helpline.core.questionnaire import AnswerKind
from helpline.simulator.faults import Fault, FaultKind
from helpline.store import drafts
from helpline.store.db import ReadSession
from helpline.store.tables import Contact, DraftKind
from tests.conftest import HandClock, Service, open_all_week, started
from tests.desk.test_ask import questions, usual
from tests.journeys.people import Caller, Texter, Writer, at_work

#: Answers of one who cares for a mother of 70 and knows no more.
RIGHTS = [
    ("Hvem er du for den som er syk eller trenger hjelp?", "Datter eller sønn"),
    ("Hvor gammel er du selv?", "18 år eller mer"),
    ("Hvor gammel er den som er syk?", "67 år eller mer"),
    ("Hva gjelder det nå?", "Vet ikke"),
    ("Hva slags sykdom eller situasjon", "Vet ikke"),
    ("Sier personen ja", "Vet ikke"),
    ("Er du nærmeste pårørende?", "Ja"),
    ("Er det barn under 18 år", "Vet ikke"),
    ("Er du i arbeid?", "Ja, jeg er ansatt"),
    ("Hvilket fylke", "Oslo"),
]


def _reads_now(writer: Writer, count: int, words: str) -> bool:
    """Whether these words came after the first `count` messages."""
    return any(words in str(one.get("text")) for one in writer.received[count:])


async def found(service: Service) -> list[str]:
    """The titles that the answers of the only contact lead to, as the guide has them everywhere."""

    async def given(session: ReadSession) -> dict[str, object] | None:
        contact = (await session.scalars(select(Contact))).one()
        draft = await drafts.newest(session, contact.id, DraftKind.RIGHTS, now=service.clock.now())
        return None if draft is None or draft.finished_at is None else drafts.answers(session, draft)

    answers = await service.until(given)
    assert answers is not None
    result = service.house.rights.apply(answers, service.clock.now().date())
    return [*(right.title["nb"] for right in result.applies), *(one.right.title["nb"] for one in result.may_apply)]


async def test_rights_on_telegram_from_the_first_word(service: Service) -> None:
    writer = Writer(service=service, person=701)
    writer.write("/start")
    await writer.presses("Hva er viktigst", "Spørre om rettigheter")
    await writer.presses("Skriv hva du lurer på", "Finn rettighetene mine")
    for question, answer in RIGHTS:
        await writer.presses(question, answer)
    titles = await found(service)
    result = await writer.reads("rettigheter trolig for deg")
    for title in titles:
        assert title in str(result["text"])
    await writer.presses("rettigheter trolig for deg", titles[0])
    read = await writer.reads("Hjemmel: ")
    assert "http" not in str(read["text"])


async def test_rights_by_sms_with_every_webhook_doubled(service: Service) -> None:
    texter = Texter(service=service, number="+4790000701")
    texter.write("hei")
    await texter.reads("Hva er viktigst")
    for words, comes in [
        ("2", "Skriv hva du lurer på"), ("2", "Hvem er du for den som er syk?"), ("2", "Hvor gammel er du selv?"),
        ("2", "Hvor gammel er den som er syk?"), ("5", "Hva gjelder det nå?"), ("1 2", "Hva slags sykdom"),
        ("9", "Sier personen ja"), ("hopp over", "Er du nærmeste"), ("1", "Er det barn"), ("4", "Er du i arbeid?"),
        ("1", "Hvilket fylke"), ("Oslo", "rettigheter gjelder deg trolig"),
    ]:  # fmt: skip
        service.simulator.faults.order(Fault(kind=FaultKind.TWICE, target="webhook/sms"))
        texter.write(words)
        await texter.reads(comes)
    titles = await found(service)
    texter.write("1")
    await texter.reads(f"{titles[0]}\n")
    assert len([text for text in texter.received if "Hvor gammel er du selv?" in text.body]) == 1


async def test_rights_on_the_telephone_from_the_first_ring(service: Service) -> None:
    await at_work(service)
    caller = Caller(service=service, number="+4790000702")
    await caller.calls()
    for key in "4225" + "9943" + "44" + "1" + "1":
        await caller.presses(key)
    titles = await found(service)
    assert f"Rettighet 1 av {len(titles)}." in caller.heard
    await caller.presses("1")
    assert f"Rettighet 2 av {len(titles)}." in caller.heard
    await caller.presses("0")
    await caller.hears("Du er nummer 1 i køen")


async def test_a_letter_on_telegram_ends_as_text_and_file_and_survives_a_restart(
    database_url: str, clock: HandClock
) -> None:
    async with started(database_url, clock) as service:
        await open_all_week(service.database)
        writer = Writer(service=service, person=702)
        writer.write("/start")
        await writer.presses("Hva er viktigst", "Hjelp til bekymringsmelding")
        await writer.presses("Du kan skrive brevet her", "Her, spørsmål for spørsmål")
        await writer.presses("Er noen i fare akkurat nå?", "Nei")
        await writer.presses("Hvem skal brevet til?", "Fastlegen")
        await writer.reads("under 18 år?")

    # What the process that is gone had in hand is taken up by the next one when its lease is over.
    clock.advance(minutes=2)
    async with started(database_url, clock) as service:
        writer = Writer(service=service, person=702)
        writer.write("fortsett")
        await writer.reads("under 18 år?")
        asked = list(questions(service.house.letters.questionnaire))[2:]
        for (_, place), (_, after) in zip(asked, [*asked[1:], (None, None)], strict=True):
            clock.advance(minutes=1)
            count = len(writer.received)
            writer.write(usual(place))
            if after is not None:
                words = "Er det én hendelse til" if after.asks is None else after.asks.words("nb", "telegram")
                await service.simulator.changes.until(partial(_reads_now, writer, count, words))
                assert place.asks is None or place.asks.kind in AnswerKind
        await writer.reads("Vi har ikke sendt det til noen.")
        await writer.reads("Bekymringsmelding\n")
        documents = [one["document"] for one in writer.received if "document" in one]
        assert [one["file_name"] for one in documents] == ["bekymringsmelding.pdf"]  # type: ignore[index]
        await writer.presses("Vi har ikke sendt det til noen.", "Se på det med en rådgiver")
        await writer.reads("Ingen rådgiver er på vakt")


async def test_a_letter_by_sms_begins_with_the_page(service: Service) -> None:
    texter = Texter(service=service, number="+4790000703")
    texter.write("hei")
    await texter.reads("Hva er viktigst")
    texter.write("3")
    how = await texter.reads("en nettside er lettest")
    assert how.parts <= 3
    texter.write("2")
    page = await texter.reads(f"{service.house.public_url}/l/")
    assert page.parts <= 2


async def test_red_words_in_the_middle_of_a_letter_reach_an_advisor_first(service: Service) -> None:
    texter = Texter(service=service, number="+4790000704")
    for words, comes in [
        ("hei", "Hva er viktigst"), ("3", "en nettside er lettest"), ("3", "Er noen i fare"),
        ("2", "Hvem skal brevet til?"), ("1", "under 18"), ("2", "Hva heter kontoret"),
    ]:  # fmt: skip
        texter.write(words)
        await texter.reads(comes)
    count = len(texter.received)
    texter.write("Hun har låst seg inne og sier hun skal ta livet sitt nå")
    await texter.reads("Ring 113 nå.")
    assert texter.received[count].body.startswith("Ring 113 nå.")
    assert texter.received[count].parts == 1
    await texter.reads("Skriv FORTSETT når du vil gå videre.")

    advisor = await at_work(service)
    contact = await advisor.accept()
    assert "låst seg inne" in await advisor.reads(f"/contact/{contact}")
