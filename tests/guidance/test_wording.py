"""What the texts must say in every language they stand in: whom to ring for a child, the action beside a number, the
law as it reads, and no hours typed in."""

import re
from pathlib import Path

import pytest
import yaml

from tests.guidance.knowledge import KNOWLEDGE

ARTICLES = sorted((KNOWLEDGE / "rights").glob("*.md"))
PHRASES = yaml.safe_load((KNOWLEDGE / "phrases.yaml").read_text(encoding="utf-8"))
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
    for form in PHRASES["letter_for_child"].values():
        for text in form.values():
            assert text.index("{number:police}") < text.index("{number:alarmtelefonen}")


@pytest.mark.parametrize("name", EMERGENCY)
def test_a_line_in_danger_holds_the_same_actions_in_every_language(name: str) -> None:
    for action in ACTIONS:
        assert len({words in EMERGENCY[name][language] for language, words in action.items()}) == 1


def test_fainting_is_for_113() -> None:
    for text in sections(KNOWLEDGE / "rights" / "spiseforstyrrelse.nb.md"):
        assert re.search(r"Besvimer personen[^.]*\{number:amk\}", text)


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_phrase_types_opening_hours(phrase: str) -> None:
    """Hours are data and fall away when they are old; a phrase that needs them names the number with «:full»."""
    for form in PHRASES[phrase].values():
        for text in form.values():
            assert not re.search(r"he(le|ile) døgnet|day and night|round the clock", text, re.IGNORECASE)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name)
def test_a_childs_reasons_should_be_respected(path: Path) -> None:
    """Pasient- og brukerrettighetsloven § 3-4 says «bør»; DOMAIN §2.2."""
    text = path.read_text(encoding="utf-8")
    for words in re.findall(r"(\w+) (?:be )?respekter(?:es|ast|t)\b|(\w+) be respected\b", text):
        assert "".join(words) in ("bør", "should")


def test_only_whoever_gives_a_name_is_promised_a_confirmation_by_child_welfare() -> None:
    """Barnevernsloven § 13-3: the confirmation is sent to the reporter, so that it takes a reporter who is known."""
    text = " ".join(sections(KNOWLEDGE / "rights" / "barnevern.nb.md"))
    promises = [sentence for sentence in re.split(r"[.\n]", text) if "tre uker" in sentence]
    assert len(promises) == 3
    assert all("Oppgir du navn, får du" in sentence for sentence in promises)


@pytest.mark.parametrize(
    "path", [path for path in ARTICLES if path.name.endswith(".en.md")], ids=lambda path: path.name
)
def test_one_english_name_for_one_thing(path: Path) -> None:
    """As the codes and DOMAIN §7 name them: patient ombudsman, control commission, Patient and User Rights Act."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[Pp]atient( and [Uu]ser)? [Oo]mbud\b|[Ss]upervisory commission|Patients' and Users'", text)


@pytest.mark.parametrize("language", ["se", "uk", "ar", "pl", "so", "ur", "ru", "ti"])
def test_the_emergency_article_names_every_number_in_every_language(language: str) -> None:
    spoken, short, full = sections(KNOWLEDGE / "rights" / f"nar-det-haster.{language}.md")
    for number in ("amk", "police", "fire", "legevakt"):
        assert all(f"{{number:{number}}}" in text for text in (spoken, short, full))
    assert all("{number:alarmtelefonen}" in text for text in (short, full))


@pytest.mark.parametrize("path", sorted((KNOWLEDGE / "rights").glob("nar-det-haster.*.md")), ids=lambda path: path.name)
def test_the_poison_line_comes_after_when_to_ring_113(path: Path) -> None:
    """On purpose, a lot, or breathing and waking badly is for 113, the rest for Giftinformasjonen (DOMAIN §1.2, 4)."""
    full = sections(path)[-1]
    [paragraph] = [text for text in full.split("\n") if "{number:giftinformasjonen}" in text]
    assert paragraph.index("{number:giftinformasjonen}") > paragraph.rindex("{number:amk}")
    assert paragraph.count("{number:amk}") == 2
