"""The example of docs/letters.md is a letter that can be written, without a remark."""

import json
import re
from datetime import date

from helpline.guidance.letters import Letters
from tests.conftest import ROOT
from tests.guidance.knowledge import KNOWLEDGE

TEXT = (ROOT / "docs" / "letters.md").read_text(encoding="utf-8")


def test_the_example_is_a_good_letter() -> None:
    found = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    answers = json.loads(found[1])
    language, on = answers.pop("language"), date.fromisoformat(answers.pop("on"))
    letters = Letters.load(KNOWLEDGE / "letters")
    letter = letters.compose({**answers, "kind": "gp"}, language, on)
    assert "Lillevik, 26. november 2026" in letter.text()
    assert letters.remarks({**answers, "kind": "gp"}, language, on) == ()


def test_every_kind_is_named() -> None:
    letters = Letters.load(KNOWLEDGE / "letters")
    assert [code for code in letters.kinds if f"| `{code}` |" not in TEXT] == []
