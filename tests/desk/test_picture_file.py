"""A drawing as PNG, through the real program; one that cannot be made is said in one sentence."""

import struct

import pytest

from helpline.desk import picture_file

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="360" viewBox="0 0 720 360">'
    "<style>.a { fill: #0b6271; }</style><rect class='a' width='720' height='360'/><text y='20'>Blåbær</text></svg>"
)


async def test_a_drawing_becomes_a_picture_of_its_shape() -> None:
    made = await picture_file.png(SVG)
    assert made.startswith(b"\x89PNG\r\n")
    wide, high = struct.unpack(">II", made[16:24])
    # 540 points at 192 an inch, and the margins around.
    assert wide == (540 + 24) * 192 // 72
    assert high == (270 + 24) * 192 // 72


async def test_what_is_no_drawing_is_no_picture() -> None:
    with pytest.raises(picture_file.CannotMakePicture, match="last ned SVG-fila"):
        await picture_file.png("no drawing")
