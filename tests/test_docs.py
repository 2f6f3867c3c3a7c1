"""What is not documented fails here: settings, commands, addresses, tables, links, names of functions, decisions."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi import FastAPI
from starlette.routing import Mount, Route

from helpline import app as wiring
from helpline import clock as clocks
from helpline.cli import commands
from helpline.desk.house import House
from helpline.settings import Settings, load_demo
from helpline.store.db import Database
from helpline.store.keyring import Keyring
from helpline.store.tables import Table

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
ROUTES = ROOT / "docs" / "routes.md"


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def everything() -> str:
    return "\n".join(text_of(path) for path in DOCUMENTS)


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


# Settings


def described_settings() -> set[str]:
    return set(re.findall(r"^#? ?(HELPLINE_[A-Z_]+)=", text_of(ROOT / ".env.example"), re.MULTILINE))


def test_every_setting_stands_in_the_example_and_the_other_way_round() -> None:
    assert described_settings() == {f"HELPLINE_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_is_explained() -> None:
    lines = text_of(ROOT / ".env.example").splitlines()
    unexplained, above = [], ""
    for line in lines:
        if line.startswith("HELPLINE_") and not above.startswith(("#", "HELPLINE_")):
            unexplained.append(line)
        above = line
    assert unexplained == []


def test_the_example_names_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever copies it unchanged gets what they would have had without it."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HELPLINE_{name.upper()}", raising=False)
    assert Settings(_env_file=ROOT / ".env.example") == Settings(_env_file=None)


def test_no_document_names_an_unknown_setting() -> None:
    named = set(re.findall(r"\bHELPLINE_[A-Z_]+\b", everything()))
    known = {f"HELPLINE_{name.upper()}" for name in Settings.model_fields} | {"HELPLINE_DEMAND_BROWSER"}
    assert named - known == set()


# Commands and addresses


def command_names() -> list[str]:
    """Every command as it is typed; a group only when it does something by itself."""

    def walk(command: Any, path: str) -> Iterator[str]:
        inner = getattr(command, "commands", None)
        if inner is None or command.invoke_without_command:
            yield path
        for name, one in (inner or {}).items():
            yield from walk(one, f"{path} {name}")

    return sorted(walk(typer.main.get_command(commands), "helpline"))


@pytest.mark.parametrize("command", command_names())
def test_every_command_is_documented(command: str) -> None:
    assert f"`{command}`" in text_of(ROUTES)


def test_no_document_names_an_unknown_command() -> None:
    known = command_names()
    named = re.findall(r"(?<![/\w])helpline((?: [a-z]+)+)", " ".join(re.findall(r"`([^`\n]+)`", everything())))
    unknown = [words for words in named if not any(f"helpline{words} ".startswith(f"{command} ") for command in known)]
    assert unknown == []


@pytest.fixture
def whole_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FastAPI:
    """The application with every channel on. It is looked at, never started."""
    monkeypatch.setenv("HELPLINE_KNOWLEDGE_DIR", str(ROOT / "knowledge"))
    monkeypatch.setenv("HELPLINE_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/docs.db")
    return wiring.create_app(wiring.build(load_demo()))


def addresses(routes: list[Any], prefix: str = "") -> Iterator[str]:
    for route in routes:
        if isinstance(route, Route | Mount):
            yield prefix + route.path
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from addresses(inner.routes, prefix)


def test_every_family_of_addresses_is_documented(whole_app: FastAPI) -> None:
    """A family is what the first part of the path says; webhooks and health are told apart further."""
    table = text_of(ROUTES)
    families = set()
    for path in addresses(whole_app.routes):
        parts = path.strip("/").split("/")
        depth = 3 if parts[:2] == ["webhooks", "twilio"] else 2 if parts[0] in ("webhooks", "health") else 1
        families.add("/" + "/".join(parts[:depth]))
    assert {"/webhooks/twilio/voice", "/webhooks/telegram", "/health/ready", "/", "/live"} <= families
    undocumented = [family for family in families if f"`{family}`" not in table and f"`{family}/" not in table]
    assert sorted(undocumented) == []


def test_every_documented_address_is_there(whole_app: FastAPI) -> None:
    known = set(addresses(whole_app.routes))
    section = text_of(ROUTES).partition("## Where a request goes")[2].partition("\n## ")[0]
    named = re.findall(r"`(/[^`]*)`", "\n".join(line.split("|")[1] for line in section.splitlines() if "| `/" in line))
    assert named
    missing = [path for path in named if path not in known and not any(at.startswith(f"{path}/") for at in known)]
    assert missing == []


def test_every_sweep_is_documented(whole_app: FastAPI, tmp_path: Path) -> None:
    settings: Settings = whole_app.state.settings
    database = Database(settings.database_url, Keyring(settings.keys))
    section = text_of(ROUTES).partition("## What the clock does")[2]
    assert [
        sweep.name for sweep in clocks.timetable(House.load(settings), database) if f"`{sweep.name}`" not in section
    ] == []


# Words


@pytest.mark.parametrize("table", sorted(Table.metadata.tables))
def test_every_table_is_in_the_glossary_and_in_data(table: str) -> None:
    assert f"`{table}`" in text_of(ROOT / "docs" / "glossary.md")
    assert f"`{table}`" in text_of(ROOT / "docs" / "data.md").partition("## How long")[0]


@cache
def defined_in(path: Path) -> frozenset[str]:
    found = set()
    for node in ast.parse(text_of(path)).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name, body=body):
                found.add(name)
                found |= {
                    f"{name}.{inner.name}"
                    for inner in body
                    if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
                }
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return frozenset(found)


def is_there(named: str) -> bool:
    """Whether `room/file.name` (or `file.name`, or `room/file`) names something of the house."""
    parts = named.split(".")
    for cut in range(len(parts), 0, -1):
        path = ROOT / "helpline" / (".".join(parts[:cut]) + ".py")
        if path.is_file():
            rest = ".".join(parts[cut:])
            return not rest or rest in defined_in(path)
    return False


ROOMS = "core|triage|guidance|store|desk|channels|web"


@pytest.mark.parametrize("document", names(DOCUMENTS))
def test_every_name_of_the_house_is_right(document: str) -> None:
    text = text_of(ROOT / document)
    named = re.findall(rf"`((?:(?:{ROOMS})/\w+|app|outbox|clock|demo|doctor)(?:\.\w+)*)`", text)
    named = [name for name in named if "/" in name or "." in name]
    assert [name for name in named if not is_there(name)] == []


@pytest.mark.parametrize("document", names(DOCUMENTS))
def test_every_file_that_is_named_is_there(document: str) -> None:
    text = text_of(ROOT / document)
    named = re.findall(r"`((?:helpline|knowledge|tests|docs|requirements|bench)/[\w./-]+)`", text)
    here = [ROOT / name for name in named if not re.search(r"[A-Z]{4,}", name)]
    assert [str(path) for path in here if not path.exists()] == []


# Links and form


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", names(DOCUMENTS))
def test_every_link_leads_somewhere(document: str) -> None:
    path = ROOT / document
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", names(DOCUMENTS))
def test_no_document_names_a_machine_or_a_package_host(document: str) -> None:
    text = text_of(ROOT / document)
    found = re.findall(r"(?<![\w.])/(?:work|home|root|tmp|Users|opt|srv)/\S*", text)
    found += re.findall(r"(?i)\b(?:pypi|pythonhosted|npmjs|registry|artifactory|proxy\.golang)[\w.-]*\.\w+", text)
    assert found == []


@pytest.mark.parametrize("document", names(DOCUMENTS))
def test_documents_keep_to_the_words_of_the_house(document: str) -> None:
    text = re.sub(r"`[^`]*`", "", text_of(ROOT / document).partition("## Words that we avoid")[0])
    assert re.findall(r"(?i)\b(?:users?|tickets?|log-?ins?)\b", text) == []


SECTIONS = ["Context", "Decision", "Alternatives refused", "Consequences"]


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("decision", names([*DECISIONS, ROOT / "docs" / "decisions" / "template.md"]))
def test_every_decision_follows_the_template(decision: str) -> None:
    text = text_of(ROOT / decision)
    number = Path(decision).name[:4] if "template" not in decision else "NNNN"
    assert text.startswith(f"# {number}. ")
    assert re.search(r"^Taken: (?:\d{4}-\d\d-\d\d|YYYY-MM-DD)$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert re.search(r"^- \*\*.+\*\*: ", text.partition("## Alternatives refused")[2], re.MULTILINE)
    assert len(text.splitlines()) <= 60


def test_the_list_to_try_by_hand_is_as_long_as_the_readme_says() -> None:
    said = re.search(r"has (\d+) points", text_of(ROOT / "README.md"))
    listed = text_of(ROOT / "docs" / "going-live.md").partition("## What could not be tried")[2]
    assert said is not None
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", listed, re.MULTILINE)]
    assert numbers == list(range(1, int(said[1]) + 1))
