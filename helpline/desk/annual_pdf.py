"""Makes the PDF of the annual report: a program of its own, started for one report and ended with it.

It reads the sheet as JSON on standard input and writes the file on standard output, bounded as the letters' program is.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from helpline.desk.letter_sheet import bound

_TEMPLATE = Path(__file__).with_name("annual.typ")
_LANGUAGES = {"nb": ("nb", "NO"), "en": ("en", "GB")}


def main() -> NoReturn:
    """`python -m helpline.desk.annual_pdf pdf`."""
    bound()
    document: dict[str, Any] = json.load(sys.stdin)
    sys.stdout.buffer.write(pdf(document["sheet"], datetime.fromisoformat(document["made_at"])))
    sys.stdout.flush()
    sys.exit(0)


def pdf(sheet: dict[str, Any], made_at: datetime) -> bytes:
    """The sheet as a tagged PDF after PDF/UA-1."""
    import typst  # noqa: PLC0415  # read after the limits are set

    language, region = _LANGUAGES[sheet["language"]]
    words = json.dumps(sheet | {"lang": language, "region": region}, ensure_ascii=False)
    return bytes(
        typst.compile(
            _TEMPLATE.read_bytes(),
            format="pdf",
            pdf_standards="ua-1",
            ignore_system_fonts=True,
            sys_inputs={"sheet": words},
            timestamp=int(made_at.timestamp()),
        )
    )


if __name__ == "__main__":
    main()
