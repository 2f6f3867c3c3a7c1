"""The course of a contact as lines: marked words, and who says what."""

import pytest

from helpline.web.course import marked

RED = {"level": "red", "code": "suicide_self", "entry": "suicide.want"}
YELLOW = {"level": "yellow", "code": "caregiver_exhaustion", "entry": "exhaustion.tired"}


@pytest.mark.parametrize(
    ("text", "alarms", "pieces"),
    [
        ("", [], []),
        ("Hei", [], [("Hei", None)]),
        ("jeg vil dø nå", [RED | {"span": [4, 10]}], [("jeg ", None), ("vil dø", "red"), (" nå", None)]),
        ("vil dø", [RED | {"span": [0, 6]}], [("vil dø", "red")]),
        (
            "orker ikke mer, vil dø",
            [YELLOW | {"span": [0, 14]}, RED | {"span": [16, 22]}],
            [("orker ikke mer", "yellow"), (", ", None), ("vil dø", "red")],
        ),
        # Where two overlap the more urgent one keeps the words.
        (
            "orker ikke leve",
            [YELLOW | {"span": [0, 10]}, RED | {"span": [6, 15]}],
            [("orker ", "yellow"), ("ikke leve", "red")],
        ),
        # A span that reaches past the end, as after a shortened text, marks what there is.
        ("vil dø", [RED | {"span": [4, 40]}], [("vil ", None), ("dø", "red")]),
        ("🙂 vil dø", [RED | {"span": [2, 8]}], [("🙂 ", None), ("vil dø", "red")]),
    ],
)
def test_words_are_cut_where_alarms_found_them(
    text: str, alarms: list[dict[str, object]], pieces: list[tuple[str, str | None]]
) -> None:
    found = marked(text, alarms)
    assert [(piece.text, piece.level) for piece in found] == pieces
    assert "".join(piece.text for piece in found) == text
