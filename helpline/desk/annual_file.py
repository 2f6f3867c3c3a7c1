"""The annual report as a file: JSON, and PDF by a program of its own (`annual_pdf`). HTML is drawn where pages are."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from enum import StrEnum

from helpline.core.annual import Report
from helpline.desk import apart
from helpline.desk.annual_sheet import document, sheet
from helpline.errors import HelplineError
from helpline.logs import get

log = get("helpline.reports")

#: Seconds until a file that is not done is given up.
PATIENCE = 30.0


class FileFormat(StrEnum):
    """What the report can be saved as."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        return {
            FileFormat.JSON: "application/json",
            FileFormat.HTML: "text/html; charset=utf-8",
            FileFormat.PDF: "application/pdf",
        }[self]


class CannotMakeReport(HelplineError):
    """The file could not be made; the page is unharmed."""

    status = 503


async def render(report: Report, file_format: FileFormat, *, language: str, on: date, practice: bool) -> bytes:
    """The report as JSON (both languages) or PDF. `on` is the day on which it is made.

    Raises:
        ValueError: the format is drawn elsewhere.
        CannotMakeReport: the PDF took too long or failed.
    """
    if file_format is FileFormat.JSON:
        found = document(report, on=on, practice=practice)
        return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()
    if file_format is not FileFormat.PDF:
        raise ValueError(f"{file_format} is not made here")
    shown = asdict(sheet(report, language, on=on, practice=practice))
    made_at = datetime.combine(on, time(0), UTC).isoformat()
    try:
        return await apart.made(
            "helpline.desk.annual_pdf", "pdf", {"sheet": shown, "made_at": made_at}, patience=PATIENCE
        )
    except apart.NotMade as error:
        log.error("annual_file_failed", ended=error.ended)
        raise CannotMakeReport("Rapporten kunne ikke lages som fil nå. Prøv igjen om litt.") from error
