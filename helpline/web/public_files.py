"""Open data: what was published, as CSV and JSON. The columns are documented in docs/open-data.md and do not change
without a new version."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from helpline.core.counter_list import COUNTERS
from helpline.core.public_tables import NOT_ASKED, VERSION, WAIT_STEP, answer_rate, public_tables
from helpline.core.suppression import STEP, rounded
from helpline.store.tables import Publication
from helpline.web.public_view import code_label
from helpline.web.words import words

#: Proposed until PIO has agreed.
LICENCE = {
    "name": "CC BY 4.0",
    "address": "https://creativecommons.org/licenses/by/4.0/",
    "awaits": "the word of PIO-senteret",
}
COLUMNS = (
    "year",
    "published_on",
    "week_ends",
    "table",
    "through",
    "code",
    "label_nb",
    "label_en",
    "unit",
    "value",
    "status",
    "version",
)
#: The code of those who were not asked, in files: an empty field could be read as a fault.
_NOT_ASKED = "not_asked"
_SOURCES = (
    "The service's own anonymous log of closed contacts.",
    "Counties: © Kartverket, CC BY 4.0.",
)


def as_csv(rows: Sequence[Publication], *, zone: ZoneInfo) -> str:
    """One cell a row, of each publication; a hidden number is an empty value with the status `hidden`."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        for cell in _cells(row):
            head = {
                "year": row.year,
                "published_on": _published_on(row, zone),
                "week_ends": row.week.isoformat(),
                "version": row.version,
            }
            line = head | cell
            writer.writerow(["" if line[name] is None else line[name] for name in COLUMNS])
    return written.getvalue()


def as_json(rows: Sequence[Publication], *, zone: ZoneInfo, practice: bool, address: str) -> str:
    """Licence, definitions and publications as one document."""
    document = {
        "title": "Contacts with a helpline for relatives",
        "address": address,
        "practice": practice,
        "licence": LICENCE,
        "sources": list(_SOURCES),
        "version": VERSION,
        "rule": f"Numbers are contacts, rounded down to a multiple of {STEP}. A hidden number is under {STEP}, nought "
        "among them; its value is null. A table that stands is as of its own last day (through).",
        "definitions": _definitions(),
        "publications": [
            {
                "year": row.year,
                "published_on": _published_on(row, zone),
                "week_ends": row.week.isoformat(),
                "version": row.version,
                "cells": list(_cells(row)),
            }
            for row in rows
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _cells(row: Publication) -> Iterator[dict[str, Any]]:
    through = row.through.isoformat()
    contacts = COUNTERS["contacts"]
    yield _cell("contacts", through, "total", (contacts.title_nb, contacts.title_en), "contacts", rounded(row.contacts))
    for name in public_tables():
        table = row.tables.get(name)
        if table is None:
            continue
        for code, shown in table["cells"].items():
            labels = (code_label(name, code, "nb"), code_label(name, code, "en"))
            yield _cell(name, table["through"], code, labels, "contacts", shown)
    answering = row.tables.get("answering")
    if answering:
        rate, counter = answer_rate(answering["cells"]), COUNTERS["answer_rate"]
        yield _cell("answer_rate", answering["through"], "total", (counter.title_nb, counter.title_en), "percent", rate)
    counter = COUNTERS["wait_median"]
    yield _cell("median_wait", through, "total", (counter.title_nb, counter.title_en), "seconds", row.median_wait)


def _cell(table: str, through: str, code: str, labels: tuple[str, str], unit: str, shown: int | None) -> dict[str, Any]:
    return {
        "table": table,
        "through": through,
        "code": _NOT_ASKED if code == NOT_ASKED else code,
        "label_nb": labels[0],
        "label_en": labels[1],
        "unit": unit,
        "value": shown,
        "status": "hidden" if shown is None else "shown",
    }


def _definitions() -> dict[str, Any]:
    texts = words()
    found: dict[str, Any] = {
        name: {
            "title": dict(texts[f"public_table.{name}"]),
            "definition": dict(texts[f"public_table.{name}_means"]),
            "several": table.several,
        }
        for name, table in public_tables().items()
    }
    for name, counter in (("contacts", "contacts"), ("answer_rate", "answer_rate"), ("median_wait", "wait_median")):
        one = COUNTERS[counter]
        found[name] = {
            "title": {"nb": one.title_nb, "en": one.title_en},
            "definition": {"nb": one.definition_nb, "en": one.definition_en},
            "version": one.version,
        }
    found["answer_rate"]["rounding"] = "worked out from the shown numbers of answering, in whole per cent"
    found["median_wait"]["rounding"] = f"to the nearest {WAIT_STEP} seconds"
    return found


def _published_on(row: Publication, zone: ZoneInfo) -> str:
    return row.published_at.astimezone(zone).date().isoformat()
