"""Turns one drawing from SVG into PNG: a program of its own, started for one picture and ended with it.

It reads the SVG as JSON on standard input and writes the PNG on standard output, within the bounds of the letters'
program.
"""

import json
import sys
from typing import NoReturn

from helpline.desk.letter_sheet import bound

#: The page is as large as the picture; its width is the drawing's, in points.
_PAGE = b"""#set page(width: auto, height: auto, margin: 12pt)
#image(bytes(sys.inputs.svg), format: "svg", width: 540pt)
"""
#: Sharp on paper and on every screen.
_DOTS_PER_INCH = 192


def main() -> NoReturn:
    """`python -m helpline.desk.picture_sheet png`."""
    bound()
    sys.stdout.buffer.write(png(json.load(sys.stdin)["svg"]))
    sys.stdout.flush()
    sys.exit(0)


def png(svg: str) -> bytes:
    """The picture as PNG."""
    import typst  # noqa: PLC0415  # read after the limits are set

    made = typst.compile(_PAGE, format="png", ppi=_DOTS_PER_INCH, ignore_system_fonts=True, sys_inputs={"svg": svg})
    assert isinstance(made, bytes)
    return made


if __name__ == "__main__":
    main()
