"""What the texts must say in every language they stand in: whom to ring for a child, the action beside a number, no hours
that have grown old."""

import re
from pathlib import Path

import pytest
import yaml

from tests.guidance.knowledge import KNOWLEDGE

ARTICLES = sorted((KNOWLEDGE / "rights").glob("*.md"))
EMERGENCY = yaml.safe_load((KNOWLEDGE / "emergency.yaml").read_text(encoding="utf-8"))["lines"]

#: An action of a line in danger, as each language says it.
ACTIONS = (
    {"nb": "ppgi adresse", "nn": "ppgje adresse", "en": "ive the address"},
    {"nb": "Lås opp", "nn": "Lås opp", "en": "Unlock"},
    {"nb": "Bli hos", "nn": "Bli hos", "en": "Stay with"},
    {"nb": "straffes for å ringe", "nn": "straffa for å ringje", "en": "punished for calling"},
)


def sections(path: Path) -> list[str]:
    """The three lengths of an article."""
    _, *texts = re.split(r"^## \w+\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(texts) == 3
    return texts


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name)
def test_whoever_is_sent_to_the_alarm_line_for_children_learns_of_112_too(path: Path) -> None:
    """A child in danger now is for the police (DOMAIN §1.2, 3), in each of the three lengths."""
    for text in sections(path):
        if "{number:alarmtelefonen" in text:
            assert "{number:police}" in text


def test_a_letter_for_a_child_in_danger_is_answered_with_112() -> None:
    phrases = yaml.safe_load((KNOWLEDGE / "phrases.yaml").read_text(encoding="utf-8"))
    for form in phrases["letter_for_child"].values():
        for text in form.values():
            assert text.index("{number:police}") < text.index("{number:alarmtelefonen}")


@pytest.mark.parametrize("name", EMERGENCY)
def test_a_line_in_danger_holds_the_same_actions_in_every_language(name: str) -> None:
    for action in ACTIONS:
        assert len({words in EMERGENCY[name][language] for language, words in action.items()}) == 1


def test_fainting_is_for_113() -> None:
    for text in sections(KNOWLEDGE / "rights" / "spiseforstyrrelse.nb.md"):
        assert re.search(r"Besvimer personen[^.]*\{number:amk\}", text)
