"""Drawings: well-formed SVG with a name and a text alternative, without inline style, and never by colour alone."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.web.drawing import NARROW, WIDE, _ticks, svg
from helpline.web.panels import Bars, Column, Drawing, Heat, Lines, Panel, Series, Tile, Tiles, written

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = ("jan.", "feb.", "mars")
NOW = Series("Nå", (3, None, 7), low=(1.0, None, 5.0), high=(6.0, None, 9.0))
BEFORE = Series("Før <i>", (4, 0, 6))
DRAWINGS: tuple[Drawing, ...] = (
    Bars(labels=MONTHS, series=(NOW, BEFORE)),
    Bars(labels=MONTHS, series=(NOW, BEFORE), stacked=True),
    Bars(labels=("Et langt navn som må brytes over to linjer", "b", "c"), series=(NOW, BEFORE), horizontal=True),
    Bars(labels=MONTHS, series=(NOW, BEFORE), horizontal=True, stacked=True),
    Bars(labels=(), series=(Series("Ingen", ()),)),
    Lines(labels=MONTHS, series=(NOW, BEFORE), unit="seconds"),
    Heat(rows=("man.", "tir."), columns=("09", "10", "11"), values=((1, None, 3), (0, 5, 2))),
    Heat(rows=("man.",), columns=("09",), values=((0.25,),), unit="share"),
    Tiles(tiles=(Tile(0, 1, "FI", "Finnmark", 12), Tile(1, 0, "TR", "Troms & øyene", None))),
)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_drawing_is_sound(drawing: Drawing, width: int) -> None:
    on_page = str(svg(drawing, standalone=False, language="nb", title="Tid & <b>", summary="Sum.", width=width))
    assert " style=" not in on_page
    assert "<style" not in on_page
    alone = ElementTree.fromstring(str(svg(drawing, standalone=True, language="nb", title="Tid & <b>", summary="Sum.")))
    assert alone.tag == f"{SVG}svg"
    assert alone.find(f"{SVG}style") is not None
    root = ElementTree.fromstring(on_page)
    assert root.get("role") == "img"
    assert root.findtext("title") == "Tid & <b>"
    assert root.findtext("desc") == "Sum."
    drawn_high = float((root.get("viewBox") or "").split()[3])
    for text in root.iter("text"):
        assert 0 <= float(text.get("x", "")) <= width
        assert 0 <= float(text.get("y", "")) <= drawn_high


def test_series_differ_by_pattern_dash_and_mark_also_without_colour() -> None:
    bars = str(svg(DRAWINGS[0], standalone=False, language="nb", key="one"))
    assert '<pattern id="one-p1"' in bars
    assert "url(#one-p1)" in bars
    lines = str(svg(DRAWINGS[5], standalone=False, language="nb"))
    assert "stroke-dasharray" in lines
    assert "<circle" in lines
    assert 'class="d-band d-0"' in lines


def test_a_narrow_grid_stands_on_its_side() -> None:
    grid = Heat(rows=("man.", "tir."), columns=tuple(f"{hour:02}" for hour in range(24)), values=((1,) * 24,) * 2)
    narrow = ElementTree.fromstring(str(svg(grid, standalone=False, language="nb", width=NARROW)))
    wide = ElementTree.fromstring(str(svg(grid, standalone=False, language="nb", width=WIDE)))
    assert float((narrow.get("viewBox") or "").split()[3]) > float((wide.get("viewBox") or "").split()[3])


@given(
    largest=st.floats(0, 5e6),
    unit=st.sampled_from(["count", "share", "seconds", "rate", "points"]),
)
def test_an_axis_reaches_the_largest_in_few_round_steps(largest: float, unit: str) -> None:
    ticks = _ticks(largest, unit)  # type: ignore[arg-type]
    assert ticks[0] == 0
    assert ticks == sorted(set(ticks))
    assert 2 <= len(ticks) <= 8
    assert ticks[-1] >= (min(largest, 1.0) if unit == "share" else largest) * 0.999


def test_values_are_written_by_their_unit() -> None:
    assert [
        written(value, unit, "nb").replace("\N{NO-BREAK SPACE}", " ")  # type: ignore[arg-type]
        for value, unit in ((1731, "count"), (0.381, "share"), (95, "seconds"), (7.44, "points"), (12.26, "rate"))
    ] == ["1 731", "38,1 %", "1 min 35 s", "7,4", "12,3"]
    assert written(None, "count", "nb") == "–"
    assert written("ord", "count", "nb") == "ord"


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 3 labels"):
        Bars(labels=MONTHS, series=(Series("x", (1, 2)),))
    with pytest.raises(ValueError, match="1 ends"):
        Series("x", (1, 2), low=(0.5,))
    with pytest.raises(ValueError, match="grid"):
        Heat(rows=("a",), columns=("b",), values=((1, 2),))
    with pytest.raises(ValueError, match="row of «p»"):
        Panel(name="p", title="", summary="", columns=(Column("a"),), rows=((1, 2),))
    with pytest.raises(ValueError, match="2 links"):
        Panel(name="p", title="", summary="", columns=(Column("a"),), rows=((1,),), links=(None, None))
