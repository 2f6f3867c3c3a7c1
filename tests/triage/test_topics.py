"""The topics of messages: those that were labelled, and what they lead to."""

import pytest

from bench.topics import PARTS, Part, agreement, messages
from helpline.core.codes import code_lists
from helpline.triage import read


# The limits of the test part are floors under what was measured.
@pytest.mark.parametrize(("part", "precision", "recall"), [("tuning", 0.88, 0.92), ("test", 0.78, 0.85)])
def test_topics_are_told(part: Part, precision: float, recall: float) -> None:
    found = agreement(part)
    assert found.precision >= precision, found.extra
    assert found.recall >= recall, found.missed


def test_labels_are_codes_and_every_code_is_there() -> None:
    both = [message for part in PARTS for message in messages(part)]
    known = set(code_lists()["topic"]) - {"unknown"}
    assert set().union(*(message.topics for message in both)) == known
    assert {message.text for message in messages("tuning")}.isdisjoint(message.text for message in messages("test"))


@pytest.mark.parametrize(
    "text", ["Hei, er det noen der?", "Takk for hjelpen i går", "Kan du gjenta det siste?", "ok", ""]
)
def test_small_talk_has_no_topic(text: str) -> None:
    assert read(text).topics == ()


def test_a_message_may_have_several_topics_in_the_order_of_the_list() -> None:
    assert read("Hun er tvangsinnlagt og vi får ikke vite noe").topics == ("access_to_information", "coercion")
