from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from helpline.core.codes import code_lists
from helpline.guidance import KnowledgeError, Library, gsm_length, to_html, to_plain
from tests.guidance.knowledge import ARTICLE, KNOWLEDGE, WRITTEN, copied

#: The contract of slugs; a star stands for nynorsk and English as well.
SLUGS = """
nar-det-haster* naermeste-parorende* taushetsplikt-og-informasjon* medvirkning beslutningskompetanse innsyn-i-journal
parorendestotte-og-avlastning* omsorgsstonad* pleiepenger-og-permisjon* bpa individuell-plan-og-koordinator
rett-til-behandling tvang-psykisk-helse* tvang-rus barn-som-parorende* barnevern klage-og-tilsyn*
pasient-og-brukerombud vergemal-og-fremtidsfullmakt parorendeavtalen oslostandarden bekymringsmelding* grensesetting*
egenomsorg* skam-og-skyld ensomhet kommunikasjon* familiesamtale selvmordsfare* vold-i-naere-relasjoner*
rusavhengighet* spiseforstyrrelse psykose bipolar personlighetsforstyrrelse depresjon-og-angst adhd-og-autisme demens*
somatisk-sykdom funksjonsnedsettelse sorg-og-etterlatte livets-slutt okonomi-og-nav soknader-og-skjema grupper-og-kurs*
radgivningstimer personlig-ombud parorendeplattformen unge-parorende* for-helsepersonell tolk-og-sprak*
om-oss-og-personvern*
""".split()


@pytest.mark.parametrize("slug", [slug.rstrip("*") for slug in SLUGS])
def test_every_article_of_the_contract_is_there_in_bokmal(library: Library, slug: str) -> None:
    article = library.article(slug, "nb", WRITTEN)
    assert article is not None
    assert article.language == "nb"
    for text in (article.spoken, article.short, article.full):
        assert "{" not in text


@pytest.mark.parametrize("slug", [slug.rstrip("*") for slug in SLUGS if slug.endswith("*")])
@pytest.mark.parametrize("language", ["nn", "en"])
def test_starred_articles_are_there_in_nynorsk_and_english(library: Library, slug: str, language: str) -> None:
    article = library.article(slug, language, WRITTEN)
    assert article is not None
    assert article.language == language


def test_number_is_filled_in_and_follows_the_data(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    numbers = directory / "numbers.yaml"
    numbers.write_text(numbers.read_text(encoding="utf-8").replace('"116 117"', '"116 118"'), encoding="utf-8")
    article = Library.load(directory).article("nar-det-haster", "nb", WRITTEN)
    assert article is not None
    assert "116 118" in article.short
    assert "116 117" not in article.short


def test_hours_in_an_article_fall_away_with_age(library: Library) -> None:
    now = library.article("nar-det-haster", "nb", WRITTEN)
    later = library.article("nar-det-haster", "nb", date(2028, 1, 1))
    assert now is not None
    assert later is not None
    assert "Kirkens SOS 22 40 00 40 (hele døgnet)" in now.full
    assert "Kirkens SOS 22 40 00 40\n" in later.full


def test_no_article_shows_an_unconfirmed_number(library: Library) -> None:
    secret = [number.display for number in library.numbers.values() if number.display and not number.verified]
    for article in library.articles:
        shown = library.preview(article.slug, article.language, WRITTEN)
        assert shown is not None
        for display in secret:
            assert display not in shown.full + shown.short + shown.spoken


def test_language_falls_back_to_bokmal(library: Library) -> None:
    article = library.article("oslostandarden", "en", WRITTEN)
    assert article is not None
    assert article.language == "nb"


def test_unknown_slug_is_none(library: Library) -> None:
    assert library.article("finnes-ikke", "nb", WRITTEN) is None


def test_law_of_2026_is_right_for_the_day(library: Library) -> None:
    before = library.article("beslutningskompetanse", "nb", date(2026, 5, 31))
    after = library.article("beslutningskompetanse", "nb", date(2026, 6, 1))
    assert before is not None
    assert after is not None
    assert "åpenbart ikke er i stand" in before.full
    assert "overveiende sannsynlig" in after.full


def test_article_is_withheld_when_no_version_is_valid(library: Library) -> None:
    assert library.article("taushetsplikt-og-informasjon", "nb", date(2025, 12, 31)) is None
    assert library.article("taushetsplikt-og-informasjon", "nb", date(2026, 1, 1)) is not None


def test_emergency_article_is_never_withheld(library: Library) -> None:
    for day in (date(2000, 1, 1), date(2060, 1, 1)):
        assert library.article("nar-det-haster", "nn", day) is not None


def test_language_without_its_native_reader_is_off_for_callers(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    text = (directory / "rights" / "nar-det-haster.en.md").read_text(encoding="utf-8")
    polish = directory / "rights" / "nar-det-haster.pl.md"
    polish.write_text(text.replace("language: en", "language: pl"), encoding="utf-8")
    library = Library.load(directory)
    shown, preview = library.article("nar-det-haster", "pl", WRITTEN), library.preview("nar-det-haster", "pl", WRITTEN)
    assert shown is not None
    assert preview is not None
    assert (shown.language, preview.language) == ("nb", "pl")
    assert library.search("urgent overdose", language="pl")[0].language == "nb"
    polish.write_text(
        text.replace("language: en", "language: pl").replace("reviewed_by:", "reviewed_by: a native reader"),
        encoding="utf-8",
    )
    reviewed = Library.load(directory).article("nar-det-haster", "pl", WRITTEN)
    assert reviewed is not None
    assert reviewed.language == "pl"


@pytest.mark.parametrize(
    ("topic", "slug"),
    [
        ("concern_letter", "bekymringsmelding"),
        ("suicide_risk", "selvmordsfare"),
        ("boundaries", "grensesetting"),
        ("coercion", "tvang-psykisk-helse"),
        ("groups_courses", "grupper-og-kurs"),
        ("personal_advocate", "personlig-ombud"),
        ("rights", "naermeste-parorende"),
        ("access_to_information", "taushetsplikt-og-informasjon"),
        ("care_support", "parorendestotte-og-avlastning"),
        ("other", "om-oss-og-personvern"),
    ],
)
def test_topic_suggests_its_article(library: Library, topic: str, slug: str) -> None:
    assert slug in [article.slug for article in library.for_topics([topic], "nb", WRITTEN)]


def test_every_topic_but_other_has_an_article(library: Library) -> None:
    for topic in code_lists()["topic"]:
        assert library.for_topics([topic], "nn", WRITTEN), topic


def test_topics_take_turns(library: Library) -> None:
    slugs = [article.slug for article in library.for_topics(["illness_information", "boundaries"], "nb", WRITTEN)]
    assert slugs[1] == "grensesetting"


def test_several_topics_give_the_main_article_of_each(library: Library) -> None:
    slugs = [article.slug for article in library.for_topics(["violence", "self_care"], "nb", WRITTEN, limit=10)]
    assert slugs.index("vold-i-naere-relasjoner") < slugs.index("ensomhet")
    assert slugs.index("egenomsorg") < slugs.index("ensomhet")


def test_fill_refuses_what_it_does_not_know(library: Library) -> None:
    assert library.fill("Ring {number:amk}.", "nb", WRITTEN) == "Ring 113."
    with pytest.raises(ValueError, match="not a known number"):
        library.fill("Ring {number:amc}.", "nb", WRITTEN)


def test_html_is_safe() -> None:
    html = to_html(
        "<script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](http://x.no) [c](//x.no) ![d](https://x.no/p.png)\n\n"
        "[e](https://lovdata.no) [f](klage-og-tilsyn) <b>x</b>"
    )
    assert "<script" not in html
    assert "<b>" not in html
    assert "<img" not in html
    assert "javascript:alert(1)" not in html.replace("[a](javascript:alert(1))", "")
    assert 'href="http:' not in html
    assert 'href="//' not in html
    assert '<a href="https://lovdata.no" rel="noopener noreferrer">e</a>' in html
    assert '<a href="klage-og-tilsyn">f</a>' in html


def test_plain_keeps_the_words() -> None:
    assert to_plain("### Hva?\n\nLes [om **klage**](klage-og-tilsyn).\n\n- én\n- to") == (
        "Hva?\n\nLes om klage.\n\n- én\n- to"
    )


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.replace("slug: prove\n", ""), r"prove\.nb\.md:2: «slug» is missing"),
        (lambda text: text.replace("valid_from: 2026-01-01", "valid_from: i fjor"), "«valid_from» is missing or"),
        (lambda text: text.replace("reviewed_by:\n", ""), "«reviewed_by» is missing"),
        (lambda text: text.replace("topics: [rights]", "topics: [weather]"), "«weather» is not a topic"),
        (lambda text: text.replace("audience: [caller,", "audience: [everyone,"), "«audience» may hold"),
        (lambda text: text.replace("language: nb", "language: nn"), "must be those of the file's name"),
        (lambda text: text.replace("{statute:", "{rumour:"), "exactly one of: statute, page, report"),
        (lambda text: text.replace("title:", "titel:"), "«title» is missing"),
        (lambda text: text.replace("keywords:\n  - prøve\n", ""), "«keywords» is missing"),
        (lambda text: text.replace("sources:\n", "sourcess:\n"), "«sources» is missing"),
        (lambda text: text.replace("slug: prove\n", "slug: prove\ncolour: red\n"), "«colour» is not a field"),
        (lambda text: text.replace("slug: prove\n", "slug: prove\nslug: prove\n"), "stands twice"),
        (lambda text: text.replace('title: "En', 'title: "En" "'), r"prove\.nb\.md:4: is not readable YAML"),
        (lambda text: text.removeprefix("---\n"), "has no front matter"),
        (lambda text: text.replace("\n---\n", "\n"), "front matter that never ends"),
        (lambda text: text.replace("## short", "## sms"), "«## sms» is not one of spoken, short, full"),
        (lambda text: text.replace("## short", "## spoken"), "«## spoken» stands twice"),
        (lambda text: text.replace("## spoken", "hei\n\n## spoken"), "text before its first section"),
        (lambda text: text.replace("Ring {number:amk}.\n\n## short", "\n## short"), "no text under «## spoken»"),
        (lambda text: text.replace("{number:amk}", "{number:amc}", 1), r"prove\.nb\.md:19: «amc» is not a known"),
        (lambda text: text.replace("{number:amk}", "{number:rusinfo}", 1), "«rusinfo» has no confirmed number"),
        (lambda text: text.replace("{number:amk}", "{offer:nothing}", 1), "«nothing» is not a known offer"),
        (lambda text: text.replace("{number:amk}", "{number:amk:loud}", 1), "not a kind of reference"),
    ],
)  # fmt: skip
def test_spoilt_article_is_refused_with_file_and_line(
    tmp_path: Path, spoil: Callable[[str], str], message: str
) -> None:
    directory = copied(tmp_path)
    (directory / "rights" / "prove.nb.md").write_text(spoil(ARTICLE), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        Library.load(directory)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("numbers.yaml", 'number: "113"', 'number: "114"', r"numbers\.yaml:\d+: «114» is not a Norwegian help number"),
        ("numbers.yaml", "id: police\n", "id: amk\n", "the id «amk» stands twice"),
        ("numbers.yaml", "id: police\n", "id: Politi!\n", "«Politi!» is no id"),
        ("numbers.yaml", "    verified: true", "    verified: maybe", "«verified» is missing or is not true or false"),
        ("numbers.yaml", "    source: ", "    sauce: ", "«source» is missing"),
        ("numbers.yaml", "valid_from: 2026-01-01", "valid_from: 2026-01-01\n    valid_until: 2025-01-01", "is before"),
        ("offers.yaml", "intake: closed", "intake: soon", "«intake» is one of"),
        ("offers.yaml", "id: yoga", "id: cafe", "the id «cafe» stands twice"),
        ("emergency.yaml", "red: {self: fire,", "red: {self: smoke,", "«smoke» is not one of the lines"),
        ("emergency.yaml", "  fire:\n    red", "  flood:\n    red", "«flood» is not an alarm"),
        ("emergency.yaml", "Si: Det brenner.", "Si: «Det brenner».", "does not fit in one SMS part"),
        ("emergency.yaml", "Si: Det brenner.", "Si: Det brenner. " * 9, "does not fit in one SMS part"),
        ("emergency.yaml", "{number:fire} nå", "{number:rusinfo} nå", "«rusinfo» has no confirmed number"),
        ("replies.yaml", "ring {number:amk} med en gang", "ring 113 med en gang", "has a number typed in"),
        ("replies.yaml", "{number:amk} med en", "{number:amkk} med en", "«amkk» is not a known number"),
        ("replies.yaml", "    nn: Er du der framleis?", "    se: Er du der framleis?", "«nn» is missing"),
        ("replies.yaml", "    nb: Er du der fortsatt?", "    nb: Er du der {place}?", "a brace that is no number"),
        ("words.yaml", "  - ikke ikkje", "  - hva ikkje\n  - ikke ikkje", "stands in two lists"),
    ],
)  # fmt: skip
def test_spoilt_data_is_refused(tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
    directory = copied(tmp_path)
    path = directory / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        Library.load(directory)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"numbers\.yaml:1: does not exist"):
        Library.load(tmp_path)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    (directory / "rights" / "prove.nb.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnowledgeError, match="is not UTF-8"):
        Library.load(directory)


def test_emergency_article_must_exist(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    (directory / "rights" / "nar-det-haster.nb.md").unlink()
    with pytest.raises(KnowledgeError, match=r"nar-det-haster\.nb\.md"):
        Library.load(directory)


def test_versions_may_not_overlap(tmp_path: Path) -> None:
    directory = copied(tmp_path)
    (directory / "rights" / "prove.nb.md").write_text(ARTICLE, encoding="utf-8")
    old = ARTICLE.replace("valid_from: 2026-01-01", "valid_from: 2025-01-01\nvalid_until: 2026-01-01")
    (directory / "rights" / "prove.until-2026-01-01.nb.md").write_text(old, encoding="utf-8")
    with pytest.raises(KnowledgeError, match="valid on the same days"):
        Library.load(directory)


def test_knowledge_directory_is_ours() -> None:
    assert (KNOWLEDGE / "numbers.yaml").exists()


def test_replies_are_plain_and_need_no_substitute_in_an_sms(library: Library) -> None:
    assert len(library.replies) >= 10
    for reply in library.replies:
        for language, words in reply.text.items():
            filled = library.fill(words, language, WRITTEN)
            assert gsm_length(filled) is not None, (reply.id, language)
            assert len(filled) < 200, (reply.id, language)
            assert "{" not in filled
