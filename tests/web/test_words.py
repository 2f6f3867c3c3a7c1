"""Errors in English: every sentence that a page may show has its English beside it."""

import ast
from pathlib import Path

import pytest

import helpline
from helpline.store.tables import Advisor
from helpline.web.words import english, sentence
from tests.conftest import Service
from tests.web.conftest import Desk, Write, hire, sitting, waiting

ROOMS = Path(helpline.__file__).parent
#: These speak English to the command line and to other systems.
IN_ENGLISH = {"record_files.py", "record_intake.py", "mapping.py", "api.py"}
#: What stands for a value whose words matter; every other value is a seven.
FILLED = {
    "WEEKDAYS[weekday].capitalize()": "Mandag",
    "in_words(earlier)": "10.00–12.00",
    "in_words(later)": "11.00–13.00",
    "refused.sentence": "«7» er ikke et tidsrom. Skriv det som 10.00–15.00.",
    "what": "Dag",
    "unit": "minutter",
}


def assignments(tree: ast.AST) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
    return found


class Sentences(ast.NodeVisitor):
    """Collects what a file may say as an error, its values filled in."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[str] = []
        self.assigned = assignments(tree)
        self.returned = {
            node.name: [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self.visit(tree)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outside, self.assigned = self.assigned, self.assigned | assignments(node)
        self.generic_visit(node)
        self.assigned = outside

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Raise(self, node: ast.Raise) -> None:
        match node.exc:
            case ast.Call(func=ast.Name(id="ValueError" | "RecordError")):
                return
            case ast.Call(args=[said, *_]):
                self.found += self.told(said)

    def told(self, said: ast.expr) -> list[str]:
        match said:
            case ast.Constant(value=str(words)):
                return [words]
            case ast.JoinedStr(values=pieces):
                return ["".join(self.piece(piece) for piece in pieces)]
            case ast.Name(id=name):
                return [words for value in self.assigned.get(name, ()) for words in self.told(value)]
            case ast.Call(func=ast.Name(id=name)):
                return [words for value in self.returned.get(name, ()) for words in self.told(value)]
        return []

    def piece(self, piece: ast.expr) -> str:
        if isinstance(piece, ast.Constant):
            return str(piece.value)
        assert isinstance(piece, ast.FormattedValue)
        if (known := FILLED.get(ast.unparse(piece.value))) is not None:
            return known
        inner = self.told(piece.value) if isinstance(piece.value, ast.Name) else []
        return inner[0] if inner else "7"


def files() -> list[Path]:
    found = (path for room in ("desk", "web") for path in sorted((ROOMS / room).glob("*.py")))
    return [path for path in found if path.name not in IN_ENGLISH]


def raised(path: Path) -> list[str]:
    return Sentences(ast.parse(path.read_text(encoding="utf-8"))).found


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sentence_of_an_error_has_its_english(path: Path) -> None:
    # What only a provider can cause is said in English already.
    said = [words for words in raised(path) if not words.startswith("A call has no turn")]
    assert [words for words in said if english(words) is None] == []


def test_the_sentences_are_found() -> None:
    found = [words for path in files() for words in raised(path)]
    assert len(found) > 80
    # Also what a function returns, a constant holds, and a name stands for.
    assert "Innringeren har blokkert oss på Telegram. Meldinger kommer ikke fram." in found
    assert "Mandag: 10.00–12.00 og 11.00–13.00 overlapper." in found
    assert any(words.startswith("Noen andre tok denne nettopp") for words in found)


@pytest.mark.parametrize(
    ("norwegian", "in_english"),
    [
        ("Velg en rolle.", "Choose a role."),
        ("«tull» er ikke en dato. Skriv den som 2026-01-31.", "“tull” is not a date. Write it as 2026-01-31."),
        (
            "Uke: «tull» er ikke en dato. Skriv den som 2026-01-31.",
            "Week: “tull” is not a date. Write it as 2026-01-31.",
        ),
        (
            "Fredag: «10» er ikke et tidsrom. Skriv det som 10.00–15.00.",
            "Friday: “10” is not a span of time. Write it as 10.00–15.00.",
        ),
        ("Mandag: 10.00–12.00 og 11.00–13.00 overlapper.", "Monday: 10.00–12.00 and 11.00–13.00 overlap."),
        (
            "Det er prøvd for mange ganger. Vent 1 minutt, så kan du prøve igjen.",
            "There were too many attempts. Wait 1 minute, then you can try again.",
        ),
        ("«a{b}» er ikke en e-postadresse.", "“a{b}” is not an e-mail address."),
        ("Dette har ingen oversatt.", "Dette har ingen oversatt."),
    ],
)
def test_a_sentence_keeps_its_values_in_english(norwegian: str, in_english: str) -> None:
    assert sentence(norwegian, "en") == in_english
    assert sentence(norwegian, "nb") == norwegian
    assert sentence(norwegian, "nn") == norwegian


async def test_an_english_speaking_advisor_reads_errors_in_english(service: Service, kari: Desk, write: Write) -> None:
    contact = await waiting(write)
    await kari.post(f"/contact/{contact}/take")
    advisor = await hire(service, "Ada Example")
    async with service.database.writing() as session:
        found = await session.get(Advisor, advisor.id)
        assert found is not None
        found.language = "en"
    async with sitting(service, advisor) as ada:
        service.clock.advance(hours=5)
        home = await ada.get("/")
        assert "The service is closed. " in home.text
        assert "Vi åpner" not in home.text
        service.clock.advance(hours=-5)
        page = await ada.get("/contact/999")
        assert (page.status_code, '<html lang="en"' in page.text) == (404, True)
        assert "There is no such contact, or it has been erased." in page.text
        part = await ada.post(f"/contact/{contact}/reply", text="Hello")
        assert (part.status_code, "Take over first" in part.text) == (409, True)
        reports = await ada.get("/reports?period=custom&first=tull")
        assert (reports.status_code, "“tull” is not a date." in reports.text) == (400, True)
    refused = await service.http.post(
        "/sign-in", data={"email": "x@example.org", "password": "x"}, headers={"Accept-Language": "en-GB"}
    )
    assert "The e-mail or the password is wrong." in refused.text
