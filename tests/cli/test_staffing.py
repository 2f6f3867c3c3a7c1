"""`helpline staffing`: the published vector with the exact keys, a line that never settles, and what is refused."""

import json

import pytest
from typer.testing import CliRunner

from helpline.cli import commands
from helpline.errors import HelplineError

PUBLISHED = ("--arrivals-per-hour=200", "--handle-seconds=180", "--answer-within=20", "--advisors=14")


def test_the_published_vector_as_json() -> None:
    answer = CliRunner().invoke(commands, ["staffing", *PUBLISHED, "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert list(found) == ["wait_probability", "service_level", "average_wait_seconds", "occupancy"]
    assert found == pytest.approx(
        {
            "wait_probability": 0.17413,
            "service_level": 0.88835,
            "average_wait_seconds": 7.836,
            "occupancy": 0.7143,
        },
        abs=5e-4,
    )


def test_in_words() -> None:
    answer = CliRunner().invoke(commands, ["staffing", *PUBLISHED])
    assert answer.stdout.splitlines() == [
        "Must wait at all: 17.4%.",
        "Answered within 20 s: 88.8%.",
        "Mean wait: 7.8 s.",
        "Each advisor is busy 71.4% of the time.",
    ]


def test_a_line_that_never_settles_has_no_mean_wait() -> None:
    few = [*PUBLISHED[:3], "--advisors=9"]
    found = json.loads(CliRunner().invoke(commands, ["staffing", *few, "--json"]).stdout)
    assert (found["wait_probability"], found["service_level"], found["average_wait_seconds"]) == (1, 0, None)
    assert "without end" in CliRunner().invoke(commands, ["staffing", *few]).stdout


def test_what_cannot_be_is_one_sentence() -> None:
    answer = CliRunner().invoke(commands, ["staffing", *PUBLISHED[:3], "--advisors=0"])
    assert isinstance(answer.exception, HelplineError)
    assert answer.exception.sentence == "There must be at least one advisor, not 0."
    assert CliRunner().invoke(commands, ["staffing", "--advisors=2"]).exit_code == 2
