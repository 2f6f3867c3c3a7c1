"""A script that cannot be walked is refused, with a sentence that names the step and what is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpline.triage.script import LANGUAGES, RETURN, SLASH, Act, Script, ScriptError, plain_words, read_script
from helpline.triage.script_check import problems
from tests.conftest import ROOT

SCRIPTS = ROOT / "knowledge" / "scripts"
Change = Callable[[dict[str, Any]], object]


def read(tmp_path: Path, name: str = "text.yaml", change: Change | None = None) -> Script:
    data = yaml.safe_load((SCRIPTS / name).read_text(encoding="utf-8"))
    if change is not None:
        # Shared lists of the file become lists of their own, so that a change touches one step.
        data = yaml.safe_load(yaml.dump(data, Dumper=_Plain))
        change(data)
    path = tmp_path / name
    path.write_text(yaml.dump(data, Dumper=_Plain, allow_unicode=True), encoding="utf-8")
    return read_script(path)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def found(script: Script, *, spoken: bool = False) -> list[str]:
    return list(
        problems(
            script,
            spoken=spoken,
            articles=frozenset({"bekymringsmelding"}),
            questionnaires=frozenset({"rights", "letter"}),
        )
    )


@pytest.mark.parametrize(("name", "spoken"), [("text.yaml", False), ("call.yaml", True)])
def test_the_scripts_of_the_service_can_be_walked(tmp_path: Path, name: str, spoken: bool) -> None:
    assert found(read(tmp_path, name), spoken=spoken) == []


def steps(data: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = data["steps"]
    return inner


@pytest.mark.parametrize(
    ("change", "step", "says"),
    [
        (lambda d: steps(d)["menu"]["ways"][1].update(go="nowhere"), "menu", "nowhere, which does not exist"),
        (lambda d: d.update(start="nowhere"), "start", "nowhere does not exist"),
        (lambda d: steps(d).update(alone={"any": {"go": "menu"}}), "alone", "cannot be reached"),
        (lambda d: steps(d)["nothing_fits"].pop("any"), "nothing_fits", "other words"),
        (lambda d: steps(d)["nothing_fits"].update(ways=[], any={"go": "nothing_fits"}), "nothing_fits", "dead end"),
        (lambda d: steps(d)["menu"]["ways"][1].update(key="1"), "menu", "«1» means two things"),
        (lambda d: steps(d)["language"]["ways"][1].update(words=["norsk"]), "language", "«norsk» means two things"),
        (lambda d: steps(d)["found"]["ways"][0].update(words=["meny"]), "found", "meaning at every step"),
        (lambda d: steps(d)["menu"]["ways"][1].update(key=""), "menu", "neither key nor words"),
        (lambda d: steps(d)["rights_questions"].pop("done"), "rights_questions", "`done`"),
        (lambda d: steps(d)["rights_questions"].update(asks="weather"), "rights_questions", "weather do not exist"),
        (lambda d: steps(d)["rights_questions"].update(any={"do": "search"}), "rights_questions", "are not the answer"),
        (lambda d: steps(d)["menu"].update(done="found"), "menu", "`done` and `stop` belong"),
        (lambda d: steps(d)["menu"]["ways"][0].update(go="rights"), "menu", "would never be reached"),
        (lambda d: steps(d)["menu"]["ways"][0].update(do="language"), "menu", "needs a name after a colon"),
        (lambda d: steps(d)["menu"]["ways"][0].update(do="article:none"), "menu", "article none does not exist"),
        (lambda d: steps(d)["rights"]["ways"][1].pop("else"), "rights", "`else`"),
        (lambda d: steps(d)["menu"]["ways"][0].pop("do"), "menu", "neither does anything nor leads anywhere"),
        (lambda d: steps(d)["menu"]["ways"][1].update(go=RETURN), "menu", "only a step apart"),
        (lambda d: steps(d)["menu"]["ways"][0].update({"for": ["fr"]}), "menu", "unknown language fr"),
        (lambda d: d["anywhere"].pop(3), "anywhere", "«wait», which must be possible"),
        (lambda d: d["anywhere"][0]["words"].pop("nn"), "anywhere", "«erase» has no words under nn"),
        (lambda d: d["anywhere"][0]["words"].pop("slash"), "anywhere", "«erase» has no words under slash"),
        (lambda d: d["anywhere"][0]["words"].update(slash=["slett!"]), "anywhere", "does not begin with a slash"),
        (lambda d: d["anywhere"].pop(), "anywhere", "no words lead to the menu"),
        (lambda d: d["anywhere"][1].update(go="nowhere"), "anywhere", "nowhere does not exist"),
    ],
)  # fmt: skip
def test_what_cannot_be_walked_is_named(tmp_path: Path, change: Change, step: str, says: str) -> None:
    sentences = found(read(tmp_path, change=change))
    assert any(sentence.startswith((f"step {step}:", f"{step}:")) and says in sentence for sentence in sentences), (
        sentences
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.pop("menu"), "«menu» is missing"),
        (lambda d: steps(d)["menu"].update(wyas=[]), "step menu has the unknown field wyas"),
        (lambda d: steps(d)["menu"]["ways"][0].update(doo="wait"), "step menu: a way has the unknown field doo"),
        (lambda d: steps(d)["menu"]["ways"][0].update(do="dance"), "step menu: «dance» is nothing that can be done"),
        (lambda d: steps(d)["menu"].update(shows="weather"), "step menu shows «weather»"),
        (lambda d: steps(d)["menu"].update(ways="1"), "step menu: `ways` and `say` are lists"),
        (lambda d: steps(d)["menu"].update(unless=["x"]), "step menu: `unless`"),
        (lambda d: steps(d)["menu"]["ways"].append("1"), "step menu: a way is not a mapping"),
        (lambda d: d["anywhere"][0].update(words={"fr": ["x"]}), "«fr» is no language"),
        (lambda d: d["anywhere"][0].update(words="x"), "«words» is not a list"),
    ],
)  # fmt: skip
def test_what_is_no_script_is_refused(tmp_path: Path, change: Change, says: str) -> None:
    with pytest.raises(ScriptError) as refused:
        read(tmp_path, change=change)
    assert says in refused.value.sentence
    assert "text.yaml" in refused.value.sentence


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.yaml"
    path.write_text("steps: [", encoding="utf-8")
    with pytest.raises(ScriptError, match=r"text\.yaml cannot be read"):
        read_script(path)


def test_what_is_heard_anywhere_is_heard_at_every_step_in_every_language(tmp_path: Path) -> None:
    script = read(tmp_path)
    for way in script.anywhere:
        for where in (*LANGUAGES, SLASH):
            for word in way.spelt[where]:
                for step in script.steps:
                    for language in LANGUAGES:
                        heard = script.hear(step, f" {word.upper()}! ", language=language)
                        # A step may lead on from it by a way of its own.
                        does = heard is not None and (heard.do, heard.argument) == (way.do, way.argument)
                        assert heard == way or (way.do is not None and does), (word, step)


def test_the_keys_of_the_telephone_are_heard_at_every_step(tmp_path: Path) -> None:
    script = read(tmp_path, "call.yaml")
    for step in script.steps:
        person, others = (script.hear(step, key, language="nb") for key in ("0", "*"))
        assert person is not None
        assert person.do is Act.WAIT
        assert others is not None
        assert others.go == "other_ways"


@pytest.mark.parametrize(
    ("words", "plain"),
    [("  Rådgiver! ", "rådgiver"), ("1.", "1"), ("Hopp  over", "hopp over"), ("«ja»", "ja"), ("", "")],
)
def test_plain_words(words: str, plain: str) -> None:
    assert plain_words(words) == plain
    assert plain_words(plain) == plain
