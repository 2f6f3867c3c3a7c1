"""Every line of the lexicon against its own examples."""

import pytest

from helpline.core.codes import Urgency, code_lists
from helpline.triage import read
from helpline.triage.language import LANGUAGES
from helpline.triage.lexicon import Combination, Entry, lexicon

ENTRIES = lexicon().entries
COMBINATIONS = lexicon().combinations


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_entry_finds_its_examples(entry: Entry) -> None:
    codes = {entry.code, entry.code_if_other}
    for example in entry.examples:
        found = read(example).alarms
        assert any(alarm.code in codes and alarm.level.rank <= entry.level.rank for alarm in found), example


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_entry_leaves_its_counter_examples(entry: Entry) -> None:
    for example in entry.counter_examples:
        wrong = [alarm for alarm in read(example).alarms if alarm.entry == entry.id and alarm.level is entry.level]
        assert wrong == [], example


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_entry_is_complete(entry: Entry) -> None:
    assert entry.patterns
    assert entry.examples
    assert entry.counter_examples
    assert set(entry.languages) <= set(LANGUAGES)


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda combination: combination.id)
def test_combination_means_what_its_examples_say(combination: Combination) -> None:
    for example in combination.examples:
        assert read(example).urgency is combination.level, example
    for example in combination.counter_examples:
        assert all(alarm.entry != combination.id for alarm in read(example).alarms), example


def test_combinations_name_what_exists() -> None:
    cues = {source.name for source in lexicon().sources if source.kind == "cue"}
    for combination in COMBINATIONS:
        signs = cues | set(code_lists()["alarm"])
        assert combination.unless <= signs
        assert all(group <= signs for group in combination.needs)


def test_every_pattern_compiles() -> None:
    assert all(source.pattern.regex.pattern for source in lexicon().sources)


def test_every_kind_of_alarm_has_an_entry() -> None:
    codes = {entry.code for entry in ENTRIES} | {entry.code_if_other for entry in ENTRIES}
    assert set(code_lists()["alarm"]) <= codes


def test_levels_are_those_of_the_index() -> None:
    assert {entry.level for entry in ENTRIES} == set(Urgency)
