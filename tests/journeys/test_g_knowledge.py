"""Journey g: the same knowledge for relatives, beside the contact and on the command line."""

import re

from typer.testing import CliRunner

from helpline import cli
from tests.conftest import ROOT, Service
from tests.journeys.people import Texter, Writer, at_work


async def test_a_question_is_answered_the_same_everywhere(service: Service) -> None:
    article = service.house.library.article("taushetsplikt-og-informasjon", "nb", service.clock.now().date())
    assert article is not None
    opening = article.short[:60]
    texter = Texter(service=service, number="+4790000001")
    texter.write("Hei")
    await texter.reads("Hva er viktigst")
    texter.write("2")
    await texter.reads("Skriv hva du lurer på")
    texter.write("taushetsplikt")
    await texter.reads(opening[:40])

    writer = Writer(service=service, person=701)
    writer.write("/start")
    await writer.presses("Hva er viktigst", "Spørre om rettigheter")
    await writer.reads("Skriv hva du lurer på")
    writer.write("taushetsplikt")
    await writer.reads(opening)

    advisor = await at_work(service)
    assert article.title in await advisor.reads("/knowledge?q=taushetsplikt")

    runner = CliRunner(env={"HELPLINE_KNOWLEDGE_DIR": str(ROOT / "knowledge")})
    answer = runner.invoke(cli.commands, ["knowledge", "search", "taushetsplikt", "--json"])
    assert answer.exit_code == 0, answer.output
    assert "taushetsplikt-og-informasjon" in answer.stdout


async def test_the_check_prints_how_easily_the_articles_read() -> None:
    runner = CliRunner(env={"HELPLINE_KNOWLEDGE_DIR": str(ROOT / "knowledge")})
    answer = runner.invoke(cli.commands, ["knowledge", "check", "--at", "2027-06-01", "--readability"])
    assert answer.exit_code == 0, answer.output
    listed = re.findall(r"^ *(\d+\.\d) +(\d+)  (\S+\.md)$", answer.stdout, re.MULTILINE)
    assert len(listed) > 70
    assert max(float(lix) for lix, _, _ in listed) <= 40
    assert max(int(longest) for _, longest, _ in listed) <= 20
    assert f"Readability: LIX {listed[0][0]} at most ({listed[0][2]}), the limit is 40" in answer.stdout
    assert "nar-det-haster.nb.md:1: warning: was due for review on 2027-05-22." in answer.stderr


async def test_the_concern_letter_leads_to_its_questions_and_to_a_person(service: Service) -> None:
    writer = Writer(service=service, person=702)
    writer.write("/start")
    await writer.presses("Hva er viktigst", "Hjelp til bekymringsmelding")
    await writer.reads("Du kan skrive brevet her, spørsmål for spørsmål, på en nettside, eller sammen med en rådgiver.")
    advisor = await at_work(service)
    writer.write("1")
    contact = await advisor.accept()
    assert "bekymringsmelding" in (await advisor.reads(f"/contact/{contact}")).lower()


async def test_opening_hours_and_help_now_are_never_behind_a_menu(service: Service) -> None:
    texter = Texter(service=service, number="+4790000004")
    texter.write("hjelp nå")
    await texter.reads("Fare for liv: 113")
    texter.write("5")
    await texter.reads("Vi har åpent nå")
