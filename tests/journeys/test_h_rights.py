"""Journey h: the same answers lead to the same rights on the page, beside the contact and on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from helpline import cli
from tests.conftest import ROOT, Service
from tests.guidance.rights_stories import NOVEMBER, STORIES, Story
from tests.web.conftest import Desk, Write, hire, sitting, waiting, writer
from tests.web.test_contact_rights import form_of
from tests.web.test_rights_page import answered, perhaps_of, rights_of

EXAMPLE = ROOT / "docs" / "examples" / "rights.json"


def rights(*arguments: str, given: str | None = None) -> Result:
    """`helpline rights …`."""
    runner = CliRunner(env={"HELPLINE_KNOWLEDGE_DIR": str(ROOT / "knowledge")})
    return runner.invoke(cli.commands, ["rights", *arguments], input=given)


def from_answers(answers: dict[str, Any], **more: str) -> dict[str, Any]:
    answer = rights("--answers", "-", "--json", given=json.dumps({**answers, **more}))
    assert answer.exit_code == 0, answer.output
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


async def test_page_console_and_command_line_say_the_same(service: Service) -> None:
    write: Write = writer(service)
    today = service.clock.now().date().isoformat()
    async with sitting(service, await hire(service, "Kari Eksempel")) as kari:
        for number, story in enumerate([story for story in STORIES if story.on == NOVEMBER][::5]):
            contact = await waiting(write, handle=f"+4790000{number:03}")
            assert (await kari.post(f"/contact/{contact}/take")).status_code == 200
            await same_everywhere(service, kari, contact, story, today)


async def same_everywhere(service: Service, kari: Desk, contact: int, story: Story, today: str) -> None:
    document = from_answers(story.answers, on=today)
    applies = [right["id"] for right in document["rights"]]
    perhaps = [right["id"] for right in document["may_apply"]]
    assert story.serves <= set(applies)
    page = (await answered(service.http, story.answers)).text
    panel = (await kari.post(f"/contact/{contact}/rights", **form_of(story.answers))).text
    for found in (page, panel):
        assert rights_of(found) == applies
        assert perhaps_of(found) == perhaps


def test_the_example_of_the_documentation_says_everything_about_each_right() -> None:
    document = json.loads(rights("--answers", str(EXAMPLE), "--json").stdout)
    assert (document["language"], document["on"]) == ("nb", "2026-11-26")
    leave = next(right for right in document["rights"] if right["id"] == "ten_days_leave")
    assert leave["statutes"] == [
        {
            "name": "arbeidsmiljøloven",
            "section": "§ 12-10",
            "url": "https://lovdata.no/lov/2005-06-17-62/§12-10",
            "seen": "2026-07-02",
        }
    ]
    for right in document["rights"]:
        assert all(right[name] for name in ("title", "means", "how", "where", "deadline", "article", "changes"))
    assert json.loads(EXAMPLE.read_text(encoding="utf-8")).items() >= {"need": ["help", "leave"]}.items()
    written = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
    inside = written[written.index('{"language": "nb"') :]
    assert json.loads(inside[: inside.index("}") + 1]) == json.loads(EXAMPLE.read_text(encoding="utf-8"))


def test_it_can_be_read_without_a_machine() -> None:
    told = rights(
        "--answers",
        "-",
        given='{"relation":"friend","my_age":"adult","person_age":"unknown","need":["unknown"],"language":"en"}',
    )
    assert told.exit_code == 0
    assert "Talk with an advisor: Most of it depends on something we do not know yet." in told.stdout
    assert "This applies to you" in told.stdout
    assert "https://lovdata.no/lov/1999-07-02-64/§23 (read 2026-07-02)" in told.stdout
    assert "It depends on: How old is the person who is ill?" in told.stdout


def test_the_day_decides_the_law() -> None:
    story = next(story for story in STORIES if "the day the law changed" in story.name)
    before = {right["id"] for right in from_answers(story.answers, on="2026-05-31")["rights"]}
    after = {right["id"] for right in from_answers(story.answers, on="2026-06-01")["rights"]}
    assert after - before == {"information_danger_to_others", "take_part_danger_or_children"}
    assert from_answers(story.answers, on="2024-01-01")["rights"] == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{", "Standard input is not JSON"),
        ("[]", "must hold one JSON object"),
        ('{"relation": "king"}', '«relation» is "king", but must be one of parent, child, partner'),
        ('{"relation": "parent"}', "«person_age» is missing (one of age_0_11"),
        ('{"relation": "parent"}', "«need» is missing (a list of information, help"),
        ('{"relation": ["parent"]}', '«relation» is ["parent"]'),
        ('{"need": ["help", "luck"]}', '«need» is ["help", "luck"], but must be a list of'),
        ('{"mood": "low"}', "«mood» is no question (there are relation, my_age"),
        ('{"language": "sv"}', "«language» must be one of nb, nn, en"),
        ('{"on": "1. juni"}', "«on» must be a date as 2026-11-26"),
        ('{"on": 3}', "«on» must be a date as 2026-11-26"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_sentence(given: str, says: str) -> None:
    answer = rights("--answers", "-", "--json", given=given)
    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert says in str(answer.exception)
    assert "\n" not in str(answer.exception)


def test_a_file_that_is_missing_and_a_command_without_one(tmp_path: Path) -> None:
    missing = rights("--answers", str(tmp_path / "none.json"))
    assert (missing.exit_code, "cannot be read" in str(missing.exception)) == (1, True)
    assert rights().exit_code == 2
    assert "must be one of nb, nn, en" in str(rights("--questions", "--language", "sv").exception)


def test_the_questions_are_printed_so_that_a_file_can_be_written() -> None:
    questions = json.loads(rights("--questions", "--json").stdout)
    assert [question["id"] for question in questions][:4] == ["relation", "my_age", "person_age", "need"]
    assert 7 <= len(questions) <= 10
    for question in questions:
        # With the keys of a telephone nine are enough; the county is the exception.
        assert len(question["options"]) <= 9 or question["id"] == "county"
    my_age = questions[1]
    assert my_age["when"] == {"relation": ["child", "friend", "other_family", "sibling"]}
    assert [option["code"] for option in my_age["options"]] == ["minor", "adult"]
    told = rights("--questions", "--language", "en").stdout
    assert "agrees (choice; asked depending on need, person_age): Does the person agree" in told
