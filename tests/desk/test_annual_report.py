"""The annual report read from a database: which years there are, how far they are counted, and what is compared."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from helpline.core import annual
from helpline.core.annual import Report
from helpline.core.codes import Origin
from helpline.core.record import Record
from helpline.desk import annual_file, annual_report, record_intake
from helpline.desk.annual_file import CannotMakeReport, FileFormat
from helpline.desk.annual_report import NoSuchYear
from helpline.desk.annual_sheet import Sheet, document, sheet
from helpline.desk.annual_words import LANGUAGES, percent, signed, texts, whole
from helpline.desk.folding import fold_closed_days, on_records
from helpline.desk.house import House
from helpline.store import records
from helpline.store.db import Database
from tests import published_totals

NOW = datetime(2026, 6, 30, 9, tzinfo=UTC)
TODAY = date(2026, 6, 30)


def contacts(first: date, days: int, origin: Origin = Origin.IMPORT) -> Iterator[Record]:
    """One contact a day."""
    for day in range(days):
        at = datetime(first.year, first.month, first.day, 10, tzinfo=UTC) + timedelta(days=day)
        yield Record(record_id=f"{origin}-{at:%Y-%m-%d}", origin=origin, opened_at=at, channel="phone")


async def keep(database: Database, house: House, *some: Iterator[Record]) -> None:
    async with database.writing() as session:
        written = [record for one in some for record in one]
        await records.keep_many(session, written)
        await on_records(session, written, house=house)


async def read(database: Database, house: House, year: int, now: datetime = NOW) -> Report:
    async with database.reading() as session:
        return await annual_report.read_year(session, year, house=house, now=now)


async def published(database: Database, house: House, tmp_path: Path) -> Report:
    with record_intake.read_file(published_totals.write(tmp_path / "log.csv"), zone=house.zone) as checked:
        async with database.writing() as session:
            await record_intake.take_in(session, checked, house=house, now=NOW)
    async with database.writing() as session:
        await fold_closed_days(session, house=house, now=NOW)
    return await read(database, house, published_totals.YEAR)


def words(report: Report, language: str = "nb", *, practice: bool = False) -> Sheet:
    return sheet(report, language, on=TODAY, practice=practice)


async def test_an_imported_log_prints_the_page_of_the_sources(database: Database, house: House, tmp_path: Path) -> None:
    """The page «Statistikk for 2025»: its boxes in their order, its bars, its footnotes, in its typography."""
    shown = words(await published(database, house, tmp_path))
    space = "\N{NO-BREAK SPACE}"
    assert shown.title == "Statistikk for 2025"
    assert [(bar.label, bar.share) for bar in shown.gender.bars] == [
        ("Kvinner", f"78{space}%"),
        ("Menn", f"22{space}%"),
    ]
    assert [(box.number, box.title) for box in shown.boxes] == [
        (f"2{space}900", "Henvendelser"),
        (f"1{space}731", "Rådgivningstelefoner"),
        ("712", "Rådgivningstimer"),
        ("874", "Personer deltatt i rådgivning**"),
        ("416", "Deltakelser* på samtalegrupper"),
        ("22", "Selvstyrte grupper"),
    ]
    assert shown.events_title == "Arrangementer og støttetilbud"
    assert [(box.number, box.title) for box in shown.events] == [
        ("300", "Deltakelser* på arrangementer"),
        ("266", "Deltakelser* på kurs"),
    ]
    assert (shown.relations.title, shown.relations_note) == ("Hvem er de pårørende?", "De største pårørendegruppene")
    assert [(bar.label, bar.share) for bar in shown.relations.bars][:5] == [
        ("Mor", f"38,1{space}%"),
        ("Datter", f"10,8{space}%"),
        ("Søster", f"8,6{space}%"),
        ("Ektefelle", f"8,5{space}%"),
        ("Far", f"7,7{space}%"),
    ]
    assert (shown.writing.number, shown.writing.title) == ("50", "Deltakelser* på skrivetilbud")
    assert shown.footnotes == (
        ("*", "Oppmøtefrekvens per person varierer i forhold til hvilket tilbud man har deltatt på."),
        ("**", "Flere av rådgivningstimene hadde flere deltakere, eksempelvis familiesamtaler."),
    )
    assert shown.notices == ("Det finnes ingen tall for 2024 å sammenligne med.",)
    told = [sentence for one in shown.paragraphs for sentence in one.sentences]
    assert f"1{space}731 av henvendelsene var på telefon (59,7{space}%)." in told
    # What was not logged is not spoken of as if it were.
    assert "Temaet er ikke ført, så rapporten sier ikke noe om det." in told
    assert [one.title for one in shown.paragraphs if one.title == "Svar og ventetid"] == []


async def test_the_file_of_the_published_totals_holds_nothing_else(tmp_path: Path) -> None:
    with published_totals.write(tmp_path / "log.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["opened_at"][:4] for row in rows} == {"2025"}
    assert sum(row["kind"] == "contact" for row in rows) == published_totals.CONTACTS
    assert sum(int(row["participants"]) for row in rows if row["kind"] == "session") == published_totals.PERSONS


async def test_every_number_in_json_carries_its_meaning(database: Database, house: House, tmp_path: Path) -> None:
    found = document(await published(database, house, tmp_path), on=TODAY, practice=False)

    def numbers(value: object) -> Iterator[dict[str, object]]:
        if isinstance(value, dict):
            if "counter" in value:
                yield value
            for inner in value.values():
                yield from numbers(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from numbers(inner)

    listed = list(numbers(json.loads(json.dumps(found))))
    assert len(listed) > 30
    for one in listed:
        for language in LANGUAGES:
            assert one[f"definition_{language}"], one["name"]
            assert one[f"shown_{language}"], one["name"]
            assert (one["unit"] != "share") or one[f"denominator_{language}"], one["name"]
        assert isinstance(one["version"], int)
        assert one["unit"]
    assert found["relations"]["shares"][0]["whole"] == 2_000
    assert found["boxes"][1]["cut"] == {"channel": "phone"}


async def test_a_year_beside_the_year_before(database: Database, house: House) -> None:
    await keep(database, house, contacts(date(2024, 1, 1), 366), contacts(date(2025, 1, 1), 300))
    report = await read(database, house, 2025)
    shown = words(report)
    assert shown.boxes[0].before == "2024: 366"
    assert shown.table[0].cells == ("300", "366", "−66", "Færre")
    told = shown.paragraphs[0].sentences[1].replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("Det er færre enn i 2024, da det var 366: 17,8 % færre om dagen")
    english = words(report, "en").paragraphs[0].sentences[1]
    assert english.startswith("That is fewer than in 2024, when there were 366: 17.8% fewer a day")


async def test_a_year_that_is_not_over_stands_beside_the_same_days(database: Database, house: House) -> None:
    await keep(database, house, contacts(date(2025, 1, 1), 365), contacts(date(2026, 1, 1), 181))
    report = await read(database, house, 2026)
    assert (report.over, report.year.last) == (False, TODAY)
    assert next(box.before.value for box in report.boxes if box.before is not None) == 181
    shown = words(report)
    assert shown.notices[0].startswith("Året er ikke over. Tallene er talt til og med 30. juni 2026")
    assert "samme del av 2025" in shown.paragraphs[0].sentences[1]


async def test_the_29th_of_february_stands_beside_the_28th(database: Database, house: House) -> None:
    await keep(database, house, contacts(date(2023, 1, 1), 365), contacts(date(2024, 1, 1), 60))
    report = await read(database, house, 2024, datetime(2024, 2, 29, 12, tzinfo=UTC))
    assert report.before is not None
    assert report.before.last == date(2023, 2, 28)


async def test_a_log_that_begins_in_autumn_is_not_compared(database: Database, house: House) -> None:
    await keep(database, house, contacts(date(2024, 10, 1), 92), contacts(date(2025, 1, 1), 365))
    shown = words(await read(database, house, 2025))
    assert shown.notices == (
        "Loggen begynner 1. oktober 2024. Det er ikke et helt år, så 2024 og 2025 sammenlignes ikke.",
    )
    assert shown.boxes[0].before is None


async def test_a_quiet_january_of_an_old_log_is_no_beginning(database: Database, house: House) -> None:
    await keep(
        database,
        house,
        contacts(date(2023, 1, 1), 365),
        contacts(date(2024, 3, 1), 300),
        contacts(date(2025, 1, 1), 365),
    )
    assert words(await read(database, house, 2025)).boxes[0].before == "2024: 300"


@pytest.mark.parametrize(
    ("year", "sentence"),
    [
        (2027, "Året 2027 har ikke begynt ennå, så det finnes ingen tall."),
        (2022, "Det finnes ingen tall for 2022: loggen begynner i 2023."),
        (2024, "Det er ikke ført noe for 2024."),
    ],
)
async def test_a_year_without_numbers_is_said(database: Database, house: House, year: int, sentence: str) -> None:
    await keep(database, house, contacts(date(2023, 5, 1), 30), contacts(date(2025, 1, 1), 30))
    with pytest.raises(NoSuchYear) as refused:
        await read(database, house, year)
    assert refused.value.sentence == sentence


async def test_an_empty_log_is_said(database: Database, house: House) -> None:
    with pytest.raises(NoSuchYear, match="Loggen er tom"):
        await read(database, house, 2025)


@pytest.mark.parametrize("text", ["tull", "25", "20255", "2O25", "-025", "２０２５", ""])
def test_what_is_no_year_is_said(text: str) -> None:
    with pytest.raises(NoSuchYear, match="er ikke et år"):
        annual_report.year_of(text)


async def test_practice_is_never_counted_as_real(database: Database, house: House) -> None:
    await keep(database, house, contacts(date(2025, 1, 1), 30), contacts(date(2025, 1, 1), 90, Origin.SIMULATED))
    assert (await read(database, house, 2025)).boxes[0].number.value == 30


async def test_the_newest_year_is_the_last_that_is_over(database: Database, house: House) -> None:
    async def newest() -> int:
        async with database.reading() as session:
            return await annual_report.latest_year(session, house=house, now=NOW)

    assert await newest() == 2026
    await keep(database, house, contacts(date(2026, 2, 1), 3))
    assert await newest() == 2026
    await keep(database, house, contacts(date(2025, 2, 1), 3))
    assert await newest() == 2025


def tags(node: object) -> list[str]:
    """The kinds of elements of a structure tree, in reading order."""
    if isinstance(node, list):
        return [tag for one in node for tag in tags(one.get_object())]
    if not isinstance(node, DictionaryObject):
        return []
    own = [str(node["/S"])] if "/S" in node else []
    return own + (tags(node["/K"].get_object()) if "/K" in node else [])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pdf_is_tagged_titled_and_in_its_language(
    database: Database, house: House, tmp_path: Path, language: str
) -> None:
    report = await published(database, house, tmp_path)
    made = await annual_file.render(report, FileFormat.PDF, language=language, on=TODAY, practice=False)
    reader = PdfReader(io.BytesIO(made))
    root = reader.root_object
    assert str(root["/Lang"]) == {"nb": "nb-NO", "en": "en-GB"}[language]
    assert reader.metadata is not None
    assert reader.metadata.title == {"nb": "Statistikk for 2025", "en": "Statistics for 2025"}[language]
    about = root["/Metadata"].get_object()
    assert isinstance(about, StreamObject)
    assert b"pdfuaid:part" in about.get_data()
    kinds = tags(root["/StructTreeRoot"].get_object())
    assert kinds.count("/H1") == 1
    assert kinds.count("/Table") == 1
    # Alone, a year has no column for the year before.
    assert kinds.count("/TH") == 2
    # The page of the sources is the first page.
    assert "266" in reader.pages[0].extract_text()
    assert words(report, language).table_title not in reader.pages[0].extract_text()


async def test_a_pdf_that_takes_too_long_is_given_up(
    database: Database, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await published(database, house, tmp_path)
    monkeypatch.setattr(annual_file, "PATIENCE", 0.0)
    with pytest.raises(CannotMakeReport):
        await annual_file.render(report, FileFormat.PDF, language="nb", on=TODAY, practice=False)


def test_every_statement_has_its_words_in_both_languages() -> None:
    """What the report may say, and nothing else, stands in the file of words; the values it names are the same."""
    made_of = {"change": ("more", "fewer", "same", "few"), "rate": ("more", "fewer", "same", "few")}
    source = Path(annual.__file__).read_text(encoding="utf-8")
    literal = set(re.findall(r'key="(\w+)"', source)) | {"change_from_none", "attendances", "groups"}
    formed = {f"{family}_{verdict}" for family, verdicts in made_of.items() for verdict in verdicts}
    formed |= {
        "share_more",
        "share_fewer",
        "largest_1",
        "largest_2",
        "largest_3",
        "attendances_beside",
        "groups_beside",
    }
    for language in LANGUAGES:
        assert set(texts("statement", language)) == literal | formed
    names = {
        language: {key: names_in(words) for key, words in texts("statement", language).items()}
        for language in LANGUAGES
    }
    # Norwegian says the unit where English leaves it to the sentence.
    assert {key for key in literal | formed if names["nb"][key] != names["en"][key]} == set()


def names_in(words: str) -> set[str]:
    """The numbers that a text names, whatever of them it shows."""
    return {name.lower().removesuffix("_words") for name in re.findall(r"{(\w+)}", words)}


def test_numbers_are_written_as_in_the_sources() -> None:
    space = "\N{NO-BREAK SPACE}"
    assert [whole(number, "nb") for number in (0, 712, 1_731, 1_421_967)] == [
        "0",
        "712",
        f"1{space}731",
        f"1{space}421{space}967",
    ]
    assert whole(1_731, "en") == "1,731"
    assert [percent(share, "nb") for share in (0.381, 0.0005, 0.99949, 1)] == [
        f"38,1{space}%",
        f"0,1{space}%",
        f"99,9{space}%",
        f"100,0{space}%",
    ]
    assert percent(0.775, "nb", decimals=0) == f"78{space}%"
    assert percent(0.381, "en") == "38.1%"
    assert [signed(amount, "5") for amount in (5, -5, 0)] == ["+5", "−5", "5"]
