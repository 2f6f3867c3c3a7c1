"""A panel's files: numbers as the reader's spreadsheet takes them, nothing that it would run, and what they mean."""

import csv
import io

import openpyxl
import pytest

from helpline.web import panel_files
from helpline.web.panels import Bars, Column, Panel, Series

PANEL = Panel(
    name="answered",
    title="Fikk de svar?",
    summary="To av tre fikk svar.",
    columns=(Column("Kanal", "text"), Column("Andel", "share"), Column("Ventetid", "seconds"), Column("Antall")),
    rows=(("Telefon", 2 / 3, 61.5, 3), ("=1+1", None, None, 0)),
    counters=("answer_rate",),
    drawing=Bars(labels=("Telefon", "Annet"), series=(Series("Andel", (2 / 3, None)),), unit="share"),
    note="Et lite tall.",
)
PERIOD = "23. november 2026"


async def rows(language: str) -> list[list[str]]:
    text = (await panel_files.made(PANEL, "csv", period=PERIOD, language=language)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter="," if language == "en" else ";"))


async def test_a_csv_is_in_the_readers_language_with_its_definitions() -> None:
    norwegian, english = await rows("nb"), await rows("en")
    assert norwegian[1] == ["Telefon", "0,6667", "61,5", "3"]
    assert english[1] == ["Telefon", "0.6667", "61.5", "3"]
    assert norwegian[4] == ["Fikk de svar?", PERIOD]
    assert norwegian[7][0] == "Svarprosent, av forsøk"
    assert "Besvarte henvendelser som andel av alle forsøk" in norwegian[7][1]
    assert english[7][0] == "Answer rate, by attempts"


async def test_nothing_in_a_file_is_a_formula() -> None:
    assert (await rows("nb"))[2] == ["'=1+1", "", "", "0"]
    sheet = openpyxl.load_workbook(io.BytesIO(await panel_files.made(PANEL, "xlsx", period=PERIOD, language="nb")))
    cell = sheet["answered"]["A3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


async def test_a_spreadsheet_has_numbers_with_their_formats() -> None:
    made = await panel_files.made(PANEL, "xlsx", period=PERIOD, language="nb")
    sheet = openpyxl.load_workbook(io.BytesIO(made))["answered"]
    assert [cell.value for cell in sheet[2]] == ["Telefon", pytest.approx(2 / 3), 61.5, 3]
    assert sheet["B2"].number_format == "0.0%"
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"


async def test_a_picture_says_what_it_shows_and_when() -> None:
    made = (await panel_files.made(PANEL, "svg", period=PERIOD, language="nb")).decode()
    assert "Fikk de svar? (23. november 2026)" in made
    assert "To av tre fikk svar." in made
    bare = Panel(name="bare", title="t", summary="s", columns=(Column("a"),), rows=((1,),))
    assert panel_files.endings(bare) == ("csv", "xlsx")
    with pytest.raises(ValueError, match="no file"):
        await panel_files.made(bare, "png", period=PERIOD, language="nb")
