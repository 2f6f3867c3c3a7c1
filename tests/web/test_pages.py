"""What every page carries: headers, words in two languages, errors in a sentence."""

import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from helpline.core.codes import code_lists
from helpline.core.contact import ContactState, EntryKind
from helpline.core.duty import Duty, PauseReason
from helpline.desk import tokens
from helpline.store import contacts
from helpline.store.tables import DeliveryState
from helpline.web.headers import CONTENT_SECURITY_POLICY
from helpline.web.pages import STATIC, asset, environment
from helpline.web.words import LANGUAGES, say, words
from tests.conftest import Service
from tests.web.conftest import Desk, Write, hire, sitting, waiting

TEMPLATES = Path(STATIC).parent / "templates"


async def test_every_page_carries_the_headers(kari: Desk) -> None:
    for path in ("/sign-in", "/", "/knowledge", "/nowhere", "/contact/999"):
        answer = await kari.get(path)
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY, path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["cache-control"] == "no-store", path


async def test_static_files_are_kept_when_their_address_names_their_content(service: Service) -> None:
    named = await service.http.get(asset("shell.css"))
    assert "immutable" in named.headers["cache-control"]
    assert (await service.http.get("/static/shell.css")).headers["cache-control"] == "no-cache"
    assert (await service.http.get("/static/nothing.css?v=1")).headers["cache-control"] == "no-cache"


async def test_no_page_has_inline_script_style_or_handler(kari: Desk, write: Write) -> None:
    contact = await waiting(write)
    for path in ("/", f"/contact/{contact}", "/knowledge?q=tvang", "/sign-in"):
        page = (await kari.get(path)).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js:", page), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


async def test_an_error_is_a_sentence_with_a_way_out(kari: Desk) -> None:
    page = await kari.get("/contact/999")
    assert page.status_code == 404
    assert "Denne henvendelsen finnes ikke" in page.text
    assert 'href="/"' in page.text
    part = await kari.part("/contact/999")
    assert (part.status_code, part.headers["hx-retarget"]) == (404, "#said")
    assert "<html" not in part.text


async def _fall(*_: object, **__: object) -> None:
    """Falls with a caller's words in its mouth."""
    raise ValueError("Mannen min +4790000001")


async def test_what_nobody_foresaw_is_a_sentence_with_a_way_out_too(
    kari: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "queue", _fall)
    with capture_logs() as logged:
        page = await kari.get("/")
        part = await kari.part("/queue")
    assert page.status_code == 500
    assert "Noe gikk galt hos oss. Prøv igjen om litt." in page.text
    assert 'href="/"' in page.text
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert (part.status_code, part.headers["hx-retarget"]) == (500, "#said")
    assert [(one["event"], one["error"], one["route"]) for one in logged] == [
        ("unexpected", "builtins.ValueError", "/"),
        ("unexpected", "builtins.ValueError", "/queue"),
    ]
    assert "web/test_pages.py" in logged[0]["where"][-1]
    assert "Mannen" not in f"{logged} {page.text} {part.text}"


async def test_other_systems_get_what_nobody_foresaw_as_json(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "find", _fall)
    with capture_logs() as logged:
        answer = await service.http.get("/api/v1/queue", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json()) == (500, {"error": "Noe gikk galt hos oss. Prøv igjen om litt."})
    assert [one["event"] for one in logged] == ["unexpected"]


def _keys_in_templates() -> set[str]:
    found = set()
    for file in TEMPLATES.glob("*.html"):
        found |= set(re.findall(r"""\bt\(\s*["']([a-z_]+\.[a-z_0-9]+)["']""", file.read_text(encoding="utf-8")))
    return found


def test_every_text_that_a_template_asks_for_exists() -> None:
    for key in _keys_in_templates():
        # «sound.tone_» is the beginning of several: the template adds the rest.
        assert key in words() or (key.endswith("_") and any(known.startswith(key) for known in words())), key


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("duty", [duty.value for duty in Duty]),
        ("pause", [reason.value for reason in PauseReason]),
        ("state", [state.value for state in ContactState]),
        ("delivery", [state.value for state in DeliveryState]),
        ("event", [kind.value for kind in EntryKind if kind.value not in ("text_in", "media", "alarm", "note")]),
        ("bridge", ["rings_you", "rings_them", "talking", "over"]),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(group: str, codes: list[str], language: str) -> None:
    for code in codes:
        assert say(f"{group}.{code}", language)


def test_every_template_can_be_read() -> None:
    names = [name for name in environment().list_templates() if name.endswith(".html")]
    assert len(names) > 10
    for name in names:
        assert environment().get_template(name).name == name


async def test_the_pages_speak_the_advisors_language(service: Service, write: Write) -> None:
    contact = await waiting(write)
    advisor = await hire(service, "Kari Eksempel")
    async with service.database.writing() as session:
        found = await session.get(type(advisor), advisor.id)
        assert found is not None
        found.language = "en"
    async with sitting(service, advisor) as desk:
        page = (await desk.get(f"/contact/{contact}")).text
    assert '<html lang="en"' in page
    assert "In the queue" in page
    assert "What was it about?" in page or "Whoever has the contact" in page
    assert "Notat" not in page


def test_no_vendored_file_lacks_its_licence() -> None:
    vendor = STATIC / "vendor"
    listed = (vendor / "VERSIONS.md").read_text(encoding="utf-8")
    for folder in (path for path in vendor.iterdir() if path.is_dir()):
        assert (folder / "LICENSE").is_file()
        for file in folder.iterdir():
            assert f"{folder.name}/{file.name}" in listed or f"{folder.name}/*{file.suffix}" in listed


def test_labels_of_codes_stand_in_both_languages() -> None:
    for name in ("topic", "outcome", "relation", "challenge_area", "referral"):
        assert all(code.label_nb and code.label_en for code in code_lists()[name].values())
