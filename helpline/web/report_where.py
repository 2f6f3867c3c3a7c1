"""Where they live: the counties as a map of tiles, and the municipalities of a county.

Names and numbers of places contain data from Kartverket, CC BY 4.0. Counts only, no rates for inhabitants: no sourced
population figures are part of the service.
"""

from dataclasses import replace
from urllib.parse import urlencode

from helpline.core.codes import counties
from helpline.core.counters import breakdown
from helpline.web.panels import Panel, Tile, Tiles
from helpline.web.report_asked import Asked
from helpline.web.report_trends import Beside, beside, by_value, method, value_words

#: Row and column of each county, near where it lies: our own drawing. Svalbard and abroad stand apart.
PLACES = {
    "21": (0, 1),
    "56": (0, 4),
    "55": (1, 3),
    "18": (2, 2),
    "50": (3, 1),
    "15": (4, 0),
    "34": (4, 1),
    "99": (4, 4),
    "46": (5, 0),
    "33": (5, 1),
    "32": (5, 2),
    "11": (6, 0),
    "40": (6, 1),
    "03": (6, 2),
    "31": (6, 3),
    "42": (7, 1),
    "39": (7, 2),
}
#: What has no room in a tile.
_SHORT = {"15": "Møre"}
#: What the page counts by.
CUTS = (("county",), ("municipality",))


async def panels(asked: Asked) -> tuple[Panel, ...]:
    """The page. Narrowed down to a county it shows that county's municipalities, else all that were named."""
    other = await beside(asked)
    return _counties(asked, other), _municipalities(asked, other), method(asked)


def _counties(asked: Asked, other: Beside) -> Panel:
    def narrowed(code: str) -> str:
        """The page of a county alone, with its municipalities."""
        return f"/reports/where?{asked.wanted.query}&{urlencode({'county': code})}"

    leads_to = narrowed if "county" not in asked.wanted.filters else None
    panel = by_value(asked, other, "county", also=counties(), leads_to=leads_to)
    counts = breakdown(asked.counted.whole, "county").counts
    tiles = []
    for code, (row, column) in PLACES.items():
        name = value_words(asked, "county", code)
        tiles.append(Tile(row, column, _SHORT.get(code, name), name, counts.get(code, 0)))
    return replace(
        panel,
        drawing=Tiles(tiles=tuple(tiles)),
        note=_with(panel.note, asked.t("report_content.no_inhabitants"), asked.t("report_content.kartverket")),
    )


def _municipalities(asked: Asked, other: Beside) -> Panel:
    panel = by_value(asked, other, "municipality")
    county = asked.wanted.filters.get("county")
    title = asked.t("report_content.municipalities")
    if county in counties():
        name = value_words(asked, "county", county or "")
        title = asked.t("report_content.municipalities_of", county=name)
    return replace(panel, title=title, note=_with(panel.note, asked.t("report_content.kartverket")))


def _with(note: str | None, *more: str) -> str:
    return " ".join([*([note] if note else []), *more])
