"""The labelled messages: figures on the part the lexicon was tuned on, and on the part nobody tuned on.

All messages were written for this project. The limits of the test part are floors under what was measured, not aims;
the aim is a recall of 0.98 on red at no more than 2 % of green called red.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal, TypedDict, cast

import pytest

from helpline.triage import Finding, read

Part = Literal["tuning", "test"]


class Labelled(TypedDict):
    id: str
    urgency: str
    variety: str
    language: str
    at_risk: str
    text: str


@cache
def readings(part: Part) -> list[tuple[Labelled, Finding]]:
    lines = Path(__file__).with_name("data").joinpath(f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(message, read(message["text"])) for message in (cast(Labelled, json.loads(line)) for line in lines)]


def share(part: Part, said: str, found: set[str]) -> float:
    levels = [reading.urgency.value for message, reading in readings(part) if message["urgency"] == said]
    return sum(level in found for level in levels) / len(levels)


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.98), ("test", 0.93)])
def test_red_is_seen(part: Part, least: float) -> None:
    assert share(part, "red", {"red"}) >= least


@pytest.mark.parametrize("part", ["tuning", "test"])
def test_ordinary_messages_are_seldom_called_red(part: Part) -> None:
    assert share(part, "green", {"red"}) <= 0.02


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.95), ("test", 0.80)])
def test_yellow_is_not_missed(part: Part, least: float) -> None:
    assert share(part, "yellow", {"yellow", "red"}) >= least


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.93), ("test", 0.83)])
def test_who_is_at_risk(part: Part, least: float) -> None:
    right = [
        reading.at_risk is not None and reading.at_risk.value == message["at_risk"]
        for message, reading in readings(part)
        if message["urgency"] != "green" and reading.alarms
    ]
    assert sum(right) / len(right) >= least


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.90), ("test", 0.88)])
def test_language(part: Part, least: float) -> None:
    right = [reading.language == message["language"] for message, reading in readings(part)]
    assert sum(right) / len(right) >= least


def test_the_sets_are_large_enough_and_never_mixed() -> None:
    tuning, test = readings("tuning"), readings("test")
    both = Counter(message["urgency"] for message, _ in tuning + test)
    assert both["red"] >= 150
    assert both["yellow"] >= 120
    assert both["green"] >= 250
    assert {message["text"] for message, _ in tuning}.isdisjoint(message["text"] for message, _ in test)
