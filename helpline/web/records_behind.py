"""The records behind a figure, within the viewer's rights: `/reports/records?counter=contacts&first=…&channel=phone`.

Managers see the rows in codes, never with an identity. Others see what happened and not whom it was about, and no rows
at all behind a figure of fewer than five. `address` makes the link that stands beside a figure.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from itertools import pairwise
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from helpline.core.codes import UNKNOWN, code_lists, counties, label, municipalities
from helpline.core.counter_list import COUNTERS
from helpline.core.counters import read
from helpline.core.duty import Role
from helpline.core.marks import BOUNDS, DIMENSIONS, SEVERAL, list_of
from helpline.core.record import Record
from helpline.desk import counters
from helpline.desk.house import House
from helpline.desk.records_behind import Standing, records_behind
from helpline.errors import HelplineError, NotAllowed
from helpline.store.db import one_moment
from helpline.web import wired
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import at_clock, language_name, page
from helpline.web.recounted import differing
from helpline.web.reports_numbers import duration, figure, long_date, number, short_date
from helpline.web.reports_period import custom
from helpline.web.reports_view import meaning, title
from helpline.web.words import page_language, say

router = APIRouter()

#: A figure of fewer records shows its rows to managers only.
FEWEST = 5
#: What anybody signed in sees of a record.
OF_THE_CONTACT = ("kind", "channel", "direction", "outcome", "urgency", "waited_seconds", "handled_seconds", "topics")
_HIDDEN = ("record_id", "opened_at", "closed_at", "corrects")
_SECONDS = ("waited_seconds", "handled_seconds")
_LIST_OF = {column: dimension for dimension, column in SEVERAL.items() if column != "articles_used"}


def address(counter: str, *, first: date, last: date, where: Mapping[str, str] | None = None) -> str:
    """The address of the records behind a figure: its counter, its period with both days, and what it is narrowed to.

    `where` is that of `desk.counters.count`: values, and bounds such as `waited_over`; for a cell of a cut it holds the
    cell's value too.
    """
    asked = {"counter": counter, "first": first.isoformat(), "last": last.isoformat(), **(where or {})}
    return f"/reports/records?{urlencode(asked)}"


@router.get("/reports/records")
async def page_behind(
    request: Request,
    signed: Annotated[Signed, Depends(signed_in)],
    counter: str = "contacts",
    first: str = "",
    last: str = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """A page of rows, with the figure they make and its definition."""
    if counter not in COUNTERS:
        raise HelplineError(f"Det finnes ingen teller som heter «{counter}».")
    house = wired.house(request)
    period = custom(first, last, wired.clock(request).now().astimezone(house.zone).date())
    where = {name: request.query_params[name] for name in (*DIMENSIONS, *BOUNDS) if name in request.query_params}
    is_manager = signed.may(Role.MANAGER)
    asked: dict[str, Any] = {
        "house": house,
        "first": period.first,
        "last": period.last,
        "include_simulated": house.practice,
        "where": where,
    }
    async with wired.database(request).reading() as session:
        await one_moment(session)
        found = await records_behind(session, counter, page=page_number, **asked)
        if found.found < FEWEST and not is_manager:
            raise NotAllowed("Færre enn fem står bak dette tallet, så radene vises bare for ledere.")
        counted = await counters.count(session, cuts=[()], step="year", **asked)
        recounted = await differing(session, signed)
    language = page_language(signed.advisor.language)

    def t(key: str, **values: object) -> str:
        return say(key, language, **values)

    shown, of_all = _columns(found.rows, is_manager), read(counter, counted.whole)
    here = address(counter, first=period.first, last=period.last, where=where)
    return page(
        request,
        "records_behind.html",
        signed=signed,
        title=title(COUNTERS[counter], language),
        meaning=meaning(COUNTERS[counter], language, t),
        value=figure(of_all, language),
        of=t("reports.part_of", part=number(of_all.part, language), whole=number(of_all.whole, language))
        if of_all.part is not None and of_all.whole
        else None,
        period=period,
        long_date=lambda day: long_date(day, language),
        came=lambda record: _came(record, house, language, is_manager),
        narrowed=[(t(f"behind.{name}"), value_words(name, value, language, t)) for name, value in where.items()],
        columns=shown,
        rows=found.rows,
        cell=lambda record, column: _cell(record, column, language, t),
        changes=lambda standing: _changes(standing, shown, language, t),
        first_row=found.found - len(found.rows) + 1,
        last_row=found.found,
        before=f"{here}&page={page_number - 1}" if page_number > 1 else None,
        after=f"{here}&page={page_number + 1}" if found.more else None,
        may_see_all=is_manager,
        recounted=recounted,
        simulated=house.practice,
    )


def value_words(dimension: str, value: str, language: str, t: Callable[..., str]) -> str:
    """A value of a dimension as people say it: a county's name, «Mandag 10–11», «ikke spurt» for the empty one."""
    if not value:
        return t("reports.not_asked")
    if dimension == "weekday":
        return t(f"behind.weekday_{value}")
    if dimension in ("waited_over", "waited_at_most"):
        return duration(int(value), language)
    if dimension in ("from_hour", "before_hour"):
        return f"{int(value):02}.00" if language != "en" else f"{int(value):02}:00"
    if dimension == "hour":
        return f"{int(value):02}–{int(value) + 1:02}"
    if dimension == "hour_of_week":
        weekday, hour = value.split("-")
        return f"{t(f'behind.weekday_{weekday}')} {int(hour):02}–{int(hour) + 1:02}"
    return _code_words(list_of(dimension), value, language, t)


def _code_words(column: str, value: str, language: str, t: Callable[..., str]) -> str:
    if value == UNKNOWN:
        words = label("relation", value, language)
    elif column == "county":
        words = counties(language)[value]
    elif column == "municipality":
        words = municipalities()[value].name
    elif column == "language":
        words = language_name(value, language)
    elif value in ("yes", "no"):
        words = t(f"behind.{value}")
    elif value in code_lists().get(column, {}):
        words = label(column, value, language)
    else:
        return value
    return words[:1].upper() + words[1:]


def _columns(rows: tuple[Standing, ...], is_manager: bool) -> tuple[str, ...]:
    """The columns of the contract that say something in these rows, as far as the viewer may see them."""
    names = [column.name for column in fields(Record) if column.name not in _HIDDEN]
    # What happened first, whom it was about after it.
    names.sort(key=lambda name: name not in OF_THE_CONTACT)
    allowed = [name for name in names if is_manager or name in OF_THE_CONTACT]
    return tuple(
        name for name in allowed if any(getattr(row.record, name) not in (None, ()) for row in rows) and name != "kind"
    )


def _came(record: Record, house: House, language: str, with_hour: bool) -> str:
    """«2. nov. 2026 10.00»: the hour is the finest that a record knows, and only managers see it."""
    day = short_date(record.opened_at.astimezone(house.zone).date(), language)
    year = record.opened_at.astimezone(house.zone).year
    return f"{day} {year} {at_clock(record.opened_at, house.zone, language)}" if with_hour else f"{day} {year}"


def _cell(record: Record, column: str, language: str, t: Callable[..., str]) -> str:
    value = getattr(record, column)
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return t("behind.yes" if value else "behind.no")
    if column in _SECONDS:
        return duration(value, language)
    if isinstance(value, int):
        return number(value, language)
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(_code_words(list_of(_LIST_OF.get(column, column)), str(one), language, t) for one in values)


def _changes(standing: Standing, shown: tuple[str, ...], language: str, t: Callable[..., str]) -> list[str]:
    """What each correction changed, the first one first: «Utfall: Forlot køen → Rådgitt»."""
    steps = [*reversed(standing.replaced), standing.record]
    found = []
    for before, after in pairwise(steps):
        changed = [
            f"{t(f'behind.{column}')}: {_cell(before, column, language, t)} → {_cell(after, column, language, t)}"
            for column in (column.name for column in fields(Record))
            if column in {*shown, "outcome"} and getattr(before, column) != getattr(after, column)
        ]
        found.append("; ".join(changed) or t("behind.changed_elsewhere"))
    return found
