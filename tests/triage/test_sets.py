"""The labelled messages: figures on the part the lexicon and its weights know, and on the two that nobody tuned on.

All messages were written for this project. The limits are floors under what was measured, not aims; the aim is a recall
of 0.98 on red at no more than 2 % of green called red. `python -m bench --only triage` prints the figures themselves.
"""

import hashlib
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal, NotRequired, TypedDict, cast

import numpy as np
import pytest

from helpline.core.codes import code_lists
from helpline.triage import Finding, read, weighing

Part = Literal["tuning", "test", "later"]
DATA = Path(__file__).with_name("data")


class Labelled(TypedDict):
    id: str
    urgency: str
    variety: str
    language: str
    at_risk: NotRequired[str]
    alarm: NotRequired[str]
    text: str


@cache
def labelled(part: Part) -> list[Labelled]:
    lines = DATA.joinpath(f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [cast(Labelled, json.loads(line)) for line in lines]


@cache
def readings(part: Part) -> list[tuple[Labelled, Finding]]:
    """The others whole; of the tuning part, which is learnt from and very large, one in seven."""
    return [(message, read(message["text"])) for message in labelled(part)[:: 7 if part == "tuning" else 1]]


def share(part: Part, said: str, found: set[str]) -> float:
    levels = [reading.urgency.value for message, reading in readings(part) if message["urgency"] == said]
    return sum(level in found for level in levels) / len(levels)


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.98), ("test", 0.975), ("later", 0.94)])
def test_red_is_seen(part: Part, least: float) -> None:
    assert share(part, "red", {"red"}) >= least


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.98), ("test", 0.98), ("later", 0.94)])
def test_red_is_seldom_called_green(part: Part, least: float) -> None:
    assert share(part, "red", {"red", "yellow"}) >= least


@pytest.mark.parametrize(("part", "most"), [("tuning", 0.01), ("test", 0.02), ("later", 0.06)])
def test_ordinary_messages_are_seldom_called_red(part: Part, most: float) -> None:
    assert share(part, "green", {"red"}) <= most


def test_ordinary_sentences_are_hardly_ever_called_red() -> None:
    lines = [line for line in (DATA / "ordinary.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
    called_red = [line for line in lines if read(line).urgency.value == "red"]
    assert len(called_red) <= len(lines) * 0.01, called_red


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.95), ("test", 0.80)])
def test_yellow_is_not_missed(part: Part, least: float) -> None:
    assert share(part, "yellow", {"yellow", "red"}) >= least


@pytest.mark.parametrize("code", code_lists()["alarm"])
def test_red_of_every_kind_is_seen(code: str) -> None:
    reds = [finding for message, finding in readings("tuning") if message.get("alarm") == code and _is_red(message)]
    seen = sum(finding.urgency.value == "red" for finding in reds)
    assert seen >= 0.95 * len(reds)


def _is_red(message: Labelled) -> bool:
    return message["urgency"] == "red"


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.83), ("test", 0.88)])
def test_who_is_at_risk(part: Part, least: float) -> None:
    right = [
        reading.at_risk is not None and reading.at_risk.value == message.get("at_risk")
        for message, reading in readings(part)
        if message["urgency"] != "green" and reading.alarms
    ]
    assert sum(right) / len(right) >= least


@pytest.mark.parametrize(("part", "least"), [("tuning", 0.85), ("test", 0.88)])
def test_language(part: Part, least: float) -> None:
    right = [reading.language == message["language"] for message, reading in readings(part)]
    assert sum(right) / len(right) >= least


def test_the_sets_are_large_enough_and_never_mixed() -> None:
    tuning, unseen = labelled("tuning"), labelled("test") + labelled("later")
    everything = Counter(message["urgency"] for message in tuning + unseen)
    assert everything["red"] >= 400
    assert everything["yellow"] >= 300
    assert everything["green"] >= 800
    assert len({message["id"] for message in tuning + unseen}) == len(tuning) + len(unseen)
    assert {message["text"] for message in tuning}.isdisjoint(message["text"] for message in unseen)


def test_the_weights_are_those_of_the_tuning_messages() -> None:
    with np.load(Path(weighing.__file__).with_name(weighing.TABLE)) as table:
        learnt_from = bytes(table["learnt_from"]).decode()
    digest = hashlib.sha256(b"".join((DATA / name).read_bytes() for name in ("tuning.jsonl", "ordinary.txt")))
    assert learnt_from == digest.hexdigest(), "the messages have changed: run `make weights`"


def test_labels_are_codes() -> None:
    codes = code_lists()["alarm"]
    assert all(message["alarm"] in codes for message in labelled("tuning") if "alarm" in message)
