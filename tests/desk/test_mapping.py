"""Mappings of an organisation's own spreadsheet: what they translate, and what they refuse."""

from datetime import datetime, time
from pathlib import Path
from textwrap import dedent

import pytest
from openpyxl import Workbook

from helpline.core.record import OSLO, Record
from helpline.desk.mapping import read_mapping
from helpline.desk.record_intake import FileRefused, read_file
from helpline.errors import HelplineError

EXAMPLES = Path(__file__).parent.parent.parent / "docs" / "examples"


def written(tmp_path: Path, yaml: str, name: str = "map.yaml") -> Path:
    path = tmp_path / name
    path.write_text(dedent(yaml), encoding="utf-8")
    return path


def read(path: Path, mapping: Path) -> list[Record]:
    with read_file(path, zone=OSLO, mapping=read_mapping(mapping)) as checked:
        return [record for batch in checked.batches() for _, record in batch]


def test_the_example_of_the_documents_is_read() -> None:
    found = read(EXAMPLES / "spreadsheet.csv", EXAMPLES / "spreadsheet.yaml")
    first, mail, session, course, group = found
    assert (first.kind, first.channel, first.relation, first.gender) == ("contact", "phone", "mother", "female")
    assert first.opened_at == datetime(2026, 3, 2, 10, tzinfo=OSLO)
    assert (first.topics, first.handled_seconds, first.outcome) == (("rights", "boundaries"), 1500, "counselled")
    assert (first.asked_what_matters, first.direction, first.origin) == (True, "inbound", "import")
    # A relation that nobody translated is unknown, for the mapping says so; what was empty was not asked.
    assert (mail.relation, mail.handled_seconds, mail.asked_what_matters) == ("unknown", None, False)
    assert (session.kind, session.participants, session.relation) == ("session", 3, "sister")
    assert (course.kind, course.activity, course.participants) == ("attendance", "course", 14)
    assert (group.kind, group.activity, group.participants) == ("group", "self_run_group", None)


MAP = """
    dates: "%d.%m.%Y"
    columns:
      opened_at: Dato
      channel: {from: Kanal, values: {Tlf: phone}}
    ignore: [Notat]
"""


@pytest.mark.parametrize(
    ("rows", "line", "column", "sentence"),
    [
        ("Dato,Kanal\n01.03.2026,tlf\n02.03.2026,Fax\n", 3, "Kanal", "«Fax» has no translation to channel"),
        ("Dato,Kanal\n31.02.2026,Tlf\n", 2, "Dato", "write it as «31.01.2026»"),
        ("Dato,Kanal\n,Tlf\n", 2, "Dato", "opened_at is missing"),
        ("Dato,Kanal,Navn\n01.03.2026,Tlf,x\n", 1, "Navn", "neither read nor named under `ignore`"),
        ("Dato,Notat\n01.03.2026,x\n", 1, "Kanal", "the file has none"),
        ("Dato,Kanal,Kanal\n01.03.2026,x,y\n", 1, "Kanal", "there twice"),
    ],
)
def test_a_fault_is_named_by_their_line_and_column(
    tmp_path: Path, rows: str, line: int, column: str, sentence: str
) -> None:
    with pytest.raises(FileRefused, match=sentence) as refused:
        read(written(tmp_path, rows, "log.csv"), written(tmp_path, MAP))
    assert (refused.value.faults[0].line, refused.value.faults[0].column) == (line, column)


@pytest.mark.parametrize(
    ("yaml", "sentence"),
    [
        ("columns: [a]", "must name our columns under `columns`"),
        ("columns: {opened_at: Dato}\nwidth: 3", "it cannot say `width`"),
        ("columns: {opened_at: Dato, shoe_size: Sko}", "no column «shoe_size»"),
        ("columns: {channel: Kanal}", "where `opened_at` comes from"),
        ("columns: {opened_at: Dato, channel: {values: {a: phone}}}", "`channel` must say `from`"),
        ("columns: {opened_at: Dato, kind: {from: Type, unmapped: unknown}}", "`unmapped` of `kind` is `error`"),
        ("columns: {opened_at: Dato, channel: {from: Kanal, split: ','}}", "cannot be split"),
        ("columns: {opened_at: Dato, letters: {from: Brev, times: x}}", "whole number"),
        ("columns: {opened_at: Dato}\nencoding: cp-nothing", "no encoding «cp-nothing»"),
        ("columns: {opened_at: Dato}\ndelimiter: ';;'", "one sign"),
        ("columns: {opened_at: Dato}\nunmapped: maybe", "either `error` or `unknown`"),
        ("columns: {", "cannot be read as YAML"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_in_a_sentence(tmp_path: Path, yaml: str, sentence: str) -> None:
    with pytest.raises(HelplineError, match=sentence):
        read_mapping(written(tmp_path, yaml))


def test_a_spreadsheet_is_read_from_its_sheet_with_times_of_the_line(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Forside"  # type: ignore[union-attr]
    sheet = book.create_sheet("Logg")
    sheet.append(["Dato", "Tid", "Antall", None])
    sheet.append([datetime(2026, 7, 1), time(14, 5), 3.0, None])  # noqa: DTZ001  # spreadsheets know no zones
    sheet.append([None, None, None, None])
    sheet.append(["02.07.2026", None, "4", None])
    book.save(tmp_path / "log.xlsx")
    yaml = 'sheet: Logg\ndates: "%d.%m.%Y"\ndefaults: {kind: session}\n'
    yaml += "columns: {opened_at: [Dato, Tid], participants: Antall}"
    first, second = read(tmp_path / "log.xlsx", written(tmp_path, yaml))
    assert (first.opened_at, first.participants) == (datetime(2026, 7, 1, 14, tzinfo=OSLO), 3)
    assert (second.opened_at, second.participants) == (datetime(2026, 7, 2, tzinfo=OSLO), 4)
    with pytest.raises(HelplineError, match="no sheet «Ark»; it has Forside, Logg"):
        read(tmp_path / "log.xlsx", written(tmp_path, yaml.replace("Logg", "Ark")))
